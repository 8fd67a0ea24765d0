"""The steps that the record of the letters and the record of the draw have in common."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from isegoria.errors import BadInput
from isegoria.proof import merkle, shape
from isegoria.proof.beacon import NotChecked
from isegoria.proof.canonical import digest
from isegoria.proof.sources import family, late_reveals, signature_fault, source_faults, value_fault
from isegoria.proof.steps import Step, Verification, not_checked, step

Finding = tuple[str, str | None]
"""What was checked, and the first difference if there is one."""
Found = Finding | tuple[str, str | None, str] | Step
"""The same, with what this step leaves open, and to whom; or the step itself."""

RULEBOOK = shape.record({"id": shape.text, "version": shape.text, "sha256": shape.sha256})
ANNOUNCED = shape.list_of(
    shape.record(
        {
            "source": shape.text,
            "moment": shape.nullable(shape.instant),
            "if_missing": shape.text,
            "parties": shape.list_of(shape.record({"party": shape.text, "commitment": shape.sha256})),
        }
    )
)
RANDOMNESS = shape.list_of(
    shape.record(
        {
            "source": shape.text,
            "value": shape.text,
            "obtained_at": shape.instant,
            "evidence": shape.nullable(shape.text),
            "proof": shape.nullable(shape.mapping_of(shape.anything)),
        }
    )
)


GIVEN_TEXT = (
    "where this text came from: whoever gave it may have chosen it, tried out others before, or known it in advance. "
    "Only a source that was announced before it spoke excludes that"
)
BEACON_MISSING = "the signature: install isegoria[signatures], or check it where the beacon publishes it"


class Stop(Exception):
    """Raised by a check after whose difference no later step would make sense; never leaves this room."""


def run(checks: Sequence[tuple[str, Callable[[Any], Found]]], document: Any) -> Iterator[Step]:
    """Yield the step of each check, up to the first after which the next make no sense."""
    for name, check in checks:
        try:
            found = check(document)
            yield found if isinstance(found, Step) else step(name, *found)
        except BadInput as error:
            yield step(name, "the numbers of this step", error.problem)
        except NotChecked:
            yield not_checked(name, "the signatures of the beacon", BEACON_MISSING)
        except Stop as stop:
            yield step(name, "what every later step rests on", str(stop))
            return


def verification(checks: Sequence[tuple[str, Callable[[Any], Found]]], document: Any) -> Verification:
    """Return the steps of all checks."""
    return Verification(tuple(run(checks, document)))


def demand(difference: str | None) -> None:
    """Stop at a difference."""
    if difference is not None:
        raise Stop(difference)


def first(differences: Iterator[str]) -> str | None:
    """Return the first difference, if there is one."""
    return next(differences, None)


def differs(where: str, stated: object, expected: object) -> str | None:
    """Return one sentence where what the document states is not what follows."""
    return None if stated == expected else f"{where} is {stated}, but should be {expected}"


def differing_list(where: str, stated: Sequence[object], expected: Sequence[object]) -> str | None:
    """Return one sentence about the first place where two lists differ."""
    for index, (one, other) in enumerate(zip(stated, expected, strict=False)):
        if one != other:
            return differs(f"{where}[{index}]", one, other)
    return differs(f"the length of {where}", len(stated), len(expected))


def check_hash(document: Mapping[str, Any]) -> Finding:
    """Redo the hash of the whole document."""
    rest = {key: value for key, value in document.items() if key != "hash"}
    return "the hash of the whole document", differs("hash", document["hash"], digest(rest))


def part_hash(part: str) -> Callable[[Mapping[str, Any]], Finding]:
    """Return a check that redoes the committed hash of one part."""

    def check(document: Mapping[str, Any]) -> Finding:
        stated, expected = document["commitments"][part], digest(document[part])
        return f"the committed hash of the {part}", differs(f"commitments.{part}", stated, expected)

    return check


def committed(
    commitment_format: str, parts: Sequence[str], published: str | None
) -> Callable[[Any], Finding]:
    """Return a check that redoes the hash of the commitment that was published before the randomness."""

    def check(document: Mapping[str, Any]) -> Finding:
        before = {part: document[part] for part in (*parts, "commitments", "committed_at")}
        expected = digest(before | {"format": commitment_format})
        stated = document["commitment" if "commitment" in document else "hash"]
        difference = differs("commitment", stated, expected)
        if difference is None and published is not None:
            difference = differs("the commitment", stated, published)
        against = "" if published is None else " and the one that was published"
        return f"the hash of the commitment{against}", difference or _late(document)

    return check


def check_pool_root(document: Mapping[str, Any]) -> Finding:
    """Compute the root of the pool from its leaves."""
    leaves = [bytes.fromhex(entry["leaf"]) for entry in document["pool"]["entries"]]
    expected = merkle.root(leaves).hex()
    return f"the root over {len(leaves)} leaves", differs("pool.root", document["pool"]["root"], expected)


def _late(document: Mapping[str, Any]) -> str | None:
    """Return the first announced source that spoke before the commitment was published."""
    when = datetime.fromisoformat(document["committed_at"])
    announced = document["specification"]["randomness"]
    return first(
        f"specification.randomness[{index}].moment is not after committed_at"
        for index, source in enumerate(announced)
        if source["moment"] is not None and datetime.fromisoformat(source["moment"]) <= when
    )


def check_randomness(document: Mapping[str, Any]) -> Found:
    """Compare the random values with the announcement: the same sources, none too early, the right round."""
    announced, values = document["specification"]["randomness"], document["randomness"]
    names = ", ".join(source["source"] for source in announced)
    detail = f"one value of each announced source ({names}), none before its moment"
    if not values:
        raise Stop("randomness has no value")
    difference = differing_list(
        "the sources of randomness",
        [value["source"] for value in values],
        [source["source"] for source in announced],
    )
    difference = difference or first(_untimely(announced, values)) or first(late_reveals(announced, values))
    if difference is None and any(family(one["source"]) == "text" for one in announced):
        return "the text that was given as the seed", None, GIVEN_TEXT
    return detail if difference else detail + _withheld(values), difference


def _withheld(values: Sequence[Mapping[str, Any]]) -> str:
    """Say who withheld a secret: visible to all, and by the published rule without a choice for anybody."""
    parties = [
        reveal["party"]
        for value in values
        if family(value["source"]) == "reveal"
        for reveal in value["proof"]["reveals"]
        if reveal["secret"] is None
    ]
    return f"; withheld by {', '.join(parties)}: counted as empty by the rule" if parties else ""


def check_sources(document: Mapping[str, Any]) -> Finding:
    """Check that the announced sources are of the grammar, and together leave nobody a choice."""
    announced = document["specification"]["randomness"]
    if not announced:
        raise Stop("specification.randomness names no source")
    given = any(family(one["source"]) == "text" for one in announced)
    what = (
        "a text given at the draw"
        if given
        else f"{len(announced)} public sources, named with their moments"
    )
    return what, first(source_faults(announced))


def check_beacon(document: Mapping[str, Any]) -> Finding:
    """Check the signature of every beacon's round."""
    beacons = [one for one in document["randomness"] if family(one["source"]) == "drand"]
    found = first(_unsigned(beacons))
    return f"{len(beacons)} rounds of a beacon, each with its signature", found


def _unsigned(beacons: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    for one in beacons:
        fault = signature_fault(one["source"], one["proof"])
        if fault is not None:
            yield fault


def _untimely(announced: Sequence[Mapping[str, Any]], values: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    for index, (source, value) in enumerate(zip(announced, values, strict=True)):
        moment = source["moment"]
        if moment and datetime.fromisoformat(value["obtained_at"]) < datetime.fromisoformat(moment):
            yield f"randomness[{index}].obtained_at is before the announced moment"
        fault = value_fault(source, value)
        if fault is not None:
            yield f"randomness[{index}]: {fault}"
