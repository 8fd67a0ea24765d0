"""What a simulation assumes beside the rule book, and the invented people it is played with."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction

from isegoria.pool import Entry
from isegoria.register import Register, Row
from isegoria.register.citizens import Reaction, reaction
from isegoria.register.reading import age_on
from isegoria.register.synth import synthesize
from isegoria.rulebook import Body, RuleBook
from isegoria.rulebook.model import FixedSeats
from isegoria.seeding import Stream, seed_from_text

AGE_MIN = 16
"""Youngest age where the statute is silent."""
AGES = ((29, "16–29"), (44, "30–44"), (59, "45–59"), (200, "60+"))
USUAL_FEATURES = ("age", "sex")
"""Where the statute names no feature."""
PLACES = ("residence", "geography", "district", "arrondissement", "social_area", "area")
MARGIN = Fraction(3, 2)
"""How much more of the population than of the seats belongs to people for whom seats are kept."""
RESIDENTS_PER_SEAT = 15
"""Fewer could not fill the largest body: about one in nine answers yes, and one in six is too young."""
SMALLEST_GROUP = Fraction(1, 20)


@dataclass(frozen=True, slots=True)
class Scenario:
    """What is assumed beside the rule book; every field can be set by whoever simulates.

    Attributes
    ----------
    start, years
        The founding, and for how long the institution is watched.
    seed
        Fixes register, answers, lots and drop-outs.
    residents
        Of the invented register, 90 or more; more are invented where the largest body needs them.
    elections_every
        Years between elections; the first comes in the middle of the first period.
    drop_out
        The chance of each member, at each meeting, not to come back.
    letters_per_seat
        Letters where the statute is silent, and at most: the invented place is smaller than the real one.
    alternates
        Alternates for each member where the statute is silent.
    promised_answer_days
        The authority's promise where the statute sets no deadline; None: no promise.
    late
        The chance that an answer comes late.
    """

    start: date = date(2027, 1, 1)
    years: int = 10
    seed: str = "isegoria"
    residents: int = 8_000
    elections_every: int = 5
    drop_out: Fraction = Fraction(3, 100)
    letters_per_seat: int = 40
    alternates: Fraction = Fraction(1, 4)
    promised_answer_days: int | None = 180
    late: Fraction = Fraction(1, 4)

    @property
    def elections(self) -> tuple[date, ...]:
        """The days of the elections: second Sundays of June, about, of every so many years."""
        first = self.start.year + self.elections_every // 2
        years = range(first, self.start.year + self.years + 1, self.elections_every)
        return tuple(date(year, 6, 10) for year in years)


@dataclass
class People:
    """The invented residents, with what a draw must know of them."""

    book: RuleBook
    scenario: Scenario
    register: Register
    features: tuple[str, ...]
    _reactions: dict[tuple[str, int], Reaction] = field(default_factory=dict)
    _shares: dict[tuple[str, date], dict[str, float]] = field(default_factory=dict)

    @property
    def age_min(self) -> int:
        """Youngest age that can be drawn."""
        return AGE_MIN if self.book.draw.age_min is None else self.book.draw.age_min

    def reaction(self, row: Row, on: date) -> Reaction:
        """Return how a resident answers letters; willingness belongs to the person and changes with age alone."""
        key = row["id"], age_on(date.fromisoformat(row["birth_date"]), on)
        if key not in self._reactions:
            self._reactions[key] = reaction(self.scenario.seed, *key)
        return self._reactions[key]

    def entry(self, body: Body, row: Row, on: date) -> Entry:
        """Return a resident as she stands in a pool for a body on a day."""
        values = {name: READ[name](self, row, on) for name in self.features_of(body)}
        return Entry(row["id"], values | dict(self._kept(body, row, on)))

    def features_of(self, body: Body) -> tuple[str, ...]:
        """Return the features of the draw; where seats are kept by age, the statute's age bands give way."""
        by_age = any(kept.ages for kept in body.fixed_seats)
        return tuple(name for name in self.features if not (name == "age" and by_age))

    def shares(self, body: Body, on: date) -> dict[str, dict[str, float]]:
        """Return the share of the eligible population with each value of each feature, at the year's beginning."""
        return {name: self._shares_of(name, date(on.year, 1, 1)) for name in self.features_of(body)}

    def _shares_of(self, name: str, on: date) -> dict[str, float]:
        if (name, on) not in self._shares:
            people = self.register.eligible(age_min=self.age_min, on=on)
            counts = Counter(READ[name](self, row, on) for row in people)
            self._shares[name, on] = {value: counts[value] / len(people) for value in sorted(counts)}
        return self._shares[name, on]

    def _kept(self, body: Body, row: Row, on: date) -> Iterable[tuple[str, str]]:
        age = age_on(date.fromisoformat(row["birth_date"]), on)
        for feature, groups in kept_groups(body).items():
            yield feature, self._group(feature, groups, row["id"], age, planned_size(body))

    def _group(self, feature: str, groups: list[FixedSeats], person: str, age: int, size: int) -> str:
        for kept in groups:
            if kept.ages and kept.ages[0] <= age <= kept.ages[1]:
                return kept.key
        lot = Fraction(
            Stream(seed_from_text(f"{self.scenario.seed}/{feature}"), person).below(10**6), 10**6
        )
        others = [kept for kept in groups if not kept.ages]
        whole = sum(kept.needed(size) for kept in groups) == size
        for kept in others:
            share = Fraction(kept.needed(size), size)
            if whole:
                share /= sum(Fraction(each.needed(size), size) for each in others)
            else:
                share = max(share * MARGIN, SMALLEST_GROUP)
            if lot < share:
                return kept.key
            lot -= share
        return others[-1].key if whole and others else OTHERS


OTHERS = "others"


def planned_size(body: Body) -> int:
    """Return how many are drawn: the number of seats, or the middle of their range."""
    return (body.size_min + body.size_max) // 2


def kept_groups(body: Body) -> dict[str, list[FixedSeats]]:
    """Return the groups for whom seats are kept, by the feature that tells them apart."""
    groups: dict[str, list[FixedSeats]] = {}
    for kept in body.fixed_seats:
        groups.setdefault(f"kept {kept.feature or kept.key}", []).append(kept)
    return groups


def _age(_people: People, row: Row, on: date) -> str:
    age = age_on(date.fromisoformat(row["birth_date"]), on)
    return next(name for last, name in AGES if age <= last)


def _education(people: People, row: Row, on: date) -> str:
    return people.reaction(row, on).education


def _column(name: str) -> Callable[[People, Row, date], str]:
    return lambda _people, row, _on: row[name]


def _nationality(_people: People, row: Row, _on: date) -> str:
    return "BE" if row["nationality"] == "BE" else "other"


READ: Mapping[str, Callable[[People, Row, date], str]] = {
    "age": _age,
    "sex": _column("sex"),
    "education": _education,
    "language": _column("language"),
    "nationality": _nationality,
    **{name: _column("municipality_name") for name in PLACES},
}
"""The features that the invented register knows; a draw's other features cannot be played."""


def people_of(book: RuleBook, scenario: Scenario) -> People:
    """Return the invented people for a rule book: the register, and the features of its draw that it knows."""
    most = max((planned_size(body) for body in book.bodies if body.is_filled_by_lot), default=0)
    residents = max(scenario.residents, most * RESIDENTS_PER_SEAT)
    rows = tuple(synthesize(scenario.seed, residents, scenario.start))
    register = Register(rows, tuple(rows[0]), "0" * 64)
    known = tuple(name for name in book.draw.strata if name in READ)
    return People(book, scenario, register, known or USUAL_FEATURES)


def assumptions(book: RuleBook, people: People) -> tuple[str, ...]:
    """Return in English what the simulation assumes because rule book or register do not say it."""
    unknown = [name for name in book.draw.strata if name not in READ]
    said = []
    if unknown:
        said.append(f"The register does not know: {', '.join(unknown)}; these features are not played.")
    if not book.draw.strata:
        said.append(f"The statute names no features; {' and '.join(USUAL_FEATURES)} are taken.")
    said += [
        f"The size of {body.key} is not known; it is not played."
        for body in book.bodies
        if body.drawn and body.size is None
    ]
    said += [
        f"The seats for {kept.key} go to an invented group of people."
        for body in book.bodies
        for kept in body.fixed_seats
        if not kept.ages
    ]
    if book.draw.age_min is None:
        said.append(f"The statute sets no age; {people.age_min} is taken.")
    return tuple(said)
