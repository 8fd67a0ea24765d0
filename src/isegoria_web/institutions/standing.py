"""At which station a cycle stands, since when, and what it lacks: the facts come from the apps, the rest is `stations`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime

from isegoria_web.institutions.enums import Detour, Stage, Station
from isegoria_web.institutions.guards import Missing, agenda_holds, cycle_holds, named
from isegoria_web.institutions.machine import Guard, lacking
from isegoria_web.institutions.models import Cycle, Institution
from isegoria_web.institutions.stations import PHASES, Mark, Row, marks, rows_of, where

Moment = Callable[[Cycle], datetime | None]
_DONE_AT: dict[Station, Moment] = {
    Station.MANDATE_WRITTEN: lambda cycle: cycle.mandate_signed_at,
    Station.CONFIRMING: lambda cycle: _reached(cycle, Stage.SEATED),
    Station.INSTALLED: lambda cycle: _reached(cycle, Stage.LEARNING),
    Station.LEARNING: lambda cycle: _reached(cycle, Stage.DELIBERATING),
    Station.DRAFTING: lambda cycle: _reached(cycle, Stage.DECIDING),
    Station.AWAITING_RESPONSE: lambda cycle: _reached(cycle, Stage.FOLLOW_UP),
    Station.EVALUATED: lambda cycle: cycle.closed_at,
}
_DETOURS: dict[Detour, Callable[[Cycle], bool]] = {}


def dated_by(station: Station, moment: Moment) -> None:
    """Register who knows when a station was done."""
    _DONE_AT[station] = moment


def detour_by(detour: Detour, happens: Callable[[Cycle], bool]) -> None:
    """Register who knows whether something happens beside the usual order."""
    _DETOURS[detour] = happens


@dataclass(frozen=True)
class OnLine:
    """A station of a cycle as a page shows it."""

    row: Row
    mark: Mark
    done_at: datetime | None

    @property
    def number(self) -> int:
        """Its place among all stations, from 1."""
        return list(Station).index(self.row.station) + 1

    @property
    def label(self) -> str:
        """What is in hand, in the reader's language."""
        return str(self.row.station.label)


@dataclass(frozen=True)
class Phase:
    """The stations of a stage; `stage` is None for the agenda.

    `planned_on` is the day that was planned for the stage when the cycle was opened, `rule` what asked for that day, with
    its version; empty where the day is none that the calendar of the rule book gave.
    """

    stage: Stage | None
    mark: Mark
    stations: tuple[OnLine, ...]
    planned_on: date | None = None
    rule: str = ""


@dataclass(frozen=True)
class Standing:
    """Where a cycle stands: its station, what must hold to leave it, and what happens beside the usual order."""

    row: Row
    missing: tuple[Missing, ...]
    detours: tuple[Detour, ...]

    @property
    def who(self) -> tuple[str, ...]:
        """Who acts, in the reader's language."""
        return tuple(str(each.label) for each in self.row.who)


def standing_of(cycle: Cycle) -> Standing:
    """Return where a cycle stands now; one that was broken off, where it stood then, and it lacks nothing."""
    holds = _once(cycle_holds(cycle))
    row = where(_phase_of(cycle), holds)
    if cycle.broken_off_from:
        return Standing(row, (), ())
    detours = tuple(each for each in Detour if each in _DETOURS and _DETOURS[each](cycle))
    return Standing(row, named(cycle, lacking(row.guards, holds)), detours)


def standing_of_agenda(institution: Institution) -> Standing:
    """Return where the agenda of the next cycle of an institution stands, before that cycle is opened."""
    holds = _once(agenda_holds(institution))
    row = where(None, holds)
    return Standing(row, tuple(Missing(guard) for guard in lacking(row.guards, holds)), ())


def phases_of(cycle: Cycle) -> tuple[Phase, ...]:
    """Return the stations of a cycle by their stages, done, in hand or to come, with their days where they are known.

    Prefetch `milestones`.
    """
    milestones = {Stage(each.stage): each.reached_at for each in cycle.milestones.all()}
    now = _phase_of(cycle)
    before = PHASES[: PHASES.index(now)]
    found = marks(
        now, _once(cycle_holds(cycle)),
        skipped=[each for each in before if each is not None and each in milestones and milestones[each] is None],
        broken_off=bool(cycle.broken_off_from),
    )  # fmt: skip
    return tuple(_phase(cycle, stage, found) for stage in PHASES)


def _phase(cycle: Cycle, stage: Stage | None, found: dict[Station, Mark]) -> Phase:
    stations = tuple(
        OnLine(
            row, found[row.station], _moment(cycle, row.station) if found[row.station] == "done" else None
        )
        for row in rows_of(stage)
    )
    planned = next((each for each in cycle.milestones.all() if each.stage == stage), None)
    return Phase(
        stage, _together([each.mark for each in stations]), stations,
        planned_on=planned.planned_on if planned else None, rule=planned.rule if planned else "",
    )  # fmt: skip


def _together(found: list[Mark]) -> Mark:
    """Return how a phase stands by its stations: in hand while one is, done where anything in it was done."""
    if "now" in found:
        return "now"
    return "done" if "done" in found else found[0]


def _phase_of(cycle: Cycle) -> Stage:
    return Stage(cycle.broken_off_from or cycle.stage)


def _moment(cycle: Cycle, station: Station) -> datetime | None:
    return _DONE_AT[station](cycle) if station in _DONE_AT else None


def _reached(cycle: Cycle, stage: Stage) -> datetime | None:
    found: Iterator[datetime | None] = (
        each.reached_at for each in cycle.milestones.all() if each.stage == stage
    )
    return next(found, None)


def _once(holds: Callable[[Guard], bool]) -> Callable[[Guard], bool]:
    """Return the same answers, each asked for once."""
    known: dict[str, bool] = {}

    def answer(guard: Guard) -> bool:
        if guard.id not in known:
            known[guard.id] = holds(guard)
        return known[guard.id]

    return answer
