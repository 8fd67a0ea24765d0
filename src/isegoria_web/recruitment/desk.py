"""The desk: tries to reach people, and withdrawals. What is noted here is erased with what is known of them."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from isegoria_web import clock
from isegoria_web.accounts.actors import Actor
from isegoria_web.errors import require
from isegoria_web.journal.enums import Action
from isegoria_web.journal.services import record
from isegoria_web.recruitment import mailing, policies
from isegoria_web.recruitment.enums import Channel, InvitationStatus, Outcome, Refusal, Way
from isegoria_web.recruitment.errors import NotAhead, NothingToWithdraw, SeatOffered
from isegoria_web.recruitment.models import Contact, Draft, Invitation, Respondent, SecondAnswer


def note_contact(
    *,
    actor: Actor,
    invitation: Invitation,
    way: Way,
    outcome: Outcome,
    call_back_at: datetime | None = None,
    note: str = "",
) -> Contact:
    """Note that somebody was tried to be reached, and what came of it.

    Raises
    ------
    NotAhead
        If she is to be called again at a moment that is past.
    """
    require(policies.may_record_answer(actor, invitation))
    return write_contact(actor, invitation, way, outcome, call_back_at, note)


def write_contact(
    actor: Actor,
    invitation: Invitation,
    way: Way,
    outcome: Outcome,
    call_back_at: datetime | None = None,
    note: str = "",
) -> Contact:
    """Write it down; part of the verbs that have asked who may."""
    if outcome != Outcome.CALL_BACK:
        call_back_at = None
    elif call_back_at is not None and call_back_at <= clock.now():
        raise NotAhead
    with transaction.atomic():
        made = Contact(
            invitation=invitation, at=clock.now(), way=way, outcome=outcome, call_back_at=call_back_at,
            note=note, by=actor.user,
        )  # fmt: skip
        made.full_clean()
        made.save()
        record(
            actor=actor, institution=invitation.campaign.cycle.institution, action=Action.PERSON_CONTACTED,
            subject=invitation.campaign.draw, facts={"way": way.value, "outcome": outcome.value},
        )  # fmt: skip
        return made


def withdraw(*, actor: Actor, invitation: Invitation, channel: Channel, refusal: Refusal) -> Invitation:
    """Let somebody who said yes take it back.

    Before the pool is frozen what she told is deleted. Afterwards the pool that is committed stays as it is:
    should the lot fall on her, she counts as having declined, and the next one is asked in the same moment.

    Raises
    ------
    NothingToWithdraw
        If she has not said yes, or has withdrawn.
    SeatOffered
        If she holds a seat or was asked to take one.
    """
    require(policies.may_record_answer(actor, invitation) and channel != Channel.WEB)
    with transaction.atomic():
        invitation = Invitation.objects.locked(invitation.pk)
        respondent = Respondent.objects.willing().filter(invitation=invitation).first()
        if respondent is None:
            raise NothingToWithdraw
        if hasattr(respondent, "member") or hasattr(respondent, "alternate"):
            raise SeatOffered
        invitation.status, invitation.refusal = InvitationStatus.NO, refusal
        invitation.channel, invitation.recorded_by = channel, actor.user
        invitation.answered_at = clock.now()
        invitation.save(update_fields=["status", "refusal", "channel", "recorded_by", "answered_at"])
        invitation.contacts.exclude(note="").update(note="")
        mailing.confirm_withdrawal(respondent)
        if respondent.pool_entry_id is None:
            respondent.delete()
        else:
            respondent.withdrawn_at = clock.now()
            respondent.save(update_fields=["withdrawn_at"])
        record(
            actor=actor, institution=invitation.campaign.cycle.institution,
            action=Action.PARTICIPATION_WITHDRAWN, subject=invitation.campaign.draw,
            facts={"channel": channel.value, "frozen": respondent.pool_entry_id is not None},
        )  # fmt: skip
        return invitation


def erase_notes(extract: int) -> None:
    """Erase what was noted about the people of an extract; part of erasing it, which asks who may."""
    Contact.objects.filter(invitation__campaign__extract_id=extract).exclude(note="").update(note="")
    Draft.objects.filter(invitation__campaign__extract_id=extract).delete()
    SecondAnswer.objects.filter(invitation__campaign__extract_id=extract).update(told={})
