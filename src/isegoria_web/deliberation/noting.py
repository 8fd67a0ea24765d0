"""Notes of tables: no text that somebody wrote down is ever lost, whoever was faster and however often it was sent."""

from __future__ import annotations

from uuid import UUID, uuid4

from django.db import transaction

from isegoria_web import clock
from isegoria_web.accounts.actors import Actor
from isegoria_web.deliberation import policies
from isegoria_web.deliberation.enums import WordingStatus
from isegoria_web.deliberation.errors import (
    ForeignNote,
    NoteChanged,
    TextEmpty,
    TextTooLong,
    WordingSettled,
)
from isegoria_web.deliberation.models import LONGEST_NOTE, Note, Wording
from isegoria_web.errors import require, required
from isegoria_web.journal.enums import Action
from isegoria_web.journal.services import record
from isegoria_web.meetings.models import Table
from isegoria_web.meetings.speaking import require_open
from isegoria_web.moderation.services import outdate


def take_note(*, actor: Actor, table: Table, text: str, language: str) -> Note:
    """Write down what a table talked about: thoughts, not speakers.

    Raises
    ------
    TextEmpty, TextTooLong, MeetingClosed
        If it cannot be written.
    """
    require(policies.may_take_note(actor, table))
    text = _clean(text)
    with transaction.atomic():
        require_open(table.plan.meeting)
        return _take(actor, table, uuid4(), uuid4(), text, language)


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
    TextEmpty, TextTooLong, MeetingClosed
        If it cannot be written.
    """
    require(policies.may_edit_note(actor, note))
    written, text = text, _clean(text)
    with transaction.atomic():
        require_open(note.table.plan.meeting)
        stored = _locked(note)
        if stored.text != seen:
            raise NoteChanged(stored.text, written)
        if stored.text != text:
            _write(actor, stored, text, uuid4())
        return stored


def keep_note(
    *, actor: Actor, table: Table, note_id: UUID, wording_id: UUID, text: str, language: str, seen: str
) -> Wording:
    """Keep a text that a tablet wrote, perhaps long ago and without a network; sent again, it is kept once.

    A new note is taken. A note that nobody else changed gets the text. Otherwise the text is set aside beside the
    note, and somebody chooses between the two; an earlier text of the same person that was set aside there, and on
    which this one builds, is thereby settled.

    Parameters
    ----------
    note_id, wording_id
        Made by the tablet: of the note, and of this text of it.
    seen
        The text of the note when the writing began; empty for a new note.

    Raises
    ------
    TextEmpty, TextTooLong, MeetingClosed, ForeignNote
        If it cannot be kept; the tablet still has it.
    """
    require(policies.may_keep_note(actor, table))
    text = _clean(text)
    with transaction.atomic():
        require_open(table.plan.meeting)
        known = Wording.objects.select_related("note").filter(public_id=wording_id).first()
        note = known.note if known else Note.objects.filter(public_id=note_id).first()
        if note is not None and note.table_id != table.pk:
            raise ForeignNote
        if known is not None:
            return known
        if note is None:
            return _take(actor, table, note_id, wording_id, text, language).wordings.get()
        stored = _locked(note)
        if stored.text in {seen, text}:
            return _write(actor, stored, text, wording_id)
        return _set_aside(actor, stored, text, wording_id, seen)


def choose_wording(*, actor: Actor, wording: Wording, text: str, seen: str) -> Note:
    """Choose between a note and a text that was set aside: one of them, or both put together. Both stay kept.

    Also possible when the meeting is closed.

    Parameters
    ----------
    text
        What the note says from now on.
    seen
        The text of the note as the chooser saw it.

    Raises
    ------
    NoteChanged, WordingSettled
        If somebody else was faster; nothing is lost.
    TextEmpty, TextTooLong
        If nothing would be left, or too much.
    """
    require(policies.may_choose_wording(actor, wording))
    written, text = text, _clean(text)
    with transaction.atomic():
        stored = _locked(wording.note)
        if not Wording.objects.set_aside().filter(pk=wording.pk).exists():
            raise WordingSettled
        if stored.text != seen:
            raise NoteChanged(stored.text, written)
        if stored.text != text:
            _write(actor, stored, text, uuid4())
        wording.status = WordingStatus.SETTLED
        wording.save(update_fields=["status"])
        return stored


# -- the parts of the verbs ----------------------------------------------------------------------------------


def _clean(text: str) -> str:
    """Return a text as it is stored, with the line ends of the database."""
    text = text.replace("\r\n", "\n").strip()
    if not text:
        raise TextEmpty
    if len(text) > LONGEST_NOTE:
        raise TextTooLong
    return text


def _take(actor: Actor, table: Table, note_id: UUID, wording_id: UUID, text: str, language: str) -> Note:
    note = Note.objects.create(
        public_id=note_id, table=table, text=text, language=language, written_by=required(actor.user),
        written_at=clock.now(),
    )  # fmt: skip
    _keep(actor, note, text, wording_id, WordingStatus.IN_NOTE)
    _record(actor, Action.NOTE_TAKEN, note)
    return note


def _write(actor: Actor, note: Note, text: str, wording_id: UUID) -> Wording:
    """Write a text into a note; the one that stood there stays among its wordings."""
    if not note.wordings.exists():  # the note is older than its wordings
        Wording.objects.create(
            note=note, text=note.text, written_by=note.written_by, written_at=note.written_at,
            status=WordingStatus.IN_NOTE,
        )  # fmt: skip
    if note.text != text:
        note.text = text
        note.save(update_fields=["text"])
        outdate(note.public_id)
        _record(actor, Action.NOTE_CHANGED, note)
    return _keep(actor, note, text, wording_id, WordingStatus.IN_NOTE)


def _set_aside(actor: Actor, note: Note, text: str, wording_id: UUID, seen: str) -> Wording:
    note.wordings.set_aside().filter(written_by=actor.user, text=seen).update(status=WordingStatus.SETTLED)
    _record(actor, Action.NOTE_SET_ASIDE, note)
    return _keep(actor, note, text, wording_id, WordingStatus.SET_ASIDE)


def _keep(actor: Actor, note: Note, text: str, wording_id: UUID, status: WordingStatus) -> Wording:
    return Wording.objects.create(
        public_id=wording_id, note=note, text=text, status=status, written_by=required(actor.user),
        written_at=clock.now(),
    )  # fmt: skip


def _locked(note: Note) -> Note:
    Note.objects.select_for_update().get(pk=note.pk)
    return Note.objects.select_related("table__plan__meeting__cycle__institution").get(pk=note.pk)


def _record(actor: Actor, action: Action, note: Note) -> None:
    table, meeting = note.table, note.table.plan.meeting
    record(
        actor=actor, institution=meeting.cycle.institution, action=action, subject=note,
        facts={"meeting": meeting.number, "round": table.round, "table": table.number},
    )  # fmt: skip
