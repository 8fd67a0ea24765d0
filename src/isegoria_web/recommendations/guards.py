"""What the recommendations of a cycle answer to its machine."""

from __future__ import annotations

from isegoria_web import clock
from isegoria_web.institutions import life
from isegoria_web.institutions.guards import told_by
from isegoria_web.institutions.models import Cycle
from isegoria_web.recommendations import algorithms
from isegoria_web.recommendations.models import MinorityOpinion


def tell() -> None:
    """Answer for the guards about what is decided."""
    told_by(life.DECIDED, _decided)
    told_by(life.DISSENT_OVER, _dissent_over)
    told_by(life.OPINIONS_REVIEWED, _opinions_reviewed)
    told_by(life.ANSWER_PROMISED, _answer_promised)


def _decided(cycle: Cycle) -> bool:
    return cycle.recommendations.exists() and not cycle.recommendations.undecided().exists()


def _dissent_over(cycle: Cycle) -> bool:
    begins = clock.now() - algorithms.minority_period(cycle)
    return not cycle.recommendations.adopted().counted_after(begins).exists()


def _opinions_reviewed(cycle: Cycle) -> bool:
    return not MinorityOpinion.objects.filter(recommendation__cycle=cycle).unreviewed().exists()


def _answer_promised(cycle: Cycle) -> bool:
    return algorithms.answer_due(cycle, clock.today(cycle.institution.time_zone)) is not None
