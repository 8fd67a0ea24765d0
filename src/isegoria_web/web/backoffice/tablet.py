"""What the tablet of a facilitator sends and gets: entries that it made, perhaps without a network, and the table.

Each entry has an id that the tablet made, so that it can be sent until an answer comes; it counts once.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from django.db.models import Prefetch

from isegoria_web import clock
from isegoria_web.accounts.actors import Actor
from isegoria_web.deliberation import noting
from isegoria_web.deliberation.enums import WordingStatus
from isegoria_web.deliberation.models import Wording
from isegoria_web.errors import NotAllowed, ServiceError
from isegoria_web.meetings import speaking
from isegoria_web.meetings.models import Table
from isegoria_web.meetings.people import Sign, sign_of
from isegoria_web.web.backoffice.errors import EntriesTooLarge, EntriesUnreadable, EntryUnreadable

MOST_BYTES = 300_000
MOST_ENTRIES = 50
Entry = Mapping[str, Any]


def state_of(table: Table) -> dict[str, Any]:
    """Return what the tablet shows: people in the order of the turn list, notes, and texts that were set aside."""
    meeting = table.plan.meeting
    running = table.turns.running().select_related("member", "appointee").first()
    return {
        "at": clock.now().isoformat(),
        "closed": meeting.closed_at is not None,
        "until": (meeting.ends_at + speaking.KEPT_AFTER).isoformat(),
        "running": None if running is None else {
            "member": sign_of(running.person), "since": int(running.began_at.timestamp() * 1000),
        },
        "people": [] if meeting.closed_at else [
            {"number": one.sign, "name": one.name, "seconds": one.seconds}
            for one in speaking.turn_list(table)
        ],
        "notes": [
            {
                "id": str(note.public_id), "text": note.text, "language": note.language,
                "by": note.written_by.name,
                "aside": [
                    {"id": str(one.public_id), "text": one.text, "by": one.written_by.name}
                    for one in note.wordings.all()
                ],
            }
            for note in notes_of(table)
        ],
    }  # fmt: skip


def notes_of(table: Table) -> Any:
    """Return the notes of a table, each with the texts that were set aside beside it."""
    aside = Prefetch("wordings", Wording.objects.set_aside().select_related("written_by"))
    return table.notes.select_related("written_by").prefetch_related(aside).order_by("written_at", "pk")


def read(body: bytes) -> Sequence[Any]:
    """Return the entries of a request.

    Raises
    ------
    EntriesTooLarge, EntriesUnreadable
        If they cannot be read; none is kept.
    """
    if len(body) > MOST_BYTES:
        raise EntriesTooLarge
    try:
        sent = json.loads(body)
    except (ValueError, RecursionError):
        raise EntriesUnreadable from None
    entries = sent.get("entries") if isinstance(sent, dict) else None
    if not isinstance(entries, list):
        raise EntriesUnreadable
    if len(entries) > MOST_ENTRIES:
        raise EntriesTooLarge
    return entries


def keep(actor: Actor, table: Table, entry: Any, languages: Sequence[str]) -> dict[str, str]:
    """Keep one entry, and return what became of it: kept, set aside, or refused with the reason.

    Who may not is refused as a whole.
    """
    named = entry.get("id") if isinstance(entry, dict) else None
    result = {"id": named if isinstance(named, str) else ""}
    try:
        return {**result, "done": _keep(actor, table, entry, languages)}
    except NotAllowed:
        raise
    except ServiceError as refusal:
        return {
            **result, "done": "refused", "problem": str(refusal.problem), "way_out": str(refusal.way_out),
        }  # fmt: skip


def _keep(actor: Actor, table: Table, entry: Any, languages: Sequence[str]) -> str:
    if not isinstance(entry, dict):
        raise EntryUnreadable("{}")
    entry_id = _uuid(entry, "id")
    if entry.get("kind") == "turn":
        speaking.add_turn(
            actor=actor, table=table, public_id=entry_id, who=_who(entry, "member"),
            seconds=_number(entry, "seconds"),
        )  # fmt: skip
        return "kept"
    if entry.get("kind") != "note":
        raise EntryUnreadable("kind")
    language = _text(entry, "language")
    if language not in languages:
        raise EntryUnreadable("language")
    wording = noting.keep_note(
        actor=actor, table=table, note_id=_uuid(entry, "note"), wording_id=entry_id,
        text=_text(entry, "text"), language=language, seen=_text(entry, "seen"),
    )  # fmt: skip
    return "set_aside" if wording.status == WordingStatus.SET_ASIDE else "kept"


def _uuid(entry: Entry, part: str) -> UUID:
    try:
        return UUID(_text(entry, part))
    except ValueError:
        raise EntryUnreadable(part) from None


def _text(entry: Entry, part: str) -> str:
    value = entry.get(part)
    if not isinstance(value, str) or "\x00" in value:
        raise EntryUnreadable(part)
    return value


def _who(entry: Entry, part: str) -> Sign:
    """Return who spoke: a citizen by her number, an appointee by her sign."""
    return _text(entry, part) if isinstance(entry.get(part), str) else _number(entry, part)


def _number(entry: Entry, part: str) -> int:
    value = entry.get(part)
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < 2**31:
        raise EntryUnreadable(part)
    return value
