"""Quotas on several values at once are kept by every panel, and the lottery stays the fairest."""

from __future__ import annotations

import json
from fractions import Fraction
from itertools import combinations

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from isegoria.cli.main import app
from isegoria.errors import BadInput
from isegoria.lottery import check, solve
from isegoria.pool import (
    Entry,
    Intersection,
    Pool,
    Quota,
    Quotas,
    intersect,
    read_intersections,
    read_quotas,
)
from isegoria.solvers.brute import every_panel, leximin_chances
from isegoria.testing import small_pool

HEADER = "feature1,value1,feature2,value2,min,max"


def cell(instance, first: int, second: int, least: int, most: int) -> Intersection:
    (one, of_one), (two, of_two) = list(instance.quotas.features.items())[:2]
    values = ((one, of_one[first % len(of_one)]), (two, of_two[second % len(of_two)]))
    return Intersection(values, least, most)


def impossible(pool, quotas, size) -> bool:
    """Whether it is said, be it already by the sums of one feature."""
    try:
        return not check(pool, quotas, size).feasible
    except BadInput as fault:
        return fault.code in {"quota_sum_high", "quota_sum_low"}


def counted(people, one: Intersection) -> int:
    return sum(all(person.features[name] == value for name, value in one.values) for person in people)


@given(
    st.integers(4, 10),
    st.integers(2, 4),
    st.integers(0, 10**6).map(str),
    st.integers(0, 1),
    st.integers(0, 1),
    st.integers(0, 1),
)
@settings(max_examples=60, deadline=None)
def test_it_agrees_with_listing_every_panel_that_keeps_the_intersection(
    people, size, seed, first, second, least
):
    instance = small_pool(people, size, (2, 2, 2), seed=seed, slack=2)
    asked = cell(instance, first, second, least, least + 1)
    entries = list(instance.pool)
    panels = [
        panel
        for panel in every_panel(instance.pool, instance.quotas, size)
        if least <= counted([entries[index] for index in panel], asked) <= least + 1
    ]
    pool, quotas = intersect(instance.pool, instance.quotas, [asked], size)
    if not panels:
        assert impossible(pool, quotas, size)
        return
    lottery = solve(pool, quotas, size)
    found = lottery.chances()
    expected = leximin_chances(panels, people)
    assert np.abs(expected - [float(found[one.id]) for one in instance.pool]).max() < 1e-6
    assert lottery.verify().gap <= Fraction(1, 10**7)


@given(st.integers(6, 30), st.integers(0, 10**6).map(str))
@settings(max_examples=40, deadline=None)
def test_types_stay_as_many_and_nothing_depends_on_the_order(people, seed):
    instance = small_pool(people, 3, (2, 3), seed=seed, slack=3)
    cells = [cell(instance, a, b, 0, 2) for a, b in combinations(range(3), 2)]
    cells = list({one.values: one for one in cells}.values())
    pool, quotas = intersect(instance.pool, instance.quotas, cells, 3)
    turned = [Intersection(one.values[::-1], one.minimum, one.maximum) for one in cells[::-1]]
    assert intersect(instance.pool, instance.quotas, turned, 3) == (pool, quotas)
    assume(not impossible(pool, quotas, 3))
    assert len(solve(pool, quotas, 3).types) == len(solve(instance.pool, instance.quotas, 3).types)


def test_three_features_can_meet_and_a_conflict_names_the_cell():
    people = [
        Entry(f"{sex}{age}{place}", {"sex": sex, "age": age, "place": place})
        for sex in "fm"
        for age in ("young", "old")
        for place in ("north", "south")
    ]
    values = {"sex": "fm", "age": ("young", "old"), "place": ("north", "south")}
    quotas = Quotas(tuple(Quota(name, value, 0, 4) for name, own in values.items() for value in own))
    asked = Intersection((("sex", "f"), ("age", "young"), ("place", "north")), 2, 4)
    found = check(*intersect(Pool(tuple(people)), quotas, [asked], 4), 4)
    assert not found.feasible
    assert any("f × young × north" in str(side) for side in found.conflict)


@pytest.mark.parametrize(
    ("rows", "code", "row", "column"),
    [
        (["sex,f,sex,m,0,1"], "intersection_narrow", 2, None),
        (["sex,x,age,old,0,1"], "value_unknown", 2, "value1"),
        (["size,f,age,old,0,1"], "value_unknown", 2, "feature1"),
        (["sex,f,age,,0,1"], "value_unknown", 2, "value2"),
        (["sex,f,age,old,2,1"], "quota_reversed", 2, "min"),
        (["sex,f,age,old,-1,1"], "quota_negative", 2, "min"),
        (["sex,f,age,old,few,1"], "not_whole", 2, "min"),
        (["sex,f,age,old,0,1", "age,old,sex,f,0,2"], "intersection_repeated", 3, None),
    ],
)
def test_a_file_with_a_fault_names_its_place_and_loads_nothing(tmp_path, rows, code, row, column):
    file = tmp_path / "cells.csv"
    file.write_text("\n".join([HEADER, *rows]), "utf-8")
    with pytest.raises(BadInput) as caught:
        read_intersections(file, quotas_of(tmp_path))
    fault = caught.value
    assert (fault.code, fault.place.file, fault.place.row, fault.place.column) == (
        code,
        "cells.csv",
        row,
        column,
    )


def test_a_file_without_the_columns_says_which(tmp_path):
    file = tmp_path / "cells.csv"
    file.write_text("feature1,value1,min,max\nsex,f,0,1\n", "utf-8")
    with pytest.raises(BadInput) as caught:
        read_intersections(file, quotas_of(tmp_path))
    assert caught.value.parameters["missing"] == "feature2, value2"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"feature": "sex × age"}, "intersection_name"),
        ({"cells": [Intersection((("sex", "f"), ("age", "ancient")), 0, 1)]}, "intersection_unknown"),
        ({"cells": [Intersection((("sex", "f"), ("age", "old")), 0, 1)] * 2}, "quota_repeated"),
    ],
)
def test_what_does_not_fit_together_is_refused(tmp_path, change, code):
    quotas = quotas_of(tmp_path)
    if name := change.get("feature"):
        quotas = Quotas((*quotas.rows, Quota(name, "f × old", 0, 9)))
    cells = change.get("cells", [Intersection((("sex", "f"), ("age", "old")), 0, 1)])
    with pytest.raises(BadInput) as caught:
        intersect(Pool((Entry("a", {"sex": "f", "age": "old"}),)), quotas, cells, 1)
    assert caught.value.code == code


def test_on_the_command_line_every_composition_keeps_the_intersections(tmp_path):
    pool = ["id,sex,age"] + [f"{n},{'fm'[n % 2]},{'old' if n % 3 else 'young'}" for n in range(30)]
    (tmp_path / "pool.csv").write_text("\n".join(pool), "utf-8")
    quotas_of(tmp_path)
    (tmp_path / "cells.csv").write_text(f"{HEADER}\nsex,f,age,young,2,2\n", "utf-8")
    arguments = [
        "lottery", "solve", str(tmp_path / "pool.csv"), str(tmp_path / "quotas.csv"), "--size", "6",
        "--intersections", str(tmp_path / "cells.csv"), "--out", str(tmp_path / "draw"), "--json",
    ]  # fmt: skip
    result = CliRunner().invoke(app, arguments)
    assert result.exit_code == 0, result.output
    assert json.loads(result.stdout)["certificate_gap"] <= 1e-7
    document = json.loads((tmp_path / "draw" / "lottery.json").read_text("utf-8"))
    young_women = [
        index
        for index, one in enumerate(document["types"])
        if (one["features"]["sex"], one["features"]["age"]) == ("f", "young")
    ]
    for composition in document["compositions"]:
        assert sum(count for index, count in composition["counts"] if index in young_women) == 2


def quotas_of(folder) -> Quotas:
    file = folder / "quotas.csv"
    file.write_text("feature,value,min,max\nsex,f,0,6\nsex,m,0,6\nage,old,0,6\nage,young,0,6\n", "utf-8")
    return read_quotas(file)
