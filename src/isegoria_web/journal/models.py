from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models

from isegoria_web.journal.enums import Action


class Chain(models.Model):
    """One public, hash-chained record: each institution has one. It outlives everything that it tells of."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    name = models.CharField(max_length=120, unique=True)
    length = models.PositiveBigIntegerField(default=0)
    head = models.CharField(max_length=64, default="0" * 64)


class Entry(models.Model):
    """One act. It names no person: facts are numbers, codes, dates and hashes."""

    chain = models.ForeignKey(Chain, on_delete=models.PROTECT, related_name="entries")
    sequence = models.PositiveBigIntegerField()
    previous = models.CharField(max_length=64)
    time = models.DateTimeField()
    actor = models.CharField(max_length=60)
    action = models.CharField(max_length=40, choices=Action.choices)
    subject = models.CharField(max_length=32)
    facts = models.JSONField(default=dict)
    commitment = models.CharField(max_length=64, blank=True)
    hash = models.CharField(max_length=64, unique=True)

    class Meta:
        ordering = ["chain", "sequence"]
        constraints = [
            models.UniqueConstraint(fields=["chain", "sequence"], name="one_entry_per_number"),
            models.UniqueConstraint(fields=["chain", "previous"], name="chain_never_forks"),
        ]


class Checkpoint(models.Model):
    """A signed statement of how long a chain was at a moment: who keeps it finds a chain that was cut."""

    chain = models.ForeignKey(Chain, on_delete=models.PROTECT, related_name="checkpoints")
    length = models.PositiveBigIntegerField()
    head = models.CharField(max_length=64)
    time = models.DateTimeField()
    key = models.CharField(max_length=64)
    signature = models.CharField(max_length=128)

    class Meta:
        ordering = ["chain", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["chain", "length", "key"], name="one_checkpoint_per_length")
        ]


class Opening(models.Model):
    """What opens a commitment: deleted on erasure, after which the chain still verifies."""

    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, null=True, blank=True, related_name="+"
    )  # of whom it tells
    entry = models.OneToOneField(Entry, on_delete=models.CASCADE, related_name="opening")
    salt = models.CharField(max_length=64)
    payload = models.JSONField()
