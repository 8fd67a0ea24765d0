"""Files as people really send them: read right, or refused with the place and the way out."""

from __future__ import annotations

import codecs
import unicodedata
from pathlib import Path

import pytest
from tests.support import pools

from isegoria.errors import BadInput, BadInputs
from isegoria.pool import Quota, Quotas, read_pool, read_quotas

DATA = pools.DATA
QUOTAS = Quotas((Quota("sex", "f", 0, 2), Quota("sex", "m", 0, 2)))


@pytest.fixture
def write(tmp_path):
    def write(content: str | bytes, name: str = "file.csv") -> Path:
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return write


EXPECTED = Quotas((Quota("sex", "f", 1, 2), Quota("sex", "m", 0, 3)))


@pytest.mark.parametrize(
    "content",
    [
        "category,feature,min,max\nsex,f,1,2\nsex,m,0,3\n",
        "feature,value,min,max\nsex,f,1,2\nsex,m,0,3\n",
        "category,name,min,max\nsex,f,1,2\nsex,m,0,3\n",
        "Feature;Value;Min;Max\nsex;f;1;2\nsex;m;0;3\n",
        "feature\tvalue\tmin\tmax\nsex\tf\t1\t2\nsex\tm\t0\t3\n",
        "feature,value,min,max,min_flex,max_flex\nsex,f,1,2,,\nsex,m,0,3,,\n",
        "feature,value,min,max\r\nsex,f,1,2\r\nsex,m,0,3\r\n",
        "\ufefffeature,value,min,max\nsex,f,1,2\nsex,m,0,3\n",
        "sep=;\nfeature;value;min;max\nsex;f;1;2\nsex;m;0;3\n",
        "feature,value,min,max\nsex , f  ,1, 2 \n\nsex,m,0,3.0\n,,,\n",
        'max,"min",feature,value\n2,1,sex,"f"\n3,0,sex,m\n',
    ],
)
def test_quotas_are_read_in_every_form_that_people_send(write, content):
    assert read_quotas(write(content)) == EXPECTED


def test_a_file_in_utf_16_with_a_mark_is_read(write):
    text = "feature\tvalue\tmin\tmax\nsex\tf\t1\t2\nsex\tm\t0\t3\n"
    assert read_quotas(write(codecs.BOM_UTF16_LE + text.encode("utf-16-le"))) == EXPECTED


def test_flexibilities_are_kept(write):
    quotas = read_quotas(write("feature,value,min,max,min_flex,max_flex\nsex,f,1,2,0,5\n"))
    assert quotas.rows == (Quota("sex", "f", 1, 2, 0, 5),)


def test_decomposed_letters_mean_the_same_value(write):
    pool = read_pool(
        write("id,sex\n1," + unicodedata.normalize("NFD", "é") + "\n"), Quotas((Quota("sex", "é", 0, 1),))
    )
    assert pool.entries[0].features == {"sex": "é"}


@pytest.mark.parametrize(
    ("row", "code", "column"),
    [
        ("sex,f,3,2", "quota_reversed", "min"),
        ("sex,f,-1,2", "quota_negative", "min"),
        ("sex,f,1,-2", "quota_negative", "max"),
        ("sex,f,one,2", "not_whole", "min"),
        ("sex,f,1,2.5", "not_whole", "max"),
        ("sex,f,,2", "not_whole", "min"),
        (",f,1,2", "cell_blank", "feature"),
        ("sex,,1,2", "cell_blank", "value"),
    ],
)
def test_a_faulty_quota_names_file_row_and_column(write, row, code, column):
    with pytest.raises(BadInput) as caught:
        read_quotas(write(f"feature,value,min,max\nsex,m,0,1\n{row}\n"))
    fault = caught.value
    assert (fault.code, fault.place.file, fault.place.row, fault.place.column) == (
        code,
        "file.csv",
        3,
        column,
    )
    assert fault.way_out


def test_a_flexibility_narrower_than_the_quota_is_refused(write):
    with pytest.raises(BadInput) as caught:
        read_quotas(write("feature,value,min,max,min_flex,max_flex\nsex,f,1,2,2,5\n"))
    assert (caught.value.code, caught.value.place.row) == ("quota_flex", 2)


def test_a_repeated_quota_names_both_rows(write):
    with pytest.raises(BadInput, match=r"row 4: Row 2 has this"):
        read_quotas(write("feature,value,min,max\nsex,f,0,1\nsex,m,0,1\nsex,f,0,2\n"))


def test_several_faults_are_told_together(write):
    with pytest.raises(BadInputs) as caught:
        read_quotas(write("feature,value,min,max\nsex,f,3,2\nsex,m,x,1\n"))
    assert [fault.place.row for fault in caught.value.faults] == [2, 3]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "file_empty"),
        (b"\n\n", "file_empty"),
        (b"feature,value,min,max\n", "file_header_only"),
        (b"feature,min,max\nsex,1,2\n", "quota_columns"),
        (b"a,b\n1,2\n", "quota_columns"),
        (b"feature,value,min,max\nsex,f\0,1,2\n", "file_nul"),
        ("feature,value,min,max\nsex,é,1,2\n".encode() + b"sex,\xe9,1,2\n", "encoding_mixed"),
        (b"feature,value,min,max\nsex,\x81,1,2\n", "encoding_unknown"),
        (b"feature,value,min,max\nsex,f,1.000,2\n", "number_ambiguous"),
        (b"feature,value,min,max\nsex,f,1\n", "row_length"),
        (b"feature,value,min,max,min\nsex,f,1,2,1\n", "column_repeated"),
        (b"feature,value,min,max,\nsex,f,1,2,x\n", "column_unnamed"),
        (b'feature,value,min,max\nsex,"f,1,2\n', "file_not_text"),
    ],
)
def test_a_quota_file_that_cannot_be_read_says_why(write, content, code):
    with pytest.raises(BadInput) as caught:
        read_quotas(write(content))
    assert caught.value.code == code
    assert caught.value.way_out


@pytest.mark.parametrize("encoding", ["latin-1", "cp1252", "utf-8", "utf-8-sig", "utf-16", "utf-16-le"])
def test_every_usual_encoding_is_read_without_a_wrong_letter(write, encoding):
    quotas = read_quotas(write("feature,value,min,max\nplace,Kelmis-Süd é,0,2\n".encode(encoding)))
    pool = read_pool(write("id,place\n1,Kelmis-Süd é\n".encode(encoding)), quotas)
    assert pool.entries[0].features == {"place": "Kelmis-Süd é"}


@pytest.mark.parametrize("text", ["1000", "1 000", "1\u202f000", "1'000", "1000.0", "1000,00", "+1000"])
def test_numbers_as_people_type_them_are_read(write, text):
    assert read_quotas(write(f'feature,value,min,max\nsex,f,0,"{text}"\n')).rows[0].maximum == 1000


def test_columns_without_name_and_cells_at_the_end_do_not_count(write):
    assert read_quotas(write("feature,value,min,max,,\nsex,f,1,2,,\nsex,m,0,3,,\n")) == EXPECTED


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(BadInput, match=r"There is no file nowhere\.csv"):
        read_quotas(tmp_path / "nowhere.csv")


def test_extra_columns_are_kept(write):
    pool = read_pool(write("id;sex;street\n7;f;Am Bach 1\n"), QUOTAS)
    assert pool.entries[0].extra == {"id": "7", "street": "Am Bach 1"}


@pytest.mark.parametrize(
    ("header", "id_column", "ids"),
    [
        ("sex,note", None, ["0", "1"]),
        ("sex,nationbuilder_id", None, ["x", "y"]),
        ("sex,ID", None, ["x", "y"]),
        ("sex,code", "code", ["x", "y"]),
    ],
)
def test_ids_come_from_the_named_or_usual_column_or_else_from_the_row_number(write, header, id_column, ids):
    pool = read_pool(write(f"{header}\nf,x\nm,y\n"), QUOTAS, id_column)
    assert [entry.id for entry in pool] == ids


@pytest.mark.parametrize(
    ("content", "code", "row", "column"),
    [
        ("id,sex\nanna,f\nanna,m\n", "id_repeated", 3, "id"),
        ("id,sex\n,f\n", "id_blank", 2, "id"),
        ("id,sex\nanna,x\n", "value_unknown", 2, "sex"),
        ("id,sex\nanna,\n", "cell_blank", 2, "sex"),
        ("id,gender\nanna,f\n", "column_missing", 1, "sex"),
        ("id,sex\nanna,f,1\n", "row_length", 2, None),
    ],
)
def test_a_faulty_pool_names_row_and_column_but_no_content(write, content, code, row, column):
    with pytest.raises(BadInput) as caught:
        read_pool(write(content), QUOTAS)
    fault = caught.value
    assert (fault.code, fault.place.row, fault.place.column) == (code, row, column)
    assert "anna" not in str(fault)


def test_a_named_id_column_must_exist(write):
    with pytest.raises(BadInput) as caught:
        read_pool(write("id,sex\n1,f\n"), QUOTAS, "code")
    assert caught.value.code == "column_missing"


@pytest.mark.data
def test_the_peers_files_are_read_as_they_are():
    pool, quotas = pools.public_pool("fixture_150_22", "features.csv", "candidates.csv")
    assert (len(pool), len(quotas), list(quotas.features)) == (
        150,
        20,
        ["Gender", "age_bracket", "edu_level", "geo_bucket"],
    )
    assert pool.entries[0].id == "p0"
    toy = read_quotas(DATA / "example_small_20" / "categories.csv")
    assert [entry.id for entry in read_pool(DATA / "example_small_20" / "respondents.csv", toy)][:2] == [
        "0",
        "1",
    ]


def test_households_are_named_by_columns_whatever_their_capitals_and_blanks(write):
    content = "id,sex,street,zip\n1,f,Am  Bach 1,4700\n2,m,AM BACH 1,4700\n3,m,Am Bach 1,4701\n4,f,,\n"
    pool = read_pool(write(content), QUOTAS, household_columns=("street", "zip"))
    homes = [entry.household for entry in pool]
    assert homes[0] == homes[1] != homes[2]
    assert homes[3] is None


def test_one_home_in_two_spellings_is_one_household(write):
    content = (
        "id,sex,address,zip\n1,f,14 Mill St.,4700\n2,m,14 MILL STREET,B-4700\n3,m,14 Mill St. flat 2,4700\n"
        "4,f,Hauptstr. 5,4700\n5,f,Hauptstraße 5,4700\n6,f,Hauptstraße 5a,4700\n"
    )
    homes = [
        entry.household for entry in read_pool(write(content), QUOTAS, household_columns=("address", "zip"))
    ]
    assert homes[0] == homes[1]
    assert homes[3] == homes[4]
    assert len(set(homes)) == 4


def test_numbers_of_households_are_not_taken_for_addresses(write):
    content = "id,sex,household\n1,f,H1-2\n2,m,H12\n3,m,007\n4,f,7\n5,m,h1-2\n"
    homes = [
        entry.household for entry in read_pool(write(content), QUOTAS, household_columns=("household",))
    ]
    assert homes[0] == homes[4]
    assert len(set(homes)) == 4


def test_a_household_column_must_exist(write):
    with pytest.raises(BadInput) as caught:
        read_pool(write("id,sex\n1,f\n"), QUOTAS, household_columns=("street",))
    assert caught.value.code == "column_missing"
