"""The picture of the letter follows the typing, by keyboard alone, and one question at a time."""

import json
import os

import pytest

from isegoria_web.accounts.enums import Role
from isegoria_web.institutions.enums import Stage
from tests.web import factories
from tests.web.browsing import CHROMIUM, SITE, Answers, opened

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db,
    pytest.mark.skipif(not CHROMIUM.exists(), reason="Chromium is not installed"),
]
ADDRESS = "/en/ostbelgien/office/cycles/1/letters/text/de/"
PREVIEW = ADDRESS + "preview/"
DOT = "data:image/gif;base64,R0lGODlhAQABAAAAACH5BAEKAAEALAAAAAABAAEAAAICTAEAOw=="


@pytest.fixture(autouse=True)
def _own_loop(monkeypatch):
    monkeypatch.setitem(
        os.environ, "DJANGO_ALLOW_ASYNC_UNSAFE", "true"
    )  # Playwright runs a loop of its own


@pytest.fixture
def answers(institution, client):
    factories.make_cycle(institution, Stage.INVITING)
    client.force_login(factories.actor(institution, Role.SECRETARIAT).user)
    text = client.get(ADDRESS).content.decode()
    return Answers({ADDRESS: lambda: text})


def told(picture, faults=None, *, too_long=False):
    return lambda: json.dumps({"picture": picture, "too_long": too_long, "faults": faults or {}})


def test_the_picture_follows_the_typing_and_a_fault_is_said(answers):
    with opened(answers) as page:
        answers.pages[PREVIEW] = told(DOT, too_long=True)
        page.goto(SITE + ADDRESS)
        picture = page.locator("[data-picture]")
        assert picture.get_attribute("src").startswith("data:image/png")
        page.locator("[name=subject]").focus()
        page.keyboard.type("Sie sind dran")
        page.wait_for_function("document.querySelector('[data-picture]').src.startsWith('data:image/gif')")
        assert answers.count(PREVIEW) == 1, "not for every letter that is typed"
        assert page.locator("[data-too-long]").is_visible()
        answers.pages[PREVIEW] = told("", {"subject": ["Line 1, character 3: no"]})
        page.keyboard.type("{x}")
        page.wait_for_function(
            "document.querySelector('[data-status]').textContent.includes('character 3')"
        )
        assert picture.is_visible(), "the last picture stays"
        answers.pages[PREVIEW] = lambda: None
        page.get_by_role("button", name="Preview").press("Enter")
        page.get_by_text("The picture could not be made just now").wait_for()
        assert page.url == SITE + ADDRESS
    assert answers.faults == []


@pytest.mark.parametrize("width", [360, 1280])
def test_the_page_fits_on_its_screen(answers, width):
    with opened(answers, viewport={"width": width, "height": 800}) as page:
        page.goto(SITE + ADDRESS)
        wide = page.evaluate("document.documentElement.scrollWidth")
        if folder := os.environ.get("ISEGORIA_SHOTS"):
            page.screenshot(path=f"{folder}/letter-text-{width}.png", full_page=True)
        assert wide <= width


@pytest.mark.parametrize("width", [360, 1280])
def test_the_pages_of_the_letters_fit_on_their_screens(institution, client, width, settings, tmp_path):
    from isegoria_web.recruitment import batches
    from isegoria_web.recruitment.enums import InvitationStatus
    from isegoria_web.recruitment.models import Campaign, Invitation

    settings.MEDIA_ROOT = tmp_path
    factories.make_letters(factories.make_cycle(institution, Stage.INVITING), 3)
    Invitation.objects.update(status=InvitationStatus.CREATED)
    actor = factories.actor(institution, Role.SECRETARIAT)
    printing = batches.print_letters(actor=actor, campaign=Campaign.objects.get())
    client.force_login(actor.user)
    base = "/en/ostbelgien/office/cycles/1/letters/"
    names = {
        "letters": base, "wave": f"{base}wave/", "print": f"{base}print/?wave=1", "texts": f"{base}text/",
        "printing": f"{base}files/{printing.public_id}/",
    }  # fmt: skip
    shown = {path.partition("?")[0]: client.get(path).content.decode() for path in names.values()}
    answers = Answers({path: (lambda text=text: text) for path, text in shown.items()})
    with opened(answers, viewport={"width": width, "height": 800}) as page:
        for name, path in names.items():
            page.goto(SITE + path)
            if folder := os.environ.get("ISEGORIA_SHOTS"):
                page.screenshot(path=f"{folder}/{name}-{width}.png", full_page=True)
            assert page.evaluate("document.documentElement.scrollWidth") <= width, name
    assert answers.faults == []
