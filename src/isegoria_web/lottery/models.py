"""Draws and their public records. Nothing in here names a person: entries are codes."""

from __future__ import annotations

import uuid
from datetime import datetime

from django.conf import settings
from django.db import models

from isegoria_web.institutions.models import Cycle
from isegoria_web.lottery.enums import (
    Disclosure,
    DrawKind,
    DrawStatus,
    ObjectionStatus,
    Origin,
    SelectionKind,
    SourceKind,
    StampKind,
)
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

    @property
    def sensitive(self) -> bool:
        """Whether nobody has to tell it, so that it has a value for that; it is asked with its own consent."""
        return any(value.key == UNDISCLOSED for value in self.values.all())


UNDISCLOSED = "undisclosed"
"""The value of a sensitive feature that somebody does not want to tell."""
UNDISCLOSED_NAME = {"nl": "Niet gezegd", "fr": "Non précisé", "de": "Keine Angabe", "en": "Not said"}


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
    min_flex = models.PositiveIntegerField(null=True, blank=True)  # the least that the minimum may fall to
    max_flex = models.PositiveIntegerField(null=True, blank=True)  # the most that the maximum may rise to

    class Meta:
        ordering = ["feature", "position"]
        constraints = [
            models.UniqueConstraint(fields=["feature", "key"], name="one_value_per_key"),
            models.CheckConstraint(
                condition=models.Q(minimum__isnull=True, maximum__isnull=True)
                | models.Q(maximum__gte=models.F("minimum")),
                name="quota_is_a_range",
            ),
            models.CheckConstraint(
                condition=(models.Q(min_flex__isnull=True) | models.Q(min_flex__lte=models.F("minimum")))
                & (models.Q(max_flex__isnull=True) | models.Q(max_flex__gte=models.F("maximum"))),
                name="quota_gives_way_outwards",
            ),
        ]


class QuotaChange(models.Model):
    """Other quotas than those under which people were invited: proposed with a public reason, made by a second person."""

    cycle = models.ForeignKey(Cycle, on_delete=models.PROTECT, related_name="quota_changes")
    number = models.PositiveIntegerField()
    reason = TextsField()
    rows = models.JSONField()  # each with feature, value, before and after, both [minimum, maximum]
    repairs = models.ForeignKey(
        "Draw", on_delete=models.PROTECT, null=True, blank=True, related_name="widened_quotas"
    )  # whose vacant seats the quotas are wider for; without one they are those of the panel
    proposed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField()
    confirmed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    confirmed_at = models.DateTimeField(null=True, blank=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["cycle", "number"]
        constraints = [
            models.UniqueConstraint(fields=["cycle", "number"], name="one_quota_change_per_number"),
            models.UniqueConstraint(
                fields=["cycle"],
                condition=models.Q(confirmed_at__isnull=True, withdrawn_at__isnull=True),
                name="one_open_quota_change",
            ),
            models.CheckConstraint(
                condition=models.Q(confirmed_by__isnull=True, confirmed_at__isnull=True)
                | (
                    models.Q(confirmed_by__isnull=False, confirmed_at__isnull=False)
                    & ~models.Q(confirmed_by=models.F("proposed_by"))
                    & models.Q(withdrawn_at__isnull=True)
                ),
                name="quotas_changed_by_two_persons",
            ),
        ]

    @property
    def is_open(self) -> bool:
        """Whether a second person still has to decide."""
        return self.confirmed_at is None and self.withdrawn_at is None


class Draw(models.Model):
    """One draw by lot: announced, committed, drawn, final. A second one needs a published annulment."""

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
    annulled_at = models.DateTimeField(null=True, blank=True)
    publish_by = models.DateTimeField(
        null=True, blank=True
    )  # later the page says in public that it is late
    overdue_noted_at = models.DateTimeField(null=True, blank=True)
    challenge_days = models.PositiveIntegerField(default=0)
    challenge_rule = models.CharField(
        max_length=200, blank=True
    )  # rule and version that say so; empty: the default
    disclosure = models.CharField(max_length=10, choices=Disclosure.choices, default=Disclosure.OPEN)
    disclosure_rule = models.CharField(max_length=200, blank=True)  # as above
    challenge_ends_at = models.DateTimeField(null=True, blank=True)
    final_at = models.DateTimeField(null=True, blank=True)

    objects = DrawQuerySet.as_manager()

    class Meta:
        ordering = ["cycle", "number"]
        constraints = [
            models.UniqueConstraint(fields=["cycle", "number"], name="one_draw_per_number"),
            models.UniqueConstraint(
                fields=["cycle", "kind"],
                condition=models.Q(kind="panel") & ~models.Q(status="annulled"),
                name="one_valid_draw_of_the_panel",
            ),
            models.UniqueConstraint(
                fields=["cycle", "kind"],
                condition=models.Q(kind="rotation") & ~models.Q(status="annulled"),
                name="one_valid_rotation_of_a_cycle",
            ),
            models.UniqueConstraint(
                fields=["cycle", "kind"],
                condition=models.Q(kind="replacement", status__in=["announced", "committed", "drawn"]),
                name="one_replacement_draw_at_a_time",
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
            models.CheckConstraint(
                condition=~models.Q(status="final") | models.Q(final_at__gte=models.F("challenge_ends_at")),
                name="final_after_the_challenge_period",
            ),
        ]

    @property
    def is_sealed(self) -> bool:
        """Whether its public record hides the features of rare types."""
        return self.disclosure == Disclosure.SEALED

    @property
    def hides_its_lottery(self) -> bool:
        """Whether it is a sealed one for vacant seats: its public record shows neither who sits nor anybody's chance."""
        return self.is_sealed and hasattr(self, "completion")

    @property
    def is_drawn(self) -> bool:
        """Whether the lot has fallen, and counts."""
        return self.status in {DrawStatus.DRAWN, DrawStatus.FINAL}

    def sources_in_words(self) -> str:
        """Return the values that are known, in the announced order."""
        return " · ".join(each.value for each in self.sources.all() if each.value)

    def is_overdue(self, now: datetime) -> bool:
        """Return whether the result should stand here by now; before the commitment, whether its hour passed."""
        if self.status == DrawStatus.ANNOUNCED:
            return now >= self.source_due_at
        return self.status == DrawStatus.COMMITTED and self.publish_by is not None and now > self.publish_by


class RandomSource(models.Model):
    """One public source of randomness, named before its value exists."""

    draw = models.ForeignKey(Draw, on_delete=models.PROTECT, related_name="sources")
    position = models.PositiveIntegerField()
    name = models.CharField(max_length=80)  # in the grammar of docs/draw-record.md
    kind = models.CharField(max_length=20, choices=SourceKind.choices)
    due_at = models.DateTimeField()
    parties = models.JSONField(default=list, blank=True)  # of a commit–reveal: party and commitment
    value = models.CharField(max_length=300, blank=True)
    proof = models.JSONField(null=True, blank=True)
    evidence = models.CharField(max_length=300, blank=True)
    obtained_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["draw", "position"]
        constraints = [
            models.UniqueConstraint(fields=["draw", "position"], name="one_source_per_position"),
            models.UniqueConstraint(fields=["draw", "name"], name="one_source_per_name"),
            models.CheckConstraint(
                condition=models.Q(value="", obtained_at__isnull=True)
                | (~models.Q(value="") & models.Q(obtained_at__gte=models.F("due_at"))),
                name="no_value_before_its_moment",
            ),
        ]


class Reading(models.Model):
    """What one person wrote down of dice or balls, without seeing what the other wrote. Kept for good."""

    source = models.ForeignKey(RandomSource, on_delete=models.PROTECT, related_name="readings")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    role = models.CharField(max_length=60)
    value = models.CharField(max_length=300)
    film = models.CharField(max_length=200)  # where film or photo is kept
    notary = models.CharField(max_length=200, blank=True)
    read_at = models.DateTimeField()
    replaced_at = models.DateTimeField(null=True, blank=True)  # by a later one of the same person

    class Meta:
        ordering = ["source", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["source", "person"],
                condition=models.Q(replaced_at__isnull=True),
                name="one_reading_per_person",
            )
        ]


class Reveal(models.Model):
    """The secret number of a party, revealed in time; who reveals nothing is visible by its absence."""

    source = models.ForeignKey(RandomSource, on_delete=models.PROTECT, related_name="reveals")
    party = models.CharField(max_length=300)
    secret = models.CharField(max_length=64)
    revealed_at = models.DateTimeField()

    class Meta:
        ordering = ["source", "pk"]
        constraints = [models.UniqueConstraint(fields=["source", "party"], name="one_reveal_per_party")]


class Annulment(models.Model):
    """A proposal to annul a draw, with its public reason; only a second person can make it come true."""

    draw = models.ForeignKey(Draw, on_delete=models.PROTECT, related_name="annulments")
    reason = TextsField()
    proposed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField()
    confirmed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    confirmed_at = models.DateTimeField(null=True, blank=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["draw", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["draw"], condition=models.Q(withdrawn_at__isnull=True), name="one_open_annulment"
            ),
            models.CheckConstraint(
                condition=models.Q(confirmed_by__isnull=True, confirmed_at__isnull=True)
                | (
                    models.Q(confirmed_by__isnull=False, confirmed_at__isnull=False)
                    & ~models.Q(confirmed_by=models.F("proposed_by"))
                ),
                name="annulled_by_two_persons",
            ),
        ]


class Objection(models.Model):
    """What somebody says against a draw in its challenge period. Its number is public at once."""

    draw = models.ForeignKey(Draw, on_delete=models.PROTECT, related_name="objections")
    number = models.PositiveIntegerField()
    text = models.TextField(max_length=2000, blank=True)
    language = models.CharField(max_length=5)
    raised_at = models.DateTimeField()
    status = models.CharField(
        max_length=20, choices=ObjectionStatus.choices, default=ObjectionStatus.WAITING
    )
    answer = TextsField(blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["draw", "number"]
        constraints = [models.UniqueConstraint(fields=["draw", "number"], name="one_objection_per_number")]


class TimeStamp(models.Model):
    """A receipt of somebody else over the hash of a commitment: proof of when it existed, without trusting our clock."""

    draw = models.ForeignKey(Draw, on_delete=models.PROTECT, related_name="time_stamps")
    position = models.PositiveIntegerField()
    kind = models.CharField(max_length=20, choices=StampKind.choices)
    content = models.BinaryField()
    sha256 = models.CharField(max_length=64)
    attached_at = models.DateTimeField()

    class Meta:
        ordering = ["draw", "position"]
        constraints = [
            models.UniqueConstraint(fields=["draw", "position"], name="one_time_stamp_per_position"),
            models.UniqueConstraint(fields=["draw", "sha256"], name="one_time_stamp_per_receipt"),
        ]


class TestDraw(models.Model):
    """A TEST: the same arithmetic over codes and a seed of its own. No draw can be made of it, no person sees it."""

    __test__ = False  # no test class

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    cycle = models.ForeignKey(Cycle, on_delete=models.PROTECT, related_name="test_draws")
    number = models.PositiveIntegerField()
    made_at = models.DateTimeField()
    document = models.JSONField()

    class Meta:
        ordering = ["cycle", "number"]
        constraints = [models.UniqueConstraint(fields=["cycle", "number"], name="one_test_draw_per_number")]


class Pool(models.Model):
    """Who may be drawn, frozen: codes and features."""

    draw = models.OneToOneField(Draw, on_delete=models.PROTECT, related_name="pool")
    frozen_at = models.DateTimeField()
    root = models.CharField(max_length=64)
    size = models.PositiveIntegerField()
    seal_key = models.CharField(max_length=64, blank=True)  # of a sealed record; destroyed on erasure


class PoolEntry(models.Model):
    """One entry of a pool: a code, features, and the exact chance as a fraction."""

    pool = models.ForeignKey(Pool, on_delete=models.PROTECT, related_name="entries")
    code = models.CharField(max_length=16)
    features = models.JSONField()
    home = models.PositiveIntegerField(
        null=True, blank=True
    )  # the same for entries of one home, none for who is alone in the pool; it tells nothing outside this pool
    salt = models.CharField(max_length=64)  # deleted on erasure; the root still verifies
    chance_numerator = models.BigIntegerField(null=True, blank=True)
    chance_denominator = models.BigIntegerField(null=True, blank=True)
    first = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="again"
    )  # the same person in the pool that was frozen first

    class Meta:
        ordering = ["pool", "code"]
        constraints = [models.UniqueConstraint(fields=["pool", "code"], name="one_entry_per_code")]

    @property
    def original(self) -> PoolEntry:
        """The entry behind which the person stands: that of the pool frozen first."""
        return self.first or self


class Completion(models.Model):
    """The body whose vacant seats a draw fills, as it stood when the draw was announced."""

    draw = models.OneToOneField(Draw, on_delete=models.PROTECT, related_name="completion")
    earlier = models.ForeignKey(
        Draw, on_delete=models.PROTECT, null=True, blank=True, related_name="completed_by"
    )  # by which those who sit were drawn
    size = models.PositiveIntegerField()  # of the whole body


class Sitter(models.Model):
    """Somebody who sits while the vacant seats are drawn: a code and features, as in the record that drew her."""

    completion = models.ForeignKey(Completion, on_delete=models.PROTECT, related_name="sitters")
    code = models.CharField(max_length=16)
    features = models.JSONField()

    class Meta:
        ordering = ["completion", "code"]
        constraints = [models.UniqueConstraint(fields=["completion", "code"], name="one_sitter_per_code")]


class DrawRecord(models.Model):
    """The public document of a draw: first the commitment, then the whole."""

    draw = models.OneToOneField(Draw, on_delete=models.PROTECT, related_name="record")
    commitment = models.JSONField()
    commitment_sha256 = models.CharField(max_length=64)
    document = models.JSONField(null=True, blank=True)
    sha256 = models.CharField(max_length=64, blank=True)
    software = models.CharField(max_length=60)
    observers_file = models.JSONField(
        null=True, blank=True
    )  # what opens a sealed record, for sworn observers; destroyed on erasure


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
