"""Further waves of letters: the committed order of a draw goes on, and nobody chooses anew.

How many letters a second wave needs is known only once the first has come back. So it cannot stand in the record of the
draw, whose seed is older. But nothing else is open: the order of everybody was fixed by that seed, so a wave is told by
one number, how far down the order it goes. Each wave is written behind the record with its reason, its day and its
cut-offs, chained by hashes; the record inside stays the same to the byte, and every receipt of it stays valid.
Format `isegoria-letter-waves/1`, in words: `docs/draw-record.md`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from fractions import Fraction
from typing import Any

from isegoria.errors import BadInput
from isegoria.proof.canonical import digest, instant
from isegoria.proof.letters import COMMITMENT_OF, PLACES_RECORD_FORMAT, proportional
from isegoria.proof.record import fraction_text

WAVES_FORMAT = "isegoria-letter-waves/1"


@dataclass(frozen=True, slots=True)
class Wave:
    """A further wave of letters, as it is published.

    Attributes
    ----------
    reason
        Why there is one, by language.
    reply_by
        The day by which its letters ask for an answer.
    drawn_at
        When it was drawn; not before the wave before it.
    letters
        Name of each stratum to its letters of this wave.
    cut_offs
        Name of each stratum to the number of 64 hexadecimal digits below which keys have a letter once this wave is
        out; None where none has.
    """

    reason: Mapping[str, str]
    reply_by: date
    drawn_at: datetime
    letters: Mapping[str, int]
    cut_offs: Mapping[str, str | None]


def continue_letters(document: Mapping[str, Any], wave: Wave) -> dict[str, Any]:
    """Return the record of the letters with one more wave behind it.

    Parameters
    ----------
    document
        What `letter_record` returned, or this function.
    wave
        What comes next.

    Raises
    ------
    BadInput
        `letters_not_drawn`, before the draw; `letters_in_one_walk`, for a draw by groups without places, whose walk has
        no next step; `letters_cut_offs_wrong`, `letters_too_many`, `letters_not_shared_out`.

    Notes
    -----
    Guarantee: with the extract, anybody finds the same persons in the wave, because they are the next ones of the order
    that the seed fixed. What is chosen is only how many, with a public reason.
    """
    record, waves = parts_of(document)
    strata, design = record["register"]["strata"], record["specification"]["design"]
    if design["groups"] and record["format"] != PLACES_RECORD_FORMAT:
        raise BadInput("letters_in_one_walk")
    names = [one["stratum"] for one in strata]
    if set(names) != set(wave.letters) or set(names) != set(wave.cut_offs):
        raise BadInput("letters_cut_offs_wrong")
    sent = letters_of(document)
    for one in strata:
        name, total = one["stratum"], sent[one["stratum"]] + wave.letters[one["stratum"]]
        most = most_of(one)
        if wave.letters[name] < 0 or total > most:
            raise BadInput("letters_too_many", stratum=name, letters=total, eligible=most)
    sizes = {one["stratum"]: one["eligible"] for one in strata}
    count = sum(wave.letters.values())
    if design["allocation"] == "proportional" and dict(wave.letters) != proportional(sizes, count):
        raise BadInput("letters_not_shared_out")
    made = {
        "wave": len(strata[0]["waves"]) + len(waves) + 1,
        "previous": (waves[-1] if waves else record)["hash"],
        "reason": dict(wave.reason),
        "reply_by": wave.reply_by.isoformat(),
        "drawn_at": instant(wave.drawn_at),
        "letters": count,
        "strata": [
            {
                "stratum": name,
                "letters": wave.letters[name],
                "chance": fraction_text(Fraction(sent[name] + wave.letters[name], max(1, sizes[name]))),
                "cut_off": wave.cut_offs[name],
            }
            for name in names
        ],
    }
    return written(record, [*waves, made | {"hash": digest(made)}])


def written(record: Mapping[str, Any], waves: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return the document of a record and the waves behind it; the record itself where there are none."""
    if not waves:
        return dict(record)
    whole = {"format": WAVES_FORMAT, "record": dict(record), "waves": [dict(wave) for wave in waves]}
    return whole | {"hash": digest(whole)}


def parts_of(document: Mapping[str, Any]) -> tuple[Mapping[str, Any], Sequence[Mapping[str, Any]]]:
    """Return the record of the draw, and the waves behind it.

    Raises
    ------
    BadInput
        `letters_not_drawn`, if there is no record of the letters in it.
    """
    if document.get("format") == WAVES_FORMAT:
        return document["record"], document["waves"]
    if document.get("format") not in COMMITMENT_OF:
        raise BadInput("letters_not_drawn")
    return document, ()


def most_of(stratum: Mapping[str, Any]) -> int:
    """Return how many letters a stratum of a record can have in all waves together."""
    most: int = stratum.get("places", stratum["eligible"])
    return most


def letters_of(document: Mapping[str, Any]) -> dict[str, int]:
    """Return how many letters each stratum has had in all waves so far."""
    record, waves = parts_of(document)
    sent = {one["stratum"]: one["letters"] for one in record["register"]["strata"]}
    for wave in waves:
        for one in wave["strata"]:
            sent[one["stratum"]] += one["letters"]
    return sent
