"""Members of parliament sign in: invited by mail, they read what members read, and touch no secret ballot."""

from __future__ import annotations

import datetime as dt

import pytest
from django.core import mail
from django.urls import reverse

from isegoria_web import clock
from isegoria_web.accounts.enums import Role
from isegoria_web.accounts.models import User
from isegoria_web.accounts.services import erase_person
from isegoria_web.ballots import policies as ballots
from isegoria_web.ballots import services
from isegoria_web.errors import NotAllowed
from isegoria_web.journal.models import Entry
from isegoria_web.membership import appointing
from isegoria_web.membership.errors import (
    AppointmentEnded,
    HasCitizensSeat,
    InvitationNotSent,
    StillSeated,
)
from isegoria_web.membership.models import Appointee
from tests.web import factories
from tests.web.factories import NOW, texts

pytestmark = pytest.mark.django_db
ADDRESS = "deputy@parliament.example"


@pytest.fixture
def cycle(institution):
    cycle = factories.make_cycle(institution)
    factories.mix(cycle)
    return cycle


@pytest.fixture
def deputy(cycle):
    return Appointee.objects.get(seat=1)


def invited(actor, deputy, email=ADDRESS):
    return appointing.invite_appointee(actor=actor, appointee=deputy, email=email, language="en")


def test_the_secretariat_alone_invites_by_mail(
    cycle, deputy, secretariat, authority, facilitator, stranger
):
    for actor in (authority, facilitator, stranger, None):  # a refusal tells who was drawn
        with pytest.raises(NotAllowed):
            invited(actor, deputy)
    assert not User.objects.filter(email=ADDRESS).exists()
    for _time in range(2):  # another time sends the mail again, and makes nothing twice
        deputy = invited(secretariat, deputy)
    assert (deputy.user.name, deputy.user.has_usable_password()) == ("Deputy 1", False)
    assert [each.to for each in mail.outbox] == [[ADDRESS], [ADDRESS]]
    assert "/my/appointed/" in mail.outbox[0].body
    written = Entry.objects.filter(action="appointee.invited")
    assert written.count() == 2
    assert "Deputy" not in str([each.facts for each in written])
    assert ADDRESS not in str([each.facts for each in written])


def test_one_account_is_one_vote_and_a_seat_that_was_left_gets_none(cycle, deputy, secretariat):
    citizen = factories.make_members(cycle, 1)[0]
    with pytest.raises(HasCitizensSeat):
        invited(secretariat, deputy, citizen.user.email.upper())
    invited(secretariat, deputy)
    with pytest.raises(HasCitizensSeat):
        invited(secretariat, Appointee.objects.get(seat=2))
    appointing.end_appointment(actor=secretariat, appointee=deputy, on=NOW.date())
    with pytest.raises(AppointmentEnded):
        invited(secretariat, deputy)


def test_where_the_mail_server_refuses_nothing_is_changed(cycle, deputy, secretariat, monkeypatch):
    def refuse(*_args, **_kwargs):
        raise ConnectionRefusedError

    monkeypatch.setattr(appointing, "send_mail", refuse)
    with pytest.raises(InvitationNotSent):
        invited(secretariat, deputy)
    deputy.refresh_from_db()
    assert (deputy.user, deputy.invited_at) == (None, None)
    assert not User.objects.filter(email=ADDRESS).exists()


def test_she_reads_drafts_on_her_own_pages_as_long_as_she_holds_the_seat(
    client, cycle, deputy, secretariat
):
    institution, draft = cycle.institution, factories.make_draft(cycle)
    home = reverse("members:appointed", args=[institution.slug])
    text = reverse("members:appointed_draft", args=[institution.slug, draft.number])
    for who in (
        factories.make_members(cycle, 1)[0].user,
        factories.make_user(institution, Role.SECRETARIAT),
    ):
        client.force_login(who)
        assert client.get(home).status_code == client.get(text).status_code == 404
    client.force_login(invited(secretariat, deputy).user)
    assert client.get(reverse("web:after_sign_in")).url == home
    assert "Deputy 1" in client.get(home).content.decode()
    assert client.get(text).status_code == 200
    for name in ("home", "seat", "statements", "contributions"):
        assert client.get(reverse(f"members:{name}", args=[institution.slug])).status_code == 404
    elsewhere = factories.make_institution("elsewhere")
    assert client.get(reverse("members:appointed", args=[elsewhere.slug])).status_code == 404
    appointing.end_appointment(actor=secretariat, appointee=deputy, on=clock.today(institution.time_zone))
    assert client.get(home).status_code == client.get(text).status_code == 404


def test_she_has_no_part_in_the_citizens_secret_ballot(client, cycle, deputy, secretariat):
    factories.make_members(cycle)
    ballot = services.open_ballot(
        actor=secretariat, cycle=cycle, question=texts("Trams?"), closes_at=NOW + dt.timedelta(days=7)
    )
    actor = factories.Actor.of(invited(secretariat, deputy).user)
    assert not ballots.may_cast(actor, ballot)
    assert not ballots.may_count(actor, ballot)
    assert ballot.eligible == 6


def test_her_account_is_erased_after_the_seat_and_her_public_name_stays(cycle, deputy, secretariat):
    user = invited(secretariat, deputy).user
    with pytest.raises(StillSeated):
        erase_person(actor=secretariat, institution=cycle.institution, user=user)
    appointing.end_appointment(actor=secretariat, appointee=deputy, on=NOW.date())
    erase_person(actor=secretariat, institution=cycle.institution, user=user)
    deputy.refresh_from_db()
    assert (deputy.user, deputy.name) == (None, "Deputy 1")


def test_the_office_invites_on_its_page(client, cycle, deputy):
    client.force_login(factories.make_user(cycle.institution, Role.SECRETARIAT))
    page = reverse("office:appointee_invite", args=[cycle.institution.slug, cycle.number, deputy.pk])
    assert client.post(page, {"email": "no address", "language": "en"}).status_code == 422
    assert client.post(page, {"email": ADDRESS, "language": "fr"}).status_code == 302
    listed = client.get(reverse("office:appointees", args=[cycle.institution.slug, cycle.number]))
    assert "invited to sign in" in listed.content.decode()
    assert (
        ADDRESS not in client.get(reverse("public:roster", args=[cycle.institution.slug])).content.decode()
    )
