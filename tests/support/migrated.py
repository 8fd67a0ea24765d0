"""Databases with all tables: made by the migrations once, for as long as none of them changes, then copied."""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import django
import psycopg
from django.apps import apps
from django.db.backends.sqlite3.base import Database  # the SQLite that the site runs on

from tests.support import postgresql
from tests.support.installation import Installation

ROOT = Path(__file__).resolve().parents[2]
KEPT = ROOT / ".pytest_cache" / "migrated"
TEMPLATE = "migrated"


def install(site: Installation) -> None:
    """Give a site that has no folder yet what `isegoria manage migrate` leaves in it, with the rights on its files."""
    shutil.copytree(_site(), site.folder)


def prepare() -> None:
    """Make both, so that nobody has to wait for them later."""
    _site()
    postgresql_template()


def copy_of_file(folder: Path) -> Path:
    """Copy the SQLite database with the tables of the site into a folder; return its path."""
    return Path(shutil.copy(Installation(_site()).database, folder))


def create_postgresql(name: str) -> str:
    """Create a database with the tables of the site on the server of the tests; return its address."""
    template = postgresql_template()
    with psycopg.connect(postgresql.url(), autocommit=True) as server:
        server.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        server.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
    return _address(name)


@cache
def postgresql_template() -> str:
    """The name of the database that others are copied from; the first who asks makes it."""
    with _alone(), psycopg.connect(postgresql.url(), autocommit=True) as server:
        if not server.execute("SELECT 1 FROM pg_database WHERE datname = %s", [TEMPLATE]).fetchone():
            # Under another name until it is whole: what has the name is copied from.
            server.execute("DROP DATABASE IF EXISTS migrating")
            server.execute("CREATE DATABASE migrating")
            _fill(_address("migrating"))
            server.execute(f"ALTER DATABASE migrating RENAME TO {TEMPLATE}")
    return TEMPLATE


def load_into(create: Callable[..., str]) -> Callable[..., str]:
    """Wrap Django's making of an empty test database on SQLite: it comes with the tables."""
    held = []

    def made(*given: Any, **named: Any) -> str:
        name = create(*given, **named)
        with closing(Database.connect(Installation(_site()).database)) as source:
            copy = Database.connect(name, uri=True, check_same_thread=False)
            source.backup(copy)
        held.append(
            copy
        )  # a database in memory lasts as long as somebody is connected; Django will be, later
        return name

    return made


def _site() -> Path:
    """The folder of a site on SQLite after the migrations."""
    with _alone():
        return _kept(f"{_key()}.site", lambda path: _migrate(Installation(path)))


def _fill(address: str) -> None:
    """Give an empty database on the server its tables: from the migrations, or from what they made before."""

    def migrate(path: Path) -> None:
        made = Installation(path.with_suffix(".temporary"))
        made.environment["DATABASE_URL"] = address
        _migrate(made)
        shutil.rmtree(made.folder)
        _postgresql_program("pg_dump", address, "--file", str(path))

    kept = KEPT / f"{_key()}.sql"
    known = kept.exists()
    _kept(kept.name, migrate)
    if known:
        _postgresql_program(
            "psql",
            address,
            "--quiet",
            "--set",
            "ON_ERROR_STOP=1",
            "--single-transaction",
            "--file",
            str(kept),
        )


def _migrate(site: Installation) -> None:
    done = site.run("manage", "migrate", "--verbosity=0", timeout=600)
    assert done.returncode == 0, done.stderr


def _kept(name: str, make: Callable[[Path], None]) -> Path:
    """What was made before, or is made now; only what is whole has the name."""
    path = KEPT / name
    if not path.exists():
        for old in KEPT.glob(f"*{path.suffix}"):  # of other migrations, or half-made
            shutil.rmtree(old) if old.is_dir() else old.unlink()
        making = path.with_name(f"making{path.suffix}")
        make(making)
        making.rename(path)
    return path


@cache
def _key() -> str:
    """A hash of all that decides about the tables: every migration of every app, and Django."""
    digest = hashlib.sha256(django.get_version().encode())
    for app in sorted(apps.get_app_configs(), key=lambda each: each.label):
        for path in sorted((Path(app.path) / "migrations").glob("*.py")):
            digest.update(f"\0{app.label}/{path.name}\0".encode() + path.read_bytes())
    return digest.hexdigest()[:20]


@contextmanager
def _alone() -> Iterator[None]:
    """Of several processes one makes what is missing; the others wait and find it."""
    KEPT.mkdir(parents=True, exist_ok=True)
    with (KEPT / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _address(name: str) -> str:
    return urlunsplit(urlsplit(postgresql.url())._replace(path=f"/{name}"))


def _postgresql_program(program: str, address: str, *arguments: str) -> None:
    subprocess.run(
        [str(postgresql.BINARIES[-1] / program), address, *arguments],
        check=True, stdout=subprocess.DEVNULL, env=os.environ | {"LC_ALL": "C.UTF-8"},
    )  # fmt: skip
