"""Suspending, resuming, reviewing, renewing and abolishing an institution, and what it then refuses."""

import datetime as dt

import pytest
from django.db import IntegrityError, connection, transaction

from isegoria_web import clock
from isegoria_web.accounts.enums import Role
from isegoria_web.accounts.models import Grant
from isegoria_web.ballots import services as ballots
from isegoria_web.ballots.enums import BallotKind
from isegoria_web.consultation import services as consultation
from isegoria_web.consultation import signing
from isegoria_web.consultation.enums import ProposerKind
from isegoria_web.consultation.models import Theme
from isegoria_web.institutions import amending, services
from isegoria_web.institutions.enums import Stage, Status
from isegoria_web.institutions.errors import (
    CycleBrokenOff,
    EndInThePast,
    NotAtWork,
    ReasonsMissing,
    RuleUnknown,
    WrongStatus,
)
from isegoria_web.institutions.models import StatusChange
from isegoria_web.institutions.status import change
from isegoria_web.journal.enums import Action
from isegoria_web.lottery import services as lottery
from isegoria_web.meetings.services import call_meeting
from isegoria_web.membership import services as membership
from isegoria_web.membership.enums import EndReason, TermStatus
from isegoria_web.membership.models import Term
from isegoria_web.recruitment import batches, mailing, reminding, waves
from isegoria_web.recruitment import services as recruitment
from isegoria_web.recruitment.models import Campaign
from tests.web import acts, factories
from tests.web.factories import texts

pytestmark = pytest.mark.django_db
WHY = texts("Elections are near.")
LATER = factories.NOW + dt.timedelta(days=30)


def do(actor, institution, verb, **more):
    return change(actor=actor, institution=institution, verb=verb, **{"reasons": WHY, **more})


def status_of(institution):
    institution.refresh_from_db()
    return Status(institution.status)


def test_an_institution_is_suspended_with_its_rule_and_works_again(institution, secretariat, authority):
    made = do(
        authority, institution, "suspend", rule="blackout.months_before_election", until=dt.date(2027, 6, 7)
    )
    assert (status_of(institution), made.number, made.rule_book.number) == (Status.SUSPENDED, 1, 1)
    facts = acts.entry(institution, Action.INSTITUTION_SUSPENDED).facts
    assert (facts["rule"], facts["until"]) == ("blackout.months_before_election", "2027-06-07")
    assert secretariat  # somebody holds the role
    do(authority, institution, "resume")
    assert status_of(institution) == Status.OPERATING
    acts.entry(institution, Action.INSTITUTION_RESUMED)


def test_a_review_ends_with_renewal(institution, secretariat, authority):
    do(authority, institution, "review")
    assert status_of(institution) == Status.UNDER_REVIEW
    do(authority, institution, "renew")
    assert status_of(institution) == Status.OPERATING
    verbs = institution.status_changes.values_list("verb", "before", "after")
    assert list(verbs) == [("review", "operating", "under_review"), ("renew", "under_review", "operating")]


@pytest.mark.parametrize("verb", ["suspend", "resume", "review", "renew", "abolish"])
def test_only_the_authority_changes_the_status_and_only_with_reasons(institution, authority, verb):
    acts.only(institution, Role.AUTHORITY, act=lambda actor: do(actor, institution, verb))
    with pytest.raises(ReasonsMissing):
        do(authority, institution, verb, reasons={"en": " "})
    assert status_of(institution) == Status.OPERATING


def test_a_status_is_changed_once(institution, authority):
    do(authority, institution, "suspend")
    for verb in ("suspend", "review", "renew"):
        with pytest.raises(WrongStatus):
            do(authority, institution, verb)
    do(authority, institution, "abolish")
    for verb in ("suspend", "resume", "abolish"):
        with pytest.raises(WrongStatus):
            do(authority, institution, verb)
    assert StatusChange.objects.count() == 2


def test_an_institution_without_a_secretariat_does_not_work_again(institution, authority):
    do(authority, institution, "suspend")
    with acts.lacking("secretariat.named"):
        do(authority, institution, "resume")
    factories.actor(institution, Role.SECRETARIAT)
    Grant.objects.filter(role=Role.SECRETARIAT).update(valid_until=factories.NOW)
    with acts.lacking("secretariat.named"):
        do(authority, institution, "resume")


def test_a_rule_must_stand_in_the_rule_book_and_an_end_must_come(institution, authority):
    with pytest.raises(RuleUnknown):
        do(authority, institution, "suspend", rule="blackout.weeks")
    with pytest.raises(EndInThePast):
        do(authority, institution, "suspend", until=factories.NOW.date())
    assert status_of(institution) == Status.OPERATING


# -- what is refused ---------------------------------------------------------------------------------------
def opened(secretariat, institution):
    return services.open_cycle(
        actor=secretariat, institution=institution, body=institution.bodies.get(key="assembly"), title=texts("A"),
        question=texts("B"), scope=texts("C"), panel_size=30, alternates=0,
    )  # fmt: skip


def beginnings(institution, cycle, theme, secretariat, authority):
    """Yield everything that begins something, as a call."""
    campaign = Campaign.objects.get(cycle=cycle)
    draw = cycle.draws.of_panel().get()
    when = {"source": texts("Lotto"), "source_due_at": LATER}
    by = {"actor": secretariat}
    yield lambda: opened(secretariat, institution)
    yield lambda: services.sign_mandate(actor=authority, cycle=cycle)
    yield lambda: recruitment.announce_letters(
        cycle=cycle, extract=campaign.extract, letters=5, age_min=16, reply_by=LATER.date(), **by, **when
    )
    yield lambda: waves.draw_wave(campaign=campaign, letters=5, reply_by=LATER.date(), reason=WHY, **by)
    yield lambda: batches.start_printing(campaign=campaign, wave=1, **by)
    yield lambda: mailing.invite_by_email(campaign=campaign, **by)
    yield lambda: reminding.remind(campaign=campaign, **by)
    yield lambda: lottery.freeze_pool(cycle=cycle, entries=[], **by, **when)
    yield lambda: membership.offer_seats(draw=draw, **by)
    yield lambda: call_meeting(
        cycle=cycle,
        title=WHY,
        starts_at=LATER,
        ends_at=LATER + dt.timedelta(hours=1),
        place="Hall",
        items=[],
        **by,
    )
    yield lambda: ballots.open_choice(
        cycle=cycle,
        question=WHY,
        kind=BallotKind.APPROVAL,
        options=[texts("A"), texts("B")],
        places=1,
        closes_at=LATER,
        **by,
    )
    yield lambda: consultation.require_entitled(institution, ProposerKind.MEMBER)
    yield lambda: consultation.admit(theme=theme, **by)
    yield lambda: signing.enter_paper(theme=theme, people=[], **by)


@pytest.mark.parametrize("verb", ["suspend", "abolish"])
def test_who_does_not_work_begins_nothing(institution, secretariat, authority, verb):
    cycle = factories.make_cycle(institution, Stage.FOLLOW_UP)
    factories.make_members(cycle)
    theme = Theme.objects.create(
        institution=institution, rule_book=cycle.rule_book, number=1, kind=ProposerKind.MEMBER, title="Trams",
        explanation="More.", reason="Air.", language="de", proposed_at=factories.NOW,
    )  # fmt: skip
    do(authority, institution, verb)
    for begin in beginnings(institution, cycle, theme, secretariat, authority):
        with pytest.raises(NotAtWork):
            begin()
    assert reminding.remind_due() == 0


def test_who_is_suspended_may_still_change_its_rules_and_who_is_abolished_may_not(
    institution, secretariat, authority
):
    text = institution.rule_books.get().text.replace("age_min = 16", "age_min = 18")
    text = text.replace('version = "2024"', 'version = "next"\nvalid_from = 2027-05-01')
    do(authority, institution, "suspend")
    amending.propose(actor=secretariat, institution=institution, text=text, reasons=WHY)
    do(authority, institution, "abolish")
    with pytest.raises(NotAtWork):
        services.amend_rule_book(actor=authority, institution=institution, text=text)


# -- abolished ---------------------------------------------------------------------------------------------
def test_who_is_abolished_breaks_off_what_has_no_report_and_still_owes_answers(institution, authority):
    learning = factories.make_cycle(institution, Stage.LEARNING)
    factories.make_members(learning)
    answering = factories.make_cycle(institution, Stage.ANSWERING)
    factories.make_cycle(institution, Stage.CLOSED)
    with clock.at(LATER):
        do(authority, institution, "abolish")
    facts = acts.entry(institution, Action.INSTITUTION_ABOLISHED).facts
    assert (facts["cycles_broken_off"], facts["cycles_that_go_on"]) == ([1], [2])
    learning.refresh_from_db()
    answering.refresh_from_db()
    assert (learning.stage, learning.broken_off_from, learning.broken_off_reasons) == (
        Stage.CLOSED, "learning", WHY,
    )  # fmt: skip
    assert (answering.stage, answering.broken_off_from) == (Stage.ANSWERING, "")
    assert set(Term.objects.values_list("status", "ends_on")) == {(TermStatus.ENDED, LATER.date())}


def test_the_terms_of_a_standing_body_end_with_its_institution(institution, authority):
    factories.make_members(factories.make_cycle(institution, Stage.FOLLOW_UP), 2)
    do(authority, institution, "abolish")
    assert set(Term.objects.values_list("status", "end_reason")) == {
        (TermStatus.ENDED, EndReason.ABOLISHED)
    }


def test_a_draw_that_falls_after_the_end_seats_nobody(institution, secretariat, authority):
    draw = factories.make_drawn_panel(factories.make_cycle(institution, Stage.DRAWING))
    do(authority, institution, "abolish")
    with pytest.raises(CycleBrokenOff):
        membership.offer_seats(actor=secretariat, draw=draw)


def test_the_database_takes_no_change_without_reasons_and_rewrites_none(institution, authority):
    made = do(authority, institution, "suspend")
    with pytest.raises(IntegrityError, match="says_why"), transaction.atomic():
        StatusChange.objects.create(
            institution=institution, number=2, verb="resume", before=Status.SUSPENDED, after=Status.OPERATING,
            reasons={}, changed_at=factories.NOW,
        )  # fmt: skip
    kept = StatusChange.objects.filter(pk=made.pk)
    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
        kept.update(reasons=texts("Nobody minds."))
    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
        kept._raw_delete(kept.db)
    assert kept.get().reasons == WHY


@pytest.mark.skipif(connection.vendor == "sqlite", reason="SQLite has no TRUNCATE")
def test_the_database_empties_no_list_of_status_changes(institution, authority):
    do(authority, institution, "suspend")
    with (
        pytest.raises(IntegrityError, match="append-only"),
        transaction.atomic(),
        connection.cursor() as sql,
    ):
        sql.execute("SET CONSTRAINTS ALL IMMEDIATE; TRUNCATE institutions_statuschange CASCADE")
    assert StatusChange.objects.count() == 1
