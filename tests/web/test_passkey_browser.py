"""A passkey from its making to signing in with it, in real Chromium with a virtual authenticator."""

import os
import re
from pathlib import Path

import pytest
from allauth.mfa.models import Authenticator
from django.core.cache import cache
from django.db import connections
from playwright.sync_api import Browser, Page, sync_playwright

from isegoria_web.accounts.enums import Role
from tests.web.factories import PASSWORD, make_institution, make_user

CHROMIUM = Path("/usr/bin/chromium")
pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(not CHROMIUM.exists(), reason="Chromium is not installed"),
]
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run", "--disable-sync"]


@pytest.fixture
def browser(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(
        os.environ, "DJANGO_ALLOW_ASYNC_UNSAFE", "true"
    )  # Playwright runs a loop of its own
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield chromium
        connections.close_all()  # those of this loop; the ones outside are closed by pytest
        chromium.close()


def open_page(browser: Browser, faults: list[str]) -> Page:
    page = browser.new_context(locale="en").new_page()
    page.on(
        "console",
        lambda message: faults.append(message.text) if "Security Policy" in message.text else None,
    )
    page.on("pageerror", lambda error: faults.append(str(error)))
    device = page.context.new_cdp_session(page)
    device.send("WebAuthn.enable")
    options = {"protocol": "ctap2", "transport": "internal", "hasResidentKey": True}
    options |= {"hasUserVerification": True, "isUserVerified": True, "automaticPresenceSimulation": True}
    device.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    return page


def test_a_secretary_makes_a_passkey_and_signs_in_with_it_alone(browser: Browser, live_server) -> None:
    cache.clear()
    institution = make_institution()
    user = make_user(institution, Role.SECRETARIAT, second_factor=False)
    site = live_server.url.replace("127.0.0.1", "localhost")  # a passkey belongs to a name
    faults: list[str] = []
    page = open_page(browser, faults)

    page.goto(f"{site}/en/account/login/")
    page.fill("input[name=login]", user.email)
    page.fill("input[name=password]", PASSWORD)
    page.press("input[name=password]", "Enter")
    page.wait_for_url(re.compile("/account/2fa/$"))

    page.goto(f"{site}/en/account/2fa/webauthn/add/")
    page.fill("input[name=password]", PASSWORD)
    page.press("input[name=password]", "Enter")
    page.wait_for_url(re.compile("/webauthn/add/"))
    page.fill("input[name=name]", "Test key")
    if page.locator("input[name=passwordless]").count():
        page.check("input[name=passwordless]")
    page.click("#mfa_webauthn_add")
    page.wait_for_url(re.compile("/2fa/(recovery-codes/|webauthn/$)"))
    assert Authenticator.objects.filter(user=user, type=Authenticator.Type.WEBAUTHN).count() == 1

    page.goto(f"{site}/en/{institution.slug}/office/")
    assert page.url.endswith(f"/en/{institution.slug}/office/")

    page.context.clear_cookies()
    page.goto(f"{site}/en/account/login/")
    page.click("#passkey_login")
    page.wait_for_url(re.compile(f"/en/{institution.slug}/office/$"))
    assert faults == []
