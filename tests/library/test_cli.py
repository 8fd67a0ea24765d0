"""The command line: files in, files out, and a sentence with an exit code when something is wrong."""

import json
import subprocess
import sys

import pytest
from typer.testing import CliRunner

from isegoria import __version__
from isegoria.cli.common import write_atomically
from isegoria.cli.main import app
from isegoria.errors import BadInput
from isegoria.textfiles import escape_formula

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
    drawn = tmp_path / "d" / "drawn.csv"
    assert len(drawn.read_text("utf-8").splitlines()) == 51
    assert drawn.stat().st_mode & 0o077 == 0, "nobody else may read who was drawn"


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
        (("register", "synth", "--out", "x.xlsx", "--size", "200"), ".parquet"),
        (("register", "check", "."), "cannot be read"),
        (("rulebook", "check", "."), "cannot be read"),
        (("rulebook", "calendar", "ostbelgien", "--from", "2027-01-01", "--body", "senate"), "assembly"),
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


def test_ten_years_of_days_are_printed():
    done = call("rulebook", "calendar", "ostbelgien", "--from", "2027-01-01", "--election", "2029-06-10")
    assert done.exit_code == 0
    assert done.output.startswith("2027-01-01  assembly 1: Draw of the letters  [draw.letters]\n")
    assert "2027-01-29  assembly 1: Last day to answer  [proposed; the statute is silent]" in done.output
    assert "2028-12-10  The pause before the elections begins" in done.output
    assert done.output.splitlines()[-1].startswith("2036-")
    german = call(
        "rulebook", "calendar", "ostbelgien", "--from", "2027-01-01", "--lang", "de", "--promised", 90
    )
    assert "Die Antwort der Behörde ist fällig" in german.output


def test_a_calendar_file_is_written_for_one_body(tmp_path):
    path = tmp_path / "council.ics"
    days = ("rulebook", "calendar", "municipal-starter", "--from", "2027-01-01", "--body", "council")
    assert call(*days, "--ics", path).exit_code == 0
    written = path.read_bytes()
    assert written.startswith(b"BEGIN:VCALENDAR\r\n")
    assert b"Citizens' assembly" not in written
    assert written.count(b"BEGIN:VEVENT") == len(call(*days).output.splitlines())


def test_two_rule_books_are_compared():
    done = call("rulebook", "diff", "ostbelgien-2019", "ostbelgien")
    assert done.exit_code == 0
    assert "[bodies.council.rotation.every_months]" in done.output
    assert call("rulebook", "diff", "aachen", "aachen").output == ""


def test_a_rule_book_is_played_and_its_picture_drawn(tmp_path):
    path = tmp_path / "years.svg"
    done = call(
        "rulebook", "simulate", "madrid", "--years", 2, "--residents", 1500, "--svg", path, "--lang", "fr"
    )
    assert done.exit_code == 0, done.output
    assert "0 rules broken" in done.output
    assert path.read_text("utf-8").startswith("<svg")


def test_the_schema_is_printed():
    assert '"title": "Isegoria rule book, schema version 2"' in call("rulebook", "schema").output


def test_the_bundled_rule_books_are_listed():
    assert "ostbelgien" in call("rulebook", "list").output


def test_the_version_is_printed():
    assert call("--version").output == f"isegoria {__version__}\n"


@pytest.mark.parametrize("command", ["demo", "doctor", "manage", "serve", "worker"])
def test_a_command_of_the_site_says_what_to_install_where_the_site_is_missing(tmp_path, command):
    code = "import sys; sys.modules['django'] = None; from isegoria.cli.main import app; app(sys.argv[1:])"
    done = subprocess.run(
        [sys.executable, "-c", code, command], capture_output=True, text=True, check=False, cwd=tmp_path
    )
    assert done.returncode == 2
    assert 'pip install "isegoria[web]"' in done.stderr
    assert "Traceback" not in done.stderr


def test_a_file_is_written_whole_or_not_at_all(tmp_path):
    path = tmp_path / "folder" / "file.txt"
    write_atomically(path, "Grüße")
    assert path.read_text("utf-8") == "Grüße"
    assert path.stat().st_mode & 0o777 == 0o644
    (tmp_path / "taken").mkdir()
    with pytest.raises(BadInput):
        write_atomically(tmp_path / "taken", "x")
    assert sorted(each.name for each in tmp_path.iterdir()) == ["folder", "taken"]


@pytest.mark.parametrize("cell", ["=1+1", "+32 87", "-1", "@cmd", "\t=1", "\n=1", " =1", "＝1"])
def test_a_formula_in_a_cell_is_disarmed(cell):
    assert escape_formula(cell) == f"'{cell}"


@pytest.mark.parametrize("cell", ["", "Ann", "Im Winkel 3", "a=b", "63023"])
def test_other_cells_stay_as_they_are(cell):
    assert escape_formula(cell) == cell
