from __future__ import annotations

from django.db import transaction

from isegoria_web import clock
from isegoria_web.accounts.actors import Actor
from isegoria_web.deliberation import policies
from isegoria_web.deliberation.enums import Stance
from isegoria_web.deliberation.errors import ForeignNote, NoteChanged, StatementsClosed, TextEmpty
from isegoria_web.deliberation.models import Note, Reaction, Statement
from isegoria_web.errors import require, required
from isegoria_web.institutions.models import Cycle
from isegoria_web.journal.enums import Action
from isegoria_web.journal.services import record
from isegoria_web.meetings.models import Table
from isegoria_web.membership.policies import sitting_member


def take_note(*, actor: Actor, table: Table, text: str, language: str) -> Note:
    """Write down what a table talked about: thoughts, not speakers."""
    require(policies.may_take_note(actor, table))
    if not text.strip():
        raise TextEmpty
    with transaction.atomic():
        note = Note.objects.create(
            table=table,
            text=text.strip(),
            language=language,
            written_by=required(actor.user),
            written_at=clock.now(),
        )
        _record_note(actor, Action.NOTE_TAKEN, note)
        return note


def edit_note(*, actor: Actor, note: Note, text: str, seen: str) -> Note:
    """Save a changed note.

    Parameters
    ----------
    seen
        The text as it was when the editing began.

    Raises
    ------
    NoteChanged
        If somebody else saved another text meanwhile; the error carries both, nothing is lost.
    TextEmpty
        If nothing would be left.
    """
    require(policies.may_edit_note(actor, note))
    if not text.strip():
        raise TextEmpty
    with transaction.atomic():
        Note.objects.select_for_update().get(pk=note.pk)
        stored = Note.objects.select_related("table__plan__meeting__cycle__institution").get(pk=note.pk)
        if stored.text != seen:
            raise NoteChanged(stored.text, text)
        if stored.text != text.strip():
            stored.text = text.strip()
            stored.save(update_fields=["text"])
            _record_note(actor, Action.NOTE_CHANGED, stored)
        return stored


def make_statement(
    *, actor: Actor, cycle: Cycle, text: str, language: str, note: Note | None = None
) -> Statement:
    """Put one thought to all members: a facilitator from a table's note, or a member her own.

    Raises
    ------
    TextEmpty, ForeignNote
        If there is no thought, or its note is of another cycle.
    NotAllowed
        If a facilitator gives no note, or a member one: the one speaks for a table alone, the other for herself.
    """
    require(policies.may_make_statement(actor, cycle))
    if not text.strip():
        raise TextEmpty
    if note is not None and note.table.plan.meeting.cycle_id != cycle.pk:
        raise ForeignNote
    member = sitting_member(actor, cycle) if note is None else None
    require(member is not None if note is None else policies.may_take_note(actor, note.table))
    with transaction.atomic():
        Cycle.objects.select_for_update().get(pk=cycle.pk)
        statement = Statement.objects.create(
            cycle=cycle, number=cycle.statements.count() + 1, text=text.strip(), language=language,
            note=note, made_by=member, made_at=clock.now(),
        )  # fmt: skip
        record(
            actor=actor, institution=cycle.institution, action=Action.STATEMENT_MADE, subject=statement,
            facts={"cycle": cycle.number, "statement": statement.number, "from_table": note is not None},
        )  # fmt: skip
        return statement


def react(*, actor: Actor, statement: Statement, stance: Stance) -> None:
    """Agree, disagree or pass; the latest counts. Single reactions are not in the journal.

    Raises
    ------
    StatementsClosed
        If the statement is closed.
    """
    require(policies.may_react(actor, statement))
    with transaction.atomic():
        Statement.objects.select_for_update().get(pk=statement.pk)
        if not Statement.objects.still_open().filter(pk=statement.pk).exists():
            raise StatementsClosed
        Reaction.objects.update_or_create(
            statement=statement,
            member=required(sitting_member(actor, statement.cycle)),
            defaults={"stance": stance},
        )


def close_statements(*, actor: Actor, cycle: Cycle) -> int:
    """Close the open statements of a cycle and publish their counts; returns how many were closed."""
    require(policies.may_close_statements(actor, cycle))
    with transaction.atomic():
        closed = Statement.objects.still_open().filter(cycle=cycle).update(closed_at=clock.now())
        if closed:
            reactions = Reaction.objects.filter(statement__cycle=cycle).count()
            record(
                actor=actor, institution=cycle.institution, action=Action.STATEMENTS_CLOSED, subject=cycle,
                facts={"cycle": cycle.number, "statements": closed, "reactions": reactions},
            )  # fmt: skip
        return closed


def _record_note(actor: Actor, action: Action, note: Note) -> None:
    table, meeting = note.table, note.table.plan.meeting
    record(
        actor=actor, institution=meeting.cycle.institution, action=action, subject=note,
        facts={"meeting": meeting.number, "round": table.round, "table": table.number},
    )  # fmt: skip
