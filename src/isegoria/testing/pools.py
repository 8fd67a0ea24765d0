"""Pools and quotas: realistic ones of any size, small random ones, and named ones with known answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

import numpy as np
import numpy.typing as npt

from isegoria.pool import Entry, Pool, Quota, Quotas
from isegoria.seeding import generator, seed_from_text

SEVEN_FEATURES: Mapping[str, int] = {
    "age": 5,
    "attitude": 3,
    "education": 4,
    "ethnicity": 3,
    "gender": 3,
    "region": 9,
    "urban": 2,
}
"""Names and numbers of values as in the published assemblies of a large country."""


@dataclass(frozen=True, slots=True)
class Instance:
    """A pool with quotas and the panel size, and where they are known the leximin chances by person."""

    name: str
    pool: Pool
    quotas: Quotas
    size: int
    chances: Mapping[str, Fraction] | None = None


def realistic_pool(
    people: int,
    size: int,
    features: Mapping[str, int] = SEVEN_FEATURES,
    *,
    seed: str = "pool",
    bias: float = 0.6,
    slack: int = 1,
) -> Instance:
    """Return a pool of volunteers who differ from the population, with quotas that follow the population.

    Parameters
    ----------
    people, size
        Of the pool and of the panel, 1 ≤ size ≤ people.
    features
        Number of values of each feature.
    seed
        Text that fixes everything.
    bias
        How strongly the willingness to take part depends on the values: the standard deviation of its
        logarithm per feature, 0 or more. A common trend makes the features correlated.
    slack
        Width of the quotas: 0 fixes every number, 1 leaves one seat down or up, and so on.

    Notes
    -----
    Guarantee: the quotas can be met, because they are laid around a panel of the pool that was drawn
    with the inverse of the willingness as weight.
    """
    random = generator(seed_from_text(f"{seed}/{people}/{size}"), "realistic-pool")
    trend = random.normal(size=people)
    columns: list[npt.NDArray[np.int64]] = []
    willing = np.zeros(people)
    for values in features.values():
        shares = random.dirichlet(np.full(values, 6.0))
        lift = random.normal(scale=bias, size=values)
        lift -= lift.mean()
        tilt = np.linspace(-0.4, 0.4, values)
        odds = np.log(shares * np.exp(lift))[None, :] + trend[:, None] * tilt[None, :]
        column = np.argmax(odds + random.gumbel(size=(people, values)), axis=1)
        columns.append(column)
        willing += lift[column]
    order = np.argsort(random.gumbel(size=people) - willing)
    chosen = order[-size:] if size < people else np.arange(people)
    pool = _pool(tuple(features), columns)
    return Instance(
        f"{people}→{size}", pool, _around(tuple(features), features, columns, chosen, slack), size
    )


def _pool(names: Sequence[str], columns: Sequence[npt.NDArray[np.int64]]) -> Pool:
    width = len(str(len(columns[0])))
    return Pool(
        tuple(
            Entry(
                f"p{person:0{width}d}",
                {name: f"v{column[person]}" for name, column in zip(names, columns, strict=True)},
            )
            for person in range(len(columns[0]))
        )
    )


def _around(
    names: Sequence[str],
    values: Mapping[str, int],
    columns: Sequence[npt.NDArray[np.int64]],
    chosen: npt.NDArray[np.int64],
    slack: int,
) -> Quotas:
    rows: list[Quota] = []
    for name, column in zip(names, columns, strict=True):
        counts = np.bincount(column[chosen], minlength=values[name])
        present = np.bincount(column, minlength=values[name])
        rows += [
            Quota(
                name,
                f"v{value}",
                max(0, int(counts[value]) - slack // 2 - slack % 2 * (value % 2)),
                int(counts[value]) + slack // 2 + slack % 2 * ((value + 1) % 2),
            )
            for value in range(values[name])
            if present[value]
        ]
    return Quotas(tuple(rows))


def small_pool(people: int, size: int, values: Sequence[int], *, seed: str, slack: int = 0) -> Instance:
    """Return a small random pool with features `f0, f1, …` of so many values, and quotas around a panel.

    With slack 0 every quota is exact (minimum = maximum), which makes pools whose leximin lottery lies
    strictly below its relaxation.
    """
    random = generator(seed_from_text(f"{seed}/{people}/{size}/{list(values)}/{slack}"), "small-pool")
    columns = [random.integers(count, size=people) for count in values]
    chosen = random.permutation(people)[:size]
    names = [f"f{index}" for index in range(len(values))]
    quotas = _around(names, dict(zip(names, values, strict=True)), columns, chosen, slack)
    return Instance(f"small-{seed}", _pool(names, columns), quotas, size)


def _of_groups(groups: Sequence[tuple[int, Mapping[str, str]]]) -> Pool:
    people = [features for count, features in groups for _ in range(count)]
    return Pool(tuple(Entry(f"p{index:04d}", features) for index, features in enumerate(people)))


def _two_kinds() -> Instance:
    pool = _of_groups([(6, {"sex": "f"}), (2, {"sex": "m"})])
    quotas = Quotas((Quota("sex", "f", 2, 2), Quota("sex", "m", 2, 2)))
    chances = {entry.id: Fraction(1, 3) if entry.features["sex"] == "f" else Fraction(1) for entry in pool}
    return Instance("two-kinds", pool, quotas, 4, chances)


def _odd_triangle() -> Instance:
    """Three people of whom the quotas allow one each of two kinds, so that fractions promise too much.

    Four people a, b, c, d and a panel of two. Each of three features joins one of the pairs ab, ac, bc
    and asks for at most one of the pair; d is free. Fractions would give a, b, c one half each and d one
    half; panels are ad, bd, cd only, so that d is certain and the others have one third.
    """
    people = {"a": "110", "b": "101", "c": "011", "d": "000"}
    pool = Pool(
        tuple(
            Entry(name, {f"pair{index}": code for index, code in enumerate(codes)})
            for name, codes in people.items()
        )
    )
    quotas = Quotas(
        tuple(
            quota
            for index in range(3)
            for quota in (Quota(f"pair{index}", "0", 1, 2), Quota(f"pair{index}", "1", 0, 1))
        )
    )
    third = Fraction(1, 3)
    return Instance("odd-triangle", pool, quotas, 2, {"a": third, "b": third, "c": third, "d": Fraction(1)})


def with_households(instance: Instance, share: float, *, seed: str = "homes") -> Instance:
    """Return the instance where about this share of the people lives with one or two others of the pool.

    The quotas stay, so that they may no longer be met.

    Parameters
    ----------
    share
        In [0, 1].
    """
    random = generator(seed_from_text(f"{seed}/{instance.name}/{share}"), "households")
    order = random.permutation(len(instance.pool))[: int(share * len(instance.pool))]
    homes: dict[int, str] = {}
    start = 0
    while start + 1 < len(order):
        size = int(random.integers(2, 4))
        homes |= {int(person): f"home {start}" for person in order[start : start + size]}
        start += size
    entries = (replace(entry, household=homes.get(index)) for index, entry in enumerate(instance.pool))
    return replace(instance, name=f"{instance.name}, homes", pool=Pool(tuple(entries)), chances=None)


NAMED: tuple[Instance, ...] = (_two_kinds(), _odd_triangle())
"""Small instances whose leximin chances are known by hand."""
