"""The ceremony of a draw as pages show it: the same state for the office, the public page and the projector."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from isegoria_web import clock
from isegoria_web.lottery.enums import DrawStatus, SelectionKind, SourceKind
from isegoria_web.lottery.models import Draw, RandomSource, Reading


@dataclass(frozen=True)
class PartyState:
    """A party to a commit–reveal, with its published hash and what became of it."""

    name: str
    promise: str
    state: str
    """`bound`, `revealed` or `withheld`."""
    secret: str


@dataclass(frozen=True)
class SourceState:
    """What is known of a source at a moment. What one person alone wrote down is shown to nobody."""

    source: RandomSource
    phase: str
    """`ahead`, `waiting`, `one` (person wrote it down), `differ` or `known`."""
    readings: Sequence[Reading]
    earlier: Sequence[Reading]
    revealed: Mapping[str, str]
    """The secret number of each party that has revealed it."""
    withheld: Sequence[str]

    @property
    def parties(self) -> list[PartyState]:
        """Return the parties to a commit–reveal, in the announced order."""
        return [
            PartyState(party, each["commitment"], self._state_of(party), self.revealed.get(party, ""))
            for each in self.source.parties
            for party in [each["party"]]
        ]

    def _state_of(self, party: str) -> str:
        if party in self.revealed:
            return "revealed"
        return "withheld" if party in self.withheld else "bound"

    @property
    def words(self) -> str:
        """Return the phase in a sentence."""
        return {
            "ahead": _("It lies ahead, so nobody can know it."),
            "waiting": _("Its moment has come; it is awaited."),
            "one": _("One person has written it down. A second one does so independently."),
            "differ": _("Two people have written down different values. They look at the film again."),
            "known": _("It is known."),
        }[self.phase]

    @property
    def parts(self) -> list[str]:
        """Return the numbers of dice or balls, one by one; a long value in groups of four characters."""
        return self._parts_of(self.source.value)

    @property
    def apart(self) -> list[list[tuple[str, bool]]]:
        """Return what two people wrote down, number by number, each with whether they differ in it."""
        split = [self._parts_of(each.value) for each in self.readings]
        if self.phase != "differ":
            return []
        return [
            [
                (part, any(place >= len(other) or other[place] != part for other in split))
                for place, part in enumerate(one)
            ]
            for one in split
        ]

    def _parts_of(self, value: str) -> list[str]:
        if self.source.kind in {SourceKind.DICE, SourceKind.BALLS}:
            return value.split("-") if value else []
        return [value[start : start + 4] for start in range(0, len(value), 4)]


def source_state(source: RandomSource) -> SourceState:
    """Return what is known of a source now."""
    readings = list(source.readings.all())
    current = [each for each in readings if each.replaced_at is None]
    revealed = {each.party: each.secret for each in source.reveals.all()}
    withheld = [each["party"] for each in source.parties if each["party"] not in revealed]
    over = clock.now() >= source.due_at
    if source.value:
        phase = "known"
    elif len(current) > 1:
        phase = "differ"
    elif current:
        phase = "one"
    else:
        phase = "waiting" if over else "ahead"
    shown = phase in {"known", "differ"}
    return SourceState(
        source,
        phase,
        current if shown else [],
        [each for each in readings if each.replaced_at is not None] if shown else [],
        revealed,
        withheld if over else [],
    )


@dataclass(frozen=True)
class Step:
    """A step of the ceremony with its public moment."""

    key: str
    name: str
    at: datetime | None
    state: str  # done, now, next


@dataclass(frozen=True)
class Ceremony:
    """Where a draw stands, for everybody."""

    draw: Draw
    phase: str
    """`announced`, `committed`, `due`, `overdue`, `drawn`, `final` or `annulled`."""
    steps: Sequence[Step]
    sources: Sequence[SourceState]
    now: datetime


def ceremony_of(draw: Draw) -> Ceremony:
    """Return where a draw stands now; lateness follows from the data, and nobody can remove it."""
    now = clock.now()
    sources = list(draw.sources.prefetch_related("readings", "reveals"))
    states = [source_state(each) for each in sources]
    return Ceremony(draw, _phase(draw, now), _steps(draw, sources), states, now)


def _phase(draw: Draw, now: datetime) -> str:
    if draw.is_overdue(now):
        return "overdue"
    if draw.status == DrawStatus.COMMITTED:
        return "due" if now >= draw.source_due_at else "committed"
    return str(draw.status)


def _steps(draw: Draw, sources: Sequence[RandomSource]) -> list[Step]:
    known = all(each.value for each in sources)
    obtained = [each.obtained_at for each in sources if each.obtained_at]
    rows = [
        ("announced", _("Announced"), draw.announced_at, True),
        ("committed", _("Committed"), draw.committed_at, draw.committed_at is not None),
        (
            "randomness",
            _("Public randomness"),
            max(obtained) if known and obtained else draw.source_due_at,
            known and bool(obtained),
        ),
        ("drawn", _("Result"), draw.drawn_at or draw.publish_by, draw.drawn_at is not None),
        ("final", _("Final"), draw.final_at or draw.challenge_ends_at, draw.final_at is not None),
    ]
    steps, reached = [], False
    for key, name, at, done in rows:
        state = "done" if done else ("next" if reached or draw.status == DrawStatus.ANNULLED else "now")
        reached = reached or state == "now"
        steps.append(Step(key, name, at, state))
    return steps


def as_data(found: Ceremony) -> dict[str, Any]:
    """Return the state for the small script that keeps a page up to date: nothing that the page does not show."""
    draw = found.draw
    selections = draw.selections.select_related("entry") if draw.is_drawn else []
    return {
        "phase": found.phase,
        "now": found.now.isoformat(),
        "due": draw.source_due_at.isoformat(),
        "publish_by": draw.publish_by.isoformat() if draw.publish_by else None,
        "sources": [
            {
                "name": each.source.name,
                "phase": each.phase,
                "words": each.words,
                "parts": each.parts,
                "revealed": list(each.revealed),
                "withheld": list(each.withheld),
            }
            for each in found.sources
        ],
        "size": draw.size,
        "members": [each.entry.code for each in selections if each.kind == SelectionKind.MEMBER],
        "annulled": draw.status == DrawStatus.ANNULLED,
    }
