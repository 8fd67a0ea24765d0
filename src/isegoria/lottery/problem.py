"""The problem in numbers: how many of each type a panel may hold.

A panel is a vector of whole numbers x with `0 ≤ x ≤ counts` and `lower ≤ matrix x ≤ upper`. Types and rows stand
in canonical order, so that nothing below depends on the order of a file.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import sparse

from isegoria.lottery.model import HouseholdClass, TogetherClass, Type, links_of, matrix_of, types_of
from isegoria.pool import Pool, Quotas
from isegoria.proof.certificate import Row, rows_of
from isegoria.solvers import IntegerProgramme, LinearProgramme

Vector = npt.NDArray[np.float64]
Counts = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Problem:
    """Types, rows and bounds of a panel.

    Attributes
    ----------
    types
        In canonical order.
    rows
        First the size, then the quotas by feature and value, then one per class of households,
        then those of people who are drawn together.
    published
        Shape (rows,): the number of each row in the published order, which certificates use.
    counts
        Shape (types,): people per type.
    matrix
        Shape (rows, types), zeros and ones; in the rows of people drawn together also minus ones.
    lower, upper
        Shape (rows,).
    size
        Members of a panel.
    first_limit
        The number of the first row after those of the quotas.
    households
        Classes of households, of which at most one person each is drawn. They may overlap in types of one person.
    together
        Classes of groups who are drawn together or not at all.
    """

    types: tuple[Type, ...]
    rows: tuple[Row, ...]
    published: tuple[int, ...]
    counts: Vector
    matrix: sparse.csr_matrix
    lower: Vector
    upper: Vector
    size: int
    first_limit: int
    households: tuple[HouseholdClass, ...] = ()
    together: tuple[TogetherClass, ...] = ()

    @property
    def units(self) -> Flags:
        """Shape (types,): whether the people of a type are drawn together with others."""
        found = np.zeros(len(self.types), dtype=bool)
        for one in self.together:
            found[list(one.types)] = True
        return found

    @property
    def tied(self) -> Flags:
        """Shape (types,): whether a type cannot be exchanged by itself: drawn with others, or in several classes."""
        classes = np.zeros(len(self.types), dtype=np.int64)
        for one in self.households:
            classes[list(one.types)] += 1
        return np.asarray(self.units | (classes > 1))

    @property
    def zeros(self) -> Vector:
        """Shape (types,): nobody."""
        return np.zeros(len(self.types))

    def relaxation(self, low: Vector | None = None, high: Vector | None = None) -> LinearProgramme:
        """Return the programme over all x, fractions allowed, with zero costs."""
        return LinearProgramme(
            self.zeros,
            self.zeros if low is None else low,
            self.counts if high is None else high,
            self.matrix,
            self.lower,
            self.upper,
        )

    def panels(self, low: Vector | None = None, high: Vector | None = None) -> IntegerProgramme:
        """Return the programme over all panels, with zero costs."""
        return IntegerProgramme(
            self.zeros,
            self.zeros if low is None else low,
            self.counts if high is None else high,
            self.matrix,
            self.lower,
            self.upper,
        )

    def holds(self, panel: Counts) -> bool:
        """Return whether the vector is a panel."""
        sums = self.matrix @ panel
        return bool(
            np.all(panel >= 0)
            and np.all(panel <= self.counts)
            and np.all(sums >= self.lower)
            and np.all(sums <= self.upper)
        )


def problem_of(pool: Pool, quotas: Quotas, size: int) -> Problem:
    """Return the problem of drawing `size` people from a checked pool."""
    types, households, together = types_of(pool, quotas)
    order = sorted(
        range(len(quotas)), key=lambda index: (quotas.rows[index].feature, quotas.rows[index].value)
    )
    limits = links_of(households, together).rows
    published = (0, *(index + 1 for index in order), *(len(order) + 1 + i for i in range(len(limits))))
    in_order = rows_of(types, quotas, size, limits)
    rows = tuple(in_order[index] for index in published)
    return Problem(
        types,
        rows,
        published,
        np.array([float(one.count) for one in types]),
        matrix_of(rows, len(types)),
        np.array([float(row.lower) for row in rows]),
        np.array([float(row.upper) for row in rows]),
        size,
        1 + len(order),
        households,
        together,
    )
