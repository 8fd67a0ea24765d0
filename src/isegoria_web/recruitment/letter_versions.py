"""The versions of what the letter says, and the picture at its head."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import transaction

from isegoria_web import clock
from isegoria_web.accounts.actors import Actor
from isegoria_web.errors import NotAllowed, require
from isegoria_web.institutions.models import Cycle
from isegoria_web.journal.algorithms import canonical
from isegoria_web.journal.enums import Action
from isegoria_web.journal.services import record
from isegoria_web.recruitment import letter_languages, letters, policies, typesetting
from isegoria_web.recruitment.enums import LogoKind
from isegoria_web.recruitment.errors import (
    GlyphsMissing,
    LetterTextUnchanged,
    LetterTextWrong,
    LetterTooLong,
    LogoWrong,
)
from isegoria_web.recruitment.letter_text import PARTS, Parts, bundled, faults_of
from isegoria_web.recruitment.models import LetterText

LOGO_BYTES = 400_000
_BEGINNINGS = {b"\x89PNG\r\n\x1a\n": LogoKind.PNG, b"\xff\xd8\xff": LogoKind.JPEG}


def current(cycle: Cycle, language: str) -> LetterText | None:
    """Return the text of a cycle in one language as it is now; None where the one that comes along counts."""
    return LetterText.objects.filter(cycle=cycle, language=language).order_by("-version").first()


def parts_of(text: LetterText | None, language: str) -> dict[str, str]:
    """Return the parts of a text, or of the one that comes along."""
    return bundled(language) if text is None else {part: text.parts.get(part, "") for part in PARTS}


def logo_kind(content: bytes) -> LogoKind:
    """Return what kind of picture this is.

    Raises
    ------
    LogoWrong
        If it is none that a letter can carry.
    """
    kind = next((kind for begin, kind in _BEGINNINGS.items() if content.startswith(begin)), None)
    if kind is None or len(content) > LOGO_BYTES:
        raise LogoWrong
    return kind


def save_text(
    *,
    actor: Actor,
    cycle: Cycle,
    language: str,
    parts: Parts,
    logo: bytes | None = None,
    without_logo: bool = False,
) -> LetterText:
    """Keep what the letter says in a language as a new version; letters that were printed keep theirs.

    Parameters
    ----------
    parts
        Part to text, with the fields of `FIELDS` in braces.
    logo
        A new picture for the head of the letter; None keeps the one of the version before.
    without_logo
        Whether to leave the picture out from now on.

    Raises
    ------
    LetterTextWrong
        With every fault at its place.
    LetterTextUnchanged
        If it is the version before, to the letter.
    LetterTooLong
        If a letter with it needs more than a page.
    LogoWrong
        If the picture is none.
    GlyphsMissing
        If no font here has a character of it.
    """
    require(policies.may_invite(actor, cycle) and language in letter_languages.spoken(cycle))
    if actor.user is None:
        raise NotAllowed
    written = {part: parts.get(part, "").replace("\r\n", "\n").strip() for part in PARTS}
    faults = faults_of(written)
    if faults:
        raise LetterTextWrong(faults)
    kind = logo_kind(logo) if logo else None
    with transaction.atomic():
        Cycle.objects.select_for_update().get(pk=cycle.pk)
        before = current(cycle, language)
        old, old_kind = (bytes(before.logo), before.logo_kind) if before and before.logo else (None, "")
        picture, picture_kind = (None, "") if without_logo else (logo or old, kind or old_kind)
        if parts_of(before, language) == written and picture == old:
            raise LetterTextUnchanged
        made = LetterText(
            cycle=cycle, language=language, version=1 + (before.version if before else 0), parts=written,
            logo=picture, logo_kind=picture_kind, saved_at=clock.now(), by=actor.user,
        )  # fmt: skip
        picture_of(made)
        made.save()
        record(
            actor=actor, institution=cycle.institution, action=Action.LETTER_TEXT_SAVED, subject=cycle,
            facts={"language": language, "version": made.version, "sha256": hashlib.sha256(canonical(written)).hexdigest()},
        )  # fmt: skip
        return made


def picture_of(text: LetterText, *, one_page: bool = True) -> bytes:
    """Return how a letter to a made-up person looks with this text, as PNG.

    Parameters
    ----------
    text
        As it would be kept; it need not be.
    one_page
        Whether a text that is too long is refused; if not, its first page is shown.

    Raises
    ------
    LetterTooLong, LogoWrong, GlyphsMissing
        If it cannot be typeset.
    """
    parts = parts_of(text, text.language)
    data = letters.preview_data(text.cycle, text.language, parts, text, one_page=one_page)
    try:
        with refusing_what_does_not_fit():
            return typesetting.in_a_process(data, "png")
    except typesetting.PictureError as error:
        raise LogoWrong from error


@contextmanager
def refusing_what_does_not_fit() -> Iterator[None]:
    """Tell whoever reads it what the process that typesets found.

    Raises
    ------
    LetterTooLong, GlyphsMissing
        If a letter does not fit on its page, or no font here has a character of it.
    """
    try:
        yield
    except typesetting.TooLongError as error:
        raise LetterTooLong from error
    except typesetting.GlyphsMissingError as error:
        raise GlyphsMissing(str(error)) from error
