"""What is kept about people who were drawn for a letter, and until when; a certificate says what went, and names nobody.

The record of the draw stays as it is, and verifies as before: it never held a name. The salt of an entry of the pool
stays until the draw is final, since it opens the commitment; after that it goes as well.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from datetime import date
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet

from isegoria_web import clock, erasure
from isegoria_web.accounts.actors import Actor
from isegoria_web.errors import require
from isegoria_web.institutions.models import Cycle
from isegoria_web.lottery.enums import DrawStatus
from isegoria_web.lottery.models import PoolEntry
from isegoria_web.recruitment import policies
from isegoria_web.recruitment.enums import InvitationStatus
from isegoria_web.recruitment.errors import LetterErased, SeatOffered
from isegoria_web.recruitment.models import (
    Campaign,
    Contact,
    Draft,
    Invitation,
    Message,
    Respondent,
    SecondAnswer,
)
from isegoria_web.register.certifying import certify
from isegoria_web.register.enums import Erased, Rule
from isegoria_web.register.models import Erasure, Resident

OVER = (DrawStatus.FINAL, DrawStatus.ANNULLED)
NOT_IN_THE_DRAW = (
    InvitationStatus.CREATED,
    InvitationStatus.SENT,
    InvitationStatus.RETURNED,
    InvitationStatus.NO,
    InvitationStatus.MERGED,
)


def clear(invitations: Collection[int]) -> Counter[str]:
    """Erase what is kept about the people behind letters; part of the verbs that have asked who may.

    The letter stays with its place, its status and the reason of a no: they are counts. So does the empty respondent
    where the draw knows her code.

    Returns
    -------
    Counter
        What was erased to how many.
    """
    counts: Counter[str] = Counter(letters=len(invitations))
    counts["emails"], _per_model = Message.objects.filter(invitation__in=invitations).delete()
    counts["drafts"], _per_model = Draft.objects.filter(invitation__in=invitations).delete()
    notes = Contact.objects.filter(invitation__in=invitations).exclude(note="")
    counts["notes"] = notes.update(note="")
    seconds = SecondAnswer.objects.filter(invitation__in=invitations).exclude(told={})
    counts["second_answers"] = seconds.update(told={})
    told = Respondent.objects.filter(invitation__in=invitations, erased_at__isnull=True)
    counts["answers"] = told.update(
        name="", name_key="", email="", phone="", answers={}, details={}, consents=[], needs=[],
        home_key="", erased_at=clock.now(),
    )  # fmt: skip
    forget_salts(invitations)
    found = Invitation.objects.filter(pk__in=invitations)
    residents = set(found.exclude(resident=None).values_list("resident", flat=True))
    found.update(secret_hash="", receipt=None, resident=None, erased_at=clock.now())
    left = Resident.objects.filter(pk__in=residents, invitations__isnull=True)
    counts["residents"], _per_model = left.delete()
    return +counts


def forget_salts(invitations: Collection[int] | QuerySet[Any, Any]) -> int:
    """Destroy the salts of erased people's entries in pools whose draw is over; returns how many."""
    erased = Q(respondent__invitation__in=invitations, respondent__erased_at__isnull=False)
    again = Q(
        first__respondent__invitation__in=invitations, first__respondent__erased_at__isnull=False
    )  # frozen once more for a replacement draw
    entries = PoolEntry.objects.filter(erased | again, pool__draw__status__in=OVER).exclude(salt="")
    return PoolEntry.objects.filter(pk__in=list(entries.values_list("pk", flat=True))).update(salt="")


def erase_letters(
    *, actor: Actor, campaign: Campaign, invitations: Collection[int], rule: Rule, due_on: date | None
) -> Erasure:
    """Erase the people behind some letters of a campaign, with a certificate; part of verbs that asked who may."""
    keys = [_key(campaign, place) for place in _places(invitations)]
    counts = clear(invitations)
    return certify(
        actor=actor, institution=campaign.cycle.institution, kind=Erased.LETTER, rule=rule, cycle=campaign.cycle,
        due_on=due_on, counts=counts, keys=keys,
    )  # fmt: skip


# -- on request ----------------------------------------------------------------------------------------------
def erase_on_request(*, actor: Actor, invitation: Invitation) -> Erasure:
    """Erase at once what is kept about the person of a letter who asks for it; a yes is taken back by that.

    What is committed in public stays, without her name, and her row in the file of the register until its day:
    `stays_until` says so.

    Raises
    ------
    LetterErased
        If it was done before.
    SeatOffered
        If she holds a seat, was asked to take one or waits as an alternate.
    """
    require(policies.may_record_answer(actor, invitation))
    with transaction.atomic():
        Invitation.objects.select_for_update().get(pk=invitation.pk)
        related = ("campaign__cycle__institution", "campaign__draw", "campaign__extract")
        invitation = Invitation.objects.select_related(*related).get(pk=invitation.pk)
        if invitation.erased_at is not None:
            raise LetterErased
        told = Respondent.objects.filter(invitation=invitation).first()
        if told is not None:
            _take_back(invitation, told)
        invitation.quiet_since = invitation.quiet_since or clock.now()
        invitation.save(update_fields=["quiet_since", "status", "refusal"])
        return erase_letters(
            actor=actor,
            campaign=invitation.campaign,
            invitations=[invitation.pk],
            rule=Rule.ASKED,
            due_on=None,
        )


def stays_until(invitation: Invitation) -> tuple[bool, date | None]:
    """Return what must stay when somebody is erased early.

    Returns
    -------
    tuple
        Whether the draw still needs the salt of her entry, and until which day the file of the register holds her
        row; None where it is erased.
    """
    waits = Respondent.objects.filter(invitation=invitation, pool_entry__isnull=False).exclude(
        pool_entry__pool__draw__status__in=OVER
    )
    extract = invitation.campaign.extract
    return waits.exists(), None if extract.erased_at else extract.erase_on


def _take_back(invitation: Invitation, told: Respondent) -> None:
    if hasattr(told, "member") or hasattr(told, "alternate"):
        raise SeatOffered
    if invitation.status == InvitationStatus.YES:
        invitation.status, invitation.refusal = InvitationStatus.NO, ""
    if told.pool_entry_id is None:
        told.delete()
    elif told.withdrawn_at is None:
        told.withdrawn_at = clock.now()
        told.save(update_fields=["withdrawn_at"])


# -- on its date ---------------------------------------------------------------------------------------------
def erase_silent() -> int:
    """Erase, as the software, who is in no draw of the panel once that draw is final; returns how many letters.

    In a cycle that was closed without a panel, on that day.
    """
    open_ = Invitation.objects.filter(erased_at__isnull=True, status__in=NOT_IN_THE_DRAW)
    cycles = Cycle.objects.filter(campaigns__invitations__in=open_).distinct().select_related("institution")
    return sum(_erase_silent_of(cycle) for cycle in cycles)


def forget_salts_of_erased() -> int:
    """Destroy the salts of those who were erased early, as soon as their draw is over; returns how many."""
    return forget_salts(Invitation.objects.filter(erased_at__isnull=False).values("pk"))


def _erase_silent_of(cycle: Cycle) -> int:
    draw = cycle.draws.of_panel().filter(status=DrawStatus.FINAL).order_by("-number").first()
    over_at = draw.final_at if draw is not None else cycle.closed_at
    if over_at is None:
        return 0
    total, zone = 0, cycle.institution.time_zone
    campaigns = cycle.campaigns.select_related("cycle__institution", "draw")
    for campaign in campaigns.filter(draw__number__lt=draw.number) if draw else campaigns:
        with transaction.atomic():
            Campaign.objects.select_for_update().get(pk=campaign.pk)
            silent = campaign.invitations.filter(erased_at__isnull=True, status__in=NOT_IN_THE_DRAW)
            found = _not_seated(silent)
            if found:
                erase_letters(
                    actor=Actor.system(), campaign=campaign, invitations=found, rule=Rule.SILENT,
                    due_on=clock.day_of(over_at, zone),
                )  # fmt: skip
                total += len(found)
    return total


def _not_seated(letters: QuerySet[Invitation]) -> list[int]:
    """Return the letters whose person holds no seat and waits for none: who withdrew may have been drawn meanwhile."""
    seated = Respondent.objects.filter(invitation__in=letters).filter(member__isnull=False)
    waiting = Respondent.objects.filter(invitation__in=letters).filter(alternate__isnull=False)
    kept = {*seated.values_list("invitation", flat=True), *waiting.values_list("invitation", flat=True)}
    return [key for key in letters.values_list("pk", flat=True) if key not in kept]


# -- after a backup was restored -----------------------------------------------------------------------------
def erase_letters_again(keys: Collection[str]) -> erasure.Again:
    """Erase the people behind letters who were erased before and came back with a backup."""
    erased = 0
    for campaign in Campaign.objects.select_related("cycle__institution", "draw"):
        back = [
            key
            for key, position in campaign.invitations.filter(erased_at__isnull=True).values_list(
                "pk", "position"
            )
            if _key(campaign, position) in keys
        ]
        if back:
            with transaction.atomic():
                _take_back_again(back)
                erase_letters(
                    actor=Actor.system(),
                    campaign=campaign,
                    invitations=back,
                    rule=Rule.RESTORED,
                    due_on=None,
                )
            erased += len(back)
    return erased, 0


def _take_back_again(invitations: Collection[int]) -> None:
    """Take back the yes of those who asked to be erased: the draw of all others was over before they were."""
    told = Respondent.objects.filter(
        invitation__in=invitations, invitation__status=InvitationStatus.YES, member__isnull=True,
        alternate__isnull=True,
    ).exclude(pool_entry__pool__draw__status__in=OVER)  # fmt: skip
    for each in told.select_related("invitation"):
        _take_back(each.invitation, each)
        each.invitation.quiet_since = clock.now()
        each.invitation.save(update_fields=["quiet_since", "status", "refusal"])


def erase_mail(extract: int) -> None:
    """Delete the e-mails to addresses of an extract; part of erasing it, which asks who may."""
    Message.objects.filter(
        invitation__campaign__extract_id=extract, purpose__in=["invitation", "reminder"]
    ).delete()


def _key(campaign: Campaign, position: int) -> str:
    return erasure.key_of(Erased.LETTER, campaign.draw.public_id, position)


def _places(invitations: Collection[int]) -> list[int]:
    return list(Invitation.objects.filter(pk__in=invitations).values_list("position", flat=True))
