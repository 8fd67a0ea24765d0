"""Linked persons on the command line: one row a link, and errors that name file, row and column."""

from __future__ import annotations

import csv
import json

import pytest
from typer.testing import CliRunner

from isegoria.cli.lottery import app
from isegoria.proof import verify_bytes

run = CliRunner().invoke


@pytest.fixture
def folder(tmp_path):
    people = "\n".join(f"{name},{'fm'[number % 2]},{name}" for number, name in enumerate("abcdefghij"))
    (tmp_path / "pool.csv").write_text(f"id,sex,home\n{people}\n")
    (tmp_path / "quotas.csv").write_text("feature,value,min,max\nsex,f,1,3\nsex,m,1,3\n")
    (tmp_path / "apart.csv").write_text("id1;id2;id3\na;b;\nb;c;d\n")
    (tmp_path / "together.csv").write_text("one,other\ng,h\n")
    return tmp_path


def asked(folder, command, *more, size="4"):
    files = [str(folder / "pool.csv"), str(folder / "quotas.csv")]
    return run(app, [command, *files, "--size", size, *more])


def links(folder):
    return ["--apart", str(folder / "apart.csv"), "--together", str(folder / "together.csv")]


def panel(file):
    with file.open(encoding="utf-8", newline="") as rows:
        return {row["id"] for row in csv.DictReader(rows)}


def test_links_of_files_hold_in_panel_and_alternates(folder):
    out = str(folder / "out")
    done = asked(folder, "solve", "--out", out, *links(folder), "--json")
    assert done.exit_code == 0, done.output
    assert json.loads(done.stdout)["certificate_gap"] < 1e-9
    for seed in range(12):
        assert run(app, ["draw", out, "--seed", f"s{seed}", "--alternates", "4"]).exit_code == 0
        members, alternates = panel(folder / "out/panel.csv"), panel(folder / "out/alternates.csv")
        everybody = members | alternates
        assert len(everybody & {"a", "b"}) <= 1
        assert len(everybody & {"b", "c", "d"}) <= 1
        assert len(members & {"g", "h"}) in {0, 2}
        assert not alternates & {"g", "h"}


def test_the_record_holds_the_links_and_vacant_seats_keep_to_them(folder):
    out = folder / "out"
    assert asked(folder, "solve", "--out", str(out), *links(folder)).exit_code == 0
    for seed in range(6):
        assert run(app, ["draw", str(out), "--seed", f"s{seed}"]).exit_code == 0
        record = (out / "record.json").read_bytes()
        assert json.loads(record)["pool"]["links"]["together"][0]["groups"] == [["g", "h"]]
        # what is open is that nobody can tell who chose the text, nothing else
        assert not [step.name for step in verify_bytes(record).steps if step.false]
        members = sorted(panel(out / "panel.csv"))
        (folder / "gone.csv").write_text(f"id\n{members[0]}\n")
        arguments = ["replace", str(out / "record.json"), "--gone", str(folder / "gone.csv"), "--seed", "x"]
        done = run(app, arguments)
        assert done.exit_code == 0, done.output
        second = out / "replacement"
        assert not [
            step for step in verify_bytes((second / "record.json").read_bytes()).steps if step.false
        ]
        whole = set(members[1:]) | panel(second / "panel.csv")
        assert len(whole) == 4
        assert len(whole & {"a", "b"}) <= 1
        assert len(whole & {"b", "c", "d"}) <= 1


def test_the_check_takes_links_into_account(folder):
    (folder / "apart.csv").write_text("id1,id2,id3,id4,id5,id6,id7\na,b,c,d,e,f,i\n")
    done = asked(folder, "check", *links(folder), "--json")
    assert done.exit_code == 0, done.output
    done = asked(folder, "check", *links(folder), size="5")
    assert done.exit_code == 3, done.output


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("apart", "id1,id2\na,z\n", ["apart.csv", "row 2", "column id2"]),
        ("apart", "id1,id2\na,b\nc,c\n", ["apart.csv", "row 3", "column id2", "twice"]),
        ("apart", "id1,id2\na,\n", ["apart.csv", "row 2", "one person only"]),
        ("apart", "a,b\nc,d\n", ["apart.csv", "row 1", "header"]),
        ("together", "id1,id2\na,c\nc,b\n", ["together.csv", "row 2", "row 3", "apart.csv, row 2"]),
        ("together", "id1,id2\n\n", ["together.csv"]),
    ],
)
def test_a_bad_link_is_named_with_its_place_and_nothing_is_written(folder, name, text, words):
    (folder / f"{name}.csv").write_text(text)
    done = asked(folder, "solve", "--out", str(folder / "out"), *links(folder))
    assert done.exit_code == 2, done.output
    assert not (folder / "out").exists()
    for word in words:
        assert word in done.stderr


def test_a_household_and_a_link_that_contradict_are_refused(folder):
    pool = (folder / "pool.csv").read_text().replace("g,f,g", "g,f,h")
    (folder / "pool.csv").write_text(pool)
    done = asked(folder, "solve", "--out", str(folder / "out"), *links(folder), "--household", "home")
    assert done.exit_code == 2
    assert "together.csv, row 2" in done.stderr
    assert "the household keeps them apart" in done.stderr


def test_who_is_apart_from_a_member_who_sits_is_not_drawn(folder):
    (folder / "seats.csv").write_text("id,sex\nx,f\n")
    (folder / "apart.csv").write_text("id1,id2,id3\nx,a,b\n")
    done = asked(
        folder, "solve", "--out", str(folder / "out"), *links(folder), "--seats", str(folder / "seats.csv")
    )
    assert done.exit_code == 0, done.output
    assert panel(folder / "out/probabilities.csv") == set("cdefghij")
