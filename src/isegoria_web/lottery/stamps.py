"""Time stamps of others under the commitment of a draw. These are services like those in `services.py`."""

from __future__ import annotations

import hashlib

from django.db import transaction

from isegoria_web import clock
from isegoria_web.accounts.actors import Actor
from isegoria_web.errors import require
from isegoria_web.journal.enums import Action
from isegoria_web.journal.services import record
from isegoria_web.lottery import algorithms, policies
from isegoria_web.lottery.enums import DrawStatus
from isegoria_web.lottery.errors import AlreadyDrawn, NotCommitted, ReceiptKnown, ReceiptWrong
from isegoria_web.lottery.models import Draw, TimeStamp

LARGEST_RECEIPT = 70_000
"""Bytes of a receipt: what the format of a record takes; real ones have some thousand."""


def attach_time_stamp(*, actor: Actor, draw: Draw, content: bytes) -> TimeStamp:
    """Attach a receipt over the hash of a commitment, between the commitment and the draw; the record carries it.

    Raises
    ------
    NotCommitted, AlreadyDrawn
        If it is not the time for it.
    ReceiptWrong
        If it is no receipt, over another hash, or not older than the first source.
    ReceiptKnown
        If it was attached before.
    ReceiptNotChecked
        If this server cannot read it.
    """
    require(policies.may_read_source(actor, draw))
    with transaction.atomic():
        Draw.objects.select_for_update().get(pk=draw.pk)
        draw = Draw.objects.select_related("cycle__institution", "record").get(pk=draw.pk)
        if draw.status == DrawStatus.ANNOUNCED:
            raise NotCommitted
        if draw.status != DrawStatus.COMMITTED:
            raise AlreadyDrawn
        if not 0 < len(content) <= LARGEST_RECEIPT:
            raise ReceiptWrong
        kind, fault = algorithms.checked_stamp(draw, content)
        if fault is not None:
            raise ReceiptWrong(problem=f"{ReceiptWrong.problem} ({fault})")
        digest = hashlib.sha256(content).hexdigest()
        if draw.time_stamps.filter(sha256=digest).exists():
            raise ReceiptKnown
        made = TimeStamp.objects.create(
            draw=draw, position=draw.time_stamps.count() + 1, kind=kind, content=content, sha256=digest,
            attached_at=clock.now(),
        )  # fmt: skip
        record(
            actor=actor, institution=draw.cycle.institution, action=Action.TIMESTAMP_ATTACHED, subject=draw,
            facts={"kind": kind.value, "number": made.position, "sha256": digest},
        )  # fmt: skip
        return made
