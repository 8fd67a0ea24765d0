from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Q

from isegoria_web.evaluation.enums import Phase
from isegoria_web.institutions.models import Cycle


class Questionnaire(models.Model):
    """The same sentences, put to the members before and after they deliberate; in the end only sums are kept."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    cycle = models.OneToOneField(Cycle, on_delete=models.PROTECT, related_name="questionnaire")
    sentences = models.JSONField()  # of {"key", "text": texts}
    secret = models.CharField(
        max_length=64, blank=True
    )  # makes the keys of the replies; gone when it is closed
    opened_at = models.DateTimeField()
    asked_again_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    results = models.JSONField(null=True, blank=True)  # of each sentence, where enough replied

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(closed_at__isnull=True, results__isnull=True)
                | Q(closed_at__isnull=False, results__isnull=False, secret=""),
                name="results_when_a_questionnaire_is_closed",
            )
        ]

    @property
    def phase(self) -> Phase | None:
        """What is asked now; None when it is closed."""
        if self.closed_at is not None:
            return None
        return Phase.BEFORE if self.asked_again_at is None else Phase.AFTER


class Reply(models.Model):
    """What somebody replied in one phase. Her key is the same in both, and nobody's once the secret is gone."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    questionnaire = models.ForeignKey(Questionnaire, on_delete=models.CASCADE, related_name="replies")
    phase = models.CharField(max_length=10, choices=Phase.choices)
    key = models.CharField(max_length=64)
    answers = models.JSONField()  # key of a sentence to 0 … 5

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["questionnaire", "phase", "key"], name="one_reply_in_each_phase"
            ),
            models.CheckConstraint(condition=Q(phase__in=Phase.values), name="a_reply_has_a_phase"),
        ]
