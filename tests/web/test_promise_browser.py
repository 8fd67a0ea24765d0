"""A party makes its secret number in its own browser, and nothing of it leaves it."""

import os
import re

import pytest

from isegoria.proof import reveal_commitment
from tests.web import factories
from tests.web.browsing import CHROMIUM, SITE, Answers, opened

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db,
    pytest.mark.skipif(not CHROMIUM.exists(), reason="Chromium is not installed"),
]
ADDRESS = "/en/ostbelgien/cycles/1/draws/secret/"
SOURCE = "reveal:ostbelgien-1-1"


@pytest.fixture
def answers(institution, client):
    factories.make_cycle(institution)
    text = client.get(ADDRESS).content.decode()
    return Answers({ADDRESS: lambda: text})


@pytest.fixture(autouse=True)
def _own_loop(monkeypatch):
    monkeypatch.setitem(
        os.environ, "DJANGO_ALLOW_ASYNC_UNSAFE", "true"
    )  # Playwright runs a loop of its own


def line_of(page):
    return page.locator("[data-line]").inner_text()


def test_a_secret_number_is_made_hashed_and_kept_in_the_browser_alone(answers, tmp_path):
    with opened(answers) as page:
        page.goto(SITE + ADDRESS)
        page.get_by_label("Name of the party").fill("  Bürgerforum e\u0301 ")
        page.get_by_role("button", name="Make a secret number").click()
        secret = page.get_by_label("Secret number", exact=True).input_value()
        assert re.fullmatch("[0-9a-f]{64}", secret)
        hashed = reveal_commitment(SOURCE, "Bürgerforum é", bytes.fromhex(secret))
        assert line_of(page) == f"Bürgerforum é: {hashed}"
        with page.expect_download() as kept:
            page.get_by_role("button", name="Keep the secret number as a file").click()
        kept.value.save_as(tmp_path / "secret.txt")
        assert (tmp_path / "secret.txt").read_text() == secret + "\n"
        page.get_by_role("button", name="Make a secret number").click()
        assert page.get_by_label("Secret number", exact=True).input_value() != secret
        page.get_by_label("Secret number", exact=True).fill(f" {secret.upper()} ")
        page.get_by_label("Secret number", exact=True).press("Enter")
        assert line_of(page) == f"Bürgerforum é: {hashed}"
        page.get_by_label("Secret number", exact=True).fill("0" * 63)
        page.get_by_role("button", name="Show the hash").click()
        assert page.get_by_text("A secret number has 64 digits").is_visible()
        assert not page.locator("[data-line]").is_visible()
        assert page.url == SITE + ADDRESS
    assert answers.asked == [f"GET {ADDRESS}", "GET /en/ostbelgien/accent.css"]  # the page and its colour
    assert answers.faults == []


def test_without_javascript_the_page_tells_the_command(answers):
    with opened(answers, java_script_enabled=False) as page:
        page.goto(SITE + ADDRESS)
        assert not page.locator("form[data-promise]").is_visible()
        assert page.get_by_text(f"isegoria proof promise {SOURCE}").is_visible()
        assert page.locator("form[data-promise] [name]").count() == 0  # nothing could be sent


@pytest.mark.parametrize("width", [360, 1280])
def test_the_page_fits_on_its_screen(answers, width):
    with opened(answers, viewport={"width": width, "height": 800}) as page:
        page.goto(SITE + ADDRESS)
        page.get_by_label("Name of the party").fill("Council")
        page.get_by_role("button", name="Make a secret number").click()
        if os.environ.get("ISEGORIA_SCREENSHOTS"):
            page.screenshot(
                path=f"{os.environ['ISEGORIA_SCREENSHOTS']}/promise-{width}.png", full_page=True
            )
        assert page.evaluate("document.documentElement.scrollWidth") <= width
