"""How a cycle moves, what it lacks, and how it is broken off."""

import datetime as dt

import pytest
from django.db import IntegrityError, transaction

from isegoria_web import clock
from isegoria_web.accounts.actors import Actor
from isegoria_web.accounts.enums import Role
from isegoria_web.ballots import services as ballots
from isegoria_web.ballots.enums import BallotStatus, Choice
from isegoria_web.ballots.errors import BallotClosed
from isegoria_web.ballots.models import Ballot, Paper, RollCall
from isegoria_web.followup.models import Duty
from isegoria_web.institutions.enums import Stage
from isegoria_web.institutions.errors import CycleBrokenOff, ReasonsMissing, SomethingMissing, WrongStage
from isegoria_web.institutions.guards import missing_of
from isegoria_web.institutions.life import CYCLE
from isegoria_web.institutions.models import Cycle
from isegoria_web.institutions.moving import advance, begin_again, break_off
from isegoria_web.journal.enums import Action
from isegoria_web.lottery.enums import DrawKind
from isegoria_web.meetings.enums import Presence
from isegoria_web.meetings.models import Attendance
from isegoria_web.meetings.services import call_meeting
from isegoria_web.membership.enums import EndReason, TermStatus
from isegoria_web.membership.erasing import erase_pools
from isegoria_web.membership.models import Term
from isegoria_web.recommendations.enums import RecommendationStatus, Uncounted
from isegoria_web.recruitment.models import Campaign, Invitation
from tests.web import acts, factories
from tests.web.factories import texts

pytestmark = pytest.mark.django_db
WHY = texts("The council wants another question.")


def on(actor, cycle, to):
    return advance(actor=actor, cycle=cycle, to=to)


def ended(actor, cycle, reasons=WHY):
    return break_off(actor=actor, cycle=cycle, reasons=reasons)


def test_a_step_is_refused_with_everything_that_it_lacks(institution, secretariat):
    cycle = factories.make_cycle(institution)
    with acts.lacking("mandate.signed", "letters.drawn"):
        on(secretariat, cycle, Stage.INVITING)
    with acts.lacking("mandate.signed", "quotas.set", "pool.frozen"):
        on(secretariat, cycle, Stage.DRAWING)
    cycle.refresh_from_db()
    assert (cycle.stage, institution.chain.entries.count()) == (Stage.MANDATE, 0)


def test_what_a_rule_asks_for_is_named_with_the_rule_and_its_version(institution, secretariat):
    cycle = factories.make_cycle(institution, Stage.ANSWERING)
    factories.amend_rule_book(cycle, "[duty]", "[duty]\nanswer_days = 60")
    recommendation = factories.make_draft(cycle)
    Duty.objects.create(recommendation=recommendation, due_on=dt.date(2027, 5, 1), rule="duty.answer_days")
    (missing,) = missing_of(cycle, CYCLE.verb("follow"))
    assert (missing.guard.id, missing.rule, missing.version) == ("answers.given", "duty.answer_days", 2)
    with pytest.raises(SomethingMissing) as refused:
        on(secretariat, cycle, Stage.FOLLOW_UP)
    assert "Rule duty.answer_days, version 2" in str(refused.value)


def test_a_cycle_moves_once_by_its_verb_and_the_journal_says_it(institution, secretariat):
    cycle = factories.make_cycle(institution, Stage.SEATED)
    (member, *others) = factories.make_members(cycle)
    with acts.lacking("meeting.called"):
        on(secretariat, cycle, Stage.LEARNING)
    meeting = factories.make_meeting(cycle)
    assert on(secretariat, cycle, Stage.LEARNING).stage == Stage.LEARNING
    assert on(secretariat, cycle, Stage.LEARNING).stage == Stage.LEARNING
    for absent, presence in zip(others, (Presence.ABSENT, Presence.EXCUSED), strict=False):
        Attendance.objects.create(
            meeting=meeting, member=absent, presence=presence, recorded_at=factories.NOW
        )
    with acts.lacking("meeting.held"):
        on(secretariat, cycle, Stage.DELIBERATING)
    Attendance.objects.create(
        meeting=meeting, member=member, presence=Presence.PRESENT, recorded_at=factories.NOW
    )
    on(secretariat, cycle, Stage.DELIBERATING)
    for wrong in (Stage.LEARNING, Stage.MANDATE, Stage.CLOSED):
        with pytest.raises(WrongStage):
            on(secretariat, cycle, wrong)
    stages = [each.facts["stage"] for each in acts.entries(institution, Action.STAGE_REACHED)]
    assert stages == ["learning", "deliberating"]


def test_who_may_move_a_cycle_is_said_by_the_verb(institution, authority):
    cycle = factories.make_cycle(institution, Stage.SEATED)
    factories.make_members(cycle)
    factories.make_meeting(cycle)
    acts.only(
        institution, Role.SECRETARIAT, act=lambda actor: on(actor, cycle, Stage.LEARNING),
        also_refused=(authority, Actor.system()),
    )  # fmt: skip


def test_a_cycle_goes_back_to_the_invitation_only_when_no_draw_holds(institution, secretariat):
    cycle = factories.make_cycle(institution, Stage.DRAWING)
    draw = factories.make_draw(cycle, DrawKind.PANEL, drawn=False)
    with acts.lacking("draw.annulled"):
        begin_again(actor=secretariat, cycle=cycle)
    factories.annul(draw)
    assert begin_again(actor=secretariat, cycle=cycle).stage == Stage.INVITING
    assert acts.entry(institution, Action.STAGE_REACHED).facts["again"] is True


# -- broken off ------------------------------------------------------------------------------------------
def test_who_breaks_a_cycle_off_ends_its_terms_and_its_letters_and_says_why(
    institution, secretariat, authority
):
    cycle = factories.make_cycle(institution, Stage.LEARNING)
    asked = factories.offer_again(factories.make_members(cycle)[0])
    Campaign.objects.filter(cycle=cycle).update(closed_at=None)
    found = ended(authority, cycle)
    assert (found.stage, found.broken_off_from, found.closed_at) == ("closed", "learning", factories.NOW)
    assert found.broken_off_reasons == WHY
    held = Term.objects.held().filter(member__cycle=cycle)
    assert not held.filter(pk=asked.pk).exists()  # she was asked, and never sat
    assert set(held.values_list("status", "end_reason", "ends_on")) == {
        (TermStatus.ENDED, EndReason.BROKEN_OFF, factories.NOW.date())
    }
    assert not Campaign.objects.filter(closed_at__isnull=True).exists()
    assert acts.entry(institution, Action.CYCLE_BROKEN_OFF).facts == {"cycle": 1, "stage": "learning"}
    assert acts.entry(institution, Action.TERMS_ENDED).facts["seats"] == 5
    with pytest.raises(CycleBrokenOff):
        call_meeting(
            actor=secretariat, cycle=found, title=texts("One"), starts_at=factories.NOW,
            ends_at=factories.NOW + dt.timedelta(hours=1), place="Hall", items=[],
        )  # fmt: skip


def test_who_was_not_drawn_is_erased_although_no_report_will_come(institution, authority):
    cycle = factories.make_cycle(institution, Stage.LEARNING)
    factories.make_members(cycle)
    waiting = Invitation.objects.filter(campaign__cycle=cycle, erased_at__isnull=True)
    years_later = factories.NOW + dt.timedelta(days=5 * 366)
    with clock.at(years_later):
        assert erase_pools() == 0
    ended(authority, cycle)
    with clock.at(years_later):
        assert erase_pools() == 4
    assert waiting.count() == 6


def test_a_cycle_is_broken_off_once_and_never_after_its_report(institution, authority):
    cycle = factories.make_cycle(institution, Stage.INVITING)
    ended(authority, cycle)
    for each in (cycle, factories.make_cycle(institution, Stage.ANSWERING)):
        with pytest.raises(WrongStage):
            ended(authority, each)
    assert len(acts.entries(institution, Action.CYCLE_BROKEN_OFF)) == 1


def test_only_the_authority_breaks_a_cycle_off_and_only_with_reasons(institution, authority):
    cycle = factories.make_cycle(institution, Stage.INVITING)
    acts.only(institution, Role.AUTHORITY, act=lambda actor: ended(actor, cycle))
    with pytest.raises(ReasonsMissing):
        ended(authority, cycle, {"en": " "})


def test_the_database_takes_no_broken_off_cycle_that_is_open_or_says_not_why(institution, authority):
    cycle = ended(authority, factories.make_cycle(institution, Stage.INVITING))
    for wrong in ({"stage": Stage.INVITING}, {"broken_off_reasons": {}}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Cycle.objects.filter(pk=cycle.pk).update(**wrong)


def test_who_breaks_a_cycle_off_closes_its_boxes_and_nobody_ever_counts_them(
    institution, secretariat, authority, client
):
    cycle = factories.make_cycle(institution, Stage.DECIDING)
    (voter, *_others) = factories.make_members(cycle)
    draft = factories.make_draft(cycle)
    box = ballots.open_ballot(
        actor=secretariat,
        cycle=cycle,
        question=texts("Trees?"),
        closes_at=factories.NOW + dt.timedelta(days=1),
    )
    draft.ballot, draft.status = box, RecommendationStatus.BALLOT
    draft.save()
    ballots.cast(actor=factories.actor_of(voter), ballot=box, choice=Choice.YES)
    ended(authority, cycle)
    box.refresh_from_db()
    draft.refresh_from_db()
    assert (box.status, box.yes, box.closed_at) == (BallotStatus.UNCOUNTED, None, factories.NOW)
    assert draft.status == RecommendationStatus.NOT_DECIDED
    assert draft.undecided_for == Uncounted.BALLOT
    RollCall.objects.create(
        ballot=box, college="deputies", title=texts("Deputies"), binding=True, threshold="1/2",
        abstention="excluded", rule="bodies.assembly.others.deputies, ostbelgien 1",
    )  # fmt: skip
    assert draft.undecided_for == Uncounted.BOTH
    assert not Paper.in_box.filter(ballot=box).exists()
    assert not box.participations.exists()
    assert acts.entry(institution, Action.BALLOT_BROKEN_OFF).facts == {"ballot": 1, "cycle": 1}
    with clock.at(factories.NOW + dt.timedelta(days=2)):
        for late in (ballots.propose_closing, ballots.close_ballot):
            with pytest.raises(BallotClosed):
                late(actor=secretariat, ballot=box)
    # what they left in the files is wiped with that of the others
    assert Ballot.objects.with_traces().filter(pk=box.pk).exists()
    page = client.get(f"/en/{institution.slug}/cycles/1/recommendations/{draft.number}/").content.decode()
    assert "The papers were deleted; nobody counts them." in page
    assert WHY["en"] in page
    with pytest.raises(IntegrityError), transaction.atomic():
        Ballot.objects.filter(pk=box.pk).update(yes=1, no=0, abstain=0)
