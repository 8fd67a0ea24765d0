"""Who sat on any day: the right ones, without names, and how each seat changed hands."""

from __future__ import annotations

import datetime as dt

import pytest
from django.test import Client
from django.urls import reverse

from isegoria_web import clock
from isegoria_web.accounts.enums import Role
from isegoria_web.institutions.enums import Stage
from isegoria_web.membership import services
from isegoria_web.membership.enums import EndReason
from isegoria_web.membership.models import Member
from isegoria_web.recruitment.models import Respondent
from tests.web import factories
from tests.web.factories import NOW

DAY = dt.timedelta(days=1)


@pytest.fixture
def cycle(institution, secretariat):
    """Six seats taken on the first day; on the tenth day the member of seat 2 leaves and an alternate moves up."""
    made = factories.make_cycle(institution, Stage.DRAWING)
    for term in services.offer_seats(actor=secretariat, draw=factories.make_drawn_panel(made)):
        services.accept_seat(actor=secretariat, term=term)
    leaver = made.members.get(number=2)
    with clock.at(NOW + 10 * DAY):
        moved_up = services.leave_seat(
            actor=secretariat, term=leaver.terms.get(), reason=EndReason.RESIGNATION, on=clock.today("UTC")
        )
        services.accept_seat(actor=secretariat, term=moved_up)
    return made


def look(client: Client, institution, on: dt.date | str):
    with clock.at(NOW + 20 * DAY):
        return client.get(f"/en/{institution.slug}/members/", {"on": on})


def numbers(page) -> list[int]:
    return [term.member.number for each in page.context["bodies"] for term in each.terms]


@pytest.mark.parametrize(
    ("after", "who"), [(-1, []), (0, [1, 2, 3, 4, 5, 6]), (9, [1, 2, 3, 4, 5, 6]), (10, [1, 7, 3, 4, 5, 6])]
)
def test_the_roster_of_any_day_returns_the_right_ones(client, institution, cycle, after, who):
    page = look(client, institution, NOW.date() + after * DAY)
    assert page.status_code == 200
    assert numbers(page) == who


def test_a_change_is_told_with_its_day_and_rule_and_without_a_name(client, institution, cycle):
    Member.objects.filter(number=3).update(public_name="Karl", named_at=NOW)
    text = look(client, institution, NOW.date() + 15 * DAY).content.decode()
    assert "left: Resignation" in text
    assert "moved up by the published rule" in text
    assert "Karl" in text  # he wishes it
    assert not [name for name in Respondent.objects.values_list("name", flat=True) if name in text]
    before = look(client, institution, NOW.date() + 5 * DAY).content.decode()
    assert "Resignation" not in before


@pytest.mark.parametrize(("allowed", "shown"), [("true", True), ("false", False)])
def test_no_name_is_public_where_the_rule_book_says_so_even_on_wish(
    client, institution, cycle, allowed, shown
):
    title = '\n[bodies.title]\nde = "Bürgerversammlung"'
    factories.amend_rule_book(cycle, title, f"public_names = {allowed}{title}")
    Member.objects.filter(number=3).update(public_name="Karl", named_at=NOW)
    page = look(client, institution, NOW.date() + 5 * DAY).content.decode()
    members = client.get(reverse("public:members", args=[institution.slug, cycle.number])).content.decode()
    for text in (page, members):
        assert ("Karl" in text) is shown
        assert ("never public, even if the member wishes it" in text) is not shown
        assert "bodies.assembly.public_names, " in text
    assert Member.objects.get(number=3).public_name == "Karl"  # only not shown


def test_who_declined_an_offer_never_sat(client, elsewhere):
    made = factories.make_cycle(elsewhere, Stage.DRAWING)
    actor = factories.actor(elsewhere, Role.SECRETARIAT)
    first, *_others = services.offer_seats(actor=actor, draw=factories.make_drawn_panel(made))
    with clock.at(NOW + 3 * DAY):
        services.leave_seat(actor=actor, term=first, reason=EndReason.DECLINED, on=clock.today("UTC"))
    page = look(client, elsewhere, NOW.date() + DAY)
    assert numbers(page) == []
    assert page.context["changes"] == []


def test_a_day_that_is_none_is_refused_with_the_way_to_write_it(client, institution, cycle):
    page = look(client, institution, "1 March")
    assert page.status_code == 422
    assert "2027-03-01" in page.content.decode()


def test_other_institutions_have_their_own_roster(client, institution, elsewhere, cycle):
    assert numbers(look(client, elsewhere, NOW.date())) == []
