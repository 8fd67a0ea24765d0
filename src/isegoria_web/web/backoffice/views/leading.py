"""Who leads a table, and the interests that facilitators declare."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from isegoria_web.accounts.enums import Role
from isegoria_web.errors import required
from isegoria_web.meetings import leading
from isegoria_web.meetings.models import FacilitatorInterest
from isegoria_web.web.backoffice.forms.meetings import InterestForm, LeadForm
from isegoria_web.web.backoffice.office import Office, act_on, for_office
from isegoria_web.web.backoffice.reading import facilitators_of
from isegoria_web.web.backoffice.views.meetings import ROOM, meeting_or_404
from isegoria_web.web.backoffice.views.tables import table_or_404


@for_office(*ROOM)
def interests(office: Office, cycle: int, meeting: int) -> HttpResponse:
    """List the interests of facilitators in the points of a meeting, declare one, take one back."""
    found = office.cycle(cycle)
    one = meeting_or_404(found, meeting)
    declared = FacilitatorInterest.objects.filter(item__meeting=one).select_related(
        "item__meeting__cycle__institution", "user"
    )
    dropped = office.data.get("drop", "") if office.data else ""
    if dropped:
        interest = get_object_or_404(declared, pk=int(dropped) if dropped.isdecimal() else 0)
        leading.withdraw_interest(actor=office.actor, interest=interest)
        office.say(_("The interest is taken back."))
        return office.to("facilitator_interests", found.number, one.number)
    people = facilitators_of(office.institution)
    if not office.has(Role.SECRETARIAT):
        people = people.filter(pk=required(office.actor.user).pk)

    def noted(left: int) -> HttpResponse:
        office.say(_("The interest is declared."))
        if left:
            office.say(
                ngettext(
                    "%(count)d table has no facilitator now.",
                    "%(count)d tables have no facilitator now.",
                    left,
                )
                % {"count": left}
            )
        return office.to("facilitator_interests", found.number, one.number)

    return act_on(
        office,
        found,
        form=InterestForm(office.data, items=one.items.all(), people=people),
        template="facilitator_interests",
        act=lambda data: leading.declare_interest(
            actor=office.actor, item=data["item"], user=data["facilitator"], reason=data["reason"]
        ),
        done=noted,
        meeting=one,
        declared=declared,
        may_drop=[
            each.pk for each in declared if office.has(Role.SECRETARIAT) or each.user == office.actor.user
        ],
    )


@for_office(*ROOM)
def lead(office: Office, cycle: int, meeting: int, round_number: int, number: int) -> HttpResponse:
    """Say who leads a table and which point of the programme it treats."""
    found = office.cycle(cycle)
    one = table_or_404(found, meeting, round_number, number)
    form = LeadForm(
        office.data,
        items=one.plan.meeting.items.all(),
        people=facilitators_of(office.institution),
        initial={
            "facilitator": one.facilitator.public_id if one.facilitator else None,
            "item": one.item.position if one.item else None,
        },
    )

    def assigned(_made: object) -> HttpResponse:
        office.say(_("It is noted who leads the table."))
        return office.to("meeting", found.number, meeting)

    return act_on(
        office,
        found,
        form=form,
        act=lambda data: leading.lead_table(
            actor=office.actor, table=one, facilitator=data["facilitator"], item=data["item"]
        ),
        done=assigned,
        heading=_("Who leads table %(number)d in round %(round)d?")
        % {"number": one.number, "round": one.round},
        lead=_("A facilitator who has declared an interest in a point leads no table that treats it."),
        submit=_("Save"),
        back=office.url("meeting", found.number, meeting),
    )
