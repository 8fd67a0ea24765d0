"""What goes together with an extract of the register: apps say what else they hold of its people."""

from __future__ import annotations

from collections.abc import Callable

_ALSO: list[Callable[[int], None]] = []


def with_extract(erase: Callable[[int], None]) -> None:
    """Register a function that erases what an app holds of the people of an extract, given its key."""
    if erase not in _ALSO:
        _ALSO.append(erase)


def erase_all_of(extract: int) -> None:
    """Erase it all, in the transaction that erases the extract."""
    for erase in _ALSO:
        erase(extract)
