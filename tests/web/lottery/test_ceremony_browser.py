"""The live view of a draw in real Chromium: what arrives, what is asked, and how often."""

from __future__ import annotations

import datetime as dt
import json
import os

import pytest

from isegoria_web import clock
from isegoria_web.lottery import ceremony, services
from tests.web import factories
from tests.web.browsing import CHROMIUM, SITE, Answers, opened
from tests.web.lottery.draws import AFTER, DUE, THROW

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db,
    pytest.mark.skipif(not CHROMIUM.exists(), reason="Chromium is not installed"),
]
HALL = "/en/ostbelgien/cycles/1/draws/1/projector/"
PAGE = "/en/ostbelgien/cycles/1/draws/1/"
LIVE = "/en/ostbelgien/cycles/1/draws/1/live.json"
HOUR = 3600


@pytest.fixture(autouse=True)
def _own_loop(monkeypatch):
    monkeypatch.setitem(
        os.environ, "DJANGO_ALLOW_ASYNC_UNSAFE", "true"
    )  # Playwright runs a loop of its own


class Stage:
    """A draw as its pages show it at some moments, told to the browser one after the other."""

    def __init__(self):
        self.broken = False
        self.shots = {}
        self.pages = {}
        self.answers = Answers({each: lambda each=each: self._at(each) for each in (HALL, PAGE, LIVE)})

    def _at(self, address):
        return None if self.broken else self.pages[address]

    def take(self, name, client, moment):
        """Keep the pages as they are at a moment."""
        with clock.at(moment):
            self.shots[name] = {each: client.get(each).content.decode() for each in (HALL, PAGE, LIVE)}

    def show(self, name):
        """Let everybody see from now on what stood there then."""
        self.pages = dict(self.shots[name])

    @property
    def asked(self):
        return self.answers.count(LIVE)


@pytest.fixture
def stage(client, committed, secretariat):
    """All that the pages of a draw will show, before the browser opens: it and the database share no thread."""
    made = Stage()
    made.take("far", client, DUE - dt.timedelta(hours=2))
    made.take("near", client, DUE - dt.timedelta(minutes=5))
    made.take("due", client, DUE)
    with clock.at(AFTER):
        factories.throw(committed, THROW)
    made.take("known", client, AFTER)
    with clock.at(AFTER):
        draw = services.draw_panel(actor=secretariat, draw=committed)
    made.take("drawn", client, AFTER)
    with clock.at(draw.challenge_ends_at):
        ceremony.finish_challenges()
    made.take("final", client, draw.challenge_ends_at)
    return made


def at(page, moment, address=HALL):
    page.clock.install(time=moment)
    page.goto(SITE + address)


def go_on(page, seconds, step=1.0):
    """Let time run in the page, with the answers arriving in between."""
    for _step in range(round(seconds / step)):
        page.clock.run_for(int(step * 1000))
        page.wait_for_timeout(4)
    page.wait_for_timeout(60)


def until(page, seen, seconds=10):
    """Let time run in small steps until something is seen, or fail."""
    for _step in range(seconds * 5):
        if seen():
            return
        go_on(page, 0.2, step=0.2)
    pytest.fail(f"not seen in {seconds} seconds")


def test_the_balls_arrive_then_the_seats_fill_and_then_nothing_more_is_asked(stage):
    stage.show("due")
    with opened(stage.answers) as page:
        at(page, DUE)
        assert page.get_by_role("heading", name="Now chance decides").is_visible()
        assert page.locator(".seats .free").count() == 6
        stage.show("known")
        dice = page.locator(".dice li")
        until(page, lambda: dice.count() == 8)
        assert dice.all_inner_texts() == THROW.split("-")
        waiting = page.locator(".dice li.coming").count()
        assert waiting > 4  # one after the other
        go_on(page, 2)
        assert 0 < page.locator(".dice li.coming").count() < waiting
        go_on(page, 6)
        assert page.locator(".dice li.coming").count() == 0
        stage.show("drawn")
        until(page, lambda: page.locator(".seats .taken").count() == 6)
        assert page.locator(".seats .coming").count() > 0
        assert "drawn by lot" in page.locator("[data-said]").inner_text()
        go_on(page, 4)
        assert page.locator(".seats .coming").count() == 0
        stage.show("final")
        until(page, lambda: page.locator("#ceremony").get_attribute("data-phase") == "final", 60)
        before = stage.asked
        go_on(page, 2 * HOUR, step=60)
        assert stage.asked == before
    assert stage.answers.faults == []


def test_a_page_of_a_final_draw_asks_nothing(stage):
    stage.show("final")
    with opened(stage.answers) as page:
        at(page, AFTER + dt.timedelta(days=30))
        go_on(page, HOUR, step=60)
    assert stage.asked == 0


def test_long_before_the_moment_it_asks_seldom_and_around_it_every_few_seconds(stage):
    before = DUE - dt.timedelta(hours=2)
    stage.show("far")
    with opened(stage.answers) as page:
        at(page, before)
        go_on(page, HOUR, step=15)
        assert 60 <= stage.asked <= HOUR / 30 + 1
    near = DUE - dt.timedelta(minutes=5)
    stage.answers.asked.clear()
    stage.show("near")
    with opened(stage.answers) as page:
        at(page, near)
        go_on(page, 60)
        assert 14 <= stage.asked <= 20


def test_while_the_server_does_not_answer_it_asks_ever_more_seldom_and_comes_back(stage):
    stage.show("due")
    with opened(stage.answers) as page:
        at(page, DUE)
        stage.broken = True
        go_on(page, HOUR, step=10)
        assert 10 <= stage.asked <= 22  # 3, 6, 12 ... seconds up to five minutes, a little later each time
        stage.broken = False
        stage.show("known")
        go_on(page, 400, step=5)
        assert page.locator(".dice li").all_inner_texts() == THROW.split("-")
        lost = stage.asked
        go_on(page, 30)
        assert stage.asked - lost >= 6  # as often as before


def test_a_page_that_could_not_be_fetched_is_fetched_again(stage):
    stage.show("due")
    with opened(stage.answers) as page:
        at(page, DUE)
        stage.show("known")
        whole, stage.pages[HALL] = stage.pages[HALL], None
        go_on(page, 10)
        assert page.locator(".dice li").count() == 0
        stage.pages[HALL] = whole
        go_on(page, 40)
        assert page.locator(".dice li").all_inner_texts() == THROW.split("-")


def test_what_changed_between_the_page_and_the_first_question_is_not_missed(stage):
    stage.show("due")
    with opened(stage.answers) as page:
        old = stage.pages[HALL]
        stage.show("known")
        new, stage.pages[HALL] = stage.pages[HALL], old
        at(page, DUE)
        stage.pages[HALL] = new
        go_on(page, 5)
        assert page.locator(".dice li").count() == len(THROW.split("-"))


def test_in_the_background_nothing_is_asked(stage):
    stage.show("due")
    with opened(stage.answers) as page:
        at(page, DUE)
        go_on(page, 10)
        page.evaluate(
            "Object.defineProperty(document, 'hidden', {value: true, configurable: true});"
            "document.dispatchEvent(new Event('visibilitychange'))"
        )
        before = stage.asked
        go_on(page, 600, step=10)
        assert stage.asked == before
        page.evaluate(
            "Object.defineProperty(document, 'hidden', {value: false, configurable: true});"
            "document.dispatchEvent(new Event('visibilitychange'))"
        )
        go_on(page, 1)
        assert stage.asked == before + 1


def test_without_motion_everything_stands_there_at_once(stage):
    stage.show("due")
    with opened(stage.answers, reduced_motion="reduce") as page:
        at(page, DUE)
        stage.show("drawn")
        go_on(page, 4)
        assert page.locator(".dice li").count() == 8
        assert page.locator(".seats .taken").count() == 6
        assert page.locator(".coming").count() == 0


def test_the_page_of_the_draw_reloads_once_when_the_lot_has_fallen(stage):
    stage.show("due")
    with opened(stage.answers) as page:
        at(page, DUE, PAGE)
        stage.show("drawn")
        stage.pages[PAGE] = stage.shots["due"][PAGE]  # a cache on the way keeps an old page
        go_on(page, 120, step=2)
        assert 1 < stage.answers.count(PAGE) <= 3
    assert json.loads(stage.pages[LIVE])["phase"] == "drawn"


def test_the_countdown_follows_the_clock_of_the_server(stage):
    before = DUE - dt.timedelta(minutes=5)
    stage.show("near")
    with opened(stage.answers) as page:
        at(page, before + dt.timedelta(hours=3))  # this machine's clock is wrong
        go_on(page, 2)
        assert page.locator(".countdown").inner_text().startswith("00:04:5")
