"""Registers: invented ones are true to the published figures, read ones are checked, letters are drawn fairly."""

import csv
import datetime as dt
import hashlib
import tempfile
from collections import Counter
from fractions import Fraction
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from isegoria import register
from isegoria.errors import BadInput, BadInputs
from isegoria.proof.letters import letter_key, proportional
from isegoria.register.citizens import reaction
from isegoria.register.reading import REQUIRED, Register, age_on, born_by
from isegoria.register.synth import ORIGINS, REFERENCE_DATE
from isegoria.seeding import seed_from_text

ON = dt.date(2026, 1, 1)
SEED = seed_from_text("3-1-4-1-5")


@cache
def whole():
    return register.synthesize()


def make(count=40, household=2, places=("63023", "63067")):
    rows = tuple(
        dict.fromkeys(REQUIRED, "x")
        | {
            "id": f"P{number:03d}",
            "sex": "FM"[number % 2],
            "birth_date": f"{1950 + number % 40}-05-17",
            "household": f"H{number // household}",
            "municipality": places[number % len(places)],
        }
        for number in range(count)
    )
    return Register(rows, REQUIRED, "0" * 64)


# -- the invented register -------------------------------------------------------------------------------


def test_the_register_has_the_published_number_of_women_and_men_in_every_municipality():
    found = Counter((row["municipality"], row["sex"]) for row in whole())
    for place in register.MUNICIPALITIES:
        assert (found[place.code, "F"], found[place.code, "M"]) == (place.women, place.men)
    assert len(whole()) == 79_479


def shares(values):
    counted = Counter(values)
    return {value: 100 * count / counted.total() for value, count in counted.items()}


@cache
def ages():
    return [age_on(dt.date.fromisoformat(row["birth_date"]), REFERENCE_DATE) for row in whole()]


@pytest.mark.parametrize(
    ("first", "last", "published"),
    [(0, 17, 19.8), (18, 64, 59.6), (65, 120, 20.6)],  # province of Liège, 1 January 2026
)
def test_the_ages_are_those_published_for_the_province_within_half_a_per_cent(first, last, published):
    found = 100 * sum(first <= age <= last for age in ages()) / len(ages())
    assert found == pytest.approx(published, abs=0.5)


@pytest.mark.parametrize(
    ("first", "last", "published"),
    [(16, 24, 12.5), (25, 34, 15.5), (35, 44, 15.8), (45, 54, 15.5), (55, 64, 16.1), (65, 74, 12.8), (75, 120, 11.8)],
)  # fmt: skip
def test_the_ten_year_bands_from_sixteen_are_those_of_belgium_within_half_a_per_cent(
    first, last, published
):
    drawable = [age for age in ages() if age >= 16]
    assert 100 * sum(first <= age <= last for age in drawable) / len(drawable) == pytest.approx(
        published, abs=0.5
    )


def test_languages_and_nationalities_have_their_shares_within_half_a_per_cent():
    for column, index in (("nationality", 0), ("language", 1)):
        wanted = Counter()
        for origin in ORIGINS:
            wanted[origin[index]] += origin[2]
        found = shares(row[column] for row in whole())
        assert found == pytest.approx(dict(wanted), abs=0.5)


def test_old_women_outnumber_old_men():
    old = [row["sex"] for row, age in zip(whole(), ages(), strict=True) if age >= 75]
    assert 0.52 < old.count("F") / len(old) < 0.65


def test_a_household_has_one_address_and_its_children_a_parents_name():
    homes = {}
    for row, age in zip(whole(), ages(), strict=True):
        homes.setdefault(row["household"], []).append((row, age))
    for people in homes.values():
        assert len({(row["street"], row["house_number"], row["municipality"]) for row, _age in people}) == 1
        grown_up = {row["family_name"] for row, age in people if age >= 18}
        assert not grown_up or all(row["family_name"] in grown_up for row, age in people if age < 18)
    sizes = Counter(len(people) for people in homes.values())
    assert 2.0 < len(whole()) / len(homes) < 2.5
    assert 0.25 < sizes[1] / len(homes) < 0.4


@settings(max_examples=10, deadline=None)
@given(st.integers(90, 700))
def test_a_register_of_another_size_has_exactly_that_size(size):
    assert len(register.synthesize("a", size)) == size


def test_children_live_with_somebody_old_enough_to_be_their_parent():
    homes = {}
    for row in whole():
        homes.setdefault(row["household"], []).append(
            age_on(dt.date.fromisoformat(row["birth_date"]), REFERENCE_DATE)
        )
    with_children = [ages for ages in homes.values() if min(ages) < 16]
    cared_for = [ages for ages in with_children if max(ages) - min(ages) >= 16]
    assert len(cared_for) >= 0.99 * len(with_children)


def test_the_same_seed_gives_the_same_register_and_another_seed_another_one():
    assert register.synthesize("a", 500) == register.synthesize("a", 500)
    assert register.synthesize("a", 500) != register.synthesize("b", 500)


def test_no_id_looks_like_a_national_number():
    assert all(not row["id"].isdigit() and row["id"].startswith("OB") for row in whole())


@pytest.mark.parametrize("suffix", [".csv", ".parquet"])
def test_what_is_written_is_read_back(tmp_path, suffix):
    rows = register.synthesize("a", 400)
    register.write(rows, tmp_path / f"r{suffix}")
    assert list(register.read(tmp_path / f"r{suffix}").rows) == rows


@pytest.mark.parametrize("name", ["r.xlsx", "r"])
def test_a_register_is_written_in_no_other_format(tmp_path, name):
    with pytest.raises(BadInput) as caught:
        register.write(register.synthesize("a", 90), tmp_path / name)
    assert caught.value.code == "register_format_unknown"
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("suffix", [".csv", ".parquet"])
def test_a_register_that_cannot_be_written_leaves_nothing_behind(tmp_path, suffix):
    (tmp_path / "file").write_text("in the way")
    (tmp_path / f"folder{suffix}").mkdir()
    for path in (tmp_path / "file" / f"r{suffix}", tmp_path / f"folder{suffix}"):
        with pytest.raises(BadInput) as caught:
            register.write(register.synthesize("a", 90), path)
        assert caught.value.code == "cannot_write"
    assert sorted(each.name for each in tmp_path.iterdir()) == ["file", f"folder{suffix}"]


def test_the_invented_residents_answer_about_as_those_of_ostbelgien_did():
    answers = [
        reaction("s", row["id"], age).answer
        for row, age in zip(whole()[:20_000], ages(), strict=False)
        if age >= 16
    ]
    # 16,500 answers, rate 0.115: one standard deviation is 0.0025
    assert answers.count("yes") / len(answers) == pytest.approx(0.115, abs=0.0125)


def test_the_older_and_better_educated_say_yes_more_often():
    people = [reaction("s", str(number), 30 + number % 50) for number in range(20_000)]
    rate = {
        level: sum(each.answer == "yes" for each in people if each.education == level)
        / sum(each.education == level for each in people)
        for level in ("low", "medium", "high")
    }
    assert rate["low"] < rate["medium"] < rate["high"]
    assert sum(each.answer == "yes" for each in people) / len(people) == pytest.approx(0.115, abs=0.015)


# -- reading ------------------------------------------------------------------------------------------------

HEADER = ",".join(REQUIRED)
GOOD = "1,Ann,Heck,F,1961-05-17,de,Neustraße,1,4700,63023,Eupen,H1"


def read(tmp_path, content):
    path = tmp_path / "register.csv"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return register.read(path)


@pytest.mark.parametrize("content", [
    f"{HEADER}\n{GOOD}\n",
    f"\ufeff{HEADER}\r\n{GOOD}\r\n\r\n",
    f"{HEADER}\n{GOOD}\n".replace(",", ";"),
    f"{HEADER}\n{GOOD}\n".replace(",", "\t"),
    f"{HEADER}\n{GOOD}\n".replace(",", "|"),
    f"{HEADER}\n{GOOD.replace('Ann', ' Ann ')}\n",
])  # fmt: skip
def test_every_usual_way_of_saving_a_table_is_read(tmp_path, content):
    (row,) = read(tmp_path, content).rows
    assert (row["given_name"], row["street"], row["municipality"]) == ("Ann", "Neustraße", "63023")


def test_extra_columns_are_kept_and_the_hash_is_that_of_the_file(tmp_path):
    content = f"{HEADER},ward\n{GOOD},north\n"
    found = read(tmp_path, content)
    assert found.rows[0]["ward"] == "north"
    assert found.sha256 == hashlib.sha256(content.encode()).hexdigest()


@pytest.mark.parametrize(
    ("content", "code", "row", "column"),
    [
        ("", "file_empty", None, None),
        (f"{HEADER}\n", "file_empty", None, None),
        (f"{HEADER.replace('birth_date', 'born')}\n{GOOD}\n", "column_missing", 1, None),
        (f"{HEADER},sex\n{GOOD},F\n", "column_twice", 1, None),
        (f"{HEADER}\n{GOOD}\n{GOOD},more\n", "row_fields", 3, None),
        (f"{HEADER}\n{GOOD}\n{GOOD}\n", "id_twice", 3, "id"),
        (f"{HEADER}\n{GOOD.replace('1961-05-17', '17.05.1961')}\n", "birth_date_wrong", 2, "birth_date"),
        (f"{HEADER}\n{GOOD.replace('1961', '1789')}\n", "birth_date_wrong", 2, "birth_date"),
        (f"{HEADER}\n{GOOD.replace('1961-05-17', '1980-02-31')}\n", "birth_date_wrong", 2, "birth_date"),
        (f"{HEADER}\n{GOOD.replace(',F,', ',W,')}\n", "value_not_listed", 2, "sex"),
        (f"{HEADER}\n{GOOD.replace('1961-05-17', '19610517')}\n", "birth_date_wrong", 2, "birth_date"),
        (f"{HEADER}\n{GOOD.replace('1961-05-17', '1961-W20-3')}\n", "birth_date_wrong", 2, "birth_date"),
        (f"{HEADER}\n{GOOD.replace('1961-05-17', '2961-05-17')}\n", "birth_date_wrong", 2, "birth_date"),
        (f"{HEADER}\n{GOOD.replace(',63023,', ',,')}\n", "cell_empty", 2, "municipality"),
        (f"{HEADER}\n{GOOD[:9]}\0{GOOD[9:]}\n", "file_nul", 2, None),
        (b"\x89PNG\r\n\x1a\n", "file_not_a_table", None, None),
        (b"PK\x03\x04rest", "workbook_wrong", None, None),
        (b"PAR1 but not really", "register_not_parquet", None, None),
    ],
)
def test_a_fault_is_named_with_its_row_and_column(tmp_path, content, code, row, column):
    with pytest.raises(BadInput) as caught:
        read(tmp_path, content)
    assert (caught.value.code, caught.value.place.row, caught.value.place.column) == (code, row, column)
    assert caught.value.way_out


def test_only_the_values_of_a_list_may_stand_in_its_column(tmp_path):
    (tmp_path / "r.csv").write_text(
        f"{HEADER}\n{GOOD}\n{GOOD.replace('1,Ann', '2,Ann').replace(',de,', ',it,')}\n"
    )
    listed = {"language": ("de", "fr"), "municipality": ("63023",)}
    with pytest.raises(BadInput) as caught:
        register.read(tmp_path / "r.csv", allowed=listed)
    assert (caught.value.code, str(caught.value.place)) == (
        "value_not_listed",
        "r.csv, row 3, column language",
    )
    assert len(register.read(tmp_path / "r.csv", allowed={"language": ("de", "it")})) == 2
    with pytest.raises(BadInput, match="ward"):
        register.read(tmp_path / "r.csv", allowed={"ward": ("north",)})


def test_a_folder_is_not_a_register(tmp_path):
    with pytest.raises(BadInput) as caught:
        register.read(tmp_path)
    assert caught.value.code == "file_unreadable"


@given(damage=st.integers(200, 5_000))
@settings(max_examples=15, deadline=None)
def test_a_damaged_parquet_file_is_refused_or_read_whole(damage):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "r.parquet"
        rows = register.synthesize("a", 90)
        register.write(rows, path)
        data = path.read_bytes()
        at = damage % (len(data) - 100)
        path.write_bytes(data[:at] + b"\x55" * 100 + data[at + 100 :])
        try:
            told = len(register.read(path))
        except BadInput as error:
            told = str(error)
        assert told == len(rows) or folder not in str(told)


def test_many_faults_are_counted_and_twenty_are_listed(tmp_path):
    rows = "\n".join(GOOD.replace("1,Ann", f"{number},Ann").replace("1961", "17") for number in range(50))
    with pytest.raises(BadInputs) as caught:
        read(tmp_path, f"{HEADER}\n{rows}\n")
    assert (caught.value.total, len(caught.value.faults)) == (50, 20)
    assert "30 more" in str(caught.value)


def test_an_error_names_no_person(tmp_path):
    for shifted in (GOOD.replace("1961-05-17", "Hecker"), GOOD.replace(",F,", ",Heck,")):
        with pytest.raises(BadInput) as caught:
            read(tmp_path, f"{HEADER}\n{shifted}\n")
        assert "Heck" not in str(caught.value)


@given(
    st.dates(dt.date(1900, 3, 1), dt.date(2026, 1, 1)),
    st.dates(dt.date(2026, 1, 1), dt.date(2040, 1, 1)),
    st.integers(1, 100),
)
def test_eligibility_by_date_is_eligibility_by_age(born, on, age):
    assert (born.isoformat() <= born_by(on, age)) == (age_on(born, on) >= age)


# -- the draw ---------------------------------------------------------------------------------------------


def twin(rows, seed, count):
    """The draw in ten lines of standard Python, as a stranger would redo it."""
    label = b"letters"
    prefix = hashlib.sha256(seed + len(label).to_bytes(8, "big") + label).hexdigest()[:32]

    def key(row):
        return hashlib.sha256((prefix + row["id"]).encode()).hexdigest()

    return [row["id"] for row in sorted(rows, key=key)[:count]]


@given(
    seed=st.binary(min_size=32, max_size=32),
    count=st.integers(1, 40),
    order=st.randoms(use_true_random=False),
)
def test_the_draw_agrees_with_its_twin_whatever_the_order_of_the_rows(seed, count, order):
    found = make()
    shuffled = list(found.rows)
    order.shuffle(shuffled)
    drawn = register.draw_letters(
        Register(tuple(shuffled), found.columns, ""), seed, count, on=ON, age_min=16
    )
    assert [row["id"] for row in drawn.rows] == twin(found.rows, seed, count)
    chosen = {row["id"] for row in drawn.rows}
    (cut_off,) = drawn.strata[0].cut_offs
    assert all((letter_key(seed, row["id"]) < cut_off) == (row["id"] in chosen) for row in found.rows)
    assert cut_off not in {letter_key(seed, row["id"]) for row in found.rows}, (
        "the record gives no key away"
    )


@given(seed=st.binary(min_size=32, max_size=32), count=st.integers(1, 13))
def test_one_per_household_is_one_per_household(seed, count):
    drawn = register.draw_letters(make(household=3), seed, count, on=ON, age_min=16, one_per_household=True)
    homes = [row["household"] for row in drawn.rows]
    assert len(homes) == len(set(homes)) == count


@pytest.mark.parametrize("one_per_household", [False, True])
def test_everybody_has_the_chance_that_the_record_states(one_per_household):
    people = Register(
        tuple(dict(row, household="alone" if row["id"] == "P000" else row["household"]) for row in make(20, 4).rows),
        REQUIRED, "",
    )  # fmt: skip
    times, hits = 4_000, Counter()
    for number in range(times):
        seed = seed_from_text(str(number))
        drawn = register.draw_letters(
            people, seed, 5, on=ON, age_min=16, one_per_household=one_per_household
        )
        hits.update(row["id"] for row in drawn.rows)
        assert drawn.strata[0].chance == Fraction(5, 20)
    # 20 people, chance 1/4: one standard deviation is 0.0068; five of them, so a fair draw fails in 1 of 80,000 runs
    assert all(abs(hits[row["id"]] / times - 0.25) < 0.0343 for row in people.rows)


def test_letters_are_shared_out_over_strata_in_proportion():
    drawn = register.draw_letters(
        make(40, places=("a", "a", "b", "c")), SEED, 10, on=ON, age_min=16, stratify_by="municipality"
    )
    assert {stratum.name: stratum.letters for stratum in drawn.strata} == {"a": 5, "b": 3, "c": 2}


@given(st.dictionaries(st.text("abc", min_size=1), st.integers(1, 500), min_size=1), st.data())
def test_no_stratum_is_more_than_one_letter_from_its_exact_share(sizes, data):
    count = data.draw(st.integers(0, sum(sizes.values())))
    letters = proportional(sizes, count)
    assert sum(letters.values()) == count
    for name, size in sizes.items():
        assert abs(Fraction(count * size, sum(sizes.values())) - letters[name]) < 1
        assert letters[name] <= size


@pytest.mark.parametrize("count", [0, -1, 41])
def test_more_letters_than_people_are_refused(count):
    with pytest.raises(BadInput, match="letters"):
        register.draw_letters(make(), SEED, count, on=ON, age_min=16)


def test_a_household_that_would_get_two_letters_is_refused():
    with pytest.raises(BadInput, match="household"):
        register.draw_letters(make(20, 10), SEED, 5, on=ON, age_min=16, one_per_household=True)


def test_letters_by_household_within_strata_keep_one_per_household():
    people = make(60, 3, places=("a",) * 30 + ("b",) * 30)
    drawn = register.draw_letters(
        people, SEED, 12, on=ON, age_min=16, stratify_by="municipality", one_per_household=True
    )
    homes = [row["household"] for row in drawn.rows]
    assert len(set(homes)) == len(homes) == 12
    assert [stratum.chance for stratum in drawn.strata] == [Fraction(1, 5)] * 2


def test_strata_that_split_households_are_refused_with_one_letter_a_household():
    with pytest.raises(BadInput) as caught:
        register.draw_letters(make(), SEED, 5, on=ON, age_min=16, stratify_by="sex", one_per_household=True)
    assert caught.value.code == "households_split"
    assert register.draw_letters(make(), SEED, 5, on=ON, age_min=16, stratify_by="sex").rows


def test_who_turns_sixteen_on_the_day_can_be_drawn():
    young = Register((dict(make(1).rows[0], birth_date="2010-01-01"),), REQUIRED, "")
    assert young.eligible(age_min=16, on=ON)
    assert not young.eligible(age_min=16, on=ON - dt.timedelta(days=1))


@settings(max_examples=50)
@given(
    st.lists(
        st.tuples(st.fractions(Fraction(1, 50), 1), st.integers(0, 30), st.fractions(Fraction(1, 100), 1)),
        min_size=1, max_size=6,
    ),
    st.integers(1, 10),
)  # fmt: skip
def test_the_letters_planned_are_enough_and_one_less_is_not(figures, factor):
    targets = [register.Target(str(index), *each) for index, each in enumerate(figures)]
    needed = register.letters_needed(targets, Fraction(factor))

    def enough(letters):
        return all(
            letters * target.share * target.reply_rate >= factor * target.seats for target in targets
        )

    assert enough(needed.letters)
    assert needed.letters == 0 or not enough(needed.letters - 1)


def test_csv_readers_agree_on_what_was_written(tmp_path):
    rows = register.synthesize("a", 200)
    register.write(rows, tmp_path / "r.csv")
    with (tmp_path / "r.csv").open(newline="", encoding="utf-8") as file:
        assert list(csv.DictReader(file)) == rows
