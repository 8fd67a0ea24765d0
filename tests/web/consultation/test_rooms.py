"""The room of a body: from a theme that waits to a verdict that everybody reads, in pages."""

from __future__ import annotations

import datetime as dt

import pytest
from django.test import Client
from django.urls import reverse

from isegoria_web import clock
from isegoria_web.accounts.actors import Actor
from isegoria_web.ballots import resolutions
from isegoria_web.ballots import services as ballots
from isegoria_web.ballots.enums import Choice
from isegoria_web.ballots.models import Resolution
from isegoria_web.consultation import choosing, judging
from isegoria_web.consultation.models import Theme
from tests.web import factories
from tests.web.consultation import support
from tests.web.consultation.test_themes import rules
from tests.web.factories import NOW

pytestmark = pytest.mark.django_db


@pytest.fixture
def council(institution):
    return support.sitting_council(institution)


@pytest.fixture
def theme(institution) -> Theme:
    return support.waiting(institution)


def url(name: str, institution, **more) -> str:
    return reverse(name, kwargs={"institution": institution.slug, **more})


def test_a_member_proposes_a_refusal_and_the_public_reads_which_body_gave_it_with_how_many(
    client: Client, institution, council, theme
):
    client.force_login(council[0].user)
    home = client.get(url("members:home", institution)).content.decode()
    room, page = url("members:body", institution, body="council"), {"body": "council", "theme": 1}
    assert room in home
    assert url("members:body_theme", institution, **page) in client.get(room).content.decode()
    assert (
        "How do we come home at night?"
        in client.get(url("members:body_theme", institution, **page)).content.decode()
    )
    refuse = url("members:body_refuse", institution, **page)
    assert (
        client.post(refuse, {"rule": "agenda.admissibility", "language": "en"}).status_code == 422
    )  # no reasons
    told = {"rule": "agenda.admissibility", "reasons": "It is federal.", "language": "en", "choice": "yes"}
    answered = client.post(refuse, told)
    resolution = url("members:resolution", institution, number=1)
    assert answered["Location"] == resolution
    public = client.get(url("public:theme", institution, theme=1)).content.decode()
    assert "It is federal." not in public  # a proposal is no verdict
    for member in council[:5]:
        client.force_login(member.user)
        assert client.post(resolution, told).status_code == 302
    assert client.post(resolution, told).status_code == 409
    resolutions.close_due(actor=Actor.system())
    public = Client().get(url("public:theme", institution, theme=1)).content.decode()
    for words in (
        "It is federal.",
        "Citizens&#x27; council",
        "5 yes, 0 no, 0 abstained, of 6 members",
        "agenda.judges",
    ):
        assert words in public
    listed = Client().get(url("public:resolutions", institution)).content.decode()
    assert "5 yes, 0 no" in listed
    assert "5 yes, 0 no" in Client().get(url("public:institution", institution)).content.decode()


def test_no_number_is_shown_anywhere_before_the_members_have_decided(
    client: Client, institution, council, theme
):
    made = judging.propose_refusal(
        actor=factories.actor_of(council[0]), theme=theme, rule="", reasons=support.REASONS
    )
    resolutions.speak(actor=factories.actor_of(council[1]), resolution=made, choice=Choice.NO)
    client.force_login(council[0].user)
    pages = [
        url("members:resolution", institution, number=1), url("members:body", institution, body="council"),
        url("public:resolutions", institution), url("public:theme", institution, theme=1),
        url("public:institution", institution), url("public:journal", institution),
    ]  # fmt: skip
    for page in pages:
        shown = client.get(page).content.decode()
        assert "abstained" not in shown
        assert "&quot;no&quot;" not in shown


def test_the_room_is_there_from_midnight_to_midnight_and_for_its_body_alone(
    client: Client, institution, council, theme
):
    (other,) = factories.make_members(factories.make_cycle(institution), 1, extra=0)
    room = url("members:body", institution, body="council")
    client.force_login(other.user)
    assert client.get(room).status_code == 404
    client.force_login(council[0].user)
    council[0].terms.update(ends_on=NOW.date() + dt.timedelta(days=1))
    assert client.get(room).status_code == 200
    with clock.at(NOW + dt.timedelta(days=1)):
        assert client.get(room).status_code == 404
        assert (
            client.get(url("members:body_refuse", institution, body="council", theme=1)).status_code == 404
        )


def test_the_office_proposes_and_no_longer_judges(client: Client, institution, secretariat, council, theme):
    client.force_login(secretariat.user)
    page = client.get(url("office:theme", institution, theme=1)).content.decode()
    assert "Propose to refuse it" in page
    answered = client.post(
        url("office:theme_refuse", institution, theme=1),
        {"rule": "", "reasons_en": "It is federal.", "withhold_text": ""},
    )
    assert answered.status_code == 302
    assert Resolution.objects.get().by_office
    theme.refresh_from_db()
    assert theme.status == "waiting"


def test_where_the_statute_is_silent_the_pages_say_that_the_secretariat_judged(
    client: Client, institution, secretariat
):
    rules(institution, '"agenda.judges", ', "")
    rules(institution, 'judges = "council"\n', "")
    support.collecting(institution)
    assert (
        "The statute does not say who judges"
        in client.get(url("public:theme", institution, theme=1)).content.decode()
    )
    assert "The secretariat judges" in client.get(url("public:resolutions", institution)).content.decode()


def test_members_choose_in_their_room_and_the_public_reads_which_body_chose(
    client: Client, institution, secretariat, council
):
    themes = [support.supported(institution, title=title) for title in ("Buses", "Trees")]
    client.force_login(council[0].user)
    room = url("members:body", institution, body="council")
    assert "Waiting to be chosen" in client.get(room).content.decode()
    closes = NOW + dt.timedelta(days=7)
    cycle = choosing.choosing_cycle(institution)
    made = choosing.open_ballot(actor=secretariat, cycle=cycle, themes=themes, closes_at=closes)
    vote = url("members:body_choice", institution, body="council", number=made.ballot.number)
    assert vote in client.get(room).content.decode()
    assert "Your vote is in the box." in client.post(vote, {"marks": ["2"]}).content.decode()
    assert vote not in client.get(room).content.decode()
    for member in council[1:]:
        ballots.cast(actor=factories.actor_of(member), ballot=made.ballot, marks=["2"])
    with clock.at(closes):
        factories.count_together(secretariat, made.ballot)
    shown = client.get(url("public:theme", institution, theme=2)).content.decode()
    for words in ("Citizens&#x27; council", "6 papers.", "agenda.decides"):
        assert words in shown
