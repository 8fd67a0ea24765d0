"""The demonstration as a newcomer starts it, and a real Chromium to walk through it."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import axe_playwright_python
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

READY_WITHIN = 600
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage",
]  # fmt: skip
AXE = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text("utf-8")
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


@dataclass(frozen=True)
class Demonstration:
    """A running demonstration: its address, its folder, and where its log is written."""

    address: str
    data: Path
    log: Path

    def login(self, role: str) -> tuple[str, str]:
        """The e-mail address and password that the terminal shows for a role."""
        return f"{role}@demo.example", json.loads((self.data / "logins.json").read_text("utf-8"))[role]


@pytest.fixture(scope="package")  # ends with the journey: its worker costs computing time
def demonstration(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demonstration]:
    """Play the demonstration and serve it, through the command that everybody uses."""
    folder = tmp_path_factory.mktemp("demo")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = {
        key: value for key, value in os.environ.items() if not key.startswith(("ISEGORIA_", "DJANGO_"))
    }
    environment.pop("DATABASE_URL", None)
    log = folder / "log"
    command = [
        sys.executable,
        "-m",
        "isegoria.cli.main",
        "demo",
        "--port",
        str(port),
        "--data",
        str(folder / "data"),
    ]
    with log.open("w") as output:
        process = subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT, env=environment)
        try:
            address = f"http://127.0.0.1:{port}"
            _wait_for(process, address, log)
            yield Demonstration(address, folder / "data", log)
        finally:
            process.terminate()
            process.wait(30)


def _wait_for(process: subprocess.Popen[bytes], address: str, log: Path) -> None:
    deadline = time.monotonic() + READY_WITHIN
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise RuntimeError(f"the demonstration ended by itself:\n{log.read_text()[-3000:]}")
        try:
            urllib.request.urlopen(f"{address}/health", timeout=2).read()  # our own address
        except OSError:
            time.sleep(1)
        else:
            return
    raise RuntimeError(f"the demonstration did not start:\n{log.read_text()[-3000:]}")


@pytest.fixture(scope="module")  # its event loop must end before Django is used again
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=FLAGS)
        yield browser
        browser.close()


class Visitor:
    """Somebody at a browser who looks at every page for barriers before going on."""

    def __init__(self, context: BrowserContext, demonstration: Demonstration, language: str) -> None:
        self.page: Page = context.new_page()
        self.demonstration = demonstration
        self.language = language
        self.errors: list[str] = []
        self.page.on("console", lambda message: self._hear(message.type, message.text))

    def _hear(self, kind: str, text: str) -> None:
        if kind == "error" and "status of 4" not in text:
            self.errors.append(text)

    def go(self, path: str) -> Page:
        """Open a page of the demonstration's institution and look at it."""
        self.page.goto(f"{self.demonstration.address}/{self.language}/{path}")
        return self.look()

    def look(self) -> Page:
        """Fail on anything that axe-core finds, on a page that scrolls sideways, and on a script error."""
        self.page.wait_for_load_state()
        self.page.evaluate(AXE)
        found = self.page.evaluate("rules => axe.run({runOnly: rules})", RULES)["violations"]
        barriers = [(one["id"], one["nodes"][0]["html"][:150]) for one in found]
        assert not barriers, f"{self.page.url}: {barriers}"
        wider = "document.documentElement.scrollWidth > document.documentElement.clientWidth"
        assert not self.page.evaluate(wider), f"{self.page.url} scrolls sideways"
        assert not self.errors, f"{self.page.url}: {self.errors}"
        return self.page

    def send(self) -> Page:
        """Press the main button of the page's form, not the one beside it that keeps it for later."""
        self.page.locator("main form button[type=submit]:not([name=later])").last.click()
        return self.look()

    def confirm(self) -> Page:
        """Send a form, read what will happen, and send it for good."""
        self.send()
        assert self.page.locator(".caution").count(), self.page.inner_text("main")
        self.page.locator("form.confirm button[name=confirmed]").click()
        return self.look()

    def sign_out(self) -> None:
        """Leave; the browser forgets who was there."""
        self.page.locator("header form button[type=submit]").last.click()
        self.page.wait_for_load_state()

    def sign_in(self, role: str) -> Page:
        """Sign in with the login that the terminal shows for a role."""
        email, password = self.demonstration.login(role)
        page = self.go("account/login/")
        page.fill("input[name=login]", email)
        page.fill("input[name=password]", password)
        page.locator("main form:has(input[name=password]) button[type=submit]").first.click()
        return self.look()


@pytest.fixture(params=[(1280, "de"), (360, "fr")], ids=["desktop-de", "phone-fr"])
def visitor(
    request: pytest.FixtureRequest, chromium: Browser, demonstration: Demonstration
) -> Iterator[Visitor]:
    width, language = request.param
    context = chromium.new_context(viewport={"width": width, "height": 800}, locale=language)
    yield Visitor(context, demonstration, language)
    context.close()
