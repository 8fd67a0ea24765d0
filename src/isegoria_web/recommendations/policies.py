"""Who drafts, amends, puts to the vote and hands over."""

from __future__ import annotations

from isegoria_web.accounts.actors import Actor
from isegoria_web.accounts.enums import Role
from isegoria_web.institutions.models import Cycle
from isegoria_web.membership.policies import sitting_member, working_member
from isegoria_web.recommendations.enums import Purpose
from isegoria_web.recommendations.models import Amendment, Recommendation, Version


def may_draft(actor: Actor | None, cycle: Cycle) -> bool:
    """Allow the facilitators and the secretariat, who write down what the tables worked out."""
    return actor is not None and actor.has_role(cycle.institution, Role.FACILITATOR, Role.SECRETARIAT)


def may_propose_amendment(actor: Actor | None, version: Version) -> bool:
    """Allow the members who sit in the cycle now, as long as their body works in it."""
    return working_member(actor, version.recommendation.cycle) is not None


def may_decide_amendment(actor: Actor | None, amendment: Amendment) -> bool:
    """Allow the facilitators and the secretariat, who count the hands."""
    return may_draft(actor, amendment.version.recommendation.cycle)


def may_put_to_vote(actor: Actor | None, recommendation: Recommendation) -> bool:
    """Allow the secretariat of the institution."""
    return actor is not None and actor.has_role(recommendation.cycle.institution, Role.SECRETARIAT)


def may_dissent(actor: Actor | None, recommendation: Recommendation) -> bool:
    """Allow the members who sit in the cycle now, also those whose body has gone on: the days of an opinion run."""
    return sitting_member(actor, recommendation.cycle) is not None


def may_hand_over_report(actor: Actor | None, cycle: Cycle) -> bool:
    """Allow the secretariat of the institution."""
    return actor is not None and actor.has_role(cycle.institution, Role.SECRETARIAT)


def may_advise(actor: Actor | None, recommendation: Recommendation) -> bool:
    """Allow the authority, and the secretariat, which enters what an office or an expert wrote."""
    return actor is not None and actor.has_role(
        recommendation.cycle.institution, Role.AUTHORITY, Role.SECRETARIAT
    )


def may_keep_unfinished(actor: Actor | None, recommendation: Recommendation, purpose: Purpose) -> bool:
    """Allow those who may write it: facilitators and secretariat a new wording, sitting members an amendment."""
    if actor is None or actor.user is None:
        return False
    if purpose == Purpose.REVISION:
        return may_draft(actor, recommendation.cycle)
    return working_member(actor, recommendation.cycle) is not None
