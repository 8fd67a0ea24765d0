"""Draw a lottery so that a stranger can redo it: the draw record of `isegoria.proof`, for a seed given as a text."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import isegoria
from isegoria.errors import BadInput
from isegoria.lottery.model import Lottery
from isegoria.pool import Entry, Pool, Quota, Quotas
from isegoria.proof import (
    CommittedLottery,
    Completed,
    Outcome,
    RandomValue,
    RuleBook,
    Source,
    Specification,
    canonical,
    commitment,
    digest,
    record,
    shape,
    text_source,
)
from isegoria.proof import Entry as Leaf
from isegoria.proof import Quota as CountedQuota
from isegoria.proof.links import LinkedClass, Links
from isegoria.proof.record import links_of
from isegoria.seeding import Stream
from isegoria.tolerances import CERTIFICATE_GAP

SEED = text_source("seed")
NOT_STATED = "not stated"
IF_MISSING = "No panel is drawn."
SALT_LABEL = "isegoria-open-salt/1"
SALT_BYTES = 16


@dataclass(frozen=True, slots=True)
class Recorded:
    """A draw and its record.

    Attributes
    ----------
    record
        The JSON value of the format `isegoria-draw-record/1`, which `isegoria proof verify` redoes.
    outcome
        Ticket, composition, members and alternates, by the ids of the lottery. The alternates are all others, in order.
    """

    record: dict[str, Any]
    outcome: Outcome


def codes_of(lottery: Lottery) -> dict[str, str]:
    """Return the code of everybody under which a record names her, by id.

    An id is its own code if all ids are made of at most 64 letters, digits and `-_.:`; else everybody is numbered,
    `P001`, `P002` …, in the order of the ids.
    """
    ids = sorted(one for kind in lottery.types for one in kind.ids)
    if lottery.body is not None:
        ids = sorted([*ids, *lottery.body.ids])
    if not any(shape.code(one, "id") for one in ids):
        return {one: one for one in ids}
    width = len(str(len(ids)))
    return {one: f"P{number:0{width}}" for number, one in enumerate(ids, start=1)}


def commit(lottery: Lottery, committed_at: datetime, earlier: str | None = None) -> dict[str, Any]:
    """Return what to publish before anybody knows the seed, if the draw is to convince others.

    Parameters
    ----------
    lottery
        As solved or rounded.
    committed_at
        Time of publication.
    earlier
        The hash of the record by which those who sit were drawn, if the lottery fills the vacant seats of a body.

    Raises
    ------
    BadInput
        `not_canonical`, if a feature or value is no text in normal form C.

    Notes
    -----
    The seed follows from lottery and text alone: neither the time nor the number of alternates that are asked for can
    change who is drawn. The salts of the entries follow from the codes, so that the same lottery gives the same record;
    they hide nothing, because an open record shows the features of everybody.
    """
    codes = codes_of(lottery)
    body = lottery.body
    specification = Specification(
        institution=NOT_STATED,
        body=NOT_STATED,
        cycle=NOT_STATED,
        size=lottery.size,
        quotas=_counted(lottery.quotas),
        alternates=lottery.people - lottery.size,
        objective=lottery.objective,
        software=f"isegoria {lottery.versions.get('isegoria', isegoria.__version__)}",
        rulebook=RuleBook("none", "none", digest(None)),
        sources=[Source(SEED, None, IF_MISSING)],
        completes=None
        if body is None
        else Completed(
            body.size,
            _counted(body.quotas),
            [(one.features, [codes[each] for each in one.ids]) for one in body.sitting],
            earlier,
        ),
    )
    entries = [
        Leaf(codes[one], kind.features, salt_of(codes[one])) for kind in lottery.types for one in kind.ids
    ]
    return commitment(*_with_objective(specification, entries, lottery), committed_at)


def committed(lottery: Lottery) -> CommittedLottery:
    """Return everything of a lottery that is published before its draw: types, compositions, certificate, links."""
    codes = codes_of(lottery)

    def coded(one: LinkedClass) -> LinkedClass:
        return replace(one, groups=tuple(tuple(codes[each] for each in group) for group in one.groups))

    links = lottery.links
    return CommittedLottery(
        [one.features for one in lottery.types],
        [(one.tickets, one.counts) for one in lottery.compositions],
        lottery.certificate,
        Links(tuple(map(coded, links.apart)), tuple(map(coded, links.together))),
        [[codes[one] for one in kind.ids] for kind in lottery.types] if links else (),
    )


def draw_recorded(
    lottery: Lottery, seed_text: str, committed: Mapping[str, Any], now: datetime
) -> Recorded:
    """Return the panel that a text fixes, with the record by which anybody can redo the draw.

    Parameters
    ----------
    lottery
        As committed.
    seed_text
        One line of at most 300 characters; blanks around it do not count.
    committed
        What `commit` returned of this lottery.
    now
        When the text was given.

    Raises
    ------
    BadInput
        `seed_empty`; `randomness_wrong`, if the text is no line; `commitment_of_another`, if another lottery was committed.

    Notes
    -----
    Guarantee: who knows lottery and text finds the same panel. Not guaranteed, and said by every verification: that nobody
    chose the text or knew it in advance.
    """
    text = seed_text.strip()
    if not text:
        raise BadInput("seed_empty")
    expected = commit(lottery, now, (committed["specification"].get("completes") or {}).get("record"))
    if expected["commitments"] != committed["commitments"]:
        raise BadInput("commitment_of_another")
    document = record(committed, [RandomValue(SEED, text, now)])
    ids = {code: identifier for identifier, code in codes_of(lottery).items()}
    result = document["result"]
    outcome = Outcome(
        result["ticket"],
        result["composition"],
        tuple(ids[code] for code in result["members"]),
        tuple(ids[code] for code in result["alternates"]),
    )
    return Recorded(document, outcome)


def salt_of(code: str) -> bytes:
    """Return the salt of an entry of an open record, which anybody can redo; it hides nothing."""
    return Stream(canonical(code), SALT_LABEL).take(SALT_BYTES)


def body_of_record(document: Mapping[str, Any]) -> tuple[Pool, Quotas, int, tuple[str, ...]]:
    """Return what a draw record tells of the whole body: everybody, the quotas, the size, and who sits after the draw.

    Parameters
    ----------
    document
        An open draw record whose steps hold.

    Raises
    ------
    BadInput
        `record_sealed`, if it hides features.
    """
    specification, pool = document["specification"], document["pool"]
    kinds = [kind["features"] for kind in pool["types"]]
    if None in kinds:
        raise BadInput("record_sealed")
    entries = [Entry(one["code"], kinds[one["type"]]) for one in pool["entries"]]
    completed = specification.get("completes")
    sitting = [] if completed is None else completed["sitting"]
    seated = [Entry(code, group["features"]) for group in sitting for code in group["codes"]]
    whole = specification if completed is None else completed
    quotas = Quotas(tuple(Quota(**one) for one in whole["quotas"]))
    members = (*(one.id for one in seated), *document["result"]["members"])
    links = links_of(pool)
    linked = (
        tuple(group for one in classes for group in one.groups) for classes in (links.apart, links.together)
    )
    return Pool((*entries, *seated), *linked), quotas, whole["size"], members


def _counted(quotas: Quotas) -> list[CountedQuota]:
    return [CountedQuota(one.feature, one.value, one.minimum, one.maximum) for one in quotas]


def _with_objective(
    specification: Specification, entries: list[Leaf], lottery: Lottery
) -> tuple[Specification, list[Leaf], CommittedLottery]:
    """Return what is committed; a lottery that was rounded claims neither its objective nor its certificate."""
    made = committed(lottery)
    certificate = lottery.certificate
    if certificate is not None and lottery.verify().gap > CERTIFICATE_GAP:
        made = replace(made, certificate=None)
        rounded = f"{lottery.objective} in {lottery.tickets} equal tickets"
        specification = replace(specification, objective=rounded)
    return specification, entries, made
