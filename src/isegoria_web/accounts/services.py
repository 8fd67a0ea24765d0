from __future__ import annotations

from typing import Any

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.db import transaction

from isegoria_web import clock, erasure
from isegoria_web.accounts import policies
from isegoria_web.accounts.actors import Actor
from isegoria_web.accounts.enums import Role
from isegoria_web.accounts.errors import NameMissing, PersonErased, RoleHeld
from isegoria_web.accounts.models import Grant, Operator, User
from isegoria_web.errors import require
from isegoria_web.journal.enums import Action
from isegoria_web.journal.models import Chain, Opening
from isegoria_web.journal.services import forget, record


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
        user = account_of(email=email, name=name, language=language)
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


def appoint_operator(*, actor: Actor, email: str, name: str = "", language: str = "en") -> Operator:
    """Let the person with an e-mail address found institutions on this site; a second time changes nothing.

    It stands in no journal: those belong to institutions, and an operator can do nothing in one. What she founds says
    so in its own journal.

    Raises
    ------
    NameMissing
        If a new account would have no name; nothing is made.
    """
    require(policies.may_appoint_operator(actor))
    with transaction.atomic():
        user = account_of(email=email, name=name, language=language)
        operator, created = Operator.objects.select_for_update().get_or_create(
            user=user, defaults={"valid_from": clock.now()}
        )
        if not created and operator.valid_until is not None:
            operator.valid_from, operator.valid_until = clock.now(), None
            operator.save(update_fields=["valid_from", "valid_until"])
        return operator


def dismiss_operator(*, actor: Actor, email: str) -> bool:
    """Take the right to found from a person at this moment; returns whether she had it."""
    require(policies.may_appoint_operator(actor))
    ended = Operator.objects.valid_now().filter(user__email__iexact=email).update(valid_until=clock.now())
    return bool(ended)


def account_of(*, email: str, name: str, language: str) -> User:
    """Return the account with an address; without one it is made, with no password yet. For verbs that ask who may.

    Raises
    ------
    NameMissing
        If a new account would have no name.
    """
    user = User.objects.filter(email__iexact=email).first()
    if user is None:
        if not name.strip():
            raise NameMissing
        user = User.objects.create_user(email=email, name=name.strip(), language=language)
    return user


def erase_person(*, actor: Actor, institution: Any, user: User) -> User:
    """Erase who a person is, everywhere on this site: name, address, keys, and what opens sealed entries about her.

    The empty account stays, so that what was done still has one and the same somebody behind it. Every journal in
    which the person did something says that it happened, and stays as valid as it was.

    Raises
    ------
    PersonErased
        If it was done before.
    RoleHeld
        While the person holds a role in any institution.
    ServiceError
        Whatever an app refuses that still needs the person: a seat that is held, a draw that is not final.
    """
    require(policies.may_erase_person(actor, institution, user))
    with transaction.atomic():
        user = User.objects.select_for_update().get(pk=user.pk)
        if user.erased_at is not None:
            raise PersonErased
        if (
            Grant.objects.valid_now().filter(user=user).exists()
            or Operator.objects.valid_now().filter(user=user).exists()
        ):
            raise RoleHeld
        erasure.erase_all_of_person(user.pk)
        found = _institutions(user, institution)
        openings = {each.pk: _openings(user, each) for each in found}
        forget(person=user)
        _empty(user)
        for each in found:
            record(
                actor=actor, institution=each, action=Action.PERSON_ERASED, subject=user,
                facts={"openings": openings[each.pk]},
            )  # fmt: skip
        return user


def _institutions(user: User, institution: Any) -> list[Any]:
    """Return in whose journals the person did something, in a fixed order: chains are locked one after the other."""
    granted = [each.institution for each in Grant.objects.filter(user=user).select_related("institution")]
    chains = Chain.objects.filter(entries__opening__person=user).distinct()
    sealed = [each.institution for each in chains.select_related("institution")]
    return sorted(
        {each.pk: each for each in (institution, *granted, *sealed)}.values(), key=lambda each: each.pk
    )


def _openings(user: User, institution: Any) -> int:
    return Opening.objects.filter(person=user, entry__chain_id=institution.chain_id).count()


def _empty(user: User) -> None:
    Authenticator.objects.filter(user=user).delete()
    EmailAddress.objects.filter(user=user).delete()
    user.name, user.email = "", f"{user.public_id.hex}@erased.invalid"
    user.is_active, user.erased_at, user.last_login = False, clock.now(), None
    user.set_unusable_password()  # also ends every session
    user.save()
