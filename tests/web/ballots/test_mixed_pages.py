"""A mixed body on its pages: appointed, called by name, shown to everybody; before that no count and no name."""

from __future__ import annotations

import datetime as dt

import pytest
from django.urls import reverse

from isegoria_web import clock
from isegoria_web.accounts.enums import Role
from isegoria_web.ballots import services
from isegoria_web.ballots.enums import BallotKind, Choice
from isegoria_web.institutions.enums import Stage
from isegoria_web.institutions.models import Cycle
from isegoria_web.journal.models import Entry
from isegoria_web.meetings.models import Attendance
from isegoria_web.membership.models import Appointee
from isegoria_web.recommendations import services as recommendations
from isegoria_web.recommendations.report import _votes
from tests.web import factories
from tests.web.factories import NOW

pytestmark = pytest.mark.django_db
CLOSES = NOW + dt.timedelta(days=7)


@pytest.fixture
def world(institution, secretariat):
    cycle = factories.make_cycle(institution)
    factories.mix(cycle)
    members = factories.make_members(cycle)
    draft = factories.make_draft(cycle)
    ballot = recommendations.put_to_vote(actor=secretariat, recommendation=draft, closes_at=CLOSES)
    for member in members:
        services.cast(actor=factories.actor_of(member), ballot=ballot, choice=Choice.YES)
    return cycle, members, draft, ballot


def public(client, institution) -> str:
    return client.get(reverse("public:recommendation", args=[institution.slug, 1, 1])).content.decode()


def api(client, institution) -> dict:
    found = client.get(f"/api/v1/institutions/{institution.slug}/cycles/1/recommendations").json()
    return found[0]["ballot"] if isinstance(found, list) else found["items"][0]["ballot"]


def test_from_the_open_box_to_the_names_on_the_public_page(client, world, institution, secretariat):
    _cycle, members, draft, ballot = world
    client.force_login(members[0].user)
    own = client.get(reverse("members:recommendation", args=[institution.slug, 1])).content.decode()
    assert "Deputy 1" not in own
    assert "Deputy 1" not in public(client, institution)  # nobody has voted by name yet
    with clock.at(CLOSES):
        factories.count_together(secretariat, ballot)
        client.force_login(factories.make_user(institution, Role.SECRETARIAT))
        page = reverse("office:roll_call", args=[institution.slug, 1, 1, "members-of-parliament"])
        assert (
            page
            in client.get(reverse("office:recommendation", args=[institution.slug, 1, 1])).content.decode()
        )
        votes = {f"vote_{each.pk}": "no" for each in Appointee.objects.all()}
        first = Appointee.objects.get(seat=1)
        given = {"held_on": CLOSES.date().isoformat(), f"reasons_{first.pk}": "Too dear.", **votes}
        assert client.post(page, {**given, f"vote_{first.pk}": "perhaps"}).status_code == 422
        assert client.post(page, given).status_code == 200  # asks before it is written down
        assert client.post(page, {**given, "confirmed": "yes"}).status_code == 302
        assert "Too dear." not in public(client, institution)  # one person alone publishes nothing
        assert client.post(page + "confirm/", {"confirmed": "yes"}).status_code == 409
        client.force_login(factories.make_user(institution, Role.OBSERVER))
        assert "Deputy 1, Greens" in client.get(page + "confirm/").content.decode()
        assert client.post(page + "confirm/", {"confirmed": "yes"}).status_code == 302
    shown = public(client, institution)
    assert all(each in shown for each in ("Deputy 1", "Greens", "Too dear.", "Together: not adopted"))
    draft.refresh_from_db()
    assert draft.status == "not_adopted"
    figures = api(client, institution)
    assert (figures["adopted"], figures["binding"], figures["open_votes"][0]["no"]) == (False, False, 3)
    assert "Deputy" not in str(figures)
    ballot.refresh_from_db()
    assert "0 yes, 3 no" in _votes(ballot)


def test_a_correction_stands_in_public_beside_what_it_corrects(client, world, institution, secretariat):
    cycle, members, _draft, ballot = world
    Cycle.objects.filter(pk=cycle.pk).update(stage=Stage.DECIDING)
    came = {"meeting": factories.make_meeting(cycle), "member": members[0], "recorded_at": NOW}
    Attendance.objects.create(**came, presence="present")
    page = reverse("office:roll_call", args=[institution.slug, 1, 1, "members-of-parliament"])
    home = reverse("office:home", args=[institution.slug])
    with clock.at(CLOSES + dt.timedelta(days=2)):
        factories.count_together(secretariat, ballot)
        client.force_login(factories.make_user(institution, Role.SECRETARIAT))
        assert "Write down the open vote on recommendation 1" in client.get(home).content.decode()
        factories.call_names(secretariat, ballot, ["yes", "yes", "no"], on=clock.now().date())
        found = client.get(page).content.decode()
        assert "why_en" in found
        assert client.get(page, {"on": NOW.date().isoformat()}).content.decode().count("vote_") == 0
        given = {f"vote_{each.pk}": "yes" for each in Appointee.objects.all()}
        given |= {"held_on": clock.now().date().isoformat(), "confirmed": "yes"}
        assert client.post(page, given).status_code == 422  # no reason
        assert client.post(page, {**given, "why_en": "Seat 3 said yes."}).status_code == 302
        assert "Confirm the open vote on recommendation 1" not in public(client, institution)
        client.force_login(factories.make_user(institution, Role.FACILITATOR))
        office = client.get(reverse("office:recommendation", args=[institution.slug, 1, 1]))
        assert "waits for a second person" in office.content.decode()
        assert client.post(page + "confirm/", {"confirmed": "yes"}).status_code == 302
    shown = public(client, institution)
    assert "Seat 3 said yes." in shown
    assert "yes 2, no 1, abstained 0" in shown
    assert api(client, institution)["open_votes"][0]["corrections"] == 1


def test_a_choice_says_that_it_is_the_citizens_alone_and_why(client, world, institution, secretariat):
    cycle, members, _draft, _ballot = world
    made = services.open_choice(
        actor=secretariat, cycle=cycle, kind=BallotKind.APPROVAL, question=factories.texts("Where?"),
        options=[factories.texts("Here"), factories.texts("There")], places=1, closes_at=CLOSES,
    )  # fmt: skip
    assert Entry.objects.get(action="ballot.opened", facts__options=2).facts["voters"] == "citizens"
    pages = [reverse("public:choice", args=[institution.slug, 1, made.number])]
    for user, page in (
        (members[0].user, reverse("members:choice", args=[institution.slug, made.number])),
        (
            factories.make_user(institution, Role.SECRETARIAT),
            reverse("office:choice", args=[institution.slug, 1, made.number]),
        ),
    ):
        client.force_login(user)
        for each in [*pages, page]:
            assert "No part in it: members of parliament" in client.get(each).content.decode()


def test_the_roster_names_who_is_appointed_apart_from_the_citizens(client, world, institution):
    page = client.get(reverse("public:roster", args=[institution.slug])).content.decode()
    assert "Appointed, not drawn" in page
    assert "Deputy 1" in page


def test_the_authority_appoints_on_its_page(client, world, institution):
    cycle = world[0]
    client.force_login(factories.make_user(institution, Role.AUTHORITY))
    Appointee.objects.get(seat=3).delete()
    page = reverse("office:appoint", args=[institution.slug, 1, "members-of-parliament"])
    given = {"name": "Ada Peeters", "group": "Greens", "decision": "Bureau", "on": NOW.date().isoformat()}
    assert client.post(page, given).status_code == 302
    listed = client.get(
        reverse("office:appointees", args=[institution.slug, cycle.number])
    ).content.decode()
    assert "Ada Peeters" in listed
    assert client.post(page, {**given, "name": "Bo Claes"}).status_code == 409
    assert Entry.objects.filter(action="appointee.seated").count() == 1
    gone = Appointee.objects.get(seat=1)
    follow = reverse("office:appointee_replace", args=[institution.slug, 1, gone.pk])
    assert client.post(follow, {**given, "name": "Bo Claes"}).status_code == 302
    leave = reverse("office:appointee_leave", args=[institution.slug, 1, Appointee.objects.get(seat=2).pk])
    assert client.post(leave, {"on": NOW.date().isoformat()}).status_code == 302
    unknown = reverse("office:appoint", args=[institution.slug, 1, "senators"])
    assert client.get(unknown).status_code == 404
