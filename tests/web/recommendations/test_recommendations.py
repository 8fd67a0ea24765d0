"""Drafts, amendments, secret ballots, dissent and the report: each verb allowed, refused, twice, in the journal."""

from __future__ import annotations

import datetime as dt
from fractions import Fraction

import pytest

from isegoria_web import clock
from isegoria_web.accounts.enums import Role
from isegoria_web.ballots import services as ballots
from isegoria_web.ballots.enums import Choice
from isegoria_web.ballots.errors import BallotEndsTooSoon, NobodyMayVote
from isegoria_web.ballots.models import Ballot
from isegoria_web.errors import NotAllowed
from isegoria_web.journal.enums import Action
from isegoria_web.recommendations import services
from isegoria_web.recommendations.enums import AmendmentStatus, RecommendationStatus
from isegoria_web.recommendations.errors import (
    AmendmentDecided,
    AmendmentOfOldText,
    AmendmentsUndecided,
    ForeignStatement,
    NoLongerADraft,
    NotAdopted,
    ReportHandedOver,
    SignatoryUnknown,
    TooLateToDissent,
)
from isegoria_web.recommendations.models import Amendment, Recommendation
from tests.web import acts, factories
from tests.web.factories import NOW, texts

CLOSES = NOW + dt.timedelta(days=7)
AFTER_DISSENT = CLOSES + dt.timedelta(days=8)


@pytest.fixture
def cycle(institution):
    return factories.make_cycle(institution)


@pytest.fixture
def members(cycle):
    return factories.make_members(cycle)


@pytest.fixture
def statement(cycle, members):
    return factories.make_statement(cycle, factories.make_note(factories.make_table(cycle)))


@pytest.fixture
def drafted(cycle, members) -> Recommendation:
    return factories.make_draft(cycle)


@pytest.fixture
def ballot(secretariat, drafted) -> Ballot:
    return open_ballot(secretariat, drafted)


def draft(actor, cycle, statements=()):
    return services.draft_recommendation(
        actor=actor, cycle=cycle, title=texts("Trams"), text=texts("Build."), reasons=texts("Quiet."),
        statements=list(statements),
    )  # fmt: skip


def propose(actor, recommendation, number=1):
    version = recommendation.versions.get(number=number)
    return services.propose_amendment(
        actor=actor, version=version, text=texts("Build two."), reasons="One is no net.", language="de"
    )


def decide(actor, amendment, *, accepted=True):
    return services.decide_amendment(
        actor=actor, amendment=amendment, accepted=accepted, hands_for=4, hands_against=2
    )


def open_ballot(actor, recommendation, closes_at=CLOSES):
    return services.put_to_vote(actor=actor, recommendation=recommendation, closes_at=closes_at)


def cast(member, ballot, choice=Choice.YES):
    return ballots.cast(actor=factories.actor_of(member), ballot=ballot, choice=choice)


def count(actor, ballot, at=CLOSES):
    with clock.at(at):
        return factories.count_together(actor, ballot)


def adopt(secretariat, ballot, members):
    for member in members:
        cast(member, ballot)
    count(secretariat, ballot)
    recommendation = ballot.recommendation
    recommendation.refresh_from_db()
    return recommendation


def dissent(member, recommendation, signatories=None):
    return services.submit_minority_opinion(
        actor=factories.actor_of(member),
        recommendation=recommendation,
        text=texts("We disagree."),
        signatories=[member.number] if signatories is None else signatories,
    )


def hand_over(actor, cycle, at=AFTER_DISSENT):
    with clock.at(at):
        return services.hand_over_report(actor=actor, cycle=cycle)


# -- drafts ------------------------------------------------------------------------------------------------
def test_a_draft_keeps_the_statements_it_comes_from(institution, facilitator, cycle, statement):
    made = draft(facilitator, cycle, [statement])
    assert list(made.statements.all()) == [statement]
    assert made.versions.get().number == 1
    facts = acts.entry(institution, Action.RECOMMENDATION_DRAFTED).facts
    assert facts == {"cycle": 1, "recommendation": 1, "statements": [1]}


def test_only_facilitators_and_the_secretariat_draft(institution, cycle, members):
    refused = (factories.actor_of(members[0]),)
    acts.only(
        institution, Role.FACILITATOR, Role.SECRETARIAT, act=lambda actor: draft(actor, cycle),
        also_refused=refused,
    )  # fmt: skip


def test_statements_of_another_cycle_are_refused(institution, facilitator, statement):
    other = factories.make_cycle(institution)
    with pytest.raises(ForeignStatement):
        draft(facilitator, other, [statement])
    assert not other.recommendations.exists()


def test_drafts_are_numbered_in_their_order(facilitator, cycle):
    assert [draft(facilitator, cycle).number for _each in range(3)] == [1, 2, 3]


# -- amendments --------------------------------------------------------------------------------------------
def test_a_member_proposes_another_wording(institution, drafted, members):
    made = propose(factories.actor_of(members[0]), drafted)
    assert (made.proposed_by, made.status) == (members[0], AmendmentStatus.PROPOSED)
    assert acts.entry(institution, Action.AMENDMENT_PROPOSED).facts == {"recommendation": 1, "version": 1}


def test_nobody_but_a_sitting_member_proposes_a_wording(institution, drafted, members):
    factories.end_term(members[1])
    acts.only(
        institution,
        act=lambda actor: propose(actor, drafted),
        also_refused=(factories.actor_of(members[1]),),
    )


def test_an_accepted_wording_is_the_next_version(institution, facilitator, drafted, members):
    decide(facilitator, propose(factories.actor_of(members[0]), drafted))
    assert drafted.versions.latest("number").text == texts("Build two.")
    facts = acts.entry(institution, Action.AMENDMENT_DECIDED).facts
    assert facts == {"recommendation": 1, "accepted": True, "hands_for": 4, "hands_against": 2}


def test_a_rejected_wording_changes_nothing(facilitator, drafted, members):
    decide(facilitator, propose(factories.actor_of(members[0]), drafted), accepted=False)
    assert drafted.versions.count() == 1


def test_an_amendment_is_decided_once(facilitator, drafted, members):
    amendment = propose(factories.actor_of(members[0]), drafted)
    decide(facilitator, amendment, accepted=False)
    with pytest.raises(AmendmentDecided):
        decide(facilitator, amendment)
    assert drafted.versions.count() == 1


def test_an_amendment_of_a_former_wording_is_refused(facilitator, drafted, members):
    first, second = (propose(factories.actor_of(member), drafted) for member in members[:2])
    decide(facilitator, first)
    with pytest.raises(AmendmentOfOldText):
        decide(facilitator, second)
    with pytest.raises(AmendmentOfOldText):
        propose(factories.actor_of(members[2]), drafted)


def test_members_do_not_count_the_hands_themselves(institution, drafted, members):
    amendment = propose(factories.actor_of(members[0]), drafted)
    with pytest.raises(NotAllowed):
        decide(factories.actor_of(members[0]), amendment)
    assert Amendment.objects.get().status == AmendmentStatus.PROPOSED


# -- opening a ballot --------------------------------------------------------------------------------------
def test_a_ballot_keeps_its_roll_and_its_rules(institution, secretariat, drafted, members):
    made = open_ballot(secretariat, drafted)
    assert set(made.roll.all()) == set(members)
    assert made.eligible == 6
    facts = acts.entry(institution, Action.BALLOT_OPENED).facts
    assert facts["version"] == 1
    assert facts["rule"] == "bodies.assembly.decision.threshold"
    assert Fraction(facts["threshold"]) == Fraction(made.threshold)
    drafted.refresh_from_db()
    assert drafted.status == RecommendationStatus.BALLOT


def test_only_the_secretariat_opens_a_ballot(institution, drafted, members):
    refused = (factories.actor_of(members[0]),)
    acts.only(
        institution, Role.SECRETARIAT, act=lambda actor: open_ballot(actor, drafted), also_refused=refused
    )


def test_there_is_one_ballot_on_a_recommendation(secretariat, drafted, ballot):
    with pytest.raises(NoLongerADraft):
        open_ballot(secretariat, drafted)


def test_undecided_wordings_come_first(institution, secretariat, facilitator, drafted, members):
    amendment = propose(factories.actor_of(members[0]), drafted)
    with pytest.raises(AmendmentsUndecided):
        open_ballot(secretariat, drafted)
    decide(facilitator, amendment)
    open_ballot(secretariat, drafted)
    assert acts.entry(institution, Action.BALLOT_OPENED).facts["version"] == 2


def test_a_ballot_ends_in_the_future(secretariat, drafted):
    with pytest.raises(BallotEndsTooSoon):
        open_ballot(secretariat, drafted, closes_at=NOW)


def test_without_a_taken_seat_nobody_can_vote(secretariat, cycle):
    with pytest.raises(NobodyMayVote):
        open_ballot(secretariat, factories.make_draft(cycle))


def test_wordings_are_fixed_once_the_ballot_is_open(drafted, ballot, members):
    with pytest.raises(NoLongerADraft):
        propose(factories.actor_of(members[0]), drafted)


# -- after the count ---------------------------------------------------------------------------------------
def test_the_count_decides(secretariat, ballot, members):
    for member, choice in zip(members, [*[Choice.YES] * 4, Choice.NO, Choice.ABSTAIN], strict=True):
        cast(member, ballot, choice)
    counted = count(secretariat, ballot)
    adopted = Fraction(4, 5) >= Fraction(counted.threshold)
    status = Recommendation.objects.get().status
    assert (status == RecommendationStatus.ADOPTED) == adopted


def test_too_few_voters_adopt_nothing(secretariat, ballot, members):
    for member in members[:3]:  # the mandate asks for two thirds of six
        cast(member, ballot)
    count(secretariat, ballot)
    assert Recommendation.objects.get().status == RecommendationStatus.NOT_ADOPTED


# -- dissent -----------------------------------------------------------------------------------------------
def test_those_who_disagree_are_printed(institution, secretariat, ballot, members):
    recommendation = adopt(secretariat, ballot, members)
    with clock.at(CLOSES):
        made = dissent(members[0], recommendation, [1, 2])
    assert set(made.signatories.all()) == set(members[:2])
    acts.entry(institution, Action.MINORITY_OPINION_ADDED)


def test_nobody_but_a_member_disagrees_in_print(institution, secretariat, ballot, members):
    recommendation = adopt(secretariat, ballot, members)
    with clock.at(CLOSES):
        acts.only(
            institution,
            act=lambda actor: services.submit_minority_opinion(
                actor=actor, recommendation=recommendation, text=texts("No."), signatories=[1]
            ),
        )


@pytest.mark.parametrize("signatories", [[2], [1, 99], []])
def test_who_signs_is_a_member_and_signs_herself(secretariat, ballot, members, signatories):
    recommendation = adopt(secretariat, ballot, members)
    with clock.at(CLOSES), pytest.raises(SignatoryUnknown):
        dissent(members[0], recommendation, signatories)


def test_there_is_no_dissent_from_what_was_not_adopted(drafted, members):
    with pytest.raises(NotAdopted):
        dissent(members[0], drafted)


def test_dissent_ends_after_the_days_of_the_rule_book(secretariat, cycle, ballot, members):
    factories.amend_rule_book(cycle, 'threshold = "4/5"', 'threshold = "4/5"\nminority_days = 14')
    recommendation = adopt(secretariat, ballot, members)
    with clock.at(CLOSES + dt.timedelta(days=13)):
        dissent(members[0], Recommendation.objects.get(pk=recommendation.pk))
        with acts.lacking("dissent.over"):
            services.hand_over_report(actor=secretariat, cycle=cycle)
    with clock.at(CLOSES + dt.timedelta(days=15)), pytest.raises(TooLateToDissent):
        dissent(members[1], Recommendation.objects.get(pk=recommendation.pk), [2])


def test_dissent_ends_after_seven_days(secretariat, ballot, members):
    recommendation = adopt(secretariat, ballot, members)
    with clock.at(AFTER_DISSENT), pytest.raises(TooLateToDissent):
        dissent(members[0], recommendation)


# -- the report --------------------------------------------------------------------------------------------
def test_the_report_is_printed_and_handed_over(institution, secretariat, cycle, ballot, members):
    adopt(secretariat, ballot, members)
    made = hand_over(secretariat, cycle)
    assert made.document.read().startswith(b"%PDF")
    facts = acts.entry(institution, Action.REPORT_HANDED_OVER).facts
    assert facts == {
        "cycle": 1,
        "recommendations": 1,
        "sha256": made.sha256,
        "due_on": "2027-06-14",
        "rules": {"due_on": "mandate"},
    }


def test_a_report_waits_for_every_count_and_every_dissent(secretariat, cycle, ballot, members):
    with acts.lacking("recommendations.decided", "ballots.counted"):
        hand_over(secretariat, cycle)
    adopt(secretariat, ballot, members)
    with acts.lacking("dissent.over"):
        hand_over(secretariat, cycle, at=CLOSES + dt.timedelta(days=6))


def test_a_report_is_handed_over_once(secretariat, cycle, ballot, members):
    adopt(secretariat, ballot, members)
    hand_over(secretariat, cycle)
    with pytest.raises(ReportHandedOver):
        hand_over(secretariat, cycle)


def test_only_the_secretariat_hands_over(institution, secretariat, cycle, ballot, members):
    adopt(secretariat, ballot, members)
    with clock.at(AFTER_DISSENT):
        acts.only(
            institution,
            Role.SECRETARIAT,
            act=lambda actor: services.hand_over_report(actor=actor, cycle=cycle),
            also_refused=(factories.actor_of(members[0]),),
        )
