"""Which columns of a register may be strata, whose names and sizes are published."""

from __future__ import annotations

from collections.abc import Mapping

from isegoria.errors import BadInput

PERSONAL = frozenset(
    [
        "id",
        "given_name",
        "family_name",
        "name",
        "birth_date",
        "street",
        "house_number",
        "box",
        "household",
        "address",
        "email",
        "phone",
    ]
)
"""Columns that tell one person or home from the others."""
SMALLEST_STRATUM = 5
"""The least people of a stratum whose size is published."""
MOST_STRATA = 500
"""More values than that have columns that tell people apart, whatever they are called."""


def can_stratify(column: str) -> bool:
    """Return whether a column, by its name, tells no single person or home apart."""
    return bool(column) and column.lower() not in PERSONAL


def refuse_telling(column: str, sizes: Mapping[str, int]) -> None:
    """Refuse strata whose names or sizes would tell something about single people.

    Parameters
    ----------
    column
        Whose values the strata are.
    sizes
        How many can be drawn in each.

    Raises
    ------
    BadInput
        `strata_personal`, `strata_too_small`.
    """
    if not can_stratify(column) or len(sizes) > MOST_STRATA:
        raise BadInput("strata_personal", column=column)
    if small := [name for name, size in sizes.items() if size < SMALLEST_STRATUM]:
        raise BadInput("strata_too_small", column=column, strata=len(small), smallest=SMALLEST_STRATUM)
