"""How an institution begins to work, and the pause that it keeps before elections."""

from __future__ import annotations

import datetime as dt
from hashlib import sha256

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from isegoria_web import clock
from isegoria_web.accounts.actors import Actor
from isegoria_web.accounts.enums import Role
from isegoria_web.errors import NotAllowed
from isegoria_web.institutions import beginning, elections
from isegoria_web.institutions.enums import ElectionKind, Stage, Status
from isegoria_web.institutions.errors import (
    ElectionEntered,
    ElectionOver,
    FundingEndsBeforeItBegins,
    NotAtWork,
    PauseBeforeElection,
    SomethingMissing,
    WrongStatus,
)
from isegoria_web.institutions.jobs import note_pauses_before_elections
from isegoria_web.institutions.models import Election, Funding
from isegoria_web.journal.enums import Action
from isegoria_web.journal.models import Entry
from isegoria_web.journal.services import record
from isegoria_web.meetings.services import call_meeting
from isegoria_web.web.backoffice.steps import status_tasks
from tests.web import acts, factories
from tests.web.factories import texts
from tests.web.institutions.test_services import begin, found

pytestmark = pytest.mark.django_db
POLL = dt.date(2027, 10, 10)
CHANGED = "These are not the words that were entered"
PAUSE = dt.date(2027, 4, 10)  # six months before, by the rule book of the tests


def pay(actor, institution, **more):
    told = {
        "line": "Art. 01.02",
        "source": "Parliament",
        "euros_a_year": 150_000,
        "starts_on": dt.date(2027, 1, 1),
    }
    return beginning.name_funding(actor=actor, institution=institution, **(told | more))


def enter(actor, institution, held_on=POLL, kind=ElectionKind.REGIONAL, source="Decree of 4 May"):
    return elections.enter_election(
        actor=actor, institution=institution, kind=kind, held_on=held_on, source=source
    )


def status_of(institution):
    institution.refresh_from_db()
    return Status(institution.status)


def meet(actor, cycle, day, time_=dt.time(10)):
    starts = dt.datetime.combine(day, time_, dt.UTC)
    return call_meeting(
        actor=actor, cycle=cycle, title=texts("One"), place="Hall", items=[],
        starts_at=starts, ends_at=starts + dt.timedelta(hours=1),
    )  # fmt: skip


# -- its money and its first people ------------------------------------------------------------------------
def test_an_institution_works_once_its_money_and_its_first_people_are_named():
    institution = found(Actor.system())
    assert status_of(institution) == Status.ADOPTED
    pay(Actor.system(), institution)
    assert status_of(institution) == Status.ADOPTED  # nobody is its secretariat
    secretariat = factories.actor(institution, Role.SECRETARIAT)
    with pytest.raises(NotAtWork):
        begin(secretariat, institution)
    with pytest.raises(SomethingMissing) as refused:
        beginning.begin_work(actor=secretariat, institution=institution)
    assert [each.guard.id for each in refused.value.missing] == ["authority.named"]
    assert status_of(institution) == Status.ADOPTED  # all of it, or nothing
    factories.actor(institution, Role.AUTHORITY)
    beginning.begin_work(actor=secretariat, institution=institution)
    assert status_of(institution) == Status.OPERATING
    assert acts.entry(institution, Action.INSTITUTION_BEGAN).facts == {"funding": 1}
    assert begin(secretariat, institution).number == 1
    with pytest.raises(WrongStatus):
        beginning.begin_work(actor=secretariat, institution=institution)


def test_who_is_paid_is_public_and_a_later_line_takes_the_place_of_an_earlier_one(
    institution, secretariat, client
):
    pay(secretariat, institution)
    pay(secretariat, institution, line="Art. 07.01", ends_on=dt.date(2030, 12, 31))
    assert [each.facts["funding"] for each in acts.entries(institution, Action.FUNDING_NAMED)] == [1, 2]
    shown = client.get(f"/en/{institution.slug}/rules/").content.decode()
    assert "Art. 07.01" in shown
    assert "Art. 01.02" not in shown
    (told,) = client.get("/api/v1/institutions").json()
    assert [each["line"] for each in told["funding"]] == ["Art. 01.02", "Art. 07.01"]
    with pytest.raises(FundingEndsBeforeItBegins):
        pay(secretariat, institution, ends_on=dt.date(2026, 1, 1))
    with pytest.raises(IntegrityError), transaction.atomic():
        Funding.objects.filter(number=1).update(source="")


def test_the_journal_keeps_the_hashes_of_line_and_source_and_a_later_change_is_seen(
    institution, secretariat, client
):
    made = pay(secretariat, institution, source=" Parliament\n")
    assert made.source == "Parliament"
    facts = acts.entry(institution, Action.FUNDING_NAMED).facts
    assert facts["line_sha256"] == sha256(b"Art. 01.02").hexdigest()
    assert facts["source_sha256"] == sha256(b"Parliament").hexdigest()
    enter(secretariat, institution)
    client.force_login(secretariat.user)
    pages = [f"/en/{institution.slug}/{page}" for page in ("rules/", "office/status/")]
    elections_page = f"/en/{institution.slug}/office/elections/"
    for page in (*pages, elections_page):
        answer = client.get(page)
        assert answer.status_code == 200
        assert CHANGED not in answer.content.decode()
    Funding.objects.update(source="Ministry")
    for page in pages:
        assert client.get(page).content.decode().count(CHANGED) == 1
    Election.objects.update(source="https://example.org/other")
    assert elections.source_changed(Election.objects.get())
    for page in pages:
        assert client.get(page).content.decode().count(CHANGED) == 2
    assert CHANGED in client.get(elections_page).content.decode()


def test_words_of_another_institution_or_of_an_older_entry_are_not_compared(institution, secretariat):
    elsewhere = factories.make_institution("elsewhere")
    pay(secretariat, institution)
    other = pay(factories.actor(elsewhere, Role.SECRETARIAT), elsewhere, source="Council")
    assert not beginning.funding_changed(other)
    older = Funding.objects.create(
        institution=institution, number=7, line="A", source="B", euros_a_year=1, starts_on=dt.date(2027, 1, 1),
        named_at=clock.now(),
    )  # fmt: skip
    record(
        actor=secretariat, institution=institution, action=Action.FUNDING_NAMED, subject=institution,
        facts={"funding": 7},
    )  # fmt: skip
    assert not beginning.funding_changed(older)


@pytest.mark.parametrize("words", ["", "  ", "\n\t", "x" * 301])
def test_no_money_and_no_day_of_election_without_a_source_and_nothing_is_written_then(
    institution, secretariat, words
):
    before = Entry.objects.count()
    refused = [
        lambda: pay(secretariat, institution, line=words),
        lambda: pay(secretariat, institution, source=words),
        lambda: enter(secretariat, institution, source=words),
    ]
    for act in refused:
        with pytest.raises(ValidationError):
            act()
    assert Entry.objects.count() == before
    assert not Funding.objects.exists()
    assert not Election.objects.exists()


def test_who_founds_has_no_say_in_the_money_of_what_works(institution):
    acts.only(
        institution, Role.SECRETARIAT, Role.AUTHORITY, act=lambda actor: pay(actor, institution),
        also_refused=(Actor.system(),),
    )  # fmt: skip


# -- elections -----------------------------------------------------------------------------------------------
def test_in_the_pause_before_an_election_nobody_is_convened_and_the_rule_is_named(institution, secretariat):
    cycle = factories.make_cycle(institution, Stage.LEARNING)
    enter(secretariat, institution)
    one = dt.timedelta(days=1)
    meet(secretariat, cycle, PAUSE - one)
    for day in (PAUSE, POLL):
        with pytest.raises(PauseBeforeElection, match=r"blackout\.months_before_election, ostbelgien 1"):
            meet(secretariat, cycle, day)
    with pytest.raises(PauseBeforeElection):  # it ends after midnight, where the institution is
        meet(secretariat, cycle, PAUSE - one, dt.time(21, 30))
    meet(secretariat, cycle, POLL + one)
    council = institution.cycles.get()
    council.body = institution.bodies.get(key="council")  # which the rule does not stop
    meet(secretariat, council, PAUSE)


def test_an_election_is_entered_once_and_withdrawn_in_public(institution, secretariat):
    cycle = factories.make_cycle(institution, Stage.LEARNING)
    made = enter(secretariat, institution)
    with pytest.raises(ElectionEntered):
        enter(secretariat, institution)
    with pytest.raises(ElectionOver):
        enter(secretariat, institution, held_on=dt.date(2027, 2, 1))
    elections.withdraw_election(actor=secretariat, election=made)
    with pytest.raises(ElectionOver):
        elections.withdraw_election(actor=secretariat, election=made)
    meet(secretariat, cycle, PAUSE)
    again = enter(secretariat, institution)
    assert (again.number, len(elections.pauses(institution))) == (2, 1)
    facts = {"election": 1, "kind": "regional", "held_on": "2027-10-10", "rules": {"held_on": "authority"}}
    entered, withdrawn = (
        acts.entries(institution, action)[0].facts
        for action in (Action.ELECTION_ENTERED, Action.ELECTION_WITHDRAWN)
    )
    assert entered == facts | {"source_sha256": sha256(b"Decree of 4 May").hexdigest()}
    assert withdrawn == facts
    with pytest.raises(IntegrityError), transaction.atomic():
        Election.objects.filter(number=2).update(source="")


def test_only_secretariat_and_authority_enter_elections(institution):
    acts.only(
        institution, Role.SECRETARIAT, Role.AUTHORITY, act=lambda actor: enter(actor, institution),
        also_refused=(Actor.system(),),
    )  # fmt: skip


def test_on_its_first_day_the_pause_is_told_once_and_the_authority_is_asked_to_suspend(
    institution, secretariat
):
    only_assembly = '\n[blackout]\nmonths_before_election = 6\nbodies = ["assembly"]\n'
    version = institution.rule_books.get()
    enter(secretariat, institution)
    with clock.at(dt.datetime.combine(PAUSE, dt.time(), dt.UTC) - dt.timedelta(hours=3)):
        assert note_pauses_before_elections() == 0  # it is 23:00 the day before
    with clock.at(dt.datetime.combine(PAUSE, dt.time(), dt.UTC)):
        assert note_pauses_before_elections() == 1
        assert note_pauses_before_elections() == 0
        assert acts.entry(institution, Action.PAUSE_BEGAN).facts["bodies"] == ["assembly"]
        assert list(status_tasks(institution)) == []  # the council works on
        assert only_assembly in version.text
        version.text = version.text.replace(
            only_assembly, only_assembly.replace('bodies = ["assembly"]\n', "")
        )
        version.save()
        (task,) = status_tasks(institution)
        assert (task.page, task.args, task.when) == ("status_change", ("suspend",), PAUSE)
    with pytest.raises(NotAllowed):
        elections.note_pauses(actor=secretariat)
