"""Workers that are killed in the middle of a draw, a register or a plan of tables: whoever takes over makes the same.

The processes are those of a live site, on either kind of database.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from pathlib import Path

import pytest

from isegoria import register
from tests.support.installation import Installation
from tests.support.killed import finished, migrated_site, python

PANEL = """
import datetime as dt, random
import django; django.setup()
from isegoria_web import clock
from isegoria_web.accounts.actors import Actor
from isegoria_web.accounts.enums import Role
from isegoria_web.institutions.enums import Stage
from isegoria_web.lottery.jobs import commit_lottery_later
from isegoria_web.lottery.models import Feature, Value
from isegoria_web.lottery.services import freeze_pool
from tests.web import factories
dice, seats = random.Random(7), 20
institution = factories.make_institution()
cycle = factories.make_cycle(institution, Stage.INVITING, panel_size=seats)
sizes = {"sex": 2, "age": 4, "education": 3, "place": 5}
for position, (key, size) in enumerate(sizes.items(), start=1):
    feature = Feature.objects.create(cycle=cycle, key=key, name=factories.texts(key), position=position, source="Test")
    for index in range(size):
        Value.objects.create(feature=feature, key=str(index), name=factories.texts(str(index)), position=index + 1,
            minimum=seats // size - 3, maximum=seats // size + 4)
user = factories.make_user(institution, Role.SECRETARIAT)
people = [{key: str(int(dice.random() ** 1.4 * size)) for key, size in sizes.items()} for _person in range(100)]
draw, _entries = freeze_pool(actor=Actor.of(user), cycle=cycle, entries=people, source=factories.texts("Dice"),
    source_due_at=clock.now() + dt.timedelta(days=3))
commit_lottery_later(actor=Actor.of(user), draw=draw, user=user)
"""
WORKER = """
import time
import django; django.setup()
from isegoria_web.commands.worker import worker
from isegoria_web.lottery import algorithms
def stay(*given):
    print("here", flush=True)
    while True:
        time.sleep(0.1)
algorithms.solve = stay
worker()
"""
WORK = """
import json
import django; django.setup()
from django_tasks_db.models import DBTaskResult
from isegoria_web.lottery.models import DrawRecord
[task] = DBTaskResult.objects.all()
print(json.dumps({"status": task.status, "workers": task.worker_ids, "why": task.traceback,
    "records": DrawRecord.objects.count()}))
"""
UNTIL_DONE = """
import time
import django; django.setup()
from django_tasks_db.models import DBTaskResult
until = time.monotonic() + 300
while DBTaskResult.objects.get().status != "SUCCESSFUL" and time.monotonic() < until:
    time.sleep(0.1)
"""
AN_HOUR_LATER = """
import datetime as dt
import django; django.setup()
from django_tasks_db.models import DBTaskResult
from isegoria_web import clock
from isegoria_web.operations.models import Heartbeat, JobRun
before = clock.now() - dt.timedelta(hours=1)
Heartbeat.objects.update(beat_at=before)
DBTaskResult.objects.filter(status="RUNNING").update(started_at=before)
JobRun.objects.update(started_at=before, finished_at=before)
"""
UNDISTURBED_PANEL = """
import datetime as dt, json
import django; django.setup()
from isegoria_web.lottery import algorithms
from isegoria_web.lottery.models import Draw, DrawRecord
draw, record = Draw.objects.get(), DrawRecord.objects.get()
moment = dt.datetime.fromisoformat(record.commitment["committed_at"])
again, _opening = algorithms.commitment(draw, algorithms.solve(draw), moment)
print(json.dumps([algorithms.dump(again).decode(), algorithms.dump(record.commitment).decode()]))
"""
LETTERS = """
import datetime as dt, itertools, sys
from pathlib import Path
import django; django.setup()
from isegoria import register
from isegoria_web import clock
from isegoria_web.accounts.enums import Role
from isegoria_web.institutions.enums import Stage
from isegoria_web.lottery.services import propose_quotas
from isegoria_web.recruitment import working
from isegoria_web.register.services import load_extract
from tests.web import factories
factories._numbers = itertools.count(1000)  # whom an earlier process made has the first ones
institution = factories.make_institution("lettering")
with clock.at(factories.NOW):
    actor = factories.actor(institution, Role.SECRETARIAT)
    cycle = factories.make_cycle(institution, Stage.INVITING)
    factories.make_features(cycle)
    propose_quotas(actor=actor, cycle=cycle)
    extract = load_extract(actor=actor, institution=institution, path=Path(sys.argv[1]), file_name="register.csv",
        reference_date=dt.date(2027, 1, 1), erase_on=dt.date(2027, 6, 1))
    print(working.ask_for_announcement(actor=actor, cycle=cycle, extract=extract, letters=90, age_min=16,
        reply_by=dt.date(2027, 4, 5), source=factories.texts("Dice"),
        source_due_at=factories.NOW + dt.timedelta(hours=1)).secret)
"""
WORK_ON = """
import datetime as dt, sys, time
import django; django.setup()
from isegoria_web import clock
from isegoria_web.recruitment.jobs import work_on_letters
from isegoria_web.recruitment.models import LetterWork
from isegoria_web.recruitment.working import _InBackground
from tests.web import factories
def stay(course, campaign):
    print("here", flush=True)
    time.sleep(300)
if sys.argv[1] == "stay":
    _InBackground.end = stay
work = LetterWork.objects.get(ended_at=None)
moment = factories.NOW if work.campaign is None else factories.NOW + dt.timedelta(days=20)
with clock.at(moment):
    print(work.status, work_on_letters.func(work.pk))
"""
ANNOUNCED = """
import datetime as dt, itertools, json, sys
import django; django.setup()
from isegoria_web import clock
from isegoria_web.journal.enums import Action
from isegoria_web.journal.models import Entry
from isegoria_web.lottery.algorithms import dump
from isegoria_web.recruitment import algorithms
from isegoria_web.recruitment.course import Course
from isegoria_web.recruitment.models import Campaign
from isegoria_web.recruitment.services import opened_extract
from tests.web import factories
factories._numbers = itertools.count(1500)
told = {"announced": Entry.objects.filter(action=Action.LETTERS_ANNOUNCED).count(), "same": False}
for campaign in Campaign.objects.all():
    made = campaign.draw.record.commitment
    campaign.secret = sys.argv[2]
    with opened_extract(campaign.extract) as extract:
        fixed = algorithms.fixed(campaign, extract, Course())
    again = algorithms.commitment(campaign, fixed, dt.datetime.fromisoformat(made["committed_at"]))
    told["same"] = dump(again) == dump(made)
    with clock.at(factories.NOW + dt.timedelta(hours=1)):
        factories.throw(campaign.draw, "3-1-4")
print(json.dumps(told))
"""
WAVE = """
import datetime as dt, hashlib
import django; django.setup()
from django.db import transaction
from isegoria_web import clock
from isegoria_web.accounts.actors import Actor
from isegoria_web.lottery.algorithms import dump
from isegoria_web.recruitment import waves, working
from isegoria_web.recruitment.models import Campaign, LetterWork
from tests.web import factories
campaign, actor = Campaign.objects.get(), Actor.of(LetterWork.objects.get().by)
campaign.invitations.update(status="sent")
print(hashlib.sha256(dump(waves.published(campaign.draw))).hexdigest())
given = {"letters": 12, "reply_by": dt.date(2027, 5, 1), "reason": factories.texts("Too few said yes.")}
with clock.at(factories.NOW + dt.timedelta(days=20)):
    with transaction.atomic():
        waves.draw_wave(actor=actor, campaign=campaign, **given)
        print(hashlib.sha256(dump(waves.published(campaign.draw))).hexdigest())
        transaction.set_rollback(True)
    working.ask_for_wave(actor=actor, campaign=campaign, **given)
"""
PUBLISHED = """
import hashlib
import django; django.setup()
from isegoria_web.lottery.algorithms import dump
from isegoria_web.recruitment import waves
from isegoria_web.recruitment.models import Campaign
print(hashlib.sha256(dump(waves.published(Campaign.objects.get().draw))).hexdigest())
"""
DRAW_LETTERS = """
import datetime as dt, itertools, sys, time
import django; django.setup()
from isegoria_web import clock, scheduler
from isegoria_web.recruitment import services
from tests.web import factories
def stay(*given):
    invite(*given)
    print("here", flush=True)
    time.sleep(300)
invite = services.invite
if sys.argv[1] == "stay":
    services.invite = stay
scheduler.load()
with clock.at(factories.NOW + dt.timedelta(hours=2)):
    print(scheduler.run_if_due(scheduler.REGISTRY["recruitment.jobs.draw_letters_that_are_known"]))
"""
DRAWN_LETTERS = """
import json
import django; django.setup()
from isegoria_web.journal.enums import Action
from isegoria_web.journal.models import Entry
from isegoria_web.recruitment import algorithms
from isegoria_web.recruitment.models import Campaign, Invitation
from isegoria_web.recruitment.services import opened_extract
from isegoria_web.register.algorithms import pseudonym
campaign = Campaign.objects.get()
found = list(Invitation.objects.order_by("position").values_list("resident__pseudonym", "receipt"))
told = {"letters": len(found), "journal": Entry.objects.filter(action=Action.LETTERS_DRAWN).count(), "same": False}
if found:
    record = campaign.draw.record
    with opened_extract(campaign.extract) as extract:
        rows, document = algorithms.draw(record.commitment, campaign, extract)
        receipts = algorithms.receipts(campaign, extract, document, [row["id"] for row in rows])
    proofs = {each.pop("number"): each for each in receipts}
    institution = campaign.cycle.institution_id
    again = [(pseudonym(institution, row["id"]), proofs[row["id"]]) for row in rows]
    # PostgreSQL keeps no order of keys; the hash in the record does not depend on it.
    same = [json.dumps(each, sort_keys=True) for each in ([again, document], [found, record.document])]
    told["same"] = same[0] == same[1]
print(json.dumps(told))
"""
UPLOAD = """
import datetime as dt, itertools, sys
from pathlib import Path
import django; django.setup()
from django.core.files import File
from isegoria_web import clock
from isegoria_web.accounts.enums import Role
from isegoria_web.register import uploads
from tests.web import factories
factories._numbers = itertools.count(2000)
institution = factories.make_institution("uploading")
actor = factories.actor(institution, Role.SECRETARIAT)
with Path(sys.argv[1]).open("rb") as content:
    uploads.receive(actor=actor, institution=institution, content=File(content), file_name="register.csv",
        ending=".csv", reference_date=dt.date(2027, 1, 1), erase_on=dt.date(2027, 6, 1))
"""
READ = """
import sys, time
import django; django.setup()
from isegoria_web.register import uploads
from isegoria_web.register.jobs import read_upload_of
from isegoria_web.register.models import Upload
def stay(*given):
    print("here", flush=True)
    time.sleep(300)
if sys.argv[1] == "stay":
    uploads._end = stay
print(read_upload_of.func(Upload.objects.get().pk))
"""
SWEEP = """
import django; django.setup()
from isegoria_web.register.jobs import sweep_what_no_row_knows
from isegoria_web.register.models import Extract, Upload
print(sweep_what_no_row_knows(), Extract.objects.filter(institution__slug="uploading").count(), Upload.objects.get().status)
"""
TABLES = """
import itertools
import django; django.setup()
from isegoria_web import clock
from isegoria_web.accounts.enums import Role
from isegoria_web.meetings import searching
from tests.web import factories
factories._numbers = itertools.count(3000)
institution = factories.make_institution("seating")
with clock.at(factories.NOW):
    cycle = factories.make_cycle(institution, panel_size=18)
    factories.make_members(cycle)
    actor = factories.actor(institution, Role.SECRETARIAT)
    searching.start_search(actor=actor, meeting=factories.make_meeting(cycle), seed_text="3-1-4", table_size=5, rounds=4)
"""
SEEK = """
import json, sys, time
import django; django.setup()
from isegoria_web import clock
from isegoria_web.meetings import searching
from isegoria_web.meetings.jobs import search_tables_of
from isegoria_web.meetings.models import TableSearch
from isegoria_web.meetings.services import asked_of
from tests.web import factories
def stay(row, step):
    going_on = show(row, step)
    if step.done == 5:
        print("here", flush=True)
        time.sleep(300)
    return going_on
show = searching._show
if sys.argv[1] == "stay":
    searching._show = stay
with clock.at(factories.NOW):
    found = TableSearch.objects.get()
    before = [found.status, found.step]
    search_tables_of.func(found.pk)
    found.refresh_from_db()
    *_steps, last = asked_of(found.meeting, found.seed, found.table_size, found.rounds).steps()
    print(json.dumps([before, found.status, [found.step, found.seating] == [last.done, last.seating]]))
"""


@pytest.fixture(scope="module")
def site(tmp_path_factory) -> Installation:
    return migrated_site(tmp_path_factory.mktemp("killed") / "var")


@pytest.fixture(scope="module")
def residents(tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("register") / "register.csv"
    register.write(register.synthesize("killed", 900), path)
    return path


def work(site: Installation, *, first: str = "", then: str = "") -> dict[str, object]:
    """How the work stands; what else is asked goes into the same process, for each takes seconds to start."""
    return json.loads(finished(python(site, first + WORK + then)))


def where_it_stays(site: Installation, program: str) -> subprocess.Popen[bytes]:
    """Start a program that stops in the middle of its work, and wait until it is there."""
    process = python(site, program, "stay")
    assert process.stdout is not None
    assert process.stderr is not None
    assert process.stdout.readline() == b"here\n", process.stderr.read().decode()
    return process


def kill(process: subprocess.Popen[bytes]) -> None:
    process.kill()
    process.communicate()


def test_another_worker_takes_over_the_draw_of_a_panel_and_commits_to_the_same(site):
    finished(python(site, PANEL))
    first = where_it_stays(site, WORKER)
    kill(first)
    left = work(site, then=AN_HOUR_LATER)
    [name] = left["workers"]
    assert name.split(":")[1] == str(first.pid)
    assert left == {"status": "RUNNING", "workers": [name], "why": "", "records": 0}
    second = where_it_stays(site, WORKER)  # it finds what the first one left
    for _twice in range(2):  # told to end, it would finish first; told twice, it breaks off
        second.send_signal(signal.SIGTERM)
        time.sleep(0.2)
    second.communicate(timeout=120)
    given_back = work(site)
    assert (given_back["status"], len(given_back["workers"])) == ("READY", 2), (
        "back in the queue, not failed"
    )
    third = site.start("worker")
    try:
        found = work(site, first=UNTIL_DONE)
    finally:
        third.kill()
        third.communicate()
    assert (found["status"], found["records"], len(found["workers"])) == ("SUCCESSFUL", 1, 3), found
    again, committed = json.loads(finished(python(site, UNDISTURBED_PANEL)))
    assert again == committed


def test_letters_are_announced_drawn_and_continued_whole_or_not_at_all_and_the_same_by_whoever_takes_over(
    site, residents
):
    secret = finished(python(site, LETTERS, str(residents))).strip()
    kill(where_it_stays(site, WORK_ON))
    left, went_on, done = finished(
        python(site, ANNOUNCED + WORK_ON + ANNOUNCED, "go on", secret)
    ).splitlines()
    assert json.loads(left) == {"announced": 0, "same": False}
    assert went_on == "running done"
    assert json.loads(done) == {"announced": 1, "same": True}
    kill(where_it_stays(site, DRAW_LETTERS))
    left = json.loads(finished(python(site, DRAWN_LETTERS + AN_HOUR_LATER)))
    assert left == {"letters": 0, "journal": 0, "same": False}
    went_on, done = finished(python(site, DRAW_LETTERS + DRAWN_LETTERS, "go on")).splitlines()
    assert went_on == "True"
    assert json.loads(done) == {"letters": 90, "journal": 1, "same": True}
    before, undisturbed = finished(python(site, WAVE)).split()
    kill(where_it_stays(site, WORK_ON))
    went_on, published = finished(python(site, WORK_ON + PUBLISHED, "go on")).splitlines()
    assert went_on == "running done"
    assert published == undisturbed != before


def test_a_register_whose_reader_was_killed_is_loaded_once_and_no_copy_lies_about(site, residents):
    """The reader is killed after it has stored the file and before that is certain: nobody knows of the copy."""
    folder = site.folder / "files"
    before = set(folder.glob("register/*"))
    finished(python(site, UPLOAD, str(residents)))
    kill(where_it_stays(site, READ))
    orphans = set(folder.glob("register/*")) - before
    assert len(orphans) == 1
    told = finished(python(site, READ + SWEEP, "go on"))
    assert told == "900\n0 1 loaded\n", "what is new may yet belong to somebody"
    for path in folder.glob("register/*"):
        os.utime(path, (time.time() - 7200,) * 2)
    assert finished(python(site, SWEEP)) == "1 1 loaded\n"
    [kept] = set(folder.glob("register/*")) - before
    assert kept not in orphans
    assert kept.read_bytes() == residents.read_bytes()
    assert not list(folder.glob("incoming/*"))


def test_the_tables_that_a_killed_worker_was_planning_are_planned_the_same_by_the_next(site):
    finished(python(site, TABLES))
    kill(where_it_stays(site, SEEK))
    before, status, same = json.loads(finished(python(site, SEEK, "go on")))
    assert (before, status, same) == (["running", 5], "ready", True)
