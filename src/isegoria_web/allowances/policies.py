"""Who claims, decides and pays."""

from __future__ import annotations

from isegoria_web.accounts.actors import Actor
from isegoria_web.accounts.enums import Role
from isegoria_web.institutions.models import Institution
from isegoria_web.membership.models import Member


def may_handle_money(actor: Actor | None, institution: Institution) -> bool:
    """Allow the secretariat of the institution."""
    return actor is not None and actor.has_role(institution, Role.SECRETARIAT)


def is_herself(actor: Actor | None, member: Member) -> bool:
    """Allow the member herself, sitting or former, and nobody else: not even the secretariat types an account."""
    return actor is not None and actor.user is not None and actor.user.pk == member.user_id


def may_erase_accounts(actor: Actor | None) -> bool:
    """Allow the software alone, on the days that the rules set."""
    return actor is not None and actor.is_system
