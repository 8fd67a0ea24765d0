"""The path of a member on a phone, with the keyboard alone, and axe-core on every page.

How she votes, dissents and leaves her seat stands in tests/web/test_walk_browser.py, where nobody has voted before.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from tests.journey.conftest import Demonstration, Visitor

pytestmark = pytest.mark.browser
MOST_STEPS = 150


@pytest.fixture
def visitor(chromium: Browser, demonstration: Demonstration) -> Iterator[Visitor]:
    context = chromium.new_context(viewport={"width": 360, "height": 800}, locale="de")
    yield Visitor(context, demonstration, "de")
    context.close()


def reach(page: Page, selector: str) -> None:
    """Press Tab until the focus is on the element, as somebody does who has no mouse; it must be seen there."""
    for _step in range(MOST_STEPS):
        page.keyboard.press("Tab")
        if page.evaluate("selector => document.activeElement.matches(selector)", selector):
            seen = "document.activeElement.matches(':focus-visible') && document.activeElement.checkVisibility()"
            assert page.evaluate(seen), f"the focus on {selector} is not seen"
            return
    raise AssertionError(f"{page.url}: {selector} is not reached by keyboard")


def press(visitor: Visitor, selector: str) -> Page:
    """Reach a link or a button and press Enter."""
    reach(visitor.page, selector)
    with visitor.page.expect_navigation():
        visitor.page.keyboard.press("Enter")
    return visitor.look()


def write(page: Page, selector: str, text: str) -> None:
    reach(page, selector)
    page.keyboard.press("Control+A")
    page.keyboard.type(text)


def test_a_member_reads_asks_reacts_and_amends_without_a_mouse(visitor):
    page = visitor.go("account/login/")
    email, password = visitor.demonstration.login("member")
    write(page, "input[name=login]", email)
    write(page, "input[name=password]", password)
    press(visitor, "main form:has(input[name=password]) button[type=submit]")
    assert "/my/" in page.url

    press(visitor, 'a[href$="/my/questions/"]')
    write(page, "textarea[name=text]", "Wer pflegt die Bänke?")
    press(visitor, "main form button[type=submit]")
    assert "Wer pflegt die Bänke?" in page.inner_text("main")

    press(visitor, 'a[href$="/my/speakers/"]')
    write(page, "textarea[name=text]", "Jemand, der zur Miete wohnt.")
    press(visitor, "main form:not(:has([name=support])) button[type=submit]")
    assert "Jemand, der zur Miete wohnt." in page.inner_text("main")
    press(visitor, "button[name=support]")

    press(visitor, 'a[href$="/my/statements/"]')
    press(visitor, "button[name=stance][value=agree]")
    assert page.locator("button[name=stance][value=agree][aria-pressed=true]").count() >= 1

    press(visitor, 'a[href$="/my/opinions/"]')
    press(visitor, 'a[href$="/my/contributions/"]')
    assert "Wer pflegt die Bänke?" in page.inner_text("main")

    visitor.go("ostbelgien/my/")
    press(visitor, 'a[href$="/my/recommendations/2/"]')
    reach(page, "textarea[name=text]")
    page.keyboard.press("Control+End")
    page.keyboard.type(" Auch im Winter.")
    write(page, "textarea[name=reasons]", "Im Winter ist es dunkel.")
    press(visitor, "form[data-keep] button[type=submit]")
    assert "Im Winter ist es dunkel." in page.inner_text("main")

    for path in ("statements/", "opinions/", "evidence/", "report/", "moderation/"):
        visitor.go(f"ostbelgien/cycles/1/{path}")
    page = visitor.go("ostbelgien/cycles/1/opinions/")
    press(visitor, 'main h2 a[href*="/opinions/"]')
    reach(page, ".scroll")
