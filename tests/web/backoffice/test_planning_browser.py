"""The plan of the letters in real Chromium: it fits a phone, and axe finds nothing."""

from __future__ import annotations

import os

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.test import Client

from isegoria_web.institutions.enums import Stage
from isegoria_web.lottery.services import propose_quotas
from tests.web import factories
from tests.web.backoffice.support import url
from tests.web.browsing import CHROMIUM, SITE, Answers, opened

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db,
    pytest.mark.skipif(not CHROMIUM.exists(), reason="Chromium is not installed"),
]


@pytest.mark.parametrize("width", [360, 1280])
def test_the_plan_fits_the_screen_and_can_be_read_by_everybody(
    institution, secretariat, monkeypatch, width
):
    monkeypatch.setitem(
        os.environ, "DJANGO_ALLOW_ASYNC_UNSAFE", "true"
    )  # Playwright runs a loop of its own
    cycle = factories.make_cycle(institution, Stage.INVITING, panel_size=50)
    factories.make_features(cycle)
    propose_quotas(actor=secretariat, cycle=cycle)
    client = Client()
    client.force_login(secretariat.user)
    address = url(institution, "letters_plan", cycle.number)
    shown = client.get(address, {"factor": "5", "rate": "4 %", "rate_3": "2 %"}).content.decode()
    with opened(Answers({address: lambda: shown}), viewport={"width": width, "height": 780}) as page:
        page.goto(SITE + address)
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert page.locator(".plan-picture img").bounding_box()["width"] > 500  # its words can be read
        assert Axe().run(page).response["violations"] == []
