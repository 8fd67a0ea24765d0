"""A register in parts that never meet: every part delivers its lowest keys, and together they are the draw.

Guarantee: merging the shards of any parts of a register, in any order, gives exactly the draw of the whole. A shard
holds no more than what may be drawn: names (best keyed pseudonyms) with their keys, and how many are eligible.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Protocol

from isegoria.errors import BadInput, Place
from isegoria.proof import shape
from isegoria.proof.letters import METHOD, LetterDesign, letter_key
from isegoria.register.at_scale import Frame, Queries
from isegoria.register.draw import (
    Drawn,
    LetterDraw,
    Letters,
    Stratum,
    as_waves,
    cut_offs,
    design_of,
    in_order,
    plan_letters,
    wave_numbers,
)
from isegoria.register.engines import Engine

FORMAT = "isegoria-letter-shard/1"


@dataclass(frozen=True)
class Shard:
    """What one part of a register delivers.

    Attributes
    ----------
    part
        Whose part it is: `Eupen`.
    seed
        32 bytes.
    design
        How letters are drawn; without groups.
    letters
        Of the whole register, by wave.
    sizes
        How many of the part can be drawn, by stratum.
    lowest
        The lowest keys and the names of the part by stratum, ascending: one more than all letters, or everybody.
    sha256
        Of the part's file; empty for a table.
    """

    part: str
    seed: bytes
    design: LetterDesign
    letters: tuple[Letters, ...]
    sizes: Mapping[str, int]
    lowest: Mapping[str, Sequence[tuple[str, str]]]
    sha256: str


def require_name(part: str) -> None:
    """Refuse a part without a name."""
    if not part.strip():
        raise BadInput("part_unnamed")


def shard(
    engine: Engine, seed: bytes, letters: Letters | Sequence[Letters], frame: Frame, part: str
) -> Shard:
    """Return what a part of a register delivers to the draw of the whole.

    Parameters
    ----------
    engine, frame
        The part, and which of its rows can be drawn.
    seed, letters
        Of the whole draw. Of a stratum that gets a share in proportion any number up to all letters may come from
        one part, so as many are delivered.
    part
        Its name.

    Raises
    ------
    BadInput
        `shard_groups`, as one letter a household takes two rounds, see `isegoria.register.shards_of_homes`; `part_unnamed`, `name_twice`,
        `cells_empty`.
    """
    if frame.groups:
        raise BadInput("shard_groups")
    require_name(part)
    queries = Queries(engine, frame)
    queries.examine()
    sizes = queries.sizes()
    waves = as_waves(letters)
    most = {
        stratum: min(size, 1 + sum(one if isinstance(one, int) else one.get(stratum, 0) for one in waves))
        for stratum, size in sizes.items()
    }
    low = queries.lowest(seed, most, sizes)
    names = frame.names if frame.secret is None else "pseudonym"
    return Shard(
        part=part,
        seed=seed,
        design=design_of(letters, frame.stratify_by, (), names),
        letters=waves,
        sizes=sizes,
        lowest={stratum: [(one.key, one.name) for one in found] for stratum, found in low.items()},
        sha256=engine.sha256,
    )


def merge(shards: Sequence[Shard]) -> LetterDraw:
    """Return the draw of the whole register out of what all its parts delivered.

    Returns
    -------
    LetterDraw
        Its rows hold `name` and `part`, so that each part's office finds its own.

    Raises
    ------
    BadInput
        `shards_differ`, if two are not of the same draw or a part stands twice; `shard_wrong`, if a key is not that of
        its name or a list is too short; `name_twice`, if a name stands in two parts; what `plan_letters` raises.
    """
    first = shards[0]
    refuse_others(shards)
    sizes: Counter[str] = Counter()
    for one in shards:
        sizes.update(one.sizes)
    plan = plan_letters(sizes, first.letters)
    figures: list[Stratum] = []
    drawn: list[Drawn] = []
    rows: dict[str, dict[str, str]] = {}
    for stratum in sorted(sizes):
        waves = plan[stratum]
        wanted = 1 + sum(waves)
        keyed = sorted(low for one in shards for low in _delivered(one, stratum, wanted))
        for (key, name, _), (following, other, _) in pairwise(keyed[:wanted]):
            if (key, name) == (following, other):
                raise BadInput("name_twice", count=1)
        figures.append(
            Stratum(stratum, sizes[stratum], waves, cut_offs([key for key, _, _ in keyed], waves))
        )
        for wave, (key, name, part) in zip(wave_numbers(waves), keyed, strict=False):
            drawn.append(Drawn(wave, key, name, name, stratum))
            rows[name] = {"name": name, "part": part}
    return in_order(drawn, rows, figures, first.design, "")


class OfDraw(Protocol):
    """Something that a part delivers to a draw."""

    @property
    def part(self) -> str:
        """Whose part it is."""

    @property
    def seed(self) -> bytes:
        """The seed of the draw."""

    @property
    def design(self) -> LetterDesign:
        """How letters are drawn."""

    @property
    def letters(self) -> tuple[Letters, ...]:
        """Of the whole register, by wave."""


def refuse_others(shards: Sequence[OfDraw]) -> None:
    """Refuse what is not all of one draw, and a part that stands twice."""
    first = shards[0]
    for one in shards[1:]:
        if (one.seed, one.design, one.letters) != (first.seed, first.design, first.letters):
            raise BadInput("shards_differ", part=one.part, other=first.part)
    for part, count in Counter(one.part for one in shards).items():
        if count > 1:
            raise BadInput("shards_differ", part=part, other=part)


def _delivered(one: Shard, stratum: str, wanted: int) -> list[tuple[str, str, str]]:
    """Return the keys that count of a part, after a look whether they can be true."""
    low = one.lowest.get(stratum, ())[:wanted]
    size = one.sizes.get(stratum, 0)
    ascending = all(before < after for before, after in pairwise(low))
    if len(low) < min(wanted, size) or len(low) > size or not ascending:
        raise BadInput("shard_wrong", part=one.part)
    if any(key != letter_key(one.seed, name) for key, name in low):
        raise BadInput("shard_wrong", part=one.part)
    return [(key, name, one.part) for key, name in low]


# -- as files --------------------------------------------------------------------------------------------

_LETTERS = shape.list_of(shape.anything)
_SHAPE = shape.record(
    {
        "format": shape.exactly(FORMAT),
        "method": shape.exactly(METHOD),
        "part": shape.text,
        "seed": shape.sha256,
        "names": shape.matching("pseudonym|number", "pseudonym or number"),
        "stratified_by": shape.nullable(shape.text),
        "letters": _LETTERS,
        "extract_sha256": shape.nullable(shape.sha256),
        "strata": shape.list_of(
            shape.record(
                {
                    "stratum": shape.text,
                    "eligible": shape.natural,
                    "lowest": shape.list_of(shape.list_of(shape.text)),
                }
            )
        ),
    }
)


def shard_document(one: Shard) -> dict[str, Any]:
    """Return a shard as a JSON value. It holds names: give it to whoever merges, to nobody else."""
    return {
        "format": FORMAT,
        "method": METHOD,
        "part": one.part,
        "seed": one.seed.hex(),
        "names": one.design.names,
        "stratified_by": one.design.stratified_by,
        "letters": [dict(wave) if isinstance(wave, Mapping) else wave for wave in one.letters],
        "extract_sha256": one.sha256 or None,
        "strata": [
            {"stratum": stratum, "eligible": size, "lowest": [list(low) for low in one.lowest[stratum]]}
            for stratum, size in one.sizes.items()
        ],
    }


def read_shard(document: Any, file: str) -> Shard:
    """Return the shard of a JSON value.

    Raises
    ------
    BadInput
        `shard_unreadable`, with the file and the field.
    """
    problem = _SHAPE(document, "$") or letters_problem(document["letters"]) or strata_problem(document)
    if problem is None and any(len(low) != 2 for one in document["strata"] for low in one["lowest"]):  # noqa: PLR2004  # key and name
        problem = "$.strata.lowest is no list of keys and names"
    if problem is not None:
        raise BadInput("shard_unreadable", Place(file), detail=problem)
    letters: list[Letters] = document["letters"]
    return Shard(
        part=document["part"],
        seed=bytes.fromhex(document["seed"]),
        design=design_of(letters, document["stratified_by"], (), document["names"]),
        letters=tuple(letters),
        sizes={one["stratum"]: one["eligible"] for one in document["strata"]},
        lowest={one["stratum"]: [(key, name) for key, name in one["lowest"]] for one in document["strata"]},
        sha256=document["extract_sha256"] or "",
    )


def strata_problem(document: Any) -> str | None:
    """Return which stratum a file names twice, if any: only one of the two would be drawn from."""
    return repeated("$.strata", (one["stratum"] for one in document["strata"]))


def repeated(where: str, names: Iterable[Hashable]) -> str | None:
    """Return the place in a list at which something stands for the second time, if there is one."""
    seen: set[Hashable] = set()
    for place, name in enumerate(names):
        if name in seen:
            return f"{where}[{place}] stands there already"
        seen.add(name)
    return None


def letters_problem(waves: Sequence[Any]) -> str | None:
    """Return what is wrong with the letters of a file, if anything is."""
    if not waves:
        return "$.letters has no wave"
    for place, wave in enumerate(waves):
        counts = list(wave.values()) if isinstance(wave, dict) else [wave]
        for count in counts:
            if (problem := shape.natural(count, f"$.letters[{place}]")) is not None:
                return problem
    return None
