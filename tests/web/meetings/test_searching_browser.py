"""The page of a search for tables in real Chromium: it keeps itself up to date, and takes no button from under a finger."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from isegoria_web.accounts.enums import Role
from isegoria_web.meetings import searching
from isegoria_web.meetings.models import TableSearch
from tests.web import factories
from tests.web.browsing import CHROMIUM, SITE, Answers, opened

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db,
    pytest.mark.skipif(not CHROMIUM.exists(), reason="Chromium is not installed"),
]


def test_the_best_plan_so_far_appears_by_itself_and_the_page_turns_when_it_is_found(
    institution, secretariat
):
    factories.make_members(factories.make_cycle(institution, panel_size=12))
    meeting = factories.make_meeting(institution.cycles.get())
    search = searching.start_search(
        actor=secretariat, meeting=meeting, seed_text="Eupen", table_size=4, rounds=3
    )
    client = Client()
    client.force_login(factories.make_user(institution, Role.FACILITATOR))
    address = reverse("office:table_search", args=[institution.slug, 1, 1, search.public_id])

    def told(**figures: object) -> str:
        TableSearch.objects.filter(pk=search.pk).update(**figures)
        return client.get(address).content.decode()

    measures = {"pairs_met": 30, "pairs_bound": 54, "repeats": 6, "repeats_bound": 2, "misses": 0}
    pages = [
        told(),
        told(status="running", step=3, steps=90, **measures),
        told(step=4, pairs_met=31),
        told(status="ready", step=5),
    ]
    shown: dict[str, str | None] = {"now": pages[0]}
    answers = Answers({address: lambda: shown["now"]})
    with opened(answers, viewport={"width": 360, "height": 740}) as page:
        page.clock.install()
        page.goto(f"{SITE}{address}")
        page.get_by_text("A worker begins in a moment.").wait_for()
        shown["now"] = pages[1]
        page.clock.run_for(3_000)
        page.get_by_text("Step 3 of at most 90.").wait_for()
        button = page.get_by_role("button", name="Stop and take this one")
        button.focus()
        shown["now"] = None  # the network is gone for a while
        page.clock.run_for(5_000)
        shown["now"] = pages[2]
        page.clock.run_for(9_000)
        page.get_by_text("Step 4 of at most 90.").wait_for()
        assert button.evaluate("each => each === document.activeElement")
        assert "30" in page.inner_text("[data-told]")  # its numbers wait until the finger is gone
        shown["now"] = pages[3]
        page.clock.run_for(12_000)
        page.get_by_role("heading", name="The best plan that was found").wait_for()
        assert page.evaluate("document.documentElement.scrollWidth") <= 360
    assert answers.faults == []
