"""Who reacted to what: votes as a matrix whose order says nothing about who came first."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from isegoria.errors import BadInput
from isegoria.seeding import length_prefixed

AGREE, PASS, DISAGREE = 1, 0, -1
UNSEEN = 2
"""In the matrix: the person has not seen the statement. Never used as a number."""
CHUNK = 8192
"""Rows that are turned into numbers at a time: 65 MB for 1,000 statements."""
_TAG = b"isegoria-votes/1\0"
_DIGITS = re.compile(r"(\d+)")

Matrix = npt.NDArray[np.int8]
Rows = npt.NDArray[np.intp]


@dataclass(frozen=True, slots=True, eq=False)
class Votes:
    """Votes of persons on statements, both sorted by id, so that no figure depends on the order of arrival.

    Attributes
    ----------
    persons, statements
        Ids in natural order: 2 before 10.
    matrix
        Shape (persons, statements), int8: 1 agree, 0 pass, -1 disagree, 2 unseen.
    """

    persons: tuple[str, ...]
    statements: tuple[str, ...]
    matrix: Matrix

    @classmethod
    def of(cls, persons: Sequence[str], statements: Sequence[str], matrix: npt.ArrayLike) -> Votes:
        """Return votes of a matrix in any order of rows and columns.

        Raises
        ------
        BadInput
            `votes_shape`, `votes_value`, `votes_id_repeated`.
        """
        values = np.asarray(matrix, dtype=np.int8)
        if values.shape != (len(persons), len(statements)):
            raise BadInput("votes_shape", persons=len(persons), statements=len(statements))
        if values.size and (values.min() < DISAGREE or values.max() > UNSEEN):
            raise BadInput("votes_value")
        rows, columns = _natural_order(persons), _natural_order(statements)
        return cls(
            tuple(persons[row] for row in rows),
            tuple(statements[column] for column in columns),
            _arranged(values, rows, columns),
        )

    @classmethod
    def from_rows(cls, rows: Iterable[tuple[str, str, int, int]]) -> Votes:
        """Return votes of single reactions; of several to the same statement the latest counts.

        Parameters
        ----------
        rows
            Person, statement, vote (1, 0 or -1), moment (any whole number that grows with time). At the same
            moment the later row counts.

        Raises
        ------
        BadInput
            `votes_value`.
        """
        latest: dict[tuple[str, str], tuple[int, int]] = {}
        for person, statement, vote, moment in rows:
            if vote not in {AGREE, PASS, DISAGREE}:
                raise BadInput("votes_value")
            if (person, statement) not in latest or latest[person, statement][0] <= moment:
                latest[person, statement] = moment, vote
        persons = list(dict.fromkeys(person for person, _ in latest))
        statements = list(dict.fromkeys(statement for _, statement in latest))
        matrix = np.full((len(persons), len(statements)), UNSEEN, dtype=np.int8)
        row = {person: index for index, person in enumerate(persons)}
        column = {statement: index for index, statement in enumerate(statements)}
        for (person, statement), (_, vote) in latest.items():
            matrix[row[person], column[statement]] = vote
        return cls.of(persons, statements, matrix)

    @property
    def seen(self) -> npt.NDArray[np.intp]:
        """Number of votes of each person, passes included, shape (persons,)."""
        counts: npt.NDArray[np.intp] = (self.matrix != UNSEEN).sum(axis=1)
        return counts

    @property
    def digest(self) -> str:
        """SHA-256 of ids and votes, in hexadecimal: which votes a map was made of."""
        ids = b"".join(length_prefixed(one.encode()) for one in (*self.persons, *self.statements))
        head = f"{len(self.persons)},{len(self.statements)};".encode()
        return hashlib.sha256(_TAG + head + ids + np.ascontiguousarray(self.matrix).tobytes()).hexdigest()

    def without_persons(self, left: Collection[str]) -> Votes:
        """Return the votes as if these persons had never come."""
        keep = [index for index, one in enumerate(self.persons) if one not in left]
        return Votes(tuple(self.persons[index] for index in keep), self.statements, self.matrix[keep])

    def without_statements(self, left: Collection[str]) -> Votes:
        """Return the votes without these statements."""
        keep = [index for index, one in enumerate(self.statements) if one not in left]
        return Votes(self.persons, tuple(self.statements[index] for index in keep), self.matrix[:, keep])

    def chosen(self, rows: Rows) -> Votes:
        """Return the votes of some rows, given in rising order."""
        return Votes(tuple(self.persons[row] for row in rows), self.statements, self.matrix[rows])

    def counts(self, rows: Rows | None = None) -> npt.NDArray[np.int64]:
        """Return agreements, disagreements and passes, shape (3, statements), of all or of some rows."""
        matrix = self.matrix if rows is None else self.matrix[rows]
        return np.stack([(matrix == vote).sum(axis=0) for vote in (AGREE, DISAGREE, PASS)])


def _natural_order(ids: Sequence[str]) -> list[int]:
    """Return the positions of the ids in natural order."""
    keys = [_natural_key(one) for one in ids]
    order = sorted(range(len(ids)), key=keys.__getitem__)
    if any(ids[one] == ids[other] for one, other in pairwise(order)):
        raise BadInput("votes_id_repeated")
    return order


def _natural_key(identifier: str) -> tuple[list[tuple[int, int, str]], str]:
    parts = [part for part in _DIGITS.split(identifier) if part]
    key = [(0, int(part), "") if part.isdecimal() and part.isascii() else (1, 0, part) for part in parts]
    return key, identifier


def _arranged(values: Matrix, rows: list[int], columns: list[int]) -> Matrix:
    """Return rows and columns in their order, without a copy where they stand right already."""
    if columns != list(range(len(columns))):
        values = values[:, columns]
    return values if rows == list(range(len(rows))) else values[rows]
