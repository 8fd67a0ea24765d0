"""Check the waves that were drawn later than the record of the letters, and receipts against all of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from fractions import Fraction
from typing import Any

from isegoria.errors import BadInput
from isegoria.proof import shape
from isegoria.proof.canonical import canonical, digest
from isegoria.proof.checks import Finding, Found, check_hash, demand, differs, first, verification
from isegoria.proof.letters import PLACES_RECORD_FORMAT, proportional
from isegoria.proof.record import fraction_text
from isegoria.proof.steps import Verification
from isegoria.proof.verify_letters import KEY, receipt_checks, record_checks, record_shape
from isegoria.proof.waves import WAVES_FORMAT, most_of

_DAY = shape.matching(r"\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])", "a day")
_SHAPE = shape.record(
    {
        "format": shape.exactly(WAVES_FORMAT),
        "record": record_shape,
        "waves": shape.list_of(
            shape.record(
                {
                    "wave": shape.natural,
                    "previous": shape.sha256,
                    "reason": shape.mapping_of(shape.text),
                    "reply_by": _DAY,
                    "drawn_at": shape.instant,
                    "letters": shape.natural,
                    "strata": shape.list_of(
                        shape.record(
                            {
                                "stratum": shape.text,
                                "letters": shape.natural,
                                "chance": shape.fraction,
                                "cut_off": KEY,
                            }
                        )
                    ),
                    "hash": shape.sha256,
                }
            )
        ),
        "hash": shape.sha256,
    }
)


def verify_waves(document: Mapping[str, Any], *, published: str | None = None) -> Verification:
    """Redo the record of the letters and every wave behind it, as far as it can be done without the register.

    Parameters
    ----------
    document
        The JSON value of a file of the format `isegoria-letter-waves/1`.
    published
        The hash of the commitment as it was published before the draw.

    Returns
    -------
    Verification
        The steps of the record in their order, and `waves`.
    """
    inside = [(name, _of_record(check)) for name, check in record_checks(published) if name != "format"]
    checks: list[tuple[str, Callable[[Any], Found]]] = [
        ("format", _format),
        ("whole", check_hash),
        *inside,
        ("waves", _waves),
    ]
    return verification(checks, document)


def _of_record(check: Callable[[Any], Found]) -> Callable[[Any], Found]:
    return lambda document: check(document["record"])


def _format(document: Any) -> Finding:
    demand(_SHAPE(document, "$"))
    try:
        canonical(document)
    except BadInput as error:
        demand(error.problem)
    return f"a document of the format {WAVES_FORMAT}", None


def _waves(document: Mapping[str, Any]) -> Finding:
    record, waves = document["record"], document["waves"]
    total = sum(wave["letters"] for wave in waves)
    detail = f"{len(waves)} further waves with {total} letters, each where the one before it ended"
    return detail, first(_faults(record, waves))


def _faults(record: Mapping[str, Any], waves: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    strata, design = record["register"]["strata"], record["specification"]["design"]
    if not waves:
        yield "waves is empty"
    if design["groups"] and record["format"] != PLACES_RECORD_FORMAT:
        yield "a draw by groups without places has no further waves"
        return
    if [one["stratum"] for one in record["result"]["strata"]] != [one["stratum"] for one in strata]:
        yield "the record has not a result for each of its strata"
        return
    before = [
        (one["letters"], found["cut_offs"][-1] if found["cut_offs"] else None)
        for one, found in zip(strata, record["result"]["strata"], strict=True)
    ]
    previous, number = record["hash"], len(strata[0]["waves"]) if strata else 0
    since = max(datetime.fromisoformat(one["obtained_at"]) for one in record["randomness"])
    for index, wave in enumerate(waves):
        where, number = f"waves[{index}]", number + 1
        yield from _chain_faults(where, wave, number, previous, since)
        yield from _strata_faults(where, wave, strata, before, proportional_=design["allocation"])
        if len(wave["strata"]) != len(strata):
            return
        before = [
            (sent + one["letters"], one["cut_off"])
            for (sent, _cut_off), one in zip(before, wave["strata"], strict=True)
        ]
        previous, since = wave["hash"], datetime.fromisoformat(wave["drawn_at"])


def _chain_faults(
    where: str, wave: Mapping[str, Any], number: int, previous: str, since: datetime
) -> Iterator[str]:
    rest = {key: value for key, value in wave.items() if key != "hash"}
    found = (
        differs(f"{where}.wave", wave["wave"], number),
        differs(f"{where}.previous", wave["previous"], previous),
        differs(f"{where}.hash", wave["hash"], digest(rest)),
        None if wave["reason"] else f"{where} has no reason",
        None if wave["letters"] else f"{where} has no letters",
    )
    yield from (difference for difference in found if difference)
    if datetime.fromisoformat(wave["drawn_at"]) < since:
        yield f"{where}.drawn_at is before what it follows"


def _strata_faults(
    where: str,
    wave: Mapping[str, Any],
    strata: Sequence[Mapping[str, Any]],
    before: Sequence[tuple[int, str | None]],
    *,
    proportional_: str,
) -> Iterator[str]:
    found = wave["strata"]
    if [one["stratum"] for one in found] != [one["stratum"] for one in strata]:
        yield f"{where} has not the strata of the record"
        return
    if sum(one["letters"] for one in found) != wave["letters"]:
        yield f"{where}.letters is not the sum of its strata"
    sizes = {one["stratum"]: one["eligible"] for one in strata}
    most = {one["stratum"]: most_of(one) for one in strata}
    shares = proportional(sizes, wave["letters"]) if proportional_ == "proportional" else {}
    for index, (one, (sent, last)) in enumerate(zip(found, before, strict=True)):
        place, total = f"{where}.strata[{index}]", sent + one["letters"]
        size = sizes[one["stratum"]]
        if total > most[one["stratum"]]:
            yield f"{place} makes more letters than can be"
            continue
        chance = fraction_text(Fraction(total, max(1, size)))
        rises, cut_off = one["letters"] > 0, one["cut_off"] or ""
        yield from filter(
            None,
            (
                differs(f"{place}.chance", one["chance"], chance),
                differs(f"{place}.letters", one["letters"], shares[one["stratum"]]) if shares else None,
                None
                if (cut_off > (last or "") if rises else one["cut_off"] == last)
                else f"{place}.cut_off does not go on where the wave before ended",
            ),
        )


def verify_waves_receipt(document: Any, receipt: Any) -> Verification:
    """Check one resident's receipt against the draw of the letters with all its waves.

    Returns
    -------
    Verification
        As `verify_letter_receipt`; the waves that were drawn later count as well.
    """
    shown = verification([("format", _format), ("waves", _waves)], document)
    if not shown.ok:
        return shown
    steps = verification(receipt_checks(), (with_waves(document), receipt)).steps
    return Verification((shown.steps[0], *(one for one in steps if one.name != "format")))


def with_waves(document: Mapping[str, Any]) -> dict[str, Any]:
    """Return the record with the letters, chances and cut-offs of all waves, as if they had been planned at once."""
    record, waves = document["record"], document["waves"]
    strata, results = [], []
    for index, (one, result) in enumerate(
        zip(record["register"]["strata"], record["result"]["strata"], strict=True)
    ):
        later = [wave["strata"][index] for wave in waves]
        strata.append(dict(one) | ({"chance": later[-1]["chance"]} if later else {}))
        cut_offs = [*(result["cut_offs"] or ()), *(each["cut_off"] for each in later)]
        results.append(dict(result) | {"cut_offs": cut_offs})
    return dict(record) | {
        "register": dict(record["register"]) | {"strata": strata},
        "result": dict(record["result"]) | {"strata": results},
    }
