from django.db import models
from django.utils.translation import gettext_lazy as _


class AnswerKind(models.TextChoices):
    """Which of the two answers that a statute can ask for: what will be done, and the account of what was done."""

    FIRST = "first", _("First answer")
    FINAL = "final", _("Final answer")


class Position(models.TextChoices):
    """What the authority says to a recommendation."""

    ACCEPTED = "accepted", _("Accepted")
    PARTLY = "partly", _("Partly accepted")
    STUDY = "study", _("To be studied")
    REJECTED = "rejected", _("Rejected")


class CommitmentStatus(models.TextChoices):
    PROMISED = "promised", _("Promised")
    UNDER_WAY = "under_way", _("Under way")
    FULFILLED = "fulfilled", _("Fulfilled")
    BROKEN = "broken", _("Broken")


SETTLED = (CommitmentStatus.FULFILLED, CommitmentStatus.BROKEN)
"""What is kept or given up is open no more."""
ACCOUNTED = (CommitmentStatus.FULFILLED, CommitmentStatus.BROKEN, CommitmentStatus.UNDER_WAY)
"""Where a promise can stand in a final answer."""


class Satisfaction(models.TextChoices):
    SATISFIED = "satisfied", _("The answer satisfies us")
    PARTLY = "partly", _("The answer satisfies us in part")
    NOT_SATISFIED = "not_satisfied", _("The answer does not satisfy us")


class HandoverStep(models.TextChoices):
    """When a member is written to about a handover dossier that she has not confirmed."""

    READY = "ready", _("It is there")
    WEEK = "week", _("A week before the first meeting")
    DAY = "day", _("On the last day before the first meeting")
