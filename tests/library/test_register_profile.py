"""Profiles: guessed from what an office wrote, kept as a file, and then kept to."""

import datetime as dt
import json
import tempfile
import tomllib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from isegoria import register
from isegoria.cli.main import app
from isegoria.errors import BadInput, BadInputs
from isegoria.register.profile import Profile, read_profile, reader_of_dates
from isegoria.register.proposing import match_columns, propose, shape_of
from isegoria.register.sources import open_source
from isegoria.testing.registers import HEADERS, Office, write_as

DUTCH = """Rijksregisternummer;Voornaam;Familienaam;Geslacht;Geboortedatum;Taal;Straat;Huisnr;Bus;Postcode;NIS-code;Gemeente;Telefoon
1;Anna;Peeters;V;30/07/1985;N;Kerkstraat;7;2;9000;44021;Gent;+32 9 123
2;Jan;Maes;M;00/00/1961;N;KERKSTR.;7 bus 2;;9000;44021;Gent;
3;Zoë;Claes;X;01/02/1990;F;Kerkstraat;7;3;9000;44021;Gent;
"""


def run(*arguments):
    return CliRunner().invoke(app, ["register", *map(str, arguments)])


def put(tmp_path, content, name="r.csv"):
    path = tmp_path / name
    path.write_text(content, "utf-8")
    return path


def proposed(tmp_path, content, unit="person"):
    return propose(open_source(put(tmp_path, content)), unit)


# -- what cells look like ---------------------------------------------------------------------------------


@given(st.text())
def test_a_shape_says_nothing_of_what_a_cell_says(cell):
    shape = shape_of(cell)
    assert len(shape) <= 24
    assert not [sign for sign in shape if sign.isalnum() and sign not in "Aa9"]
    assert "aaaaa" not in shape.lower()


def test_each_column_shows_its_three_commonest_shapes(tmp_path):
    shapes = proposed(tmp_path, DUTCH).shapes
    assert shapes["Geboortedatum"] == ("99/99/9999",)
    assert shapes["Straat"] == ("Aaaa", "AAAA.")
    assert shapes["Telefoon"] == ("+99 9 999",)
    assert shapes["Huisnr"] == ("9", "9 aaa 9")


# -- guessing -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "header",
    [
        "Rijksregisternummer;Voornaam;Familienaam;Geslacht;Geboortedatum;Taal;Straat;Huisnummer;Postcode;NIS-code;Gemeente;Gezinsnummer",
        "Numéro national;Prénom;Nom;Sexe;Date de naissance;Langue;Rue;Numéro de maison;Code postal;Code INS;Commune;Ménage",
        "Nationalregisternummer;Vorname;Nachname;Geschlecht;Geburtsdatum;Sprache;Straße;Hausnr.;PLZ;AGS;Wohnort;Haushalt",
        "Person ID;First name;Surname;Gender;Date of birth;Language;Street;House no.;Postcode;Municipality code;Town;Household",
        "ID;GIVEN_NAME;FAMILY-NAME;SEX;BIRTH DATE;LANGUAGE;STREET;HOUSE_NUMBER;POSTCODE;MUNICIPALITY;MUNICIPALITY NAME;HOUSEHOLD",
    ],
)
def test_columns_are_recognised_in_four_languages(header):
    names = header.split(";")
    found = match_columns(names)
    assert [found.get(column) for column in register.REQUIRED] == names


def test_no_column_is_taken_twice():
    found = match_columns(["naam", "Naam 2", "adres", "Adresse", "id", "nummer"])
    assert len(set(found.values())) == len(found)


def test_a_number_behind_the_street_is_the_house_number():
    found = match_columns(["Straat", "Nummer", "Bus", "Nummer gezin", "Rijksregisternummer"])
    assert (found["house_number"], found["id"], found["box"]) == ("Nummer", "Rijksregisternummer", "Bus")
    assert match_columns(["Nummer", "Naam"])["id"] == "Nummer"


def test_what_an_office_wrote_becomes_a_register(tmp_path):
    found = proposed(tmp_path, DUTCH)
    assert found.unused == ("Telefoon",)
    assert set(found.doubts) == {("date_incomplete", "birth_date"), ("derived", "household")}
    rows = register.read(tmp_path / "r.csv", layout=found.profile.layout()).rows
    assert [row["sex"] for row in rows] == ["F", "M", "X"]
    assert [row["birth_date"] for row in rows] == ["1985-07-30", "1961-01-01", "1990-02-01"]
    assert [row["language"] for row in rows] == ["nl", "nl", "fr"]
    assert rows[0]["household"] == rows[1]["household"] != rows[2]["household"]


@pytest.mark.parametrize(
    ("dates", "order", "doubts"),
    [
        (["1985-07-30"], "year-month-day", []),
        (["19850730"], "year-month-day", []),
        (["30.7.1985", "01.02.1990"], "day-month-year", []),
        (["7/30/1985", "1/2/1990"], "month-day-year", []),
        (["1/2/1985"], "day-month-year", ["date_order"]),
        (["30/07/1985", "soon"], "day-month-year", ["date_unreadable"]),
        (["1985-00-00"], "year-month-day", ["date_incomplete"]),
    ],
)
def test_the_order_of_dates_is_guessed_and_doubts_are_said(tmp_path, dates, order, doubts):
    rows = "\n".join(f"{number},{date}" for number, date in enumerate(dates))
    found = proposed(tmp_path, f"id,geboortedatum\n{rows}\n")
    assert found.profile.dates == order
    assert [doubt for doubt, column in found.doubts if column == "birth_date"] == doubts


def test_a_value_whose_meaning_is_unknown_is_asked_for_and_then_refused(tmp_path):
    found = proposed(tmp_path, "id,sex\n1,V\n2,Z\n")
    assert ("value_unknown", "sex") in found.doubts
    assert "Z" not in found.profile.values["sex"]
    with pytest.raises(BadInput) as caught:
        register.read(tmp_path / "r.csv", layout=found.profile.layout())
    assert (caught.value.code, caught.value.place.row) == ("cell_not_in_profile", 3)


def test_where_there_is_nothing_to_guess_it_is_said(tmp_path):
    with pytest.raises(BadInput) as caught:
        proposed(tmp_path, "alpha,beta\n1,2\n")
    assert caught.value.code == "profile_unguessed"


# -- dates --------------------------------------------------------------------------------------------------------


@settings(deadline=None)
@given(
    st.dates(dt.date(1900, 1, 1), dt.date(2030, 12, 31)),
    st.sampled_from(["-", ".", "/", " ", ""]),
    st.sampled_from([("year-month-day", "ymd"), ("day-month-year", "dmy"), ("month-day-year", "mdy")]),
    st.sampled_from(["", " 00:00", "T00:00:00", " 00:00:00.000"]),
)
def test_a_date_is_read_in_its_order_and_in_no_other(day, sign, order, midnight):
    name, letters = order
    parts = {"y": f"{day.year:04}", "m": f"{day.month:02}", "d": f"{day.day:02}"}
    text = sign.join(parts[letter] for letter in letters)
    assert reader_of_dates(name)(text + midnight) == day.isoformat()
    assert reader_of_dates("year-month-day")(text) in {None, day.isoformat()} or not sign


@pytest.mark.parametrize(
    "text",
    ["", "1985", "30/07/85", "30/07-1985", "31/02/1985", "3071985", "30/07/1985 12:00", "x", "30//1985"],
)
def test_what_is_no_date_is_not_read(text):
    assert reader_of_dates("day-month-year", "earliest")(text) is None


def test_the_29th_of_february_is_a_day_of_leap_years_only():
    read = reader_of_dates("day-month-year")
    assert (read("29/02/1984"), read("29/02/1985")) == ("1984-02-29", None)


def test_an_unknown_birthday_counts_for_the_person():
    assert reader_of_dates("year-month-day")("1985-00-00") is None
    assert reader_of_dates("year-month-day", "earliest")("1985-00-00") == "1985-01-01"
    assert reader_of_dates("year-month-day", "earliest")("1985-06-00") == "1985-06-01"


# -- the file -----------------------------------------------------------------------------------------------------

TEXT = st.text(st.characters(codec="utf-8", exclude_categories=("Cs",)), min_size=1, max_size=20).filter(
    lambda text: text == text.strip() and text
)


@settings(max_examples=100, deadline=None)
@given(
    st.dictionaries(
        st.sampled_from(["id", "sex", "street", "birth_date", "own_column"]), TEXT, min_size=1
    ).filter(lambda columns: len(set(columns.values())) == len(columns)),
    st.dictionaries(
        st.sampled_from(["sex", "language"]), st.dictionaries(TEXT, TEXT, min_size=1, max_size=4)
    ),
    st.sampled_from(["refuse", "earliest"]),
    st.sampled_from([None, ";", "\t", '"', "\\"]),
)
def test_a_profile_is_read_back_as_it_was_written(columns, values, incomplete, delimiter):
    profile = Profile(
        columns={"id": "the id of ours"} | columns, values=values, incomplete=incomplete, delimiter=delimiter,
        may_be_empty=("street",),
    )  # fmt: skip
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "profile.toml"
        path.write_text(profile.toml(), "utf-8", newline="")
        assert read_profile(path) == profile


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[columns]\nsex = 'g'\n", "no id"),
        ("[columns]\nid = 'a'\nsex = 'a'\n", "one of theirs"),
        ("[columns]\nid = 'a'\n'Größe' = 'b'\n", "small letters"),
        ("derive = ['household']\n[columns]\nid = 'a'\n", "without street"),
        ("derive = ['id']\n[columns]\nstreet = 'a'\n", "ids of their own"),
        ("unit = 'address'\nderive = ['id']\n[columns]\nstreet = 'a'\nid = 'b'\n", "derived and a column"),
        ("dates = 'soon'\n[columns]\nid = 'a'\n", "dates"),
        ("schema_version = 2\n[columns]\nid = 'a'\n", "schema_version"),
        ("colour = 'blue'\n[columns]\nid = 'a'\n", "colour"),
        ("", "columns"),
        ("not toml", "TOML"),
    ],
)
def test_a_profile_that_does_not_hold_is_refused_at_its_place(tmp_path, text, told):
    with pytest.raises(BadInput, match=told):
        read_profile(put(tmp_path, text, "profile.toml"))


def test_faults_of_a_profile_come_together(tmp_path):
    with pytest.raises(BadInputs) as caught:
        read_profile(put(tmp_path, "dates = 'soon'\nunit = 'town'\n[columns]\nid = 'a'\n", "profile.toml"))
    assert {fault.place.column for fault in caught.value.faults} == {"dates", "unit"}


def test_a_column_of_the_profile_must_be_there_under_its_own_name(tmp_path):
    profile = Profile(columns={"id": "Nr", "sex": "Geschlecht"})
    with pytest.raises(BadInput) as caught:
        register.read(put(tmp_path, "Nr,Sex\n1,F\n"), layout=profile.layout())
    assert (caught.value.code, caught.value.parameters["column"]) == ("column_missing", "Geschlecht")
    with pytest.raises(BadInput) as caught:
        register.read(put(tmp_path, "Nr,Geschlecht\n1,F\n2,\n3,W\n"), layout=profile.layout())
    assert {fault.place.column for fault in caught.value.faults} == {"Geschlecht"}


def test_a_column_with_our_name_that_means_something_else_is_refused(tmp_path):
    profile = Profile(columns={"id": "Nr", "sex": "Geschlecht"})
    with pytest.raises(BadInput) as caught:
        register.read(put(tmp_path, "Nr,Geschlecht,sex\n1,F,F\n"), layout=profile.layout())
    assert caught.value.code == "column_twice"


# -- other units -----------------------------------------------------------------------------------------------------


def test_an_address_that_stands_twice_in_two_spellings_is_found(tmp_path):
    content = "adres;postcode\nKerkstraat 7;9000\nKerkstraat 9;9000\nKERKSTR. 7;9000\n"
    found = proposed(tmp_path, content, "address")
    assert found.profile.derive == ("id",)
    with pytest.raises(BadInput) as caught:
        register.read(tmp_path / "r.csv", layout=found.profile.layout())
    assert caught.value.code == "id_twice"
    assert (caught.value.parameters["first"], caught.value.parameters["second"]) == (2, 4)


def test_households_are_drawn_without_birth_dates(tmp_path):
    content = "Haushaltsnummer;Straße;PLZ\nH1;Hauptstr. 5;4700\nH2;Hauptstr. 6;4700\n"
    header = proposed(tmp_path, content, "household").profile
    found = register.read(tmp_path / "r.csv", layout=header.layout())
    drawn = register.draw_letters(found, bytes(32), 1, on=dt.date(2027, 1, 1), age_min=0)
    assert len(drawn.rows) == 1


# -- every office ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", sorted(HEADERS))
@pytest.mark.parametrize(
    ("ending", "encoding", "delimiter"),
    [
        (".csv", "utf-8", ","),
        (".csv", "utf-8-sig", ";"),
        (".csv", "latin-1", "|"),
        (".csv", "cp1252", ";"),
        (".csv", "utf-16", "\t"),
        (".xlsx", "utf-8", ";"),
    ],
)
def test_what_any_office_writes_is_read_as_the_residents_it_has(
    tmp_path, language, ending, encoding, delimiter
):
    western = [
        {column: row[column] for column in register.REQUIRED}
        for row in register.synthesize(language, 300)
        if all(cell == cell.encode("latin-1", "ignore").decode("latin-1") for cell in row.values())
    ]
    assert len(western) > 200
    path = tmp_path / f"extract{ending}"
    write_as(Office(language, encoding, delimiter), western, path)
    found = propose(open_source(path))
    assert [doubt for doubt in found.doubts if doubt[0] != "date_order"] == []
    assert list(register.read(path, layout=found.profile.layout()).rows) == western


# -- converting -------------------------------------------------------------------------------------------------------


def test_a_column_that_the_profile_does_not_name_is_left_out(tmp_path):
    profile = proposed(tmp_path, DUTCH).profile
    put(tmp_path, profile.toml(), "p.toml")
    run("convert", tmp_path / "r.csv", "--profile", tmp_path / "p.toml", "--out", tmp_path / "out.csv")
    whole = register.read(tmp_path / "r.csv", layout=profile.layout()).rows
    assert all("Telefoon" in row for row in whole)
    assert [{**row} for row in register.read(tmp_path / "out.csv").rows] == [
        {name: cell for name, cell in row.items() if name != "Telefoon"} for row in whole
    ]


@pytest.mark.parametrize("ending", [".csv", ".parquet"])
def test_a_converted_register_is_the_register_that_was_read(tmp_path, ending):
    profile = proposed(tmp_path, DUTCH).profile
    profile = profile.model_copy(update={"columns": {**profile.columns, "phone": "Telefoon"}})
    put(tmp_path, profile.toml(), "p.toml")
    done = run(
        "convert",
        tmp_path / "r.csv",
        "--profile",
        tmp_path / "p.toml",
        "--out",
        tmp_path / f"out{ending}",
        "--json",
    )
    document = json.loads(done.stdout)
    whole = register.read(tmp_path / "r.csv", layout=profile.layout())
    again = register.read(tmp_path / f"out{ending}")
    assert again.rows == whole.rows
    assert (document["written"]["rows"], document["written"]["sha256"]) == (3, again.sha256)
    assert (tmp_path / f"out{ending}").stat().st_mode & 0o777 == 0o600


def test_a_bad_row_leaves_nothing_behind(tmp_path):
    profile = proposed(tmp_path, DUTCH).profile
    put(tmp_path, profile.toml(), "p.toml")
    put(tmp_path, DUTCH + "4;Bad;Row;Q;30/07/1985;N;Kerkstraat;7;2;9000;44021;Gent;\n", "bad.csv")
    done = run(
        "convert",
        tmp_path / "bad.csv",
        "--profile",
        tmp_path / "p.toml",
        "--out",
        tmp_path / "o" / "out.csv",
    )
    assert done.exit_code == 2
    assert "row 5, column Geslacht" in done.stderr
    assert list((tmp_path / "o").iterdir()) == []
    assert run("convert", tmp_path / "r.csv", "--out", tmp_path / "out.xlsx").exit_code == 2


def test_the_command_proposes_a_profile_that_the_other_commands_take(tmp_path):
    path = put(tmp_path, DUTCH)
    done = run("profile", path, "--out", tmp_path / "p.toml")
    assert done.exit_code == 0
    assert "look at household" in done.stdout
    assert "Anna" not in done.stdout + (tmp_path / "p.toml").read_text("utf-8")
    assert (
        tomllib.loads((tmp_path / "p.toml").read_text("utf-8"))["columns"]["birth_date"] == "Geboortedatum"
    )
    assert run("check", path, "--profile", tmp_path / "p.toml").stdout.startswith(
        "CSV, UTF-8, separated by ;: 3 residents"
    )
    drawn = run("draw", path, "--profile", tmp_path / "p.toml", "--seed", "x", "--letters", 1, "--on", "2027-01-01",
                "--one-per", "household", "--out", tmp_path / "drawn")  # fmt: skip
    assert drawn.exit_code == 0
    assert run("profile", path, "--out", tmp_path / "p.toml", "--unit", "village").exit_code == 2
