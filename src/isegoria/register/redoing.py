"""Redo a draw of letters from its public record and the extract: what a notary, or anybody who holds both, does.

Guarantee: where every step holds, the persons returned are the only ones who can have got a letter by the record, in
the order in which the letters went out.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from isegoria.errors import BadInput
from isegoria.proof import merkle
from isegoria.proof.checks import differs, first
from isegoria.proof.letters import letter_entry
from isegoria.proof.steps import Step, Verification, step
from isegoria.proof.waves import parts_of
from isegoria.register.at_scale import ADDRESS, Frame, Queries, draw_in_engine, with_addresses
from isegoria.register.draw import LetterDraw
from isegoria.register.engines import DuckDB, Engine


@dataclass(frozen=True)
class Redone:
    """A draw of letters that was done again.

    Attributes
    ----------
    steps
        What was compared with the record: `extract`, `persons`, `root`, `waves_redone`; the rest is missing after the
        first that does not hold.
    draw
        Who has a letter by all waves of the record, in order; None where a step does not hold.
    """

    steps: Verification
    draw: LetterDraw | None


def redo_letters(document: Mapping[str, Any], engine: Engine, frame: Frame) -> Redone:
    """Draw the letters of a record again and compare.

    Parameters
    ----------
    document
        A record of the letters, alone or with further waves behind it, whose own steps hold (`isegoria.proof.verify`).
    engine
        Holds the extract.
    frame
        Who could be drawn, as the record says in words, and the secret where the record orders pseudonyms. Strata and
        groups are those of the record.

    Raises
    ------
    BadInput
        `letters_not_drawn`, `letters_secret_missing`, and what the draw refuses.
    """
    record, later = parts_of(document)
    design, strata = record["specification"]["design"], record["register"]["strata"]
    if design["names"] == "pseudonym" and frame.secret is None:
        raise BadInput("letters_secret_missing")
    frame = replace(frame, stratify_by=design["stratified_by"], groups=tuple(design["groups"]))
    if ADDRESS in frame.groups and isinstance(engine, DuckDB):
        with_addresses(engine)
    queries = Queries(engine, frame)
    steps: list[Step] = []
    for found in _about_the_extract(record, engine, queries):
        steps.append(found)
        if not found.ok:
            return Redone(Verification(tuple(steps)), None)
    waves = waves_of(strata, later)
    drawn = draw_in_engine(engine, bytes.fromhex(record["seed"]), waves, frame)
    count = len(strata[0]["waves"]) + len(later)
    steps.append(_waves(record, later, drawn, count))
    if not steps[-1].ok:
        return Redone(Verification(tuple(steps)), None)
    return Redone(Verification(tuple(steps)), _without_the_rest(drawn, count))


def waves_of(
    strata: Sequence[Mapping[str, Any]], later: Sequence[Mapping[str, Any]]
) -> list[dict[str, int]]:
    """Return the letters of every wave by stratum; what a walk meets beyond them is a last wave, which has not gone out."""
    count = len(strata[0]["waves"])
    waves = [{one["stratum"]: one["waves"][wave] for one in strata} for wave in range(count)]
    waves += [{one["stratum"]: one["letters"] for one in wave["strata"]} for wave in later]
    if "places" in strata[0]:
        waves.append(
            {one["stratum"]: one["places"] - sum(wave[one["stratum"]] for wave in waves) for one in strata}
        )
    return waves


def _about_the_extract(record: Mapping[str, Any], engine: Engine, queries: Queries) -> Iterator[Step]:
    register, strata = record["register"], record["register"]["strata"]
    yield step(
        "extract",
        f"the extract is the committed one, of {register['rows']} rows",
        differs("the hash of the extract", register["extract_sha256"], engine.sha256)
        or differs("its number of rows", register["rows"], len(engine)),
    )
    sizes = queries.sizes()
    stated = {one["stratum"]: one["eligible"] for one in strata}
    yield step(
        "persons",
        f"{sum(stated.values())} persons can be drawn in {len(stated)} strata",
        first(
            f"the stratum {name} has {sizes.get(name, 0)} persons who can be drawn, not {stated.get(name, 0)}"
            for name in sorted({*sizes, *stated})
            if sizes.get(name) != stated.get(name)
        ),
    )
    if register["root"] is None or queries.frame.secret is None:
        return
    secret = queries.frame.secret
    leaves = [letter_entry(secret, number, stratum).leaf for stratum, number in queries.everybody()]
    yield step(
        "root",
        "the committed root holds every one of them",
        differs("the root", register["root"], merkle.root(leaves).hex()),
    )


def _waves(
    record: Mapping[str, Any], later: Sequence[Mapping[str, Any]], drawn: LetterDraw, count: int
) -> Step:
    detail = f"{count} waves, drawn again, end where the record says"
    faults = _wave_faults(record["result"]["strata"], later, drawn, count)
    return step("waves_redone", detail, first(faults))


def _wave_faults(
    results: Sequence[Mapping[str, Any]], later: Sequence[Mapping[str, Any]], drawn: LetterDraw, count: int
) -> Iterator[str]:
    own = {one.name: one for one in drawn.strata}
    for place, result in enumerate(results):
        found = own[result["stratum"]]
        if result["start"] != found.start:
            yield f"the walk of {result['stratum']} starts at {found.start}, not at {result['start']}"
        if result["cut_offs"] is None:
            continue
        stated = [*result["cut_offs"], *(wave["strata"][place]["cut_off"] for wave in later)]
        if stated != list(found.cut_offs[:count]):
            yield f"the cut-offs of {result['stratum']} are {list(found.cut_offs[:count])}, not {stated}"


def _without_the_rest(drawn: LetterDraw, count: int) -> LetterDraw:
    """Return the draw without those whom a walk met for waves that have not gone out."""
    kept = [place for place, wave in enumerate(drawn.waves) if wave <= count]
    return replace(
        drawn,
        rows=tuple(drawn.rows[place] for place in kept),
        waves=tuple(drawn.waves[place] for place in kept),
        names=tuple(drawn.names[place] for place in kept),
        places=tuple(drawn.places[place] for place in kept),
        strata=tuple(
            replace(one, waves=one.waves[:count], cut_offs=one.cut_offs[:count]) for one in drawn.strata
        ),
    )
