"""Versions of the fixed sentences in a further language: taken from a translator's file, confirmed, and read."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from isegoria_web import clock
from isegoria_web.accounts.actors import Actor
from isegoria_web.errors import NotAllowed, require
from isegoria_web.institutions.models import Institution
from isegoria_web.journal.algorithms import canonical
from isegoria_web.journal.enums import Action
from isegoria_web.journal.services import record
from isegoria_web.recruitment import po_files, policies
from isegoria_web.recruitment.errors import (
    SentencesConfirmed,
    SentencesUnchanged,
    SentencesUnwritten,
    SentencesWrong,
)
from isegoria_web.recruitment.models import FixedSentences, LetterLanguage
from isegoria_web.recruitment.po_files import PoEntry, PoError
from isegoria_web.recruitment.sentences import (
    MAIL,
    Sentence,
    Translations,
    mail_lines,
    of_django,
    plurals_of,
    problems_of,
)
from isegoria_web.translated import LANGUAGES

LARGEST_FILE = 1_000_000
MOST_FAULTS = 100
UTF8 = "utf-8"


@dataclass(frozen=True, slots=True)
class SentenceFault:
    """What is wrong in a translator's file: the line, counted from 1, the English sentence if it is one, and why."""

    line: int
    english: str
    problem: str

    def __str__(self) -> str:
        place = _("Line %(line)d") % {"line": self.line}
        return f"{place}: {self.problem}"


# -- reading -----------------------------------------------------------------------------------------------
def confirmed(institution: Institution, language: str) -> Translations:
    """Return the sentences that residents read: of the newest confirmed version, nothing where there is none."""
    found = FixedSentences.objects.filter(
        institution=institution, language=language, confirmed_at__isnull=False
    )
    texts = found.order_by("-version").values_list("texts", flat=True).first()
    return texts or {}


def newest(institution: Institution, language: str) -> FixedSentences | None:
    """Return the newest version, confirmed or not."""
    found = FixedSentences.objects.filter(institution=institution, language=language)
    return found.order_by("-version").first()


def count_translated(asked: Sequence[Sentence], texts: Translations, language: str) -> int:
    """Return how many sentences are translated, those that come with Django among them."""
    return sum(bool(_forms_of(each, texts, language)) for each in asked)


def _forms_of(sentence: Sentence, texts: Translations, language: str) -> list[str]:
    """Return what was written for a sentence, else what comes with Django, else nothing."""
    own = list(texts.get(sentence.key, []))
    if own and not problems_of(sentence, own, language):
        return own
    return [] if sentence.context else of_django(language, sentence.english, sentence.plural)


def fitting(asked: Iterable[Sentence], texts: Translations, language: str) -> dict[str, list[str]]:
    """Return those texts that fit what the software says today.

    A version was looked through when it was kept. Since then a sentence may have got a plural, or lost it, and a page
    that asks for a form that nobody wrote would fail.
    """
    known: dict[str, bool] = {}
    for each in asked:
        forms = texts.get(each.key)
        if forms:
            known[each.key] = known.get(each.key, True) and not problems_of(each, forms, language)
    return {key: list(texts[key]) for key, fits in known.items() if fits}


# -- the translator's file ---------------------------------------------------------------------------------
def file_of(asked: Sequence[Sentence], language: str, texts: Translations, fallback: str) -> str:
    """Return the sentences as a PO file for a translator, with what is translated so far.

    Parameters
    ----------
    fallback
        The language of the institution in which a sentence without translation stands; the file shows it beside
        the English one.
    """
    rule = plurals_of(language)
    header = [
        ("Project-Id-Version", "Isegoria"), ("MIME-Version", "1.0"),
        ("Content-Type", "text/plain; charset=UTF-8"), ("Content-Transfer-Encoding", "8bit"),
        ("Language", language), ("Plural-Forms", rule.header),
    ]  # fmt: skip
    mails = mail_lines(fallback)

    def entry(each: Sentence) -> PoEntry:
        empty = [""] * (rule.count if each.plural else 1)
        shown = mails[each.context.removeprefix(f"{MAIL}.")] if each.context else _(each.english)
        return PoEntry(
            each.english, each.plural, each.context, _forms_of(each, texts, language) or empty,
            notes=[f"{fallback}: {shown}"] if shown != each.english else [], places=each.places,
        )  # fmt: skip

    with translation.override(fallback):
        return po_files.written(header, [entry(each) for each in asked])


def texts_in(content: bytes, asked: Sequence[Sentence], language: str) -> dict[str, list[str]]:
    """Return the translations in a translator's file, by the key of their sentence.

    Raises
    ------
    SentencesWrong
        With every fault and its line: a file that is too large or no PO file, of another language, with sentences
        that nobody asked for, or with texts that do not fit their sentence.
    """
    if len(content) > LARGEST_FILE:
        problem = _("The file is larger than %(count)d kB.") % {"count": LARGEST_FILE // 1000}
        raise SentencesWrong([SentenceFault(1, "", problem)])
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise SentencesWrong([SentenceFault(line, "", _("This is not UTF-8."))]) from error
    try:
        header, entries = po_files.read(text.replace("\r\n", "\n"))
    except PoError as error:
        raise SentencesWrong([SentenceFault(error.fault.line, "", _in_words(error))]) from error
    if problem := _problem_of_header(header, language):
        raise SentencesWrong([SentenceFault(1, "", problem)])
    known = {each.key: each for each in asked}
    found: dict[str, list[str]] = {}
    faults: list[SentenceFault] = []
    seen: set[str] = set()
    for entry in entries:
        key = Sentence(entry.msgid, entry.plural, entry.context).key
        sentence = known.get(key)
        problems = _problems_of(entry, sentence, language, again=key in seen)
        faults += [SentenceFault(entry.line, entry.msgid, problem) for problem in problems]
        seen.add(key)
        if any(entry.forms) and not entry.fuzzy:
            found[key] = entry.forms
    if faults:
        raise SentencesWrong(faults[:MOST_FAULTS])
    return found


def _problem_of_header(header: dict[str, str], language: str) -> str:
    told = header.get("language", "").replace("_", "-").lower()
    if told != language:
        words = _("The header says Language: %(told)s, and this is the page of %(language)s.")
        return words % {"told": told or "–", "language": language}
    charset = header.get("content-type", "").lower().rpartition("charset=")[2].strip()
    if charset and charset not in {UTF8, "utf8"}:
        return _("The header says charset=%(charset)s; save the file as UTF-8.") % {"charset": charset}
    plural = header.get("plural-forms", "")
    if plural and not plural.replace(" ", "").startswith(f"nplurals={plurals_of(language).count};"):
        words = _("The header says Plural-Forms: %(told)s, but this language has %(count)d forms.")
        return words % {"told": plural, "count": plurals_of(language).count}
    return ""


def _problems_of(entry: PoEntry, sentence: Sentence | None, language: str, *, again: bool) -> Iterator[str]:
    if sentence is None or sentence.plural != entry.plural:
        yield _("No page or e-mail has this sentence: “%(words)s”") % {"words": entry.msgid[:80]}
    elif again:
        yield _("This sentence stands in the file twice: “%(words)s”") % {"words": entry.msgid[:80]}
    elif not entry.fuzzy:
        for problem in problems_of(sentence, entry.forms, language):
            yield f"{problem} (“{entry.msgid[:80]}”)"


def _in_words(error: PoError) -> str:
    return {
        "no_line": _("This is no line of a PO file."),
        "no_beginning": _("Words stand here before any sentence begins."),
        "out_of_order": _("This line cannot stand here: a sentence is msgid, then msgstr."),
        "unfinished": _("The sentence before has no msgstr."),
        "bad_escape": _("A quotation mark or a backslash stands here without a backslash before it."),
        "second_header": _("There is a second header."),
    }[error.fault.problem]


# -- writing -----------------------------------------------------------------------------------------------
def save_sentences(
    *, actor: Actor, made: LetterLanguage, content: bytes, asked: Sequence[Sentence]
) -> FixedSentences:
    """Keep a translator's file as a new version, which residents read once somebody has confirmed it.

    Parameters
    ----------
    made
        The further language of a cycle; the sentences hold for all cycles of its institution.
    content
        A PO file.
    asked
        Every fixed sentence that there is.

    Raises
    ------
    SentencesWrong
        With every fault and its line; nothing is kept.
    SentencesUnwritten
        If nothing is translated in it.
    SentencesUnchanged
        If nothing is other than in the newest version.
    """
    cycle = made.cycle
    require(policies.may_invite(actor, cycle))
    if actor.user is None or made.language in LANGUAGES:
        raise NotAllowed
    texts = texts_in(content, asked, made.language)
    if not texts:
        raise SentencesUnwritten
    institution = cycle.institution
    with transaction.atomic():
        Institution.objects.select_for_update().get(pk=institution.pk)  # one version after the other
        before = newest(institution, made.language)
        if before is not None and before.texts == texts:
            raise SentencesUnchanged
        kept = FixedSentences.objects.create(
            institution=institution, language=made.language, version=before.version + 1 if before else 1,
            texts=texts, saved_at=clock.now(), by=actor.user,
        )  # fmt: skip
        record(
            actor=actor, institution=institution, action=Action.SENTENCES_SAVED, subject=cycle,
            facts={
                "language": made.language, "version": kept.version, "asked": len(asked),
                "written": count_translated(asked, texts, made.language), "sha256": hash_of(kept),
            },
        )  # fmt: skip
        return kept


def take_start(*, actor: Actor, made: LetterLanguage, asked: Sequence[Sentence]) -> FixedSentences:
    """Take the translation that comes along as a new version, to be checked and confirmed.

    Raises
    ------
    SentencesUnwritten
        If none comes along for this language.
    SentencesUnchanged
        If it is the newest version already.
    """
    content = start_of(made.language)
    if content is None:
        raise SentencesUnwritten
    return save_sentences(actor=actor, made=made, content=content, asked=asked)


def confirm_sentences(*, actor: Actor, made: LetterLanguage, version: int) -> FixedSentences:
    """Say that somebody who knows the language has checked a version: from now on residents read it.

    Raises
    ------
    SentencesConfirmed
        If it is confirmed already, or is not the newest.
    """
    require(policies.may_invite(actor, made.cycle))
    if actor.user is None:
        raise NotAllowed
    institution = made.cycle.institution
    with transaction.atomic():
        Institution.objects.select_for_update().get(pk=institution.pk)
        kept = newest(institution, made.language)
        if kept is None or kept.version != version or kept.confirmed_at is not None:
            raise SentencesConfirmed
        kept.confirmed_at, kept.confirmed_by = clock.now(), actor.user
        kept.save(update_fields=["confirmed_at", "confirmed_by"])
        record(
            actor=actor, institution=institution, action=Action.SENTENCES_CONFIRMED, subject=made.cycle,
            facts={"language": made.language, "version": version, "sha256": hash_of(kept)},
        )  # fmt: skip
        return kept


def hash_of(kept: FixedSentences) -> str:
    """Return the SHA-256 of what a version says."""
    return hashlib.sha256(canonical(kept.texts)).hexdigest()


@cache
def start_of(language: str) -> bytes | None:
    """Return the translator's file that comes along for a language; None where there is none.

    It was written without an official translator, so that whoever takes it must have it checked.
    """
    found = files("isegoria_web.recruitment").joinpath("starts", f"{language}.po")
    return found.read_bytes() if found.is_file() else None
