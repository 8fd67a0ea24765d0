"""Citizens vote in secret, members of parliament by name: who decides, and what is never shown."""

from __future__ import annotations

import datetime as dt
import json

import pytest

from isegoria_web import clock
from isegoria_web.ballots import algorithms, roll_calls, services
from isegoria_web.ballots.enums import Choice
from isegoria_web.ballots.errors import (
    CitizensVoteFirst,
    GroupVotesInSecret,
    NoThreshold,
    NotOnTheRoll,
    RollCallDayWrong,
    RollCallEntered,
    TooFewForSecrecy,
    UnknownChoice,
    WhoBindsUnknown,
)
from isegoria_web.ballots.models import Paper, Participation
from isegoria_web.errors import NotAllowed
from isegoria_web.journal.models import Entry
from isegoria_web.membership.models import Appointee
from isegoria_web.recommendations import services as recommendations
from isegoria_web.recommendations.enums import RecommendationStatus
from tests.web import factories
from tests.web.factories import NOW, texts

pytestmark = pytest.mark.django_db
CLOSES = NOW + dt.timedelta(days=7)
YES, NO, AWAY = Choice.YES.value, Choice.NO.value, roll_calls.ABSENT


def opened(cycle, secretariat):
    return services.open_ballot(actor=secretariat, cycle=cycle, question=texts("Trams?"), closes_at=CLOSES)


def counted(ballot, members, secretariat, yes):
    for place, member in enumerate(members):
        choice = Choice.YES if place < yes else Choice.NO
        services.cast(actor=factories.actor_of(member), ballot=ballot, choice=choice)
    with clock.at(CLOSES):
        return factories.count_together(secretariat, ballot)


def called(ballot, secretariat, said, **changed):
    """Enter a roll call in which the appointees, by seat, said so."""
    roll_call = ballot.roll_calls.get()
    roll = roll_calls.roll_of(roll_call, CLOSES.date())
    given = {
        "actor": secretariat, "roll_call": roll_call, "held_on": CLOSES.date(),
        "choices": {each.pk: choice for each, choice in zip(roll, said, strict=True)},
    }  # fmt: skip
    with clock.at(CLOSES):
        return roll_calls.enter_roll_call(**given | changed)


@pytest.fixture
def mixed(institution):
    """Six citizens and three members of parliament, as in Brussels: the citizens advise, the others decide."""
    cycle = factories.make_cycle(institution)
    factories.mix(cycle)
    return cycle


@pytest.fixture
def members(mixed):
    return factories.make_members(mixed)


def test_members_of_parliament_decide_and_the_citizens_advise(mixed, members, secretariat):
    ballot = counted(opened(mixed, secretariat), members, secretariat, yes=6)
    assert algorithms.result_of(ballot).adopted
    assert algorithms.is_adopted(ballot) is None
    called(ballot, secretariat, [YES, NO, NO])
    assert algorithms.is_adopted(ballot) is False


def test_an_absolute_majority_is_of_all_members_of_parliament(mixed, members, secretariat):
    ballot = counted(opened(mixed, secretariat), members, secretariat, yes=0)
    called(ballot, secretariat, [YES, AWAY, AWAY])
    assert algorithms.is_adopted(ballot) is False  # one of three, though one of one who voted


def test_the_weighted_sum_counts_each_vote_of_parliament_as_the_rule_book_says(institution, secretariat):
    cycle = factories.make_cycle(institution)
    factories.mix(cycle, together="weighted", weight=2, effect="binding", threshold="1/2")
    members = factories.make_members(cycle)
    ballot = counted(opened(cycle, secretariat), members, secretariat, yes=2)
    called(ballot, secretariat, [YES, YES, YES])
    found = algorithms.decided_together(ballot)
    assert (found.weighted_yes, found.weighted_base, found.adopted) == (2 + 2 * 3, 6 + 2 * 3, True)


def test_where_both_bind_it_takes_a_double_majority(institution, secretariat):
    cycle = factories.make_cycle(institution)
    factories.mix(cycle, effect="binding", threshold="1/2")
    members = factories.make_members(cycle)
    ballot = counted(opened(cycle, secretariat), members, secretariat, yes=2)
    called(ballot, secretariat, [YES, YES, YES])
    assert algorithms.is_adopted(ballot) is False


def test_a_recommendation_waits_for_the_open_vote(mixed, members, secretariat):
    draft = factories.make_draft(mixed)
    ballot = recommendations.put_to_vote(actor=secretariat, recommendation=draft, closes_at=CLOSES)
    counted(ballot, members, secretariat, yes=6)
    draft.refresh_from_db()
    assert draft.status == RecommendationStatus.BALLOT
    ballot.refresh_from_db()
    called(ballot, secretariat, [YES, YES, NO])
    draft.refresh_from_db()
    assert draft.status == RecommendationStatus.ADOPTED


def test_only_the_secretariat_enters_an_open_vote(
    mixed, members, secretariat, facilitator, authority, stranger
):
    ballot = counted(opened(mixed, secretariat), members, secretariat, yes=6)
    for actor in (facilitator, authority, stranger, factories.actor_of(members[0]), None):
        with pytest.raises(NotAllowed):
            called(ballot, actor, [YES, YES, YES])
    assert called(ballot, secretariat, [YES, YES, YES]).votes.count() == 3


def test_an_open_vote_is_entered_once_after_the_box_and_for_everybody_who_sat(mixed, members, secretariat):
    ballot = opened(mixed, secretariat)
    with pytest.raises(CitizensVoteFirst):
        called(ballot, secretariat, [YES, YES, YES])
    ballot = counted(ballot, members, secretariat, yes=6)
    with pytest.raises(RollCallDayWrong):
        called(ballot, secretariat, [YES, YES, YES], held_on=NOW.date())
    with pytest.raises(NotOnTheRoll):
        called(ballot, secretariat, [YES, YES, YES], choices={Appointee.objects.first().pk: YES})
    with pytest.raises(UnknownChoice):
        called(ballot, secretariat, [YES, "perhaps", YES])
    called(ballot, secretariat, [YES, YES, YES])
    with pytest.raises(RollCallEntered):
        called(ballot, secretariat, [NO, NO, NO])


def test_the_journal_tells_rule_and_sums_and_no_name(mixed, members, secretariat):
    ballot = counted(opened(mixed, secretariat), members, secretariat, yes=6)
    called(ballot, secretariat, [YES, YES, NO])
    entry = Entry.objects.get(action="roll_call.entered")
    wanted = {"yes": 2, "no": 1, "eligible": 3, "approved": True, "adopted": True, "binding": True}
    assert wanted.items() <= entry.facts.items()
    assert entry.facts["rule"].startswith("bodies.assembly.others.members-of-parliament.threshold, ")
    assert Entry.objects.get(action="ballot.opened").facts["binding"] is False
    written = json.dumps([each.facts for each in Entry.objects.all()])
    assert [each.name for each in Appointee.objects.all() if each.name in written] == []


def test_an_open_vote_leaves_the_box_as_it_was(mixed, members, secretariat):
    """Nothing of a citizen stands in a roll call, and nothing of a roll call in the box."""
    ballot = counted(opened(mixed, secretariat), members, secretariat, yes=4)
    before = set(Paper.objects.values_list("choice", "receipt")), Participation.objects.count()
    called(ballot, secretariat, [YES, YES, NO])
    assert (set(Paper.objects.values_list("choice", "receipt")), Participation.objects.count()) == before
    assert "weight" not in {field.name for field in Paper._meta.concrete_fields}
    ballot.refresh_from_db()
    assert (ballot.yes, ballot.no, ballot.eligible) == (4, 2, 6)


def test_so_few_citizens_do_not_vote_in_secret_beside_an_open_vote(mixed, secretariat):
    members = factories.make_members(mixed, count=5)
    factories.end_term(members[0])
    with pytest.raises(TooFewForSecrecy):
        opened(mixed, secretariat)


@pytest.mark.parametrize(
    ("changed", "error"),
    [
        ({"secret": True}, GroupVotesInSecret),
        ({"secret": None}, GroupVotesInSecret),
        ({"others_effect": None}, WhoBindsUnknown),
        ({"others_effect": "consultative"}, WhoBindsUnknown),
        ({"others_threshold": None}, NoThreshold),
    ],
)
def test_where_the_rule_book_is_silent_nothing_is_invented(institution, secretariat, changed, error):
    cycle = factories.make_cycle(institution)
    factories.mix(cycle, **changed)
    factories.make_members(cycle)
    with pytest.raises(error):
        opened(cycle, secretariat)
