"""What the software writes about itself. No person acts here, and nothing of it is public."""

from __future__ import annotations

import os
import socket
from datetime import timedelta

from isegoria_web import clock
from isegoria_web.operations.models import Heartbeat

SILENT_AFTER = timedelta(minutes=2)
"""A worker that was not heard for so long is taken for dead."""


def worker_name() -> str:
    """Return this process's name among the workers: host and process."""
    return f"{socket.gethostname()[:40]}:{os.getpid()}"


def beat() -> None:
    """Write down that this worker lives."""
    Heartbeat.objects.update_or_create(worker=worker_name(), defaults={"beat_at": clock.now()})


def forget() -> None:
    """Write down that this worker ends."""
    Heartbeat.objects.filter(worker=worker_name()).delete()
