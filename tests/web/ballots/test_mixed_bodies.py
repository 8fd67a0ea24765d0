"""Citizens vote in secret, members of parliament by name: who decides, and what is never shown."""

from __future__ import annotations

import datetime as dt
import json

import pytest
from django.db import IntegrityError, transaction
from django.db.models import F

from isegoria_web import clock
from isegoria_web.accounts.enums import Role
from isegoria_web.ballots import algorithms, roll_calls, services
from isegoria_web.ballots.enums import Choice
from isegoria_web.ballots.errors import (
    CitizensVoteFirst,
    CorrectionNeedsReason,
    GroupVotesInSecret,
    NoThreshold,
    NotOnTheRoll,
    RollCallByTwo,
    RollCallDayWrong,
    RollCallNotWaiting,
    TooFewForSecrecy,
    UnknownChoice,
    WhoBindsUnknown,
)
from isegoria_web.ballots.models import Paper, Participation, RollCallRecord
from isegoria_web.errors import NotAllowed
from isegoria_web.journal.models import Entry
from isegoria_web.membership import appointing
from isegoria_web.membership.models import Appointee
from isegoria_web.recommendations import services as recommendations
from isegoria_web.recommendations.enums import RecommendationStatus
from isegoria_web.recommendations.errors import ResultHandedOver
from isegoria_web.recommendations.models import Report
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
    """Write down a roll call in which the appointees, by seat, said so, and confirm it."""
    with clock.at(CLOSES):
        return factories.call_names(secretariat, ballot, said, on=CLOSES.date(), **changed)


def entered(ballot, actor, said, **changed):
    """Write it down only."""
    roll_call = ballot.roll_calls.get()
    roll = roll_calls.roll_of(roll_call, CLOSES.date())
    given = {
        "actor": actor, "roll_call": roll_call, "held_on": CLOSES.date(),
        "choices": {each.pk: choice for each, choice in zip(roll, said, strict=True)},
    }  # fmt: skip
    with clock.at(CLOSES):
        return roll_calls.enter_roll_call(**given | changed)


def confirmed(record, actor):
    with clock.at(CLOSES):
        return roll_calls.confirm_roll_call(actor=actor, record=record)


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


def test_one_of_the_secretariat_enters_and_a_second_person_confirms(
    mixed, members, secretariat, facilitator, authority, stranger
):
    ballot = counted(opened(mixed, secretariat), members, secretariat, yes=6)
    outside = (authority, stranger, factories.actor_of(members[0]), None)
    for actor in (facilitator, *outside):
        with pytest.raises(NotAllowed):
            entered(ballot, actor, [YES, YES, YES])
    record = entered(ballot, secretariat, [YES, YES, YES])
    assert algorithms.is_adopted(ballot) is None  # one person alone decides nothing
    for actor in outside:
        with pytest.raises(NotAllowed):
            confirmed(record, actor)
    with pytest.raises(RollCallByTwo):
        confirmed(record, secretariat)
    confirmed(record, facilitator)
    assert algorithms.is_adopted(ballot) is True
    with pytest.raises(RollCallNotWaiting):
        confirmed(record, facilitator)
    with pytest.raises(IntegrityError), transaction.atomic():
        RollCallRecord.objects.update(confirmed_by=F("entered_by"))


def test_an_open_vote_is_of_everybody_who_sat_on_its_day_after_the_box(mixed, members, secretariat):
    ballot = opened(mixed, secretariat)
    with pytest.raises(CitizensVoteFirst):
        entered(ballot, secretariat, [YES, YES, YES])
    ballot = counted(ballot, members, secretariat, yes=6)
    with pytest.raises(RollCallDayWrong):
        entered(ballot, secretariat, [YES, YES, YES], held_on=NOW.date())
    with pytest.raises(NotOnTheRoll):
        entered(ballot, secretariat, [YES, YES, YES], choices={Appointee.objects.first().pk: YES})
    with pytest.raises(UnknownChoice):
        entered(ballot, secretariat, [YES, "perhaps", YES])
    gone, day = Appointee.objects.get(seat=1), CLOSES.date() + dt.timedelta(days=3)
    appointing.replace_appointee(
        actor=secretariat, appointee=gone, name="Ada Peeters", group="", decision="Bureau", on=day
    )
    roll_call = ballot.roll_calls.get()
    assert gone in roll_calls.roll_of(roll_call, day - dt.timedelta(days=1))  # whoever sat then, also later
    assert gone not in roll_calls.roll_of(roll_call, day)


def test_who_sat_is_asked_again_when_a_second_person_confirms(mixed, members, secretariat, facilitator):
    ballot = counted(opened(mixed, secretariat), members, secretariat, yes=6)
    record = entered(ballot, secretariat, [YES, YES, YES])
    left = Appointee.objects.get(seat=1)
    appointing.end_appointment(actor=secretariat, appointee=left, on=CLOSES.date())
    with pytest.raises(NotOnTheRoll):
        confirmed(record, facilitator)
    assert algorithms.is_adopted(ballot) is None


def test_what_nobody_confirmed_is_replaced_or_withdrawn(mixed, members, secretariat, facilitator):
    ballot = counted(opened(mixed, secretariat), members, secretariat, yes=6)
    first = entered(ballot, secretariat, [YES, YES, YES])
    second = entered(ballot, secretariat, [NO, NO, NO])
    with pytest.raises(RollCallNotWaiting):
        confirmed(first, facilitator)
    for actor in (facilitator, None):
        with pytest.raises(NotAllowed):
            roll_calls.withdraw_roll_call(actor=actor, record=second)
    roll_calls.withdraw_roll_call(actor=secretariat, record=second)
    with pytest.raises(RollCallNotWaiting):
        roll_calls.withdraw_roll_call(actor=secretariat, record=second)
    assert ballot.roll_calls.get().waiting is None
    written = Entry.objects.filter(action__startswith="roll_call").order_by("pk")
    assert [each.action for each in written] == [
        "roll_call.entered", "roll_call.entered", "roll_call.withdrawn",
    ]  # fmt: skip
    assert not any(
        {"yes", "no", "approved"} & set(each.facts) for each in written
    )  # no sum before it counts


def test_a_correction_has_a_reason_two_persons_and_leaves_both_versions(mixed, members, secretariat):
    draft = factories.make_draft(mixed)
    ballot = recommendations.put_to_vote(actor=secretariat, recommendation=draft, closes_at=CLOSES)
    ballot = counted(ballot, members, secretariat, yes=6)
    first = called(ballot, secretariat, [YES, YES, NO])
    with pytest.raises(CorrectionNeedsReason):
        entered(ballot, secretariat, [YES, NO, NO], why={"en": " "})
    second = entered(ballot, secretariat, [YES, NO, NO], why={"en": "Seat 2 said no."})
    draft.refresh_from_db()
    assert draft.status == RecommendationStatus.ADOPTED  # as long as it waits
    confirmed(second, factories.actor(mixed.institution, Role.SECRETARIAT))
    draft.refresh_from_db()
    assert draft.status == RecommendationStatus.NOT_ADOPTED
    assert ballot.roll_calls.get().confirmed == [first, second]
    facts = Entry.objects.get(action="roll_call.corrected").facts
    wanted = {"corrects": 1, "record": 2, "yes": 1, "no": 2, "adopted": False, "persons": 2}
    assert wanted.items() <= facts.items()
    assert facts["reason"] == {"en": "Seat 2 said no."}


def test_a_result_that_the_authority_has_is_not_turned_by_a_correction(mixed, members, secretariat):
    draft = factories.make_draft(mixed)
    ballot = recommendations.put_to_vote(actor=secretariat, recommendation=draft, closes_at=CLOSES)
    ballot = counted(ballot, members, secretariat, yes=6)
    called(ballot, secretariat, [YES, YES, NO])
    Report.objects.create(cycle=mixed, handed_over_at=CLOSES, sha256="0" * 64)
    with pytest.raises(ResultHandedOver):
        called(ballot, secretariat, [YES, NO, NO], why={"en": "Seat 2 said no."})
    assert algorithms.is_adopted(ballot) is True
    called(ballot, secretariat, [YES, YES, YES], why={"en": "Seat 3 said yes."})
    assert algorithms.roll_call_result(ballot.roll_calls.get()).yes == 3


def test_the_journal_tells_rule_and_sums_and_no_name(mixed, members, secretariat):
    ballot = counted(opened(mixed, secretariat), members, secretariat, yes=6)
    called(ballot, secretariat, [YES, YES, NO])
    entry = Entry.objects.get(action="roll_call.confirmed")
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
