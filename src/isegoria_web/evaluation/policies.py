"""Who asks, who replies."""

from __future__ import annotations

from isegoria_web.accounts.actors import Actor
from isegoria_web.accounts.enums import Role
from isegoria_web.institutions.models import Cycle
from isegoria_web.membership.policies import sitting_member


def may_ask(actor: Actor | None, cycle: Cycle) -> bool:
    """Allow the secretariat of the institution."""
    return actor is not None and actor.has_role(cycle.institution, Role.SECRETARIAT)


def may_reply(actor: Actor | None, cycle: Cycle) -> bool:
    """Allow the members who sit in the cycle now."""
    return sitting_member(actor, cycle) is not None
