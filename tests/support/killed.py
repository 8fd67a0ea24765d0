"""Programs of a live site that are started to be killed, and a database of their own on either server."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from django.conf import settings

from tests.support import migrated
from tests.support.installation import Installation

ROOT = Path(__file__).resolve().parents[2]


def migrated_site(folder: Path) -> Installation:
    """A site with its tables, on the kind of database that the tests run on."""
    made = Installation(folder)
    made.environment |= {"DJANGO_SETTINGS_MODULE": "isegoria_web.settings", "PYTHONPATH": str(ROOT)}
    if settings.DATABASES["default"]["ENGINE"].endswith("postgresql"):
        made.environment["DATABASE_URL"] = migrated.create_postgresql(f"killed_{os.getpid()}")
    else:
        migrated.install(made)
    return made


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
