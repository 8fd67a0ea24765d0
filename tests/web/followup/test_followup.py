"""Report, answers, progress, reminders and verdicts: what the authority owes, and who says so."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from isegoria.rulebook import months_after
from isegoria.rulebook.reading import bundled_text
from isegoria_web import clock
from isegoria_web.accounts.enums import Role
from isegoria_web.ballots.enums import Choice
from isegoria_web.ballots.services import cast
from isegoria_web.errors import NotAllowed
from isegoria_web.followup import jobs, services
from isegoria_web.followup.enums import CommitmentStatus, Position, Satisfaction
from isegoria_web.followup.errors import NoDuty, ReasonsMissing
from isegoria_web.followup.models import Answer, Duty, Reminder
from isegoria_web.institutions.enums import Stage
from isegoria_web.institutions.guards import cycle_holds
from isegoria_web.institutions.models import Cycle
from isegoria_web.institutions.stations import DEBATE_HELD
from isegoria_web.journal.enums import Action
from isegoria_web.meetings.enums import Presence
from isegoria_web.meetings.models import Attendance, Meeting
from isegoria_web.membership.enums import TermStatus
from isegoria_web.membership.models import Term
from isegoria_web.recommendations.enums import RecommendationStatus
from isegoria_web.recommendations.errors import ReportHandedOver
from isegoria_web.recommendations.models import Recommendation
from isegoria_web.recommendations.services import put_to_vote
from tests.web import acts, factories
from tests.web.consultation.support import sitting_council
from tests.web.factories import NOW, texts

CLOSES = NOW + dt.timedelta(days=7)
HANDED_OVER = NOW + dt.timedelta(days=20)
DUE = HANDED_OVER.date() + dt.timedelta(days=90)
PROMISE = {"text": texts("A plan"), "due_on": dt.date(2027, 12, 31)}


@pytest.fixture
def cycle(institution):
    return factories.make_cycle(institution, Stage.DELIBERATING)


@pytest.fixture
def members(cycle):
    return factories.make_members(cycle)


@pytest.fixture
def adopted(secretariat, cycle, members) -> Recommendation:
    return decided(secretariat, cycle, members, Choice.YES)


@pytest.fixture
def owed(secretariat, cycle, adopted) -> Recommendation:
    deliver(secretariat, cycle)
    adopted.refresh_from_db()
    return adopted


def decided(secretariat, cycle, members, choice) -> Recommendation:
    draft = factories.make_draft(cycle)
    ballot = put_to_vote(actor=secretariat, recommendation=draft, closes_at=CLOSES)
    for member in members:
        cast(actor=factories.actor_of(member), ballot=ballot, choice=choice)
    with clock.at(CLOSES):
        factories.count_together(secretariat, ballot)
    return draft


def deliver(actor, cycle):
    with clock.at(HANDED_OVER):
        return services.deliver_report(actor=actor, cycle=cycle)


def answer(actor, recommendation, position=Position.ACCEPTED, reasons=None, commitments=(), on=HANDED_OVER):
    with clock.at(on):
        return services.publish_answer(
            actor=actor, recommendation=recommendation, position=position,
            reasons=texts("Because.") if reasons is None else reasons, responsible="Minister of housing",
            commitments=commitments,
        )  # fmt: skip


def at_day(days: int) -> dt.datetime:
    """So many days before the answer is due (negative: after), at noon."""
    return dt.datetime.combine(DUE - dt.timedelta(days=days), dt.time(12), dt.UTC)


def remind(days: int) -> int:
    with clock.at(at_day(days)):
        return jobs.send_due_reminders()


def at_night(night: int) -> dt.datetime:
    """Half past one in the morning in Brussels, so many nights after the report."""
    return dt.datetime.combine(HANDED_OVER.date(), dt.time(0, 30), dt.UTC) + dt.timedelta(days=night)


def publish(night: int) -> int:
    with clock.at(at_night(night)):
        return jobs.publish_verdicts()


# -- handing over ------------------------------------------------------------------------------------------
def test_the_report_starts_the_clock_of_each_adopted_recommendation(
    institution, secretariat, cycle, adopted
):
    deliver(secretariat, cycle)
    duty = Duty.objects.get()
    assert (duty.recommendation, duty.due_on, duty.answered_at) == (adopted, DUE, None)
    assert duty.kind == "first"
    handed = acts.entry(institution, Action.REPORT_HANDED_OVER).facts
    assert "final_due_on" not in handed
    cycle.refresh_from_db()
    assert cycle.stage == Stage.ANSWERING
    assert not Term.objects.filter(status=TermStatus.ACTIVE).exists()
    acts.entry(institution, Action.TERMS_ENDED)


def test_only_the_secretariat_delivers_the_report(institution, cycle, adopted, members):
    with clock.at(HANDED_OVER):
        acts.only(
            institution,
            Role.SECRETARIAT,
            act=lambda actor: services.deliver_report(actor=actor, cycle=cycle),
            also_refused=(factories.actor_of(members[0]),),
        )


def test_the_report_is_delivered_once(secretariat, cycle, owed):
    with pytest.raises(ReportHandedOver):
        deliver(secretariat, cycle)
    assert Duty.objects.count() == 1


def test_a_deadline_of_the_statute_in_months_sets_the_clock(institution, secretariat, cycle, adopted):
    text = bundled_text("brussels-climate").replace('id = "brussels-climate"', 'id = "ostbelgien"')
    text = text.replace('key = "panel"', f'key = "{cycle.body.key}"').replace(
        '"panel"', f'"{cycle.body.key}"'
    )
    institution.rule_books.update(text=text)
    cycle = Cycle.objects.get(pk=cycle.pk)
    deliver(secretariat, cycle)
    duty, final = Duty.objects.all()
    assert (duty.kind, duty.due_on, duty.rule) == (
        "first", months_after(HANDED_OVER.date(), 3), "duty.answer_months",
    )  # fmt: skip
    assert (final.kind, final.due_on, final.rule) == (
        "final", months_after(HANDED_OVER.date(), 12), "duty.final_months",
    )  # fmt: skip
    assert duty.rule_book == final.rule_book == cycle.rule_book
    handed = acts.entry(cycle.institution, Action.REPORT_HANDED_OVER).facts
    version = f"{cycle.rule_book.identifier} {cycle.rule_book.number}"
    assert (handed["due_on"], handed["final_due_on"], handed["rules"]) == (
        duty.due_on.isoformat(),
        final.due_on.isoformat(),
        {
            "due_on": f"duty.answer_months, {version}",
            "final_due_on": f"duty.final_months, {version}",
        },
    )


def test_without_a_promised_date_nothing_is_delivered(secretariat, cycle, adopted):
    Cycle.objects.filter(pk=cycle.pk).update(promised_answer_days=None)
    cycle.refresh_from_db()
    with acts.lacking("answer.promised"):
        deliver(secretariat, cycle)
    assert Term.objects.filter(status=TermStatus.ACTIVE).count() == 6


def test_where_nothing_was_adopted_no_answer_is_awaited(secretariat, cycle, members):
    decided(secretariat, cycle, members, Choice.NO)
    deliver(secretariat, cycle)
    cycle.refresh_from_db()
    assert (Duty.objects.count(), cycle.stage) == (0, Stage.FOLLOW_UP)


# -- answering ---------------------------------------------------------------------------------------------
def test_the_authority_answers_and_promises(institution, authority, owed, cycle):
    made = answer(authority, owed, commitments=[PROMISE])
    assert (made.number, made.commitments.get().due_on) == (1, dt.date(2027, 12, 31))
    facts = acts.entry(institution, Action.ANSWER_PUBLISHED).facts
    assert (facts["position"], facts["days_late"]) == ("accepted", 0)
    assert facts["rules"] == {"due_on": "mandate"}
    assert "answer" not in facts  # there is only one
    cycle.refresh_from_db()
    assert cycle.stage == Stage.FOLLOW_UP


def test_nobody_but_the_authority_answers(institution, owed, members):
    acts.only(
        institution,
        Role.AUTHORITY,
        act=lambda actor: services.publish_answer(
            actor=actor,
            recommendation=owed,
            position=Position.ACCEPTED,
            reasons=texts("Yes."),
            responsible="M",
        ),
        also_refused=(factories.actor_of(members[0]),),
    )


def test_a_second_answer_stands_beside_the_first(authority, owed):
    assert [answer(authority, owed).number for _each in range(2)] == [1, 2]
    assert Answer.objects.count() == 2


@pytest.mark.parametrize("reasons", [{}, {"de": "  "}])
def test_a_rejection_needs_reasons(authority, owed, reasons):
    with pytest.raises(ReasonsMissing):
        answer(authority, owed, Position.REJECTED, reasons=reasons)
    assert not Answer.objects.exists()


def test_what_was_not_handed_over_is_not_answered(authority, adopted):
    with pytest.raises(NoDuty):
        answer(authority, adopted)
    assert Recommendation.objects.get().status == RecommendationStatus.ADOPTED


def test_the_journal_says_how_late_an_answer_is_and_only_the_first(institution, authority, owed):
    answer(authority, owed, on=at_day(-12))
    answer(authority, owed, on=at_day(-30))
    late = [entry.facts["days_late"] for entry in acts.entries(institution, Action.ANSWER_PUBLISHED)]
    assert late == [12, 0]


# -- progress ----------------------------------------------------------------------------------------------
def test_every_report_on_a_promise_stays(institution, authority, owed):
    promise = answer(authority, owed, commitments=[PROMISE]).commitments.get()
    for status in (CommitmentStatus.UNDER_WAY, CommitmentStatus.FULFILLED):
        services.report_progress(actor=authority, commitment=promise, text=texts("Built."), status=status)
    promise.refresh_from_db()
    assert (promise.status, promise.progress.count()) == (CommitmentStatus.FULFILLED, 2)
    facts = [entry.facts for entry in acts.entries(institution, Action.PROGRESS_REPORTED)]
    assert facts == [{"recommendation": 1, "status": status} for status in ("under_way", "fulfilled")]


def test_nobody_but_the_authority_reports_progress(institution, authority, owed):
    promise = answer(authority, owed, commitments=[PROMISE]).commitments.get()
    acts.only(
        institution,
        Role.AUTHORITY,
        act=lambda actor: services.report_progress(
            actor=actor, commitment=promise, text=texts("Built."), status=CommitmentStatus.FULFILLED
        ),
    )


# -- verdicts ----------------------------------------------------------------------------------------------
def test_members_judge_the_answer_after_their_term_too(institution, authority, owed, members):
    made = answer(authority, owed)
    for satisfaction in (Satisfaction.NOT_SATISFIED, Satisfaction.PARTLY):  # she changes her mind
        services.give_verdict(actor=factories.actor_of(members[0]), answer=made, satisfaction=satisfaction)
    assert made.verdicts.get().satisfaction == Satisfaction.PARTLY
    assert not acts.entries(institution, Action.VERDICT_GIVEN)  # its time would tell when she spoke


def test_nobody_but_a_member_judges(institution, authority, owed):
    made = answer(authority, owed)
    acts.only(
        institution,
        act=lambda actor: services.give_verdict(
            actor=actor, answer=made, satisfaction=Satisfaction.SATISFIED
        ),
    )


def test_fewer_than_five_verdicts_are_not_shown(authority, owed, members):
    made = answer(authority, owed)
    for number, member in enumerate(members[:5], start=1):
        services.give_verdict(
            actor=factories.actor_of(member), answer=made, satisfaction=Satisfaction.SATISFIED
        )
        assert publish(night=number) == (number == 5)
    assert made.verdict_sums.get().counts == {
        Satisfaction.SATISFIED: 5, Satisfaction.PARTLY: 0, Satisfaction.NOT_SATISFIED: 0
    }  # fmt: skip
    with pytest.raises(IntegrityError), transaction.atomic():
        made.verdict_sums.update(satisfied=4)


def test_sums_change_once_a_night_with_one_entry_and_by_day_nobody_sees_who_speaks(
    client, institution, authority, owed, members
):
    made = answer(authority, owed)
    for member in members[:5]:
        services.give_verdict(
            actor=factories.actor_of(member), answer=made, satisfaction=Satisfaction.PARTLY
        )
    page = reverse("public:recommendation", args=[institution.slug, owed.cycle.number, owed.number])

    def shown() -> str:
        return client.get(page).content.decode()

    with clock.at(at_night(1) + dt.timedelta(hours=6)):  # half past seven in the morning
        assert jobs.publish_verdicts() == 0
    assert "The verdict of 5 members" not in shown()
    assert publish(night=1) == 1
    assert "The verdict of 5 members" in shown()
    for member, said in ((members[4], Satisfaction.SATISFIED), (members[5], Satisfaction.NOT_SATISFIED)):
        services.give_verdict(actor=factories.actor_of(member), answer=made, satisfaction=said)
    assert publish(night=1) == 0  # no second time in one night
    assert "The verdict of 5 members" in shown()
    assert publish(night=2) == 1
    assert publish(night=3) == 0  # nothing new
    assert "The verdict of 6 members" in shown()
    entries = acts.entries(institution, Action.VERDICT_GIVEN)
    assert [(each.actor, each.time) for each in entries] == [
        ("system", at_night(1)),
        ("system", at_night(2)),
    ]
    assert entries[-1].facts == {
        "cycle": owed.cycle.number, "recommendation": 1, "version": 1,
        "satisfied": 1, "partly": 4, "not_satisfied": 1,
    }  # fmt: skip


def test_only_the_software_publishes_sums_of_verdicts(institution):
    acts.only(
        institution, act=lambda actor: services.publish_verdicts(actor=actor, institution=institution)
    )


def test_where_the_rule_book_gives_it_to_a_body_its_members_judge_and_are_counted_apart(
    client, institution, authority, owed, members
):
    made = answer(authority, owed)
    services.give_verdict(
        actor=factories.actor_of(members[0]), answer=made, satisfaction=Satisfaction.PARTLY
    )
    council = sitting_council(institution)
    with pytest.raises(NotAllowed):  # from now on the council follows up
        services.give_verdict(
            actor=factories.actor_of(members[0]), answer=made, satisfaction=Satisfaction.SATISFIED
        )
    where = {"institution": institution.slug, "body": "council"}
    page = reverse(
        "members:body_verdict", kwargs={**where, "cycle": owed.cycle.number, "number": owed.number}
    )
    client.force_login(council[0].user)
    assert page in client.get(reverse("members:body", kwargs=where)).content.decode()
    assert client.post(page, {"satisfaction": "satisfied"}).status_code == 302
    assert page not in client.get(reverse("members:body", kwargs=where)).content.decode()
    for member in council[1:5]:
        services.give_verdict(
            actor=factories.actor_of(member), answer=made, satisfaction=Satisfaction.SATISFIED
        )
    assert publish(night=1) == 1
    assert made.verdict_sums.that_counts().counts[Satisfaction.SATISFIED] == 5
    assert made.verdicts.filter(body=None).count() == 1
    facts = acts.entry(institution, Action.VERDICT_GIVEN).facts
    assert (facts["body"], facts["rule"], facts["satisfied"]) == ("council", "duty.follows_up", 5)
    public = reverse("public:recommendation", args=[institution.slug, owed.cycle.number, owed.number])
    assert "The verdict of 5 members" in client.get(public).content.decode()
    client.force_login(members[0].user)
    own = reverse("members:verdict", args=[institution.slug, owed.number])
    assert "duty.follows_up" in client.get(own).content.decode()


# -- reminders ---------------------------------------------------------------------------------------------
def test_reminders_go_out_at_their_days_and_once(institution, secretariat, authority, owed, mailoutbox):
    assert remind(31) == 0
    for number, days in enumerate((30, 7, 1, -1), start=1):
        assert remind(days) == 1
        assert remind(days) == 0
        assert Reminder.objects.count() == number
    readers = {address for mail in mailoutbox for address in mail.recipients()}
    assert readers == {authority.user.email, secretariat.user.email}
    assert remind(-40) == 0


def test_an_answer_ends_the_reminders(authority, owed):
    answer(authority, owed)
    assert remind(1) == 0


def test_a_mailbox_that_refuses_holds_up_no_other(
    institution, secretariat, authority, cycle, members, adopted, monkeypatch, mailoutbox
):
    decided(secretariat, cycle, members, Choice.YES)
    deliver(secretariat, cycle)
    send, calls = jobs._send, []

    def refuse_the_first(*args, **kwargs):
        calls.append(args)
        if len(calls) == 1:
            raise ConnectionRefusedError
        return send(*args, **kwargs)

    monkeypatch.setattr(jobs, "_send", refuse_the_first)
    with pytest.raises(ExceptionGroup):
        remind(7)
    assert Reminder.objects.count() == 1
    assert remind(7) == 1  # tried again
    assert Reminder.objects.count() == 2


def test_nobody_without_the_role_is_told(owed, mailoutbox, stranger):
    remind(7)
    assert stranger.user.email not in {address for mail in mailoutbox for address in mail.recipients()}
    with pytest.raises(NotAllowed):
        answer(stranger, owed)


def test_a_debate_to_which_nobody_came_was_not_held(cycle, members, owed):
    assert owed.duties.get().answered_at is None
    meeting = factories.make_meeting(cycle)
    Meeting.objects.filter(pk=meeting.pk).update(
        starts_at=HANDED_OVER + dt.timedelta(days=1), ends_at=HANDED_OVER + dt.timedelta(days=1, hours=2)
    )
    for member, presence in zip(members, (Presence.ABSENT, Presence.EXCUSED), strict=False):
        Attendance.objects.create(meeting=meeting, member=member, presence=presence, recorded_at=NOW)
    assert not cycle_holds(cycle)(DEBATE_HELD)
    Attendance.objects.update(presence=Presence.PRESENT)
    assert cycle_holds(cycle)(DEBATE_HELD)
