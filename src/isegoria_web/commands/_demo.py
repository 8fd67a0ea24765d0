"""What `isegoria demo` does: settings of this machine alone, a played cycle, and the pages."""

from __future__ import annotations

import json
import os
import secrets
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import typer

KEYS = "keys.json"
PLAYED = "played"
HOST = "127.0.0.1"


def run(*, port: int, data: Path, check: bool, fresh: bool) -> None:
    """Play the demonstration into a folder if it is not there yet, then check every page or serve them."""
    data = data.resolve()
    if fresh or not (data / PLAYED).exists():
        _throw_away(data)
    data.mkdir(parents=True, exist_ok=True)
    _settle(data, port)
    from isegoria_web.commands import _site, _tree

    _site.set_up()
    if not check:
        _tree.require_free_port(HOST, port)
    if not (data / PLAYED).exists():
        _play(data)
    if check:
        raise typer.Exit(_check_pages())
    _invite(data, port)
    _serve(port)


def _throw_away(data: Path) -> None:
    """Remove what an earlier or interrupted demonstration left, and nothing else."""
    import shutil

    for name in ("isegoria.sqlite3", "isegoria.sqlite3-wal", "isegoria.sqlite3-shm", PLAYED, "logins.json"):
        (data / name).unlink(missing_ok=True)
    for folder in ("files", "journal"):
        shutil.rmtree(data / folder, ignore_errors=True)


def _settle(data: Path, port: int) -> None:
    """Set the environment of this machine's demonstration, with keys of its own."""
    file = data / KEYS
    if not file.exists():
        file.touch(mode=0o600)
        keys = [secrets.token_urlsafe(50), secrets.token_urlsafe(50), secrets.token_hex(32)]
        file.write_text(json.dumps(keys), "utf-8")
    secret_key, pseudonym_key, *journal_key = json.loads(file.read_text("utf-8"))
    os.environ.update(
        DJANGO_SETTINGS_MODULE="isegoria_web.settings",
        ISEGORIA_SECRET_KEY=secret_key,
        ISEGORIA_PSEUDONYM_KEY=pseudonym_key,
        ISEGORIA_JOURNAL_KEY="".join(journal_key),  # a folder of an earlier version has none
        ISEGORIA_JOURNAL_EXPORT=str(data / "journal"),
        ISEGORIA_DATA=str(data),
        ISEGORIA_DEBUG="0",
        ISEGORIA_HTTPS="0",
        ISEGORIA_HOSTS=f"{HOST},localhost,testserver",
        ISEGORIA_BASE_URL=f"http://{HOST}:{port}",
        ISEGORIA_LOG_LEVEL="WARNING",
        DATABASE_URL="",
    )


def _play(data: Path) -> None:
    from django.core.management import call_command

    from isegoria_web.demo import algorithms, people, player, story

    started = time.monotonic()

    def say(line: str) -> None:
        typer.echo(f"{time.monotonic() - started:6.1f} s  {line}")

    say("Preparing the database")
    call_command("migrate", verbosity=0)
    call_command("collectstatic", verbosity=0, interactive=False)
    say("Inventing a register of 79,479 residents")
    register_file = data / "register.csv"
    algorithms.write_register(register_file)
    player.play(story.read(), algorithms.rule_book_text(), register_file, say)
    people.set_passwords(data / "logins.json")
    (data / PLAYED).touch()
    say("Played")


def _check_pages() -> int:
    """Request every page once, as everybody who may see it, and say how many were good."""
    from isegoria_web.demo import pages

    good, faults = pages.request_all()
    for fault in faults:
        typer.echo(f"FAILED  {fault}", err=True)
    typer.echo(f"{good} pages ok")
    return 1 if faults else 0


def _invite(data: Path, port: int) -> None:
    from isegoria_web.demo import people

    address = f"http://{HOST}:{port}"
    typer.echo(f"\nOpen {address}/  – and to see it as somebody, sign in at {address}/en/account/login/\n")
    for login in people.set_passwords(data / "logins.json"):
        typer.echo(f"  {login.role:22} {login.email:36} {login.password}")
    for line in _letters():
        typer.echo(line)
    typer.echo("\nCtrl-C ends it. It is a demonstration: the people are invented.\n")


def _letters() -> Iterator[str]:
    from isegoria_web.recruitment.models import Batch

    waiting = Batch.objects.filter(printing__wave__campaign__closed_at__isnull=True).exclude(pdf="")
    for batch in waiting.order_by("-printing", "number")[:1]:
        yield f"\nYou were drawn, too: letters with their codes are in {batch.pdf.path}"


def _serve(port: int) -> None:
    from isegoria_web.commands import _tree

    sys.stdout.flush()
    raise typer.Exit(_tree.run(host=HOST, port=port, workers=1, threads=4, ready=lambda: None))
