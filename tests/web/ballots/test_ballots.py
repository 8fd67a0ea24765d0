"""Secret ballots of yes or no, and choices: each verb allowed, refused, twice, in the journal."""

from __future__ import annotations

import datetime as dt
import threading
from zoneinfo import ZoneInfo

import pytest
from django.db import IntegrityError, connections, transaction

from isegoria_web import clock
from isegoria_web.accounts.actors import Actor
from isegoria_web.accounts.enums import Role
from isegoria_web.ballots import services
from isegoria_web.ballots.enums import BallotKind, BallotStatus, Choice
from isegoria_web.ballots.errors import (
    BallotClosed,
    BallotEndsTooSoon,
    BallotStillOpen,
    ClosingNotProposed,
    NeedsSecondPerson,
    NobodyMayVote,
    OptionsWrong,
    PlacesWrong,
    TooFewMayVote,
    UnknownChoice,
    VotedAlready,
)
from isegoria_web.ballots.models import Ballot, Paper, Participation
from isegoria_web.errors import NotAllowed
from isegoria_web.journal.enums import Action
from isegoria_web.membership.decisions import confirm_decision, decide_seat
from isegoria_web.membership.enums import DecisionKind
from tests.web import acts, factories
from tests.web.factories import NOW, texts

CLOSES = NOW + dt.timedelta(days=7)
COUNTERS = (Role.SECRETARIAT, Role.FACILITATOR, Role.OBSERVER)


@pytest.fixture
def cycle(institution):
    return factories.make_cycle(institution)


@pytest.fixture
def members(cycle):
    return factories.make_members(cycle)


@pytest.fixture
def ballot(secretariat, cycle, members) -> Ballot:
    return open_ballot(secretariat, cycle)


def open_ballot(actor, cycle, closes_at=CLOSES):
    return services.open_ballot(actor=actor, cycle=cycle, question=texts("Trams?"), closes_at=closes_at)


def open_choice(actor, cycle, kind=BallotKind.SHARES, options=("Trams", "Trees", "Homes"), places=2):
    return services.open_choice(
        actor=actor, cycle=cycle, kind=kind, question=texts("What first?"),
        options=[texts(option) if option else {} for option in options], places=places, closes_at=CLOSES,
    )  # fmt: skip


def cast(member, ballot, choice=Choice.YES):
    return services.cast(actor=factories.actor_of(member), ballot=ballot, choice=choice)


def mark(member, ballot, *marks):
    return services.cast(actor=factories.actor_of(member), ballot=ballot, marks=marks)


def count(actor, ballot, at=CLOSES):
    with clock.at(at):
        return factories.count_together(actor, ballot)


# -- opening -----------------------------------------------------------------------------------------------
def test_a_ballot_keeps_its_roll_and_its_rules(institution, secretariat, cycle, members):
    made = open_ballot(secretariat, cycle)
    assert set(made.roll.all()) == set(members)
    assert (made.number, made.eligible) == (1, 6)
    facts = acts.entry(institution, Action.BALLOT_OPENED).facts
    assert facts["rule"] == "bodies.assembly.decision.threshold"
    assert open_choice(secretariat, cycle).number == 2


@pytest.mark.parametrize("act", [open_ballot, open_choice])
def test_only_the_secretariat_opens_a_ballot(institution, cycle, members, act):
    refused = (factories.actor_of(members[0]),)
    acts.only(institution, Role.SECRETARIAT, act=lambda actor: act(actor, cycle), also_refused=refused)


def test_a_ballot_ends_in_the_future(secretariat, cycle, members):
    with pytest.raises(BallotEndsTooSoon):
        open_ballot(secretariat, cycle, closes_at=NOW)


def test_without_a_taken_seat_nobody_can_vote(secretariat, cycle):
    with pytest.raises(NobodyMayVote):
        open_ballot(secretariat, cycle)


@pytest.mark.parametrize("act", [open_ballot, open_choice])
def test_no_box_is_opened_whose_outcome_would_tell_how_one_or_two_voted(secretariat, cycle, act):
    factories.make_members(cycle, 2, extra=0)
    with pytest.raises(TooFewMayVote):
        act(secretariat, cycle)
    assert not Ballot.objects.exists()


@pytest.mark.parametrize("options", [("Trams",), ("Trams", ""), ("Trams", "Trees", "Trams")])
def test_a_choice_has_several_different_options(secretariat, cycle, members, options):
    with pytest.raises(OptionsWrong):
        open_choice(secretariat, cycle, options=options, places=1)


@pytest.mark.parametrize("places", [0, 3])
def test_a_choice_leaves_something_out(secretariat, cycle, members, places):
    with pytest.raises(PlacesWrong):
        open_choice(secretariat, cycle, places=places)


# -- voting ------------------------------------------------------------------------------------------------
def test_a_member_votes_once(ballot, members):
    cast(members[0], ballot)
    with pytest.raises(VotedAlready):
        cast(members[0], ballot, Choice.NO)
    assert (Paper.in_box.count(), Participation.objects.count()) == (1, 1)


def test_nobody_but_those_on_the_roll_votes(institution, cycle, ballot, members):
    factories.end_term(members[0])
    acts.only(
        institution,
        act=lambda actor: services.cast(actor=actor, ballot=ballot, choice=Choice.YES),
        also_refused=(factories.actor_of(members[0]), Actor.system()),
    )
    ballot.roll.remove(members[1])  # as somebody who moved up after the ballot was opened
    with pytest.raises(NotAllowed):
        cast(members[1], ballot)


def test_a_vote_after_the_last_moment_is_refused(ballot, members):
    with clock.at(CLOSES), pytest.raises(BallotClosed):
        cast(members[0], ballot)


def test_a_vote_is_one_of_the_choices(ballot, members):
    with pytest.raises(UnknownChoice):
        cast(members[0], ballot, "perhaps")


@pytest.mark.usefixtures("several_threads")
@pytest.mark.django_db(transaction=True)
def test_of_many_votes_of_one_member_at_the_same_moment_one_counts():
    institution = factories.make_institution()
    cycle = factories.make_cycle(institution)
    member = factories.make_members(cycle)[0]
    with clock.at(NOW):
        ballot = open_ballot(factories.actor(institution, Role.SECRETARIAT), cycle)
    gate, outcomes = threading.Barrier(8), []

    def vote() -> None:
        with clock.at(NOW):
            gate.wait()
            try:
                cast(member, ballot)
                outcomes.append("counted")
            except VotedAlready:
                outcomes.append("refused")
        connections.close_all()

    threads = [threading.Thread(target=vote) for _each in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["counted"] + ["refused"] * 7
    assert (Paper.in_box.count(), Participation.objects.count()) == (1, 1)


# -- suspended while a ballot is open ------------------------------------------------------------------------
def suspend(institution, secretariat, member, starts_on, ends_on=None):
    proposed = decide_seat(
        actor=secretariat, term=member.terms.get(), kind=DecisionKind.SUSPENSION, starts_on=starts_on,
        ends_on=ends_on, reason="Shouted at others.",
    )  # fmt: skip
    colleague = factories.actor(institution, Role.SECRETARIAT)
    return confirm_decision(actor=colleague, decision=proposed)


def test_a_suspended_member_votes_until_that_midnight_and_again_from_the_day_it_ends(
    institution, secretariat, cycle, members
):
    ballot = open_ballot(secretariat, cycle, closes_at=NOW + dt.timedelta(days=9))
    midnight = dt.datetime.combine(
        NOW.date() + dt.timedelta(days=2), dt.time(), ZoneInfo(institution.time_zone)
    )
    day = midnight.date()
    for member in members[:3]:
        suspend(institution, secretariat, member, day, day + dt.timedelta(days=2))
    second = dt.timedelta(seconds=1)
    with clock.at(midnight - second):
        cast(members[0], ballot)
    for moment in (midnight, midnight + dt.timedelta(days=2) - second):
        with clock.at(moment), pytest.raises(NotAllowed):
            cast(members[1], ballot)
    with clock.at(midnight + dt.timedelta(days=2)):
        cast(members[1], ballot)
    assert Participation.objects.filter(ballot=ballot).count() == 2


def test_a_suspension_lowers_no_quorum_takes_no_paper_out_and_opens_no_box_early(
    institution, secretariat, ballot, members
):
    cast(members[0], ballot)
    for member in members[:2]:
        suspend(institution, secretariat, member, NOW.date())
    for member in members[2:]:
        cast(member, ballot)
    ballot.refresh_from_db()
    assert (ballot.eligible, ballot.roll.count()) == (len(members), len(members))
    with pytest.raises(BallotStillOpen):
        services.propose_closing(actor=secretariat, ballot=ballot)
    assert count(secretariat, ballot).yes == len(members) - 1


# -- counting ----------------------------------------------------------------------------------------------
def test_the_count_says_how_many(institution, secretariat, ballot, members):
    for member, choice in zip(members, [*[Choice.YES] * 4, Choice.NO, Choice.ABSTAIN], strict=True):
        cast(member, ballot, choice)
    counted = count(secretariat, ballot)
    assert (counted.yes, counted.no, counted.abstain) == (4, 1, 1)
    facts = acts.entry(institution, Action.BALLOT_CLOSED).facts
    assert (facts["yes"], facts["no"], facts["abstain"]) == (4, 1, 1)


def test_nothing_is_counted_before_its_time(secretariat, facilitator, ballot, members):
    cast(members[0], ballot)
    for act in (services.propose_closing, services.close_ballot):
        with pytest.raises(BallotStillOpen):
            act(actor=secretariat, ballot=ballot)
    for member in members[1:]:
        cast(member, ballot)
    assert factories.count_together(secretariat, ballot).status == BallotStatus.CLOSED


def test_a_ballot_is_counted_once(secretariat, ballot):
    count(secretariat, ballot)
    with pytest.raises(BallotClosed):
        count(secretariat, ballot)


@pytest.mark.parametrize("act", [services.propose_closing, services.close_ballot])
def test_only_secretariat_facilitators_and_observers_open_a_box(institution, ballot, members, act):
    refused = (factories.actor_of(members[0]), Actor.system())
    with clock.at(CLOSES):
        acts.only(
            institution, *COUNTERS, act=lambda actor: act(actor=actor, ballot=ballot), also_refused=refused
        )


def test_it_takes_two_persons_to_open_a_box(institution, secretariat, ballot):
    with clock.at(CLOSES):
        with pytest.raises(ClosingNotProposed):
            services.close_ballot(actor=secretariat, ballot=ballot)
        services.propose_closing(actor=secretariat, ballot=ballot)
        with pytest.raises(NeedsSecondPerson):
            services.close_ballot(actor=secretariat, ballot=ballot)
        second = factories.actor(institution, Role.OBSERVER)
        assert services.close_ballot(actor=second, ballot=ballot).status == BallotStatus.CLOSED
    assert acts.entry(institution, Action.BALLOT_CLOSING_PROPOSED).facts == {"ballot": 1}


def test_one_of_the_two_belongs_to_the_secretariat(institution, ballot):
    with clock.at(CLOSES):
        services.propose_closing(actor=factories.actor(institution, Role.FACILITATOR), ballot=ballot)
        with pytest.raises(NeedsSecondPerson):
            services.close_ballot(actor=factories.actor(institution, Role.OBSERVER), ballot=ballot)
    ballot.refresh_from_db()
    assert ballot.status == BallotStatus.OPEN


def test_the_database_itself_asks_for_two_persons(secretariat, ballot):
    counted = count(secretariat, ballot)
    with pytest.raises(IntegrityError), transaction.atomic():
        Ballot.objects.filter(pk=counted.pk).update(closing_proposed_by=counted.closed_by)


# -- choices -----------------------------------------------------------------------------------------------
def test_a_minority_gets_its_share(institution, secretariat, cycle, members):
    ballot = open_choice(secretariat, cycle)
    for member in members[:3]:
        mark(member, ballot, "1", "2")
    for member in members[3:]:
        mark(member, ballot, "3")
    outcome = count(secretariat, ballot).outcome
    assert outcome["approvals"] == {"1": 3, "2": 3, "3": 3}
    assert set(outcome["chosen"]) == {"1", "3"}
    assert acts.entry(institution, Action.BALLOT_CLOSED).facts["chosen"] == outcome["chosen"]


def test_the_most_chosen_win_and_a_close_call_is_told(secretariat, cycle, members):
    ballot = open_choice(secretariat, cycle, BallotKind.APPROVAL, places=1)
    for member, said in zip(members, ("1", "1", "2", "2", "3", None), strict=True):
        mark(member, ballot, *([said] if said else []))
    outcome = count(secretariat, ballot).outcome
    assert (outcome["chosen"], outcome["tied"], outcome["blank"]) == (["1"], ["2"], 1)


def test_a_ranking_finds_what_beats_every_other(secretariat, cycle, members):
    ballot = open_choice(secretariat, cycle, BallotKind.RANKING, places=1)
    for member, order in zip(members, ("132", "132", "231", "231", "312", "321"), strict=True):
        mark(member, ballot, *order)
    outcome = count(secretariat, ballot).outcome
    assert outcome["ranks"][0] == ["3"]
    assert outcome["chosen"] == ["3"]


def test_without_the_quorum_nothing_is_chosen(secretariat, cycle, members):
    ballot = open_choice(secretariat, cycle)
    for member in members[:3]:  # the mandate asks for two thirds of six
        mark(member, ballot, "1")
    outcome = count(secretariat, ballot).outcome
    assert (outcome["quorum_met"], outcome["chosen"]) == (False, [])


@pytest.mark.parametrize("marks", [("4",), ("1", "1"), ("yes",)])
def test_a_paper_marks_what_is_offered_once(secretariat, cycle, members, marks):
    ballot = open_choice(secretariat, cycle)
    with pytest.raises(UnknownChoice):
        mark(members[0], ballot, *marks)
    with pytest.raises(UnknownChoice):
        cast(members[0], ballot)


def test_marks_do_not_fit_a_ballot_of_yes_or_no(ballot, members):
    with pytest.raises(UnknownChoice):
        mark(members[0], ballot, "1")


def test_the_order_of_the_marks_of_a_choice_is_not_kept(secretariat, cycle, members):
    """Ticked in whatever order, two equal papers are equal: an order would be a mark of its voter."""
    ballot = open_choice(secretariat, cycle)
    mark(members[0], ballot, "2", "1")
    assert Paper.in_box.get().marks == ["1", "2"]


@pytest.mark.usefixtures("several_threads")
@pytest.mark.django_db(transaction=True)
def test_a_vote_at_the_second_of_closing_is_counted_or_refused_never_lost():
    institution = factories.make_institution()
    cycle = factories.make_cycle(institution)
    members = factories.make_members(cycle)
    secretariat = factories.actor(institution, Role.SECRETARIAT)
    with clock.at(NOW):
        ballot = open_ballot(secretariat, cycle)
        for member in members[1:]:
            cast(member, ballot)
    gate, outcomes = threading.Barrier(2), []

    def vote() -> None:
        with clock.at(CLOSES - dt.timedelta(microseconds=1)):
            gate.wait()
            try:
                outcomes.append(cast(members[0], ballot))
            except BallotClosed:
                outcomes.append("")
        connections.close_all()

    def close() -> None:
        gate.wait()
        count(secretariat, ballot)
        connections.close_all()

    threads = [threading.Thread(target=vote), threading.Thread(target=close)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    ballot.refresh_from_db()
    assert ballot.yes == 5 + bool(outcomes[0])
    assert Participation.objects.count() == ballot.yes
    assert (outcomes[0] in ballot.papers.receipts()) == bool(outcomes[0])
