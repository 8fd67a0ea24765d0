"""What the letters of a cycle answer to its machine."""

from __future__ import annotations

from isegoria_web.institutions import life
from isegoria_web.institutions.guards import told_by
from isegoria_web.institutions.models import Cycle
from isegoria_web.recruitment.duplicates import open_of
from isegoria_web.recruitment.models import Campaign, Invitation, SecondAnswer


def tell() -> None:
    """Answer for the guards about letters."""
    told_by(life.DUPLICATES_DECIDED, _duplicates_decided)
    told_by(life.LETTERS_DRAWN, lambda cycle: Invitation.objects.filter(campaign__cycle=cycle).exists())


def _duplicates_decided(cycle: Cycle) -> bool:
    """Hold once the answers were closed: from then on nobody's answer changes."""
    campaign = Campaign.objects.filter(cycle=cycle).current().first()
    if campaign is None or campaign.closed_at is not None:
        return True
    waits = SecondAnswer.objects.filter(invitation__campaign=campaign, decided_at__isnull=True)
    return not open_of(campaign) and not waits.exists()
