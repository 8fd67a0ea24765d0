"""Signs and exports every journal now, for those who do not want to wait for the worker."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from isegoria_web.journal import algorithms, services
from isegoria_web.journal.errors import ExportDiffers, JournalBroken, NoKey
from isegoria_web.journal.models import Chain


class Command(BaseCommand):
    """Writes to the folder of the export, or to another one: a disk that is carried away."""

    help = "Sign the journals and append what is new to their files."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--to", default=str(settings.JOURNAL_EXPORT), help="Folder to write to.")

    def handle(self, *_args: Any, to: str, **_options: Any) -> None:
        if not algorithms.is_key(settings.JOURNAL_KEY):
            self.stderr.write(f"warning: {NoKey()} Nothing is signed.")
        for chain in Chain.objects.order_by("pk"):
            try:
                if algorithms.is_key(settings.JOURNAL_KEY):
                    services.sign_checkpoint(chain=chain)
                new = services.write_export(chain=chain, folder=Path(to))
            except (ExportDiffers, JournalBroken, OSError) as error:
                raise CommandError(str(error)) from error
            self.stdout.write(f"{Path(to) / chain.name}: {new} new entries")
