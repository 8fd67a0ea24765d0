"""What the office does before a meeting, on its day and afterwards, and which of it comes next."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from isegoria_web import clock
from isegoria_web.accounts.enums import Role
from isegoria_web.meetings.enums import Presence
from isegoria_web.meetings.models import Meeting, Table, TablePlan
from isegoria_web.meetings.people import appointees_at
from isegoria_web.membership.models import Member
from isegoria_web.web.backoffice.office import Office


class When(Enum):
    """Where a meeting stands in its life."""

    BEFORE = "before"
    DAY = "day"
    AFTER = "after"


@dataclass(frozen=True)
class Deed:
    """Something to do for a meeting, and how it stands."""

    text: str
    url: str
    hint: str = ""
    late: bool = False


@dataclass(frozen=True)
class Phase:
    """What belongs to one part of a meeting's life."""

    key: str
    heading: str
    deeds: list[Deed]
    now: bool


@dataclass(frozen=True)
class Desk:
    """A meeting as the office works on it: the phases of its life, that of now first, and what comes next."""

    phases: list[Phase]
    next: Deed | None


@dataclass(frozen=True)
class _Room:
    """What the deeds are told from."""

    office: Office
    meeting: Meeting
    plan: TablePlan | None
    presences: Mapping[str, int]

    def url(self, name: str, *more: object) -> str:
        return self.office.url(name, self.meeting.cycle.number, self.meeting.number, *more)


def desk_of(office: Office, meeting: Meeting, plan: TablePlan | None, presences: Mapping[str, int]) -> Desk:
    """Return what there is to do for a meeting, and the one thing that comes next.

    Parameters
    ----------
    presences
        How many people were noted with each presence, citizens and appointees; nothing where nobody was.
    """
    room = _Room(office, meeting, plan, presences)
    now = _when(meeting)
    found = [
        Phase("before", _("Before the meeting"), list(_before(room)), now == When.BEFORE),
        Phase("day", _("On the day"), list(_on_the_day(room)), now == When.DAY),
        Phase("after", _("Afterwards"), list(_after(room)), now == When.AFTER),
    ]
    return Desk(sorted(found, key=lambda phase: not phase.now), _next(room, now))


def _when(meeting: Meeting) -> When:
    moment = clock.now()
    if meeting.closed_at is not None or moment >= meeting.ends_at:
        return When.AFTER
    today = clock.today(meeting.cycle.institution.time_zone)
    return When.DAY if today >= meeting.day else When.BEFORE


def _next(room: _Room, now: When) -> Deed | None:
    """Return the deed that stands on the one large button of the page."""
    if now == When.BEFORE:
        return _planning(room) if room.plan is None else _cards(room)
    if now == When.DAY:
        return _check_in(room)
    if not room.presences:
        return _attendance(room)
    if not room.office.has(Role.SECRETARIAT):
        return None
    return _close(room) if room.meeting.closed_at is None else _allowances(room)


def _before(room: _Room) -> Iterable[Deed]:
    yield _planning(room)
    wishes = room.meeting.cycle.seating_wishes.count()
    told = ngettext("%(count)d wish", "%(count)d wishes", wishes) % {"count": wishes}
    seating = room.office.url("seating", room.meeting.cycle.number)
    yield Deed(
        _("Seating wishes"),
        seating,
        told if wishes else _("Who sits apart, together, or always at one table"),
    )
    yield Deed(
        _("Interests of facilitators"), room.url("facilitator_interests"), _("Who leads no table that treats a point")
    )  # fmt: skip
    yield _cards(room)
    if room.plan is not None:
        yield _lists(room)


def _on_the_day(room: _Room) -> Iterable[Deed]:
    yield _check_in(room)
    if room.plan is None:
        return
    yield Deed(
        _("Seat those who are here"),
        room.url("reseat"),
        _("Evens out the tables with as few moves as possible"),
    )
    yield Deed(_("The room"), room.url("room", 1), _("Each table from above, and who is still missing"))


def _after(room: _Room) -> Iterable[Deed]:
    yield _attendance(room)
    if not room.office.has(Role.SECRETARIAT):
        return
    if room.meeting.closed_at is None:
        yield _close(room)
    yield _allowances(room)


def _planning(room: _Room) -> Deed:
    url = room.url("tables")
    if room.meeting.table_searches.filter(ended_at__isnull=True).exists():
        return Deed(_("Look at the plan that is sought"), url, _("It does not count yet"))
    if room.plan is None:
        return Deed(_("Plan the tables"), url, _("Who sits with whom; nothing is planned yet"), late=True)
    tables = Table.objects.filter(plan=room.plan)
    alone = tables.filter(facilitator__isnull=True).count()
    told = ngettext("%(count)d table has no facilitator", "%(count)d tables have no facilitator", alone) % {
        "count": alone
    }
    rounds = ngettext("Planned for %(count)d round", "Planned for %(count)d rounds", room.plan.rounds)
    return Deed(
        _("Plan the tables again"), url, told if alone else rounds % {"count": room.plan.rounds}, late=bool(alone)
    )  # fmt: skip


def _cards(room: _Room) -> Deed:
    return Deed(
        _("Place cards (PDF)"), room.url("place_cards"), _("A card for each member, to cut and fold")
    )


def _lists(room: _Room) -> Deed:
    return Deed(
        _("Lists for the door (PDF)"),
        room.url("table_lists"),
        _("Everybody with her tables, then each round"),
    )


def _check_in(room: _Room) -> Deed:
    here = room.presences.get(Presence.PRESENT, 0)
    expected = Member.objects.sitting_in(room.meeting.cycle, room.meeting.day).count()
    expected += len(appointees_at(room.meeting))
    told = _("%(here)d of %(expected)d are here") % {"here": here, "expected": expected}
    return Deed(_("Check in at the door"), room.url("check_in"), told)


def _attendance(room: _Room) -> Deed:
    url = room.url("attendance")
    if not room.presences:
        return Deed(_("Take the attendance"), url, _("Allowances are paid by it"))
    here = {"here": room.presences.get(Presence.PRESENT, 0), "noted": sum(room.presences.values())}
    return Deed(_("Correct the attendance"), url, _("%(here)d of %(noted)d were there") % here)


def _close(room: _Room) -> Deed:
    return Deed(
        _("Close the meeting"), room.url("meeting_close"), _("Deletes what each member spoke; notes stand")
    )


def _allowances(room: _Room) -> Deed:
    return Deed(_("Allowances"), room.office.url("money"), _("Turns attendance into claims"))
