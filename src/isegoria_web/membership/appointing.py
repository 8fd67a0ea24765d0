"""Seats of a mixed body that are not drawn: members of parliament, whom the authority appoints by name.

These are services like those in `services.py`. The journal tells group, seat and day; the name, which is public with
the office, stands on the roster alone.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from django.conf import settings
from django.core.mail import send_mail
from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from isegoria_web import clock
from isegoria_web.accounts.actors import Actor
from isegoria_web.accounts.services import account_of
from isegoria_web.errors import require, required
from isegoria_web.institutions.models import Cycle
from isegoria_web.institutions.status import require_cycle_at_work
from isegoria_web.journal.enums import Action
from isegoria_web.journal.services import record
from isegoria_web.membership import policies
from isegoria_web.membership.algorithms import College, colleges_of
from isegoria_web.membership.errors import (
    AppointedAlready,
    AppointmentEnded,
    AppointmentEndsTooSoon,
    CollegeFull,
    CollegeUnknown,
    HasCitizensSeat,
    InvitationNotSent,
)
from isegoria_web.membership.models import Appointee, Member
from isegoria_web.translated import in_language

_BEFORE_ANOTHER_ACCOUNT: list[Callable[[Appointee], None]] = []


def before_another_account(check: Callable[[Appointee], None]) -> None:
    """Register what an app refuses before somebody who is appointed gets another account."""
    if check not in _BEFORE_ANOTHER_ACCOUNT:
        _BEFORE_ANOTHER_ACCOUNT.append(check)


def college_of(cycle: Cycle, key: str) -> College:
    """Return a group of the cycle's body that is appointed.

    Raises
    ------
    CollegeUnknown
        If the rule book names none of this key.
    """
    for each in colleges_of(cycle):
        if each.key == key:
            return each
    raise CollegeUnknown


def appoint(
    *, actor: Actor, cycle: Cycle, college: str, name: str, group: str, decision: str, starts_on: date
) -> Appointee:
    """Give a free seat that is not drawn to a person whom the authority named.

    Parameters
    ----------
    group
        Her party or political group; empty where she has none.
    decision
        By which decision of the authority, as it is quoted: "Bureau, 12 March 2027".

    Raises
    ------
    CollegeUnknown, CollegeFull, AppointedAlready
        If it cannot be given.
    """
    require(policies.may_appoint(actor, cycle))
    require_cycle_at_work(cycle)
    with transaction.atomic():
        cycle = Cycle.objects.locked(cycle.pk)
        found = college_of(cycle, college)
        taken = set(_holding(cycle, college).values_list("seat", flat=True))
        if found.most is not None and len(taken) >= found.most:
            raise CollegeFull
        seat = next(number for number in range(1, len(taken) + 2) if number not in taken)
        return _seat(
            actor, found.rule, cycle=cycle, college=college, seat=seat, name=name, group=group,
            decision=decision, starts_on=starts_on,
        )  # fmt: skip


def replace_appointee(
    *, actor: Actor, appointee: Appointee, name: str, group: str, decision: str, on: date
) -> Appointee:
    """Give the seat of somebody who leaves to her successor, on the same day.

    Raises
    ------
    AppointmentEnded, AppointmentEndsTooSoon, AppointedAlready
        If it cannot be given.
    """
    require(policies.may_appoint(actor, appointee.cycle))
    require_cycle_at_work(appointee.cycle)
    with transaction.atomic():
        left = end_appointment(actor=actor, appointee=appointee, on=on)
        return _seat(
            actor, college_of(left.cycle, left.college).rule, cycle=left.cycle, college=left.college,
            seat=left.seat, name=name, group=group, decision=decision, starts_on=on,
        )  # fmt: skip


def end_appointment(*, actor: Actor, appointee: Appointee, on: date) -> Appointee:
    """Note that somebody leaves a seat that is not drawn; from this day it is free.

    Raises
    ------
    AppointmentEnded, AppointmentEndsTooSoon
        If she left it already, or would leave before she came.
    """
    require(policies.may_appoint(actor, appointee.cycle))
    with transaction.atomic():
        cycle = Cycle.objects.locked(appointee.cycle_id)
        appointee = Appointee.objects.select_related("cycle__institution").get(pk=appointee.pk)
        if appointee.ends_on is not None:
            raise AppointmentEnded
        if on < appointee.starts_on:
            raise AppointmentEndsTooSoon
        appointee.ends_on = on
        appointee.save(update_fields=["ends_on"])
        record(
            actor=actor, institution=cycle.institution, action=Action.APPOINTEE_LEFT, subject=cycle,
            facts={**_place(appointee), "on": on.isoformat()},
        )  # fmt: skip
        return appointee


def invite_appointee(*, actor: Actor, appointee: Appointee, email: str, language: str) -> Appointee:
    """Let somebody who is appointed sign in: she gets an account, and a mail that says how.

    With it she reads the drafts of her cycle and votes by name, as long as she holds the seat; she has no part in the
    citizens' secret ballots. Another time sends the mail again, or to another address; not while her group votes in the
    site, as nobody else may go on with the vote that she gave.

    Raises
    ------
    AppointmentEnded
        If she left the seat.
    HasCitizensSeat
        If the address belongs to a citizen of the same cycle, or to another appointee.
    ServiceError
        Whatever an app refuses that needs her account as it is: a vote that goes on.
    InvitationNotSent
        If the mail server does not take the mail; nothing was changed.
    """
    require(policies.may_invite_appointee(actor, appointee.cycle))
    require_cycle_at_work(appointee.cycle)
    with transaction.atomic():
        cycle = Cycle.objects.locked(appointee.cycle_id)
        appointee = Appointee.objects.select_related("cycle__institution").get(pk=appointee.pk)
        if appointee.ends_on is not None:
            raise AppointmentEnded
        others = Appointee.objects.filter(cycle=cycle, ends_on__isnull=True).exclude(pk=appointee.pk)
        if (
            others.filter(user__email__iexact=email).exists()
            or Member.objects.of(cycle).filter(user__email__iexact=email).exists()
        ):
            raise HasCitizensSeat
        if appointee.user is not None and appointee.user.email.lower() != email.lower():
            for check in _BEFORE_ANOTHER_ACCOUNT:
                check(appointee)
        appointee.user = account_of(email=email, name=appointee.name, language=language)
        appointee.invited_at = clock.now()
        appointee.save(update_fields=["user", "invited_at"])
        record(
            actor=actor, institution=cycle.institution, action=Action.APPOINTEE_INVITED, subject=cycle,
            facts=_place(appointee),
        )  # fmt: skip
        _send_invitation(appointee)
        return appointee


def _send_invitation(appointee: Appointee) -> None:
    user, institution = required(appointee.user), appointee.cycle.institution
    with translation.override(user.language):
        name = in_language(institution.name)
        lines = [
            _("You hold a seat in %(name)s. On your pages you read the drafts and vote by name.")
            % {"name": name},
            _("Sign in with this e-mail address. If you have no password yet, set one here:"),
            f"{settings.BASE_URL}/{user.language}/account/password/reset/",
            f"{settings.BASE_URL}/{user.language}/{institution.slug}/my/appointed/",
        ]
        try:
            send_mail(
                _("Your seat: %(name)s") % {"name": name}, "\n\n".join(lines) + "\n", None, [user.email]
            )
        except OSError:  # what every kind of mail server trouble is
            raise InvitationNotSent from None


def _holding(cycle: Cycle, college: str) -> Any:
    return Appointee.objects.filter(cycle=cycle, college=college, ends_on__isnull=True)


def _seat(actor: Actor, rule: str, **fields: Any) -> Appointee:
    made = Appointee(**{**fields, "name": fields["name"].strip(), "group": fields["group"].strip()})
    if _holding(made.cycle, made.college).filter(name__iexact=made.name).exists():
        raise AppointedAlready
    made.full_clean()
    made.save()
    record(
        actor=actor, institution=made.cycle.institution, action=Action.APPOINTEE_SEATED, subject=made.cycle,
        facts={**_place(made), "on": made.starts_on.isoformat(), "rule": rule},
    )  # fmt: skip
    return made


def _place(appointee: Appointee) -> dict[str, Any]:
    return {"cycle": appointee.cycle.number, "group": appointee.college, "seat": appointee.seat}
