"""Everybody's chance over the years, in public."""

from __future__ import annotations

import re
from fractions import Fraction

import pytest
from django.db.models.signals import pre_save
from django.test import Client

from isegoria_web.institutions.enums import Stage
from isegoria_web.lottery.enums import Disclosure, DrawKind
from isegoria_web.lottery.models import Draw, DrawRecord, PoolEntry
from isegoria_web.web import pictures
from tests.web import factories

pytestmark = pytest.mark.django_db
ADDRESS = "/en/ostbelgien/chances/"


@pytest.fixture
def institution():
    return factories.make_institution()


def drawn(institution, eligible: int = 3000) -> Draw:
    """A panel of six that was drawn from letters to some of so many residents."""
    cycle = factories.make_cycle(institution, Stage.SEATED)
    factories.make_features(cycle)
    factories.make_members(cycle)
    letters = cycle.campaigns.get().draw
    DrawRecord.objects.create(
        draw=letters,
        commitment={"register": {"strata": [{"eligible": eligible}]}},
        commitment_sha256="0" * 64,
        software="isegoria",
    )
    return cycle.draws.get(kind=DrawKind.PANEL)


def bodies(client: Client, **asked: str):
    response = client.get(ADDRESS, asked)
    assert response.status_code == 200
    return {each.body.key: each for each in response.context["bodies"]}, response.content.decode()


def test_chances_grow_with_the_years_and_come_from_the_rules(institution, client):
    found, page = bodies(client, residents="60000")
    council = found["council"]
    assert [each.years for each in council.horizons] == [1, 5, 10, 20]
    chances = [each.chance for each in council.horizons]
    assert chances == sorted(chances)
    first = council.horizons[0]  # founded on 4 January 2027: once whole, then a third for each assembly
    assert first.seats == 24 + 2 * 8
    never = (1 - Fraction(24, 60000)) * (1 - Fraction(8, 60000)) ** 2
    assert first.chance == 1 - never
    assert f"1 in {council.horizons[-1].one_in}" in page
    assert "Its members are drawn among those of: Citizens&#x27; assembly" in page
    assert "If you say yes to every letter" not in page  # nobody has been written to


def test_picture_and_table_say_the_same(institution, client):
    found, page = bodies(client, residents="20000")
    for each in found.values():
        shown = dict(each.picture.rows)
        people, since = 0, 0
        for horizon in each.horizons:
            words = f"first in the years {since + 1} to {horizon.years}" if since else "within 1 year"
            since = horizon.years
            people += shown.get(words, 0)
            assert people == round(each.base * horizon.chance)
        assert sum(shown.values()) == each.base
        assert each.picture.rows[0][0] in page


def test_without_a_draw_the_number_of_people_is_an_assumption_that_can_be_changed(institution, client):
    assert "the number is an assumption" in client.get(ADDRESS).content.decode()
    assert "You gave this number" in client.get(ADDRESS, {"residents": "5000"}).content.decode()
    wrong = client.get(ADDRESS, {"residents": "3"})
    assert wrong.status_code == 422
    assert "greater than or equal to 100" in wrong.content.decode()


def test_the_draws_that_took_place_are_told_with_their_chances(institution, client):
    draw = drawn(institution)
    found, page = bodies(client)
    (held,) = found["assembly"].held
    assert (held.eligible, held.draw, held.chance) == (3000, draw, Fraction(draw.size, 3000))
    known = [
        Fraction(one, other)
        for one, other in PoolEntry.objects.filter(pool__draw=draw).values_list(
            "chance_numerator", "chance_denominator"
        )
        if one is not None
    ]
    assert (held.least, held.most) == ((min(known), max(known)) if known else (None, None))
    assert found["assembly"].so_far == held.chance
    assert "If you say yes to every letter" in page
    assert "So many could be drawn in the largest draw" in page
    assert not found["council"].held


def test_a_sealed_draw_tells_no_chances_of_those_who_said_yes(institution, client):
    def seal(instance: Draw, **_more: object) -> None:
        instance.disclosure = Disclosure.SEALED

    pre_save.connect(seal, sender=Draw)  # once it is committed nobody can change it
    try:
        drawn(institution)
    finally:
        pre_save.disconnect(seal, sender=Draw)
    (held,) = bodies(client)[0]["assembly"].held
    assert (held.least, held.most) == (None, None)


def test_a_body_that_the_rules_leave_open_says_so(institution, client):
    institution.bodies.filter(key="council").update(key="gone")
    found, page = bodies(client)
    assert found["gone"].picture is None
    assert "The rules do not say enough" in page


def test_the_picture_has_a_dot_for_each_of_few_and_one_for_many_of_the_rest():
    picture = pictures.within_years([(1, 3), (5, 10)], 100_000, title="Of many")
    assert [(group.count, group.per_dot) for group in picture.groups] == [(3, 1), (7, 1), (99_990, 100)]
    assert len(re.findall(r"M-?\d+ -?\d+h0", str(picture.svg))) == 3 + 7 + 1000
