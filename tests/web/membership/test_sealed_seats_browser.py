"""A sealed draw for vacant seats in real Chromium: a stranger redoes it, and whoever stood in its pool checks her receipt."""

from __future__ import annotations

import pytest
from django.db import connections
from django.urls import reverse

from isegoria_web import clock
from isegoria_web.recruitment import codes
from tests.web.membership.test_sealed_seats import replaced  # noqa: F401  # a fixture
from tests.web.recruitment.test_receipts import CODE
from tests.web.test_receipts_browser import CHROMIUM, SITE, visiting

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db,
    pytest.mark.skipif(not CHROMIUM.exists(), reason="Chromium is not installed"),
]


def test_a_stranger_redoes_a_sealed_draw_for_vacant_seats_and_a_citizen_checks_her_part(
    monkeypatch,
    institution,
    replaced,  # noqa: F811
):
    cycle, _first, second = replaced
    entry = second.selections.get(kind="member").entry
    invitation = entry.original.respondent.invitation
    invitation.selector, invitation.secret_hash = CODE.selector, codes.hash_secret(CODE.secret)
    invitation.save()
    key, database = f"pool-{second.number}", connections["default"]
    with visiting(monkeypatch) as visitor:
        visitor.moment, page = clock.now(), visitor.page
        page.goto(SITE + reverse("public:draw", args=[institution.slug, cycle.number, second.number]))
        page.locator("[data-redo]").click()
        page.locator("[data-status]:has-text('steps hold')").first.wait_for()
        for name in ("quotas", "chances", "certificate"):
            assert page.locator(f"[data-steps] [data-step={name}][data-state=open]").count() == 1
        assert page.locator("[data-steps] [data-step=composition][data-state=holds]").count() == 1
        page.locator("[data-earlier-redo]").click()
        page.locator("[data-earlier-status]:has-text('Who sits is sealed')").wait_for()
        assert page.locator("[data-earlier-steps] [data-state=open]").count() == 2
        page.fill("#code", entry.code)
        page.locator("[data-lookup] button[type=submit]").click()
        page.locator("[data-answer]:has-text('stands in the receipt of the person alone')").wait_for()
        visitor.look("sealed-seats")
        page.goto(SITE + reverse("answer:receipt", args=[institution.slug]))
        page.fill("input[name=code]", str(CODE))
        page.locator("main form button[type=submit]").click()
        area = page.locator(f"[data-receipt={key}]")
        area.locator("[data-check]").click()
        area.locator("[data-status]:has-text('It holds.')").wait_for()
        assert area.locator("[data-step][data-state=holds]").count() == 4
        visitor.look("sealed-seats-receipt")
    connections["default"] = database
