"""Seats that are taken: the lottery for the vacant ones, so that the whole body meets its quotas.

Sitting members of a rotation, people nominated beside those drawn by lot, members who stay when others leave: they
count for the quotas of the body, and neither they nor their households are drawn again, nor whoever is apart from them.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction

from isegoria.errors import BadInput, collect
from isegoria.lottery.body import Body, body_of
from isegoria.lottery.model import Lottery
from isegoria.lottery.solving import Progress, solve
from isegoria.pool import Entry, Pool, Quota, Quotas


@dataclass(frozen=True, slots=True)
class Vacancy:
    """What is left to draw of a body.

    Attributes
    ----------
    pool
        Those who may be drawn.
    quotas
        Of the vacant seats: those of the body minus the members who stay.
    size
        How many seats are vacant.
    body
        The whole body.
    """

    pool: Pool
    quotas: Quotas
    size: int
    body: Body


def residual_quotas(quotas: Quotas, sitting: Iterable[Mapping[str, str]]) -> Quotas:
    """Return the quotas of the vacant seats: the quotas minus the members who stay.

    Parameters
    ----------
    quotas
        Of the whole panel.
    sitting
        The features of each member who stays.

    Notes
    -----
    Where more members stay than a maximum allows, nobody more is drawn with that value.

    Examples
    --------
    >>> quotas = Quotas((Quota("sex", "f", 2, 3), Quota("sex", "m", 2, 3)))
    >>> [(q.minimum, q.maximum) for q in residual_quotas(quotas, [{"sex": "f"}, {"sex": "f"}])]
    [(0, 1), (2, 3)]
    """
    members = list(sitting)
    return Quotas(tuple(_residual(quota, sum(quota.counts(one) for one in members)) for quota in quotas))


def _residual(quota: Quota, there: int) -> Quota:
    return Quota(
        quota.feature,
        quota.value,
        max(0, quota.minimum - there),
        max(0, quota.maximum - there),
        None if quota.min_flex is None else max(0, quota.min_flex - there),
        None if quota.max_flex is None else max(0, quota.max_flex - there),
    )


def vacancy(
    pool: Pool,
    quotas: Quotas,
    size: int,
    sitting: Iterable[Entry],
    *,
    gone: Collection[str] = (),
    accept_excess: bool = False,
) -> Vacancy:
    """Return what is left to draw of a body of which some sit already.

    Parameters
    ----------
    pool
        People who may be drawn; those who sit may be among them or not.
    quotas, size
        Of the whole body.
    sitting
        The members who stay, with a value of every feature of the quotas. Nobody of their households is drawn, nor
        whoever a link of the pool keeps apart from them.
    gone
        Ids of people who are not available, members who left among them.
    accept_excess
        Draw although more sit already than a maximum allows: nobody more is then drawn with that value, and
        `Body.excess` says by how much the body misses its quotas.

    Raises
    ------
    BadInput
        `sitting_over_maximum` with feature, value and both numbers, unless the excess is accepted;
        `sitting_over_size`, `sitting_repeated`, `sitting_without_value`; `nothing_vacant`, if no seat is;
        `pool_none`, if nobody is left to draw; `size_not_positive`.

    Notes
    -----
    Guarantee: a panel that meets `Vacancy.quotas` makes a whole body that meets its quotas, apart from an
    accepted excess.

    Examples
    --------
    >>> quotas = Quotas((Quota("sex", "f", 2, 2), Quota("sex", "m", 2, 2)))
    >>> people = [Entry(name, {"sex": name[0]}) for name in ("f1", "f2", "f3", "m1", "m2")]
    >>> left = vacancy(Pool(tuple(people)), quotas, 4, people[:1])
    >>> left.size, [(q.value, q.minimum) for q in left.quotas], [one.id for one in left.pool]
    (3, [('f', 1), ('m', 2)], ['f2', 'f3', 'm1', 'm2'])
    """
    if size < 1:
        raise BadInput("size_not_positive", size=size)
    members = tuple(sitting)
    body = body_of(quotas, size, members)
    if body.vacant < 1:
        raise BadInput("nothing_vacant")
    if not accept_excess:
        collect(
            [
                BadInput(
                    "sitting_over_maximum",
                    feature=one.quota.feature,
                    value=one.quota.value,
                    sitting=one.sitting,
                    maximum=one.quota.maximum,
                )
                for one in body.excess
            ]
        )
    left = _left(pool, members, gone)
    return Vacancy(left, residual_quotas(quotas, (one.features for one in members)), body.vacant, body)


def _left(pool: Pool, members: Collection[Entry], gone: Collection[str]) -> Pool:
    """Return who may be drawn: not those who sit or are gone, nor who is apart from a sitting member.

    Who is to be drawn together with somebody who is not available is not available either.
    """
    ids = {one.id for one in members}
    homes = {
        one.household
        for one in (*members, *(entry for entry in pool if entry.id in ids))
        if one.household is not None
    }
    unavailable = ids.union(gone, *(group for group in pool.apart if not ids.isdisjoint(group)))
    return pool.only(
        [entry.id for entry in pool if entry.id not in unavailable and entry.household not in homes]
    )


def solve_vacant(
    vacant: Vacancy,
    objective: str = "leximin",
    progress: Progress | None = None,
    cancelled: Callable[[], bool] | None = None,
    *,
    gamma: Fraction = Fraction(1),
) -> Lottery:
    """Return the fairest lottery for the vacant seats of a body; it tells the story of the whole body.

    With nobody sitting it is the lottery that `solve` returns.

    Parameters
    ----------
    vacant
        As `vacancy` returns it.
    objective, progress, cancelled, gamma
        As of `solve`.

    Raises
    ------
    BadInput, Infeasible, Cancelled
        As `solve`, of the vacant seats.

    Notes
    -----
    Guarantee: as of `solve`; whoever is drawn, the whole body meets its quotas, apart from an accepted excess.
    """
    found = solve(vacant.pool, vacant.quotas, vacant.size, objective, progress, cancelled, gamma=gamma)
    return replace(found, body=vacant.body) if vacant.body.sitting else found
