"""The money of the institution, its beginning, and the days of election with the pause before them."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _

from isegoria_web.accounts.enums import Role
from isegoria_web.institutions import beginning
from isegoria_web.institutions import elections as services
from isegoria_web.institutions.enums import ElectionKind
from isegoria_web.institutions.models import Election
from isegoria_web.meetings.models import Meeting
from isegoria_web.web.backoffice.forms.status import ElectionForm, FundingForm
from isegoria_web.web.backoffice.office import Caution, Office, act_on, decide_on, for_office


@for_office(Role.SECRETARIAT, Role.AUTHORITY)
def funding(office: Office) -> HttpResponse:
    """Name in public from which budget line the institution is paid."""
    last = office.institution.funding.order_by("-number").first()
    known = {name: getattr(last, name) for name in FundingForm.base_fields} if last is not None else {}
    return act_on(
        office,
        None,
        form=FundingForm(office.data, initial=known),
        act=lambda data: beginning.name_funding(actor=office.actor, institution=office.institution, **data),
        done=office.then(_("The budget line is named; everybody reads it."), "status"),
        heading=_("Name the budget line"),
        submit=_("Publish it"),
        back=office.url("status"),
    )


@for_office(Role.SECRETARIAT, Role.AUTHORITY)
def begin_work(office: Office) -> HttpResponse:
    """Let the institution work that has its money and its first people."""
    return decide_on(
        office,
        None,
        caution=Caution(
            title=_("Begin to work?"),
            consequences=[_("From now on cycles, letters, draws and meetings can begin.")],
            submit=_("Begin to work"),
            irreversible=False,
        ),
        act=lambda: beginning.begin_work(actor=office.actor, institution=office.institution),
        done=office.then(_("The institution works."), "status"),
        back=office.url("status"),
    )


@for_office(Role.SECRETARIAT, Role.AUTHORITY)
def elections(office: Office) -> HttpResponse:
    """List the days of election and the pauses before them, with the meetings that fall into one; enter a day."""
    institution = office.institution
    pauses = services.pauses(institution)
    return act_on(
        office,
        None,
        form=ElectionForm(office.data),
        act=lambda data: services.enter_election(
            actor=office.actor, institution=institution, kind=ElectionKind(data["kind"]),
            held_on=data["held_on"], source=data["source"],
        ),
        done=office.then(_("The election is entered; everybody sees it."), "elections"),
        template="elections",
        elections=[
            (each, services.source_changed(each))
            for each in institution.elections.filter(withdrawn_at__isnull=True)
        ],
        today=office.today(),
        pauses=[
            (
                pause,
                Meeting.objects.filter(
                    cycle__institution=institution, cycle__body__key__in=pause.bodies,
                    starts_at__date__range=(pause.begins, pause.ends), closed_at__isnull=True,
                ).select_related("cycle"),
            )
            for pause in pauses
        ],
    )  # fmt: skip


@for_office(Role.SECRETARIAT, Role.AUTHORITY)
def withdraw_election(office: Office, number: int) -> HttpResponse:
    """Withdraw a day of election that was entered wrongly, or was moved."""
    found = get_object_or_404(
        Election, institution=office.institution, number=number, withdrawn_at__isnull=True
    )
    return decide_on(
        office,
        None,
        caution=Caution(
            title=_("Withdraw this day of election?"),
            consequences=[
                _("No pause is kept before it any more. The journal says that it was withdrawn.")
            ],
            submit=_("Withdraw it"),
            facts={_("Day of the election"): found.held_on},
            irreversible=False,
        ),
        act=lambda: services.withdraw_election(actor=office.actor, election=found),
        done=office.then(_("The day is withdrawn."), "elections"),
        back=office.url("elections"),
    )
