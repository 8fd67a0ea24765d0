"""A tablet that loses the network at a table: it opens, measures and writes on, and nothing is lost."""

from __future__ import annotations

import os
import re
from pathlib import Path

import axe_playwright_python
import pytest
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.db import connections
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, Page, Route, expect, sync_playwright

from isegoria_web import clock
from isegoria_web.accounts.actors import Actor
from isegoria_web.accounts.enums import Role
from isegoria_web.deliberation import noting
from isegoria_web.deliberation.models import Note, Wording
from isegoria_web.meetings import speaking
from isegoria_web.meetings.models import Meeting, Table, Turn
from tests.support.network import Network, network_to
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


def _sign_in(context: BrowserContext, site: str, table: Table) -> None:
    """Give the browser a session of the facilitator, as signing in does."""
    client = Client()
    client.force_login(table.facilitator)
    session = next(each for name, each in client.cookies.items() if "session" in name)
    context.add_cookies([{"name": session.key, "value": session.value, "url": site}])


def _open(
    browser: Browser, site: str, table: Table, faults: list[str], *, watch: bool = False
) -> tuple[Page, str]:
    """Open the page of a table as its facilitator; with a watch in the hand that the test turns on."""
    context = browser.new_context(locale="en", viewport={"width": 800, "height": 900})
    _sign_in(context, site, table)
    if watch:
        context.clock.install(time=clock.now())
    page = context.new_page()
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on(
        "console",
        lambda message: faults.append(message.text) if "Security Policy" in message.text else None,
    )
    meeting = table.plan.meeting
    slug = meeting.cycle.institution.slug
    address = f"{site}/en/{slug}/office/cycles/1/meetings/{meeting.number}/tables/1/1/facilitate/"
    page.goto(address)
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    expect(page.get_by_text("Everything is saved on the server.")).to_be_visible()
    page.wait_for_function("navigator.serviceWorker.controller !== null")
    return page, address


def test_a_tablet_without_a_network_opens_measures_and_writes_on_and_later_nothing_is_lost(
    browser: Browser, live_server, table: Table
) -> None:
    faults: list[str] = []
    page, _address = _open(browser, live_server.url, table, faults)
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
    page, address = _open(browser, live_server.url, table, faults)
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


# -- twenty minutes ----------------------------------------------------------------------------------------------


@pytest.fixture
def network(live_server):
    with network_to(live_server.url) as made:
        yield made


def _speak(page: Page, number: int) -> None:
    page.locator(f'ol.turns > li[data-member="{number}"] button').click()


def _wait(context: BrowserContext, minutes: int) -> None:
    """Let minutes pass on the tablet at once."""
    context.clock.fast_forward(minutes * 60_000)


def _work_for_seven_minutes(page: Page) -> None:
    """Two people speak, a note is taken, one is changed, one is begun, and a third person begins to speak."""
    page.get_by_role("button", name="Start the clock").click()
    _speak(page, 1)
    _wait(page.context, 3)
    _speak(page, 2)  # ends the turn of the first
    _wait(page.context, 4)
    page.get_by_role("button", name="Stop").click()
    page.locator("#id_text").fill("More benches.")
    page.get_by_role("button", name="Save the note").first.click()
    page.get_by_role("button", name=re.compile("^Change")).first.click()
    page.get_by_label("Text of the note").first.fill("Rents rise in Eupen.")
    page.locator("li.note form:visible").get_by_role("button", name="Save the note").click()
    page.locator("#id_text").fill("Half a thought")
    _speak(page, 3)


def _open_again_and_work_on(context: BrowserContext, address: str, faults: list[str]) -> Page:
    """Five minutes later the tab is opened again: the third turn and the clock have gone on, and end."""
    page = context.new_page()
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.goto(address)
    expect(page.locator('[data-fill="turn-clock"]')).to_have_text(re.compile("^5:"))
    expect(page.locator('[data-fill="timer"]')).to_have_text(re.compile("^(8:00|7:)"))
    page.get_by_role("button", name="Stop").click()
    expect(page.locator("#id_text")).to_have_value("Half a thought")
    expect(page.get_by_text("More benches.")).to_be_visible()
    _wait(context, 9)
    expect(page.get_by_text("The time is over.")).to_be_visible()
    return page


def test_twenty_minutes_without_a_network_a_closed_tab_and_an_ended_session_lose_nothing(
    browser: Browser, network: Network, table: Table
) -> None:
    faults: list[str] = []
    page, address = _open(browser, network.url, table, faults, watch=True)
    context = page.context
    network.up = False
    _work_for_seven_minutes(page)
    page.goto(
        "about:blank"
    )  # in the middle of a turn; a tab that is closed gets its network back for a moment here
    page.close()
    _wait(context, 5)
    page = _open_again_and_work_on(context, address, faults)
    expect(page.get_by_text("No connection.", exact=False)).to_contain_text("5")  # three turns, two notes
    assert (Turn.objects.count(), Note.objects.count()) == (0, 1), "nothing has left the tablet"

    colleague = factories.make_user(table.plan.meeting.cycle.institution, Role.FACILITATOR)
    noting.edit_note(
        actor=Actor.of(colleague), note=Note.objects.get(), text="Rents rise fast.", seen="Rents rise."
    )
    Session.objects.all().delete()
    network.up = True
    _wait(context, 1)  # it tries again by itself
    expect(page.get_by_text("You are signed out.", exact=False)).to_contain_text("5")
    _look(page, "signed-out")
    assert not Turn.objects.exists()

    answers_lost = _lose_the_first_answer(page)
    page.get_by_role("link", name="Sign in again").click()
    page.wait_for_url(re.compile(r"/account/login/\?next=.*facilitate"))
    _sign_in(context, network.url, table)
    page.goto(address)
    expect(page.get_by_text("No connection.", exact=False)).to_be_visible()
    assert len(answers_lost) == 1
    _wait(context, 1)
    expect(page.get_by_text("Everything is saved on the server.")).to_be_visible()
    expect(page.get_by_text("Two texts of this note: choose")).to_be_visible()
    expect(page.locator("#id_text")).to_have_value("Half a thought")
    _arrived_once()
    page.reload()
    expect(page.get_by_text("Everything is saved on the server.")).to_be_visible()
    _arrived_once()
    assert faults == []


def _lose_the_first_answer(page: Page) -> list[str]:
    """Let what is sent first reach the server, and its answer be lost; returns the answers that were."""
    lost: list[str] = []

    def lose(route: Route) -> None:
        if route.request.method == "POST" and not lost:
            lost.append(route.fetch().text())
            route.abort()
        else:
            route.continue_()

    page.route("**/entries/", lose)
    return lost


def _arrived_once() -> None:
    turns = dict(Turn.objects.values_list("member__number", "seconds"))
    assert Turn.objects.count() == 3
    assert {number: seconds // 60 for number, seconds in turns.items()} == {1: 3, 2: 4, 3: 5}
    assert {each.text for each in Note.objects.all()} == {"Rents rise fast.", "More benches."}
    assert [each.text for each in Wording.objects.set_aside()] == ["Rents rise in Eupen."]
