"""What happens to what is kept about members, at its hour."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.utils.translation import override
from django_tasks import task

from isegoria_web import scheduler
from isegoria_web.accounts.actors import Actor
from isegoria_web.institutions.models import Cycle
from isegoria_web.lottery.algorithms import in_words, reason_of
from isegoria_web.membership import widening
from isegoria_web.membership.erasing import erase_due_people, erase_pools, erase_reasons
from isegoria_web.membership.models import SeatSearch
from isegoria_web.membership.rotating import rotate_due
from isegoria_web.membership.waiting import forget


def look_for_ways_later(*, actor: Actor, cycle: Cycle) -> SeatSearch:
    """Let a worker look for wider quotas of vacant seats; errors as for `widening.start_search`."""
    with transaction.atomic():  # never sought without work in the queue
        search, to_do = widening.start_search(actor=actor, cycle=cycle)
        if to_do:
            look_for_ways.enqueue(search.pk)
        return search


@task()
def look_for_ways(search_id: int) -> bool:
    """Look for the wider quotas that somebody asked for. Why it failed is noted at the search."""
    search = (
        SeatSearch.objects.select_related("draw__cycle__institution", "by").filter(pk=search_id).first()
    )
    if search is None:
        return False
    try:
        return widening.search(search=search)
    except Exception as failure:
        with override(settings.LANGUAGE_CODE if search.by is None else search.by.language):
            widening.note_failure(search=search, why=reason_of(failure))
        if not in_words(failure):
            raise
        return False


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
