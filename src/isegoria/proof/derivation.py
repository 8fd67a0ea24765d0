"""From the seed to the panel: integers and SHA-256 only, so that anyone can redo it in any language.

The lottery that was committed is a list of compositions (how many of each type), each with a number of
equal tickets. The seed picks one ticket, the ticket its composition, and within each type a keyed order
picks the persons. Every purpose has its own label, so that no choice can shift another.
The same page in words, with test vectors: `docs/draw-record.md`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from isegoria.errors import BadInput
from isegoria.proof.links import Links, chosen, waiting
from isegoria.seeding import Stream, length_prefixed

SEED_TAG = b"isegoria-draw/1\0"
TICKET_LABEL = "ticket"
DIGEST_BYTES = 32
NOBODY_LINKED = Links()


@dataclass(frozen=True, slots=True)
class Outcome:
    """Who was drawn, and by which ticket.

    Attributes
    ----------
    ticket
        The ticket picked, in [0, total tickets).
    composition
        The index of the composition that owns the ticket.
    members
        The draw codes of the members: type by type, within a type in the keyed order.
    alternates
        The draw codes of the alternates, in the order in which they are asked.
    """

    ticket: int
    composition: int
    members: tuple[str, ...]
    alternates: tuple[str, ...]


def seed(
    specification: bytes, pool_root: bytes, lottery: bytes, sources: Iterable[tuple[str, str]]
) -> bytes:
    """Return the 32-byte seed fixed by what was committed and by the public random values.

    `SHA-256(tag ‖ specification ‖ pool root ‖ lottery ‖ lp(id 1) ‖ lp(value 1) ‖ lp(id 2) ‖ …)`, where
    `lp` puts the length of the UTF-8 text in front. The sources come in the order of the specification;
    one honest source is enough.

    Parameters
    ----------
    specification, pool_root, lottery
        The three commitments, 32 bytes each.
    sources
        Pairs of a source's id and its value, exactly as published.

    Raises
    ------
    BadInput
        `seed_empty` without any source or with an empty value; `commitment_not_32_bytes`.
    """
    values = list(sources)
    if not values or not all(value for _, value in values):
        raise BadInput("seed_empty")
    state = hashlib.sha256(SEED_TAG)
    for commitment in (specification, pool_root, lottery):
        if len(commitment) != DIGEST_BYTES:
            raise BadInput("commitment_not_32_bytes", length=len(commitment))
        state.update(commitment)
    for identifier, value in values:
        state.update(length_prefixed(identifier.encode()) + length_prefixed(value.encode()))
    return state.digest()


def draw(
    seed: bytes,
    compositions: Sequence[tuple[int, Sequence[int]]],
    types: Sequence[Sequence[str]],
    alternates: int,
    links: Links = NOBODY_LINKED,
) -> Outcome:
    """Return the outcome that the seed fixes: ticket, composition, members and alternates.

    Parameters
    ----------
    seed
        32 bytes, public.
    compositions
        Pairs of a number of tickets (1 or more) and the count of persons for each type.
    types
        The draw codes of the persons of each type; their order does not matter.
    alternates
        How many alternates to draw, from all who were not drawn; 0 or more. Where fewer are left, all
        of them.
    links
        Who is apart and who together; they belong to the types (`Links.faults`).

    Raises
    ------
    BadInput
        `draw_no_tickets`, `draw_counts_wrong`, `draw_codes_repeated`, `draw_alternates_negative`.

    Notes
    -----
    Guarantee: each ticket is equally likely under a uniform seed, so a person of type t is drawn with
    chance `Σ_j tickets_j · counts_jt / (n_t · Σ_j tickets_j)`, equal for all persons of the type. Of people who
    are apart at most one is drawn, also as alternate; people who are together all or none, and never as alternates.

    Examples
    --------
    >>> outcome = draw(bytes(32), [(1, [1, 1])], [["A", "B"], ["C"]], alternates=1)
    >>> outcome.ticket, outcome.members, outcome.alternates
    (0, ('B', 'C'), ('A',))
    """
    _check(compositions, types, alternates)
    ticket = Stream(seed, TICKET_LABEL).below(sum(tickets for tickets, _ in compositions))
    composition = owner(ticket, [tickets for tickets, _ in compositions])
    members = [code for own in chosen(seed, compositions[composition][1], types, links) for code in own]
    left = waiting(seed, members, types, links, alternates)
    return Outcome(ticket, composition, tuple(members), tuple(left))


def owner(ticket: int, tickets: Sequence[int]) -> int:
    """Return the index of the composition that owns the ticket: the first whose running sum exceeds it.

    Raises
    ------
    ValueError
        If there are not that many tickets.
    """
    running = 0
    for index, own in enumerate(tickets):
        running += own
        if ticket < running:
            return index
    raise ValueError(f"ticket {ticket} of {running}")


def next_alternate(vacated: Mapping[str, str], candidates: Sequence[tuple[str, Mapping[str, str]]]) -> str:
    """Return the code of the alternate who takes a vacated seat.

    The first of the same type; where there is none, the one who shares the most feature values with the
    person who left, and of equals the first in the published order. Whole numbers only, so the answer is
    the same everywhere; nobody chooses.

    Parameters
    ----------
    vacated
        Feature to value of the person who left.
    candidates
        Code and features of each alternate still waiting, in the published order.

    Raises
    ------
    BadInput
        `alternates_used_up`, if nobody is waiting.

    Examples
    --------
    >>> waiting = [("A", {"age": "old", "sex": "f"}), ("B", {"age": "young", "sex": "f"})]
    >>> next_alternate({"age": "young", "sex": "f"}, waiting)
    'B'
    """
    if not candidates:
        raise BadInput("alternates_used_up")
    shared = [
        sum(features.get(feature) == value for feature, value in vacated.items())
        for _, features in candidates
    ]
    return candidates[shared.index(max(shared))][0]


def check_compositions(compositions: Sequence[tuple[int, Sequence[int]]], sizes: Sequence[int]) -> None:
    """Return if every composition has a ticket and fits types of these sizes.

    Raises
    ------
    BadInput
        `draw_no_tickets`; `draw_counts_wrong`, with the index of the composition.
    """
    if not compositions or min(tickets for tickets, _ in compositions) < 1:
        raise BadInput("draw_no_tickets")
    for index, (_, counts) in enumerate(compositions):
        fits = len(counts) == len(sizes) and all(
            0 <= count <= size for count, size in zip(counts, sizes, strict=True)
        )
        if not fits:
            raise BadInput("draw_counts_wrong", composition=index)


def _check(
    compositions: Sequence[tuple[int, Sequence[int]]], types: Sequence[Sequence[str]], alternates: int
) -> None:
    if alternates < 0:
        raise BadInput("draw_alternates_negative", alternates=alternates)
    sizes = [len(codes) for codes in types]
    check_compositions(compositions, sizes)
    if len({code for codes in types for code in codes}) != sum(sizes):
        raise BadInput("draw_codes_repeated")
