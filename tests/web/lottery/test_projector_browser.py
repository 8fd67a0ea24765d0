"""The screen in the town hall shows every state of a draw whole, in four languages, by day and by night."""

from __future__ import annotations

import datetime as dt
import os

import pytest

from isegoria.proof import reveal_commitment
from isegoria_web import clock
from isegoria_web.accounts.enums import Role
from isegoria_web.lottery import algorithms, ceremony, jobs, services
from isegoria_web.lottery.algorithms import SourcePlan
from isegoria_web.lottery.enums import SourceKind
from tests.web import factories
from tests.web.browsing import CHROMIUM, SITE, Answers, opened
from tests.web.lottery.draws import AFTER, DUE, announce

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db,
    pytest.mark.skipif(not CHROMIUM.exists(), reason="Chromium is not installed"),
]
LANGUAGES = ("de", "fr", "nl", "en")
DICE, OTHER = "1-2-3-4-5-6-1-2-3-4-5-6", "1-2-3-4-5-6-1-2-3-4-5-5"
SECRETS = {"Regierung": b"\1" * 32, "Opposition im Parlament": b"\2" * 32, "Presse": b"\3" * 32}


@pytest.fixture
def shots(institution, cycle, secretariat, client, monkeypatch):
    """Each state of a draw with all that there can be: parties of which one is silent, dice, balls, a dispute."""
    observer = factories.actor(institution, Role.OBSERVER)
    name, before = algorithms.source_of_promises(cycle), DUE - dt.timedelta(hours=1)
    bound = tuple((party, reveal_commitment(name, party, secret)) for party, secret in SECRETS.items())
    draw = announce(
        secretariat, cycle, SourcePlan(SourceKind.REVEAL, before, parties=bound),
        SourcePlan(SourceKind.DICE, DUE, 12, 6), SourcePlan(SourceKind.BALLS, DUE, 6, 49),
    )  # fmt: skip
    reveals, dice, balls = draw.sources.all()
    found = {}

    def take(state, moment):
        with clock.at(moment):
            for language in LANGUAGES:
                page = f"/{language}/ostbelgien/cycles/1/draws/{draw.number}/projector/"
                found[f"/{state}-{language}/"] = client.get(page).content.decode()

    def read(actor, source, value):
        ceremony.enter_reading(actor=actor, source=source, value=value, film="film")

    services.commit_lottery(actor=secretariat, draw=draw)
    take("committed", before)
    for party in ("Regierung", "Presse"):
        ceremony.enter_reveal(actor=observer, source=reveals, party=party, secret=SECRETS[party].hex())
    with clock.at(before + dt.timedelta(minutes=1)):
        jobs.close_the_reveals()
    take("due", DUE)
    with clock.at(AFTER):
        read(observer, dice, DICE)
        read(secretariat, dice, OTHER)
    take("differ", AFTER)
    take("overdue", DUE + dt.timedelta(days=2))
    with clock.at(AFTER):
        read(secretariat, dice, DICE)
        for actor in (observer, secretariat):
            read(actor, balls, "3-14-15-49-26-5")
        take("known", AFTER)
        services.draw_panel(actor=secretariat, draw=draw)
    take("drawn", AFTER)
    factories.annul(draw)
    take("annulled", AFTER)
    monkeypatch.setitem(
        os.environ, "DJANGO_ALLOW_ASYNC_UNSAFE", "true"
    )  # Playwright runs a loop of its own
    return found


SCREENS = ((1920, 1080, "light"), (1280, 720, "light"), (1920, 1080, "dark"))


def test_every_state_is_seen_whole(shots):
    answers = Answers({address: (lambda text=text: text) for address, text in shots.items()})
    too_large = []
    with opened(answers, reduced_motion="reduce") as page:
        page.clock.install(time=AFTER)
        for width, height, scheme in SCREENS:
            page.set_viewport_size({"width": width, "height": height})
            page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
            for address in shots:
                page.goto(SITE + address)
                root = "document.documentElement"
                seen = page.evaluate(f"[{root}.scrollWidth, {root}.scrollHeight]")
                too_large += [(address, width)] if seen[0] > width or seen[1] > height else []
                if folder := os.environ.get("ISEGORIA_SCREENSHOTS"):
                    name = f"projector{address.replace('/', '-')}{width}-{scheme}.png"
                    page.screenshot(path=f"{folder}/{name}")
        page.goto(f"{SITE}/differ-en/")
        assert page.locator(".apart mark").all_inner_texts() == ["6", "5"]
        page.goto(f"{SITE}/known-en/")
        assert page.get_by_text("Withheld by: Opposition im Parlament").is_visible()
    assert too_large == []
    assert answers.faults == []
