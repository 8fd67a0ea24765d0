"""The commands that explain, spread and prepare for those who leave: files in, library call, files out."""

from __future__ import annotations

import csv
import json
import xml.etree.ElementTree as ET

import pytest
from typer.testing import CliRunner

from isegoria.cli.lottery import app
from isegoria.lottery import OBJECTIVES, Lottery, measures
from isegoria.testing import realistic_pool

run = CliRunner().invoke


@pytest.fixture
def files(tmp_path):
    instance = realistic_pool(60, 10, {"age": 4, "sex": 2, "place": 3}, seed="files", slack=2)
    names = list(instance.quotas.features)
    pool = [["id", *names], *([one.id, *(one.features[name] for name in names)] for one in instance.pool)]
    quotas = [["feature", "value", "min", "max"]]
    quotas += [[q.feature, q.value, q.minimum, q.maximum] for q in instance.quotas]
    for name, lines in (("pool.csv", pool), ("quotas.csv", quotas)):
        with (tmp_path / name).open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows(lines)
    return [str(tmp_path / "pool.csv"), str(tmp_path / "quotas.csv"), "--size", "10"], tmp_path / "out"


@pytest.fixture
def drawn(files):
    problem, out = files
    assert run(app, ["solve", *problem, "--out", str(out)]).exit_code == 0
    assert run(app, ["draw", str(out), "--seed", "1"]).exit_code == 0
    return out


def rows(path):
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def answer(*arguments: str) -> dict:
    result = run(app, [*arguments, "--json"])
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def load(out) -> Lottery:
    return Lottery.from_document(json.loads((out / "lottery.json").read_text("utf-8")))


def test_every_command_shows_an_example():
    for command in ("curve", "spread", "alternates", "enter", "report"):
        assert "Example: isegoria lottery" in run(app, [command, "--help"]).output


@pytest.mark.parametrize("objective", OBJECTIVES)
def test_every_objective_is_solved_as_asked(files, objective):
    problem, out = files
    weight = ["--gamma", "1/2"] if objective == "goldilocks" else []
    summary = answer("solve", *problem, "--objective", objective, *weight, "--out", str(out))
    compared = objective in {"legacy", "diversimax"}
    assert summary["objective"] == load(out).objective == objective
    assert summary["status"] == ("no guarantee" if compared else "optimal")
    assert (summary["certificate_gap"] is None) == compared
    assert compared or summary["certificate_gap"] < 1e-7
    numbers = measures(load(out))
    assert (summary["min_probability"], summary["max_probability"]) == (numbers.smallest, numbers.largest)
    assert (summary["gini"], summary["geometric_mean"]) == (numbers.gini, numbers.geometric_mean)


@pytest.mark.parametrize("gamma", ["0", "much", "1/0", "-1"])
def test_a_gamma_that_is_none_leaves_with_2(files, gamma):
    problem, out = files
    result = run(
        app, ["solve", *problem, "--objective", "goldilocks", f"--gamma={gamma}", "--out", str(out)]
    )
    assert result.exit_code == 2
    assert "Goldilocks" in result.output
    assert not out.exists()


@pytest.mark.parametrize("objective", [one for one in OBJECTIVES if one != "goldilocks"])
def test_a_gamma_that_an_objective_would_not_use_leaves_with_2(files, objective):
    problem, out = files
    result = run(app, ["solve", *problem, "--objective", objective, "--gamma", "1/2", "--out", str(out)])
    assert result.exit_code == 2
    assert f"The objective {objective} does not weigh the smallest chance." in result.output
    assert not out.exists()


def test_the_report_is_written_in_the_language_asked_for_with_the_curve_if_there_is_one(files, drawn):
    problem, _ = files
    assert run(app, ["report", str(drawn), "--lang", "nl"]).exit_code == 0
    before = (drawn / "report.html").read_text("utf-8")
    assert '<html lang="nl">' in before
    assert sum(int(row["people"]) for row in rows(drawn / "types.csv")) == 60
    assert run(app, ["curve", *problem, "--out", str(drawn)]).exit_code == 0
    assert run(app, ["report", str(drawn), "--lang", "nl"]).exit_code == 0
    assert len((drawn / "report.html").read_text("utf-8")) > len(before)
    assert run(app, ["report", str(drawn), "--lang", "la"]).exit_code == 2
    (drawn / "curve.csv").write_text("smallest_chance,largest_chance\n0.1,much\n")
    result = run(app, ["report", str(drawn)])
    assert result.exit_code == 2
    assert "row 2" in result.output


def test_the_curve_is_data_and_a_picture(files):
    problem, out = files
    assert len(answer("curve", *problem, "--out", str(out))["corners"]) == len(rows(out / "curve.csv"))
    smallest = [float(row["smallest_chance"]) for row in rows(out / "curve.csv")]
    assert smallest == sorted(smallest)
    picture = ET.fromstring((out / "curve.svg").read_text("utf-8"))  # noqa: S314  # our own file
    assert len(picture.findall("{http://www.w3.org/2000/svg}circle")) == len(smallest)


def test_spread_writes_a_lottery_with_the_same_chances_that_can_be_drawn_from(drawn):
    summary = answer("spread", str(drawn), "--compositions", "100")
    assert summary["entropy_bits"] > summary["entropy_bits_before"]
    before, after = load(drawn).chances(), load(drawn / "spread").chances()
    assert all(abs(before[one] - after[one]) < 1e-9 for one in before)
    assert run(app, ["draw", str(drawn / "spread"), "--seed", "1"]).exit_code == 0
    assert run(app, ["spread", str(drawn), "--compositions", "-1"]).exit_code == 2


def test_alternates_are_chosen_and_enter_when_somebody_leaves(drawn, tmp_path):
    history = tmp_path / "earlier.csv"
    lines = [f"v{n % 4},{'yes' if n % 4 == 0 and n % 3 else 'no'}" for n in range(80)]
    history.write_text("age,dropped\n" + "\n".join(lines) + "\n", encoding="utf-8")
    summary = answer(
        "alternates",
        str(drawn),
        "--count",
        "5",
        "--seed",
        "2",
        "--history",
        str(history),
        "--scenarios",
        "60",
    )
    assert (summary["alternates"], summary["learnt_from"]) == (5, 80)
    assert summary["expected_loss"] <= summary["expected_loss_without"]
    panel, alternates = rows(drawn / "panel.csv"), rows(drawn / "alternates.csv")
    assert not {row["id"] for row in panel} & {row["id"] for row in alternates}
    gone = tmp_path / "gone.csv"
    gone.write_text(f"id\n{panel[0]['id']}\n{panel[3]['id']}\n{alternates[0]['id']}\n", encoding="utf-8")
    entering = answer("enter", str(drawn), "--gone", str(gone))
    assert entering["vacant"] == len(entering["entering"]) == 2
    assert set(entering["entering"]) <= {row["id"] for row in alternates[1:]}
    assert [row["id"] for row in rows(drawn / "entering.csv")] == entering["entering"]


def test_alternates_without_a_panel_or_with_a_wrong_rate_leave_with_2(files, drawn):
    assert run(app, ["alternates", str(drawn), "--count", "2", "--seed", "1", "--rate", "2"]).exit_code == 2
    (drawn / "panel.csv").unlink()
    result = run(app, ["alternates", str(drawn), "--count", "2", "--seed", "1"])
    assert result.exit_code == 2
    assert "panel.csv" in result.output
