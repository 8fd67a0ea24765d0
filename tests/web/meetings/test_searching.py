"""Tables are planned in the background: shown before they count, the same whoever goes on, one search at a time."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, transaction

from isegoria_web import clock
from isegoria_web.accounts.enums import Role
from isegoria_web.journal.enums import Action
from isegoria_web.meetings import algorithms, searching, services
from isegoria_web.meetings.enums import SearchStatus, WishKind
from isegoria_web.meetings.errors import (
    NoPlanYet,
    SearchGoesOn,
    SearchOutdated,
    SearchOver,
    TablesInUse,
)
from isegoria_web.meetings.jobs import plan_tables_later, search_tables_of
from isegoria_web.meetings.models import Meeting, TablePlan, TableSearch
from isegoria_web.meetings.on_the_day import wish_seats
from tests.web import acts, factories

SEED = "Eupen, 1 March"


@pytest.fixture
def cycle(institution):
    return factories.make_cycle(institution, panel_size=12)


@pytest.fixture
def meeting(cycle) -> Meeting:
    factories.make_members(cycle)
    return factories.make_meeting(cycle)


def start(actor, meeting, **changes) -> TableSearch:
    given = {"seed_text": SEED, "table_size": 4, "rounds": 3}
    return searching.start_search(actor=actor, meeting=meeting, **given | changes)


def seek(actor, search) -> TableSearch:
    searching.search_tables(actor=actor, search=search)
    search.refresh_from_db()
    return search


def killed_after(patch, step: int) -> None:
    """Let the worker die when it has shown a step."""
    show = searching._show

    def die(search, found):
        going_on = show(search, found)
        if found.done == step:
            raise SystemExit
        return going_on

    patch.setattr(searching, "_show", die)


def seats(plan: TablePlan) -> list[list[list[int]]]:
    return [
        [
            sorted(table.members.values_list("number", flat=True))
            for table in plan.tables.filter(round=number)
        ]
        for number in range(1, plan.rounds + 1)
    ]


def test_what_was_found_is_the_plan_only_when_somebody_takes_it(institution, facilitator, meeting):
    search = seek(facilitator, start(facilitator, meeting))
    assert search.is_ready
    assert not TablePlan.objects.exists()
    shown = search.seating
    plan = searching.take_plan(actor=facilitator, search=search)
    assert seats(plan) == shown
    assert (plan.pairs_met, plan.gap, plan.misses, plan.steps) == (
        search.pairs_met, search.gap, search.misses, search.step,
    )  # fmt: skip
    search.refresh_from_db()
    assert (search.status, search.seating) == (SearchStatus.TAKEN, None)
    assert acts.entry(institution, Action.TABLES_PLANNED).facts["steps"] == plan.steps
    assert acts.entry(institution, Action.TABLE_SEARCH_STARTED).facts == {
        "meeting": 1, "seed": SEED, "rounds": 3, "size": 4,
    }  # fmt: skip


def test_the_background_finds_what_planning_at_once_finds(secretariat, meeting):
    at_once = services.plan_tables(
        actor=secretariat, meeting=meeting, seed_text=SEED, table_size=4, rounds=3
    )
    expected = seats(at_once)
    search = plan_tables_later(
        actor=secretariat, meeting=meeting, seed_text=SEED, table_size=4, rounds=3, facilitators=[]
    )  # the tests run background work at once
    search.refresh_from_db()
    assert search.seating == expected
    assert seats(searching.take_plan(actor=secretariat, search=search)) == expected
    assert TablePlan.objects.count() == 1


def test_whoever_takes_over_from_a_killed_worker_finds_the_same_and_never_shows_less(
    secretariat, meeting, monkeypatch
):
    undisturbed = seek(secretariat, start(secretariat, meeting))
    expected = (undisturbed.seating, undisturbed.step)
    searching.give_up_search(actor=secretariat, search=undisturbed)
    search = start(secretariat, meeting)
    with monkeypatch.context() as patch:
        killed_after(patch, 4)
        with pytest.raises(SystemExit):
            searching.search_tables(actor=secretariat, search=search)
    search.refresh_from_db()
    assert (search.status, search.step) == (SearchStatus.RUNNING, 4)
    shown: list[int] = []
    show = searching._show

    def watch(row, found):
        going_on = show(row, found)
        shown.append(TableSearch.objects.get(pk=row.pk).step)
        return going_on

    monkeypatch.setattr(searching, "_show", watch)
    search = seek(secretariat, search)
    assert min(shown) == 4
    assert shown == sorted(shown)
    assert (search.seating, search.step) == expected


def test_a_search_that_is_stopped_keeps_its_best_and_the_worker_ends(
    institution, secretariat, meeting, monkeypatch
):
    search = start(secretariat, meeting)
    with pytest.raises(NoPlanYet):
        searching.stop_search(actor=secretariat, search=search)
    show = searching._show

    def stopped_at_four(row, found):
        going_on = show(row, found)
        if found.done == 4:
            searching.stop_search(actor=secretariat, search=row)
        return going_on

    monkeypatch.setattr(searching, "_show", stopped_at_four)
    assert searching.search_tables(actor=secretariat, search=search) == 5, "it looks before each step"
    search.refresh_from_db()
    assert (search.is_ready, search.step) == (True, 4)
    assert search.seating == list(services.asked_of(meeting, SEED, 4, 3).steps())[3].seating
    assert searching.stop_search(actor=secretariat, search=search).step == 4
    assert acts.entry(institution, Action.TABLE_SEARCH_STOPPED).facts == {"meeting": 1, "steps": 4}


def test_two_starts_at_once_are_one(secretariat, meeting):
    search = start(secretariat, meeting)
    with pytest.raises(SearchGoesOn):
        start(secretariat, meeting)
    with pytest.raises(IntegrityError), transaction.atomic():
        TableSearch.objects.create(
            meeting=meeting, seed="x", table_size=4, rounds=1, started_at=clock.now()
        )  # the database itself keeps to it
    searching.give_up_search(actor=secretariat, search=search)
    assert start(secretariat, meeting).goes_on


def test_what_was_given_up_is_neither_found_nor_taken(institution, secretariat, meeting):
    search = start(secretariat, meeting)
    with pytest.raises(SearchGoesOn):
        searching.take_plan(actor=secretariat, search=search)
    searching.give_up_search(actor=secretariat, search=search)
    assert search_tables_of.func(search.pk) == 0
    for verb in (searching.take_plan, searching.stop_search, searching.give_up_search):
        with pytest.raises(SearchOver):
            verb(actor=secretariat, search=search)
    assert not TablePlan.objects.exists()
    assert acts.entry(institution, Action.TABLE_SEARCH_GIVEN_UP).facts == {
        "meeting": 1,
        "seed": SEED,
        "steps": 0,
    }


def test_a_plan_that_does_not_keep_to_what_holds_now_is_not_taken(secretariat, meeting):
    search = seek(secretariat, start(secretariat, meeting))
    wish_seats(actor=secretariat, cycle=meeting.cycle, kind=WishKind.APART, numbers=[1, 2])
    with pytest.raises(SearchOutdated):
        searching.take_plan(actor=secretariat, search=search)
    search.refresh_from_db()
    assert search.is_ready, "it can still be given up"
    assert not TablePlan.objects.exists()


def test_why_no_plan_was_found_stands_at_the_search(secretariat, meeting):
    search = start(secretariat, meeting)
    wish_seats(actor=secretariat, cycle=meeting.cycle, kind=WishKind.APART, numbers=[1, 2])
    assert search_tables_of.func(search.pk) == 0
    search.refresh_from_db()
    assert search.status == SearchStatus.FAILED
    assert "have changed" in search.failure


def test_tables_with_notes_are_not_sought_anew(secretariat, cycle):
    factories.make_members(cycle)
    table = factories.make_table(cycle)
    factories.make_note(table)
    with pytest.raises(TablesInUse):
        start(secretariat, table.plan.meeting)
    assert not TableSearch.objects.exists()


@pytest.mark.parametrize("verb", ["start", "search_tables", "stop_search", "give_up_search", "take_plan"])
def test_only_secretariat_and_facilitators_plan_in_the_background(institution, secretariat, meeting, verb):
    search = None if verb == "start" else start(secretariat, meeting)
    acts.only(
        institution, Role.SECRETARIAT, Role.FACILITATOR,
        act=lambda actor: start(actor, meeting) if search is None else getattr(searching, verb)(actor=actor, search=search),
    )  # fmt: skip


def test_the_fingerprint_knows_the_seed_the_size_and_the_rounds(meeting):
    asked = services.asked_of(meeting, SEED, 4, 3)
    others = [services.asked_of(meeting, *each) for each in (("x", 4, 3), (SEED, 3, 3), (SEED, 4, 2))]
    assert len({one.fingerprint for one in [asked, *others]}) == 4
    assert asked.fingerprint == services.asked_of(meeting, SEED, 4, 3).fingerprint
    assert isinstance(next(iter(asked.steps())), algorithms.Step)
