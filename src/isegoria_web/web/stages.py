"""Where a cycle stands: its stages in their order, done, now or next, with their days."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from isegoria_web.institutions.enums import Stage
from isegoria_web.institutions.models import Cycle

State = Literal["done", "now", "next", "never"]


@dataclass(frozen=True)
class StageOnLine:
    """One stage of a cycle as a page shows it."""

    stage: Stage
    state: State
    reached: datetime | None
    planned: date | None

    @property
    def label(self) -> str:
        """Its name in the reader's language."""
        return str(self.stage.label)


def line_of(cycle: Cycle) -> list[StageOnLine]:
    """Return all stages of a cycle; a closed cycle is done throughout, one that was broken off up to where it was."""
    order = list(Stage)
    broken_off = bool(cycle.broken_off_from)
    now = order.index(Stage(cycle.broken_off_from or cycle.stage))
    milestones = {milestone.stage: milestone for milestone in cycle.milestones.all()}
    line = []
    for index, stage in enumerate(order):
        milestone = milestones.get(stage)
        line.append(
            StageOnLine(
                stage=stage,
                state=_state(index, now, closed=cycle.stage == Stage.CLOSED, broken_off=broken_off),
                reached=milestone.reached_at if milestone else None,
                planned=milestone.planned_on if milestone else None,
            )
        )
    return line


def _state(index: int, now: int, *, closed: bool, broken_off: bool) -> State:
    if broken_off:
        return "done" if index <= now else "never"
    if index < now or closed:
        return "done"
    return "now" if index == now else "next"
