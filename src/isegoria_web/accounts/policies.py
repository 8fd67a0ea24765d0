"""Who may do what with accounts and roles."""

from __future__ import annotations

from typing import Any

from isegoria_web.accounts.actors import Actor
from isegoria_web.accounts.enums import Role


def may_grant_role(actor: Actor | None, institution: Any) -> bool:
    """Allow the secretariat of the institution, and the software when it founds one."""
    return actor is not None and (actor.is_system or actor.has_role(institution, Role.SECRETARIAT))
