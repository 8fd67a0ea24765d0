"""Every page of the demonstration, requested once by everybody who may see it, by following its own links."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from urllib.parse import urldefrag, urljoin, urlsplit

from django.conf import settings
from django.test import Client

from isegoria_web.accounts.models import User
from isegoria_web.demo import people

START = ("/", "/health", "/api/v1/openapi.json", "/api/v1/institutions")
LANGUAGES = ("nl", "fr", "de", "en")
MOVED = {301, 302}
_ADDRESS = re.compile(r"^/[\w/.,=?&%:+-]*$")


class _Links(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Take the address of every link, stylesheet, script and picture."""
        for name, value in attrs:
            if value and name in {"href", "src"} and tag in {"a", "link", "script", "img"}:
                self.found.append(value)


def request_all() -> tuple[int, list[str]]:
    """Return how many pages answered well, and what was wrong with the others.

    Visitors follow the links in four languages; everybody who has a login follows them in one.
    """
    roles: list[str | None] = [None, *people.LOGINS]
    good, faults = 0, []
    for role in roles:
        languages = LANGUAGES if role is None else ("de",)
        for language in languages:
            well, wrong = _follow(role, language)
            good += well
            faults += wrong
    return good, faults


def _follow(role: str | None, language: str) -> tuple[int, list[str]]:
    client = Client(HTTP_ACCEPT_LANGUAGE=language)
    if role is not None:
        user = User.objects.get(email=people.email_of(role))
        client.force_login(user, backend=settings.AUTHENTICATION_BACKENDS[0])
    waiting = [f"/{language}/", f"/{language}/home/", *START] if role else [f"/{language}/", *START]
    seen: set[str] = set(waiting)
    good, faults = 0, []
    while waiting:
        address = waiting.pop()
        response = client.get(address)
        body = b"".join(response) if response.streaming else response.content
        if response.status_code in MOVED:
            found = [response["Location"]]
        elif response.status_code == 200:  # noqa: PLR2004  # the one good answer
            good += 1
            found = _links(response.get("Content-Type", ""), body)
        else:
            faults.append(f"{response.status_code} {address} as {role or 'a visitor'}")
            continue
        for link in found:
            target = urldefrag(urljoin(address, link)).url
            if _is_page(target, language) and target not in seen:
                seen.add(target)
                waiting.append(target)
    return good, faults


def _links(content_type: str, body: bytes) -> list[str]:
    if not content_type.startswith("text/html"):
        return []
    parser = _Links()
    parser.feed(body.decode())
    return parser.found


def _is_page(target: str, language: str) -> bool:
    """Return whether an address is one of ours, in this language, and not a file that a web server gives."""
    path = urlsplit(target).path
    return bool(
        _ADDRESS.match(target)
        and not path.startswith(settings.STATIC_URL)
        and (path.startswith((f"/{language}/", "/api/")) or path in START)
    )
