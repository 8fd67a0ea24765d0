"""One person's own check: the receipt against the draw."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any

from isegoria.errors import BadInput
from isegoria.proof import letters, merkle, sealing, shape, vacant
from isegoria.proof.canonical import canonical
from isegoria.proof.checks import Finding, Stop, demand, differs, first, verification
from isegoria.proof.derivation import check_compositions
from isegoria.proof.record import RECEIPT_FORMAT, chances
from isegoria.proof.steps import Verification
from isegoria.proof.verify import check_format, format_of
from isegoria.proof.verify_letters import verify_letter_receipt
from isegoria.proof.verify_lottery import check_entries
from isegoria.proof.verify_vacant import FORMATS, check_sealed_entries
from isegoria.proof.verify_waves import verify_waves_receipt
from isegoria.proof.waves import WAVES_FORMAT

_SALT = shape.matching("[0-9a-f]{32}", "a salt of 32 hexadecimal digits")
_OWN = {
    "code": shape.code,
    "features": shape.mapping_of(shape.text),
    "salt": _SALT,
    "path": shape.list_of(
        shape.record({"side": shape.matching("left|right", "left or right"), "hash": shape.sha256})
    ),
}
_RECEIPT = shape.record({"format": shape.exactly(RECEIPT_FORMAT), **_OWN, "seal": shape.nullable(_SALT)})
_VACANT_RECEIPT = shape.record(
    {"format": shape.exactly(vacant.RECEIPT_FORMAT), **_OWN, "seal": _SALT, "chance": shape.fraction}
)


def verify_receipt(document: Any, receipt: Any) -> Verification:
    """Check one person's receipt against the draw: in the pool, with these features, with which chance.

    Parameters
    ----------
    document
        The JSON value of a draw record or of its commitment; of letters too, with a receipt of theirs.
    receipt
        The JSON value of the receipt.

    Returns
    -------
    Verification
        Steps `format`, `entries`, `receipt`, `entry`, `path`, `features` and `chance`; the last one's detail
        tells the chance and, in a record, the result for this person.
    """
    form = format_of(document)
    if form in {*letters.RECORD_OF, *letters.COMMITMENT_OF}:
        return verify_letter_receipt(document, receipt)
    if form == WAVES_FORMAT:
        return verify_waves_receipt(document, receipt)
    sealed = form in FORMATS
    features = _sealed_features if sealed else _receipt_features
    chance = _sealed_chance if sealed else _receipt_chance
    checks: list[tuple[str, Callable[[Any], Finding]]] = [
        ("format", lambda pair: check_format(form, pair[0])),
        ("entries", lambda pair: (check_sealed_entries if sealed else check_entries)(pair[0])),
        ("receipt", lambda pair: _receipt_form(pair[1], _VACANT_RECEIPT if sealed else _RECEIPT)),
        ("entry", lambda pair: _receipt_entry(*pair)),
        ("path", lambda pair: _receipt_path(*pair)),
        ("features", lambda pair: features(*pair)),
        ("chance", lambda pair: (chance(*pair), None)),
    ]
    return verification(checks, (document, receipt))


def _entries(document: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    return {entry["code"]: entry for entry in document["pool"]["entries"]}


def _receipt_leaf(receipt: Mapping[str, Any]) -> bytes:
    content = {"code": receipt["code"], "features": receipt["features"]}
    return merkle.leaf(bytes.fromhex(receipt["salt"]), content)


def _receipt_form(receipt: Any, form: shape.Check) -> Finding:
    demand(form(receipt, "receipt"))
    try:
        canonical(receipt)
    except BadInput as error:
        demand(error.problem)
    return "a receipt that can be read", None


def _receipt_entry(document: Mapping[str, Any], receipt: Mapping[str, Any]) -> Finding:
    entry = _entries(document).get(receipt["code"])
    if entry is None:
        raise Stop("the code of the receipt is not in the pool")
    difference = differs("the leaf of the entry", entry["leaf"], _receipt_leaf(receipt).hex())
    return "the code is in the pool, with the leaf of the receipt", difference


def _receipt_path(document: Mapping[str, Any], receipt: Mapping[str, Any]) -> Finding:
    path: list[merkle.PathStep] = [(one["side"], bytes.fromhex(one["hash"])) for one in receipt["path"]]
    root = bytes.fromhex(document["pool"]["root"])
    leads = merkle.verify_path(_receipt_leaf(receipt), path, root)
    return "the path leads to the published root", None if leads else "the path leads elsewhere"


def _receipt_features(document: Mapping[str, Any], receipt: Mapping[str, Any]) -> Finding:
    entry = _entries(document)[receipt["code"]]
    kind = document["pool"]["types"][entry["type"]]
    if kind["seal"] is not None:
        salt = bytes.fromhex(receipt["seal"] or "")
        difference = differs("the seal of the type", kind["seal"], sealing.seal(salt, receipt["features"]))
        if difference is not None:
            return "the seal of the person's type holds the features of the receipt", difference
    stated = receipt["features"] if kind["features"] is None else kind["features"]
    return "the pool counts the person with the features of the receipt", first(
        f"the feature {name} is not the one of the receipt"
        for name in sorted({*stated, *receipt["features"]})
        if stated.get(name) != receipt["features"].get(name)
    )


def _sealed_features(document: Mapping[str, Any], receipt: Mapping[str, Any]) -> Finding:
    stated = _entries(document)[receipt["code"]]["seal"]
    salt = bytes.fromhex(receipt["seal"])
    expected = vacant.entry_seal(salt, receipt["features"], receipt["chance"])
    detail = "the seal of the entry holds the features and the chance of the receipt"
    return detail, differs("the seal of the entry", stated, expected)


def _sealed_chance(document: Mapping[str, Any], receipt: Mapping[str, Any]) -> str:
    chance = Fraction(receipt["chance"])
    return f"the chance to be drawn was {chance}{_receipt_result(document, receipt['code'])}"


def _receipt_chance(document: Mapping[str, Any], receipt: Mapping[str, Any]) -> str:
    entry = _entries(document)[receipt["code"]]
    pairs = [(one["tickets"], one["counts"]) for one in document["lottery"]["compositions"]]
    sizes = [kind["count"] for kind in document["pool"]["types"]]
    check_compositions(pairs, sizes)
    chance = chances(pairs, sizes)[entry["type"]]
    return f"the chance to be drawn was {chance}{_receipt_result(document, receipt['code'])}"


def _receipt_result(document: Mapping[str, Any], code: str) -> str:
    result = document.get("result")
    if result is None:
        return "; the draw is still to come"
    if code in result["members"]:
        return "; drawn as a member"
    if code in result["alternates"]:
        return f"; drawn as alternate number {result['alternates'].index(code) + 1}"
    return "; not drawn"
