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

from isegoria.lottery.model import links_of, matrix_of
from isegoria.lottery.problem import Problem
from isegoria.pool import Quotas
from isegoria.proof.certificate import Row

Order = npt.NDArray[np.int64]


def unnamed(problem: Problem, quotas: Quotas) -> tuple[Problem, Order]:
    """Return the same problem with types and rows in an order without names, and which type stands at each place.

    Guarantee: pools that differ only in the names of people, features and values, or in the order of rows, become the
    same problem, row for row and column for column. Not kept: the published numbers of the rows, for nothing is proved
    about it, and who of a group that is drawn together has which type.
    """
    features = sorted(quotas.features)
    of_row = [features.index(quota.feature) for quota in sorted(quotas, key=lambda q: (q.feature, q.value))]
    classes = [*(one.types for one in problem.households), *(one.types for one in problem.together)]
    types, rows = len(problem.types), len(of_row)
    # nodes: first the types, then the rows of the quotas, the features, and the classes of linked people
    around: list[list[int]] = [[] for _ in range(types + rows + len(features) + len(classes))]

    def join(one: int, other: int) -> None:
        around[one].append(other)
        around[other].append(one)

    for number, (row, feature) in enumerate(
        zip(problem.rows[1 : rows + 1], of_row, strict=True), start=types
    ):
        join(number, types + rows + feature)
        for t in row.types:
            join(number, t)
    for number, linked in enumerate(classes, start=types + rows + len(features)):
        for t in linked:
            join(number, t)
    place = _places(
        [
            *((0, int(count), 0) for count in problem.counts),
            *((1, row.lower, row.upper) for row in problem.rows[1 : rows + 1]),
            *((2, 0, 0) for _ in features),
            *((3, 0, len(one.households)) for one in problem.households),
            *((3, 1, len(one.groups)) for one in problem.together),
        ],
        around,
    )
    order = np.argsort(place[:types])
    row_order = np.argsort(place[types : types + rows])
    return _reordered(problem, order, row_order, place[types + rows + len(features) :]), order


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


def _reordered(problem: Problem, types: Order, rows: Order, classes: Order) -> Problem:
    """Return the problem with types and quotas in these orders, and its classes by their places."""
    where = np.argsort(types).tolist()

    def moved(group: Sequence[int]) -> tuple[int, ...]:
        return tuple(sorted(where[t] for t in group))

    homes = len(problem.households)
    households = tuple(
        replace(problem.households[number], types=moved(problem.households[number].types))
        for number in np.argsort(classes[:homes])
    )
    together = tuple(
        replace(problem.together[number], types=moved(problem.together[number].types))
        for number in np.argsort(classes[homes:])
    )
    kept = [problem.rows[0], *(problem.rows[1 + row] for row in rows)]
    in_order = (
        *(Row(moved(row.types), row.lower, row.upper) for row in kept),
        *links_of(households, together).rows,
    )
    return replace(
        problem,
        types=tuple(problem.types[t] for t in types),
        rows=in_order,
        published=tuple(range(len(in_order))),
        counts=problem.counts[types],
        matrix=matrix_of(in_order, len(types)),
        lower=np.array([float(row.lower) for row in in_order]),
        upper=np.array([float(row.upper) for row in in_order]),
        households=households,
        together=together,
    )
