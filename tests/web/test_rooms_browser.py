"""The rooms of a cycle in a browser: no barrier, no sideways scrolling on a phone, and everything by keyboard."""

from __future__ import annotations

import os
from pathlib import Path

import axe_playwright_python
import pytest
from django.test import Client

from isegoria_web.deliberation import jobs, services
from isegoria_web.deliberation.models import Statement, Translation
from isegoria_web.evidence.models import Question
from isegoria_web.institutions.enums import Stage
from isegoria_web.recommendations.models import Recommendation
from tests.web import factories, world
from tests.web.browsing import CHROMIUM, SITE, Answers, opened
from tests.web.deliberation.test_maps import panel
from tests.web.factories import NOW

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db,
    pytest.mark.skipif(not CHROMIUM.exists(), reason="Chromium is not installed"),
]
AXE = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text("utf-8")
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
C = "/en/ostbelgien/cycles/1/"
O = "/en/ostbelgien/office/cycles/1/"  # noqa: E741  # the office
M = "/en/ostbelgien/my/"
PAGES = {
    "anonymous": [
        f"{C}statements/", f"{C}opinions/", f"{C}opinions/1/", f"{C}moderation/", f"{C}evidence/", f"{C}dossiers/1/",
        f"{C}dossiers/1/versions/1/", f"{C}recommendations/1/", f"{C}report/", f"{C}meetings/1/",
        f"{C}members/", "/en/ostbelgien/members/", f"{C}stations/",
    ],
    "member": [
        M, f"{M}statements/", f"{M}questions/", f"{M}speakers/", f"{M}contributions/", f"{M}opinions/",
        f"{M}seat/", f"{M}seat/name/",
        f"{M}recommendations/2/",
    ],
    "secretariat": [
        f"{O}contributions/", f"{O}contributions/strictness/", f"{O}evidence/", f"{O}evidence/dossiers/1/",
        f"{O}questions/", f"{O}statements/", f"{O}statements/1/translation/", f"{O}statements/conversation/",
        f"{O}recommendations/", f"{O}recommendations/2/", f"{O}recommendations/2/revise/",
        f"{O}recommendations/2/split/", f"{O}recommendations/2/advice/", f"{O}recommendations/merge/",
        f"{O}stage/",
    ],
}  # fmt: skip


@pytest.fixture(autouse=True)
def _own_loop(monkeypatch, settings, tmp_path):
    monkeypatch.setitem(
        os.environ, "DJANGO_ALLOW_ASYNC_UNSAFE", "true"
    )  # Playwright runs a loop of its own
    settings.MEDIA_ROOT = tmp_path


def _served(here: world.World, paths: dict[str, list[str]]) -> dict[str, str]:
    found = {}
    for who, addresses in paths.items():
        client = Client(headers={"accept-language": "en"})
        if here.people[who] is not None:
            client.force_login(here.people[who])
        for address in addresses:
            answer = client.get(address)
            assert answer.status_code == 200, f"{who}: {address}: {answer.status_code}"
            found[address] = answer.content.decode()
    return found


@pytest.fixture
def pages() -> dict[str, str]:
    here = world.build()
    cycle = here.institution.cycles.get()
    statement = Statement.objects.get(cycle=cycle, number=1)
    Translation.objects.create(
        statement=statement,
        language="en",
        text="We want trams.",
        made_by=here.people["secretariat"],
        made_at=NOW,
    )
    second = Question.objects.create(
        cycle=cycle,
        asked_by=cycle.members.last(),
        text="Why so?",
        language="en",
        asked_at=NOW,
        due_on=NOW.date(),
    )
    second.merged_into = Question.objects.filter(cycle=cycle).exclude(pk=second.pk).first()
    second.save()
    cycle.members.filter(number=2).update(public_name="فاطمة Wanda", named_at=NOW)
    for each in cycle.milestones.all():
        rule = (
            "" if each.stage == Stage.SEATED else f"silent: draw.reply_days, {cycle.rule_book.identifier} 2"
        )
        cycle.milestones.filter(pk=each.pk).update(planned_on=NOW.date(), rule=rule)
    factories.make_draft(cycle, [statement])
    Recommendation.objects.get(cycle=cycle, number=1).statements.add(statement)
    return _served(here, PAGES)


def _look(page, address: str, width: int) -> None:
    page.evaluate(AXE)
    found = page.evaluate("rules => axe.run({runOnly: rules})", RULES)["violations"]
    barriers = [(one["id"], one["nodes"][0]["html"][:160]) for one in found]
    assert not barriers, f"{address} at {width}: {barriers}"
    wide = page.evaluate("document.documentElement.scrollWidth")
    assert wide <= width, f"{address} is {wide} wide on a screen of {width}"
    if folder := os.environ.get("ISEGORIA_SCREENSHOTS"):
        name = address.strip("/").replace("/", "-")
        page.screenshot(path=f"{folder}/{name}-{width}.png", full_page=True)


@pytest.mark.parametrize("width", [360, 1280])
def test_no_page_of_the_rooms_has_a_barrier_or_scrolls_sideways(pages, width):
    answers = Answers({address: (lambda text=text: text) for address, text in pages.items()})
    with opened(answers, viewport={"width": width, "height": 800}) as page:
        for address in pages:
            page.goto(SITE + address)
            _look(page, address, width)
    assert answers.faults == []


@pytest.mark.parametrize("width", [360, 1280])
def test_the_opinion_map_with_groups_has_no_barrier_and_its_table_is_reached_by_keyboard(
    institution, width
):
    cycle = panel(institution, 40)
    services.close_statements(actor=factories.actor(institution, factories.Role.FACILITATOR), cycle=cycle)
    jobs.make_waiting_maps()
    address = f"{C}opinions/1/"
    text = Client().get(address).content.decode()
    with opened(Answers({address: lambda: text}), viewport={"width": width, "height": 800}) as page:
        page.goto(SITE + address)
        _look(page, address + "groups", width)
        assert page.locator("figure.map svg circle").count() >= 40
        reached = []
        for _step in range(60):
            page.keyboard.press("Tab")
            reached.append(page.evaluate("document.activeElement.getAttribute('aria-labelledby') || ''"))
        assert "table-heading" in reached, "the table scrolls by keyboard"


def test_what_is_typed_is_kept_while_it_is_typed_and_it_is_said(pages):
    address = f"{O}recommendations/2/revise/"
    asked: list[str] = []

    def kept() -> str:
        asked.append("kept")
        return '{"kept": "09:00", "behind": false}'

    answers = Answers({address: lambda: pages[address], f"{address}unfinished/": kept})
    with opened(answers) as page:
        page.goto(SITE + address)
        page.get_by_label("English").nth(1).fill("Build a bus.")
        page.get_by_text("Kept at 09:00").wait_for()
        answers.pages[f"{address}unfinished/"] = lambda: None
        page.get_by_label("English").nth(1).fill("Build a bus at once.")
        page.get_by_text("Not kept: there is no connection.").wait_for()
    assert asked == ["kept"]
    assert [fault for fault in answers.faults if "fetch" not in fault] == []
