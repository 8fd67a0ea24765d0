"""Ballots that were cast before the ballots had an app of their own are still there, and so are their papers."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from isegoria_web import clock
from isegoria_web.accounts.enums import Role
from isegoria_web.ballots.enums import Choice
from isegoria_web.ballots.models import Ballot, Paper, Participation
from isegoria_web.ballots.services import cast
from isegoria_web.recommendations.models import Recommendation
from isegoria_web.recommendations.services import put_to_vote
from tests.web import factories
from tests.web.factories import NOW

CLOSES = NOW + dt.timedelta(days=7)


def _picture() -> list[object]:
    """What stands in the boxes, whatever the keys of the rows."""
    return [
        [
            one.number, one.ballot.public_id, one.ballot.question, one.ballot.status, one.ballot.yes,
            sorted(one.ballot.roll.values_list("number", flat=True)),
            sorted(Participation.objects.filter(ballot=one.ballot).values_list("member__number", flat=True)),
            sorted(Paper.in_box.filter(ballot=one.ballot).values_list("receipt", "choice")),
        ]
        for one in Recommendation.objects.order_by("number").select_related("ballot")
    ]  # fmt: skip


@pytest.mark.django_db(transaction=True)
def test_ballots_move_there_and_back():
    institution = factories.make_institution()
    cycle = factories.make_cycle(institution)
    members = factories.make_members(cycle)
    secretariat = factories.actor(institution, Role.SECRETARIAT)
    with clock.at(NOW):
        boxes = [
            put_to_vote(actor=secretariat, recommendation=factories.make_draft(cycle), closes_at=CLOSES)
            for _each in range(2)
        ]
        for box in boxes:
            for member in members[:4]:
                cast(actor=factories.actor_of(member), ballot=box, choice=Choice.YES)
    with clock.at(CLOSES):
        factories.count_together(secretariat, boxes[0])
    before = _picture()
    try:
        _migrate("0002_ballot_of_a_recommendation")
    finally:
        Recommendation.objects.update(ballot=None)
        _forget()
        _migrate(None)
    assert _picture() == before


def _forget() -> None:
    """Empty the new tables, so that what is there afterwards has come from the former ones."""
    Paper.in_box.all().delete()
    Participation.objects.all().delete()
    Ballot.roll.through.objects.all().delete()
    Ballot.objects.all().delete()


def _migrate(name: str | None) -> None:
    executor = MigrationExecutor(connection)
    leaves = [node for node in executor.loader.graph.leaf_nodes() if node[0] == "recommendations"]
    executor.migrate([("recommendations", name)] if name else leaves)
