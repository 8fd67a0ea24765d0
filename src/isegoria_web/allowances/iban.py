"""Account numbers of the euro payments area (ISO 13616): length by country, and the check by 97."""

from __future__ import annotations

import re

from isegoria_web.allowances.errors import IbanWrong

LENGTHS = {
    "AD": 24, "AL": 28, "AT": 20, "BE": 16, "BG": 22, "CH": 21, "CY": 28, "CZ": 24, "DE": 22, "DK": 18, "EE": 20,
    "ES": 24, "FI": 18, "FR": 27, "GB": 22, "GI": 23, "GR": 27, "HR": 21, "HU": 28, "IE": 22, "IS": 26, "IT": 27,
    "LI": 21, "LT": 20, "LU": 20, "LV": 21, "MC": 27, "MD": 24, "ME": 22, "MK": 19, "MT": 31, "NL": 18, "NO": 15,
    "PL": 28, "PT": 25, "RO": 24, "RS": 22, "SE": 24, "SI": 19, "SK": 24, "SM": 27, "VA": 22,
}  # fmt: skip
_FORM = re.compile(r"[A-Z]{2}[0-9]{2}[A-Z0-9]+")
_BIC = re.compile(r"[A-Z0-9]{4}[A-Z]{2}[A-Z0-9]{2}(?:[A-Z0-9]{3})?")
_MODULUS, _REMAINDER = 97, 1


def normal(text: str) -> str:
    """Return an account number in capitals without blanks.

    Raises
    ------
    IbanWrong
        If its country, its length or its check digits do not fit: every single wrong sign and nearly every
        exchange is found.
    """
    bare = "".join(text.split()).upper()
    if not _FORM.fullmatch(bare) or LENGTHS.get(bare[:2]) != len(bare) or remainder(bare) != _REMAINDER:
        raise IbanWrong
    return bare


def remainder(bare: str) -> int:
    """Return the number behind an account number modulo 97; 1 where it is right."""
    turned = bare[4:] + bare[:4]
    return int("".join(str(int(sign, 36)) for sign in turned)) % _MODULUS


def grouped(bare: str) -> str:
    """Return an account number in groups of four, as it is printed."""
    return " ".join(bare[start : start + 4] for start in range(0, len(bare), 4))


def is_bic(text: str) -> bool:
    """Return whether a text has the form of a bank's code (ISO 9362)."""
    return _BIC.fullmatch(text) is not None
