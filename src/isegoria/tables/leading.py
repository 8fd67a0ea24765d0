"""Who leads which table? Nobody leads one whose matter she has an interest in."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from isegoria.errors import BadInput, Infeasible


def lead(
    tables: int, facilitators: Sequence[str], forbidden: Iterable[tuple[str, int]] = ()
) -> tuple[str, ...]:
    """Return who leads each table of a round, as evenly shared as the forbidden pairs allow.

    Parameters
    ----------
    tables
        Number of tables of the round, 1 or more.
    facilitators
        Their ids, each once; without conflicts they lead the tables in this order, over and over.
    forbidden
        Pairs of an id and a table (from 0) that she must not lead.

    Returns
    -------
    tuple
        Of each table the id of its facilitator, shape (tables,).

    Raises
    ------
    BadInput
        `tables_nobody`, if there is no table or no facilitator; `tables_id_repeated`, if one stands twice.
    Infeasible
        `tables_nobody_leads`, if every facilitator is forbidden a table; names the first such table.

    Notes
    -----
    Guarantee: no forbidden pair; the most tables that one person leads are as few as possible. A bipartite matching
    by augmenting paths (Kuhn 1955), each facilitator as often as the limit says; the limit grows from
    ⌈tables / facilitators⌉ until everybody fits. The same input gives the same answer.

    Examples
    --------
    >>> lead(4, ["a", "b"], [("a", 0)])
    ('b', 'a', 'a', 'b')
    """
    if tables < 1 or not facilitators:
        raise BadInput("tables_nobody")
    if len(set(facilitators)) != len(facilitators):
        raise BadInput("tables_id_repeated")
    barred = set(forbidden)
    allowed = [
        [person for person in _in_turn(facilitators, table) if (person, table) not in barred]
        for table in range(tables)
    ]
    for table, people in enumerate(allowed):
        if not people:
            raise Infeasible("tables_nobody_leads", table=table + 1)
    for most in range(-(-tables // len(facilitators)), tables + 1):
        found = _matching(allowed, most)
        if found is not None:
            return found
    raise RuntimeError("every table has a facilitator who may lead it, and all may lead all")


def _in_turn(facilitators: Sequence[str], table: int) -> list[str]:
    """Return the facilitators, beginning with whose turn it is."""
    turn = table % len(facilitators)
    return [*facilitators[turn:], *facilitators[:turn]]


def _matching(allowed: Sequence[Sequence[str]], most: int) -> tuple[str, ...] | None:
    """Return a facilitator for each table, nobody more than `most` times; None if there is no such sharing."""
    led: dict[str, list[int]] = {person: [] for people in allowed for person in people}

    def seat(table: int, asked: set[str]) -> bool:
        for person in allowed[table]:
            if person in asked:
                continue
            asked.add(person)
            if len(led[person]) < most:
                led[person].append(table)
                return True
            for other in led[person]:
                if seat(other, asked):
                    led[person].remove(other)
                    led[person].append(table)
                    return True
        return False

    for table in range(len(allowed)):
        if not seat(table, set()):
            return None
    of = {table: person for person, places in led.items() for table in places}
    return tuple(of[table] for table in range(len(allowed)))
