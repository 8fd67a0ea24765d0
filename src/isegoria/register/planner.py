"""How many letters are needed so that the pool can fill the seats."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from isegoria.errors import BadInput


@dataclass(frozen=True, slots=True)
class Target:
    """A stratum: its share of the population, its seats, and the expected share of letters answered yes."""

    name: str
    share: Fraction
    seats: int
    reply_rate: Fraction


@dataclass(frozen=True, slots=True)
class LettersNeeded:
    """The number of letters, and the stratum that makes it so large."""

    letters: int
    binding: str


def letters_needed(targets: Sequence[Target], pool_factor: Fraction = Fraction(5)) -> LettersNeeded:
    """Return how many letters bring `pool_factor` candidates for every seat of every stratum.

    Parameters
    ----------
    targets
        At least one; shares and reply rates in (0, 1].
    pool_factor
        Candidates wanted for each seat; five is the practice of the European Citizens' Panels.

    Raises
    ------
    BadInput
        `target_wrong`, naming the stratum.

    Notes
    -----
    ``L = max_s f·k_s / (p_s·r_s)``, rounded up.
    """
    if not targets:
        raise BadInput("target_wrong", stratum="(none)")
    for target in targets:
        if not (0 < target.share <= 1 and 0 < target.reply_rate <= 1 and target.seats >= 0):
            raise BadInput("target_wrong", stratum=target.name)

    def need(target: Target) -> Fraction:
        return pool_factor * target.seats / (target.share * target.reply_rate)

    binding = max(targets, key=need)
    exact = need(binding)
    return LettersNeeded(-(-exact.numerator // exact.denominator), binding.name)
