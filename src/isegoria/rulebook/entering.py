"""How many people take a seat anew, and when: what everybody's chance over the years is made of."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from isegoria.rulebook.calendar import calendar
from isegoria.rulebook.model import Body, RuleBook


@dataclass(frozen=True, slots=True)
class Entering:
    """A day on which people take seats of a body who did not sit there before: the fewest and the most."""

    day: date
    fewest: int
    most: int

    @property
    def middle(self) -> Fraction:
        """The middle of the range."""
        return Fraction(self.fewest + self.most, 2)


def entering(
    book: RuleBook, body: str, start: date, *, years: int, elections: Sequence[date] = ()
) -> tuple[Entering, ...]:
    """Return every day in the years from `start` on at which people take a seat anew, in order.

    Parameters
    ----------
    book
        The rules.
    body
        Key of a body that people are drawn into.
    start
        The day of the first letters.
    years
        How many years, 1 or more.
    elections
        Elections of the authority, if there is a pause before them.

    Notes
    -----
    The first time the whole body is filled; then as many seats as its rotation renews. People who move up in between
    are not counted: how many seats fall vacant is no rule. Days are those of `calendar`; where the statute is silent
    they are proposals. A body whose size is not known has none.

    Examples
    --------
    >>> from isegoria.rulebook import load_bundled
    >>> starter = load_bundled("municipal-starter")
    >>> [one.most for one in entering(starter, "council", date(2027, 1, 1), years=2)]
    [24, 8, 8, 8]
    """
    rules = book.body(body)
    if not rules.is_filled_by_lot:
        return ()
    days = calendar(book, start, years=years, elections=elections)
    takes = [each for each in days if each.body == body and each.kind in {"installation", "rotation"}]
    return tuple(_taken(rules, each.day, again=number > 0) for number, each in enumerate(takes))


def _taken(body: Body, day: date, *, again: bool) -> Entering:
    rotation = body.rotation
    if rotation is None or not again or rotation.kind == "whole":
        return Entering(day, body.size_min, body.size_max)
    if rotation.entering is not None:
        return Entering(day, rotation.entering, rotation.entering)
    if rotation.returning is not None:
        return Entering(day, body.size_min - rotation.returning, body.size_max - rotation.returning)
    share = rotation.share or Fraction(1)
    return Entering(day, math.ceil(body.size_min * share), math.ceil(body.size_max * share))
