"""Who can be drawn: each rule leaves out exactly whom it names, and the report adds up."""

import datetime as dt
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from isegoria import register
from isegoria.cli.main import app
from isegoria.errors import BadInput, BadInputs
from isegoria.proof.letters import pseudonym
from isegoria.register.eligibility import (
    ExclusionList,
    Rules,
    Sieve,
    eligible_of,
    exclusions_of,
    read_exclusions,
)
from isegoria.register.reading import REQUIRED, Register, age_on
from isegoria.register.scanning import Run

ON = dt.date(2027, 3, 1)
KEY = bytes(range(32))
BORN = st.dates(dt.date(1925, 1, 1), dt.date(2026, 12, 31))


def person(number, born=dt.date(1961, 5, 17), municipality="63023"):
    return dict.fromkeys(REQUIRED, "x") | {
        "id": f"P{number}", "birth_date": born.isoformat() if born else "", "municipality": municipality
    }  # fmt: skip


def of(*rows):
    return Register(tuple(rows), REQUIRED, "0" * 64)


def listed(name, numbers, until=None):
    return ExclusionList(name, {pseudonym(KEY, f"P{number}"): until for number in numbers})


def run(*arguments):
    return CliRunner().invoke(app, ["register", *map(str, arguments)])


@settings(deadline=None)
@given(
    st.lists(BORN, max_size=30),
    st.integers(0, 100),
    st.integers(0, 40) | st.none(),
    st.dates(dt.date(2024, 1, 1), dt.date(2032, 12, 31)),
)
def test_ages_are_completed_years_on_the_day(days, age_min, width, on):
    age_max = None if width is None else age_min + width
    found, report = eligible_of(
        of(*(person(place, day) for place, day in enumerate(days))), Rules(on, age_min, age_max)
    )
    wanted = [
        f"P{place}"
        for place, day in enumerate(days)
        if age_min <= max(0, age_on(day, on)) and (age_max is None or age_on(day, on) <= age_max)
    ]
    assert [row["id"] for row in found.rows] == wanted
    assert report.eligible == len(wanted)


@pytest.mark.parametrize(
    ("born", "on", "eligible"),
    [
        (dt.date(2011, 3, 1), ON, True),
        (dt.date(2011, 3, 2), ON, False),
        (dt.date(2012, 2, 29), dt.date(2028, 2, 28), False),
        (dt.date(2012, 2, 29), dt.date(2028, 2, 29), True),
        (dt.date(2008, 2, 29), dt.date(2024, 2, 29), True),
        (dt.date(2012, 2, 29), dt.date(2030, 2, 28), True),
    ],
)
def test_sixteen_means_sixteen_on_leap_days_too(born, on, eligible):
    found, _report = eligible_of(of(person(1, born)), Rules(on, 16))
    assert bool(found.rows) == eligible


def test_who_is_born_on_a_leap_day_completes_the_year_on_the_first_of_march():
    born = dt.date(2012, 2, 29)
    assert not eligible_of(of(person(1, born)), Rules(dt.date(2030, 2, 28), 18))[0].rows
    assert eligible_of(of(person(1, born)), Rules(dt.date(2030, 3, 1), 18))[0].rows


def test_without_an_age_nobody_needs_a_birth_date():
    found, _report = eligible_of(of(person(1, None)), Rules(ON, 0))
    assert len(found.rows) == 1
    assert not eligible_of(of(person(1, None)), Rules(ON, 16))[0].rows


@settings(deadline=None)
@given(
    st.lists(st.tuples(BORN, st.sampled_from(["63023", "63067", "44021"])), max_size=25),
    st.sets(st.integers(0, 30)),
    st.sets(st.integers(0, 30)),
    st.integers(1, 4),
)
def test_the_report_adds_up_and_agrees_with_a_plain_count(people, mandates, former, size):
    rows = [person(place, born, town) for place, (born, town) in enumerate(people)]
    lists = (listed("mandates", mandates), listed("former", former, dt.date(2027, 3, 2)))
    rules = Rules(ON, 16, 80, {"municipality": frozenset({"63023", "63067"})}, lists, KEY)
    sieve = Sieve(rules)
    kept = []
    for first in range(0, len(rows), size):
        part = rows[first : first + size]
        columns = {name: [row[name] for row in part] for name in REQUIRED}
        kept += sieve.run(Run(range(first, first + len(part)), columns)).columns["id"]
    report = sieve.report()
    assert sum(one.excluded for one in report.rules) + report.eligible == report.rows == len(rows)

    def fails_of(place, row):
        age = age_on(dt.date.fromisoformat(row["birth_date"]), ON)
        return [age < 16, age > 80, row["municipality"] == "44021", place in mandates, place in former]

    failed = [fails_of(place, row) for place, row in enumerate(rows)]
    assert kept == [row["id"] for row, fails in zip(rows, failed, strict=True) if not any(fails)]
    assert report.eligible == len(kept)
    counts = {(one.rule, one.detail): (one.failed, one.excluded) for one in report.rules}
    keys = [
        ("age_min", "16"),
        ("age_max", "80"),
        ("residence", "municipality"),
        ("on_list", "mandates"),
        ("cooling_off", "former"),
    ]
    for place, key in enumerate(keys):
        assert counts.get(key, (0, 0)) == (
            sum(fails[place] for fails in failed),
            sum(fails[place] and not any(fails[:place]) for fails in failed),
        )
    there = set(range(len(rows)))
    assert report.unmatched == {"mandates": len(mandates - there), "former": len(former - there)}


def test_former_members_wait_until_their_day_and_not_a_day_longer():
    for day, eligible in (
        (ON + dt.timedelta(days=1), False),
        (ON, True),
        (ON - dt.timedelta(days=1), True),
    ):
        rules = Rules(ON, 0, lists=(listed("former", [1], day),), secret=KEY)
        assert bool(eligible_of(of(person(1)), rules)[0].rows) == eligible


def test_a_list_made_with_another_key_matches_nobody_and_this_is_seen():
    found, report = eligible_of(
        of(person(1)), Rules(ON, 0, lists=(listed("former", [1]),), secret=bytes(32))
    )
    assert (len(found.rows), report.unmatched) == (1, {"former": 1})


def test_a_list_names_nobody_and_its_order_tells_nothing():
    ids = [f"P{number}" for number in range(50)]
    rows = exclusions_of(ids, KEY)
    assert rows == exclusions_of(ids[::-1], KEY) == sorted(rows)
    assert not any(identifier in name for identifier in ids for name, _day in rows)
    assert {name for name, _day in exclusions_of(ids, bytes(32))}.isdisjoint(name for name, _day in rows)


@pytest.mark.parametrize(
    ("rules", "code"),
    [
        (Rules(ON, lists=(listed("a", [1]),)), "exclusion_without_key"),
        (Rules(ON, lists=(listed("a", [1]), listed("a", [2])), secret=KEY), "exclusion_twice"),
        (Rules(ON, lists=(listed("a", [1]),), secret=b"short"), "letters_secret_wrong"),
        (Rules(ON, -1), "eligibility_age_wrong"),
        (Rules(ON, 16, 15), "eligibility_age_wrong"),
    ],
)
def test_rules_that_cannot_be_are_refused(rules, code):
    with pytest.raises(BadInput) as caught:
        Sieve(rules)
    assert caught.value.code == code


def test_a_rule_about_a_column_that_is_not_there_is_refused():
    with pytest.raises(BadInput, match="ward") as caught:
        eligible_of(of(person(1)), Rules(ON, within={"ward": frozenset({"1"})}))
    assert caught.value.code == "column_missing"


def test_a_list_with_faults_is_refused_whole(tmp_path):
    name = pseudonym(KEY, "P1")
    path = tmp_path / "former.csv"
    path.write_text(f"pseudonym,until\n{name},2029-01-01\nJan Peeters,\n{name},soon\n", "utf-8")
    with pytest.raises(BadInputs) as caught:
        read_exclusions(path)
    assert [(fault.code, fault.place.row) for fault in caught.value.faults] == [
        ("pseudonym_wrong", 3),
        ("date_wrong", 4),
    ]
    assert "Peeters" not in str(caught.value)
    path.write_text("id\nP1\n", "utf-8")
    with pytest.raises(BadInput, match="pseudonym"):
        read_exclusions(path)


def test_who_stands_twice_on_a_list_waits_for_the_later_day(tmp_path):
    one, two = pseudonym(KEY, "P1"), pseudonym(KEY, "P2")
    path = tmp_path / "former.csv"
    path.write_text(
        f"pseudonym,until\n{one},2029-01-01\n{one},2028-01-01\n{two},2029-01-01\n{two.upper()},\n", "utf-8"
    )
    found = read_exclusions(path)
    assert found.until == {one: dt.date(2029, 1, 1), two: None}
    assert found.name == "former"


def test_the_commands_go_together(tmp_path):
    rows = register.synthesize("a", 400)
    register.write(rows, tmp_path / "r.csv")
    assert run("key", "--out", tmp_path / "key.txt").exit_code == 0
    assert (tmp_path / "key.txt").stat().st_mode & 0o777 == 0o600
    assert run("key", "--out", tmp_path / "key.txt").exit_code == 2
    (tmp_path / "members.csv").write_text(f"id\n{rows[0]['id']}\n{rows[1]['id']}\nNOBODY\n", "utf-8")
    made = run(
        "pseudonyms",
        tmp_path / "members.csv",
        "--key",
        tmp_path / "key.txt",
        "--until",
        "2029-01-01",
        "--out",
        tmp_path / "former.csv",
    )
    assert made.exit_code == 0
    assert rows[0]["id"] not in (tmp_path / "former.csv").read_text("utf-8")
    common = (
        "eligible",
        tmp_path / "r.csv",
        "--on",
        "2027-01-01",
        "--exclude",
        tmp_path / "former.csv",
        "--key",
        tmp_path / "key.txt",
    )
    told = run(*common, "--age-min", 0)
    assert told.stdout.splitlines() == [
        "398 of 400 can be drawn",
        "  2 waiting, on the list former",
        "look at former: 1 of its 3 entries are nobody in this register",
    ]
    done = run(*common, "--within", "municipality=63023,63067", "--out", tmp_path / "e.csv", "--json")
    document = json.loads(done.stdout)
    left = register.read(tmp_path / "e.csv")
    assert (document["eligible"], document["eligible_sha256"]) == (len(left), left.sha256)
    assert {row["municipality"] for row in left.rows} == {"63023", "63067"}
    assert document["lists"][0]["sha256"] == register.read_exclusions(tmp_path / "former.csv").sha256
    assert run(*common[:-2]).exit_code == 2
    assert (
        run("eligible", tmp_path / "r.csv", "--on", "2027-01-01", "--within", "municipality").exit_code == 2
    )
    (tmp_path / "key.txt").write_text("no key", "utf-8")
    assert run(*common).exit_code == 2
