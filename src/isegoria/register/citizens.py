"""How an invented citizen would answer her letter: for demonstrations and simulations, never for a real register."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from isegoria.seeding import Stream, seed_from_text

Education = Literal["low", "medium", "high"]

EDUCATION = {"low": 31, "medium": 36, "high": 33}
"""Per cent of those aged 25 to 64 in the Walloon Region, Census 2021, by level of the highest certificate."""

_BASE_PER_MILLE = {"low": 55, "medium": 105, "high": 190}
"""Yes per thousand letters by education; about 11.5 % over all, the rate of Ostbelgien in 2019."""
_BY_AGE = ((29, 70), (44, 85), (59, 105), (74, 135), (200, 80))
"""Last age of a band, and its rate in per cent of the base: the older answer more, the oldest less."""
_REASONED_NO_PER_MILLE = 140
_REASONS = ("no_time", "care", "health", "language", "distrust", "not_interested")


@dataclass(frozen=True, slots=True)
class Reaction:
    """What a citizen declares and does: education, answer, and a reason if she says no and gives one."""

    education: Education
    answer: Literal["yes", "no", "silent"]
    reason: str | None


def reaction(seed: str, identifier: str, age: int) -> Reaction:
    """Return how an invented citizen reacts to a letter; the same for the same seed and id.

    Parameters
    ----------
    seed
        Of the simulation.
    identifier
        Of the resident; any text.
    age
        In completed years.

    Notes
    -----
    Biased as real replies are: the better educated and the 45 to 74 year old say yes more often.
    """
    stream = Stream(seed_from_text(seed), f"citizen {identifier}")
    education = _education(stream, age)
    percent = next(rate for last, rate in _BY_AGE if age <= last)
    lot = stream.below(1000)
    yes = _BASE_PER_MILLE[education] * percent // 100
    if lot < yes:
        return Reaction(education, "yes", None)
    if lot < yes + _REASONED_NO_PER_MILLE:
        return Reaction(education, "no", _of(stream, _REASONS))
    return Reaction(education, "silent", None)


def _education(stream: Stream, age: int) -> Education:
    if age < 19:
        return "low" if stream.below(100) < 55 else "medium"
    lot = stream.below(100)
    if lot < EDUCATION["low"]:
        return "low"
    return "medium" if lot < EDUCATION["low"] + EDUCATION["medium"] else "high"


def _of(stream: Stream, values: Sequence[str]) -> str:
    return values[stream.below(len(values))]
