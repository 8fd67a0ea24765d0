"""The journal leaves the house: signed, and appended to files that others mirror."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings

from isegoria_web import clock
from isegoria_web.journal import algorithms, services
from isegoria_web.journal.errors import ExportDiffers
from isegoria_web.journal.models import Chain
from isegoria_web.operations.diagnosis import Fault, also_asked
from isegoria_web.scheduler import due, each

EVERY = timedelta(minutes=10)
BEHIND = timedelta(hours=1)


@due(every=EVERY)
def sign_and_export() -> int:
    """Sign every journal that grew, append what is new to the files, and return how many entries were new.

    Without a key the files are written all the same, unsigned; the doctor names what is missing. One journal
    that cannot be written keeps no other one waiting.
    """
    chains = list(Chain.objects.order_by("pk"))
    return sum(each(chains, _sign_and_export, failing="journals that could not be signed or exported"))


def _sign_and_export(chain: Chain) -> int:
    if algorithms.is_key(settings.JOURNAL_KEY):
        services.sign_checkpoint(chain=chain)
    return services.write_export(chain=chain, folder=settings.JOURNAL_EXPORT)


@also_asked
def journal_key() -> Fault | None:
    """Whoever keeps a mirror must be able to tell whose journal it is."""
    if algorithms.is_key(settings.JOURNAL_KEY):
        return None
    given = f"{len(settings.JOURNAL_KEY)} characters" if settings.JOURNAL_KEY else "not set"
    return Fault(
        "journal_key",
        f"ISEGORIA_JOURNAL_KEY is {given}: the journal is not signed.",
        "Set it to 64 hexadecimal digits: python3 -c 'import secrets; print(secrets.token_hex(32))'",
    )


@also_asked
def journal_export() -> Fault | None:
    """A journal that stays in the house can be rewritten in the house."""
    for chain in Chain.objects.order_by("pk"):
        try:
            since = services.behind(chain=chain, folder=settings.JOURNAL_EXPORT)
        except ExportDiffers as differs:
            return Fault("journal_export", f"{differs}", "Until then nothing more is exported.")
        except OSError as error:
            return Fault(
                "journal_export",
                f"The export of the journal {chain.name} cannot be read ({type(error).__name__}).",
                f"Give this user the right to read and write {settings.JOURNAL_EXPORT}.",
            )
        if since is not None and clock.now() - since > BEHIND:
            return Fault(
                "journal_export",
                f"The export of the journal {chain.name} lacks entries since {since:%Y-%m-%d %H:%M} UTC.",
                "isegoria manage export_journal; a worker does it every ten minutes (isegoria worker)",
            )
    return None
