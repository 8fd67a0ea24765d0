"""The page about the files of a lottery is true: its files are read, its commands run, its tables are complete."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path

import pytest
from typer.testing import CliRunner

from isegoria.cli.main import app

PAGE = (Path(__file__).parents[2] / "docs" / "lottery-files.md").read_text(encoding="utf-8")
BLOCK = re.compile(r"^```(csv (?P<name>\S+)|sh)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)
REST = "…\n"


def blocks(kind):
    return [(one["name"], one["text"]) for one in BLOCK.finditer(PAGE) if one[1].startswith(kind)]


def keys_under(heading):
    section = PAGE.split(f"{heading}\n", 1)[1].split("\n#", 1)[0]
    return re.findall(r"^\| `(\w+)` \|", section, re.MULTILINE)


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    folder = tmp_path_factory.mktemp("page")
    for name, text in blocks("csv"):
        if "/" not in name:
            (folder / name).write_text(text, encoding="utf-8")
    return folder


def run(place, command, *more):
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(place)
        return CliRunner().invoke(app, [*shlex.split(command)[1:], *more])


@pytest.fixture(scope="module")
def written(place):
    ((_, text),) = blocks("sh")
    for command in text.splitlines():
        assert command.startswith("isegoria ")
        result = run(place, command)
        assert result.exit_code == 0, (command, result.output)
    return place


def test_every_file_that_the_page_shows_is_what_the_commands_write(written):
    shown = [(name, text) for name, text in blocks("csv") if "/" in name]
    assert len(shown) >= 4
    for name, text in shown:
        content = (written / name).read_text("utf-8")
        if text.endswith(REST):
            assert content.startswith(text.removesuffix(REST)), name
            assert len(content) > len(text)
        else:
            assert content == text, name


def test_every_file_that_the_commands_write_stands_on_the_page(written):
    files = {one.name for one in written.rglob("*") if one.is_file()} - {name for name, _ in blocks("csv")}
    assert {"lottery.json", "record.json", "commitment.json", "people.csv", "report.html"} <= files
    table = PAGE.split("| File | Written by |", 1)[1].split("\n\n", 1)[0]
    for name in files:
        assert f"`{name}`" in table, name


def test_what_the_page_calls_personal_can_be_read_by_its_owner_alone(written):
    for name in ("people.csv", "panel.csv", "alternates.csv"):
        assert (written / "draw" / name).stat().st_mode & 0o077 == 0
    for file in (written / "draw").glob("*.*"):
        if file.stat().st_mode & 0o077:
            assert "+32 87" not in file.read_text("utf-8"), file


def test_every_example_file_is_used_by_a_command(place):
    ((_, commands),) = blocks("sh")
    unused = [name for name, _ in blocks("csv") if "/" not in name and name not in commands]
    assert not unused


def test_both_forms_of_quotas_say_the_same(place):
    first = run(place, "isegoria lottery solve pool.csv quotas.csv --size 4 --out one")
    second = run(place, "isegoria lottery solve pool.csv categories.csv --size 4 --out two")
    assert first.exit_code == second.exit_code == 0
    one, two = ((place / name / "probabilities.csv").read_bytes() for name in ("one", "two"))
    assert one == two


def test_the_keys_of_the_summary_and_of_a_check_are_those_of_the_page(place):
    solved = run(place, "isegoria lottery solve pool.csv quotas.csv --size 4 --out three", "--json")
    assert list(json.loads(solved.stdout)) == keys_under("### `solve --json`")
    for size in ("4", "5"):
        checked = run(place, f"isegoria lottery check pool.csv categories.csv --size {size}", "--json")
        if checked.exit_code != 2:
            assert list(json.loads(checked.stdout)) == keys_under("### `check --json`")


def test_the_keys_of_a_body_come_after_the_size(place):
    command = "isegoria lottery solve pool.csv quotas.csv --size 4 --seats sitting.csv --out four"
    found = list(json.loads(run(place, command, "--json").stdout))
    keys = keys_under("### `solve --json`")
    after = keys.index("k") + 1
    assert found == [*keys[:after], "body", "sitting", "excess", *keys[after:]]


def test_the_keys_of_lottery_json_are_those_of_the_page(written):
    keys = set(keys_under("### `lottery.json`"))
    assert set(json.loads((written / "seats" / "lottery.json").read_text("utf-8"))) == keys
    assert set(json.loads((written / "draw" / "lottery.json").read_text("utf-8"))) == keys - {"body"}


def test_the_linked_example_keeps_its_links(written):
    lottery = json.loads((written / "linked" / "lottery.json").read_text("utf-8"))
    assert len(lottery["households"]) == 2
    assert len(lottery["together"]) == 1
