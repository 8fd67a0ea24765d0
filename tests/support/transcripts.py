"""Draw records for tests: honest ones of every kind, and ways to corrupt them.

Every choice is asked of a `Choices`: of Hypothesis, which looks for a counterexample and makes it small, or of a
stream that follows from a number.
"""

from __future__ import annotations

import copy
import hashlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any, Protocol

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from isegoria import lottery, pool
from isegoria.errors import BadInput
from isegoria.proof import (
    CommittedLottery,
    Completed,
    Entry,
    Party,
    Quota,
    RandomValue,
    RuleBook,
    Source,
    Specification,
    Vacant,
    balls_source,
    beacon_value,
    canonical,
    commit_vacant,
    commitment,
    dice_source,
    digest,
    dump,
    quicknet_source,
    record,
    record_vacant,
    reveal_commitment,
    reveal_source,
    revealed_value,
    text_source,
    typed_value,
)
from isegoria.proof.certificate import EARLIER
from isegoria.proof.record import first_codes
from isegoria.seeding import Stream
from tests.support.records import rehashed

NOON = datetime(2027, 3, 1, 12, tzinfo=UTC)
KEY = bytes(range(32))
ANNUL = "The draw is annulled in public and announced again: é, 東, 🎲."
ROUND = 657_413
ROUND_AT = datetime.fromtimestamp(1_692_803_367 + 3 * (ROUND - 1), UTC)
SIGNATURE = (
    "b713718a38ae728dfd477991af2822e08d2f305e47718cef9f7848ce4050e7be41076862b98fad56e91a6b85b89cd97b"
)
QUOTAS = [("age", "young", 1, 3), ("age", "old", 1, 3), ("sex", "f", 1, 3), ("sex", "m", 1, 3)]
SIZE = 4
RULES = ("leximin", "nash", "goldilocks", "cumulative")


class Choices(Protocol):
    """Whoever decides what a record looks like."""

    def below(self, bound: int) -> int:
        """Choose a number from 0 up to the bound, not included."""
        ...

    def of(self, values: Sequence[Any]) -> Any:
        """Choose one of several."""
        ...


class Choice:
    """Choices that follow from a number, so that every failure can be repeated."""

    def __init__(self, number: int, label: str) -> None:
        self._stream = Stream(hashlib.sha256(number.to_bytes(8, "big")).digest(), label)

    def below(self, bound: int) -> int:
        return self._stream.below(bound)

    def of(self, values: Sequence[Any]) -> Any:
        return values[self.below(len(values))]


class Drawn:
    """Choices of Hypothesis."""

    def __init__(self, draw: Callable[[SearchStrategy[Any]], Any]) -> None:
        self._draw = draw

    def below(self, bound: int) -> int:
        return int(self._draw(st.integers(0, bound - 1)))

    def of(self, values: Sequence[Any]) -> Any:
        return self._draw(st.sampled_from(values))


def pool_of(number: int, rule: str = RULES[0]) -> list[Entry]:
    """Return 8 to 25 people, with earlier chances where the rule counts them; every pool can fill the quotas."""
    choice = Choice(number, "pool")
    kinds = [("young", "f"), ("old", "m"), ("young", "m"), ("old", "f")]
    chosen = kinds[:2] * 2 + [choice.of(kinds) for _ in range(4 + choice.below(18))]
    return [
        Entry(
            f"C{place:02}",
            {"age": age, "sex": sex}
            | ({EARLIER: choice.of(["0", "1/4", "2"])} if rule == "cumulative" else {}),
            hashlib.sha256(f"{number}/{place}".encode()).digest()[:16],
        )
        for place, (age, sex) in enumerate(chosen)
    ]


@cache
def solved(number: int, rule: str) -> CommittedLottery:
    """Return the fairest lottery over a pool, with its certificate."""
    entries = tuple(pool.Entry(one.code, dict(one.features)) for one in pool_of(number, rule))
    quotas = pool.Quotas(tuple(pool.Quota(*quota) for quota in QUOTAS))
    return lottery.committed(
        lottery.solve(pool.Pool(entries, *links_of(number)), quotas, SIZE, objective=rule)
    )


def links_of(number: int) -> tuple[tuple[tuple[str, ...], ...], tuple[tuple[str, ...], ...]]:
    """Return who is apart and who together in a town: nobody, homes, a chain, groups, or a group with a rival."""
    homes, chain = (("C00", "C01"), ("C02", "C03")), (("C04", "C05"), ("C05", "C06"))
    return (
        ((), ()),
        (homes, ()),
        (chain, ()),
        ((), (("C04", "C05"), ("C06", "C07"))),
        ((*homes, ("C04", "C06")), (("C04", "C05"),)),
    )[number % 5]


def first_of(number: int, rule: str, code: str) -> str | None:
    """Return what the seal of a person's type rests on beside the features, where the person is linked."""
    found = solved(number, rule)
    codes = zip(found.codes, first_codes(found), strict=True) if found.links else ()
    return next((first for of_type, first in codes if code in of_type), None)


def announced(choice: Choices) -> tuple[list[Source], list[RandomValue]]:
    """Return the sources of a draw and what they said: one of every family, alone or combined."""
    later = NOON + timedelta(hours=1)
    kind = choice.below(6)
    if kind == 5:
        name = text_source("seed")
        return [Source(name, None, ANNUL)], [RandomValue(name, f"{choice.below(10**6)} é", NOON)]
    if kind == 0:
        name = quicknet_source(ROUND_AT)
        return [Source(name, ROUND_AT, ANNUL)], [beacon_value(name, SIGNATURE, ROUND_AT)]
    if kind == 1:
        name = "public:lotto-2027-03-01"
        return [Source(name, NOON, ANNUL)], [RandomValue(name, f"{choice.below(10**6)} é", NOON, "gazette")]
    dice = dice_source(6, 10, f"hall-{choice.below(1000)}")
    throws = "-".join(str(choice.below(10)) for _ in range(6))
    thrown = typed_value(dice, ("chair", throws), ("clerk", throws), later, film="film 17", notary="notary")
    if kind == 2:
        return [Source(dice, later, ANNUL)], [thrown]
    if kind == 3:
        balls = balls_source(3, 99, "hall")
        fell = "-".join(map(str, [1 + choice.below(33), 34 + choice.below(33), 67 + choice.below(33)]))
        typed = typed_value(balls, ("chair", fell), ("clerk", fell), NOON, film="film 18")
        return [Source(balls, NOON, ANNUL), Source(dice, later, ANNUL)], [typed, thrown]
    name = reveal_source("council")
    secrets = {party: bytes([choice.below(256)]) * 32 for party in ("majority", "opposition")}
    parties = [Party(party, reveal_commitment(name, party, secret)) for party, secret in secrets.items()]
    source = Source(name, NOON, ANNUL, parties)
    told = {**secrets, "majority": None} if choice.below(2) else secrets
    return [source, Source(dice, later, ANNUL)], [revealed_value(source, told, NOON), thrown]


def town_of(choice: Choices) -> int:
    """Choose one of a dozen towns, each with a pool of its own: lotteries are slow to compute, so few are."""
    return choice.below(12)


def completed_by(choice: Choices, features: Mapping[str, str]) -> Completed:
    """Return a body in which up to three sit already, and which leaves the quotas of the draw to the vacant seats."""
    codes = [f"S{number}" for number in range(1 + choice.below(3))]
    quotas = [
        Quota(feature, value, least + there, most + there)
        for feature, value, least, most in QUOTAS
        for there in [len(codes) if features[feature] == value else 0]
    ]
    return Completed(SIZE + len(codes), quotas, [(features, codes)], choice.of([None, "0" * 64]))


@cache
def sealed_seats(number: int) -> tuple[Vacant, dict[str, Any]]:
    """Return a sealed draw for vacant seats, of which there are few because cells take their time, and its record."""
    choice, town = Choice(number, "seats"), 5 * (number % 2)  # towns in which nobody is linked
    people = pool_of(town)
    body = completed_by(choice, people[0].features)
    sources, values = announced(choice)
    specification = Specification(
        "Eupen", "東 🎲", f"2027/{number}", SIZE, [Quota(*quota) for quota in QUOTAS], choice.below(5), RULES[0],
        "isegoria", RuleBook("example", "1", "0" * 64), sources, "sealed", body,
    )  # fmt: skip
    before = min(one.moment or NOON for one in sources) - timedelta(days=1)
    origins = {one.code: f"E{one.code}" for one in people} if body.record else {}
    made = commit_vacant(specification, people, solved(town, RULES[0]), before, KEY, origins)
    return made, record_vacant(made.commitment, made.observers, values)


def made_honestly(choice: Choices, town: int) -> dict[str, Any]:
    """Return a record, or a commitment, in which every step holds."""
    if choice.below(6) == 0:
        made, drawn = sealed_seats(choice.below(6))
        return made.commitment if choice.below(10) == 0 else drawn
    rule, sealed = choice.of(RULES), choice.below(3) == 0
    sources, values = announced(choice)
    specification = Specification(
        "Eupen", choice.of(["Bürgerrat", "council", "東 🎲"]), f"2027/{choice.below(1000)}", SIZE,
        [Quota(*quota) for quota in QUOTAS], choice.below(5), rule, "isegoria",
        RuleBook("example", "1", "0" * 64), sources, "sealed" if sealed else "open",
        completed_by(choice, pool_of(town, rule)[0].features) if not sealed and choice.below(4) == 0 else None,
    )  # fmt: skip
    before = min(one.moment or NOON for one in sources) - timedelta(days=1, microseconds=choice.below(2))
    made = commitment(
        specification, pool_of(town, rule), solved(town, rule), before, KEY if sealed else None
    )
    return made if choice.below(10) == 0 else record(made, values)


@cache
def honest(number: int) -> dict[str, Any]:
    """Return a record in which every step holds."""
    choice = Choice(number, "honest")
    return made_honestly(choice, town_of(choice))


def forged(document: dict[str, Any]) -> dict[str, Any]:
    """Do what a careful forger does: make all hashes fit again, that of the certificate as well."""
    part = document["lottery"]
    if document["specification"]["disclosure"] == "open" and "certificate" in part:
        part["certificate_sha256"] = digest(part["certificate"])
    return rehashed(document)


def paths(value: Any, before: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Yield where something stands in a document."""
    if before:
        yield before
    children = (
        value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    )
    for key, child in children:
        yield from paths(child, (*before, key))


JUNK = [
    None, True, False, -1, 0, 1, 7, 2**53, 1.5, "", "x", "0" * 64, "e\u0301", "1/2", "2/4", [], [[]], {}, {"a": 1},
    "2027-03-01T24:00:00Z", "2027-02-29T00:00:00Z", "0000-01-01T00:00:00Z", "__proto__", {"__proto__": "x"}, "\u00a0",
]  # fmt: skip


def bent(value: Any, choice: Choices) -> Any:
    """Return another value in its place, often one that is almost right."""
    if isinstance(value, bool) or value is None or choice.below(4) == 0:
        return choice.of(JUNK)
    if isinstance(value, int):
        return value + choice.of([-1, 1, 2, -value - 1, 10**6])
    if isinstance(value, str) and value:
        place = choice.below(len(value))
        other = choice.of("0123456789abcdef -:Zé")
        return choice.of(
            [value[:place] + other + value[place + 1 :], value[:place], value + other, value.upper()]
        )
    if isinstance(value, list) and value:
        place = choice.below(len(value))
        return choice.of(
            [value[::-1], value[:place] + value[place + 1 :], value + value[place : place + 1], []]
        )
    if isinstance(value, dict) and value:
        key = choice.of(sorted(value))
        return choice.of([{name: one for name, one in value.items() if name != key}, value | {"more": 1}])
    return choice.of(JUNK)


def bent_record(choice: Choices, document: dict[str, Any]) -> bytes:
    """Return the bytes of a record that somebody bent: a byte, a value, or a value with all hashes made to fit."""
    document = copy.deepcopy(document)
    way = choice.below(4)
    if way == 0:
        written = bytearray(dump(document))
        written[choice.below(len(written))] = choice.below(256)
        return bytes(written)
    of_pool = choice.below(4) == 0  # most of a record is its pool, and most of that is alike
    places = [path for path in paths(document) if (path[0] == "pool") is of_pool]
    *parents, last = choice.of(places)
    inside = document
    for key in parents:
        inside = inside[key]
    inside[last] = bent(inside[last], choice)
    if way > 1:
        with suppress(BadInput, KeyError, TypeError, AttributeError, ValueError):
            document = forged(document)
    try:
        return canonical(document) + b"\n"
    except BadInput:
        return (
            json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")
            + b"\n"
        )


@st.composite
def valid_records(draw: Callable[[SearchStrategy[Any]], Any]) -> bytes:
    """Files of draw records and commitments in which every step holds."""
    choice = Drawn(draw)
    return dump(made_honestly(choice, town_of(choice)))


@st.composite
def bent_records(draw: Callable[[SearchStrategy[Any]], Any]) -> bytes:
    """Files that are almost such records."""
    choice = Drawn(draw)
    return bent_record(choice, made_honestly(choice, town_of(choice)))
