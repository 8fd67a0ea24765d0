"""Check the public record of the letters: what can be known without the register."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Any

from isegoria.errors import BadInput
from isegoria.proof import merkle, shape
from isegoria.proof.canonical import canonical
from isegoria.proof.checks import (
    ANNOUNCED,
    RANDOMNESS,
    RULEBOOK,
    Finding,
    Stop,
    check_beacon,
    check_hash,
    check_randomness,
    check_sources,
    committed,
    demand,
    differing_list,
    differs,
    first,
    part_hash,
    verification,
)
from isegoria.proof.letters import (
    COMMITMENT_FORMAT,
    RECEIPT_FORMAT,
    RECORD_FORMAT,
    letter_key,
    letter_seed,
)
from isegoria.proof.record import fraction_text
from isegoria.proof.steps import Verification

_COMMITMENT = {
    "specification": shape.record(
        {
            "institution": shape.text,
            "body": shape.text,
            "cycle": shape.text,
            "eligibility": shape.text,
            "rule": shape.text,
            "software": shape.text,
            "rulebook": RULEBOOK,
            "randomness": ANNOUNCED,
        }
    ),
    "register": shape.record(
        {
            "extract_sha256": shape.sha256,
            "rows": shape.natural,
            "root": shape.nullable(shape.sha256),
            "strata": shape.list_of(
                shape.record(
                    {
                        "stratum": shape.text,
                        "eligible": shape.natural,
                        "letters": shape.natural,
                        "chance": shape.fraction,
                    }
                )
            ),
        }
    ),
    "commitments": shape.record({"specification": shape.sha256, "register": shape.sha256}),
    "committed_at": shape.instant,
    "hash": shape.sha256,
}
_KEY = shape.nullable(shape.matching("[0-9a-f]{16,64}", "a key in hexadecimal digits"))
_SHAPES = {
    COMMITMENT_FORMAT: shape.record({"format": shape.exactly(COMMITMENT_FORMAT), **_COMMITMENT}),
    RECORD_FORMAT: shape.record(
        {
            "format": shape.exactly(RECORD_FORMAT),
            **_COMMITMENT,
            "commitment": shape.sha256,
            "randomness": RANDOMNESS,
            "seed": shape.sha256,
            "result": shape.record(
                {
                    "letters": shape.natural,
                    "cut_offs": shape.list_of(shape.record({"stratum": shape.text, "key": _KEY})),
                }
            ),
        }
    ),
}


_RECEIPT = shape.record(
    {
        "format": shape.exactly(RECEIPT_FORMAT),
        "pseudonym": shape.matching("[0-9a-f]{64}", "a pseudonym of 64 hexadecimal digits"),
        "stratum": shape.text,
        "salt": shape.matching("[0-9a-f]{32}", "a salt of 32 hexadecimal digits"),
        "path": shape.list_of(
            shape.record({"side": shape.matching("left|right", "left or right"), "hash": shape.sha256})
        ),
    }
)


def verify_letters(document: Mapping[str, Any], *, published: str | None = None) -> Verification:
    """Redo what a record of the letters states, as far as it can be done without the register.

    Parameters
    ----------
    document
        The JSON value of the record of the letters, or of its commitment.
    published
        The hash of the commitment as it was published before the draw.

    Returns
    -------
    Verification
        The steps in their order.

    Notes
    -----
    Not guaranteed: that the persons with the smallest keys got the letters. Whoever holds the extract with
    the committed hash repeats the draw with the stated seed and must find the stated cut-offs.
    """
    form = document["format"]
    checks: list[tuple[str, Callable[[Any], Finding]]] = [
        ("format", _format),
        ("hash", check_hash),
        ("specification", part_hash("specification")),
        ("register", part_hash("register")),
        ("strata", _strata),
        ("sources", check_sources),
        ("commitment", committed(COMMITMENT_FORMAT, ("specification", "register"), published)),
    ]
    if form == RECORD_FORMAT:
        checks += [
            ("randomness", check_randomness),
            ("beacon", check_beacon),
            ("seed", _seed),
            ("cut_offs", _cut_offs),
        ]
    return verification(checks, document)


def _format(document: Any) -> Finding:
    form = document.get("format") if isinstance(document, dict) else None
    known = _SHAPES.get(form) if isinstance(form, str) else None
    if known is None:
        raise Stop(f"the format is neither {RECORD_FORMAT} nor {COMMITMENT_FORMAT}")
    demand(known(document, "$"))
    try:
        canonical(document)
    except BadInput as error:
        demand(error.problem)
    return f"a document of the format {document['format']}", None


def _strata(document: Mapping[str, Any]) -> Finding:
    strata = document["register"]["strata"]
    eligible = sum(one["eligible"] for one in strata)
    wanted = sum(one["letters"] for one in strata)
    detail = f"{wanted} letters for {eligible} eligible persons in {len(strata)} strata"
    return detail, first(_strata_faults(strata)) or (
        f"{eligible} persons are eligible in an extract of {document['register']['rows']} rows"
        if eligible > document["register"]["rows"]
        else None
    )


def _strata_faults(strata: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    if len({one["stratum"] for one in strata}) != len(strata):
        yield "a stratum stands twice"
    for index, one in enumerate(strata):
        if one["letters"] > one["eligible"]:
            yield f"register.strata[{index}] has more letters than eligible persons"
            continue
        chance = Fraction(one["letters"], max(1, one["eligible"]))
        difference = differs(f"register.strata[{index}].chance", one["chance"], fraction_text(chance))
        if difference is not None:
            yield difference


def _seed(document: Mapping[str, Any]) -> Finding:
    values = [(one["source"], one["value"]) for one in document["randomness"]]
    expected = letter_seed(document["commitments"], values).hex()
    detail = "the seed, from the two committed hashes and the random values"
    return detail, differs("seed", document["seed"], expected)


def _cut_offs(document: Mapping[str, Any]) -> Finding:
    strata, result = document["register"]["strata"], document["result"]
    cut_offs = result["cut_offs"]
    difference = differing_list(
        "the strata of result.cut_offs",
        [one["stratum"] for one in cut_offs],
        [one["stratum"] for one in strata],
    )
    total = sum(one["letters"] for one in strata)
    return f"one cut-off for each of {len(strata)} strata, {total} letters", (
        difference
        or differs("result.letters", result["letters"], total)
        or first(
            f"result.cut_offs[{index}].key does not fit {one['letters']} letters"
            for index, (one, cut_off) in enumerate(zip(strata, cut_offs, strict=True))
            if (one["letters"] == 0) != (cut_off["key"] is None)
        )
    )


def verify_letter_receipt(document: Any, receipt: Any) -> Verification:
    """Check one resident's receipt against the draw of the letters: whether she was in it, and whether a letter was drawn.

    Parameters
    ----------
    document
        The JSON value of a record of the letters or of its commitment.
    receipt
        The JSON value of the receipt.

    Returns
    -------
    Verification
        Steps `format`, `receipt`, `path` and `letter`; the last one's detail tells the chance and, in a record, the
        result, which she compares with her letter box.
    """
    checks: list[tuple[str, Callable[[Any], Finding]]] = [
        ("format", lambda pair: _format(pair[0])),
        ("receipt", lambda pair: _receipt_form(pair[1])),
        ("path", lambda pair: _receipt_path(*pair)),
        ("letter", lambda pair: _receipt_letter(*pair)),
    ]
    return verification(checks, (document, receipt))


def _receipt_form(receipt: Any) -> Finding:
    demand(_RECEIPT(receipt, "receipt"))
    canonical(receipt)
    return "a receipt that can be read", None


def _receipt_path(document: Mapping[str, Any], receipt: Mapping[str, Any]) -> Finding:
    root = document["register"]["root"]
    demand("the record has no root" if root is None else None)
    salt = bytes.fromhex(receipt["salt"])
    leaf = merkle.leaf(salt, {"pseudonym": receipt["pseudonym"], "stratum": receipt["stratum"]})
    steps: list[merkle.PathStep] = [(one["side"], bytes.fromhex(one["hash"])) for one in receipt["path"]]
    leads = merkle.verify_path(leaf, steps, bytes.fromhex(root))
    return "the path leads to the published root", None if leads else "the path leads elsewhere"


def _receipt_letter(document: Mapping[str, Any], receipt: Mapping[str, Any]) -> Finding:
    strata = [one["stratum"] for one in document["register"]["strata"]]
    if receipt["stratum"] not in strata:
        return "the stratum of the receipt", "no stratum of the record has this name"
    place = strata.index(receipt["stratum"])
    chance = f"the chance of a letter was {document['register']['strata'][place]['chance']}"
    if "result" not in document:
        return f"{chance}; the draw is still to come", None
    cut_off = document["result"]["cut_offs"][place]["key"]
    key = letter_key(bytes.fromhex(document["seed"]), receipt["pseudonym"])
    due = cut_off is not None and key < cut_off.ljust(len(key), "0")
    return f"{chance}; {'a letter was drawn' if due else 'no letter was drawn'}", None
