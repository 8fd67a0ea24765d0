"""At the door in real Chromium: the square fills in the code, and the list keeps itself up to date."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from isegoria_web.accounts.enums import Role
from isegoria_web.meetings.check_in_codes import code_of
from isegoria_web.meetings.models import Attendance
from tests.web import factories
from tests.web.browsing import CHROMIUM, SITE, Answers, opened

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db,
    pytest.mark.skipif(not CHROMIUM.exists(), reason="Chromium is not installed"),
]


def test_a_scan_fills_in_the_code_and_another_desk_s_tick_appears(institution):
    cycle = factories.make_cycle(institution)
    members = factories.make_members(cycle)
    meeting = factories.make_meeting(cycle)
    client = Client()
    client.force_login(factories.make_user(institution, Role.FACILITATOR))
    address = reverse("office:check_in", args=[institution.slug, 1, 1])
    code = code_of(meeting, members[0])
    before = client.get(address).content.decode()
    Attendance.objects.create(
        meeting=meeting, member=members[1], presence="present", recorded_at=factories.NOW
    )
    after = client.get(address).content.decode()
    shown = {"now": before}
    answers = Answers({address: lambda: shown["now"]})
    with opened(answers, viewport={"width": 360, "height": 740}) as page:
        page.clock.install()
        page.goto(f"{SITE}{address}#{code}")
        assert page.input_value("input[name=code]") == code
        assert page.url == f"{SITE}{address}"
        assert all(each.startswith("GET ") for each in answers.asked)
        assert "0 of 6 members are here" in page.inner_text("#room")
        shown["now"] = None  # the network is gone for a while
        page.clock.run_for(9_000)
        assert "0 of 6 members are here" in page.inner_text("#room")
        shown["now"] = after
        page.clock.run_for(9_000)
        page.get_by_text("1 of 6 members are here").wait_for()
        assert page.input_value("input[name=code]") == code
        assert page.evaluate("document.documentElement.scrollWidth") <= 360
    assert answers.faults == []
