"""Draws and their public records. Nothing in here names a person: entries are codes."""

from __future__ import annotations

import uuid

from django.db import models

from isegoria_web.institutions.models import Cycle
from isegoria_web.lottery.enums import DrawKind, DrawStatus, Origin, SelectionKind
from isegoria_web.lottery.querysets import DrawQuerySet
from isegoria_web.translated import TextsField


class Feature(models.Model):
    """What the quotas speak of: age, sex, residence, education."""

    cycle = models.ForeignKey(Cycle, on_delete=models.CASCADE, related_name="features")
    key = models.SlugField()
    name = TextsField()
    source = models.CharField(
        max_length=300, blank=True
    )  # where the population shares come from, with date
    origin = models.CharField(max_length=20, choices=Origin.choices, default=Origin.DECLARED)
    position = models.PositiveIntegerField()

    class Meta:
        ordering = ["cycle", "position"]
        constraints = [models.UniqueConstraint(fields=["cycle", "key"], name="one_feature_per_key")]


class Value(models.Model):
    """One value of a feature, with its share of the population and its quota."""

    feature = models.ForeignKey(Feature, on_delete=models.CASCADE, related_name="values")
    key = models.SlugField()
    name = TextsField()
    position = models.PositiveIntegerField()
    matches = models.JSONField(
        default=list
    )  # what the register shows: sexes, [first, last] age, municipalities
    population = models.PositiveIntegerField(null=True, blank=True)  # persons; shares are computed
    minimum = models.PositiveIntegerField(null=True, blank=True)
    maximum = models.PositiveIntegerField(null=True, blank=True)

    class Meta:
        ordering = ["feature", "position"]
        constraints = [
            models.UniqueConstraint(fields=["feature", "key"], name="one_value_per_key"),
            models.CheckConstraint(
                condition=models.Q(minimum__isnull=True, maximum__isnull=True)
                | models.Q(maximum__gte=models.F("minimum")),
                name="quota_is_a_range",
            ),
        ]


class Draw(models.Model):
    """One draw by lot: announced, committed, drawn. A second one needs a published annulment."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    cycle = models.ForeignKey(Cycle, on_delete=models.PROTECT, related_name="draws")
    kind = models.CharField(max_length=20, choices=DrawKind.choices)
    number = models.PositiveIntegerField()
    status = models.CharField(max_length=20, choices=DrawStatus.choices, default=DrawStatus.ANNOUNCED)
    size = models.PositiveIntegerField()
    alternates = models.PositiveIntegerField(default=0)
    source = TextsField()  # the public randomness, in words
    source_due_at = models.DateTimeField()  # when it will exist
    announced_at = models.DateTimeField()
    computing_since = models.DateTimeField(
        null=True, blank=True
    )  # in the background, until it is committed
    computing_failed = models.TextField(blank=True)  # why, as the secretariat reads it
    committed_at = models.DateTimeField(null=True, blank=True)
    drawn_at = models.DateTimeField(null=True, blank=True)
    source_value = models.CharField(max_length=300, blank=True)
    annulled_reason = TextsField(blank=True)

    objects = DrawQuerySet.as_manager()

    class Meta:
        ordering = ["cycle", "number"]
        constraints = [
            models.UniqueConstraint(fields=["cycle", "number"], name="one_draw_per_number"),
            models.UniqueConstraint(
                fields=["cycle", "kind"],
                condition=models.Q(kind__in=["letters", "panel"]) & ~models.Q(status="annulled"),
                name="one_valid_draw_of_a_kind",
            ),
            models.CheckConstraint(
                condition=~models.Q(status="drawn")
                | (
                    models.Q(committed_at__isnull=False, drawn_at__isnull=False)
                    & ~models.Q(source_value="")
                ),
                name="drawn_after_commitment_with_randomness",
            ),
            models.CheckConstraint(
                condition=models.Q(drawn_at__isnull=True) | models.Q(drawn_at__gt=models.F("committed_at")),
                name="randomness_comes_after_commitment",
            ),
        ]


class Pool(models.Model):
    """Who may be drawn, frozen: codes and features."""

    draw = models.OneToOneField(Draw, on_delete=models.PROTECT, related_name="pool")
    frozen_at = models.DateTimeField()
    root = models.CharField(max_length=64)
    size = models.PositiveIntegerField()


class PoolEntry(models.Model):
    """One entry of a pool: a code, features, and the exact chance as a fraction."""

    pool = models.ForeignKey(Pool, on_delete=models.PROTECT, related_name="entries")
    code = models.CharField(max_length=16)
    features = models.JSONField()
    salt = models.CharField(max_length=64)  # deleted on erasure; the root still verifies
    chance_numerator = models.BigIntegerField(null=True, blank=True)
    chance_denominator = models.BigIntegerField(null=True, blank=True)

    class Meta:
        ordering = ["pool", "code"]
        constraints = [models.UniqueConstraint(fields=["pool", "code"], name="one_entry_per_code")]


class DrawRecord(models.Model):
    """The public document of a draw: first the commitment, then the whole."""

    draw = models.OneToOneField(Draw, on_delete=models.PROTECT, related_name="record")
    commitment = models.JSONField()
    commitment_sha256 = models.CharField(max_length=64)
    document = models.JSONField(null=True, blank=True)
    sha256 = models.CharField(max_length=64, blank=True)
    software = models.CharField(max_length=60)


class Selection(models.Model):
    """An entry that the lot fell on, as member or as alternate in order."""

    draw = models.ForeignKey(Draw, on_delete=models.PROTECT, related_name="selections")
    entry = models.OneToOneField(PoolEntry, on_delete=models.PROTECT, related_name="selection")
    kind = models.CharField(max_length=20, choices=SelectionKind.choices)
    position = models.PositiveIntegerField()

    class Meta:
        ordering = ["draw", "kind", "position"]
        constraints = [
            models.UniqueConstraint(fields=["draw", "kind", "position"], name="one_selection_per_position")
        ]
