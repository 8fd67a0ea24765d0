"""The pages of e-mail and erasure in real Chromium: on a phone nothing sticks out, and axe finds nothing."""

from __future__ import annotations

import os

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.test import Client

from isegoria_web.institutions.enums import Stage
from isegoria_web.recruitment import erasing, mailing, mails
from isegoria_web.recruitment.enums import ByEmail, Delivery
from isegoria_web.recruitment.models import Campaign, Message
from isegoria_web.register.models import Resident
from tests.web import factories
from tests.web.browsing import CHROMIUM, SITE, Answers, opened
from tests.web.factories import NOW

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db,
    pytest.mark.skipif(not CHROMIUM.exists(), reason="Chromium is not installed"),
]


@pytest.fixture
def pages(institution, secretariat, settings, tmp_path, monkeypatch, mailoutbox) -> Answers:
    """A campaign in which everything has happened to an e-mail; and the e-mail itself."""
    monkeypatch.setitem(
        os.environ, "DJANGO_ALLOW_ASYNC_UNSAFE", "true"
    )  # Playwright runs a loop of its own
    settings.ERASURES = tmp_path
    type(institution).objects.update(contact_phone="+32 87 59 59 59")
    letters = factories.make_letters(factories.make_cycle(institution, Stage.INVITING), 8)
    for each in Resident.objects.all():
        Resident.objects.filter(pk=each.pk).update(email=f"resident{each.pk}@example.org")
    campaign = Campaign.objects.get()
    mailing.decide_correspondence(
        actor=secretariat, campaign=campaign, by_email=ByEmail.INSTEAD, remind_after_days=12
    )
    mailing.invite_by_email(actor=secretariat, campaign=campaign)
    mailing.send_due()
    first, second, *_others = Message.objects.order_by("pk")
    Message.objects.filter(pk=first.pk).update(status=Delivery.BOUNCED, came_back_at=NOW, reason="5.1.1")
    Message.objects.filter(pk=second.pk).update(status=Delivery.IN_DOUBT, address="anna@example.org")
    made = erasing.erase_on_request(actor=secretariat, invitation=letters[5])
    token = mails.link_token(Message.objects.get(invitation=letters[3]))
    office, answer = f"/en/{institution.slug}/office/", f"/en/{institution.slug}/answer/"
    cycle = f"{office}cycles/1/"
    addresses = [
        f"{cycle}mail/", f"{cycle}mail/decide/", f"{cycle}mail/notice/", f"{cycle}mail/remind/",
        f"{cycle}desk/2/", f"{cycle}desk/2/erase/", f"{office}erasures/",
        f"{office}erasures/{made.public_id}/", f"{answer}link/{token}/", f"{answer}stop/{token}/",
    ]  # fmt: skip
    client = Client()
    client.force_login(secretariat.user)
    shown = {each: client.get(each).content.decode() for each in addresses}
    shown["/mail"] = mailoutbox[0].alternatives[0][0]
    return Answers({each: lambda each=each: shown[each] for each in shown})


def test_every_page_of_mail_and_erasure_fits_a_phone_and_can_be_read_by_everybody(pages):
    faults = []
    with opened(pages, viewport={"width": 360, "height": 780}) as page:
        for address in pages.pages:
            page.goto(SITE + address)
            if page.evaluate("document.documentElement.scrollWidth") > 360:
                faults.append(f"{address} is too wide")
            found = Axe().run(page).response["violations"]
            faults += [f"{address}: {each['id']}" for each in found]
    assert faults == pages.faults == []
