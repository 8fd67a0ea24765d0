"""Meetings: called with a programme, tables planned, attendance taken."""

from __future__ import annotations

from collections import Counter
from uuid import UUID

from django.db.models import Count
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _

from isegoria_web.accounts.enums import Role
from isegoria_web.institutions.models import Cycle
from isegoria_web.meetings import searching, services, speaking
from isegoria_web.meetings.enums import SearchStatus
from isegoria_web.meetings.jobs import plan_tables_later
from isegoria_web.meetings.models import Meeting, Table, TablePlan, TableSearch
from isegoria_web.meetings.people import appointees_at
from isegoria_web.membership.models import Member
from isegoria_web.web.backoffice.forms.meetings import AttendanceForm, MeetingForm, TablesForm
from isegoria_web.web.backoffice.meeting_phases import desk_of
from isegoria_web.web.backoffice.office import Caution, Office, act_on, decide_on, for_office
from isegoria_web.web.backoffice.reading import facilitators_of
from isegoria_web.web.backoffice.seated import tables_in_words

ROOM = (Role.SECRETARIAT, Role.FACILITATOR)
MOST_TABLES = 80
"""So many tables stand on one page, over all rounds; a larger hall is shown one round at a time."""


def meeting_or_404(cycle: Cycle, number: int) -> Meeting:
    """Return a meeting of this cycle."""
    found = Meeting.objects.select_related("cycle__institution")
    return get_object_or_404(found, cycle=cycle, number=number)


@for_office(*ROOM, methods=("GET", "HEAD"))
def meetings(office: Office, cycle: int) -> HttpResponse:
    """List the meetings of a cycle."""
    found = office.cycle(cycle)
    listed = found.meetings.annotate(
        tables=Count("plan__tables", distinct=True), noted=Count("attendances", distinct=True)
    )
    return office.page("meetings", found, meetings=listed.order_by("number"))


@for_office(Role.SECRETARIAT)
def new(office: Office, cycle: int) -> HttpResponse:
    """Call a meeting with its programme."""
    found = office.cycle(cycle)
    form = MeetingForm(office.data, languages=office.languages)

    def called(meeting: Meeting) -> HttpResponse:
        office.say(_("The meeting is called and public."))
        return office.to("meeting", found.number, meeting.number)

    return act_on(
        office,
        found,
        form=form,
        template="meeting_new",
        act=lambda data: services.call_meeting(
            actor=office.actor,
            cycle=found,
            title=data["title"],
            place=data["place"],
            starts_at=form.moment(data["begins"]),
            ends_at=form.moment(data["ends"]),
            items=form.items(),
        ),
        done=called,
        back=office.url("meetings", found.number),
    )


@for_office(*ROOM, methods=("GET", "HEAD"))
def meeting(office: Office, cycle: int, meeting: int) -> HttpResponse:
    """Show a meeting: programme, tables, attendance."""
    found = office.cycle(cycle)
    one = meeting_or_404(found, meeting)
    tables = (
        Table.objects.filter(plan__meeting=one)
        .select_related("facilitator", "item")
        .prefetch_related("members", "appointees")
        .annotate(notes_taken=Count("notes"))
        .order_by("round", "number")
    )
    rounds = sorted(set(tables.order_by().values_list("round", flat=True)))
    apart = tables.count() > MOST_TABLES
    if apart:
        asked = office.request.GET.get("round", "")
        shown = int(asked) if asked.isascii() and asked.isdecimal() and int(asked) in rounds else rounds[0]
        tables = tables.filter(round=shown)
    counted = Counter(one.attendances.values_list("presence", flat=True))
    counted.update(one.appointee_attendances.values_list("presence", flat=True))
    planned = TablePlan.objects.filter(meeting=one).first()
    return office.page(
        "meeting",
        found,
        meeting=one,
        items=one.items.all(),
        tables=tables,
        rounds_apart=[(number, number == shown) for number in rounds] if apart else [],
        plan=planned,
        desk=desk_of(office, one, planned, counted),
    )


@for_office(*ROOM)
def plan(office: Office, cycle: int, meeting: int) -> HttpResponse:
    """Ask for a plan of who sits with whom, from a public seed; where one is sought already, show that."""
    found = office.cycle(cycle)
    one = meeting_or_404(found, meeting)
    facilitators = facilitators_of(office.institution)
    initial = {
        "seed_text": f"{office.institution.slug} {found.number}.{one.number}",
        "facilitators": facilitators,
    }
    sought = one.table_searches.filter(ended_at__isnull=True).first()
    if sought is not None and not office.is_post:
        return office.to("table_search", found.number, one.number, sought.public_id)
    return act_on(
        office,
        found,
        form=TablesForm(office.data, facilitators=facilitators, initial=initial),
        act=lambda data: plan_tables_later(
            actor=office.actor,
            meeting=one,
            seed_text=data["seed_text"],
            table_size=data["table_size"],
            rounds=data["rounds"],
            facilitators=list(data["facilitators"]),
        ),
        done=lambda search: office.to("table_search", found.number, one.number, search.public_id),
        heading=_("Who sits with whom at meeting %(number)d") % {"number": one.number},
        lead=_("Tables mix the members by their features, and nobody meets the same people twice if it can be avoided. You see the plan before it counts."),
        submit=_("Look for a plan"),
        back=office.url("meeting", found.number, one.number),
    )  # fmt: skip


def _search_or_404(cycle: Cycle, meeting: int, key: UUID) -> TableSearch:
    found = TableSearch.objects.select_related("meeting__cycle__institution")
    return get_object_or_404(found, meeting__cycle=cycle, meeting__number=meeting, public_id=key)


@for_office(*ROOM, methods=("GET", "HEAD"))
def table_search(office: Office, cycle: int, meeting: int, search: UUID) -> HttpResponse:
    """Show how far a plan of the tables has come, and the best so far."""
    found = office.cycle(cycle)
    row = _search_or_404(found, meeting, search)
    if row.status == SearchStatus.TAKEN:
        return office.to("meeting", found.number, row.meeting.number)
    return office.page(
        "table_search",
        found,
        meeting=row.meeting,
        search=row,
        seating=tables_in_words(found, row.seating),
        planned=TablePlan.objects.filter(meeting=row.meeting).exists(),
    )


@for_office(*ROOM, methods=("POST",))
def table_search_stop(office: Office, cycle: int, meeting: int, search: UUID) -> HttpResponse:
    """Keep the best plan so far, to be looked at."""
    row = _search_or_404(office.cycle(cycle), meeting, search)
    searching.stop_search(actor=office.actor, search=row)
    return office.to("table_search", cycle, meeting, row.public_id)


@for_office(*ROOM, methods=("POST",))
def table_search_take(office: Office, cycle: int, meeting: int, search: UUID) -> HttpResponse:
    """Let what was shown be the plan of the meeting."""
    row = _search_or_404(office.cycle(cycle), meeting, search)
    searching.take_plan(actor=office.actor, search=row)
    office.say(_("The tables are planned."))
    return office.to("meeting", cycle, meeting)


@for_office(*ROOM, methods=("POST",))
def table_search_give_up(office: Office, cycle: int, meeting: int, search: UUID) -> HttpResponse:
    """Give a plan up; the tables of the meeting stay as they are."""
    row = _search_or_404(office.cycle(cycle), meeting, search)
    searching.give_up_search(actor=office.actor, search=row)
    office.say(_("The plan is given up. The tables of the meeting stay as they are."))
    return office.to("meeting", cycle, meeting)


@for_office(Role.SECRETARIAT)
def close(office: Office, cycle: int, meeting: int) -> HttpResponse:
    """Close a meeting: its notes stand, and nobody's speaking time is kept any more."""
    found = office.cycle(cycle)
    one = meeting_or_404(found, meeting)

    return decide_on(
        office,
        found,
        caution=Caution(
            title=_("Close meeting %(number)d?") % {"number": one.number},
            consequences=[
                _("The time that each member spoke is deleted."),
                _("What stays and becomes public: how evenly each table spoke, and how long each group of five people or more did."),
                _("Notes can no longer be taken or changed. Tablets that come back to the network later keep their texts for copying."),
            ],
            submit=_("Close the meeting"),
        ),
        act=lambda: speaking.close_meeting(actor=office.actor, meeting=one),
        done=office.then(_("The meeting is closed. The speaking times of its members are deleted."), "meeting", found.number, one.number),
        back=office.url("meeting", found.number, one.number),
    )  # fmt: skip


@for_office(*ROOM)
def attendance(office: Office, cycle: int, meeting: int) -> HttpResponse:
    """Note who is there."""
    found = office.cycle(cycle)
    one = meeting_or_404(found, meeting)
    members = list(
        Member.objects.sitting_in(found, one.day).select_related("respondent").order_by("number")
    )
    known = dict(one.attendances.values_list("member__number", "presence"))
    known_appointees = dict(one.appointee_attendances.values_list("appointee_id", "presence"))
    form = AttendanceForm(
        office.data, members=members, known=known, appointees=appointees_at(one),
        known_appointees=known_appointees,
    )  # fmt: skip

    return act_on(
        office,
        found,
        form=form,
        template="attendance",
        some_known=bool(known or known_appointees),
        act=lambda _data: services.take_attendance(
            actor=office.actor,
            meeting=one,
            presences=form.presences(),
            appointed=form.presences_of_appointees(),
        ),
        done=office.then(
            _("The attendance is noted. Sending it again corrects it."), "meeting", found.number, one.number
        ),
        meeting=one,
        back=office.url("meeting", found.number, one.number),
    )
