"""Writes a backup that can be taken while the site runs."""

from __future__ import annotations

import os
import subprocess
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection

from isegoria_web import clock, environment


class Command(BaseCommand):
    """One file for the database, one for the documents, named by the moment in UTC."""

    help = "Write the database and the documents into the folder for backups."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--to", default=environment.read("ISEGORIA_BACKUPS"), help="Folder to write to."
        )

    def handle(self, *_args: Any, to: str, **_options: Any) -> None:
        if not to:
            raise CommandError("No folder is named. Set ISEGORIA_BACKUPS, or give --to FOLDER.")
        folder = Path(to)
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        stem = f"isegoria-{clock.now():%Y%m%dT%H%M%SZ}"
        for path in (_database(folder / stem), _documents(folder / f"{stem}.files.tar.gz")):
            self.stdout.write(f"{path} ({path.stat().st_size} bytes)")


def _database(stem: Path) -> Path:
    if connection.vendor == "sqlite":
        path = stem.with_name(f"{stem.name}.sqlite3")
        with _whole(path) as part, connection.cursor() as cursor:
            cursor.execute("VACUUM INTO %s", [str(part)])
        return path
    path = stem.with_name(f"{stem.name}.pgdump")
    with _whole(path) as part:
        _pg_dump(part)
    return path


def _pg_dump(path: Path) -> None:
    given = connection.settings_dict
    names = {
        "PGHOST": "HOST",
        "PGPORT": "PORT",
        "PGUSER": "USER",
        "PGPASSWORD": "PASSWORD",
        "PGDATABASE": "NAME",
    }
    place = {variable: str(given[key]) for variable, key in names.items() if given[key]}
    try:
        subprocess.run(  # noqa: S603  # our own words and our own settings
            ["pg_dump", "--format=custom", "--no-password", f"--file={path}"],  # noqa: S607  # the system's own
            env={**os.environ, **place},
            check=True,
        )
    except (OSError, subprocess.CalledProcessError) as error:
        raise CommandError(
            f"pg_dump did not write the backup ({type(error).__name__}). "
            "Install postgresql-client of the server's version, or back up on the server."
        ) from error


def _documents(path: Path) -> Path:
    with _whole(path) as part, tarfile.open(part, "w:gz") as archive:
        if settings.MEDIA_ROOT.is_dir():
            archive.add(settings.MEDIA_ROOT, arcname="files")
    return path


@contextmanager
def _whole(path: Path) -> Iterator[Path]:
    """Write beside the file and rename at the end, so that half a backup never looks like one."""
    part = path.with_name(f".{path.name}.part")
    part.unlink(missing_ok=True)
    try:
        yield part
        part.chmod(0o600)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
