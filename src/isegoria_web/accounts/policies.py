"""Who may do what with accounts and roles."""

from __future__ import annotations

from typing import Any

from allauth.mfa.models import Authenticator

from isegoria_web import erasure
from isegoria_web.accounts.actors import Actor
from isegoria_web.accounts.enums import STAFF, Role
from isegoria_web.accounts.models import Grant, Operator, User


def may_grant_role(actor: Actor | None, institution: Any) -> bool:
    """Allow the secretariat of the institution, and until it had one whoever founds: the software, or an operator."""
    if actor is None:
        return False
    if actor.is_system or actor.has_role(institution, Role.SECRETARIAT):
        return True
    begun = Grant.objects.filter(institution=institution, role=Role.SECRETARIAT).exists()
    return not begun and may_operate(actor)


def may_appoint_operator(actor: Actor | None) -> bool:
    """Allow the software alone, on the command line: whoever can start it there runs the server anyway."""
    return actor is not None and actor.is_system


def may_operate(actor: Actor | None) -> bool:
    """Allow operators of the site who have a second factor."""
    return (
        actor is not None
        and actor.user is not None
        and actor.is_operator
        and _has_second_factor(actor.user)
    )


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

    Secretariat, facilitators, authority and the site's operators need an authenticator app or a passkey; members,
    experts and observers may have one. A demonstration shows its passwords to everybody, so nobody needs one there.
    """
    grants = Grant.objects.valid_now().filter(
        user=user, role__in=STAFF, institution__is_demonstration=False
    )
    acts = grants.exists() or Operator.objects.valid_now().filter(user=user).exists()
    return acts and not _has_second_factor(user)


def _has_second_factor(user: User) -> bool:
    strong = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)
    found: bool = Authenticator.objects.filter(user=user, type__in=strong).exists()
    return found
