"""Seats: offered to those whom the lot named, taken, left, and filled again in the order of the draw."""

from __future__ import annotations

import datetime as dt
import threading

import pytest
from django.db import IntegrityError, connections, transaction

from isegoria_web import clock
from isegoria_web.accounts.actors import Actor
from isegoria_web.accounts.enums import Role
from isegoria_web.accounts.models import User
from isegoria_web.errors import NotAllowed
from isegoria_web.institutions.enums import Stage
from isegoria_web.institutions.models import Cycle
from isegoria_web.journal.enums import Action
from isegoria_web.lottery.enums import DrawKind
from isegoria_web.lottery.models import Draw
from isegoria_web.membership import policies, services
from isegoria_web.membership.enums import AlternateStatus, EndReason, TermStatus
from isegoria_web.membership.errors import (
    DecisionNeeded,
    NoLongerSeated,
    NotDrawnYet,
    NotFinalYet,
    SeatNotOffered,
    SeatsOffered,
)
from isegoria_web.membership.models import Alternate, Member, Term
from tests.web import acts, factories
from tests.web.factories import NOW

TODAY = NOW.date()
NEXT_WEEK = TODAY + dt.timedelta(days=7)


@pytest.fixture
def cycle(institution) -> Cycle:
    return factories.make_cycle(institution, Stage.DRAWING)


@pytest.fixture
def draw(cycle) -> Draw:
    return factories.make_drawn_panel(cycle)


@pytest.fixture
def terms(secretariat, draw) -> list[Term]:
    """The seats on offer, in the order of the draw; four alternates wait."""
    return offer(secretariat, draw)


def offer(actor, draw):
    return services.offer_seats(actor=actor, draw=draw)


def accept(actor, term):
    return services.accept_seat(actor=actor, term=term)


def leave(actor, term, reason=EndReason.RESIGNATION, on=TODAY):
    return services.leave_seat(actor=actor, term=term, reason=reason, on=on)


def end(actor, cycle):
    return services.end_terms(actor=actor, cycle=cycle)


def moved_up() -> list[int]:
    """The positions of the alternates who were called."""
    called = Alternate.objects.filter(status=AlternateStatus.MOVED_UP)
    return sorted(called.values_list("position", flat=True))


def nobody_waits():
    Alternate.objects.update(status=AlternateStatus.MOVED_UP)


# -- offering the seats ----------------------------------------------------------------------------------
def test_everybody_who_was_drawn_is_offered_a_seat_in_drawn_order(secretariat, draw):
    terms = offer(secretariat, draw)
    assert [term.status for term in terms] == [TermStatus.OFFERED] * 6
    assert (
        [term.member.number for term in terms] == [term.seat.number for term in terms] == [1, 2, 3, 4, 5, 6]
    )
    assert [term.member.selection.position for term in terms] == [1, 2, 3, 4, 5, 6]
    assert all(term.member.respondent == term.member.selection.entry.respondent for term in terms)


def test_the_alternates_wait_in_drawn_order(secretariat, draw):
    offer(secretariat, draw)
    waiting = Alternate.objects.filter(status=AlternateStatus.WAITING)
    assert [(each.position, each.selection.position) for each in waiting] == [
        (1, 1),
        (2, 2),
        (3, 3),
        (4, 4),
    ]
    assert all(each.respondent == each.selection.entry.respondent for each in waiting)


def test_a_member_keeps_the_features_under_which_she_was_drawn(secretariat, draw):
    for term in offer(secretariat, draw):
        assert term.member.features == term.member.selection.entry.features != {}


def test_nobody_but_the_secretariat_offers_seats(institution, cycle, draw):
    acts.only(
        institution,
        Role.SECRETARIAT,
        act=lambda actor: offer(actor, draw),
        also_refused=(Actor.system(),),
    )
    assert not cycle.members.exists()


def test_seats_are_offered_once(secretariat, draw, terms):
    with pytest.raises(SeatsOffered):
        offer(secretariat, draw)
    assert (Term.objects.count(), Alternate.objects.count()) == (6, 4)


def test_no_seat_is_offered_before_the_draw_is_final_or_after_its_annulment(institution, secretariat):
    cycle = factories.make_cycle(institution, Stage.DRAWING)
    draw = factories.make_draw(cycle, DrawKind.PANEL, drawn=False)
    steps = (
        (lambda _draw: None, NotDrawnYet),
        (factories.commit, NotDrawnYet),
        (factories.fall, NotFinalYet),
    )
    for step, refusal in steps:
        step(draw)
        with pytest.raises(refusal):
            offer(secretariat, draw)
    factories.annul(draw)
    with pytest.raises(NotDrawnYet):
        offer(secretariat, draw)
    assert not Member.objects.exists()


def test_the_draw_of_the_letters_seats_nobody(secretariat, cycle, draw):
    with pytest.raises(NotDrawnYet):
        offer(secretariat, cycle.draws.get(kind=DrawKind.LETTERS))


def test_an_offer_makes_no_account(terms):
    assert not Member.objects.exclude(user=None).exists()


def test_a_later_cycle_gets_the_seats_that_are_free_and_new_ones_for_the_rest(
    institution, secretariat, cycle, terms
):
    nobody_waits()
    for term in terms[1:4]:
        leave(secretariat, term)
    later = factories.make_drawn_panel(factories.make_cycle(institution, Stage.DRAWING))
    assert [term.seat.number for term in offer(secretariat, later)] == [2, 3, 4, 7, 8, 9]


def test_the_database_gives_a_seat_to_one_alone(terms):
    with pytest.raises(IntegrityError), transaction.atomic():
        Term.objects.filter(pk=terms[1].pk).update(seat=terms[0].seat)


# -- taking a seat ---------------------------------------------------------------------------------------
def test_who_says_yes_sits_from_today_and_gets_an_account(secretariat, terms):
    term = accept(secretariat, terms[0])
    person = term.member.respondent
    assert (term.status, term.starts_on, term.ends_on) == (TermStatus.ACTIVE, TODAY, None)
    user = term.member.user
    assert (user.email, user.name, user.language) == (person.email, person.name, person.language)
    assert policies.sitting_member(Actor.of(user), term.member.cycle) == term.member


def test_a_term_begins_on_the_day_of_the_yes_where_the_institution_is(secretariat, terms):
    with clock.at(dt.datetime(2027, 3, 4, 23, 30, tzinfo=dt.UTC)):
        assert accept(secretariat, terms[0]).starts_on == dt.date(2027, 3, 5)


def test_the_new_account_has_no_password_yet(secretariat, terms):
    assert not accept(secretariat, terms[0]).member.user.has_usable_password()


def test_nobody_but_the_secretariat_writes_down_a_yes(institution, cycle, terms):
    acts.only(
        institution,
        Role.SECRETARIAT,
        act=lambda actor: accept(actor, terms[0]),
        also_refused=(Actor.system(),),
    )
    assert not Term.objects.filter(member__cycle=cycle, status=TermStatus.ACTIVE).exists()


def test_a_seat_is_taken_once(institution, secretariat, terms):
    accept(secretariat, terms[0])
    with pytest.raises(SeatNotOffered):
        accept(secretariat, terms[0])
    assert len(acts.entries(institution, Action.SEAT_TAKEN)) == 1


def test_a_seat_that_was_declined_is_not_taken(secretariat, terms):
    leave(secretariat, terms[0], EndReason.DECLINED)
    with pytest.raises(SeatNotOffered):
        accept(secretariat, terms[0])


def test_a_taken_seat_is_in_the_journal_by_its_numbers(institution, secretariat, terms):
    accept(secretariat, terms[2])
    entry = acts.entry(institution, Action.SEAT_TAKEN)
    assert (entry.actor, entry.subject) == ("secretariat", terms[2].member.public_id.hex)
    assert entry.facts == {"cycle": 1, "seat": 3, "member": 3}


def test_without_an_address_she_sits_all_the_same_and_has_no_account(secretariat, terms):
    person = terms[0].member.respondent
    person.email = ""
    person.save()
    before = User.objects.count()
    term = accept(secretariat, terms[0])
    assert (term.status, term.member.user) == (TermStatus.ACTIVE, None)
    assert User.objects.count() == before


def test_who_has_an_account_keeps_it(secretariat, terms):
    person = terms[0].member.respondent
    known = factories.make_user()
    person.email = known.email.upper()
    person.save()
    assert accept(secretariat, terms[0]).member.user == known
    known.refresh_from_db()
    assert known.name != person.name


def test_two_who_share_an_address_both_take_their_seats(secretariat, terms):
    first, second = terms[0].member.respondent, terms[1].member.respondent
    second.email = first.email
    second.save()
    assert [accept(secretariat, term).status for term in terms[:2]] == [TermStatus.ACTIVE] * 2


def test_the_cycle_is_seated_with_the_last_yes(institution, secretariat, cycle, terms):
    for term in terms[:-1]:
        accept(secretariat, term)
    cycle.refresh_from_db()
    assert cycle.stage == Stage.DRAWING
    accept(secretariat, terms[-1])
    cycle.refresh_from_db()
    assert cycle.stage == Stage.SEATED
    assert acts.entry(institution, Action.STAGE_REACHED).facts == {"cycle": 1, "stage": "seated"}


def test_the_cycle_is_seated_when_the_last_who_was_asked_declines_and_nobody_waits(
    secretariat, cycle, terms
):
    for term in terms[:-1]:
        accept(secretariat, term)
    nobody_waits()
    leave(secretariat, terms[-1], EndReason.DECLINED)
    cycle.refresh_from_db()
    assert cycle.stage == Stage.SEATED


def test_an_alternate_who_comes_later_does_not_turn_the_cycle_back(secretariat, cycle, terms):
    for term in terms:
        accept(secretariat, term)
    offered = leave(secretariat, terms[0])
    Cycle.objects.filter(pk=cycle.pk).update(stage=Stage.DELIBERATING)
    accept(secretariat, offered)
    cycle.refresh_from_db()
    assert cycle.stage == Stage.DELIBERATING


# -- leaving a seat --------------------------------------------------------------------------------------
def test_a_member_leaves_by_her_own_word(secretariat, terms):
    term = accept(secretariat, terms[0])
    member = term.member
    leave(factories.actor_of(member), term, on=NEXT_WEEK)
    terms[0].refresh_from_db()
    assert (terms[0].status, terms[0].end_reason, terms[0].ends_on) == ("ended", "resignation", NEXT_WEEK)
    assert policies.sitting_member(factories.actor_of(member), member.cycle) == member  # until then
    with clock.at(dt.datetime.combine(NEXT_WEEK, dt.time(12), tzinfo=dt.UTC)):
        assert policies.sitting_member(factories.actor_of(member), member.cycle) is None
    assert policies.member_ever(factories.actor_of(member), member.cycle) == member


def test_the_secretariat_writes_down_that_somebody_left(secretariat, terms):
    leave(secretariat, terms[0])
    terms[0].refresh_from_db()
    assert (terms[0].status, terms[0].end_reason, terms[0].ends_on) == ("ended", "resignation", TODAY)


@pytest.mark.parametrize("reason", [EndReason.INELIGIBLE, EndReason.EXCLUSION, EndReason.DEATH])
def test_what_is_not_her_will_is_decided_with_its_rule(secretariat, terms, reason):
    with pytest.raises(DecisionNeeded):
        leave(secretariat, accept(secretariat, terms[0]), reason)
    assert not Term.objects.filter(status=TermStatus.ENDED).exists()


def test_nobody_but_herself_and_the_secretariat_ends_a_term(institution, secretariat, terms):
    other = accept(secretariat, terms[1]).member
    acts.only(
        institution,
        Role.SECRETARIAT,
        act=lambda actor: leave(actor, terms[0]),
        also_refused=(factories.actor_of(other), Actor.system(), Actor.citizen("ABCDEF")),
    )
    assert not Term.objects.filter(status=TermStatus.ENDED).exists()


def test_a_seat_is_left_once_and_one_alternate_is_called(institution, secretariat, terms):
    leave(secretariat, terms[0])
    with pytest.raises(NoLongerSeated):
        leave(secretariat, terms[0], EndReason.DECLINED)
    assert len(acts.entries(institution, Action.SEAT_LEFT)) == 1
    assert moved_up() == [1]


def test_nobody_leaves_before_she_came(secretariat, terms):
    leave(secretariat, terms[0], on=TODAY - dt.timedelta(days=30))
    terms[0].refresh_from_db()
    assert terms[0].ends_on == terms[0].starts_on == TODAY


def test_a_left_seat_is_in_the_journal(institution, secretariat, terms):
    leave(secretariat, terms[1])
    entry = acts.entry(institution, Action.SEAT_LEFT)
    assert (entry.actor, entry.subject) == ("secretariat", terms[1].member.public_id.hex)
    assert entry.facts == {"cycle": 1, "seat": 2, "reason": "resignation"}


# -- moving up -------------------------------------------------------------------------------------------
def test_the_seat_is_offered_to_an_alternate_in_the_same_moment(secretariat, terms):
    offered = leave(secretariat, terms[0])
    assert (offered.seat, offered.status, offered.starts_on) == (terms[0].seat, TermStatus.OFFERED, TODAY)
    assert offered.member.number == 7
    assert offered.member.respondent == Alternate.objects.get(position=1).respondent


def test_the_first_of_the_same_type_moves_up(secretariat, terms):
    offered = leave(secretariat, terms[3])
    assert offered.member.features == terms[3].member.features
    assert moved_up() == [4]


def test_of_the_same_type_the_first_in_drawn_order_moves_up(institution, secretariat):
    cycle = factories.make_cycle(institution, Stage.DRAWING)
    draw = factories.make_drawn_panel(cycle, {"sex": "F", "age": "65+"})
    terms = offer(secretariat, draw)
    left = (terms[4], terms[0], terms[2], terms[5])
    order = [leave(secretariat, term).member.selection.position for term in left]
    assert order == [1, 2, 3, 4]


def test_without_one_of_the_same_type_the_nearest_moves_up_and_of_equals_the_first(secretariat, terms):
    # She is M, 16-34. Of those who wait, 1 (M, 65+), 2 (F, 16-34) and 3 (M, 35-64) share one value with
    # her, 4 (F, 65+) none.
    assert terms[4].member.features == {"sex": "M", "age": "16-34"}
    Alternate.objects.filter(position=1).update(status=AlternateStatus.MOVED_UP)
    leave(secretariat, terms[4])
    assert moved_up() == [1, 2]


def test_an_alternate_who_declines_gives_way_to_the_next(secretariat, terms):
    first = leave(secretariat, terms[0])
    second = leave(secretariat, first, EndReason.DECLINED)
    assert second.seat == terms[0].seat
    assert first.member != second.member
    assert len(moved_up()) == 1
    assert Alternate.objects.filter(status=AlternateStatus.DECLINED).count() == 1


def test_when_nobody_waits_any_more_the_seat_stays_empty(institution, secretariat, terms):
    nobody_waits()
    assert leave(secretariat, terms[0]) is None
    assert not Term.objects.filter(seat=terms[0].seat).exclude(status=TermStatus.ENDED).exists()
    assert acts.entries(institution, Action.ALTERNATE_MOVED_UP) == []


def test_alternates_of_another_cycle_do_not_move_up(institution, secretariat, terms):
    offer(secretariat, factories.make_drawn_panel(factories.make_cycle(institution, Stage.DRAWING)))
    Alternate.objects.filter(cycle=terms[0].member.cycle).update(status=AlternateStatus.MOVED_UP)
    assert leave(secretariat, terms[0]) is None


def test_who_moves_up_is_in_the_journal_with_the_rule(institution, secretariat, terms):
    offered = leave(secretariat, terms[0])
    entry = acts.entry(institution, Action.ALTERNATE_MOVED_UP)
    assert entry.subject == offered.member.public_id.hex
    assert entry.facts == {
        "cycle": 1,
        "seat": 1,
        "entry": "E00007",
        "position": 1,
        "rule": "isegoria-alternates/1",
    }


def test_when_a_member_leaves_by_herself_the_alternate_is_called_as_well(institution, secretariat, terms):
    term = accept(secretariat, terms[0])
    assert leave(factories.actor_of(term.member), term).seat == term.seat
    assert acts.entry(institution, Action.ALTERNATE_MOVED_UP).actor == "member"


@pytest.mark.usefixtures("several_threads")
@pytest.mark.django_db(transaction=True)
def test_of_many_who_leave_at_the_same_moment_each_is_followed_by_an_alternate_of_her_own():
    institution = factories.make_institution()
    draw = factories.make_drawn_panel(factories.make_cycle(institution, Stage.DRAWING))
    terms = offer(factories.actor(institution, Role.SECRETARIAT), draw)[:4]
    actors = [factories.actor(institution, Role.SECRETARIAT) for _each in terms]
    gate, outcomes = threading.Barrier(4), []

    def go(number: int) -> None:
        with clock.at(NOW):
            gate.wait()
            try:
                outcomes.append(leave(actors[number], terms[number]).seat.number)
            except Exception as failed:  # noqa: BLE001  # whatever it is, the assertion shows it
                outcomes.append(repr(failed))
        connections.close_all()

    threads = [threading.Thread(target=go, args=[number]) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes, key=str) == [1, 2, 3, 4]
    assert moved_up() == [1, 2, 3, 4]


# -- the end of the mandate ------------------------------------------------------------------------------
def test_all_terms_of_the_cycle_end_with_the_mandate_and_open_offers_lapse(secretariat, cycle, terms):
    accept(secretariat, terms[0])
    with clock.at(NOW + dt.timedelta(days=7)):
        assert end(secretariat, cycle) == 1
    found = Term.objects.values_list("status", "end_reason", "ends_on")
    assert found.get(pk=terms[0].pk) == (TermStatus.ENDED, EndReason.TERM, NEXT_WEEK)
    assert set(found.exclude(pk=terms[0].pk)) == {(TermStatus.ENDED, EndReason.LAPSED, TODAY)}


def test_who_was_only_offered_a_seat_never_sat(secretariat, cycle, terms):
    accept(secretariat, terms[0])
    with clock.at(NOW + dt.timedelta(days=7)):
        end(secretariat, cycle)
    assert list(Term.objects.held()) == [terms[0]]
    for day in (TODAY, TODAY + dt.timedelta(days=3)):
        assert list(Term.objects.sitting_on(day)) == [terms[0]]


def test_whose_term_has_ended_before_keeps_her_day_and_reason(secretariat, cycle, terms):
    nobody_waits()
    accept(secretariat, terms[0])
    leave(secretariat, terms[0])
    accept(secretariat, terms[1])
    with clock.at(NOW + dt.timedelta(days=7)):
        assert end(secretariat, cycle) == 1
    terms[0].refresh_from_db()
    assert (terms[0].end_reason, terms[0].ends_on) == (EndReason.RESIGNATION, TODAY)


def test_a_second_end_finds_nobody(secretariat, cycle, terms):
    accept(secretariat, terms[0])
    assert end(secretariat, cycle) == 1
    with clock.at(NOW + dt.timedelta(days=7)):
        assert end(secretariat, cycle) == 0
    assert set(Term.objects.values_list("ends_on", flat=True)) == {TODAY}


def test_the_terms_of_another_cycle_go_on(institution, secretariat, cycle, terms):
    other = factories.make_cycle(institution, Stage.DRAWING)
    offer(secretariat, factories.make_drawn_panel(other))
    end(secretariat, cycle)
    assert Term.objects.filter(member__cycle=other, status=TermStatus.OFFERED).count() == 6


def test_the_end_of_the_terms_is_in_the_journal(institution, secretariat, cycle, terms):
    accept(secretariat, terms[0])
    accept(secretariat, terms[1])
    end(secretariat, cycle)
    assert acts.entry(institution, Action.TERMS_ENDED).facts == {
        "cycle": 1,
        "seats": 2,
        "on": "2027-03-01",
        "rules": {"on": "bodies.assembly.mandate, ostbelgien 1"},
    }


def test_after_the_end_nobody_takes_or_leaves_a_seat(secretariat, cycle, terms):
    end(secretariat, cycle)
    with pytest.raises(SeatNotOffered):
        accept(secretariat, terms[0])
    with pytest.raises(NoLongerSeated):
        leave(secretariat, terms[0])
    with pytest.raises(NotAllowed):
        leave(factories.nobody_special(), terms[0])
    assert moved_up() == []
