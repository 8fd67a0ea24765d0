"""Workers that are killed in the middle of the mail, with production settings and an encrypted connection."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.support import migrated
from tests.support.installation import Installation
from tests.support.mail_server import mail_server, make_certificate

pytestmark = pytest.mark.once

ROOT = Path(__file__).resolve().parents[3]
LETTERS = 60
PREPARE = f"""
import django; django.setup()
from isegoria_web.accounts.enums import Role
from isegoria_web.institutions.enums import Stage
from isegoria_web.recruitment import mailing
from isegoria_web.recruitment.enums import ByEmail
from isegoria_web.recruitment.models import Campaign
from isegoria_web.register.models import Resident
from tests.web import factories
institution = factories.make_institution()
factories.make_letters(factories.make_cycle(institution, Stage.INVITING), {LETTERS})
for each in Resident.objects.all():
    each.email = f"r{{each.pk}}@example.org"; each.save()
campaign, actor = Campaign.objects.get(), factories.actor(institution, Role.SECRETARIAT)
mailing.decide_correspondence(actor=actor, campaign=campaign, by_email=ByEmail.BESIDE)
mailing.invite_by_email(actor=actor, campaign=campaign)
"""
SEND = """
import sys, datetime as dt
import django; django.setup()
from isegoria_web import clock
from isegoria_web.recruitment import mailing
later = dt.timedelta(minutes=20 * int(sys.argv[1]))
with clock.at(dt.datetime.now(dt.UTC) + later):
    mailing.send_due()
"""


@pytest.fixture
def site(tmp_path) -> Installation:
    made = Installation(tmp_path / "var")
    made.environment |= {
        "DJANGO_SETTINGS_MODULE": "isegoria_web.settings", "PYTHONPATH": str(ROOT),
    }  # fmt: skip
    migrated.install(made)
    return made


def python(site: Installation, program: str, *arguments: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-c", program, *arguments], env=site.environment, stderr=subprocess.PIPE
    )


def finished(process: subprocess.Popen[bytes]) -> None:
    _out, said = process.communicate(timeout=120)
    assert process.returncode == 0, said.decode()


def statuses(site: Installation) -> dict[str, int]:
    with sqlite3.connect(site.folder / "isegoria.sqlite3") as database:
        return dict(database.execute("SELECT status, count(*) FROM recruitment_message GROUP BY status"))


def test_workers_that_are_killed_make_nobody_get_two_and_nobody_be_forgotten(site, tmp_path):
    certificate = make_certificate(tmp_path)
    with mail_server(certificate) as server:
        server.slow = 0.01
        site.environment |= {
            "ISEGORIA_SMTP_URL": f"smtp://127.0.0.1:{server.port}", "SSL_CERT_FILE": str(certificate[0]),
            "ISEGORIA_BOUNCE_ADDRESS": "bounces@panel.example.org",
        }  # fmt: skip
        finished(python(site, PREPARE))
        kills = (8, 20, 31, 45)
        for number, enough in enumerate(kills):
            worker = python(site, SEND, str(number))
            deadline = time.monotonic() + 60
            while len(server.taken) < enough:
                assert worker.poll() is None, worker.stderr.read().decode()
                assert time.monotonic() < deadline, "waited too long"
                time.sleep(0.001)
            os.kill(worker.pid, 9)
            worker.communicate()
        assert statuses(site).get("sent", 0) < LETTERS
        finished(python(site, SEND, str(len(kills))))
        finished(python(site, SEND, str(len(kills) + 1)))
        found = statuses(site)
        assert set(found) <= {"sent", "in_doubt"}
        assert found.get("in_doubt", 0) <= len(kills)
        assert sum(found.values()) == LETTERS
        assert len(server.recipients) == len(set(server.recipients))
        assert LETTERS - found.get("in_doubt", 0) <= len(server.recipients) <= LETTERS
        assert {sender.partition("+")[0] for sender, _to, _mail in server.taken} == {"bounces"}


def test_a_server_with_a_certificate_of_somebody_else_gets_no_mail(site, tmp_path):
    with mail_server(make_certificate(tmp_path)) as server:
        site.environment["ISEGORIA_SMTP_URL"] = f"smtp://127.0.0.1:{server.port}"
        finished(python(site, PREPARE))
        refused = python(site, SEND, "0")
        assert b"ServerGone" in refused.communicate(timeout=60)[1]
        assert (statuses(site), server.taken) == ({"queued": LETTERS}, [])
