"""Who leaves? The chance of dropping out, learnt from earlier bodies, with great caution where data are few.

    log(ρ / (1 - ρ)) = b + Σ_f e_{f, value of f},     e ~ N(0, τ²),     b ~ N(log(0.1 / 0.9), 1.5²)

A value that few people had keeps an effect near 0: it is drawn towards the others as far as the data do not speak
against it (shrinkage). How strongly, τ, is itself learnt: the one with the largest evidence (Laplace's approximation).
Chances of groups are sensitive: they serve the choice of alternates and are not for publication.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from os import PathLike

import numpy as np
import numpy.typing as npt
from scipy import linalg

from isegoria.errors import BadInput, collect
from isegoria.pool.reading import read_table

USUAL = math.log(0.1 / 0.9)
"""One in ten leaves, where nothing is known."""
WIDE = 1.5
SPREADS = (0.05, 0.1, 0.2, 0.35, 0.5, 0.75, 1.0, 1.5)
"""Values of τ that are tried; 1.5 would let a value quadruple the odds."""
NEWTON = 60
NINE_IN_TEN = 1.6449
COLUMN = "dropped"
YES, NO = frozenset({"yes", "1", "true"}), frozenset({"no", "0", "false"})

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class DropOut:
    """The chance to leave before the end, by feature.

    Attributes
    ----------
    base
        Logarithm of the odds of a person of whom nothing is known.
    effects
        Feature and value to what it adds; values not seen add nothing.
    spread
        τ, how far effects lie apart.
    people
        How many people it was learnt from; 0 for an assumed rate.
    covariance
        Of base and effects in their order, for intervals; None for an assumed rate.
    """

    base: float
    effects: Mapping[tuple[str, str], float]
    spread: float
    people: int
    covariance: Floats | None = None

    def chance(self, features: Mapping[str, str]) -> float:
        """Return the chance of a person with these features to leave."""
        return _logistic(self.base + sum(self.effects.get(pair, 0.0) for pair in features.items()))

    def interval(self, features: Mapping[str, str]) -> tuple[float, float]:
        """Return between which chances the true one lies, nine times in ten."""
        if self.covariance is None:
            return self.chance(features), self.chance(features)
        row = np.array([1.0, *(float(features.get(name) == value) for name, value in self.effects)])
        unseen = sum(pair not in self.effects for pair in features.items())
        error = math.sqrt(float(row @ self.covariance @ row) + unseen * self.spread**2)
        middle = self.base + sum(self.effects.get(pair, 0.0) for pair in features.items())
        return _logistic(middle - NINE_IN_TEN * error), _logistic(middle + NINE_IN_TEN * error)


def same_for_everybody(rate: float) -> DropOut:
    """Return a model in which everybody leaves with the same chance.

    Raises
    ------
    BadInput
        `rate_out_of_range`, unless 0 < rate < 1.
    """
    if not 0 < rate < 1:
        raise BadInput("rate_out_of_range", rate=rate)
    return DropOut(math.log(rate / (1 - rate)), {}, 0.0, 0)


def learnt(history: Sequence[tuple[Mapping[str, str], bool]]) -> DropOut:
    """Return the model that earlier members teach.

    Parameters
    ----------
    history
        The features of each earlier member, and whether she left before the end.

    Raises
    ------
    BadInput
        `history_none`, without any member.

    Notes
    -----
    The answer does not depend on the order of the members.

    Examples
    --------
    >>> members = [({"age": "young"}, n < 4) for n in range(20)] + [({"age": "old"}, n < 1) for n in range(20)]
    >>> model = learnt(members)
    >>> model.chance({"age": "young"}) > model.chance({"age": "old"})
    True
    """
    if not history:
        raise BadInput("history_none")
    pairs = sorted({pair for features, _ in history for pair in features.items()})
    rows: dict[tuple[bool, ...], list[int]] = {}
    for features, left in history:
        key = tuple(features.get(name) == value for name, value in pairs)
        seen = rows.setdefault(key, [0, 0])
        seen[0] += 1
        seen[1] += left
    kinds = sorted(rows)
    design = np.array([[1.0, *map(float, kind)] for kind in kinds])
    counts, gone = (np.array([float(rows[kind][i]) for kind in kinds]) for i in (0, 1))
    best = max((_fit(design, counts, gone, spread) for spread in SPREADS), key=lambda found: found[0])
    _, spread, found, covariance = best
    return DropOut(
        float(found[0]),
        dict(zip(pairs, map(float, found[1:]), strict=True)),
        spread,
        len(history),
        covariance,
    )


def _fit(
    design: Floats, counts: Floats, gone: Floats, spread: float
) -> tuple[float, float, Floats, Floats]:
    """Return evidence, τ, the most probable effects, and their covariance."""
    width = design.shape[1]
    middle = np.append(USUAL, np.zeros(width - 1))
    precision = np.append(1 / WIDE**2, np.full(width - 1, 1 / spread**2))

    def posterior(effects: Floats) -> float:
        score = design @ effects
        likelihood = gone @ score - counts @ np.logaddexp(0.0, score)
        return float(likelihood - precision @ (effects - middle) ** 2 / 2)

    at = middle.copy()
    for _ in range(NEWTON):
        chance = 1 / (1 + np.exp(-(design @ at)))
        slope = design.T @ (gone - counts * chance) - precision * (at - middle)
        curve = (design.T * (counts * chance * (1 - chance))) @ design + np.diag(precision)
        step, length = linalg.solve(curve, slope, assume_a="pos"), 1.0
        while posterior(at + length * step) < posterior(at) and length > 1e-8:  # noqa: PLR2004  # a tiny step
            length /= 2
        at = at + length * step
        if np.abs(length * step).max() < 1e-10:  # noqa: PLR2004  # nothing moves any more
            break
    chance = 1 / (1 + np.exp(-(design @ at)))
    curve = (design.T * (counts * chance * (1 - chance))) @ design + np.diag(precision)
    evidence = posterior(at) + float(np.log(precision).sum() - np.linalg.slogdet(curve)[1]) / 2
    return evidence, spread, np.asarray(at), np.asarray(linalg.inv(curve))


def read_history(
    path: str | PathLike[str], features: Iterable[str]
) -> list[tuple[Mapping[str, str], bool]]:
    """Return the earlier members of a CSV file: one row each, columns for features and `dropped` with yes or no.

    Parameters
    ----------
    features
        Names of features; columns that are none of them are ignored, features without a column are not learnt.

    Raises
    ------
    BadInput
        With file, row and column: `column_missing`, `history_column`, `dropped_unreadable`; several of them together.
    """
    table = read_table(path)
    if COLUMN not in table.header:
        raise BadInput("column_missing", table.place(1), column=COLUMN)
    known = [(name, table.header.index(name)) for name in features if name in table.header]
    if not known:
        raise BadInput("history_column", table.place(1))
    where = table.header.index(COLUMN)
    faults: list[BadInput] = []
    found: list[tuple[Mapping[str, str], bool]] = []
    for number, cells in table.rows:
        answer = cells[where].casefold()
        if answer not in YES | NO:
            faults.append(BadInput("dropped_unreadable", table.place(number, COLUMN)))
        found.append(({name: cells[index] for name, index in known if cells[index]}, answer in YES))
    collect(faults)
    return found


def _logistic(score: float) -> float:
    return 1 / (1 + math.exp(-score))
