"""Answering a letter on the site, and finding oneself in the pool afterwards."""

import pytest
from django.urls import reverse

from isegoria_web.recruitment import codes
from isegoria_web.recruitment.enums import InvitationStatus
from isegoria_web.recruitment.mails import link_token
from tests.web import factories
from tests.web.factories import NOW

pytestmark = pytest.mark.django_db


@pytest.fixture
def cycle(institution):
    return factories.make_cycle(institution)


@pytest.fixture
def members(cycle):
    """A drawn panel: everybody in the pool has a code."""
    return factories.make_members(cycle)


def open_letter(client, institution, invitation):
    code = codes.new_code()
    invitation.selector, invitation.secret_hash = code.selector, codes.hash_secret(code.secret)
    invitation.save()
    return client.post(f"/en/{institution.slug}/answer/", {"code": str(code)}, follow=True)


def close(members):
    campaign = members[0].respondent.invitation.campaign
    campaign.closed_at = NOW
    campaign.save()
    return campaign


def test_whoever_said_yes_finds_her_code_in_the_pool(client, institution, cycle, members):
    close(members)
    page = open_letter(client, institution, members[0].respondent.invitation)
    assert members[0].respondent.pool_entry.code in page.text
    assert members[1].respondent.pool_entry.code not in page.text
    draw = cycle.draws.get(kind="panel")
    assert reverse("public:draw", args=[institution.slug, cycle.number, draw.number]) in page.text


def test_before_the_pool_is_closed_an_answer_can_be_changed_by_the_link_of_an_e_mail(
    client, institution, members
):
    invitation = members[0].respondent.invitation
    page = open_letter(client, institution, invitation)
    assert "has been answered" in page.text
    assert 'name="consent"' not in page.text
    token = link_token(invitation.messages.get())
    page = client.post(f"/en/{institution.slug}/answer/link/{token}/", follow=True)
    assert 'name="consent"' in page.text


def test_a_letter_that_was_not_answered_says_so_after_the_close(client, institution, members):
    invitation = close(members).invitations.latest("position")
    invitation.respondent.delete()
    invitation.status, invitation.answered_at = InvitationStatus.SENT, None
    invitation.save()
    page = open_letter(client, institution, invitation)
    assert "not answered" in page.text
