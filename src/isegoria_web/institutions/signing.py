"""What an app asks before a question is signed; the mandate knows no app that comes after it."""

from __future__ import annotations

from collections.abc import Callable

from isegoria_web.institutions.models import Cycle

_CHECKS: list[Callable[[Cycle], None]] = []


def before_signing(check: Callable[[Cycle], None]) -> None:
    """Register a check that refuses to sign the question of a cycle as it stands."""
    if check not in _CHECKS:
        _CHECKS.append(check)


def require_signable(cycle: Cycle) -> None:
    """Refuse to sign the question as it stands where an app refuses."""
    for check in _CHECKS:
        check(cycle)
