"""What must not be read from a copy of the database: sealed with a key that the database does not hold."""

from __future__ import annotations

import base64

from cryptography.fernet import Fernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

_PURPOSE = b"isegoria-bank-accounts/1"


def seal(text: str) -> str:
    """Return a text sealed (AES-128 in CBC with HMAC-SHA-256, a fresh nonce each time)."""
    return _box().encrypt(text.encode()).decode()


def unseal(sealed: str) -> str:
    """Return what was sealed; a bent or foreign seal raises `cryptography.fernet.InvalidToken`."""
    return _box().decrypt(sealed.encode()).decode()


def _box() -> Fernet:
    """Derive the key from the key of the pseudonyms, which a site keeps for good; for this purpose alone."""
    key = HKDF(SHA256(), 32, salt=None, info=_PURPOSE).derive(settings.PSEUDONYM_KEY.encode())
    return Fernet(base64.urlsafe_b64encode(key))
