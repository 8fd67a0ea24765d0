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
    unchecked
        What was not checked, and who can. With `ok` it is a part that this record keeps from strangers on purpose;
        without `ok` nothing at all was checked here, so the step must not count as holding.
    """

    name: str
    ok: bool
    detail: str
    first_difference: str | None = None
    unchecked: str | None = None

    @property
    def false(self) -> bool:
        """Whether it was checked and does not hold."""
        return self.first_difference is not None


@dataclass(frozen=True, slots=True)
class Verification:
    """All steps in their order; after a step without which the next make no sense, the rest is missing."""

    steps: tuple[Step, ...]

    @property
    def ok(self) -> bool:
        """Whether every step holds, and there was at least one. A step that could not be checked does not."""
        return bool(self.steps) and all(step.ok for step in self.steps)

    @property
    def failed(self) -> Step | None:
        """The first step that does not hold; where none is false, the first that could not be checked."""
        false = next((step for step in self.steps if step.false), None)
        return false or next((step for step in self.steps if not step.ok), None)


def step(name: str, detail: str, difference: str | None = None, unchecked: str | None = None) -> Step:
    """Return a step that holds unless a difference is given."""
    return Step(name, difference is None, detail, difference, unchecked)


def not_checked(name: str, detail: str, reason: str) -> Step:
    """Return a step that could not be checked here; it does not count as holding."""
    return Step(name, ok=False, detail=detail, unchecked=reason)
