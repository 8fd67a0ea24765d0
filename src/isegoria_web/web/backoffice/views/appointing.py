"""Members of a mixed body who are not drawn: who is appointed, who follows, and how they vote by name."""

from __future__ import annotations

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _

from isegoria_web.accounts.enums import Role
from isegoria_web.ballots import algorithms as ballots
from isegoria_web.ballots import roll_calls
from isegoria_web.ballots.models import RollCall
from isegoria_web.institutions.models import Cycle
from isegoria_web.membership import appointing
from isegoria_web.membership.algorithms import colleges_of
from isegoria_web.membership.models import Appointee
from isegoria_web.translated import in_language
from isegoria_web.web.backoffice.forms.appointing import AppointForm, LeaveForm, RollCallForm
from isegoria_web.web.backoffice.office import Caution, Office, act_on, for_office

APPOINTING = (Role.SECRETARIAT, Role.AUTHORITY)


def _appointee_or_404(cycle: Cycle, key: int) -> Appointee:
    found = Appointee.objects.select_related("cycle__institution", "cycle__body", "cycle__rule_book")
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


def _back(office: Office, cycle: Cycle, sentence: str) -> HttpResponse:
    office.say(sentence)
    return office.to("appointees", cycle.number)


@for_office(Role.SECRETARIAT)
def roll_call(office: Office, cycle: int, number: int, college: str) -> HttpResponse:
    """Write down an open vote by name, once the citizens' box is counted."""
    found = office.cycle(cycle)
    voting = get_object_or_404(
        RollCall.objects.select_related("ballot__cycle__institution"),
        ballot__cycle=found,
        ballot__recommendation__number=number,
        college=college,
    )
    roll = roll_calls.roll_of(voting, office.today())
    form = RollCallForm(office.data, initial={"held_on": office.today()}, roll=roll)

    rule = next((each for each in ballots.open_rules(found) if each.college == college), None)
    return act_on(
        office,
        found,
        form=form,
        template="roll_call",
        act=lambda data: roll_calls.enter_roll_call(
            actor=office.actor, roll_call=voting, held_on=data["held_on"], choices=form.choices,
            reasons=form.reasons,
        ),
        done=office.then(_("The open vote is written down and public."), "recommendation", found.number, number),
        caution=lambda data: Caution(
            title=_("Write down the open vote?"),
            consequences=[
                _("Everybody reads who voted how, by name."),
                _("It cannot be changed afterwards."),
            ],
            submit=_("Write down the open vote"),
            facts={_("Day"): data["held_on"], **dict(form.sums())},
        ),
        roll_call=voting,
        words={} if rule is None else rule.words,
        roll=roll,
        back=office.url("recommendation", found.number, number),
    )  # fmt: skip
