"""A resident answers her letter on a phone, with the keyboard alone, in real Chromium: in Arabic and in every language of the pages."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from playwright.sync_api import Page

from isegoria_web.recruitment.models import Invitation, Respondent
from tests.web.public.test_further_language import arabic, code, cycle  # noqa: F401  # fixtures
from tests.web.test_receipts_browser import CHROMIUM, SITE, Visitor, visiting

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db,
    pytest.mark.skipif(not CHROMIUM.exists(), reason="Chromium is not installed"),
]


@dataclass(frozen=True)
class Spoken:
    """What a resident reads in her language, and the address at which she finds it."""

    code: str
    skip: str
    unknown: str
    done: str
    name: str
    fixed: str  # language of the address

    @property
    def direction(self) -> str:
        return "rtl" if self.code == "ar" else "ltr"

    @property
    def start(self) -> str:
        """The address of the form for the code, after that of the institution."""
        return "answer/" if self.code == self.fixed else f"answer/?language={self.code}"


SPOKEN = [
    Spoken("ar", "انتقلوا إلى المحتوى", "لا نعرف هذا الرمز.", "أنتم بين من يمكن أن تقع عليهم القرعة", "ليلى", "fr"),
    Spoken("nl", "Naar de inhoud", "Wij kennen deze code niet.", "U bent een van wie geloot kan worden", "Lena Peeters", "nl"),
    Spoken("fr", "Aller au contenu", "Nous ne connaissons pas ce code.", "Vous faites partie de ceux qui peuvent être tirés", "Hélène Noël", "fr"),
    Spoken("de", "Zum Inhalt springen", "Wir kennen diesen Code nicht.", "Sie gehören zu denen, die ausgelost werden können", "Jörg Groß", "de"),
    Spoken("en", "Skip to the content", "We do not know this code.", "You are among those who can be drawn", "Ann Lee", "en"),
]  # fmt: skip


def looks_right(visitor: Visitor, spoken: Spoken, name: str) -> None:
    """In her language and its direction, without a fault of axe and nothing to scroll sideways."""
    page = visitor.page
    visitor.look(f"{spoken.code}-{name}")
    page.set_viewport_size({"width": 360, "height": 900})
    told = page.evaluate("[document.documentElement.lang, document.documentElement.dir || 'ltr']")
    assert told == [spoken.code, spoken.direction]
    direction = page.evaluate("getComputedStyle(document.querySelector('main h1')).direction")
    assert direction == spoken.direction
    if spoken.code == "ar":
        nothing_unmarked(page)


def nothing_unmarked(page: Page) -> None:
    """Nothing in Latin letters that does not say in which language it is."""
    unmarked = """() => {
        const walk = document.createTreeWalker(document.querySelector('main'), NodeFilter.SHOW_TEXT);
        const found = [];
        while (walk.nextNode()) {
            const inside = walk.currentNode.parentElement.closest('[lang], code, script, option');
            if (/[A-Za-z]{3}/.test(walk.currentNode.data) && inside === document.documentElement) found.push(walk.currentNode.data);
        }
        return found;
    }"""
    assert page.evaluate(unmarked) == []


def reach(page, selector: str) -> None:
    """Go on with the Tab key until something has the focus."""
    for _step in range(60):
        if page.evaluate("wanted => document.activeElement.matches(wanted)", selector):
            return
        page.keyboard.press("Tab")
    pytest.fail(f"the keyboard does not reach {selector}")


def leaves_the_way(visitor: Visitor, spoken: Spoken, site: str) -> None:
    """A lost link speaks her language; a public page says in it that it does not."""
    page = visitor.page
    page.goto(f"{site}/answer/link/no-such-link/")
    page.get_by_text("هذه الصفحة غير موجودة").first.wait_for()
    visitor.faults.clear()  # the browser notes that the page said 404
    looks_right(visitor, spoken, "lost-link")
    page.goto(f"{site}/cycles/1/")
    visitor.look("ar-away-from-the-letter")
    note = page.locator("main .message[lang=ar]")
    assert note.evaluate("node => getComputedStyle(node).direction") == "rtl"
    assert page.evaluate("document.documentElement.lang") == "fr"


@pytest.mark.usefixtures("arabic")
@pytest.mark.parametrize("spoken", SPOKEN, ids=lambda each: each.code)
def test_a_resident_answers_with_the_keyboard_on_a_phone(monkeypatch, institution, code, spoken):  # noqa: F811
    Invitation.objects.update(language=spoken.code)
    address = f"{SITE}/{spoken.fixed}/{institution.slug}"
    with visiting(monkeypatch) as visitor:
        page = visitor.page
        page.goto(f"{address}/{spoken.start}")
        looks_right(visitor, spoken, "code")
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.innerText") == spoken.skip
        reach(page, "input[name=code]")
        page.keyboard.type("AAAA-AAAA-AAAA-AAAA")
        page.keyboard.press("Enter")
        page.locator(".error-summary").wait_for()
        assert spoken.unknown in page.locator(".error-summary").inner_text()
        visitor.faults.clear()  # the browser notes that the page said 422
        looks_right(visitor, spoken, "wrong-code")
        reach(page, "input[name=code]")
        page.keyboard.press("Control+A")
        page.keyboard.type(str(code))
        page.keyboard.press("Enter")
        page.locator("form[data-draft]").wait_for()
        page.goto(f"{address}/answer/form/")  # where the redirect leads
        looks_right(visitor, spoken, "form")
        reach(page, "input[name=feature_sex]")
        page.keyboard.press("Space")
        sex = page.locator("input[name=feature_sex]:checked").get_attribute("value")
        reach(page, "input[name=feature_age]")
        page.keyboard.press("Space")
        reach(page, "input[name=field_field-1]")
        page.keyboard.press("Space")
        reach(page, "input[name=name]")
        page.keyboard.type(spoken.name)
        reach(page, "input[name=phone]")
        page.keyboard.type("087 12 34 56")
        assert page.evaluate("getComputedStyle(document.querySelector('[name=phone]')).direction") == "ltr"
        reach(page, "input[name=consent]")
        page.keyboard.press("Space")
        reach(page, "form[data-draft] button[type=submit]")
        page.keyboard.press("Enter")
        page.get_by_text(spoken.done).wait_for()
        looks_right(visitor, spoken, "done")
        page.goto(f"{address}/answer/receipt/")
        looks_right(visitor, spoken, "receipt")
        if spoken.code == "ar":
            leaves_the_way(visitor, spoken, address)
    kept = Respondent.objects.get()
    assert (kept.name, kept.language, kept.answers["sex"]) == (spoken.name, spoken.code, sex)
    assert sex in {"F", "M"}
