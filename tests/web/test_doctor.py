"""One planted fault per question of the doctor; each is named with its way out, and the sound case is silent."""

import datetime as dt
import shutil
import socketserver
import sqlite3
import threading
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.conf import LazySettings
from django.contrib.staticfiles.storage import ManifestStaticFilesStorage
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.recorder import MigrationRecorder

from isegoria_web import checks, clock, scheduler
from isegoria_web.operations import diagnosis
from isegoria_web.operations.enums import Outcome
from isegoria_web.operations.models import Heartbeat, JobRun
from tests.support.installation import free_port
from tests.web.factories import NOW

LONG = "k" * 64


def is_fault(fault: diagnosis.Fault | None, code: str) -> bool:
    return fault is not None and fault.code == code and bool(fault.problem) and bool(fault.way_out)


@pytest.fixture
def environ(monkeypatch: pytest.MonkeyPatch):
    def put(**values: str) -> None:
        for name, value in values.items():
            monkeypatch.setenv(name, value)

    put(ISEGORIA_SECRET_KEY=LONG, ISEGORIA_PSEUDONYM_KEY=LONG[::-1] + "p", ISEGORIA_DEBUG="0")
    return put


@pytest.mark.parametrize("key", ["", "short", "django-insecure-" + LONG])
def test_weak_keys_are_found(environ, key: str) -> None:
    assert diagnosis.secret_key() is None
    assert diagnosis.pseudonym_key() is None
    environ(ISEGORIA_SECRET_KEY=key)
    assert is_fault(diagnosis.secret_key(), "ISEGORIA_SECRET_KEY")
    environ(ISEGORIA_SECRET_KEY=LONG, ISEGORIA_PSEUDONYM_KEY=key)
    assert is_fault(diagnosis.pseudonym_key(), "ISEGORIA_PSEUDONYM_KEY")


def test_one_key_for_two_purposes_is_found(environ) -> None:
    environ(ISEGORIA_PSEUDONYM_KEY=LONG)
    assert is_fault(diagnosis.pseudonym_key(), "ISEGORIA_PSEUDONYM_KEY")


def test_no_fault_ever_shows_a_key(environ) -> None:
    environ(ISEGORIA_SECRET_KEY="s3cret-but-short", ISEGORIA_PSEUDONYM_KEY="s3cret-but-short")
    for fault in (diagnosis.secret_key(), diagnosis.pseudonym_key()):
        assert "s3cret" not in f"{fault}"


def test_debugging_is_found(environ) -> None:
    assert diagnosis.debugging() is None
    environ(ISEGORIA_DEBUG="1")
    assert is_fault(diagnosis.debugging(), "debug")


@pytest.mark.parametrize("hosts", [[], ["*"], ["panel.example.org", "*"]])
def test_no_host_and_every_host_are_found(settings: LazySettings, hosts: list[str]) -> None:
    settings.ALLOWED_HOSTS = ["panel.example.org"]
    assert diagnosis.hosts() is None
    settings.ALLOWED_HOSTS = hosts
    assert is_fault(diagnosis.hosts(), "hosts")


def test_plain_http_on_a_public_name_is_found(settings: LazySettings) -> None:
    settings.HTTPS, settings.BASE_URL = False, "http://localhost:8000"
    settings.ALLOWED_HOSTS = ["localhost"]
    assert diagnosis.https() is None
    settings.ALLOWED_HOSTS = ["panel.example.org"]
    assert is_fault(diagnosis.https(), "https")


@pytest.mark.parametrize("address", ["http://panel.example.org", "https://other.example.org"])
def test_an_address_for_letters_that_is_not_the_sites_is_found(
    settings: LazySettings, address: str
) -> None:
    settings.HTTPS, settings.ALLOWED_HOSTS = True, ["panel.example.org"]
    settings.BASE_URL = "https://panel.example.org"
    assert diagnosis.base_url() is None
    settings.BASE_URL = address
    assert is_fault(diagnosis.base_url(), "base_url")


@pytest.mark.skipif(connection.vendor != "sqlite", reason="asks SQLite")
@pytest.mark.parametrize(
    ("version", "sound"),
    [
        ((3, 40, 1), False),
        ((3, 44, 5), False),
        ((3, 44, 6), True),
        ((3, 50, 6), False),
        ((3, 50, 7), True),
        ((3, 51, 2), False),
        ((3, 51, 3), True),
        ((3, 53, 0), True),
    ],
)
def test_a_sqlite_with_the_wal_reset_fault_is_found(monkeypatch, version: tuple, *, sound: bool) -> None:
    monkeypatch.setattr(sqlite3, "sqlite_version_info", version)
    assert (diagnosis.sqlite_version() is None) == sound


def test_the_sqlite_that_runs_here_is_sound() -> None:
    assert sqlite3.sqlite_version_info >= diagnosis.SQLITE_FIXED


def test_a_full_disk_is_found(monkeypatch) -> None:
    assert diagnosis.disk_space() is None
    full = SimpleNamespace(free=1 << 29)
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: full)
    assert is_fault(diagnosis.disk_space(), "disk")


def test_data_that_others_may_read_are_found(settings: LazySettings, tmp_path: Path) -> None:
    settings.DATA_DIR = tmp_path
    tmp_path.chmod(0o750)
    assert diagnosis.data_rights() is None
    tmp_path.chmod(0o755)
    assert is_fault(diagnosis.data_rights(), "data_rights")


def test_a_clock_before_the_installation_is_found() -> None:
    assert diagnosis.system_clock() is None
    with clock.at(NOW - dt.timedelta(days=3650)):
        assert is_fault(diagnosis.system_clock(), "clock")


def test_missing_mail_is_found(environ) -> None:
    environ(ISEGORIA_SMTP_URL="")
    assert is_fault(diagnosis.mail(), "mail")


def test_a_mail_server_that_does_not_answer_is_found(environ, settings: LazySettings) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", free_port()
    environ(ISEGORIA_SMTP_URL="smtp://127.0.0.1")
    assert is_fault(diagnosis.mail(), "mail")


class Greeting(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        self.wfile.write(b"220 mail.example.org\r\n")
        while line := self.rfile.readline():
            self.wfile.write(b"221 bye\r\n" if line.startswith(b"QUIT") else b"250 fine\r\n")


def test_a_mail_server_that_answers_is_fine(environ, settings: LazySettings) -> None:
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Greeting) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", server.server_address[1]
        environ(ISEGORIA_SMTP_URL="smtp://127.0.0.1")
        assert diagnosis.mail() is None
        server.shutdown()


def test_uncollected_static_files_are_found(monkeypatch, settings: LazySettings, tmp_path: Path) -> None:
    settings.STATIC_ROOT = tmp_path
    storage = ManifestStaticFilesStorage(location=tmp_path)
    monkeypatch.setattr(diagnosis, "staticfiles_storage", storage)
    assert is_fault(diagnosis.static_files(), "static")
    storage.hashed_files = {"site.css": "site.1234.css"}
    assert diagnosis.static_files() is None


def test_missing_and_old_backups_are_found(environ, tmp_path: Path) -> None:
    environ(ISEGORIA_BACKUPS="")
    assert is_fault(diagnosis.backups(), "backups")
    environ(ISEGORIA_BACKUPS=str(tmp_path / "nowhere"))
    assert is_fault(diagnosis.backups(), "backups")
    made = tmp_path / "isegoria-20270301T080000Z.sqlite3"
    made.touch()
    moment = made.stat().st_mtime
    environ(ISEGORIA_BACKUPS=str(tmp_path))
    with clock.at(dt.datetime.fromtimestamp(moment, dt.UTC) + dt.timedelta(hours=23)):
        assert diagnosis.backups() is None
    with clock.at(dt.datetime.fromtimestamp(moment, dt.UTC) + dt.timedelta(hours=25)):
        assert is_fault(diagnosis.backups(), "backups")


@pytest.mark.django_db
def test_a_database_that_does_not_answer_is_found(monkeypatch) -> None:
    assert diagnosis.database() is None

    def refuse() -> None:
        raise DatabaseError

    monkeypatch.setattr(connection, "ensure_connection", refuse)
    assert is_fault(diagnosis.database(), "database")
    asked = dict(diagnosis.examine())
    assert asked["database"] is not None
    assert "worker" not in asked  # what cannot be asked is left out


@pytest.mark.django_db
@pytest.mark.skipif(connection.vendor != "postgresql", reason="asks PostgreSQL")
def test_an_old_postgresql_is_found(monkeypatch) -> None:
    assert diagnosis.postgresql_version() is None
    monkeypatch.setitem(connection.__dict__, "pg_version", 140_012)
    assert is_fault(diagnosis.postgresql_version(), "postgresql_version")


@pytest.mark.django_db
@pytest.mark.skipif(connection.vendor != "sqlite", reason="asks SQLite")
def test_another_journal_mode_than_wal_is_found(monkeypatch) -> None:
    assert diagnosis.sqlite_journal() is None
    monkeypatch.setattr(diagnosis, "_pragma", lambda _name: "delete")
    assert is_fault(diagnosis.sqlite_journal(), "sqlite_journal")


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor != "sqlite", reason="asks SQLite")
def test_lowered_synchronisation_is_found() -> None:
    assert diagnosis.sqlite_synchronous() is None
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA synchronous=NORMAL")
        try:
            assert is_fault(diagnosis.sqlite_synchronous(), "sqlite_synchronous")
        finally:
            cursor.execute("PRAGMA synchronous=FULL")


@pytest.mark.django_db
def test_a_migration_that_was_not_made_is_found() -> None:
    assert diagnosis.migrations() is None
    [newest] = MigrationExecutor(connection).loader.graph.leaf_nodes("followup")
    MigrationRecorder(connection).record_unapplied(*newest)
    assert is_fault(diagnosis.migrations(), "migrations")


@pytest.mark.django_db
def test_clocks_that_differ_are_found() -> None:
    with clock.at(diagnosis._database_now()):
        assert diagnosis.database_clock() is None
        Heartbeat.objects.create(worker="other:1", beat_at=clock.now() + dt.timedelta(minutes=5))
        assert is_fault(diagnosis.database_clock(), "database_clock")


@pytest.mark.django_db
def test_a_silent_worker_is_found() -> None:
    assert is_fault(diagnosis.worker(), "worker")
    Heartbeat.objects.create(worker="here:1", beat_at=NOW - dt.timedelta(minutes=1))
    assert diagnosis.worker() is None
    with clock.at(NOW + dt.timedelta(minutes=2)):
        assert is_fault(diagnosis.worker(), "worker")


@pytest.mark.django_db
def test_a_failed_job_is_found() -> None:
    JobRun.objects.create(name="followup.jobs.remind", outcome=Outcome.DONE)
    assert diagnosis.failed_jobs() is None
    JobRun.objects.update(outcome=Outcome.FAILED)
    fault = diagnosis.failed_jobs()
    assert is_fault(fault, "jobs")
    assert "followup.jobs.remind" in fault.problem


def test_every_question_is_asked_and_has_a_sentence() -> None:
    questions = (*diagnosis.SETTINGS, *diagnosis.MACHINE, *diagnosis.DATABASE, *diagnosis.TABLES)
    public = {
        name
        for name, thing in vars(diagnosis).items()
        if callable(thing)
        and getattr(thing, "__module__", "") == diagnosis.__name__
        and not name.startswith("_")
    }
    assert {question.__name__ for question in questions} == public - {
        "Fault",
        "also_asked",
        "examine",
        "python_version",
        "host",
    }
    scheduler.load()
    assert {"journal_key", "journal_export"} <= {question.__name__ for question in diagnosis.OF_APPS}
    assert all(question.__doc__ for question in (*questions, *diagnosis.OF_APPS))


def test_the_system_checks_refuse_weak_keys_on_a_live_site(environ, settings: LazySettings) -> None:
    settings.SECRET_KEY = settings.PSEUDONYM_KEY = "short"
    environ(ISEGORIA_SECRET_KEY="short")
    assert [message.id for message in checks.strong_keys()] == ["isegoria.ISEGORIA_SECRET_KEY"]
