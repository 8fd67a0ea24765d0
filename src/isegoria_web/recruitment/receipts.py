"""Receipts: what a resident needs to check for herself that she was in a draw, as who, and where."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

from django.db import transaction

from isegoria_web.accounts.actors import Actor
from isegoria_web.errors import require
from isegoria_web.journal.enums import Action
from isegoria_web.journal.services import record
from isegoria_web.lottery import algorithms as lottery
from isegoria_web.lottery.models import PoolEntry
from isegoria_web.recruitment import algorithms, policies
from isegoria_web.recruitment.errors import NotEligible, NotInExtract
from isegoria_web.recruitment.models import Campaign, Invitation, Respondent
from isegoria_web.register import algorithms as register
from isegoria_web.register.errors import ExtractErased


@dataclass(frozen=True, slots=True)
class PoolReceipt:
    """Her entry in the pool of the second draw, her exact chance, and her receipt."""

    entry: PoolEntry
    chance: Fraction
    receipt: dict[str, Any]

    @property
    def key(self) -> str:
        """The word that tells it from her other receipts: `pool-3` of draw 3."""
        return f"pool-{self.entry.pool.draw.number}"


def pool_receipt(*, actor: Actor, invitation: Invitation) -> PoolReceipt | None:
    """Return a citizen's receipt of the draw of the panel; None while there is none, or once it was erased."""
    require(policies.may_answer(actor, invitation))
    found = Respondent.objects.filter(
        invitation=invitation, pool_entry__isnull=False, erased_at__isnull=True
    )
    respondent = found.select_related("pool_entry__pool__draw__record").first()
    return None if respondent is None else _receipt_of(respondent.pool_entry)


def further_receipts(*, actor: Actor, invitation: Invitation) -> list[PoolReceipt]:
    """Return a citizen's receipts of the later draws in whose pool she stands: for seats that fell vacant."""
    require(policies.may_answer(actor, invitation))
    found = PoolEntry.objects.filter(
        first__respondent__invitation=invitation, first__respondent__erased_at__isnull=True
    )
    found = found.select_related("pool__draw__record").order_by("pool__draw__number")
    made = (_receipt_of(entry) for entry in found.filter(pool__draw__record__isnull=False))
    return [each for each in made if each is not None]


def _receipt_of(entry: PoolEntry | None) -> PoolReceipt | None:
    if entry is None or not entry.salt or entry.chance_numerator is None or not entry.chance_denominator:
        return None
    if entry.pool.draw.is_sealed and not entry.pool.seal_key:
        return None  # destroyed on its date
    chance = Fraction(entry.chance_numerator, entry.chance_denominator)
    return PoolReceipt(entry, chance, lottery.receipt(entry))


def letter_receipt(*, actor: Actor, invitation: Invitation) -> dict[str, Any] | None:
    """Return an invited citizen's `receipt` of the draw of the letters, with her `place` `of` how many.

    None once the extract is erased.
    """
    require(policies.may_answer(actor, invitation))
    return None if invitation.receipt is None else dict(invitation.receipt)


def give_letter_receipt(*, actor: Actor, campaign: Campaign, number: str) -> dict[str, Any]:
    """Make the receipt of a resident who asks for it at the counter and has shown who she is, invited or not.

    Parameters
    ----------
    number
        Hers in the register. Nobody else may learn from it whether she got a letter, so the public pages never ask
        for it.

    Returns
    -------
    dict
        `receipt`, and her `place` `of` how many in her municipality; the place is None before the draw.

    Raises
    ------
    ExtractErased
        Once nobody can be found any more.
    NotInExtract
        If the extract does not have her.
    NotEligible
        If it has her, but she could not be drawn.
    """
    require(policies.may_run_campaign(actor, campaign))
    extract = campaign.extract
    if extract.erased_at is not None or not extract.file or not campaign.secret:
        raise ExtractErased
    public = campaign.draw.record
    with register.opened(Path(extract.file.path)) as found:
        made = algorithms.receipts(campaign, found, public.document or public.commitment, [number.strip()])
        if not made:
            raise NotEligible if register.holds(found, number.strip()) else NotInExtract
    with transaction.atomic():
        record(
            actor=actor, institution=campaign.cycle.institution, action=Action.RECEIPT_GIVEN,
            subject=campaign.draw,
        )  # fmt: skip
    return {key: value for key, value in made[0].items() if key != "number"}
