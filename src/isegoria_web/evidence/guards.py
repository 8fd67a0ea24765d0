"""What speakers and those who lead tables answer to the machine of a cycle about their interests."""

from __future__ import annotations

from django.db.models import Exists, OuterRef

from isegoria_web.evidence.models import Speaker
from isegoria_web.institutions import life
from isegoria_web.institutions.guards import told_by
from isegoria_web.institutions.models import Cycle
from isegoria_web.meetings.models import FacilitatorInterest, Table


def tell() -> None:
    """Answer for the guard about conflicts of interest."""
    told_by(life.CONFLICTS_SETTLED, _conflicts_settled)


def _conflicts_settled(cycle: Cycle) -> bool:
    """Hold where every speaker has said whom she stands for, and nobody leads a table on what she has an interest in."""
    silent = Speaker.objects.filter(cycle=cycle, interests={})
    interested = FacilitatorInterest.objects.filter(item=OuterRef("item"), user=OuterRef("facilitator"))
    led = Table.objects.filter(Exists(interested), plan__meeting__cycle=cycle)
    return not silent.exists() and not led.exists()
