from __future__ import annotations

from django.db import models

from isegoria_web.operations.enums import Outcome


class JobRun(models.Model):
    """The last run of a job that falls due at intervals; claiming the row keeps two workers apart."""

    name = models.CharField(max_length=120, unique=True)
    worker = models.CharField(
        max_length=120, blank=True, db_default=""
    )  # a worker of the version before leaves it out
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=10, choices=Outcome.choices, default=Outcome.RUNNING)


class Heartbeat(models.Model):
    """A worker process that says every few seconds that it lives."""

    worker = models.CharField(max_length=120, unique=True)
    beat_at = models.DateTimeField()
