"""Pages in real Chromium without a server: what they ask for is answered by the test, and time runs as it says."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Page, Route, sync_playwright

import isegoria_web

CHROMIUM = Path("/usr/bin/chromium")
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run", "--disable-sync"]
STATIC = Path(isegoria_web.__file__).parent / "web" / "static"
SITE = "http://isegoria.test"
TYPES = {".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml"}


@dataclass
class Answers:
    """What the pages get for their requests, and which requests they made."""

    pages: dict[str, Callable[[], str | None]] = field(default_factory=dict)
    """Path to the text that is answered; None: the network fails."""
    asked: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)

    def answer(self, route: Route) -> None:
        path = urlsplit(route.request.url).path
        if path.startswith("/static/"):
            return self._file(route, STATIC / path.removeprefix("/static/"))
        self.asked.append(f"{route.request.method} {path}")
        if path not in self.pages:
            return route.fulfill(status=404, body="")
        text = self.pages[path]()
        if text is None:
            return route.abort()
        kind = "application/json" if path.endswith(".json") else "text/html; charset=utf-8"
        return route.fulfill(body=text, content_type=kind)

    @staticmethod
    def _file(route: Route, file: Path) -> None:
        if not file.is_file():
            route.fulfill(status=404, body="")
            return
        route.fulfill(
            body=file.read_bytes(), content_type=TYPES.get(file.suffix, "application/octet-stream")
        )

    def count(self, path: str) -> int:
        """How often an address was asked for."""
        return sum(each.split()[1] == path for each in self.asked)


@contextmanager
def opened(answers: Answers, **context: Any) -> Iterator[Page]:
    """Open a page whose requests all go to the answers; its time stands until the test lets it run."""
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        page = chromium.new_context(**context).new_page()
        page.on("pageerror", lambda error: answers.faults.append(str(error)))
        page.route("**/*", answers.answer)
        try:
            yield page
        finally:
            chromium.close()


def as_json(value: Any) -> str:
    return json.dumps(value)
