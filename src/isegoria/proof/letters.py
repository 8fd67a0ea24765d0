"""The record of the first draw, from the register to the letters: everything public, nobody named.

The register itself can never be published. So the record fixes the extract by the hash of its file, says how
many persons of each stratum were eligible and how many letters they got, and names the key of the last
letter drawn. Who holds the extract — a notary, the register office — repeats the draw and must find the same
cut-off; everybody else checks that seed, design and numbers belong together.
Formats `isegoria-letter-draw/2` and `/3`, in words: `docs/draw-record.md`.

Numbers of a register can be guessed, so the persons are ordered under pseudonyms keyed with a secret, and the record
fixes all eligible ones by the root of a tree over salted leaves. Pseudonyms and salts follow from the secret: once it is
destroyed on the erasure date, neither a leaf nor a cut-off says anything about anybody, and the root still stands.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from functools import lru_cache
from typing import Any, Literal

from isegoria.errors import BadInput
from isegoria.proof import merkle
from isegoria.proof.canonical import canonical, digest, instant
from isegoria.proof.record import (
    RuleBook,
    check_randomness,
    check_sources,
    fraction_text,
    random_document,
    rulebook_document,
    sources_document,
)
from isegoria.proof.sources import RandomValue, Source
from isegoria.seeding import Stream, length_prefixed

COMMITMENT_FORMAT = "isegoria-letter-commitment/2"
RECORD_FORMAT = "isegoria-letter-draw/2"
RECEIPT_FORMAT = "isegoria-letter-receipt/1"
METHOD = "isegoria-letters/2"
"""The version of the method: how keys are made and letters shared out. Another method has another name."""
PLACES_COMMITMENT_FORMAT = "isegoria-letter-commitment/3"
PLACES_RECORD_FORMAT = "isegoria-letter-draw/3"
PLACES_METHOD = "isegoria-letters/3"
"""Of draws by groups whose walk meets more persons than get a letter at once, so that further waves can go on."""
RECORD_OF = {COMMITMENT_FORMAT: RECORD_FORMAT, PLACES_COMMITMENT_FORMAT: PLACES_RECORD_FORMAT}
"""The format of a record by the format of its commitment."""
COMMITMENT_OF = {record: commitment for commitment, record in RECORD_OF.items()}
"""The format of a commitment by the format of its record."""
SEED_TAG = b"isegoria-letters/2\0"
PSEUDONYM_TAG = b"isegoria-pseudonym/1\0"
GROUP_TAG = b"isegoria-group/1\0"
SALT_TAG = b"isegoria-letter-salt/1\0"
PERSONS, WAVES = "letters", "letters:waves"
KEY_DIGITS = 64
PREFIX_DIGITS = 32
SECRET_BYTES = 32

Names = Literal["pseudonym", "number"]
Allocation = Literal["proportional", "chosen"]


@dataclass(frozen=True, slots=True)
class LetterDesign:
    """How the letters are drawn, so that anybody who holds the extract can do it again.

    Attributes
    ----------
    names
        What the keys are made of: the keyed `pseudonym` of a person, or the `number` itself as it stands in the register.
    stratified_by
        The column whose values are the strata; None if there is one stratum.
    allocation
        `proportional`: every wave is shared out over the strata by largest remainders. `chosen`: the numbers were set.
    groups
        Columns of nested groups, from the outermost (`address`) to the innermost (`household`). The innermost get at
        most one letter each, the outer ones their exact share rounded down or up. Empty where everybody is drawn for
        herself.
    """

    names: Names = "pseudonym"
    stratified_by: str | None = None
    allocation: Allocation = "proportional"
    groups: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class LetterSpecification:
    """What is published about the draw of the letters.

    Attributes
    ----------
    institution, body, cycle
        Whose draw it is, in words.
    eligibility
        Who may be invited, in one sentence.
    design
        How the letters are drawn.
    software
        Method and version: `isegoria 0.1.0`.
    rulebook
        The rule book in force.
    sources
        The random sources in the order in which the seed takes them; at least one.
    """

    institution: str
    body: str
    cycle: str
    eligibility: str
    design: LetterDesign
    software: str
    rulebook: RuleBook
    sources: Sequence[Source]


@dataclass(frozen=True, slots=True)
class Stratum:
    """A part of the register with its own number of letters.

    Attributes
    ----------
    name
        Its name.
    eligible
        How many persons could be drawn.
    letters
        How many letters there are for it in all waves together.
    waves
        Letters of each wave, in their order; empty stands for one wave with all of them.
    places
        Of a draw by groups: how many persons the walk meets, the letters and all that further waves may still have.
        None where the walk meets as many as there are letters, and nothing can follow.
    """

    name: str
    eligible: int
    letters: int
    waves: tuple[int, ...] = ()
    places: int | None = None


@dataclass(frozen=True, slots=True)
class LetterEntry:
    """One eligible person of the register, as the tree holds her.

    Attributes
    ----------
    pseudonym
        Keyed, 64 hexadecimal digits.
    stratum
        Its name.
    salt
        16 bytes that follow from the secret.
    """

    pseudonym: str
    stratum: str
    salt: bytes

    @property
    def leaf(self) -> bytes:
        """The 32-byte leaf that fixes pseudonym and stratum."""
        return merkle.leaf_of(self.salt, _written_entry(self.pseudonym, self.stratum))


def _written_entry(pseudonym: str, stratum: str) -> bytes:
    """Return `canonical({"pseudonym": …, "stratum": …})`; the part that all of a stratum share is written once."""
    if not (pseudonym.isascii() and pseudonym.isalnum()):
        return canonical({"pseudonym": pseudonym, "stratum": stratum})
    before, after = _around_pseudonym(stratum)
    return before + pseudonym.encode() + after


@lru_cache(maxsize=4096)
def _around_pseudonym(stratum: str) -> tuple[bytes, bytes]:
    before, quotes, after = canonical({"pseudonym": "", "stratum": stratum}).partition(b'""')
    return before + quotes[:1], quotes[1:] + after


def pseudonym(secret: bytes, identifier: str) -> str:
    """Return the keyed pseudonym of a number of the register: `HMAC-SHA-256(secret, tag ‖ id)`, hexadecimal.

    Raises
    ------
    BadInput
        `letters_secret_wrong`, if the secret has not 32 bytes.
    """
    return _keyed(secret, PSEUDONYM_TAG, identifier).hex()


def letter_entry(secret: bytes, identifier: str, stratum: str) -> LetterEntry:
    """Return the entry of an eligible person; whoever holds extract and secret can make it again."""
    salt = _keyed(secret, SALT_TAG, identifier)[: merkle.SALT_BYTES]
    return LetterEntry(pseudonym(secret, identifier), stratum, salt)


def letter_receipt(entry: LetterEntry, leaves: Iterable[bytes]) -> dict[str, Any]:
    """Return what one resident gets, invited or not: pseudonym, stratum, salt and the path to the published root.

    Raises
    ------
    BadInput
        `leaf_unknown`, if she is not among the eligible.
    """
    (made,) = letter_receipts([entry], leaves)
    return made


def letter_receipts(entries: Sequence[LetterEntry], leaves: Iterable[bytes]) -> list[dict[str, Any]]:
    """Return the receipts of several residents, in their order; as `letter_receipt`, but the tree is built once.

    Raises
    ------
    BadInput
        `leaf_unknown`, if one is not among the eligible.
    """
    found = merkle.paths(leaves, [entry.leaf for entry in entries])
    return [
        {
            "format": RECEIPT_FORMAT,
            "pseudonym": entry.pseudonym,
            "stratum": entry.stratum,
            "salt": entry.salt.hex(),
            "path": [{"side": side, "hash": neighbour.hex()} for side, neighbour in steps],
        }
        for entry, steps in zip(entries, found, strict=True)
    ]


def group_pseudonym(secret: bytes, column: str, value: str) -> str:
    """Return the keyed pseudonym of a household or an address: `HMAC-SHA-256(secret, tag ‖ column ‖ 0x00 ‖ value)`."""
    return _keyed(secret, GROUP_TAG + column.encode() + b"\0", value).hex()


@lru_cache(maxsize=256)
def key_prefix(seed: bytes, label: str = PERSONS) -> str:
    """Return what stands before every name when its key is made: 32 hexadecimal digits that follow from the seed.

    As text, so that every table engine puts it before a column; 128 bits, so that the name of a register still
    fits into one block of SHA-256.
    """
    return hashlib.sha256(seed + length_prefixed(label.encode())).hexdigest()[:PREFIX_DIGITS]


def letter_key(seed: bytes, name: str, label: str = PERSONS) -> str:
    """Return the key that orders a name: `SHA-256(prefix ‖ name)` as 64 hexadecimal digits.

    Parameters
    ----------
    seed
        32 bytes, public.
    name
        A person's pseudonym, or her number where the design orders numbers.
    label
        What is ordered: `letters` persons, `letters:in:COLUMN` groups, `letters:waves` the drawn over the waves.
    """
    return hashlib.sha256((key_prefix(seed, label) + name).encode()).hexdigest()


def group_label(column: str) -> str:
    """Return the label under which the groups of a column are ordered."""
    return f"{PERSONS}:in:{column}"


def systematic_start(seed: bytes, stratum: str, eligible: int) -> int:
    """Return where the walk along a stratum starts: a whole number of 1/letters steps in [0, eligible)."""
    return Stream(seed, f"{PERSONS}:start:{stratum}").below(eligible)


def proportional(sizes: Mapping[str, int], count: int) -> dict[str, int]:
    """Return how many letters each stratum gets: its exact share, rounded by largest remainders.

    Every stratum gets its share rounded down or up; equal remainders go to the name that comes first (by code points).
    """
    total = sum(sizes.values())
    if not total:
        return dict.fromkeys(sizes, 0)
    letters = {name: count * size // total for name, size in sizes.items()}
    order = sorted(sizes, key=lambda name: (-(count * sizes[name] % total), name))
    for name in order[: count - sum(letters.values())]:
        letters[name] += 1
    return letters


def _keyed(secret: bytes, tag: bytes, identifier: str) -> bytes:
    if len(secret) != SECRET_BYTES:
        raise BadInput("letters_secret_wrong", length=len(secret))
    return hmac.digest(secret, tag + identifier.encode(), "sha256")


def letter_commitment(
    specification: LetterSpecification,
    *,
    extract_sha256: str,
    extract_rows: int,
    strata: Sequence[Stratum],
    committed_at: datetime,
    root: bytes | None = None,
) -> dict[str, Any]:
    """Return the document to publish before the randomness of the letters exists.

    Parameters
    ----------
    specification
        What is published about the draw.
    extract_sha256
        SHA-256 of the file of the register extract.
    extract_rows
        Its number of rows.
    strata
        In the published order; their counts only, no cell so small that it shows a person.
    committed_at
        Time of publication, before the moment of every source.
    root
        The root over the leaves of all eligible persons (`merkle.root`); None where the numbers of the register order
        them, and nobody can check the own place.

    Raises
    ------
    BadInput
        `letters_too_many`, naming the stratum; `letters_waves_wrong`; `letters_places_wrong`; `committed_too_late`;
        `seed_empty`; `source_wrong`; `not_canonical`.
    """
    _check(specification, strata, committed_at)
    with_places = any(one.places is not None for one in strata)
    spec = _specification_document(specification, PLACES_METHOD if with_places else METHOD)
    register = {
        "extract_sha256": extract_sha256,
        "rows": extract_rows,
        "root": None if root is None else root.hex(),
        "strata": [_stratum_document(one) for one in strata],
    }
    document = {
        "format": PLACES_COMMITMENT_FORMAT if with_places else COMMITMENT_FORMAT,
        "specification": spec,
        "register": register,
        "commitments": {"specification": digest(spec), "register": digest(register)},
        "committed_at": instant(committed_at),
    }
    return document | {"hash": digest(document)}


def letter_seed(commitments: Mapping[str, str], values: Iterable[tuple[str, str]]) -> bytes:
    """Return the 32-byte seed of the letters.

    `SHA-256(tag ‖ specification ‖ register ‖ lp(id 1) ‖ lp(value 1) ‖ …)` with the tag
    `isegoria-letters/2` and a zero byte.

    Parameters
    ----------
    commitments
        Hexadecimal SHA-256 of `specification` and `register`.
    values
        Pairs of source and value in the announced order.

    Raises
    ------
    BadInput
        `seed_empty` without any source.
    """
    pairs = list(values)
    if not pairs:
        raise BadInput("seed_empty")
    state = hashlib.sha256(SEED_TAG)
    state.update(bytes.fromhex(commitments["specification"]) + bytes.fromhex(commitments["register"]))
    for identifier, value in pairs:
        state.update(length_prefixed(identifier.encode()) + length_prefixed(value.encode()))
    return state.digest()


def letter_record(
    committed: Mapping[str, Any],
    randomness: Sequence[RandomValue],
    cut_offs: Mapping[str, Sequence[str | None]],
) -> dict[str, Any]:
    """Return the record of the letters: the commitment, the random values, the seed and what follows from it.

    Parameters
    ----------
    committed
        What `letter_commitment` returned.
    randomness
        One value per announced source, in the announced order.
    cut_offs
        Name of each stratum to one cut-off a wave: the number of 64 hexadecimal digits below which keys have got a
        letter once that wave is out; None where none has. In draws by groups with places it is the order of the waves
        that they divide, among those whom the walk meets. Other draws by groups have none: pass an empty sequence.

    Raises
    ------
    BadInput
        `randomness_not_as_announced`, `randomness_too_early`, `letters_cut_offs_wrong`.
    """
    check_randomness(committed["specification"]["randomness"], randomness)
    strata, in_groups = (
        committed["register"]["strata"],
        bool(committed["specification"]["design"]["groups"]),
    )
    without_cut_offs = in_groups and committed["format"] == COMMITMENT_FORMAT
    if {one["stratum"] for one in strata} != set(cut_offs):
        raise BadInput("letters_cut_offs_wrong")
    the_seed = letter_seed(committed["commitments"], [(one.source, one.value) for one in randomness])
    result = {
        "letters": sum(one["letters"] for one in strata),
        "strata": [
            {
                "stratum": one["stratum"],
                "cut_offs": None if without_cut_offs else list(cut_offs[one["stratum"]]),
                "start": start_of(the_seed, one) if in_groups else None,
            }
            for one in strata
        ],
    }
    document = {key: value for key, value in committed.items() if key != "hash"} | {
        "format": RECORD_OF[committed["format"]],
        "commitment": committed["hash"],
        "randomness": [random_document(one) for one in randomness],
        "seed": the_seed.hex(),
        "result": result,
    }
    return document | {"hash": digest(document)}


def start_of(seed: bytes, stratum: Mapping[str, Any]) -> int | None:
    """Return where the walk along a stratum of a draw by groups starts; None where it meets nobody."""
    if not stratum.get("places", stratum["letters"]):
        return None
    return systematic_start(seed, stratum["stratum"], stratum["eligible"])


def _check(specification: LetterSpecification, strata: Sequence[Stratum], committed_at: datetime) -> None:
    check_sources(specification.sources, committed_at)
    if len({one.name for one in strata}) != len(strata):
        raise BadInput("letters_cut_offs_wrong")
    for one in strata:
        if not 0 <= one.letters <= one.eligible:
            raise BadInput("letters_too_many", stratum=one.name, letters=one.letters, eligible=one.eligible)
        if one.waves and (sum(one.waves) != one.letters or len(one.waves) != len(strata[0].waves)):
            raise BadInput("letters_waves_wrong", stratum=one.name, letters=one.letters)
    if any(one.places is not None for one in strata):
        for one in strata:
            fits = one.places is not None and one.letters <= one.places <= one.eligible
            if not fits or not specification.design.groups:
                raise BadInput("letters_places_wrong", stratum=one.name, letters=one.letters)


def _stratum_document(stratum: Stratum) -> dict[str, Any]:
    chance = Fraction(stratum.letters, stratum.eligible) if stratum.eligible else Fraction(0)
    return {
        "stratum": stratum.name,
        "eligible": stratum.eligible,
        "letters": stratum.letters,
        "waves": list(stratum.waves or (stratum.letters,)),
        "chance": fraction_text(chance),
        **({} if stratum.places is None else {"places": stratum.places}),
    }


def _specification_document(specification: LetterSpecification, method: str) -> dict[str, Any]:
    return {
        "institution": specification.institution,
        "body": specification.body,
        "cycle": specification.cycle,
        "eligibility": specification.eligibility,
        "design": _design_document(specification.design, method),
        "software": specification.software,
        "rulebook": rulebook_document(specification.rulebook),
        "randomness": sources_document(specification.sources),
    }


def _design_document(design: LetterDesign, method: str) -> dict[str, Any]:
    return {
        "method": method,
        "names": design.names,
        "stratified_by": design.stratified_by,
        "allocation": design.allocation,
        "groups": list(design.groups),
    }
