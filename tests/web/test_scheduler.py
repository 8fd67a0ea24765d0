"""Jobs that fall due: once each, by whichever worker comes first, and again after a crash."""

import threading
from datetime import timedelta

import pytest
from django.db import connections
from django_tasks.base import TaskResultStatus
from django_tasks_db.models import DBTaskResult

from isegoria_web import clock, scheduler
from isegoria_web.commands import worker as command
from isegoria_web.operations import jobs, services
from isegoria_web.operations.enums import Outcome
from isegoria_web.operations.models import Heartbeat, JobRun
from isegoria_web.scheduler import Job
from tests.web.factories import NOW

HOUR = timedelta(hours=1)


@pytest.fixture
def runs() -> list[int]:
    return []


@pytest.fixture
def job(runs: list[int]) -> Job:
    return Job("test.job", 6 * HOUR, lambda: runs.append(1))


@pytest.mark.django_db
def test_a_job_runs_when_it_is_due_and_not_again_before(job: Job, runs: list[int]) -> None:
    assert scheduler.run_if_due(job)
    assert not scheduler.run_if_due(job)
    with clock.at(NOW + 5 * HOUR):
        assert not scheduler.run_if_due(job)
    with clock.at(NOW + 6 * HOUR):
        assert scheduler.run_if_due(job)
    assert len(runs) == 2


@pytest.mark.django_db
def test_a_failure_is_recorded_and_tried_again_within_the_hour() -> None:
    def fail() -> None:
        raise RuntimeError

    job = Job("test.failing", 6 * HOUR, fail)
    assert scheduler.run_if_due(job)
    assert JobRun.objects.get(name=job.name).outcome == Outcome.FAILED
    assert not scheduler.run_if_due(job)
    with clock.at(NOW + HOUR):
        assert scheduler.run_if_due(job)


@pytest.mark.django_db
def test_a_run_that_a_crash_ended_is_repeated(job: Job) -> None:
    JobRun.objects.create(name=job.name, started_at=NOW, outcome=Outcome.RUNNING)
    with clock.at(NOW + HOUR / 2):
        assert not scheduler.run_if_due(job)
    with clock.at(NOW + HOUR):
        assert scheduler.run_if_due(job)


@pytest.mark.usefixtures("several_threads")
def test_of_many_workers_one_runs_the_job(job: Job, runs: list[int]) -> None:
    JobRun.objects.create(name=job.name)
    gate = threading.Barrier(8)

    def work() -> None:
        with clock.at(NOW):
            gate.wait()
            scheduler.run_if_due(job)
        connections.close_all()

    workers = [threading.Thread(target=work) for _ in range(8)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert len(runs) == 1


@pytest.mark.django_db
def test_every_registered_job_runs_on_an_empty_site() -> None:
    scheduler.load()
    ran = scheduler.run_due()
    assert set(ran) == set(scheduler.REGISTRY)
    assert not JobRun.objects.exclude(outcome=Outcome.DONE).exists()


@pytest.mark.django_db
def test_work_of_a_dead_worker_goes_back_into_the_queue_and_that_of_a_living_one_stays() -> None:
    Heartbeat.objects.create(worker="alive:1", beat_at=NOW)
    Heartbeat.objects.create(worker="dead:2", beat_at=NOW - HOUR)
    for worker in ("alive:1", "dead:2"):
        DBTaskResult.objects.create(
            status=TaskResultStatus.RUNNING,
            started_at=NOW - HOUR,
            args_kwargs={"args": [], "kwargs": {}},
            task_path=f"test.{worker}",
            worker_ids=[worker],
            backend_name="default",
            run_after=NOW,
        )
    assert services.resume_lost_work() == 1
    assert services.resume_lost_work() == 0
    statuses = dict(DBTaskResult.objects.values_list("task_path", "status"))
    assert statuses == {"test.alive:1": TaskResultStatus.RUNNING, "test.dead:2": TaskResultStatus.READY}


@pytest.mark.django_db
def test_work_that_a_worker_was_torn_away_from_goes_back_and_what_failed_by_itself_stays_failed() -> None:
    for worker, fault in (
        (services.worker_name(), "builtins.SystemExit"),
        (services.worker_name(), "builtins.ValueError"),
        ("other:3", "builtins.SystemExit"),
    ):
        DBTaskResult.objects.create(
            status=TaskResultStatus.FAILED,
            started_at=NOW,
            finished_at=NOW,
            args_kwargs={"args": [], "kwargs": {}},
            task_path=f"{worker}.{fault}",
            exception_class_path=fault,
            worker_ids=["earlier:1", worker],
            backend_name="default",
            run_after=NOW,
        )
    assert services.give_back() == 1
    [back] = DBTaskResult.objects.filter(status=TaskResultStatus.READY)
    assert back.task_path == f"{services.worker_name()}.builtins.SystemExit"
    assert (back.finished_at, back.exception_class_path) == (None, "")
    assert services.give_back() == 0


@pytest.mark.django_db
def test_a_long_job_of_a_living_worker_is_left_to_it_and_that_of_a_dead_one_is_repeated(
    runs: list[int],
) -> None:
    job, later = Job("test.long", timedelta(minutes=1), lambda: runs.append(1)), NOW + timedelta(minutes=10)
    Heartbeat.objects.create(worker="alive:1", beat_at=later)
    Heartbeat.objects.create(worker="dead:2", beat_at=NOW)
    run = JobRun.objects.create(name=job.name, started_at=NOW, worker="alive:1")
    with clock.at(later):
        assert not scheduler.run_if_due(job)
        JobRun.objects.filter(pk=run.pk).update(worker="dead:2")
        assert scheduler.run_if_due(job)
    assert len(runs) == 1
    run.refresh_from_db()
    assert run.worker == services.worker_name()


def test_what_fails_once_is_tried_again_until_the_worker_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(command, "BEAT_SECONDS", 0)
    over, tries = threading.Event(), []

    def failing() -> None:
        tries.append(1)
        if len(tries) == 3:
            over.set()
        raise OSError("no space left")

    # In a thread of its own, as the worker does it: a connection that an earlier test left in this one would
    # be looked at between two tries, which fails where a test has no database.
    keeper = threading.Thread(target=command.repeat, args=(over, failing), daemon=True)
    keeper.start()
    keeper.join(timeout=30)
    assert not keeper.is_alive()
    assert len(tries) == 3


@pytest.mark.django_db
def test_heartbeats_of_long_dead_workers_are_forgotten() -> None:
    Heartbeat.objects.create(worker="alive:1", beat_at=NOW)
    Heartbeat.objects.create(worker="dead:2", beat_at=NOW - timedelta(days=8))
    assert jobs.forget_dead_workers() == 1
    assert Heartbeat.objects.get().worker == "alive:1"
