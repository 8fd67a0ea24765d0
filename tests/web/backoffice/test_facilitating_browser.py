"""A tablet that loses the network at a table: it opens, measures and writes on, and nothing is lost."""

from __future__ import annotations

import os
import re
from pathlib import Path

import axe_playwright_python
import pytest
from django.core.cache import cache
from django.db import connections
from django.test import Client
from playwright.sync_api import Browser, Page, expect, sync_playwright

from isegoria_web import clock
from isegoria_web.accounts.actors import Actor
from isegoria_web.accounts.enums import Role
from isegoria_web.deliberation import noting
from isegoria_web.deliberation.models import Note
from isegoria_web.meetings import speaking
from isegoria_web.meetings.models import Meeting, Table, Turn
from tests.web import factories
from tests.web.browsing import CHROMIUM, FLAGS

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(not CHROMIUM.exists(), reason="Chromium is not installed"),
]
AXE = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text("utf-8")
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
FORGOTTEN = "caches.keys().then(names => names.length === 0 && Object.keys(localStorage).length === 0)"


@pytest.fixture
def browser(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(
        os.environ, "DJANGO_ALLOW_ASYNC_UNSAFE", "true"
    )  # Playwright runs a loop of its own
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield chromium
        connections.close_all()
        chromium.close()


@pytest.fixture
def table() -> Table:
    """A table of a meeting that takes place now, led by somebody."""
    cache.clear()
    institution = factories.make_institution()
    cycle = factories.make_cycle(institution)
    factories.make_members(cycle)
    made = factories.make_table(cycle)
    made.facilitator = factories.make_user(institution, Role.FACILITATOR)
    made.save()
    now = clock.now()
    Meeting.objects.update(starts_at=now - speaking.KEPT_AFTER / 24, ends_at=now + speaking.KEPT_AFTER / 6)
    factories.make_note(made)
    return Table.objects.select_related("plan__meeting__cycle__institution", "facilitator").get(pk=made.pk)


def _look(page: Page, name: str) -> None:
    for width in (360, 800, 1280):
        page.set_viewport_size({"width": width, "height": 900})
        found = _axe(page)
        barriers = [(one["id"], one["nodes"][0]["html"][:160]) for one in found]
        assert not barriers, f"{name} at {width}: {barriers}"
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        if folder := os.environ.get("ISEGORIA_SCREENSHOTS"):
            page.screenshot(path=f"{folder}/{name}-{width}.png", full_page=True)
    page.set_viewport_size({"width": 800, "height": 900})


def _axe(page: Page) -> list:
    page.evaluate(AXE)
    return page.evaluate("rules => axe.run({runOnly: rules})", RULES)["violations"]


def _open(browser: Browser, live_server, table: Table, faults: list[str]) -> tuple[Page, str]:
    client = Client()
    client.force_login(table.facilitator)
    session = next(each for name, each in client.cookies.items() if "session" in name)
    context = browser.new_context(locale="en", viewport={"width": 800, "height": 900})
    context.add_cookies([{"name": session.key, "value": session.value, "url": live_server.url}])
    page = context.new_page()
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on(
        "console",
        lambda message: faults.append(message.text) if "Security Policy" in message.text else None,
    )
    meeting = table.plan.meeting
    slug = meeting.cycle.institution.slug
    address = (
        f"{live_server.url}/en/{slug}/office/cycles/1/meetings/{meeting.number}/tables/1/1/facilitate/"
    )
    page.goto(address)
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    expect(page.get_by_text("Everything is saved on the server.")).to_be_visible()
    page.wait_for_function("navigator.serviceWorker.controller !== null")
    return page, address


def test_a_tablet_without_a_network_opens_measures_and_writes_on_and_later_nothing_is_lost(
    browser: Browser, live_server, table: Table
) -> None:
    faults: list[str] = []
    page, _address = _open(browser, live_server, table, faults)
    first = page.locator("ol.turns > li").first.get_attribute("data-member")
    _look(page, "table")

    page.context.set_offline(True)
    page.locator("ol.turns > li button").first.click()
    page.wait_for_timeout(1200)
    page.get_by_role("button", name="Stop").click()
    assert page.locator("ol.turns > li").last.get_attribute("data-member") == first, "who spoke comes last"
    page.get_by_role("button", name="Start the clock").click()
    area = page.locator("#id_text")
    area.fill("Trams for <b>all</b>.")
    page.get_by_role("button", name="Save the note").first.click()
    page.get_by_role("button", name=re.compile("^Change")).first.click()
    page.get_by_label("Text of the note").first.fill("Rents rise in Eupen.")
    page.locator("li.note form:visible").get_by_role("button", name="Save the note").click()
    area.fill("Half a thought")
    expect(page.get_by_text("No connection.", exact=False)).to_be_visible()
    _look(page, "offline")

    page.reload()  # the tablet was closed and opened again, still without a network
    expect(page.get_by_text("Trams for <b>all</b>.")).to_be_visible()
    expect(page.locator("#id_text")).to_have_value("Half a thought")
    expect(page.get_by_role("button", name="Pause")).to_be_visible()
    assert page.locator("ol.turns > li").last.get_attribute("data-member") == first
    assert Note.objects.count() == 1
    assert not Turn.objects.exists()

    colleague = factories.make_user(table.plan.meeting.cycle.institution, Role.FACILITATOR)
    noting.edit_note(
        actor=Actor.of(colleague), note=Note.objects.get(), text="Rents rise fast.", seen="Rents rise."
    )
    page.context.set_offline(False)
    expect(page.get_by_text("Everything is saved on the server.")).to_be_visible(timeout=20_000)
    expect(page.get_by_text("Two texts of this note: choose")).to_be_visible()
    _look(page, "conflict")
    assert str(Turn.objects.get().member.number) == first
    assert {each.text for each in Note.objects.all()} == {"Rents rise fast.", "Trams for <b>all</b>."}

    page.get_by_label("Or put both together").fill("Rents rise fast in Eupen.")
    page.get_by_role("button", name="Save both together").click()
    expect(page.get_by_text("The note says what you chose.", exact=False)).to_be_visible()
    assert Note.objects.filter(text="Rents rise fast in Eupen.").exists()
    expect(page.locator("#id_text")).to_have_value("Half a thought")
    assert faults == []


def test_after_the_meeting_and_after_signing_out_the_tablet_has_forgotten_everything(
    browser: Browser, live_server, table: Table
) -> None:
    faults: list[str] = []
    page, address = _open(browser, live_server, table, faults)
    page.context.set_offline(True)
    page.locator("#id_text").fill("Too late.")
    page.get_by_role("button", name="Save the note").first.click()
    expect(page.get_by_text("No connection.", exact=False)).to_be_visible()
    secretariat = factories.actor(table.plan.meeting.cycle.institution, Role.SECRETARIAT)
    speaking.close_meeting(actor=secretariat, meeting=table.plan.meeting)
    page.context.set_offline(False)
    expect(page.get_by_text("Not taken by the server: copy these texts")).to_be_visible(timeout=20_000)
    expect(page.get_by_text("Too late.")).to_be_visible()
    assert page.locator("ol.turns").count() == 0
    page.wait_for_function("caches.keys().then(names => names.length === 0)")
    _look(page, "closed")

    asked: list[str] = []
    page.on("dialog", lambda dialog: (asked.append(dialog.message), dialog.accept()))
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url(lambda url: "facilitate" not in url)
    assert len(asked) == 1, "she is warned: something has not reached the server"
    page.wait_for_function(FORGOTTEN)
    page.goto(address)
    assert "/account/login/" in page.url
    assert faults == []
