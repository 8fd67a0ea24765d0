"""How many people the draw of a cycle picks: all of its body, or as many as make room for those who stay."""

from __future__ import annotations

from collections.abc import Callable

from isegoria_web.accounts.actors import Actor
from isegoria_web.institutions.models import Cycle
from isegoria_web.lottery.bodies import Standing

_BODIES: list[Callable[[Actor, Cycle], Standing | None]] = []


def completed_by(who_stays: Callable[[Actor, Cycle], Standing | None]) -> None:
    """Register who knows who stays in the body of a cycle when its pool is frozen."""
    if who_stays not in _BODIES:
        _BODIES.append(who_stays)


def staying_in(actor: Actor, cycle: Cycle) -> Standing | None:
    """Return who stays in the body of a cycle while its other seats are drawn; None where the whole body is drawn."""
    return next((found for each in _BODIES if (found := each(actor, cycle))), None)


def seats_to_draw(cycle: Cycle) -> int:
    """Return how many people the draw of a cycle picks as things stand today.

    Raises
    ------
    isegoria_web.membership.errors.RotationUndated
        If that hangs on the day of a rotation which nobody has planned yet.
    """
    body = staying_in(Actor.system(), cycle)
    return cycle.panel_size if body is None else body.vacant
