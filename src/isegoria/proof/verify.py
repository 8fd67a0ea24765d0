"""Redo a draw from its record, step by step, and say where it differs.

Nothing here trusts the document: every hash, sum, chance and choice is computed again. A malformed document
is reported like a false one; only a file that is no JSON at all is an error.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from isegoria.errors import BadInput
from isegoria.proof import letters, sum_tree
from isegoria.proof.canonical import canonical, digest, parse
from isegoria.proof.checks import (
    Finding,
    Found,
    Stop,
    check_beacon,
    check_hash,
    check_pool_root,
    check_randomness,
    check_sources,
    committed,
    demand,
    differing_list,
    differs,
    part_hash,
    verification,
)
from isegoria.proof.derivation import Outcome, check_compositions, draw
from isegoria.proof.opening import check_seed, expected_seed, verify_opening
from isegoria.proof.record import (
    COMMITMENT_FORMAT,
    OPENING_FORMAT,
    RECORD_FORMAT,
    chances,
    codes_by_type,
    commitment_hash,
    fraction_text,
    links_of,
    lottery_head,
    pool_head,
)
from isegoria.proof.sealing import opened
from isegoria.proof.shapes import DOCUMENTS
from isegoria.proof.steps import Step, Verification, step
from isegoria.proof.timestamps import check_timestamps
from isegoria.proof.verify_letters import verify_letters
from isegoria.proof.verify_lottery import check_certificate, check_entries, check_quotas, pairs_of, sizes_of
from isegoria.proof.verify_vacant import FORMATS, vacant_checks
from isegoria.proof.verify_waves import verify_waves
from isegoria.proof.waves import WAVES_FORMAT


def verify(
    document: Any,
    *,
    published: str | None = None,
    observers: Any = None,
    roots: Sequence[bytes] = (),
    blocks: Sequence[bytes] = (),
) -> Verification:
    """Redo everything that a record states.

    Parameters
    ----------
    document
        The JSON value of a draw record, of its commitment, or of the record or commitment of the letters.
    published
        The hash of the commitment as it was published before the draw, for instance in the journal or in a
        newspaper. Without it a record that was forged as a whole cannot be told from the true one.
    observers
        The JSON value of the observers' file of a sealed record; without it the steps `quotas` and `certificate` say
        what they leave open.
    roots
        Certificates of time-stamping authorities that the reader trusts, PEM.
    blocks
        Headers of Bitcoin blocks, 80 bytes each, to which OpenTimestamps receipts lead.

    Returns
    -------
    Verification
        The steps in their order. It never raises, whatever the document is.

    Notes
    -----
    Guarantee: if all steps hold, the panel is the one that the committed lottery and the stated random
    values give, every composition meets the quotas, and every chance is as stated. Not guaranteed: that
    the random values are those the source gave (look them up there), and that every person's features are
    true (each person checks the own receipt).
    """
    form = format_of(document)
    if form in {*letters.RECORD_OF, *letters.COMMITMENT_OF}:
        return verify_letters(document, published=published)
    if form == WAVES_FORMAT:
        return verify_waves(document, published=published)
    if form == OPENING_FORMAT:
        return verify_opening(document, published=published)
    return verification(_checks(form, published, observers, (roots, blocks)), document)


def verify_bytes(
    data: bytes,
    *,
    published: str | None = None,
    observers: Any = None,
    roots: Sequence[bytes] = (),
    blocks: Sequence[bytes] = (),
) -> Verification:
    """Redo everything that a published file states, and check that no byte of it was touched.

    Raises
    ------
    BadInput
        `not_json`, if the file cannot be read at all.
    """
    document = parse(data)
    found = verify(document, published=published, observers=observers, roots=roots, blocks=blocks)
    return Verification((_spelling(data, document), *found.steps))


def format_of(document: Any) -> str | None:
    """Return what a document says to be, if it says so in a text."""
    form = document.get("format") if isinstance(document, dict) else None
    return form if isinstance(form, str) else None


def _checks(
    form: str | None,
    published: str | None,
    observers: Any,
    witnesses: tuple[Sequence[bytes], Sequence[bytes]],
) -> list[tuple[str, Callable[[Any], Found]]]:
    if form in FORMATS:
        return vacant_checks(form, published, observers, witnesses, check_format)
    sight = _Sight(observers)
    before: list[tuple[str, Callable[[Any], Found]]] = [
        ("format", lambda document: check_format(form, document)),
        ("hash", _hash),
        ("specification", part_hash("specification")),
        ("pool", _part("pool", pool_head)),
        ("entries", check_entries),
        ("pool_root", check_pool_root),
        ("lottery", _part("lottery", lottery_head)),
        ("tickets", _tickets),
        ("lottery_root", _lottery_root),
        *([] if observers is None else [("observers", sight.check)]),
        ("quotas", lambda document: check_quotas(sight.of(document))),
        ("chances", _chances),
        ("certificate", lambda document: check_certificate(sight.of(document))),
        ("sources", check_sources),
        ("commitment", committed(COMMITMENT_FORMAT, (), published)),
    ]
    if form == COMMITMENT_FORMAT:
        return before
    redrawn = _Redrawn()
    return [
        *before,
        ("timestamps", lambda document: check_timestamps(document, *witnesses)),
        ("randomness", check_randomness),
        ("beacon", check_beacon),
        ("seed", check_seed),
        ("ticket", redrawn.ticket),
        ("composition", redrawn.composition),
        ("members", redrawn.members),
        ("alternates", redrawn.alternates),
    ]


class _Sight:
    """The document as the reader may see it: with the observers' file, all features and the certificate."""

    def __init__(self, file: Any) -> None:
        self._file = file
        self._opened: dict[str, Any] | None = None

    def check(self, document: Mapping[str, Any]) -> Finding:
        found, fault = opened(document, self._file)
        self._opened = None if fault else found
        return f"the observers' file opens the seals of {len(document['pool']['types'])} types", fault

    def of(self, document: Mapping[str, Any]) -> Mapping[str, Any]:
        return document if self._opened is None else self._opened


def _hash(document: Mapping[str, Any]) -> Finding:
    """Redo the hash of the whole record; that of a commitment is taken of its committed hashes and time."""
    if document["format"] == COMMITMENT_FORMAT:
        stated, expected = document["hash"], commitment_hash(document)
        return "the hash of the commitment", differs("hash", stated, expected)
    return check_hash(document)


def _part(
    part: str, head: Callable[[Mapping[str, Any]], dict[str, Any]]
) -> Callable[[Mapping[str, Any]], Finding]:
    def check(document: Mapping[str, Any]) -> Finding:
        stated, expected = document["commitments"][part], digest(head(document[part]))
        return f"the committed hash of the {part}", differs(f"commitments.{part}", stated, expected)

    return check


def check_format(form: str | None, document: Any) -> Finding:
    """Check that the document has the keys of its format, each with a value that it can have."""
    known = None if form is None else DOCUMENTS.get(form)
    if known is None:
        raise Stop(f"the format is neither {RECORD_FORMAT} nor {COMMITMENT_FORMAT}")
    demand(known(document, "$"))
    _demand_writable(document)
    return f"a document of the format {form}", None


def _demand_writable(document: Any) -> None:
    try:
        canonical(document)
    except BadInput as error:
        demand(error.problem)


def _spelling(data: bytes, document: Any) -> Step:
    """Compare the file with the one spelling that its content has."""
    detail = f"{len(data)} bytes, spelled in the one canonical way"
    try:
        expected = canonical(document) + b"\n"
    except BadInput as error:
        return step("spelling", detail, error.problem)
    if data == expected:
        return step("spelling", detail)
    pairs = enumerate(zip(data, expected, strict=False))
    place = next((index for index, (one, other) in pairs if one != other), min(len(data), len(expected)))
    return step("spelling", detail, f"byte {place} differs from the canonical spelling")


def _tickets(document: Mapping[str, Any]) -> Finding:
    pairs = pairs_of(document)
    try:
        check_compositions(pairs, sizes_of(document))
    except BadInput as error:
        demand(error.problem)
    total = sum(tickets for tickets, _ in pairs)
    demand(differs("lottery.tickets", document["lottery"]["tickets"], total))
    return f"{len(pairs)} compositions share {total} equal tickets", None


def _lottery_root(document: Mapping[str, Any]) -> Finding:
    expected = sum_tree.root(pairs_of(document)).hex()
    detail = "the root of the tree that adds up the tickets"
    return detail, differs("lottery.root", document["lottery"]["root"], expected)


def _chances(document: Mapping[str, Any]) -> Finding:
    exact = chances(pairs_of(document), sizes_of(document))
    spread = f", from {min(exact)} to {max(exact)}" if exact else ""
    difference = differing_list(
        "lottery.chances", document["lottery"]["chances"], [fraction_text(one) for one in exact]
    )
    return f"the chance of a person of each of {len(exact)} types{spread}", difference


class _Redrawn:
    """The outcome drawn again from the committed hashes and the random values, once for all its steps."""

    def __init__(self) -> None:
        self._outcome: Outcome | None = None

    def outcome(self, document: Mapping[str, Any]) -> Outcome:
        if self._outcome is None:
            self._outcome = draw(
                expected_seed(document),
                pairs_of(document),
                codes_by_type(document["pool"]),
                document["specification"]["alternates"],
                links_of(document["pool"]),
            )
        return self._outcome

    def ticket(self, document: Mapping[str, Any]) -> Finding:
        expected = self.outcome(document).ticket
        detail = f"ticket {expected} of {document['lottery']['tickets']}"
        return detail, differs("result.ticket", document["result"]["ticket"], expected)

    def composition(self, document: Mapping[str, Any]) -> Finding:
        expected = self.outcome(document).composition
        stated = document["result"]["composition"]
        return f"composition {expected} owns the ticket", differs("result.composition", stated, expected)

    def members(self, document: Mapping[str, Any]) -> Finding:
        expected = self.outcome(document).members
        stated = document["result"]["members"]
        return f"{len(expected)} members, drawn again", differing_list("result.members", stated, expected)

    def alternates(self, document: Mapping[str, Any]) -> Finding:
        expected = self.outcome(document).alternates
        stated = document["result"]["alternates"]
        detail = f"{len(expected)} alternates in their order"
        return detail, differing_list("result.alternates", stated, expected)
