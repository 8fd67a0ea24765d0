"""The pages of the proof in real Chromium: a citizen checks her receipts, a stranger the draw of the letters."""

import datetime as dt
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import axe_playwright_python
import pytest
from django.contrib.staticfiles import finders
from django.db import connections
from django.test import Client
from django.urls import reverse
from playwright.sync_api import Page, Route, sync_playwright

from isegoria_web import clock
from tests.web.factories import NOW
from tests.web.recruitment.test_receipts import (  # noqa: F401  # fixtures
    CODE,
    announced,
    committed,
    cycle,
    drawn,
    letter,
    panel,
    rows,
)

CHROMIUM = Path("/usr/bin/chromium")
SITE = "http://localhost:8009"
pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db,
    pytest.mark.skipif(not CHROMIUM.exists(), reason="Chromium is not installed"),
]
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run", "--disable-sync"]
AXE = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text("utf-8")
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
SCRIPTS = {".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml", ".woff2": "font/woff2"}


class Visitor:
    """A browser whose requests the site answers within the transaction of the test."""

    def __init__(self, page: Page, database: Any) -> None:
        self.page, self.client, self.faults = page, Client(), []
        self.database, self.moment, self.thinks = database, NOW, dt.timedelta(0)
        page.on("pageerror", lambda error: self.faults.append(str(error)))
        page.on("console", lambda said: self.faults.append(said.text) if said.type == "error" else None)
        page.route("**/*", self._answer)

    def _answer(self, route: Route) -> None:
        request = route.request
        path, query = urlsplit(request.url)[2:4]
        if path.startswith("/static/"):
            file = Path(finders.find(path.removeprefix("/static/")))
            route.fulfill(body=file.read_bytes(), content_type=SCRIPTS.get(file.suffix, "text/plain"))
            return
        connections["default"] = self.database  # playwright answers in a context of its own
        self.moment += self.thinks
        with clock.at(self.moment):
            answer = self.client.generic(
                request.method,
                f"{path}?{query}" if query else path,
                request.post_data_buffer or b"",
                content_type=request.headers.get("content-type", ""),
            )
            while answer.status_code in {301, 302, 303}:  # the browser would follow it out of our hands
                answer = self.client.get(answer.headers["Location"])
        route.fulfill(
            status=answer.status_code,
            body=answer.content,
            headers={key: value for key, value in answer.headers.items() if key != "Content-Length"},
        )

    def look(self, name: str) -> None:
        """Fail on anything that axe-core finds and on a page that scrolls sideways; keep a picture if asked to."""
        self.page.evaluate(AXE)
        for width in (360, 1280):
            self.page.set_viewport_size({"width": width, "height": 900})
            wider = "document.documentElement.scrollWidth > document.documentElement.clientWidth"
            assert not self.page.evaluate(wider), f"{name} scrolls sideways at {width}"
            if folder := os.environ.get("ISEGORIA_TEST_PICTURES"):
                self.page.screenshot(path=f"{folder}/{name}-{width}.png", full_page=True)
        found = self.page.evaluate("rules => axe.run({runOnly: rules})", RULES)["violations"]
        assert not [(one["id"], one["nodes"][0]["html"][:150]) for one in found]
        assert not self.faults


@contextmanager
def visiting(monkeypatch) -> Iterator[Visitor]:
    """Somebody before a real Chromium, whose pages the test's own database answers."""
    monkeypatch.setitem(
        os.environ, "DJANGO_ALLOW_ASYNC_UNSAFE", "true"
    )  # playwright runs a loop of its own
    database = connections["default"]
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield Visitor(chromium.new_context(locale="en").new_page(), database)
        chromium.close()


@pytest.fixture
def visitor(monkeypatch, panel):  # noqa: F811
    with visiting(monkeypatch) as found:
        yield found


def test_a_citizen_checks_both_receipts_in_her_browser_and_a_bent_one_is_told(visitor):
    page = visitor.page
    page.goto(f"{SITE}/en/ostbelgien/answer/receipt/")
    visitor.look("receipt-code")
    page.fill("input[name=code]", str(CODE))
    page.locator("main form button[type=submit]").click()
    for key, steps in (("letter", 3), ("pool", 4)):
        area = page.locator(f"[data-receipt={key}]")
        area.locator("[data-check]").click()
        area.locator("[data-status]:has-text('It holds.')").wait_for()
        assert area.locator("[data-step][data-state=holds]").count() == steps
    visitor.look("receipt")
    page.evaluate(
        "() => { const e = document.getElementById('letter');"
        ' e.textContent = e.textContent.replace(/"salt": "[^"]*/, \'"salt": "\' + "f".repeat(32)); }'
    )
    page.locator("[data-receipt=letter] [data-check]").click()
    page.locator("[data-receipt=letter] [data-status].late").wait_for()


def test_a_stranger_checks_the_draw_of_the_letters_in_her_browser(visitor):
    page = visitor.page
    page.goto(SITE + reverse("public:draw", args=["ostbelgien", 1, 1]))
    page.locator("[data-redo]").click()
    page.locator("[data-status]:has-text('steps hold')").wait_for()
    assert page.locator("[data-steps] [data-step=cut_offs][data-state=holds]").count() == 1
    assert page.locator("[data-steps] [data-state=false]").count() == 0
    visitor.look("letters-draw")


def test_a_stranger_redoes_a_sealed_draw_in_her_browser(visitor):
    page = visitor.page
    page.goto(SITE + reverse("public:draw", args=["ostbelgien", 1, 2]))
    page.locator("[data-redo]").click()
    page.locator("[data-status]:has-text('steps hold')").wait_for()
    opened = page.locator("[data-steps] [data-state=open]")
    assert {each.get_attribute("data-step") for each in opened.all()} == {"quotas", "certificate"}
    visitor.look("sealed-draw")
