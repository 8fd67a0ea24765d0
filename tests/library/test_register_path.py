"""From the file of an office to the letters, and to the second wave, on the command line alone."""

import csv
import json

from typer.testing import CliRunner

from isegoria import register
from isegoria.cli.main import app
from isegoria.register.citizens import reaction
from isegoria.testing import Office, write_as


def run(*arguments):
    done = CliRunner().invoke(app, ["register", *map(str, arguments)])
    assert done.exit_code == 0, done.stderr
    return done.stdout


def test_a_secretariat_goes_from_the_extract_to_the_second_wave(tmp_path):
    residents = register.synthesize("path", 6000)
    extract, profile = tmp_path / "extract.csv", tmp_path / "profile.toml"
    write_as(Office("de", "cp1252", ";"), residents, extract)
    assert "12 columns recognised" in run("profile", extract, "--out", profile)

    # former members wait, under pseudonyms
    former = [row["id"] for row in residents[:30]]
    (tmp_path / "former.csv").write_text("id\n" + "\n".join(former) + "\n", "utf-8")
    run("key", "--out", tmp_path / "key.txt")
    run("pseudonyms", tmp_path / "former.csv", "--key", tmp_path / "key.txt", "--until", "2029-01-01", "--out", tmp_path / "list.csv")  # fmt: skip
    report = json.loads(
        run(
            "eligible",
            extract,
            "--profile",
            profile,
            "--on",
            "2027-01-01",
            "--age-min",
            16,
            "--exclude",
            tmp_path / "list.csv",
            "--key",
            tmp_path / "key.txt",
            "--out",
            tmp_path / "eligible.parquet",
            "--json",
        )
    )
    assert report["lists"][0]["unmatched"] == 0
    eligible = register.read(tmp_path / "eligible.parquet")
    assert len(eligible) == report["eligible"]
    assert not {row["id"] for row in eligible.rows} & set(former)

    # the first wave: planned, drawn, at most one a household
    first = json.loads(
        run("plan", "--seats", 12, "--like", "ostbelgien-2019", "--eligible", report["eligible"], "--json")
    )
    assert first["letters"] == 522
    run("draw", tmp_path / "eligible.parquet", "--seed", "3-1-4", "--letters", first["letters"], "--on", "2027-01-01",
        "--stratum", "municipality_name", "--out", tmp_path / "drawn")  # fmt: skip
    with (tmp_path / "drawn" / "drawn.csv").open(encoding="utf-8", newline="") as file:
        drawn = list(csv.DictReader(file))
    public = json.loads((tmp_path / "drawn" / "draw.json").read_text("utf-8"))
    assert public["register_sha256"] == report["eligible_sha256"]
    assert len({row["id"] for row in drawn}) == first["letters"] == len(drawn)

    # what it brought, and the wave after it in the same order
    yes = sum(reaction("path", row["id"], 40).answer == "yes" for row in drawn)
    assert 0 < yes < 60
    second = json.loads(
        run(
            "plan",
            "--seats",
            12,
            "--like",
            "ostbelgien-2019",
            "--sent",
            first["letters"],
            "--yes",
            yes,
            "--json",
        )
    )
    assert second["letters"] == -(-(60 - yes) * first["letters"] // yes)
    run("draw", tmp_path / "eligible.parquet", "--seed", "3-1-4", "--letters", first["letters"], "--letters", second["letters"],
        "--on", "2027-01-01", "--wave", 2, "--stratum", "municipality_name", "--out", tmp_path / "again")  # fmt: skip
    with (tmp_path / "again" / "drawn.csv").open(encoding="utf-8", newline="") as file:
        later = {row["id"] for row in csv.DictReader(file)}
    assert len(later) == second["letters"]
    assert not later & {row["id"] for row in drawn}
