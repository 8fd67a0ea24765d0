"""Who may steer a draw. Nobody may choose who is drawn."""

from __future__ import annotations

from isegoria_web.accounts.actors import Actor
from isegoria_web.accounts.enums import Role
from isegoria_web.institutions.models import Cycle
from isegoria_web.lottery.models import Draw


def may_set_quotas(actor: Actor | None, cycle: Cycle) -> bool:
    """Allow the secretariat of the institution."""
    return actor is not None and actor.has_role(cycle.institution, Role.SECRETARIAT)


def may_run_draw(actor: Actor | None, draw: Draw) -> bool:
    """Allow the secretariat of the institution."""
    return actor is not None and actor.has_role(draw.cycle.institution, Role.SECRETARIAT)


def may_annul_draw(actor: Actor | None, second_actor: Actor | None, draw: Draw) -> bool:
    """Allow two different people of the secretariat together."""
    return (
        may_run_draw(actor, draw)
        and may_run_draw(second_actor, draw)
        and actor is not None
        and second_actor is not None
        and actor.user != second_actor.user
    )
