"""Who may found and steer an institution."""

from __future__ import annotations

from typing import Any

from isegoria_web.accounts.actors import Actor
from isegoria_web.accounts.enums import ActorKind, Role
from isegoria_web.accounts.policies import may_operate
from isegoria_web.institutions.enums import Status
from isegoria_web.institutions.machine import Transition
from isegoria_web.institutions.models import Founding, Institution


def may_found_institution(actor: Actor | None) -> bool:
    """Allow operators of the site who have a second factor, and the software on the command line."""
    return actor is not None and (actor.is_system or may_operate(actor))


def may_continue_founding(actor: Actor | None, founding: Founding) -> bool:
    """Allow the operator who began it, as long as she may found."""
    return actor is not None and founding.by == actor.user and may_operate(actor)


def may_amend_rule_book(actor: Actor | None, institution: Institution) -> bool:
    """Allow the authority that founded the institution: the statute is its own."""
    return actor is not None and actor.has_role(institution, Role.AUTHORITY)


def may_bring_into_force(actor: Actor | None) -> bool:
    """Allow the software alone, when the first day has come that the authority adopted."""
    return actor is not None and actor.is_system


def may_propose_rule_book(actor: Actor | None, institution: Institution) -> bool:
    """Allow the secretariat of the institution; the authority amends, and need not propose to itself."""
    return actor is not None and actor.has_role(institution, Role.SECRETARIAT)


def may_open_cycle(actor: Actor | None, institution: Institution) -> bool:
    """Allow the secretariat of the institution."""
    return actor is not None and actor.has_role(institution, Role.SECRETARIAT)


def may_sign_mandate(actor: Actor | None, institution: Institution) -> bool:
    """Allow the authority that founded the institution."""
    return actor is not None and actor.has_role(institution, Role.AUTHORITY)


def may_advance_cycle(actor: Actor | None, institution: Institution) -> bool:
    """Allow the secretariat, the authority where its own act moves the cycle on, and the software when a date comes."""
    return actor is not None and (
        actor.is_system or actor.has_role(institution, Role.SECRETARIAT, Role.AUTHORITY)
    )


def may_take(actor: Actor | None, institution: Institution, transition: Transition[Any]) -> bool:
    """Allow whom the verb of the machine names: roles in the institution, or the software at its hour."""
    if actor is None:
        return False
    if actor.is_system:
        return ActorKind.SYSTEM.value in transition.who
    return bool({role.value for role in actor.roles_in(institution)} & transition.who)


def may_change_status(actor: Actor | None, institution: Institution) -> bool:
    """Allow the authority that founded the institution: it alone suspends, reviews, renews and abolishes it."""
    return actor is not None and actor.has_role(institution, Role.AUTHORITY)


def may_name_funding(actor: Actor | None, institution: Institution) -> bool:
    """Allow the secretariat and the authority, and whoever founds, until the institution works."""
    if actor is None:
        return False
    founding = institution.status in {Status.ADOPTED, Status.FUNDED}
    return actor.has_role(institution, Role.SECRETARIAT, Role.AUTHORITY) or (
        founding and may_found_institution(actor)
    )


def may_enter_election(actor: Actor | None, institution: Institution) -> bool:
    """Allow the secretariat and the authority, and whoever founds, until the institution works."""
    return may_name_funding(actor, institution)


def may_note_pause(actor: Actor | None) -> bool:
    """Allow the software alone, on the first day of a pause before an election."""
    return actor is not None and actor.is_system


def may_break_off_cycle(actor: Actor | None, institution: Institution) -> bool:
    """Allow the authority that signed the mandate: it answers in public for taking it back."""
    return actor is not None and actor.has_role(institution, Role.AUTHORITY)


def may_enter_back_office(actor: Actor | None, institution: Institution) -> bool:
    """Allow everybody who holds a role for the institution."""
    return actor is not None and bool(actor.roles_in(institution))
