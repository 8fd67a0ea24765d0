"""Do the compositions meet the quotas? A count, also where some types are sealed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations
from typing import Any


def quota_faults(
    types: Sequence[Mapping[str, Any]], quotas: Any, size: int, compositions: Sequence[Sequence[int]]
) -> Iterator[str]:
    """Yield where a composition has another size or misses a quota, whatever the sealed types are."""
    shown = [kind["features"] for kind in types if kind["features"] is not None]
    known = set(shown[0]) if shown else None
    for index, quota in enumerate(quotas):
        if known is not None and quota["feature"] not in known:
            yield f"specification.quotas[{index}] is about a feature that the pool does not have"
    for one, other in combinations(range(len(quotas)), 2):
        if all(quotas[one][key] == quotas[other][key] for key in ("feature", "value")):
            yield f"specification.quotas[{other}] repeats specification.quotas[{one}]"
    sealed = [index for index, kind in enumerate(types) if kind["features"] is None]
    having = [
        [
            index
            for index, kind in enumerate(types)
            if kind["features"] is not None and kind["features"].get(quota["feature"]) == quota["value"]
        ]
        for quota in quotas
    ]
    for number, counts in enumerate(compositions):
        if sum(counts) != size:
            yield f"composition {number} has {sum(counts)} persons instead of {size}"
        hidden = sum(counts[kind] for kind in sealed)
        for index, quota in enumerate(quotas):
            count = sum(counts[kind] for kind in having[index])
            if count + hidden < quota["minimum"] or count > quota["maximum"]:
                yield f"composition {number} has {count} of specification.quotas[{index}]"
