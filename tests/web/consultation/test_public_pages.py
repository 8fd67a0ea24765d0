"""The public pages of the agenda through the test client: what they take, refuse and never show."""

from __future__ import annotations

import datetime as dt

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse

from isegoria_web import clock
from isegoria_web.consultation.models import Pending, Theme
from tests.web import factories
from tests.web.consultation import support
from tests.web.consultation.test_themes import rules
from tests.web.factories import NOW

pytestmark = pytest.mark.django_db
TYPED = {
    "kind": "resident", "title": "Night buses", "explanation": "How?", "reason": "All travel.", "language": "de",
    "name": "Anna", "email": "anna@example.org",
}  # fmt: skip
SIGNED = {"name": "Bert Claes", "born": "1971-02-03", "postcode": "4700", "email": "bert@example.org"}


def url(institution, name: str, *args: object) -> str:
    return reverse(f"public:{name}", args=[institution.slug, *args])


def send(institution, page: str, /, *args: object, after: int = 10, **typed: str):
    """Open a form, type for some seconds, send it."""
    client = Client()
    shown = client.get(url(institution, page, *args)).context["form"]["shown"].value()
    with clock.at(NOW + dt.timedelta(seconds=after)):
        return client.post(url(institution, page, *args), {"shown": shown, **typed})


def test_a_proposal_is_taken_and_the_page_says_the_same_to_everybody(institution):
    answer = send(institution, "theme_propose", **TYPED)
    assert answer.headers["Location"] == url(institution, "theme_sent")
    assert "anna@example.org" not in Client().get(answer.headers["Location"]).text
    assert mail.outbox[0].to == ["anna@example.org"]
    assert Pending.objects.count() == 1


@pytest.mark.parametrize(("after", "more"), [(1, {}), (13 * 3600, {}), (10, {"website": "spam.example"})])
def test_what_a_program_sends_is_refused_and_what_was_typed_stays(institution, after, more):
    answer = send(institution, "theme_propose", after=after, **TYPED, **more)
    assert answer.status_code == 422
    assert "Night buses" in answer.text
    assert mail.outbox == []


def test_a_person_who_was_quick_sends_the_form_once_more(institution):
    first = send(institution, "theme_propose", after=1, **TYPED)
    with clock.at(NOW + dt.timedelta(seconds=5)):
        again = Client().post(
            url(institution, "theme_propose"), {"shown": first.context["form"]["shown"].value(), **TYPED}
        )
    assert again.status_code == 302


def test_a_stamp_that_we_did_not_make_is_refused(institution):
    answer = Client().post(url(institution, "theme_propose"), {"shown": "1", **TYPED})
    assert answer.status_code == 422


def test_who_has_no_right_is_not_offered_the_form(institution):
    rules(institution, 'proposers = ["resident", "member", "authority"]', 'proposers = ["authority"]')
    page = Client().get(url(institution, "theme_propose")).text
    assert "no right to propose" in page
    assert '<form method="post" class="fields"' not in page
    assert Client().post(url(institution, "theme_propose"), TYPED).status_code == 422


def test_an_association_gives_its_name(institution):
    rules(institution, 'proposers = ["resident",', 'proposers = ["association", "resident",')
    refused = send(institution, "theme_propose", **(TYPED | {"kind": "association"}))
    assert refused.status_code == 422
    send(
        institution,
        "theme_propose",
        **(TYPED | {"kind": "association", "organisation": "Friends of the bus"}),
    )
    Client().post(url(institution, "theme_confirm", support.token()))
    assert Theme.objects.get().public_proposer == "Friends of the bus"


def test_the_link_counts_when_its_button_is_pressed_and_not_when_it_is_opened(institution):
    theme = support.collecting(institution)
    send(institution, "theme_sign", 1, **SIGNED)
    assert Client().get(url(institution, "theme_confirm", support.token())).status_code == 200
    assert not theme.signatures.exists()
    answer = Client().post(url(institution, "theme_confirm", support.token()))
    assert answer.headers["Location"] == url(institution, "theme_thanks", 1)
    assert theme.signatures.count() == 1
    assert Client().get(url(institution, "theme_confirm", support.token())).status_code == 404


def test_no_page_shows_who_signed_or_proposed(institution):
    theme = support.collecting(institution)
    support.sign(theme, name="Bert Claes")
    for page in ("themes", "institution", "journal"):
        text = Client().get(url(institution, page)).text
        assert "Claes" not in text
        assert "Proposer" not in text
    text = Client().get(url(institution, "theme", 1)).text
    assert "1 of 3 signatures" in text
    assert "Claes" not in text
    assert "anna.proposer" not in text


def test_a_text_that_is_withheld_stands_on_no_page(institution, secretariat):
    from isegoria_web.consultation import services

    theme = support.waiting(institution, title="Sack Mr Smith")
    for status in ("waiting", "refused"):
        if status == "refused":
            services.refuse(
                actor=secretariat, theme=theme, rule="", reasons=support.REASONS, withhold_text=True
            )
        for page in (url(institution, "themes"), url(institution, "theme", 1)):
            assert "Smith" not in Client().get(page).text
    assert "federal state" in Client().get(url(institution, "theme", 1)).text


def test_a_young_person_is_told_the_rule(institution):
    rules(institution, "resident_signatures = 100", "resident_signatures = 100\nsignatory_age_min = 16")
    support.collecting(institution)
    answer = send(institution, "theme_sign", 1, **(SIGNED | {"born": "2015-01-01"}))
    assert answer.status_code == 422
    assert "higher age" in answer.text


def test_a_theme_of_another_institution_does_not_exist_here(institution, elsewhere):
    support.collecting(elsewhere)
    assert Client().get(url(institution, "theme", 1)).status_code == 404
    assert factories.NOW
