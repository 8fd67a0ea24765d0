"""What opens a sealed draw: given to sworn observers, destroyed on its date."""

from __future__ import annotations

from typing import Any

from django.db import transaction

from isegoria_web.accounts.actors import Actor
from isegoria_web.errors import require, required
from isegoria_web.journal.enums import Action
from isegoria_web.journal.services import record
from isegoria_web.lottery import policies
from isegoria_web.lottery.enums import DrawStatus
from isegoria_web.lottery.errors import NotCommitted, NotSealed, SealsDestroyed
from isegoria_web.lottery.models import Draw, DrawRecord


def give_observers_file(*, actor: Actor, draw: Draw) -> dict[str, Any]:
    """Give a sworn observer the file that opens the seals of a draw; the journal says each time that it was taken.

    Raises
    ------
    NotSealed
        If the record shows everything.
    NotCommitted
        If there is nothing sealed yet.
    SealsDestroyed
        After its date.
    """
    require(policies.may_open_seals(actor, draw))
    person = required(actor.user)
    if not draw.is_sealed:
        raise NotSealed
    with transaction.atomic():
        made = DrawRecord.objects.select_for_update().filter(draw=draw).first()
        if made is None:
            raise NotCommitted
        if made.observers_file is None:
            raise SealsDestroyed
        record(
            actor=actor, institution=draw.cycle.institution, action=Action.SEALS_OPENED, subject=draw,
            facts={"kind": draw.kind, "number": draw.number}, sealed={"person": person.pk},
        )  # fmt: skip
        return dict(made.observers_file)


def destroy_seals(draw: Draw) -> bool:
    """Destroy what opens a sealed draw that is final or annulled; returns whether there was anything left of it.

    Called by the job that knows when the data of a cycle must go. The public record still verifies.
    """
    with transaction.atomic():
        draw = Draw.objects.select_for_update().get(pk=draw.pk)
        if draw.status not in {DrawStatus.FINAL, DrawStatus.ANNULLED} or not draw.is_sealed:
            return False
        made = DrawRecord.objects.filter(draw=draw, observers_file__isnull=False).first()
        if made is None:
            return False
        made.observers_file = None
        made.save(update_fields=["observers_file"])
        draw.pool.seal_key = ""
        draw.pool.save(update_fields=["seal_key"])
        record(
            actor=Actor.system(), institution=draw.cycle.institution, action=Action.SEALS_DESTROYED,
            subject=draw, facts={"kind": draw.kind, "number": draw.number},
        )  # fmt: skip
        return True
