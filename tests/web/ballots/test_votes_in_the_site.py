"""Members of parliament vote by name in the site: each for herself, and nothing is read before two persons closed it."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from django.urls import reverse
from django.utils import translation
from django.utils.formats import date_format

from isegoria_web import clock
from isegoria_web.accounts.actors import Actor
from isegoria_web.accounts.enums import Role
from isegoria_web.ballots import open_votes, roll_calls, services
from isegoria_web.ballots.enums import Choice
from isegoria_web.ballots.errors import (
    BallotClosed,
    BallotEndsTooSoon,
    BallotStillOpen,
    CitizensVoteFirst,
    NotAllInvited,
    RollCallByTwo,
    RollCallHeld,
    RollCallNotWaiting,
    UnknownChoice,
    VoteInSiteUnderWay,
)
from isegoria_web.ballots.models import OpenVote
from isegoria_web.errors import NotAllowed, ServiceError
from isegoria_web.institutions.moving import break_off
from isegoria_web.journal.models import Entry
from isegoria_web.membership import appointing
from isegoria_web.membership.models import Appointee, Member
from isegoria_web.recommendations import services as recommendations
from isegoria_web.recommendations.enums import RecommendationStatus, Uncounted
from tests.web import factories
from tests.web.factories import NOW, texts

pytestmark = pytest.mark.django_db
CLOSES = NOW + dt.timedelta(days=7)
ENDS = CLOSES + dt.timedelta(hours=6)
COLLEGE = "members-of-parliament"


@pytest.fixture
def draft(institution, secretariat):
    """A recommendation whose box is counted, and three members of parliament who can sign in."""
    cycle = factories.make_cycle(institution)
    deputies = factories.mix(cycle)
    members = factories.make_members(cycle)
    draft = factories.make_draft(cycle)
    ballot = recommendations.put_to_vote(actor=secretariat, recommendation=draft, closes_at=CLOSES)
    for member in members:
        services.cast(actor=factories.actor_of(member), ballot=ballot, choice=Choice.YES)
    with clock.at(CLOSES):
        factories.count_together(secretariat, ballot)
    for each in deputies:
        appointing.invite_appointee(
            actor=secretariat, appointee=each, email=f"deputy{each.seat}@example.org", language="en"
        )
    draft.refresh_from_db()
    return draft


@pytest.fixture
def record(draft, secretariat):
    with clock.at(CLOSES):
        return open_votes.open_vote(
            actor=secretariat, roll_call=draft.ballot.roll_calls.get(), closes_at=ENDS
        )


def deputy(seat):
    return Actor.of(Appointee.objects.get(seat=seat).user)


def vote(record, seat, choice="yes", at=CLOSES, **more):
    with clock.at(at):
        return open_votes.cast_openly(actor=deputy(seat), record=record, choice=choice, **more)


def close(record, actor, at=CLOSES):
    with clock.at(at):
        return open_votes.close_vote(actor=actor, record=record)


def confirm(record, actor):
    with clock.at(ENDS):
        return roll_calls.confirm_roll_call(actor=actor, record=record)


def test_the_secretariat_opens_it_after_the_box_for_people_who_can_sign_in(
    draft, secretariat, facilitator, authority
):
    roll_call = draft.ballot.roll_calls.get()

    def opened(actor=secretariat, ends=ENDS):
        with clock.at(CLOSES):
            return open_votes.open_vote(actor=actor, roll_call=roll_call, closes_at=ends)

    for actor in (facilitator, authority, deputy(1), None):
        with pytest.raises(NotAllowed):
            opened(actor)
    with pytest.raises(BallotEndsTooSoon):
        opened(ends=CLOSES)
    Appointee.objects.filter(seat=2).update(user=None)
    with pytest.raises(NotAllInvited):
        opened()
    appointing.end_appointment(actor=secretariat, appointee=Appointee.objects.get(seat=2), on=CLOSES.date())
    type(draft.ballot).objects.update(status="open", yes=None, no=None, abstain=None, closed_at=None)
    with pytest.raises(CitizensVoteFirst):
        opened()
    type(draft.ballot).objects.update(status="closed", yes=6, no=0, abstain=0, closed_at=CLOSES)
    assert opened().under_way
    with pytest.raises(RollCallHeld):
        opened()
    assert Entry.objects.filter(action="roll_call.opened").count() == 1


def test_each_votes_for_herself_and_may_change_it_until_it_is_closed(
    draft, record, secretariat, facilitator, stranger
):
    for actor in (secretariat, stranger, None):
        with pytest.raises(NotAllowed):
            open_votes.cast_openly(actor=actor, record=record, choice="yes")
    with pytest.raises(UnknownChoice):
        vote(record, 1, "perhaps")
    vote(record, 1, "no")
    vote(record, 1, "yes", reasons="  I was wrong.  ")
    assert OpenVote.objects.get().reasons == "I was wrong."
    with pytest.raises(BallotStillOpen):
        close(record, secretariat)
    vote(record, 2, "no")
    vote(record, 3, "yes")
    with pytest.raises(VoteInSiteUnderWay):
        confirm(record, facilitator)
    with pytest.raises(NotAllowed):
        close(record, facilitator)
    close(record, secretariat)  # everybody has voted
    with pytest.raises(BallotClosed):
        vote(record, 1, "no")
    with pytest.raises(RollCallHeld):
        close(record, secretariat)
    with pytest.raises(RollCallByTwo):
        confirm(record, secretariat)
    draft.refresh_from_db()
    assert draft.status == "ballot"
    confirm(record, facilitator)
    draft.refresh_from_db()
    assert draft.status == "adopted"
    assert [each.choice for each in record.votes.all()] == ["yes", "no", "yes"]


def test_whoever_is_silent_until_the_end_did_not_vote(draft, record, secretariat, facilitator):
    vote(record, 1)
    with pytest.raises(BallotClosed):
        vote(record, 2, at=ENDS)
    close(record, secretariat, at=ENDS)
    confirm(record, facilitator)
    assert [each.choice for each in record.votes.all()] == ["yes", "", ""]
    draft.refresh_from_db()
    assert draft.status == "not_adopted"  # more than half of all three


def test_who_came_after_the_opening_or_has_left_does_not_vote(draft, record, secretariat):
    appointing.replace_appointee(
        actor=secretariat, appointee=Appointee.objects.get(seat=1), name="Ada Peeters", group="",
        decision="Bureau", on=CLOSES.date() + dt.timedelta(days=1),
    )  # fmt: skip
    new = Appointee.objects.get(seat=1, ends_on__isnull=True)
    appointing.invite_appointee(actor=secretariat, appointee=new, email="new@example.org", language="en")
    with clock.at(CLOSES + dt.timedelta(days=1)):
        type(record).objects.update(closes_at=CLOSES + dt.timedelta(days=2))
        for each in Appointee.objects.filter(seat=1):
            with pytest.raises(NotAllowed):
                open_votes.cast_openly(actor=Actor.of(each.user), record=record, choice="yes")


def test_what_they_said_is_not_written_over_and_not_told_before_it_counts(
    client, draft, record, institution, secretariat, facilitator
):
    vote(record, 1, "no", reasons="Too dear.")
    with clock.at(CLOSES), pytest.raises(VoteInSiteUnderWay):
        roll_calls.enter_roll_call(
            actor=secretariat, roll_call=record.roll_call, held_on=CLOSES.date(),
            choices=dict.fromkeys(Appointee.objects.values_list("pk", flat=True), "yes"),
        )  # fmt: skip
    close(record, secretariat, at=ENDS)
    where = [institution.slug, 1, 1]
    pages = [
        reverse("office:roll_call", args=[*where, COLLEGE]),
        reverse("office:recommendation", args=where),
    ]
    pages += [reverse("office:roll_call_confirm", args=[*where, COLLEGE])]
    pages += [reverse("public:recommendation", args=where), reverse("public:journal", args=where[:1])]
    with clock.at(ENDS):
        client.force_login(factories.make_user(institution, Role.SECRETARIAT))
        shown = [client.get(page, follow=True) for page in pages]
        client.force_login(deputy(2).user)
        shown += [client.get(reverse("members:appointed_draft", args=[institution.slug, 1]))]
        shown += [client.get(reverse("members:appointed_vote", args=[institution.slug, 1]))]
    assert {each.status_code for each in shown} == {200}
    assert not [each.request["PATH_INFO"] for each in shown if "Too dear." in each.content.decode()]
    roll_calls.withdraw_roll_call(actor=secretariat, record=record)
    with pytest.raises(RollCallNotWaiting):
        confirm(record, facilitator)
    told = [each.facts for each in Entry.objects.filter(action__startswith="roll_call")]
    assert len(told) == 3
    assert not any({"yes", "no", "abstain"} & set(each) for each in told)


def test_a_deputy_reads_when_it_closes_in_the_time_of_the_institution(client, record, institution):
    institution.time_zone = "Pacific/Auckland"
    institution.save(update_fields=["time_zone"])
    client.force_login(deputy(1).user)
    with clock.at(CLOSES), translation.override("en"):
        page = client.get(reverse("members:appointed_vote", args=[institution.slug, 1])).content.decode()
        shown = date_format(ENDS.astimezone(ZoneInfo("Pacific/Auckland")), "DATETIME_FORMAT")
    assert f"closes on {shown}." in page


@pytest.mark.parametrize("closed", [False, True])
def test_who_breaks_a_cycle_off_withdraws_the_open_vote_and_leaves_undecided_what_it_was_about(
    client, record, draft, secretariat, authority, institution, closed
):
    vote(record, 1)
    if closed:
        close(record, secretariat, ENDS)
    with clock.at(ENDS):
        break_off(actor=authority, cycle=draft.cycle, reasons=texts("No money"))
        draft.refresh_from_db()
        record.refresh_from_db()
        assert (draft.status, record.withdrawn_at) == (RecommendationStatus.NOT_DECIDED, ENDS)
        told = Entry.objects.filter(action="roll_call.withdrawn").get().facts
        assert (told["ballot"], told["group"], told["cycle"]) == (1, COLLEGE, 1)
        with pytest.raises(ServiceError):
            confirm(record, secretariat)
        shown = client.get(reverse("public:recommendation", args=[institution.slug, 1, 1]))
    text = shown.content.decode()
    assert "They vote by name until" not in text
    assert "They have voted." not in text
    assert draft.undecided_for == Uncounted.OPEN_VOTE
    with translation.override("en"):
        assert [each for each in Uncounted if str(each.label) in text] == [Uncounted.OPEN_VOTE]


def test_from_the_office_to_the_vote_and_to_the_public_page(client, draft, institution):
    where = [institution.slug, 1, 1]
    with clock.at(CLOSES):
        client.force_login(factories.make_user(institution, Role.SECRETARIAT))
        page = reverse("office:roll_call_open", args=[*where, COLLEGE])
        assert (
            "Let them vote in the site"
            in client.get(reverse("office:recommendation", args=where)).content.decode()
        )
        given = {"closes_at_day": ENDS.date().isoformat(), "closes_at_hour": "23:00"}
        assert client.post(page, given).status_code == 200  # asks first
        assert client.post(page, {**given, "confirmed": "yes"}).status_code == 302
        home = reverse("members:appointed", args=[institution.slug])
        own = reverse("members:appointed_vote", args=[institution.slug, 1])
        for seat, choice in ((1, "yes"), (2, "yes"), (3, "abstain")):
            client.force_login(deputy(seat).user)
            assert own in client.get(home).content.decode()
            assert client.post(own, {"choice": "perhaps"}).status_code == 422
            assert (
                client.post(own, {"choice": choice, "reasons": f"Seat {seat} speaks."}).status_code == 302
            )
            assert "Change my vote" in client.get(own).content.decode()
        client.force_login(Member.objects.filter(cycle=draft.cycle)[0].user)
        assert client.get(own).status_code == client.post(own, {"choice": "no"}).status_code == 404
        client.force_login(factories.make_user(institution, Role.SECRETARIAT))
        shut = reverse("office:roll_call_close", args=[*where, COLLEGE])
        assert client.post(shut, {"confirmed": "yes"}).status_code == 302
        client.force_login(factories.make_user(institution, Role.FACILITATOR))
        confirmed = reverse("office:roll_call_confirm", args=[*where, COLLEGE])
        assert client.post(confirmed, {"confirmed": "yes"}).status_code == 302
        client.force_login(deputy(1).user)
        assert client.post(own, {"choice": "no"}).status_code == 409
    shown = client.get(reverse("public:recommendation", args=where)).content.decode()
    assert all(each in shown for each in ("Seat 1 speaks.", "Deputy 3", "Together: adopted"))


def test_while_they_vote_nobody_gets_another_account_with_which_somebody_else_could_go_on(
    record, secretariat
):
    def invite(email):
        return appointing.invite_appointee(
            actor=secretariat, appointee=Appointee.objects.get(seat=1), email=email, language="en"
        )

    with pytest.raises(VoteInSiteUnderWay):
        invite("somebody@else.example")
    assert Appointee.objects.get(seat=1).user.email == "deputy1@example.org"
    assert invite("Deputy1@example.org").user_id  # the mail can be sent again
