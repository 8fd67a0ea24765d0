"""Secret ballots that choose between options: opened, counted by two persons, shown. No count before."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _

from isegoria_web import clock
from isegoria_web.accounts.enums import Role
from isegoria_web.ballots import services
from isegoria_web.ballots.algorithms import without_a_choice
from isegoria_web.ballots.enums import BallotKind, BallotStatus
from isegoria_web.ballots.models import Ballot
from isegoria_web.institutions.models import Cycle
from isegoria_web.web.backoffice.counting import COUNTERS, count_together
from isegoria_web.web.backoffice.forms.deciding import ChoiceForm
from isegoria_web.web.backoffice.office import Caution, Office, act_on, for_office


def choice_or_404(cycle: Cycle, number: int) -> Ballot:
    """Return a choice of a cycle by its number."""
    return get_object_or_404(
        Ballot.objects.choices().select_related("cycle__institution"), cycle=cycle, number=number
    )


@for_office(Role.SECRETARIAT)
def new(office: Office, cycle: int) -> HttpResponse:
    """Open a secret ballot between options."""
    found = office.cycle(cycle)
    form = ChoiceForm(office.data, cycle=found)

    def opened(made: Ballot) -> HttpResponse:
        office.say(_("The ballot is open."))
        return office.to("choice", found.number, made.number)

    return act_on(
        office,
        found,
        form=form,
        act=lambda data: services.open_choice(
            actor=office.actor,
            cycle=found,
            kind=BallotKind(data["kind"]),
            question=data["question"],
            options=form.options,
            places=data["places"],
            closes_at=data["closes_at"],
        ),
        done=opened,
        caution=lambda data: Caution(
            title=_("Open the ballot?"),
            consequences=[
                _("Question and options can no longer be changed."),
                _("The members vote in secret. Nobody learns how it stands before the box is closed."),
                _("The closing moment cannot be moved."),
                *(
                    [_("The citizens alone choose. Who is appointed to this body takes no part in it.")]
                    if without_a_choice(found)
                    else []
                ),
            ],
            submit=_("Open the ballot"),
            facts={
                _("Question"): data["question"],
                _("Options"): len(form.options),
                _("How many options are chosen"): data["places"],
                _("The ballot closes"): data["closes_at"],
            },
        ),
        heading=_("A choice between options"),
        lead=_("The members choose in secret. The order of the options is published and decides ties."),
        submit=_("Go on"),
        back=office.url("recommendations", found.number),
    )  # fmt: skip


@for_office(*COUNTERS, methods=("GET", "HEAD"))
def choice(office: Office, cycle: int, number: int) -> HttpResponse:
    """Show a choice; how it stands is nobody's to see before the count."""
    found = office.cycle(cycle)
    ballot = choice_or_404(found, number)
    return office.page(
        "choice",
        found,
        ballot=ballot,
        counted=ballot.status == BallotStatus.CLOSED,
        can_close=ballot.status == BallotStatus.OPEN and ballot.closes_at <= clock.now(),
        without_choice=without_a_choice(found),
    )


@for_office(*COUNTERS)
def close(office: Office, cycle: int, number: int) -> HttpResponse:
    """Open the box and count it, two persons together: one proposes, another confirms."""
    found = office.cycle(cycle)
    ballot = choice_or_404(found, number)
    if ballot.status != BallotStatus.OPEN:
        return office.to("choice", found.number, number)
    title = _("Count ballot %(number)d") % {"number": number}
    return count_together(office, found, ballot, title, back=office.url("choice", found.number, number))
