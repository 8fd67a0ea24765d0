"""Seats with a condition of their own: those reserved for a value, and those on which somebody sits already."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from os import PathLike

from isegoria.errors import BadInput, Place, collect
from isegoria.pool.intersections import REST, Intersection, intersect
from isegoria.pool.people import Entry, Pool
from isegoria.pool.quotas import Quota, Quotas
from isegoria.pool.reading import ID_COLUMNS, Table, entries_of, read_table, table_header_row, whole_number

RESERVED_COLUMNS = ("feature", "value", "seats")


@dataclass(frozen=True, slots=True)
class ReservedSeats:
    """At least so many members of the body have this value: one German speaker."""

    feature: str
    value: str
    seats: int
    place: Place | None = None


def reserve(quotas: Quotas, reserved: Iterable[ReservedSeats], size: int) -> Quotas:
    """Return the quotas with seats reserved for some values.

    A value with a quota gets a higher minimum. A value without one gets a quota with room up to the size; a feature
    without any gets one more value, `all others`, for everybody without a reserved seat. A reserved seat is never
    given up when quotas are relaxed.

    Parameters
    ----------
    quotas
        Of the whole body.
    reserved
        At most one per feature and value.
    size
        Of the whole body.

    Raises
    ------
    BadInput
        `reserved_over_maximum`, `reserved_over_size`, `reserved_repeated`, each with feature, value and numbers; several
        of them together.

    Examples
    --------
    >>> quotas = Quotas((Quota("sex", "f", 1, 2), Quota("sex", "m", 1, 2)))
    >>> more = reserve(quotas, [ReservedSeats("language", "de", 1), ReservedSeats("sex", "f", 2)], 3)
    >>> [(q.feature, q.value, q.minimum, q.maximum) for q in more]
    [('sex', 'f', 2, 2), ('sex', 'm', 1, 2), ('language', 'de', 1, 3), ('language', 'all others', 0, 3)]
    """
    rows = {(row.feature, row.value): row for row in quotas}
    opened: dict[str, None] = {}
    seen: set[tuple[str, str]] = set()
    faults: list[BadInput] = []
    for one in reserved:
        key = one.feature, one.value
        row = rows.get(key)
        maximum = size if row is None else row.maximum
        if key in seen:
            faults.append(_fault("reserved_repeated", one))
        elif one.seats > size:
            faults.append(_fault("reserved_over_size", one, seats=one.seats, size=size))
        elif one.seats > maximum:
            faults.append(_fault("reserved_over_maximum", one, seats=one.seats, maximum=maximum))
        else:
            rows[key] = _with_seats(row or Quota(one.feature, one.value, 0, size), one.seats)
        seen.add(key)
        if one.feature not in quotas.features:
            opened[one.feature] = None
    collect(faults)
    return Quotas((*rows.values(), *(Quota(feature, REST, 0, size) for feature in opened)))


def _with_seats(row: Quota, seats: int) -> Quota:
    least = max(row.minimum, seats)
    return replace(row, minimum=least, min_flex=max(row.min_flex or 0, seats))


def _fault(code: str, one: ReservedSeats, **numbers: int) -> BadInput:
    return BadInput(code, one.place, feature=one.feature, value=one.value, **numbers)


def reserves(table: Table) -> bool:
    """Return whether a file reserves seats for values, rather than naming people."""
    return set(RESERVED_COLUMNS) <= {column.casefold() for column in table.header}


def read_seats(
    paths: Iterable[str | PathLike[str]],
) -> tuple[tuple[ReservedSeats, ...], tuple[Table, ...]]:
    """Return what files say of seats: reserved ones, and tables of people who sit already.

    Parameters
    ----------
    paths
        Each a CSV file: with the columns `feature,value,seats`, or with one row per member who sits.

    Raises
    ------
    BadInput
        With file, row and column, and the way out.
    """
    tables = [read_table(path) for path in paths]
    found = [one for table in tables if reserves(table) for one in _reserved(table)]
    return tuple(found), tuple(table for table in tables if not reserves(table))


def _reserved(table: Table) -> Iterator[ReservedSeats]:
    where = {column.casefold(): index for index, column in enumerate(table.header)}
    feature, value, seats = (where[name] for name in RESERVED_COLUMNS)
    for row, cells in table.rows:
        for index in (feature, value):
            if not cells[index]:
                raise BadInput("cell_blank", table.place(row, table.header[index]))
        number = whole_number(table, row, seats, cells)
        if number < 0:
            raise BadInput("not_whole", table.place(row, table.header[seats]))
        yield ReservedSeats(cells[feature], cells[value], number, table.place(row, table.header[seats]))


def sitting_of(
    table: Table,
    quotas: Quotas,
    id_column: str | None = None,
    household_columns: Sequence[str] = (),
    opened: Iterable[str] = (),
) -> tuple[Entry, ...]:
    """Return the members whom a table names.

    Parameters
    ----------
    table
        One row per member, with an id and a value of every feature of the quotas, like panel.csv.
    quotas, id_column, opened
        As of `read_pool`; but a column with ids must be there.
    household_columns
        As of `read_pool`; left out if the table has not all of them.

    Raises
    ------
    BadInput
        `sitting_id`, and as `read_pool`.
    """
    named = {column.casefold() for column in table.header}
    if id_column is None and named.isdisjoint(ID_COLUMNS):
        raise BadInput("sitting_id", table.place(table_header_row(table)))
    homes = household_columns if set(household_columns) <= set(table.header) else ()
    return entries_of(table, quotas, id_column, homes, opened)


def intersect_with(
    pool: Pool,
    quotas: Quotas,
    intersections: Iterable[Intersection],
    size: int,
    sitting: Sequence[Entry],
) -> tuple[Pool, Quotas, tuple[Entry, ...]]:
    """Return what `intersect` does, and the members who sit already with the same further features.

    Members may be in the pool as well; intersections count them, too.
    """
    # no id begins with a line break, so that a member cannot be taken for somebody of the pool
    apart = [replace(one, id=f"\n{number}") for number, one in enumerate(sitting)]
    wider, more = intersect(replace(pool, entries=(*pool, *apart)), quotas, intersections, size)
    features = {one.id: one.features for one in wider}
    return (
        wider.only([one.id for one in wider if not one.id.startswith("\n")]),
        more,
        tuple(replace(one, features=features[other.id]) for one, other in zip(sitting, apart, strict=True)),
    )
