"""Journals for tests."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from isegoria.proof.journal import GENESIS, entry, export

START = datetime(2027, 1, 1, 8, tzinfo=UTC)


def chain(length, *, told="truth"):
    entries, prev = [], GENESIS
    for seq in range(1, length + 1):
        made = entry(
            seq=seq,
            prev=prev,
            time=START + timedelta(minutes=seq),
            actor="secretariat",
            action="meeting.called",
            subject=f"{seq:032x}",
            facts={"number": seq, "told": told},
            commitment="ab" * 32 if seq % 2 else None,
        )
        entries.append(made)
        prev = made["hash"]
    return entries


def lines(entries):
    return list(export(entries))
