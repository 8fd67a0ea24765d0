"""The public journal: a chain of hashes in which no entry can be changed, left out or moved unnoticed.

Export `isegoria-journal/1`, JSON Lines in UTF-8: a first line `{"format": "isegoria-journal/1"}`, then one
entry a line. Each entry carries the hash of the one before, so its own hash fixes all that came earlier.
What a chain alone cannot show is that its end was cut off or that a second chain was told to somebody else:
for that, compare with a mirror, a copy that someone kept.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from isegoria.errors import BadInput
from isegoria.proof import shape
from isegoria.proof.canonical import canonical, digest, instant, parse
from isegoria.proof.checkpoints import checkpoint_steps
from isegoria.proof.checks import differing_list
from isegoria.proof.sources import first_moment
from isegoria.proof.steps import Step, Verification, step
from isegoria.proof.waves import WAVES_FORMAT

FORMAT = "isegoria-journal/1"
GENESIS = "0" * 64
"""What the first entry names as the hash before it."""

_WORD = shape.matching("[a-z0-9][a-z0-9_.:-]{0,63}", "a role word or a pseudonymous id")
_SHAPE = shape.record(
    {
        "seq": shape.natural,
        "prev": shape.sha256,
        "time": shape.instant,
        "actor": _WORD,
        "action": shape.matching(r"[a-z][a-z0-9_.-]{0,63}", "an action code"),
        "subject": shape.matching("[0-9a-f]{32}", "a random id of 32 hexadecimal digits"),
        "facts": shape.mapping_of(shape.anything),
        "commitment": shape.nullable(shape.sha256),
        "hash": shape.sha256,
    }
)


def entry_hash(entry: Mapping[str, object]) -> str:
    """Return the SHA-256 of an entry without its own hash, as 64 hexadecimal digits.

    Parameters
    ----------
    entry
        `seq`, `prev`, `time`, `actor`, `action`, `subject`, `facts`, `commitment`; a key `hash` is left
        out of account.

    Raises
    ------
    BadInput
        `not_canonical`, if the facts hold a float or another value that JSON cannot fix.
    """
    return digest({key: value for key, value in entry.items() if key != "hash"})


def entry(
    *,
    seq: int,
    prev: str,
    time: datetime,
    actor: str,
    action: str,
    subject: str,
    facts: Mapping[str, object],
    commitment: str | None = None,
) -> dict[str, Any]:
    """Return one entry of the journal with its hash.

    Parameters
    ----------
    seq
        1 for the first entry, then one more each.
    prev
        The hash of the entry before; `GENESIS` for the first.
    time
        With a time zone; written in UTC.
    actor
        A role word (`secretariat`) or a pseudonymous id; never a name.
    action
        What was done, as a code: `draw.committed`.
    subject
        32 hexadecimal digits drawn at random for what it was done to.
    facts
        What the public may know of it. Never personal data: the journal cannot forget.
    commitment
        HMAC-SHA-256 of what stays closed, or None.

    Raises
    ------
    BadInput
        `journal_entry_wrong`, naming the field; `not_canonical`.
    """
    made: dict[str, Any] = {
        "seq": seq,
        "prev": prev,
        "time": instant(time),
        "actor": actor,
        "action": action,
        "subject": subject,
        "facts": dict(facts),
        "commitment": commitment,
    }
    made["hash"] = entry_hash(made)
    difference = _SHAPE(made, "entry")
    if difference is not None:
        raise BadInput("journal_entry_wrong", detail=difference)
    return made


def export(entries: Iterable[Mapping[str, object]]) -> Iterator[str]:
    """Yield the lines of an export, each with its line end."""
    yield canonical({"format": FORMAT}).decode() + "\n"
    for one in entries:
        yield canonical(dict(one)).decode() + "\n"


def verify_journal(
    lines: Iterable[str],
    mirror: Iterable[str] | None = None,
    *,
    checkpoints: Iterable[str] | None = None,
    keys: Iterable[str] = (),
) -> Verification:
    """Check an export of the journal, and compare it with a mirror and with signed checkpoints.

    Parameters
    ----------
    lines
        The lines of the export, line ends or not.
    mirror
        The lines of an older or equal export that somebody else kept.
    checkpoints
        The lines of a file of signed checkpoints.
    keys
        The public keys that the reader trusts, 64 hexadecimal digits each.

    Returns
    -------
    Verification
        Steps `format`, `chain`, `time`; with a mirror, `mirror_chain` and `mirror`; with checkpoints,
        `checkpoints`, `signatures` and `keys`. The first
        difference names the first sequence number that is wrong.

    Notes
    -----
    Guarantee: with a mirror or a checkpoint, every change, omission, insertion or reordering of what it covers is
    found. Not guaranteed: what happened after it was taken can still be cut off or told anew.
    """
    chain = _read(lines)
    steps = [
        step("format", f"an export of the format {FORMAT}", chain.header_fault),
        step("chain", f"{len(chain.hashes)} entries, each continues the one before", chain.fault),
        step("time", _time_detail(chain)),
    ]
    if mirror is not None:
        kept = _read(mirror)
        detail = f"the mirror itself is a chain of {len(kept.hashes)} entries"
        steps.append(step("mirror_chain", detail, kept.header_fault or kept.fault))
        steps.append(_compared(chain.hashes, kept.hashes))
    if checkpoints is not None:
        steps += checkpoint_steps(chain.hashes, checkpoints, keys)
    return Verification(tuple(steps))


@dataclass(slots=True)
class _Chain:
    """What was read of an export, up to the first fault."""

    header_fault: str | None = None
    fault: str | None = None
    hashes: list[str] = field(default_factory=list)
    backwards: list[int] = field(default_factory=list)
    entries: list[Mapping[str, Any]] = field(default_factory=list)
    """Those that name a commitment, a record or a wave; of a long journal no others are kept."""


def _read(lines: Iterable[str]) -> _Chain:
    chain, source = _Chain(), iter(lines)
    header = _parsed(next(source, ""))
    if header != {"format": FORMAT}:
        chain.header_fault = f'the first line is not {{"format":"{FORMAT}"}}'
        return chain
    prev, last = GENESIS, ""
    for seq, line in enumerate(source, start=1):
        one = _parsed(line)
        chain.fault = _fault(one, seq, prev)
        if chain.fault is not None:
            return chain
        if last and datetime.fromisoformat(one["time"]) < datetime.fromisoformat(last):
            chain.backwards.append(seq)
        prev, last = one["hash"], one["time"]
        chain.hashes.append(prev)
        if {"commitment", "record", "wave_hash"} & set(one["facts"]):
            chain.entries.append(one)
    return chain


def _parsed(line: str) -> Any:
    """Return the value of a line, or None where it is no JSON."""
    try:
        return parse(line)
    except BadInput:
        return None


def _fault(one: Any, seq: int, prev: str) -> str | None:
    """Return what is wrong with the entry that should have this number and follow this hash."""
    difference = _SHAPE(one, f"entry {seq}")
    if difference is not None:
        return difference
    if one["seq"] != seq:
        return f"entry {seq} is missing: entry {one['seq']} stands in its place"
    if one["prev"] != prev:
        return f"entry {seq} does not continue entry {seq - 1}"
    try:
        expected = entry_hash(one)
    except BadInput as error:
        return f"entry {seq}: {error.problem}"
    return None if one["hash"] == expected else f"entry {seq} was changed: its hash should be {expected}"


def _time_detail(chain: _Chain) -> str:
    """Say whether the clock ever ran backwards: noticed, but an honest clock may be set right."""
    if not chain.backwards:
        return "no entry is dated before the one in front of it"
    return f"{len(chain.backwards)} entries are dated before the one in front, first entry {chain.backwards[0]}"


def _compared(own: list[str], kept: list[str]) -> Step:
    detail = f"{len(kept)} entries compared with the mirror"
    pairs = enumerate(zip(own, kept, strict=False), start=1)
    fork = next((seq for seq, (mine, theirs) in pairs if mine != theirs), None)
    if fork is not None:
        return step("mirror", detail, f"entry {fork} differs from the mirror")
    if len(own) < len(kept):
        return step(
            "mirror", detail, f"entry {len(own) + 1} is missing: the mirror has {len(kept)} entries"
        )
    return step("mirror", detail)


def verify_published(document: Mapping[str, Any], lines: Iterable[str]) -> tuple[Step, ...]:
    """Check that a draw was published in the journal in time, and that it is the only one of its kind.

    Parameters
    ----------
    document
        A record or commitment of a draw or of letters whose own steps hold.
    lines
        The lines of an export of the institution's journal; check its own chain with `verify_journal`.

    Returns
    -------
    tuple of Step
        `journal`, the chain; `published`, that an entry before the first source names the commitment; `only_draw`,
        that no entry about the same draw names another commitment or another record. With further waves of letters
        also `waves`: that it names each of them, and no other.
    """
    chain = _read(lines)
    if document.get("format") == WAVES_FORMAT:
        return _published_waves(document, chain)
    return _published(document, chain)


def _published(document: Mapping[str, Any], chain: _Chain) -> tuple[Step, ...]:
    detail = f"the journal is a chain of {len(chain.hashes)} entries"
    steps = [step("journal", detail, chain.header_fault or chain.fault)]
    own = document["commitment" if "commitment" in document else "hash"]
    first = next((one for one in chain.entries if one["facts"].get("commitment") == own), None)
    if first is None:
        missing = "no entry of the journal names the commitment"
        return (*steps, step("published", "the commitment in the journal", missing))
    moment = first_moment(document["specification"]["randomness"])
    if moment is None:
        no_moment = "the seed is a text that was given: it has no moment before which the entry could stand"
        return (*steps, step("published", f"entry {first['seq']} names the commitment", no_moment))
    late = datetime.fromisoformat(first["time"]) >= moment
    steps.append(
        step(
            "published",
            f"entry {first['seq']} of {first['time']} names the commitment, before the first source speaks",
            f"entry {first['seq']} names the commitment only at {first['time']}" if late else None,
        )
    )
    same = [one["facts"] for one in chain.entries if one["subject"] == first["subject"]]
    wanted = {"commitment": own} | ({"record": document["hash"]} if "result" in document else {})
    again = any(facts.get(key, value) != value for facts in same for key, value in wanted.items())
    other = (
        f"the journal names another commitment or record of the draw {first['subject']}" if again else None
    )
    return (*steps, step("only_draw", "one commitment and one record of this draw", other))


def _published_waves(document: Mapping[str, Any], chain: _Chain) -> tuple[Step, ...]:
    """Check the record inside, and that the journal names every wave behind it and no other."""
    own = document["record"]["commitment"]
    subjects = [one["subject"] for one in chain.entries if one["facts"].get("commitment") == own][:1]
    named = [
        one["facts"]["wave_hash"]
        for one in chain.entries
        if one["subject"] in subjects and "wave_hash" in one["facts"]
    ]
    stated = [wave["hash"] for wave in document["waves"]]
    detail = f"the journal names the {len(stated)} further waves, and no other"
    difference = differing_list("the waves of the journal", named, stated)
    return (*_published(document["record"], chain), step("waves", detail, difference))
