"""Do the compositions meet the quotas? A count, also where some types are sealed."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import combinations
from typing import Any


def body_faults(specification: Mapping[str, Any], codes: Collection[str]) -> Iterator[str]:
    """Yield where the quotas of the draw are not what the whole body leaves to its vacant seats.

    Parameters
    ----------
    specification
        Of the draw; without a body to complete nothing is yielded.
    codes
        Of the pool: nobody sits and can be drawn.
    """
    body = specification.get("completes")
    if body is None:
        return
    where = "specification.completes"
    seated = [code for group in body["sitting"] for code in group["codes"]]
    if len(set(seated)) < len(seated):
        yield f"{where}.sitting names a code twice"
    if not set(codes).isdisjoint(seated):
        yield f"{where}.sitting names a code of the pool"
    if len(seated) + specification["size"] != body["size"]:
        yield f"{where}.size is {body['size']}, but {len(seated)} sit and {specification['size']} are drawn"
    for one, other in combinations(range(len(body["quotas"])), 2):
        if all(body["quotas"][one][key] == body["quotas"][other][key] for key in ("feature", "value")):
            yield f"{where}.quotas[{other}] repeats {where}.quotas[{one}]"
    if specification["quotas"] != left_to_vacant(body):
        yield f"specification.quotas are not what {where} leaves to the vacant seats"


def left_to_vacant(body: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return what the quotas of a whole body, with those who sit, leave to its vacant seats."""
    return [_left(quota, _seated(body, quota)) for quota in body["quotas"]]


def exceeded(specification: Mapping[str, Any]) -> int:
    """Return how many maxima of the whole body those who sit exceed already."""
    body = specification.get("completes")
    return 0 if body is None else sum(_seated(body, one) > one["maximum"] for one in body["quotas"])


def _seated(body: Mapping[str, Any], quota: Mapping[str, Any]) -> int:
    return sum(
        len(group["codes"])
        for group in body["sitting"]
        if group["features"].get(quota["feature"]) == quota["value"]
    )


def _left(quota: Mapping[str, Any], seated: int) -> dict[str, Any]:
    return dict(quota) | {key: max(0, quota[key] - seated) for key in ("minimum", "maximum")}


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
