"""An order of types and rows that does not know their names, for the methods that go by order.

Leximin, Nash and Goldilocks have one answer only, whatever things are called. A greedy procedure that takes the first
of two values as urgent, or a programme with several best panels, has not: there the order decides, and an order by name
would favour the early letters of the alphabet. So types, rows and features are ordered by what they are: numbers of
people, limits, and who meets whom, refined until nothing can be told apart any more. What is left then is alike in the
quotas' eyes, and one of it is named first, by its name; the others follow from it.

Source: the refinement of colours by neighbours, B. Weisfeiler, A. Leman (1968), with individualisation as in B. D.
McKay, A. Piperno: Practical graph isomorphism II, J. Symb. Comp. 60 (2014). Only the first branch is followed: it is
exact where what is left is really alike, as it is in all but artificial pools.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt

from isegoria.lottery.problem import Problem
from isegoria.pool import Quotas
from isegoria.proof.certificate import Row

Order = npt.NDArray[np.int64]


def unnamed(problem: Problem, quotas: Quotas) -> tuple[Problem, Order]:
    """Return the same problem with types and rows in an order without names, and which type stands at each place.

    Guarantee: pools that differ only in the names of people, features and values, or in the order of rows, become the
    same problem, row for row and column for column.
    """
    features = sorted(quotas.features)
    named = sorted((quota.feature, quota.value) for quota in quotas)
    of_row = [features.index(feature) for feature, _ in named]
    types, rows = len(problem.types), len(problem.rows)
    # nodes: first the types, then the rows, then the features
    around: list[list[int]] = [[] for _ in range(types + rows + len(features))]
    for number, row in enumerate(problem.rows[1:], start=types + 1):
        for t in (*row.types, *row.minus):
            around[t].append(number)
            around[number].append(t)
    for number, feature in enumerate(of_row, start=types + 1):
        around[number].append(types + rows + feature)
        around[types + rows + feature].append(number)
    first: list[Any] = [
        *((0, int(count), 0, 0) for count in problem.counts),
        *((1, number == 0, row.lower, row.upper) for number, row in enumerate(problem.rows)),
        *((2, 0, 0, 0) for _ in features),
    ]
    place = _places(first, around)
    type_order = np.argsort(place[:types])
    last = types + 1 + len(named)
    row_order = [0, *(1 + np.argsort(place[types + 1 : last])), *range(1 + len(named), rows)]
    homes = slice(1 + len(named), 1 + len(named) + len(problem.households))
    row_order[homes] = sorted(row_order[homes], key=lambda row: int(place[types + row]))
    return _reordered(problem, type_order, row_order), type_order


def _places(first: Sequence[Any], around: Sequence[Sequence[int]]) -> Order:
    """Return a place of its own for each node, by refinement; the first of those that stay alike goes before them."""
    place = _ranks(first)
    while True:
        place = _refined(place, around)
        ranks, people = np.unique(place, return_counts=True)
        if len(ranks) == len(place):
            return place
        alike = ranks[people > 1][0]
        one = int(np.flatnonzero(place == alike)[0])
        place = place * 2
        place[one] -= 1


def _refined(place: Order, around: Sequence[Sequence[int]]) -> Order:
    """Return ranks that also tell apart by the ranks of the neighbours, until this changes nothing."""
    before = len(np.unique(place))
    while True:
        place = _ranks(
            [(int(own), sorted(place[near].tolist())) for own, near in zip(place, around, strict=True)]
        )
        now = int(place.max()) + 1
        if now == before:
            return place
        before = now


def _ranks(keys: Sequence[Any]) -> Order:
    order = sorted(range(len(keys)), key=keys.__getitem__)
    ranks = np.zeros(len(keys), dtype=np.int64)
    rank = -1
    for position, node in enumerate(order):
        if position == 0 or keys[node] != keys[order[position - 1]]:
            rank += 1
        ranks[node] = rank
    return ranks


def _reordered(problem: Problem, types: Order, rows: Sequence[int]) -> Problem:
    where = np.argsort(types).tolist()

    def moved(group: Sequence[int]) -> tuple[int, ...]:
        return tuple(sorted(where[t] for t in group))

    row_order = np.array(rows)
    kept = [problem.rows[row] for row in rows]
    limits = problem.first_limit
    return replace(
        problem,
        types=tuple(problem.types[t] for t in types),
        rows=tuple(Row(moved(row.types), row.lower, row.upper, moved(row.minus)) for row in kept),
        published=tuple(problem.published[row] for row in rows),
        counts=problem.counts[types],
        matrix=problem.matrix[row_order][:, types].sorted_indices(),
        lower=problem.lower[row_order],
        upper=problem.upper[row_order],
        households=tuple(
            replace(problem.households[row - limits], types=moved(problem.households[row - limits].types))
            for row in rows[limits : limits + len(problem.households)]
        ),
        together=tuple(replace(one, types=tuple(where[t] for t in one.types)) for one in problem.together),
    )
