"""The page of a draw for vacant seats in real Chromium: a reader compares its record with the one of the earlier draw."""

from __future__ import annotations

import pytest
from django.db import connections
from django.urls import reverse

from isegoria.proof import dump
from isegoria_web.membership import vacancies
from tests.web.membership import panels
from tests.web.membership.test_vacancies import (  # noqa: F401  # fixtures
    LATER,
    _same_lots,
    announce,
    cycle,
    leave,
    sitting,
)
from tests.web.test_receipts_browser import CHROMIUM, SITE, visiting

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db,
    pytest.mark.skipif(not CHROMIUM.exists(), reason="Chromium is not installed"),
]


def test_a_reader_compares_a_draw_with_the_earlier_one_of_the_site_and_with_her_own_file(
    monkeypatch,
    secretariat,
    cycle,  # noqa: F811
):
    first = vacancies.last_draw(cycle)
    for term in sitting(cycle)[:2]:
        leave(secretariat, term)
    second, now = panels.run(secretariat, announce(secretariat, cycle), LATER)
    address = SITE + reverse("public:draw", args=[cycle.institution.slug, 1, second.number])
    wrong = {"name": "own.json", "mimeType": "application/json", "buffer": dump(second.record.document)}
    right = wrong | {"buffer": dump(first.record.document)}
    database = connections["default"]
    with visiting(monkeypatch) as visitor:
        visitor.moment, page = now, visitor.page
        page.goto(address)
        page.locator("[data-earlier-redo]").click()
        said = page.locator("[data-earlier-status]")
        page.locator("[data-earlier-status]:has-text('fit together: nobody')").wait_for()
        assert page.locator("[data-earlier-steps] [data-state=holds]").count() == 3
        visitor.look("earlier")
        page.set_input_files("[data-earlier-file]", files=[wrong])
        page.locator("[data-earlier-status].late").wait_for()
        assert page.locator("[data-step=earlier][data-state=false]").count() == 1
        page.set_input_files("[data-earlier-file]", files=[wrong | {"buffer": b"%PDF"}])
        page.locator("[data-earlier-status]:has-text('not the record of a draw')").wait_for()
        page.set_input_files("[data-earlier-file]", files=[right])
        page.locator("[data-earlier-status]:not(.late):has-text('fit together: nobody')").wait_for()
        assert "late" not in (said.get_attribute("class") or "")
    connections["default"] = database
