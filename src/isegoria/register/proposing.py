"""A first profile for a register that nobody has described: guessed from its header and its first rows, to be read."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from itertools import islice, pairwise
from typing import Literal

from isegoria.addresses import fold
from isegoria.errors import BadInput, Place
from isegoria.register.profile import DateOrder, Profile, Unit, reader_of_dates
from isegoria.register.scanning import NEVER_EMPTY, SEXES
from isegoria.register.sources import Source

LOOKED_AT = 2000
_LONG = 6
_NUMBERS = ("nummer", "nr", "no", "num", "numero", "number", "n")
_BRACKETS = re.compile(r"\([^)]*\)|\[[^\]]*\]")
_SIGNS = re.compile(r"[\W_]+")
_WORD = re.compile(r"[Aa]+")
_LETTERS_SHOWN, _SIGNS_SHOWN, _SHAPES = 4, 24, 3
Doubt = Literal[
    "date_order", "column_missing", "value_unknown", "date_incomplete", "date_unreadable", "derived"
]


@dataclass(frozen=True, slots=True)
class Proposal:
    """A proposed profile, and what somebody must look at.

    Attributes
    ----------
    profile
        What could be guessed.
    doubts
        Pairs of a doubt and the column it concerns.
    unused
        Columns of theirs that the profile does not name.
    shapes
        For each column of theirs what its cells look like, the commonest first; see `shape_of`.
    """

    profile: Profile
    doubts: tuple[tuple[Doubt, str], ...]
    unused: tuple[str, ...]
    shapes: Mapping[str, tuple[str, ...]]


def propose(source: Source, unit: Unit = "person") -> Proposal:
    """Return a profile for a file, guessed from the names of its columns and from its first 2,000 rows.

    Parameters
    ----------
    source
        The file.
    unit
        What a row is.

    Returns
    -------
    Proposal
        To be read by somebody who knows the register. Nothing in it repeats a name, a number or a date of a person; the
        values of columns such as sex stand in it.

    Raises
    ------
    BadInput
        `file_empty`; `profile_unguessed` where not even an id or an address is found.
    """
    rows = _first_rows(source)
    header, samples = rows[0], rows[1:]
    columns = match_columns(header)
    cells = {
        ours: [row[header.index(theirs)] for row in samples if len(row) == len(header)]
        for ours, theirs in columns.items()
    }
    doubts: list[tuple[Doubt, str]] = []
    order, incomplete = _dates(cells.get("birth_date", ()), doubts)
    values: dict[str, dict[str, str]] = {
        str(field): known
        for field in ("sex", "language")
        if field in cells and (known := _values(field, cells[field], doubts))
    }
    derive = [
        name
        for name in ("id", "household")
        if name not in columns
        and {"street", "address"} & columns.keys()
        and name == ("household" if unit == "person" else "id")
    ]
    doubts += [("derived", name) for name in derive]
    if "id" not in columns and "id" not in derive:
        raise BadInput("profile_unguessed", Place(source.name, row=1))
    usual = NEVER_EMPTY if unit == "person" else ("street", "postcode", "municipality")
    there = {*columns, *derive, *(("street",) if "address" in columns else ())}
    doubts += [("column_missing", name) for name in usual if name not in there]
    empty = [name for name in usual if name in cells and name != "id" and "" in cells[name]]
    profile = Profile(
        unit=unit,
        dates=order,
        incomplete="earliest" if incomplete else "refuse",
        derive=tuple(derive),
        may_be_empty=tuple(empty) if unit == "person" else (),
        columns=columns,
        values=values,
    )
    used = set(columns.values())
    return Proposal(
        profile,
        tuple(doubts),
        tuple(name for name in header if name not in used),
        {
            name: _shapes(row[place] for row in samples if len(row) == len(header))
            for place, name in enumerate(header)
        },
    )


def shape_of(cell: str) -> str:
    """Return what a cell looks like without what it says: 9 for a digit, A or a for a letter, signs as they are.

    Of a word at most four letters are shown, of a cell 24 signs: how long a name is tells about its person.

    Examples
    --------
    >>> shape_of("17.05.1961"), shape_of("Anne-Sophie van den Berg"), shape_of("4700 EUPEN")
    ('99.99.9999', 'Aaaa-Aaaa aaa aaa Aaaa', '9999 AAAA')
    """
    masked = "".join(_mask(sign) for sign in cell)
    shown = _WORD.sub(lambda word: word[0][:_LETTERS_SHOWN], masked)
    return shown if len(shown) <= _SIGNS_SHOWN else shown[: _SIGNS_SHOWN - 1] + "…"


def _mask(sign: str) -> str:
    kind = unicodedata.category(sign)
    if kind[0] == "N":
        return "9"
    if kind[0] == "L":
        return "A" if kind == "Lu" else "a"
    return sign if kind[0] in "PSZ" else ""


def _shapes(cells: Iterable[str]) -> tuple[str, ...]:
    found = Counter(shape_of(cell) for cell in cells if cell)
    return tuple(
        shape for shape, _count in sorted(found.items(), key=lambda one: (-one[1], one[0]))[:_SHAPES]
    )


def match_columns(header: Sequence[str]) -> dict[str, str]:
    """Return our column to theirs, as far as their names tell; each used once, exact names first.

    Examples
    --------
    >>> match_columns(["Rijksregisternummer", "Geboortedatum", "Code postal", "Straße"])
    {'id': 'Rijksregisternummer', 'birth_date': 'Geboortedatum', 'street': 'Straße', 'postcode': 'Code postal'}
    """
    plain = {name: normal(name) for name in header}
    found: dict[str, str] = {}
    if (behind := _number_behind_street(header)) is not None:
        found["house_number"] = behind
    for close in (False, True):
        for field, known in _names().items():
            if field in found:
                continue
            free = {name: text for name, text in plain.items() if text and name not in found.values()}
            name = _closest(free, (normal(field), *known), close=close)
            if name is not None:
                found[field] = name
    return {field: found[field] for field in _names() if field in found}


def normal(name: str) -> str:
    """Return the name of a column in small letters, without accents, brackets and signs."""
    return _SIGNS.sub("", fold(_BRACKETS.sub("", name)))


def _number_behind_street(header: Sequence[str]) -> str | None:
    """Return the column that is called a number and stands behind the street: a house number, no number of a person."""
    for street, number in pairwise(header):
        if normal(street) in _names()["street"] and normal(number) in _NUMBERS:
            return number
    return None


def _closest(free: Mapping[str, str], known: Sequence[str], *, close: bool) -> str | None:
    """Return the column whose name stands first among the known ones, or begins or ends with one of them."""
    for each in known:
        for name, text in free.items():
            if text == each or (
                close and len(each) >= _LONG and (text.startswith(each) or text.endswith(each))
            ):
                return name
    return None


def _first_rows(source: Source) -> list[list[str]]:
    rows = [
        [cell.strip() for cell in row]
        for _first, batch in islice(source.batches(), 1)
        for row in batch[: LOOKED_AT + 1]
    ]
    if not rows or not any(rows[0]):
        raise BadInput("file_empty", Place(source.name), file=source.name)
    return rows


def _dates(cells: Sequence[str], doubts: list[tuple[Doubt, str]]) -> tuple[DateOrder, bool]:
    """Return the order that reads the most dates, the European one if two do, and whether some are incomplete."""
    filled = [cell for cell in cells if cell]
    if not filled:
        return "year-month-day", False
    orders: tuple[DateOrder, ...] = ("year-month-day", "day-month-year", "month-day-year")
    read = {
        order: sum(reader_of_dates(order, "earliest")(cell) is not None for cell in filled)
        for order in orders
    }
    best = max(orders, key=lambda order: read[order])
    if best == "day-month-year" and read["month-day-year"] == read[best]:
        doubts.append(("date_order", "birth_date"))
    if read[best] < len(filled):
        doubts.append(("date_unreadable", "birth_date"))
    strict = reader_of_dates(best)
    incomplete = sum(strict(cell) is not None for cell in filled) < read[best]
    if incomplete:
        doubts.append(("date_incomplete", "birth_date"))
    return best, incomplete


def _values(field: str, cells: Sequence[str], doubts: list[tuple[Doubt, str]]) -> dict[str, str]:
    """Return their values to ours; nothing where they write ours."""
    written = [value for value, _count in Counter(cell for cell in cells if cell).most_common(50)]
    meant = {alias: ours for ours, aliases in _meanings(field).items() for alias in aliases}
    ours = set(SEXES) if field == "sex" else set(_meanings(field))
    if set(written) <= ours:
        return {}
    known = {}
    for value in written:
        plain = normal(value) or value
        if plain in meant:
            known[value] = meant[plain]
        elif field == "language":
            known[value] = value
        else:
            doubts.append(("value_unknown", field))
    return known


@cache
def _data() -> Mapping[str, Mapping[str, Mapping[str, list[str]]]]:
    return tomllib.loads(files(__package__).joinpath("headers.toml").read_text("utf-8"))


def _names() -> Mapping[str, Sequence[str]]:
    return _data()["names"]  # type: ignore[return-value]  # one level less than the values


def _meanings(field: str) -> Mapping[str, Sequence[str]]:
    return _data()["values"][field]
