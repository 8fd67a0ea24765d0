"""Founding an institution on the site, step by step: a draft that its operator continues, and then founds at once."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from django.conf import settings
from django.core.mail import send_mail
from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from isegoria_web import clock
from isegoria_web.accounts.actors import Actor
from isegoria_web.accounts.enums import Role
from isegoria_web.accounts.services import grant_role, grant_role_by_address
from isegoria_web.errors import require, required
from isegoria_web.institutions import policies
from isegoria_web.institutions.algorithms import (
    bundled_text,
    identity_of,
    read_rule_book,
    text_with,
)
from isegoria_web.institutions.beginning import name_funding
from isegoria_web.institutions.elections import enter_election
from isegoria_web.institutions.enums import ElectionKind, Level
from isegoria_web.institutions.errors import AlreadyFounded, FoundingIncomplete
from isegoria_web.institutions.models import Founding, Institution, Welcome
from isegoria_web.institutions.services import found_institution, require_free
from isegoria_web.translated import in_language

log = logging.getLogger(__name__)
KEPT = timedelta(days=30)
"""A draft is deleted so long after the last change."""
LETTERS_AFTER = timedelta(days=90)
"""When the first letters are drawn, unless somebody says otherwise: the extract and the mandate take their time."""
AGAIN_AFTER = timedelta(minutes=10)
MOST_TRIES = 50


def begin(*, actor: Actor, bundled: str = "", text: str = "") -> Founding:
    """Begin to found an institution from a rule book that comes along, or from a file of one's own.

    Raises
    ------
    isegoria.errors.BadInput
        If the rule book does not hold, or none has this id; nothing is kept.
    """
    require(policies.may_found_institution(actor))
    original = bundled_text(bundled) if bundled else text
    read_rule_book(original)
    return Founding.objects.create(
        by=required(actor.user), bundled=bundled, original=original,
        starts_on=clock.now().date() + LETTERS_AFTER, begun_at=clock.now(), expires_at=clock.now() + KEPT,
    )  # fmt: skip


def describe(*, actor: Actor, founding: Founding, details: Mapping[str, Any]) -> Founding:
    """Keep what the institution is called, whose it is, and in which languages and time zone it lives.

    Raises
    ------
    NameTaken
        If its short name cannot be an address.
    isegoria.errors.BadInput
        If the rule book does not hold with them; nothing is changed.
    """
    require(policies.may_continue_founding(actor, founding))
    require_free(details["slug"])
    with transaction.atomic():
        found = _open(founding)
        found.details = dict(details)
        text_of(found)
        return _keep(found, "details")


def set_numbers(
    *,
    actor: Actor,
    founding: Founding,
    changes: Mapping[str, Any],
    starts_on: date,
    elections: Sequence[date],
) -> Founding:
    """Keep other numbers for some rules, by id, and the days from which the calendar is computed.

    Raises
    ------
    isegoria.errors.BadInput
        If the rules cannot hold together, with both ids; nothing is changed.
    """
    require(policies.may_continue_founding(actor, founding))
    with transaction.atomic():
        found = _open(founding)
        found.changes = dict(changes)
        found.starts_on, found.elections = starts_on, [each.isoformat() for each in elections]
        text_of(found)
        return _keep(found, "changes", "starts_on", "elections")


def name_people(
    *,
    actor: Actor,
    founding: Founding,
    people: Mapping[str, Any],
    funding: Mapping[str, Any] | None = None,
) -> Founding:
    """Keep who is the first secretary, and who speaks for the authority.

    Parameters
    ----------
    people
        For each of the two roles the `email`, `name` and `language`; a secretary without an address is who founds.
    funding
        `line`, `source`, `euros_a_year`, `starts_on` and `ends_on`, days as ISO texts; nothing where it is still open:
        then the institution works as soon as somebody names it.
    """
    require(policies.may_continue_founding(actor, founding))
    with transaction.atomic():
        found = _open(founding)
        found.people, found.funding = dict(people), dict(funding or {})
        return _keep(found, "people", "funding")


def throw_away(*, actor: Actor, founding: Founding) -> None:
    """Delete a draft; what is founded already stays.

    Raises
    ------
    AlreadyFounded
        If it was.
    """
    require(policies.may_continue_founding(actor, founding))
    with transaction.atomic():
        _open(founding).delete()


def found(*, actor: Actor, founding: Founding) -> Institution:
    """Found the institution: its rule book, its bodies, its journal and its first roles, all of it or nothing.

    Where its money is named too, it works from now on.

    Whoever is given a role by address gets a mail; see `welcome`.

    Raises
    ------
    AlreadyFounded
        If it was.
    FoundingIncomplete
        If a step is open.
    NameTaken, isegoria.errors.BadInput
        If the short name was taken meanwhile, or the rule book does not hold.
    """
    require(policies.may_continue_founding(actor, founding))
    with transaction.atomic():
        draft = _open(founding)
        if missing(draft):
            raise FoundingIncomplete
        told = draft.details
        institution = found_institution(
            actor=actor, slug=told["slug"], name=told["name"], summary=told["summary"],
            authority_name=told["authority_name"], level=Level(told["level"]), rule_book_text=text_of(draft),
            founded_on=clock.today(told["time_zone"]), accent=told["accent"],
            contact_email=told["contact_email"], contact_phone=told["contact_phone"],
        )  # fmt: skip
        today = clock.today(institution.time_zone)
        for day in (each for each in draft.elections if date.fromisoformat(each) >= today):
            enter_election(
                actor=actor, institution=institution, kind=ElectionKind.OTHER, held_on=date.fromisoformat(day),
                source=_("Named when the institution was founded"),
            )  # fmt: skip
        _give_roles(actor, institution, draft.people)
        if draft.funding:
            _fund(actor, institution, draft.funding)
        draft.institution, draft.details, draft.people, draft.funding = institution, {}, {}, {}
        draft.save(update_fields=["institution", "details", "people", "funding"])
        institution.refresh_from_db()
        return institution


def missing(founding: Founding) -> tuple[str, ...]:
    """Return the steps that are open, by the names of their pages."""
    return tuple(
        step
        for step, done in (("details", founding.details), ("people", founding.people))
        if not done and founding.institution_id is None
    )


def text_of(founding: Founding) -> str:
    """Return the rule book as it would be adopted now.

    Raises
    ------
    isegoria.errors.BadInput
        If it does not hold.
    """
    named = (
        identity_of(read_rule_book(founding.original), founding.details, is_bundled=bool(founding.bundled))
        if founding.details
        else {}
    )
    return text_with(founding.original, {**named, **founding.changes})


def forget_old_drafts() -> int:
    """Delete the drafts whose day has come, and what is left of those that were founded; returns how many."""
    deleted, _per_model = Founding.objects.filter(expires_at__lte=clock.now()).delete()
    return deleted


def send_welcomes() -> int:
    """Send the mails about first roles that wait, each once; one that the mail server does not take is tried again.

    Returns
    -------
    int
        How many were sent.
    """
    sent = 0
    due = Welcome.objects.filter(try_after__lte=clock.now(), tries__lt=MOST_TRIES)
    for key in list(due.values_list("pk", flat=True)):
        with transaction.atomic():
            each = (
                Welcome.objects.select_for_update(skip_locked=True, of=("self",))
                .select_related("institution", "user")
                .filter(pk=key)
                .first()
            )
            if each is None:
                continue  # another worker has it
            if _send(each):
                each.delete()
                sent += 1
            else:
                each.tries, each.try_after = each.tries + 1, clock.now() + AGAIN_AFTER
                each.save(update_fields=["tries", "try_after"])
    return sent


def _give_roles(actor: Actor, institution: Institution, people: Mapping[str, Any]) -> None:
    """Give the authority its role, and then the secretary hers: from then on she gives roles, and no operator."""
    for role in (Role.AUTHORITY, Role.SECRETARIAT):
        person = people[role.value]
        if not person.get("email"):
            grant_role(actor=actor, institution=institution, user=required(actor.user), role=role)
            continue
        grant = grant_role_by_address(
            actor=actor, institution=institution, email=person["email"], name=person["name"],
            language=person["language"], role=role,
        )  # fmt: skip
        Welcome.objects.create(institution=institution, user=grant.user, role=role, try_after=clock.now())


def _fund(actor: Actor, institution: Institution, told: Mapping[str, Any]) -> None:
    name_funding(
        actor=actor, institution=institution, line=told["line"], source=told["source"],
        euros_a_year=told["euros_a_year"], starts_on=date.fromisoformat(told["starts_on"]),
        ends_on=date.fromisoformat(told["ends_on"]) if told["ends_on"] else None,
    )  # fmt: skip


def _send(welcome: Welcome) -> bool:
    user, institution = welcome.user, welcome.institution
    with translation.override(user.language):
        name = in_language(institution.name)
        lines = [
            _("%(name)s is founded, and you have a role in it: %(role)s.")
            % {"name": name, "role": Role(welcome.role).label},
            _("Sign in with this e-mail address. If you have no password yet, set one here:"),
            f"{settings.BASE_URL}/{user.language}/account/password/reset/",
            _(
                "Whoever acts for others needs a second factor; the page asks you for it when you first sign in."
            ),
            f"{settings.BASE_URL}/{user.language}/{institution.slug}/office/",
        ]
        try:
            send_mail(
                _("Your role: %(name)s") % {"name": name}, "\n\n".join(lines) + "\n", None, [user.email]
            )
        except OSError:  # what every kind of mail server trouble is
            log.warning("A mail about a first role was not taken")
            return False
    return True


def _open(founding: Founding) -> Founding:
    found = Founding.objects.select_for_update(of=("self",)).get(pk=founding.pk)
    if found.institution_id is not None:
        raise AlreadyFounded
    return found


def _keep(founding: Founding, *fields: str) -> Founding:
    founding.expires_at = clock.now() + KEPT
    founding.save(update_fields=[*fields, "expires_at"])
    return founding
