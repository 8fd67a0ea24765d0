"""DuckDB draws what plain Python draws; the other engines are asked the same in tests/scale."""

from __future__ import annotations

import hashlib

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.support.registers import DRAWS, ON, as_drawn, people, write_csv, write_parquet

from isegoria import register
from isegoria.errors import BadInput, Place
from isegoria.proof import pseudonym
from isegoria.register import at_scale
from isegoria.register.at_scale import Frame, Queries, draw_in_engine
from isegoria.register.engines import DuckDB
from isegoria.seeding import seed_from_text

SEED = seed_from_text("3-1-4-1-5")


def refused(code):
    return pytest.raises(BadInput, check=lambda error: error.code == code)


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    folder = tmp_path_factory.mktemp("registers")
    return write_csv(folder / "register.csv", people()), write_parquet(
        folder / "register.parquet", people()
    )


@pytest.mark.parametrize("kind", [0, 1])
@pytest.mark.parametrize("name", DRAWS)
def test_duckdb_draws_the_same_list_as_plain_python(files, name, kind):
    letters, options, frame = DRAWS[name]
    plain = register.draw_letters(people(), SEED, letters, on=ON, age_min=16, **options)
    with DuckDB(files[kind]) as engine:
        drawn = draw_in_engine(engine, SEED, letters, Frame(age_min=16, on=ON, **frame))
    assert as_drawn(drawn) == as_drawn(plain)
    assert len(drawn.rows) == sum(one.letters for one in drawn.strata) > 0


@settings(max_examples=15, deadline=None)
@given(
    seed=st.binary(min_size=32, max_size=32), letters=st.lists(st.integers(0, 60), min_size=1, max_size=3)
)
def test_duckdb_agrees_under_any_seed_and_any_waves(files, seed, letters):
    if not sum(letters):
        letters = [1]
    frame = Frame(age_min=16, on=ON, stratify_by="municipality_name")
    plain = register.draw_letters(
        people(), seed, letters, on=ON, age_min=16, stratify_by="municipality_name"
    )
    with DuckDB(files[1]) as engine:
        assert as_drawn(draw_in_engine(engine, seed, letters, frame)) == as_drawn(plain)


@settings(max_examples=10, deadline=None)
@given(seed=st.binary(min_size=32, max_size=32), letters=st.integers(1, 90), digits=st.integers(1, 3))
def test_a_walk_meets_the_same_persons_however_finely_they_are_counted(files, seed, letters, digits):
    plain = register.draw_letters(people(), seed, letters, on=ON, age_min=16, one_per_household=True)
    with DuckDB(files[1]) as engine, pytest.MonkeyPatch.context() as patch:
        patch.setattr(at_scale, "digits_for", lambda _sizes: digits)
        drawn = draw_in_engine(engine, seed, letters, Frame(age_min=16, on=ON, groups=("household",)))
    assert as_drawn(drawn) == as_drawn(plain)


def test_a_bound_that_is_too_low_is_raised(files, monkeypatch):
    bound, asked = at_scale._bound, []

    def too_low(count, size):
        asked.append(count)
        return bound(max(1, count // 40), 50 * size)

    monkeypatch.setattr(at_scale, "_bound", too_low)
    plain = register.draw_letters(people(), SEED, 50, on=ON, age_min=16)
    with DuckDB(files[1]) as engine:
        # Everybody is asked for before it gives up, so a bound far too low ends in an error and never in a wrong list.
        with refused("register_changed"):
            draw_in_engine(engine, SEED, 50, Frame(age_min=16, on=ON))
        monkeypatch.setattr(at_scale, "_bound", lambda count, size: bound(max(1, count - 60), size))
        asked.clear()
        assert as_drawn(draw_in_engine(engine, SEED, 50, Frame(age_min=16, on=ON))) == as_drawn(plain)


def test_only_the_named_values_can_be_drawn(files):
    frame = Frame(age_min=16, on=ON, only={"municipality_name": ["O'Eupen"]})
    with DuckDB(files[1]) as engine:
        drawn = draw_in_engine(engine, SEED, 5, frame)
        assert {row["municipality_name"] for row in drawn.rows} == {"O'Eupen"}
        assert drawn.eligible == Queries(engine, frame).sizes()["all"] < len(people())


def test_pseudonyms_that_stand_in_the_register_need_no_secret(tmp_path):
    secret = bytes(range(32))
    plain = register.draw_letters(people(), SEED, 30, on=ON, age_min=0, secret=secret)
    names = [[pseudonym(secret, row["id"])] for row in people().rows]
    with duckdb.connect() as made:
        made.execute("CREATE TABLE p AS SELECT unnest(?) AS pseudonym", [[name for (name,) in names]])
        made.execute(f"COPY p TO '{tmp_path / 'p.parquet'}' (FORMAT parquet)")
    with DuckDB(tmp_path / "p.parquet") as engine:
        drawn = draw_in_engine(engine, SEED, 30, Frame(number="pseudonym", names="pseudonym"))
    assert (drawn.names, drawn.strata, drawn.design) == (plain.names, plain.strata, plain.design)


# -- what is refused --------------------------------------------------------------------------------------


def table(folder, columns, rows):
    path = folder / "small.csv"
    path.write_text("\n".join([columns, *rows]) + "\n", encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("code", "rows", "frame"),
    [
        ("name_twice", ["1,a,h,s", "1,a,h,s", "2,a,h,s"], {}),
        ("cells_empty", ["1,a,h,s", ",a,h,s"], {}),
        ("cells_empty", ["1,a,h,s", "2,,h,s"], {"stratify_by": "place"}),
        ("cells_empty", ["1,a,,s", "2,a,h,s"], {"groups": ("home",)}),
        ("households_split", ["1,a,h,s", "2,b,h,s"], {"groups": ("home",), "stratify_by": "place"}),
        ("households_split", ["1,a,h,s", "2,a,h,t"], {"groups": ("street", "home")}),
        ("household_too_large", ["1,a,h,s", "2,a,h,s", "3,a,i,s"], {"groups": ("home",)}),
        ("column_missing", ["1,a,h,s"], {"stratify_by": "region"}),
        ("letters_over_eligible", ["1,a,h,s"], {}),
        ("letters_secret_wrong", ["1,a,h,s", "2,a,h,s"], {"secret": b"short"}),
    ],
)
def test_a_register_that_cannot_be_drawn_from_is_refused(tmp_path, code, rows, frame):
    with DuckDB(table(tmp_path, "id,place,home,street", rows)) as engine, refused(code) as caught:
        draw_in_engine(engine, SEED, 2, Frame(**frame))
    assert caught.value.problem
    assert caught.value.way_out


def test_a_number_drawn_twice_is_found_without_the_check(tmp_path):
    with DuckDB(table(tmp_path, "id", ["1", "2", "2", "3"])) as engine, refused("name_twice"):
        draw_in_engine(engine, SEED, 4, Frame(), check=False)


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (None, "file_missing"),
        (b"", "file_empty"),
        (b"PAR1 and no more", "register_not_parquet"),
        (b'id,a\n1,"x\n', "register_not_csv"),
        (b"id,a\n1,x\n2\n", "register_not_csv"),
        (b"id,a\n1,x\n2,y,z\n", "register_not_csv"),
        (b"id,a,id\n1,x,2\n", "column_twice"),
        (b"id,a\n1,=cmd|x!A0\n", "cell_formula"),
        (b"id,a\n1,x\0\n", "file_nul"),
    ],
)
def test_a_file_that_is_none_is_refused(tmp_path, content, code):
    path = tmp_path / "register.csv"
    if content is not None:
        path.write_bytes(content)
    with refused(code):
        DuckDB(path)


def test_the_place_of_a_formula_is_named_also_in_a_large_file(tmp_path):
    path = tmp_path / "register.csv"
    plain = "".join(f"{number},x,y\n" for number in range(20_000))
    path.write_text(f"id,a,b\n{plain}20000,x,=cmd|x!A0\n20001,=1+1,y\n", "utf-8")
    with refused("cell_formula") as found:
        DuckDB(path)
    assert found.value.place == Place("register.csv", row=20_002, column="b")


def test_names_of_columns_and_values_cannot_end_a_query(tmp_path):
    column = 'place"; DROP TABLE register; --'
    path = table(tmp_path, 'id,"' + column.replace('"', '""') + '"', ["1,it's", "2,it's", "3,other"])
    with DuckDB(path) as engine:
        drawn = draw_in_engine(engine, SEED, {"it's": 1, "other": 0}, Frame(stratify_by=column))
        assert [row[column] for row in drawn.rows] == ["it's"]


@pytest.mark.parametrize(
    ("encoding", "start", "delimiter"),
    [
        ("utf-8-sig", "", ";"),
        ("cp1252", "", ";"),
        ("utf-16", "", "\t"),
        ("utf-8", "sep=;\n", ";"),
        ("utf-8", "", ","),
    ],
)
def test_the_files_of_offices_are_read_as_plain_python_reads_them(tmp_path, encoding, start, delimiter):
    lines = [
        "id,place",
        " É1 ,Bu\u0308tgenbach",
        "É2,\u00a0Bütgenbach ",
        "",
        "É3,'x'",
        '="007",+32 87 55',
        '"4, or ""5""",x'.replace(", or", " or"),
    ]
    if encoding == "cp1252":
        lines[1] = lines[1].replace("u\u0308", "ü")
    text = start + "\n".join(lines).replace(",", delimiter) + "\n"
    (tmp_path / "r.csv").write_text(text, encoding=encoding)
    with DuckDB(tmp_path / "r.csv") as engine:
        drawn = draw_in_engine(engine, SEED, 5, Frame())
        assert engine.sha256 == hashlib.sha256((tmp_path / "r.csv").read_bytes()).hexdigest()
    cells = sorted((row["id"], row["place"]) for row in drawn.rows)
    assert cells == [
        ("007", "+32 87 55"),
        ('4 or "5"', "x"),
        ("É1", "Bütgenbach"),
        ("É2", "Bütgenbach"),
        ("É3", "'x'"),
    ]


def test_everybody_who_can_be_drawn_is_told_one_by_one(files):
    with DuckDB(files[1]) as engine:
        assert len(engine) == 600
        found = list(Queries(engine, Frame(age_min=16, on=ON, stratify_by="municipality_name")).everybody())
    assert sorted(found) == sorted(
        (row["municipality_name"], row["id"]) for row in people().eligible(age_min=16, on=ON)
    )
