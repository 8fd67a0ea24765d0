"""The only door to the solvers, with a slow and obvious twin for tests.

One thread, no clock: the same model gives the same answer, run after run. No other room imports a solver.
"""

from __future__ import annotations

from isegoria.solvers.integer import IntegerProgramme
from isegoria.solvers.linear import LinearProgramme, Solution, SolverFailure

__all__ = ["IntegerProgramme", "LinearProgramme", "Solution", "SolverFailure"]
