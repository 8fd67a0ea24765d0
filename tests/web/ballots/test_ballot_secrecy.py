"""What links a member with her choice: nothing that the site keeps, shows or writes down."""

from __future__ import annotations

import datetime as dt
import json
import time

import pytest
from django.db import OperationalError, connection, models
from django.db.utils import ConnectionHandler

from isegoria_web import clock
from isegoria_web.accounts.actors import Actor
from isegoria_web.accounts.enums import Role
from isegoria_web.ballots import services
from isegoria_web.ballots.enums import Choice
from isegoria_web.ballots.models import Ballot, Paper, Participation
from isegoria_web.errors import NotAllowed
from isegoria_web.journal.models import Entry
from isegoria_web.membership.models import Member
from isegoria_web.storage import traces
from tests.web import factories
from tests.web.factories import NOW, texts

CLOSES = NOW + dt.timedelta(days=7)
VOTERS = 24
CHOICES = [Choice.YES if number % 3 else Choice.NO for number in range(VOTERS)]


def opened() -> tuple[Actor, Ballot, list[Member]]:
    institution = factories.make_institution()
    cycle = factories.make_cycle(institution, panel_size=VOTERS)
    members = factories.make_members(cycle)
    secretariat = factories.actor(institution, Role.SECRETARIAT)
    return (
        secretariat,
        services.open_ballot(actor=secretariat, cycle=cycle, question=texts("Trams?"), closes_at=CLOSES),
        members,
    )


def vote(ballot, members) -> list[str]:
    return [
        services.cast(actor=factories.actor_of(member), ballot=ballot, choice=choice)
        for member, choice in zip(members, CHOICES, strict=True)
    ]


def counted(secretariat, ballot) -> Ballot:
    with clock.at(CLOSES):
        return factories.count_together(secretariat, ballot)


def stored(model: type[models.Model]) -> list[tuple[object, ...]]:
    """The rows as they lie in the table."""
    name = connection.ops.quote_name(model._meta.db_table)
    order = "ctid" if connection.vendor == "postgresql" else "rowid"
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT * FROM {name} ORDER BY {order}")  # names of our own
        return cursor.fetchall()


def test_a_paper_has_no_person_no_moment_and_no_order():
    fields = {field.name: field for field in Paper._meta.concrete_fields}
    assert set(fields) == {"id", "ballot", "choice", "marks", "receipt"}
    assert isinstance(fields["id"], models.UUIDField)
    others = {field.name for field in Participation._meta.concrete_fields}
    assert others == {"id", "ballot", "member"}
    assert isinstance(Participation._meta.pk, models.UUIDField)


@pytest.mark.django_db
def test_before_the_count_the_box_looks_empty_to_whoever_asks():
    _secretariat, ballot, members = opened()
    vote(ballot, members)
    assert Paper.in_box.count() == VOTERS
    assert not Paper.objects.exists()
    assert not ballot.papers.exists()
    ballot.refresh_from_db()
    assert (ballot.yes, ballot.no, ballot.abstain) == (None, None, None)


@pytest.mark.django_db
def test_the_journal_knows_neither_who_votes_nor_how_before_the_count():
    _secretariat, ballot, members = opened()
    before = Entry.objects.count()
    receipts = vote(ballot, members)
    assert Entry.objects.count() == before
    written = json.dumps([entry.facts for entry in Entry.objects.all()])
    assert [receipt for receipt in receipts if receipt in written] == []


@pytest.mark.django_db
def test_after_the_count_every_voter_finds_her_receipt_and_nothing_else():
    secretariat, ballot, members = opened()
    receipts = vote(ballot, members)
    counted(secretariat, ballot)
    assert ballot.papers.receipts() == sorted(receipts)
    assert len(set(receipts)) == VOTERS


@pytest.mark.django_db
def test_after_the_count_the_order_of_the_rows_is_not_the_order_of_casting():
    """Left to chance alone, the order of 24 papers stays with one in 24!, about 10^-24."""
    secretariat, ballot, members = opened()
    receipts = vote(ballot, list(reversed(members)))
    keys_before = {row[0] for row in stored(Paper)}
    counted(secretariat, ballot)
    papers, roll = stored(Paper), stored(Participation)
    assert [row[2] for row in papers] != receipts
    assert keys_before.isdisjoint(row[0] for row in papers)
    assert [str(row[2]) for row in roll] == [
        str(member.pk) for member in members
    ]  # by number, as everybody knows


@pytest.mark.django_db
def test_only_the_software_wipes_what_the_rows_left_behind():
    secretariat, _ballot, members = opened()
    for actor in (secretariat, factories.actor_of(members[0]), None):
        with pytest.raises(NotAllowed):
            services.wipe_boxes(actor=actor)


def wiped_at_last(tries: int = 20) -> int:
    for _ in range(tries - 1):
        try:
            return services.wipe_boxes(actor=Actor.system())
        except OperationalError:
            time.sleep(0.5)
    return services.wipe_boxes(actor=Actor.system())


def await_end_of(server: int) -> None:
    """Wait until a closed connection has ended on the server as well, which takes it a moment."""
    for _try in range(200):
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1 FROM pg_stat_activity WHERE pid = %s", [server])
            if cursor.fetchone() is None:
                return
        time.sleep(0.05)
    pytest.fail("the reader did not end")


@pytest.mark.django_db(transaction=True)
def test_while_an_older_reader_is_there_the_box_counts_as_not_wiped():
    if connection.vendor == "sqlite":
        pytest.skip("asks PostgreSQL")
    reader = connection.copy()
    with clock.at(NOW):
        secretariat, ballot, members = opened()
        vote(ballot, members)
        try:
            with reader.cursor() as cursor:
                cursor.execute("BEGIN ISOLATION LEVEL REPEATABLE READ")
                cursor.execute("SELECT pg_backend_pid()")
                (server,) = cursor.fetchone()
            counted(secretariat, ballot)
            with pytest.raises(OperationalError, match="older reader"):
                services.wipe_boxes(actor=Actor.system())
        finally:
            reader.close()
        await_end_of(server)
        ballot.refresh_from_db()
        assert ballot.wiped_at is None
        assert wiped_at_last() == 1


@pytest.mark.django_db(transaction=True)
def test_after_a_while_the_pages_of_postgresql_forget_the_former_rows():
    if connection.vendor == "sqlite":
        pytest.skip("asks PostgreSQL")
    with clock.at(NOW):
        secretariat, ballot, members = opened()
        vote(ballot, members)
        counted(secretariat, ballot)
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_relation_size('ballots_paper')")
            before = cursor.fetchone()[0]
        # PostgreSQL's own housekeeping may hold an older snapshot for a moment; the job then comes again
        assert wiped_at_last() == 1
        assert services.wipe_boxes(actor=Actor.system()) == 0
    ballot.refresh_from_db()
    assert ballot.wiped_at is not None
    with connection.cursor() as cursor:
        cursor.execute("SELECT ctid FROM ballots_paper")
        lines = sorted(int(place.strip("()").split(",")[1]) for (place,) in cursor.fetchall())
        cursor.execute("SELECT pg_relation_size('ballots_paper')")
        assert cursor.fetchone()[0] <= before
    assert lines == list(
        range(1, VOTERS + 1)
    )  # a fresh page: before, the first 24 lines were the former rows


@pytest.mark.django_db
def test_after_a_while_the_file_of_sqlite_forgets_the_former_rows(tmp_path):
    settings = {"ENGINE": "isegoria_web.storage.sqlite", "NAME": tmp_path / "site.sqlite3"}
    own = ConnectionHandler({"default": settings})["default"]

    def found() -> bool:
        return any(b"receipt-of-a-voter" in path.read_bytes() for path in tmp_path.iterdir())

    with own.cursor() as cursor:
        cursor.execute("CREATE TABLE box (receipt TEXT)")
        cursor.execute("INSERT INTO box VALUES ('receipt-of-a-voter')")
        cursor.execute("DELETE FROM box")
    assert found()
    traces.wipe(own, [])
    assert not found()
    own.close()
