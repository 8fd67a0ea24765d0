"""`isegoria tables` and `isegoria ballots`: files in, files out, errors at their place."""

from __future__ import annotations

import json

import pytest
from typer.testing import CliRunner

from isegoria import tables
from isegoria.cli.main import app
from isegoria.seeding import seed_from_text

runner = CliRunner()


def call(*arguments):
    return runner.invoke(app, [str(argument) for argument in arguments])


@pytest.fixture
def people(tmp_path):
    file = tmp_path / "people.csv"
    rows = [f"p{number:02d},{'FM'[number % 2]},{number % 3}" for number in range(24)]
    file.write_text("id,sex,age\n" + "\n".join(rows) + "\n")
    return file


@pytest.fixture
def planned(tmp_path, people):
    out = tmp_path / "plan.csv"
    done = call(
        "tables",
        "plan",
        people,
        "--table-size",
        6,
        "--rounds",
        3,
        "--seed",
        "3-1-4",
        "--out",
        out,
        "--json",
    )
    assert done.exit_code == 0, done.output
    return out, json.loads(done.stdout)


def seats(file):
    return [tuple(line.split(",")) for line in file.read_text().splitlines()[1:]]


def test_everybody_sits_once_in_each_round_and_the_bounds_are_told(planned):
    out, summary = planned
    assert len({(number, person) for number, _table, person in seats(out)}) == 24 * 3
    assert (summary["people"], summary["tables"], summary["imbalance"]) == (24, 4, 0)
    assert summary["pairs_met"] <= summary["pairs_bound"]
    assert summary["repeats"] >= summary["repeats_bound"]


def test_the_same_seed_gives_the_same_plan_whatever_the_order_of_the_rows(tmp_path, people, planned):
    head, *rows = people.read_text().splitlines()
    people.write_text("\n".join([head, *reversed(rows)]) + "\n")
    again = tmp_path / "again.csv"
    call("tables", "plan", people, "--table-size", 6, "--rounds", 3, "--seed", "3-1-4", "--out", again)
    assert again.read_bytes() == planned[0].read_bytes()


def test_a_number_of_steps_gives_the_plan_that_a_search_had_then(tmp_path, people):
    out, rows = tmp_path / "plan.csv", people.read_text().splitlines()[1:]
    members = [(key, {"sex": sex, "age": age}) for key, sex, age in (row.split(",") for row in rows)]
    asked = ["tables", "plan", people, "--table-size", 6, "--rounds", 3, "--seed", "3-1-4", "--out", out]
    wanted = list(tables.stepping(members, 6, 3, seed_from_text("3-1-4")))[4].plan
    done = call(*asked, "--steps", 5, "--json")
    assert json.loads(done.stdout)["steps"] == 5
    assert seats(out) == [
        (str(number), str(place), key)
        for number, each in enumerate(wanted.rounds, 1)
        for place, table in enumerate(each, 1)
        for key in table
    ]
    out.unlink()
    refused = call(*asked, "--steps", 2)
    assert (refused.exit_code != 0, out.exists()) == (True, False)
    assert "at least 3" in refused.output


def test_an_interrupted_plan_is_the_best_so_far_and_can_be_made_again(tmp_path, people, monkeypatch):
    improving = tables.improving

    def interrupted(*args, **kwargs):
        plans = improving(*args, **kwargs)
        yield next(plans)
        raise KeyboardInterrupt

    asked = [
        "tables",
        "plan",
        people,
        "--table-size",
        6,
        "--rounds",
        3,
        "--seed",
        "3-1-4",
        "--json",
        "--out",
    ]
    stopped, again = tmp_path / "stopped.csv", tmp_path / "again.csv"
    with monkeypatch.context() as patch:
        patch.setattr(tables, "improving", interrupted)
        done = call(*asked, stopped)
    told = json.loads(done.stdout)
    assert (done.exit_code, told["sweeps"]) == (0, 0)
    assert told["gap"] == told["repeats"] - told["repeats_bound"]
    assert "sweep 0: " in done.stderr
    assert "the best plan so far is kept" in done.stderr
    call(*asked, again, "--sweeps", 0)
    assert again.read_bytes() == stopped.read_bytes()


def test_wishes_hold_in_every_round(tmp_path, people):
    (tmp_path / "apart.csv").write_text("id1,id2\np00,p01\n")
    (tmp_path / "together.csv").write_text("id1,id2\np02,p03\n")
    (tmp_path / "pinned.csv").write_text("id,table\np04,2\n")
    out = tmp_path / "plan.csv"
    wishes = [f"--{name}={tmp_path}/{name}.csv" for name in ("apart", "together", "pinned")]
    done = call(
        "tables", "plan", people, "--table-size", 6, "--rounds", 3, "--seed", "s", "--out", out, *wishes
    )
    assert done.exit_code == 0, done.output
    for number in "123":
        table = {person: place for held, place, person in seats(out) if held == number}
        assert table["p00"] != table["p01"]
        assert table["p02"] == table["p03"]
        assert table["p04"] == "2"


def test_who_does_not_come_moves_as_few_as_possible(tmp_path, people, planned):
    plan, _summary = planned
    first_table = [person for number, table, person in seats(plan) if (number, table) == ("2", "1")]
    (tmp_path / "missing.csv").write_text("id\n" + "\n".join(first_table[:3]) + "\n")
    out = tmp_path / "today.csv"
    done = call(
        "tables",
        "reseat",
        plan,
        people,
        "--round",
        2,
        "--missing",
        tmp_path / "missing.csv",
        "--out",
        out,
        "--json",
    )
    assert done.exit_code == 0, done.output
    assert json.loads(done.stdout) | {"tables": ""} == {
        "round": 2, "missing": 3, "arriving": 0, "seated": 21, "moved": 2, "tables": "",
    }  # fmt: skip
    sizes = [sum(table == each for _number, table, _person in seats(out)) for each in "1234"]
    assert max(sizes) - min(sizes) == 1


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("name,sex\nAnna,F\n", "id"),
        ("id,sex\na,F\na,M\n", "people.csv, row 3, column id"),
        ("id,sex\n,F\nb,M\n", "people.csv, row 2, column id"),
    ],
)
def test_a_wrong_list_of_people_is_told_with_its_place(tmp_path, people, text, said):
    people.write_text(text)
    out = tmp_path / "plan.csv"
    done = call("tables", "plan", people, "--table-size", 6, "--seed", "s", "--out", out)
    assert done.exit_code == 2
    assert said in done.output
    assert not out.exists()


def test_a_round_that_the_plan_does_not_have_is_refused(tmp_path, people, planned):
    (tmp_path / "missing.csv").write_text("id\np00\n")
    done = call(
        "tables", "reseat", planned[0], people, "--round", 9, "--missing", tmp_path / "missing.csv",
        "--out", tmp_path / "today.csv",
    )  # fmt: skip
    assert done.exit_code == 2
    assert "has no round 9" in done.output


# -- ballots -------------------------------------------------------------------------------------------------
def counted(tmp_path, text, *arguments):
    file = tmp_path / "papers.csv"
    file.write_text(text)
    return call("ballots", "count", file, *arguments)


YES_NO = "choice\n" + "yes\n" * 4 + "no\nabstain\n"


@pytest.mark.parametrize(("abstention", "adopted"), [("excluded", True), ("counted", False)])
def test_yes_and_no_are_counted_by_the_rule(tmp_path, abstention, adopted):
    done = counted(
        tmp_path, YES_NO, "--rule", "yes-no", "--threshold", "4/5", "--quorum", "2/3", "--eligible", 8,
        "--abstention", abstention, "--json",
    )  # fmt: skip
    found = json.loads(done.stdout)
    assert (found["yes"], found["no"], found["abstain"], found["quorum_met"]) == (4, 1, 1, True)
    assert found["adopted"] is adopted


OPTIONS = "Trams,Trees,Homes\n" + "x,x,\n" * 3 + ",,1\n" * 3


def test_shares_give_a_minority_its_part_and_approval_does_not(tmp_path):
    shares = json.loads(counted(tmp_path, OPTIONS, "--rule", "shares", "--places", 2, "--json").output)
    assert set(shares["chosen"]) == {"Trams", "Homes"}
    approval = json.loads(counted(tmp_path, OPTIONS, "--rule", "approval", "--places", 2, "--json").output)
    assert (approval["chosen"], approval["tied"]) == (["Trams", "Trees"], ["Homes"])


def test_a_ranking_and_weights_are_read(tmp_path):
    text = "weight,a,b,c\n1,1,2,3\n1,1,3,2\n5/2,3,1,2\n"
    found = json.loads(counted(tmp_path, text, "--rule", "ranking", "--json").output)
    assert found["order"][0] == "b"


@pytest.mark.parametrize(
    ("text", "rule", "said"),
    [
        ("choice\nyes\nperhaps\n", "yes-no", "papers.csv, row 3, column choice"),
        ("vote\nyes\n", "yes-no", "column choice"),
        ("a,b\nx,?\n", "approval", "papers.csv, row 2, column b"),
        ("a,b\n1,1\n", "ranking", "papers.csv, row 2"),
        ("weight,a,b\nmany,x,\n", "shares", "papers.csv, row 2, column weight"),
    ],
)
def test_a_wrong_paper_is_told_with_its_place(tmp_path, text, rule, said):
    done = counted(tmp_path, text, "--rule", rule)
    assert done.exit_code == 2
    assert said in done.output


def test_a_threshold_that_is_no_fraction_is_refused(tmp_path):
    done = counted(tmp_path, YES_NO, "--rule", "yes-no", "--threshold", "most")
    assert done.exit_code == 2
    assert "most is not a fraction" in done.output
