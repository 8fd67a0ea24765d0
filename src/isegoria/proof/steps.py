"""What a verification says: one step after the other, each with its finding."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that was checked.

    Attributes
    ----------
    name
        A fixed word such as `seed`; interfaces translate it.
    ok
        Whether it holds.
    detail
        What was checked, in English, with the figures.
    first_difference
        Where it does not hold: the first place that differs, and how. None where it holds.
    """

    name: str
    ok: bool
    detail: str
    first_difference: str | None = None


@dataclass(frozen=True, slots=True)
class Verification:
    """All steps in their order; after a step without which the next make no sense, the rest is missing."""

    steps: tuple[Step, ...]

    @property
    def ok(self) -> bool:
        """Whether every step holds, and there was at least one."""
        return bool(self.steps) and all(step.ok for step in self.steps)

    @property
    def failed(self) -> Step | None:
        """The first step that does not hold."""
        return next((step for step in self.steps if not step.ok), None)


def step(name: str, detail: str, difference: str | None = None) -> Step:
    """Return a step that holds unless a difference is given."""
    return Step(name, difference is None, detail, difference)
