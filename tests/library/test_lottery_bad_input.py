"""Files as people really send them, through the command: the right answer, or one clear error and nothing written."""

from __future__ import annotations

import csv
import json
import os
import unicodedata
from pathlib import Path

import pytest
from typer.testing import CliRunner

from isegoria.cli.lottery import app

run = CliRunner().invoke
DATA = Path(__file__).parents[3] / "shared" / "data" / "lottery"
POOL = "id,sex,age\na,f,old\nb,m,old\nc,f,young\nd,m,young\n"
QUOTAS = "feature,value,min,max\nsex,f,1,1\nsex,m,1,1\nage,old,0,2\nage,young,0,2\n"


@pytest.fixture
def solve(tmp_path):
    def solve(pool=POOL, quotas=QUOTAS, size=2, *more):
        for name, content in (("pool.csv", pool), ("quotas.csv", quotas)):
            if content is not None:
                (tmp_path / name).write_bytes(content if isinstance(content, bytes) else content.encode())
        names = [str(tmp_path / "pool.csv"), str(tmp_path / "quotas.csv")]
        out = str(tmp_path / "out")
        return run(app, ["solve", *names, "--size", str(size), "--out", out, "--json", *more])

    return solve


def chances(folder):
    with (folder / "out" / "probabilities.csv").open(encoding="utf-8", newline="") as file:
        return {row["id"]: float(row["probability"]) for row in csv.DictReader(file)}


def refused(result, folder, *words, code=2):
    assert result.exit_code == code, result.output
    assert not (folder / "out").exists()
    assert "Traceback" not in result.output
    assert result.stdout == ""
    for word in words:
        assert word in result.stderr, result.stderr


def test_the_files_as_they_should_be(solve, tmp_path):
    assert solve().exit_code == 0
    assert chances(tmp_path) == dict.fromkeys("abcd", 0.5)


BAD_POOLS = {
    "an id twice": (POOL + "a,f,old\n", ["pool.csv, row 6, column id", "row 2", "id of their own"]),
    "no id": (POOL + ",f,old\n", ["pool.csv, row 6, column id", "missing"]),
    "an unknown value": (POOL + "e,x,old\n", ["pool.csv, row 6, column sex", "Use one of these: f, m"]),
    "a missing column": ("id,sex\na,f\nb,m\n", ["pool.csv, row 1, column age", "There is no column age"]),
    "a blank cell": (POOL + "e,,old\n", ["pool.csv, row 6, column sex", "Fill it in"]),
    "a missing cell": (POOL + "e,f\n", ["pool.csv, row 6", "2 cells", "3"]),
    "a cell too many": (POOL + "e,f,old,x\n", ["pool.csv, row 6", "4 cells"]),
    "an empty file": ("", ["pool.csv", "is empty"]),
    "blank lines only": ("\n \n\n", ["pool.csv", "is empty"]),
    "a header only": ("id,sex,age\n", ["pool.csv", "header line and no row below it"]),
    "a column twice": ("id,sex,sex,age\na,f,f,old\n", ["pool.csv, row 1, column sex", "twice"]),
    "a column without name": ("id,,sex,age\na,x,f,old\n", ["pool.csv, row 1", "name"]),
    "a NUL byte": (POOL + "e\0,f,old\n", ["pool.csv, row 6", "NUL"]),
    "an open quotation mark": (POOL + 'e,"f,old\n', ["pool.csv, row 6"]),
    "two encodings": (POOL.encode() + "é,f,old\n".encode() + b"\xe9,m,old\n", ["pool.csv, row 7", "row 6"]),
    "DOS letters": (POOL.encode() + b"H\x82l\x8ane,f,old\n", ["pool.csv, row 6", "CSV UTF-8"]),
    "a picture": (b"\x89PNG\r\n\x1a\n\0\0", ["pool.csv", "a PNG picture"]),
    "a workbook": (b"PK\x03\x04rest", ["pool.csv", "a workbook", "CSV"]),
    "half of UTF-16": (POOL.encode("utf-16")[:-1], ["pool.csv", "UTF-16"]),
}


@pytest.mark.parametrize("case", BAD_POOLS)
def test_a_bad_pool_is_refused_with_its_place_and_the_repair(solve, tmp_path, case):
    pool, words = BAD_POOLS[case]
    result = solve(pool)
    refused(result, tmp_path, "error: ", *words)


def quotas_with(row):
    return f"feature,value,min,max\n{row}\nsex,m,1,1\nage,old,0,2\nage,young,0,2\n"


BAD_QUOTAS = {
    "min above max": (quotas_with("sex,f,2,1"), ["quotas.csv, row 2, column min", "Exchange or correct"]),
    "a negative minimum": (quotas_with("sex,f,-1,1"), ["quotas.csv, row 2, column min", "from 0"]),
    "a negative maximum": (quotas_with("sex,f,0,-1"), ["quotas.csv, row 2, column max", "from 0"]),
    "a word": (quotas_with("sex,f,one,1"), ["quotas.csv, row 2, column min", "whole number"]),
    "a half": (quotas_with("sex,f,0.5,1"), ["quotas.csv, row 2, column min", "whole number"]),
    "a thousand or one": (quotas_with('sex,f,0,"1.000"'), ["quotas.csv, row 2, column max", "thousands"]),
    "no minimum": (quotas_with("sex,f,,1"), ["quotas.csv, row 2, column min"]),
    "no feature": (quotas_with(",f,0,1"), ["quotas.csv, row 2, column feature", "Fill it in"]),
    "no value": (quotas_with("sex,,0,1"), ["quotas.csv, row 2, column value", "Fill it in"]),
    "a repeated row": (QUOTAS + "sex,f,1,1\n", ["quotas.csv, row 6", "Row 2"]),
    "a missing column": (
        "feature,value,min\nsex,f,1\n",
        ["quotas.csv, row 1", "max", "category,feature,min,max"],
    ),
    "an empty file": ("", ["quotas.csv", "is empty"]),
    "a header only": ("feature,value,min,max\n", ["quotas.csv", "no row below it"]),
    "minima above the size": (quotas_with("sex,f,2,2"), ["minima of sex", "3", "2 seats"]),
    "maxima below the size": (quotas_with("sex,f,0,0"), ["maxima of sex", "1", "2 seats"]),
}


@pytest.mark.parametrize("case", BAD_QUOTAS)
def test_bad_quotas_are_refused_with_their_place_and_the_repair(solve, tmp_path, case):
    quotas, words = BAD_QUOTAS[case]
    result = solve(quotas=quotas)
    refused(result, tmp_path, "error: ", *words)


@pytest.mark.parametrize(
    ("size", "words"),
    [(0, "1 or more"), (-3, "1 or more"), (5, "from 4 people")],
)
def test_a_size_that_cannot_be_drawn_is_refused(solve, tmp_path, size, words):
    refused(solve(size=size), tmp_path, words)


def test_a_size_that_is_no_number_is_refused(solve, tmp_path):
    result = solve(POOL, QUOTAS, "many")
    assert result.exit_code == 2
    assert not (tmp_path / "out").exists()


def test_quotas_that_nobody_can_meet_leave_with_3_and_say_what_helps(solve, tmp_path):
    quotas = QUOTAS.replace("age,old,0,2", "age,old,2,2").replace("age,young,0,2", "age,young,0,0")
    pool = "id,sex,age\na,f,old\nb,m,young\nc,f,young\nd,m,young\n"
    refused(solve(pool, quotas), tmp_path, "age old needs 2, the pool has 1", "Relax a quota", code=3)


@pytest.mark.parametrize("name", ["pool.csv", "quotas.csv"])
def test_a_file_that_is_not_there_or_is_a_folder_is_named(solve, tmp_path, name):
    contents = {"pool.csv": POOL, "quotas.csv": QUOTAS} | {name: None}
    refused(solve(contents["pool.csv"], contents["quotas.csv"]), tmp_path, f"There is no file {name}")
    (tmp_path / name).mkdir()
    result = solve(contents["pool.csv"], contents["quotas.csv"])
    refused(result, tmp_path, f"{name} cannot be read", "Check that it is a file")


def test_a_file_that_may_not_be_read_is_named(solve, tmp_path):
    assert solve().exit_code == 0  # everything is loaded before rights are given up
    (tmp_path / "out").rename(tmp_path / "before")
    (tmp_path / "pool.csv").chmod(0)
    superuser = os.geteuid() == 0
    if superuser:
        os.seteuid(65534)  # nobody
    try:
        result = run(
            app,
            [
                *("solve", str(tmp_path / "pool.csv"), str(tmp_path / "quotas.csv")),
                *("--size", "2", "--out", str(tmp_path / "out")),
            ],
        )
    finally:
        if superuser:
            os.seteuid(0)
    refused(result, tmp_path, "cannot be read: Permission denied", "you may read it")


def test_a_folder_that_cannot_be_written_is_named(tmp_path):
    (tmp_path / "pool.csv").write_text(POOL)
    (tmp_path / "quotas.csv").write_text(QUOTAS)
    (tmp_path / "out").write_text("a file")
    names = [str(tmp_path / name) for name in ("pool.csv", "quotas.csv")]
    result = run(app, ["solve", *names, "--size", "2", "--out", str(tmp_path / "out")])
    assert (result.exit_code, "cannot be written" in result.stderr) == (2, True)
    assert (tmp_path / "out").read_text() == "a file"


def test_many_faults_are_listed_together_and_no_cell_is_repeated(solve, tmp_path):
    result = solve(POOL + "".join(f"Anna{n},secret,old\n" for n in range(30)))
    refused(result, tmp_path, "30 problems", "row 6", "row 25", "and 10 more")
    assert "secret" not in result.stderr
    assert "Anna" not in result.stderr


# -- read right -------------------------------------------------------------------------------------------


READ_RIGHT = {
    "a mark": "\ufeff" + POOL,
    "semicolons": POOL.replace(",", ";"),
    "tabs": POOL.replace(",", "\t"),
    "a line that names the separator": "sep=;\n" + POOL.replace(",", ";"),
    "Windows line ends": POOL.replace("\n", "\r\n"),
    "old Macintosh line ends": POOL.replace("\n", "\r"),
    "blanks around": POOL.replace(",", " , ").replace("\n", " \n"),
    "blank lines": POOL.replace("\n", "\n\n"),
    "rows of separators at the end": POOL + ",,\n,,\n",
    "columns without name at the end": "\n".join(f"{line},," for line in POOL.split("\n")[:-1]),
    "quotation marks": "\n".join(
        ",".join(f'"{cell}"' for cell in line.split(",")) for line in POOL.split("\n")[:-1]
    ),
    "UTF-16": POOL.encode("utf-16"),
    "UTF-16 without mark": POOL.encode("utf-16-le"),
    "no last line end": POOL.rstrip("\n"),
}


@pytest.mark.parametrize("case", READ_RIGHT)
def test_what_means_the_same_gives_the_same_chances(solve, tmp_path, case):
    result = solve(READ_RIGHT[case])
    assert result.exit_code == 0, result.output
    assert chances(tmp_path) == dict.fromkeys("abcd", 0.5)
    assert json.loads(result.stdout)["n"] == 4
    assert ("not in UTF-8" in result.stderr) == case.startswith("UTF-16")


@pytest.mark.parametrize(
    ("encoding", "told"),
    [("latin-1", "Latin-1"), ("cp1252", "Latin-1"), ("utf-8", None), ("utf-16", "UTF-16")],
)
def test_another_encoding_is_read_right_and_said(solve, tmp_path, encoding, told):
    pool = "id,place\nJosé,Kelmis-Süd\nZoë,Büllingen\n".encode(encoding)
    quotas = "feature,value,min,max\nplace,Kelmis-Süd,0,1\nplace,Büllingen,0,1\n".encode(encoding)
    result = solve(pool, quotas, 1)
    assert result.exit_code == 0, result.output
    assert chances(tmp_path) == {"José": 0.5, "Zoë": 0.5}
    notes = [f"note: {name}.csv is not in UTF-8; it was read as {told}." for name in ("pool", "quotas")]
    assert result.stderr.splitlines() == (notes if told else [])


def test_words_of_windows_alone_are_read_as_windows(solve, tmp_path):
    pool = "id,place\nœuvre,a\nb’,a\n".encode("cp1252")
    result = solve(pool, "feature,value,min,max\nplace,a,1,1\n", 1)
    assert "read as Windows-1252" in result.stderr
    assert set(chances(tmp_path)) == {"œuvre", "b’"}


def test_composed_and_decomposed_letters_are_the_same_value(solve, tmp_path):
    pool = "id,place\n1," + unicodedata.normalize("NFD", "Büllingen") + "\n2,Büllingen\n"
    assert solve(pool, "feature,value,min,max\nplace,Büllingen,1,1\n", 1).exit_code == 0
    assert len(json.loads((tmp_path / "out" / "lottery.json").read_text("utf-8"))["types"]) == 1
    twice = unicodedata.normalize("NFD", "é")
    (tmp_path / "out" / "lottery.json").unlink()
    result = solve("id,place\n1,é\n", f"feature,value,min,max\nplace,é,1,1\nplace,{twice},1,1\n", 1)
    assert (result.exit_code, "row 3: Row 2 has this" in result.stderr) == (2, True)


def test_a_cell_with_a_line_end_is_one_cell_and_rows_are_those_of_the_spreadsheet(solve, tmp_path):
    pool = 'id,sex,age,note\na,f,old,"two\nlines"\nb,m,old,x\nc,f,young,x\nd,m,young,x\n'
    assert solve(pool).exit_code == 0
    run(app, ["draw", str(tmp_path / "out"), "--seed", "1"])
    (tmp_path / "out" / "lottery.json").unlink()
    for name in list((tmp_path / "out").iterdir()):
        name.unlink()
    (tmp_path / "out").rmdir()
    refused(solve(pool + "e,x,old,x\n"), tmp_path, "row 6, column sex")


@pytest.mark.parametrize("number", ["1", " 1 ", "1.0", "1,0", "1,00", "+1"])
def test_numbers_as_text_are_read(solve, tmp_path, number):
    result = solve(quotas=quotas_with(f'sex,f,"{number}",1'))
    assert result.exit_code == 0, result.output


def test_a_thousand_with_a_blank_is_a_thousand(solve, tmp_path):
    assert solve(quotas=quotas_with("sex,f,1,1 000")).exit_code == 0
    quotas = json.loads((tmp_path / "out" / "lottery.json").read_text("utf-8"))["quotas"]
    assert quotas[0]["maximum"] == 1000


def test_thirty_categories_are_solved_and_proved(solve):
    names = [f"k{number}" for number in range(30)]
    pool = "id," + ",".join(names) + "\n"
    pool += "".join(
        f"p{n}," + ",".join(str((n >> (k % 7)) & 1) for k in range(30)) + "\n" for n in range(120)
    )
    quotas = "feature,value,min,max\n" + "".join(
        f"{name},{value},3,9\n" for name in names for value in "01"
    )
    result = solve(pool, quotas, 12)
    assert result.exit_code == 0, result.output
    assert json.loads(result.stdout)["certificate_gap"] <= 1e-7


def test_where_everybody_is_alike_everybody_has_the_same_chance(solve, tmp_path):
    pool = "id,sex\n" + "".join(f"p{n},f\n" for n in range(50))
    result = solve(pool, "feature,value,min,max\nsex,f,0,7\nsex,m,0,7\n", 7)
    assert result.exit_code == 0, result.output
    assert set(chances(tmp_path).values()) == {0.14}
    assert json.loads(result.stdout)["gini"] == 0


def test_a_category_with_one_value_and_everybody_drawn(solve, tmp_path):
    result = solve("id,sex\na,f\nb,f\n", "feature,value,min,max\nsex,f,2,2\n", 2)
    assert result.exit_code == 0, result.output
    assert chances(tmp_path) == {"a": 1.0, "b": 1.0}


def test_rows_without_ids_are_numbered_from_0(solve, tmp_path):
    assert solve(POOL.replace("id,", "name,")).exit_code == 0
    assert list(chances(tmp_path)) == ["0", "1", "2", "3"]


@pytest.mark.data
@pytest.mark.parametrize(
    ("folder", "pool", "quotas", "size", "people"),
    [
        ("fixture_150_22", "candidates.csv", "features.csv", 22, 150),
        ("example_small_20", "respondents.csv", "categories.csv", 20, 200),
        ("example_large_200", "respondents.csv", "categories.csv", 200, 2000),
    ],
)
def test_the_pools_of_the_peers_are_solved_and_drawn_as_they_are(
    tmp_path, folder, pool, quotas, size, people
):
    if not DATA.exists():
        pytest.skip("the public data in ../shared/data are missing")
    names = [str(DATA / folder / name) for name in (pool, quotas)]
    result = run(app, ["solve", *names, "--size", str(size), "--out", str(tmp_path), "--json"])
    assert result.exit_code == 0, result.output
    assert json.loads(result.stdout)["n"] == people
    assert run(app, ["draw", str(tmp_path), "--seed", "1", "--alternates", "5"]).exit_code == 0
    with (tmp_path / "panel.csv").open(encoding="utf-8", newline="") as file:
        assert len(list(csv.DictReader(file))) == size
