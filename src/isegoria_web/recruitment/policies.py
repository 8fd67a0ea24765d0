"""Who may invite, and who may answer a letter."""

from __future__ import annotations

from isegoria_web.accounts.actors import Actor
from isegoria_web.accounts.enums import ActorKind, Role
from isegoria_web.institutions.models import Cycle
from isegoria_web.recruitment.models import Campaign, Invitation


def may_invite(actor: Actor | None, cycle: Cycle) -> bool:
    """Allow the secretariat of the institution."""
    return actor is not None and actor.has_role(cycle.institution, Role.SECRETARIAT)


def may_run_campaign(actor: Actor | None, campaign: Campaign) -> bool:
    """Allow the secretariat of the institution."""
    return may_invite(actor, campaign.cycle)


def may_finish_letters(actor: Actor | None, campaign: Campaign) -> bool:
    """Allow the secretariat of the institution, and the software once the randomness is known."""
    return actor is not None and (actor.is_system or may_run_campaign(actor, campaign))


def may_answer(actor: Actor | None, invitation: Invitation) -> bool:
    """Allow the citizen who gave the code of this very letter."""
    return (
        actor is not None
        and actor.kind == ActorKind.CITIZEN
        and bool(actor.citizen_key)
        and actor.citizen_key == invitation.selector
    )


def may_record_answer(actor: Actor | None, invitation: Invitation) -> bool:
    """Allow the secretariat, which writes down what came by telephone, on paper or at the counter."""
    return may_invite(actor, invitation.campaign.cycle)
