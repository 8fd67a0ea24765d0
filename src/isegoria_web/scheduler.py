"""What falls due by the clock: apps register jobs in their `jobs.py`, and every worker runs those that are due.

A job is claimed in the database before it runs, so that several workers run it once. It must be idempotent:
after a crash it runs again.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import TypeVar

from django.db import transaction
from django.utils.module_loading import autodiscover_modules

from isegoria_web import clock
from isegoria_web.operations import services
from isegoria_web.operations.enums import Outcome
from isegoria_web.operations.models import JobRun

log = logging.getLogger(__name__)
RETRY_AFTER = timedelta(hours=1)
"""A failed or crashed run is repeated after its interval, but at most this late; one that a living worker is still busy
with, not before."""

F = TypeVar("F", bound=Callable[[], object])
T = TypeVar("T")
R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class Job:
    """Something to do at intervals; its name is its function's path."""

    name: str
    every: timedelta
    run: Callable[[], object]


REGISTRY: dict[str, Job] = {}


def due(*, every: timedelta) -> Callable[[F], F]:
    """Register a function without arguments to run at intervals, counted from the end of its last run."""

    def register(function: F) -> F:
        name = f"{function.__module__.removeprefix('isegoria_web.')}.{function.__qualname__}"
        REGISTRY[name] = Job(name, every, function)
        return function

    return register


def each(
    things: Iterable[T],
    act: Callable[[T], R],
    *,
    failing: str,
    expected: type[Exception] = Exception,
    noted: Callable[[T, Exception], object] | None = None,
) -> list[R]:
    """Do something with each of several things, so that one that fails holds up none behind it; return what came of them.

    Parameters
    ----------
    failing
        What the failures together are called.
    expected
        What may fail; anything else ends it at once.
    noted
        Writes down, at a thing, why it failed.

    Raises
    ------
    ExceptionGroup
        At the end, of all that failed: the run of the job has failed, and is tried again.
    """
    made: list[R] = []
    failures: list[Exception] = []
    for thing in things:
        try:
            made.append(act(thing))
        except expected as failure:
            failures.append(failure)
            if noted is not None:
                noted(thing, failure)
    if failures:
        raise ExceptionGroup(failing, failures)
    return made


def load() -> None:
    """Import the `jobs.py` of every app, which registers its jobs."""
    autodiscover_modules("jobs")


def run_due() -> list[str]:
    """Run every job that is due now, and return the names of those that this call ran."""
    return [job.name for job in sorted(REGISTRY.values(), key=lambda job: job.name) if run_if_due(job)]


def run_if_due(job: Job) -> bool:
    """Run a job unless it is not due or another worker has it; a failure is recorded and does not stop the rest."""
    if not _claim(job):
        return False
    try:
        job.run()
    except Exception:
        log.exception("The job %s failed", job.name)
        _record(job, Outcome.FAILED)
    else:
        _record(job, Outcome.DONE)
    return True


def _claim(job: Job) -> bool:
    with transaction.atomic():
        run, _created = JobRun.objects.select_for_update().get_or_create(name=job.name)
        if not _is_due(run, job):
            return False
        run.started_at, run.outcome, run.worker = clock.now(), Outcome.RUNNING, services.worker_name()
        run.save(update_fields=["started_at", "outcome", "worker"])
        return True


def _is_due(run: JobRun, job: Job) -> bool:
    if run.started_at is None:
        return True
    if run.outcome == Outcome.DONE and run.finished_at is not None:
        return clock.now() - run.finished_at >= job.every
    under_way = run.outcome == Outcome.RUNNING and services.is_alive(run.worker)
    return clock.now() - run.started_at >= (RETRY_AFTER if under_way else min(job.every, RETRY_AFTER))


def _record(job: Job, outcome: Outcome) -> None:
    JobRun.objects.filter(name=job.name).update(finished_at=clock.now(), outcome=outcome)
