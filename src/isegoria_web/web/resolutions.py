"""Resolutions of bodies as members, the office and the public read them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from isegoria_web.ballots.enums import Matter
from isegoria_web.ballots.models import Resolution
from isegoria_web.institutions.algorithms import rule_book_of, sentences_of


@dataclass(frozen=True)
class ResolutionLine:
    """A resolution with what it decides, by which rule, and by which majority, in words."""

    resolution: Resolution
    title: str
    rule_sentence: str
    majority: str
    last_day: date | None  # to sign, of an admission


def line_of(resolution: Resolution) -> ResolutionLine:
    """Say a resolution in the language of the page; a theme is named by its number, as its text may not be public."""
    said = dict(sentences_of(rule_book_of(resolution.rule_book), get_language() or "en"))
    return ResolutionLine(
        resolution=resolution,
        title=title_of(resolution),
        rule_sentence=said.get(resolution.rule, ""),
        majority=said.get(resolution.threshold_rule)
        or _("The statute sets no majority: more than half of those who sit must agree."),
        last_day=date.fromisoformat(day) if (day := resolution.terms.get("last_day")) else None,
    )


def title_of(resolution: Resolution) -> str:
    """Name what is decided."""
    titles = {
        Matter.ADMIT: _("Admit theme %(number)d"),
        Matter.REFUSE: _("Refuse theme %(number)d"),
        Matter.QUESTION: _("Adopt the mandate of cycle %(number)d"),
    }
    return titles[Matter(resolution.matter)] % {"number": number_of(resolution)}


def number_of(resolution: Resolution) -> int:
    """Return the number of the theme or the cycle on which it decides."""
    return int(resolution.about.rpartition(" ")[2])
