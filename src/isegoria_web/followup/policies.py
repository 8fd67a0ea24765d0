"""Who answers, reports, and judges the answers; who hands over to whom."""

from __future__ import annotations

from isegoria_web.accounts.actors import Actor
from isegoria_web.accounts.enums import Role
from isegoria_web.followup.models import Answer, Commitment, Handover
from isegoria_web.institutions.algorithms import rule_book_of
from isegoria_web.institutions.models import Body, Cycle
from isegoria_web.membership.models import Member
from isegoria_web.membership.policies import member_ever, sitting_in_body
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


def following_body(cycle: Cycle) -> Body | None:
    """Return the body that judges the answers to a cycle: the rule book gives it that, and members sit in it today.

    None: the members of the cycle judge. They do so too where the rule book names the very body that they sat in.
    """
    key = rule_book_of(cycle.rule_book).duty.follows_up
    if key is None or key == cycle.body.key:
        return None
    body = cycle.institution.bodies.filter(key=key).first()
    return body if body is not None and Member.objects.acting_in(body).exists() else None


def judge_of(actor: Actor | None, answer: Answer) -> Member | None:
    """Return the actor as a member who judges an answer; None for everybody else."""
    cycle = answer.recommendation.cycle
    body = following_body(cycle)
    return member_ever(actor, cycle) if body is None else sitting_in_body(actor, body)


def may_give_verdict(actor: Actor | None, answer: Answer) -> bool:
    """Allow who sits today in the body that follows up, else the members of the cycle, those whose term has ended too."""
    return judge_of(actor, answer) is not None


def may_publish_verdicts(actor: Actor | None) -> bool:
    """Allow the software alone, once a day."""
    return actor is not None and actor.is_system


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
