"""What the draws of a cycle answer to its machine."""

from __future__ import annotations

from isegoria_web.institutions import life
from isegoria_web.institutions.guards import told_by
from isegoria_web.lottery.changing import open_change
from isegoria_web.lottery.models import Draw
from isegoria_web.lottery.services import has_quotas, holds_a_draw


def tell() -> None:
    """Answer for the guards about draws of people."""
    told_by(life.QUOTAS_SET, has_quotas)
    told_by(life.CHANGE_DECIDED, lambda cycle: open_change(cycle) is None)
    told_by(life.POOL_FROZEN, holds_a_draw)
    told_by(life.DRAW_ANNULLED, lambda cycle: not holds_a_draw(cycle))
    told_by(life.DRAW_FINAL, lambda cycle: Draw.objects.filter(cycle=cycle).of_people().final().exists())
