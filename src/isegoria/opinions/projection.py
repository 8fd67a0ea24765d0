"""From votes to two dimensions: centre, principal components, and each person's place.

Letters: X of shape (N, C) holds the votes, an unseen one as its column's mean; c of shape (C,) the means;
V of shape (C, 2) the two leading right singular vectors of X - c, so that unseen cells weigh nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.linalg import eigh
from scipy.sparse.linalg import eigsh

from isegoria.opinions.votes import CHUNK, UNSEEN, Matrix

Array = npt.NDArray[np.float64]
DIMENSIONS = 2
RIDGE = 1.0
"""A person's place is drawn to the middle as if by one more vote of full weight that says nothing; V has length 1
in each dimension, so somebody who voted on everything goes half the way."""
_NOTHING = 1e-12
"""A component with less than this share of the first one's variance carries rounding, no opinion."""
_LARGE = 400
"""From this size on, two eigenvectors are found faster by Lanczos iteration, to machine precision, than by reflections."""


@dataclass(frozen=True, slots=True, eq=False)
class Components:
    """Centre and principal components.

    Attributes
    ----------
    centre
        Mean vote of each statement among those who voted, 0 where nobody did; shape (C,).
    axes
        Unit vectors, shape (C, 2), the first with the largest variance; a vector without variance is 0. In
        each the entry of largest size is positive, the first of equal ones.
    """

    centre: Array
    axes: Array


def blocks(matrix: Matrix, centre: Array) -> Iterator[tuple[slice, Array, npt.NDArray[np.bool_]]]:
    """Yield rows, their votes less the centre (0 where unseen), and which are seen, block by block."""
    for start in range(0, len(matrix), CHUNK):
        rows = slice(start, start + CHUNK)
        seen = matrix[rows] != UNSEEN
        yield rows, (matrix[rows] - centre) * seen, seen


def components(matrix: Matrix) -> Components:
    """Return centre and components of votes.

    Parameters
    ----------
    matrix
        Shape (N, C), as in `Votes`.
    """
    persons, statements = matrix.shape
    seen = np.zeros(statements)
    total = np.zeros(statements)
    for start in range(0, persons, CHUNK):
        part = matrix[start : start + CHUNK]
        here = part != UNSEEN
        seen += here.sum(axis=0)
        total += (part * here).sum(axis=0, dtype=np.int64)
    centre = total / np.maximum(1, seen)
    return Components(centre, _axes(matrix, centre))


def _axes(matrix: Matrix, centre: Array) -> Array:
    persons, statements = matrix.shape
    axes = np.zeros((statements, DIMENSIONS))
    if min(persons, statements) == 0:
        return axes
    if persons < statements:  # the smaller of the two products has the same eigenvalues
        centred = np.concatenate([part for _, part, _ in blocks(matrix, centre)])
        values, vectors = _leading(centred @ centred.T)
        vectors = centred.T @ vectors
    else:
        product = np.zeros((statements, statements))
        for _, part, _ in blocks(matrix, centre):
            product += part.T @ part
        values, vectors = _leading(product)
    for index, value in enumerate(values):
        if value > _NOTHING * max(values[0], 1e-300) and value > _NOTHING:
            vector = vectors[:, index] / np.linalg.norm(vectors[:, index])
            axes[:, index] = vector * np.sign(vector[_largest(vector)])
    return axes


def _leading(product: Array) -> tuple[Array, Array]:
    """Return the largest eigenvalues and their vectors, the largest first."""
    size = len(product)
    if size >= _LARGE:
        values, vectors = eigsh(product, k=DIMENSIONS, v0=np.ones(size), tol=0)
    else:
        values, vectors = eigh(product, subset_by_index=[max(0, size - DIMENSIONS), size - 1])
    return values[::-1], vectors[:, ::-1]


def _largest(vector: Array) -> int:
    """Return where the entry of largest size stands; of entries equal but for rounding, the first."""
    size = np.abs(vector)
    return int(np.argmax(size >= size.max() * (1 - 1e-9)))


def places(matrix: Matrix, found: Components) -> Array:
    """Return each person's place, shape (N, 2): a ridge estimate that trusts those more who voted more.

    The place s of a person who voted on the statements S minimises |x_S - c_S - V_S s|² + |s|².
    """
    products = np.stack(
        [found.axes[:, 0] ** 2, found.axes[:, 0] * found.axes[:, 1], found.axes[:, 1] ** 2], axis=1
    )
    place = np.zeros((len(matrix), DIMENSIONS))
    for rows, part, seen in blocks(matrix, found.centre):
        first, mixed, second = (seen.astype(np.float64) @ products).T
        first, second = first + RIDGE, second + RIDGE
        one, other = (part @ found.axes).T
        determinant = first * second - mixed**2
        place[rows, 0] = (second * one - mixed * other) / determinant
        place[rows, 1] = (first * other - mixed * one) / determinant
    return place
