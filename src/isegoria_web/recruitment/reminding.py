"""Reminders: to those who have not answered, on the day that was decided in public, so often at most.

An answer, a withdrawal, a letter that came back, the end of the time to answer and the wish for silence stop them.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Count, F, Q

from isegoria_web import clock
from isegoria_web.accounts.actors import Actor
from isegoria_web.errors import require
from isegoria_web.institutions.guards import at_work
from isegoria_web.institutions.life import Work
from isegoria_web.institutions.status import require_cycle_at_work
from isegoria_web.journal.enums import Action
from isegoria_web.journal.services import record
from isegoria_web.recruitment import mailing, mails, policies
from isegoria_web.recruitment.enums import Delivery, InvitationStatus, Purpose
from isegoria_web.recruitment.errors import CampaignClosed, NobodyToRemind
from isegoria_web.recruitment.models import Campaign, Correspondence, Invitation
from isegoria_web.recruitment.services import require_counting


@dataclass(frozen=True, slots=True)
class Reminding:
    """Who would be reminded now, before anything is sent.

    Attributes
    ----------
    by_email
        The letters whose person gets an e-mail.
    by_letter
        The letters whose person gets a letter.
    silent
        How many have not answered.
    quiet
        How many of all asked not to be written to again.
    """

    by_email: list[Invitation]
    by_letter: list[Invitation]
    silent: int
    quiet: int


def to_remind(campaign: Campaign, *, due_only: bool = False) -> Reminding:
    """Return who would be reminded now; `due_only` leaves out those whose day has not come."""
    decided = mailing.correspondence_of(campaign)
    waiting = campaign.invitations.silent().filter(status=InvitationStatus.SENT)
    by_email: list[Invitation] = []
    if decided.remind_by_email and decided.pk is not None:
        by_email = [
            each for each in _with_address(campaign, decided) if not due_only or _is_due(each, decided)
        ]
    by_letter = _on_paper(campaign, decided)
    quiet = campaign.invitations.filter(quiet_since__isnull=False).count()
    return Reminding(by_email, by_letter, waiting.count(), quiet)


def remind(*, actor: Actor, campaign: Campaign) -> int:
    """Remind everybody who has not answered and was not reminded so often as was decided; returns how many messages.

    Raises
    ------
    NobodyToRemind
        If there is nobody.
    CampaignClosed
        If the time to answer is over.
    """
    require(policies.may_run_campaign(actor, campaign))
    require_cycle_at_work(campaign.cycle)
    queued = _remind(actor, campaign, due_only=False)
    if not queued:
        raise NobodyToRemind
    return queued


def print_reminders(*, actor: Actor, campaign: Campaign) -> bytes:
    """Typeset a reminder on paper for everybody who has not answered; printed again on the same day it is the same one.

    Raises
    ------
    NobodyToRemind
        If there is nobody: nobody has decided in public that people are reminded by letter, and no reminder by e-mail
        came back for good.
    CampaignClosed
        If the time to answer is over.
    """
    require(policies.may_run_campaign(actor, campaign))
    with transaction.atomic():
        campaign = _locked(campaign)
        found = to_remind(campaign)
        if not found.by_letter:
            raise NobodyToRemind
        document = mails.reminders_on_paper(campaign, found.by_letter)
        first = [each.pk for each in found.by_letter if not _is_of_today(each)]
        Invitation.objects.filter(pk__in=first).update(
            reminders_posted=F("reminders_posted") + 1, posted_at=clock.now()
        )
        record(
            actor=actor, institution=campaign.cycle.institution, action=Action.PEOPLE_REMINDED,
            subject=campaign.draw,
            facts={
                "by_letter": len(found.by_letter), "again": len(found.by_letter) - len(first),
                "silent": found.silent, "quiet": found.quiet,
            },
        )  # fmt: skip
        return document


def remind_due() -> int:
    """Remind, as the software, everybody whose day has come; returns how many messages."""
    decided = Correspondence.objects.filter(
        remind_after_days__isnull=False, campaign__closed_at__isnull=True,
        campaign__in=Campaign.objects.current(),
    )  # fmt: skip
    total = 0
    for each in decided.select_related("campaign__cycle__institution", "campaign__draw"):
        if not at_work(each.campaign.cycle.institution, Work.BEGIN):
            continue  # suspended: nobody is pressed for an answer that may lead to nothing
        total += _remind(Actor.system(), each.campaign, due_only=True)
    return total


# -- the parts of the verbs ------------------------------------------------------------------------------
def _remind(actor: Actor, campaign: Campaign, *, due_only: bool) -> int:
    with transaction.atomic():
        campaign = _locked(campaign)
        found = to_remind(campaign, due_only=due_only)
        queued = mailing.queue_reminders(found.by_email)
        if queued:
            record(
                actor=actor, institution=campaign.cycle.institution, action=Action.PEOPLE_REMINDED,
                subject=campaign.draw,
                facts={"by_email": queued, "silent": found.silent, "quiet": found.quiet},
            )  # fmt: skip
        return queued


def _locked(campaign: Campaign) -> Campaign:
    Campaign.objects.select_for_update().get(pk=campaign.pk)
    found = Campaign.objects.select_related("cycle__institution", "draw").get(pk=campaign.pk)
    require_counting(found)
    if found.closed_at is not None:
        raise CampaignClosed
    return found


def _on_paper(campaign: Campaign, decided: Correspondence) -> list[Invitation]:
    """Return the letters whose person holds a printed code and can be reminded by letter, with those of today.

    Where people are reminded by e-mail alone, these are those whose reminder came back for good.
    """
    found = campaign.invitations.silent().for_paper().filter(status=InvitationStatus.SENT)
    if not decided.remind_by_letter:
        found = found.dead_by_email()
    found = found.exclude(secret_hash="").select_related("resident", "campaign__cycle__institution")
    return [
        each
        for each in found.order_by("position")
        if each.reminders_posted < decided.reminders or _is_of_today(each)
    ]


def _is_of_today(invitation: Invitation) -> bool:
    zone = invitation.campaign.cycle.institution.time_zone
    posted = invitation.posted_at
    return posted is not None and clock.day_of(posted, zone) == clock.today(zone)


def _with_address(campaign: Campaign, decided: Correspondence) -> list[Invitation]:
    """Return the letters whose person can still be reminded by e-mail, with `reminded`: how often she was."""
    mine = Q(messages__purpose=Purpose.REMINDER)
    found = (
        campaign.invitations.silent()
        .filter(status=InvitationStatus.SENT, resident__isnull=False)
        .exclude(resident__email="")
        .annotate(reminded=Count("messages", filter=mine))
        .annotate(unsent=Count("messages", filter=Q(messages__status__in=_UNSENT)))
        .filter(reminded__lt=decided.reminders, unsent=0)
        .select_related("resident", "campaign__cycle__institution")
        .prefetch_related("campaign__waves")
        .order_by("position")
    )
    letters = list(found)
    keys = {each.pk: mails.address_key(each.resident.email) for each in letters if each.resident}
    dead = mailing.came_back(keys.values())
    return [each for each in letters if keys[each.pk] not in dead]


_UNSENT = (Delivery.QUEUED, Delivery.SENDING, Delivery.HANDING)


def _is_due(invitation: Invitation, decided: Correspondence) -> bool:
    """Return whether so many days went by since the person was written to last, and she can still answer in time."""
    last, campaign = _last_written(invitation), invitation.campaign
    if last is None or decided.remind_after_days is None:
        return False
    wave = campaign.wave_of(invitation)
    if clock.today(campaign.cycle.institution.time_zone) > (wave or campaign).reply_by:
        return False
    return clock.now() >= last + timedelta(days=decided.remind_after_days)


def _last_written(invitation: Invitation) -> datetime | None:
    sent = invitation.messages.filter(sent_at__isnull=False).order_by(F("sent_at").desc()).first()
    wave = invitation.campaign.wave_of(invitation)
    printed = wave.printed_at if wave is not None else invitation.campaign.printed_at
    moments = [sent.sent_at if sent else None, printed, invitation.posted_at]
    return max((each for each in moments if each is not None), default=None)
