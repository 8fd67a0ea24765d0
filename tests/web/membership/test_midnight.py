"""Rights begin with the first day of a term and end at the local midnight after its last, whatever job has run."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from django.urls import reverse

from isegoria_web import clock
from isegoria_web.ballots import policies as ballots
from isegoria_web.ballots.enums import BallotKind
from isegoria_web.ballots.models import Ballot
from isegoria_web.consultation import policies as consultation
from isegoria_web.consultation.enums import ProposerKind
from isegoria_web.deliberation import policies as deliberation
from isegoria_web.evidence import policies as evidence
from isegoria_web.institutions.enums import Stage
from isegoria_web.meetings import on_the_day
from isegoria_web.meetings import services as meetings
from isegoria_web.meetings.enums import Presence
from isegoria_web.meetings.errors import NobodySits, NotExpected, UnknownMember
from isegoria_web.membership import services
from isegoria_web.membership.enums import EndReason, TermStatus
from isegoria_web.membership.errors import NoLongerSeated
from isegoria_web.membership.models import Member, Term
from isegoria_web.membership.policies import sitting_member
from isegoria_web.recommendations import policies as recommendations
from isegoria_web.recommendations.enums import Purpose
from tests.web import factories

BRUSSELS = ZoneInfo("Europe/Brussels")
SECOND = dt.timedelta(seconds=1)
LAST = dt.date(2027, 3, 1)
"""The last day of the term."""


def midnight(after: dt.date, zone: str = "Europe/Brussels") -> dt.datetime:
    """The end of a day, written independently of the site: the first moment of which the next day can be read."""
    place = ZoneInfo(zone)
    moment = dt.datetime.combine(after, dt.time(12), place).astimezone(dt.UTC)
    while moment.astimezone(place).date() == after:
        moment += dt.timedelta(minutes=1)
    return moment


@pytest.fixture
def cycle(institution):
    return factories.make_cycle(institution, Stage.DELIBERATING)


@pytest.fixture
def member(cycle) -> Member:
    """A member whose last day is the first of March; her term is still marked as active."""
    member = factories.make_members(cycle, alternates=2)[0]
    member.terms.update(starts_on=LAST - dt.timedelta(days=365), ends_on=LAST + dt.timedelta(days=1))
    return member


def rights(member: Member) -> dict[str, bool]:
    """What a member may do now, right by right."""
    actor, cycle = factories.actor_of(member), member.cycle
    statement = cycle.statements.first() or factories.make_statement(
        cycle, factories.make_note(factories.make_table(cycle))
    )
    draft = cycle.recommendations.first() or factories.make_draft(cycle)
    ballot = Ballot.objects.filter(cycle=cycle).first()
    if ballot is None:
        ballot = Ballot.objects.create(
            cycle=cycle, number=1, kind=BallotKind.YES_NO, question={"de": "Ja?"}, opened_at=factories.NOW,
            closes_at=factories.NOW + dt.timedelta(days=400), eligible=1, threshold="1/2",
        )  # fmt: skip
        ballot.roll.set([member])
    return {
        "vote": ballots.may_cast(actor, ballot),
        "state": deliberation.may_make_statement(actor, cycle),
        "react": deliberation.may_react(actor, statement),
        "ask": evidence.may_ask_question(actor, cycle),
        "amend": recommendations.may_propose_amendment(actor, draft.versions.latest("number")),
        "dissent": recommendations.may_dissent(actor, draft),
        "keep": recommendations.may_keep_unfinished(actor, draft, Purpose.AMENDMENT),
        "propose": consultation.may_propose_as(actor, cycle.institution, ProposerKind.MEMBER),
    }


def test_a_member_may_act_until_midnight_and_not_a_second_later(member):
    assert member.terms.get().status == TermStatus.ACTIVE
    for moment, may in ((midnight(LAST) - SECOND, True), (midnight(LAST), False)):
        with clock.at(moment):
            assert set(rights(member).values()) == {may}, rights(member)
    assert midnight(LAST).astimezone(BRUSSELS) == dt.datetime(2027, 3, 2, tzinfo=BRUSSELS)


def test_a_member_may_act_from_the_first_second_of_her_first_day(member):
    member.terms.update(starts_on=LAST, ends_on=None)
    eve = LAST - dt.timedelta(days=1)
    for moment, may in ((midnight(eve) - SECOND, False), (midnight(eve), True)):
        with clock.at(moment):
            assert set(rights(member).values()) == {may}


@pytest.mark.parametrize(
    ("zone", "last"),
    [
        ("Europe/Brussels", dt.date(2027, 3, 27)),  # the night before a day of 23 hours
        ("Europe/Brussels", dt.date(2027, 3, 28)),  # after it
        ("Europe/Brussels", dt.date(2027, 10, 30)),  # the night before a day of 25 hours
        ("Europe/Brussels", dt.date(2027, 10, 31)),
        ("Africa/Cairo", dt.date(2027, 4, 29)),  # clocks skip midnight
        ("Atlantic/Azores", dt.date(2027, 10, 30)),  # midnight comes twice
        ("America/Nuuk", dt.date(2027, 10, 30)),  # eleven in the evening comes twice
        (
            "America/St_Johns",
            dt.date(2010, 11, 6),
        ),  # a minute after midnight it is eleven in the evening again
        ("Pacific/Kiritimati", dt.date(2027, 12, 31)),
    ],
)
def test_rights_end_once_in_nights_in_which_clocks_change(member, zone, last):
    institution = member.cycle.institution
    institution.time_zone = zone
    institution.save()
    member.terms.update(starts_on=last - dt.timedelta(days=9), ends_on=last + dt.timedelta(days=1))
    end = midnight(last, zone)
    assert sits_at(member, end - SECOND)
    for minutes in range(0, 180, 10):
        assert not sits_at(member, end + dt.timedelta(minutes=minutes, seconds=minutes % 7))


def sits_at(member: Member, moment: dt.datetime) -> bool:
    with clock.at(moment):
        return sitting_member(factories.actor_of(member), member.cycle) == member


def test_who_sits_on_the_day_of_a_meeting_is_expected_seated_and_noted(secretariat, member):
    meeting = factories.make_meeting(member.cycle)  # a week after her last day
    others = member.cycle.members.exclude(pk=member.pk)
    assert set(on_the_day.expected_at(meeting)) == set(others)
    with pytest.raises(NotExpected):
        on_the_day.check_in(actor=secretariat, meeting=meeting, member=member)
    with pytest.raises(UnknownMember):
        meetings.take_attendance(
            actor=secretariat, meeting=meeting, presences={member.number: Presence.PRESENT}
        )
    assert not meeting.attendances.exists()
    plan = meetings.plan_tables(
        actor=secretariat, meeting=meeting, table_size=3, rounds=1, seed_text="x", facilitators=[]
    )
    assert set(Member.objects.filter(tables__plan=plan)) == set(others)
    Term.objects.filter(member__in=others).update(ends_on=LAST + dt.timedelta(days=1))
    with pytest.raises(NobodySits):
        meetings.plan_tables(
            actor=secretariat, meeting=meeting, table_size=3, rounds=1, seed_text="y", facilitators=[]
        )


def test_attendance_is_corrected_after_a_member_has_left(secretariat, member):
    meeting = factories.make_meeting(member.cycle)
    meeting.starts_at, meeting.ends_at = factories.NOW, factories.NOW + dt.timedelta(hours=3)
    meeting.save()
    with clock.at(midnight(LAST)):
        meetings.take_attendance(
            actor=secretariat, meeting=meeting, presences={member.number: Presence.PRESENT}
        )
    assert meeting.attendances.get().member == member


def test_a_term_that_has_ended_by_its_day_cannot_be_left_or_lengthened(secretariat, member):
    term = member.terms.get()
    with clock.at(midnight(LAST)), pytest.raises(NoLongerSeated):
        services.leave_seat(actor=secretariat, term=term, reason=EndReason.RESIGNATION, on=LAST)
    services.leave_seat(
        actor=secretariat, term=term, reason=EndReason.RESIGNATION, on=LAST + dt.timedelta(days=90)
    )
    term.refresh_from_db()
    assert term.ends_on == LAST + dt.timedelta(days=1)


def test_who_resigns_with_a_later_day_acts_until_then_and_the_alternate_from_then(secretariat, member):
    member.terms.update(ends_on=None)
    free = LAST + dt.timedelta(days=20)
    offered = services.leave_seat(
        actor=secretariat, term=member.terms.get(), reason=EndReason.RESIGNATION, on=free
    )
    taken = services.accept_seat(actor=secretariat, term=offered)
    assert taken.starts_on == free
    successor = Member.objects.get(pk=taken.member.pk)
    for moment, old, new in (
        (factories.NOW, True, False),
        (midnight(free - dt.timedelta(days=1)) - SECOND, True, False),
        (midnight(free - dt.timedelta(days=1)), False, True),
    ):
        assert (sits_at(member, moment), sits_at(successor, moment)) == (old, new)


def test_who_was_only_offered_a_seat_never_sat_on_any_day(secretariat, member):
    term = factories.offer_again(Member.objects.exclude(pk=member.pk).first())
    services.leave_seat(
        actor=secretariat, term=term, reason=EndReason.RESIGNATION, on=LAST + dt.timedelta(days=30)
    )
    assert not Term.objects.sitting_on(LAST + dt.timedelta(days=3)).filter(pk=term.pk).exists()


def test_her_page_offers_no_seat_to_leave_once_the_term_is_over(client, member):
    client.force_login(member.user)
    address = reverse("members:seat", args=[member.cycle.institution.slug])
    assert b"<form" in client.get(address).content.split(b"<main")[1]
    with clock.at(midnight(LAST)):
        page = client.get(address)
        assert page.status_code == 200
        assert not page.context["sits"]
