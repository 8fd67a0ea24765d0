"""The code of a letter: 16 characters in four groups, to be read, spoken and typed without mistakes.

Fifteen characters of Crockford's base 32 (75 bits) and a check character. The first six select the letter and
are stored as they are; the other nine are secret, and only a slow hash of them is kept.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from dataclasses import dataclass

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
SELECTOR_LENGTH = 6
DATA_LENGTH = 15
GROUP = 4
_LOOKALIKES = str.maketrans("OIL", "011")
_SCRYPT = {"n": 2**12, "r": 8, "p": 1, "dklen": 32}
_SALT_BYTES = 16


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


def hash_secret(secret: str) -> str:
    """Return a salted, slow hash of a secret, about ten milliseconds of work."""
    salt = secrets.token_bytes(_SALT_BYTES)
    return f"{base64.b64encode(salt).decode()}${_scrypt(secret, salt)}"


def secret_fits(secret: str, stored: str) -> bool:
    """Return whether a secret is the one that was hashed; the comparison takes the same time either way."""
    salt, _separator, expected = stored.partition("$")
    return hmac.compare_digest(_scrypt(secret, base64.b64decode(salt)), expected)


def _scrypt(secret: str, salt: bytes) -> str:
    return base64.b64encode(hashlib.scrypt(secret.encode(), salt=salt, **_SCRYPT)).decode()
