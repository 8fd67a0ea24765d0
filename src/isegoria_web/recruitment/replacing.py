"""One letter again: for a person whose letter was lost, damaged, or read by somebody else.

Of a code only a keyed hash is kept, so that nobody can print the same letter a second time. The new letter has a new
code, and the one before opens nothing from that moment on.
"""

from __future__ import annotations

from django.db import transaction

from isegoria_web import clock
from isegoria_web.accounts.actors import Actor
from isegoria_web.errors import require
from isegoria_web.journal.enums import Action
from isegoria_web.journal.services import record
from isegoria_web.recruitment import codes, letter_versions, letters, policies, typesetting
from isegoria_web.recruitment.enums import InvitationStatus, Replaced
from isegoria_web.recruitment.errors import (
    AlreadyAnswered,
    CampaignClosed,
    LetterErased,
    LetterUnwritten,
    NotSentYet,
    PrintingGoesOn,
)
from isegoria_web.recruitment.models import Invitation
from isegoria_web.recruitment.services import locked, require_counting, taken_selectors
from isegoria_web.translated import LANGUAGES


def can_be_replaced(invitation: Invitation) -> bool:
    """Return whether a letter is out and waits for an answer, so that it can be printed again alone."""
    return (
        invitation.status == InvitationStatus.SENT
        and invitation.resident_id is not None
        and invitation.campaign.closed_at is None
    )


def print_again(*, actor: Actor, invitation: Invitation, reason: Replaced) -> bytes:
    """Print one letter that is out again, with a new code; the code before stops working at once.

    What is returned is kept nowhere: whoever loses it prints the letter once more, with another code.

    Returns
    -------
    bytes
        The letter as PDF, in its text of today.

    Raises
    ------
    LettersAnnulled, CampaignClosed, AlreadyAnswered, NotSentYet, LetterErased
        If it is not the time for it.
    PrintingGoesOn
        While its wave is printed, which gives out new codes too.
    LetterUnwritten, LetterTooLong, GlyphsMissing
        If it cannot be typeset.
    """
    require(policies.may_record_answer(actor, invitation))
    with transaction.atomic():
        campaign = locked(invitation.campaign)
        invitation = Invitation.objects.locked(invitation.pk)
        require_counting(campaign)
        wave = campaign.wave_of(invitation)
        resident = invitation.resident
        if campaign.closed_at is not None:
            raise CampaignClosed
        if invitation.answered_at is not None:
            raise AlreadyAnswered
        if resident is None:
            raise LetterErased
        if wave is None or invitation.status != InvitationStatus.SENT:
            raise NotSentYet
        if wave.printings.filter(ended_at__isnull=True).exists():
            raise PrintingGoesOn
        text = letter_versions.current(campaign.cycle, invitation.language)
        if text is None and invitation.language not in LANGUAGES:
            raise LetterUnwritten([invitation.language])
        (selector,) = codes.unused_selectors(1, taken_selectors)
        code = codes.Code(selector, codes.new_code().secret)
        parts = letter_versions.parts_of(text, invitation.language)
        made = letters.letter_to(resident, f"{wave.number}-R-{invitation.position:04}", code)
        data = letters.as_data(wave, invitation.language, parts, text, [made], moment=clock.now())
        with letter_versions.refusing_what_does_not_fit():
            document = typesetting.in_a_process(data)
        invitation.selector, invitation.secret_hash = selector, codes.hash_secret(code.secret)
        invitation.save(update_fields=["selector", "secret_hash"])
        record(
            actor=actor, institution=campaign.cycle.institution, action=Action.LETTER_REPLACED,
            subject=campaign.draw, facts={"wave": wave.number, "reason": reason.value},
        )  # fmt: skip
        return document
