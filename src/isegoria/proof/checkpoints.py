"""Signed statements of how long a journal is: with one line that somebody kept, a cut or a second story is found.

Format `isegoria-checkpoint/1`, in words: `docs/journal.md`. The signature (Ed25519) needs `cryptography`, the extra
`isegoria[signatures]`; without it the step says "not checked".
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from isegoria.errors import BadInput
from isegoria.proof import shape
from isegoria.proof.canonical import canonical, parse
from isegoria.proof.steps import Step, not_checked, step

FORMAT = "isegoria-checkpoint/1"
GENESIS = "0" * 64

_SHAPE = shape.record(
    {
        "format": shape.exactly(FORMAT),
        "chain": shape.matching("[0-9a-f]{32}", "a random id of 32 hexadecimal digits"),
        "length": shape.natural,
        "head": shape.sha256,
        "time": shape.instant,
        "key": shape.matching("[0-9a-f]{64}", "a public key of 64 hexadecimal digits"),
        "signature": shape.matching("[0-9a-f]{128}", "a signature of 128 hexadecimal digits"),
    }
)


def checkpoint_steps(hashes: Sequence[str], lines: Iterable[str], keys: Iterable[str]) -> Iterable[Step]:
    """Yield the steps `checkpoints`, `signatures` and `keys` for an export with these hashes of entries.

    Parameters
    ----------
    hashes
        The hash of every entry of the export, in order.
    lines
        The lines of the file of checkpoints.
    keys
        The public keys that the reader trusts, hexadecimal; without any, the step says so.
    """
    checkpoints, fault = _read(lines)
    detail = f"{len(checkpoints)} checkpoints of one journal, each agrees with the export"
    yield step("checkpoints", detail, fault or _compared(hashes, checkpoints))
    yield _signatures(checkpoints)
    yield _keys(checkpoints, frozenset(keys))


def _read(lines: Iterable[str]) -> tuple[list[dict[str, Any]], str | None]:
    """Return the checkpoints up to the first that cannot be read, and what is wrong with it."""
    found: list[dict[str, Any]] = []
    for number, line in enumerate(lines, start=1):
        try:
            one = parse(line)
            difference = _SHAPE(one, "it") or (
                None if canonical(one).decode() == line.rstrip("\n") else "it is not in canonical spelling"
            )
        except BadInput as error:
            difference = error.problem
        if difference is not None:
            return found, f"checkpoint {number}: {difference}"
        found.append(one)
    return found, None if found else "the file holds no checkpoint"


def _compared(hashes: Sequence[str], checkpoints: Sequence[Mapping[str, Any]]) -> str | None:
    """Return the first checkpoint that the export contradicts."""
    for number, one in enumerate(checkpoints, start=1):
        length = one["length"]
        if one["chain"] != checkpoints[0]["chain"]:
            return f"checkpoint {number} belongs to another journal"
        if length > len(hashes):
            return f"entry {len(hashes) + 1} is missing: checkpoint {number}, signed {one['time']}, counts {length} entries"
        if (hashes[length - 1] if length else GENESIS) != one["head"]:
            return f"entry {length} differs from checkpoint {number}, signed {one['time']}"
    return None


def _signatures(checkpoints: Sequence[Mapping[str, Any]]) -> Step:
    detail = f"the signatures of {len(checkpoints)} checkpoints"
    try:
        from cryptography.exceptions import InvalidSignature  # noqa: PLC0415  # optional
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey  # noqa: PLC0415
    except ImportError:
        return not_checked("signatures", detail, "the signatures: install isegoria[signatures]")
    for number, one in enumerate(checkpoints, start=1):
        said = {name: value for name, value in one.items() if name != "signature"}
        try:
            key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(one["key"]))
            key.verify(bytes.fromhex(one["signature"]), canonical(said))
        except (InvalidSignature, ValueError):
            return step("signatures", detail, f"checkpoint {number} is not signed by the key that it names")
    return step("signatures", detail)


def _keys(checkpoints: Sequence[Mapping[str, Any]], trusted: frozenset[str]) -> Step:
    named = {one["key"] for one in checkpoints}
    detail = f"{len(named)} public keys: {', '.join(sorted(named))}"
    if not trusted:
        reason = "whose keys these are: compare them with the printed or published ones, or give --key"
        return step("keys", detail, None, reason)
    other = next((n for n, one in enumerate(checkpoints, start=1) if one["key"] not in trusted), None)
    return step("keys", detail, None if other is None else f"checkpoint {other} is signed by another key")
