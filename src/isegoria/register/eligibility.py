"""Who can be drawn: age on a day, residence, lists of people who must not be, former members who wait; and how many each rule leaves out.

The lists name nobody. Whoever keeps one (the seats of a council, the members of former panels) and the register holder
share a key; each turns the numbers of the persons into keyed pseudonyms, and only these are joined.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from isegoria import textfiles
from isegoria.errors import BadInput, Place, collect
from isegoria.pool.reading import read_table, table_header_row
from isegoria.proof.letters import SECRET_BYTES, pseudonym
from isegoria.register.reading import Register, born_by
from isegoria.register.scanning import Run

PSEUDONYM = re.compile(r"[0-9a-f]{64}")
AGE_MIN, AGE_MAX, RESIDENCE, ON_LIST, COOLING_OFF = (
    "age_min",
    "age_max",
    "residence",
    "on_list",
    "cooling_off",
)


@dataclass(frozen=True, slots=True)
class ExclusionList:
    """People who cannot be drawn, under keyed pseudonyms.

    Attributes
    ----------
    name
        Said in the report.
    until
        Pseudonym to the first day on which the person can be drawn again; None for somebody who stays on the list.
    sha256
        Of the file, for the record.
    """

    name: str
    until: Mapping[str, date | None]
    sha256: str = ""


@dataclass(frozen=True, slots=True)
class Rules:
    """Who can be drawn.

    Attributes
    ----------
    on
        The day that counts for ages and for the ends of cooling-off.
    age_min, age_max
        In completed years; 0 and None let everybody in, also where the register has no birth dates. Whoever is
        born on 29 February completes a year on 1 March of a common year.
    within
        Column of the register to the values that may stand there, such as the municipalities of the authority or
        some districts.
    lists
        People who cannot be drawn.
    secret
        The 32 bytes that the lists are keyed with; needed with lists alone.
    """

    on: date
    age_min: int = 0
    age_max: int | None = None
    within: Mapping[str, frozenset[str]] = field(default_factory=dict)
    lists: tuple[ExclusionList, ...] = ()
    secret: bytes | None = None


@dataclass(frozen=True, slots=True)
class RuleCount:
    """What one rule leaves out.

    Attributes
    ----------
    rule
        `age_min`, `age_max`, `residence`, `on_list` or `cooling_off`.
    detail
        The age, the column, or the name of the list.
    excluded
        People whom this rule leaves out and no rule before it: these add up.
    failed
        People whom it leaves out, whatever the others do.
    """

    rule: str
    detail: str
    excluded: int
    failed: int


@dataclass(frozen=True, slots=True)
class Report:
    """How many people of a register can be drawn, and how many each rule leaves out, in the order of the rules.

    Attributes
    ----------
    rows, eligible
        People in the register, and those of them who can be drawn.
    rules
        What the rules leave out.
    unmatched
        Name of each list to the number of its entries that are nobody in the register. Many of them mean that the key or
        the way in which the numbers are written differs, and that people on the list would be drawn.
    """

    rows: int
    eligible: int
    rules: tuple[RuleCount, ...]
    unmatched: Mapping[str, int]


class Sieve:
    """Applies rules to a register run by run, and counts.

    Raises
    ------
    BadInput
        `exclusion_without_key`, `exclusion_twice`, `letters_secret_wrong`, `eligibility_age_wrong`.
    """

    def __init__(self, rules: Rules) -> None:
        if rules.lists and rules.secret is None:
            raise BadInput("exclusion_without_key")
        names = [each.name for each in rules.lists]
        for name in names:
            if names.count(name) > 1:
                raise BadInput("exclusion_twice", list=name)
        if rules.secret is not None and len(rules.secret) != SECRET_BYTES:
            raise BadInput("letters_secret_wrong", length=len(rules.secret))
        if rules.age_min < 0 or (rules.age_max is not None and rules.age_max < rules.age_min):
            raise BadInput("eligibility_age_wrong")
        self._rules = rules
        self._rows = self._eligible = 0
        self._failed: Counter[tuple[str, str]] = Counter()
        self._excluded: Counter[tuple[str, str]] = Counter()
        self._met: dict[str, set[str]] = {each.name: set() for each in rules.lists}
        self._order: list[tuple[str, str]] = []

    def run(self, run: Run) -> Run:
        """Return the rows of a run that can be drawn.

        Raises
        ------
        BadInput
            `column_missing`, if a rule asks for a column that is not there.
        """
        keep = [True] * len(run)
        for key, passes in self._tests(run):
            if key not in self._order:
                self._order.append(key)
            for place, passed in enumerate(passes):
                if not passed:
                    self._failed[key] += 1
                    self._excluded[key] += keep[place]
                    keep[place] = False
        places = [place for place, kept in enumerate(keep) if kept]
        self._rows += len(run)
        self._eligible += len(places)
        columns = {name: [cells[place] for place in places] for name, cells in run.columns.items()}
        return Run([run.numbers[place] for place in places], columns)

    def report(self) -> Report:
        """Return what was counted so far."""
        rules = tuple(
            RuleCount(rule, detail, self._excluded[rule, detail], self._failed[rule, detail])
            for rule, detail in self._order
        )
        unmatched = {each.name: len(each.until.keys() - self._met[each.name]) for each in self._rules.lists}
        return Report(self._rows, self._eligible, rules, unmatched)

    def _tests(self, run: Run) -> Iterator[tuple[tuple[str, str], Sequence[bool]]]:
        rules = self._rules
        if rules.age_min:
            latest = born_by(rules.on, rules.age_min)
            yield (
                (AGE_MIN, str(rules.age_min)),
                [born != "" and born <= latest for born in _column(run, "birth_date")],
            )
        if rules.age_max is not None:
            earliest = born_by(rules.on, rules.age_max + 1)
            yield (AGE_MAX, str(rules.age_max)), [born > earliest for born in _column(run, "birth_date")]
        for column, values in rules.within.items():
            yield (RESIDENCE, column), [value in values for value in _column(run, column)]
        if rules.lists:
            yield from self._joined(_column(run, "id"))

    def _joined(self, ids: Sequence[str]) -> Iterator[tuple[tuple[str, str], Sequence[bool]]]:
        secret = self._rules.secret or b""
        names = [pseudonym(secret, identifier) for identifier in ids]
        for each in self._rules.lists:
            found = each.until.keys() & set(names)
            self._met[each.name] |= found
            for_good = {name for name in found if each.until[name] is None}
            waiting = {
                name for name in found if (until := each.until[name]) is not None and self._rules.on < until
            }
            if any(until is None for until in each.until.values()):
                yield (ON_LIST, each.name), [name not in for_good for name in names]
            if any(until is not None for until in each.until.values()):
                yield (COOLING_OFF, each.name), [name not in waiting for name in names]


def eligible_of(register: Register, rules: Rules) -> tuple[Register, Report]:
    """Return those of a register who can be drawn, and how many each rule leaves out.

    Parameters
    ----------
    register
        The extract.
    rules
        Who can be drawn.

    Returns
    -------
    tuple
        The register with the rows that are left, in their order, and the report.

    Raises
    ------
    BadInput
        As `Sieve`.
    """
    sieve = Sieve(rules)
    run = Run(
        range(len(register)), {name: [row[name] for row in register.rows] for name in register.columns}
    )
    kept = sieve.run(run)
    rows = tuple(register.rows[place] for place in kept.numbers)
    return Register(rows, register.columns, register.sha256, register.told), sieve.report()


def read_exclusions(path: Path | str) -> ExclusionList:
    """Return a list of people who cannot be drawn.

    Parameters
    ----------
    path
        CSV with a column `pseudonym`, 64 hexadecimal digits, and perhaps `until`, the first day (ISO) on which the person
        can be drawn again.

    Raises
    ------
    BadInput
        With file, row and column; several together. Nothing is loaded.
    """
    table = read_table(path)
    where = {name.casefold(): index for index, name in enumerate(table.header)}
    if "pseudonym" not in where:
        raise BadInput("column_missing", table.place(table_header_row(table)), column="pseudonym")
    until: dict[str, date | None] = {}
    faults: list[BadInput] = []
    for number, cells in table.rows:
        name = cells[where["pseudonym"]].lower()
        ends = cells[where["until"]] if "until" in where else ""
        try:
            day = date.fromisoformat(ends) if ends else None
        except ValueError:
            faults.append(BadInput("date_wrong", table.place(number, "until")))
            continue
        if not PSEUDONYM.fullmatch(name):
            faults.append(BadInput("pseudonym_wrong", table.place(number, "pseudonym")))
            continue
        # Twice on a list: the later day counts, and for good counts most.
        before = until.get(name, day)
        until[name] = None if day is None or before is None else max(day, before)
    collect(faults)
    return ExclusionList(Path(path).stem, until, textfiles.sha256_of(Path(path)))


def exclusions_of(
    ids: Sequence[str], secret: bytes, until: Callable[[int], date | None] = lambda _place: None
) -> list[tuple[str, str]]:
    """Return the rows of a list, pseudonym and day, for people whose numbers are known; in an order that tells nothing.

    Parameters
    ----------
    ids
        The numbers, written exactly as in the register.
    secret
        The 32 bytes that are shared with the register holder.
    until
        For the place of each number the first day on which the person can be drawn again; None for good.

    Raises
    ------
    BadInput
        `letters_secret_wrong`.
    """
    rows = []
    for place, identifier in enumerate(ids):
        day = until(place)
        rows.append((pseudonym(secret, identifier), day.isoformat() if day else ""))
    return sorted(rows)


def _column(run: Run, name: str) -> Sequence[str]:
    if name not in run.columns:
        raise BadInput("column_missing", Place(row=1), column=name)
    return run.columns[name]
