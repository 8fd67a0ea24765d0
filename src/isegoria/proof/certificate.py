"""Why is this lottery the fairest? A proof in whole numbers that anyone can check without a solver.

Let type t have n_t people, let x_t be how many of them a panel holds, and π_t = E[x_t] / n_t their chance. A
panel obeys rows `lower_r ≤ Σ_t A_rt x_t ≤ upper_r`: the size, the quotas, and further limits on groups of types: no more
people than households, as many of one type as of another where they are drawn together.

**One level of leximin.** The certificate names whole weights w_t > 0 for the types of this level and e_t ≥ 0
for those of earlier levels, and proves that no panel has Σ_t (w_t + e_t) x_t above a bound U. Taking the mean
over any lottery that gives the earlier types at least π_t, the smallest chance among all other types is at most

    (U - Σ_t e_t n_t π_t) / Σ_t w_t n_t.

The gap of the level is this bound minus the smallest chance that the lottery gives. With gap 0 every type of
the level is held at its chance in every lottery as good, so the levels together prove leximin.

**Cumulative.** Where people had chances H_t in earlier draws (a feature of their type, `earlier chance`, as a fraction), the
objective `cumulative` is leximin of H_t + π_t: the smallest sum among all other types is at most

    (U - Σ_t e_t n_t π_t + Σ_t w_t n_t H_t) / Σ_t w_t n_t.

**The bound U.** For whole multipliers μ_r of the rows, every panel with `low_t ≤ x_t ≤ high_t` has

    Σ_t v_t x_t ≤ Σ_r max(μ_r upper_r, μ_r lower_r) + Σ_t max(c_t high_t, c_t low_t),   c_t = v_t - Σ_r A_rt μ_r

(weak duality); the left side is a multiple of the greatest common divisor of the v_t, so that the bound may be
rounded down to one. Where fractions of people would do better than panels can, the proof is a tree: each node splits
on `x_t ≤ a` or `x_t ≥ a + 1`, each leaf has its multipliers, and U is the largest bound of a leaf. A tree that
would have been too large is left out; the bound is then the solver's word, and the result says so.

**Nash.** The product of chances is concave in the logarithm: no lottery has a Σ_t n_t log π_t larger by more than
U - n, where U bounds Σ_t x_t / π_t over all panels and n is the number of people; the gap is (U - n) / n, so that the
geometric mean of the chances cannot grow by more than the factor exp(gap). Types that no panel can hold are
left out, after a proof that they cannot.

**Goldilocks.** With ℓ the smallest and z the largest chance among the n people who can be drawn, the objective is
(n / k) z + γ (k / n) / ℓ. The certificate names whole weights v_t, positive or negative, and U bounds Σ_t v_t x_t over all
panels. With Y = Σ v⁺_t n_t and W = Σ v⁻_t n_t, every lottery has Y ℓ - W z ≤ U. For the smallest chance ℓ₀ of the
lottery and c = γ (k / n) / ℓ₀², 1/ℓ is nowhere below its tangent, so that with any scale S > 0

    objective ≥ 2 γ (k / n) / ℓ₀ + (n / k) z - c ℓ ≥ 2 γ (k / n) / ℓ₀ + (min (S n / k - W) z + min (Y - S c) ℓ - U) / S

over k/n ≤ z ≤ 1 and 0 ≤ ℓ ≤ k/n. The scales that make one of the two minima 0 are tried; the gap is the objective
minus the better bound.

This file needs nothing but the standard library.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Protocol

from isegoria.errors import BadInput

FORMAT = "isegoria-certificate/1"
LEXIMIN = "leximin"
MAXIMIN = "maximin"
"""Answered by the leximin lottery, so that its certificate has the same form."""
CUMULATIVE = "cumulative"
"""Leximin of the chances of this draw and of earlier ones together."""
EARLIER = "earlier chance"
"""The feature that says how large the chances of earlier draws were together."""
_FRACTION = re.compile(r"(0|[1-9][0-9]{0,30})(/[1-9][0-9]{0,30})?", re.ASCII)
NASH = "nash"
GOLDILOCKS = "goldilocks"
Pairs = Sequence[Sequence[int]]


class TypeLike(Protocol):
    """People with the same features, who are interchangeable."""

    @property
    def features(self) -> Mapping[str, str]:
        """Feature to value."""

    @property
    def count(self) -> int:
        """How many people."""


class QuotaLike(Protocol):
    """How many members of the panel have a value."""

    @property
    def feature(self) -> str:
        """Which feature."""

    @property
    def value(self) -> str:
        """Which value of it."""

    @property
    def minimum(self) -> int:
        """At least so many."""

    @property
    def maximum(self) -> int:
        """At most so many."""


@dataclass(frozen=True, slots=True)
class Row:
    """One condition on a panel: `lower ≤ Σ_{t in types} x_t - Σ_{t in minus} x_t ≤ upper`; no type is in both."""

    types: tuple[int, ...]
    lower: int
    upper: int
    minus: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Certified:
    """What a certificate proves.

    Attributes
    ----------
    gaps
        Per level (with Nash: one, of the logarithm of the geometric mean): by how much the proved bound exceeds
        what the lottery reaches, exactly. 0 is a perfect proof; rounding to tickets leaves about 1e-12.
    solver_free
        Whether every bound was checked here; False if one is the solver's word.
    """

    gaps: tuple[Fraction, ...]
    solver_free: bool

    @property
    def gap(self) -> Fraction:
        """The largest gap of all levels."""
        return max(self.gaps)


def rows_of(
    types: Sequence[TypeLike], quotas: Iterable[QuotaLike], size: int, limits: Iterable[Row] = ()
) -> tuple[Row, ...]:
    """Return the conditions on a panel in the order in which a certificate counts them.

    First the size, then the quotas in their order, then the limits.
    """
    everybody = Row(tuple(range(len(types))), size, size)
    counted = (
        Row(
            tuple(
                index for index, one in enumerate(types) if one.features.get(quota.feature) == quota.value
            ),
            quota.minimum,
            quota.maximum,
        )
        for quota in quotas
    )
    return (everybody, *counted, *limits)


def verify_certificate(
    types: Sequence[TypeLike],
    quotas: Iterable[QuotaLike],
    size: int,
    chances: Sequence[Fraction],
    certificate: Mapping[str, Any],
    limits: Iterable[Row] = (),
) -> Certified:
    """Return by how much, at most, any other lottery could be fairer; in exact arithmetic.

    Parameters
    ----------
    types
        The types in the order of the lottery.
    quotas
        In the order in which they were published; the certificate counts them in it.
    size
        Number of members.
    chances
        Shape (types,), exact: the chance of a person of each type in the committed lottery.
    certificate
        A JSON value of the format `isegoria-certificate/1`.
    limits
        Further conditions on the panel.

    Raises
    ------
    BadInput
        `certificate_wrong`, if it is not a certificate for these types.

    Notes
    -----
    Guarantee: with gap g at a level, every lottery that gives the types of all earlier levels at least
    what this one gives has a smallest chance among the other types of at most this lottery's plus g.
    Not proved here: that the compositions meet the quotas and give these chances; that is a count.
    """
    rows = rows_of(types, quotas, size, limits)
    counts = [one.count for one in types]
    try:
        if certificate["format"] != FORMAT:
            raise BadInput("certificate_wrong", detail="another format")
        if certificate["objective"] == NASH:
            return _verify_nash(rows, counts, chances, certificate)
        if certificate["objective"] == GOLDILOCKS:
            return _verify_goldilocks(rows, counts, size, chances, certificate)
        if certificate["objective"] in {LEXIMIN, MAXIMIN}:
            return _verify_leximin(
                rows, counts, chances, certificate["levels"], [Fraction(0)] * len(counts)
            )
        if certificate["objective"] == CUMULATIVE:
            before = [earlier_chance(one.features) for one in types]
            return _verify_leximin(rows, counts, chances, certificate["levels"], before)
    except (KeyError, IndexError, TypeError, ValueError, AttributeError, ZeroDivisionError) as error:
        raise BadInput("certificate_wrong", detail="a field is missing or has another form") from error
    raise BadInput("certificate_wrong", detail="another objective")


def earlier_chance(features: Mapping[str, str]) -> Fraction:
    """Return the sum of the chances that people with these features had before; 0 if nothing is said.

    Raises
    ------
    BadInput
        `certificate_wrong`, if it is not written as a fraction.
    """
    text = features.get(EARLIER, "0")
    if not _FRACTION.fullmatch(text):
        raise BadInput("certificate_wrong", detail=f"{EARLIER} is not a fraction")
    return Fraction(text)


def _verify_leximin(
    rows: Sequence[Row],
    counts: Sequence[int],
    chances: Sequence[Fraction],
    levels: Sequence[Mapping[str, Any]],
    history: Sequence[Fraction],
) -> Certified:
    """Check level after level; `history` is what is added to the chance of each type."""
    earlier: set[int] = set()
    gaps: list[Fraction] = []
    solver_free = True
    for level in levels:
        weights, before = _positive(level["weights"]), _positive(level["earlier"])
        if not weights or earlier & set(weights) or not set(before) <= earlier:
            raise BadInput("certificate_wrong", detail="the levels are out of order")
        bound, checked = _bound(rows, counts, weights | before, level, {})
        held = sum((e * counts[t] * chances[t] for t, e in before.items()), Fraction(0))
        had = sum((w * counts[t] * history[t] for t, w in weights.items()), Fraction(0))
        reached = min(history[t] + chances[t] for t in range(len(counts)) if t not in earlier)
        gaps.append((bound - held + had) / sum(w * counts[t] for t, w in weights.items()) - reached)
        solver_free = solver_free and checked
        earlier |= set(weights)
    if not gaps or earlier != set(range(len(counts))):
        raise BadInput("certificate_wrong", detail="a type belongs to no level")
    return Certified(tuple(gaps), solver_free)


def _verify_nash(
    rows: Sequence[Row], counts: Sequence[int], chances: Sequence[Fraction], certificate: Mapping[str, Any]
) -> Certified:
    """Check that who has no chance can have none, then bound the rest."""
    never, checked = _never(rows, counts, chances, certificate)
    scale = _whole(certificate["scale"])
    if scale < 1:  # a negative one would turn the bound round
        raise BadInput("certificate_wrong", detail="the scale is not positive")
    pull = {t: Fraction(scale) / chance for t, chance in enumerate(chances) if chance}
    bound, proved = _bound(rows, counts, pull, certificate, dict.fromkeys(never, (0, 0)))
    people = sum(counts[t] for t in pull)
    return Certified(((bound / scale - people) / people,), checked and proved)


def _never(
    rows: Sequence[Row], counts: Sequence[int], chances: Sequence[Fraction], certificate: Mapping[str, Any]
) -> tuple[set[int], bool]:
    """Return the types without a chance, after the proof that they can have none, and whether it was checked."""
    never = {t for t, chance in enumerate(chances) if chance == 0}
    if not never:
        return never, True
    part = certificate["never"]
    weights = _positive(part["weights"])
    bound, checked = _bound(rows, counts, weights, part, {})
    if set(weights) != never or bound > 0:
        raise BadInput("certificate_wrong", detail="it does not show that chances of 0 are unavoidable")
    return never, checked


def _verify_goldilocks(
    rows: Sequence[Row],
    counts: Sequence[int],
    size: int,
    chances: Sequence[Fraction],
    certificate: Mapping[str, Any],
) -> Certified:
    """Compare the objective with what the weights prove that no lottery can go below."""
    never, checked = _never(rows, counts, chances, certificate)
    weights = _unique(certificate["weights"])
    bound, proved = Fraction(0), True  # without weights: the mean alone proves that equal chances are best
    if weights:
        bound, proved = _bound(rows, counts, weights, certificate, dict.fromkeys(never, (0, 0)))
    numerator, denominator = (_whole(part) for part in certificate["gamma"])
    if min(numerator, denominator) < 1:
        raise BadInput("certificate_wrong", detail="gamma is not positive")
    drawn = [t for t in range(len(counts)) if t not in never]
    mean = Fraction(size, sum(counts[t] for t in drawn))
    gamma = Fraction(numerator, denominator) * mean
    smallest, largest = min(chances[t] for t in drawn), max(chances)
    slope = gamma / smallest**2
    floors = sum(max(0, weights.get(t, 0)) * counts[t] for t in drawn)
    caps = sum(max(0, -weights.get(t, 0)) * counts[t] for t in drawn)
    proofs = [
        (
            _least(scale / mean - caps, mean, Fraction(1))
            + _least(floors - scale * slope, Fraction(0), mean)
            - bound
        )
        / scale
        for scale in ((caps * mean, floors / slope) if weights else (Fraction(1),))
        if scale > 0
    ]
    reached = largest / mean + gamma / smallest
    return Certified((reached - 2 * gamma / smallest - max(proofs),), checked and proved)


def _least(factor: Fraction, low: Fraction, high: Fraction) -> Fraction:
    """Return the smallest value of `factor · x` where `low ≤ x ≤ high`."""
    return min(factor * low, factor * high)


def _bound(
    rows: Sequence[Row],
    counts: Sequence[int],
    weights: Mapping[int, Any],
    part: Mapping[str, Any],
    box: Mapping[int, tuple[int, int]],
) -> tuple[Fraction, bool]:
    """Return an upper bound of `Σ weights · x` over all panels in the box, and whether it was proved here."""
    if part["proof"] is None:
        return Fraction(_whole(part["bound"])), False
    bound = max(_leaf_bounds(rows, counts, weights, part["proof"], box))
    step = _common_step(weights.values())
    return bound // step * step, True


def _common_step(weights: Iterable[Fraction | int]) -> Fraction:
    """Return the largest number of which every weight is a multiple, and so every sum over a panel."""
    exact = [Fraction(weight) for weight in weights]
    return Fraction(math.gcd(*(w.numerator for w in exact)), math.lcm(*(w.denominator for w in exact)))


def _leaf_bounds(
    rows: Sequence[Row],
    counts: Sequence[int],
    weights: Mapping[int, Any],
    nodes: Sequence[Mapping[str, Any]],
    box: Mapping[int, tuple[int, int]],
) -> list[Fraction]:
    """Return the bound of each leaf of the tree below node 0; a node's children come after it."""
    bounds: list[Fraction] = []
    seen: set[int] = set()
    waiting: list[tuple[int, dict[int, tuple[int, int]]]] = [(0, dict(box))]
    while waiting:
        index, within = waiting.pop()
        if index in seen or index < 0:
            raise BadInput("certificate_wrong", detail="the tree grows together")
        seen.add(index)
        node = nodes[index]
        if "rows" in node:
            bounds.append(weak_duality(rows, counts, weights, node["rows"], within))
            continue
        split, at_most = _whole(node["type"]), _whole(node["at_most"])
        if split < 0:
            raise BadInput("certificate_wrong", detail="a split names no type")
        low, high = within.get(split, (0, counts[split]))
        children = _whole(node["then"]), _whole(node["else"])
        waiting += [
            (children[0], within | {split: (low, min(high, at_most))}),
            (children[1], within | {split: (max(low, at_most + 1), high)}),
        ]
    return bounds


def weak_duality(
    rows: Sequence[Row],
    counts: Sequence[int],
    weights: Mapping[int, Any],
    multipliers: Pairs,
    box: Mapping[int, tuple[int, int]],
) -> Fraction:
    """Return the bound of `Σ weights · x` that whole multipliers of the rows prove, within the box.

    Parameters
    ----------
    multipliers
        Pairs of a row's index and its multiplier.
    box
        Bounds of the types that were split, by index; all others lie between 0 and their count.
    """
    reduced: list[Any] = [weights.get(t, 0) for t in range(len(counts))]
    bound: Any = 0
    for index, multiplier in _unique(multipliers).items():
        row = rows[index]
        bound += max(multiplier * row.upper, multiplier * row.lower)
        for t in row.types:
            reduced[t] -= multiplier
        for t in row.minus:
            reduced[t] += multiplier
    for t, count in enumerate(counts):
        low, high = box.get(t, (0, count))
        bound += max(reduced[t] * high, reduced[t] * low) if low <= high else 0
    return Fraction(bound)


def _positive(pairs: Pairs) -> dict[int, int]:
    found = _unique(pairs)
    if any(value <= 0 for value in found.values()):
        raise BadInput("certificate_wrong", detail="a weight is not positive")
    return found


def _unique(pairs: Pairs) -> dict[int, int]:
    found = {_whole(index): _whole(value) for index, value in pairs}
    if len(found) != len(pairs) or min(found, default=0) < 0:
        raise BadInput("certificate_wrong", detail="an index stands twice or is negative")
    return found


def _whole(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise TypeError("not a whole number")
    return value
