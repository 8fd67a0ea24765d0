"""What the answers and promises of a cycle answer to its machine."""

from __future__ import annotations

from isegoria_web import clock
from isegoria_web.followup.enums import CommitmentStatus
from isegoria_web.followup.models import Commitment, Duty
from isegoria_web.institutions import life
from isegoria_web.institutions.guards import told_by
from isegoria_web.institutions.models import Cycle
from isegoria_web.recommendations.algorithms import review_due
from isegoria_web.recommendations.models import Report

SETTLED = (CommitmentStatus.FULFILLED, CommitmentStatus.BROKEN)


def tell() -> None:
    """Answer for the guards about what the authority owes."""
    told_by(
        life.ANSWERS_GIVEN,
        lambda cycle: not Duty.objects.still_owed().filter(recommendation__cycle=cycle).exists(),
    )
    told_by(life.PROMISES_KEPT, _promises_settled)
    told_by(life.REVIEW_HELD, _review_due)


def _promises_settled(cycle: Cycle) -> bool:
    found = Commitment.objects.filter(answer__recommendation__cycle=cycle)
    return not found.exclude(status__in=SETTLED).exists()


def _review_due(cycle: Cycle) -> bool:
    """Hold where the statute is silent, and where there is no report whose review could be due."""
    report = Report.objects.filter(cycle=cycle).first()
    due = None if report is None else review_due(cycle, report.handed_over_at)
    return due is None or clock.today(cycle.institution.time_zone) >= due
