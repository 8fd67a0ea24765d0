"""Pools for tests of the lottery: generated ones that can be solved, and the public ones that others published."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from isegoria.pool import Pool, Quotas, read_pool, read_quotas
from isegoria.testing import Instance, realistic_pool, small_pool

DATA = Path(__file__).resolve().parents[3] / "shared" / "data" / "lottery"
FINE = ({"age": 4, "sex": 2}, {"age": 4, "sex": 2, "place": 5})


def small_instances(features: int = 5) -> SearchStrategy[Instance]:
    """Pools so small that every panel can be listed."""
    return st.builds(
        small_pool,
        people=st.integers(4, 12),
        size=st.integers(1, 4),
        values=st.lists(st.integers(1, 3), min_size=1, max_size=features),
        seed=st.integers(0, 10**6).map(str),
        slack=st.integers(0, 2),
    )


def middle_instances(
    largest: int = 12, features: tuple[dict[str, int], ...] = FINE
) -> SearchStrategy[Instance]:
    """Pools like those of a village, with panels too many to list."""
    return st.builds(
        realistic_pool,
        people=st.integers(20, 60),
        size=st.integers(4, largest),
        features=st.sampled_from(features),
        seed=st.integers(0, 10**6).map(str),
        slack=st.integers(0, 2),
    )


def public_pool(
    folder: str, quotas: str = "categories.csv", pool: str = "respondents.csv"
) -> tuple[Pool, Quotas]:
    """Return a published pool with its quotas, or skip the test where the data are not there."""
    if not DATA.exists():
        pytest.skip("the public data in ../shared/data are missing")
    limits = read_quotas(DATA / folder / quotas)
    return read_pool(DATA / folder / pool, limits), limits
