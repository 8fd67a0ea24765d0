"""A draw for vacant seats beside the record that it names: who sat already, and who could be drawn."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from isegoria.proof import vacant
from isegoria.proof.checks import differs
from isegoria.proof.checks import first as first_fault
from isegoria.proof.record import RECORD_FORMAT
from isegoria.proof.sealing import opened
from isegoria.proof.steps import Step, step
from isegoria.proof.verify import verify
from isegoria.proof.verify_vacant import FORMATS, observers_faults, opened_vacant

Features = dict[str, Mapping[str, str] | None]


SITTING_OPEN = "who sits: sworn observers compare it, with their files of both draws"
QUOTAS_WIDER = "quotas that are wider than before: the journal says when two persons made them so, and why"
FEATURES_OPEN = "features of {count} people whom the earlier record seals: give its observers' file, --earlier-observers"
CANDIDATES_OPEN = "who was in the earlier pool: sworn observers compare it, with their files of both draws"


def verify_earlier(
    document: Mapping[str, Any],
    earlier: Any,
    *,
    observers: Any = None,
    earlier_observers: Any = None,
) -> tuple[Step, ...]:
    """Compare a record of a draw for vacant seats with the record by which those who sit were drawn.

    Parameters
    ----------
    document
        A record whose steps hold.
    earlier
        The JSON value of the earlier record.
    observers, earlier_observers
        The JSON values of the observers' files of sealed records. Without that of a sealed draw for vacant seats its
        step `sitting` and `candidates` say what they leave open.

    Returns
    -------
    tuple of Step
        `earlier`, that it holds and is the one that is named; `sitting`, that everybody who sits was a member by it, or
        an alternate in place of a member who left, of the same body with the same quotas (where they are wider, that is
        left open and named); `candidates`, that everybody
        who could be drawn was in its pool and no member. Features that the earlier record seals are compared only with
        its observers' file; without it both steps say of how many people they are left open.

    Notes
    -----
    Guarantee: if all hold, nobody came in from elsewhere. Not shown: that those who left wanted to, nor in which order
    alternates moved up.
    """
    named = (document.get("specification") or {}).get("completes")
    detail = "the record by which those who sit were drawn"
    if named is None:
        return (step("earlier", detail, "the draw is not one for vacant seats"),)
    sealed = document["format"] in FORMATS
    known = {RECORD_FORMAT, vacant.RECORD_FORMAT} if sealed else {RECORD_FORMAT}
    if not isinstance(earlier, dict) or earlier.get("format") not in known:
        return (step("earlier", detail, f"it is no document of the format {' or '.join(sorted(known))}"),)
    failed = verify(earlier, observers=earlier_observers).failed
    if failed is not None and failed.false:
        return (step("earlier", detail, f"it does not hold: step {failed.name}"),)
    beginning = step(
        "earlier", detail, differs("specification.completes.record", named["record"], earlier["hash"])
    )
    before = _seen(earlier, earlier_observers)
    now = _under_earlier_codes(document, observers) if sealed else document
    if now is None or before is None:
        return (
            beginning,
            step("sitting", f"{named['size']} seats of the body", None, SITTING_OPEN),
            step("candidates", "who could be drawn", None, CANDIDATES_OPEN),
        )
    return (beginning, *_people(now, now["specification"]["completes"], before))


def _seen(document: Mapping[str, Any], observers: Any) -> Mapping[str, Any] | None:
    """Return a record that holds with all that an observer sees; None where nobody else can tell who is in it."""
    if document["format"] in FORMATS:
        return None if observers is None else opened_vacant(document, observers)
    return document if observers is None else opened(document, observers)[0]


def _under_earlier_codes(document: Mapping[str, Any], observers: Any) -> Mapping[str, Any] | None:
    """Return a sealed draw for vacant seats with its pool under the codes of the earlier record."""
    if observers is None or first_fault(observers_faults(document, observers)) is not None:
        return None
    found = opened_vacant(document, observers)
    earlier = {one["code"]: one["earlier"] for one in observers["origins"]}
    entries = [one | {"code": earlier.get(one["code"], one["code"])} for one in found["pool"]["entries"]]
    return found | {"pool": found["pool"] | {"entries": entries}}


def _people(
    document: Mapping[str, Any], named: Mapping[str, Any], earlier: Mapping[str, Any]
) -> tuple[Step, ...]:
    before = earlier["specification"].get("completes")
    whole = earlier["specification"] if before is None else before
    everybody = _pool(earlier) | ({} if before is None else _sitting(before))
    members = {*earlier["result"]["members"], *({} if before is None else _sitting(before))}
    sits = _sitting(named)
    moved_up = {*sits} & {*earlier["result"]["alternates"]} - members
    seated = members | moved_up
    fault = next((f"{code} was no member" for code in sorted(sits) if code not in seated), None)
    if fault is None and len(sits) > whole["size"]:
        fault = f"{len(sits)} sit, on {whole['size']} seats"
    fault = fault or _other_features(sits, everybody)
    fault = fault or differs("specification.completes.size", named["size"], whole["size"])
    wider = _wider(named["quotas"], whole["quotas"])
    if fault is None and wider is None:
        fault = "the quotas of the body are others than before"
    pool = _pool(document)
    strange = next(
        (f"{code} was not in the pool" for code in sorted(pool) if code not in everybody or code in seated),
        None,
    )
    stay = len(sits) - len(moved_up)
    told = f"{stay} members stay, {len(members) - stay} left"
    if moved_up:
        told += f", {len(moved_up)} alternates moved up"
    wider_ones = QUOTAS_WIDER if wider else None
    return (
        _open_step("sitting", told, fault, wider_ones, _sealed_features(sits, everybody)),
        _open_step(
            "candidates",
            f"{len(pool)} people could be drawn, all of the earlier pool and none a member",
            strange or _other_features(pool, everybody),
            _sealed_features(pool, everybody),
        ),
    )


def _open_step(name: str, detail: str, fault: str | None, *points: str | None) -> Step:
    """Return a step with all points that it leaves open, or with its fault alone."""
    left = "; ".join(point for point in points if point) if fault is None else ""
    return step(name, detail, fault, left or None)


def _wider(quotas: Sequence[Mapping[str, Any]], before: Sequence[Mapping[str, Any]]) -> int | None:
    """Return how many quotas are wider than before; None where they differ in any other way."""
    if len(quotas) != len(before):
        return None
    pairs = list(zip(quotas, before, strict=True))
    same = all(one[key] == other[key] for one, other in pairs for key in ("feature", "value"))
    within = all(
        one["minimum"] <= other["minimum"] and one["maximum"] >= other["maximum"] for one, other in pairs
    )
    return sum(one != other for one, other in pairs) if same and within else None


def _pool(document: Mapping[str, Any]) -> Features:
    kinds = document["pool"]["types"]
    return {one["code"]: kinds[one["type"]]["features"] for one in document["pool"]["entries"]}


def _sitting(body: Mapping[str, Any]) -> Features:
    return {code: group["features"] for group in body["sitting"] for code in group["codes"]}


def _sealed_features(people: Features, known: Features) -> str | None:
    """Return of how many people the earlier record keeps the features to itself, if of any."""
    count = sum(code in known and known[code] is None for code in people)
    return FEATURES_OPEN.format(count=count) if count else None


def _other_features(people: Features, known: Features) -> str | None:
    differing = (code for code in sorted(people) if known[code] is not None and people[code] != known[code])
    code = next(differing, None)
    return None if code is None else f"{code} had other features"
