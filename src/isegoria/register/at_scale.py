"""The draw of the letters inside a table engine: the same list as `draw_letters`, whatever holds the register.

Guarantee: DuckDB, PostgreSQL, Spark and plain Python draw the same persons in the same order, because all order by
the same SHA-256 and everything that decides is done here, in whole numbers.

Without groups one scan suffices. Of N eligible with keys like even random numbers, the L + 1 smallest all lie below
(L + 8 √L + 16) / N of the range but in one draw of a million billions; so the engine only brings back the names
below, and if ever they are too few it is asked again with a higher bound. With groups one scan counts persons by the
first digits of their group's key, which tells where each step of the walk falls; a second one fetches just those.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from math import isqrt
from typing import NamedTuple

from isegoria.addresses import household_of
from isegoria.errors import BadInput
from isegoria.proof.letters import (
    GROUP_TAG,
    KEY_DIGITS,
    PSEUDONYM_TAG,
    SECRET_BYTES,
    group_label,
    key_prefix,
    letter_key,
    systematic_start,
)
from isegoria.register.draw import (
    EVERYBODY,
    HOUSEHOLD,
    Drawn,
    LetterDraw,
    Letters,
    Stratum,
    cut_offs,
    design_of,
    in_order,
    in_waves,
    plan_letters,
    positions,
    refuse_large,
    walked,
    wave_numbers,
)
from isegoria.register.engines import DuckDB, Engine
from isegoria.register.reading import born_by

_BLOCK_BYTES = 64
_MANY = 8
"""Standard deviations, and twice as many letters for small draws, by which a bound is set too high."""
_PERSONS_A_BUCKET = 16
_MOST_DIGITS = 5
ADDRESS = "address"
ADDRESS_PARTS = ("street", "house_number", "box", "postcode", "municipality_name")
"""The columns out of which `with_addresses` makes the address of a person; a register need not have `box`."""


@dataclass(frozen=True, slots=True)
class Frame:
    """Which rows of a register can be drawn, and what its columns are called.

    Attributes
    ----------
    number
        The column of the person's number or pseudonym; no two rows have the same.
    stratify_by
        The column of the strata; None for one stratum.
    groups
        Columns of nested groups, outermost first: at most one letter for each of the innermost.
    born, age_min, on
        The column of the birth date (ISO) and the age in completed years to reach on a day; None for everybody.
    only
        For some columns the values that may stand there, e.g. the municipalities of the authority.
    secret
        As in `draw_letters`: 32 bytes if `number` and groups are turned into keyed pseudonyms in the engine. None if
        they are ordered as they stand, because they are pseudonyms already or may be public.
    names
        What `number` holds if there is no secret: `number` or `pseudonym`.
    """

    number: str = "id"
    stratify_by: str | None = None
    groups: tuple[str, ...] = ()
    born: str = "birth_date"
    age_min: int | None = None
    on: date | None = None
    only: Mapping[str, Sequence[str]] = field(default_factory=dict)
    secret: bytes | None = None
    names: str = "number"


class Name(NamedTuple):
    """Somebody with a low key: her key, her name as it is ordered, and her number in the register."""

    key: str
    name: str
    number: str


class Place(NamedTuple):
    """A place in the line of a stratum: the first digits of its outermost group's key, and how many stand before it there."""

    stratum: str
    bucket: str
    before: int


class Queries:
    """The queries of a draw over one register in one engine.

    Parameters
    ----------
    engine
        Holds the register.
    frame
        Which of its rows, which of its columns.

    Raises
    ------
    BadInput
        `column_missing`, `letters_secret_wrong`.
    """

    def __init__(self, engine: Engine, frame: Frame) -> None:
        self.engine, self.frame = engine, frame
        self.number = engine.column(frame.number)
        self.stratum = engine.column(frame.stratify_by) if frame.stratify_by else engine.literal(EVERYBODY)
        self.name = self._named(PSEUDONYM_TAG, self.number)
        self.groups = tuple(
            self._named(GROUP_TAG + column.encode() + b"\0", engine.column(column))
            for column in frame.groups
        )
        self.eligible = " AND ".join(["1 = 1", *self._conditions()])

    def _named(self, tag: bytes, expression: str) -> str:
        secret = self.frame.secret
        if secret is None:
            return expression
        if len(secret) != SECRET_BYTES:
            raise BadInput("letters_secret_wrong", length=len(secret))
        padded = secret.ljust(_BLOCK_BYTES, b"\0")
        inner, outer = (bytes(byte ^ pad for byte in padded) for pad in (0x36, 0x5C))
        return self.engine.hmac(inner + tag, outer, expression)

    def _conditions(self) -> Iterator[str]:
        frame, engine = self.frame, self.engine
        if frame.age_min is not None and frame.on is not None:
            yield f"{engine.column(frame.born)} <= {engine.literal(born_by(frame.on, frame.age_min))}"
        for column, values in frame.only.items():
            yield f"{engine.column(column)} IN ({', '.join(map(engine.literal, values))})"

    def _from(self) -> str:
        return f"FROM {self.engine.register} WHERE {self.eligible}"

    def sizes(self) -> dict[str, int]:
        """Return how many can be drawn in each stratum.

        Raises
        ------
        BadInput
            `cells_empty`, naming the column.
        """
        found = self.engine.rows(f"SELECT {self.stratum}, count(*) {self._from()} GROUP BY 1")
        # Asked for one by one: the statistics of a Parquet file answer that without reading it.
        for column in filter(None, (self.frame.number, self.frame.stratify_by, *self.frame.groups)):
            cell = self.engine.column(column)
            query = f"SELECT count(*) {self._from()} AND ({cell} IS NULL OR {cell} = '')"
            ((count,),) = self.engine.rows(query)
            if count:
                raise BadInput("cells_empty", column=column, rows=count)
        return dict(sorted(found))

    def counts(self, column: str) -> dict[str, int]:
        """Return how many can be drawn with each value of a column, empty ones too.

        Who has no birth date has reached no age.

        Raises
        ------
        BadInput
            `column_missing`.
        """
        frame, engine = self.frame, self.engine
        dated = (
            "" if frame.age_min is None or frame.on is None else f" AND {engine.column(frame.born)} <> ''"
        )
        counts: Counter[str] = Counter()
        query = f"SELECT {engine.column(column)}, count(*) {self._from()}{dated} GROUP BY 1"
        for value, count in engine.rows(query):
            counts[value or ""] += count
        return dict(counts)

    def examine(self) -> None:
        """Refuse a register whose numbers or birth dates would falsify the chances.

        Raises
        ------
        BadInput
            `name_twice`: whoever stands twice would have twice the chance. `dates_wrong`: a date that is not written as
            1961-05-17 would make somebody too young or too old.
        """
        engine, frame = self.engine, self.frame
        inner = f"SELECT {self.number} AS n {self._from()} GROUP BY 1 HAVING count(*) > 1"
        ((count,),) = engine.rows(f"SELECT count(*) FROM ({inner}) AS twice")
        if count:
            raise BadInput("name_twice", count=count)
        if frame.age_min is None:
            return
        born = engine.column(frame.born)
        ((count,),) = engine.rows(
            f"SELECT count(*) FROM {engine.register} WHERE {born} IS NULL OR NOT ({born} LIKE '____-__-__%')"
        )
        if count:
            raise BadInput("dates_wrong", column=frame.born, rows=count)

    def lowest(
        self, seed: bytes, wanted: Mapping[str, int], sizes: Mapping[str, int]
    ) -> dict[str, list[Name]]:
        """Return the lowest keys of each stratum, ascending.

        Parameters
        ----------
        seed
            32 bytes.
        wanted
            How many of each stratum, at most its size.
        sizes
            How many can be drawn in each.
        """
        low: dict[str, list[Name]] = {stratum: [] for stratum in wanted}
        missing = {stratum: count for stratum, count in wanted.items() if count}
        scale = 1
        while missing:
            bounds = [
                (stratum, _bound(scale * count, sizes[stratum])) for stratum, count in missing.items()
            ]
            found = self._below(seed, bounds)
            low |= {stratum: sorted(found.get(stratum, ()))[: missing[stratum]] for stratum in missing}
            missing = {stratum: count for stratum, count in missing.items() if len(low[stratum]) < count}
            if any(scale * count > sizes[stratum] for stratum, count in missing.items()):
                raise BadInput("register_changed")
            scale *= 4
        return low

    def _below(self, seed: bytes, bounds: Sequence[tuple[str, str]]) -> dict[str, list[Name]]:
        engine = self.engine
        key = engine.key(key_prefix(seed), "name")
        # Named once inside, so that an engine that copies expressions copies a column.
        inner = (
            f"SELECT {self.stratum} AS stratum, {self.number} AS number, {self.name} AS name {self._from()}"
        )
        query = (
            f"SELECT r.stratum, {engine.shown(key)}, r.name, r.number FROM ({inner}) AS r "
            f"JOIN bounds ON r.stratum = bounds.of_stratum WHERE {key} < {engine.sortable('bounds.below')}"
        )
        given = {"bounds": ((("of_stratum", "text"), ("below", "text")), bounds)}
        found: dict[str, list[Name]] = defaultdict(list)
        for stratum, *name in engine.rows(query, given):
            found[stratum].append(Name(*name))
        return found

    # -- by groups ----------------------------------------------------------------------------------
    def largest(self) -> dict[str, int]:
        """Return the size of the largest innermost group of each stratum.

        Raises
        ------
        BadInput
            `households_split`, if one stands in several strata or outer groups.
        """
        columns = ", ".join(f"{group} AS g{place}" for place, group in enumerate(self.groups))
        by = ", ".join(["s", *(f"g{place}" for place in range(len(self.groups)))])
        listed = f"SELECT {self.stratum} AS s, {columns} {self._from()}"
        grouped = f"(SELECT {by}, count(*) AS n FROM ({listed}) AS rows_of GROUP BY {by}) AS homes"
        last = f"g{len(self.groups) - 1}"
        split = f"SELECT {last} FROM {grouped} GROUP BY {last} HAVING count(*) > 1"
        ((count,),) = self.engine.rows(f"SELECT count(*) FROM ({split}) AS split")
        if count:
            raise BadInput("households_split", column=self.frame.groups[-1])
        return dict(self.engine.rows(f"SELECT s, max(n) FROM {grouped} GROUP BY s"))

    def buckets(self, seed: bytes, digits: int) -> Counter[tuple[str, str]]:
        """Return how many persons stand in each stratum under each beginning of the outermost group's key."""
        bucket = f"substr({self._group_key(seed, 0, shown=True)}, 1, {digits})"
        query = f"SELECT {self.stratum}, {bucket}, count(*) {self._from()} GROUP BY 1, 2"
        return Counter({(stratum, digits): count for stratum, digits, count in self.engine.rows(query)})

    def homes(self, seed: bytes) -> Iterator[tuple[str, tuple[str, ...], int]]:
        """Yield every stratum and innermost group, by the keys of its groups, with how many can be drawn there, in no order."""
        depth = len(self.groups)
        keys = ", ".join(
            f"{self._group_key(seed, place, shown=True)} AS k{place}" for place in range(depth)
        )
        by = ", ".join(["s", *(f"k{place}" for place in range(depth))])
        listed = f"SELECT {self.stratum} AS s, {keys} {self._from()}"
        query = f"SELECT {by}, count(*) FROM ({listed}) AS homes_of GROUP BY {by}"
        return ((stratum, tuple(home), count) for stratum, *home, count in self.engine.stream(query))

    def people_of(
        self, seed: bytes, homes: Sequence[tuple[str, tuple[str, ...]]]
    ) -> Iterator[tuple[str, tuple[str, ...], str, str]]:
        """Yield who can be drawn in some innermost groups: stratum, keys of the groups, her key and name, in no order.

        Parameters
        ----------
        seed
            32 bytes.
        homes
            Stratum and keys of each.
        """
        depth, engine = len(self.groups), self.engine
        keys = [f"{self._group_key(seed, place, shown=True)} AS k{place}" for place in range(depth)]
        own = f"{engine.shown(engine.key(key_prefix(seed), self.name))} AS own"
        listed = f"SELECT {self.stratum} AS s, {', '.join(keys)}, {own}, {self.name} AS name {self._from()}"
        shown = ", ".join(["r.s", *(f"r.k{place}" for place in range(depth)), "r.own", "r.name"])
        on = " AND ".join(
            ["r.s = wanted.of_stratum", *(f"r.k{place} = wanted.w{place}" for place in range(depth))]
        )
        query = f"SELECT {shown} FROM ({listed}) AS r JOIN wanted ON {on}"
        columns = (("of_stratum", "text"), *((f"w{place}", "text") for place in range(depth)))
        given = {"wanted": (columns, [(stratum, *home) for stratum, home in homes])}
        for stratum, *home, key, name in engine.rows(query, given):
            yield stratum, tuple(home), key, name

    def _group_key(self, seed: bytes, place: int, *, shown: bool = False) -> str:
        prefix = key_prefix(seed, group_label(self.frame.groups[place]))
        key = self.engine.key(prefix, self.groups[place])
        return self.engine.shown(key) if shown else key

    def standing_at(self, seed: bytes, places: Iterable[Place], digits: int) -> list[tuple[str, str, str]]:
        """Return stratum, name and number of whoever stands at the given places, in no order."""
        order = [self._group_key(seed, place) for place in range(len(self.groups))]
        order.append(self.engine.key(key_prefix(seed), self.name))
        keys = ", ".join(f"{key} AS k{place}" for place, key in enumerate(order))
        by = ", ".join(f"k{place}" for place in range(len(order)))
        bucket = f"substr({self._group_key(seed, 0, shown=True)}, 1, {digits})"
        all_ = f"SELECT {self.stratum} AS s, {bucket} AS b, {self.number} AS number, {self.name} AS name, {keys} {self._from()}"
        near = f"SELECT * FROM ({all_}) AS a WHERE (s, b) IN (SELECT of_stratum, bucket FROM places)"
        line = f"SELECT s, b, number, name, row_number() OVER (PARTITION BY s, b ORDER BY {by}) AS place FROM ({near}) AS n"
        query = (
            f"SELECT s, name, number FROM ({line}) AS l JOIN places "
            "ON l.s = places.of_stratum AND l.b = places.bucket AND l.place = places.before + 1"
        )
        columns = (("of_stratum", "text"), ("bucket", "text"), ("before", "number"))
        return [
            (s, name, number)
            for s, name, number in self.engine.rows(query, {"places": (columns, list(places))})
        ]

    def everybody(self) -> Iterator[tuple[str, str]]:
        """Yield stratum and number of all who can be drawn, in no order: for the root over them."""
        found = self.engine.stream(f"SELECT {self.stratum}, {self.number} {self._from()}")
        return ((stratum, number) for stratum, number in found)

    def rows_of(self, numbers: Sequence[str]) -> dict[str, dict[str, str]]:
        """Return the whole rows of some numbers."""
        engine = self.engine
        cells = ", ".join(engine.column(column) for column in engine.columns)
        found = engine.rows(
            f"SELECT {self.number}, {cells} FROM {engine.register} WHERE {self.number} IN (SELECT n FROM drawn)",
            {"drawn": ((("n", "text"),), [(number,) for number in numbers])},
        )
        return {
            number: {column: cell or "" for column, cell in zip(engine.columns, row, strict=True)}
            for number, *row in found
        }


def _bound(count: int, size: int) -> str:
    """Return a key below which almost surely stand a number of smallest keys, in hexadecimal digits."""
    most = 16**KEY_DIGITS
    wanted = count + _MANY * (isqrt(count) + 2)
    return f"{min(most - 1, most * wanted // size):0{KEY_DIGITS}x}"


def draw_in_engine(
    engine: Engine,
    seed: bytes,
    letters: Letters | Sequence[Letters],
    frame: Frame,
    *,
    whole_rows: bool = True,
    check: bool = True,
) -> LetterDraw:
    """Return who gets a letter from a register that stays in its engine.

    Parameters
    ----------
    engine
        Holds the register.
    seed, letters
        As in `isegoria.register.draw_letters`.
    frame
        Which rows can be drawn, how they are stratified and grouped.
    whole_rows
        Whether the rows of the draw hold all columns; otherwise only the number.
    check
        Whether to look first whether a number stands twice and all birth dates are dates, which reads the register
        once more. Without it only a number that is drawn twice is found.

    Raises
    ------
    BadInput
        `cells_empty`, `name_twice`, `dates_wrong`, `register_changed`, `engine_refused`, and what `draw_letters` raises.
    """
    queries = Queries(engine, frame)
    sizes = queries.sizes()
    plan = plan_letters(sizes, letters)
    if check:
        queries.examine()
    draw = _walk if frame.groups else _smallest
    figures, drawn = draw(queries, seed, sizes, plan)
    numbers = [one.number for one in drawn]
    if len(set(numbers)) != len(numbers):
        raise BadInput("name_twice", count=len(numbers) - len(set(numbers)))
    known = queries.rows_of(numbers) if whole_rows else {one: {frame.number: one} for one in numbers}
    names = frame.names if frame.secret is None else "pseudonym"
    design = design_of(letters, frame.stratify_by, frame.groups, names)
    return in_order(drawn, known, figures, design, engine.sha256)


def _smallest(
    queries: Queries, seed: bytes, sizes: Mapping[str, int], plan: Mapping[str, tuple[int, ...]]
) -> tuple[list[Stratum], list[Drawn]]:
    wanted = {stratum: min(sizes[stratum], sum(waves) + 1) for stratum, waves in plan.items() if sum(waves)}
    low = queries.lowest(seed, wanted, sizes)
    figures: list[Stratum] = []
    drawn: list[Drawn] = []
    for stratum, size in sizes.items():
        names, waves = low.get(stratum, []), plan[stratum]
        figures.append(Stratum(stratum, size, waves, cut_offs([one.key for one in names], waves)))
        drawn += [Drawn(wave, *one, stratum) for wave, one in zip(wave_numbers(waves), names, strict=False)]
    return figures, drawn


def _walk(
    queries: Queries, seed: bytes, sizes: Mapping[str, int], plan: Mapping[str, tuple[int, ...]]
) -> tuple[list[Stratum], list[Drawn]]:
    for stratum, size in queries.largest().items():
        refuse_large(size, sum(plan[stratum]), sizes[stratum])
    digits = digits_for(sizes)
    starts = {
        stratum: systematic_start(seed, stratum, size) if sum(plan[stratum]) else None
        for stratum, size in sizes.items()
    }
    places = list(places_in(queries.buckets(seed, digits), starts, plan, sizes))
    met: dict[str, dict[str, str]] = defaultdict(dict)
    for stratum, name, number in queries.standing_at(seed, places, digits):
        met[stratum][name] = number
    if sum(map(len, met.values())) != len(places):
        raise BadInput("name_twice", count=len(places) - sum(map(len, met.values())))
    figures = [
        walked(stratum, size, seed, plan[stratum], starts[stratum], met[stratum])
        for stratum, size in sizes.items()
    ]
    drawn = [
        Drawn(wave, letter_key(seed, name), name, numbers[name], stratum)
        for stratum, numbers in met.items()
        for wave, name in in_waves(numbers, seed, plan[stratum])
    ]
    return figures, drawn


def digits_for(sizes: Mapping[str, int]) -> int:
    """Return by how many digits of a key to count persons, so that the counts stay far fewer than they."""
    mean = sum(sizes.values()) // max(1, len(sizes))
    return next(
        (digits for digits in range(1, _MOST_DIGITS) if 16 ** (digits + 1) * _PERSONS_A_BUCKET > mean),
        _MOST_DIGITS,
    )


def places_in(
    buckets: Mapping[tuple[str, str], int],
    starts: Mapping[str, int | None],
    plan: Mapping[str, tuple[int, ...]],
    sizes: Mapping[str, int],
) -> Iterator[Place]:
    """Yield the places that the walk along each stratum meets.

    Parameters
    ----------
    buckets
        Persons of each stratum under each beginning of a key: of one register, or added up over its parts.
    starts, plan, sizes
        Where the walk starts, letters of each wave, persons: by stratum.
    """
    line: dict[str, list[tuple[str, int]]] = defaultdict(list)
    for (stratum, bucket), count in sorted(buckets.items()):
        line[stratum].append((bucket, count))
    for stratum, start in starts.items():
        if start is None:
            continue
        passed, steps = 0, iter(line[stratum])
        bucket, count = next(steps)
        for position in positions(start, sum(plan[stratum]), sizes[stratum]):
            while position >= passed + count:
                passed += count
                bucket, count = next(steps)
            yield Place(stratum, bucket, position - passed)


def with_addresses(engine: DuckDB) -> None:
    """Give a register the column `address`: the same for `14 Mill St.` and `14 MILL STREET`, where no flat is told apart.

    See `isegoria.addresses`. An address that cannot be read is one of its own, as it is written.
    """
    if ADDRESS not in engine.derived:
        engine.derive(ADDRESS, ADDRESS_PARTS, _address)


def _address(*parts: str) -> str:
    return household_of(*parts).replace("\n", ", ") or " ".join(filter(None, parts))


def places_of(queries: Queries, sizes: Mapping[str, int], letters: Mapping[str, int]) -> dict[str, int]:
    """Return for each stratum of a draw by groups how many persons a walk can meet, none of them in one group.

    So many letters can go out in all waves together. Where the letters themselves are more, they are returned, and
    the draw refuses them.

    Raises
    ------
    BadInput
        `households_split`.
    """
    largest = queries.largest()
    return {stratum: max(letters[stratum], size // largest[stratum]) for stratum, size in sizes.items()}


__all__ = ["ADDRESS", "HOUSEHOLD", "Frame", "Queries", "draw_in_engine", "places_of", "with_addresses"]
