"""Registers: invented ones are true to the published figures, read ones are checked, letters are drawn fairly."""

import csv
import datetime as dt
import hashlib
import hmac
from collections import Counter
from fractions import Fraction
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from isegoria import register
from isegoria.errors import BadInput, BadInputs
from isegoria.register.citizens import reaction
from isegoria.register.draw import key_of, proportional
from isegoria.register.reading import REQUIRED, Register, age_on, born_by
from isegoria.register.synth import AGE_BANDS, REFERENCE_DATE
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


def test_the_age_bands_have_their_shares_within_half_a_per_cent():
    ages = Counter(age_on(dt.date.fromisoformat(row["birth_date"]), REFERENCE_DATE) for row in whole())
    total = sum(share for _first, _last, share in AGE_BANDS)
    for first, last, share in AGE_BANDS:
        found = 100 * sum(ages[age] for age in range(first, last + 1)) / len(whole())
        assert found == pytest.approx(100 * share / total, abs=0.5)


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
    f"{HEADER}\n{GOOD.replace('Ann', ' Ann ')}\n",
])  # fmt: skip
def test_every_usual_way_of_saving_a_table_is_read(tmp_path, content):
    assert register.read is not None
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
        (f"{HEADER}\n{GOOD.replace(',F,', ',W,')}\n", "invalid_choice", 2, "sex"),
        (f"{HEADER}\n{GOOD.replace(',63023,', ',,')}\n", "cell_empty", 2, "municipality"),
        (f"{HEADER}\n{GOOD}\n".encode("latin-1"), "register_not_utf8", 2, None),
        (f"{HEADER}\n{GOOD}\n".encode("utf-16"), "register_not_utf8", 1, None),
        (f"{HEADER}\n{GOOD[:9]}\0{GOOD[9:]}\n", "register_nul", 2, None),
        (b"\x89PNG\r\n\x1a\n", "register_not_a_table", None, None),
        (b"PK\x03\x04rest", "register_not_a_table", None, None),
        (b"PAR1 but not really", "register_not_parquet", None, None),
    ],
)
def test_a_fault_is_named_with_its_row_and_column(tmp_path, content, code, row, column):
    with pytest.raises(BadInput) as caught:
        read(tmp_path, content)
    assert (caught.value.code, caught.value.place.row, caught.value.place.column) == (code, row, column)
    assert caught.value.way_out


def test_many_faults_are_counted_and_twenty_are_listed(tmp_path):
    rows = "\n".join(GOOD.replace("1,Ann", f"{number},Ann").replace("1961", "17") for number in range(50))
    with pytest.raises(BadInputs) as caught:
        read(tmp_path, f"{HEADER}\n{rows}\n")
    assert (caught.value.total, len(caught.value.faults)) == (50, 20)
    assert "30 more" in str(caught.value)


def test_an_error_names_no_person(tmp_path):
    with pytest.raises(BadInput) as caught:
        read(tmp_path, f"{HEADER}\n{GOOD.replace('1961-05-17', 'unknown')}\n")
    assert "Heck" not in str(caught.value)
    assert "unknown" not in str(caught.value)


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

    def key(row):
        message = len(label).to_bytes(8, "big") + label + row["id"].encode()
        return hmac.new(seed, message, hashlib.sha256).digest(), row["id"]

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
    assert drawn.strata[0].cut_off == key_of(seed, drawn.rows[-1]["id"])


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
