"""The public chain: complete, in order, and beyond the reach of an UPDATE."""

import datetime as dt

import pytest
from django.db import DatabaseError, transaction

from isegoria_web import clock
from isegoria_web.accounts.actors import Actor
from isegoria_web.journal.algorithms import verify_journal
from isegoria_web.journal.enums import Action
from isegoria_web.journal.models import Entry
from isegoria_web.journal.services import export_lines, record
from tests.web import factories

pytestmark = pytest.mark.django_db


def _write(institution, actor, count=3):
    for number in range(count):
        with clock.at(factories.NOW + dt.timedelta(minutes=number)):
            record(
                actor=actor,
                institution=institution,
                action=Action.STAGE_REACHED,
                subject=institution,
                facts={"number": number},
            )


def test_an_export_verifies_to_a_stranger(institution, secretariat):
    _write(institution, secretariat)
    result = verify_journal(export_lines(institution.chain))
    assert result.ok, result.failed


def test_one_changed_fact_is_found_by_its_number(institution, secretariat):
    _write(institution, secretariat)
    lines = [line.replace('"number":1', '"number":7') for line in export_lines(institution.chain)]
    result = verify_journal(lines)
    assert not result.ok
    assert "2" in str(result.failed.first_difference)


@pytest.mark.parametrize("act", ["update", "delete"])
def test_the_database_refuses_to_rewrite_an_entry(institution, secretariat, act):
    _write(institution, secretariat)
    entries = Entry.objects.filter(chain=institution.chain, sequence=2)
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        entries.update(actor="somebody") if act == "update" else entries._raw_delete(entries.db)


def test_each_institution_has_a_chain_of_its_own(institution, elsewhere, secretariat):
    _write(institution, secretariat, 2)
    _write(elsewhere, Actor.system(), 1)
    assert [entry.sequence for entry in institution.chain.entries.all()] == [1, 2]
    assert [entry.sequence for entry in elsewhere.chain.entries.all()] == [1]


def test_what_is_sealed_stands_only_as_a_commitment(institution, secretariat):
    entry = record(
        actor=secretariat,
        institution=institution,
        action=Action.SEAT_TAKEN,
        subject=institution,
        sealed={"name": "Somebody"},
    )
    assert len(entry.commitment) == 64
    assert "Somebody" not in "".join(export_lines(institution.chain))


def test_the_actor_is_a_role_and_never_a_name(institution, secretariat, stranger):
    assert (
        record(
            actor=secretariat, institution=institution, action=Action.STAGE_REACHED, subject=institution
        ).actor
        == "secretariat"
    )
    assert (
        record(
            actor=Actor.citizen("ABCDEF"),
            institution=institution,
            action=Action.ANSWER_GIVEN,
            subject=institution,
        ).actor
        == "citizen"
    )
