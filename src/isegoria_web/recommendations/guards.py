"""What the recommendations of a cycle answer to its machine."""

from __future__ import annotations

from datetime import datetime

from isegoria_web import clock
from isegoria_web.institutions import life, stations
from isegoria_web.institutions.enums import Station
from isegoria_web.institutions.guards import told_by
from isegoria_web.institutions.models import Cycle
from isegoria_web.institutions.standing import dated_by
from isegoria_web.recommendations import algorithms
from isegoria_web.recommendations.enums import RecommendationStatus
from isegoria_web.recommendations.models import MinorityOpinion, Report, Version
from isegoria_web.translated import written


def tell() -> None:
    """Answer for the guards about what is decided."""
    told_by(life.REASONED, _reasoned)
    told_by(life.DECIDED, _decided)
    told_by(life.DISSENT_OVER, _dissent_over)
    told_by(life.OPINIONS_REVIEWED, _opinions_reviewed)
    told_by(life.ANSWER_PROMISED, _answer_promised)
    told_by(stations.DRAFTED, lambda cycle: cycle.recommendations.exists())
    told_by(stations.REPORT_DELIVERED, lambda cycle: _handed_over_at(cycle) is not None)
    dated_by(Station.DELIBERATING, _first_draft)
    dated_by(Station.REPORT_DELIVERED, _handed_over_at)


def _reasoned(cycle: Cycle) -> bool:
    """Hold where every recommendation that counts says what is asked and why, in its newest version."""
    out = (RecommendationStatus.WITHDRAWN, RecommendationStatus.REPLACED)
    found = Version.objects.filter(recommendation__cycle=cycle).exclude(recommendation__status__in=out)
    newest = found.order_by("recommendation", "-number")
    seen: set[int] = set()
    for key, text, reasons in newest.values_list("recommendation", "text", "reasons"):
        if key not in seen and not (written(text) and written(reasons)):
            return False
        seen.add(key)
    return True


def _first_draft(cycle: Cycle) -> datetime | None:
    found = Version.objects.filter(recommendation__cycle=cycle).order_by("written_at")
    return found.values_list("written_at", flat=True).first()


def _handed_over_at(cycle: Cycle) -> datetime | None:
    return Report.objects.filter(cycle=cycle).values_list("handed_over_at", flat=True).first()


def _decided(cycle: Cycle) -> bool:
    return cycle.recommendations.exists() and not cycle.recommendations.undecided().exists()


def _dissent_over(cycle: Cycle) -> bool:
    begins = clock.now() - algorithms.minority_period(cycle)
    return not cycle.recommendations.adopted().counted_after(begins).exists()


def _opinions_reviewed(cycle: Cycle) -> bool:
    return not MinorityOpinion.objects.filter(recommendation__cycle=cycle).unreviewed().exists()


def _answer_promised(cycle: Cycle) -> bool:
    return algorithms.answer_due(cycle, clock.today(cycle.institution.time_zone)) is not None
