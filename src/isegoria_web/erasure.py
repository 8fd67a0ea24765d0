"""What goes together with an extract of the register, and with a person: apps say what else they hold."""

from __future__ import annotations

import hmac
from collections.abc import Callable, Collection

from django.conf import settings

_ALSO: list[Callable[[int], None]] = []
_OF_PERSON: list[Callable[[int], None]] = []
_KNOWN: list[Callable[[int, int], bool]] = []

Again = tuple[int, int]
"""How many were erased again after a backup was restored, and how many could not be yet."""
_AGAIN: dict[str, Callable[[Collection[str]], Again]] = {}


def with_extract(erase: Callable[[int], None]) -> None:
    """Register a function that erases what an app holds of the people of an extract, given its key."""
    if erase not in _ALSO:
        _ALSO.append(erase)


def erase_all_of(extract: int) -> None:
    """Erase it all, in the transaction that erases the extract."""
    for erase in _ALSO:
        erase(extract)


def with_person(erase: Callable[[int], None], knows: Callable[[int, int], bool] | None = None) -> None:
    """Register a function that erases what an app holds of a person, given the key of her account, or refuses.

    Parameters
    ----------
    erase
        Raises a `ServiceError` where the person is still needed; then nothing is erased anywhere.
    knows
        Whether the app knows the account (first key) in an institution (second key).
    """
    if erase not in _OF_PERSON:
        _OF_PERSON.append(erase)
    if knows is not None and knows not in _KNOWN:
        _KNOWN.append(knows)


def erase_all_of_person(user: int) -> None:
    """Erase it all, in the transaction that empties the account."""
    for erase in _OF_PERSON:
        erase(user)


def is_known_in(user: int, institution: int) -> bool:
    """Return whether an app knows the person in the institution, beside the roles that she held."""
    return any(knows(user, institution) for knows in _KNOWN)


def key_of(kind: str, *parts: object) -> str:
    """Return the keyed hash under which something that was erased is remembered: whoever lacks the key learns nothing."""
    words = "\0".join(("erased", kind, *(str(part) for part in parts)))
    return hmac.new(settings.PSEUDONYM_KEY.encode(), words.encode(), "sha256").hexdigest()


def after_restoring(kind: str, erase: Callable[[Collection[str]], Again]) -> None:
    """Register a function that erases again, given the keyed hashes of what a restored backup has brought back."""
    _AGAIN[kind] = erase


def erase_again(kind: str, keys: Collection[str]) -> Again:
    """Erase again what a restored backup has brought back; returns how many, and how many could not be yet.

    Raises
    ------
    KeyError
        For a kind that nobody knows.
    """
    return _AGAIN[kind](keys)
