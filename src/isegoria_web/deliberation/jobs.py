"""Opinion maps in the background."""

from __future__ import annotations

from datetime import timedelta

from django_tasks import task

from isegoria_web.accounts.actors import Actor
from isegoria_web.deliberation.models import OpinionMap
from isegoria_web.deliberation.services import make_map
from isegoria_web.institutions.models import Cycle
from isegoria_web.scheduler import due


def make_maps_later(cycle: Cycle) -> None:
    """Let a worker compute at once what waits in a cycle, instead of within a minute."""
    for waiting in cycle.opinion_maps.waiting():
        make_map_of.enqueue(waiting.pk)


@task()
def make_map_of(map_id: int) -> str:
    """Compute a map; returns its status."""
    return str(make_map(actor=Actor.system(), opinion_map=OpinionMap.objects.get(pk=map_id)).status)


@due(every=timedelta(minutes=1))
def make_waiting_maps() -> int:
    """Compute every map that waits, and return how many there were."""
    waiting = list(OpinionMap.objects.waiting().order_by("pk"))
    for each in waiting:
        make_map(actor=Actor.system(), opinion_map=each)
    return len(waiting)
