"""The pages of a member and of a resident with a letter on a phone: without a barrier, and by keyboard alone."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from django.core.cache import cache
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import connections
from django.http import HttpResponse
from django.test import Client
from playwright.sync_api import Page

import isegoria_web
from isegoria_web import clock
from isegoria_web.accounts.enums import Role
from isegoria_web.accounts.models import User
from isegoria_web.ballots.models import Paper, RollCall, RollCallRecord
from isegoria_web.consultation import judging
from isegoria_web.membership.enums import TermStatus
from isegoria_web.membership.models import Appointee, Member
from isegoria_web.recommendations.models import MinorityOpinion
from tests.web import factories, world
from tests.web.access_table import APPOINTEE, COUNCIL, MEMBER, TABLE
from tests.web.browsing import SITE, Answers, opened
from tests.web.consultation.support import sitting_council
from tests.web.factories import NOW
from tests.web.test_access_matrix import urls
from tests.web.test_receipts_browser import AXE, CHROMIUM, RULES, visiting
from tests.web.test_receipts_browser import SITE as LOCAL

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db,
    pytest.mark.skipif(not CHROMIUM.exists(), reason="Chromium is not installed"),
]
PAGES = Path(isegoria_web.__file__).parent / "web"
SEND = "main form.fields button[type=submit]"
PHONE = {"width": 360, "height": 800}
TRAPPED = "the keyboard does not come round"
MORE_STEPS = 25
"""A date has four stops of its own, and what scrolls by keyboard has one."""
EMPTY = "empty/"
"""What stands at the end of the address of a page whose form was sent empty."""
STOPS = """() => {
    document.querySelectorAll('details').forEach(one => one.open = true)
    const all = [...document.querySelectorAll('a[href], button, input, select, textarea, summary')]
    const shown = all.filter(one => one.checkVisibility() && !one.disabled && one.type !== 'hidden')
    window.place = new Map([...document.querySelectorAll('*')].map((one, at) => [one, at]))
    window.key = one => one.type === 'radio' ? `radio ${one.name}` : one
    window.wanted = new Set(shown.map(window.key))
    window.met = new Set()
    return shown.length
}"""
"""Open what can be opened, and note what must be reached: of a group of radio buttons one."""
STEP = """() => {
    const one = document.activeElement
    if (!window.place.has(one) || one === document.body) return null
    window.met.add(window.key(one))
    const style = getComputedStyle(one), at = one.getBoundingClientRect()
    // the square that opens the calendar of a date shows the focus itself, within the field
    const ring = style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2 ||
        one.type === 'date' && !one.matches(':focus')
    const inside = at.bottom > 0 && at.top < innerHeight && at.right > 0 && at.left < innerWidth && at.width > 0
    return [window.place.get(one), ring && inside, one.outerHTML.slice(0, 140)]
}"""
MISSED = "[...window.wanted].filter(each => !window.met.has(each)).map(each => each.outerHTML?.slice(0, 140) ?? each)"


@dataclass(frozen=True)
class Shown:
    """A page as somebody got it."""

    who: str
    path: str
    text: str


@pytest.fixture(autouse=True)
def _own_loop(monkeypatch, settings, tmp_path):
    monkeypatch.setitem(
        os.environ, "DJANGO_ALLOW_ASYNC_UNSAFE", "true"
    )  # Playwright runs a loop of its own
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def here() -> world.World:
    cache.clear()
    made = world.build()
    default_storage.save("reports/1.pdf", ContentFile(b"%PDF-"))
    return made


def _signed_in(user: User | None) -> Client:
    client = Client(headers={"accept-language": "en"})
    if user is not None:
        client.force_login(user)
    return client


def _page(answer: HttpResponse) -> str | None:
    is_html = answer.headers.get("Content-Type", "").startswith("text/html")
    return answer.content.decode() if is_html and answer.status_code in {200, 422} else None


def _pages_of(here: world.World, who: str, user: User | None, audience: frozenset[str]) -> list[Shown]:
    """Every page of the members' area that is for an audience, and again with its form sent empty."""
    client, found = _signed_in(user), []
    for name, url in urls(here):
        if not name.startswith("members:") or TABLE[name] != audience:
            continue
        path = url.replace("/de/", "/en/", 1)
        if (text := _page(client.get(path))) is None:
            continue
        found.append(Shown(who, path, text))
        if '<form method="post"' in text:
            answer = client.post(path, {"sent": "empty"})
            if answer.status_code == 422:
                found.append(Shown(who, path + EMPTY, answer.content.decode()))
    return found


def _answer_pages(here: world.World) -> list[Shown]:
    """What a resident sees: with a wrong code, by the link of a mail, while she answers and afterwards."""
    client, slug = _signed_in(None), here.institution.slug
    start = f"/en/{slug}/answer/"
    token = here.special["answer:link"]["token"]
    steps = [
        ("get", "", {}), ("post", "", {"code": "AAAA-AAAA-AAAA-AAAA"}), ("get", "receipt/", {}),
        ("get", f"link/{token}/", {}), ("get", f"stop/{token}/", {}), ("post", f"link/{token}/", {}),
        ("get", "form/", {}), ("post", "form/", {}), ("post", "form/", {"later": "1"}), ("get", "no/", {}),
        ("post", "no/", {"refusal": "time"}), ("get", "done/", {}),
    ]  # fmt: skip
    found = []
    for number, (method, path, told) in enumerate(steps):
        text = _page(getattr(client, method)(start + path, told))
        if text is not None:
            found.append(Shown("resident", f"{start}{path}{number}/", text))
    return found


def _pages(here: world.World) -> list[Shown]:
    cycle = here.institution.cycles.get()
    member, deputy = cycle.members.get(number=1), Appointee.objects.get(seat=1)
    deputy.user = factories.make_user()
    deputy.save()
    RollCallRecord.objects.update(withdrawn_at=NOW)
    RollCallRecord.objects.create(
        roll_call=RollCall.objects.get(), number=2, held_on=NOW.date(), closes_at=NOW + dt.timedelta(days=1)
    )
    theme = here.institution.themes.get(number=2)
    asked = judging.propose_admission(
        actor=factories.actor_of(member), theme=theme, last_day=NOW.date() + dt.timedelta(days=100)
    )
    here.special["members:resolution"] = {"number": asked.number}
    shown = _pages_of(here, "member", member.user, MEMBER)
    shown += _pages_of(here, "appointee", deputy.user, APPOINTEE)
    shown += _answer_pages(here)
    council = sitting_council(here.institution)
    here.values["body"] = "council"
    return shown + _pages_of(here, "council", council[0].user, COUNCIL)


def _tab_through(page: Page) -> list[str]:
    """Go through a page by Tab; twice where the keyboard does not come round: a browser on a busy machine drops keys."""
    faults = _tab_once(page)
    if TRAPPED in faults:
        page.reload()
        faults = _tab_once(page)
    return faults


def _tab_once(page: Page) -> list[str]:
    """Press Tab until the focus is where it was first; returns what somebody without a mouse stumbles over."""
    stops = page.evaluate(STOPS)
    first, last, over, faults = None, -1, 0, []
    for _step in range(stops + MORE_STEPS):
        page.keyboard.press("Tab")
        now = page.evaluate(STEP)
        if now is None:  # out of the page; from there it comes in again at the top
            continue
        position, is_seen, html = now
        if first is None:
            first = position
        elif position == first and last != first:
            break
        if position < last:
            over += 1
            if over > 1:
                faults.append(f"the focus jumps back to {html}")
        if not is_seen:
            faults.append(f"the focus is not seen on {html}")
        last = position
    else:
        faults.append(TRAPPED)
    return faults + [f"not reached by keyboard: {each}" for each in page.evaluate(MISSED)]


def _barriers(page: Page) -> list[str]:
    page.evaluate(AXE)
    found = page.evaluate("rules => axe.run({runOnly: rules, resultTypes: ['violations']})", RULES)[
        "violations"
    ]
    faults = [f"{one['id']}: {one['nodes'][0]['html'][:160]}" for one in found]
    wide = page.evaluate("document.documentElement.scrollWidth")
    return faults + ([f"{wide} wide on a screen of {PHONE['width']}"] if wide > PHONE["width"] else [])


def test_no_page_of_a_member_or_of_a_letter_has_a_barrier_on_a_phone_and_tab_goes_through_it(here):
    pages = {f"/{one.who}{one.path}": one for one in _pages(here)}
    assert {one.who for one in pages.values()} == {"member", "appointee", "resident", "council"}
    answers = Answers({path: (lambda one=one: one.text) for path, one in pages.items()})
    faults = {}
    with opened(answers, viewport=PHONE) as page:
        for path, one in pages.items():
            page.goto(SITE + path)
            found = _barriers(page)
            if not one.path.endswith(EMPTY):  # it is the same page again, and says what is missing
                found += _tab_through(page)
            if folder := os.environ.get("ISEGORIA_SCREENSHOTS"):
                page.screenshot(path=f"{folder}/{path.strip('/').replace('/', '-')}.png", full_page=True)
            if found:
                faults[path] = found
    assert not faults, "\n".join(f"{path}: {each}" for path, found in faults.items() for each in found)
    assert answers.faults == []


def test_to_every_page_of_the_members_area_leads_a_link():
    """Nobody types an address: what no page leads to is not there for a member."""
    written = "".join(each.read_text("utf-8") for each in (PAGES / "templates").rglob("*.html"))
    names = [name for name in TABLE if name.startswith("members:")]
    assert [name for name in names if f'url "{name}"' not in written] == []


def _reach(page: Page, selector: str) -> None:
    """Press Tab until the focus is on the element."""
    for _step in range(120):
        page.keyboard.press("Tab")
        if page.evaluate("selector => document.activeElement.matches(selector)", selector):
            return
    pytest.fail(f"{page.url}: {selector} is not reached by keyboard")


def _press(page: Page, selector: str) -> None:
    """Reach a link or a button and press Enter; what comes is looked at."""
    _reach(page, selector)
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert not (found := _barriers(page)), f"{page.url}: {found}"


@contextmanager
def _by_keyboard(here: world.World, monkeypatch) -> Iterator[tuple[Page, Member, str]]:
    """A member before a browser on a phone, and the address of her home; the site answers within the test."""
    member = here.institution.cycles.get().members.get(number=2)
    client = _signed_in(member.user)
    with visiting(monkeypatch) as visitor:
        visitor.client = client
        connections["default"] = visitor.database  # playwright goes on in a context of its own
        visitor.page.set_viewport_size(PHONE)
        yield visitor.page, member, f"{LOCAL}/en/{here.institution.slug}/my/"
    assert visitor.faults == []


def test_a_member_votes_and_finds_her_receipt_after_the_count_by_keyboard(here, monkeypatch):
    cycle = here.institution.cycles.get()
    box, secretariat = (
        cycle.recommendations.get().ballot,
        factories.actor(here.institution, Role.SECRETARIAT),
    )
    box.roll.set(cycle.members.all())
    with _by_keyboard(here, monkeypatch) as (page, _member, home):
        page.goto(home)
        _press(page, 'a[href$="/my/recommendations/1/ballot/"]')
        _reach(page, "input[name=choice]")
        page.keyboard.press("Space")
        _press(page, SEND)
        assert "Your vote is in the box." in page.inner_text("main")
        assert page.inner_text(".hash code") == Paper.in_box.get(ballot=box).receipt

        page.goto(home)
        _press(page, 'a[href$="/my/choices/2/"]')
        _reach(page, "input[name=marks]")
        page.keyboard.press("Space")
        _press(page, SEND)
        receipt = page.inner_text(".hash code")

        with clock.at(NOW + dt.timedelta(days=1)):
            factories.count_together(secretariat, cycle.ballots.get(number=2))
        page.goto(f"{home}choices/2/")
        _press(page, 'main a[href$="/cycles/1/ballots/2/"]')
        _reach(page, "details:has(.receipts) summary")
        assert not page.locator(".receipts").is_visible()
        page.keyboard.press("Enter")
        assert receipt in page.locator(".receipts").inner_text()


def test_a_member_dissents_follows_her_sentence_and_leaves_her_seat_by_keyboard(here, monkeypatch):
    cycle = here.institution.cycles.get()
    cycle.recommendations.get().statements.add(cycle.statements.get(number=1))
    with _by_keyboard(here, monkeypatch) as (page, member, home):
        page.goto(home)
        _press(page, 'a[href$="/minority-opinion/"]')
        _reach(page, "textarea[name=text]")
        page.keyboard.type("Buses are enough.")
        _reach(page, "input[name=signatories]")
        page.keyboard.press("Space")
        _press(page, SEND)

        page.goto(home)
        _press(page, '.lineage a[href$="/cycles/1/recommendations/1/"]')
        assert "Buses are enough." in page.inner_text("main")
        _press(page, 'a[href*="/meetings/1/#note-"]')
        assert "A tram." in page.inner_text("main")

        page.goto(home)
        _press(page, 'a[href$="/my/seat/"]')
        _reach(page, "textarea[name=reason]")
        page.keyboard.type("I move away.")
        _reach(page, "input[name=confirm]")
        page.keyboard.press("Space")
        _press(page, SEND)
        assert "You have left your seat." in page.inner_text("body")
    opinion = MinorityOpinion.objects.get()
    assert (opinion.submitted_by, opinion.signatories.count()) == (member, 2)
    assert member.terms.get().status == TermStatus.ENDED
