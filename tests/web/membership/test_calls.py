"""The calls after a draw: shared out, noted, answered; who was tried in vain may be replaced."""

from __future__ import annotations

import datetime as dt

import pytest
from django.test import Client

from isegoria_web import clock
from isegoria_web.accounts.actors import Actor
from isegoria_web.accounts.enums import Role
from isegoria_web.accounts.models import Grant
from isegoria_web.errors import NotAllowed
from isegoria_web.institutions.enums import Stage
from isegoria_web.institutions.models import Cycle
from isegoria_web.journal.enums import Action
from isegoria_web.membership import calls, services
from isegoria_web.membership.enums import AlternateStatus, TermStatus
from isegoria_web.membership.errors import NoCaller, NotLater, NotWaiting, SeatNotOffered
from isegoria_web.membership.models import Alternate, Term
from isegoria_web.recruitment import desk
from isegoria_web.recruitment.enums import Channel, Outcome, Refusal, Way
from isegoria_web.recruitment.errors import NotAhead, NothingToWithdraw, SeatOffered
from isegoria_web.recruitment.models import Contact, Respondent
from isegoria_web.register.services import erase_extract
from tests.web import acts, factories
from tests.web.factories import NOW

DAY = dt.timedelta(days=1)


@pytest.fixture
def cycle(institution) -> Cycle:
    return factories.make_cycle(institution, Stage.DRAWING)


@pytest.fixture
def terms(secretariat, cycle) -> list[Term]:
    """Six seats on offer; four alternates wait."""
    return services.offer_seats(actor=secretariat, draw=factories.make_drawn_panel(cycle))


@pytest.fixture
def caller(institution) -> Actor:
    return factories.actor(institution, Role.CALLER)


def give(term: Term, caller: Actor) -> Term:
    term.caller = caller.user
    term.save()
    return term


def note(actor, term, outcome=Outcome.NO_ANSWER, way=Way.PHONE, **more):
    return calls.note_call(actor=actor, term=term, way=way, outcome=outcome, **more)


def only(cycle, term) -> calls.Call:
    return next(each for each in calls.calls_of(cycle) if each.term.pk == term.pk)


def test_the_calls_are_shared_out_evenly_and_once(institution, secretariat, cycle, terms):
    callers = [factories.actor(institution, Role.CALLER).user for _each in range(4)]
    assert calls.share_out(actor=secretariat, cycle=cycle, callers=callers) == 6
    loads = sorted(Term.objects.filter(caller=each).count() for each in callers)
    assert loads == [1, 1, 2, 2]
    assert acts.entry(institution, Action.CALLS_SHARED).facts == {
        "cycle": cycle.number,
        "seats": 6,
        "callers": 4,
    }
    assert calls.share_out(actor=secretariat, cycle=cycle, callers=callers[:1]) == 0  # nobody loses a call
    assert len(acts.entries(institution, Action.CALLS_SHARED)) == 1


def test_calls_of_somebody_who_no_longer_calls_are_free_again(
    institution, secretariat, cycle, terms, caller
):
    other = factories.actor(institution, Role.CALLER)
    calls.share_out(actor=secretariat, cycle=cycle, callers=[caller.user])
    Grant.objects.filter(user=caller.user).update(valid_until=NOW - DAY)
    assert calls.share_out(actor=secretariat, cycle=cycle, callers=[other.user]) == 6


def test_only_people_with_the_role_here_are_given_calls(secretariat, cycle, terms, caller, elsewhere):
    other = factories.actor(elsewhere, Role.CALLER)
    for chosen in ([], [factories.make_user()], [other.user]):
        with pytest.raises(NoCaller):
            calls.share_out(actor=secretariat, cycle=cycle, callers=chosen)
    with pytest.raises(NotAllowed):
        calls.share_out(actor=caller, cycle=cycle, callers=[caller.user])
    assert not Term.objects.filter(caller__isnull=False).exists()


def test_a_caller_sees_and_calls_her_own_people_and_nobody_else(cycle, terms, caller):
    give(terms[0], caller)
    assert [each.term.pk for each in calls.calls_of(cycle, caller.user)] == [terms[0].pk]
    note(caller, terms[0])
    with pytest.raises(NotAllowed):
        note(caller, terms[1])
    Grant.objects.filter(user=caller.user).update(valid_until=NOW - DAY)
    former = Actor.of(caller.user)
    with pytest.raises(NotAllowed):
        note(former, terms[0])


def test_a_try_is_noted_with_who_when_and_how_and_the_journal_holds_no_person(cycle, terms, caller):
    term = give(terms[0], caller)
    later = NOW + DAY
    note(caller, term, Outcome.CALL_BACK, call_back_at=later, note="After work.")
    (contact,) = Contact.objects.all()
    assert (contact.by, contact.at, contact.call_back_at) == (caller.user, NOW, later)
    assert acts.entry(cycle.institution, Action.PERSON_CONTACTED).facts == {
        "way": "phone",
        "outcome": "call_back",
    }
    with pytest.raises(NotAhead):
        note(caller, term, Outcome.CALL_BACK, call_back_at=NOW)
    assert Contact.objects.count() == 1


def test_a_yes_seats_and_a_no_asks_the_alternate_in_the_same_moment(cycle, terms, caller):
    note(caller, give(terms[0], caller), Outcome.SAID_YES)
    note(caller, give(terms[1], caller), Outcome.SAID_NO)
    terms[0].refresh_from_db()
    terms[1].refresh_from_db()
    assert (terms[0].status, terms[1].status) == (TermStatus.ACTIVE, TermStatus.ENDED)
    assert Term.objects.filter(seat=terms[1].seat, status=TermStatus.OFFERED).count() == 1
    with pytest.raises(SeatNotOffered):
        note(caller, terms[0], Outcome.SAID_NO)


@pytest.mark.parametrize(
    ("tries", "replace"),
    [
        ([(0, Way.PHONE), (1, Way.PHONE), (3, Way.EMAIL)], True),
        ([(0, Way.PHONE), (1, Way.PHONE), (3, Way.PHONE)], False),  # one way alone
        ([(0, Way.PHONE), (1, Way.PHONE), (2, Way.EMAIL)], False),  # two days alone
        ([(0, Way.PHONE), (3, Way.EMAIL)], False),  # two tries alone
    ],
)
def test_who_was_tried_in_vain_may_be_replaced(cycle, terms, caller, tries, replace):
    term = give(terms[0], caller)
    for days, way in tries:
        with clock.at(NOW + days * DAY):
            note(caller, term, way=way)
    assert only(cycle, term).tried_in_vain is replace


def test_who_was_reached_in_between_was_not_tried_in_vain(cycle, terms, caller):
    term = give(terms[0], caller)
    for days, way, outcome in (
        (0, Way.PHONE, Outcome.NO_ANSWER),
        (1, Way.EMAIL, Outcome.NO_ANSWER),
        (2, Way.PHONE, Outcome.UNDECIDED),
        (6, Way.PHONE, Outcome.NO_ANSWER),
    ):
        with clock.at(NOW + days * DAY):
            note(caller, term, outcome, way)
    assert not only(cycle, term).tried_in_vain


def test_the_list_begins_with_who_is_late_and_who_asked_to_be_called(secretariat, cycle, terms):
    note(secretariat, terms[3], Outcome.CALL_BACK, call_back_at=NOW + DAY)
    Term.objects.filter(pk=terms[5].pk).update(answer_by=NOW.date() - DAY)
    listed = [each.term.pk for each in calls.calls_of(cycle)]
    assert listed[:2] == [terms[5].pk, terms[3].pk]
    assert len(listed) == 6


def test_who_needs_an_interpreter_has_two_weeks(secretariat, cycle):
    draw = factories.make_drawn_panel(cycle)
    slow = draw.selections.get(kind="member", position=1).entry.respondent
    Respondent.objects.filter(pk=slow.pk).update(needs=["interpreter"])
    offered = services.offer_seats(actor=secretariat, draw=draw)
    days = {(term.answer_by - NOW.date()).days for term in offered if term.member.respondent_id != slow.pk}
    assert days == {7}
    assert next(t for t in offered if t.member.respondent_id == slow.pk).answer_by == NOW.date() + 14 * DAY


def test_more_time_is_given_once_a_later_day_is_named(institution, secretariat, caller, terms):
    until = NOW.date() + 20 * DAY
    assert calls.give_time(actor=secretariat, term=terms[0], until=until).answer_by == until
    assert acts.entry(institution, Action.TIME_GIVEN).facts == {
        "seat": terms[0].seat.number,
        "until": until.isoformat(),
        "rules": {"until": "silent: ostbelgien 1"},
    }
    with pytest.raises(NotLater):
        calls.give_time(actor=secretariat, term=terms[0], until=until)
    with pytest.raises(NotAllowed):
        calls.give_time(actor=caller, term=give(terms[0], caller), until=until + DAY)
    services.accept_seat(actor=secretariat, term=terms[0])
    with pytest.raises(SeatNotOffered):
        calls.give_time(actor=secretariat, term=terms[0], until=until + DAY)


def test_who_withdrew_from_the_frozen_pool_is_not_asked_and_the_next_one_is(secretariat, cycle):
    draw = factories.make_drawn_panel(cycle)
    gone = draw.selections.get(kind="member", position=2).entry.respondent
    waiting = draw.selections.filter(kind="alternate").order_by("position").first().entry.respondent
    for person in (gone, waiting):
        desk.withdraw(
            actor=secretariat, invitation=person.invitation, channel=Channel.PHONE, refusal=Refusal.HEALTH
        )
    assert [each.facts for each in acts.entries(cycle.institution, Action.PARTICIPATION_WITHDRAWN)] == [
        {"channel": "phone", "frozen": True}
    ] * 2
    offered = services.offer_seats(actor=secretariat, draw=draw)
    asked = {term.member.respondent_id for term in offered}
    assert len(offered) == cycle.panel_size
    assert not asked & {gone.pk, waiting.pk}
    assert Alternate.objects.get(respondent=waiting).status == AlternateStatus.DECLINED
    with pytest.raises(NothingToWithdraw):
        desk.withdraw(
            actor=secretariat, invitation=gone.invitation, channel=Channel.PHONE, refusal=Refusal.HEALTH
        )


def test_who_holds_a_seat_leaves_it_on_its_page(secretariat, terms):
    with pytest.raises(SeatOffered):
        desk.withdraw(
            actor=secretariat, invitation=terms[0].member.respondent.invitation, channel=Channel.PHONE,
            refusal=Refusal.OTHER,
        )  # fmt: skip


def test_before_the_pool_is_frozen_a_withdrawal_deletes_what_was_told(secretariat, caller, institution):
    cycle = factories.make_cycle(institution, Stage.INVITING)
    person, other = factories.make_respondents(cycle, 2)
    desk.note_contact(
        actor=secretariat, invitation=person.invitation, way=Way.PHONE, outcome=Outcome.UNDECIDED,
        note="Her mother is ill.",
    )  # fmt: skip
    with pytest.raises(NotAllowed):
        desk.withdraw(
            actor=caller, invitation=person.invitation, channel=Channel.PHONE, refusal=Refusal.CARE
        )
    desk.withdraw(
        actor=secretariat, invitation=person.invitation, channel=Channel.PHONE, refusal=Refusal.CARE
    )
    assert list(Respondent.objects.all()) == [other]
    assert Contact.objects.get().note == ""


def test_the_notes_are_erased_with_the_extract(secretariat, terms):
    note(secretariat, terms[0], note="Deaf in one ear.")
    extract = terms[0].member.respondent.invitation.campaign.extract
    erase_extract(actor=secretariat, extract=extract)
    assert Contact.objects.get().note == ""
    assert Contact.objects.get().outcome == Outcome.NO_ANSWER  # that she was tried stays


def test_an_alternate_who_withdraws_is_passed_over_and_only_once(secretariat, caller, cycle, terms):
    first = Alternate.objects.filter(cycle=cycle).order_by("position").first()
    with pytest.raises(NotAllowed):
        services.withdraw_alternate(actor=caller, alternate=first)
    services.withdraw_alternate(actor=secretariat, alternate=first)
    assert acts.entry(cycle.institution, Action.PARTICIPATION_WITHDRAWN).facts == {
        "alternate": first.position
    }
    with pytest.raises(NotWaiting):
        services.withdraw_alternate(actor=secretariat, alternate=first)
    note(secretariat, terms[0], Outcome.SAID_NO)
    assert not Term.objects.filter(member__respondent=first.respondent).exists()


class TestPages:
    @pytest.fixture
    def page(self, caller, client: Client) -> Client:
        client.force_login(caller.user)
        return client

    def test_a_caller_finds_her_people_from_the_morning_page(self, page, institution, cycle, terms, caller):
        mine, other = give(terms[0], caller), terms[1]
        home = page.get(f"/en/{institution.slug}/office/")
        address = f"/en/{institution.slug}/office/cycles/{cycle.number}/calls/"
        assert address in home.content.decode()
        listed = page.get(address).content.decode()
        assert mine.member.respondent.name in listed
        assert other.member.respondent.name not in listed
        assert page.get(f"{address}{other.member.number}/").status_code == 404

    def test_she_writes_down_a_yes(self, page, institution, cycle, terms, caller):
        term = give(terms[0], caller)
        address = f"/en/{institution.slug}/office/cycles/{cycle.number}/calls/{term.member.number}/"
        assert page.post(address, {"way": "phone"}).status_code == 422
        answer = page.post(address, {"way": "phone", "outcome": "said_yes", "note": ""})
        assert answer.status_code == 302
        term.refresh_from_db()
        assert term.status == TermStatus.ACTIVE
        assert page.get(address).status_code == 404

    def test_looking_at_people_leaves_a_line_in_the_log_without_names(
        self, page, institution, cycle, terms, caller, caplog
    ):
        give(terms[0], caller)
        with caplog.at_level("INFO", "isegoria_web.access"):
            page.get(f"/en/{institution.slug}/office/cycles/{cycle.number}/calls/")
        (line,) = [each.getMessage() for each in caplog.records if each.name == "isegoria_web.access"]
        assert (
            line == f"person {caller.user.pk} saw 1 people to call, institution {institution.slug}, cycle 1"
        )
