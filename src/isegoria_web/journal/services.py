from __future__ import annotations

import fcntl
import hmac
import json
import os
import secrets
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Max, Min

from isegoria_web import clock
from isegoria_web.accounts.actors import Actor
from isegoria_web.accounts.enums import ActorKind
from isegoria_web.accounts.models import User
from isegoria_web.journal import algorithms
from isegoria_web.journal.enums import Action
from isegoria_web.journal.errors import ExportDiffers, JournalBroken, NoKey
from isegoria_web.journal.models import Chain, Checkpoint, Entry, Opening

FILE_ENTRIES = algorithms.FILE_ENTRIES
Fact = str | int | bool | None
Facts = Mapping[str, Fact | list[Fact] | Mapping[str, Fact]]


def actor_word(actor: Actor, institution: Any = None) -> str:
    """Return the actor as the public record shows her: a role, never a name."""
    if actor.kind == ActorKind.SYSTEM:
        return "system"
    if actor.kind == ActorKind.CITIZEN:
        return "citizen"
    if actor.is_operator:
        return "operator"
    roles = sorted(actor.roles_in(institution)) if institution is not None else []
    return ".".join(roles) or "member"


def record(
    *,
    actor: Actor,
    institution: Any,
    action: Action,
    subject: Any,
    facts: Facts | None = None,
    sealed: Mapping[str, Any] | None = None,
) -> Entry:
    """Write one act into the institution's public chain, in the transaction of the act itself.

    Parameters
    ----------
    actor
        Who acts; shown as a role.
    institution
        Whose chain.
    action
        The verb.
    subject
        The row that was changed: its random `public_id` is shown, else the institution's.
    facts
        Public numbers, codes, dates and hashes. Never anything personal.
    sealed
        What may be personal: the chain holds a salted commitment to it, and who acts can have it erased with
        its salt (`forget`).
    """
    with transaction.atomic(savepoint=False):  # the act and its entry stand or fall together
        chain = Chain.objects.select_for_update().get(pk=institution.chain_id)
        salt = secrets.token_bytes(32)
        moment = clock.now()
        made = algorithms.entry(
            seq=chain.length + 1,
            prev=chain.head,
            time=moment,
            actor=actor_word(actor, institution),
            action=action.value,
            subject=getattr(subject, "public_id", institution.public_id).hex,
            facts=dict(facts or {}),
            commitment=_commitment(salt, sealed),
        )
        entry = Entry.objects.create(
            chain=chain,
            sequence=made["seq"],
            previous=made["prev"],
            time=moment,
            actor=made["actor"],
            action=action,
            subject=made["subject"],
            facts=made["facts"],
            commitment=made["commitment"] or "",
            hash=made["hash"],
        )
        if sealed is not None:
            Opening.objects.create(entry=entry, salt=salt.hex(), payload=dict(sealed), person=actor.user)
        Chain.objects.filter(pk=chain.pk).update(length=entry.sequence, head=entry.hash)
        return entry


def forget(*, person: User) -> int:
    """Destroy what opens the commitments about a person, salts and all; the chains stay as valid as they were.

    Returns
    -------
    int
        How many were destroyed.
    """
    destroyed, _per_model = Opening.objects.filter(person=person).delete()
    return destroyed


def holds(entry: Entry) -> bool:
    """Return whether the opening of an entry's commitment is what was committed to; False once it was erased."""
    opening = Opening.objects.filter(entry=entry).first()
    return opening is not None and hmac.compare_digest(
        _commitment(bytes.fromhex(opening.salt), opening.payload) or "", entry.commitment
    )


def sign_checkpoint(*, chain: Chain) -> Checkpoint | None:
    """Sign how long a chain is, unless that was signed before; None if there is nothing new.

    Where a file of the export was finished since the last time, its end is signed as well, so that each file can be
    checked with one line and without the files behind it.

    Raises
    ------
    NoKey
        If the site has no key to sign with.
    JournalBroken
        If the head of the chain is not its newest entry.
    """
    if not algorithms.is_key(settings.JOURNAL_KEY):
        raise NoKey
    with transaction.atomic():
        chain = Chain.objects.select_for_update().get(pk=chain.pk)
        newest = chain.entries.order_by("-sequence").first()
        found = (newest.sequence, newest.hash) if newest else (0, algorithms.GENESIS)
        if found != (chain.length, chain.head):
            raise JournalBroken(chain.name, f"its head is entry {chain.length}, its newest {found[0]}")
        key = algorithms.public_key(settings.JOURNAL_KEY)
        signed = chain.checkpoints.filter(key=key).aggregate(last=Max("length"))["last"]
        if signed == chain.length:
            return None
        for end in range(FILE_ENTRIES, chain.length, FILE_ENTRIES):
            if end > (signed or 0):
                _sign(chain, end, chain.entries.get(sequence=end).hash)
        return _sign(chain, chain.length, chain.head)


def _sign(chain: Chain, length: int, head: str) -> Checkpoint:
    made = algorithms.checkpoint(
        private=settings.JOURNAL_KEY, chain=chain.public_id.hex, length=length, head=head, time=clock.now()
    )
    return Checkpoint.objects.create(
        chain=chain, length=length, head=head, time=clock.now(), key=made["key"],
        signature=made["signature"],
    )  # fmt: skip


def checkpoint_document(checkpoint: Checkpoint) -> dict[str, Any]:
    """Return a checkpoint as it is published."""
    return {
        "format": algorithms.CHECKPOINT_FORMAT,
        "chain": checkpoint.chain.public_id.hex,
        "length": checkpoint.length,
        "head": checkpoint.head,
        "time": algorithms.instant(checkpoint.time),
        "key": checkpoint.key,
        "signature": checkpoint.signature,
    }


def checkpoint_lines(chain: Chain, skip: int = 0) -> Iterator[str]:
    """Yield the checkpoints of a chain as JSON Lines, oldest first, after the first `skip`."""
    for checkpoint in chain.checkpoints.select_related("chain").order_by("pk")[skip:]:
        yield algorithms.canonical(checkpoint_document(checkpoint)).decode() + "\n"


def keys_document() -> dict[str, Any]:
    """Return the public keys that the site ever signed with, and the one in use."""
    known = Checkpoint.objects.values("key").annotate(first=Min("time"), last=Max("time")).order_by("first")
    current = (
        algorithms.public_key(settings.JOURNAL_KEY) if algorithms.is_key(settings.JOURNAL_KEY) else None
    )
    return {
        "format": "isegoria-journal-keys/1",
        "algorithm": "Ed25519",
        "key": current,
        "keys": [
            {
                "key": each["key"],
                "first": algorithms.instant(each["first"]),
                "last": algorithms.instant(each["last"]),
            }
            for each in known
        ],
    }


def as_document(entry: Entry) -> dict[str, Any]:
    """Return the entry as it stands in an export."""
    return {
        "seq": entry.sequence,
        "prev": entry.previous,
        "time": algorithms.instant(entry.time),
        "actor": entry.actor,
        "action": entry.action,
        "subject": entry.subject,
        "facts": entry.facts,
        "commitment": entry.commitment or None,
        "hash": entry.hash,
    }


def export_lines(chain: Chain, after: int = 0) -> Iterator[str]:
    """Yield the chain as JSON Lines in constant memory: a header, then one entry a line.

    After some entry there is no header, so that the lines continue a file that ends with that entry.
    """
    entries = chain.entries.filter(sequence__gt=after).order_by("sequence").iterator(chunk_size=500)
    lines = algorithms.export(as_document(entry) for entry in entries)
    return islice(lines, 1, None) if after else lines


def file_lines(chain: Chain, number: int) -> Iterator[str]:
    """Yield the lines of a file of the journal, by its number from 1: bounded, and one continues the other."""
    first, last = _bounds(number)
    entries = chain.entries.filter(sequence__gte=first, sequence__lte=last).order_by("sequence")
    lines = algorithms.export(as_document(entry) for entry in entries.iterator(chunk_size=500))
    return lines if number == 1 else islice(lines, 1, None)


def file_count(chain: Chain) -> int:
    """Return in how many files the journal stands: one at least, the last of them unfinished or just full."""
    return max(1, -(-chain.length // FILE_ENTRIES))


def index_lines(chain: Chain, skip: int = 0) -> Iterator[str]:
    """Yield the index of the finished files of a journal, oldest first, after the first `skip`."""
    ends = range((skip + 1) * FILE_ENTRIES, chain.length + 1, FILE_ENTRIES)
    heads = dict(chain.entries.filter(sequence__in=ends).values_list("sequence", "hash"))
    for last in ends:
        number = last // FILE_ENTRIES
        yield algorithms.index_line(number, _bounds(number)[0], last, heads[last])


def _bounds(number: int) -> tuple[int, int]:
    return (number - 1) * FILE_ENTRIES + 1, number * FILE_ENTRIES


def write_export(*, chain: Chain, folder: Path) -> int:
    """Append what is new in a chain, and its new checkpoints, to its files; returns how many entries were new.

    Only one process writes at a time. Half a line that a crash left behind is cut off and written again;
    nothing else in the files is ever changed, and a finished file is not even opened any more.

    Raises
    ------
    ExportDiffers
        If a file does not end with what the database holds there: one of the two was rewritten.
    """
    place = folder / chain.name
    place.mkdir(mode=0o755, parents=True, exist_ok=True)
    with _alone(place / ".lock"):
        chain.refresh_from_db()
        number, written = _written(place, chain)
        exported = _exported(number, written)
        for each in range(number, file_count(chain) + 1):
            skip = written if each == number else 0
            _append(place / algorithms.file_name(each), islice(file_lines(chain, each), skip, None))
        for name, lines in (("index.jsonl", index_lines), ("checkpoints.jsonl", checkpoint_lines)):
            _append(place / name, _new(place / name, chain, lines))
    return chain.length - exported


def behind(*, chain: Chain, folder: Path) -> datetime | None:
    """Return since when an entry waits to be exported; None if the files hold all of them."""
    number, written = _written(folder / chain.name, chain)
    waiting = chain.entries.filter(sequence__gt=_exported(number, written)).order_by("sequence").first()
    return None if waiting is None else waiting.time


def _written(place: Path, chain: Chain) -> tuple[int, int]:
    """Return the number of the last file of an export, 1 without any, and how many whole lines it has.

    Raises
    ------
    ExportDiffers
        If its last line is not what the database holds there.
    """
    number = max(1, len(list(place.glob("journal-*.jsonl"))))
    file = place / algorithms.file_name(number)
    lines, last = _last_line(file) if file.exists() else (0, "")
    if lines and next(islice(file_lines(chain, number), lines - 1, None), "") != last:
        raise ExportDiffers(str(file), lines)
    return number, lines


def _exported(number: int, written: int) -> int:
    """Return how many entries stand in an export whose last file has so many lines; the first begins with the format."""
    return _bounds(number)[0] - 1 + (max(0, written - 1) if number == 1 else written)


def _new(file: Path, chain: Chain, lines_of: Callable[[Chain, int], Iterator[str]]) -> Iterator[str]:
    """Yield the lines that a file of the index or of the checkpoints lacks."""
    number, last = _last_line(file) if file.exists() else (0, "")
    if number and next(lines_of(chain, number - 1), "") != last:
        raise ExportDiffers(str(file), number)
    return lines_of(chain, number)


def _last_line(file: Path) -> tuple[int, str]:
    """Return how many whole lines a file has, and the last of them."""
    number, last = 0, b""
    with file.open("rb") as opened:
        for line in opened:
            if line.endswith(b"\n"):
                number, last = number + 1, line
    return number, last.decode("utf-8", "replace")


def _append(file: Path, lines: Iterator[str]) -> None:
    """Append lines and wait for the disk; half a line at the end is cut off before."""
    with file.open("a+b") as opened:
        opened.seek(0)
        whole = sum(len(line) for line in opened if line.endswith(b"\n"))
        opened.truncate(whole)
        for line in lines:
            opened.write(line.encode())
        opened.flush()
        os.fsync(opened.fileno())


@contextmanager
def _alone(lock: Path) -> Iterator[None]:
    with lock.open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        yield


def _commitment(salt: bytes, sealed: Mapping[str, Any] | None) -> str | None:
    if sealed is None:
        return None
    payload = json.dumps(sealed, ensure_ascii=False, sort_keys=True, default=str).encode()
    return hmac.new(salt, payload, "sha256").hexdigest()
