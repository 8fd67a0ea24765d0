"""From homes to people: inside a home everybody has the same chance, and nobody there or in the office chooses."""

import csv
import datetime as dt
from collections import Counter
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from isegoria import register
from isegoria.cli.main import app
from isegoria.errors import BadInput
from isegoria.register.inside import (
    as_persons,
    chance_inside,
    instruction,
    number_inside,
    numbers_inside,
    one_of_each,
    person_inside,
)
from isegoria.register.scanning import Run
from isegoria.register.words import INSIDE, LANGUAGES

SEED = bytes(32)


def run(*arguments):
    return CliRunner().invoke(app, ["register", *map(str, arguments)])


def seeds(count):
    return (number.to_bytes(32, "big") for number in range(count))


@settings(deadline=None)
@given(
    st.lists(st.text("ABC0123", min_size=1), min_size=1, max_size=8, unique=True),
    st.binary(min_size=32, max_size=32),
)
def test_the_order_of_the_list_does_not_matter(persons, seed):
    chosen = person_inside(seed, "A12", persons)
    assert chosen in persons
    assert person_inside(seed, "A12", persons[::-1]) == chosen


@settings(deadline=None)
@given(
    st.lists(st.text("ABC0123", min_size=1), min_size=2, max_size=8, unique=True),
    st.binary(min_size=32, max_size=32),
)
def test_when_somebody_else_moves_out_the_choice_stays(persons, seed):
    chosen = person_inside(seed, "A12", persons)
    for other in persons:
        if other != chosen:
            assert person_inside(seed, "A12", [one for one in persons if one != other]) == chosen


def test_everybody_in_a_home_has_the_same_chance():
    listed = Counter(person_inside(seed, "A12", ["P1", "P2", "P3"]) for seed in seeds(6000))
    unlisted = Counter(number_inside(seed, "A12", 3) for seed in seeds(6000))
    for counts in (listed, unlisted):
        assert len(counts) == 3
        assert all(abs(count - 2000) < 5 * (6000 * 2 / 9) ** 0.5 for count in counts.values())


def test_homes_are_independent_of_each_other():
    both = Counter((number_inside(seed, "A12", 2), number_inside(seed, "A13", 2)) for seed in seeds(4000))
    assert all(abs(count - 1000) < 5 * (4000 * 3 / 16) ** 0.5 for count in both.values())


def test_the_choice_can_be_redone_with_the_formula():
    assert person_inside(SEED, "A12", ["P1", "P2", "P3"]) == "P1"
    assert numbers_inside(SEED, "A12") == (1, 1, 2, 3, 5, 6, 2, 8, 2, 9)
    assert numbers_inside(SEED, "A12", 3) == (1, 1, 2)


def test_a_home_without_anybody_is_refused():
    with pytest.raises(BadInput):
        person_inside(SEED, "A12", [])
    for wrong in (0, -1, 501):
        with pytest.raises(BadInput):
            number_inside(SEED, "A12", wrong)
    with pytest.raises(BadInput) as caught:
        one_of_each(SEED, ["A", "B", "C"], {"A": ["P"], "B": [], "C": []}.__getitem__)
    assert (caught.value.code, caught.value.parameters["count"]) == ("homes_empty", 2)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_letter_says_who_is_meant_in_every_language(language):
    text = instruction((1, 2, 1), 16, language)
    assert "1 → 1, 2 → 2, 3 → 1" in text
    assert "16" in text
    assert "16" in instruction(None, 16, language)
    assert all(set(words) == set(LANGUAGES) for words in INSIDE.values())


# -- homes that count their people --------------------------------------------------------------------------------


def homes(sizes):
    return Run(
        range(2, len(sizes) + 2),
        {"id": [f"A{place}" for place in range(len(sizes))], "persons": [str(size) for size in sizes]},
    )


@settings(deadline=None)
@given(st.lists(st.integers(0, 6), max_size=12))
def test_homes_become_as_many_people_as_they_count(sizes):
    people = as_persons(homes(sizes))
    assert Counter(people.columns["household"]) == Counter(
        {f"A{place}": size for place, size in enumerate(sizes) if size}
    )
    assert len(set(people.columns["id"])) == len(people) == sum(sizes)
    assert all(
        1 <= int(number) <= sizes[int(home[1:])]
        for number, home in zip(people.columns["person_number"], people.columns["household"], strict=True)
    )


@settings(max_examples=10, deadline=None)
@given(st.lists(st.integers(1, 4), min_size=12, max_size=20))
def test_everybody_everywhere_has_the_same_chance_when_homes_count_their_people(sizes):
    people = as_persons(homes(sizes))
    rows = tuple(
        dict(zip(people.columns, cells, strict=True))
        for cells in zip(*people.columns.values(), strict=True)
    )
    whole = register.Register(rows, tuple(people.columns), "0" * 64)
    drawn = Counter()
    for seed in seeds(300):
        found = register.draw_letters(
            whole, seed, 3, on=dt.date(2027, 1, 1), age_min=0, one_per_household=True
        )
        assert len({row["household"] for row in found.rows}) == 3
        drawn.update(row["id"] for row in found.rows)
        assert {stratum.chance for stratum in found.strata} == {Fraction(3, len(rows))}
    chance = 3 / len(rows)
    assert all(abs(drawn[row["id"]] - 300 * chance) < 6 * (300 * chance) ** 0.5 for row in rows)


def test_a_person_in_a_drawn_home_has_her_share_of_its_chance():
    assert chance_inside(Fraction(1, 100), 4) == Fraction(1, 400)


@pytest.mark.parametrize("count", ["", "-1", "two", "1.5", "501"])
def test_a_number_of_people_that_is_none_is_named_with_its_row(count):
    with pytest.raises(BadInput) as caught:
        as_persons(Run([2, 3], {"id": ["A", "B"], "persons": ["1", count]}))
    assert (caught.value.code, caught.value.place.row, caught.value.place.column) == (
        "home_persons_wrong",
        3,
        "persons",
    )
    with pytest.raises(BadInput) as caught:
        as_persons(homes([1]), "dwellers")
    assert caught.value.code == "column_missing"


# -- the commands ------------------------------------------------------------------------------------------------------


def read(path):
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_addresses_are_drawn_and_the_letter_finds_the_person(tmp_path):
    (tmp_path / "a.csv").write_text(
        "Adressnummer;Straße;Hausnr;PLZ\n"
        + "".join(f"A{number};Hauptstraße;{number};4700\n" for number in range(1, 41)),
        "utf-8",
    )
    assert (
        run("profile", tmp_path / "a.csv", "--unit", "address", "--out", tmp_path / "p.toml").exit_code == 0
    )
    drawn = run("draw", tmp_path / "a.csv", "--profile", tmp_path / "p.toml", "--seed", "x", "--letters", 10,
                "--on", "2027-01-01", "--age-min", 0, "--out", tmp_path / "drawn")  # fmt: skip
    assert drawn.exit_code == 0, drawn.stderr
    done = run(
        "inside",
        tmp_path / "drawn" / "drawn.csv",
        "--seed",
        "x",
        "--lang",
        "de",
        "--out",
        tmp_path / "letters.csv",
    )
    assert done.exit_code == 0, done.stderr
    rows = read(tmp_path / "letters.csv")
    assert len(rows) == 10
    assert all("bestimmt durch das Los" in row["instruction"] for row in rows)
    assert len({row["instruction"] for row in rows}) > 1
    done = run(
        "inside",
        tmp_path / "drawn" / "drawn.csv",
        "--seed",
        "x",
        "--how",
        "birthday",
        "--out",
        tmp_path / "letters.csv",
    )
    assert "birthday" in read(tmp_path / "letters.csv")[0]["instruction"]
    assert (
        run(
            "inside",
            tmp_path / "drawn" / "drawn.csv",
            "--seed",
            "x",
            "--how",
            "ask",
            "--out",
            tmp_path / "x",
        ).exit_code
        == 2
    )


def test_of_listed_residents_one_of_each_drawn_home_is_taken(tmp_path):
    (tmp_path / "drawn.csv").write_text("id,street\nH1,x\nH2,x\n", "utf-8")
    people = tmp_path / "people.csv"
    people.write_text("id,name,household\nP1,Ann,H1\nP2,Ben,H1\nP3,Cem,H2\nP4,Dora,H3\n", "utf-8")
    done = run(
        "inside",
        tmp_path / "drawn.csv",
        "--seed",
        "x",
        "--residents",
        people,
        "--out",
        tmp_path / "letters.csv",
    )
    assert done.exit_code == 0, done.stderr
    assert [row["household"] for row in read(tmp_path / "letters.csv")] == ["H1", "H2"]
    people.write_text("id,name,household\nP1,Ann,H1\nP1,Ben,H1\n", "utf-8")
    assert (
        "row 3, column id"
        in run(
            "inside", tmp_path / "drawn.csv", "--seed", "x", "--residents", people, "--out", tmp_path / "y"
        ).stderr
    )
    people.write_text("id,name,household\nP1,Ann,H1\n", "utf-8")
    assert (
        "1 of the drawn homes"
        in run(
            "inside", tmp_path / "drawn.csv", "--seed", "x", "--residents", people, "--out", tmp_path / "y"
        ).stderr
    )


def test_counted_homes_become_people_that_are_drawn_one_a_home(tmp_path):
    (tmp_path / "homes.csv").write_text(
        "id,persons\n" + "".join(f"A{number},{number % 4}\n" for number in range(40)), "utf-8"
    )
    done = run("persons", tmp_path / "homes.csv", "--out", tmp_path / "people.csv")
    assert done.stdout.startswith("60 people")
    drawn = run("draw", tmp_path / "people.csv", "--bare", "--seed", "x", "--letters", 10, "--on", "2027-01-01",
                "--age-min", 0, "--one-per", "household", "--out", tmp_path / "drawn")  # fmt: skip
    assert drawn.exit_code == 0, drawn.stderr
    rows = read(tmp_path / "drawn" / "drawn.csv")
    assert len({row["household"] for row in rows}) == 10
    assert {row["person_number"] for row in rows} <= {"1", "2", "3"}
