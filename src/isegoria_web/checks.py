"""Django's system checks: what must be right before anything starts. `isegoria doctor` asks more."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.core import checks
from django.core.checks import CheckMessage, Tags, register

from isegoria_web.operations import diagnosis
from isegoria_web.operations.diagnosis import Fault


@register(Tags.security)
def strong_keys(**_kwargs: Any) -> list[CheckMessage]:
    """Refuse to start without strong keys, except on a developer's machine."""
    if settings.SECRET_KEY and settings.PSEUDONYM_KEY and settings.SECRET_KEY.startswith("django-insecure"):
        return []  # settings gave the developer's key, which they do only when debugging
    return _messages(checks.Error, diagnosis.secret_key, diagnosis.pseudonym_key)


@register("storage")
def storage(**_kwargs: Any) -> list[CheckMessage]:
    """Warn of a SQLite that can damage the database."""
    return _messages(checks.Warning, diagnosis.sqlite_version)


@register(Tags.security, deploy=True)
def live_site(**_kwargs: Any) -> list[CheckMessage]:
    """Warn of settings that a live site must not have."""
    return _messages(
        checks.Warning, diagnosis.debugging, diagnosis.hosts, diagnosis.https, diagnosis.base_url
    )


def _messages(
    kind: Callable[..., CheckMessage], *questions: Callable[[], Fault | None]
) -> list[CheckMessage]:
    faults = [fault for question in questions if (fault := question()) is not None]
    return [kind(fault.problem, hint=fault.way_out, id=f"isegoria.{fault.code}") for fault in faults]
