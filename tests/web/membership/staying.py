"""Bodies of which half stay when the others come, under the real rule books with fewer seats, for the tests of their rooms."""

from __future__ import annotations

import datetime as dt
import hashlib
from dataclasses import dataclass
from importlib.resources import files

from isegoria_web import clock
from isegoria_web.accounts.models import User
from isegoria_web.institutions.enums import Stage
from isegoria_web.institutions.models import Cycle, Institution, RuleBookVersion
from isegoria_web.membership import rotating
from isegoria_web.membership.algorithms import renewal_of
from isegoria_web.membership.models import Member, Rotation, Term
from tests.web import factories
from tests.web.factories import NOW

SEATS, HALF = 6, 3
FEWER = {
    "newham": (
        (
            "size = 50",
            f'size = {SEATS}\ndecision = {{threshold = "1/2"}}',
        ),  # its published rules name no majority
        ("returning = 25", f"returning = {HALF}"),
    ),
    "milan-2023": (("size = 90", f"size = {SEATS}"), ("entering = 45", f"entering = {HALF}")),
}
"""Rule book to what is made smaller in it: in Newham half return, in Milan a cohort of half comes every three months."""
BEGAN = NOW.date() - dt.timedelta(days=150)


@dataclass(frozen=True)
class Rotated:
    """A body on the day of its rotation: who left with the first cycle, who stays, who enters with the second."""

    first: Cycle
    second: Cycle
    left: list[Member]
    stay: list[Member]
    enter: list[Member]


def adopt_rules(institution: Institution, name: str) -> RuleBookVersion:
    """Put an institution under a bundled rule book, with fewer seats."""
    text = files("isegoria.rulebook").joinpath(f"bundled/{name}.toml").read_text("utf-8")
    for old, new in FEWER[name]:
        assert old in text
        text = text.replace(old, new)
    return RuleBookVersion.objects.create(
        institution=institution, number=institution.rule_books.count() + 1, identifier=name, text=text,
        sha256=hashlib.sha256(text.encode()).hexdigest(), legal_basis="Decision of the council",
        valid_from=dt.date(2026, 1, 1), adopted_at=clock.now(),
    )  # fmt: skip


def rotate(institution: Institution, name: str) -> Rotated:
    """Let the software end the terms of half of a body today, and seat as many who were drawn for a second cycle."""
    version = adopt_rules(institution, name)
    first = factories.make_cycle(institution, Stage.DELIBERATING, SEATS)
    members = factories.make_members(first)
    Term.objects.filter(member__in=members).update(starts_on=BEGAN)
    second = factories.make_cycle(institution, Stage.DELIBERATING, SEATS)
    renewal = renewal_of(version, first.body.key)
    assert renewal is not None
    Rotation.objects.create(body=first.body, on=NOW.date(), rule=renewal.rule, cycle=second)
    assert len(rotating.rotate_due()) == 1
    stay = list(Member.objects.acting_in(first.body).order_by("number"))
    left = [member for member in members if member not in stay]
    assert (len(left), len(stay)) == (HALF, HALF)
    enter = factories.make_members(second, HALF, first_seat=SEATS + 1)
    for member, gone in zip(enter, left, strict=True):
        seat = Term.objects.get(member=gone).seat
        Term.objects.filter(member=member).update(seat=seat)
        member.number += SEATS  # the members of a body that rotates are numbered through
        member.save()
    first.body.seats.filter(number__gt=SEATS).delete()
    return Rotated(first, second, left, stay, enter)


def appoint_twice(institution: Institution, user: User) -> list[Cycle]:
    """Give one person a seat that is not drawn in each of two cycles of a mixed body."""
    first = factories.make_cycle(institution)
    seats = factories.mix(first)
    second = factories.make_cycle(institution)  # under the rule book that mixes the body
    seats[0].user = user
    seats[0].save()
    seats[0].pk, seats[0].cycle = None, second
    seats[0].save()
    return [first, second]
