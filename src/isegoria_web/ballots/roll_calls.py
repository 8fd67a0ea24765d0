"""Open votes of those who are appointed, beside the citizens' secret ballot: called by name, written down, public.

One person writes a vote down, a second one confirms it; only then it counts and is public. Until then it may be replaced,
afterwards only corrected: with a reason, by two persons again, and both versions stay. These are services like those in
`services.py`. Citizens stand in no roll call, and nobody who is appointed has a paper in the box.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.db import transaction

from isegoria_web import clock
from isegoria_web.accounts.actors import Actor
from isegoria_web.ballots import algorithms, policies
from isegoria_web.ballots.enums import BallotStatus, Choice
from isegoria_web.ballots.errors import (
    CitizensVoteFirst,
    CorrectionNeedsReason,
    NobodyMayVote,
    NotOnTheRoll,
    RollCallByTwo,
    RollCallDayWrong,
    RollCallNotWaiting,
    UnknownChoice,
    VoteInSiteUnderWay,
)
from isegoria_web.ballots.models import Ballot, OpenVote, RollCall, RollCallRecord
from isegoria_web.ballots.services import follow_count
from isegoria_web.errors import require, required
from isegoria_web.institutions.models import Cycle
from isegoria_web.institutions.status import require_cycle_at_work
from isegoria_web.journal.enums import Action
from isegoria_web.journal.services import record as note
from isegoria_web.membership.models import Appointee
from isegoria_web.translated import Texts

ABSENT = ""
"""Of somebody who did not vote."""


def roll_of(roll_call: RollCall, day: date) -> list[Appointee]:
    """Return who may vote in a roll call on a day, by seat."""
    found = Appointee.objects.filter(cycle=roll_call.ballot.cycle, college=roll_call.college)
    return list(found.sitting_on(day).order_by("seat"))


def require_day(roll_call: RollCall, day: date) -> None:
    """Ask that a group can have voted on a day: after the citizens' box was counted, and not in the future.

    Raises
    ------
    CitizensVoteFirst, RollCallDayWrong
        If it cannot.
    """
    ballot = roll_call.ballot
    if ballot.status != BallotStatus.CLOSED:
        raise CitizensVoteFirst
    zone = ballot.cycle.institution.time_zone
    if not clock.day_of(required(ballot.closed_at), zone) <= day <= clock.today(zone):
        raise RollCallDayWrong


def enter_roll_call(
    *,
    actor: Actor,
    roll_call: RollCall,
    held_on: date,
    choices: Mapping[int, str],
    reasons: Mapping[int, str] | None = None,
    why: Texts | None = None,
) -> RollCallRecord:
    """Write down how each of a group voted by name, after the citizens' box was counted; a second person confirms.

    What still waits for a second person is replaced by it.

    Parameters
    ----------
    choices
        Key of the appointee to `Choice`, or `ABSENT`: one for everybody who held a seat on the day.
    reasons
        Key of the appointee to her own words in public, where she gave any.
    why
        Of a correction: what was wrong, in public.

    Raises
    ------
    CitizensVoteFirst
        If it is not the time for it.
    RollCallDayWrong, NotOnTheRoll, UnknownChoice, NobodyMayVote
        If it is not a vote of those who held the seats.
    CorrectionNeedsReason
        If a confirmed one would be corrected without a word.
    VoteInSiteUnderWay
        If they vote in the site; what they said there is not written over.
    """
    ballot = roll_call.ballot
    require(policies.may_enter_roll_call(actor, ballot))
    require_cycle_at_work(ballot.cycle)
    with transaction.atomic():
        roll_call = locked(roll_call)
        roll = _require_roll(roll_call, held_on, choices)
        before, waiting = roll_call.in_force, roll_call.waiting
        if waiting is not None and waiting.in_site:
            raise VoteInSiteUnderWay
        said = {code: text.strip() for code, text in (why or {}).items() if text.strip()}
        if before is not None and not said:
            raise CorrectionNeedsReason
        if waiting is not None:
            waiting.withdrawn_at = clock.now()
            waiting.save(update_fields=["withdrawn_at"])
        made = RollCallRecord(
            roll_call=roll_call, number=roll_call.records.count() + 1, held_on=held_on,
            reason=said if before is not None else {}, entered_by=required(actor.user), entered_at=clock.now(),
        )  # fmt: skip
        made.full_clean(validate_constraints=False)
        made.save()
        _write_votes(made, roll, choices, reasons or {})
        told = {"corrects": before.number, "reason": made.reason} if before is not None else {}
        if waiting is not None:
            told["replaces"] = waiting.number
        _note(actor, made, Action.ROLL_CALL_ENTERED, told)
        return made


def confirm_roll_call(*, actor: Actor, record: RollCallRecord) -> RollCallRecord:
    """Confirm, as the second person, how a group voted by name; now it counts, and decides what follows.

    Raises
    ------
    RollCallNotWaiting, VoteInSiteUnderWay
        If it was confirmed, replaced or withdrawn, or is not closed.
    RollCallByTwo
        If the same person wrote it down.
    NotOnTheRoll
        If others are known by now to have held the seats on that day.
    """
    ballot = record.roll_call.ballot
    require(policies.may_count(actor, ballot))
    require_cycle_at_work(ballot.cycle)
    with transaction.atomic():
        roll_call = locked(record.roll_call)
        record = waiting_record(roll_call, record)
        if record.under_way:
            raise VoteInSiteUnderWay
        if not policies.may_confirm_roll_call(actor, record):
            raise RollCallByTwo
        written = set(record.votes.values_list("appointee", flat=True))
        if written != {each.pk for each in roll_of(roll_call, record.held_on)}:
            raise NotOnTheRoll
        before = roll_call.in_force
        record.confirmed_by, record.confirmed_at = required(actor.user), clock.now()
        record.save(update_fields=["confirmed_by", "confirmed_at"])
        follow_count(Ballot.objects.select_related("cycle__institution").get(pk=roll_call.ballot_id))
        if before is None:
            _note(actor, record, Action.ROLL_CALL_CONFIRMED, _in_figures(record))
        else:
            told = {"corrects": before.number, "reason": record.reason}
            _note(actor, record, Action.ROLL_CALL_CORRECTED, {**told, **_in_figures(record)})
        return record


def withdraw_roll_call(*, actor: Actor, record: RollCallRecord) -> RollCallRecord:
    """Withdraw what nobody has confirmed; nothing of it was public.

    Raises
    ------
    RollCallNotWaiting
        If it was confirmed, replaced or withdrawn.
    """
    require(policies.may_enter_roll_call(actor, record.roll_call.ballot))
    with transaction.atomic():
        record = waiting_record(locked(record.roll_call), record)
        record.withdrawn_at = clock.now()
        record.save(update_fields=["withdrawn_at"])
        _note(actor, record, Action.ROLL_CALL_WITHDRAWN, {})
        return record


def withdraw_broken_off(actor: Actor, cycle: Cycle) -> None:
    """Withdraw what was under way or waited for a second person; follows the verb that breaks the cycle off."""
    open_ones = RollCallRecord.objects.filter(
        roll_call__ballot__cycle=cycle, confirmed_at__isnull=True, withdrawn_at__isnull=True
    )
    for key in open_ones.values_list("roll_call", flat=True):
        waiting = locked(RollCall.objects.get(pk=key)).waiting
        if waiting is None:
            continue  # confirmed in the same instant
        waiting.withdrawn_at = clock.now()
        waiting.save(update_fields=["withdrawn_at"])
        note(
            actor=actor, institution=cycle.institution, action=Action.ROLL_CALL_WITHDRAWN,
            subject=waiting.roll_call.ballot, facts={**place_of(waiting), "cycle": cycle.number},
        )  # fmt: skip


def locked(roll_call: RollCall) -> RollCall:
    """Return a roll call as it stands now; two who work on one ballot wait for each other."""
    Ballot.objects.select_for_update().get(pk=roll_call.ballot_id)
    return RollCall.objects.select_related("ballot__cycle__institution").get(pk=roll_call.pk)


def waiting_record(roll_call: RollCall, record: RollCallRecord) -> RollCallRecord:
    """Return a record that waits for a second person as it stands now.

    Raises
    ------
    RollCallNotWaiting
        If it was confirmed, replaced or withdrawn.
    """
    found = roll_call.waiting
    if found is None or found.pk != record.pk:
        raise RollCallNotWaiting
    found.roll_call = roll_call
    return found


def _require_roll(roll_call: RollCall, held_on: date, choices: Mapping[int, str]) -> list[Appointee]:
    require_day(roll_call, held_on)
    roll = roll_of(roll_call, held_on)
    if not roll:
        raise NobodyMayVote
    if {each.pk for each in roll} != set(choices):
        raise NotOnTheRoll
    if not set(choices.values()) <= {*Choice.values, ABSENT}:
        raise UnknownChoice
    return roll


def _write_votes(
    made: RollCallRecord, roll: list[Appointee], choices: Mapping[int, str], reasons: Mapping[int, str]
) -> None:
    for each in roll:
        vote = OpenVote(
            record=made, appointee=each, choice=choices[each.pk], reasons=reasons.get(each.pk, "").strip()
        )
        vote.full_clean()
        vote.save()


def place_of(made: RollCallRecord) -> dict[str, Any]:
    """Return what the journal says of every record: whose it is and of which day; never a name."""
    return {
        "ballot": made.roll_call.ballot.number, "group": made.roll_call.college, "record": made.number,
        "held_on": made.held_on.isoformat(),
    }  # fmt: skip


def _note(actor: Actor, made: RollCallRecord, action: Action, told: Mapping[str, Any]) -> None:
    ballot = made.roll_call.ballot
    note(
        actor=actor, institution=ballot.cycle.institution, action=action, subject=ballot,
        facts={**place_of(made), **told}, sealed={"person": required(actor.user).pk},
    )  # fmt: skip


def _in_figures(made: RollCallRecord) -> dict[str, Any]:
    """Return what the journal says of an open vote once it counts: its sums and its rule, and no name."""
    roll_call = RollCall.objects.select_related("ballot").get(pk=made.roll_call_id)  # with what counts now
    result = algorithms.record_result(roll_call, made)
    adopted = algorithms.is_adopted(roll_call.ballot)
    return {
        "yes": result.yes, "no": result.no, "abstain": result.abstain, "eligible": result.eligible,
        "quorum_met": result.quorum_met, "approved": result.adopted, "rule": roll_call.rule,
        "binding": roll_call.binding, "weight": roll_call.weight, "persons": 2,
        **({} if adopted is None else {"adopted": adopted}),
    }  # fmt: skip
