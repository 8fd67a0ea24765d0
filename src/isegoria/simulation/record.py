"""What a simulation leaves behind: who sat where and when, every draw with its chances, every answer."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from isegoria.rulebook import CalendarEntry, RuleBook
from isegoria.simulation.scenario import Scenario


@dataclass(frozen=True, slots=True)
class Sitting:
    """A person on a seat, from a day to a day, both included.

    `number` is the body's draw that brought the person in; `left` says why the sitting ended: `term`, `rotation`,
    `dropped_out`, `abolished`, or `sitting` at the end of the simulation.
    """

    body: str
    seat: int
    person: str
    features: Mapping[str, str]
    number: int
    first: date
    last: date
    left: str


@dataclass(frozen=True, slots=True)
class Played:
    """A draw: how many letters, who could be drawn, and the chances.

    Attributes
    ----------
    kind
        `panel`, `rotation` or `replacement`.
    letters, eligible
        0 letters where people are drawn among the members of another body, or again from the same pool.
    pool, seats
        People who could be drawn, seats that were to fill.
    relaxed
        By how many seats the quotas had to be moved; 0 where they were met.
    smallest, mean, largest
        Chances in the pool, in [0, 1].
    by_group
        Mean chance in the pool by feature and value.
    """

    day: date
    body: str
    number: int
    kind: str
    letters: int
    eligible: int
    pool: int
    seats: int
    relaxed: int
    smallest: float
    mean: float
    largest: float
    by_group: Mapping[tuple[str, str], float]

    @property
    def letter_chance(self) -> float:
        """Everybody's chance of a letter."""
        return self.letters / self.eligible if self.eligible else 0.0


@dataclass(frozen=True, slots=True)
class Answered:
    """What became of a report: handed over, due (or no deadline at all), answered, in days."""

    body: str
    number: int
    report: date
    due: date | None
    answered: date | None

    @property
    def days_late(self) -> int:
        """Days after the deadline, 0 where the answer was in time or none was set."""
        if self.due is None or self.answered is None:
            return 0
        return max(0, (self.answered - self.due).days)


@dataclass(frozen=True, slots=True)
class Simulation:
    """The years of an institution as they were played."""

    book: RuleBook
    scenario: Scenario
    calendar: tuple[CalendarEntry, ...]
    sittings: tuple[Sitting, ...]
    draws: tuple[Played, ...]
    answers: tuple[Answered, ...]
    waiting: Mapping[tuple[str, date], int]
    shares: Mapping[str, Mapping[str, Mapping[str, float]]]
    assumptions: tuple[str, ...]

    def roster(self, body: str, day: date) -> tuple[Sitting, ...]:
        """Return who sat in a body on a day, in the order of the seats."""
        found = [one for one in self.sittings if one.body == body and one.first <= day <= one.last]
        return tuple(sorted(found, key=lambda one: one.seat))

    def composition(self, body: str, day: date, feature: str) -> dict[str, int]:
        """Return how many members had each value of a feature on a day."""
        return dict(
            Counter(one.features[feature] for one in self.roster(body, day) if feature in one.features)
        )

    def last_day_of(self, body: str, year: int) -> date:
        """Return the last day of a year on which anybody sat in a body; 31 December if nobody ever did."""
        end = date(year, 12, 31)
        days = [min(one.last, end) for one in self.sittings if one.body == body and one.first <= end]
        return max((day for day in days if day.year == year), default=end)

    @property
    def bodies(self) -> tuple[str, ...]:
        """The bodies that were played."""
        return tuple(body.key for body in self.book.bodies if body.is_filled_by_lot)
