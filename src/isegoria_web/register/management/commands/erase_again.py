"""Erases again what a restored backup has brought back."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from isegoria_web.register import certifying


class Command(BaseCommand):
    """Run it after restoring a backup, before the site answers anybody; a second time it finds nothing."""

    help = "Erase again what was erased after the backup was made that has just been restored."

    def add_arguments(self, parser: CommandParser) -> None:
        default = str(settings.ERASURES / certifying.FILE)
        parser.add_argument("list", nargs="?", default=default, help="The list of what was erased.")

    def handle(self, *_args: Any, list: str, **_options: Any) -> None:  # noqa: A002  # the word on the command line
        try:
            done = certifying.erase_again(Path(list))
        except (OSError, ValueError, KeyError) as error:
            raise CommandError(
                f"The list cannot be read ({type(error).__name__}: {error}). Nothing is known to be erased again; "
                "give the list that was kept outside the backup."
            ) from error
        for kind, (erased, waiting) in done.items():
            self.stdout.write(f"{kind}: {erased} erased again, {waiting} still needed")
        if any(waiting for _erased, waiting in done.values()):
            raise CommandError(
                "Some are still needed: they hold a role or a seat in what was restored. End it, then run this again."
            )
