from django.db import models
from django.utils.translation import gettext_lazy as _


class ItemKind(models.TextChoices):
    WELCOME = "welcome", _("Welcome")
    EVIDENCE = "evidence", _("Evidence")
    QUESTIONS = "questions", _("Questions")
    TABLES = "tables", _("Work at tables")
    PLENARY = "plenary", _("Plenary")
    BALLOT = "ballot", _("Ballot")
    BREAK = "break", _("Break")


class Presence(models.TextChoices):
    PRESENT = "present", _("Present")
    EXCUSED = "excused", _("Excused")
    ABSENT = "absent", _("Absent")


class WishKind(models.TextChoices):
    APART = "apart", _("Never at one table")
    TOGETHER = "together", _("Always at one table")
    PINNED = "pinned", _("Always at this table")


class SearchStatus(models.TextChoices):
    WAITING = "waiting", _("Waiting to begin")
    RUNNING = "running", _("Looking for a better plan")
    READY = "ready", _("Ready to be looked at")
    TAKEN = "taken", _("Taken as the plan")
    DISCARDED = "discarded", _("Given up")
    FAILED = "failed", _("Not possible")


SEEKING = (SearchStatus.WAITING, SearchStatus.RUNNING)
"""A worker seeks, or will."""
