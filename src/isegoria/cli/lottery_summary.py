"""What `isegoria lottery solve` says when it is done: figures for programmes, words for people."""

from __future__ import annotations

import sys
import time
from collections.abc import Mapping
from typing import Any

from isegoria import lottery
from isegoria.cli.lottery_files import body_summary
from isegoria.proof.certificate import Certified

WORDS = {
    "n": "people in the pool",
    "k": "members to draw",
    "types": "types of people",
    "min_probability": "smallest chance",
    "max_probability": "largest chance",
    "gini": "gini coefficient",
    "geometric_mean": "geometric mean of the chances",
    "certificate_gap": "gap that the certificate leaves",
    "solver_free": "proved without a solver",
    "peak_memory_mib": "largest memory in MiB",
}
"""How people read the keys of the summary."""


def solve_summary(
    found: lottery.Lottery, certified: Certified | None, seconds: Mapping[str, float]
) -> dict[str, Any]:
    """Return what `solve --json` prints; its keys are documented in `docs/lottery-files.md`.

    Parameters
    ----------
    found
        The lottery.
    certified
        What its certificate proves; None where it has none.
    seconds
        Wall time by phase.
    """
    numbers = lottery.measures(found)
    return {
        "status": "no guarantee" if certified is None else "optimal",
        "objective": found.objective,
        "n": found.people,
        "k": found.size,
        **body_summary(found),
        "types": len(found.types),
        "compositions": len(found.compositions),
        "tickets": found.tickets,
        "min_probability": numbers.smallest,
        "max_probability": numbers.largest,
        "gini": numbers.gini,
        "geometric_mean": numbers.geometric_mean,
        "certificate_gap": None if certified is None else float(certified.gap),
        "solver_free": None if certified is None else certified.solver_free,
        "seconds": dict(seconds),
        "peak_memory_mib": _peak_memory(),
    }


def in_words(summary: Mapping[str, Any]) -> dict[str, Any]:
    """Return a summary under the names that people read."""
    return {WORDS.get(key, key): value for key, value in summary.items()}


class Clock:
    """Seconds by phase."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self._last = time.perf_counter()
        self._phase: str | None = None

    def stop(self, phase: str) -> None:
        """Book the time since the last stop on a phase."""
        now = time.perf_counter()
        self.seconds[phase] = round(self.seconds.get(phase, 0.0) + now - self._last, 4)
        self._last, self._phase = now, None

    def tell(self, phase: str, _done: float) -> None:
        """Book the time up to the start of another phase on the one before."""
        if phase != self._phase:
            self.stop(self._phase or "feasibility")
            self._phase = phase


def _peak_memory() -> int | None:
    """Return the largest memory of this process in MiB, where the system tells it."""
    if sys.platform == "win32":
        return None
    import resource

    unit = 2**20 if sys.platform == "darwin" else 2**10
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // unit
