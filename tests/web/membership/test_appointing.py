"""Seats that are not drawn: who gives them, who follows, and what the journal says."""

from __future__ import annotations

import datetime as dt
import json

import pytest

from isegoria_web.errors import NotAllowed
from isegoria_web.journal.models import Entry
from isegoria_web.membership import appointing
from isegoria_web.membership.errors import (
    AppointedAlready,
    AppointmentEnded,
    AppointmentEndsTooSoon,
    CollegeFull,
    CollegeUnknown,
)
from isegoria_web.membership.models import Appointee, Member
from tests.web import factories
from tests.web.factories import NOW

pytestmark = pytest.mark.django_db
GROUP, TODAY = "members-of-parliament", NOW.date()
LATER = TODAY + dt.timedelta(days=30)


@pytest.fixture
def mixed(institution):
    """A body with three seats for members of parliament, two of them taken."""
    cycle = factories.make_cycle(institution)
    factories.mix(cycle)[-1].delete()
    return cycle


def appoint(actor, cycle, name="Ada Peeters", **changed):
    given = {"college": GROUP, "group": "Greens", "decision": "Bureau, 1 March 2027", "starts_on": TODAY}
    return appointing.appoint(actor=actor, cycle=cycle, name=name, **given | changed)


def follow(actor, appointee, on=LATER):
    return appointing.replace_appointee(
        actor=actor, appointee=appointee, name="Bo Claes", group="", decision="Bureau, 30 March", on=on
    )


def test_authority_and_secretariat_appoint_and_nobody_else(
    mixed, authority, secretariat, facilitator, stranger
):
    for actor in (facilitator, stranger, None):
        with pytest.raises(NotAllowed):
            appoint(actor, mixed)
    made = appoint(authority, mixed)
    assert (made.seat, made.name, made.group) == (3, "Ada Peeters", "Greens")
    assert not Member.objects.exists()  # no citizen, no lottery
    assert follow(secretariat, made).seat == 3


def test_no_seat_is_given_twice_and_nobody_sits_twice(mixed, secretariat):
    with pytest.raises(CollegeUnknown):
        appoint(secretariat, mixed, college="senators")
    with pytest.raises(AppointedAlready):
        appoint(secretariat, mixed, name=" deputy 1 ")
    appoint(secretariat, mixed)
    with pytest.raises(CollegeFull):
        appoint(secretariat, mixed, name="Cis Maes")


def test_a_successor_takes_the_seat_on_the_day_on_which_the_other_leaves(mixed, secretariat):
    first = Appointee.objects.get(seat=1)
    with pytest.raises(AppointmentEndsTooSoon):
        follow(secretariat, first, on=TODAY - dt.timedelta(days=1))
    follow(secretariat, first)
    names = [
        set(Appointee.objects.sitting_on(day).values_list("name", flat=True))
        for day in (LATER - dt.timedelta(days=1), LATER)
    ]
    assert names == [{"Deputy 1", "Deputy 2"}, {"Bo Claes", "Deputy 2"}]
    with pytest.raises(AppointmentEnded):
        follow(secretariat, first)


def test_a_seat_that_was_left_is_free(mixed, secretariat, stranger):
    first = Appointee.objects.get(seat=1)
    with pytest.raises(NotAllowed):
        appointing.end_appointment(actor=stranger, appointee=first, on=LATER)
    appointing.end_appointment(actor=secretariat, appointee=first, on=LATER)
    assert appoint(secretariat, mixed, starts_on=LATER).seat == 1


def test_the_journal_tells_group_seat_and_day_and_no_name(mixed, secretariat):
    follow(secretariat, appoint(secretariat, mixed))
    told = list(Entry.objects.order_by("sequence").values_list("action", "facts"))
    assert [action for action, _facts in told] == ["appointee.seated", "appointee.left", "appointee.seated"]
    assert all((facts["group"], facts["seat"]) == (GROUP, 3) for _action, facts in told)
    assert told[0][1]["rule"].startswith(f"bodies.assembly.others.{GROUP}.seats, ")
    assert not {"Peeters", "Claes", "Greens"} & set(json.dumps(told).replace('"', " ").split())
