"""Programs of a live site that are started to be killed, and a database of their own on either server."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
from django.conf import settings

from tests.support.installation import Installation

ROOT = Path(__file__).resolve().parents[2]


def migrated_site(folder: Path) -> Installation:
    """A site with its tables, on the kind of database that the tests run on."""
    made = Installation(folder)
    made.environment |= {"DJANGO_SETTINGS_MODULE": "isegoria_web.settings", "PYTHONPATH": str(ROOT)}
    if settings.DATABASES["default"]["ENGINE"].endswith("postgresql"):
        made.environment["DATABASE_URL"] = _fresh_database(os.environ["DATABASE_URL"])
    assert made.run("manage", "migrate", "--verbosity=0", timeout=600).returncode == 0
    return made


def _fresh_database(server: str) -> str:
    name = f"killed_{os.getpid()}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        connection.execute(f"CREATE DATABASE {name}")
    return urlunsplit(urlsplit(server)._replace(path=f"/{name}"))


def python(site: Installation, program: str, *arguments: str) -> subprocess.Popen[bytes]:
    """Start a program that knows the site."""
    return subprocess.Popen(
        [sys.executable, "-c", program, *arguments], env=site.environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )  # fmt: skip


def finished(process: subprocess.Popen[bytes]) -> str:
    """What a program has printed, once it has ended well."""
    out, said = process.communicate(timeout=300)
    assert process.returncode == 0, said.decode()
    return out.decode()
