"""Housekeeping at its hour."""

from __future__ import annotations

from datetime import timedelta

from django.core.management import call_command
from django_tasks_db.models import DBTaskResult

from isegoria_web import clock
from isegoria_web.operations.models import Heartbeat
from isegoria_web.scheduler import due


@due(every=timedelta(days=1))
def forget_ended_sessions() -> None:
    """Delete sessions that have ended, with what they held."""
    call_command("clearsessions")


@due(every=timedelta(days=1))
def forget_finished_work() -> int:
    """Delete the rows of background work that ended more than two weeks ago, and return how many."""
    ended = DBTaskResult.objects.finished().filter(finished_at__lt=clock.now() - timedelta(days=14))
    deleted, _per_model = ended.delete()
    return deleted


@due(every=timedelta(days=1))
def forget_dead_workers() -> int:
    """Delete the heartbeats of workers that have not been heard for a week, and return how many."""
    deleted, _per_model = Heartbeat.objects.filter(beat_at__lt=clock.now() - timedelta(days=7)).delete()
    return deleted
