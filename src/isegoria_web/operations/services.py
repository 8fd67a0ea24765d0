"""What the software writes about itself. No person acts here, and nothing of it is public."""

from __future__ import annotations

import os
import secrets
import socket
from datetime import timedelta

from django_tasks.base import TaskResultStatus
from django_tasks_db.models import DBTaskResult

from isegoria_web import clock
from isegoria_web.operations.models import Heartbeat

SILENT_AFTER = timedelta(minutes=2)
"""A worker that was not heard for so long is taken for dead."""
ENDED_FROM_OUTSIDE = ("builtins.SystemExit", "builtins.KeyboardInterrupt")
"""What a signal raises in the middle of work."""
_START = secrets.token_hex(4)
"""Tells a process from a dead one of the same number: after a restart a container gives the same numbers again."""


def worker_name() -> str:
    """Return this process's name among the workers: host, process and start."""
    return f"{socket.gethostname()[:40]}:{os.getpid()}:{_START}"


def beat() -> None:
    """Write down that this worker lives."""
    Heartbeat.objects.update_or_create(worker=worker_name(), defaults={"beat_at": clock.now()})


def forget() -> None:
    """Write down that this worker ends."""
    Heartbeat.objects.filter(worker=worker_name()).delete()


def is_alive(worker: str) -> bool:
    """Return whether a worker was heard of just now."""
    return Heartbeat.objects.filter(worker=worker, beat_at__gte=clock.now() - SILENT_AFTER).exists()


def resume_lost_work() -> int:
    """Put background work back into the queue whose worker died over it, and return how much there was.

    Every task gives the identical result when it runs again.
    """
    before = clock.now() - SILENT_AFTER
    running = DBTaskResult.objects.running().filter(started_at__lt=before)
    lost = [task.pk for task in running if not any(map(is_alive, task.worker_ids[-1:]))]
    if not lost:
        return 0
    return running.filter(pk__in=lost).update(status=TaskResultStatus.READY)


def give_back() -> int:
    """Put back into the queue what this worker was torn away from, and return how much that was.

    Who is told to end twice ends at once; the queue would note the work that was under way as failed.
    """
    torn = DBTaskResult.objects.failed().filter(exception_class_path__in=ENDED_FROM_OUTSIDE)
    mine = [task.pk for task in torn if task.worker_ids[-1:] == [worker_name()]]
    return torn.filter(pk__in=mine).update(
        status=TaskResultStatus.READY, finished_at=None, exception_class_path="", traceback=""
    )
