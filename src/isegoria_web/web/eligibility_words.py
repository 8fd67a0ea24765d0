"""Who could be drawn and whom each rule leaves out, in words; for the office and for everybody."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.formats import number_format
from django.utils.translation import gettext as _

from isegoria_web.recruitment.algorithms import LEAST, rule_named
from isegoria_web.recruitment.models import EligibilityCheck


@dataclass(frozen=True)
class LeftOut:
    """What one rule leaves out: in words, how many as this reader may know it, and the rule."""

    words: str
    people: str
    rule: str


@dataclass(frozen=True)
class CheckInWords:
    """A check with its lines."""

    check: EligibilityCheck
    lines: list[LeftOut]


def check_in_words(check: EligibilityCheck, *, exact: bool) -> CheckInWords:
    """Return a check in words.

    Parameters
    ----------
    exact
        Whether small numbers are told: to those who may see the persons behind them.
    """
    words = {
        "residence": _("live elsewhere"),
        "on_list": _("stand on the list: %(name)s"),
        "cooling_off": _("sit now, or sat lately and wait"),
        "most_terms": _("have sat as often as one person may"),
        "drawn_from": _("have not sat in the body among whose members people are drawn"),
    }
    return CheckInWords(
        check,
        [
            LeftOut(
                words[each["rule"]] % {"name": each["detail"]},
                _people(each["people"], exact=exact),
                rule_named(check.cycle, each["rule"]),
            )
            for each in check.left_out
        ],
    )


def _people(count: int, *, exact: bool) -> str:
    if exact or count == 0 or count >= LEAST:
        return number_format(count, force_grouping=True)
    return _("fewer than %(number)d") % {"number": LEAST}
