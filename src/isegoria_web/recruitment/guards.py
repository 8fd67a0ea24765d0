"""What the letters of a cycle answer to its machine."""

from __future__ import annotations

from isegoria_web.institutions import life
from isegoria_web.institutions.guards import told_by
from isegoria_web.recruitment.models import Invitation


def tell() -> None:
    """Answer for the guard about letters."""
    told_by(life.LETTERS_DRAWN, lambda cycle: Invitation.objects.filter(campaign__cycle=cycle).exists())
