"""One letter a home from a register in parts that never meet, in two rounds, and together they are the draw of the whole.

A walk along all homes in the order of their keys meets every person with the same chance; where it falls depends on
how many people stand before, in all parts. So first every part delivers the keys of its homes with how many can be
drawn in each, and no name. Added up they give the line of the whole register, and the homes that the walk meets. Then
every part delivers the people of those homes, and nobody else.

Guarantee: merging any parts of a register, in any order, gives exactly the draw of the whole, also where the people of
one home stand in several parts; and no home gets two letters.
"""

from __future__ import annotations

import hashlib
import json
from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise
from typing import Any

from isegoria.errors import BadInput, Place
from isegoria.proof import shape
from isegoria.proof.letters import METHOD, LetterDesign, letter_key, systematic_start
from isegoria.register.at_scale import Frame, Queries
from isegoria.register.draw import (
    Drawn,
    LetterDraw,
    Letters,
    as_waves,
    design_of,
    in_order,
    in_waves,
    plan_letters,
    positions,
    refuse_large,
    walked,
)
from isegoria.register.engines import Engine
from isegoria.register.shards import letters_problem, refuse_others, repeated, require_name, strata_problem

HOMES_FORMAT = "isegoria-letter-homes/1"
WALK_FORMAT = "isegoria-letter-walk/1"
PEOPLE_FORMAT = "isegoria-letter-people/1"

Home = tuple[str, ...]
"""The keys of a home's groups from the outermost (an address) to the home itself, each of 64 hexadecimal digits."""


@dataclass(frozen=True)
class HomeShard:
    """What a part of a register delivers first: its homes, and how many people of each can be drawn.

    Attributes
    ----------
    part, seed, design, letters, sha256
        As in `Shard`; the design has groups.
    homes
        By stratum, home by home, how many can be drawn.
    """

    part: str
    seed: bytes
    design: LetterDesign
    letters: tuple[Letters, ...]
    homes: Mapping[str, Mapping[Home, int]]
    sha256: str


@dataclass(frozen=True)
class Met:
    """A home that the walk meets: the place of the one person among its people, from 0, and how many each part has there."""

    place: int
    people: Mapping[str, int]


@dataclass(frozen=True)
class HomeWalk:
    """Where the walk along the homes of all parts falls.

    Attributes
    ----------
    seed, design, letters
        Of the draw.
    parts
        The hash of each part's file, by its name; empty for a table.
    sizes
        How many can be drawn, by stratum.
    met
        By stratum the homes that get a letter.
    shared
        How many homes have people in several parts. Where the numbers of homes begin anew in each part, they are no homes.
    """

    seed: bytes
    design: LetterDesign
    letters: tuple[Letters, ...]
    parts: Mapping[str, str]
    sizes: Mapping[str, int]
    met: Mapping[str, Mapping[Home, Met]]
    shared: int

    @property
    def fingerprint(self) -> str:
        """The SHA-256 of the walk, by which the people of a part belong to it."""
        return hashlib.sha256(json.dumps(walk_document(self), sort_keys=True).encode()).hexdigest()


@dataclass(frozen=True)
class PeopleShard:
    """What a part of a register delivers second: its people in the homes that the walk meets.

    Attributes
    ----------
    part
        Whose part it is.
    walk
        The fingerprint of the walk.
    people
        By stratum, home by home, keys and names.
    sha256
        Of the part's file; empty for a table.
    """

    part: str
    walk: str
    people: Mapping[str, Mapping[Home, Sequence[tuple[str, str]]]]
    sha256: str


def home_shard(
    engine: Engine, seed: bytes, letters: Letters | Sequence[Letters], frame: Frame, part: str
) -> HomeShard:
    """Return the homes of a part of a register, for the draw of the whole.

    Parameters
    ----------
    engine, frame
        The part, which of its rows can be drawn, and the groups of which the innermost gets one letter at most.
    seed, letters
        Of the whole draw.
    part
        Its name.

    Raises
    ------
    BadInput
        `shard_no_groups`; `part_unnamed`, `name_twice`, `cells_empty`, `dates_wrong`.
    """
    if not frame.groups:
        raise BadInput("shard_no_groups")
    require_name(part)
    queries = Queries(engine, frame)
    queries.examine()
    sizes = queries.sizes()
    homes: dict[str, dict[Home, int]] = {stratum: {} for stratum in sizes}
    for stratum, home, count in queries.homes(seed):
        homes[stratum][home] = count
    return HomeShard(
        part=part, seed=seed, design=design_of(letters, frame.stratify_by, frame.groups, _names(frame)),
        letters=as_waves(letters), homes=homes, sha256=engine.sha256,
    )  # fmt: skip


def walk_homes(shards: Sequence[HomeShard]) -> HomeWalk:
    """Return which homes get a letter, out of the homes of all parts.

    Raises
    ------
    BadInput
        `shards_differ`, if two are not of the same draw or a part stands twice; `households_split`,
        `household_too_large`, and what `plan_letters` raises: as the draw of the whole register.
    """
    first = shards[0]
    refuse_others(shards)
    line: dict[str, dict[Home, Mapping[str, int]]] = defaultdict(dict)
    for one in shards:
        alone: dict[int, Mapping[str, int]] = {}  # one for all homes of a size: there are millions of them
        for stratum, homes in one.homes.items():
            if not homes:
                continue
            there = line[stratum]
            for home, count in homes.items():
                own = alone.setdefault(count, {one.part: count})
                there[home] = {**there[home], **own} if home in there else own
    _refuse_split(line, first.design)
    sizes = {
        stratum: sum(sum(parts.values()) for parts in homes.values())
        for stratum, homes in sorted(line.items())
    }
    plan = plan_letters(sizes, first.letters)
    return HomeWalk(
        seed=first.seed, design=first.design, letters=first.letters,
        parts={one.part: one.sha256 for one in sorted(shards, key=lambda one: one.part)}, sizes=sizes,
        met={
            stratum: dict(_met(first.seed, stratum, line[stratum], sum(waves)))
            for stratum, waves in plan.items()
        },
        shared=sum(len(parts) > 1 for homes in line.values() for parts in homes.values()),
    )  # fmt: skip


def people_shard(engine: Engine, walk: HomeWalk, frame: Frame, part: str) -> PeopleShard:
    """Return the people of a part in the homes that the walk meets.

    Parameters
    ----------
    engine, frame, part
        As for `home_shard`.
    walk
        What `walk_homes` returned.

    Raises
    ------
    BadInput
        `part_unknown`, if the walk has no part of this name; `shards_differ`, if the frame is of another draw;
        `register_changed`, if the part has not the people that it had at first.
    """
    _refuse_unknown(walk, part)
    design = design_of(walk.letters, frame.stratify_by, frame.groups, _names(frame))
    if design != walk.design:
        raise BadInput("shards_differ", part=part, other=", ".join(walk.parts))
    people: dict[str, dict[Home, list[tuple[str, str]]]] = {stratum: {} for stratum in walk.met}
    wanted = {
        (stratum, home)
        for stratum, homes in walk.met.items()
        for home, met in homes.items()
        if part in met.people
    }
    for stratum, home, key, name in Queries(engine, frame).people_of(walk.seed, sorted(wanted)):
        people[stratum].setdefault(home, []).append((key, name))
    for stratum, homes in people.items():
        for home, found in homes.items():
            found.sort()
            if len(found) != walk.met[stratum][home].people[part]:
                raise BadInput("register_changed")
    if sum(map(len, people.values())) != len(wanted):
        raise BadInput("register_changed")
    return PeopleShard(part, walk.fingerprint, people, engine.sha256)


def merge_homes(walk: HomeWalk, shards: Sequence[PeopleShard]) -> LetterDraw:
    """Return the draw of the whole register: of every home that the walk meets, the person on whom it falls.

    Returns
    -------
    LetterDraw
        Its rows hold `name` and `part`.

    Raises
    ------
    BadInput
        `part_unknown`, `part_missing`; `shards_differ`, if one belongs to another walk or a part stands twice;
        `shard_wrong`, if a key is not that of its name, or a part delivers other people than it has counted;
        `name_twice`.
    """
    fingerprint = walk.fingerprint
    given = Counter(one.part for one in shards)
    for part, count in given.items():
        _refuse_unknown(walk, part)
        if count > 1:
            raise BadInput("shards_differ", part=part, other=part)
    for part in walk.parts:
        if part not in given:
            raise BadInput("part_missing", part=part, parts=", ".join(walk.parts))
    for one in shards:
        if one.walk != fingerprint or one.sha256 != walk.parts[one.part]:
            raise BadInput("shards_differ", part=one.part, other=", ".join(walk.parts))
    plan = plan_letters(walk.sizes, walk.letters)
    figures, drawn = [], []
    rows: dict[str, dict[str, str]] = {}
    for stratum, size in walk.sizes.items():
        waves, chosen = plan[stratum], []
        for home, met in walk.met[stratum].items():
            line = _people(walk, shards, stratum, home)
            _key, name, part = line[met.place]
            if name in rows:
                raise BadInput("name_twice", count=1)
            rows[name] = {"name": name, "part": part}
            chosen.append(name)
        start = systematic_start(walk.seed, stratum, size) if sum(waves) else None
        figures.append(walked(stratum, size, walk.seed, waves, start, chosen))
        drawn += [
            Drawn(wave, letter_key(walk.seed, name), name, name, stratum)
            for wave, name in in_waves(chosen, walk.seed, waves)
        ]
    return in_order(drawn, rows, figures, walk.design, "")


# -- the parts of the verbs ------------------------------------------------------------------------------


def _names(frame: Frame) -> str:
    return frame.names if frame.secret is None else "pseudonym"


def _refuse_unknown(walk: HomeWalk, part: str) -> None:
    """Refuse a part that delivered no homes: a mistyped name would deliver nobody."""
    if part not in walk.parts:
        raise BadInput("part_unknown", part=part, parts=", ".join(walk.parts))


def _refuse_split(line: Mapping[str, Mapping[Home, Any]], design: LetterDesign) -> None:
    """Refuse a home that stands in several strata, or in several outer groups."""
    place: dict[str, tuple[str, Home]] = {}
    for stratum, homes in line.items():
        for home in homes:
            if place.setdefault(home[-1], (stratum, home)) != (stratum, home):
                raise BadInput("households_split", column=design.groups[-1])


def _met(
    seed: bytes, stratum: str, homes: Mapping[Home, Mapping[str, int]], letters: int
) -> Iterator[tuple[Home, Met]]:
    """Yield the homes that a walk along a stratum meets."""
    order = sorted(homes)
    counts = [sum(homes[home].values()) for home in order]
    passed = [0, *accumulate(counts)]
    refuse_large(max(counts), letters, passed[-1])
    if not letters:
        return
    for position in positions(systematic_start(seed, stratum, passed[-1]), letters, passed[-1]):
        number = bisect_right(passed, position) - 1
        yield order[number], Met(position - passed[number], dict(sorted(homes[order[number]].items())))


def _people(
    walk: HomeWalk, shards: Sequence[PeopleShard], stratum: str, home: Home
) -> list[tuple[str, str, str]]:
    """Return the people of a home in the order of their keys, each with her part, after a look whether they can be true."""
    line: list[tuple[str, str, str]] = []
    for one in shards:
        found = one.people.get(stratum, {}).get(home, ())
        right = all(key == letter_key(walk.seed, name) for key, name in found)
        if not right or len(found) != walk.met[stratum][home].people.get(one.part, 0):
            raise BadInput("shard_wrong", part=one.part)
        line += [(key, name, one.part) for key, name in found]
    line.sort()
    if any(before[:2] == after[:2] for before, after in pairwise(line)):
        raise BadInput("name_twice", count=1)
    return line


# -- as files --------------------------------------------------------------------------------------------

_DRAW = {
    "method": shape.exactly(METHOD),
    "seed": shape.sha256,
    "names": shape.matching("pseudonym|number", "pseudonym or number"),
    "stratified_by": shape.nullable(shape.text),
    "groups": shape.list_of(shape.text),
    "letters": shape.list_of(shape.anything),
}
_KEYS = shape.list_of(shape.sha256)
_HOMES = shape.record(
    {
        "format": shape.exactly(HOMES_FORMAT),
        **_DRAW,
        "part": shape.text,
        "extract_sha256": shape.nullable(shape.sha256),
        "strata": shape.list_of(
            shape.record(
                {
                    "stratum": shape.text,
                    "homes": shape.list_of(shape.record({"keys": _KEYS, "people": shape.natural})),
                }
            )
        ),
    }
)
_MET = shape.record({"keys": _KEYS, "place": shape.natural, "people": shape.mapping_of(shape.natural)})
_WALK = shape.record(
    {
        "format": shape.exactly(WALK_FORMAT),
        **_DRAW,
        "parts": shape.mapping_of(shape.nullable(shape.sha256)),
        "shared": shape.natural,
        "strata": shape.list_of(
            shape.record({"stratum": shape.text, "eligible": shape.natural, "met": shape.list_of(_MET)})
        ),
    }
)
_PEOPLE = shape.record(
    {
        "format": shape.exactly(PEOPLE_FORMAT),
        "part": shape.text,
        "walk": shape.sha256,
        "extract_sha256": shape.nullable(shape.sha256),
        "strata": shape.list_of(
            shape.record(
                {
                    "stratum": shape.text,
                    "homes": shape.list_of(
                        shape.record({"keys": _KEYS, "people": shape.list_of(shape.list_of(shape.text))})
                    ),
                }
            )
        ),
    }
)


def _draw_document(one: HomeShard | HomeWalk) -> dict[str, Any]:
    return {
        "method": METHOD,
        "seed": one.seed.hex(),
        "names": one.design.names,
        "stratified_by": one.design.stratified_by,
        "groups": list(one.design.groups),
        "letters": [dict(wave) if isinstance(wave, Mapping) else wave for wave in one.letters],
    }


def _draw_of(document: Any) -> dict[str, Any]:
    letters: list[Letters] = document["letters"]
    return {
        "seed": bytes.fromhex(document["seed"]),
        "design": design_of(
            letters, document["stratified_by"], tuple(document["groups"]), document["names"]
        ),
        "letters": tuple(letters),
    }


def _refuse(problem: str | None, file: str) -> None:
    if problem is not None:
        raise BadInput("shard_unreadable", Place(file), detail=problem)


def _keys_problem(document: Any) -> str | None:
    depth = len(document["groups"])
    if not depth:
        return "$.groups is empty"
    wrong = any(
        len(home["keys"]) != depth
        for one in document["strata"]
        for home in one.get("homes", one.get("met", ()))
    )
    return "$.strata: a home has not one key for each group" if wrong else None


def _twice_problem(document: Any, field: str) -> str | None:
    """Return which stratum, or which home of a stratum, a file names twice: only one of the two would be counted."""
    strata = enumerate(document["strata"])
    return strata_problem(document) or next(
        filter(
            None, (repeated(f"$.strata[{place}].{field}", _homes_in(one[field])) for place, one in strata)
        ),
        None,
    )


def _homes_in(homes: Iterable[Any]) -> Iterator[Home]:
    return (tuple(home["keys"]) for home in homes)


def _met_problem(document: Any) -> str | None:
    """Return what a walk says of a home that cannot be: people of a part that it has not, a place behind them all."""
    for number, one in enumerate(document["strata"]):
        for place, home in enumerate(one["met"]):
            where = f"$.strata[{number}].met[{place}]"
            strange = next((part for part in home["people"] if part not in document["parts"]), None)
            if strange is not None:
                return f"{where}.people names {strange}, which is not in $.parts"
            if home["place"] >= sum(home["people"].values()):
                return f"{where}.place lies behind the people of its home"
    return None


def home_document(one: HomeShard) -> dict[str, Any]:
    """Return the homes of a part as a JSON value. It holds no name of a person."""
    return {
        "format": HOMES_FORMAT,
        **_draw_document(one),
        "part": one.part,
        "extract_sha256": one.sha256 or None,
        "strata": [
            {
                "stratum": stratum,
                "homes": [{"keys": list(home), "people": count} for home, count in sorted(homes.items())],
            }
            for stratum, homes in one.homes.items()
        ],
    }


def read_homes(document: Any, file: str) -> HomeShard:
    """Return the homes of a part from a JSON value; BadInput `shard_unreadable` with file and field."""
    problem = _HOMES(document, "$") or letters_problem(document["letters"]) or _keys_problem(document)
    _refuse(problem or _twice_problem(document, "homes"), file)
    return HomeShard(
        part=document["part"], **_draw_of(document), sha256=document["extract_sha256"] or "",
        homes={
            one["stratum"]: {tuple(home["keys"]): home["people"] for home in one["homes"]}
            for one in document["strata"]
        },
    )  # fmt: skip


def walk_document(walk: HomeWalk) -> dict[str, Any]:
    """Return a walk as a JSON value, for the offices of all parts. It holds no name of a person."""
    return {
        "format": WALK_FORMAT,
        **_draw_document(walk),
        "parts": {part: sha256 or None for part, sha256 in walk.parts.items()},
        "shared": walk.shared,
        "strata": [
            {
                "stratum": stratum,
                "eligible": size,
                "met": [
                    {"keys": list(home), "place": met.place, "people": dict(met.people)}
                    for home, met in walk.met[stratum].items()
                ],
            }
            for stratum, size in walk.sizes.items()
        ],
    }


def read_walk(document: Any, file: str) -> HomeWalk:
    """Return a walk from a JSON value; BadInput `shard_unreadable` with file and field."""
    problem = _WALK(document, "$") or letters_problem(document["letters"]) or _keys_problem(document)
    _refuse(problem or _twice_problem(document, "met") or _met_problem(document), file)
    strata = document["strata"]
    return HomeWalk(
        **_draw_of(document),
        parts={part: sha256 or "" for part, sha256 in document["parts"].items()},
        sizes={one["stratum"]: one["eligible"] for one in strata},
        met={
            one["stratum"]: {
                tuple(home["keys"]): Met(home["place"], dict(sorted(home["people"].items())))
                for home in one["met"]
            }
            for one in strata
        },
        shared=document["shared"],
    )


def people_document(one: PeopleShard) -> dict[str, Any]:
    """Return the people of a part as a JSON value. It holds names: give it to whoever merges, to nobody else."""
    return {
        "format": PEOPLE_FORMAT,
        "part": one.part,
        "walk": one.walk,
        "extract_sha256": one.sha256 or None,
        "strata": [
            {
                "stratum": stratum,
                "homes": [
                    {"keys": list(home), "people": [list(each) for each in found]}
                    for home, found in homes.items()
                ],
            }
            for stratum, homes in one.people.items()
        ],
    }


def read_people(document: Any, file: str) -> PeopleShard:
    """Return the people of a part from a JSON value; BadInput `shard_unreadable` with file and field."""
    problem = _PEOPLE(document, "$")
    if problem is None and any(
        len(each) != 2  # noqa: PLR2004  # key and name
        for one in document["strata"]
        for home in one["homes"]
        for each in home["people"]
    ):
        problem = "$.strata.homes.people is no list of keys and names"
    _refuse(problem or _twice_problem(document, "homes"), file)
    return PeopleShard(
        part=document["part"], walk=document["walk"], sha256=document["extract_sha256"] or "",
        people={
            one["stratum"]: {
                tuple(home["keys"]): [(key, name) for key, name in home["people"]] for home in one["homes"]
            }
            for one in document["strata"]
        },
    )  # fmt: skip
