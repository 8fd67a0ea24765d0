"""What the commands of the site share: Django set up, the data folder there, the essentials checked."""

from __future__ import annotations

import os
from typing import Any

import typer


def set_up() -> Any:
    """Load Django and return its settings; files that follow are readable for this user alone."""
    import django
    from django.conf import settings
    from django.core.exceptions import ImproperlyConfigured

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "isegoria_web.settings")
    os.umask(0o077)
    try:
        django.setup()
    except (ImproperlyConfigured, ValueError) as error:
        refuse(str(error), "Compare the environment variables with docs/settings.md.")
    settings.DATA_DIR.mkdir(mode=0o700, parents=True, exist_ok=True)
    return settings


def require_essentials() -> None:
    """Leave with exit code 2 where a system check finds an error or the tables are not up to date."""
    from django.core.checks import ERROR, run_checks

    from isegoria_web.operations import diagnosis

    for message in run_checks():
        if message.level >= ERROR:
            refuse(str(message.msg), message.hint or "")
    for question in (diagnosis.database, diagnosis.migrations):
        fault = question()
        if fault is not None:
            refuse(fault.problem, fault.way_out)


def refuse(problem: str, way_out: str) -> None:
    """Say what is wrong and how to repair it, and leave with exit code 2."""
    typer.echo(f"error: {problem} {way_out}".rstrip(), err=True)
    raise typer.Exit(2)
