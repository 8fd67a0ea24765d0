"""Seats that a rule book keeps for some people: which values tell who they are, and whether the quotas leave them room."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from isegoria_web.institutions.models import Cycle
from isegoria_web.lottery.algorithms import Kept, kept_seats, told_by
from isegoria_web.lottery.errors import KeptSeatsTaken, KeptSeatsUntold
from isegoria_web.lottery.models import Value


def require_kept_seats(cycle: Cycle, *, told: bool = False) -> None:
    """Refuse quotas that take away seats which the rule book keeps for some people.

    Parameters
    ----------
    told
        Whether a feature must tell who these people are, as once people are invited; before, it may still be added.

    Raises
    ------
    KeptSeatsTaken
        If the quotas leave fewer seats, or more where the number is exact.
    KeptSeatsUntold
        If no value of a feature tells who these people are, and it is time for it.
    """
    kept = kept_seats(cycle)
    values = list(Value.objects.filter(feature__cycle=cycle).select_related("feature")) if kept else []
    for each in kept:
        found = told_by(each, values)
        if not found and told:
            raise KeptSeatsUntold(each)
        if found and all(value.minimum is not None for value in found) and not _holds(each, found):
            raise KeptSeatsTaken(each)


def _holds(kept: Kept, values: Sequence[Value]) -> bool:
    return _sum(value.minimum for value in values) >= kept.seats and (
        not kept.exact or _sum(value.maximum for value in values) <= kept.seats
    )


def _sum(numbers: Iterable[int | None]) -> int:
    return sum(number or 0 for number in numbers)
