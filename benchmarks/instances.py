"""The pools that are measured: the published ones, and generated ones of every size."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path

from isegoria.pool import read_pool, read_quotas
from isegoria.testing import SEVEN_FEATURES, Instance, realistic_pool, with_households

DATA = Path(__file__).parents[1].parent / "shared" / "data" / "lottery"
SIX_FEATURES = {name: values for name, values in SEVEN_FEATURES.items() if name != "ethnicity"}
FOUR_FEATURES = {"age": 5, "education": 4, "gender": 2, "region": 6}
HOMES = 0.3
"""The share of people who live with others of the pool, in the pools with households."""


def published(folder: str, quotas: str, pool: str, size: int) -> Instance | None:
    """Return a public pool, or None where the file is missing."""
    if not (DATA / folder).exists():
        return None
    limits = read_quotas(DATA / folder / quotas)
    return Instance(folder, read_pool(DATA / folder / pool, limits), limits, size)


def generated(
    people: int,
    size: int,
    slack: int = 1,
    features: Mapping[str, int] = SEVEN_FEATURES,
    *,
    homes: float = 0.0,
) -> Instance:
    """Return a pool of volunteers, named after what is particular about it."""
    instance = realistic_pool(people, size, features, slack=slack)
    if homes:
        instance = with_households(instance, homes)
    about = ["exact quotas" if slack == 0 else "loose quotas"]
    if len(features) != len(SEVEN_FEATURES):
        about.insert(0, f"{len(features)} features")
    if homes:
        about.append("one per home")
    return replace(instance, name=f"{people}→{size}, {', '.join(about)}")


PUBLISHED = [
    partial(published, "fixture_150_22", "features.csv", "candidates.csv", 22),
    partial(published, "example_small_20", "categories.csv", "respondents.csv", 20),
    partial(published, "example_large_200", "categories.csv", "respondents.csv", 200),
]
SETS: Mapping[str, list[Callable[[], Instance | None]]] = {
    "published": PUBLISHED,
    "middle": [
        partial(generated, people, size, slack)
        for people, size in ((200, 24), (300, 40), (800, 60), (1700, 110), (2000, 170))
        for slack in (1, 0)
    ],
    "homes": [
        partial(generated, people, size, slack, homes=HOMES)
        for people, size in ((300, 40), (800, 60), (1700, 110))
        for slack in (1, 0)
    ],
    "large": [
        partial(generated, 5_000, 300),
        partial(generated, 20_000, 1_000),
        partial(generated, 100_000, 1_000, 1, SIX_FEATURES),
    ],
    "peer": [
        *PUBLISHED,
        partial(generated, 100, 15, 1, FOUR_FEATURES),
        partial(generated, 100, 15, 0, FOUR_FEATURES),
        partial(generated, 200, 24),
        partial(generated, 200, 24, homes=HOMES),
        partial(generated, 200, 24, 0),
        partial(generated, 300, 40),
        partial(generated, 300, 40, 0),
        partial(generated, 800, 60),
    ],
}


def instances(*names: str) -> Iterator[Instance]:
    """Yield the instances of these sets; public pools that are missing are left out."""
    for name in names:
        for make in SETS[name]:
            instance = make()
            if instance is not None:
                yield instance


def write(instance: Instance, folder: Path) -> None:
    """Write the two files that every tool of the field reads; a home becomes a column `home`."""
    names = list(instance.quotas.features)
    with (folder / "features.csv").open("w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file)
        rows.writerow(["feature", "value", "min", "max"])
        rows.writerows([q.feature, q.value, q.minimum, q.maximum] for q in instance.quotas)
    with (folder / "candidates.csv").open("w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file)
        rows.writerow(["id", *names, "home"])
        rows.writerows(
            [one.id, *(one.features[name] for name in names), one.household or f"alone {one.id}"]
            for one in instance.pool
        )
