"""Parts of a register that never meet give the draw of the whole."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.support.registers import ON, PLACES, SECRET, people, write_csv
from typer.testing import CliRunner

from isegoria import register
from isegoria.cli.main import app
from isegoria.errors import BadInput
from isegoria.register import (
    DuckDB,
    Frame,
    Register,
    merge,
    read_shard,
    shard,
    shard_document,
)
from isegoria.seeding import seed_from_text

SEED = seed_from_text("3-1-4-1-5")
STRATIFIED = Frame(age_min=16, on=ON, stratify_by="municipality_name")
LETTERS = {
    "a number": 30,
    "waves": [20, 15],
    "chosen": [dict(zip(PLACES, (3, 0, 40, 1), strict=True)), dict.fromkeys(PLACES, 2)],
}


def refused(code):
    return pytest.raises(BadInput, check=lambda error: error.code == code)


def shards_of(folder, part_of, letters, frame=STRATIFIED):
    """Return the shards of a register cut into parts: `part_of` tells the part of the row at each place."""
    made = []
    for part in sorted(set(part_of)):
        rows = tuple(row for row, own in zip(people().rows, part_of, strict=False) if own == part)
        path = write_csv(folder / f"{part}.csv", Register(rows, people().columns, ""))
        with DuckDB(path) as engine:
            made.append(shard(engine, SEED, letters, frame, str(part)))
    return made


@settings(max_examples=12, deadline=None)
@given(data=st.data(), kind=st.sampled_from(sorted(LETTERS)), secret=st.sampled_from([None, SECRET]))
def test_any_parts_in_any_order_give_the_draw_of_the_whole(tmp_path_factory, data, kind, secret):
    part_of = data.draw(st.lists(st.integers(0, 3), min_size=600, max_size=600))
    folder = tmp_path_factory.mktemp("parts")
    frame = replace(STRATIFIED, secret=secret)
    whole = register.draw_letters(
        people(), SEED, LETTERS[kind], on=ON, age_min=16, stratify_by="municipality_name", secret=secret
    )
    parts = data.draw(st.permutations(shards_of(folder, part_of, LETTERS[kind], frame)))
    drawn = merge([read_shard(json.loads(json.dumps(shard_document(one))), "s.json") for one in parts])
    assert (drawn.names, drawn.waves, drawn.places) == (whole.names, whole.waves, whole.places)
    assert (drawn.strata, drawn.design) == (whole.strata, whole.design)
    own = {row["id"]: str(part) for row, part in zip(people().rows, part_of, strict=True)}
    assert [row["part"] for row in drawn.rows] == [own[row["id"]] for row in whole.rows]


def test_a_part_delivers_no_more_than_could_be_drawn(tmp_path):
    (made,) = shards_of(tmp_path, [0] * 600, 10)
    assert {name: len(low) for name, low in made.lowest.items()} == dict.fromkeys(sorted(PLACES), 11)
    assert sum(made.sizes.values()) == len(people().eligible(age_min=16, on=ON))


def test_parts_that_do_not_belong_together_are_refused(tmp_path):
    one, two = shards_of(tmp_path, [number % 2 for number in range(600)], 30)
    for other in (replace(two, seed=bytes(32)), replace(two, letters=(31,)), replace(two, part="0")):
        with refused("shards_differ"):
            merge([one, other])


def test_a_part_that_was_tampered_with_is_refused(tmp_path):
    one, two = shards_of(tmp_path, [number % 2 for number in range(600)], 30)
    place = PLACES[0]
    low = list(two.lowest[place])
    forged = {
        "too few": low[:3],
        "a name put in": [(low[0][0], "friend"), *low[1:]],
        "the order turned": low[::-1],
        "one twice": [low[0], *low[:-1]],
    }
    for lowest in forged.values():
        with refused("shard_wrong"):
            merge([one, replace(two, lowest={**two.lowest, place: lowest})])
    with refused("name_twice"):
        merge([one, replace(one, part="again")])


@pytest.mark.parametrize("name", ["", "  "])
def test_a_part_without_a_name_is_refused(tmp_path, name):
    with refused("part_unnamed"):
        shards_of(tmp_path, [name] * 600, 30)


def test_one_letter_a_household_needs_the_whole_register(tmp_path):
    with refused("shard_groups"):
        shards_of(tmp_path, [0] * 600, 30, Frame(groups=("household",)))


@pytest.mark.parametrize(
    "change",
    [
        {"format": "isegoria-letter-shard/0"}, {"seed": "00"}, {"letters": []}, {"letters": [-1]},
        {"letters": [{"a": True}]}, {"strata": [{"stratum": "a", "eligible": 1, "lowest": [["0"]]}]}, {"more": 1},
        {"strata": [{"stratum": "a", "eligible": 0, "lowest": []}, {"stratum": "a", "eligible": 0, "lowest": []}]},
    ],
)  # fmt: skip
def test_a_file_that_is_no_shard_is_refused(tmp_path, change):
    (made,) = shards_of(tmp_path, [0] * 600, 10)
    with refused("shard_unreadable"):
        read_shard(shard_document(made) | change, "s.json")


# -- on the command line ----------------------------------------------------------------------------------


def call(*arguments):
    return CliRunner().invoke(app, [str(one) for one in arguments])


def drawn_rows(folder):
    return (folder / "drawn.csv").read_text("utf-8").splitlines()[1:]


@pytest.fixture
def file(tmp_path):
    return write_csv(tmp_path / "register.csv", people())


COMMON = ("--seed", "3-1-4", "--on", "2026-01-01")


def test_parts_are_drawn_and_merged_on_the_command_line(tmp_path, file):
    halves = [Register(people().rows[half::2], people().columns, "") for half in (0, 1)]
    for number, half in enumerate(halves):
        path = write_csv(tmp_path / f"half{number}.csv", half)
        done = call(
            "register",
            "shard",
            path,
            *COMMON,
            "--letters",
            40,
            "--part",
            number,
            "--out",
            tmp_path / f"{number}.json",
        )
        assert done.exit_code == 0, done.output
    assert (
        call(
            "register", "merge", tmp_path / "0.json", tmp_path / "1.json", "--out", tmp_path / "m"
        ).exit_code
        == 0
    )
    assert call("register", "draw", file, *COMMON, "--letters", 40, "--out", tmp_path / "d").exit_code == 0
    merged = [line.split(",")[0] for line in drawn_rows(tmp_path / "m")]
    assert merged == [line.split(",")[0] for line in drawn_rows(tmp_path / "d")]
    public = [json.loads((tmp_path / folder / "draw.json").read_text("utf-8")) for folder in "md"]
    assert public[0]["strata"] == public[1]["strata"]
    assert (tmp_path / "0.json").stat().st_mode & 0o077 == 0, "nobody else may read the names"


@pytest.mark.parametrize("engine", ["duckdb", "python"])
def test_every_design_is_drawn_on_the_command_line(tmp_path, file, engine):
    chosen = tmp_path / "letters.csv"
    rows = [
        f'"{place.replace(chr(34), chr(34) * 2)}",{count}'
        for place, count in zip(PLACES, (3, 0, 40, 1), strict=True)
    ]
    chosen.write_text("\n".join(["stratum,letters", *rows]) + "\n", encoding="utf-8")
    (tmp_path / "secret").write_text(SECRET.hex() + "\n", encoding="ascii")
    designs = {
        "chosen": ("--letters", chosen, "--stratum", "municipality_name"),
        "home": ("--letters", 40, "--one-per", "household", "--within", "address"),
        "waves": ("--letters", 20, "--letters", 15, "--wave", 2, "--secret-file", tmp_path / "secret"),
    }
    for name, options in designs.items():
        done = call(
            "register", "draw", file, *COMMON, *options, "--engine", engine, "--out", tmp_path / name
        )
        assert done.exit_code == 0, done.output
    homes = [line.split(",")[11] for line in drawn_rows(tmp_path / "home")]
    assert len(set(homes)) == len(homes) == 40
    assert len(drawn_rows(tmp_path / "chosen")) == 44
    wave = drawn_rows(tmp_path / "waves")
    assert len(wave) == 15
    assert all(line.endswith(",2,7/108") for line in wave), "the wave, and everybody's chance of a letter"
    public = json.loads((tmp_path / "waves" / "draw.json").read_text("utf-8"))
    assert public["strata"][0]["chances_by_wave"] == ["1/27", "7/108"]
    assert public["names"] == "pseudonym"


def test_both_engines_write_the_same_bytes(tmp_path, file):
    for engine in ("duckdb", "python"):
        assert (
            call(
                "register",
                "draw",
                file,
                *COMMON,
                "--letters",
                50,
                "--engine",
                engine,
                "--out",
                tmp_path / engine,
            ).exit_code
            == 0
        )
    for name in ("drawn.csv", "draw.json"):
        assert (tmp_path / "duckdb" / name).read_bytes() == (tmp_path / "python" / name).read_bytes()


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--letters", "50", "--within", "address"), "--one-per"),
        (("--letters", "50", "--wave", "2"), "no wave 2"),
        (("--letters", "nowhere.csv"), "no file"),
        (("--letters", "1000"), "540 eligible"),
        (("--letters", "5", "--stratum", "planet"), "planet"),
        (("--letters", "5", "--engine", "postgresql"), "ISEGORIA_REGISTER_URL"),
        (("--letters", "5", "--engine", "python", "--number", "household"), "duckdb"),
        (("--letters", "5", "--secret-file", "register.csv"), "64 hexadecimal"),
        (("--letters", "400", "--one-per", "household"), "household of"),
    ],
)
def test_a_draw_that_cannot_be_made_is_one_sentence_and_leaves_nothing(
    tmp_path, file, monkeypatch, options, words
):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("ISEGORIA_REGISTER_URL", raising=False)
    done = call("register", "draw", file, *COMMON, *options, "--out", tmp_path / "out")
    assert done.exit_code == 2
    assert words in done.stderr
    assert not (tmp_path / "out").exists()


def test_the_age_needs_a_day(tmp_path, file):
    done = call("register", "draw", file, "--seed", "s", "--letters", 5, "--out", tmp_path)
    assert (done.exit_code, "--age-min 0" in done.stderr) == (2, True)
    done = call("register", "draw", file, "--seed", "s", "--letters", 5, "--age-min", 0, "--out", tmp_path)
    assert done.exit_code == 0, done.output
    assert json.loads((tmp_path / "draw.json").read_text("utf-8"))["eligible"] == 600


def test_a_birth_date_that_is_none_is_refused(tmp_path):
    path = tmp_path / "r.csv"
    path.write_text("id,birth_date\n1,1961-05-17\n2,17/05/1961\n", encoding="utf-8")
    done = call("register", "draw", path, *COMMON, "--letters", 1, "--out", tmp_path / "out")
    assert done.exit_code == 2
    assert "birth_date" in done.stderr
