"""Rights begin and end with the term, at midnight where the institution is, whatever a job has noted by then."""

import datetime as dt
from zoneinfo import ZoneInfo

import pytest

from isegoria_web import clock
from isegoria_web.accounts.enums import Role
from isegoria_web.ballots import services as ballots
from isegoria_web.ballots.policies import may_cast
from isegoria_web.consultation.policies import sits_in
from isegoria_web.errors import NotAllowed
from isegoria_web.evidence.services import ask_question
from isegoria_web.institutions.enums import Stage
from isegoria_web.institutions.models import Cycle
from isegoria_web.membership import services
from isegoria_web.membership.enums import EndReason, TermStatus
from isegoria_web.membership.models import Member, Term
from isegoria_web.membership.policies import sitting_member
from tests.web import factories
from tests.web.factories import NOW

pytestmark = pytest.mark.django_db


@pytest.fixture
def cycle(institution):
    return factories.make_cycle(institution, Stage.DELIBERATING)


def local(institution, day, hour, minute=0, second=0, fold=0):
    zone = ZoneInfo(institution.time_zone)
    return dt.datetime(day.year, day.month, day.day, hour, minute, second, tzinfo=zone, fold=fold)


def end(member, day, **status):
    Term.objects.filter(member=member).update(ends_on=day, **status)


@pytest.mark.parametrize(
    "last",
    [
        dt.date(2027, 4, 30),
        dt.date(2027, 3, 27),  # the night after it has one hour less
        dt.date(2027, 3, 28),  # this day has 23 hours
        dt.date(2027, 10, 31),  # and this one 25
        dt.date(2028, 2, 29),
    ],
)
def test_a_term_ends_at_midnight_where_the_institution_is(institution, cycle, last):
    member = factories.make_members(cycle, 1)[0]
    actor = factories.actor_of(member)
    end(member, last + dt.timedelta(days=1))  # no job has run: the term is still noted as active
    with clock.at(local(institution, last, 23, 59, 59)):
        assert sitting_member(actor, cycle) == member
        assert sits_in(actor, institution)
    with clock.at(local(institution, last + dt.timedelta(days=1), 0)):
        assert sitting_member(actor, cycle) is None
        assert not sits_in(actor, institution)
        with pytest.raises(NotAllowed):
            ask_question(actor=actor, cycle=cycle, text="Why?", language="de", due_on=dt.date(2029, 1, 1))


def test_it_is_the_midnight_of_the_institution_and_not_of_greenwich(institution, cycle):
    member = factories.make_members(cycle, 1)[0]
    end(member, dt.date(2027, 7, 1))
    with clock.at(dt.datetime(2027, 6, 30, 21, 59, tzinfo=dt.UTC)):
        assert sitting_member(factories.actor_of(member), cycle) == member
    with clock.at(dt.datetime(2027, 6, 30, 22, 0, tzinfo=dt.UTC)):
        assert sitting_member(factories.actor_of(member), cycle) is None


def test_who_leaves_on_a_later_day_sits_until_then_and_the_next_one_from_then(
    institution, cycle, secretariat
):
    cycle.stage = Stage.SEATED
    cycle.save(update_fields=["stage"])
    member = factories.make_members(cycle, 1, alternates=1)[0]
    day = NOW.date() + dt.timedelta(days=3)
    offered = services.leave_seat(
        actor=secretariat, term=member.terms.get(), reason=EndReason.RESIGNATION, on=day
    )
    assert offered is not None
    term = services.accept_seat(actor=secretariat, term=offered)
    assert (term.status, term.starts_on) == (TermStatus.ACTIVE, day)
    for moment, sits in (
        (local(institution, day - dt.timedelta(days=1), 23, 59), member),
        (local(institution, day, 0), term.member),
    ):
        with clock.at(moment):
            assert list(Member.objects.sitting_in(cycle)) == [sits]


def test_who_declined_or_was_only_asked_never_sits(cycle):
    member, asked = factories.make_members(cycle, 2)
    end(member, NOW.date(), status=TermStatus.ENDED, end_reason=EndReason.DECLINED)
    Term.objects.filter(member=asked).update(status=TermStatus.OFFERED)
    assert not Member.objects.sitting_in(cycle).exists()


def test_a_vote_a_second_after_the_term_is_refused(institution, cycle, secretariat):
    first, second, _third = factories.make_members(cycle, 3)
    Cycle.objects.filter(pk=cycle.pk).update(stage=Stage.DECIDING)
    cycle.refresh_from_db()
    ballot = ballots.open_ballot(
        actor=secretariat, cycle=cycle, question=factories.texts("Trams?"),
        closes_at=NOW + dt.timedelta(days=5),
    )  # fmt: skip
    member = factories.actor_of(first)
    end(first, NOW.date() + dt.timedelta(days=1))
    assert may_cast(member, ballot)
    with clock.at(local(institution, NOW.date() + dt.timedelta(days=1), 0)):
        assert not may_cast(member, ballot)
        assert may_cast(factories.actor_of(second), ballot)
    assert not may_cast(factories.actor(institution, Role.OBSERVER), ballot)
