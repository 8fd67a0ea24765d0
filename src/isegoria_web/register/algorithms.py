"""The door to `isegoria.register`: files to residents, and the draw among them."""

from __future__ import annotations

import hmac
import re
import secrets
import tempfile
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from django.conf import settings

from isegoria import register, textfiles
from isegoria.errors import BadInput, BadInputs, IsegoriaError, Place, collect
from isegoria.pool.reading import read_table, table_header_row
from isegoria.proof.letters import proportional
from isegoria.register import (
    Checked,
    DuckDB,
    ExclusionList,
    Frame,
    LetterDraw,
    Profile,
    Register,
    Row,
    Rules,
    Run,
    Sieve,
)
from isegoria.register.at_scale import ADDRESS, HOUSEHOLD, Queries, places_of, with_addresses
from isegoria.register.draw import plan_letters, refuse_large
from isegoria.register.eligibility import ON_LIST
from isegoria.register.reading import age_on
from isegoria.register.strata import can_stratify, refuse_telling

__all__ = [
    "STRATUM",
    "Checked",
    "Columns",
    "ListOfPeople",
    "Opened",
    "Row",
    "Selection",
    "Share",
    "Sifted",
    "age_on",
    "as_data",
    "as_errors",
    "bytes_to_read",
    "check",
    "check_profile",
    "check_size",
    "columns_in",
    "columns_of",
    "convert",
    "counts_of",
    "draw_letters",
    "eligible",
    "holds",
    "in_proportion",
    "most_of",
    "opened",
    "parts_of_profile",
    "profile_of",
    "pseudonym",
    "read",
    "read_list",
    "sha256_of",
    "shares",
    "sift",
    "sizes_of",
    "values_of",
]

Opened = DuckDB
"""A register whose rows stay in the table engine; a context, which closes it."""
KEY = re.compile(r"[0-9a-f]{64}")
STRATUM = "municipality_name"
"""The column of the register that the letters are shared out by, unless another one was announced."""
IN_ADDRESS = "in_address"
"""For one letter a household, where the households of one address stand together in the draw."""


@dataclass(frozen=True, slots=True)
class Selection:
    """Who can be drawn, for what group there is one letter, and by what the letters are shared out.

    Attributes
    ----------
    on, age_min
        The day on which the age counts, and the age in completed years.
    stratified_by
        A column of the register; None for one stratum.
    one_per
        The column of the group that gets at most one letter, `household` or `address`; `in_address` for a household among
        those of its address; None for every person.
    """

    on: date
    age_min: int
    stratified_by: str | None = STRATUM
    one_per: str | None = None

    @property
    def groups(self) -> tuple[str, ...]:
        """The columns of the groups, as the library takes them."""
        if self.one_per == IN_ADDRESS:
            return ADDRESS, HOUSEHOLD
        return () if self.one_per is None else (self.one_per,)


@dataclass(frozen=True, slots=True)
class Share:
    """A stratum before the draw: how many can be drawn, its letters, and in draws by groups its places for all waves."""

    stratum: str
    eligible: int
    letters: int
    places: int | None = None


def read(path: Path) -> Register:
    """Read and check a register file; the error names file, row and column."""
    return register.read(path)


def opened(path: Path) -> Opened:
    """Open a register file that was checked when it came; its rows stay in the engine."""
    return DuckDB(path)


def check(path: Path, progress: Callable[[int], None] | None = None) -> Checked:
    """Look through a register file without holding it; the error names file, row and column."""
    return register.check(path, progress=progress)


def convert(path: Path, out: Path, profile: str, progress: Callable[[int], None] | None = None) -> None:
    """Write a register in our own columns, as a profile says that it is written; the error names file, row and column.

    Columns that the profile does not name are not written: what nobody needs is not kept.
    """
    known = _profile(profile)
    source = register.open_source(
        path, encoding=known.encoding, delimiter=known.delimiter, sheet=known.sheet
    )
    register.convert(source, out, known.layout(), progress=progress)


def _profile(text: str) -> Profile:
    """Return the profile of a text.

    Raises
    ------
    isegoria.errors.BadInput
        `profile_not_toml`, `profile_wrong` with the place in it.
    """
    with tempfile.TemporaryDirectory(prefix="profile-") as folder:
        path = Path(folder) / "profile.toml"
        path.write_text(text, encoding="utf-8")
        return register.read_profile(path)


def sha256_of(path: Path) -> str:
    """Return the hash of a file, by which who delivered it knows it again."""
    return textfiles.sha256_of(path)


def check_profile(text: str) -> str:
    """Return a profile as it is kept, in the order and the form of all profiles.

    Raises
    ------
    isegoria.errors.BadInput
        As `_profile`.
    """
    return _profile(text).toml()


@dataclass(frozen=True, slots=True)
class Columns:
    """What was found in a file that nobody has described: its header, how it is written, and what could be meant.

    Attributes
    ----------
    header
        Their columns, in order.
    told
        Encoding and delimiter, as found.
    profile
        A first guess, as a text.
    doubts
        What somebody must look at: pairs of a doubt and one of our columns.
    shapes
        Their columns with what their cells look like; no cell stands in it.
    """

    header: tuple[str, ...]
    told: str
    profile: str
    doubts: tuple[tuple[str, str], ...]
    shapes: tuple[tuple[str, tuple[str, ...]], ...]


def columns_in(path: Path) -> Columns:
    """Return the columns of a file with a guess of what they are; no row of it is kept.

    Raises
    ------
    isegoria.errors.BadInput
        `file_empty`; `profile_unguessed` where not even an id or an address is found.
    """
    source = register.open_source(path)
    found = register.propose(source)
    header = tuple(dict.fromkeys([*found.profile.columns.values(), *found.unused]))
    shapes = tuple((name, found.shapes.get(name, ())) for name in header)
    return Columns(header, source.told, found.profile.toml(), found.doubts, shapes)


def profile_of(
    columns: Mapping[str, str], dates: str, values: Mapping[str, Mapping[str, str]], *, earliest: bool
) -> str:
    """Return a profile as a text.

    Parameters
    ----------
    columns
        Our column to theirs.
    dates
        The order of day, month and year.
    values
        For some of our columns their value to ours.
    earliest
        Whether a birth date without day or month is read as the earliest day that it can be; else it is refused.

    Raises
    ------
    isegoria.errors.BadInput
        `profile_wrong`.
    """
    derive = ("household",) if "street" in columns and "household" not in columns else ()
    made = Profile.model_construct(
        columns=dict(columns), dates=dates, values={key: dict(each) for key, each in values.items()},
        incomplete="earliest" if earliest else "refuse", derive=derive,
    )  # fmt: skip
    return check_profile(made.toml())


def parts_of_profile(text: str) -> dict[str, Any]:
    """Return what a profile says: `columns`, `dates`, `values`, and whether `earliest`."""
    known = _profile(text)
    return {
        "columns": dict(known.columns),
        "dates": known.dates,
        "values": {key: dict(each) for key, each in known.values.items()},
        "earliest": known.incomplete == "earliest",
    }


def check_size(file_name: str, size: int) -> None:
    """Refuse a file by its size in bytes, before anything of it is read or kept."""
    textfiles.check_size(file_name, size)


def bytes_to_read(path: Path) -> int:
    """Return about how many bytes reading a register file goes through; packed ones become many times as much."""
    return register.bytes_to_read(path)


def as_data(error: IsegoriaError) -> list[dict[str, Any]]:
    """Return the faults of a file as data, so that they can be told later in the reader's language."""
    faults = error.faults if isinstance(error, BadInputs) else (error,)
    return [
        {
            "code": each.code,
            "parameters": {name: str(value) for name, value in each.parameters.items() if name != "file"},
            "row": each.place.row,
            "column": each.place.column,
        }
        for each in faults
    ]


def as_errors(faults: Iterable[Mapping[str, Any]], file_name: str) -> list[BadInput]:
    """Return the faults that `as_data` wrote down."""
    return [
        BadInput(
            each["code"],
            Place(file_name, each["row"], each["column"]),
            **{"file": file_name, **each["parameters"]},
        )
        for each in faults
    ]


def values_of(found: Opened, column: str) -> dict[str, int]:
    """Return the values of a column with how many residents have each.

    Raises
    ------
    isegoria.errors.BadInput
        `column_missing`.
    """
    return Queries(found, Frame(stratify_by=column, age_min=0)).sizes()


def counts_of(found: Opened, column: str, *, on: date, age_min: int) -> dict[str, int]:
    """Return how many residents who have reached an age on a day have each value of a column, empty ones too.

    Raises
    ------
    isegoria.errors.BadInput
        `column_missing`.
    """
    return Queries(found, Frame(age_min=age_min or None, on=on)).counts(column)


Waiting = Callable[[Sequence[str]], Mapping[str, str]]
"""Tells which of some pseudonyms of residents cannot be drawn, each with the reason under which it is counted."""


@dataclass(frozen=True, slots=True)
class ListOfPeople:
    """People who cannot be drawn, under pseudonyms of a key; nobody is named.

    Attributes
    ----------
    name
        What it is a list of; it is public.
    until
        Pseudonym to the first day (ISO) on which the person can be drawn again; None for good.
    key
        With which the numbers of residents are turned into the same pseudonyms, as hexadecimal digits.
    sha256
        Of the file that came.
    """

    name: str
    until: Mapping[str, str | None]
    key: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Sifted:
    """What is left of a register, and why: rule, its detail, and how many it leaves out and no rule before it."""

    rows: int
    eligible: int
    sha256: str
    left_out: tuple[tuple[str, str, int], ...]
    unmatched: Mapping[str, int]


def read_list(path: Path, name: str, key: str) -> ListOfPeople:
    """Return a list of people who cannot be drawn, from a file with their numbers or with their pseudonyms.

    Parameters
    ----------
    path
        CSV with a column `id`, as in the register, or `pseudonym`; and perhaps `until`, a day.
    name
        What it is a list of.
    key
        64 hexadecimal digits that the keeper of the list shares, where it holds pseudonyms; empty where it holds numbers.

    Raises
    ------
    isegoria.errors.BadInput
        With file, row and column; nothing is kept.
    """
    table = read_table(path)
    header = [column.casefold() for column in table.header]
    sha256 = textfiles.sha256_of(path)
    if "pseudonym" in header:
        if not KEY.fullmatch(key):
            raise BadInput("key_wrong", Place(table.name))
        known = register.read_exclusions(path).until
        return ListOfPeople(
            name,
            {each: None if day is None else day.isoformat() for each, day in known.items()},
            key,
            sha256,
        )
    if "id" not in header:
        raise BadInput("column_missing", table.place(table_header_row(table)), column="id")
    own_key = secrets.token_hex(32)  # the numbers are forgotten: only pseudonyms under it are kept
    rows, faults = [], []
    for number, cells in table.rows:
        identifier = cells[header.index("id")]
        until = cells[header.index("until")] if "until" in header else ""
        if not identifier:
            faults.append(BadInput("cell_blank", table.place(number, "id")))
        elif until and not _is_day(until):
            faults.append(BadInput("date_wrong", table.place(number, "until")))
        else:
            rows.append((identifier, until or None))
    collect(faults)
    key_bytes = bytes.fromhex(own_key)
    return ListOfPeople(
        name,
        {
            register.exclusions_of([identifier], key_bytes)[0][0]: until
            for identifier, until in sorted(rows, key=lambda row: row[1] or "9999")
        },
        own_key,
        sha256,
    )


def _is_day(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def sift(
    path: Path,
    out: Path,
    *,
    on: date,
    within: Mapping[str, Collection[str]],
    lists: Sequence[ListOfPeople],
    waiting: Waiting,
    institution_id: object,
    progress: Callable[[int], None] | None = None,
) -> Sifted:
    """Write those of a register who can be drawn: they live there, stand on no list, and do not wait.

    Raises
    ------
    isegoria.errors.BadInput
        If a column is missing; nothing is written.
    """
    sieves = [Sieve(Rules(on, within={column: frozenset(values) for column, values in within.items()}))]
    sieves += [
        Sieve(Rules(on, lists=(_library_list(one),), secret=bytes.fromhex(one.key))) for one in lists
    ]
    source = register.open_source(path)
    found = register.scan(source)
    read, waits = 0, Counter[str]()

    def kept() -> Iterator[Run]:
        nonlocal read
        for run in found:
            read += len(run)
            if progress is not None:
                progress(read)
            left = run
            for sieve in sieves:
                left = sieve.run(left)
            names = [pseudonym(institution_id, each) for each in left.columns["id"]]
            barred = waiting(names)
            places = [place for place, name in enumerate(names) if name not in barred]
            waits.update(barred[name] for name in names if name in barred)
            if places:
                columns = {name: [cells[place] for place in places] for name, cells in left.columns.items()}
                yield Run([left.numbers[place] for place in places], columns)

    written = register.write_runs(kept(), found.columns, out, source.sha256)
    home, *listed = (sieve.report() for sieve in sieves)
    counts = [(one.rule, one.detail, one.excluded) for one in home.rules]
    # Whether somebody is on a list for good or until a day, it is one list.
    counts += [
        (ON_LIST, one.name, sum(each.excluded for each in report.rules))
        for one, report in zip(lists, listed, strict=True)
    ]
    return Sifted(
        read,
        written.rows,
        written.written_sha256,
        (*counts, *((rule, "", people) for rule, people in sorted(waits.items()))),
        {name: count for report in listed for name, count in report.unmatched.items()},
    )


def _library_list(one: ListOfPeople) -> ExclusionList:
    days = {name: None if day is None else date.fromisoformat(day) for name, day in one.until.items()}
    return ExclusionList(one.name, days, one.sha256)


def columns_of(path: Path) -> tuple[str, ...]:
    """Return the columns by which the letters could be shared out, as the file of a register has them."""
    if path.suffix == ".parquet":
        with opened(path) as found:
            names = found.columns
    else:
        _, rows = next(register.open_source(path).batches())
        names = tuple(cell.strip() for cell in rows[0])
    return tuple(name for name in names if can_stratify(name))


def shares(found: Opened, letters: int | Mapping[str, int], selection: Selection) -> list[Share]:
    """Return every stratum with its letters, before anything is drawn.

    Parameters
    ----------
    letters
        Their number, to be shared out in proportion to the residents; or those of each stratum.

    Raises
    ------
    isegoria.errors.BadInput
        If there are too many letters for a stratum or a home; `strata_personal`, `strata_too_small`, if the size of
        a stratum would tell something about single people.
    """
    queries = _queries(found, selection)
    sizes = queries.sizes()
    _refuse_small(selection, sizes)
    plan = {name: sum(waves) for name, waves in plan_letters(sizes, letters).items()}
    if selection.one_per is None:
        return [Share(name, size, plan[name]) for name, size in sizes.items()]
    places = places_of(queries, sizes, plan)
    for name, largest in queries.largest().items():
        refuse_large(largest, plan[name], sizes[name])
    return [Share(name, size, plan[name], places[name]) for name, size in sizes.items()]


def sizes_of(found: Opened, selection: Selection) -> dict[str, int]:
    """Return how many can be drawn in each stratum.

    Raises
    ------
    isegoria.errors.BadInput
        `strata_personal`, `strata_too_small`.
    """
    sizes = _queries(found, selection).sizes()
    _refuse_small(selection, sizes)
    return sizes


def most_of(found: Opened, selection: Selection) -> dict[str, int]:
    """Return for each stratum of a draw by groups the most letters with which no group gets two; else nothing.

    Raises
    ------
    isegoria.errors.BadInput
        `households_split`.
    """
    if selection.one_per is None:
        return {}
    queries = _queries(found, selection)
    sizes = queries.sizes()
    return places_of(queries, sizes, dict.fromkeys(sizes, 0))


def in_proportion(sizes: Mapping[str, int], letters: int) -> dict[str, int]:
    """Return how letters are shared out over strata in proportion to some numbers, by largest remainders."""
    return proportional(sizes, letters)


def _refuse_small(selection: Selection, sizes: Mapping[str, int]) -> None:
    """Refuse strata that tell something about single people; municipalities are no secret, however small."""
    if selection.stratified_by not in {None, STRATUM}:
        refuse_telling(str(selection.stratified_by), sizes)


def eligible(found: Opened, selection: Selection) -> Iterator[tuple[str, str]]:
    """Yield stratum and number of everybody who can be drawn."""
    return Queries(found, Frame(
        stratify_by=selection.stratified_by, age_min=selection.age_min, on=selection.on,
    )).everybody()  # fmt: skip


def holds(found: Opened, number: str) -> bool:
    """Whether somebody with a number stands in the register, eligible or not."""
    return bool(Queries(found, Frame()).rows_of([number]))


def draw_letters(
    found: Opened,
    seed: bytes,
    letters: int | Sequence[int] | Sequence[Mapping[str, int]],
    selection: Selection,
    secret: bytes,
) -> LetterDraw:
    """Draw who gets a letter, under keyed pseudonyms.

    Parameters
    ----------
    letters
        Their number, or those of each wave; shared out in proportion to the residents unless given for each stratum.
    """
    return register.draw_in_engine(found, seed, letters, _frame(found, selection, secret), check=False)


def _queries(found: Opened, selection: Selection) -> Queries:
    return Queries(found, _frame(found, selection, None))


def _frame(found: Opened, selection: Selection, secret: bytes | None) -> Frame:
    if ADDRESS in selection.groups:
        with_addresses(found)
    return Frame(
        stratify_by=selection.stratified_by,
        groups=selection.groups,
        age_min=selection.age_min,
        on=selection.on,
        secret=secret,
    )


def pseudonym(institution_id: object, identifier: str) -> str:
    """Return a resident's keyed pseudonym: the same over the years, useless without the key."""
    message = f"{institution_id}\0{identifier}".encode()
    return hmac.digest(settings.PSEUDONYM_KEY.encode(), message, "sha256").hex()
