"""Who may steer a draw. Nobody may choose who is drawn."""

from __future__ import annotations

from isegoria_web.accounts.actors import Actor
from isegoria_web.accounts.enums import Role
from isegoria_web.institutions.models import Cycle
from isegoria_web.lottery.models import Annulment, Draw, QuotaChange


def may_set_quotas(actor: Actor | None, cycle: Cycle) -> bool:
    """Allow the secretariat of the institution."""
    return actor is not None and actor.has_role(cycle.institution, Role.SECRETARIAT)


def may_confirm_quotas(actor: Actor | None, change: QuotaChange) -> bool:
    """Allow the secretariat of the institution, but not the person who proposed the change."""
    return (
        actor is not None
        and may_set_quotas(actor, change.cycle)
        and actor.user is not None
        and actor.user.pk != change.proposed_by_id
    )


def may_run_draw(actor: Actor | None, draw: Draw) -> bool:
    """Allow the secretariat of the institution."""
    return actor is not None and actor.has_role(draw.cycle.institution, Role.SECRETARIAT)


def may_finish_draw(actor: Actor | None, draw: Draw) -> bool:
    """Allow the secretariat of the institution, and the software once the randomness is known."""
    return actor is not None and (actor.is_system or may_run_draw(actor, draw))


def may_read_source(actor: Actor | None, draw: Draw) -> bool:
    """Allow the secretariat and the observers of the institution, each in person."""
    staff = actor is not None and actor.has_role(draw.cycle.institution, Role.SECRETARIAT, Role.OBSERVER)
    return staff and actor is not None and actor.user is not None


def may_bring_proof(actor: Actor | None, draw: Draw) -> bool:
    """Allow whoever may read a source, and the software: what is brought proves itself."""
    return actor is not None and (actor.is_system or may_read_source(actor, draw))


def may_open_seals(actor: Actor | None, draw: Draw) -> bool:
    """Allow the sworn observers of the institution, each in person; the secretariat is none of them."""
    return (
        actor is not None
        and actor.user is not None
        and actor.has_role(draw.cycle.institution, Role.OBSERVER)
    )


def may_confirm_annulment(actor: Actor | None, annulment: Annulment) -> bool:
    """Allow the secretariat of the institution, but not the person who proposed it."""
    return (
        actor is not None
        and may_run_draw(actor, annulment.draw)
        and actor.user is not None
        and actor.user.pk != annulment.proposed_by_id
    )
