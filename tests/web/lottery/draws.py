"""What the draws of the tests are made of."""

from __future__ import annotations

import datetime as dt

from isegoria_web.accounts.actors import Actor
from isegoria_web.institutions.models import Cycle
from isegoria_web.lottery import services
from isegoria_web.lottery.algorithms import SourcePlan
from isegoria_web.lottery.enums import SourceKind
from isegoria_web.lottery.models import Draw
from tests.web.factories import NOW, texts

DUE = NOW + dt.timedelta(hours=3)
AFTER = DUE + dt.timedelta(minutes=1)
PEOPLE = [{"sex": "FM"[n % 2], "age": ("16-34", "35-64", "65+")[n % 3]} for n in range(18)]
THROW = "3-1-4-1-5-9-2-6"


def announce(actor: Actor, cycle: Cycle, *plans: SourcePlan, due: dt.datetime = DUE) -> Draw:
    """Freeze a pool of eighteen people and name its randomness: dice, unless the plans say otherwise."""
    plans = plans or (SourcePlan(SourceKind.DICE, due, 8, 10),)
    return services.freeze_pool(
        actor=actor, cycle=cycle, entries=PEOPLE, source=texts("Dice"), source_due_at=due, sources=plans
    )[0]
