"""Who decides what is visible, and who appeals."""

from __future__ import annotations

from isegoria_web.accounts.actors import Actor
from isegoria_web.accounts.enums import Role
from isegoria_web.institutions.models import Cycle
from isegoria_web.moderation.models import Appeal, Review


def may_set_strictness(actor: Actor | None, cycle: Cycle) -> bool:
    """Allow the secretariat of the institution."""
    return actor is not None and actor.has_role(cycle.institution, Role.SECRETARIAT)


def may_moderate(actor: Actor | None, cycle: Cycle) -> bool:
    """Allow the secretariat and the facilitators of the institution."""
    return (
        actor is not None
        and actor.user is not None
        and actor.has_role(cycle.institution, Role.SECRETARIAT, Role.FACILITATOR)
    )


def may_appeal(actor: Actor | None, review: Review) -> bool:
    """Allow the author of what was taken out, and nobody else."""
    return actor is not None and actor.user is not None and review.author_id == actor.user.pk


def may_decide_appeal(actor: Actor | None, appeal: Appeal) -> bool:
    """Allow the secretariat and the facilitators of the institution."""
    return may_moderate(actor, appeal.review.cycle)
