"""Who answers, reports, and judges the answers."""

from __future__ import annotations

from isegoria_web.accounts.actors import Actor
from isegoria_web.accounts.enums import Role
from isegoria_web.followup.models import Answer, Commitment
from isegoria_web.institutions.models import Cycle
from isegoria_web.membership.policies import member_ever
from isegoria_web.recommendations.models import Recommendation


def may_deliver_report(actor: Actor | None, cycle: Cycle) -> bool:
    """Allow the secretariat of the institution."""
    return actor is not None and actor.has_role(cycle.institution, Role.SECRETARIAT)


def may_answer(actor: Actor | None, recommendation: Recommendation) -> bool:
    """Allow the authority that founded the institution."""
    return actor is not None and actor.has_role(recommendation.cycle.institution, Role.AUTHORITY)


def may_report_progress(actor: Actor | None, commitment: Commitment) -> bool:
    """Allow the authority that made the commitment."""
    return may_answer(actor, commitment.answer.recommendation)


def may_give_verdict(actor: Actor | None, answer: Answer) -> bool:
    """Allow the members of the cycle, those whose term has ended too."""
    return member_ever(actor, answer.recommendation.cycle) is not None
