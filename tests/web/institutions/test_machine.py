"""The machines of an institution and of a cycle: no state but by a verb, no verb past what is missing."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from isegoria_web.accounts.enums import ActorKind, Role
from isegoria_web.institutions import guards
from isegoria_web.institutions.enums import Stage, Status
from isegoria_web.institutions.life import BEFORE_THE_REPORT, CYCLE, INSTITUTION, WORK_AT, Work
from isegoria_web.institutions.machine import Lacking, NotFromHere
from isegoria_web.institutions.stations import TABLE

pytestmark = pytest.mark.once

MACHINES = {"cycle": (CYCLE, guards._OF_CYCLE), "institution": (INSTITUTION, guards._OF_INSTITUTION)}
VERBS = [(name, each.verb) for name, (machine, _known) in MACHINES.items() for each in machine.transitions]
LIVES = {
    "institution": {
        ("proposed", "adopted"), ("adopted", "funded"), ("funded", "operating"), ("operating", "suspended"), ("under_review", "suspended"),
        ("suspended", "operating"), ("operating", "under_review"), ("under_review", "operating"),
        ("operating", "abolished"), ("suspended", "abolished"), ("under_review", "abolished"),
    },
    "cycle": {
        ("mandate", "inviting"), ("mandate", "drawing"), ("inviting", "drawing"), ("drawing", "inviting"),
        ("drawing", "seated"), ("seated", "learning"), ("seated", "deliberating"), ("learning", "deliberating"),
        ("learning", "deciding"), ("deliberating", "deciding"), ("learning", "answering"), ("deliberating", "answering"),
        ("deciding", "answering"), ("answering", "follow_up"), ("follow_up", "closed"),
        *((stage.value, "closed") for stage in BEFORE_THE_REPORT),
    },
}  # fmt: skip
"""Every step there is; what leads elsewhere is a fault."""


def attempts(machine):
    """Some verbs one after the other, each with the guards that do not hold."""
    guards = sorted({guard.id for each in machine.transitions for guard in each.guards})
    verbs = st.sampled_from([each.verb for each in machine.transitions])
    return st.lists(st.tuples(verbs, st.sets(st.sampled_from(guards), max_size=4)), max_size=20)


@pytest.mark.parametrize("name", MACHINES)
@settings(
    deadline=None, suppress_health_check=[HealthCheck.too_slow]
)  # a busy machine is no fault of theirs
@given(data=st.data())
def test_a_life_goes_only_by_its_steps_and_never_past_a_guard_that_does_not_hold(name, data):
    machine, _known = MACHINES[name]
    state = machine.start
    for verb, false in data.draw(attempts(machine)):
        found = machine.verb(verb)
        lacking = tuple(guard.id for guard in found.guards if guard.id in false)
        outcome = taken(machine, verb, state, false)
        if state not in found.sources:
            assert outcome is None
        elif lacking:
            assert outcome == lacking
        else:
            assert (state.value, outcome.value) in LIVES[name]
            state = outcome


def taken(machine, verb, state, false):
    """The new state; or the ids of what is missing; or None where the verb does not begin here."""
    try:
        return machine.take(verb, state, lambda guard: guard.id not in false)
    except NotFromHere:
        return None
    except Lacking as refused:
        return tuple(guard.id for guard in refused.guards)


@pytest.mark.parametrize(("name", "verb"), VERBS)
def test_each_guard_alone_refuses_its_verb_by_its_id(name, verb):
    machine, _known = MACHINES[name]
    found = machine.verb(verb)
    for source in found.sources:
        assert machine.take(verb, source, lambda _guard: True) == found.target
        for guard in found.guards:
            with pytest.raises(Lacking) as refused:
                machine.take(verb, source, lambda each, guard=guard: each != guard)
            assert refused.value.guards == (guard,)


@pytest.mark.parametrize("name", MACHINES)
def test_the_steps_are_those_of_the_table_and_every_state_can_be_reached(name):
    machine, _known = MACHINES[name]
    steps = {
        (each_source.value, each.target.value)
        for each in machine.transitions
        for each_source in each.sources
    }
    assert steps == LIVES[name]
    assert {machine.start, *(each.target for each in machine.transitions)} == set(machine.states)


@pytest.mark.parametrize("name", MACHINES)
def test_every_guard_has_somebody_who_answers_and_every_verb_somebody_who_may(name):
    machine, known = MACHINES[name]
    asked = {guard.id for each in machine.transitions for guard in each.guards}
    of_stations = {guard.id for row in TABLE for guard in (*row.guards, row.shown_by) if guard}
    assert asked <= set(known) <= asked | of_stations
    may = {*(role.value for role in Role), ActorKind.SYSTEM.value, "operator"}
    assert all(each.who and each.who <= may for each in machine.transitions)


def test_what_is_owed_an_answer_cannot_be_broken_off():
    assert {Stage.ANSWERING, Stage.FOLLOW_UP, Stage.CLOSED}.isdisjoint(CYCLE.verb("break_off").sources)
    assert not INSTITUTION.leaving(Status.ABOLISHED)


def test_only_who_works_begins_and_who_is_abolished_does_nothing_new():
    assert {status for status, work in WORK_AT.items() if Work.BEGIN in work} == {
        Status.OPERATING,
        Status.UNDER_REVIEW,
    }
    assert {status for status, work in WORK_AT.items() if not work} == {
        Status.PROPOSED, Status.ADOPTED, Status.FUNDED, Status.ABOLISHED,
    }  # fmt: skip
