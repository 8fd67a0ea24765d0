"""A receipt for a paper: its holder, and nobody else, can see that the paper is in the box.

The published list has receipts only, never what the paper says: a receipt that proved the choice could be
sold or demanded. So the list shows that no paper was lost or added; that the papers say what was voted rests
on the box, whose honest claim is on the page of the ballot.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable, Sequence
from itertools import pairwise

from isegoria.ballots.counting import Result
from isegoria.errors import BadInput

SECRET_BYTES = 16
TAG = b"isegoria-paper-receipt/1\0"
_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_CHARACTERS = 16
_GROUP = 4


def new_secret() -> bytes:
    """Return 16 random bytes for one paper; private, so not from a public seed."""
    return secrets.token_bytes(SECRET_BYTES)


def receipt(secret: bytes) -> str:
    r"""Return the receipt of a paper: 80 bits in Crockford's base 32, `XXXX-XXXX-XXXX-XXXX`.

    The first 80 bits of `SHA-256("isegoria-paper-receipt/1\0" ‖ secret)`. Among a million papers two equal
    receipts have a chance below 1e-12.

    Parameters
    ----------
    secret
        16 random bytes, known to the voter and stored with the paper.

    Raises
    ------
    BadInput
        `paper_secret_length_wrong`.
    """
    if len(secret) != SECRET_BYTES:
        raise BadInput("paper_secret_length_wrong", length=len(secret))
    number = int.from_bytes(hashlib.sha256(TAG + secret).digest()[:10], "big")
    text = "".join(_ALPHABET[number >> (5 * place) & 31] for place in reversed(range(_CHARACTERS)))
    return "-".join(text[start : start + _GROUP] for start in range(0, _CHARACTERS, _GROUP))


def published_list(papers: Iterable[bytes]) -> tuple[str, ...]:
    """Return the receipts of all papers in alphabetical order, which says nothing about who voted when.

    Parameters
    ----------
    papers
        The secrets of all papers in the box, in any order.
    """
    return tuple(sorted(receipt(secret) for secret in papers))


def is_published(receipts: Sequence[str], secret: bytes) -> bool:
    """Tell the voter whether the own paper is on the list."""
    return receipt(secret) in receipts


def list_difference(receipts: Sequence[str], result: Result) -> str | None:
    """Return the first reason why a published list does not belong to a result; None where it does.

    The list must be in alphabetical order, hold no receipt twice, and be as long as the count of papers,
    which in turn is not above the number of persons who may vote.
    """
    for index, (one, other) in enumerate(pairwise(receipts)):
        if one >= other:
            return f"receipt {index + 1} stands twice or out of order"
    if len(receipts) != result.cast:
        return f"{len(receipts)} receipts for {result.cast} papers"
    if result.cast > result.eligible:
        return f"{result.cast} papers for {result.eligible} persons who may vote"
    return None
