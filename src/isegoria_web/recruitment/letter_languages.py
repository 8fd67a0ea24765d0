"""Languages in which people are invited beyond those of the institution: what the secretariat writes in them.

The software speaks few languages, and people read many. In a further language the secretariat writes the letter, the
question of the cycle and everything that the form asks. The fixed sentences of the pages are translated once for the
institution (`sentence_versions`); what is not stands in a language of the institution that is stated.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field

from django.conf.locale import LANG_INFO
from django.db import transaction

from isegoria_web import clock
from isegoria_web.accounts.actors import Actor
from isegoria_web.errors import NotAllowed, require
from isegoria_web.institutions.models import Cycle
from isegoria_web.journal.algorithms import canonical
from isegoria_web.journal.enums import Action
from isegoria_web.journal.services import record
from isegoria_web.lottery.models import Feature
from isegoria_web.recruitment import policies
from isegoria_web.recruitment.errors import LanguageInUse, LanguageUnchanged, LanguageWrong
from isegoria_web.recruitment.letter_form import lock_form
from isegoria_web.recruitment.models import Invitation, LetterLanguage
from isegoria_web.translated import LANGUAGES, Texts, language_of

LONGEST_CODE, LONGEST_WORDS = 5, 2000
QUESTION = "question"


@dataclass(frozen=True)
class Reading:
    """How somebody reads a letter and its form.

    Attributes
    ----------
    language
        Of what the secretariat wrote.
    fixed
        Of the fixed sentences: a language of the interface.
    words
        What the secretariat wrote in a further language, by its place.
    """

    language: str
    fixed: str
    words: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_further(self) -> bool:
        """Whether the fixed sentences stand in another language than the rest."""
        return self.language != self.fixed

    @property
    def direction(self) -> str:
        """`rtl` or `ltr`, of what the secretariat wrote."""
        return direction_of(self.language)

    def text(self, texts: Texts, place: str = "") -> tuple[str, str]:
        """Return a text in this language, else in that of the fixed sentences, else in any; and its language."""
        if written := self.words.get(place, ""):
            return written, self.language
        if texts.get(self.language, "").strip():
            return texts[self.language], self.language
        found = language_of(texts, self.fixed) or self.fixed
        return texts.get(found, ""), found


def direction_of(language: str) -> str:
    """Return in which direction a language is written: `rtl` or `ltr`."""
    return "rtl" if LANG_INFO.get(language, {}).get("bidi") else "ltr"


def name_of(language: str) -> str:
    """Return a language as those who speak it call it."""
    return str(LANG_INFO.get(language, {}).get("name_local", language))


def known() -> list[str]:
    """Return the codes of the languages whose name and direction are known."""
    return sorted(
        code for code, told in LANG_INFO.items() if len(code) <= LONGEST_CODE and "name_local" in told
    )


def further(cycle: Cycle) -> list[LetterLanguage]:
    """Return the languages beyond those of the institution in which people are invited."""
    return list(LetterLanguage.objects.filter(cycle=cycle))


def spoken(cycle: Cycle) -> list[str]:
    """Return every language in which people are invited, those of the institution first."""
    return [*cycle.institution.languages, *(each.language for each in further(cycle))]


def reading(cycle: Cycle, language: str) -> Reading:
    """Return how somebody reads who was written to in a language; one in which nobody is invited is the fixed one."""
    made = LetterLanguage.objects.filter(cycle=cycle, language=language).first()
    if made is not None:
        return reading_of(made)
    fixed = interface_language(language)
    return Reading(fixed, fixed)


def reading_of(made: LetterLanguage) -> Reading:
    """Return how somebody reads in a further language."""
    fixed = made.language if made.language in LANGUAGES else made.fixed
    return Reading(made.language, fixed, made.words)


def interface_language(wanted: str) -> str:
    """Return a language of the interface: the wanted one, else the first."""
    return wanted if wanted in LANGUAGES else LANGUAGES[0]


def places(cycle: Cycle) -> dict[str, Texts]:
    """Return everything that is to be written in a further language beside the letter: its place, and the original."""
    found: dict[str, Texts] = {QUESTION: cycle.question}
    for feature in Feature.objects.filter(cycle=cycle).prefetch_related("values"):
        found[place_of(feature.key)] = feature.name
        found |= {place_of(feature.key, value.key): value.name for value in feature.values.all()}
    return found


def place_of(feature: str, value: str = "") -> str:
    """Return the place of the name of a feature, or of one of its values."""
    return f"{feature}:{value}"


def set_language(
    *, actor: Actor, cycle: Cycle, language: str, fixed: str, words: Mapping[str, str]
) -> LetterLanguage:
    """Invite in a further language, or change what is written in it.

    Parameters
    ----------
    fixed
        The language of the institution in which the fixed sentences of the pages stand.
    words
        Place, as `places` gives them, to what is written there; what is missing is shown in the language of the
        fixed sentences.

    Raises
    ------
    LanguageWrong
        If the institution speaks it anyway, nobody knows it, or the words do not fit.
    LanguageUnchanged
        If nothing is other than before.
    FormFrozen
        Once letters are printed.
    """
    require(policies.may_invite(actor, cycle))
    if actor.user is None:
        raise NotAllowed
    kept = {place: text.strip() for place, text in words.items() if text.strip()}
    own = cycle.institution.languages
    too_long = any(len(text) > LONGEST_WORDS for text in kept.values())
    if language in own or language not in known() or fixed not in own or fixed not in LANGUAGES or too_long:
        raise LanguageWrong
    with transaction.atomic():
        lock_form(cycle)
        asked = places(cycle)
        if not set(kept) <= set(asked):
            raise LanguageWrong
        before = LetterLanguage.objects.filter(cycle=cycle, language=language).first()
        if before is not None and (before.fixed, before.words) == (fixed, kept):
            raise LanguageUnchanged
        made = before or LetterLanguage(cycle=cycle, language=language)
        made.fixed, made.words, made.saved_at, made.by = fixed, kept, clock.now(), actor.user
        made.save()
        record(
            actor=actor, institution=cycle.institution, action=Action.LETTER_LANGUAGE_SET, subject=cycle,
            facts={
                "language": language, "fixed": fixed, "written": len(kept), "asked": len(asked),
                "sha256": hashlib.sha256(canonical(kept)).hexdigest(),
            },
        )  # fmt: skip
        return made


def drop_language(*, actor: Actor, made: LetterLanguage) -> None:
    """Invite no longer in a further language.

    Raises
    ------
    LanguageInUse
        If letters in it were drawn.
    FormFrozen
        Once letters are printed.
    """
    cycle = made.cycle
    require(policies.may_invite(actor, cycle))
    with transaction.atomic():
        lock_form(cycle)
        if Invitation.objects.filter(campaign__cycle=cycle, language=made.language).exists():
            raise LanguageInUse
        made.delete()
        record(
            actor=actor, institution=cycle.institution, action=Action.LETTER_LANGUAGE_DROPPED, subject=cycle,
            facts={"language": made.language},
        )  # fmt: skip
