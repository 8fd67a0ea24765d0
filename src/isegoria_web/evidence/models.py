from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Q

from isegoria_web.accounts.models import User
from isegoria_web.evidence.enums import ChosenBy, QuestionStatus, RequestStatus, SourceKind, Stance
from isegoria_web.evidence.querysets import QuestionQuerySet, SpeakerRequestQuerySet
from isegoria_web.institutions.models import Cycle
from isegoria_web.meetings.models import Meeting
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


class InterestDeclaration(models.Model):
    """What a speaker declared at one moment; a later declaration does not wipe out an earlier one."""

    speaker = models.ForeignKey(Speaker, on_delete=models.PROTECT, related_name="declarations")
    interests = TextsField()
    declared_at = models.DateTimeField()

    class Meta:
        ordering = ["speaker", "declared_at", "pk"]


class Appearance(models.Model):
    """A speaker is on the programme of a meeting, on a side that she names herself."""

    speaker = models.ForeignKey(Speaker, on_delete=models.PROTECT, related_name="appearances")
    meeting = models.ForeignKey(Meeting, on_delete=models.PROTECT, related_name="appearances")
    stance = models.CharField(max_length=20, choices=Stance.choices)
    announced_at = models.DateTimeField()

    class Meta:
        ordering = ["meeting", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["speaker", "meeting"], name="a_speaker_appears_once_in_a_meeting"
            )
        ]


class Dossier(models.Model):
    """What the members are given to read on the question."""

    cycle = models.ForeignKey(Cycle, on_delete=models.PROTECT, related_name="dossiers")
    number = models.PositiveIntegerField()
    version = models.PositiveIntegerField(default=1)
    title = TextsField()
    introduction = TextsField()
    published_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["cycle", "number"]
        constraints = [models.UniqueConstraint(fields=["cycle", "number"], name="one_dossier_per_number")]


class DossierVersion(models.Model):
    """A dossier as it was published once, word for word; later versions do not wipe it out."""

    dossier = models.ForeignKey(Dossier, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    title = TextsField()
    introduction = TextsField()
    pieces = models.JSONField()  # title, text, kind, source, speaker's name, in their order
    changes = TextsField(blank=True)
    published_at = models.DateTimeField()

    class Meta:
        ordering = ["dossier", "number"]
        constraints = [
            models.UniqueConstraint(fields=["dossier", "number"], name="one_dossier_version_per_number")
        ]


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

    merged_into = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="merged"
    )  # its author stays an author of the question that is answered

    objects = QuestionQuerySet.as_manager()

    class Meta:
        ordering = ["cycle", "asked_at", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(status="answered") | (Q(replied_at__isnull=False) & ~Q(reply="")),
                name="an_answered_question_has_a_reply",
            )
        ]


class SpeakerRequest(models.Model):
    """Whom members want to hear too, and what came of it."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    cycle = models.ForeignKey(Cycle, on_delete=models.PROTECT, related_name="speaker_requests")
    asked_by = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="speaker_requests")
    supporters = models.ManyToManyField(Member, related_name="supported_requests")
    text = models.TextField()
    language = models.CharField(max_length=5)
    asked_at = models.DateTimeField()
    status = models.CharField(max_length=20, choices=RequestStatus.choices, default=RequestStatus.OPEN)
    answer = TextsField(blank=True)
    speaker = models.ForeignKey(
        Speaker, on_delete=models.PROTECT, null=True, blank=True, related_name="requests"
    )
    answered_at = models.DateTimeField(null=True, blank=True)

    objects = SpeakerRequestQuerySet.as_manager()

    class Meta:
        ordering = ["cycle", "asked_at", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(status="invited") | Q(speaker__isnull=False),
                name="who_was_invited_is_named",
            ),
            models.CheckConstraint(
                condition=Q(status="open") | Q(answered_at__isnull=False),
                name="an_answered_wish_has_its_day",
            ),
        ]
