"""Fill vacant seats: a lottery among those who are left, so that the whole panel meets its quotas again."""

from __future__ import annotations

from collections.abc import Collection

from isegoria.errors import BadInput
from isegoria.lottery.model import Lottery
from isegoria.lottery.seats import solve_vacant, vacancy
from isegoria.pool import Pool, Quotas


def replacement(
    pool: Pool,
    quotas: Quotas,
    size: int,
    members: Collection[str],
    gone: Collection[str],
    *,
    accept_excess: bool = False,
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
        Ids of members who left, and of others who are no longer available. People who are apart from a
        sitting member are left out too, and whoever is to be drawn together with somebody left out.
    accept_excess
        As of `vacancy`.

    Raises
    ------
    BadInput
        `members_unknown`, if members are not in the pool; `nothing_vacant`, if no seat is;
        `sitting_over_maximum`, if more stay than a maximum allows and nobody accepted that.
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
    return solve_vacant(
        vacancy(pool, quotas, size, sitting, gone={*members, *gone}, accept_excess=accept_excess)
    )
