"""Draws for the vacant seats of a body: announced and frozen here, then committed and drawn like every other.

These are services like those in `services.py`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime

from django.db import transaction

from isegoria_web import clock
from isegoria_web.accounts.actors import Actor
from isegoria_web.errors import require
from isegoria_web.institutions.models import Cycle
from isegoria_web.institutions.status import require_cycle_at_work
from isegoria_web.journal.enums import Action
from isegoria_web.journal.services import record
from isegoria_web.lottery import algorithms, policies
from isegoria_web.lottery.algorithms import SourcePlan
from isegoria_web.lottery.bodies import Person, require_body, seat_body
from isegoria_web.lottery.enums import DrawKind, DrawStatus
from isegoria_web.lottery.errors import (
    NothingToComplete,
    ReplacementUnderWay,
    SourceInThePast,
)
from isegoria_web.lottery.models import Draw, PoolEntry
from isegoria_web.lottery.services import announce_draw, announced_rules, freeze_entries, fresh_codes
from isegoria_web.translated import Texts


def freeze_remaining(
    *,
    actor: Actor,
    earlier: Draw,
    candidates: Iterable[PoolEntry],
    sitting: Sequence[Person],
    left_out: Mapping[str, int],
    homes: Sequence[Collection[int]] = (),
    source: Texts,
    source_due_at: datetime,
    sources: Sequence[SourcePlan] = (),
) -> Draw:
    """Announce a replacement draw and freeze who is left of the pool of an earlier draw.

    They keep their codes. In a sealed draw they get fresh ones: under the old ones the earlier record tells the features
    of those who are not rare, and thereby what the vacant seats ask for, which is what those who left had.

    Called by the verb that knows who sits and who is left, which has checked who may.

    Parameters
    ----------
    earlier
        The draw that it repairs: final.
    candidates
        Entries of the earlier pool.
    sitting
        Who sits.
    left_out
        Why others of the pool cannot be drawn, and how many, for the journal.
    homes
        Groups of places among the candidates: who lives together. None in a sealed draw, as of `freeze_pool`.

    Raises
    ------
    isegoria.errors.Infeasible, BodyBeyondQuotas, HomesConflict
        As `require_body`; nothing is frozen.
    ReplacementUnderWay
        If one is announced and not final.
    NothingToComplete
        If no seat is vacant, or nobody is left.
    SourceInThePast
        If the randomness might be known already.
    """
    require(policies.may_run_draw(actor, earlier))
    require_cycle_at_work(earlier.cycle)
    if source_due_at <= clock.now():
        raise SourceInThePast
    with transaction.atomic():
        cycle = Cycle.objects.locked(earlier.cycle_id)
        if Draw.objects.filter(cycle=cycle, kind=DrawKind.REPLACEMENT).under_way().exists():
            raise ReplacementUnderWay
        whole = earlier.completion.size if hasattr(earlier, "completion") else earlier.size
        entries = list(candidates)
        seats = whole - len(sitting)
        if seats < 1 or len(entries) < seats or earlier.status != DrawStatus.FINAL:
            raise NothingToComplete
        over = require_body(
            [(each.code, each.features) for each in entries],
            algorithms.body_quotas_of(cycle),
            whole,
            sitting,
            algorithms.home_numbers([each.code for each in entries], homes),
        )
        draw = announce_draw(
            cycle=cycle, kind=DrawKind.REPLACEMENT, size=seats,
            alternates=min(cycle.alternates, len(entries) - seats), source=source,
            source_due_at=source_due_at, sources=sources, promised=earlier.is_sealed,
        )  # fmt: skip
        codes = [one.code for one in entries]
        if draw.is_sealed:
            codes = fresh_codes(len(entries), _codes_of(cycle) | {code for code, _features in sitting})
        seat_body(draw, earlier, whole, sitting)
        together = algorithms.home_numbers(codes, homes)
        pool, made = freeze_entries(
            draw,
            [
                PoolEntry(code=code, features=one.features, first=one.original, home=together.get(code))
                for code, one in zip(codes, entries, strict=True)
            ],
        )
        record(
            actor=actor, institution=cycle.institution, action=Action.REPLACEMENT_ANNOUNCED, subject=draw,
            facts={
                "repairs": earlier.number,
                "record": earlier.record.sha256,
                "seats": seats,
                "sitting": len(sitting),
                "entries": pool.size,
                "left_out": dict(left_out),
                **algorithms.shared_homes(cycle, made),
                **({} if draw.is_sealed else {"over_maximum": [*over]}),
                "root": pool.root,
                "source_due_at": source_due_at.isoformat(),
                "sources": [each.name for each in draw.sources.all()],
                "publish_by": f"{draw.publish_by:%Y-%m-%dT%H:%MZ}",
                **announced_rules(draw),
            },
        )  # fmt: skip
        return draw


def _codes_of(cycle: Cycle) -> set[str]:
    return {*PoolEntry.objects.filter(pool__draw__cycle=cycle).values_list("code", flat=True)}
