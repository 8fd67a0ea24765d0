"""How work on letters goes on: at once, while somebody waits, or in the background with progress, until it is stopped."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Iterator
from typing import TypeVar

from isegoria_web.recruitment.models import Campaign

SECRET_BYTES = 32
T = TypeVar("T")


def new_secret() -> str:
    """Return what the pseudonyms of a campaign are keyed with."""
    return secrets.token_hex(SECRET_BYTES)


class Course:
    """Work that is done at once; nobody follows it, and nobody stops it.

    Attributes
    ----------
    secret
        Of the keyed pseudonyms, if letters are announced.
    """

    def __init__(self, secret: str = "") -> None:
        self.secret = secret or new_secret()

    def counted(self, rows: Iterable[T]) -> Iterator[T]:
        """Pass rows of the register on, and tell how many there were so far; each time from the beginning."""
        for number, row in enumerate(rows, start=1):
            self.tick(number)
            yield row

    def tick(self, rows: int) -> None:
        """Note how many rows have been gone through."""

    def end(self, campaign: Campaign) -> None:
        """Note, in the transaction that makes the result count, that it does."""
