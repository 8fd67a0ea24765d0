"""What the draws of a cycle answer to its machine."""

from __future__ import annotations

from datetime import datetime

from isegoria_web.institutions import life, stations
from isegoria_web.institutions.enums import Detour, Station
from isegoria_web.institutions.guards import told_by
from isegoria_web.institutions.models import Cycle
from isegoria_web.institutions.standing import dated_by, detour_by
from isegoria_web.lottery.changing import open_change
from isegoria_web.lottery.enums import DrawKind
from isegoria_web.lottery.models import Draw
from isegoria_web.lottery.querysets import DrawQuerySet
from isegoria_web.lottery.services import has_quotas, holds_a_draw


def tell() -> None:
    """Answer for the guards about draws of people."""
    told_by(life.QUOTAS_SET, has_quotas)
    told_by(life.CHANGE_DECIDED, lambda cycle: open_change(cycle) is None)
    told_by(life.POOL_FROZEN, holds_a_draw)
    told_by(life.DRAW_ANNULLED, lambda cycle: not holds_a_draw(cycle))
    told_by(life.DRAW_FINAL, lambda cycle: Draw.objects.filter(cycle=cycle).of_people().final().exists())
    told_by(stations.LETTERS_ANNOUNCED, lambda cycle: _valid(cycle, DrawKind.LETTERS).exists())
    dated_by(Station.DRAW1_READY, lambda cycle: _first(_valid(cycle, DrawKind.LETTERS), "announced_at"))
    dated_by(Station.POOL_CLOSED, lambda cycle: _first(_filling(cycle), "pool__frozen_at"))
    dated_by(Station.DRAW2_DONE, lambda cycle: _first(_filling(cycle), "final_at"))
    detour_by(Detour.EXTRA_DRAW, lambda cycle: _valid(cycle, DrawKind.REPLACEMENT).under_way().exists())


def _valid(cycle: Cycle, kind: DrawKind) -> DrawQuerySet:
    return Draw.objects.filter(cycle=cycle, kind=kind).valid()


def _filling(cycle: Cycle) -> DrawQuerySet:
    return Draw.objects.filter(cycle=cycle).of_panel().valid()


def _first(draws: DrawQuerySet, field: str) -> datetime | None:
    moment: datetime | None = draws.order_by("number").values_list(field, flat=True).first()
    return moment
