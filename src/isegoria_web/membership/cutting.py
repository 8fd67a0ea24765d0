"""Until when a seat is filled again: the meeting that the rule book names, once it is over."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from isegoria_web import clock
from isegoria_web.institutions.models import Cycle
from isegoria_web.membership.algorithms import replaced_until

MeetingEnds = Callable[[Cycle, int], datetime | None]
_MEETINGS: list[MeetingEnds] = []


@dataclass(frozen=True)
class CutOff:
    """Seats of a cycle stay vacant: since when, after which meeting, by which rule and version."""

    since: datetime
    meeting: int
    rule: str


def meetings_end_by(ends: MeetingEnds) -> None:
    """Register who knows when a meeting of a cycle ends: an app that comes later."""
    if ends not in _MEETINGS:
        _MEETINGS.append(ends)


def cut_off(cycle: Cycle) -> CutOff | None:
    """Return why seats of a cycle stay vacant from now on; None while they are filled again."""
    found = replaced_until(cycle.rule_book, cycle.body.key)
    if found is None:
        return None
    meeting, rule = found
    ends = next((end for each in _MEETINGS if (end := each(cycle, meeting)) is not None), None)
    return CutOff(ends, meeting, rule) if ends is not None and ends <= clock.now() else None
