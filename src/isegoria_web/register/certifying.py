"""Certificates of what was erased, and the list by which it is erased again after a backup is restored.

The list lies outside the database and its backups. It holds keyed hashes alone; its hash stands in the journal.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction

from isegoria_web import clock, erasure
from isegoria_web.accounts.actors import Actor
from isegoria_web.institutions.algorithms import ground
from isegoria_web.institutions.models import Cycle, Institution
from isegoria_web.journal.enums import Action
from isegoria_web.journal.services import record
from isegoria_web.register.enums import Erased, Rule
from isegoria_web.register.models import Erasure

FILE = "erased.jsonl"


def certify(
    *,
    actor: Actor,
    institution: Institution,
    kind: Erased,
    rule: Rule,
    counts: Mapping[str, int],
    keys: Iterable[str],
    cycle: Cycle | None = None,
    due_on: date | None = None,
) -> Erasure:
    """Write the certificate of what was just erased, and its entry in the journal; part of verbs that asked who may.

    Parameters
    ----------
    counts
        What was erased to how many.
    keys
        Keyed hashes of what was erased (`erasure.key_of`).
    """
    made = _write(institution, cycle, kind, rule, counts, keys, due_on)
    entry = record(
        actor=actor, institution=institution, action=Action.DATA_ERASED, subject=made,
        facts={
            "kind": kind.value,
            "rule": rule.value,
            "due_on": due_on.isoformat() if due_on else None,
            "counts": dict(counts),
            "list": made.list_sha256,
            **({"cycle": cycle.number} if cycle else {}),
            "rules": {"due_on": _ground(institution, cycle, rule)},
        },
    )  # fmt: skip
    made.entry = entry.sequence
    made.save(update_fields=["entry"])
    return made


def _ground(institution: Institution, cycle: Cycle | None, rule: Rule) -> str:
    """Return which rule of the rule book fixed the day, as the journal names it; most have a day of the site's calendar."""
    version = institution.rule_books.latest("number") if cycle is None else cycle.rule_book
    return ground(version, "draw.reserve") if rule == Rule.POOL else ground(version)


def remember_person(public_id: object) -> Erasure:
    """Put a person whose account was emptied on the list; the journals in which she acted say it by themselves."""
    key = erasure.key_of(Erased.PERSON, public_id)
    return _write(None, None, Erased.PERSON, Rule.PERSON, {"people": 1}, [key], None)


def _write(
    institution: Institution | None,
    cycle: Cycle | None,
    kind: Erased,
    rule: Rule,
    counts: Mapping[str, int],
    keys: Iterable[str],
    due_on: date | None,
) -> Erasure:
    listed = sorted(set(keys))
    made = Erasure.objects.create(
        institution=institution, cycle=cycle, kind=kind, rule=rule, due_on=due_on, erased_at=clock.now(),
        counts=dict(counts), keys=listed, list_sha256=hash_of(listed),
    )  # fmt: skip
    transaction.on_commit(write_list)
    return made


def hash_of(keys: Iterable[str]) -> str:
    """Return the hash of a list of keyed hashes: sorted, one a line."""
    return hashlib.sha256("".join(f"{key}\n" for key in sorted(keys)).encode()).hexdigest()


# -- the list outside the database -------------------------------------------------------------------------
def write_list() -> int:
    """Append to the list what is not on it yet; returns how many certificates. One process writes at a time."""
    waiting = list(Erasure.objects.filter(listed_at__isnull=True).order_by("pk"))
    if not waiting:
        return 0
    settings.ERASURES.mkdir(mode=0o700, parents=True, exist_ok=True)
    file = settings.ERASURES / FILE
    with _alone(settings.ERASURES / ".lock"):
        there = {line["erasure"] for line in read_list(file)} if file.exists() else set()
        with os.fdopen(os.open(file, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600), "ab") as opened:
            opened.truncate(_whole(file))
            for each in waiting:
                if each.public_id.hex not in there:
                    opened.write(_line(each))
            opened.flush()
            os.fsync(opened.fileno())
    return Erasure.objects.filter(pk__in=[each.pk for each in waiting]).update(listed_at=clock.now())


def read_list(file: Path) -> Iterator[dict[str, Any]]:
    """Yield what stands on a list; half a line that a crash left behind is passed over.

    Raises
    ------
    ValueError
        If a line is not as it was written.
    """
    with file.open("rb") as opened:
        for number, line in enumerate(opened, start=1):
            if not line.endswith(b"\n"):
                return
            found = json.loads(line)
            if hash_of(found["keys"]) != found["list"]:
                raise ValueError(
                    f"{file}, line {number}: the keys do not have the hash that stands beside them"
                )
            yield found


def erase_again(file: Path) -> dict[str, erasure.Again]:
    """Erase all that stands on a list and that a restored backup has brought back; what is gone already stays so.

    Returns
    -------
    dict
        Kind to how many were erased again, and how many could not be yet.
    """
    keys: defaultdict[str, set[str]] = defaultdict(set)
    for found in read_list(file):
        keys[found["kind"]].update(found["keys"])
    order = [kind.value for kind in (Erased.LETTER, Erased.PERSON, Erased.EXTRACT)]
    return {kind: erasure.erase_again(kind, keys[kind]) for kind in order if kind in keys}


def _whole(file: Path) -> int:
    """Return how many bytes whole lines have; half a line that a crash left behind is cut off."""
    with file.open("rb") as opened:
        return sum(len(line) for line in opened if line.endswith(b"\n"))


def _line(made: Erasure) -> bytes:
    shown = {
        "erasure": made.public_id.hex,
        "kind": made.kind,
        "erased_at": f"{made.erased_at:%Y-%m-%dT%H:%M:%SZ}",
        "list": made.list_sha256,
        "keys": made.keys,
    }
    return json.dumps(shown, separators=(",", ":")).encode() + b"\n"


@contextmanager
def _alone(lock: Path) -> Iterator[None]:
    with lock.open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        yield
