"""How letters could be shared out, before they are announced: what the secretariat sees while it chooses."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path

from isegoria_web.accounts.actors import Actor
from isegoria_web.errors import require
from isegoria_web.institutions.models import Cycle
from isegoria_web.recruitment import algorithms, policies
from isegoria_web.recruitment.enums import OnePer
from isegoria_web.recruitment.services import opened_extract
from isegoria_web.register import algorithms as register
from isegoria_web.register.errors import ExtractErased
from isegoria_web.register.models import Extract


@dataclass(frozen=True, slots=True)
class Part:
    """A stratum that letters can be chosen for: its people, its letters in proportion, and the most it can have."""

    name: str
    eligible: int
    in_proportion: int
    most: int


def columns_of(*, actor: Actor, cycle: Cycle, extract: Extract) -> tuple[str, ...]:
    """Return the columns of an extract by which letters could be shared out: none that tells persons or homes apart.

    Raises
    ------
    ExtractErased
        If the file is gone.
    """
    require(policies.may_invite(actor, cycle) and extract.institution_id == cycle.institution_id)
    if extract.erased_at is not None or not extract.file:
        raise ExtractErased
    return register.columns_of(Path(extract.file.path))


def parts_of(
    *,
    actor: Actor,
    cycle: Cycle,
    extract: Extract,
    letters: int,
    age_min: int,
    reply_by: date,
    stratified_by: str,
    one_per: OnePer,
) -> list[Part]:
    """Return the strata of letters that are not announced yet.

    Raises
    ------
    ExtractErased
        If there is nothing to draw from.
    isegoria.errors.BadInput
        If the column cannot give strata.
    """
    require(policies.may_invite(actor, cycle) and extract.institution_id == cycle.institution_id)
    chosen = algorithms.selection(
        reply_by=reply_by, age_min=age_min, one_per=one_per, stratified_by=stratified_by
    )
    with opened_extract(extract) as found:
        sizes, most = register.sizes_of(found, chosen), register.most_of(found, chosen)
    shares = register.in_proportion(sizes, letters)
    return [Part(name, size, shares[name], most.get(name, size)) for name, size in sizes.items()]
