"""What the seats of a cycle answer to its machine."""

from __future__ import annotations

from isegoria_web.institutions import life, stations
from isegoria_web.institutions.enums import Detour
from isegoria_web.institutions.guards import told_by
from isegoria_web.institutions.models import Cycle
from isegoria_web.institutions.standing import detour_by
from isegoria_web.membership.enums import TermStatus
from isegoria_web.membership.models import Member, Term
from isegoria_web.recruitment.models import Invitation


def tell() -> None:
    """Answer for the guards about seats."""
    told_by(life.SEATS_SETTLED, lambda cycle: not _some(cycle, TermStatus.OFFERED))
    told_by(life.SEAT_TAKEN, lambda cycle: _some(cycle, TermStatus.ACTIVE))
    told_by(stations.DATA_ERASED, _data_erased)
    detour_by(
        Detour.SEATS_OFFERED,
        lambda cycle: (
            _some(cycle, TermStatus.OFFERED) and _some(cycle, TermStatus.ACTIVE, TermStatus.ENDED)
        ),
    )


def _data_erased(cycle: Cycle) -> bool:
    """Hold once nothing is kept of the people who were written to, nor of those who sat."""
    letters = Invitation.objects.filter(campaign__cycle=cycle, erased_at__isnull=True)
    people = Member.objects.filter(cycle=cycle, user__isnull=False, user__erased_at__isnull=True)
    return not letters.exists() and not people.exists()


def _some(cycle: Cycle, *statuses: TermStatus) -> bool:
    return Term.objects.filter(member__cycle=cycle, status__in=statuses).exists()
