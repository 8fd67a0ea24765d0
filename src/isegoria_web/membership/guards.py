"""What the seats of a cycle answer to its machine."""

from __future__ import annotations

from isegoria_web.institutions import life
from isegoria_web.institutions.guards import told_by
from isegoria_web.institutions.models import Cycle
from isegoria_web.membership.enums import TermStatus
from isegoria_web.membership.models import Term


def tell() -> None:
    """Answer for the guards about seats."""
    told_by(life.SEATS_SETTLED, lambda cycle: not _some(cycle, TermStatus.OFFERED))
    told_by(life.SEAT_TAKEN, lambda cycle: _some(cycle, TermStatus.ACTIVE))


def _some(cycle: Cycle, status: TermStatus) -> bool:
    return Term.objects.filter(member__cycle=cycle, status=status).exists()
