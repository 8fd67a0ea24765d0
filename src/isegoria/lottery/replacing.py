"""Fill vacant seats: a lottery among those who are left, so that the whole panel meets its quotas again."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from isegoria.errors import BadInput
from isegoria.lottery.model import Lottery
from isegoria.lottery.solving import solve
from isegoria.pool import Pool, Quota, Quotas


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


def replacement(
    pool: Pool, quotas: Quotas, size: int, members: Collection[str], gone: Collection[str]
) -> Lottery:
    """Return the leximin lottery for the vacant seats, over the people who are neither sitting nor gone.

    Parameters
    ----------
    pool
        The pool of the first draw, or what is left of it; it holds the members who stay.
    quotas, size
        Of the whole panel.
    members
        Ids of the panel before anybody left.
    gone
        Ids of members who left, and of others who are no longer available. People of the household of a
        sitting member are left out too.

    Raises
    ------
    BadInput
        `members_unknown`, if members are not in the pool; `nothing_vacant`, if no seat is.
    Infeasible
        As `solve`: the quotas of the whole panel cannot be met by those who are left.

    Notes
    -----
    Guarantee: whoever is drawn, the whole panel meets the quotas again. The seed of this draw is a new one.
    """
    entries = {entry.id: entry for entry in pool}
    missing = sum(one not in entries for one in members)
    if missing:
        raise BadInput("members_unknown", count=missing)
    sitting = [entries[one] for one in members if one not in gone]
    vacant = size - len(sitting)
    if vacant < 1:
        raise BadInput("nothing_vacant")
    homes = {entry.household for entry in sitting if entry.household is not None}
    left = tuple(
        entry
        for entry in pool
        if entry.id not in members and entry.id not in gone and entry.household not in homes
    )
    return solve(Pool(left), residual_quotas(quotas, (entry.features for entry in sitting)), vacant)
