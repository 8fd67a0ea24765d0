"""Notes from a tablet: no text is lost, whoever was faster and however often it was sent."""

from __future__ import annotations

import threading
import uuid

import pytest
from django.db import connections

from isegoria_web import clock
from isegoria_web.accounts.actors import Actor
from isegoria_web.accounts.enums import Role
from isegoria_web.deliberation import noting
from isegoria_web.deliberation.enums import WordingStatus
from isegoria_web.deliberation.errors import (
    ForeignNote,
    NoteChanged,
    TextEmpty,
    TextTooLong,
    WordingSettled,
)
from isegoria_web.deliberation.models import Note, Wording
from isegoria_web.errors import NotAllowed
from isegoria_web.journal.enums import Action
from isegoria_web.meetings.errors import MeetingClosed
from tests.web import acts, factories
from tests.web.factories import NOW


@pytest.fixture
def table(institution):
    cycle = factories.make_cycle(institution)
    factories.make_members(cycle)
    return factories.make_table(cycle)


@pytest.fixture
def note(table) -> Note:
    return factories.make_note(table)


@pytest.fixture
def colleague(institution) -> Actor:
    return factories.actor(institution, Role.FACILITATOR)


def keep(actor, table, text="Rents rise.", *, note=None, seen="", wording=None):
    return noting.keep_note(
        actor=actor, table=table, note_id=note or uuid.uuid4(), wording_id=wording or uuid.uuid4(), text=text,
        language="de", seen=seen,
    )  # fmt: skip


def change(actor, note, text, seen="Rents rise.", wording=None):
    return keep(actor, note.table, text, note=note.public_id, seen=seen, wording=wording)


def choose(actor, wording, text, seen):
    return noting.choose_wording(actor=actor, wording=wording, text=text, seen=seen)


@pytest.fixture
def aside(facilitator, colleague, note) -> Wording:
    """Of two who changed the note at the same time, the text of the second."""
    change(colleague, note, "Rents rise fast.")
    return change(facilitator, note, "Rents rise in Eupen.")


def test_a_tablet_takes_a_note_and_changes_it(institution, facilitator, table):
    made = keep(facilitator, table).note
    change(facilitator, made, "Rents rise fast.")
    made.refresh_from_db()
    assert made.text == "Rents rise fast."
    assert [each.text for each in made.wordings.all()] == ["Rents rise.", "Rents rise fast."]
    acts.entry(institution, Action.NOTE_TAKEN)
    acts.entry(institution, Action.NOTE_CHANGED)


def test_nobody_but_a_facilitator_keeps_a_note(institution, table):
    acts.only(institution, Role.FACILITATOR, act=lambda actor: keep(actor, table))


def test_a_tablet_writes_at_its_own_table_only(institution, facilitator, table):
    table.facilitator = factories.make_user(institution, Role.FACILITATOR)
    table.save()
    with pytest.raises(NotAllowed):
        keep(facilitator, table)


def test_what_is_sent_twice_is_kept_once(institution, facilitator, table):
    ids = {"note": uuid.uuid4(), "wording": uuid.uuid4()}
    assert keep(facilitator, table, **ids) == keep(facilitator, table, **ids)
    assert (Note.objects.count(), Wording.objects.count()) == (1, 1)
    acts.entry(institution, Action.NOTE_TAKEN)


def test_a_change_whose_answer_was_lost_is_no_conflict_though_somebody_went_on(
    facilitator, colleague, note
):
    sent = uuid.uuid4()
    change(facilitator, note, "Rents rise fast.", wording=sent)
    change(colleague, note, "Rents rise fast, in Eupen.", seen="Rents rise fast.")
    assert change(facilitator, note, "Rents rise fast.", wording=sent).status == WordingStatus.IN_NOTE
    note.refresh_from_db()
    assert note.text == "Rents rise fast, in Eupen."


def test_of_two_who_change_a_note_both_texts_are_kept(institution, note, aside):
    note.refresh_from_db()
    assert (note.text, aside.text) == ("Rents rise fast.", "Rents rise in Eupen.")
    assert aside.status == WordingStatus.SET_ASIDE
    assert {each.text for each in note.wordings.all()} == {"Rents rise.", note.text, aside.text}
    acts.entry(institution, Action.NOTE_SET_ASIDE)


def test_who_goes_on_writing_in_a_text_that_was_set_aside_has_one_there(facilitator, note, aside):
    change(facilitator, note, "Rents rise in Eupen and Raeren.", seen="Rents rise in Eupen.")
    assert [each.text for each in note.wordings.set_aside()] == ["Rents rise in Eupen and Raeren."]
    aside.refresh_from_db()
    assert aside.status == WordingStatus.SETTLED


def test_the_same_text_twice_is_no_conflict(facilitator, colleague, note):
    change(colleague, note, "Rents rise fast.")
    assert change(facilitator, note, "Rents rise fast.").status == WordingStatus.IN_NOTE


@pytest.mark.parametrize("text", ["Rents rise fast.", "Rents rise in Eupen.", "Rents rise fast in Eupen."])
def test_one_chooses_either_text_or_both_together_and_none_is_lost(colleague, note, aside, text):
    choose(colleague, aside, text, "Rents rise fast.")
    note.refresh_from_db()
    assert note.text == text
    assert not note.wordings.set_aside().exists()
    assert {"Rents rise.", "Rents rise fast.", "Rents rise in Eupen.", text} == {
        each.text for each in note.wordings.all()
    }


def test_nobody_but_a_facilitator_chooses(institution, aside):
    acts.only(
        institution, Role.FACILITATOR, act=lambda actor: choose(actor, aside, "x", "Rents rise fast.")
    )


def test_who_chooses_second_is_told(facilitator, colleague, aside):
    choose(colleague, aside, "Rents rise in Eupen.", "Rents rise fast.")
    with pytest.raises(WordingSettled):
        choose(facilitator, aside, "Rents rise fast.", "Rents rise in Eupen.")


def test_who_chooses_while_the_note_changes_loses_no_word(facilitator, note, aside):
    change(facilitator, note, "Rents fall.", seen="Rents rise fast.")
    with pytest.raises(NoteChanged) as refused:
        choose(facilitator, aside, "Rents rise fast in Eupen.", "Rents rise fast.")
    assert (refused.value.stored, refused.value.written) == ("Rents fall.", "Rents rise fast in Eupen.")


@pytest.mark.parametrize(("text", "error"), [(" \n", TextEmpty), ("x" * 10_001, TextTooLong)])
def test_a_note_has_a_text_of_some_length(facilitator, table, text, error):
    with pytest.raises(error):
        keep(facilitator, table, text)


def test_a_note_of_another_table_is_not_touched(facilitator, table, note):
    other = factories.make_table(table.plan.meeting.cycle)
    with pytest.raises(ForeignNote):
        keep(facilitator, other, note=note.public_id)
    made = keep(facilitator, table)
    with pytest.raises(ForeignNote):
        keep(facilitator, other, wording=made.public_id)


def test_when_the_meeting_is_closed_nothing_is_written_but_one_still_chooses(facilitator, note, aside):
    meeting = note.table.plan.meeting
    meeting.closed_at = NOW
    meeting.save()
    for act in (
        lambda: keep(facilitator, note.table),
        lambda: noting.take_note(actor=facilitator, table=note.table, text="x", language="de"),
        lambda: noting.edit_note(actor=facilitator, note=note, text="x", seen="Rents rise fast."),
    ):
        with pytest.raises(MeetingClosed):
            act()
    assert choose(facilitator, aside, "Rents rise in Eupen.", "Rents rise fast.").text == aside.text


@pytest.mark.usefixtures("several_threads")
@pytest.mark.django_db(transaction=True)
def test_of_many_tablets_that_come_back_at_the_same_moment_every_text_is_kept_once():
    institution = factories.make_institution()
    cycle = factories.make_cycle(institution)
    factories.make_members(cycle)
    note = factories.make_note(factories.make_table(cycle))
    actors = [factories.actor(institution, Role.FACILITATOR) for _each in range(4)]
    ids = [uuid.uuid4() for _each in range(4)]
    gate, faults = threading.Barrier(8), []

    def send(number: int) -> None:
        with clock.at(NOW):
            gate.wait()
            try:
                change(actors[number % 4], note, f"Version {number % 4}", wording=ids[number % 4])
            except Exception as fault:  # noqa: BLE001  # whatever it is, the test shows it
                faults.append(fault)
        connections.close_all()

    threads = [threading.Thread(target=send, args=[number]) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert faults == []
    note.refresh_from_db()
    kept = sorted(each.text for each in note.wordings.exclude(text="Rents rise."))
    assert kept == [f"Version {number}" for number in range(4)]
    assert note.wordings.set_aside().count() == 3
    assert note.text not in {each.text for each in note.wordings.set_aside()}
