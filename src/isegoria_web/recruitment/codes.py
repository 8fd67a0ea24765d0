"""The code of a letter: 16 characters in four groups, to be read, spoken and typed without mistakes.

Fifteen characters of Crockford's base 32 (75 bits) and a check character. The first six select the letter and
are stored as they are; the other nine are secret, and only a keyed hash of them is kept: who has the database and not
the key of the settings cannot try any.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from django.conf import settings

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
SELECTOR_LENGTH = 6
DATA_LENGTH = 15
GROUP = 4
_LOOKALIKES = str.maketrans("OIL", "011")
_SCRYPT = {"n": 2**12, "r": 8, "p": 1, "dklen": 32}
_SALT_BYTES = 16
_KEYED = "2"


@dataclass(frozen=True, slots=True)
class Code:
    """The two parts of a code."""

    selector: str
    secret: str

    def __str__(self) -> str:
        """Write it as printed: `ABCD-EFGH-JKMN-PQRS`."""
        data = self.selector + self.secret
        whole = data + check_character(data)
        return "-".join(whole[index : index + GROUP] for index in range(0, len(whole), GROUP))


def new_code() -> Code:
    """Return a fresh random code."""
    data = "".join(secrets.choice(ALPHABET) for _character in range(DATA_LENGTH))
    return Code(data[:SELECTOR_LENGTH], data[SELECTOR_LENGTH:])


def parse(text: str) -> Code | None:
    """Return the code that somebody typed, forgiving case, spaces, hyphens, O for 0 and I or L for 1.

    None if it has the wrong length or its check character does not fit: nearly every typing mistake.
    """
    cleaned = "".join(character for character in text.upper() if character not in " -–\t").translate(
        _LOOKALIKES
    )
    data, check = cleaned[:DATA_LENGTH], cleaned[DATA_LENGTH:]
    if len(cleaned) != DATA_LENGTH + 1 or any(character not in ALPHABET for character in data):
        return None
    return Code(data[:SELECTOR_LENGTH], data[SELECTOR_LENGTH:]) if check == check_character(data) else None


def check_character(data: str) -> str:
    """Return the check character: the weighted sum of the characters, modulo 31.

    The weights 1 to 15 differ and are prime to 31, so that one wrong character and two exchanged ones are
    always found. (Modulo 32, the size of the alphabet, even weights would let some through; with 31 the two
    characters 0 and Z count alike in one place, which no typing mistake brings about.)
    """
    total = sum(weight * ALPHABET.index(character) for weight, character in enumerate(data, start=1))
    return ALPHABET[total % 31]


def unused_selectors(count: int, taken: Callable[[list[str]], Iterable[str]]) -> list[str]:
    """Return fresh selectors, no two alike and none that is taken.

    Parameters
    ----------
    taken
        Asked which of some selectors exist already.
    """
    found: dict[str, None] = {}
    while len(found) < count:
        fresh = dict.fromkeys(new_code().selector for _each in range(count - len(found)))
        for one in taken(list(fresh)):
            fresh.pop(one, None)
        found |= fresh
    return list(found)


def secret_of(key: bytes, position: int) -> str:
    """Return the secret of the letter at a position that follows from the key of its printing.

    So a printing that is interrupted goes on with the same codes. The key is destroyed when it is over; and without
    the key of the settings it tells nothing.
    """
    digest = _keyed(b"isegoria-code/1\0" + key + position.to_bytes(8))
    number = int.from_bytes(digest)
    characters = [ALPHABET[number >> (5 * place) & 31] for place in range(DATA_LENGTH - SELECTOR_LENGTH)]
    return "".join(characters)


def hash_secret(secret: str) -> str:
    """Return a salted hash of a secret under the key of the settings."""
    salt = secrets.token_bytes(_SALT_BYTES)
    return f"{_KEYED}${base64.b64encode(salt).decode()}${_hash(secret, salt)}"


def secret_fits(secret: str, stored: str) -> bool:
    """Return whether a secret is the one that was hashed; the comparison takes the same time either way."""
    kind, _separator, rest = stored.partition("$")
    if kind != _KEYED:  # of a letter that was printed when the hash was slow and had no key
        return hmac.compare_digest(_scrypt(secret, base64.b64decode(kind)), rest)
    salt, _separator, expected = rest.partition("$")
    return hmac.compare_digest(_hash(secret, base64.b64decode(salt)), expected)


def _hash(secret: str, salt: bytes) -> str:
    return base64.b64encode(_keyed(b"isegoria-code-hash/1\0" + salt + secret.encode())).decode()


def _keyed(message: bytes) -> bytes:
    return hmac.digest(settings.PSEUDONYM_KEY.encode(), message, "sha256")


def _scrypt(secret: str, salt: bytes) -> str:
    return base64.b64encode(hashlib.scrypt(secret.encode(), salt=salt, **_SCRYPT)).decode()
