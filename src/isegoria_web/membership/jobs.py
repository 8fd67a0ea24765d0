"""What happens to what is kept about members, at its hour."""

from __future__ import annotations

from datetime import timedelta

from isegoria_web import scheduler
from isegoria_web.membership.erasing import erase_due_people, erase_pools, erase_reasons
from isegoria_web.membership.rotating import rotate_due
from isegoria_web.membership.waiting import forget


@scheduler.due(every=timedelta(hours=1))
def erase_people_whose_day_has_come() -> int:
    """Erase who holds no role and no seat any more, on the day that the rules say; returns how many."""
    return len(erase_due_people())


@scheduler.due(every=timedelta(hours=1))
def erase_pools_whose_day_has_come() -> int:
    """Erase who said yes and was not drawn, on the day that the calendar says; returns how many."""
    return erase_pools()


@scheduler.due(every=timedelta(days=1))
def forget_former_members_who_have_waited() -> int:
    """Clear what tells former members from others, once they can be drawn again; returns how many."""
    return forget()


@scheduler.due(every=timedelta(days=1))
def erase_reasons_whose_day_has_come() -> int:
    """Erase why seats were decided about, with the data of the member; returns how many."""
    return erase_reasons()


@scheduler.due(every=timedelta(hours=1))
def rotate_bodies() -> int:
    """End the terms that the rule book ends today, in bodies that rotate; returns how many rotations that were."""
    return len(rotate_due())
