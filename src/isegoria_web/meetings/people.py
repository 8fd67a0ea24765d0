"""Who is in the room of a meeting: citizens who were drawn and, in a mixed body, those who are appointed beside them."""

from __future__ import annotations

from collections.abc import Iterable

from isegoria_web.institutions.models import Cycle
from isegoria_web.meetings.enums import Presence
from isegoria_web.meetings.models import AppointeeAttendance, AppointeePlace, Meeting, Table, TablePlace
from isegoria_web.membership.models import Appointee, Member

Person = Member | Appointee
Sign = int | str
"""How a plan names a person: a citizen by her number, an appointee by her group, her seat and its first day."""

COLLEGE = ":college"
GROUP = ":group"
"""What is public of an appointee and shared out over the tables; no feature of citizens has a colon in its key."""


def sign_of(person: Person) -> Sign:
    """Return how a plan names a person."""
    if isinstance(person, Member):
        return person.number
    return f"{person.college}-{person.seat}@{person.starts_on.isoformat()}"


def by_sign(cycle: Cycle) -> dict[Sign, Person]:
    """Return everybody whom a plan of a cycle can name."""
    people: list[Person] = [*Member.objects.of(cycle), *Appointee.objects.filter(cycle=cycle)]
    return {sign_of(one): one for one in people}


def seat(seated: Iterable[tuple[Table, Person]]) -> None:
    """Write down who sits where."""
    places = list(seated)
    TablePlace.objects.bulk_create(
        TablePlace(table=table, member=one) for table, one in places if isinstance(one, Member)
    )
    AppointeePlace.objects.bulk_create(
        AppointeePlace(table=table, appointee=one) for table, one in places if isinstance(one, Appointee)
    )


def features_of(person: Person) -> dict[str, str]:
    """Return in what the tables are to be mixed: of an appointee only what everybody knows, group and party."""
    if isinstance(person, Member):
        return dict(person.features)
    found = {COLLEGE: person.college, GROUP: person.group}
    return {name: value for name, value in found.items() if value}


def in_order(people: Iterable[Person]) -> list[Person]:
    """Return citizens by number, then appointees by group and seat."""
    return sorted(people, key=_place)


def _place(person: Person) -> tuple[int, str, int, str]:
    if isinstance(person, Member):
        return 0, "", person.number, ""
    return 1, person.college, person.seat, person.starts_on.isoformat()


def appointees_at(meeting: Meeting) -> list[Appointee]:
    """Return who holds a seat that is not drawn on the day of the meeting."""
    found = Appointee.objects.filter(cycle=meeting.cycle_id).sitting_on(meeting.day)
    return list(found.select_related("cycle__institution").order_by("college", "seat"))


def appointed_present(meeting: Meeting) -> int:
    """Return how many of those who are appointed were noted as present."""
    return AppointeeAttendance.objects.filter(meeting=meeting, presence=Presence.PRESENT).count()


def people_at(table: Table) -> list[Person]:
    """Return who sits at a table; a list of many tables prefetches `members` and `appointees`."""
    return in_order([*table.members.all(), *table.appointees.all()])
