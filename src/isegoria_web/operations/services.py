"""What the software writes about itself. No person acts here, and nothing of it is public."""

from __future__ import annotations

import os
import secrets
import socket
from datetime import timedelta

from isegoria_web import clock
from isegoria_web.operations.models import Heartbeat

SILENT_AFTER = timedelta(minutes=2)
"""A worker that was not heard for so long is taken for dead."""


_START = secrets.token_hex(4)
"""Tells a process from a dead one of the same number: after a restart a container gives the same numbers again."""


def worker_name() -> str:
    """Return this process's name among the workers: host, process and start."""
    return f"{socket.gethostname()[:40]}:{os.getpid()}:{_START}"


def beat() -> None:
    """Write down that this worker lives."""
    Heartbeat.objects.update_or_create(worker=worker_name(), defaults={"beat_at": clock.now()})


def forget() -> None:
    """Write down that this worker ends."""
    Heartbeat.objects.filter(worker=worker_name()).delete()
