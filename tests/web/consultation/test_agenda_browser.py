"""Proposing, confirming and signing a theme in real Chromium, on a phone, without an account."""

import datetime as dt

import pytest
from django.core import mail
from django.db import connections
from django.urls import reverse

from isegoria_web.accounts.enums import Role
from isegoria_web.consultation import services
from isegoria_web.consultation.models import Theme
from tests.web import factories
from tests.web.consultation import support
from tests.web.test_receipts_browser import CHROMIUM, SITE, Visitor, visiting

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db,
    pytest.mark.skipif(not CHROMIUM.exists(), reason="Chromium is not installed"),
]


@pytest.fixture
def visitor(monkeypatch, institution):
    with visiting(monkeypatch) as found:
        found.thinks = dt.timedelta(seconds=5)
        yield found


def go(visitor: Visitor, name: str, *args: object) -> None:
    visitor.page.goto(SITE + reverse(f"public:{name}", args=["ostbelgien", *args]))


def press(visitor: Visitor) -> None:
    visitor.page.locator("main form button[type=submit]").click()
    visitor.page.wait_for_load_state()


def test_a_resident_proposes_a_theme_and_others_sign_it(visitor, institution):
    connections["default"] = visitor.database  # the test writes as well
    page = visitor.page
    go(visitor, "institution")
    page.get_by_role("link", name="Propose a theme").click()
    visitor.look("theme-propose")
    page.fill("input[name=title]", "Night buses")
    page.fill("textarea[name=explanation]", "How do we come home **at night**? <script>alert(1)</script>")
    page.fill("textarea[name=reason]", "It concerns the whole Community.")
    page.fill("input[name=name]", "Anna Proposer")
    page.fill("input[name=email]", "anna@example.org")
    press(visitor)
    visitor.look("theme-sent")
    go(visitor, "theme_confirm", support.token())
    visitor.look("theme-confirm")
    press(visitor)
    assert "Your proposal came in as theme 1." in page.inner_text("main")
    visitor.look("theme-thanks")
    go(visitor, "theme", 1)
    assert "Night buses" not in page.inner_text("main")
    visitor.look("theme-waiting")

    secretariat = factories.actor(institution, Role.SECRETARIAT)
    services.admit(actor=secretariat, theme=Theme.objects.get(), last_day=support.LAST_DAY)
    go(visitor, "theme", 1)
    assert "<script>alert(1)</script>" in page.inner_text("main")
    visitor.look("theme-open")
    page.get_by_role("link", name="Sign this theme").click()
    press(visitor)  # with nothing filled in: every field says what is missing
    assert page.locator("#error-summary li").count() >= 4
    visitor.faults.clear()  # a page that answers 422 stands in the console
    visitor.look("theme-sign-faults")
    page.fill("input[name=name]", "Bert Claes")
    page.fill("input[name=born]", "1971-02-03")
    page.fill("input[name=postcode]", "4700")
    page.fill("input[name=email]", "bert@example.org")
    press(visitor)
    assert len(mail.outbox) == 2
    go(visitor, "theme_confirm", support.token())
    press(visitor)
    assert "Your signature is counted." in page.inner_text("main")
    go(visitor, "theme", 1)
    assert "1 of 100 signatures" in page.inner_text("main")
    assert "Bert" not in page.content()
    support.supported(institution, title="Trees")
    services.refuse(
        actor=secretariat,
        theme=support.waiting(institution),
        rule="agenda.admissibility",
        reasons=support.REASONS,
    )
    go(visitor, "themes")
    visitor.look("themes")
    go(visitor, "theme", 3)
    visitor.look("theme-refused")


def test_a_link_that_is_gone_says_what_to_do(visitor, institution):
    go(visitor, "theme_confirm", "gone")
    assert "This link is no longer valid." in visitor.page.inner_text("main")
    visitor.faults.clear()  # 404
    visitor.look("theme-link-gone")
