"""Who calls, plans and records meetings."""

from __future__ import annotations

from isegoria_web.accounts.actors import Actor
from isegoria_web.accounts.enums import Role
from isegoria_web.institutions.models import Cycle
from isegoria_web.meetings.models import Meeting


def may_call_meeting(actor: Actor | None, cycle: Cycle) -> bool:
    """Allow the secretariat of the institution."""
    return actor is not None and actor.has_role(cycle.institution, Role.SECRETARIAT)


def may_plan_tables(actor: Actor | None, meeting: Meeting) -> bool:
    """Allow the secretariat and the facilitators of the institution."""
    return actor is not None and actor.has_role(
        meeting.cycle.institution, Role.SECRETARIAT, Role.FACILITATOR
    )


def may_take_attendance(actor: Actor | None, meeting: Meeting) -> bool:
    """Allow the secretariat and the facilitators of the institution."""
    return may_plan_tables(actor, meeting)


def may_wish_seats(actor: Actor | None, cycle: Cycle) -> bool:
    """Allow the secretariat and the facilitators of the institution."""
    return actor is not None and actor.has_role(cycle.institution, Role.SECRETARIAT, Role.FACILITATOR)
