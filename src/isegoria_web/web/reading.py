"""How the pages of a letter are shown to whoever reads them in a language beyond those of the interface."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import get_language

from isegoria_web.institutions.models import Cycle, Institution
from isegoria_web.recruitment.letter_languages import LONGEST_CODE, Reading
from isegoria_web.recruitment.models import Invitation, LetterLanguage
from isegoria_web.recruitment.sentence_versions import confirmed
from isegoria_web.translated import LANGUAGES
from isegoria_web.web import speaking

PARAMETER = "language"
_KEY = "letter_language"


def own() -> Reading:
    """Return how somebody reads for whom everything stands in the language of the page."""
    return Reading(speaking.page_language(), (get_language() or "en")[:2])


def in_her_language(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Let a page of an institution speak the further language that this browser has chosen, or its letter has."""

    @wraps(view)
    def shown(request: HttpRequest, institution: str, *args: Any, **kwargs: Any) -> HttpResponse:
        remember(request)
        return said_to(request, institution, lambda: view(request, institution, *args, **kwargs))

    return shown


def said_to(request: HttpRequest, institution: str, make: Callable[[], HttpResponse]) -> HttpResponse:
    """Make a page of an institution in the further language of this browser; where it has none, as it is."""
    where, wanted = further_of(request, institution)
    if where is None:
        return make()
    fixed = (get_language() or "en")[:2]
    with speaking.spoken(wanted, fixed, confirmed(where, wanted)):
        return speaking.finish_page(make(), fixed)


def further_of(request: HttpRequest, institution: str) -> tuple[Institution | None, str]:
    """Return the further language that this browser has chosen, or its letter has, with the institution that invites in it."""
    session = getattr(request, "session", None)  # some requests are refused before they get one
    wanted = "" if session is None else session.get(_KEY, "")
    if not wanted or wanted in LANGUAGES:
        return None, ""
    invited = LetterLanguage.objects.filter(cycle__institution__slug=institution, language=wanted)
    found = Institution.objects.filter(slug=institution, pk__in=invited.values("cycle__institution"))
    return found.first(), wanted


def letter_address(request: HttpRequest) -> str:
    """Return the institution on whose letter an address answers, also where no page is; empty for all other addresses."""
    found = re.match(r"/[a-z-]+/([-\w]+)/answer(?:/|$)", request.path_info, re.ASCII)
    return found[1] if found else ""


def remember(request: HttpRequest) -> None:
    """Keep in the browser the language that the address of a page names, as the square on a letter does."""
    wanted = request.GET.get(PARAMETER, "")
    if wanted and len(wanted) <= LONGEST_CODE:
        request.session[_KEY] = wanted


def remember_letter(request: HttpRequest, invitation: Invitation) -> None:
    """Read in the language of a letter that was opened here, unless somebody has chosen another."""
    if invitation.language not in LANGUAGES:
        request.session.setdefault(_KEY, invitation.language)


def chosen(cycle: Cycle) -> tuple[Reading, list[str]]:
    """Return how the form of a cycle is read on this page, and in which further languages it can be read."""
    made = {each.language: each for each in LetterLanguage.objects.filter(cycle=cycle)}
    read = own()
    words = made[read.language].words if read.language in made else {}
    return Reading(read.language, read.fixed, words), list(made)


def offered(institution: Institution) -> list[str]:
    """Return the further languages in which people are invited by an institution."""
    found = LetterLanguage.objects.filter(cycle__institution=institution).exclude(language__in=LANGUAGES)
    return sorted(found.values_list("language", flat=True).distinct())


def marked(text: str, language: str, read: Reading) -> str:
    """Return a text with its language and direction, where they are not those of the page around it."""
    return text if not text or language == read.language else speaking.elsewhere(text, language)
