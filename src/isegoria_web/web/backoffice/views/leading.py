"""Who leads a table, and the interests that facilitators declare."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from isegoria_web.accounts.enums import Role
from isegoria_web.errors import require, required
from isegoria_web.meetings import leading, policies
from isegoria_web.meetings.models import FacilitatorInterest, Table
from isegoria_web.web.backoffice.forms.meetings import HandOverForm, InterestForm, LeadForm
from isegoria_web.web.backoffice.office import Caution, Office, act_on, decide_on, for_office
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

    return act_on(
        office,
        found,
        form=form,
        act=lambda data: leading.lead_table(
            actor=office.actor, table=one, facilitator=data["facilitator"], item=data["item"]
        ),
        done=office.then(_("It is noted who leads the table."), "meeting", found.number, meeting),
        heading=_("Who leads table %(number)d in round %(round)d?")
        % {"number": one.number, "round": one.round},
        lead=_("A facilitator who has declared an interest in a point leads no table that treats it."),
        submit=_("Save"),
        back=office.url("meeting", found.number, meeting),
    )


@for_office(Role.FACILITATOR)
def hand_over(office: Office, cycle: int, meeting: int, round_number: int, number: int) -> HttpResponse:
    """Let a colleague lead one's table from now on."""
    found = office.cycle(cycle)
    one = table_or_404(found, meeting, round_number, number)
    require(policies.may_hand_over_table(office.actor, one))
    led = Table.objects.filter(plan=one.plan, round=one.round, facilitator__isnull=False)
    people = facilitators_of(office.institution).exclude(pk=required(office.actor.user).pk)

    def handed_over(table: Table) -> HttpResponse:
        office.say(_("%(name)s leads the table now.") % {"name": required(table.facilitator).name})
        return office.to("table", found.number, meeting, round_number, number)

    return act_on(
        office,
        found,
        form=HandOverForm(office.data, people=people, busy=dict(led.values_list("facilitator", "number"))),
        act=lambda data: leading.hand_over_table(actor=office.actor, table=one, to=data["to"]),
        done=handed_over,
        heading=_("Who leads table %(number)d from now on?") % {"number": one.number},
        lead=_(
            "Notes and speaking times stay with the table. You can no longer open its page on a tablet."
        ),
        submit=_("Hand the table over"),
        back=office.url("facilitate", found.number, meeting, round_number, number),
    )


@for_office(Role.FACILITATOR)
def take_over(office: Office, cycle: int, meeting: int, round_number: int, number: int) -> HttpResponse:
    """Lead a table from now on whose facilitator has not come."""
    found = office.cycle(cycle)
    one = table_or_404(found, meeting, round_number, number)
    require(policies.may_take_over_table(office.actor, one))

    def taken(_made: object) -> HttpResponse:
        office.say(_("You lead this table now."))
        return office.to("facilitate", found.number, meeting, round_number, number)

    return decide_on(
        office,
        found,
        caution=Caution(
            title=_("Take over table %(number)d?") % {"number": one.number},
            facts={_("Named so far"): one.facilitator.name} if one.facilitator else {},
            consequences=[
                _("Do this only if its facilitator has not come: she can no longer lead it."),
                _("The journal says that the table was taken over, and names nobody."),
            ],
            submit=_("Lead this table"),
            irreversible=False,
        ),
        act=lambda: leading.take_over_table(actor=office.actor, table=one),
        done=taken,
        back=office.url("table", found.number, meeting, round_number, number),
    )


@for_office(Role.SECRETARIAT, methods=("POST",))
def takeovers(office: Office, cycle: int, meeting: int) -> HttpResponse:
    """Decide whether facilitators may take over tables on the day."""
    one = meeting_or_404(office.cycle(cycle), meeting)
    decided = leading.allow_takeovers(
        actor=office.actor, meeting=one, allowed=office.request.POST.get("allowed") == "yes"
    )
    office.say(
        _("Facilitators may take over tables whose facilitator has not come.")
        if decided.takeovers_allowed
        else _("Only the office names who leads a table.")
    )
    return office.to("facilitator_interests", cycle, meeting)
