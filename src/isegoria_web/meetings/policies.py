"""Who calls, plans and records meetings."""

from __future__ import annotations

from isegoria_web.accounts.actors import Actor
from isegoria_web.accounts.enums import Role
from isegoria_web.accounts.models import User
from isegoria_web.institutions.models import Cycle
from isegoria_web.meetings.models import Meeting, Table
from isegoria_web.membership.models import Member


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


def may_declare_interest(actor: Actor | None, meeting: Meeting, user: User) -> bool:
    """Allow the facilitator herself, and the secretariat of the institution on her behalf."""
    if actor is None:
        return False
    institution = meeting.cycle.institution
    own = actor.user == user and actor.has_role(institution, Role.FACILITATOR)
    return own or actor.has_role(institution, Role.SECRETARIAT)


def may_change_card(actor: Actor | None, member: Member) -> bool:
    """Allow the member herself, and the secretariat of the institution on her behalf."""
    if actor is None:
        return False
    own = actor.user is not None and actor.user == member.user
    return own or actor.has_role(member.cycle.institution, Role.SECRETARIAT)


def may_lead_table(actor: Actor | None, table: Table) -> bool:
    """Allow the facilitator of the table; where none is named, each facilitator of the institution."""
    return (
        actor is not None
        and actor.has_role(table.plan.meeting.cycle.institution, Role.FACILITATOR)
        and table.facilitator_id in {None, actor.user.pk if actor.user else None}
    )


def may_hand_over_table(actor: Actor | None, table: Table) -> bool:
    """Allow the facilitator who is named for the table."""
    return table.facilitator_id is not None and may_lead_table(actor, table)


def may_take_over_table(actor: Actor | None, table: Table) -> bool:
    """Allow each facilitator of the institution, if the office has allowed it for this meeting."""
    meeting = table.plan.meeting
    return (
        actor is not None
        and meeting.takeovers_allowed
        and actor.has_role(meeting.cycle.institution, Role.FACILITATOR)
    )


def may_allow_takeovers(actor: Actor | None, meeting: Meeting) -> bool:
    """Allow the secretariat of the institution."""
    return actor is not None and actor.has_role(meeting.cycle.institution, Role.SECRETARIAT)


def may_close_meeting(actor: Actor | None, meeting: Meeting) -> bool:
    """Allow the secretariat of the institution, and the software when the meeting is long over."""
    return actor is not None and (
        actor.is_system or actor.has_role(meeting.cycle.institution, Role.SECRETARIAT)
    )
