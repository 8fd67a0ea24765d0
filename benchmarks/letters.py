"""Letters for the mail house: how long 10,000 take, codes, QR squares, addresses, files and database included.

    python benchmarks/letters.py [LETTERS]

Beside it stands what cannot be undercut with this typesetter: the same pages with an empty square, in the same
processes, without codes, addresses, files or a database. Results: benchmarks/results/letters.json, told in docs/letters.md.
"""

from __future__ import annotations

import json
import os
import resource
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

RESULTS = Path(__file__).parent / "results" / "letters.json"
SPOKEN = ("de", "fr", "nl", "en")
EMPTY = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 37 37"/>'


def main(count: int) -> None:
    """Print letters into files in a fresh site, and say what it took."""
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
    with tempfile.TemporaryDirectory() as folder:
        os.environ |= {
            "ISEGORIA_DEBUG": "1", "ISEGORIA_DATA": folder, "DATABASE_URL": "",
            "DJANGO_SETTINGS_MODULE": "isegoria_web.settings",
        }  # fmt: skip
        import django  # noqa: PLC0415

        django.setup()
        from django.conf import settings  # noqa: PLC0415
        from django.core.management import call_command  # noqa: PLC0415

        settings.DEBUG = False
        call_command("migrate", verbosity=0)
        told = measured(count)
    RESULTS.write_text(json.dumps(told, indent=2) + "\n")
    print(json.dumps(told, indent=2))


def measured(count: int) -> dict[str, Any]:
    """Return seconds and bytes of a printing, and of the bare pages."""
    from isegoria_web.recruitment import batches  # noqa: PLC0415

    campaign, actor = letters_to_print(count)
    began, cpu = time.perf_counter(), cpu_seconds()
    printing = batches.start_printing(actor=actor, campaign=campaign, wave=1)
    planned, used = time.perf_counter() - began, cpu_seconds() - cpu
    work = [batches._work_of(printing, batch).data for batch in printing.batches.select_related("text")]  # noqa: SLF001
    again, cpu = time.perf_counter(), cpu_seconds()
    batches.print_batches(actor=actor, printing=printing)
    seconds, busy = time.perf_counter() - again + planned, cpu_seconds() - cpu + used
    made = list(printing.batches.all())
    assert sum(batch.letters for batch in made) == count  # noqa: S101
    return {
        "letters": count,
        "files": len(made),
        "seconds": round(seconds, 1),
        "cpu_seconds": round(busy, 1),
        "seconds_of_the_bare_pages": round(bare(work), 1),
        "megabytes": round(sum(batch.pdf.size for batch in made) / 1e6, 1),
        "largest_process_mib": resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024,
        "cores": os.cpu_count(),
        "load_of_the_machine": round(os.getloadavg()[0], 1),
    }


def cpu_seconds() -> float:
    """Return what this process and those it started have used."""
    found = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(each.ru_utime + each.ru_stime for each in found)


def bare(work: list[bytes]) -> float:
    """Return the seconds that the pages alone take, with an empty square, in as many processes."""
    import subprocess  # noqa: PLC0415

    program = (
        "import sys, json\n"
        "from isegoria_web.recruitment import typesetting\n"
        f"typesetting.qr_square = lambda _address: {EMPTY!r}\n"
        "typesetting.typeset(json.load(sys.stdin.buffer), 'pdf')\n"
    )
    began = time.perf_counter()
    with ThreadPoolExecutor(max_workers=os.cpu_count()) as pool:
        runs = pool.map(
            lambda data: subprocess.run([sys.executable, "-c", program], input=data, check=True), work
        )
        list(runs)
    return time.perf_counter() - began


def letters_to_print(count: int) -> tuple[Any, Any]:
    """Make a campaign whose letters are drawn and not printed."""
    from tests.web import factories  # noqa: PLC0415

    import answers  # noqa: PLC0415
    from isegoria_web.accounts.enums import Role  # noqa: PLC0415
    from isegoria_web.institutions.enums import Stage  # noqa: PLC0415
    from isegoria_web.recruitment.enums import InvitationStatus  # noqa: PLC0415
    from isegoria_web.recruitment.models import Campaign, Invitation  # noqa: PLC0415
    from isegoria_web.register.models import Resident  # noqa: PLC0415

    institution = factories.make_institution()
    factories.make_letters(factories.make_cycle(institution, Stage.INVITING), 1)
    campaign = Campaign.objects.get()
    Invitation.objects.all().delete()
    Resident.objects.all().delete()
    answers._letters(campaign, count)  # noqa: SLF001
    Invitation.objects.update(status=InvitationStatus.CREATED, secret_hash="")
    for place, language in enumerate(SPOKEN):
        Invitation.objects.filter(position__gt=count * place // len(SPOKEN)).update(language=language)
    return campaign, factories.actor(institution, Role.SECRETARIAT)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000)
