"""How many letters are needed so that the pool can fill the seats, before the first wave and after each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from math import ceil, floor

import numpy as np

from isegoria.errors import BadInput, Infeasible
from isegoria.register.rates import letters_of_the_prior

OWN_RATE_FROM = 10
"""From this many answers yes a stratum is planned at its own rate; with fewer, the expected rate counts as well."""
INTERVAL = (0.05, 0.95)
"""The pool is expected between these quantiles: in nine cases of ten."""
_MOST_COUNTED = 200_000


@dataclass(frozen=True, slots=True)
class Target:
    """A stratum: its share of the population, its seats, and the expected share of letters answered yes."""

    name: str
    share: Fraction
    seats: int
    reply_rate: Fraction


@dataclass(frozen=True, slots=True)
class Wave:
    """Letters that went out already, and who answered yes.

    Attributes
    ----------
    letters
        Sent, in all.
    yes
        Stratum to answers yes.
    sent
        Stratum to letters, where it is known; else its share of the letters is taken.
    """

    letters: int
    yes: Mapping[str, int]
    sent: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class LettersNeeded:
    """The number of letters, and the stratum that makes it so large."""

    letters: int
    binding: str


@dataclass(frozen=True, slots=True)
class Line:
    """What a plan means for one stratum.

    Attributes
    ----------
    name, seats
        Of the target.
    wanted
        Candidates that the plan aims at: the pool factor times the seats, rounded up.
    brought
        Answers yes of the waves so far.
    rate
        Share of the further letters that are expected to be answered yes.
    letters
        Of the further letters, those that this stratum can expect in a draw with equal chances for everybody.
    needed
        Further letters that this stratum alone would need: what it gets if each stratum has its own number of letters.
    expected, low, high
        People in the pool after the further letters: in the mean, and in nine cases of ten between the two.
    enough
        How likely at least as many candidates as seats are, in [0, 1].
    """

    name: str
    seats: int
    wanted: int
    brought: int
    rate: Fraction
    letters: int
    needed: int
    expected: float
    low: int
    high: int
    enough: float


@dataclass(frozen=True, slots=True)
class Plan:
    """A plan of the next wave.

    Attributes
    ----------
    wave
        Its number, from 1.
    letters
        How many go out in it, to people (or addresses) who got none yet.
    binding
        The stratum that needs so many; empty where none is missing.
    factor
        Candidates wanted for each seat.
    sent
        Letters of the waves before.
    lines
        One for each target.
    """

    wave: int
    letters: int
    binding: str
    factor: Fraction
    sent: int
    lines: tuple[Line, ...]


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

    Examples
    --------
    >>> letters_needed([Target("everybody", Fraction(1), 50, Fraction("0.04"))]).letters
    6250
    """
    _check(targets)

    def need(target: Target) -> Fraction:
        return pool_factor * target.seats / (target.share * target.reply_rate)

    binding = max(targets, key=need)
    return LettersNeeded(_up(need(binding)), binding.name)


def plan(
    targets: Sequence[Target],
    pool_factor: Fraction = Fraction(5),
    *,
    waves: Sequence[Wave] = (),
    eligible: int | None = None,
    letters: int | None = None,
) -> Plan:
    """Return the plan of the next wave: the letters, the stratum that needs so many, and the pool to be expected.

    Parameters
    ----------
    targets
        At least one, each with a name of its own; shares and reply rates in (0, 1]. Strata may overlap, as the
        values of several features do.
    pool_factor
        Candidates wanted for each seat, above 0.
    waves
        What went out so far, and what it brought. Nobody gets a second letter.
    eligible
        How many can be drawn, those already drawn among them; None if it is not to be checked.
    letters
        A number that was decided otherwise, such as 250 a seat; the plan then says what it would bring.

    Raises
    ------
    BadInput
        `target_wrong`, `wave_wrong`, naming the stratum; `plan_letters_wrong`.
    Infeasible
        `plan_register_too_small`, naming the binding stratum.

    Notes
    -----
    ``L = max_s (f·k_s - yes_s) / (p_s·r_s)``, rounded up, where yes_s are the answers so far. A stratum with
    `OWN_RATE_FROM` answers yes or more is planned at the rate that it showed, yes_s / sent_s; one with fewer at
    ``(m·r + yes_s) / (m + sent_s)``, where r is the expected rate and m the letters that would bring `OWN_RATE_FROM` at r.

    The intervals count two uncertainties: who of those invited answers, and that the rate itself is not known. The
    rate has a beta distribution about the planned one, worth `letters_of_the_prior` letters and all letters sent
    so far; the answers follow the beta-binomial distribution. Not counted: that a wave without strata may reach a
    little more or fewer of a stratum than its share, and that later waves often bring less than the first.

    Examples
    --------
    A panel of 50 is planned at 4 %; its 6,250 letters bring 131 people, 2.1 %:

    >>> target = Target("everybody", Fraction(1), 50, Fraction("0.04"))
    >>> plan([target]).letters
    6250
    >>> plan([target], waves=[Wave(6250, {"everybody": 131})]).letters
    5678
    """
    _check(targets)
    _check_waves(targets, waves)
    if pool_factor <= 0:
        raise BadInput("target_wrong", stratum=targets[0].name)
    if letters is not None and letters < 1:
        raise BadInput("plan_letters_wrong", letters=letters)
    needs = {target.name: _need(target, pool_factor, waves) for target in targets}
    binding = max(targets, key=lambda target: needs[target.name]).name
    count = _up(needs[binding]) if letters is None else letters
    if not count or not needs[binding]:
        binding = ""
    sent = sum(wave.letters for wave in waves)
    if eligible is not None and count > eligible - sent:
        raise Infeasible(
            "plan_register_too_small", letters=count, left=max(0, eligible - sent), stratum=binding or "-"
        )
    lines = tuple(_line(target, pool_factor, waves, count) for target in targets)
    return Plan(len(waves) + 1, count, binding, pool_factor, sent, lines)


def _check(targets: Sequence[Target]) -> None:
    if not targets:
        raise BadInput("target_wrong", stratum="(none)")
    for target in targets:
        if not (0 < target.share <= 1 and 0 < target.reply_rate <= 1 and target.seats >= 0):
            raise BadInput("target_wrong", stratum=target.name)
    if len({target.name for target in targets}) < len(targets):
        raise BadInput("target_wrong", stratum="twice the same")


def _check_waves(targets: Sequence[Target], waves: Sequence[Wave]) -> None:
    known = {target.name for target in targets}
    for wave in waves:
        if wave.letters < 1:
            raise BadInput("wave_wrong", stratum="-")
        for name, yes in wave.yes.items():
            if name not in known or not 0 <= yes <= wave.sent.get(name, wave.letters) <= wave.letters:
                raise BadInput("wave_wrong", stratum=name)


def _up(exact: Fraction) -> int:
    return -(-exact.numerator // exact.denominator)


def _brought(target: Target, waves: Sequence[Wave]) -> int:
    return sum(wave.yes.get(target.name, 0) for wave in waves)


def _sent(target: Target, waves: Sequence[Wave]) -> Fraction:
    """Return how many letters a stratum had: counted, or its share, but no fewer than answered."""
    return sum(
        (
            max(
                Fraction(wave.sent.get(target.name, target.share * wave.letters)),
                Fraction(wave.yes.get(target.name, 0)),
            )
            for wave in waves
        ),
        Fraction(0),
    )


def _rate(target: Target, waves: Sequence[Wave]) -> Fraction:
    yes, sent = _brought(target, waves), _sent(target, waves)
    if yes >= OWN_RATE_FROM:
        return yes / sent
    weight = OWN_RATE_FROM / target.reply_rate
    return (OWN_RATE_FROM + yes) / (weight + sent)


def _need(target: Target, factor: Fraction, waves: Sequence[Wave]) -> Fraction:
    missing = max(Fraction(0), factor * target.seats - _brought(target, waves))
    return missing / (target.share * _rate(target, waves))


def _line(target: Target, factor: Fraction, waves: Sequence[Wave], count: int) -> Line:
    rate = _rate(target, waves)
    brought = _brought(target, waves)
    here = floor(target.share * count)
    weight = letters_of_the_prior() + float(_sent(target, waves))
    low, high, enough = _quantiles(here, float(rate), weight, target.seats - brought)
    return Line(
        target.name,
        target.seats,
        _up(factor * target.seats),
        brought,
        rate,
        here,
        _up(_need(target, factor, waves) * target.share),
        brought + here * float(rate),
        brought + low,
        brought + high,
        enough,
    )


def _quantiles(letters: int, rate: float, weight: float, least: int) -> tuple[int, int, float]:
    """Return two quantiles of the answers to letters, and the chance of at least so many."""
    if not letters or rate >= 1:
        return letters, letters, float(letters >= least)
    chances = answers(letters, rate, weight)
    cumulated = np.cumsum(chances)
    scale = letters / (len(chances) - 1)
    low, high = (int(np.searchsorted(cumulated, level * cumulated[-1])) for level in INTERVAL)
    below = min(ceil(least / scale), len(cumulated))
    fewer = float(cumulated[below - 1] / cumulated[-1]) if least > 0 else 0.0
    return round(low * scale), round(high * scale), min(1.0, max(0.0, 1 - fewer))


def answers(letters: int, rate: float, weight: float) -> np.ndarray:
    """Return the chances of 0, 1, … answers yes to a number of letters, whose rate is known only as from other letters.

    Parameters
    ----------
    letters
        1 or more; above 200,000 the distribution of the first 200,000 is returned, which has the same shape.
    rate
        The expected share, in (0, 1).
    weight
        How many letters' worth of knowledge it is, above 0.

    Returns
    -------
    numpy.ndarray
        Shape (letters + 1,): the beta-binomial distribution with a = rate·weight, b = (1 - rate)·weight.
    """
    from scipy.special import betaln, gammaln  # noqa: PLC0415  # only plans need it

    count = min(letters, _MOST_COUNTED)
    yes = np.arange(count + 1)
    a, b = rate * weight, (1 - rate) * weight
    ways = gammaln(count + 1) - gammaln(yes + 1) - gammaln(count - yes + 1)
    return np.asarray(np.exp(ways + betaln(yes + a, count - yes + b) - betaln(a, b)))
