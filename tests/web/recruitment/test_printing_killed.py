"""Workers that are killed in the middle of the letters: whoever goes on makes the same bytes. On either database."""

from __future__ import annotations

import hashlib
import json
import os
import time

import pytest

from tests.support.installation import Installation
from tests.support.killed import finished, migrated_site, python

LETTERS, PER_FILE = 36, 4
PREPARE = f"""
import json
import django; django.setup()
from isegoria_web.accounts.enums import Role
from isegoria_web.institutions.enums import Stage
from isegoria_web.recruitment import batches
from isegoria_web.recruitment.enums import InvitationStatus
from isegoria_web.recruitment.models import Campaign, Invitation
from tests.web import factories
institution = factories.make_institution()
factories.make_letters(factories.make_cycle(institution, Stage.INVITING), {LETTERS})
Invitation.objects.update(status=InvitationStatus.CREATED, secret_hash="")
for number, language in ((5, "fr"), (6, "nl"), (7, "en"), (8, "fr")):
    Invitation.objects.filter(position=number).update(language=language)
actor = factories.actor(institution, Role.SECRETARIAT)
batches.start_printing(actor=actor, campaign=Campaign.objects.get(), wave=1, per_file={PER_FILE})
"""
KEEP = """
import json
import django; django.setup()
from isegoria_web.recruitment.models import Printing
printing = Printing.objects.get()
print(json.dumps({"key": printing.key, "planned": list(printing.batches.values("number", "language", "letters", "planned"))}))
"""
BACK = """
import json, sys
import django; django.setup()
from isegoria_web.recruitment.enums import InvitationStatus, PrintingStatus
from isegoria_web.recruitment.models import Batch, Invitation, Printing
kept = json.loads(sys.argv[1])
printing = Printing.objects.get()
printing.batches.all().delete()
Invitation.objects.update(status=InvitationStatus.CREATED, secret_hash="")
Printing.objects.update(key=kept["key"], status=PrintingStatus.WAITING, ended_at=None)
Batch.objects.bulk_create(Batch(printing=printing, **each) for each in kept["planned"])
"""
WORK = """
import django; django.setup()
from isegoria_web.recruitment.jobs import print_letters_of
from isegoria_web.recruitment.models import Printing
print_letters_of.func(Printing.objects.get().pk)
"""
TOLD = """
import json
import django; django.setup()
from isegoria_web.journal.enums import Action
from isegoria_web.journal.models import Entry
from isegoria_web.recruitment.models import Batch, Invitation, Printing
printing = Printing.objects.get()
batches = Batch.objects.all()
print(json.dumps({
    "status": printing.status, "key": printing.key,
    "files": sorted(name for batch in batches for name in (batch.pdf.name, batch.addresses.name)),
    "hashes": [[batch.pdf_sha256, batch.addresses_sha256] for batch in batches],
    "sent": Invitation.objects.filter(status="sent").exclude(secret_hash="").count(),
    "journal": Entry.objects.filter(action=Action.LETTERS_PRINTED).count(),
}))
"""


@pytest.fixture
def site(tmp_path) -> Installation:
    return migrated_site(tmp_path / "var")


def files(site: Installation) -> dict[str, str]:
    """Name and hash of every file of letters that lies on the disk."""
    folder = site.folder / "files"
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.glob("letters/*/*")
    }


def killed_once_there_are(site: Installation, count: int) -> None:
    worker = python(site, WORK)
    deadline = time.monotonic() + 240
    while len(list((site.folder / "files").glob("letters/*/*"))) < count:
        assert worker.poll() is None, worker.stderr.read().decode()
        assert time.monotonic() < deadline, "waited too long"
        time.sleep(0.0005)
    os.kill(worker.pid, 9)
    worker.communicate()


def test_a_worker_that_is_killed_over_the_letters_leaves_nothing_to_repair(site):
    plan = finished(python(site, PREPARE + KEEP))
    for count in (1, 6, 11):  # an odd number: the addresses of that file were not written yet
        killed_once_there_are(site, count)
    before, told = map(json.loads, finished(python(site, TOLD + WORK + TOLD)).splitlines())
    resumed = files(site)
    assert before["status"] == "running"
    assert (told["status"], told["key"], told["sent"], told["journal"]) == ("done", "", LETTERS, 1)
    assert sorted(resumed) == told["files"], "nothing lies about that nobody knows of"
    assert (
        len({name for name in resumed if name.endswith(".pdf")})
        == len(told["hashes"])
        >= LETTERS // PER_FILE
    )

    again = json.loads(finished(python(site, BACK + WORK + TOLD, plan)))
    assert files(site) == resumed, "never interrupted, and the same to the byte"
    assert again["hashes"] == told["hashes"]
