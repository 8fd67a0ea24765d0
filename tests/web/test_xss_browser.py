"""Whatever a citizen, an expert or an authority writes, nothing of it runs in the browser of who reads it."""

from __future__ import annotations

import os

import nh3
import pytest
from django.apps import apps
from django.core.cache import cache
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import connection
from django.db.models import CharField, TextField
from django.test import Client

from isegoria_web.lottery.models import Objection
from isegoria_web.translated import TextsField
from isegoria_web.web.templatetags.isegoria import markdown
from tests.web import databases, payloads, world
from tests.web.access_table import TABLE
from tests.web.browsing import CHROMIUM, SITE, Answers, opened
from tests.web.test_access_matrix import urls

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db,
    pytest.mark.skipif(not CHROMIUM.exists(), reason="Chromium is not installed"),
]
WRITTEN = (
    "evidence", "deliberation", "recommendations", "followup", "meetings", "moderation", "consultation",
    "ballots", "institutions", "lottery", "membership", "recruitment",
)  # fmt: skip
"""Apps whose texts people write."""
READ_BY_US = {"RuleBookVersion.text", "RuleBookProposal.text", "Invitation.secret_hash"}
"""What is no text for people: a rule book, refused as a whole when it is none, and the hash of a code."""
NOT_WRITTEN = {
    "status",
    "language",
    "reply_language",
    "kind",
    "chosen_by",
    "position",
    "sha256",
    "stance",
    "seed",
    "rule",
}
READERS = ("anonymous", "member", "secretariat", "facilitator", "expert", "authority")
TRIED = "[...document.querySelectorAll('a, button')].some(one => /^(javascript|vbscript|data):/i.test(one.href || ''))"
HANDLERS = (
    "[...document.querySelectorAll('*')].flatMap(one => [...one.attributes]"
    ".filter(each => /^on/i.test(each.name)).map(each => one.outerHTML.slice(0, 120)))"
)


@pytest.fixture(autouse=True)
def _own_loop(monkeypatch):
    monkeypatch.setitem(
        os.environ, "DJANGO_ALLOW_ASYNC_UNSAFE", "true"
    )  # Playwright runs a loop of its own


def _write_everywhere(text: str) -> int:
    """Put the text into every field that people write; returns how many fields that are."""
    written = 0
    models = [model for label in WRITTEN for model in apps.get_app_config(label).get_models()]
    with connection.cursor() as sql:  # some can be written once only, and then hold what was written
        for model in models:
            databases.switch_off(sql, model._meta.db_table)
    for model in models:
        for field in model._meta.concrete_fields:
            if field.name in NOT_WRITTEN or field.choices or f"{model.__name__}.{field.name}" in READ_BY_US:
                continue
            if isinstance(field, TextsField):
                model.objects.update(**{field.name: {"en": text}})
            elif isinstance(field, TextField) or (isinstance(field, CharField) and field.max_length >= 150):
                model.objects.update(**{field.name: text[: field.max_length] if field.max_length else text})
            else:
                continue
            written += 1
    Objection.objects.update(status="published")
    return written


@pytest.fixture
def pages(settings, tmp_path) -> dict[str, str]:
    """Every page that somebody can read, as its HTML, with every text replaced by the attacks."""
    settings.MEDIA_ROOT = tmp_path
    here = world.build()
    default_storage.save("reports/1.pdf", ContentFile(b"%PDF-"))
    default_storage.save("register/test.csv", ContentFile(b"id\n"))
    assert _write_everywhere(payloads.TEXT) > 60
    found: dict[str, str] = {}
    for who in READERS:
        client = Client(headers={"accept-language": "en"}, raise_request_exception=False)
        cache.clear()
        if here.people[who] is not None:
            client.force_login(here.people[who])
        for name, url in urls(here):
            if not _is_read(name, who):
                continue
            response = client.get(url.replace("/de/", "/en/", 1))
            kind = response.headers.get("Content-Type", "")
            if (
                response.status_code == 200
                and not response.streaming
                and kind.startswith(("text/html", "application/json"))
            ):
                path = f"/{who}{url}" + (".json" if "json" in kind else "")
                found[path] = response.content.decode()
    return found


def _is_read(name: str, who: str) -> bool:
    may = TABLE[name]
    return may is not None and who in may and not (who != "anonymous" and "anonymous" in may)


def test_nothing_that_anybody_writes_runs_on_any_page_or_answer(pages):
    shown = [path for path, text in pages.items() if "window.pwned" in text]
    for part in ("/anonymous/en/", "/member/", "/secretariat/", "/anonymous/api/"):
        assert any(path.startswith(part) or part in path for path in shown), f"no attack reached {part}"
    answers = Answers({path: (lambda text=text: text) for path, text in pages.items()})
    with opened(answers) as page:
        dialogs: list[str] = []
        outside: list[str] = []
        page.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))
        page.on(
            "request",
            lambda one: None if one.url.startswith((SITE, "data:image/svg")) else outside.append(one.url),
        )
        for path in shown:
            page.goto(SITE + path)
            page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
            page.wait_for_timeout(30)
            _nothing_ran(page, path)
            if not path.endswith(".json"):
                assert not page.evaluate(TRIED), f"{path}: a link to a script"
                assert page.evaluate(HANDLERS) == [], path
                assert (
                    page.evaluate(
                        "document.querySelectorAll('main iframe, main object, main embed, main base, main style, main svg script').length"
                    )
                    == 0
                ), path
        assert dialogs == []
        assert outside == []


def _nothing_ran(page, path: str) -> None:
    assert page.evaluate("window.pwned") is None, f"{path}: a script ran"


@pytest.mark.parametrize("text", payloads.EVERY, ids=range(len(payloads.EVERY)))
def test_no_attack_leaves_the_door_of_markdown_as_more_than_simple_structure(text):
    html = str(markdown(text))
    assert nh3.clean(html, tags={"p", "strong", "em", "ul", "ol", "li", "blockquote", "a", "code", "br", "h3", "h4"},
                     attributes={"a": {"href"}, "*": set()}, url_schemes={"https", "mailto"}) == html  # fmt: skip


def test_what_went_through_the_door_does_not_run_either_when_a_browser_reads_it_twice():
    """Mutation: the browser reads the HTML, writes it out, and reads what it wrote."""
    html = [str(markdown(text)) for text in payloads.EVERY]
    with opened(Answers({"/empty": lambda: "<!doctype html><main></main>"})) as page:
        page.goto(SITE + "/empty")
        left = page.evaluate(
            """texts => { const main = document.querySelector('main'); const left = []
            for (const text of texts) for (const parent of ['div', 'table', 'select', 'noscript', 'p']) {
              const one = document.createElement(parent); main.append(one); one.innerHTML = text
              one.innerHTML = one.innerHTML
              for (const each of one.querySelectorAll('*')) {
                if ([...each.attributes].some(it => it.name !== 'href' && it.name !== 'rel')) left.push(each.outerHTML)
                // a relative address is the site itself
                if (each.href && !/^(https?|mailto):/.test(each.href)) left.push(each.outerHTML)
                if (!/^(P|STRONG|EM|UL|OL|LI|BLOCKQUOTE|A|CODE|BR|H3|H4|TBODY)$/.test(each.tagName)) left.push(each.outerHTML)
              }
            } return left }""",
            html,
        )
        page.wait_for_timeout(200)
        _nothing_ran(page, "twice")
        assert left == []


def test_the_door_keeps_what_people_mean():
    shown = markdown("**bold**, *stressed*\n\n- one\n- two\n\n> said\n\n[more](https://example.org/)")
    for piece in (
        "<strong>bold</strong>",
        "<em>stressed</em>",
        "<li>one</li>",
        "<blockquote>",
        'href="https://example.org/"',
    ):
        assert piece in shown
