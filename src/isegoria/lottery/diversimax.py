"""The most mixed panel: one composition in which every pair of values is as evenly present as the quotas allow.

For each two features, the seats of the panel are to spread evenly over the pairs of their values that the pool has:

    minimise Σ_{pairs of features} Σ_{pairs of values c} | members with c - size / number of such pairs |.

An integer programme over types. It is no lottery between compositions: those who fit the one composition have chances,
everybody else has none. For comparison, and as a look at how mixed a panel could be.

Source: the rule of the same name by O. Matar for sortition software (2025), which also counts three and more features
at a time.
"""

from __future__ import annotations

import itertools
from collections import defaultdict

import numpy as np
from scipy import sparse

from isegoria.errors import BadInput
from isegoria.lottery.feasibility import require_panels
from isegoria.lottery.model import Composition, Lottery, Type
from isegoria.lottery.problem import Problem, problem_of
from isegoria.lottery.unnamed import unnamed
from isegoria.pool import Pool, Quotas
from isegoria.solvers import IntegerProgramme

DIVERSIMAX = "diversimax"


def diversimax(pool: Pool, quotas: Quotas, size: int) -> Lottery:
    """Return the lottery that always draws the most mixed composition, people within a type equally likely.

    Parameters
    ----------
    pool, quotas, size
        As for `solve`.

    Raises
    ------
    BadInput, Infeasible
        As `solve`.

    Notes
    -----
    Guarantee: the panel meets the quotas, and no other is more evenly mixed; equal persons have equal chances. Not
    guaranteed: that everybody has a chance. Where several compositions are as mixed, the first is taken that the solver
    finds in an order without names (`isegoria.lottery.unnamed`), so that new names change nothing, up to kinds of
    people whom the quotas cannot tell apart.
    """
    pool.check(quotas)
    quotas.check(size, len(pool))
    if pool.bonds.tied:
        raise BadInput("objective_links", objective=DIVERSIMAX, links="people with several links")
    problem = problem_of(pool, quotas, size)
    require_panels(problem, quotas)
    nameless, order = unnamed(problem, quotas)
    found = _most_mixed(nameless)
    counts = tuple(found[place] for place in np.argsort(order))
    return Lottery(
        problem.types,
        (Composition(counts, 1),),
        size,
        quotas,
        DIVERSIMAX,
        None,
        problem.households,
        together=problem.together,
    )


def unevenness(types: tuple[Type, ...], counts: tuple[int, ...], size: int) -> float:
    """Return how far a composition is from the even mix: the sum that `diversimax` minimises."""
    return float(
        sum(
            abs(sum(counts[t] for t in inside) - size / len(cells))
            for cells in _cells(types)
            for inside in cells
        )
    )


def _cells(types: tuple[Type, ...]) -> list[list[list[int]]]:
    """Return for each two features the types of each pair of values that the pool has."""
    found = []
    for first, second in itertools.combinations(types[0].features, 2):
        cells: dict[tuple[str, str], list[int]] = defaultdict(list)
        for t, one in enumerate(types):
            cells[one.features[first], one.features[second]].append(t)
        found.append(sorted(cells.values()))
    return sorted(found)


def _most_mixed(problem: Problem) -> tuple[int, ...]:
    """Solve the programme with, for each cell, how far it is below or above its even share."""
    groups = _cells(problem.types)
    cells = [inside for group in groups for inside in group]
    even = np.array([problem.size / len(group) for group in groups for _ in group])
    types, many = len(problem.types), len(cells)
    rows = sparse.lil_matrix((many, types))
    for number, inside in enumerate(cells):
        rows[number, inside] = 1.0
    one = sparse.identity(many)
    matrix = problem.matrix
    if many:  # with one feature there is nothing to mix
        matrix = sparse.bmat([[problem.matrix, None, None], [rows.tocsr(), one, -one]], format="csr")
    found = IntegerProgramme(
        np.concatenate([np.zeros(types), -np.ones(2 * many)]),
        np.zeros(types + 2 * many),
        np.concatenate([problem.counts, np.full(2 * many, float(problem.size))]),
        matrix,
        np.concatenate([problem.lower, even]),
        np.concatenate([problem.upper, even]),
        np.concatenate([np.ones(types, dtype=bool), np.zeros(2 * many, dtype=bool)]),
    ).solve()
    if found is None:
        raise ArithmeticError("the panels vanished")
    return tuple(int(count) for count in found[:types])
