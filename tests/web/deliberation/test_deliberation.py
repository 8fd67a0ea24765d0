"""Notes of tables, statements out of them, and what the members think of them."""

from __future__ import annotations

import threading

import pytest
from django.db import connections, transaction

from isegoria_web import clock
from isegoria_web.accounts.enums import Role
from isegoria_web.deliberation import noting, services
from isegoria_web.deliberation.enums import Stance
from isegoria_web.deliberation.errors import ForeignNote, NoteChanged, StatementsClosed, TextEmpty
from isegoria_web.deliberation.models import Note, Reaction, Statement
from isegoria_web.errors import NotAllowed
from isegoria_web.journal.enums import Action
from isegoria_web.journal.models import Entry
from tests.web import acts, factories
from tests.web.factories import NOW


@pytest.fixture
def cycle(institution):
    return factories.make_cycle(institution)


@pytest.fixture
def members(cycle):
    return factories.make_members(cycle)


@pytest.fixture
def table(cycle, members):
    return factories.make_table(cycle)


@pytest.fixture
def note(table) -> Note:
    return factories.make_note(table)


@pytest.fixture
def statement(cycle, note) -> Statement:
    return factories.make_statement(cycle, note)


def take(actor, table, text="Rents rise."):
    return noting.take_note(actor=actor, table=table, text=text, language="de")


def edit(actor, note, text="Rents rise fast.", seen="Rents rise."):
    return noting.edit_note(actor=actor, note=note, text=text, seen=seen)


def state(actor, cycle, note=None, text="Build trams."):
    return services.make_statement(actor=actor, cycle=cycle, text=text, language="de", note=note)


def react(member, statement, stance=Stance.AGREE):
    services.react(actor=factories.actor_of(member), statement=statement, stance=stance)


def close(actor, cycle):
    return services.close_statements(actor=actor, cycle=cycle)


# -- notes -----------------------------------------------------------------------------------------------
def test_a_facilitator_takes_a_note(facilitator, table):
    note = take(facilitator, table)
    assert (note.table, note.text, note.written_by) == (table, "Rents rise.", facilitator.user)


def test_nobody_but_a_facilitator_takes_a_note(institution, table, members):
    acts.only(
        institution,
        Role.FACILITATOR,
        act=lambda actor: take(actor, table),
        also_refused=(factories.actor_of(members[0]),),
    )


def test_a_table_can_have_several_notes(facilitator, table):
    assert take(facilitator, table).pk != take(facilitator, table).pk


def test_a_note_is_in_the_journal_without_its_text(institution, facilitator, table):
    note = take(facilitator, table)
    entry = acts.entry(institution, Action.NOTE_TAKEN)
    assert entry.subject == note.public_id.hex
    assert entry.facts == {"meeting": 1, "round": 1, "table": 1}


def test_a_note_has_a_text(facilitator, table):
    with pytest.raises(TextEmpty):
        take(facilitator, table, " ")


def test_a_facilitator_changes_a_note(facilitator, note):
    edit(facilitator, note)
    note.refresh_from_db()
    assert note.text == "Rents rise fast."


def test_nobody_but_a_facilitator_changes_a_note(institution, note, members):
    acts.only(
        institution,
        Role.FACILITATOR,
        act=lambda actor: edit(actor, note),
        also_refused=(factories.actor_of(members[0]),),
    )


def test_of_two_who_change_a_note_neither_loses_a_word(facilitator, note):
    edit(facilitator, note, text="Rents rise fast.")
    with pytest.raises(NoteChanged) as refused:
        edit(facilitator, note, text="Rents rise in Eupen.")
    assert (refused.value.stored, refused.value.written) == ("Rents rise fast.", "Rents rise in Eupen.")
    note.refresh_from_db()
    assert note.text == "Rents rise fast."


def test_saving_an_unchanged_note_changes_and_records_nothing(institution, facilitator, note):
    edit(facilitator, note, text="Rents rise. ")
    assert acts.entries(institution, Action.NOTE_CHANGED) == []


def test_a_change_is_in_the_journal(institution, facilitator, note):
    edit(facilitator, note)
    assert acts.entry(institution, Action.NOTE_CHANGED).facts == {"meeting": 1, "round": 1, "table": 1}


def test_a_note_is_not_emptied(facilitator, note):
    with pytest.raises(TextEmpty):
        edit(facilitator, note, text="")


@pytest.mark.usefixtures("several_threads")
@pytest.mark.django_db(transaction=True)
def test_of_many_who_save_a_note_at_the_same_moment_one_wins_and_the_others_are_told():
    institution = factories.make_institution()
    cycle = factories.make_cycle(institution)
    factories.make_members(cycle)
    note = factories.make_note(factories.make_table(cycle))
    actors = [factories.actor(institution, Role.FACILITATOR) for _each in range(8)]
    gate, outcomes = threading.Barrier(8), []

    def save(number: int) -> None:
        with clock.at(NOW):
            gate.wait()
            try:
                edit(actors[number], note, text=f"Version {number}")
                outcomes.append("saved")
            except NoteChanged as refused:
                outcomes.append(refused.written)
        connections.close_all()

    threads = [threading.Thread(target=save, args=[number]) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    note.refresh_from_db()
    lost = {f"Version {number}" for number in range(8)} - {note.text}
    assert sorted(outcomes) == sorted(["saved", *lost])


# -- statements ------------------------------------------------------------------------------------------
def test_a_facilitator_speaks_for_a_table(facilitator, cycle, note):
    statement = state(facilitator, cycle, note)
    assert (statement.note, statement.made_by) == (note, None)


def test_a_member_speaks_for_herself(cycle, members):
    statement = state(factories.actor_of(members[2]), cycle)
    assert (statement.note, statement.made_by) == (None, members[2])


def test_a_member_does_not_speak_for_a_table_nor_a_facilitator_for_herself(
    facilitator, cycle, members, note
):
    with pytest.raises(NotAllowed):
        state(factories.actor_of(members[0]), cycle, note)
    with pytest.raises(NotAllowed):
        state(facilitator, cycle)
    assert not Statement.objects.exists()


def test_nobody_but_facilitators_and_sitting_members_makes_a_statement(institution, cycle, members, note):
    factories.end_term(members[0])
    former = factories.actor_of(members[0])
    acts.only(
        institution,
        Role.FACILITATOR,
        act=lambda actor: state(actor, cycle, note),
        also_refused=(former,),
    )
    acts.only(elsewhere := factories.make_institution("third"), act=lambda actor: state(actor, cycle))
    assert not Entry.objects.filter(chain=elsewhere.chain).exists()


def test_a_second_statement_has_the_next_number(facilitator, cycle, note):
    assert [state(facilitator, cycle, note).number for _each in range(2)] == [1, 2]


def test_a_statement_is_in_the_journal_without_who_made_it(institution, cycle, members):
    state(factories.actor_of(members[2]), cycle)
    entry = acts.entry(institution, Action.STATEMENT_MADE)
    assert entry.facts == {"cycle": 1, "statement": 1, "from_table": False}
    assert entry.actor == "member"


def test_a_statement_has_a_text(cycle, members):
    with pytest.raises(TextEmpty):
        state(factories.actor_of(members[0]), cycle, text="")


def test_a_statement_comes_from_a_table_of_its_cycle(institution, facilitator, cycle, note):
    other = factories.make_cycle(institution)
    with pytest.raises(ForeignNote):
        state(facilitator, other, note)


# -- reactions -------------------------------------------------------------------------------------------
def test_a_member_reacts_and_changes_her_mind(members, statement):
    react(members[0], statement, Stance.AGREE)
    react(members[0], statement, Stance.DISAGREE)
    assert [each.stance for each in Reaction.objects.all()] == ["disagree"]


def test_nobody_but_a_sitting_member_reacts(institution, members, statement):
    factories.end_term(members[0])
    acts.only(
        institution,
        act=lambda actor: services.react(actor=actor, statement=statement, stance=Stance.AGREE),
        also_refused=(factories.actor_of(members[0]),),
    )


def test_a_single_reaction_is_not_in_the_journal(institution, members, statement):
    react(members[0], statement)
    assert not institution.chain.entries.exists()


def test_a_closed_statement_takes_no_reaction(facilitator, cycle, members, statement):
    react(members[0], statement, Stance.AGREE)
    close(facilitator, cycle)
    with pytest.raises(StatementsClosed):
        react(members[0], statement, Stance.DISAGREE)
    assert Reaction.objects.get().stance == "agree"


def test_the_database_knows_no_fourth_answer(members, statement):
    from django.db import IntegrityError

    with pytest.raises(IntegrityError), transaction.atomic():
        Reaction.objects.create(statement=statement, member=members[0], stance="maybe")


# -- closing and counting --------------------------------------------------------------------------------
def test_a_facilitator_closes_the_statements(facilitator, cycle, statement):
    assert close(facilitator, cycle) == 1
    statement.refresh_from_db()
    assert statement.closed_at == NOW


def test_nobody_but_a_facilitator_closes_them(institution, cycle, members, statement):
    acts.only(
        institution,
        Role.FACILITATOR,
        act=lambda actor: close(actor, cycle),
        also_refused=(factories.actor_of(members[0]),),
    )


def test_closing_twice_closes_and_records_once(institution, facilitator, cycle, members, statement):
    react(members[0], statement)
    close(facilitator, cycle)
    assert close(facilitator, cycle) == 0
    facts = acts.entry(institution, Action.STATEMENTS_CLOSED).facts
    assert facts == {"cycle": 1, "statements": 1, "reactions": 1}


def counts(statement) -> tuple[object, ...]:
    found = Statement.objects.with_counts().get(pk=statement.pk)
    return found.agree, found.disagree, found.passed, found.reacted


def test_counts_come_after_the_closing(facilitator, cycle, members, statement):
    for member, stance in zip(members, [Stance.AGREE] * 3 + [Stance.DISAGREE, Stance.PASS], strict=False):
        react(member, statement, stance)
    assert counts(statement) == (None, None, None, 0)
    close(facilitator, cycle)
    assert counts(statement) == (3, 1, 1, 5)


def test_counts_of_fewer_than_five_never_come(facilitator, cycle, members, statement):
    for member in members[:4]:
        react(member, statement)
    close(facilitator, cycle)
    assert counts(statement) == (None, None, None, 0)
