"""`isegoria lottery rotate`: three rotations of a council of 24, each from the file that the one before wrote."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from isegoria.cli.lottery import app
from isegoria.lottery import Lottery, draw, solve
from isegoria.pool import read_quotas
from isegoria.proof import verify_bytes
from isegoria.solvers.brute import meets
from isegoria.testing import realistic_pool

run = CliRunner().invoke


def write(path, header, rows):
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([header, *rows])
    return str(path)


def read(path):
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def council(tmp_path_factory):
    """Return a pool, quotas and the first members of a council of 24, of whom 8 leave every half year."""
    folder = tmp_path_factory.mktemp("council")
    instance = realistic_pool(200, 24, {"age": 4, "sex": 2, "place": 3}, seed="council", slack=2)
    names = list(instance.quotas.features)
    people = {one.id: one for one in instance.pool}
    pool = write(
        folder / "pool.csv",
        ["id", *names],
        [[one.id, *(one.features[n] for n in names)] for one in instance.pool],
    )
    quotas = write(
        folder / "quotas.csv",
        ["feature", "value", "min", "max"],
        [[q.feature, q.value, q.minimum, q.maximum] for q in instance.quotas],
    )
    first = draw(solve(instance.pool, instance.quotas, 24), "founding").members
    days = ("2027-03-01", "2027-09-01", "2028-03-01")
    body = write(
        folder / "body.csv",
        ["id", *names, "leaves"],
        [
            [one, *(people[one].features[n] for n in names), days[place % 3]]
            for place, one in enumerate(first)
        ],
    )
    return pool, quotas, body, folder


def rotate(council, body, day, out, *more):
    pool, quotas, _, folder = council
    return run(
        app,
        [
            "rotate",
            pool,
            quotas,
            "--size",
            "24",
            "--sitting",
            body,
            "--rotation",
            day,
            "--out",
            str(folder / out),
            *more,
        ],
    )


def test_a_council_of_24_is_renewed_three_times_and_nobody_returns_within_the_waiting_time(council):
    _, quotas, body, folder = council
    limits = read_quotas(quotas)
    left: list[str] = []
    for day, leave in (
        ("2027-03-01", "2028-09-01"),
        ("2027-09-01", "2029-03-01"),
        ("2028-03-01", "2029-09-01"),
    ):
        waiting = write(folder / f"waiting-{day}.csv", ["id"], [[one] for one in left or ["nobody"]])
        more = [
            "--seed",
            f"{day} 3-1-4",
            "--entrants-leave",
            leave,
            "--exclude",
            waiting,
            "--alternates",
            "4",
            "--json",
        ]
        result = rotate(council, body, day, day, *more)
        assert result.exit_code == 0, result.output
        summary = json.loads(result.stdout)
        assert (summary["leaving"], summary["vacant"], summary["body"], summary["sitting"]) == (
            8,
            8,
            24,
            16,
        )
        assert len(summary["looked_ahead_to"]) == 2
        assert summary["certificate_gap"] < 1e-9
        before, after = (
            read(Path(body)),
            read(folder / day / "body.csv"),
        )
        assert len({row["id"] for row in after}) == 24
        assert meets(after, limits)
        gone = {row["id"] for row in before} - {row["id"] for row in after}
        assert gone == {row["id"] for row in before if row["leaves"] == day}
        assert not {row["id"] for row in read(folder / day / "panel.csv")} & set(left)
        assert len(read(folder / day / "alternates.csv")) == 4
        found = Lottery.from_document(
            json.loads((folder / day / "lottery.json").read_text(encoding="utf-8"))
        )
        assert found.body is not None
        assert found.body.staying == 16
        left += sorted(gone)
        body = str(folder / day / "body.csv")


def test_without_a_seed_only_the_lottery_is_written_and_the_draw_comes_later(council):
    _, _, body, folder = council
    result = rotate(council, body, "2027-03-01", "announced")
    assert result.exit_code == 0, result.output
    assert sorted(one.name for one in (folder / "announced").iterdir()) == [
        "lottery.json",
        "probabilities.csv",
    ]
    later = run(app, ["draw", str(folder / "announced"), "--seed", "7"])
    assert later.exit_code == 0, later.output
    direct = rotate(council, body, "2027-03-01", "direct", "--seed", "7")
    assert direct.exit_code == 0, direct.output
    assert read(folder / "announced" / "panel.csv") == read(folder / "direct" / "panel.csv")


@pytest.mark.parametrize(
    ("header", "cells", "place", "words"),
    [
        (("id", "age", "sex", "place"), ("x", "v0", "v0", "v0"), "row 1, column leaves", "leaves"),
        (
            ("id", "age", "sex", "place", "leaves"),
            ("x", "v0", "v0", "v0", "in March"),
            "row 2, column leaves",
            "neither a day",
        ),
        (
            ("id", "age", "sex", "place", "leaves"),
            ("x", "v0", "v9", "v0", "2027-03-01"),
            "row 2, column sex",
            "value",
        ),
        (
            ("id", "age", "sex", "place", "leaves"),
            ("x", "v0", "v0", "v0", "3"),
            "",
            "Some terms end on a day",
        ),
    ],
)
def test_a_fault_in_the_file_of_those_who_sit_is_told_with_its_place(council, header, cells, place, words):
    folder = council[3]
    body = write(folder / "wrong.csv", header, [cells])
    result = rotate(council, body, "2027-03-01", "nothing")
    assert result.exit_code == 2, result.output
    assert place in result.stderr
    assert words in result.stderr
    assert not (folder / "nothing").exists()


def test_a_rotation_ahead_that_cannot_be_filled_leaves_with_3(council, tmp_path):
    pool = write(tmp_path / "pool.csv", ["id", "sex"], [[f"m{n}", "m"] for n in range(6)])
    quotas = write(
        tmp_path / "quotas.csv",
        ["feature", "value", "min", "max"],
        [["sex", "f", 1, 2], ["sex", "m", 1, 2]],
    )
    body = write(
        tmp_path / "body.csv", ["id", "sex", "leaves"], [["a", "m", 1], ["b", "f", 2], ["c", "m", 3]]
    )
    arguments = [
        "rotate",
        pool,
        quotas,
        "--size",
        "3",
        "--sitting",
        body,
        "--rotation",
        "1",
        "--out",
        str(tmp_path / "out"),
    ]
    result = run(app, arguments)
    assert result.exit_code == 3, result.output
    assert "The rotation of 2 cannot be filled" in result.stderr
    assert "sex f needs 1, at most 0 can be reached" in result.stderr
    assert run(app, [*arguments, "--horizon", "0"]).exit_code == 0


def test_the_record_of_a_rotation_tells_the_whole_body_and_holds(council):
    _, _, body, folder = council
    pasts = write(
        folder / "pasts.csv", ["id", "chance"], [[f"p{n:03d}", f"{n % 3}/10"] for n in range(200)]
    )
    for name, more in (("plain", []), ("past", ["--objective", "cumulative", "--earlier", pasts])):
        result = rotate(council, body, "2027-03-01", name, "--seed", "9", *more)
        assert result.exit_code == 0, result.output
        data = (folder / name / "record.json").read_bytes()
        found = verify_bytes(data)
        assert found.ok, [step for step in found.steps if not step.ok]
        whole = json.loads(data)["specification"]["completes"]
        assert whole["size"] == 24


def test_the_record_of_a_draw_with_an_accepted_excess_says_so_and_holds(tmp_path):
    pool = write(
        tmp_path / "pool.csv", ["id", "sex"], [[f"{sex}{n}", sex] for sex in "fm" for n in range(6)]
    )
    quotas = write(
        tmp_path / "quotas.csv",
        ["feature", "value", "min", "max"],
        [["sex", "f", 1, 2], ["sex", "m", 1, 3]],
    )
    body = write(
        tmp_path / "body.csv",
        ["id", "sex", "leaves"],
        [*([f"f{n}", "f", 2] for n in range(3)), ["m0", "m", 1]],
    )
    arguments = ["rotate", pool, quotas, "--size", "5", "--sitting", body, "--rotation", "1"]
    out = str(tmp_path / "out")
    refused = run(app, [*arguments, "--out", out, "--seed", "4"])
    assert refused.exit_code == 2
    assert "3 members with sex: f sit already; the body may have at most 2" in refused.stderr
    accepted = run(app, [*arguments, "--out", out, "--seed", "4", "--accept-excess", "--json"])
    assert accepted.exit_code == 0, accepted.output
    assert json.loads(accepted.stdout)["excess"] == ["sex f: 3 sit already, the maximum is 2"]
    data = (tmp_path / "out" / "record.json").read_bytes()
    assert verify_bytes(data).ok, [step for step in verify_bytes(data).steps if not step.ok]
