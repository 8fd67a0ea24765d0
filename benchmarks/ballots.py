"""A thousand members vote within thirty seconds: none lost, none doubled.

    python benchmarks/ballots.py sqlite
    python benchmarks/ballots.py postgresql

The site is the real one (`isegoria serve`) on loopback. Every member is a browser of her own that is signed in: she
opens the page of the ballot and puts her vote into the box, at moments spread evenly over thirty seconds; one in ten
sends the same vote twice at the same instant. Afterwards two persons open the box, and the count, the published
receipts and the receipts that the members saw are compared. Beside it stands the physical limit: how many writes a second the disk
confirms one after the other, as each vote must be on the disk before its receipt is shown. Results: benchmarks/results/ballots.json, told in
docs/ballots.md.
"""

from __future__ import annotations

import argparse
import datetime as dt
import http.client
import json
import os
import re
import signal
import sys
import tempfile
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from statistics import quantiles
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))
from answers import (
    SLUG,
    Browser,
    _token,
    cpu_seconds,
    database,
    free_port,
    post_letters,
    set_up,
    site,
)

RESULTS = Path(__file__).parent / "results" / "ballots.json"
MEMBERS, SECONDS, TWICE = 1000, 30, 10
PAGE = f"/en/{SLUG}/my/choices/1/"
RECEIPT = re.compile(r"<code>([0-9A-Z]{4}(?:-[0-9A-Z]{4}){3})</code>")


def seat(count: int) -> tuple[list[str], Any]:
    """Make an institution with so many sitting members and an open ballot; return their session keys and the ballot."""
    post_letters(count)
    from django.conf import settings  # noqa: PLC0415
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY  # noqa: PLC0415
    from django.contrib.sessions.backends.db import SessionStore  # noqa: PLC0415

    from isegoria_web import clock  # noqa: PLC0415
    from isegoria_web.accounts.models import User  # noqa: PLC0415
    from isegoria_web.ballots.enums import BallotKind  # noqa: PLC0415
    from isegoria_web.ballots.models import Ballot  # noqa: PLC0415
    from isegoria_web.institutions.models import Cycle  # noqa: PLC0415
    from isegoria_web.lottery.enums import DrawKind, DrawStatus, SelectionKind, SourceKind  # noqa: PLC0415
    from isegoria_web.lottery.models import Draw, Pool, PoolEntry, RandomSource, Selection  # noqa: PLC0415
    from isegoria_web.membership.enums import TermStatus  # noqa: PLC0415
    from isegoria_web.membership.models import Member, Seat, Term  # noqa: PLC0415
    from isegoria_web.recruitment.models import Invitation, Respondent  # noqa: PLC0415

    now, cycle = clock.now(), Cycle.objects.select_related("body").get()
    draw = Draw.objects.create(
        cycle=cycle, kind=DrawKind.PANEL, number=2, size=count, source={"en": "dice"}, source_due_at=now,
        announced_at=now,
    )  # fmt: skip
    pool = Pool.objects.create(draw=draw, frozen_at=now, root="0" * 64, size=count)
    people = range(1, count + 1)
    entries = PoolEntry.objects.bulk_create(
        (PoolEntry(pool=pool, code=f"P{number:05d}", features={}, salt="0" * 64) for number in people), 500
    )
    RandomSource.objects.create(
        draw=draw, position=1, name="dice:8x10:load", kind=SourceKind.DICE, due_at=now,
    )  # fmt: skip
    for step in (
        {"status": DrawStatus.COMMITTED, "committed_at": now - dt.timedelta(hours=1)},
        {
            "status": DrawStatus.DRAWN,
            "drawn_at": now,
            "source_value": "3-1-4-1-5-9-2-6",
            "challenge_ends_at": now,
        },
    ):  # the database lets nobody be selected but by a draw that has taken its way
        Draw.objects.filter(pk=draw.pk).update(**step)
        draw.sources.update(value="3-1-4-1-5-9-2-6", obtained_at=now)
    selections = Selection.objects.bulk_create(
        (
            Selection(draw=draw, entry=entry, kind=SelectionKind.MEMBER, position=number)
            for number, entry in enumerate(entries, 1)
        ),
        500,
    )
    respondents = Respondent.objects.bulk_create(
        (
            Respondent(invitation=letter, name="Person", language="en", answers={}, consented_at=now)
            for letter in Invitation.objects.order_by("position")[:count]
        ),
        500,
    )
    users = User.objects.bulk_create(
        (User(email=f"member-{number}@example.org", name="Member") for number in people),
        500,
    )
    members = Member.objects.bulk_create(
        (
            Member(
                cycle=cycle,
                number=number,
                user=user,
                respondent=respondent,
                selection=selection,
                features={},
            )
            for number, user, respondent, selection in zip(
                people, users, respondents, selections, strict=True
            )
        ),
        500,
    )
    seats = Seat.objects.bulk_create((Seat(body=cycle.body, number=number) for number in people), 500)
    Term.objects.bulk_create(
        (
            Term(seat=one, member=member, status=TermStatus.ACTIVE, starts_on=now.date())
            for one, member in zip(seats, members, strict=True)
        ),
        500,
    )
    ballot = Ballot.objects.create(
        cycle=cycle, number=1, kind=BallotKind.APPROVAL, question={"en": "What first?"},
        options=[{"key": str(number), "text": {"en": f"Option {number}"}} for number in range(1, 8)], places=3,
        opened_at=now, closes_at=now + dt.timedelta(hours=2), eligible=count,
    )  # fmt: skip
    ballot.roll.set(members)
    keys = []
    for user in users:
        session = SessionStore()
        session[SESSION_KEY] = str(user.pk)
        session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
        session[HASH_SESSION_KEY] = user.get_session_auth_hash()
        session.save()
        keys.append(session.session_key or "")
    return keys, ballot


def vote(port: int, key: str, number: int) -> list[str]:
    """Open the page, put a vote into the box; return the receipts that were shown. Some send it twice at once."""
    browser = Browser(port, {"session": key})
    marks = {"csrfmiddlewaretoken": _token(browser.ask(PAGE, 200)), "marks": str(number % 7 + 1)}
    browsers = [browser]
    if number % TWICE == 0:
        browsers.append(Browser(port, dict(browser.cookies)))
    together = threading.Barrier(len(browsers), timeout=60)
    shown: list[str] = []

    def send(one: Browser) -> None:
        together.wait()
        try:
            page = one.ask(PAGE, 200, marks)
        except ValueError as refused:
            if "409" not in str(refused):  # who sends twice is told that her vote is recorded
                raise
        else:
            shown.extend(RECEIPT.findall(page))
        one.connection.close()

    with ThreadPoolExecutor(len(browsers)) as pool:
        for done in [pool.submit(send, one) for one in browsers]:
            done.result()
    return shown


def arrive(port: int, keys: list[str]) -> dict[str, Any]:
    """Let every member vote at her moment; tell the receipts, the waiting times and what went wrong."""
    begin = time.monotonic() + 0.5
    receipts: list[str] = []
    waited: list[float] = []
    errors: Counter[str] = Counter()

    def member(number: int) -> None:
        due = begin + number * SECONDS / len(keys)
        time.sleep(max(0.0, due - time.monotonic()))
        try:
            receipts.extend(vote(port, keys[number], number))
            waited.append(time.monotonic() - due)
        except (OSError, ValueError, http.client.HTTPException) as error:
            errors[f"{type(error).__name__}: {error}"[:120]] += 1

    with ThreadPoolExecutor(200) as pool:
        list(pool.map(member, range(len(keys))))
    cuts = quantiles(waited, n=100) if len(waited) > 1 else [0.0] * 99
    return {
        "receipts": receipts,
        "told": {
            "members": len(keys),
            "seconds": round(time.monotonic() - begin, 1),
            "errors": sum(errors.values()),
            "which": dict(errors.most_common(5)),
            "waiting median": round(cuts[49], 3),
            "waiting 95 %": round(cuts[94], 3),
            "waiting 99 %": round(cuts[98], 3),
        },
    }


def disk_waits(folder: Path, writes: int = 200) -> float:
    """Return how many writes a second this disk confirms one after the other: every vote waits for one of them."""
    with (folder / "waits").open("wb", buffering=0) as file:
        begin = time.monotonic()
        for _write in range(writes):
            file.write(bytes(4096))
            os.fsync(file.fileno())
        return writes / (time.monotonic() - begin)


def opened(ballot: Any) -> Any:
    """Open the box by two persons after its time, and return the counted ballot."""
    from isegoria_web import clock  # noqa: PLC0415
    from isegoria_web.accounts.actors import Actor  # noqa: PLC0415
    from isegoria_web.accounts.enums import Role  # noqa: PLC0415
    from isegoria_web.accounts.models import Grant, User  # noqa: PLC0415
    from isegoria_web.ballots import services  # noqa: PLC0415

    institution, two = ballot.cycle.institution, []
    for role in (Role.FACILITATOR, Role.SECRETARIAT):
        user = User.objects.create(email=f"{role}@example.org", name=role.label)
        Grant.objects.create(user=user, institution=institution, role=role, valid_from=clock.now())
        two.append(Actor.of(user))
    with clock.at(ballot.closes_at):
        services.propose_closing(actor=two[0], ballot=ballot)
        return services.close_ballot(actor=two[1], ballot=ballot)


def benchmark(kind: str, workers: int, folder: Path) -> dict[str, Any]:
    """Let the members vote on one database, open the box, and compare."""
    with database(kind, folder) as (url, postmaster):
        set_up(folder, url)
        keys, ballot = seat(MEMBERS)
        port, load, limit = free_port(), os.getloadavg()[0], disk_waits(folder)
        with site(port, workers) as server:
            Browser(port).ask(f"/en/{SLUG}/answer/", 200)
            before = cpu_seconds(server) + (cpu_seconds(postmaster) if postmaster else 0)
            found = arrive(port, keys)
            spent = cpu_seconds(server) + (cpu_seconds(postmaster) if postmaster else 0) - before
        counted = opened(ballot)
        published, seen = counted.papers.receipts(), found["receipts"]
        expected = Counter(str(number % 7 + 1) for number in range(MEMBERS))
        return found["told"] | {
            "workers": workers,
            "CPU ms a member": round(1000 * spent / MEMBERS, 1),
            "votes a second": round(len(published) / found["told"]["seconds"], 1),
            "writes a second that the disk confirms": round(limit),
            "load before": round(load, 2),
            "papers": len(published),
            "every receipt seen is published": set(seen) == set(published) and len(set(seen)) == len(seen),
            "the count is what was voted": counted.outcome["approvals"] == dict(expected),
        }


def main() -> None:
    """Measure, and keep the result beside that of the other database."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("database", choices=["sqlite", "postgresql"])
    parser.add_argument("--workers", type=int, default=2, help="processes of the site that answer requests")
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # ended from outside, the servers end too
    with tempfile.TemporaryDirectory(prefix="isegoria-benchmark-") as name:
        told = benchmark(options.database, options.workers, Path(name))
    kept = json.loads(RESULTS.read_text("utf-8")) if RESULTS.exists() else {}
    RESULTS.write_text(json.dumps(kept | {options.database: told}, indent=1) + "\n", "utf-8")
    print(json.dumps(told, indent=1))


if __name__ == "__main__":
    main()
