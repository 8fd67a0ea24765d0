"""How good is a plan of tables: who met, how mixed the tables are, and what nobody could do better."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import combinations
from math import comb

from isegoria.errors import BadInput

Rounds = Sequence[Sequence[Sequence[str]]]
"""Rounds of tables of ids."""


def table_sizes(persons: int, table_size: int) -> tuple[int, ...]:
    """Return the sizes of the fewest tables that hold everybody, larger ones first, differing by at most 1.

    Parameters
    ----------
    persons
        Number of persons to seat, 1 or more.
    table_size
        Most persons at a table, 1 or more.

    Raises
    ------
    BadInput
        `tables_nobody`, `tables_size_wrong`.

    Examples
    --------
    >>> table_sizes(25, 6)
    (5, 5, 5, 5, 5)
    """
    if persons < 1:
        raise BadInput("tables_nobody")
    if table_size < 1:
        raise BadInput("tables_size_wrong", size=table_size)
    tables = -(-persons // table_size)
    each, more = divmod(persons, tables)
    return tuple(each + (table < more) for table in range(tables))


def meetings(rounds: Rounds) -> Counter[tuple[str, str]]:
    """Return how often each pair sat at the same table; the ids of a pair in alphabetical order."""
    return Counter(pair for tables in rounds for table in tables for pair in combinations(sorted(table), 2))


def pairs_met(rounds: Rounds) -> int:
    """Return the number of different pairs that sat at the same table at least once."""
    return len(meetings(rounds))


def imbalance(rounds: Rounds, features: Mapping[str, Mapping[str, str]]) -> int:
    """Return by how many persons the tables miss an even mix, summed over rounds, tables and values.

    A table of size s should have between ⌊N_v s / n⌋ and ⌈N_v s / n⌉ persons with value v, where N_v of
    the n persons have it. 0: every table is as mixed as whole persons allow.

    Parameters
    ----------
    rounds
        Rounds of tables of ids.
    features
        Id to feature to value, for all persons.
    """
    return sum(_round_imbalance(tables, features) for tables in rounds)


def most_pairs(persons: int, table_size: int, rounds: int) -> int:
    """Return a number of different pairs that no plan can exceed.

    The least of all pairs and `T Σ C(s, 2) - (T - 1) Σ ρ(s)`: a table of s persons who come from g tables
    repeats at least `ρ(s) = r C(q + 1, 2) + (g - r) C(q, 2)` pairs, where s = q g + r. A plan that reaches
    it is proved optimal; not every bound can be reached.

    Parameters
    ----------
    persons
        Number of persons.
    table_size
        Most persons at a table.
    rounds
        Number of rounds, T.

    Examples
    --------
    >>> most_pairs(48, 8, 4)
    636
    """
    sizes = table_sizes(persons, table_size)
    together = rounds * sum(comb(size, 2) for size in sizes)
    repeated = max(0, rounds - 1) * sum(_repeats(size, len(sizes)) for size in sizes)
    return min(comb(persons, 2), together - repeated)


def fewest_repeats(persons: int, table_size: int, rounds: int) -> int:
    """Return a number of repeated meetings that no plan can go below: `C(T, 2) Σ ρ(s)`.

    A pair that meets m times counts C(m, 2). For each two rounds a table of s persons who come from g tables
    repeats at least ρ(s) pairs, as in `most_pairs`. A plan that reaches it is proved optimal.

    Examples
    --------
    >>> fewest_repeats(48, 8, 4)
    72
    """
    sizes = table_sizes(persons, table_size)
    return comb(rounds, 2) * sum(_repeats(size, len(sizes)) for size in sizes)


def repeats(rounds: Rounds) -> int:
    """Return Σ C(m, 2) over all pairs, where a pair shares a table m times."""
    return sum(comb(times, 2) for times in meetings(rounds).values())


def _repeats(size: int, tables: int) -> int:
    each, more = divmod(size, tables)
    return more * comb(each + 1, 2) + (tables - more) * comb(each, 2)


def _round_imbalance(tables: Sequence[Sequence[str]], features: Mapping[str, Mapping[str, str]]) -> int:
    persons = sum(len(table) for table in tables)
    everybody = Counter(value for table in tables for one in table for value in features[one].items())
    missed = 0
    for table in tables:
        here = Counter(value for one in table for value in features[one].items())
        for value, total in everybody.items():
            least, rest = divmod(total * len(table), persons)
            most = least + (rest > 0)
            missed += max(0, here[value] - most, least - here[value])
    return missed
