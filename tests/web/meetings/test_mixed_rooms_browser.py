"""A mixed body in the room, in real Chromium: the pages of the door and the tables, and a deputy's turn on the tablet."""

from __future__ import annotations

import json
import os
from pathlib import Path

import axe_playwright_python
import pytest
from django.test import Client
from django.urls import reverse

from isegoria_web.accounts.enums import Role
from isegoria_web.meetings import on_the_day, services
from isegoria_web.meetings.models import Meeting, Table, Turn
from isegoria_web.meetings.people import sign_of
from isegoria_web.membership.models import Appointee
from tests.web import factories
from tests.web.browsing import CHROMIUM, SITE, Answers, opened

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db,
    pytest.mark.skipif(not CHROMIUM.exists(), reason="Chromium is not installed"),
]
AXE = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text("utf-8")
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
NAMES = ("Ann-Sofie Vandenbroucke", "Karim Öz", "Zoé Lambert-Delacroix", "Jan De Smet", "Mia Claes")


@pytest.fixture(autouse=True)
def _own_loop(monkeypatch):
    monkeypatch.setitem(
        os.environ, "DJANGO_ALLOW_ASYNC_UNSAFE", "true"
    )  # Playwright runs a loop of its own


@pytest.fixture
def facilitator(institution):
    return factories.make_user(institution, Role.FACILITATOR)


@pytest.fixture
def meeting(institution, facilitator) -> Meeting:
    cycle = factories.make_cycle(institution, panel_size=15)
    factories.make_features(cycle)
    deputies = factories.mix(cycle, seats=5)
    for one, name in zip(deputies, NAMES, strict=True):
        one.name, one.group = name, "Ecolo" if one.seat % 2 else "Vooruit"
        one.save()
    members = factories.make_members(cycle)
    made = factories.make_meeting(cycle)
    actor = factories.Actor.of(facilitator)
    services.plan_tables(
        actor=actor, meeting=made, seed_text="seed", table_size=7, rounds=2, facilitators=[facilitator]
    )
    for member in members[:11]:
        on_the_day.check_in(actor=actor, meeting=made, member=member)
    for one in deputies[:3]:
        on_the_day.check_in_appointee(actor=actor, meeting=made, appointee=one)
    return made


def text_of(user, address: str) -> str:
    client = Client(headers={"accept-language": "en"})
    client.force_login(user)
    answer = client.get(address)
    assert answer.status_code == 200, address
    return answer.content.decode()


def english(name: str, *args: object) -> str:
    return reverse(name, args=["ostbelgien", *args]).replace("/de/", "/en/", 1)


def test_the_pages_of_door_and_tables_fit_a_phone_and_can_be_read_aloud(meeting, facilitator):
    deputy = Appointee.objects.get(seat=1)
    deputy.user = factories.make_user()
    deputy.save()
    of_office = [
        english("office:check_in", 1, 1), english("office:room", 1, 1, 1), english("office:reseat", 1, 1),
        english("office:attendance", 1, 1), english("office:meeting", 1, 1), english("office:table", 1, 1, 1, 1),
        english("office:facilitate", 1, 1, 1, 1),
    ]  # fmt: skip
    of_deputy = [english("members:appointed"), english("members:appointed_check_in")]
    of_all = [english("public:meeting", 1, 1), english("public:measures", 1)]
    texts = {each: text_of(facilitator, each) for each in of_office + of_all}
    texts |= {each: text_of(deputy.user, each) for each in of_deputy}
    square = english("members:appointed_check_in_square")
    texts[square] = text_of(deputy.user, square)
    answers = Answers({path: lambda text=text: text for path, text in texts.items()})
    looked = []
    for width in (360, 1280):
        with opened(answers, viewport={"width": width, "height": 800}, locale="en") as page:
            for path in of_office + of_deputy + of_all:
                page.goto(SITE + path)
                page.evaluate(AXE)
                found = page.evaluate("rules => axe.run({runOnly: rules})", RULES)["violations"]
                assert [(path, one["id"], one["nodes"][0]["html"]) for one in found] == []
                assert page.evaluate("document.documentElement.scrollWidth") <= width, path
                looked.append(path)
                if folder := os.environ.get("ISEGORIA_SHOTS"):
                    name = path.strip("/").replace("/", "-")
                    page.screenshot(path=f"{folder}/{name}-{width}.png", full_page=True)
    assert len(looked) == 22
    assert answers.faults == []


def test_the_tablet_measures_a_deputy_by_her_sign_and_names_her(meeting, facilitator):
    table = Table.objects.filter(appointees__isnull=False, round=1)[0]
    deputy = table.appointees.all()[0]
    Table.objects.update(facilitator=facilitator)
    where = (1, 1, table.round, table.number)
    address = english("office:facilitate", *where)
    entries = english("office:facilitate_entries", *where)
    client = Client(headers={"accept-language": "en"})
    client.force_login(facilitator)
    shown = client.get(address).content.decode()
    state = client.get(entries).json()
    answers = Answers({address: lambda: shown})
    sent: list[dict[str, object]] = []

    def answer(
        route,
    ):  # the database belongs to the test's own thread: what the tablet sends goes there below
        made = json.loads(route.request.post_data or '{"entries": []}')["entries"]
        sent.extend(made)
        for one in state["state"]["people"]:
            one["seconds"] += sum(each["seconds"] for each in made if each["member"] == one["number"])
        results = [{"id": each["id"], "done": "kept"} for each in made]
        route.fulfill(json={**state, "results": results})

    with opened(answers, viewport={"width": 800, "height": 900}, locale="en") as page:
        page.route(f"**{entries}", answer)
        page.goto(SITE + address)
        line = page.locator(f'ol.turns > li[data-member="{sign_of(deputy)}"]')
        assert line.locator('[data-fill="name"]').inner_text() == deputy.name
        line.locator("button").click()
        assert page.locator('[data-fill="speaker"]').inner_text() == deputy.name
        page.wait_for_timeout(1200)
        page.get_by_role("button", name="Stop").click()
        page.get_by_text("Everything is saved on the server.").wait_for()
        last = page.locator("ol.turns > li").last
        assert last.get_attribute("data-member") == sign_of(deputy), "who spoke comes last"
        numbers = [each.get_attribute("data-member") for each in page.locator("ol.turns > li").all()]
        citizens = [each for each in numbers if each.isdecimal()]
        assert citizens == sorted(citizens, key=int)
    assert [each["member"] for each in sent] == [sign_of(deputy)]
    kept = client.post(entries, {"entries": sent}, "application/json").json()
    assert [each["done"] for each in kept["results"]] == ["kept"]
    seconds = {each["number"]: each["seconds"] for each in kept["state"]["people"]}
    assert seconds == {each["number"]: each["seconds"] for each in state["state"]["people"]}
    assert Turn.objects.get().appointee == deputy
    assert answers.faults == []
