"""Linear programmes that are changed in place and solved again from where they were."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import highspy
import numpy as np
import numpy.typing as npt
from scipy import sparse

Vector = npt.NDArray[np.float64]
INFINITY = highspy.kHighsInf
_FEASIBILITY = 1e-9
"""A hundred times stricter than the solver's default, because the chances of a lottery are read from it."""


class SolverFailure(RuntimeError):
    """The solver gave up on a model that has an answer; a fault of ours, never of the input."""


@dataclass(frozen=True, slots=True)
class Solution:
    """An optimum of a linear programme.

    Attributes
    ----------
    value
        Of the objective.
    columns
        Shape (columns,): the values of the variables.
    prices
        Shape (rows,): by how much the value rises with the right-hand side of a row.
    reduced
        Shape (columns,): by how much it rises with the bound of a variable.
    """

    value: float
    columns: Vector
    prices: Vector
    reduced: Vector


class _Quiet(highspy.Highs):
    """Without the callbacks, whose registration prints the solver's banner into our output."""

    def enableCallbacks(self) -> None:  # noqa: N802  # the solver's name
        """Register nothing."""


class LinearProgramme:
    """Maximise `costs · x` where `row_lower ≤ matrix x ≤ row_upper` and `lower ≤ x ≤ upper`.

    Parameters
    ----------
    costs, lower, upper
        Shape (columns,).
    matrix
        Shape (rows, columns), sparse or dense.
    row_lower, row_upper
        Shape (rows,).
    """

    def __init__(
        self,
        costs: Vector,
        lower: Vector,
        upper: Vector,
        matrix: Any,
        row_lower: Vector,
        row_upper: Vector,
    ) -> None:
        self._highs = quiet_solver()
        self._highs.passModel(model(costs, lower, upper, matrix, row_lower, row_upper))

    @property
    def rows(self) -> int:
        """How many rows there are now."""
        return int(self._highs.getNumRow())

    @property
    def columns(self) -> int:
        """How many variables there are now."""
        return int(self._highs.getNumCol())

    def solve(self) -> Solution | None:
        """Return an optimum, or None if nothing satisfies the rows.

        Raises
        ------
        SolverFailure
            If the solver stops for any other reason, also after a fresh start.
        """
        self._highs.run()
        status = self._highs.getModelStatus()
        if status not in {highspy.HighsModelStatus.kOptimal, highspy.HighsModelStatus.kInfeasible}:
            self._highs.clearSolver()
            self._highs.run()
            status = self._highs.getModelStatus()
        if status == highspy.HighsModelStatus.kInfeasible:
            return None
        if status != highspy.HighsModelStatus.kOptimal:
            raise SolverFailure(self._highs.modelStatusToString(status))
        found = self._highs.getSolution()
        return Solution(
            float(self._highs.getObjectiveValue()),
            np.array(found.col_value),
            np.array(found.row_dual),
            np.array(found.col_dual),
        )

    def infeasibility_prices(self) -> Vector:
        """Return row prices that prove that nothing satisfies the rows, after `solve` gave None.

        Raises
        ------
        SolverFailure
            If the solver has none.
        """
        _, exists, ray = self._highs.getDualRay()  # type: ignore[attr-defined]
        if not exists:
            raise SolverFailure("no dual ray")
        return np.array(ray)

    def change_costs(self, costs: Vector) -> None:
        """Set the objective."""
        self._highs.changeColsCost(len(costs), _indices(len(costs)), costs)

    def change_bounds(self, lower: Vector, upper: Vector) -> None:
        """Set the bounds of all variables."""
        self._highs.changeColsBounds(len(lower), _indices(len(lower)), lower, upper)

    def change_row_bounds(self, row: int, lower: float, upper: float) -> None:
        """Set the bounds of one row."""
        self._highs.changeRowBounds(row, lower, upper)

    def change_coefficient(self, row: int, column: int, value: float) -> None:
        """Set one entry of the matrix."""
        self._highs.changeCoeff(row, column, value)

    def add_row(self, lower: float, upper: float, columns: npt.NDArray[np.int32], values: Vector) -> None:
        """Append a row."""
        self._highs.addRow(lower, upper, len(columns), columns, values)

    def add_column(
        self, cost: float, lower: float, upper: float, rows: npt.NDArray[np.int32], values: Vector
    ) -> None:
        """Append a variable."""
        self._highs.addCol(cost, lower, upper, len(rows), rows, values)


def quiet_solver() -> highspy.Highs:
    """Return a solver with one thread, no output and strict tolerances."""
    highs = _Quiet()  # type: ignore[no-untyped-call]
    for name, value in (
        ("output_flag", False),
        ("threads", 1),
        ("presolve", "off"),
        ("primal_feasibility_tolerance", _FEASIBILITY),
        ("dual_feasibility_tolerance", _FEASIBILITY),
    ):
        highs.setOptionValue(name, value)
    return highs


def model(
    costs: Vector, lower: Vector, upper: Vector, matrix: Any, row_lower: Vector, row_upper: Vector
) -> highspy.HighsLp:
    """Return the solver's form of a programme to maximise."""
    columns = sparse.csc_matrix(matrix)
    programme = highspy.HighsLp()
    programme.num_col_, programme.num_row_ = columns.shape[1], columns.shape[0]
    programme.sense_ = highspy.ObjSense.kMaximize
    programme.col_cost_, programme.col_lower_, programme.col_upper_ = costs, lower, upper
    programme.row_lower_, programme.row_upper_ = row_lower, row_upper
    programme.a_matrix_.format_ = highspy.MatrixFormat.kColwise
    programme.a_matrix_.start_ = columns.indptr
    programme.a_matrix_.index_ = columns.indices
    programme.a_matrix_.value_ = columns.data
    return programme


def _indices(count: int) -> npt.NDArray[np.int32]:
    return np.arange(count, dtype=np.int32)
