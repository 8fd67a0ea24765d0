from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Q

from isegoria_web.accounts.models import User
from isegoria_web.evidence.enums import ChosenBy, QuestionStatus, SourceKind
from isegoria_web.evidence.querysets import QuestionQuerySet
from isegoria_web.institutions.models import Cycle
from isegoria_web.membership.models import Member
from isegoria_web.translated import TextsField


class Speaker(models.Model):
    """An expert or stakeholder who speaks to the members, with her interests declared beforehand."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    cycle = models.ForeignKey(Cycle, on_delete=models.PROTECT, related_name="speakers")
    user = models.ForeignKey(
        User, on_delete=models.SET_NULL, null=True, blank=True, related_name="speakers"
    )
    name = models.CharField(max_length=150)
    role = TextsField()
    chosen_by = models.CharField(max_length=20, choices=ChosenBy.choices)
    interests = TextsField()  # "none" is a declaration too, in words
    declared_at = models.DateTimeField()


class Dossier(models.Model):
    """What the members are given to read on the question."""

    cycle = models.ForeignKey(Cycle, on_delete=models.PROTECT, related_name="dossiers")
    number = models.PositiveIntegerField()
    title = TextsField()
    introduction = TextsField()
    published_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["cycle", "number"]
        constraints = [models.UniqueConstraint(fields=["cycle", "number"], name="one_dossier_per_number")]


class Evidence(models.Model):
    """One piece of a dossier, with its source."""

    dossier = models.ForeignKey(Dossier, on_delete=models.PROTECT, related_name="evidence")
    position = models.PositiveIntegerField()
    title = TextsField()
    text = TextsField()  # Markdown
    kind = models.CharField(max_length=20, choices=SourceKind.choices)
    source = models.CharField(max_length=300)
    speaker = models.ForeignKey(
        Speaker, on_delete=models.PROTECT, null=True, blank=True, related_name="evidence"
    )

    class Meta:
        ordering = ["dossier", "position"]
        constraints = [
            models.UniqueConstraint(fields=["dossier", "position"], name="one_evidence_per_position")
        ]


class Question(models.Model):
    """What a member wants to know, with a date by which it is answered. The public sees no name."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    cycle = models.ForeignKey(Cycle, on_delete=models.PROTECT, related_name="questions")
    asked_by = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="questions")
    speaker = models.ForeignKey(
        Speaker, on_delete=models.PROTECT, null=True, blank=True, related_name="questions"
    )
    text = models.TextField()
    language = models.CharField(max_length=5)
    asked_at = models.DateTimeField()
    due_on = models.DateField()
    status = models.CharField(max_length=20, choices=QuestionStatus.choices, default=QuestionStatus.OPEN)
    reply = models.TextField(blank=True)
    reply_language = models.CharField(max_length=5, blank=True)
    replied_at = models.DateTimeField(null=True, blank=True)
    replied_by = models.ForeignKey(
        Speaker, on_delete=models.PROTECT, null=True, blank=True, related_name="replies"
    )

    objects = QuestionQuerySet.as_manager()

    class Meta:
        ordering = ["cycle", "asked_at", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(status="answered") | (Q(replied_at__isnull=False) & ~Q(reply="")),
                name="an_answered_question_has_a_reply",
            )
        ]
