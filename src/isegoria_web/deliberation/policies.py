"""Who notes, states and reacts."""

from __future__ import annotations

from isegoria_web.accounts.actors import Actor
from isegoria_web.accounts.enums import Role
from isegoria_web.deliberation.models import Note, Statement, Wording
from isegoria_web.institutions.models import Cycle
from isegoria_web.meetings.models import Table
from isegoria_web.meetings.policies import may_lead_table
from isegoria_web.membership.policies import working_member


def may_take_note(actor: Actor | None, table: Table) -> bool:
    """Allow the facilitators of the institution."""
    return actor is not None and actor.has_role(table.plan.meeting.cycle.institution, Role.FACILITATOR)


def may_edit_note(actor: Actor | None, note: Note) -> bool:
    """Allow the facilitators of the institution."""
    return may_take_note(actor, note.table)


def may_keep_note(actor: Actor | None, table: Table) -> bool:
    """Allow the facilitator who leads the table, from her tablet."""
    return may_lead_table(actor, table)


def may_choose_wording(actor: Actor | None, wording: Wording) -> bool:
    """Allow the facilitators of the institution."""
    return may_take_note(actor, wording.note.table)


def may_make_statement(actor: Actor | None, cycle: Cycle) -> bool:
    """Allow the facilitators, from a table's note, and the members who sit in the cycle now, as long as their body works in it."""
    return working_member(actor, cycle) is not None or may_close_statements(actor, cycle)


def may_react(actor: Actor | None, statement: Statement) -> bool:
    """Allow the members who sit in the cycle now, as long as their body works in it."""
    return working_member(actor, statement.cycle) is not None


def may_close_statements(actor: Actor | None, cycle: Cycle) -> bool:
    """Allow the facilitators of the institution."""
    return actor is not None and actor.has_role(cycle.institution, Role.FACILITATOR)


def may_translate(actor: Actor | None, statement: Statement) -> bool:
    """Allow the facilitators and the secretariat of the institution."""
    return actor is not None and actor.has_role(
        statement.cycle.institution, Role.FACILITATOR, Role.SECRETARIAT
    )


def may_import_conversation(actor: Actor | None, cycle: Cycle) -> bool:
    """Allow the secretariat of the institution."""
    return actor is not None and actor.has_role(cycle.institution, Role.SECRETARIAT)


def may_make_map(actor: Actor | None) -> bool:
    """Allow the software alone, which a closing or an import has asked to."""
    return actor is not None and actor.is_system
