"""The command: files in, library call, files out."""

from __future__ import annotations

import csv
import json

import pytest
from typer.testing import CliRunner

from isegoria.cli.lottery import app
from isegoria.testing import realistic_pool

run = CliRunner().invoke


@pytest.fixture
def files(tmp_path):
    instance = realistic_pool(60, 10, {"age": 4, "sex": 2}, seed="files")
    names = list(instance.quotas.features)
    pool = [["id", *names], *([one.id, *(one.features[name] for name in names)] for one in instance.pool)]
    quotas = [["feature", "value", "min", "max"]]
    quotas += [[q.feature, q.value, q.minimum, q.maximum] for q in instance.quotas]
    for name, rows in (("pool.csv", pool), ("quotas.csv", quotas)):
        with (tmp_path / name).open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows(rows)
    return str(tmp_path / "pool.csv"), str(tmp_path / "quotas.csv"), tmp_path / "out"


def rows(path):
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_solve_writes_chances_and_lottery_and_draw_writes_panel_and_alternates(files):
    pool, quotas, out = files
    result = run(app, ["solve", pool, quotas, "--size", "10", "--out", str(out), "--json"])
    assert result.exit_code == 0, result.output
    summary = json.loads(result.stdout)
    assert (summary["status"], summary["n"], summary["k"]) == ("optimal", 60, 10)
    assert summary["certificate_gap"] < 1e-9
    chances = rows(out / "probabilities.csv")
    assert sum(float(row["probability"]) for row in chances) == pytest.approx(10, abs=1e-9)
    result = run(app, ["draw", str(out), "--seed", "27 04 11", "--alternates", "5"])
    assert result.exit_code == 0, result.output
    panel, alternates = rows(out / "panel.csv"), rows(out / "alternates.csv")
    assert (len(panel), len(alternates)) == (10, 5)
    assert not {row["id"] for row in panel} & {row["id"] for row in alternates}
    assert list(panel[0]) == ["id", "age", "sex"]


KEYS = [
    "status",
    "objective",
    "n",
    "k",
    "types",
    "compositions",
    "tickets",
    "min_probability",
    "max_probability",
    "gini",
    "geometric_mean",
    "certificate_gap",
    "solver_free",
    "seconds",
    "peak_memory_mib",
]


def test_the_summary_has_the_documented_keys_and_people_read_words(files):
    pool, quotas, out = files
    arguments = ["solve", pool, quotas, "--size", "10", "--out", str(out)]
    summary = json.loads(run(app, [*arguments, "--json"]).stdout)
    assert list(summary) == KEYS
    assert set(summary["seconds"]) >= {
        "reading",
        "feasibility",
        "levels",
        "tickets",
        "verifying",
        "writing",
    }
    assert all(isinstance(each, float) for each in summary["seconds"].values())
    words = run(app, arguments).stdout
    assert "smallest chance: " in words
    assert not {"min_probability", "min probability", "k:"} & set(words.replace("\n", " ").split())


@pytest.mark.parametrize(
    ("lang", "word"), [("en", "chance"), ("de", "Chance"), ("fr", "chance"), ("nl", "kans")]
)
def test_solve_writes_the_page_in_the_language_asked_for(files, lang, word):
    pool, quotas, out = files
    assert (
        run(app, ["solve", pool, quotas, "--size", "10", "--out", str(out), "--lang", lang]).exit_code == 0
    )
    page = (out / "report.html").read_text("utf-8")
    assert f'lang="{lang}"' in page
    assert word in page


def test_another_language_is_refused_and_nothing_is_written(files):
    pool, quotas, out = files
    result = run(app, ["solve", pool, quotas, "--size", "10", "--out", str(out), "--lang", "la"])
    assert (result.exit_code, out.exists()) == (2, False)


def test_further_columns_are_kept_in_their_order_and_never_in_what_is_published(tmp_path):
    pool, quotas, out = tmp_path / "pool.csv", tmp_path / "quotas.csv", tmp_path / "out"
    pool.write_text(
        "name,sex,code,phone,note\n"
        + "".join(f"Anna {n},{'fm'[n % 2]},-{n},+32 87 {n},=1+{n}\n" for n in range(8))
    )
    quotas.write_text("feature,value,min,max\nsex,f,1,3\nsex,m,1,3\n")
    solve = ["solve", str(pool), str(quotas), "--size", "4", "--id", "code", "--out", str(out)]
    assert run(app, solve).exit_code == 0
    assert run(app, ["draw", str(out), "--seed", "1", "--alternates", "2"]).exit_code == 0
    panel, alternates = rows(out / "panel.csv"), rows(out / "alternates.csv")
    assert list(panel[0]) == list(alternates[0]) == ["code", "name", "sex", "phone", "note"]
    for row in (*panel, *alternates):
        number = row["code"].removeprefix("'-")
        assert row == {
            "code": f"'-{number}",
            "name": f"Anna {number}",
            "sex": "fm"[int(number) % 2],
            "phone": f"'+32 87 {number}",
            "note": f"'=1+{number}",
        }
    for name in ("lottery.json", "probabilities.csv", "report.html"):
        assert "Anna" not in (out / name).read_text("utf-8")
    for name in ("people.csv", "panel.csv", "alternates.csv"):
        assert (out / name).stat().st_mode & 0o077 == 0
    gone = tmp_path / "gone.csv"
    gone.write_text(
        (out / "panel.csv").read_text().splitlines()[0] + "\n" + ",".join(panel[0].values()) + "\n"
    )
    entered = run(app, ["enter", str(out), "--gone", str(gone), "--json"])
    assert json.loads(entered.stdout)["vacant"] == 1


def test_a_pool_without_further_columns_takes_an_older_private_file_away(files):
    pool, quotas, out = files
    out.mkdir()
    (out / "people.csv").write_text("id,name\n1,Anna\n")
    assert run(app, ["solve", pool, quotas, "--size", "10", "--out", str(out)]).exit_code == 0
    assert not (out / "people.csv").exists()


def test_solving_twice_writes_the_same_bytes(files):
    pool, quotas, out = files
    for name in ("a", "b"):
        run(app, ["solve", pool, quotas, "--size", "10", "--out", str(out / name)])
    for name in ("lottery.json", "probabilities.csv", "report.html"):
        assert (out / "a" / name).read_bytes() == (out / "b" / name).read_bytes()


def test_bad_input_leaves_with_2_and_writes_nothing(files):
    pool, quotas, out = files
    for arguments in (["--size", "0"], ["--size", "1000"], ["--size", "10", "--objective", "best"]):
        result = run(app, ["solve", pool, quotas, "--out", str(out), *arguments])
        assert result.exit_code == 2
        assert "error:" in result.stderr
    assert not out.exists()


def test_infeasible_quotas_leave_with_3_and_check_says_why(files, tmp_path):
    _, _, out = files
    pool, quotas = tmp_path / "few.csv", tmp_path / "many.csv"
    pool.write_text("id,sex\n1,f\n2,m\n3,m\n")
    quotas.write_text("feature,value,min,max\nsex,f,2,2\nsex,m,0,2\n")
    result = run(app, ["check", str(pool), str(quotas), "--size", "2", "--json"])
    assert result.exit_code == 3
    assert json.loads(result.stdout)["conflict"] == ["sex f needs 2, the pool has 1"]
    assert json.loads(result.stdout)["smallest_relaxation"] == ["sex f: minimum 1 instead of 2"]
    result = run(app, ["solve", str(pool), str(quotas), "--size", "2", "--out", str(out)])
    assert result.exit_code == 3
    assert "sex f needs 2, the pool has 1" in result.stderr
    assert not out.exists()


def test_check_says_yes_with_exit_code_0(files):
    pool, quotas, _ = files
    result = run(app, ["check", pool, quotas, "--size", "10", "--json"])
    assert result.exit_code == 0
    assert json.loads(result.stdout)["feasible"] is True


def test_draw_refuses_a_file_that_is_no_lottery_and_an_empty_seed(files, tmp_path):
    pool, quotas, out = files
    assert run(app, ["draw", str(tmp_path), "--seed", "1"]).exit_code == 2
    (tmp_path / "lottery.json").write_text("{}")
    assert run(app, ["draw", str(tmp_path), "--seed", "1"]).exit_code == 2
    run(app, ["solve", pool, quotas, "--size", "10", "--out", str(out)])
    assert run(app, ["draw", str(out), "--seed", "  "]).exit_code == 2
    assert not (out / "panel.csv").exists()


def test_each_command_has_an_example():
    for command in ("solve", "check", "draw", "round", "replace", "report"):
        assert "Example: isegoria lottery" in run(app, [command, "--help"]).output


def test_rounding_lists_every_ticket_and_can_be_drawn_from(files):
    pool, quotas, out = files
    run(app, ["solve", pool, quotas, "--size", "10", "--out", str(out)])
    result = run(app, ["round", str(out), "--tickets", "100", "--json"])
    assert result.exit_code == 0, result.output
    assert json.loads(result.stdout)["largest_change"] < 0.05
    assert [row["ticket"] for row in rows(out / "tickets-100" / "tickets.csv")] == [
        str(n) for n in range(100)
    ]
    assert run(app, ["draw", str(out / "tickets-100"), "--seed", "1"]).exit_code == 0
    assert run(app, ["round", str(out), "--tickets", "7"]).exit_code == 2


def test_a_report_is_written_beside_the_lottery(files):
    pool, quotas, out = files
    run(app, ["solve", pool, quotas, "--size", "10", "--out", str(out)])
    assert run(app, ["report", str(out)]).exit_code == 0
    assert (out / "report.html").read_text(encoding="utf-8").startswith("<!doctype html>")


def test_household_columns_keep_people_of_one_address_apart(tmp_path):
    pool, quotas, out = tmp_path / "pool.csv", tmp_path / "quotas.csv", tmp_path / "out"
    pool.write_text("id,sex,street\n1,f,Bach 1\n2,m,bach 1\n3,f,Bach 2\n4,m,Bach 3\n")
    quotas.write_text("feature,value,min,max\nsex,f,1,1\nsex,m,1,1\n")
    arguments = ["solve", str(pool), str(quotas), "--size", "2", "--out", str(out), "--household", "street"]
    assert run(app, arguments).exit_code == 0
    for seed in "abcdefgh":
        run(app, ["draw", str(out), "--seed", seed])
        assert {row["id"] for row in rows(out / "panel.csv")} != {"1", "2"}
