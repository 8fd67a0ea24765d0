"""On the day of a meeting: who is there, and seats for those who are, with as few moves as possible."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any, TypeVar

from django.db import transaction
from django.db.models import Manager, Max

from isegoria_web import clock
from isegoria_web.accounts.actors import Actor
from isegoria_web.errors import require
from isegoria_web.institutions.models import Cycle
from isegoria_web.journal.enums import Action
from isegoria_web.journal.services import record
from isegoria_web.meetings import algorithms, policies
from isegoria_web.meetings.check_in_codes import member_with
from isegoria_web.meetings.enums import Presence, WishKind
from isegoria_web.meetings.errors import (
    NobodyCame,
    NoTables,
    NotExpected,
    NothingToMove,
    RoomChanged,
    RoundUnderWay,
    UnknownCheckInCode,
    UnknownMember,
    WishIncomplete,
)
from isegoria_web.meetings.models import (
    AppointeeAttendance,
    AppointeePlace,
    Attendance,
    Meeting,
    Reseating,
    SeatingWish,
    Table,
    TablePlace,
    TablePlan,
)
from isegoria_web.meetings.people import (
    Person,
    appointed_present,
    appointees_at,
    by_sign,
    people_at,
    seat,
)
from isegoria_web.membership.models import Appointee, Member

LEAST_IN_A_GROUP = 2
Noted = TypeVar("Noted", Attendance, AppointeeAttendance)


# -- wishes ------------------------------------------------------------------------------------------------


def wish_seats(
    *, actor: Actor, cycle: Cycle, kind: WishKind, numbers: Iterable[int], table: int | None = None
) -> SeatingWish:
    """Enter who sits apart, together, or always at the same table; the next plan and every re-seating keep it.

    Raises
    ------
    UnknownMember
        If a number is not a member of this cycle.
    WishIncomplete
        If fewer than two are to sit apart or together, or the table is missing.
    """
    require(policies.may_wish_seats(actor, cycle))
    wanted = set(numbers)
    least = 1 if kind == WishKind.PINNED else LEAST_IN_A_GROUP
    if len(wanted) < least or (kind == WishKind.PINNED) != (table is not None) or table == 0:
        raise WishIncomplete
    with transaction.atomic():
        members = list(Member.objects.of(cycle).filter(number__in=wanted))
        if len(members) != len(wanted):
            raise UnknownMember
        wish = SeatingWish.objects.create(cycle=cycle, kind=kind, table=table, entered_at=clock.now())
        wish.members.set(members)
        _record_wish(actor, cycle, Action.SEATING_WISHED, wish)
        return wish


def drop_wish(*, actor: Actor, wish: SeatingWish) -> None:
    """Take a wish back; a second time nothing happens."""
    require(policies.may_wish_seats(actor, wish.cycle))
    with transaction.atomic():
        found = SeatingWish.objects.select_for_update().filter(pk=wish.pk).first()
        if found is not None:
            _record_wish(actor, wish.cycle, Action.SEATING_WISH_DROPPED, found)
            found.delete()


def _record_wish(actor: Actor, cycle: Cycle, action: Action, wish: SeatingWish) -> None:
    """Write down that there is a wish, not whose: it may tell of a handicap or a quarrel."""
    record(
        actor=actor, institution=cycle.institution, action=action, subject=cycle,
        facts={"cycle": cycle.number, "kind": wish.kind},
    )  # fmt: skip


def erase_wishes_of(user: int) -> None:
    """Erase the wishes about a person whose account is erased."""
    SeatingWish.objects.filter(members__user=user).delete()


# -- check-in ----------------------------------------------------------------------------------------------


def expected_at(meeting: Meeting) -> list[Member]:
    """Return who holds a seat on the day of the meeting, by number."""
    found = Member.objects.sitting_in(meeting.cycle, meeting.day)
    return list(found.select_related("respondent").order_by("number"))


def check_in(*, actor: Actor, meeting: Meeting, member: Member) -> Attendance:
    """Note that a member has come. A second time changes nothing.

    Raises
    ------
    NotExpected
        If she holds no seat in this cycle.
    """
    require(policies.may_take_attendance(actor, meeting))
    with transaction.atomic():
        Meeting.objects.select_for_update().get(pk=meeting.pk)
        if member not in expected_at(meeting):
            raise NotExpected
        noted, is_new = _note_present(meeting.attendances, member=member)
        if not is_new:
            return noted
        record(
            actor=actor, institution=meeting.cycle.institution, action=Action.MEMBER_CHECKED_IN, subject=meeting,
            facts={
                "meeting": meeting.number,
                "present": meeting.attendances.filter(presence=Presence.PRESENT).count(),
            },
        )  # fmt: skip
        return noted


def check_in_appointee(*, actor: Actor, meeting: Meeting, appointee: Appointee) -> AppointeeAttendance:
    """Note that somebody has come who holds a seat that is not drawn. A second time changes nothing.

    Raises
    ------
    NotExpected
        If she holds no such seat in this cycle on the day of the meeting.
    """
    require(policies.may_take_attendance(actor, meeting))
    with transaction.atomic():
        Meeting.objects.select_for_update().get(pk=meeting.pk)
        if appointee not in appointees_at(meeting):
            raise NotExpected
        noted, is_new = _note_present(meeting.appointee_attendances, appointee=appointee)
        if not is_new:
            return noted
        record(
            actor=actor, institution=meeting.cycle.institution, action=Action.APPOINTEE_CHECKED_IN,
            subject=meeting,
            facts={"meeting": meeting.number, "appointed_present": appointed_present(meeting)},
        )  # fmt: skip
        return noted


def _note_present(noted: Manager[Noted], **who: Any) -> tuple[Noted, bool]:
    """Note at a meeting that somebody is there; False if that is noted already."""
    known = noted.filter(**who, presence=Presence.PRESENT).first()
    if known is not None:
        return known, False
    told = {"presence": Presence.PRESENT, "recorded_at": clock.now()}
    return noted.update_or_create(**who, defaults=told)[0], True


def next_meeting_of(cycle: Cycle, person: Person) -> Meeting | None:
    """Return the meeting of a cycle that goes on or comes next, if the person holds a seat on its day."""
    coming = cycle.meetings.filter(ends_at__gte=clock.now()).order_by("number").first()
    if coming is None:
        return None
    expected = appointees_at(coming) if isinstance(person, Appointee) else expected_at(coming)
    return coming if person in expected else None


def check_in_by_code(*, actor: Actor, meeting: Meeting, code: str) -> Attendance | AppointeeAttendance:
    """Note that the person has come whose page shows this code.

    Raises
    ------
    UnknownCheckInCode
        If nobody who is expected at this meeting has it.
    """
    require(policies.may_take_attendance(actor, meeting))
    member = member_with(code, meeting, expected_at(meeting))
    if member is not None:
        return check_in(actor=actor, meeting=meeting, member=member)
    appointee = member_with(code, meeting, appointees_at(meeting))
    if appointee is None:
        raise UnknownCheckInCode
    return check_in_appointee(actor=actor, meeting=meeting, appointee=appointee)


# -- seats -------------------------------------------------------------------------------------------------


def first_open_round(plan: TablePlan) -> int:
    """Return the first round after the last in which notes were taken."""
    noted = plan.tables.filter(notes__isnull=False).aggregate(last=Max("round"))["last"]
    return (noted or 0) + 1


def propose_reseating(*, actor: Actor, meeting: Meeting, from_round: int) -> algorithms.Proposal:
    """Return who would move where from a round on, if those who are checked in were seated; nothing is changed.

    Raises
    ------
    NoTables, NobodyCame, RoundUnderWay
        If there is nothing to seat, nobody to be seated, or the round has begun.
    """
    require(policies.may_plan_tables(actor, meeting))
    plan = TablePlan.objects.filter(meeting=meeting).first()
    if plan is None or not 1 <= from_round <= plan.rounds:
        raise NoTables
    if from_round < first_open_round(plan):
        raise RoundUnderWay
    present = present_at(meeting)
    if not present:
        raise NobodyCame
    seating: dict[int, dict[int, list[Person]]] = defaultdict(dict)
    for table in plan.tables.prefetch_related("members", "appointees"):
        seating[table.round][table.number] = people_at(table)
    seated = {one for tables in seating.values() for people in tables.values() for one in people}
    return algorithms.propose(
        {number: tables for number, tables in seating.items() if number >= from_round},
        present,
        wishes=algorithms.Wishes.of(meeting.cycle, seated | set(present)),
        held={number: tables for number, tables in seating.items() if number < from_round},
        earlier=algorithms.plans_before(meeting),
    )


def present_at(meeting: Meeting) -> list[Person]:
    """Return who was noted as present, citizens and those who are appointed."""
    members = meeting.attendances.filter(presence=Presence.PRESENT).select_related("member")
    appointees = meeting.appointee_attendances.filter(presence=Presence.PRESENT).select_related("appointee")
    return [*(noted.member for noted in members), *(noted.appointee for noted in appointees)]


def reseat(*, actor: Actor, meeting: Meeting, from_round: int, fingerprint: str) -> algorithms.Proposal:
    """Seat those who are there, as it was shown and confirmed; members see their tables at once.

    Parameters
    ----------
    fingerprint
        That of the proposal that was shown.

    Raises
    ------
    RoomChanged
        If somebody came or left meanwhile; nobody was moved.
    NothingToMove
        If nothing would change.
    NoTables, NobodyCame, RoundUnderWay
        As for the proposal.
    """
    require(policies.may_plan_tables(actor, meeting))
    with transaction.atomic():
        Meeting.objects.select_for_update().get(pk=meeting.pk)
        proposal = propose_reseating(actor=actor, meeting=meeting, from_round=from_round)
        if not proposal.changes:
            raise NothingToMove
        if proposal.fingerprint != fingerprint:
            raise RoomChanged
        for one in proposal.rounds:
            if one.changes:
                _seat(meeting, one)
        first = proposal.rounds[0]
        record(
            actor=actor, institution=meeting.cycle.institution, action=Action.TABLES_RESEATED, subject=meeting,
            facts={
                "meeting": meeting.number,
                "from_round": from_round,
                "missing": len(first.missing),
                "arrived": len(first.arrivals),
                "moved": [len(one.moves) for one in proposal.rounds],
            },
        )  # fmt: skip
        return proposal


def _seat(meeting: Meeting, proposal: algorithms.RoundProposal) -> None:
    """Change the places that change, and no others."""
    tables = {
        table.number: table for table in Table.objects.filter(plan__meeting=meeting, round=proposal.number)
    }
    changed = {one.who: tables[one.target] for one in [*proposal.moves, *proposal.arrivals]}
    leaving = {*proposal.missing, *(one.who for one in proposal.moves)}
    known = by_sign(meeting.cycle)
    gone = [known[who] for who in leaving]
    TablePlace.objects.filter(
        table__in=tables.values(), member__in=[one for one in gone if isinstance(one, Member)]
    ).delete()
    AppointeePlace.objects.filter(
        table__in=tables.values(), appointee__in=[one for one in gone if isinstance(one, Appointee)]
    ).delete()
    seat((table, known[who]) for who, table in changed.items())
    Reseating.objects.create(
        plan=TablePlan.objects.get(meeting=meeting), round=proposal.number, reseated_at=clock.now(),
        missing=len(proposal.missing), arrived=len(proposal.arrivals), moved=len(proposal.moves),
    )  # fmt: skip
