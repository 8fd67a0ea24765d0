"""A resident answers her letter in Arabic on a phone, with the keyboard alone, in real Chromium."""

from __future__ import annotations

import pytest

from isegoria_web.recruitment.models import Respondent
from tests.web.public.test_further_language import arabic, code, cycle  # noqa: F401  # fixtures
from tests.web.test_receipts_browser import CHROMIUM, SITE, Visitor, visiting

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db,
    pytest.mark.skipif(not CHROMIUM.exists(), reason="Chromium is not installed"),
]


def looks_right(visitor: Visitor, name: str) -> None:
    """From right to left, nothing in another language without saying so, no fault of axe, nothing to scroll sideways."""
    page = visitor.page
    visitor.look(name)
    page.set_viewport_size({"width": 360, "height": 900})
    assert page.evaluate("[document.documentElement.lang, document.documentElement.dir]") == ["ar", "rtl"]
    assert page.evaluate("getComputedStyle(document.querySelector('main h1')).direction") == "rtl"
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


def leaves_the_way(visitor: Visitor, site: str) -> None:
    """A lost link speaks her language; a public page says in it that it does not."""
    page = visitor.page
    page.goto(f"{site}/answer/link/no-such-link/")
    page.get_by_text("هذه الصفحة غير موجودة").first.wait_for()
    visitor.faults.clear()  # the browser notes that the page said 404
    looks_right(visitor, "ar-lost-link")
    page.goto(f"{site}/cycles/1/")
    visitor.look("ar-away-from-the-letter")
    note = page.locator("main .message[lang=ar]")
    assert note.evaluate("node => getComputedStyle(node).direction") == "rtl"
    assert page.evaluate("document.documentElement.lang") == "fr"


@pytest.mark.usefixtures("arabic")
def test_a_resident_answers_in_arabic_with_the_keyboard_on_a_phone(monkeypatch, institution, code):  # noqa: F811
    with visiting(monkeypatch) as visitor:
        page = visitor.page
        page.goto(f"{SITE}/fr/{institution.slug}/answer/?language=ar")
        looks_right(visitor, "ar-code")
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.innerText") == "انتقلوا إلى المحتوى"
        reach(page, "input[name=code]")
        page.keyboard.type("AAAA-AAAA-AAAA-AAAA")
        page.keyboard.press("Enter")
        page.locator(".error-summary").wait_for()
        assert "لا نعرف هذا الرمز." in page.locator(".error-summary").inner_text()
        visitor.faults.clear()  # the browser notes that the page said 422
        looks_right(visitor, "ar-wrong-code")
        reach(page, "input[name=code]")
        page.keyboard.press("Control+A")
        page.keyboard.type(str(code))
        page.keyboard.press("Enter")
        page.locator("form[data-draft]").wait_for()
        page.goto(f"{SITE}/fr/{institution.slug}/answer/form/")  # where the redirect leads
        looks_right(visitor, "ar-form")
        reach(page, "input[name=feature_sex]")
        page.keyboard.press("Space")
        sex = page.locator("input[name=feature_sex]:checked").get_attribute("value")
        reach(page, "input[name=feature_age]")
        page.keyboard.press("Space")
        reach(page, "input[name=field_field-1]")
        page.keyboard.press("Space")
        reach(page, "input[name=name]")
        page.keyboard.type("ليلى")
        reach(page, "input[name=phone]")
        page.keyboard.type("087 12 34 56")
        assert page.evaluate("getComputedStyle(document.querySelector('[name=phone]')).direction") == "ltr"
        reach(page, "input[name=consent]")
        page.keyboard.press("Space")
        reach(page, "form[data-draft] button[type=submit]")
        page.keyboard.press("Enter")
        page.get_by_text("أنتم بين من يمكن أن تقع عليهم القرعة").wait_for()
        looks_right(visitor, "ar-done")
        page.goto(f"{SITE}/fr/{institution.slug}/answer/receipt/")
        looks_right(visitor, "ar-receipt")
        leaves_the_way(visitor, f"{SITE}/fr/{institution.slug}")
    kept = Respondent.objects.get()
    assert (kept.name, kept.language, kept.answers["sex"]) == ("ليلى", "ar", sex)
    assert sex in {"F", "M"}
