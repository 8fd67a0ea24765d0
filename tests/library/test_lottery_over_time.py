"""Chances over several draws: exact sums, at least once, by value, and the commands that read and write them."""

from __future__ import annotations

import csv
import json
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from isegoria.cli.lottery import app
from isegoria.lottery import by_value, gini_after_each, over_time, solve
from isegoria.testing import realistic_pool

run = CliRunner().invoke
chances = st.fractions(0, 1, max_denominator=20)


@given(st.lists(st.dictionaries(st.sampled_from("abcd"), chances, min_size=1), min_size=1, max_size=4))
def test_the_figures_are_those_of_listing_every_outcome(draws):
    found = over_time(draws)
    assert list(found) == sorted({one for draw in draws for one in draw})
    for person, had in found.items():
        outcomes = {0: Fraction(1)}
        for draw in draws:
            chance = draw.get(person, Fraction(0))
            after: dict[int, Fraction] = {}
            for times, weight in outcomes.items():
                after[times] = after.get(times, Fraction(0)) + weight * (1 - chance)
                after[times + 1] = after.get(times + 1, Fraction(0)) + weight * chance
            outcomes = after
        assert had.expected == sum(times * weight for times, weight in outcomes.items())
        assert had.at_least_once == 1 - outcomes[0]
        assert had.draws == sum(person in draw for draw in draws)


def test_who_was_lifted_makes_the_chances_more_equal():
    first = {"a": Fraction(1, 2), "b": Fraction(1, 2), "c": Fraction(0)}
    second = {"a": Fraction(0), "b": Fraction(0), "c": Fraction(1, 2)}
    before, after = gini_after_each([first, second])
    assert before == pytest.approx(1 / 3)
    assert after == pytest.approx(0)


def test_the_mean_of_a_group_weighs_its_people_equally():
    instance = realistic_pool(40, 8, {"age": 3, "sex": 2}, seed="groups")
    found = solve(instance.pool, instance.quotas, 8)
    people = over_time([found.chances()] * 2)
    groups = by_value([found, found], people)
    assert {(one.feature, one.value) for one in groups} <= {(q.feature, q.value) for q in instance.quotas}
    of_sex = [one for one in groups if one.feature == "sex"]
    assert sum(one.people for one in of_sex) == 40
    assert sum(one.people * one.expected for one in of_sex) == pytest.approx(16)


def write(path, header, rows):
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([header, *rows])
    return str(path)


@pytest.fixture
def files(tmp_path):
    instance = realistic_pool(60, 10, {"age": 3, "sex": 2}, seed="files", slack=2)
    names = list(instance.quotas.features)
    pool = write(
        tmp_path / "pool.csv",
        ["id", *names],
        [[one.id, *(one.features[n] for n in names)] for one in instance.pool],
    )
    quotas = write(
        tmp_path / "quotas.csv",
        ["feature", "value", "min", "max"],
        [[q.feature, q.value, q.minimum, q.maximum] for q in instance.quotas],
    )
    return pool, quotas, tmp_path


def test_the_second_draw_counts_the_chances_of_the_first_and_the_report_tells_both(files):
    pool, quotas, folder = files
    first, second = str(folder / "first"), str(folder / "second")
    solved = run(app, ["solve", pool, quotas, "--size", "10", "--out", first])
    assert solved.exit_code == 0, solved.output
    earlier = f"{first}/probabilities.csv"
    again = run(
        app,
        [
            "solve",
            pool,
            quotas,
            "--size",
            "10",
            "--out",
            second,
            "--objective",
            "cumulative",
            "--earlier",
            earlier,
            "--json",
        ],
    )
    assert again.exit_code == 0, again.output
    summary = json.loads(again.stdout)
    assert (summary["status"], summary["objective"], summary["solver_free"]) == (
        "optimal",
        "cumulative",
        True,
    )
    assert summary["certificate_gap"] < 1e-9
    told = run(app, ["chances", first, second, "--out", str(folder / "chances.csv"), "--json"])
    assert told.exit_code == 0, told.output
    figures = json.loads(told.stdout)
    assert (figures["draws"], figures["people"], len(figures["gini_after_each_draw"])) == (2, 60, 2)
    assert (
        figures["smallest_cumulative_chance"]
        >= 2
        * min(
            float(row["probability"])
            for row in csv.DictReader((folder / "first" / "probabilities.csv").open(encoding="utf-8"))
        )
        - 1e-9
    )
    with (folder / "chances.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert sum(float(row["chance"]) for row in rows) == pytest.approx(20, abs=1e-6)
    assert run(app, ["chances", first, second]).exit_code == 0
    drawn = run(app, ["draw", second, "--seed", "5"])
    assert drawn.exit_code == 0, drawn.output
    assert run(app, ["report", second, "--lang", "de"]).exit_code == 0


@pytest.mark.parametrize(
    ("header", "row", "words"),
    [
        (["id", "probability"], ["p0001", "1e5"], "This is not a chance"),
        (["id", "probability"], ["p0001", "-0.1"], "This is not a chance"),
        (["id", "probability"], ["p0001", "1/0"], "This is not a chance"),
        (["id", "luck"], ["p0001", "0.1"], "no column id, or none with the chances"),
    ],
)
def test_a_fault_in_the_earlier_chances_is_told(files, header, row, words):
    pool, quotas, folder = files
    earlier = write(folder / "earlier.csv", header, [row])
    arguments = ["solve", pool, quotas, "--size", "10", "--out", str(folder / "x"), "--earlier", earlier]
    result = run(app, [*arguments, "--objective", "cumulative"])
    assert result.exit_code == 2
    assert words in result.stderr
    refused = run(app, arguments)
    assert refused.exit_code == 2
    assert "--objective cumulative" in refused.stderr


def test_a_rotation_can_count_earlier_chances_too(files):
    pool, quotas, folder = files
    names = ["age", "sex"]
    with Path(pool).open(encoding="utf-8") as file:
        people = list(csv.DictReader(file))
    run(app, ["solve", pool, quotas, "--size", "10", "--out", str(folder / "a")])
    run(app, ["draw", str(folder / "a"), "--seed", "1"])
    with (folder / "a" / "panel.csv").open(encoding="utf-8") as file:
        panel = list(csv.DictReader(file))
    body = write(
        folder / "body.csv",
        ["id", *names, "leaves"],
        [[one["id"], *(one[n] for n in names), 1 + place % 2] for place, one in enumerate(panel)],
    )
    earlier = write(folder / "earlier.csv", ["id", "chance"], [[one["id"], "1/4"] for one in people[::2]])
    result = run(
        app,
        ["rotate", pool, quotas, "--size", "10", "--sitting", body, "--rotation", "1", "--seed", "2", "--out", str(folder / "b"),
         "--objective", "cumulative", "--earlier", earlier, "--json"],
    )  # fmt: skip
    assert result.exit_code == 0, result.output
    summary = json.loads(result.stdout)
    assert (summary["objective"], summary["vacant"]) == ("cumulative", 5)
    assert summary["certificate_gap"] < 1e-9
