"""One cycle, walked through in a browser by everybody who takes part in it, on a desktop and on a phone."""

from __future__ import annotations

import csv
import io
import json
import re
import subprocess
import sys
import urllib.request

import pytest
from pypdf import PdfReader

from tests.journey.conftest import Visitor

pytestmark = pytest.mark.browser

PUBLIC = [
    "", "ostbelgien/", "ostbelgien/rules/", "ostbelgien/recommendations/", "ostbelgien/answers/",
    "ostbelgien/journal/", "ostbelgien/cycles/1/", "ostbelgien/cycles/1/members/",
    "ostbelgien/cycles/1/statements/", "ostbelgien/cycles/1/draws/1/", "ostbelgien/cycles/1/draws/2/",
    "ostbelgien/cycles/1/meetings/1/", "ostbelgien/cycles/1/dossiers/1/",
    "ostbelgien/cycles/1/recommendations/1/", "ostbelgien/cycles/1/recommendations/3/",
    "ostbelgien/cycles/1/opinions/", "ostbelgien/cycles/1/opinions/1/", "ostbelgien/cycles/1/moderation/",
    "ostbelgien/cycles/1/evidence/", "ostbelgien/cycles/1/report/",
    "modellgemeinde/members/", "modellparlament/", "modellparlament/cycles/1/recommendations/2/",
    "modellparlament/cycles/1/report/", "ostbelgien/cycles/2/", "ostbelgien/cycles/3/", "method/", "privacy/", "accessibility/",
]  # fmt: skip


OFFICE = [
    "", "roles/", "rules/", "register/", "cycles/new/", "cycles/1/", "cycles/1/draws/", "cycles/1/seats/",
    "cycles/1/answers/", "cycles/2/", "cycles/2/meetings/", "cycles/2/meetings/1/", "cycles/2/evidence/",
    "cycles/2/questions/", "cycles/2/statements/", "cycles/2/contributions/", "cycles/2/recommendations/merge/",
    "cycles/2/recommendations/2/revise/", "cycles/2/recommendations/", "cycles/2/recommendations/1/",
    "cycles/3/", "cycles/3/letters/", "cycles/3/desk/", "cycles/3/quotas/", "cycles/3/pool/", "cycles/3/draws/",
]  # fmt: skip


def fetch(demonstration, path):
    with urllib.request.urlopen(f"{demonstration.address}{path}") as answer:  # our own address
        return answer.read()


def letters(demonstration):
    """The letters of the cycle that invites, as text: those of the newest printing."""
    files = list((demonstration.data / "files" / "letters").glob("*/*.pdf"))
    newest = max(files, key=lambda path: path.stat().st_mtime).parent
    return [page.extract_text() for path in sorted(newest.glob("*.pdf")) for page in PdfReader(path).pages]


def test_a_visitor_meets_no_barrier_on_any_public_page(visitor):
    for path in PUBLIC:
        visitor.go(path)


def test_a_visitor_redoes_the_draw_in_her_browser_and_looks_up_a_code_without_telling_anybody(visitor):
    page = visitor.go("ostbelgien/cycles/1/draws/2/")
    asked = []
    page.on("request", lambda request: asked.append((request.method, request.url.rsplit("/", 1)[-1])))
    page.locator("[data-redo]").click()
    page.locator(
        "[data-status].late, [data-steps] [data-step=alternates][data-state=holds]"
    ).first.wait_for()
    assert page.locator("[data-steps] [data-step]:not([data-state=holds])").count() == 0
    visitor.look()
    code = page.locator("ul.codes code").first.inner_text()
    page.fill("input[name=code]", code.lower())
    page.locator("[data-lookup] button[type=submit]").click()
    page.locator("[data-way]").wait_for()
    assert code in page.locator("[data-answer]").inner_text()
    page.locator("[data-way] summary").click()
    assert page.locator("[data-path] li").count() > 3
    visitor.look()
    page.fill("input[name=code]", "00000000")
    page.locator("[data-lookup] button[type=submit]").click()
    page.locator("[data-answer].late").wait_for()
    assert {method for method, _ in asked} == {"GET"}
    assert not [
        url for _, url in asked if code in url or ("record.json" not in url and not url.endswith(".js"))
    ]


def test_without_javascript_the_page_of_a_draw_says_what_to_do_instead(chromium, demonstration):
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{demonstration.address}/en/ostbelgien/cycles/1/draws/2/")
    assert page.get_by_text("This needs JavaScript, which is off here").is_visible()
    assert not page.locator("[data-redo]").is_visible()
    code = page.locator("ul.codes code").first.inner_text()
    page.fill("input[name=code]", code)
    page.locator("[data-lookup] button[type=submit]").click()
    assert f"Yes: {code} was in the pool" in page.locator("[data-answer]").inner_text()
    context.close()


def test_a_citizen_answers_her_letter_with_its_code(visitor):
    texts = letters(visitor.demonstration)
    for text in reversed(texts):  # most letters at the end of the pile are unanswered
        code = re.search(r"[0-9A-Z]{4}(?:-[0-9A-Z]{4}){3}", text).group()
        visitor.page.goto("about:blank")
        page = visitor.go(f"ostbelgien/answer/#{code}")
        assert page.input_value("input[name=code]") == code, "the QR code's address fills the field"
        assert "#" not in page.url
        visitor.send()
        if page.locator("input[name=name]").count() and not page.input_value("input[name=name]"):
            break
    page.fill("input[name=name]", "Journey Person")
    page.fill("input[name=phone]", "+32 87 11 11 11")
    for name in {each.get_attribute("name") for each in page.locator("input[type=radio]").all()}:
        if not page.locator(f"input[name={name}]:checked").count():
            page.locator(f"input[name={name}]").first.check()
    page.check("input[name=consent]")
    visitor.send()
    assert page.url.endswith("/done/")


def test_a_mistyped_code_is_refused_in_words(visitor):
    page = visitor.go("ostbelgien/answer/")
    page.fill("input[name=code]", "AAAA-BBBB-CCCC-DDDD")
    visitor.send()
    assert page.locator(".error-summary").is_visible()


def test_a_member_asks_reacts_and_amends(visitor):
    page = visitor.sign_in("member")
    assert "/my/" in page.url
    page = visitor.go("ostbelgien/my/questions/")
    question = f"Wie lange dauert das? ({visitor.language})"
    page.fill("textarea[name=text]", question)
    visitor.send()
    assert question in page.inner_text("main")
    page = visitor.go("ostbelgien/my/statements/")
    page.locator("button[name=stance][value=agree]").first.click()
    visitor.look()
    assert page.locator("button[name=stance][value=agree][aria-pressed=true]").count() >= 1
    page = visitor.go("ostbelgien/my/recommendations/2/")
    page.fill("textarea[name=text]", page.input_value("textarea[name=text]") + " Auch am Abend.")
    page.fill("textarea[name=reasons]", "Am Abend haben mehr Menschen Zeit.")
    visitor.send()
    for path in ("ostbelgien/my/", "ostbelgien/my/seat/"):
        visitor.go(path)


def test_a_member_votes_in_secret_on_her_phone_and_on_no_screen_again(chromium, demonstration):
    for width, language, voted in ((360, "fr", False), (360, "fr", True), (1280, "de", True)):
        context = chromium.new_context(viewport={"width": width, "height": 800}, locale=language)
        visitor = Visitor(context, demonstration, language)
        visitor.sign_in("member")
        page = visitor.go("ostbelgien/my/recommendations/1/ballot/")
        assert page.locator("input[name=choice]").count() == (0 if voted else 3), "nobody votes twice"
        if not voted:
            page.check("input[name=choice][value=yes]")
            visitor.send()
            assert page.locator(".message.success code").count() == 1, "the receipt is shown"
        context.close()


def test_the_secretariat_finds_its_morning_and_every_page_of_its_office(visitor):
    page = visitor.sign_in("secretariat")
    assert page.url.endswith("/ostbelgien/office/")
    for path in OFFICE:
        visitor.go(f"ostbelgien/office/{path}")


def test_a_cycle_is_opened_and_its_mandate_signed_and_everybody_reads_it(visitor):
    title = f"Was machen wir mit dem Bahnhof? ({visitor.language})"
    visitor.sign_in("secretariat")
    page = visitor.go("ostbelgien/office/cycles/new/")
    for name in ("title", "question", "scope"):
        for language in ("de", "fr", "nl", "en"):
            page.fill(f"[name={name}_{language}]", title)
    page.select_option("[name=body]", index=0)  # the assembly was convened three times this year
    page.fill("[name=panel_size]", "24")
    page.fill("[name=alternates]", "5")
    page.fill("[name=promised_answer_days]", "90")
    visitor.send()
    cycle = re.search(r"/office/(cycles/\d+/)", page.url)
    assert cycle, page.inner_text("main")
    visitor.sign_out()
    visitor.sign_in("authority")
    page = visitor.go(f"ostbelgien/office/{cycle[1]}mandate/")
    assert page.locator(".caution").is_visible(), "it says what will happen"
    visitor.send()
    visitor.sign_out()
    page = visitor.go(f"ostbelgien/{cycle[1]}")
    assert title in page.inner_text("h1")


def test_the_authority_answers_what_is_overdue_and_the_public_sees_it(visitor):
    reasons = f"Wir bauen die Bäder um. ({visitor.language})"
    visitor.sign_in("authority")
    page = visitor.go("ostbelgien/office/cycles/1/answers/4/")
    page.check("[name=position][value=rejected]")
    page.fill("[name=responsible]", "Ministerin für Wohnen")
    visitor.send()
    assert page.locator(".error-summary").is_visible(), "a rejection without reasons is refused"
    for language in ("de", "fr", "nl", "en"):
        page.fill(f"[name=reasons_{language}]", reasons)
    page.check("[name=position][value=accepted]")
    visitor.confirm()
    visitor.sign_out()
    page = visitor.go("ostbelgien/cycles/1/recommendations/4/")
    assert reasons in page.inner_text("main")


def test_everybody_with_a_role_meets_no_barrier(visitor):
    for role in (
        "facilitator",
        "expert",
        "observer",
        "member-of-cycle-1",
        "member-of-the-council",
        "member-of-parliament",
    ):
        page = visitor.sign_in(role)
        assert "/login/" not in page.url
        visitor.sign_out()


def test_a_stranger_redoes_the_draws_and_the_journal_on_her_own_machine(demonstration, tmp_path):
    for number in (1, 2):
        record = tmp_path / f"{number}.json"
        record.write_bytes(fetch(demonstration, f"/en/ostbelgien/cycles/1/draws/{number}/record.json"))
        done = subprocess.run(
            [sys.executable, "-m", "isegoria.cli.main", "proof", "verify", str(record)],
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
    journal = tmp_path / "journal.jsonl"
    journal.write_bytes(fetch(demonstration, "/en/ostbelgien/journal.jsonl"))
    command = [sys.executable, "-m", "isegoria.cli.main", "proof", "journal", str(journal)]
    assert subprocess.run(command, capture_output=True, check=False).returncode == 0
    journal.write_bytes(journal.read_bytes().replace(b'"letters":1000', b'"letters":1001', 1))
    assert subprocess.run(command, capture_output=True, check=False).returncode == 1


def test_no_person_of_the_register_is_named_in_journal_interface_or_log(demonstration):
    drawn = {text.split("\n")[0] for text in letters(demonstration)}
    register = (demonstration.data / "register.csv").read_text("utf-8")
    people = list(csv.DictReader(io.StringIO(register)))
    ids = {row["id"] for row in people}
    cycle = "/api/v1/institutions/ostbelgien/cycles/1"
    public = [fetch(demonstration, "/en/ostbelgien/journal.jsonl"), demonstration.log.read_bytes()]
    public += [
        fetch(demonstration, f"{cycle}/{name}")
        for name in ("draws", "meetings", "statements", "recommendations")
    ]
    public += [
        fetch(demonstration, f"/en/ostbelgien/cycles/1/draws/{number}/record.json") for number in (1, 2)
    ]
    text = b"\n".join(public).decode()
    assert drawn
    words = set(re.findall(r"OB\d{7}", text))
    assert not words & ids
    full_names = {f"{row['given_name']} {row['family_name']}" for row in people}
    assert not {name for name in full_names if name in text}
    assert not re.findall(
        r"[\w.-]+@demo\.example", "\n".join(json.dumps(each.decode()) for each in public[2:])
    )
    born = {row["birth_date"] for row in people if row["birth_date"] < "2015"}
    assert not {
        day for day in re.findall(r"(?:19|20)\d\d-\d\d-\d\d", text) if day in born and day < "2019-01-01"
    }
