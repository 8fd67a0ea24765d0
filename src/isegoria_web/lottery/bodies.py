"""The body whose vacant seats a draw fills: what the apps that know who sits hand to the draw."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from isegoria.errors import BadInput
from isegoria_web.lottery import algorithms
from isegoria_web.lottery.errors import BodyBeyondQuotas
from isegoria_web.lottery.models import Completion, Draw, Sitter

Person = tuple[str, Mapping[str, str]]
"""Code and features, as in a record."""


@dataclass(frozen=True)
class Standing:
    """A body in which some stay while the other seats are drawn.

    Attributes
    ----------
    size
        Seats of the whole body.
    staying
        Who still sits when those who are drawn take their seats.
    homes
        Keys of the homes of those who stay: nobody else is drawn from there.
    announced
        Called with the draw, inside its transaction, once it is announced.
    sealed
        Somebody who stays was drawn under seal.
    leaving_next
        Codes of those among them who leave with the rotation after this one.
    """

    size: int
    staying: Sequence[Person]
    homes: frozenset[str]
    announced: Callable[[Draw], None]
    sealed: bool = False
    leaving_next: frozenset[str] = frozenset()

    @property
    def vacant(self) -> int:
        """How many seats are drawn."""
        return self.size - len(self.staying)


def seat_body(draw: Draw, earlier: Draw | None, size: int, sitting: Sequence[Person]) -> Completion:
    """Keep with an announced draw who sits."""
    body = Completion.objects.create(draw=draw, earlier=earlier, size=size)
    Sitter.objects.bulk_create(
        Sitter(completion=body, code=code, features=dict(features)) for code, features in sitting
    )
    return body


def require_body(
    entries: Sequence[Person],
    draw_quotas: algorithms.Quotas,
    size: int,
    sitting: Sequence[Person],
    homes: Mapping[str, int] = algorithms.NOBODY_TOGETHER,
) -> list[str]:
    """Refuse vacant seats with which the whole body cannot meet its quotas; returns the maxima that are exceeded already.

    Raises
    ------
    isegoria.errors.Infeasible
        If nobody who is left lets the body meet them, with the smallest relaxation.
    BodyBeyondQuotas
        If those who sit leave more to the vacant seats than there are.
    HomesConflict
        If they could be filled, were it not that of a home at most one is drawn.
    """
    vacant = algorithms.vacant_seats(algorithms.library_pool(entries, homes), draw_quotas, size, sitting)
    try:
        algorithms.require_fillable(vacant)
    except (
        BadInput
    ) as fault:  # before anybody is counted: the minima of a feature need more seats than are vacant
        raise BodyBeyondQuotas from fault
    return [
        f"{one.quota.feature}:{one.quota.value} {one.sitting}>{one.quota.maximum}"
        for one in vacant.body.excess
    ]
