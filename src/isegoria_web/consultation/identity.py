"""Who is one person, and what is a clean text: keyed hashes of normalised names, and typed words without tricks."""

from __future__ import annotations

import hashlib
import hmac
import unicodedata
from datetime import date

from django.conf import settings

from isegoria_web.consultation.models import Theme

_SPELT_OUT = (("ß", "ss"), ("æ", "a"), ("ø", "o"), ("œ", "o"), ("ł", "l"), ("đ", "d"), ("ae", "a"), ("oe", "o"), ("ue", "u"))  # fmt: skip
_KEPT = {"\n", "\t"}


def clean(text: str) -> str:
    """Return a typed text in one normal form, without control characters and signs that turn the direction of reading."""
    normal = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n"))
    return "".join(
        sign
        for sign in normal
        if sign in _KEPT or unicodedata.category(sign) not in {"Cc", "Cf", "Cs", "Co"}
    ).strip()


def same_name(name: str) -> str:
    """Return a name as it is compared: small letters without accents, its parts in alphabetical order.

    `Müller, Anna`, `Anna MULLER` and `anna mueller` are one.
    """
    bare = _bare(name)
    while (shorter := _bare(bare)) != bare:  # folding may make room for folding
        bare = shorter
    parts = "".join(sign if sign.isalpha() else " " for sign in bare).split()
    return " ".join(sorted(parts))


def _bare(name: str) -> str:
    split = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", name).casefold())
    bare = "".join(sign for sign in split if not unicodedata.combining(sign))
    for spelt, short in _SPELT_OUT:
        bare = bare.replace(spelt, short)
    return bare


def person_key(theme: Theme, name: str, born: date) -> str:
    """Return the keyed hash of who a person is, for one theme: nothing links it to another theme."""
    return _keyed("isegoria-signature/1", theme.public_id.hex, same_name(name), born.isoformat())


def address_key(email: str) -> str:
    """Return the keyed hash of a mail address; what stands behind a plus sign does not make another one."""
    local, _at, host = email.strip().casefold().rpartition("@")
    return _keyed("isegoria-address/1", local.partition("+")[0], host)


def source_key(source: str) -> str:
    """Return the keyed hash of a network address, kept for an hour."""
    return _keyed("isegoria-source/1", source)


def token_hash(token: str) -> str:
    """Return the hash under which a link is kept; its token has 256 random bits."""
    return hashlib.sha256(token.encode()).hexdigest()


def _keyed(*parts: str) -> str:
    return hmac.digest(settings.PSEUDONYM_KEY.encode(), "\0".join(parts).encode(), "sha256").hex()
