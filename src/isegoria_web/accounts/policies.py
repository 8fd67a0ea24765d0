"""Who may do what with accounts and roles."""

from __future__ import annotations

from typing import Any

from allauth.mfa.models import Authenticator

from isegoria_web import erasure
from isegoria_web.accounts.actors import Actor
from isegoria_web.accounts.enums import STAFF, Role
from isegoria_web.accounts.models import Grant, User


def may_grant_role(actor: Actor | None, institution: Any) -> bool:
    """Allow the secretariat of the institution, and the software when it founds one."""
    return actor is not None and (actor.is_system or actor.has_role(institution, Role.SECRETARIAT))


def may_erase_person(actor: Actor | None, institution: Any, user: User) -> bool:
    """Allow the secretariat of an institution that knows the person, and the software on the day of erasure."""
    if actor is None:
        return False
    known = Grant.objects.filter(user=user, institution=institution).exists() or erasure.is_known_in(
        user.pk, institution.pk
    )
    return known and (actor.is_system or actor.has_role(institution, Role.SECRETARIAT))


def lacks_second_factor(user: User) -> bool:
    """Find people who act for others in a real institution and sign in with a password alone.

    Secretariat, facilitators and authority need an authenticator app or a passkey; members, experts and
    observers may have one. A demonstration shows its passwords to everybody, so nobody needs one there.
    """
    grants = Grant.objects.valid_now().filter(
        user=user, role__in=STAFF, institution__is_demonstration=False
    )
    strong = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)
    return grants.exists() and not Authenticator.objects.filter(user=user, type__in=strong).exists()
