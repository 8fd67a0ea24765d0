"""Registers come in as offices export them; whatever would do harm is refused, with row and column."""

import csv
import datetime as dt
import resource
import subprocess
import sys
import zipfile
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from isegoria import register
from isegoria.errors import BadInput, BadInputs
from isegoria.register import sources
from isegoria.register.reading import REQUIRED
from isegoria.register.scanning import scan

HEADER = ",".join(REQUIRED)
GOOD = "1,Ann,Heck,F,1961-05-17,de,Neustraße,1,4700,63023,Eupen,H1"


def put(tmp_path, content, name="r.csv"):
    path = tmp_path / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def row(number, **changes):
    cells = dict(zip(REQUIRED, GOOD.split(","), strict=True)) | {"id": str(number)} | changes
    return ",".join(cells.values())


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (f"{HEADER}\n{GOOD}\n", "CSV, UTF-8, separated by ,"),
        (f"{HEADER}\n{GOOD}\n".replace(",", ";").encode("latin-1"), "CSV, Latin-1, separated by ;"),
        (f"{HEADER}\n{GOOD}\n".replace(",", "\t").encode("utf-16"), "CSV, UTF-16, separated by tabs"),
        (f"{HEADER}\n{GOOD}\n".replace(",", "^"), "CSV, UTF-8, separated by ^"),
        (f"sep=;\r\n{HEADER}\r\n{GOOD}\r\n".replace(",", ";"), "CSV, UTF-8, separated by ;"),
        (f"{HEADER}\n{GOOD}\n".replace(",", "¦"), "CSV, UTF-8, separated by ¦"),
    ],
)
def test_what_the_file_is_was_found_and_is_said(tmp_path, content, told):
    found = register.read(put(tmp_path, content))
    assert found.told == told
    assert found.rows[0]["street"] == "Neustraße"


def test_any_one_character_may_separate_when_it_is_named(tmp_path):
    path = put(tmp_path, f"{HEADER}\n{GOOD}\n".replace(",", "#"))
    assert len(register.read(path, delimiter="#")) == 1
    for wrong in ("", "ab", '"', "\n"):
        with pytest.raises(BadInput) as caught:
            register.read(path, delimiter=wrong)
        assert caught.value.code == "delimiter_wrong"


# -- formulas ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "cell",
    ["=cmd|' /C calc'!A0", "=1+1", "＝A1", "+cmd|' /C calc'!A0", "@SUM(1)*cmd|'x'!A0", "= HYPERLINK(1)"],
)
def test_a_formula_in_a_cell_is_refused_and_nothing_is_loaded(tmp_path, cell):
    with pytest.raises(BadInput) as caught:
        register.read(put(tmp_path, f"{HEADER}\n{row(1)}\n{row(2, given_name=cell)}\n"))
    assert caught.value.code == "cell_formula"
    assert (caught.value.place.row, caught.value.place.column) == (3, "given_name")
    assert cell not in str(caught.value)


@pytest.mark.parametrize("cell", ["+32 87 123456", "-", "@home", "=", "-5", "+"])
def test_text_that_begins_like_a_formula_stays_text(tmp_path, cell):
    found = register.read(put(tmp_path, f"{HEADER},note\n{GOOD},{cell}\n"))
    assert found.rows[0]["note"] == cell


def test_the_trick_that_keeps_leading_zeros_is_read_as_text(tmp_path):
    line = GOOD.replace("1,Ann", '"=""007""",Ann')
    assert register.read(put(tmp_path, f"{HEADER}\n{line}\n")).rows[0]["id"] == "007"


# -- rows ---------------------------------------------------------------------------------------------------


def test_both_rows_of_a_key_that_stands_twice_are_named_far_apart_too(tmp_path):
    lines = [row(number) for number in range(20_000)]
    lines[19_998] = row(5)
    with pytest.raises(BadInput) as caught:
        register.read(put(tmp_path, "\n".join([HEADER, *lines])))
    assert caught.value.code == "id_twice"
    assert (caught.value.parameters["first"], caught.value.parameters["second"]) == (7, 20_000)


@settings(max_examples=30, deadline=None)
@given(st.lists(st.integers(0, 12), min_size=1, max_size=40))
def test_doubles_are_those_that_a_plain_search_finds(tmp_path_factory, ids):
    path = tmp_path_factory.mktemp("d") / "r.csv"
    path.write_text("\n".join([HEADER, *map(row, ids)]) + "\n", "utf-8")
    wanted = [(ids.index(one) + 2, place + 2) for place, one in enumerate(ids) if ids.index(one) < place]
    if not wanted:
        assert len(register.read(path)) == len(ids)
        return
    with pytest.raises(BadInput) as caught:
        register.read(path)
    faults = getattr(caught.value, "faults", (caught.value,))
    told = [(fault.parameters["first"], fault.parameters["second"]) for fault in faults]
    assert (getattr(caught.value, "total", 1), told) == (len(wanted), wanted[:20])


def test_faults_of_every_kind_come_in_the_order_of_the_rows(tmp_path):
    lines = [
        row(1),
        row(2, sex="W"),
        row(3) + ",more",
        row(4, birth_date="17.05.1961"),
        "",
        row(1),
        row(5, id=""),
    ]
    with pytest.raises(BadInputs) as caught:
        register.read(put(tmp_path, "\n".join([HEADER, *lines])))
    assert [(fault.code, fault.place.row) for fault in caught.value.faults] == [
        ("value_not_listed", 3),
        ("row_fields", 4),
        ("birth_date_wrong", 5),
        ("id_twice", 7),
        ("cell_empty", 8),
    ]


def test_after_a_fault_no_further_run_comes(tmp_path, monkeypatch):
    monkeypatch.setattr(sources, "BATCH_ROWS", 10)
    lines = [row(number) for number in range(100)]
    lines[42] = row(42, sex="W")
    runs = []
    with pytest.raises(BadInput):
        runs.extend(scan(sources.open_source(put(tmp_path, "\n".join([HEADER, *lines])))))
    assert sum(map(len, runs)) == 39  # the header is in the first batch of ten


def test_blank_lines_count_as_rows_but_are_nobody(tmp_path):
    found = register.read(put(tmp_path, f"{HEADER}\n\n{','.join([' '] * 12)}\n{row(1)}\n\n{row(2)}\n"))
    assert [each["id"] for each in found.rows] == ["1", "2"]


def test_a_check_tells_the_same_as_reading(tmp_path):
    path = tmp_path / "r.csv"
    register.write(register.synthesize("a", 300), path)
    checked, whole = register.check(path), register.read(path)
    assert (len(checked), checked.sha256, checked.told) == (len(whole), whole.sha256, whole.told)
    assert checked.counts == whole.count_by("municipality_name")


# -- Excel --------------------------------------------------------------------------------------------------


def workbook(tmp_path, rows, **sheets):
    book = openpyxl.Workbook()
    for line in rows:
        book.active.append(line)
    for title, lines in sheets.items():
        sheet = book.create_sheet(title)
        for line in lines:
            sheet.append(line)
    path = tmp_path / "r.xlsx"
    book.save(path)
    return path


def cells(**changes):
    typed = {"birth_date": dt.datetime(1961, 5, 17), "postcode": 4700, "house_number": 1.0}  # noqa: DTZ001  # as a workbook holds it
    return list((dict(zip(REQUIRED, GOOD.split(","), strict=True)) | typed | changes).values())


def test_a_workbook_gives_what_the_same_csv_gives(tmp_path):
    found = register.read(workbook(tmp_path, [REQUIRED, cells(), [], cells(id="2")]))
    assert found.rows[0] == register.read(put(tmp_path, f"{HEADER}\n{GOOD}\n")).rows[0]
    assert (len(found), found.told) == (2, "Excel, sheet Sheet")


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"given_name": "=1+1"}, "cell_formula"),
        ({"given_name": "=cmd|' /C calc'!A0"}, "cell_formula"),
        ({"id": 12345678901234567}, "cell_number_long"),
        ({"given_name": "#REF!"}, "cell_error"),
        ({"sex": "W"}, "value_not_listed"),
    ],
)
def test_a_bad_cell_of_a_workbook_is_named(tmp_path, changes, code):
    with pytest.raises(BadInput) as caught:
        register.read(workbook(tmp_path, [REQUIRED, cells(), cells(**({"id": "2"} | changes))]))
    assert (caught.value.code, caught.value.place.row) == (code, 3)
    assert caught.value.place.column


def test_which_sheet_is_asked_where_several_hold_something(tmp_path):
    path = workbook(tmp_path, [REQUIRED, cells()], Notes=[["by whom"]], Empty=[])
    with pytest.raises(BadInput, match="Sheet, Notes") as caught:
        register.read(path)
    assert caught.value.code == "workbook_sheets"
    assert len(register.read(path, sheet="Sheet")) == 1
    with pytest.raises(BadInput, match="Empty"):
        register.read(path, sheet="Other")


def test_a_zip_bomb_is_refused_before_it_unpacks(tmp_path):
    path = tmp_path / "r.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>")
        with archive.open("xl/sharedStrings.xml", "w") as part:
            for _ in range(60):
                part.write(bytes(1_000_000))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(BadInput) as caught:
        register.read(path)
    assert caught.value.code == "workbook_too_large"
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 30_000


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_entities_in_a_workbook_are_refused(tmp_path, encoding):
    path = tmp_path / "r.xlsx"
    text = '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaa">]><workbook>&a;</workbook>'
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("xl/workbook.xml", text.encode(encoding))
    with pytest.raises(BadInput) as caught:
        register.read(path)
    assert caught.value.code == "workbook_wrong"


def test_an_archive_is_no_workbook(tmp_path):
    path = tmp_path / "r.xlsx"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("r.csv", HEADER)
    with pytest.raises(BadInput) as caught:
        register.read(path)
    assert caught.value.code == "file_not_a_table"


@settings(max_examples=25, deadline=None)
@given(damage=st.integers(0, 1_000_000))
def test_a_damaged_workbook_is_refused_or_read_whole(tmp_path_factory, damage):
    folder = tmp_path_factory.mktemp("d")
    path = workbook(folder, [REQUIRED, *(cells(id=str(number)) for number in range(50))])
    data = path.read_bytes()
    at = damage % len(data)
    path.write_bytes(data[:at] + b"\x55" * 40 + data[at + 40 :])
    try:
        told = len(register.read(path))
    except BadInput as error:
        told = str(error)
    assert told == 50 or str(folder) not in str(told)


# -- memory -------------------------------------------------------------------------------------------------

MEASURE = """
import resource, sys
from isegoria import register
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
found = register.check(sys.argv[1])
print(len(found), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
"""


def test_a_register_is_looked_through_in_memory_that_does_not_grow_with_it(tmp_path):
    grown = []
    for rows in (20_000, 200_000):
        path = tmp_path / f"{rows}.csv"
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(REQUIRED)
            writer.writerows(row(number).split(",") for number in range(rows))
        done = subprocess.run(
            [sys.executable, "-c", MEASURE, str(path)], check=True, capture_output=True, text=True
        )
        count, kilobytes = map(int, done.stdout.split())
        assert count == rows
        grown.append(kilobytes)
    assert grown[1] - grown[0] < 25_000  # sixteen bytes a row for the keys, and what sorting them takes
    assert Path(tmp_path / "200000.csv").stat().st_size > 12_000_000


def test_packed_files_count_as_what_reading_them_goes_through(tmp_path):
    found = register.synthesize("packed", 2000)
    plain, packed = tmp_path / "a.csv", tmp_path / "a.parquet"
    register.write(found, plain)
    register.write(found, packed)
    assert register.bytes_to_read(plain) == plain.stat().st_size
    assert register.bytes_to_read(packed) >= 2000 * 100 > packed.stat().st_size
    for name in ("broken.xlsx", "broken.parquet"):
        (tmp_path / name).write_bytes(b"PK, but no archive")
        assert register.bytes_to_read(tmp_path / name) == 18
