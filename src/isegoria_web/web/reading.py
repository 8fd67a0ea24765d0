"""How the form of a letter is shown to whoever reads it in a language beyond those of the interface."""

from __future__ import annotations

from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from isegoria_web.institutions.models import Cycle
from isegoria_web.recruitment.letter_languages import LONGEST_CODE, Reading, direction_of, reading_of
from isegoria_web.recruitment.models import LetterLanguage

PARAMETER = "language"
_KEY = "letter_language"


def own() -> Reading:
    """Return how somebody reads for whom everything stands in the language of the page."""
    language = (get_language() or "en")[:2]
    return Reading(language, language)


def remember(request: HttpRequest) -> None:
    """Keep in the browser the language that the address of a page names, as the square on a letter does."""
    wanted = request.GET.get(PARAMETER, "")
    if wanted and len(wanted) <= LONGEST_CODE:
        request.session[_KEY] = wanted


def chosen(request: HttpRequest, cycle: Cycle, invited_in: str) -> tuple[Reading, list[str]]:
    """Return how this browser reads the form of a cycle, and in which further languages it can be read.

    Parameters
    ----------
    invited_in
        The language of the letter; it counts until somebody chooses another.
    """
    remember(request)
    made = {each.language: each for each in LetterLanguage.objects.filter(cycle=cycle)}
    wanted = made.get(request.session.get(_KEY, invited_in)) if made else None
    read = reading_of(wanted) if wanted else own()
    page = own().fixed
    return (Reading(read.language, page, read.words) if read.language != page else own()), list(made)


def marked(text: str, language: str, read: Reading) -> str:
    """Return a text with its language and direction, where they are not those of the page around it."""
    if not text or language == read.language:
        return text
    return format_html('<span lang="{}" dir="{}">{}</span>', language, direction_of(language), text)


def attributes(language: str) -> SafeString:
    """Return language and direction as attributes of an element."""
    return format_html(' lang="{}" dir="{}"', language, direction_of(language))
