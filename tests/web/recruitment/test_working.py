"""Letters of a large register: announced, drawn and continued in the background; nothing counts before all of it is done."""

import datetime as dt
from pathlib import Path

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from isegoria_web import clock, scheduler
from isegoria_web.accounts.enums import Role
from isegoria_web.errors import NotAllowed
from isegoria_web.journal.enums import Action
from isegoria_web.lottery.enums import DrawStatus
from isegoria_web.recruitment import algorithms, jobs, services, working
from isegoria_web.recruitment.enums import InvitationStatus, WorkKind, WorkStatus
from isegoria_web.recruitment.errors import (
    ChosenLettersWrong,
    DrawGoesOn,
    LettersUnderWay,
    LetterWorkOver,
    WaveDrawnMeanwhile,
)
from isegoria_web.recruitment.models import Campaign, LetterWork
from isegoria_web.recruitment.waves import draw_wave, published
from isegoria_web.register.services import erase_extract
from tests.web import acts, factories
from tests.web.backoffice import support
from tests.web.factories import NOW, texts

pytestmark = pytest.mark.django_db

DUE = NOW + dt.timedelta(hours=2)
LATER = DUE + dt.timedelta(days=20)
REPLY_BY = dt.date(2027, 5, 1)
WAVE = {"letters": 5, "reply_by": REPLY_BY, "reason": texts("Fewer people said yes than the quotas need.")}
CLOCK = "recruitment.jobs.draw_letters_that_are_known"


@pytest.fixture
def asked(secretariat, cycle, extract):
    """What letters are announced with."""
    return {
        "actor": secretariat, "cycle": cycle, "extract": extract, "letters": 9, "age_min": 16,
        "reply_by": dt.date(2027, 4, 5), "source": texts("Dice"), "source_due_at": DUE,
    }  # fmt: skip


@pytest.fixture
def known(asked) -> Campaign:
    """Letters whose randomness is known."""
    campaign = services.announce_letters(**asked)
    with clock.at(DUE):
        factories.throw(campaign.draw, "3-1-4")
    return campaign


@pytest.fixture
def every_register_is_large(monkeypatch):
    monkeypatch.setattr(working, "AT_ONCE", 0)
    monkeypatch.setattr(working, "ROWS_BETWEEN", 10)


@pytest.fixture
def run_tasks(monkeypatch):
    """Let work wait in the queue; doing it, as a worker does."""
    waiting = []
    monkeypatch.setattr(
        type(jobs.work_on_letters), "enqueue", lambda task, *given: waiting.append((task, given))
    )

    def run():
        while waiting:
            task, given = waiting.pop(0)
            task.func(*given)

    return run


def committed(campaign):
    """What the commitment says, and what it must say by the register, the secret and what was asked."""
    made = campaign.draw.record.commitment
    with services.opened_extract(campaign.extract) as found:
        fixed = algorithms.fixed(campaign, found, working.Course())
    moment = dt.datetime.fromisoformat(made["committed_at"])
    return made, algorithms.commitment(campaign, fixed, moment)


def test_a_worker_announces_exactly_what_was_asked_for_once(
    asked, institution, run_tasks, every_register_is_large
):
    work = jobs.announce_later(**asked, chosen=None, stratified_by="sex")
    assert (work.status, len(work.secret)) == (WorkStatus.WAITING, 64)
    assert not Campaign.objects.exists()
    with pytest.raises(LettersUnderWay):
        working.ask_for_announcement(**asked)
    secret = work.secret
    run_tasks()
    campaign = Campaign.objects.get()
    work.refresh_from_db()
    assert (work.status, work.secret, work.campaign, work.rows) == (WorkStatus.DONE, "", campaign, 120)
    assert (campaign.secret, campaign.stratified_by, campaign.letters) == (secret, "sex", 9)
    assert campaign.draw.source_due_at == DUE
    made, must = committed(campaign)
    assert made == must
    acts.entry(institution, Action.LETTERS_ANNOUNCED)
    assert working.work_on(actor=asked["actor"], work=work) is None, "what is over is not done again"
    assert Campaign.objects.count() == 1


def test_an_announcement_is_stopped_in_the_middle_and_nothing_of_it_counts(
    asked, institution, secretariat, monkeypatch, every_register_is_large
):
    work = working.ask_for_announcement(**asked)
    rows = []

    def stopped_at(course, number):
        rows.append(number)
        if number == 10:
            working.cancel(actor=secretariat, work=work)
        tick(course, number)

    tick = working._InBackground.tick
    monkeypatch.setattr(working._InBackground, "tick", stopped_at)
    assert working.work_on(actor=secretariat, work=work) is None
    assert rows[-1] == 10
    work.refresh_from_db()
    assert (work.status, work.secret, Campaign.objects.count()) == (WorkStatus.CANCELLED, "", 0)
    assert acts.entries(institution, Action.LETTERS_ANNOUNCED) == []
    with pytest.raises(LetterWorkOver):
        working.cancel(actor=secretariat, work=work)
    assert services.announce_letters(**asked).draw.number == 1


def test_what_is_stopped_at_the_very_last_moment_counts_neither(asked, secretariat, monkeypatch):
    work = working.ask_for_announcement(**asked)
    end = working._InBackground.end

    def stopped(course, campaign):
        working._end(LetterWork.objects.get(), WorkStatus.CANCELLED)
        end(course, campaign)

    monkeypatch.setattr(working._InBackground, "end", stopped)
    assert working.work_on(actor=secretariat, work=work) is None
    assert not Campaign.objects.exists()


@pytest.mark.parametrize("kind", [WorkKind.ANNOUNCEMENT, WorkKind.DRAW])
def test_of_two_workers_at_the_same_work_one_counts_and_the_other_notes_nothing(
    asked, secretariat, monkeypatch, kind
):
    """The first was taken for dead, and goes on after the second has done it."""
    name = {WorkKind.ANNOUNCEMENT: "fixed", WorkKind.DRAW: "receipts"}[kind]
    if kind == WorkKind.DRAW:
        campaign = services.announce_letters(**asked)
        with clock.at(DUE):
            factories.throw(campaign.draw, "3-1-4")
    with clock.at(DUE if kind == WorkKind.DRAW else NOW):
        work = (
            working.ask_for_draw(actor=secretariat, campaign=Campaign.objects.get())
            if kind == WorkKind.DRAW
            else working.ask_for_announcement(**asked)
        )
        act = getattr(algorithms, name)

        def overtaken(*given):
            monkeypatch.setattr(algorithms, name, act)
            assert jobs.work_on_letters.func(work.pk) == WorkStatus.DONE
            return act(*given)

        monkeypatch.setattr(algorithms, name, overtaken)
        assert jobs.work_on_letters.func(work.pk) == WorkStatus.DONE
    work.refresh_from_db()
    assert work.failure == ""
    campaign = Campaign.objects.get()
    assert campaign.draw.computing_failed == ""
    assert campaign.waves.count() == (kind == WorkKind.DRAW)


def test_only_the_secretariat_asks_and_stops(asked, institution, cycle, extract):
    given = {key: value for key, value in asked.items() if key != "actor"}
    acts.only(
        institution,
        Role.SECRETARIAT,
        act=lambda actor: working.ask_for_announcement(actor=actor, **given),
    )
    work = working.ask_for_announcement(**asked)
    for role in (Role.AUTHORITY, Role.OBSERVER):
        with pytest.raises(NotAllowed):
            working.cancel(actor=factories.actor(institution, role), work=work)


def test_what_cannot_be_is_refused_at_once_and_what_becomes_so_later_says_why(
    asked, client, institution, secretariat, run_tasks, every_register_is_large
):
    with pytest.raises(ChosenLettersWrong):
        jobs.announce_later(**asked, chosen={"Eupen": 3})
    assert not LetterWork.objects.exists()
    work = jobs.announce_later(**asked)
    with clock.at(DUE):
        run_tasks()
    work.refresh_from_db()
    assert (work.status, work.secret) == (WorkStatus.FAILED, "")
    assert work.failure
    client.force_login(secretariat.user)
    page = client.get(reverse("office:letters", args=[institution.slug, 1])).content.decode()
    assert work.failure.split(".")[0] in page


def test_erasing_the_register_ends_the_work_and_its_secret(asked, secretariat, extract):
    work = working.ask_for_announcement(**asked)
    erase_extract(actor=secretariat, extract=extract)
    work.refresh_from_db()
    assert (work.status, work.secret) == (WorkStatus.CANCELLED, "")
    assert working.work_on(actor=secretariat, work=work) is None


def test_the_database_keeps_no_secret_of_what_is_over(asked):
    work = working.ask_for_announcement(**asked)
    with pytest.raises(IntegrityError), transaction.atomic():
        LetterWork.objects.filter(pk=work.pk).update(status=WorkStatus.CANCELLED, ended_at=NOW)


def test_the_clock_has_a_large_register_drawn_in_the_background_and_nobody_stops_it(
    known, secretariat, institution, run_tasks, every_register_is_large
):
    with clock.at(DUE):
        assert scheduler.run_if_due(scheduler.REGISTRY[CLOCK])
        work = LetterWork.objects.get()
        assert (work.kind, work.by, work.status) == (WorkKind.DRAW, None, WorkStatus.WAITING)
        assert jobs.draw_letters_that_are_known() == 0, "it is under way"
        with pytest.raises(DrawGoesOn):
            working.cancel(actor=secretariat, work=work)
        run_tasks()
    known.draw.refresh_from_db()
    work.refresh_from_db()
    assert (known.draw.status, work.status) == (DrawStatus.DRAWN, WorkStatus.DONE)
    assert known.invitations.count() == 9
    acts.entry(institution, Action.LETTERS_DRAWN)


def test_a_draw_that_failed_says_why_and_waits_an_hour(known, run_tasks, every_register_is_large):
    path = Path(known.extract.file.path)
    path.write_bytes(path.read_bytes() + b" ")
    with clock.at(DUE):
        assert jobs.draw_letters_that_are_known() == 1
        run_tasks()
        assert jobs.draw_letters_that_are_known() == 0
    known.draw.refresh_from_db()
    assert known.draw.computing_failed == LetterWork.objects.get().failure != ""
    with clock.at(DUE + dt.timedelta(hours=2)):
        assert jobs.draw_letters_that_are_known() == 1


@pytest.fixture
def sent(known, secretariat) -> Campaign:
    """The first wave is in the post."""
    with clock.at(DUE):
        services.draw_letters(actor=secretariat, campaign=known)
    known.invitations.update(status=InvitationStatus.SENT)
    return Campaign.objects.get()


def test_a_wave_in_the_background_is_the_wave_that_is_drawn_at_once(
    sent, secretariat, institution, run_tasks, every_register_is_large
):
    with clock.at(LATER):
        with transaction.atomic():
            draw_wave(actor=secretariat, campaign=sent, **WAVE)
            at_once = published(sent.draw)
            transaction.set_rollback(True)
        work = jobs.draw_wave_later(actor=secretariat, campaign=sent, **WAVE)
        run_tasks()
    work.refresh_from_db()
    assert (work.status, work.kind) == (WorkStatus.DONE, WorkKind.WAVE)
    assert published(sent.draw) == at_once
    acts.entry(institution, Action.WAVE_DRAWN)


def test_a_wave_is_not_drawn_beside_another(sent, secretariat, monkeypatch):
    receipts = algorithms.receipts

    def overtaken(*given):
        monkeypatch.setattr(algorithms, "receipts", receipts)
        draw_wave(actor=secretariat, campaign=sent, **WAVE)
        sent.invitations.update(status=InvitationStatus.SENT)
        return receipts(*given)

    monkeypatch.setattr(algorithms, "receipts", overtaken)
    with clock.at(LATER), pytest.raises(WaveDrawnMeanwhile):
        draw_wave(actor=secretariat, campaign=sent, **WAVE)
    assert sent.waves.count() == 2


def test_the_office_follows_and_stops_it_on_a_page(
    asked, client: Client, secretariat, institution, extract, run_tasks, every_register_is_large
):
    client.force_login(secretariat.user)
    address = reverse("office:letters", args=[institution.slug, 1])
    sent = {
        "extract": extract.public_id, "letters": 9, "age_min": 16, "one_per": "person", "allocation": "none",
        "reply_by": "2027-04-05", "randomness": "dice", "dice_count": 8, "dice_sides": 10, "confirmed": "yes",
        **support.moment("source_due_at", DUE), **support.texts("source", "Dice", institution.languages),
    }  # fmt: skip
    for round_ in (1, 2):
        answer = client.post(address, sent)
        work = LetterWork.objects.filter(ended_at=None).get()
        page = reverse("office:letters_work", args=[institution.slug, 1, work.public_id])
        assert answer.url == page == client.get(address).url
        shown = client.get(page).content.decode()
        assert "0 of 120 residents looked at" in shown
        if round_ == 1:
            client.post(reverse("office:letters_work_cancel", args=[institution.slug, 1, work.public_id]))
            assert client.get(page).status_code == 200
    run_tasks()
    assert client.get(page).url == address
    assert Campaign.objects.get().draw.sources.count() == 1
