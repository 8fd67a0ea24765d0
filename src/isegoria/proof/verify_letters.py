"""Check the public record of the letters: what can be known without the register."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from itertools import chain
from typing import Any

from isegoria.errors import BadInput
from isegoria.proof import merkle, shape
from isegoria.proof.canonical import canonical
from isegoria.proof.checks import (
    ANNOUNCED,
    RANDOMNESS,
    RULEBOOK,
    Finding,
    Found,
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
    COMMITMENT_OF,
    METHOD,
    PLACES_COMMITMENT_FORMAT,
    PLACES_METHOD,
    PLACES_RECORD_FORMAT,
    RECEIPT_FORMAT,
    RECORD_FORMAT,
    WAVES,
    letter_key,
    letter_seed,
    proportional,
    start_of,
)
from isegoria.proof.record import fraction_text
from isegoria.proof.steps import Verification

KEY = shape.nullable(shape.matching("[0-9a-f]{64}", "a cut-off of 64 hexadecimal digits"))
_STRATUM = {
    "stratum": shape.text,
    "eligible": shape.natural,
    "letters": shape.natural,
    "waves": shape.list_of(shape.natural),
    "chance": shape.fraction,
}
_DRAWN = {
    "commitment": shape.sha256,
    "randomness": RANDOMNESS,
    "seed": shape.sha256,
    "result": shape.record(
        {
            "letters": shape.natural,
            "strata": shape.list_of(
                shape.record(
                    {
                        "stratum": shape.text,
                        "cut_offs": shape.nullable(shape.list_of(KEY)),
                        "start": shape.nullable(shape.natural),
                    }
                )
            ),
        }
    ),
}


def _promised(method: str, stratum: Mapping[str, shape.Check]) -> dict[str, shape.Check]:
    """Return what a commitment holds beside its format."""
    return {
        "specification": shape.record(
            {
                "institution": shape.text,
                "body": shape.text,
                "cycle": shape.text,
                "eligibility": shape.text,
                "design": shape.record(
                    {
                        "method": shape.exactly(method),
                        "names": shape.matching("pseudonym|number", "pseudonym or number"),
                        "stratified_by": shape.nullable(shape.text),
                        "allocation": shape.matching("proportional|chosen", "proportional or chosen"),
                        "groups": shape.list_of(shape.text),
                    }
                ),
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
                "strata": shape.list_of(shape.record(stratum)),
            }
        ),
        "commitments": shape.record({"specification": shape.sha256, "register": shape.sha256}),
        "committed_at": shape.instant,
        "hash": shape.sha256,
    }


def _shapes() -> dict[str, shape.Check]:
    found = {}
    for commitment, record, method, stratum in (
        (COMMITMENT_FORMAT, RECORD_FORMAT, METHOD, _STRATUM),
        (
            PLACES_COMMITMENT_FORMAT,
            PLACES_RECORD_FORMAT,
            PLACES_METHOD,
            {**_STRATUM, "places": shape.natural},
        ),
    ):
        promised = _promised(method, stratum)
        found[commitment] = shape.record({"format": shape.exactly(commitment), **promised})
        found[record] = shape.record({"format": shape.exactly(record), **promised, **_DRAWN})
    return found


_SHAPES = _shapes()


def record_shape(value: object, where: str) -> str | None:
    """Say what is wrong with the form of a record of the letters, of any version; None if nothing is."""
    form = value.get("format") if isinstance(value, dict) else None
    known = form if isinstance(form, str) and form in COMMITMENT_OF else RECORD_FORMAT
    return _SHAPES[known](value, where)


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
    checks = record_checks(published)
    if document["format"] not in COMMITMENT_OF:
        checks = [(name, check) for name, check in checks if name not in _AFTER_THE_DRAW]
    return verification(checks, document)


_AFTER_THE_DRAW = ("randomness", "beacon", "seed", "cut_offs")


def record_checks(published: str | None) -> list[tuple[str, Callable[[Any], Found]]]:
    """Return the steps of a record of the letters, with the hash of its commitment if that was published."""
    return [
        ("format", _format),
        ("hash", check_hash),
        ("specification", part_hash("specification")),
        ("register", part_hash("register")),
        ("strata", _strata),
        ("sources", check_sources),
        ("commitment", lambda document: _commitment(document, published)),
        ("randomness", check_randomness),
        ("beacon", check_beacon),
        ("seed", _seed),
        ("cut_offs", _cut_offs),
    ]


def _format(document: Any) -> Finding:
    form = document.get("format") if isinstance(document, dict) else None
    known = _SHAPES.get(form) if isinstance(form, str) else None
    if known is None:
        raise Stop(
            f"the format is neither {PLACES_RECORD_FORMAT} nor {PLACES_COMMITMENT_FORMAT}, nor their /2"
        )
    demand(known(document, "$"))
    try:
        canonical(document)
    except BadInput as error:
        demand(error.problem)
    return f"a document of the format {document['format']}", None


def _commitment(document: Mapping[str, Any], published: str | None) -> Finding:
    form = COMMITMENT_OF.get(document["format"], document["format"])
    return committed(form, ("specification", "register"), published)(document)


def _strata(document: Mapping[str, Any]) -> Finding:
    strata = document["register"]["strata"]
    eligible = sum(one["eligible"] for one in strata)
    wanted = sum(one["letters"] for one in strata)
    detail = f"{wanted} letters for {eligible} eligible persons in {len(strata)} strata"
    design = document["specification"]["design"]
    faults = chain(_strata_faults(strata), _design_faults(design, strata))
    return detail, first(faults) or (
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
        if sum(one["waves"]) != one["letters"] or len(one["waves"]) != len(strata[0]["waves"]):
            yield f"register.strata[{index}].waves do not add up to its letters"
            continue
        if not one["letters"] <= one.get("places", one["letters"]) <= one["eligible"]:
            yield f"register.strata[{index}].places are not from its letters to its eligible persons"
            continue
        chance = Fraction(one["letters"], max(1, one["eligible"]))
        difference = differs(f"register.strata[{index}].chance", one["chance"], fraction_text(chance))
        if difference is not None:
            yield difference


def _design_faults(design: Mapping[str, Any], strata: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    if design["stratified_by"] is None and len(strata) != 1:
        yield "there are several strata, but no column of strata"
    if len(set(design["groups"])) != len(design["groups"]):
        yield "a column of specification.design.groups stands twice"
    if design["method"] == PLACES_METHOD and not design["groups"]:
        yield f"specification.design.groups is empty, but {PLACES_METHOD} draws by groups"
    if design["allocation"] != "proportional":
        return
    sizes = {one["stratum"]: one["eligible"] for one in strata}
    # Waves of unlike numbers are reported by the faults of the strata.
    for wave, letters in enumerate(zip(*(one["waves"] for one in strata), strict=False), start=1):
        shares = proportional(sizes, sum(letters))
        yield from (
            f"wave {wave} has {count} letters for {name}, but its share is {share}"
            for (name, share), count in zip(shares.items(), letters, strict=False)
            if share != count
        )


def _seed(document: Mapping[str, Any]) -> Finding:
    values = [(one["source"], one["value"]) for one in document["randomness"]]
    expected = letter_seed(document["commitments"], values).hex()
    detail = "the seed, from the two committed hashes and the random values"
    return detail, differs("seed", document["seed"], expected)


def _cut_offs(document: Mapping[str, Any]) -> Finding:
    strata, result = document["register"]["strata"], document["result"]
    total = sum(one["letters"] for one in strata)
    difference = differing_list(
        "the strata of result.strata",
        [one["stratum"] for one in result["strata"]],
        [one["stratum"] for one in strata],
    ) or differs("result.letters", result["letters"], total)
    if difference is not None:
        return "the result of each stratum", difference
    pairs = list(zip(strata, result["strata"], strict=True))
    if document["specification"]["design"]["groups"]:
        seed, with_cut_offs = bytes.fromhex(document["seed"]), document["format"] == PLACES_RECORD_FORMAT
        detail = f"where the walk starts in each of {len(strata)} strata, {total} letters"
        faults = _start_faults(seed, pairs, with_cut_offs=with_cut_offs)
        return detail, first(chain(faults, _cut_off_faults(pairs) if with_cut_offs else ()))
    faults = (
        f"result.strata[{index}] starts a walk"
        for index, (_one, found) in enumerate(pairs)
        if found["start"] is not None
    )
    return f"one cut-off a wave for each of {len(strata)} strata, {total} letters", first(
        chain(faults, _cut_off_faults(pairs))
    )


def _cut_off_faults(pairs: Iterable[tuple[Mapping[str, Any], Mapping[str, Any]]]) -> Iterator[str]:
    for index, (one, found) in enumerate(pairs):
        if not _fits(one["waves"], found["cut_offs"]):
            yield f"result.strata[{index}].cut_offs do not fit the waves {one['waves']}"


def _fits(waves: Sequence[int], cut_offs: Sequence[str | None] | None) -> bool:
    """Whether the cut-offs, null before the first letter, rise exactly where a wave has letters."""
    if cut_offs is None or len(cut_offs) != len(waves):
        return False
    before = ""
    for letters, cut_off in zip(waves, cut_offs, strict=True):
        now = cut_off or ""
        if (now > before) != (letters > 0) or now < before:
            return False
        before = now
    return True


def _start_faults(
    seed: bytes, pairs: Iterable[tuple[Mapping[str, Any], Mapping[str, Any]]], *, with_cut_offs: bool
) -> Iterator[str]:
    for index, (one, found) in enumerate(pairs):
        if one.get("places", one["letters"]) and not one["eligible"]:
            yield f"result.strata[{index}] has letters or places, but nobody to walk along"
            continue
        expected = start_of(seed, one)
        if (found["cut_offs"] is not None and not with_cut_offs) or found["start"] != expected:
            yield f"result.strata[{index}] does not start where the seed says: {expected}"


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
    return verification(receipt_checks(), (document, receipt))


def receipt_checks() -> list[tuple[str, Callable[[Any], Finding]]]:
    """Return the steps of a receipt, for the pair of document and receipt."""
    return [
        ("format", lambda pair: _format(pair[0])),
        ("receipt", lambda pair: _receipt_form(pair[1])),
        ("path", lambda pair: _receipt_path(*pair)),
        ("letter", lambda pair: _receipt_letter(*pair)),
    ]


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
    cut_offs = document["result"]["strata"][place]["cut_offs"]
    if cut_offs is None:
        return (
            f"{chance}; whether a letter was drawn depends on the other households: ask who holds the extract",
            None,
        )
    walked = bool(document["specification"]["design"]["groups"])
    seed = bytes.fromhex(document["seed"])
    key = (
        letter_key(seed, receipt["pseudonym"], WAVES) if walked else letter_key(seed, receipt["pseudonym"])
    )
    wave = next((number for number, one in enumerate(cut_offs, start=1) if one and key < one), None)
    if walked and wave is not None:
        on_condition = "if the walk met this person, which depends on the other households"
        return (
            f"{chance}; a letter was drawn for wave {wave} {on_condition}: ask who holds the extract",
            None,
        )
    if wave is None:
        return f"{chance}; no letter was drawn", None
    return f"{chance}; a letter was drawn{f' for wave {wave}' if len(cut_offs) > 1 else ''}", None
