"""Where something is said to stand: the journal keeps the hash of these words, so that a later change of them is seen."""

from __future__ import annotations

import hashlib

from isegoria_web.institutions.models import Institution
from isegoria_web.journal.enums import Action


def sha256_of(words: str) -> str:
    """Return the hash of words as they are shown: SHA-256 of their UTF-8, as `sha256sum` gives it.

    It holds the words, such as an address, and not the page that stands behind the address.
    """
    return hashlib.sha256(words.encode()).hexdigest()


def differs(
    institution: Institution, action: Action, *, number: tuple[str, int], words: dict[str, str]
) -> bool:
    """Return whether words are other ones than those whose hashes the journal kept with the act that entered them.

    Parameters
    ----------
    number
        The fact that names the row, and its number: `("funding", 2)`.
    words
        By the fact that holds the hash. What an entry holds no hash of, because it is older, is not compared.
    """
    name, value = number
    entries = institution.chain.entries.filter(action=action, **{f"facts__{name}": value})
    kept = entries.order_by("sequence").values_list("facts", flat=True).first() or {}
    return any(fact in kept and kept[fact] != sha256_of(given) for fact, given in words.items())
