"""Integer programmes: the same as linear ones, with whole numbers for some variables."""

from __future__ import annotations

from typing import Any

import highspy
import numpy as np
import numpy.typing as npt

from isegoria.solvers.linear import SolverFailure, Vector, model, quiet_solver


class IntegerProgramme:
    """Maximise `costs · x` where `row_lower ≤ matrix x ≤ row_upper`, `lower ≤ x ≤ upper`, some x whole.

    Parameters
    ----------
    costs, lower, upper
        Shape (columns,).
    matrix
        Shape (rows, columns), sparse or dense.
    row_lower, row_upper
        Shape (rows,).
    whole
        Shape (columns,): which variables are whole numbers; None for all.
    """

    def __init__(
        self,
        costs: Vector,
        lower: Vector,
        upper: Vector,
        matrix: Any,
        row_lower: Vector,
        row_upper: Vector,
        whole: npt.NDArray[np.bool_] | None = None,
    ) -> None:
        self._whole = np.ones(len(costs), dtype=bool) if whole is None else whole
        programme = model(costs, lower, upper, matrix, row_lower, row_upper)
        kinds = (highspy.HighsVarType.kContinuous, highspy.HighsVarType.kInteger)
        programme.integrality_ = [kinds[int(whole)] for whole in self._whole]
        self._highs = quiet_solver()
        for name, value in (("presolve", "on"), ("mip_rel_gap", 0.0), ("mip_abs_gap", 1e-9)):
            self._highs.setOptionValue(name, value)
        self._highs.passModel(programme)

    def change_costs(self, costs: Vector) -> None:
        """Set the objective."""
        self._highs.changeColsCost(len(costs), np.arange(len(costs), dtype=np.int32), costs)

    def change_row_bounds(self, row: int, lower: float, upper: float) -> None:
        """Set the bounds of one row."""
        self._highs.changeRowBounds(row, lower, upper)

    def approach(self, nodes: int) -> tuple[Vector | None, float]:
        """Return the best answer found within so many nodes, None without one, and the proved bound of the value.

        The count of nodes is no clock: the same programme stops at the same place on every machine. Where the
        optimum is reached, the bound is its value.

        Raises
        ------
        SolverFailure
            If there is no solution at all, or the solver stops for another reason.
        """
        self._highs.setOptionValue("mip_rel_gap", 0.0)
        self._highs.setOptionValue("mip_max_nodes", nodes)
        self._highs.run()
        status = self._highs.getModelStatus()
        if status not in {highspy.HighsModelStatus.kOptimal, highspy.HighsModelStatus.kSolutionLimit}:
            raise SolverFailure(self._highs.modelStatusToString(status))
        bound = float(self._highs.getInfo().mip_dual_bound)
        if self._highs.getInfo().primal_solution_status != highspy.SolutionStatus.kSolutionStatusFeasible:
            return None, bound
        return self._answer(), bound

    def solve(self, share: float = 0.0) -> Vector | None:
        """Return the variables of an optimum, whole ones rounded, or None if there is no solution.

        Parameters
        ----------
        share
            Of its value, in [0, 1], by which the answer may fall short of the optimum.

        Raises
        ------
        SolverFailure
            If the solver stops for any other reason.
        """
        self._highs.setOptionValue("mip_rel_gap", share)
        self._highs.run()
        status = self._highs.getModelStatus()
        if status in {
            highspy.HighsModelStatus.kInfeasible,
            highspy.HighsModelStatus.kUnboundedOrInfeasible,
        }:
            return None
        if status != highspy.HighsModelStatus.kOptimal:
            raise SolverFailure(self._highs.modelStatusToString(status))
        return self._answer()

    def _answer(self) -> Vector:
        found = np.array(self._highs.getSolution().col_value)
        found[self._whole] = np.rint(found[self._whole])
        return found
