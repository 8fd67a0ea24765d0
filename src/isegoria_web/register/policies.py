"""Who may touch the register."""

from __future__ import annotations

from isegoria_web import clock
from isegoria_web.accounts.actors import Actor
from isegoria_web.accounts.enums import Role
from isegoria_web.institutions.models import Institution
from isegoria_web.register.models import Extract


def may_load_extract(actor: Actor | None, institution: Institution) -> bool:
    """Allow the secretariat of the institution."""
    return actor is not None and actor.has_role(institution, Role.SECRETARIAT)


def may_keep_profiles(actor: Actor | None, institution: Institution) -> bool:
    """Allow the secretariat of the institution."""
    return may_load_extract(actor, institution)


def may_erase_extract(actor: Actor | None, extract: Extract) -> bool:
    """Allow the secretariat at any time, and the software from the erasure date on."""
    if actor is None:
        return False
    due = extract.erase_on <= clock.today(extract.institution.time_zone)
    return (actor.is_system and due) or actor.has_role(extract.institution, Role.SECRETARIAT)
