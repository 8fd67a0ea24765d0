"""The command line: files in, files out, and a sentence with an exit code when something is wrong."""

import json
import subprocess
import sys

import pytest
from typer.testing import CliRunner

from isegoria.cli.main import app

runner = CliRunner()


def call(*arguments):
    return runner.invoke(app, [str(argument) for argument in arguments])


def test_help_names_every_room_and_loads_neither_numpy_nor_django():
    code = (
        "import sys; from typer.testing import CliRunner; from isegoria.cli.main import app;"
        "r = CliRunner().invoke(app, ['--help']); print(r.output);"
        "sys.exit(bool({'numpy', 'django', 'duckdb', 'highspy'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert all(room in done.stdout for room in ("lottery", "proof", "register", "rulebook"))


def test_a_register_is_invented_checked_and_drawn_from(tmp_path):
    file = tmp_path / "register.csv"
    assert call("register", "synth", "--out", file, "--size", 600).exit_code == 0
    assert "residents" in call("register", "check", file).output
    done = call(
        "register", "draw", file, "--seed", "3-1-4", "--letters", 50, "--on", "2026-01-01", "--out", tmp_path / "d",
        "--stratify", "municipality_name",
    )  # fmt: skip
    assert done.exit_code == 0, done.output
    public = (tmp_path / "d" / "draw.json").read_text("utf-8")
    assert json.loads(public)["letters"] == 50
    assert len((tmp_path / "d" / "drawn.csv").read_text("utf-8").splitlines()) == 51


def test_the_public_document_of_a_letter_draw_names_nobody(tmp_path):
    file = tmp_path / "register.csv"
    call("register", "synth", "--out", file, "--size", 300)
    call("register", "draw", file, "--seed", "s", "--letters", 20, "--on", "2026-01-01", "--out", tmp_path)
    public = (tmp_path / "draw.json").read_text("utf-8")
    for line in (tmp_path / "drawn.csv").read_text("utf-8").splitlines()[1:]:
        identifier, given, family = line.split(",")[:3]
        assert identifier not in public
        assert f'"{family}' not in public
        assert f'"{given}' not in public


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("register", "check", "nowhere.csv"), "no file"),
        (("rulebook", "explain", "ostbelgien", "--lang", "it"), "nl, fr, de, en"),
        (("rulebook", "check", "nowhere.toml"), "no file"),
        (("register", "synth", "--out", "x.csv", "--size", "3"), "at least"),
    ],
)
def test_a_mistake_is_a_sentence_and_exit_code_two(tmp_path, monkeypatch, arguments, words):
    monkeypatch.chdir(tmp_path)
    done = call(*arguments)
    assert done.exit_code == 2
    assert words in done.output
    assert "Traceback" not in done.output
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("language", ["nl", "fr", "de", "en"])
def test_a_rule_book_is_explained_in_every_language(language):
    done = call("rulebook", "explain", "ostbelgien", "--lang", language)
    assert done.exit_code == 0
    assert "1000" in done.output


def test_the_days_of_a_cycle_are_printed():
    done = call("rulebook", "calendar", "ostbelgien", "--from", "2027-01-01")
    assert done.exit_code == 0
    assert done.output.startswith("2027-01-01  letters")
