from __future__ import annotations

import uuid

from django.db import models

from isegoria_web.accounts.models import User
from isegoria_web.deliberation.enums import MapOrigin, MapStatus, Stance, WordingStatus
from isegoria_web.deliberation.querysets import (
    NoteQuerySet,
    OpinionMapQuerySet,
    StatementQuerySet,
    WordingQuerySet,
)
from isegoria_web.institutions.models import Cycle
from isegoria_web.meetings.models import Table
from isegoria_web.membership.models import Member
from isegoria_web.translated import TextsField


class Note(models.Model):
    """What a facilitator wrote down of a table's talk: thoughts, not speakers."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    table = models.ForeignKey(Table, on_delete=models.PROTECT, related_name="notes")
    text = models.TextField()
    language = models.CharField(max_length=5)
    written_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="notes")
    written_at = models.DateTimeField()

    objects = NoteQuerySet.as_manager()

    class Meta:
        ordering = ["table", "written_at", "pk"]


LONGEST_NOTE = 10_000
"""Characters."""


class Wording(models.Model):
    """A text that a note had at some time, or that was kept beside it because somebody else was faster."""

    # Made by the device that wrote, so that what is sent twice is written once.
    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    note = models.ForeignKey(Note, on_delete=models.PROTECT, related_name="wordings")
    text = models.TextField()
    written_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    written_at = models.DateTimeField()
    status = models.CharField(max_length=20, choices=WordingStatus.choices)

    objects = WordingQuerySet.as_manager()

    class Meta:
        ordering = ["note", "written_at", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(status__in=WordingStatus.values), name="a_wording_has_a_status"
            )
        ]


class Statement(models.Model):
    """One thought in one sentence, to which every member can react."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    cycle = models.ForeignKey(Cycle, on_delete=models.PROTECT, related_name="statements")
    number = models.PositiveIntegerField()
    text = models.TextField()
    language = models.CharField(max_length=5)
    note = models.ForeignKey(
        Note, on_delete=models.PROTECT, null=True, blank=True, related_name="statements"
    )
    made_by = models.ForeignKey(
        Member, on_delete=models.PROTECT, null=True, blank=True, related_name="statements"
    )
    made_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True)

    objects = StatementQuerySet.as_manager()

    class Meta:
        ordering = ["cycle", "number"]
        constraints = [
            models.UniqueConstraint(fields=["cycle", "number"], name="one_statement_per_number"),
            models.CheckConstraint(
                condition=models.Q(note__isnull=False) | models.Q(made_by__isnull=False),
                name="a_statement_comes_from_a_table_or_a_member",
            ),
        ]


class Translation(models.Model):
    """A statement in another language, entered by a person; the original stays."""

    statement = models.ForeignKey(Statement, on_delete=models.PROTECT, related_name="translations")
    language = models.CharField(max_length=5)
    text = models.TextField()
    made_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="translations")
    made_at = models.DateTimeField()

    class Meta:
        ordering = ["statement", "language"]
        constraints = [
            models.UniqueConstraint(fields=["statement", "language"], name="one_translation_per_language")
        ]


class Reaction(models.Model):
    """What a member thinks of a statement; the latest counts, single ones are never shown."""

    statement = models.ForeignKey(Statement, on_delete=models.PROTECT, related_name="reactions")
    member = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="reactions")
    stance = models.CharField(max_length=10, choices=Stance.choices)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["statement", "member"], name="one_reaction_per_member"),
            models.CheckConstraint(
                condition=models.Q(stance__in=Stance.values), name="a_reaction_is_one_of_the_stances"
            ),
        ]


class OpinionMap(models.Model):
    """Where the members, or the people of a conversation held elsewhere, agree. It names and places no person."""

    cycle = models.ForeignKey(Cycle, on_delete=models.PROTECT, related_name="opinion_maps")
    number = models.PositiveIntegerField()
    origin = models.CharField(max_length=20, choices=MapOrigin.choices)
    status = models.CharField(max_length=20, choices=MapStatus.choices, default=MapStatus.WAITING)
    title = TextsField(blank=True)
    seed = models.CharField(max_length=200)
    source = models.CharField(max_length=300, blank=True)
    asked_at = models.DateTimeField()
    made_at = models.DateTimeField(null=True, blank=True)
    document = models.JSONField(null=True, blank=True)
    # Votes under names drawn anew for each map, in the order of these names; no table leads back to a member.
    votes = models.FileField(upload_to="opinions/", blank=True)
    statements = models.FileField(upload_to="opinions/", blank=True)

    objects = OpinionMapQuerySet.as_manager()

    class Meta:
        ordering = ["cycle", "number"]
        constraints = [
            models.UniqueConstraint(fields=["cycle", "number"], name="one_map_per_number"),
            models.CheckConstraint(
                condition=~models.Q(status="done")
                | models.Q(document__isnull=False, made_at__isnull=False),
                name="a_map_that_is_done_has_its_document",
            ),
        ]
