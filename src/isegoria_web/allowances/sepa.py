"""A payment file for the bank: a SEPA credit transfer, ISO 20022 pain.001.001.09.

One payment with all its transfers, in euros, charges shared (SLEV). Only the signs that every bank takes are
written: letters without accents, digits, and `/-?:().,'+` with blanks.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from xml.etree import ElementTree as ET

NAMESPACE = "urn:iso:std:iso:20022:tech:xsd:pain.001.001.09"
LONGEST_ID, LONGEST_NAME, LONGEST_TEXT = 35, 70, 140
ALLOWED = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/-?:().,'+ ")
_SPELT = {
    "ß": "ss", "ẞ": "SS", "æ": "ae", "Æ": "AE", "ø": "o", "Ø": "O", "œ": "oe", "Œ": "OE", "ł": "l", "Ł": "L", "đ": "d",
    "Đ": "D", "ð": "d", "Ð": "D", "þ": "th", "Þ": "TH", "ı": "i", "&": "+", "’": "'", "–": "-", "—": "-", "_": "-",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Credit:
    """One transfer."""

    end_to_end: str
    cents: int
    name: str
    iban: str
    text: str


@dataclass(frozen=True, slots=True)
class Order:
    """A payment file: who pays, when, and to whom."""

    message_id: str
    made_at: datetime
    execute_on: date
    payer: str
    iban: str
    bic: str
    credits: Sequence[Credit]


def euros(cents: int) -> str:
    """Return an amount as the file writes it: 4402 cents are `44.02`."""
    return f"{cents // 100}.{cents % 100:02d}"


def latin(text: str, most: int) -> str:
    """Return a text in the signs that every bank takes, no longer than allowed; what has no form there is a full stop."""
    spelt = "".join(_SPELT.get(sign, sign) for sign in unicodedata.normalize("NFC", text))
    bare = "".join(sign for sign in unicodedata.normalize("NFKD", spelt) if not unicodedata.combining(sign))
    taken = "".join(sign if sign in ALLOWED else " " if sign.isspace() else "." for sign in bare)
    short = " ".join(taken.split())[:most]
    while "//" in short:
        short = short.replace("//", "/")
    return short.strip("/ ") or "."


def write(order: Order) -> bytes:
    """Return the file. Its sums are those of its transfers.

    Raises
    ------
    ValueError
        If it holds nothing, an amount that is not above zero, or an id twice or too long: mistakes of ours.
    """
    _check(order)
    root = ET.Element("Document", xmlns=NAMESPACE)
    start = _at(root, "CstmrCdtTrfInitn")
    count, total = str(len(order.credits)), euros(sum(each.cents for each in order.credits))
    head = _at(start, "GrpHdr")
    _at(head, "MsgId", order.message_id)
    _at(head, "CreDtTm", order.made_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"))
    _at(head, "NbOfTxs", count)
    _at(head, "CtrlSum", total)
    _at(_at(head, "InitgPty"), "Nm", latin(order.payer, LONGEST_NAME))
    payment = _at(start, "PmtInf")
    _at(payment, "PmtInfId", order.message_id)
    _at(payment, "PmtMtd", "TRF")
    _at(payment, "BtchBookg", "true")
    _at(payment, "NbOfTxs", count)
    _at(payment, "CtrlSum", total)
    _at(_at(_at(payment, "PmtTpInf"), "SvcLvl"), "Cd", "SEPA")
    _at(_at(payment, "ReqdExctnDt"), "Dt", order.execute_on.isoformat())
    _at(_at(payment, "Dbtr"), "Nm", latin(order.payer, LONGEST_NAME))
    _at(_at(_at(payment, "DbtrAcct"), "Id"), "IBAN", order.iban)
    bank = _at(_at(payment, "DbtrAgt"), "FinInstnId")
    if order.bic:
        _at(bank, "BICFI", order.bic)
    else:
        _at(_at(bank, "Othr"), "Id", "NOTPROVIDED")
    _at(payment, "ChrgBr", "SLEV")
    for each in order.credits:
        _transfer(payment, each)
    body: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return body


def _transfer(payment: ET.Element, each: Credit) -> None:
    transfer = _at(payment, "CdtTrfTxInf")
    _at(_at(transfer, "PmtId"), "EndToEndId", each.end_to_end)
    amount = _at(_at(transfer, "Amt"), "InstdAmt", euros(each.cents))
    amount.set("Ccy", "EUR")
    _at(_at(transfer, "Cdtr"), "Nm", latin(each.name, LONGEST_NAME))
    _at(_at(_at(transfer, "CdtrAcct"), "Id"), "IBAN", each.iban)
    _at(_at(transfer, "RmtInf"), "Ustrd", latin(each.text, LONGEST_TEXT))


def _check(order: Order) -> None:
    ids = [order.message_id, *(each.end_to_end for each in order.credits)]
    if not order.credits or any(each.cents <= 0 for each in order.credits):
        raise ValueError("a payment file needs transfers, each of at least a cent")
    if len(set(ids)) != len(ids) or any(not 0 < len(each) <= LONGEST_ID for each in ids):
        raise ValueError("every id of a payment file stands once and has 35 signs at most")


def _at(parent: ET.Element, name: str, text: str | None = None) -> ET.Element:
    element = ET.SubElement(parent, name)
    element.text = text
    return element
