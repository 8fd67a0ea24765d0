"""Open votes of those who are appointed, beside the citizens' secret ballot: called by name, written down, public.

These are services like those in `services.py`. Citizens stand in no roll call, and nobody who is appointed has a paper
in the box.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from django.db import transaction

from isegoria_web import clock
from isegoria_web.accounts.actors import Actor
from isegoria_web.ballots import algorithms, policies
from isegoria_web.ballots.enums import BallotStatus, Choice
from isegoria_web.ballots.errors import (
    CitizensVoteFirst,
    NobodyMayVote,
    NotOnTheRoll,
    RollCallDayWrong,
    RollCallEntered,
    UnknownChoice,
)
from isegoria_web.ballots.models import Ballot, OpenVote, RollCall
from isegoria_web.ballots.services import follow_count
from isegoria_web.errors import require, required
from isegoria_web.institutions.status import require_cycle_at_work
from isegoria_web.journal.enums import Action
from isegoria_web.journal.services import record
from isegoria_web.membership.models import Appointee

ABSENT = ""
"""Of somebody who did not vote."""


def roll_of(roll_call: RollCall, day: date) -> list[Appointee]:
    """Return who may vote in a roll call on a day, by seat."""
    found = Appointee.objects.filter(cycle=roll_call.ballot.cycle, college=roll_call.college)
    return list(found.sitting_on(day).order_by("seat"))


def enter_roll_call(
    *,
    actor: Actor,
    roll_call: RollCall,
    held_on: date,
    choices: Mapping[int, str],
    reasons: Mapping[int, str] | None = None,
) -> RollCall:
    """Write down how each of a group voted by name, after the citizens' box was counted, and decide what follows.

    Parameters
    ----------
    choices
        Key of the appointee to `Choice`, or `ABSENT`: one for everybody who held a seat on the day.
    reasons
        Key of the appointee to her own words in public, where she gave any.

    Raises
    ------
    CitizensVoteFirst, RollCallEntered
        If it is not the time for it.
    RollCallDayWrong, NotOnTheRoll, UnknownChoice, NobodyMayVote
        If it is not a vote of those who held the seats.
    """
    ballot = roll_call.ballot
    require(policies.may_enter_roll_call(actor, ballot))
    require_cycle_at_work(ballot.cycle)
    with transaction.atomic():
        Ballot.objects.select_for_update().get(pk=ballot.pk)
        roll_call = RollCall.objects.select_related("ballot__cycle__institution").get(pk=roll_call.pk)
        roll = _require_roll(roll_call, held_on, choices)
        words = reasons or {}
        for each in roll:
            vote = OpenVote(
                roll_call=roll_call, appointee=each, choice=choices[each.pk],
                reasons=words.get(each.pk, "").strip(),
            )  # fmt: skip
            vote.full_clean()
            vote.save()
        roll_call.held_on, roll_call.entered_at = held_on, clock.now()
        roll_call.save(update_fields=["held_on", "entered_at"])
        _record(actor, roll_call)
        follow_count(roll_call.ballot)
        return roll_call


def _require_roll(roll_call: RollCall, held_on: date, choices: Mapping[int, str]) -> list[Appointee]:
    ballot = roll_call.ballot
    if ballot.status != BallotStatus.CLOSED:
        raise CitizensVoteFirst
    if roll_call.entered_at is not None:
        raise RollCallEntered
    zone = ballot.cycle.institution.time_zone
    counted_on = clock.day_of(required(ballot.closed_at), zone)
    if not counted_on <= held_on <= clock.today(zone):
        raise RollCallDayWrong
    roll = roll_of(roll_call, held_on)
    if not roll:
        raise NobodyMayVote
    if {each.pk for each in roll} != set(choices):
        raise NotOnTheRoll
    if not set(choices.values()) <= {*Choice.values, ABSENT}:
        raise UnknownChoice
    return roll


def _record(actor: Actor, roll_call: RollCall) -> None:
    ballot = roll_call.ballot
    result = required(algorithms.roll_call_result(roll_call))
    adopted = algorithms.is_adopted(ballot)
    record(
        actor=actor, institution=ballot.cycle.institution, action=Action.ROLL_CALL_ENTERED, subject=ballot,
        facts={
            "ballot": ballot.number, "group": roll_call.college,
            "held_on": required(roll_call.held_on).isoformat(),
            "yes": result.yes, "no": result.no, "abstain": result.abstain, "eligible": result.eligible,
            "quorum_met": result.quorum_met, "approved": result.adopted, "rule": roll_call.rule,
            "binding": roll_call.binding, "weight": roll_call.weight,
            **({} if adopted is None else {"adopted": adopted}),
        },
    )  # fmt: skip
