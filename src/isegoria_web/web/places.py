"""In which cycles somebody has a place, which of them a page shows, and the way to the others.

A member who stays when her body rotates sits in one cycle after another; somebody may sit in two bodies of one
institution, or be appointed in two cycles. The address says which of them a page is about, `?cycle=2`; where it says
nothing, the page is about the newest in which she works now.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from django.contrib.auth.models import AnonymousUser
from django.db.models import Exists, OuterRef, QuerySet
from django.http import Http404, HttpRequest
from django.urls import reverse

from isegoria_web import clock
from isegoria_web.accounts.models import User
from isegoria_web.institutions.models import Body, Cycle, Institution
from isegoria_web.membership.models import Appointee, Member, Rotation, Term
from isegoria_web.membership.policies import has_gone_on

PARAMETER = "cycle"
Found = TypeVar("Found")


@dataclass(frozen=True)
class Place:
    """A member in one cycle: drawn for it, or on her seat since its rotation."""

    cycle: Cycle
    member: Member
    sits: bool  # she holds a seat today and is not suspended
    works: bool  # she sits, and her body has gone on to no later cycle: what she writes is taken


@dataclass(frozen=True)
class Own:
    """The place that a page shows, and all that its reader has in the institution."""

    place: Place
    places: Sequence[Place]  # what an address without a cycle means comes first
    appointed: Sequence[Appointee]

    @property
    def cycle(self) -> Cycle:
        """The cycle of the page."""
        return self.place.cycle

    @property
    def member(self) -> Member:
        """The reader, as she was drawn: one who stays in a body keeps her number."""
        return self.place.member

    @property
    def works(self) -> bool:
        """Whether she writes in the cycle of the page now."""
        return self.place.works

    @property
    def newer(self) -> Place | None:
        """Where the body of the page works now, if that is a later cycle in which she works too."""
        return next(
            (
                each
                for each in self.places
                if each.works
                and each.cycle.body_id == self.cycle.body_id
                and each.cycle.number > self.cycle.number
            ),
            None,
        )

    def in_body(self, body: Body) -> Own:
        """Return the same as a page of a body shows it: if the address names no cycle of it, her newest there."""
        if self.cycle.body_id == body.pk:
            return self
        found = next((each for each in self.places if each.cycle.body_id == body.pk), None)
        if found is None:
            raise Http404
        return replace(self, place=found)

    def address(self, name: str, *args: object, cycle: Cycle | None = None) -> str:
        """Return the address of a page of hers about the cycle that is shown, or about another one of hers."""
        shown = cycle or self.cycle
        return _addressed(name, args, shown, is_usual=shown.pk == self.places[0].cycle.pk)


@dataclass(frozen=True)
class Way:
    """A line of the switch between the seats of one person."""

    cycle: Cycle
    address: str
    is_shown: bool
    works: bool  # otherwise it is there to read
    appointee: Appointee | None = None
    waiting: int = 0


@dataclass(frozen=True)
class Switch:
    """The switch between the seats of one person; a page shows it where she has several."""

    ways: Sequence[Way]

    @property
    def front(self) -> list[Way]:
        """The seats in which she works, and the one that the page shows."""
        return [way for way in self.ways if way.works or way.is_shown]

    @property
    def earlier(self) -> list[Way]:
        """What there is to read beside."""
        return [way for way in self.ways if not (way.works or way.is_shown)]

    @property
    def waiting(self) -> int:
        """How much waits for her in what is there to read: days of an opinion run on, answers come later."""
        return sum(way.waiting for way in self.earlier)


def own_or_404(request: HttpRequest, institution: Institution) -> Own:
    """Return the signed-in member, in the cycle that the address names; else the page does not exist."""
    rows = _rows(request.user, institution)
    places = _places(rows, institution)
    shown = _named(request, places, lambda each: each.cycle)
    appointed = appointed_of(request.user, institution) if rows[0].is_appointed else []
    return Own(shown, places, appointed)


def appointee_or_404(request: HttpRequest, institution: Institution) -> Appointee:
    """Return the signed-in appointee, in the cycle that the address names; else the page does not exist."""
    return _named(request, appointed_of(request.user, institution), lambda each: each.cycle)


def places_of(user: User | AnonymousUser, institution: Institution) -> list[Place]:
    """Return every cycle of an institution in which a person sits or sat, those first in which she works, newest first."""
    return _places(_rows(user, institution), institution)


def appointed_of(user: User | AnonymousUser, institution: Institution) -> list[Appointee]:
    """Return the seats outside the lot that a person holds today, of the newest cycle first."""
    if not user.is_authenticated:
        return []
    found = Appointee.objects.sitting_on(clock.today(institution.time_zone))
    return list(
        found.filter(user=user, cycle__institution=institution)
        .select_related("cycle__institution", "cycle__body", "cycle__rule_book")
        .order_by("-cycle__number")
    )


def switch_of(
    places: Sequence[Place],
    appointed: Sequence[Appointee],
    shown: Place | Appointee,
    waiting: Callable[[Place | Appointee], int],
) -> Switch:
    """Return the switch between the seats of a person, with a line for each.

    Parameters
    ----------
    waiting
        How much waits for her in another of her seats.
    """
    drawn = [
        Way(
            each.cycle, _addressed("members:home", (each.cycle.institution.slug,), each.cycle, is_usual=at == 0),
            each == shown, each.works, waiting=0 if each == shown else waiting(each),
        )
        for at, each in enumerate(places)
    ]  # fmt: skip
    seated = [
        Way(
            each.cycle, appointed_address("members:appointed", each, appointed), each == shown, works=True,
            appointee=each, waiting=0 if each == shown else waiting(each),
        )
        for each in appointed
    ]  # fmt: skip
    return Switch(drawn + seated)


def nothing_waits(_other: Place | Appointee) -> int:
    """Say of no other seat that something waits there: on the pages that only lead to it."""
    return 0


def appointed_address(
    name: str, appointee: Appointee, appointed: Sequence[Appointee], *args: object
) -> str:
    """Return the address of a page of somebody who is appointed, about the cycle of this seat."""
    cycle = appointee.cycle
    return _addressed(name, (cycle.institution.slug, *args), cycle, is_usual=appointee == appointed[0])


def _addressed(name: str, args: tuple[object, ...], cycle: Cycle, *, is_usual: bool) -> str:
    return reverse(name, args=args) + ("" if is_usual else f"?{PARAMETER}={cycle.number}")


def _named(request: HttpRequest, found: Sequence[Found], cycle_of: Callable[[Found], Cycle]) -> Found:
    asked = request.GET.get(PARAMETER)
    for each in found:
        if asked is None or asked == str(cycle_of(each).number):
            return each
    raise Http404


def _rows(user: User | AnonymousUser, institution: Institution) -> list[Any]:
    """Read in one query how a person was drawn here, and whether there is more to ask: a thousand may vote at once."""
    if not user.is_authenticated:
        return []
    today = clock.today(institution.time_zone)
    sitting = Member.objects.filter(pk=OuterRef("pk")).sitting_on(today)
    appointed = Appointee.objects.sitting_on(today).filter(user=user, cycle__institution=institution)
    found = Member.objects.filter(user=user, cycle__institution=institution).annotate(
        sits=Exists(sitting),
        has_rotated=Exists(_rotations(institution)),  # some body of the institution
        is_appointed=Exists(appointed),
    )
    return list(found.select_related("cycle__body", "cycle__rule_book"))


def _places(rows: Sequence[Any], institution: Institution) -> list[Place]:
    may_have_gone_on = bool(rows) and rows[0].has_rotated
    rotations = list(_rotations(institution)) if may_have_gone_on else []
    found: list[tuple[bool, Place]] = []
    for row in rows:
        beside = _beside(row, rotations) if rotations else []
        comes = any(cycle.number < row.cycle.number for cycle, _has_begun in beside)
        for cycle, has_begun in [(row.cycle, not comes), *beside]:
            cycle.institution = institution  # known
            works = row.sits and not (may_have_gone_on and has_gone_on(cycle))
            found.append((has_begun, Place(cycle, row, row.sits, works)))
    ordered = sorted(found, key=lambda each: (each[1].works, each[0], each[1].cycle.number), reverse=True)
    return [place for _has_begun, place in ordered]


def _rotations(institution: Institution) -> QuerySet[Any]:
    """Return the rotations that have come and that a cycle drew for, the first of a cycle first.

    With each, `has_begun`: whether somebody whom its cycle drew sits or sat.
    """
    today = clock.today(institution.time_zone)
    entered = Term.objects.held().filter(member__cycle=OuterRef("cycle"), starts_on__lte=today)
    found = Rotation.objects.filter(body__institution=institution, on__lte=today, cycle__isnull=False)
    found = found.annotate(has_begun=Exists(entered))
    return found.select_related("cycle__body", "cycle__rule_book").order_by("on")


def _beside(member: Member, rotations: Sequence[Any]) -> list[tuple[Cycle, bool]]:
    """Return the cycles in which she sits or sat beside the one she was drawn for, and whether each has begun.

    They are the later ones of her body at whose rotation, the first of each, she stayed; and, where she took a vacant
    seat before the rotation of her own cycle, the one in which the body worked then.
    """
    first: dict[int, Any] = {}
    for rotation in rotations:
        first.setdefault(rotation.cycle.pk, rotation)
    own = first.pop(member.cycle.pk, None)
    terms = list(
        Term.objects.held().filter(member=member).values_list("seat__body", "starts_on", "ends_on")
    )
    found = []
    before = None
    for rotation in sorted(first.values(), key=lambda each: each.cycle.number):
        here = [(start, end) for body, start, end in terms if body == rotation.body_id]
        if rotation.cycle.number < member.cycle.number:
            before = rotation if any(own is None or start < own.on for start, _end in here) else before
        elif any(end is None or end > rotation.on for _start, end in here):
            found.append(rotation)
    return [(each.cycle, each.has_begun) for each in ([before] if before else []) + found]
