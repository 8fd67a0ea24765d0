"""Where the seed may come from: which public sources there are, how they are named, and what a value must bring.

| Name | Value | Proof that comes with it |
|---|---|---|
| `drand:quicknet:ROUND`, `drand:default:ROUND` | SHA-256 of the signature | `signature`, in the default network also `previous` |
| `dice:COUNTxSIDES:LABEL` | the throws, `3-5-2-6-1-4` | typed in by two persons, film, notary |
| `balls:COUNTofHIGHEST:LABEL` | the balls in the order they fell, `17-3-44-9-12-31` | the same |
| `reveal:LABEL` | SHA-256 over the secrets of all parties | each party's secret, or null where it was withheld |
| `public:LABEL` | what was published elsewhere, letter by letter | none: look it up |
| `text:LABEL` | a text that somebody gave at the draw | none, and no moment: nobody can check one |

A source is named before its value exists, with the moment at which it will; everything here is plain text and whole
numbers, in the same words as `docs/draw-record.md`.
"""

from __future__ import annotations

import hashlib
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, cast

from isegoria.errors import BadInput
from isegoria.proof import beacon, shape
from isegoria.proof.canonical import instant
from isegoria.seeding import length_prefixed

LEAST_OUTCOMES = 1_000_000
"""Of dice and balls alone. With fewer, an organiser could try out commitments until the few outcomes please: among
N outcomes a chance p can be bent by about √(2 ln(trials) / (N p)) of itself, 2 % for a billion trials and p = 0.1."""
COMMIT_TAG = b"isegoria-reveal/1\0"
REVEALS_TAG = b"isegoria-reveals/1\0"
SECRET_BYTES = 32
"""Of a party's secret number: nobody can try all of them."""

_LABEL = "[A-Za-z0-9][A-Za-z0-9:-]{0,59}"
_GRAMMAR = {
    "drand": re.compile(r"drand:(quicknet|default):([1-9][0-9]{0,11})"),
    "dice": re.compile(rf"dice:([1-9][0-9]?)x(4|6|8|10|12|20):{_LABEL}"),
    "balls": re.compile(rf"balls:([1-9][0-9]?)of([1-9][0-9]{{0,3}}):{_LABEL}"),
    "reveal": re.compile(rf"reveal:{_LABEL}"),
    "public": re.compile(rf"public:{_LABEL}"),
    "text": re.compile(rf"text:{_LABEL}"),
}
_LINE = r"\S(?:[^\r\n\t]{0,298}\S)?"
_PUBLIC_VALUE = re.compile(_LINE, re.ASCII)
_WORDS = shape.matching(_LINE, "a text of at most 300 characters in one line")
_TYPED = shape.record(
    {
        "typed": shape.list_of(shape.record({"by": _WORDS, "value": shape.text})),
        "film": _WORDS,
        "notary": shape.nullable(_WORDS),
    }
)
_SECRET = shape.matching("[0-9a-f]{64}", "a secret of 64 hexadecimal digits")
_REVEALS = shape.record(
    {"reveals": shape.list_of(shape.record({"party": _WORDS, "secret": shape.nullable(_SECRET)}))}
)

Family = Literal["drand", "dice", "balls", "reveal", "public", "text"]


@dataclass(frozen=True, slots=True)
class Party:
    """Who brings a secret to a commit–reveal source, and the hash that binds it: `reveal_commitment`."""

    name: str
    commitment: str


@dataclass(frozen=True, slots=True)
class Source:
    """A public source of randomness, named before its value exists.

    Attributes
    ----------
    name
        With its exact round or date, in the grammar of this room: `drand:quicknet:37040212`.
    moment
        When the value comes into the world; of `reveal`, the deadline for revealing. None for `text` alone.
    if_missing
        What happens if it does not, in one sentence.
    parties
        Of `reveal` alone: two or more parties.
    """

    name: str
    moment: datetime | None
    if_missing: str
    parties: Sequence[Party] = ()


@dataclass(frozen=True, slots=True)
class RandomValue:
    """What a source gave.

    Attributes
    ----------
    source
        The name as announced.
    value
        Exactly as the grammar of the source writes it.
    obtained_at
        When it was read.
    evidence
        Where else to check it, in words; None if there is nothing to add.
    proof
        What the source's family demands; `beacon_value`, `typed_value` and `revealed_value` fill it in.
    """

    source: str
    value: str
    obtained_at: datetime
    evidence: str | None = None
    proof: Mapping[str, Any] | None = field(default=None)


def dice_source(count: int, sides: int, label: str) -> str:
    """Return the name of dice thrown in public: `dice:6x10:town-hall-2027-03-01`; ten-sided ones show 0 to 9."""
    return _named(f"dice:{count}x{sides}:{label}")


def balls_source(count: int, highest: int, label: str) -> str:
    """Return the name of numbered balls drawn in public without putting back: `balls:6of49:2027-03-01`."""
    return _named(f"balls:{count}of{highest}:{label}")


def text_source(label: str) -> str:
    """Return the name of a text that somebody gives at the draw: `text:seed`. Nobody can tell that it was not chosen."""
    return _named(f"text:{label}")


def reveal_source(label: str) -> str:
    """Return the name of a commit–reveal among several parties: `reveal:council-2027`."""
    return _named(f"reveal:{label}")


def family(name: str) -> Family | None:
    """Return the family of a source's name, or None if the grammar has no such name."""
    for word, pattern in _GRAMMAR.items():
        if pattern.fullmatch(name):
            return cast("Family", word)
    return None


def reveal_commitment(source: str, party: str, secret: bytes) -> str:
    """Return the hash by which a party binds itself: `SHA-256(tag ‖ lp(source) ‖ lp(party) ‖ secret)`.

    Parameters
    ----------
    source, party
        Their names, so that nobody can repeat another's hash as the own one.
    secret
        32 bytes that the party alone knows until it reveals them.

    Raises
    ------
    BadInput
        `randomness_wrong`, if the secret has another length.
    """
    if len(secret) != SECRET_BYTES:
        raise BadInput("randomness_wrong", source=source, detail=f"a secret has {SECRET_BYTES} bytes")
    parts = length_prefixed(source.encode()) + length_prefixed(party.encode()) + secret
    return hashlib.sha256(COMMIT_TAG + parts).hexdigest()


def beacon_value(
    source: str,
    signature: str,
    obtained_at: datetime,
    *,
    previous: str | None = None,
    evidence: str | None = None,
) -> RandomValue:
    """Return the value of a drand round from its signature, as a file or a person gives it.

    Raises
    ------
    BadInput
        `randomness_wrong`, if the signature is not spelled like one or, where `py_ecc` is installed, not that of the
        round.
    """
    proof = {"signature": signature} if previous is None else {"signature": signature, "previous": previous}
    named = _GRAMMAR["drand"].fullmatch(source)
    if named is None or not beacon.signature_spelling(named[1], signature):
        raise BadInput("randomness_wrong", source=source, detail="this is no signature of the network")
    made = RandomValue(source, beacon.randomness(signature), obtained_at, evidence, proof)
    demand_value({"source": source, "parties": []}, made)
    return made


def typed_value(
    source: str,
    first: tuple[str, str],
    second: tuple[str, str],
    obtained_at: datetime,
    *,
    film: str,
    notary: str | None = None,
    evidence: str | None = None,
) -> RandomValue:
    """Return the value of dice or balls that two persons typed in, each for themselves.

    Parameters
    ----------
    first, second
        Who typed (a role, never a name that is not public), and what.
    film
        Where the film or photo of it is kept.
    notary
        Who witnessed it, or None.

    Raises
    ------
    BadInput
        `randomness_wrong`, if the two differ or the source could not give this value.
    """
    proof = {
        "typed": [{"by": by, "value": value} for by, value in (first, second)],
        "film": film,
        "notary": notary,
    }
    made = RandomValue(source, first[1], obtained_at, evidence, proof)
    demand_value({"source": source, "parties": []}, made)
    return made


def revealed_value(
    source: Source,
    secrets: Mapping[str, bytes | None],
    obtained_at: datetime,
    *,
    evidence: str | None = None,
) -> RandomValue:
    """Return the value of a commit–reveal: every secret in the announced order, null for who withheld it.

    Raises
    ------
    BadInput
        `randomness_wrong`, if a secret is not the one the party was bound to.
    """
    reveals = [
        {"party": one.name, "secret": None if (own := secrets.get(one.name)) is None else own.hex()}
        for one in source.parties
    ]
    made = RandomValue(source.name, revealed(reveals), obtained_at, evidence, {"reveals": reveals})
    demand_value(announced_document(source), made)
    return made


def revealed(reveals: Sequence[Mapping[str, Any]]) -> str:
    """Return the value of these reveals: `SHA-256(tag ‖ lp(secret 1) ‖ …)`, nothing in place of a withheld one."""
    state = hashlib.sha256(REVEALS_TAG)
    for one in reveals:
        state.update(length_prefixed(bytes.fromhex(one["secret"] or "")))
    return state.hexdigest()


def demand_value(announced: Mapping[str, Any], value: RandomValue) -> None:
    """Return if the announced source could have given this value.

    Raises
    ------
    BadInput
        `randomness_wrong`. A beacon's signature is checked where `py_ecc` is installed; a record of an unchecked one
        says so.
    """
    detail = value_fault(announced, {"value": value.value, "proof": value.proof})
    if detail is None:
        try:
            detail = signature_fault(value.source, value.proof)
        except beacon.NotChecked:
            detail = None
    if detail is not None:
        raise BadInput("randomness_wrong", source=value.source, detail=detail)


def announced_document(source: Source) -> dict[str, Any]:
    """Return an announced source as a record names it."""
    return {
        "source": source.name,
        "moment": None if source.moment is None else instant(source.moment),
        "if_missing": source.if_missing,
        "parties": [{"party": one.name, "commitment": one.commitment} for one in source.parties],
    }


def source_faults(announced: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """Yield what is wrong with the announced sources: names, rounds, parties, and too few outcomes together."""
    names = [one["source"] for one in announced]
    for index, one in enumerate(announced):
        where = f"specification.randomness[{index}]"
        if one["source"] in names[:index]:
            yield f"{where} repeats a source"
        fault = _announcement_fault(one)
        if fault is not None:
            yield f"{where}: {fault}"
        elif one["moment"] is not None and not _spoken_last(announced, one):
            yield f"{where}: no other source speaks after the reveals, so the last to reveal could choose"
    if len(names) > 1 and any(family(name) == "text" for name in names):
        yield "a text that somebody gives stands alone: beside another source it would let that person choose"
    elif not any(family(name) in {None, "drand", "public", "text"} for name in names):
        outcomes = math.prod(_outcomes(name) for name in names)
        if outcomes < LEAST_OUTCOMES:
            yield f"dice and balls have {outcomes} outcomes together, fewer than {LEAST_OUTCOMES}"


def value_fault(announced: Mapping[str, Any], value: Mapping[str, Any]) -> str | None:
    """Return why the announced source cannot have given this value, as far as arithmetic tells.

    Parameters
    ----------
    announced
        `source` and `parties` as in the record.
    value
        `value` and `proof` as in the record.
    """
    named = family(announced["source"])
    if named is None:
        return "the name of the source is none that can be announced"
    return _VALUE_FAULTS[named](announced, value["value"], value["proof"])


def late_reveals(
    announced: Sequence[Mapping[str, Any]], values: Sequence[Mapping[str, Any]]
) -> Iterator[str]:
    """Yield the commit–reveals that were closed when every other source had spoken: leaving one out would choose.

    Parameters
    ----------
    announced, values
        As in the record, of the same length and order.
    """
    for source, value in zip(announced, values, strict=True):
        if family(source["source"]) != "reveal":
            continue
        closed = datetime.fromisoformat(value["obtained_at"])
        ahead = (
            datetime.fromisoformat(one["moment"]) > closed
            for one in announced
            if family(one["source"]) != "reveal" and one["moment"] is not None
        )
        if not any(ahead):
            yield f"{source['source']} was closed only after the sources that follow had spoken"


def signature_fault(source: str, proof: Mapping[str, Any] | None) -> str | None:
    """Return what is wrong with a beacon's signature; None if it is right, and for every other source.

    Raises
    ------
    isegoria.proof.beacon.NotChecked
        Without `py_ecc`.
    """
    named = _GRAMMAR["drand"].fullmatch(source)
    if named is None:
        return None
    given = proof or {}
    right = beacon.verify_signature(
        named[1], int(named[2]), str(given.get("signature")), given.get("previous")
    )
    return None if right else f"the signature is not that of round {named[2]} of {named[1]}"


def _named(name: str) -> str:
    if family(name) is None:
        raise BadInput("source_wrong", detail=f"{name} is no name of a source")
    return name


def _announcement_fault(one: Mapping[str, Any]) -> str | None:
    name = one["source"]
    named = family(name)
    if named is None:
        return "the name of the source is none that can be announced"
    if (one["moment"] is None) != (named == "text"):
        return "every source but a text has a moment, and a text has none"
    if named == "drand":
        network = name.split(":")[1]
        expected = beacon.round_of(network, datetime.fromisoformat(one["moment"]))
        if name != f"drand:{network}:{expected}":
            return f"the source of the announced moment is drand:{network}:{expected}"
    if named == "balls" and _outcomes(name) == 0:
        return "more balls than there are numbers"
    if named == "reveal":
        return _parties_fault(one["parties"])
    return "only a commit–reveal source has parties" if one["parties"] else None


def _parties_fault(parties: Sequence[Mapping[str, Any]]) -> str | None:
    if len(parties) < 2:  # noqa: PLR2004  # one party alone would choose
        return "a commit–reveal needs two parties or more"
    for key in ("party", "commitment"):
        if len({one[key] for one in parties}) < len(parties):
            return f"two parties have the same {key}"
    return None


def _spoken_last(announced: Sequence[Mapping[str, Any]], one: Mapping[str, Any]) -> bool:
    """Say whether a commit–reveal has somebody who speaks after it; every other source needs nobody."""
    if family(one["source"]) != "reveal":
        return True
    deadline = datetime.fromisoformat(one["moment"])
    return any(
        family(other["source"]) != "reveal"
        and other["moment"] is not None
        and datetime.fromisoformat(other["moment"]) > deadline
        for other in announced
    )


def first_moment(announced: Sequence[Mapping[str, Any]]) -> datetime | None:
    """Return when the first announced source speaks; None where a text was given, which has no moment."""
    moments = [one["moment"] for one in announced if one["moment"] is not None]
    return min(map(datetime.fromisoformat, moments), default=None)


def _outcomes(name: str) -> int:
    """Return how many values dice or balls can give; 1 for a commit–reveal, which never counts alone."""
    dice, balls = _GRAMMAR["dice"].fullmatch(name), _GRAMMAR["balls"].fullmatch(name)
    if dice:
        return math.prod([int(dice[2])] * int(dice[1]))
    return math.perm(int(balls[2]), int(balls[1])) if balls else 1


def _drand_fault(announced: Mapping[str, Any], value: str, proof: Any) -> str | None:
    network = announced["source"].split(":")[1]
    keys = {"signature", "previous"} if beacon.NETWORKS[network].chained else {"signature"}
    if not isinstance(proof, Mapping) or set(proof) != keys:
        return f"its proof does not hold {' and '.join(sorted(keys))} alone"
    if not all(beacon.signature_spelling(network, one) for one in proof.values()):
        return "its signature is not spelled like one"
    expected = beacon.randomness(proof["signature"])
    return None if value == expected else f"the value is {value}, but should be {expected}"


def _typed_fault(value: str, proof: Any) -> str | None:
    difference = _TYPED(proof, "its proof")
    if difference is not None:
        return difference
    typed = proof["typed"]
    if len(typed) != 2 or typed[0]["by"] == typed[1]["by"]:  # noqa: PLR2004  # four eyes
        return "it was not typed in by two persons"
    same = all(one["value"] == value for one in typed)
    return None if same else "the two persons did not type the same value"


def _numbers(value: str) -> list[int] | None:
    fits = re.fullmatch("(?:0|[1-9][0-9]{0,3})(?:-(?:0|[1-9][0-9]{0,3}))*", value)
    return [int(one) for one in value.split("-")] if fits else None


def _dice_fault(announced: Mapping[str, Any], value: str, proof: Any) -> str | None:
    named = _GRAMMAR["dice"].fullmatch(announced["source"])
    count, sides = (int(named[1]), int(named[2])) if named else (0, 0)
    low, high = (0, 9) if sides == 10 else (1, sides)  # noqa: PLR2004  # ten-sided dice are printed 0 to 9
    throws = _numbers(value)
    if throws is None or len(throws) != count or not all(low <= one <= high for one in throws):
        return f"the value is not {count} throws from {low} to {high}, written like 3-5-2"
    return _typed_fault(value, proof)


def _balls_fault(announced: Mapping[str, Any], value: str, proof: Any) -> str | None:
    named = _GRAMMAR["balls"].fullmatch(announced["source"])
    count, highest = (int(named[1]), int(named[2])) if named else (0, 0)
    balls = _numbers(value)
    fits = balls is not None and len(balls) == count == len(set(balls))
    if not fits or not all(1 <= one <= highest for one in balls or ()):
        return f"the value is not {count} different numbers from 1 to {highest}, written like 17-3-44"
    return _typed_fault(value, proof)


def _reveal_fault(announced: Mapping[str, Any], value: str, proof: Any) -> str | None:
    difference = _REVEALS(proof, "its proof")
    if difference is not None:
        return difference
    parties, reveals = announced["parties"], proof["reveals"]
    if [one["party"] for one in parties] != [one["party"] for one in reveals]:
        return "the reveals are not those of the announced parties, in their order"
    for party, one in zip(parties, reveals, strict=True):
        if one["secret"] is None:
            continue
        bound = reveal_commitment(announced["source"], party["party"], bytes.fromhex(one["secret"]))
        if bound != party["commitment"]:
            return f"the secret of {party['party']} is not the one it was bound to"
    expected = revealed(reveals)
    return None if value == expected else f"the value is {value}, but should be {expected}"


def _public_fault(_announced: Mapping[str, Any], value: str, proof: Any) -> str | None:
    if proof is not None:
        return "a value that is published or given as a text brings no proof"
    fits = _PUBLIC_VALUE.fullmatch(value)
    return None if fits else "the value is not a text of at most 300 characters in one line"


_VALUE_FAULTS = {
    "drand": _drand_fault,
    "dice": _dice_fault,
    "balls": _balls_fault,
    "reveal": _reveal_fault,
    "public": _public_fault,
    "text": _public_fault,
}
