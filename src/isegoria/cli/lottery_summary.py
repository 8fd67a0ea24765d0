"""What `isegoria lottery solve` says when it is done: figures for programmes, words for people."""

from __future__ import annotations

import sys
import time
from collections.abc import Mapping, Sequence
from typing import Any

from isegoria import lottery
from isegoria.cli.lottery_files import body_summary, links_summary
from isegoria.pool import Pool
from isegoria.proof.certificate import Certified

WORDS = {
    "n": "people in the pool",
    "k": "members to draw",
    "apart": "people apart from others, by household or link",
    "together": "people drawn together with others",
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
        **links_summary(found),
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


CHECK_WORDS = {
    "feasible": "quotas can be met",
    "n": "people in the pool",
    "k": "members to draw",
    "conflict": "these cannot hold together",
    "smallest_relaxation": "smallest change in total",
    "evenest_relaxation": "change whose largest step is smallest",
    "beyond_flexibility": "smallest change beyond the flexibilities",
    "never": "can never be drawn",
    "always": "are always drawn",
}
"""How people read the keys of `check`."""


def check_summary(found: lottery.Feasibility, people: Pool, size: int) -> dict[str, Any]:
    """Return what `check --json` prints; its keys are documented in `docs/lottery-files.md`."""
    return {
        "feasible": found.feasible,
        "n": len(people),
        "k": size,
        "conflict": [str(side) for side in found.conflict],
        "smallest_relaxation": _changes(found.smallest),
        "evenest_relaxation": _changes(found.evenest),
        "beyond_flexibility": _changes(found.beyond),
        "never": _told(found.never_because, len(found.never)),
        "always": _told(found.always_because, len(found.always)),
    }


def check_words(summary: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is worth reading of a check, under the names that people read."""
    about = (
        ("never", "always")
        if summary["feasible"]
        else ("conflict", "smallest_relaxation", "evenest_relaxation")
    )
    shown = ["feasible", "n", "k", *about]
    if summary["beyond_flexibility"] is not None:
        shown = [*shown[:4], "beyond_flexibility"]
    return {CHECK_WORDS[key]: summary[key] for key in shown}


def _changes(changes: Sequence[lottery.Change] | None) -> list[str] | None:
    return None if changes is None else [str(change) for change in changes]


def _told(forced: Sequence[lottery.Forced], count: int) -> list[str]:
    more = count - len(forced)
    return [*map(str, forced), *([f"… and {more} types more"] if more else [])]


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
