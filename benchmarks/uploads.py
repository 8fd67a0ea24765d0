"""A large register uploaded and read while people look at the public page.

    python benchmarks/uploads.py sqlite             # 2,000,000 rows
    python benchmarks/uploads.py postgresql --rows 500000

The site and its worker (`isegoria serve`) are the real ones, on loopback, with a database of their own. A secretary sends the file through the page of the office; another person asks the public home page five
times a second, before, while the file is sent, and while it is read. Her waiting time begins when she would have
asked, also if the site has no time for her. Results: benchmarks/results/uploads.json, told in docs/registers.md.
"""

from __future__ import annotations

import argparse
import csv
import datetime as dt
import http.client
import json
import os
import re
import secrets
import signal
import sys
import tempfile
import threading
import time
from importlib.resources import files
from pathlib import Path
from statistics import quantiles
from typing import Any, Self

from answers import Browser, _token, cpu_seconds, database, free_port, machine_seconds, set_up, site

RESULTS = Path(__file__).parent / "results" / "uploads.json"
SLUG = "loadtest"
RATE = 5.0
BEFORE_SECONDS = 15
INVENTED = 9_000
PIECE = 1 << 20


def write_register(path: Path, rows: int) -> int:
    """Write an invented register again and again, under new ids and households; returns the bytes."""
    from isegoria import register  # noqa: PLC0415

    people = register.synthesize("uploads", INVENTED)
    columns = list(people[0])
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(columns)
        for number in range(rows):
            turn, place = divmod(number, len(people))
            person = people[place]
            row = {"id": f"OB{number:09d}", "household": f"{turn}-{person['household']}"}
            writer.writerow([row.get(column, person[column]) for column in columns])
    return path.stat().st_size


def open_office() -> str:
    """Make an institution with a public page and a secretary, and return the cookie of her session."""
    from allauth.mfa.models import Authenticator  # noqa: PLC0415
    from django.conf import settings  # noqa: PLC0415
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY  # noqa: PLC0415
    from django.contrib.sessions.backends.db import SessionStore  # noqa: PLC0415

    from isegoria_web import clock  # noqa: PLC0415
    from isegoria_web.accounts.enums import Role  # noqa: PLC0415
    from isegoria_web.accounts.models import Grant, User  # noqa: PLC0415
    from isegoria_web.institutions.enums import Level, Status  # noqa: PLC0415
    from isegoria_web.institutions.models import Authority, Institution, RuleBookVersion  # noqa: PLC0415
    from isegoria_web.journal.models import Chain  # noqa: PLC0415

    name = {"en": "Load test"}
    institution = Institution.objects.create(
        authority=Authority.objects.create(slug="authority", name=name, level=Level.REGION),
        slug=SLUG, name=name, summary=name, status=Status.OPERATING, languages=["en"],
        chain=Chain.objects.create(name=SLUG), founded_on=clock.now().date(),
    )  # fmt: skip
    RuleBookVersion.objects.create(  # the journal names the rule behind the day of the erasure, the page what it says
        institution=institution, number=1, identifier="ostbelgien",
        text=files("isegoria.rulebook").joinpath("bundled/ostbelgien.toml").read_text("utf-8"), sha256="0" * 64,
        valid_from=clock.now().date(), adopted_at=clock.now(),
    )  # fmt: skip
    user = User.objects.create_user(
        email="secretary@example.org", name="Secretary", password=secrets.token_urlsafe(20)
    )
    Grant.objects.create(user=user, institution=institution, role=Role.SECRETARIAT, valid_from=clock.now())
    Authenticator.objects.create(user=user, type=Authenticator.Type.TOTP, data={"secret": "unusable"})
    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.save()
    return str(session.session_key)


class Visitor:
    """Somebody who asks the public page at a fixed rate, and notes when she asked and how long she waited."""

    def __init__(self, port: int) -> None:
        self._browser = Browser(port)
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._visit)
        self.waited: list[tuple[float, float]] = []
        self.errors = 0

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._over.set()
        self._thread.join()

    def _visit(self) -> None:
        due = time.monotonic()
        while not self._over.is_set():
            time.sleep(max(0.0, due - time.monotonic()))
            try:
                self._browser.ask(f"/en/{SLUG}/", 200)
                self.waited.append((due, time.monotonic() - due))
            except (OSError, ValueError, http.client.HTTPException):
                self.errors += 1
                self._browser.connection.close()
            due += 1 / RATE

    def told(self, begin: float, end: float) -> dict[str, float]:
        """Return how often she asked between two instants, and her median, 95 % and longest waiting time in ms."""
        times = [1000 * waited for due, waited in self.waited if begin <= due < end]
        cuts = quantiles(times, n=100) if len(times) > 1 else [0.0] * 99
        return {
            "asked": len(times),
            "median ms": round(cuts[49], 1),
            "95 % ms": round(cuts[94], 1),
            "longest ms": round(max(times, default=0.0), 1),
        }


def send(browser: Browser, file: Path) -> str:
    """Send a register through the page of the office, piece by piece; returns the address of its own page."""
    address = f"/en/{SLUG}/office/register/"
    today = dt.datetime.now(dt.UTC).date()
    fields = {
        "csrfmiddlewaretoken": _token(browser.ask(address, 200)),
        "reference_date": (today - dt.timedelta(days=2)).isoformat(),
        "erase_on": (today + dt.timedelta(days=90)).isoformat(),
    }
    mark = secrets.token_hex(16)
    head = "".join(
        f'--{mark}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in fields.items()
    )
    head += (
        f'--{mark}\r\nContent-Disposition: form-data; name="file"; filename="{file.name}"\r\n'
        "Content-Type: text/csv\r\n\r\n"
    )
    tail = f"\r\n--{mark}--\r\n"
    connection = browser.connection
    connection.putrequest("POST", address)
    connection.putheader("Cookie", "; ".join(f"{name}={value}" for name, value in browser.cookies.items()))
    connection.putheader("Content-Type", f"multipart/form-data; boundary={mark}")
    connection.putheader("Content-Length", str(len(head) + file.stat().st_size + len(tail)))
    connection.endheaders()
    connection.send(head.encode())
    with file.open("rb") as content:
        while piece := content.read(PIECE):
            connection.send(piece)
    connection.send(tail.encode())
    response = connection.getresponse()
    page = response.read().decode()
    if response.status != 302:  # noqa: PLR2004  # where the page of the upload is
        raise ValueError(
            f"the upload was answered with {response.status}: {re.sub('<[^>]+>', ' ', page)[:2000]}"
        )
    return str(response.headers["Location"])


def wait_until_read() -> tuple[int, int]:
    """Wait until the worker has read the file; returns its rows, and how many steps of progress were seen."""
    from isegoria_web.register.models import Upload  # noqa: PLC0415

    seen = set()
    while (upload := Upload.objects.get()).ended_at is None:
        seen.add(upload.rows_read)
        time.sleep(0.2)
    if upload.status != "loaded":
        raise SystemExit(f"the file was not loaded: {upload.status} {upload.faults[:2]}")
    return upload.rows_read, len(seen)


def benchmark(kind: str, rows: int, workers: int, folder: Path) -> dict[str, Any]:
    """Send one register, let it be read, and tell how the public page answered all the while."""
    with database(kind, folder) as (url, postmaster):
        set_up(folder, url)
        cookie = open_office()
        file = folder / "register.csv"
        size = write_register(file, rows)
        port = free_port()
        with site(port, workers) as server, Visitor(port) as visitor:
            time.sleep(5)  # the worker starts, the site has answered a few times
            roots = {"site and worker": server} | ({"database": postmaster} if postmaster else {})
            load, machine = os.getloadavg()[0], machine_seconds()
            spent = {name: cpu_seconds(root) for name, root in roots.items()}
            begin = time.monotonic()
            time.sleep(BEFORE_SECONDS)
            sending = time.monotonic()
            send(Browser(port, {"session": cookie}), file)
            sent = time.monotonic()
            read, steps = wait_until_read()
            end = time.monotonic()
            spent = {name: cpu_seconds(root) - spent[name] for name, root in roots.items()}
            machine = machine_seconds() - machine
        assert read == rows, (read, rows)  # noqa: S101
        return {
            "rows": rows,
            "megabytes": round(size / 1e6, 1),
            "processes of the site": workers,
            "seconds to send": round(sent - sending, 1),
            "seconds from sent to loaded": round(end - sent, 1),
            "steps of progress seen": steps,
            "errors": visitor.errors,
            "before": visitor.told(begin, sending),
            "while it is sent and read": visitor.told(sending, end),
            "CPU seconds": {name: round(seconds, 1) for name, seconds in spent.items()},
            "cores used by others": round(max(0.0, machine - sum(spent.values())) / (end - begin), 2),
            "load before": round(load, 2),
        }


def main() -> None:
    """Measure once and keep the result beside that of the other database."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("database", choices=("sqlite", "postgresql"))
    parser.add_argument("--rows", type=int, default=2_000_000)
    parser.add_argument("--workers", type=int, default=2, help="processes of the site that answer requests")
    parser.add_argument("--out", type=Path, default=RESULTS)
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # ended from outside, the servers end too
    with tempfile.TemporaryDirectory(prefix="isegoria-benchmark-") as name:
        told = benchmark(options.database, options.rows, options.workers, Path(name))
    kept = json.loads(options.out.read_text("utf-8")) if options.out.exists() else {}
    options.out.write_text(json.dumps(kept | {options.database: told}, indent=1) + "\n", "utf-8")
    print(json.dumps(told, indent=1))


if __name__ == "__main__":
    main()
