"""Which quotas conflict, what helps, and whom they force: agreed with by counting every panel."""

from __future__ import annotations

import json
from dataclasses import replace
from itertools import combinations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from isegoria.cli.lottery import app
from isegoria.errors import BadInput
from isegoria.lottery import check, relaxed
from isegoria.lottery.conflicts import MINIMUM
from isegoria.pool import Entry, Pool, Quota, Quotas
from isegoria.solvers.brute import every_panel

run = CliRunner().invoke


@st.composite
def problems(draw):
    """Yield small pools with quotas that may or may not be met, some with flexibilities."""
    people = draw(st.integers(2, 8))
    size = draw(st.integers(1, min(4, people)))
    features = {"sex": ("f", "m"), "age": ("old", "young", "teen")[: draw(st.integers(1, 3))]}
    pool = Pool(
        tuple(
            Entry(f"p{number}", {name: draw(st.sampled_from(values)) for name, values in features.items()})
            for number in range(people)
        )
    )
    rows = []
    for name, values in features.items():
        for value in values:
            least = draw(st.integers(0, size))
            most = draw(st.integers(least, size))
            flexible = draw(st.booleans())
            bounds = (draw(st.integers(0, least)), draw(st.integers(most, size))) if flexible else ()
            rows.append(Quota(name, value, least, most, *bounds))
    return pool, Quotas(tuple(rows)), size


def checked(problem):
    try:
        return check(*problem)
    except BadInput:
        return None  # the sums alone leave no room: refused before anything is searched


def moves(members, quotas):
    """Return for each quota by how much a panel misses it; None where flexibilities forbid that."""
    found = []
    for quota in quotas:
        count = sum(quota.counts(one.features) for one in members)
        low = 0 if quota.min_flex is None else quota.min_flex
        high = len(members) if quota.max_flex is None else max(quota.max_flex, quota.maximum)
        if not low <= count <= max(high, quota.maximum):
            return None
        found.append(max(0, quota.minimum - count, count - quota.maximum))
    return found


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(problem=problems())
def test_the_answer_and_both_relaxations_agree_with_counting_every_panel(problem):
    pool, quotas, size = problem
    found = checked(problem)
    if found is None:
        return
    panels = every_panel(pool, quotas, size)
    assert found.feasible == bool(panels)
    if panels:
        return
    missed = [moves(members, quotas) for members in combinations(pool.entries, size)]
    allowed = [one for one in missed if one is not None]
    if not allowed:
        assert found.smallest is found.evenest is None
        assert found.beyond is not None
        assert check(pool, relaxed(quotas, found.beyond), size).feasible
        return
    assert found.beyond is None
    total, single = min((sum(one), max(one)) for one in allowed)
    seats = [change.seats for change in found.smallest]
    assert (sum(seats), max(seats)) == (total, single)
    single, total = min((max(one), sum(one)) for one in allowed)
    seats = [change.seats for change in found.evenest]
    assert (max(seats), sum(seats)) == (single, total)
    for changes in (found.smallest, found.evenest):
        assert check(pool, relaxed(quotas, changes), size).feasible
        for change in changes:
            before, after = change.before, change.after
            assert before.min_flex is None or after.minimum >= before.min_flex
            assert before.max_flex is None or after.maximum <= before.max_flex


def met(sides, quotas, pool, size):
    """Say whether a panel keeps to these sides of quotas and forgets all others."""
    bounds = {(one.quota.feature, one.quota.value, one.bound) for one in sides}
    rows = tuple(
        Quota(
            row.feature,
            row.value,
            row.minimum if (row.feature, row.value, MINIMUM) in bounds else 0,
            row.maximum if (row.feature, row.value, "maximum") in bounds else size,
        )
        for row in quotas
        if (row.feature, row.value, "maximum") in bounds or row.minimum <= size
    )
    return bool(every_panel(pool, Quotas(rows), size))


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(problem=problems())
def test_a_conflict_cannot_be_met_and_without_any_one_side_it_can(problem):
    pool, quotas, size = problem
    found = checked(problem)
    if found is None or found.feasible:
        return
    assert found.conflict
    assert not met(found.conflict, quotas, pool, size)
    for left_out in found.conflict:
        assert met([one for one in found.conflict if one != left_out], quotas, pool, size)


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(problem=problems())
def test_who_is_never_or_always_drawn_agrees_with_counting_every_panel(problem):
    pool, quotas, size = problem
    found = checked(problem)
    if found is None or not found.feasible:
        return
    panels = [{pool.entries[index].id for index in panel} for panel in every_panel(pool, quotas, size)]
    seen, fixed = set.union(*panels), set.intersection(*panels)
    assert {one for kind in found.never for one in kind.ids} == {one.id for one in pool} - seen
    assert {one for kind in found.always for one in kind.ids} == fixed
    assert [one.type for one in found.never_because] == list(found.never)
    assert [one.type for one in found.always_because] == list(found.always)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(problem=problems())
def test_without_those_who_are_forced_the_rest_of_the_answer_is_the_same(problem):
    found = checked(problem)
    if found is None:
        return
    rest = replace(found, never=(), always=(), never_because=(), always_because=())
    assert check(*problem, forced=False) == rest


def test_a_type_that_only_fractions_of_panels_hold_is_named_too():
    # Of three seats two go to pairs of features that overlap in a triangle: half of x fits, a whole x does not.
    kinds = {"a": (1, 1, 0), "b": (0, 1, 1), "c": (1, 0, 1), "x": (1, 1, 1)}
    pool = Pool(
        tuple(
            Entry(name, {f"k{number}": str(one) for number, one in enumerate(bits)})
            for name, bits in kinds.items()
        )
    )
    quotas = Quotas(
        tuple(
            Quota(f"k{number}", value, 0 if value == "0" else 1, 2)
            for number in range(3)
            for value in ("0", "1")
        )
    )
    found = check(pool, quotas, 2)
    panels = [{pool.entries[index].id for index in panel} for panel in every_panel(pool, quotas, 2)]
    assert {one for kind in found.never for one in kind.ids} == {one.id for one in pool} - set.union(
        *panels
    )


# -- through the command ---------------------------------------------------------------------------------

POOL = (
    "id,age,sex\n"
    + "".join(f"{n},16–24,{'fm'[n % 2]}\n" for n in range(9))
    + "".join(f"{n},25+,{'fm'[n % 2]}\n" for n in range(9, 40))
)


@pytest.fixture
def checked_files(tmp_path):
    def checked_files(quotas, *more, pool=POOL, size=20):
        (tmp_path / "pool.csv").write_text(pool, encoding="utf-8")
        (tmp_path / "quotas.csv").write_text(quotas, encoding="utf-8")
        names = [str(tmp_path / name) for name in ("pool.csv", "quotas.csv")]
        return run(app, ["check", *names, "--size", str(size), *more])

    return checked_files


FORMS = ["category,feature,min,max", "feature,value,min,max"]


@pytest.mark.parametrize("header", FORMS)
def test_a_conflict_is_told_in_words_with_both_relaxations_in_both_forms_of_quotas(checked_files, header):
    rows = "age,16–24,12,20,8,20\nage,25+,0,20,0,20\nsex,f,0,20,0,20\nsex,m,0,20,0,20\n"
    result = checked_files(f"{header},min_flex,max_flex\n{rows}")
    assert result.exit_code == 3
    assert "age 16–24 needs 12, the pool has 9" in result.stdout
    assert "smallest change in total:\n  age 16–24: minimum 9 instead of 12" in result.stdout
    assert "quotas can be met: no" in result.stdout
    result = checked_files(f"{header},min_flex,max_flex\n{rows}", "--json")
    assert json.loads(result.stdout) == {
        "feasible": False,
        "n": 40,
        "k": 20,
        "conflict": ["age 16–24 needs 12, the pool has 9"],
        "smallest_relaxation": ["age 16–24: minimum 9 instead of 12"],
        "evenest_relaxation": ["age 16–24: minimum 9 instead of 12"],
        "beyond_flexibility": None,
        "never": [],
        "always": [],
    }


def test_where_flexibilities_forbid_what_helps_the_change_beyond_them_is_told(checked_files):
    rows = "age,16–24,12,20,10,20\nage,25+,0,20,0,20\nsex,f,0,20,,\nsex,m,0,20,,\n"
    result = checked_files(f"feature,value,min,max,min_flex,max_flex\n{rows}")
    assert result.exit_code == 3
    assert "beyond the flexibilities:\n  age 16–24: minimum 9 instead of 12" in result.stdout


def test_quotas_that_force_a_chance_to_zero_or_one_are_named_with_their_people(checked_files):
    rows = "age,16–24,9,9\nage,25+,0,20\nsex,f,0,20\nsex,m,0,4\n"
    result = checked_files(f"feature,value,min,max\n{rows}", "--json")
    assert result.exit_code == 0
    found = json.loads(result.stdout)
    assert found["always"] == [
        "age 16–24, sex f (5 people): age 16–24 needs 9, the pool has 9",
        "age 16–24, sex m (4 people): age 16–24 needs 9, the pool has 9",
    ]
    assert found["never"] == [
        "age 25+, sex m (16 people): age 16–24 needs 9, the pool has 9; sex m may have at most 4"
    ]
    words = checked_files(f"feature,value,min,max\n{rows}").stdout
    assert "can never be drawn:\n  age 25+, sex m (16 people)" in words
    assert "conflict" not in words
