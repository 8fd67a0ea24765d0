"""Records of the draw of the letters for tests: honest ones of every design, and ways to bend them."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from isegoria.errors import BadInput
from isegoria.proof import (
    LetterDesign,
    LetterEntry,
    LetterSpecification,
    RuleBook,
    Stratum,
    Wave,
    canonical,
    continue_letters,
    digest,
    dump,
    letter_commitment,
    letter_entry,
    letter_record,
    letters,
    merkle,
)
from tests.support.transcripts import NOON, Choice, Choices, Drawn, announced, bent, paths

SECRET = bytes(range(32))
PLACES = ["Eupen", "Raeren", "Éghezée", "東", "🎲", "\uffee"]
"""Names on which an order by code points and one by UTF-16 units differ."""


def people_of(choice: Choices, strata: int) -> dict[str, list[LetterEntry]]:
    """Return the eligible people of some places; one may have nobody."""
    return {
        place: [letter_entry(SECRET, f"{place}/{number}", place) for number in range(choice.below(9))]
        for place in PLACES[:strata]
    }


def waves_of(choice: Choices, sizes: dict[str, int], allocation: str) -> dict[str, list[int]]:
    """Return the letters of each wave for each place."""
    waves = 1 + choice.below(3)
    left, found = dict(sizes), {place: list[int]() for place in sizes}
    for _wave in range(waves):
        if allocation == "proportional":
            fits = [n for n in range(6) if _fits(letters.proportional(sizes, n), left)]
            shares = letters.proportional(sizes, choice.of(fits))
        else:
            shares = {place: choice.below(left[place] + 1) for place in sizes}
        for place, letters_ in shares.items():
            found[place].append(letters_)
            left[place] -= letters_
    return found


def _fits(shares: dict[str, int], left: dict[str, int]) -> bool:
    return all(shares[place] <= left[place] for place in shares)


def made_honestly(choice: Choices) -> dict[str, Any]:
    """Return a record of the letters, or a commitment, in which every step holds."""
    stratified = choice.below(3) > 0
    people = people_of(choice, 1 + choice.below(len(PLACES)) if stratified else 1)
    design = LetterDesign(
        stratified_by="municipality_name" if stratified else None,
        allocation=choice.of(["proportional", "chosen"]),
        groups=choice.of([(), (), ("household",), ("address", "household")]),
    )
    sizes = {place: len(found) for place, found in people.items()}
    waves = waves_of(choice, sizes, design.allocation)
    return drawn_of(choice, people, waves, design, commitments=True)


def drawn_of(
    choice: Choices,
    people: dict[str, list[LetterEntry]],
    waves: dict[str, list[int]],
    design: LetterDesign,
    *,
    commitments: bool = False,
) -> dict[str, Any]:
    """Return the record of a draw with these waves; one time in ten, if they may come too, its commitment."""
    sizes = {place: len(found) for place, found in people.items()}
    places = places_of(choice, sizes, waves) if design.groups and choice.below(3) else None
    return published(choice, people, waves, design, places, commitments=commitments)


def places_of(choice: Choices, sizes: dict[str, int], waves: dict[str, list[int]]) -> dict[str, int]:
    """Return how many persons of each place a walk meets: its letters, and some for waves that come later."""
    return {
        place: sum(waves[place]) + choice.below(size - sum(waves[place]) + 1)
        for place, size in sizes.items()
    }


def published(
    choice: Choices,
    people: dict[str, list[LetterEntry]],
    waves: dict[str, list[int]],
    design: LetterDesign,
    places: dict[str, int] | None,
    *,
    commitments: bool = False,
) -> dict[str, Any]:
    """Return the record of a draw as `drawn_of`, with places for further waves or without."""
    sizes = {place: len(found) for place, found in people.items()}
    everybody = [one for found in people.values() for one in found]
    sources, values = announced(choice)
    made = letter_commitment(
        LetterSpecification(
            "Eupen", choice.of(["Bürgerrat", "東 🎲"]), "2027/1", "residents", design, "isegoria",
            RuleBook("example", "1", "0" * 64), sources,
        ),
        extract_sha256="ab" * 32,
        extract_rows=len(everybody) + choice.below(3),
        strata=[
            Stratum(place, sizes[place], sum(waves[place]), tuple(waves[place]), places and places[place])
            for place in people
        ],
        committed_at=min(one.moment or NOON for one in sources) - timedelta(days=1),
        root=merkle.root([one.leaf for one in everybody]) if everybody else None,
    )  # fmt: skip
    if commitments and choice.below(10) == 0:
        return made
    seed = letters.letter_seed(made["commitments"], [(one.source, one.value) for one in values])
    cut_offs = {
        place: cut_offs_of(seed, people[place], waves[place], places and places[place]) for place in people
    }
    return letter_record(made, values, cut_offs)


def made_with_waves(choice: Choices) -> dict[str, Any]:
    """Return a record of the letters with further waves behind it, in which every step holds."""
    stratified = choice.below(3) > 0
    people = people_of(choice, 1 + choice.below(len(PLACES)) if stratified else 1)
    sizes = {place: len(found) for place, found in people.items()}
    allocation = choice.of(["proportional", "chosen"])
    waves = waves_of(choice, sizes, allocation)
    groups = choice.of([(), ("household",), ("address",)])
    places = places_of(choice, sizes, waves) if groups else None
    most = places or sizes
    design = LetterDesign(
        stratified_by="municipality_name" if stratified else None, allocation=allocation, groups=groups
    )
    document = published(choice, people, waves, design, places)
    seed, moment = bytes.fromhex(document["seed"]), NOON + timedelta(days=60)
    for number in range(1 + choice.below(2)):
        left = {place: most[place] - sum(waves[place]) for place in sizes}
        if allocation == "proportional":
            fits = [n for n in range(1, 6) if _fits(letters.proportional(sizes, n), left)]
            shares = letters.proportional(sizes, choice.of(fits)) if fits and sum(sizes.values()) else {}
        else:
            shares = {place: choice.below(left[place] + 1) for place in sizes}
        if not sum(shares.values()):
            break
        waves = {place: [*waves[place], shares[place]] for place in sizes}
        document = continue_letters(
            document,
            Wave(
                reason={"en": choice.of(["Too few answered", "東 🎲"])},
                reply_by=(moment + timedelta(days=20)).date(),
                drawn_at=moment + timedelta(days=number * choice.below(3)),
                letters=shares,
                cut_offs={
                    place: cut_offs_of(seed, people[place], waves[place], places and places[place])[-1]
                    for place in sizes
                },
            ),
        )
    return document


def cut_offs_of(
    seed: bytes, people: list[LetterEntry], waves: list[int], places: int | None
) -> list[str | None]:
    """Return for each wave a number between the last key drawn and the next, 64 digits f where there is none.

    With places as if a walk had met the first ones of the list, which no verifier can know.
    """
    label = letters.PERSONS if places is None else letters.WAVES
    keys = sorted(letters.letter_key(seed, one.pseudonym, label) for one in people[:places])
    drawn, found = 0, list[str | None]()
    for count in waves:
        drawn += count
        if not drawn:
            found.append(None)
        elif drawn == len(keys):
            found.append("f" * 64)
        else:
            found.append(f"{int(keys[drawn - 1], 16) + 1:064x}")
    return found


def forged(document: dict[str, Any]) -> dict[str, Any]:
    """Do what a careful forger does: make all hashes fit again."""
    if document.get("format") == "isegoria-letter-waves/1":
        return forged_waves(document)
    for part in document["commitments"]:
        document["commitments"][part] = digest(document[part])
    promised = {
        part: document[part] for part in ("specification", "register", "commitments", "committed_at")
    }
    if "commitment" in document:
        form = letters.COMMITMENT_OF.get(document["format"], letters.COMMITMENT_FORMAT)
        document["commitment"] = digest(promised | {"format": form})
    rest = {key: value for key, value in document.items() if key != "hash"}
    return rest | {"hash": digest(rest)}


def forged_waves(document: dict[str, Any]) -> dict[str, Any]:
    """Make the hashes of the record inside fit, and the chain of the waves behind it."""
    record = forged(document["record"])
    previous, waves = record["hash"], []
    for wave in document["waves"]:
        rest = {key: value for key, value in wave.items() if key != "hash"} | {"previous": previous}
        waves.append(rest | {"hash": digest(rest)})
        previous = waves[-1]["hash"]
    whole = {"format": document["format"], "record": record, "waves": waves}
    return whole | {"hash": digest(whole)}


def near(value: Any, choice: Choices) -> Any:
    """Return another value of the same shape: a number beside it, another digit, a list without one or in another order."""
    if isinstance(value, int):
        return max(0, value + choice.of([-1, 1, 2]))
    if isinstance(value, str) and value[-1:].isdigit():
        return value[:-1] + str((int(value[-1]) + 1 + choice.below(9)) % 10)
    if isinstance(value, str) and value:
        return choice.of(["pseudonym", "number", "proportional", "chosen", *PLACES, value[:-1] + "0"])
    if isinstance(value, list) and value:
        return choice.of([value[::-1], value[1:], [*value, value[0]]])
    if value is None:
        return choice.of([0, "f" * 64, "municipality_name", ["f" * 64]])
    return value


def bent_record(choice: Choices, document: dict[str, Any]) -> bytes:
    """Return the bytes of a record that somebody bent: a byte, a value, or a value with all hashes made to fit."""
    document = copy.deepcopy(document)
    way = choice.below(4)
    if way == 0:
        written = bytearray(dump(document))
        written[choice.below(len(written))] = choice.below(256)
        return bytes(written)
    changed = near if choice.below(2) else bent
    *parents, last = choice.of(list(paths(document)))
    inside = document
    for key in parents:
        inside = inside[key]
    inside[last] = changed(inside[last], choice)
    if way > 1:
        with suppress(BadInput, KeyError, TypeError, AttributeError, ValueError):
            document = forged(document)
    try:
        return canonical(document) + b"\n"
    except BadInput:
        written_ = json.dumps(document, ensure_ascii=False, separators=(",", ":"))
        return written_.encode("utf-8", "replace") + b"\n"


@st.composite
def valid_letters(draw: Callable[[SearchStrategy[Any]], Any]) -> bytes:
    """Files of records and commitments of the letters in which every step holds."""
    choice = Drawn(draw)
    return dump(made_with_waves(choice) if choice.below(3) == 0 else made_honestly(choice))


@st.composite
def bent_letters(draw: Callable[[SearchStrategy[Any]], Any]) -> bytes:
    """Files that are almost such records."""
    choice = Drawn(draw)
    return bent_record(choice, made_with_waves(choice) if choice.below(3) == 0 else made_honestly(choice))


def honest(number: int) -> dict[str, Any]:
    """Return a record in which every step holds; it follows from a number."""
    return made_honestly(Choice(number, "letters"))


def with_waves(number: int) -> dict[str, Any]:
    """Return a record with further waves, where its people sufficed for one; it follows from a number."""
    return made_with_waves(Choice(number, "waves"))
