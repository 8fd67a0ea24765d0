"""What the answers and promises of a cycle answer to its machine."""

from __future__ import annotations

from datetime import datetime

from isegoria_web import clock
from isegoria_web.followup.enums import AnswerKind
from isegoria_web.followup.models import Commitment, Duty, Progress
from isegoria_web.institutions import life, stations
from isegoria_web.institutions.enums import Station
from isegoria_web.institutions.guards import told_by
from isegoria_web.institutions.models import Cycle
from isegoria_web.institutions.standing import dated_by
from isegoria_web.meetings.enums import Presence
from isegoria_web.meetings.models import Meeting
from isegoria_web.recommendations.algorithms import review_due
from isegoria_web.recommendations.models import Report


def tell() -> None:
    """Answer for the guards about what the authority owes."""
    told_by(life.ANSWERS_GIVEN, lambda cycle: not _owes(cycle, AnswerKind.FIRST))
    told_by(life.FINAL_GIVEN, lambda cycle: not _owes(cycle, AnswerKind.FINAL))
    told_by(life.PROMISES_KEPT, _promises_settled)
    told_by(life.REVIEW_HELD, _review_due)
    told_by(stations.DEBATE_HELD, lambda cycle: _debated_at(cycle) is not None)
    told_by(
        stations.PROGRESS_REPORTED,
        lambda cycle: Progress.objects.filter(commitment__answer__recommendation__cycle=cycle).exists(),
    )
    dated_by(Station.JOINT_DEBATE, _debated_at)


def _debated_at(cycle: Cycle) -> datetime | None:
    """Return when the first meeting ended that people attended after the report was handed over; None before."""
    report = Report.objects.filter(cycle=cycle).first()
    if report is None:
        return None
    held = Meeting.objects.filter(
        cycle=cycle, starts_at__gt=report.handed_over_at, attendances__presence=Presence.PRESENT
    )
    return held.order_by("ends_at").values_list("ends_at", flat=True).first()


def _owes(cycle: Cycle, kind: AnswerKind) -> bool:
    return Duty.objects.still_owed().of_kind(kind).filter(recommendation__cycle=cycle).exists()


def _promises_settled(cycle: Cycle) -> bool:
    return not Commitment.objects.still_open().filter(answer__recommendation__cycle=cycle).exists()


def _review_due(cycle: Cycle) -> bool:
    """Hold where the statute is silent, and where there is no report whose review could be due."""
    report = Report.objects.filter(cycle=cycle).first()
    due = None if report is None else review_due(cycle, report.handed_over_at)
    return due is None or clock.today(cycle.institution.time_zone) >= due
