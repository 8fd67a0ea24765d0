"""Open votes that those who are appointed give themselves, in the site: opened, cast by name, closed by two persons.

Nothing of it is shown before a second person has confirmed that it is closed, not even to the first: who votes late
votes as freely as who votes early. Then it counts like a roll call that was written down, and is corrected like one.
These are services like those in `services.py`.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from isegoria_web import clock
from isegoria_web.accounts.actors import Actor
from isegoria_web.ballots import policies
from isegoria_web.ballots.enums import Choice
from isegoria_web.ballots.errors import (
    BallotClosed,
    BallotEndsTooSoon,
    BallotStillOpen,
    NobodyMayVote,
    NotAllInvited,
    RollCallHeld,
    UnknownChoice,
    VoteInSiteUnderWay,
)
from isegoria_web.ballots.models import OpenVote, RollCall, RollCallRecord
from isegoria_web.ballots.roll_calls import ABSENT, locked, place_of, require_day, roll_of, waiting_record
from isegoria_web.errors import require, required
from isegoria_web.institutions.status import require_cycle_at_work
from isegoria_web.journal.enums import Action
from isegoria_web.journal.services import record as note
from isegoria_web.membership.models import Appointee


def open_vote(*, actor: Actor, roll_call: RollCall, closes_at: datetime) -> RollCallRecord:
    """Let a group vote by name in the site, from now until a moment; whoever holds a seat today may.

    Raises
    ------
    CitizensVoteFirst, RollCallHeld
        If it is not the time for it.
    BallotEndsTooSoon, NobodyMayVote, NotAllInvited
        If it cannot be held so.
    """
    require(policies.may_enter_roll_call(actor, roll_call.ballot))
    require_cycle_at_work(roll_call.ballot.cycle)
    if closes_at <= clock.now():
        raise BallotEndsTooSoon
    with transaction.atomic():
        roll_call = locked(roll_call)
        today = clock.today(roll_call.ballot.cycle.institution.time_zone)
        require_day(roll_call, today)
        if roll_call.in_force is not None or roll_call.waiting is not None:
            raise RollCallHeld
        roll = roll_of(roll_call, today)
        if not roll:
            raise NobodyMayVote
        if any(each.user_id is None for each in roll):
            raise NotAllInvited
        made = RollCallRecord(
            roll_call=roll_call, number=roll_call.records.count() + 1, held_on=today, closes_at=closes_at
        )
        made.full_clean(validate_constraints=False)
        made.save()
        told = {"closes_at": closes_at.isoformat(), "eligible": len(roll)}
        _note(actor, made, Action.ROLL_CALL_OPENED, told)
        return made


def cast_openly(*, actor: Actor, record: RollCallRecord, choice: str, reasons: str = "") -> OpenVote:
    """Give her own vote by name, or change it as long as the vote goes on.

    No entry in the journal before the vote counts: it would tell who has voted.

    Raises
    ------
    BallotClosed
        If it is too late.
    UnknownChoice
        If it is neither yes nor no nor an abstention.
    """
    require(policies.open_voter(actor, record) is not None)
    require_cycle_at_work(record.roll_call.ballot.cycle)
    if choice not in Choice.values:
        raise UnknownChoice
    with transaction.atomic():
        roll_call = locked(record.roll_call)
        record = RollCallRecord.objects.get(pk=record.pk)
        record.roll_call = roll_call
        if not record.under_way or record.closes_at is None or clock.now() >= record.closes_at:
            raise BallotClosed
        herself = required(policies.open_voter(actor, record))
        vote = OpenVote.objects.filter(record=record, appointee=herself).first()
        vote = vote or OpenVote(record=record, appointee=herself)
        vote.choice, vote.reasons = choice, reasons.strip()
        vote.full_clean()
        vote.save()
        return vote


def require_none_under_way(appointee: Appointee) -> None:
    """Refuse what must not happen while the group of somebody who is appointed votes in the site.

    Raises
    ------
    VoteInSiteUnderWay
        If it does.
    """
    going_on = RollCallRecord.objects.filter(
        roll_call__ballot__cycle=appointee.cycle_id, roll_call__college=appointee.college,
        closes_at__isnull=False, confirmed_at__isnull=True, withdrawn_at__isnull=True,
    )  # fmt: skip
    if going_on.exists():
        raise VoteInSiteUnderWay


def close_vote(*, actor: Actor, record: RollCallRecord) -> RollCallRecord:
    """Close an open vote in the site as the first person, once its time is over or everybody has voted.

    Whoever has not voted stands as such. A second person confirms it (`roll_calls.confirm_roll_call`).

    Raises
    ------
    BallotStillOpen
        If it is not the time for it.
    RollCallNotWaiting, RollCallHeld
        If it was closed or withdrawn.
    """
    require(policies.may_enter_roll_call(actor, record.roll_call.ballot))
    with transaction.atomic():
        roll_call = locked(record.roll_call)
        record = waiting_record(roll_call, record)
        if not record.under_way or record.closes_at is None:
            raise RollCallHeld
        voted = set(record.votes.values_list("appointee", flat=True))
        silent = [each for each in roll_of(roll_call, record.held_on) if each.pk not in voted]
        if silent and clock.now() < record.closes_at:
            raise BallotStillOpen
        OpenVote.objects.bulk_create(
            OpenVote(record=record, appointee=each, choice=ABSENT) for each in silent
        )
        record.entered_by, record.entered_at = required(actor.user), clock.now()
        record.save(update_fields=["entered_by", "entered_at"])
        _note(actor, record, Action.ROLL_CALL_CLOSING, {})
        return record


def _note(actor: Actor, made: RollCallRecord, action: Action, told: Mapping[str, Any]) -> None:
    """Tell the journal what was done with a vote, without a sum: nobody has read one yet."""
    ballot = made.roll_call.ballot
    note(
        actor=actor, institution=ballot.cycle.institution, action=action, subject=ballot,
        facts={**place_of(made), **told}, sealed={"person": required(actor.user).pk},
    )  # fmt: skip
