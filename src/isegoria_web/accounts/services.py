from __future__ import annotations

from typing import Any

from django.db import transaction

from isegoria_web import clock
from isegoria_web.accounts import policies
from isegoria_web.accounts.actors import Actor
from isegoria_web.accounts.enums import Role
from isegoria_web.accounts.errors import NameMissing
from isegoria_web.accounts.models import Grant, User
from isegoria_web.errors import require
from isegoria_web.journal.enums import Action
from isegoria_web.journal.services import record


def grant_role(*, actor: Actor, institution: Any, user: User, role: Role) -> Grant:
    """Give a person a role for the institution from now on; a second time changes nothing.

    Refused to everybody but the secretariat and the founding software.
    """
    require(policies.may_grant_role(actor, institution))
    with transaction.atomic():
        grant, created = Grant.objects.select_for_update().get_or_create(
            user=user, institution=institution, role=role, defaults={"valid_from": clock.now()}
        )
        reopened = not created and grant.valid_until is not None
        if reopened:
            grant.valid_from, grant.valid_until = clock.now(), None
            grant.save(update_fields=["valid_from", "valid_until"])
        if created or reopened:
            record(
                actor=actor,
                institution=institution,
                action=Action.ROLE_GRANTED,
                subject=user,
                facts={"role": role.value},
            )
        return grant


def grant_role_by_address(
    *, actor: Actor, institution: Any, email: str, name: str, language: str, role: Role
) -> Grant:
    """Give a role to the person with an e-mail address; without an account she gets one, with no password yet.

    Raises
    ------
    NameMissing
        If a new account would have no name; nothing is made.
    """
    require(policies.may_grant_role(actor, institution))
    with transaction.atomic():
        user = User.objects.filter(email__iexact=email).first()
        if user is None:
            if not name.strip():
                raise NameMissing
            user = User.objects.create_user(email=email, name=name.strip(), language=language)
        return grant_role(actor=actor, institution=institution, user=user, role=role)


def withdraw_role(*, actor: Actor, institution: Any, user: User, role: Role) -> None:
    """End a person's role at this moment; a second time changes nothing."""
    require(policies.may_grant_role(actor, institution))
    with transaction.atomic():
        ended = (
            Grant.objects.valid_now()
            .filter(user=user, institution=institution, role=role)
            .update(valid_until=clock.now())
        )
        if ended:
            record(
                actor=actor,
                institution=institution,
                action=Action.ROLE_WITHDRAWN,
                subject=user,
                facts={"role": role.value},
            )
