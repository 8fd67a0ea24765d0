"""Members of a mixed body who are not drawn: who is appointed, who follows, who leaves."""

from __future__ import annotations

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _

from isegoria_web.accounts.enums import Role
from isegoria_web.institutions.models import Cycle
from isegoria_web.membership import appointing
from isegoria_web.membership.algorithms import colleges_of
from isegoria_web.membership.models import Appointee
from isegoria_web.translated import in_language
from isegoria_web.web.backoffice.forms.appointing import AppointForm, InviteForm, LeaveForm
from isegoria_web.web.backoffice.office import Office, act_on, for_office

APPOINTING = (Role.SECRETARIAT, Role.AUTHORITY)


def _appointee_or_404(cycle: Cycle, key: int) -> Appointee:
    found = Appointee.objects.select_related(
        "user", "cycle__institution", "cycle__body", "cycle__rule_book"
    )
    return get_object_or_404(found, cycle=cycle, pk=key, ends_on__isnull=True)


@for_office(*APPOINTING, methods=("GET", "HEAD"))
def appointees(office: Office, cycle: int) -> HttpResponse:
    """List who holds the seats that are not drawn, group by group, and who held them before."""
    found = office.cycle(cycle)
    every = list(Appointee.objects.filter(cycle=found).order_by("seat", "starts_on"))
    groups = [
        (
            college,
            [each for each in every if each.college == college.key and each.ends_on is None],
            [each for each in every if each.college == college.key and each.ends_on is not None],
        )
        for college in colleges_of(found)
    ]
    return office.page("appointees", found, groups=groups)


@for_office(*APPOINTING)
def appoint(office: Office, cycle: int, college: str) -> HttpResponse:
    """Give a free seat to a person whom the authority named."""
    found = office.cycle(cycle)
    group = next((each for each in colleges_of(found) if each.key == college), None)
    if group is None:
        raise Http404
    return act_on(
        office,
        found,
        form=AppointForm(office.data),
        act=lambda data: appointing.appoint(
            actor=office.actor, cycle=found, college=college, name=data["name"], group=data["group"],
            decision=data["decision"], starts_on=data["on"],
        ),
        done=lambda _made: _back(office, found, _("The seat is taken. The roster shows it.")),
        heading=_("Appoint: %(group)s") % {"group": in_language(group.title)},
        lead=_("No lot falls on this seat. Name and group are public, as the office is."),
        submit=_("Give the seat"),
        back=office.url("appointees", found.number),
    )  # fmt: skip


@for_office(*APPOINTING)
def replace(office: Office, cycle: int, appointee: int) -> HttpResponse:
    """Give the seat of somebody who leaves to a successor."""
    found = office.cycle(cycle)
    leaving = _appointee_or_404(found, appointee)
    return act_on(
        office,
        found,
        form=AppointForm(office.data),
        act=lambda data: appointing.replace_appointee(
            actor=office.actor, appointee=leaving, name=data["name"], group=data["group"],
            decision=data["decision"], on=data["on"],
        ),
        done=lambda _made: _back(office, found, _("The seat has changed hands. The roster shows it.")),
        heading=_("Who follows %(name)s?") % {"name": leaving.name},
        lead=_("Votes that were held before this day stay with the person who cast them."),
        submit=_("Give the seat to the successor"),
        back=office.url("appointees", found.number),
    )  # fmt: skip


@for_office(*APPOINTING)
def leave(office: Office, cycle: int, appointee: int) -> HttpResponse:
    """Note that somebody leaves a seat that is not drawn."""
    found = office.cycle(cycle)
    leaving = _appointee_or_404(found, appointee)
    return act_on(
        office,
        found,
        form=LeaveForm(office.data),
        act=lambda data: appointing.end_appointment(actor=office.actor, appointee=leaving, on=data["on"]),
        done=lambda _made: _back(office, found, _("The seat is free.")),
        heading=_("%(name)s leaves the seat") % {"name": leaving.name},
        submit=_("Note it"),
        back=office.url("appointees", found.number),
    )


@for_office(Role.SECRETARIAT)
def invite(office: Office, cycle: int, appointee: int) -> HttpResponse:
    """Let somebody who is appointed sign in, and send the mail that says how."""
    found = office.cycle(cycle)
    seated = _appointee_or_404(found, appointee)
    user = seated.user
    start = {
        "language": user.language if user else office.languages[0],
        "email": user.email if user else "",
    }
    return act_on(
        office,
        found,
        form=InviteForm(office.data, initial=start),
        act=lambda data: appointing.invite_appointee(
            actor=office.actor, appointee=seated, email=data["email"], language=data["language"]
        ),
        done=lambda _made: _back(office, found, _("The invitation is on its way.")),
        heading=_("Invite %(name)s to sign in") % {"name": seated.name},
        lead=_(
            "Whoever is appointed reads the drafts on pages of her own and votes there by name, as long as she holds the seat. She has no part in the citizens' secret ballots."
        ),
        submit=_("Send the invitation"),
        back=office.url("appointees", found.number),
    )  # fmt: skip


def _back(office: Office, cycle: Cycle, sentence: str) -> HttpResponse:
    office.say(sentence)
    return office.to("appointees", cycle.number)
