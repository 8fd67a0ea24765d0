"""An opinion map as a page shows it: dots, sentences, and the table of the same content."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from isegoria_web.deliberation import algorithms
from isegoria_web.deliberation.enums import MapOrigin
from isegoria_web.deliberation.models import OpinionMap, Statement
from isegoria_web.web import pictures


@dataclass(frozen=True)
class MapPage:
    """What the page of a map needs."""

    row: OpinionMap
    shown: algorithms.Shown
    picture: pictures.Picture
    has_votes: bool


def page_of(opinion_map: OpinionMap) -> MapPage:
    """Return a map that is done, in the reader's language."""
    document: dict[str, Any] = opinion_map.document or {}
    shown = algorithms.shown(document, _translated(opinion_map))
    if shown.sizes:
        names = [
            _("group %(letter)s") % {"letter": algorithms.letter(each)} for each in range(len(shown.sizes))
        ]
        sizes = shown.sizes
    else:
        names, sizes = [_("all on the map")], [shown.persons]
    picture = pictures.opinion_groups(names, sizes, title=" ".join(shown.headline))
    return MapPage(opinion_map, shown, picture, bool(opinion_map.votes))


def _translated(opinion_map: OpinionMap) -> dict[str, str]:
    """Return the members' statements that a person has translated into the reader's language."""
    if opinion_map.origin != MapOrigin.MEMBERS:
        return {}
    found = Statement.objects.filter(
        cycle=opinion_map.cycle_id, translations__language=(get_language() or "en")[:2]
    )
    return {str(number): text for number, text in found.values_list("number", "translations__text")}
