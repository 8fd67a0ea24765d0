"""The switch between several seats on a phone, with the keyboard alone, in real Chromium."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import connections

from isegoria_web.accounts.models import User
from isegoria_web.recommendations.services import put_to_vote
from tests.web import factories
from tests.web.factories import NOW, texts
from tests.web.membership import staying
from tests.web.test_further_language_browser import reach
from tests.web.test_receipts_browser import CHROMIUM, SITE, Visitor, visiting

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db,
    pytest.mark.skipif(not CHROMIUM.exists(), reason="Chromium is not installed"),
]
PHONE = {"width": 360, "height": 800}


def go_by_keyboard(visitor: Visitor, selector: str, name: str) -> None:
    """Reach a link from the top of the page, press Enter, and look at what comes on a phone and on a desktop."""
    page = visitor.page
    page.evaluate("document.activeElement.blur()")
    reach(page, selector)
    with page.expect_navigation():
        page.keyboard.press("Enter")
    visitor.look(name)
    page.set_viewport_size(PHONE)


def open_home(visitor: Visitor, user: User, address: str, name: str) -> None:
    connections["default"] = visitor.database  # playwright goes on in a context of its own
    visitor.client.force_login(user)
    visitor.page.set_viewport_size(PHONE)
    visitor.page.goto(f"{SITE}/en/{address}")
    visitor.look(name)
    visitor.page.set_viewport_size(PHONE)


def test_who_stayed_opens_the_earlier_cycle_and_comes_back(monkeypatch, institution):
    body = staying.rotate(institution, "newham")
    for cycle, title in ((body.first, "Trams"), (body.second, "Night buses")):
        factories.make_draft(cycle).versions.update(title=texts(title))
    old = factories.make_statement(body.first, factories.make_note(factories.make_table(body.first)))
    assert old.number == 1
    user = body.stay[0].user
    with visiting(monkeypatch) as visitor:
        open_home(visitor, user, f"{institution.slug}/my/", "staying-home")
        page = visitor.page
        assert "Night buses" in page.inner_text("main")
        reach(page, ".places summary")
        page.keyboard.press("Enter")
        go_by_keyboard(visitor, '.places a[href$="?cycle=1"]', "staying-earlier")
        assert "Trams" in page.inner_text("main")
        assert page.inner_text(".places [aria-current]").endswith(", cycle 1")
        go_by_keyboard(visitor, '.subnav a[href*="/statements/"]', "staying-earlier-statements")
        assert page.locator("main form").count() == 0
        go_by_keyboard(visitor, '.message a[href$="/my/"]', "staying-home-again")
        assert "Night buses" in page.inner_text("main")
    assert visitor.faults == []


def test_who_sits_in_two_bodies_goes_from_one_to_the_other(monkeypatch, institution, secretariat):
    assembly, council = factories.make_cycle(institution), factories.make_cycle(institution)
    council.body = institution.bodies.get(key="council")
    council.save()
    first, second = factories.make_members(assembly)[0], factories.make_members(council)[0]
    second.user = first.user
    second.save()
    put_to_vote(
        actor=secretariat,
        recommendation=factories.make_draft(assembly),
        closes_at=NOW + dt.timedelta(days=3),
    )
    with visiting(monkeypatch) as visitor:
        open_home(visitor, first.user, f"{institution.slug}/my/", "two-bodies")
        assert "1 thing waits" in visitor.page.inner_text(".places")
        go_by_keyboard(visitor, '.places a[href$="?cycle=1"]', "two-bodies-other")
        go_by_keyboard(visitor, '.tasks a[href*="/ballot/"]', "two-bodies-ballot")
        reach(visitor.page, "input[name=choice]")
        visitor.page.keyboard.press("Space")
        go_by_keyboard(visitor, "main form.fields button[type=submit]", "two-bodies-voted")
        assert "Your vote is in the box." in visitor.page.inner_text("main")
    assert visitor.faults == []


def test_who_is_appointed_twice_goes_from_one_cycle_to_the_other(monkeypatch, institution):
    user = factories.make_user()
    cycles = staying.appoint_twice(institution, user)
    for cycle, title in zip(cycles, ("Trams", "Night buses"), strict=True):
        factories.make_draft(cycle).versions.update(title=texts(title))
    with visiting(monkeypatch) as visitor:
        open_home(visitor, user, f"{institution.slug}/my/appointed/", "appointed-twice")
        assert "Night buses" in visitor.page.inner_text("main")
        go_by_keyboard(visitor, '.places a[href$="?cycle=1"]', "appointed-twice-other")
        assert "Trams" in visitor.page.inner_text("main")
        go_by_keyboard(visitor, 'main a[href*="/appointed/recommendations/"]', "appointed-twice-draft")
        assert "?cycle=1" in visitor.page.url
    assert visitor.faults == []
