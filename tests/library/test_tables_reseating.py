from __future__ import annotations

from itertools import combinations, product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from isegoria.errors import BadInput, Infeasible
from isegoria.tables import moves_needed, reseat


def hall(sizes):
    ids = iter(range(1000))
    tables = [[f"M{next(ids):03}" for _ in range(size)] for size in sizes]
    features = {one: {"sex": "fm"[int(one[1:]) % 2]} for table in tables for one in table}
    return tables, features


def table_of(tables):
    return {one: number for number, table in enumerate(tables) for one in table}


@given(st.lists(st.integers(0, 4), min_size=1, max_size=4))
def test_the_moves_needed_are_the_fewest_of_all(sizes):
    total = sum(sizes)
    even = [
        other
        for other in product(range(total + 1), repeat=len(sizes))
        if sum(other) == total and max(other) - min(other) <= 1
    ]
    fewest = min(sum(max(0, a - b) for a, b in zip(sizes, other, strict=True)) for other in even)
    assert moves_needed(sizes) == fewest


@settings(max_examples=80, deadline=None)
@given(st.lists(st.integers(2, 6), min_size=2, max_size=5), st.data())
def test_tables_are_evened_out_with_no_more_moves_than_needed(sizes, data):
    tables, features = hall(sizes)
    everybody = sorted(features)
    missing = set(data.draw(st.lists(st.sampled_from(everybody), max_size=len(everybody) - 1, unique=True)))
    left = [[one for one in table if one not in missing] for table in tables]
    found = reseat(tables, missing, features)
    assert sorted(one for table in found for one in table) == sorted(set(everybody) - missing)
    before, after = table_of(left), table_of(found)
    assert sum(before[one] != after[one] for one in after) == moves_needed([len(table) for table in left])
    assert max(map(len, found)) - min(map(len, found)) <= 1


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(2, 6), min_size=2, max_size=5), st.data())
def test_pins_blocks_and_distances_hold_as_before(sizes, data):
    tables, features = hall(sizes)
    everybody = sorted(features)
    some = st.lists(st.sampled_from(everybody), max_size=4, unique=True)
    missing, pinned, together = set(data.draw(some)), data.draw(some), data.draw(some)
    if len(missing) == len(everybody):
        return
    apart = [table[0] for table in tables]
    found = reseat(tables, missing, features, apart=[apart], together=[together], pinned=pinned)
    before, after = table_of(tables), table_of(found)
    assert all(before[one] == after[one] for one in {*pinned, *together} & set(after))
    seated = [one for one in apart if one in after]
    assert all(after[one] != after[other] for one, other in combinations(seated, 2))
    left = [len([one for one in table if one not in missing]) for table in tables]
    assert sum(before[one] != after[one] for one in after) <= moves_needed(left)


def test_who_moves_meets_new_neighbours():
    tables, features = hall([4, 2])
    earlier = [[["M000", "M004"], ["M001", "M004"], ["M002", "M004"]]]
    same = {one: {} for one in features}
    assert reseat(tables, set(), same, earlier=earlier)[1] == ("M003", "M004", "M005")


@pytest.mark.parametrize(
    ("code", "missing"), [("tables_id_unknown", {"X"}), ("tables_nobody", {"M000", "M001"})]
)
def test_a_wrong_attendance_is_refused(code, missing):
    tables, features = hall([1, 1])
    with pytest.raises(BadInput, check=lambda error: error.code == code):
        reseat(tables, missing, features)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(1, 5), min_size=2, max_size=4), st.integers(1, 4), st.data())
def test_who_arrives_gets_a_seat_and_the_others_move_no_more_than_needed(sizes, count, data):
    tables, features = hall(sizes)
    late = {f"L{number}": None for number in range(count)}
    features |= {one: {"sex": "f"} for one in late}
    missing = set(data.draw(st.lists(st.sampled_from(sorted(set(features) - set(late))), unique=True)))
    found = reseat(tables, missing, features, arriving=late)
    assert sorted(one for table in found for one in table) == sorted(set(features) - missing)
    assert max(map(len, found)) - min(map(len, found)) <= 1
    before, after = table_of(tables), table_of(found)
    left = [sum(one not in missing for one in table) for table in tables]
    assert sum(before[one] != after[one] for one in set(after) - set(late)) <= moves_needed(left)


def test_who_arrives_sits_at_her_own_table_with_her_interpreter_and_apart():
    tables, features = hall([2, 1, 3])
    features |= {one: {} for one in ("A", "B", "C")}
    conditions = {"together": [["B", "M003"]], "apart": [["C", "M002"]]}
    found = table_of(reseat(tables, set(), features, arriving={"A": 2, "B": None, "C": None}, **conditions))
    assert (found["A"], found["B"], found["C"]) == (2, 2, 0)


@pytest.mark.parametrize(
    ("code", "arriving"), [("tables_id_repeated", {"M000": None}), ("tables_id_unknown", {"A": 7})]
)
def test_a_wrong_arrival_is_refused(code, arriving):
    tables, features = hall([1, 1])
    with pytest.raises(BadInput) as refused:
        reseat(tables, set(), features | {"A": {}}, arriving=arriving)
    assert refused.value.code == code


def test_without_a_table_where_she_may_sit_an_arrival_is_refused():
    tables, features = hall([1, 1])
    with pytest.raises(Infeasible):
        reseat(
            tables, set(), features | {"A": {}}, apart=[["A", "M000"], ["A", "M001"]], arriving={"A": None}
        )


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(2, 6), min_size=2, max_size=5), st.data())
def test_what_is_shared_out_first_costs_no_move_more(sizes, data):
    tables, features = hall(sizes)
    everybody = sorted(features)
    kinds = {
        one: {"kind": "deputy"} for one in data.draw(st.lists(st.sampled_from(everybody), unique=True))
    }
    mixed = {one: told | kinds.get(one, {}) for one, told in features.items()}
    missing = set(data.draw(st.lists(st.sampled_from(everybody), max_size=len(everybody) - 1, unique=True)))
    left = [[one for one in table if one not in missing] for table in tables]
    before, after = table_of(left), table_of(reseat(tables, missing, mixed, first=["kind"]))
    assert sum(before[one] != after[one] for one in after) == moves_needed([len(table) for table in left])


def test_who_moves_is_chosen_by_what_is_shared_out_first():
    tables = [["A1", "A2", "B1", "B2"], ["A3", "A4", "C1", "C2"]]
    alike = {one: {"sex": "f", "age": "old"} for table in tables for one in table}
    features = {one: told | ({"kind": "deputy"} if one[0] != "A" else {}) for one, told in alike.items()}
    features["B1"], features["B2"] = ({**features[one], "sex": "m", "age": "young"} for one in ("B1", "B2"))
    found = reseat(tables, {"C1", "C2"}, features, first=["kind"])
    assert sorted(len([one for one in table if one[0] != "A"]) for table in found) == [1, 1]


def test_who_comes_late_sits_where_fewest_share_what_is_shared_out_first():
    tables = [["B1", "X1"], ["A1", "A2"]]
    features = {one: {"sex": "f", "age": "old"} for one in ("A1", "A2", "B2")}
    features |= {"B1": {"sex": "m", "kind": "deputy"}, "X1": {"sex": "x"}}
    features["B2"] = features["B2"] | {"kind": "deputy"}
    assert "B2" in reseat(tables, (), features, arriving={"B2": None})[0]
    assert "B2" in reseat(tables, (), features, arriving={"B2": None}, first=["kind"])[1]
