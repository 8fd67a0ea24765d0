"""Who answers, reports, and judges the answers; who hands over to whom."""

from __future__ import annotations

from isegoria_web.accounts.actors import Actor
from isegoria_web.accounts.enums import Role
from isegoria_web.followup.models import Answer, Commitment, Handover
from isegoria_web.institutions.models import Cycle
from isegoria_web.membership.models import Member
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


def may_hand_over(actor: Actor | None, cycle: Cycle) -> bool:
    """Allow the secretariat of the institution."""
    return actor is not None and actor.has_role(cycle.institution, Role.SECRETARIAT)


def passing_on(actor: Actor | None, cycle: Cycle) -> Member | None:
    """Return the actor as a member who has or had a seat in this cycle; None for everybody else."""
    member = member_ever(actor, cycle)
    return member if member is not None and member.terms.held().exists() else None


def receiving(actor: Actor | None, handover: Handover) -> Member | None:
    """Return the actor as a member drawn for this cycle who sits or will sit; None for everybody else."""
    if actor is None or actor.user is None:
        return None
    return Member.objects.entering(handover.cycle).filter(user=actor.user).first()
