"""What can be wrong with an installation: one function per fault, each with the way out.

`isegoria doctor` asks them all; Django's system checks ask those that need no database.
"""

from __future__ import annotations

import shutil
import smtplib
import socket
import sqlite3
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.staticfiles.storage import ManifestStaticFilesStorage, staticfiles_storage
from django.core.mail import get_connection
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.utils.module_loading import autodiscover_modules

from isegoria_web import clock, environment
from isegoria_web.operations.enums import Outcome
from isegoria_web.operations.models import Heartbeat, JobRun
from isegoria_web.operations.services import SILENT_AFTER

SQLITE_FIXED = (3, 51, 3)
SQLITE_BACKPORTS = ((3, 44, 6), (3, 50, 7))
POSTGRESQL_OLDEST = 15
KEY_LENGTH = 50
DISK_FREE = 1 << 30
CLOCK_TOLERANCE = timedelta(minutes=1)
BACKUP_AGE = timedelta(days=1)
LOOPBACK = {"localhost", "127.0.0.1", "::1", "[::1]"}


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that is wrong, and how to repair it."""

    code: str
    problem: str
    way_out: str


# -- settings: no database needed ----------------------------------------------------------------------
def secret_key() -> Fault | None:
    """Cookies must be signed with a key that nobody can guess."""
    return _weak_key("ISEGORIA_SECRET_KEY", environment.read("ISEGORIA_SECRET_KEY"))


def pseudonym_key() -> Fault | None:
    """Pseudonyms must be made with a key that nobody can guess, and not with the one for cookies."""
    key = environment.read("ISEGORIA_PSEUDONYM_KEY")
    if key and key == environment.read("ISEGORIA_SECRET_KEY"):
        return Fault(
            "ISEGORIA_PSEUDONYM_KEY",
            "The key for pseudonyms is the key for cookies.",
            f"Make a key of its own: {_make_key()}",
        )
    return _weak_key("ISEGORIA_PSEUDONYM_KEY", key)


def _weak_key(name: str, key: str) -> Fault | None:
    if len(key) >= KEY_LENGTH and not key.startswith("django-insecure"):
        return None
    problem = f"{name} has {len(key)} characters." if key else f"{name} is not set."
    return Fault(name, problem, f"Set it to at least {KEY_LENGTH} random characters: {_make_key()}")


def _make_key() -> str:
    return "python3 -c 'import secrets; print(secrets.token_urlsafe(48))'"


def debugging() -> Fault | None:
    """A live site shows its errors to nobody and accepts no weak keys."""
    if not environment.enabled("ISEGORIA_DEBUG"):
        return None
    return Fault(
        "debug", "ISEGORIA_DEBUG is on: errors show code and data.", "Remove ISEGORIA_DEBUG on a live site."
    )


def hosts() -> Fault | None:
    """The site answers to its own names alone."""
    if settings.ALLOWED_HOSTS and "*" not in settings.ALLOWED_HOSTS:
        return None
    return Fault(
        "hosts",
        "ISEGORIA_HOSTS names no host, or every host.",
        "Set it to the names of the site, separated by commas: panel.example.org",
    )


def https() -> Fault | None:
    """Only a site on a loopback address may do without HTTPS."""
    names = {*settings.ALLOWED_HOSTS, urlsplit(settings.BASE_URL).hostname or ""}
    if settings.HTTPS or names <= LOOPBACK:
        return None
    return Fault(
        "https",
        "ISEGORIA_HTTPS is off on a public name.",
        "Put a TLS proxy in front and remove ISEGORIA_HTTPS.",
    )


def base_url() -> Fault | None:
    """Letters carry the address of the site for months: it must be the real one."""
    parts = urlsplit(settings.BASE_URL)
    if not settings.HTTPS or (parts.scheme == "https" and parts.hostname in settings.ALLOWED_HOSTS):
        return None
    return Fault(
        "base_url",
        f"ISEGORIA_BASE_URL is {settings.BASE_URL}, which is not an https address of this site.",
        "Set it to the address that letters shall carry, with a host named in ISEGORIA_HOSTS.",
    )


def sqlite_version() -> Fault | None:
    """Several processes in WAL mode need the SQLite that mends the WAL-reset fault."""
    version = sqlite3.sqlite_version_info
    backported = any(fixed <= version < (*fixed[:2], 1000) for fixed in SQLITE_BACKPORTS)
    if connection.vendor != "sqlite" or version >= SQLITE_FIXED or backported:
        return None
    return Fault(
        "sqlite_version",
        f"SQLite {sqlite3.sqlite_version} can damage the database when several processes write.",
        "Install the package pysqlite3 into this environment (it brings SQLite 3.51.3 or later).",
    )


# -- the machine ----------------------------------------------------------------------------------------
def disk_space() -> Fault | None:
    """A full disk stops every write."""
    free = shutil.disk_usage(_existing(settings.DATA_DIR)).free
    if free >= DISK_FREE:
        return None
    return Fault(
        "disk",
        f"Only {free >> 20} MiB are free where {settings.DATA_DIR} lies.",
        "Make room: at least 1 GiB for the database, uploads and letters.",
    )


def data_rights() -> Fault | None:
    """Nobody else on the machine reads the data folder."""
    folder = _existing(settings.DATA_DIR)
    if folder != settings.DATA_DIR or not folder.stat().st_mode & 0o007:
        return None
    return Fault("data_rights", f"Every user of this machine may enter {folder}.", f"chmod o-rwx {folder}")


def _existing(path: Path) -> Path:
    return next(parent for parent in (path, *path.parents) if parent.exists())


def system_clock() -> Fault | None:
    """Deadlines and the journal need the right time."""
    installed = datetime.fromtimestamp(Path(__file__).stat().st_mtime, UTC)
    if clock.now() >= installed - CLOCK_TOLERANCE:
        return None
    return Fault(
        "clock",
        f"The clock says {clock.now():%Y-%m-%d %H:%M} UTC, which is before this software was installed.",
        "Set the clock and switch on its synchronisation (timedatectl set-ntp true).",
    )


def mail() -> Fault | None:
    """Password letters and reminders must leave the house."""
    if not environment.read("ISEGORIA_SMTP_URL"):
        return Fault(
            "mail",
            f"No mail server is set: mail is only written to {settings.DATA_DIR / 'mail'}.",
            "Set ISEGORIA_SMTP_URL, for example smtp://user:password@mail.example.org:587",
        )
    try:
        with get_connection(timeout=5):
            return None
    except (OSError, smtplib.SMTPException) as error:
        return Fault(
            "mail",
            f"The mail server does not accept us ({type(error).__name__}).",
            "Check host, port, user and password in ISEGORIA_SMTP_URL.",
        )


def static_files() -> Fault | None:
    """Pages need their style sheets and pictures."""
    storage = staticfiles_storage
    if not isinstance(storage, ManifestStaticFilesStorage) or storage.hashed_files:
        return None
    return Fault(
        "static", "The static files were not collected.", "isegoria manage collectstatic --no-input"
    )


def backups() -> Fault | None:
    """Without a recent backup, a broken disk ends the institution's memory."""
    folder = environment.read("ISEGORIA_BACKUPS")
    if not folder:
        return Fault(
            "backups",
            "No backups are made.",
            "Set ISEGORIA_BACKUPS to a folder on another disk and run: isegoria manage backup",
        )
    made = (
        [entry.stat().st_mtime for entry in Path(folder).glob("isegoria-*")]
        if Path(folder).is_dir()
        else []
    )
    if made and clock.now() - datetime.fromtimestamp(max(made), UTC) <= BACKUP_AGE:
        return None
    age = (
        f"is from {datetime.fromtimestamp(max(made), UTC):%Y-%m-%d %H:%M} UTC" if made else "does not exist"
    )
    return Fault(
        "backups", f"The newest backup in {folder} {age}.", "isegoria manage backup, once a day by cron"
    )


# -- the database ---------------------------------------------------------------------------------------
def database() -> Fault | None:
    """The database must answer; nothing else can be asked otherwise."""
    try:
        connection.ensure_connection()
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except (DatabaseError, OSError) as error:
        return Fault(
            "database",
            f"The database does not answer ({type(error).__name__}).",
            "Check DATABASE_URL, that the server runs, and that the data folder can be written.",
        )
    return None


def postgresql_version() -> Fault | None:
    """Older servers are not tested with this software."""
    if connection.vendor != "postgresql":
        return None
    version = connection.pg_version // 10_000  # type: ignore[attr-defined]  # PostgreSQL's wrapper has it
    if version >= POSTGRESQL_OLDEST:
        return None
    return Fault(
        "postgresql_version",
        f"PostgreSQL {version} is too old.",
        f"Use PostgreSQL {POSTGRESQL_OLDEST} or later.",
    )


def sqlite_journal() -> Fault | None:
    """Readers and writers get on together in WAL mode only."""
    if connection.vendor != "sqlite" or _pragma("journal_mode") in {"wal", "memory"}:
        return None
    return Fault(
        "sqlite_journal",
        f"SQLite's journal mode is {_pragma('journal_mode')}, not wal.",
        "Put the database on a local disk: WAL does not work on network file systems.",
    )


def sqlite_synchronous() -> Fault | None:
    """An acknowledged ballot survives a power cut only with full synchronisation."""
    if connection.vendor != "sqlite" or int(_pragma("synchronous")) >= 2:  # noqa: PLR2004  # 2 is FULL
        return None
    return Fault(
        "sqlite_synchronous",
        "SQLite does not wait for the disk: a power cut can lose ballots that were acknowledged.",
        "Remove the PRAGMA that lowers `synchronous`; it must be FULL.",
    )


def _pragma(name: str) -> str:
    with connection.cursor() as cursor:
        cursor.execute(f"PRAGMA {name}")
        return str(cursor.fetchone()[0])


def migrations() -> Fault | None:
    """The tables must be those that the code expects."""
    executor = MigrationExecutor(connection)
    missing = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if not missing:
        return None
    return Fault(
        "migrations", f"{len(missing)} changes of the tables were not made.", "isegoria manage migrate"
    )


def database_clock() -> Fault | None:
    """Two machines with two times make deadlines a matter of luck."""
    newest = Heartbeat.objects.order_by("-beat_at").values_list("beat_at", flat=True).first()
    ahead = newest is not None and newest - clock.now() > CLOCK_TOLERANCE
    if not ahead and abs(_database_now() - clock.now()) <= CLOCK_TOLERANCE:
        return None
    return Fault(
        "database_clock",
        "The clocks of this machine and of the workers or the database differ by more than a minute.",
        "Synchronise the clocks of all machines (timedatectl set-ntp true).",
    )


def _database_now() -> datetime:
    if connection.vendor != "postgresql":
        return clock.now()
    with connection.cursor() as cursor:
        cursor.execute("SELECT now()")
        moment: datetime = cursor.fetchone()[0]
    return moment


def worker() -> Fault | None:
    """Letters, lotteries and reminders are the work of a worker."""
    if Heartbeat.objects.filter(beat_at__gte=clock.now() - SILENT_AFTER).exists():
        return None
    return Fault(
        "worker",
        "No worker is running: letters, lotteries and reminders wait.",
        "Start one: isegoria worker (isegoria serve starts one as well)",
    )


def failed_jobs() -> Fault | None:
    """What falls due must get done."""
    failed = list(
        JobRun.objects.filter(outcome=Outcome.FAILED).order_by("name").values_list("name", flat=True)
    )
    if not failed:
        return None
    return Fault(
        "jobs",
        f"These jobs failed at their last run: {', '.join(failed)}.",
        "Look for their names in the log.",
    )


SETTINGS: tuple[Callable[[], Fault | None], ...] = (
    secret_key, pseudonym_key, debugging, hosts, https, base_url, sqlite_version,
)  # fmt: skip
MACHINE: tuple[Callable[[], Fault | None], ...] = (
    disk_space, data_rights, system_clock, mail, static_files, backups, database,
)  # fmt: skip
DATABASE: tuple[Callable[[], Fault | None], ...] = (
    postgresql_version, sqlite_journal, sqlite_synchronous, migrations,
)  # fmt: skip
TABLES: tuple[Callable[[], Fault | None], ...] = (database_clock, worker, failed_jobs)
OF_APPS: list[Callable[[], Fault | None]] = []


def also_asked(question: Callable[[], Fault | None]) -> Callable[[], Fault | None]:
    """Register a question of an app, in its `jobs.py`; it may ask the tables."""
    OF_APPS.append(question)
    return question


def examine() -> Iterator[tuple[str, Fault | None]]:
    """Yield each question's name with its fault or nothing; what cannot be asked is left out."""
    found = set()
    autodiscover_modules("jobs")
    tables = (*TABLES, *OF_APPS)
    for question in (*SETTINGS, *MACHINE, *DATABASE, *tables):
        if (question in DATABASE or question in tables) and "database" in found:
            continue
        if question in tables and "migrations" in found:
            continue
        fault = question()
        if fault is not None:
            found.add(fault.code)
        yield question.__name__, fault


def python_version() -> str:
    """Return the version of Python that runs, for the head of the doctor's report."""
    return ".".join(str(part) for part in sys.version_info[:3])


def host() -> str:
    """Return this machine's name."""
    return socket.gethostname()
