"""Reading who is linked with whom, and giving the links to a pool."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from os import PathLike

from isegoria.errors import BadInput, Place, collect
from isegoria.pool.links import merged, rivals_of
from isegoria.pool.people import Pool
from isegoria.pool.reading import read_table, table_header_row

HOUSEHOLD = "the household"
NOWHERE = Place()


@dataclass(frozen=True, slots=True)
class Link:
    """People who are linked, and where that stands.

    Attributes
    ----------
    ids
        Two or more in what `read_links` returns.
    place
        File and row.
    """

    ids: tuple[str, ...]
    place: Place = NOWHERE


def read_links(path: str | PathLike[str], known: Collection[str]) -> tuple[Link, ...]:
    """Return the links of a CSV file: one a row.

    Parameters
    ----------
    path
        A header and two columns or more, each with an id; cells after the second may be blank.
    known
        Ids that may stand there: of the pool, and of people who sit already.

    Raises
    ------
    BadInput
        With file, row and column: `link_header`, `link_unknown`, `link_repeated`, `link_single`, and as `read_table`;
        several of them together. Nothing was loaded.
    """
    table = read_table(path)
    ids = set(known)
    if any(cell in ids for cell in table.header):
        raise BadInput("link_header", table.place(table_header_row(table)))
    faults: list[BadInput] = []
    found: list[Link] = []
    for number, cells in table.rows:
        filled = [(column, cell) for column, cell in zip(table.header, cells, strict=True) if cell]
        faults += [
            BadInput("link_unknown", table.place(number, column))
            for column, cell in filled
            if cell not in ids
        ]
        named = [cell for _, cell in filled]
        faults += [
            BadInput("link_repeated", table.place(number, column))
            for place, (column, cell) in enumerate(filled)
            if cell in named[:place]
        ]
        if len(named) == 1:
            faults.append(BadInput("link_single", table.place(number)))
        found.append(Link(tuple(named), table.place(number)))
    collect(faults)
    return tuple(found)


def link(pool: Pool, apart: Sequence[Link] = (), together: Sequence[Link] = ()) -> Pool:
    """Return the pool with links between its people.

    Parameters
    ----------
    pool
        With or without households and earlier links, which stay.
    apart
        At most one person of each is drawn. People who are not in the pool may be named: they sit already.
    together
        The people of each are drawn together or not at all.

    Raises
    ------
    BadInput
        `link_contradicts` with the place of the row, if people who are to be drawn together are apart;
        `together_incomplete`, if somebody to be drawn together is not in the pool.

    Examples
    --------
    >>> from isegoria.pool import Entry
    >>> pool = Pool(tuple(Entry(name, {"k": "x"}) for name in "abcd"))
    >>> linked = link(pool, apart=[Link(("a", "b"))], together=[Link(("c", "d"))])
    >>> linked.apart, linked.together
    ((('a', 'b'),), (('c', 'd'),))
    """
    collect(list(_contradictions(pool, apart, together)))
    return replace(
        pool,
        apart=(*pool.apart, *(one.ids for one in apart)),
        together=(*pool.together, *(one.ids for one in together)),
    )


def _contradictions(pool: Pool, apart: Sequence[Link], together: Sequence[Link]) -> Iterator[BadInput]:
    """Yield for each row the first reason why its people, with all whom they are drawn with, cannot be drawn."""
    unit_of = {
        one: unit for unit in merged((*pool.together, *(one.ids for one in together))) for one in unit
    }
    rivals = pool.rivals
    sources = [(rivals_of([one.ids]), str(one.place) or "a link") for one in apart]
    for row in together:
        unit = unit_of.get(row.ids[0], ()) if row.ids else ()
        reasons = [(rivals, HOUSEHOLD), *sources]
        for against, source in reasons:
            if any(not against.get(one, frozenset()).isdisjoint(unit) for one in unit):
                yield BadInput("link_contradicts", row.place, source=source)
                break
