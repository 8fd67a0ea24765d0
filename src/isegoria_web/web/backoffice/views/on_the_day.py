"""On the day of a meeting: the desk at the door, seats for those who came, and wishes about who sits with whom."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _

from isegoria_web.errors import ServiceError
from isegoria_web.institutions.models import Cycle
from isegoria_web.meetings import on_the_day, place_cards, services
from isegoria_web.meetings.algorithms import Move, Proposal, RoundProposal, Share, mix
from isegoria_web.meetings.enums import Presence, WishKind
from isegoria_web.meetings.errors import UnknownMember
from isegoria_web.meetings.models import (
    AppointeeAttendance,
    Attendance,
    Meeting,
    SeatingWish,
    Table,
    TablePlan,
)
from isegoria_web.meetings.people import COLLEGE, GROUP, Sign, appointees_at, people_at, sign_of
from isegoria_web.membership.algorithms import colleges_of
from isegoria_web.membership.models import Appointee, Member
from isegoria_web.translated import in_language
from isegoria_web.web import pictures
from isegoria_web.web.backoffice.forms.meetings import CheckInForm, RoundForm, WishForm
from isegoria_web.web.backoffice.office import Office, act_on, for_office
from isegoria_web.web.backoffice.seated import in_words, names_of_appointees
from isegoria_web.web.backoffice.views.meetings import ROOM, meeting_or_404


@for_office(*ROOM)
def check_in(office: Office, cycle: int, meeting: int) -> HttpResponse:
    """Check members in: by the code that a member shows, or by a tick in the list; who is missing stays in sight."""
    found = office.cycle(cycle)
    one = meeting_or_404(found, meeting)

    def noted(_made: object) -> HttpResponse:
        return office.to("check_in", found.number, one.number)

    return act_on(
        office,
        found,
        form=CheckInForm(office.data),
        template="check_in",
        act=lambda data: _note(office, one, data),
        done=noted,
        meeting=one,
        has_plan=TablePlan.objects.filter(meeting=one).exists(),
        **_room(one),
    )


def _note(office: Office, meeting: Meeting, sent: dict[str, Any]) -> None:
    """Note what was sent: a code, a tick, or a tick taken back."""
    if sent["code"]:
        _say_where(
            office, on_the_day.check_in_by_code(actor=office.actor, meeting=meeting, code=sent["code"])
        )
    elif sent["away"]:
        services.take_attendance(
            actor=office.actor, meeting=meeting, presences={sent["away"]: Presence.ABSENT}
        )
        office.say(_("Member %(number)d is not here.") % {"number": sent["away"]})
    elif sent["appointee_away"]:
        away = _appointee(meeting, sent["appointee_away"])
        services.take_attendance(
            actor=office.actor, meeting=meeting, presences={}, appointed={away.pk: Presence.ABSENT}
        )
        office.say(_("%(name)s is not here.") % {"name": away.name})
    elif sent["appointee_here"]:
        come = _appointee(meeting, sent["appointee_here"])
        _say_where(
            office, on_the_day.check_in_appointee(actor=office.actor, meeting=meeting, appointee=come)
        )
    else:
        member = Member.objects.of(meeting.cycle).filter(number=sent["here"]).first()
        if member is None:
            raise UnknownMember
        _say_where(office, on_the_day.check_in(actor=office.actor, meeting=meeting, member=member))


def _appointee(meeting: Meeting, key: int) -> Appointee:
    found = Appointee.objects.filter(cycle=meeting.cycle, pk=key).first()
    if found is None:
        raise UnknownMember
    return found


def _say_where(office: Office, noted: Attendance | AppointeeAttendance) -> None:
    plan = TablePlan.objects.filter(meeting=noted.meeting).first()
    person = noted.member if isinstance(noted, Attendance) else noted.appointee
    here = person.tables.filter(plan=plan, round__gte=on_the_day.first_open_round(plan)) if plan else None
    table = here.order_by("round").first() if here is not None else None
    named: dict[str, object]
    if isinstance(person, Appointee):
        said, named = _("%(name)s is here."), {"name": person.name}
        seated = _("%(name)s is here. Her table: %(table)d.")
    else:
        said, named = _("Member %(number)d is here."), {"number": person.number}
        seated = _("Member %(number)d is here. Her table: %(table)d.")
    office.say(said % named if table is None else seated % {**named, "table": table.number})


def _room(meeting: Meeting) -> dict[str, Any]:
    """Return who is here and who is not, of those who hold a seat: citizens, then those who are appointed."""
    noted = {row.member_id: row for row in meeting.attendances.all()}
    expected = on_the_day.expected_at(meeting)
    here, away = _apart(expected, noted)
    beside = appointees_at(meeting)
    noted_beside = {row.appointee_id: row for row in meeting.appointee_attendances.all()}
    appointees_here, appointees_away = _apart(beside, noted_beside)
    return {
        "expected": expected, "here": here, "away": away, "appointees": beside,
        "appointees_here": appointees_here, "appointees_away": appointees_away,
        "missing": len(away) + len(appointees_away),
    }  # fmt: skip


def _apart(expected: list[Any], noted: dict[int, Any]) -> tuple[list[Any], list[tuple[Any, str]]]:
    here = [one for one in expected if one.pk in noted and noted[one.pk].presence == Presence.PRESENT]
    away = [
        (one, noted[one.pk].get_presence_display() if one.pk in noted else "")
        for one in expected
        if one not in here
    ]
    return here, away


@for_office(*ROOM)
def reseat(office: Office, cycle: int, meeting: int) -> HttpResponse:
    """Show who would move where, and seat those who are here when it is confirmed."""
    found = office.cycle(cycle)
    one = meeting_or_404(found, meeting)
    plan = TablePlan.objects.filter(meeting=one).first()
    start = on_the_day.first_open_round(plan) if plan else 1
    choice = RoundForm(office.data or office.request.GET, first=start, last=plan.rounds if plan else 1)
    from_round = choice.cleaned_data["from_round"] if choice.is_valid() else start
    proposal, refusal = None, None
    try:
        proposal = on_the_day.propose_reseating(actor=office.actor, meeting=one, from_round=from_round)
    except ServiceError as reason:
        refusal = reason

    return act_on(
        office,
        found,
        form=choice,
        template="reseat",
        act=lambda data: on_the_day.reseat(
            actor=office.actor, meeting=one, from_round=data["from_round"],
            fingerprint=office.request.POST.get("fingerprint", ""),
        ),
        done=office.then(_("Everybody who is here has a place. The members see their tables now."), "meeting", found.number, one.number),
        meeting=one,
        proposal=proposal,
        rounds=_named(one, proposal) if proposal else [],
        refusal=refusal,
        from_round=from_round,
        open_rounds=range(start, plan.rounds + 1) if plan else [],
    )  # fmt: skip


@dataclass(frozen=True)
class _Going:
    """Somebody who would move, by number or name, from a table (none: she came) to another."""

    who: str
    name: str
    source: int | None
    target: int


@dataclass(frozen=True)
class _Round:
    """A round of a proposal in words."""

    proposal: RoundProposal
    going: list[_Going]
    missing: list[str]
    tables: list[tuple[int, list[str]]]


def _named(meeting: Meeting, proposal: Proposal) -> list[_Round]:
    """Return the rounds of a proposal, each with the names of those who go."""
    names: dict[Sign, str] = {one.number: one.respondent.name for one in on_the_day.expected_at(meeting)}
    words = names_of_appointees(meeting.cycle)
    return [
        _Round(
            one,
            [_going(each, words, names) for each in [*one.moves, *one.arrivals]],
            [in_words(who, words) for who in one.missing],
            [(number, [in_words(who, words) for who in seated]) for number, seated in one.tables.items()],
        )
        for one in proposal.rounds
    ]


def _going(move: Move, words: dict[Sign, str], names: dict[Sign, str]) -> _Going:
    return _Going(in_words(move.who, words), names.get(move.who, ""), move.source, move.target)


@for_office(*ROOM)
def seating(office: Office, cycle: int) -> HttpResponse:
    """List the wishes about who sits with whom, enter another one, take one back."""
    found = office.cycle(cycle)
    dropped = office.data.get("drop", "") if office.data else ""
    if dropped:
        wish = get_object_or_404(SeatingWish, cycle=found, pk=int(dropped) if dropped.isdecimal() else 0)
        on_the_day.drop_wish(actor=office.actor, wish=wish)
        office.say(_("The wish is taken back. Tables that are planned stay as they are."))
        return office.to("seating", found.number)

    return act_on(
        office,
        found,
        form=WishForm(office.data),
        template="seating",
        act=lambda data: on_the_day.wish_seats(
            actor=office.actor, cycle=found, kind=WishKind(data["kind"]), numbers=data["members"],
            table=data["table"],
        ),
        done=office.then(_("The wish is entered. The next plan of tables keeps it."), "seating", found.number),
        wishes=found.seating_wishes.prefetch_related("members"),
    )  # fmt: skip


@for_office(*ROOM, methods=("GET", "HEAD"))
def cards(office: Office, cycle: int, meeting: int) -> HttpResponse:
    """Give the place cards as a PDF."""
    one = meeting_or_404(office.cycle(cycle), meeting)
    return _pdf(place_cards.cards_pdf(one), f"cards-{one.number}")


@for_office(*ROOM, methods=("GET", "HEAD"))
def lists(office: Office, cycle: int, meeting: int) -> HttpResponse:
    """Give the lists for the door as a PDF."""
    one = meeting_or_404(office.cycle(cycle), meeting)
    return _pdf(place_cards.lists_pdf(one), f"tables-{one.number}")


def _pdf(document: bytes, name: str) -> HttpResponse:
    answer = HttpResponse(document, content_type="application/pdf")
    answer["Content-Disposition"] = f'attachment; filename="{name}.pdf"'
    return answer


@for_office(*ROOM, methods=("GET", "HEAD"))
def room(office: Office, cycle: int, meeting: int, round_number: int) -> HttpResponse:
    """Show the room in a round: tables and seats, who is here, and how each table is mixed."""
    found = office.cycle(cycle)
    one = meeting_or_404(found, meeting)
    tables = list(
        Table.objects.filter(plan__meeting=one, round=round_number)
        .select_related("facilitator", "item")
        .prefetch_related("members", "appointees")
        .order_by("number")
    )
    if not tables:
        raise Http404
    present = {sign_of(each) for each in on_the_day.present_at(one)}
    seating = {table.number: people_at(table) for table in tables}
    shares = mix(seating)
    words = _words_of(found)
    names = names_of_appointees(found)
    shown = []
    for table in tables:
        signs = [sign_of(each) for each in seating[table.number]]
        here = sum(sign in present for sign in signs)
        shown.append({
            "table": table,
            "seated": [(in_words(sign, names), sign in present) for sign in signs],
            "picture": pictures.table(
                here, len(signs) - here, title=_("Table %(number)d") % {"number": table.number}
            ),
            "shares": [(_value_in_words(words, share), share) for share in shares[table.number]],
        })  # fmt: skip
    return office.page(
        "room", found, meeting=one, round_number=round_number, shown=shown,
        rounds=range(1, tables[0].plan.rounds + 1),
        values=[_value_in_words(words, share) for share in shares[tables[0].number]],
        uneven=sum(not share.even for each in shares.values() for share in each),
    )  # fmt: skip


def _words_of(cycle: Cycle) -> dict[str, tuple[str, dict[str, str]]]:
    """Return what the tables are mixed in: its name, and those of its values."""
    found = {
        feature.key: (
            in_language(feature.name),
            {value.key: in_language(value.name) for value in feature.values.all()},
        )
        for feature in cycle.features.prefetch_related("values")
    }
    found[COLLEGE] = _("Not drawn"), {each.key: in_language(each.title) for each in colleges_of(cycle)}
    found[GROUP] = _("Group"), {}
    return found


def _value_in_words(words: dict[str, tuple[str, dict[str, str]]], share: Share) -> str:
    name, values = words.get(share.feature, (share.feature, {}))
    return f"{name}: {values.get(share.value, share.value)}"
