"""Rotation: some leave, as many are drawn, the whole body meets its quotas, and so it can at the next rotations."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction

from isegoria.errors import BadInput, Infeasible
from isegoria.lottery.body import Tightened, body_of
from isegoria.lottery.feasibility import require_panels
from isegoria.lottery.look_ahead import Ahead, Step
from isegoria.lottery.model import Lottery
from isegoria.lottery.problem import Counts, problem_of
from isegoria.lottery.seats import Vacancy, solve_vacant, vacancy
from isegoria.lottery.solving import Progress
from isegoria.pool import Entry, Pool, Quotas

When = date | int
"""The day on which a member leaves, or the number of the rotation."""
LARGEST_HORIZON = 12
MOST_EXCLUDED = 400
"""Compositions without a future that tighter quotas can be asked to exclude before the draw gives up."""


@dataclass(frozen=True, slots=True)
class Term:
    """A member who sits, and the rotation at which this term ends; None where that is not known, or far away."""

    member: Entry
    leaves: When | None = None


@dataclass(frozen=True, slots=True)
class Rotation:
    """A rotation that can be drawn.

    Attributes
    ----------
    lottery
        For the vacant seats; its `body` tells the whole body, and which quotas the look-ahead tightened.
    leaving
        Ids of the members who leave.
    ahead
        The rotations to which the draw looked ahead, as they were written.
    """

    lottery: Lottery
    leaving: tuple[str, ...]
    ahead: tuple[str, ...]

    @property
    def tightened(self) -> tuple[Tightened, ...]:
        """The quotas that the look-ahead made tighter, and why."""
        return () if self.lottery.body is None else self.lottery.body.ahead


def rotation(
    pool: Pool,
    quotas: Quotas,
    size: int,
    terms: Sequence[Term],
    now: When,
    *,
    horizon: int = 2,
    as_far_as_possible: bool = False,
    entrants_leave: When | None = None,
    gone: Collection[str] = (),
    accept_excess: bool = False,
    objective: str = "leximin",
    progress: Progress | None = None,
    cancelled: Callable[[], bool] | None = None,
    gamma: Fraction = Fraction(1),
) -> Rotation:
    """Return the lottery of a rotation: for the seats of those who leave, so that the whole body meets its quotas.

    Parameters
    ----------
    pool
        People who may be drawn. Those who sit, and those who leave now, are left out.
    quotas, size
        Of the whole body.
    terms
        Everybody who sits before the rotation.
    now
        The rotation: whoever leaves by then, leaves.
    horizon
        To how many of the next rotations the draw looks ahead, 0 to 12. They are the times at which terms end.
    as_far_as_possible
        If a rotation ahead cannot be filled, look ahead to those before it only, instead of an error.
    entrants_leave
        When the terms of those who are drawn now end; None if that is after the rotations ahead.
    gone
        Ids of people who are not drawn, such as former members who have to wait.
    accept_excess
        As of `vacancy`.
    objective, progress, cancelled, gamma
        As of `solve`.

    Raises
    ------
    BadInput
        `rotation_times_mixed`, `horizon_out_of_range`, `entrants_leave_too_early`, and as `vacancy` and `solve`.
    Infeasible
        As `solve` for this rotation; `rotation_ahead_infeasible`, naming the rotation ahead and the quotas that cannot be
        met in it; `rotation_ahead_unsafe`, if no quotas per value keep it possible.

    Notes
    -----
    Guarantee: whoever is drawn, the whole body meets its quotas, and at each of the rotations ahead the seats that fall
    vacant can be filled from those who are left in today's pool so that the whole body meets them again. That is checked
    in whole people for every composition of the lottery. Quotas of the draw are tightened only where that is
    needed. Not guaranteed: that the pool is still there then, or that nobody leaves before the term ends.

    References
    ----------
    The problem of drawing panel after panel: Kalayci, Micha: Temporal panel selection in ongoing citizens'
    assemblies, arXiv 2602.16194 (2026). The method is ours: `isegoria.lottery.look_ahead`.
    """
    if not 0 <= horizon <= LARGEST_HORIZON:
        raise BadInput("horizon_out_of_range", horizon=horizon, most=LARGEST_HORIZON)
    _check_times([now, entrants_leave, *(one.leaves for one in terms)], now, entrants_leave)
    leaving = [one.member.id for one in terms if not _stays(one, now)]
    staying = [one for one in terms if _stays(one, now)]
    vacant = vacancy(
        pool,
        quotas,
        size,
        [one.member for one in staying],
        gone={*gone, *leaving},
        accept_excess=accept_excess,
    )

    def lottery_of(limits: Quotas) -> Lottery:
        return solve_vacant(replace(vacant, quotas=limits), objective, progress, cancelled, gamma=gamma)

    steps = _steps(quotas, size, staying, now, horizon, entrants_leave)
    while True:
        try:
            return Rotation(
                _safe(vacant, steps, lottery_of), tuple(sorted(leaving)), tuple(one.when for one in steps)
            )
        except _Short as short:
            if not as_far_as_possible:
                raise short.error from None
            steps = steps[: short.reach]


class _Short(Exception):
    """The look-ahead ends before the horizon; the error says why."""

    def __init__(self, reach: int, code: str, when: str, detail: str = "") -> None:
        super().__init__(code)
        self.reach = reach
        self.error = Infeasible(code, when=when, detail=detail, fewer=reach)


def _stays(term: Term, now: When) -> bool:
    return term.leaves is None or _order(term.leaves) > _order(now)


def _order(when: When) -> int:
    return when.toordinal() if isinstance(when, date) else when


def _check_times(times: Sequence[When | None], now: When, entrants_leave: When | None) -> None:
    kinds = {isinstance(one, date) for one in times if one is not None}
    if len(kinds) > 1:
        raise BadInput("rotation_times_mixed")
    if entrants_leave is not None and _order(entrants_leave) <= _order(now):
        raise BadInput("entrants_leave_too_early", now=str(now), leave=str(entrants_leave))


def _steps(
    quotas: Quotas,
    size: int,
    staying: Sequence[Term],
    now: When,
    horizon: int,
    entrants_leave: When | None,
) -> list[Step]:
    """Return the next rotations: the next times at which terms end."""
    ends = {*(one.leaves for one in staying), entrants_leave} - {None}
    times = sorted((one for one in ends if one is not None and _order(one) > _order(now)), key=_order)
    return [
        Step(
            str(when),
            body_of(quotas, size, [one.member for one in staying if _stays(one, when)]),
            entrants_leave is None or _order(entrants_leave) > _order(when),
        )
        for when in times[:horizon]
    ]


def _safe(vacant: Vacancy, steps: Sequence[Step], lottery_of: Callable[[Quotas], Lottery]) -> Lottery:
    """Return a lottery of which every composition has a future, under quotas tightened as little as that needs."""
    if not steps:
        return lottery_of(vacant.quotas)
    vacant.pool.check(vacant.quotas)
    vacant.quotas.check(vacant.size, len(vacant.pool))
    require_panels(problem_of(vacant.pool, vacant.quotas, vacant.size), vacant.quotas)
    ahead = Ahead(vacant.pool, vacant.quotas, vacant.size, vacant.body, steps)
    reach = ahead.reach()
    if reach < len(steps):
        why = ahead.obstacle(reach + 1)
        raise _Short(reach, "rotation_ahead_infeasible", why.when, str(why))
    tightened: Mapping[tuple[str, str], Tightened] = {}
    needed: dict[tuple[str, str], Tightened] | None = None
    excluded: list[tuple[Counts, int]] = []
    while True:
        found = lottery_of(_with(vacant.quotas, tightened))
        bad = ahead.without_future([one.counts for one in found.compositions])
        if not bad:
            return _told(found, vacant, tightened)
        excluded += bad
        needed = ahead.necessary() if needed is None else needed
        more = ahead.tighter(needed, excluded) if len(excluded) <= MOST_EXCLUDED else None
        if more is None:
            first = min(horizon for _, horizon in bad)
            raise _Short(first - 1, "rotation_ahead_unsafe", steps[first - 1].when)
        tightened = more


def _with(quotas: Quotas, tightened: Mapping[tuple[str, str], Tightened]) -> Quotas:
    rows = ((row, tightened.get((row.feature, row.value))) for row in quotas)
    return Quotas(tuple(row if change is None else change.after for row, change in rows))


def _told(found: Lottery, vacant: Vacancy, tightened: Mapping[tuple[str, str], Tightened]) -> Lottery:
    """Return the lottery with the whole body and the quotas that were tightened, in the order of the quotas."""
    order = {(row.feature, row.value): place for place, row in enumerate(vacant.quotas)}
    ahead = tuple(tightened[key] for key in sorted(tightened, key=order.__getitem__))
    if not ahead:
        return found
    return replace(found, body=replace(vacant.body, ahead=ahead))
