"""Seats that are taken or reserved: whoever is drawn, the whole body meets its quotas."""

from __future__ import annotations

import csv
import json
from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from isegoria.cli.lottery import app
from isegoria.errors import BadInput, Infeasible
from isegoria.lottery import Lottery, check, replacement, solve, solve_vacant, vacancy
from isegoria.pool import (
    Entry,
    Intersection,
    Pool,
    Quota,
    Quotas,
    ReservedSeats,
    floor_ceiling_quotas,
    intersect,
    intersect_with,
    reserve,
)
from isegoria.solvers.brute import every_panel, leximin_chances, meets
from isegoria.testing import realistic_pool, small_pool, with_households

run = CliRunner().invoke
SEX = Quotas((Quota("sex", "f", 1, 2), Quota("sex", "m", 1, 3)))

small_instances = st.builds(
    small_pool,
    people=st.integers(6, 12),
    size=st.integers(3, 6),
    values=st.lists(st.integers(1, 3), min_size=1, max_size=4),
    seed=st.integers(0, 10**6).map(str),
    slack=st.integers(0, 1),
)


def some_of_a_panel(instance, sitting):
    """Return `sitting` members of a panel of the pool, so that the rest can be drawn."""
    panels = every_panel(instance.pool, instance.quotas, instance.size)
    return [instance.pool.entries[index] for index in panels[len(panels) // 2][:sitting]]


@given(small_instances, st.integers(1, 2))
@settings(max_examples=40, deadline=None)
def test_the_whole_body_meets_its_quotas_whoever_is_drawn_and_the_chances_are_those_of_listing_every_body(
    instance, sitting
):
    members = some_of_a_panel(instance, sitting)
    found = solve_vacant(vacancy(instance.pool, instance.quotas, instance.size, members))
    for one in found.compositions:
        drawn = [kind.features for kind, count in zip(found.types, one.counts, strict=True)
                 for _ in range(count)]  # fmt: skip
        whole = [*drawn, *(each.features for each in members)]
        assert len(whole) == instance.size
        assert meets(whole, instance.quotas)
    left = [one for one in instance.pool if one.id not in {each.id for each in members}]
    bodies = [
        chosen
        for chosen in combinations(range(len(left)), instance.size - sitting)
        if meets([*(left[i].features for i in chosen), *(one.features for one in members)], instance.quotas)
    ]
    expected = leximin_chances(bodies, len(left))
    chances = found.chances()
    assert np.abs(expected - [float(chances[one.id]) for one in left]).max() < 1e-6
    assert found.verify().gap < 1e-9


@given(small_instances)
@settings(max_examples=10, deadline=None)
def test_with_nobody_sitting_it_is_the_ordinary_lottery(instance):
    assert solve_vacant(vacancy(instance.pool, instance.quotas, instance.size, ())) == solve(
        instance.pool, instance.quotas, instance.size
    )


@given(small_instances, st.randoms(use_true_random=False))
@settings(max_examples=15, deadline=None)
def test_neither_the_order_of_rows_nor_names_matter(instance, shuffle):
    members = some_of_a_panel(instance, 1)
    people, rows = list(instance.pool), list(instance.quotas)
    shuffle.shuffle(people)
    shuffle.shuffle(rows)
    first = solve_vacant(vacancy(instance.pool, instance.quotas, instance.size, members))
    second = solve_vacant(vacancy(Pool(tuple(people)), Quotas(tuple(rows)), instance.size, members))
    assert first.chances() == second.chances()
    renamed = {one.id: f"x{one.id}" for one in instance.pool}
    third = solve_vacant(
        vacancy(
            Pool(tuple(replace(one, id=renamed[one.id]) for one in people)),
            instance.quotas,
            instance.size,
            [replace(one, id=renamed[one.id]) for one in members],
        )
    )
    assert {renamed[name]: chance for name, chance in first.chances().items()} == third.chances()


def people(**numbers):
    return [Entry(f"{sex}{n}", {"sex": sex}) for sex, count in numbers.items() for n in range(count)]


def test_more_who_sit_than_a_maximum_allows_are_refused_and_only_an_explicit_word_accepts_them():
    pool = Pool(tuple(people(f=3, m=3)))
    sitting = people(f=3)
    with pytest.raises(BadInput) as caught:
        vacancy(pool, SEX, 4, sitting)
    assert caught.value.code == "sitting_over_maximum"
    assert caught.value.parameters == {"feature": "sex", "value": "f", "sitting": 3, "maximum": 2}
    with pytest.raises(BadInput) as caught:
        replacement(pool, SEX, 4, ["f0", "f1", "f2", "m0"], ["m0"])
    assert caught.value.code == "sitting_over_maximum"
    found = solve_vacant(vacancy(pool, SEX, 4, sitting, accept_excess=True))
    assert [str(one) for one in found.body.excess] == ["sex f: 3 sit already, the maximum is 2"]
    assert {one for one, chance in found.chances().items() if chance} == {"m0", "m1", "m2"}
    assert replacement(pool, SEX, 4, ["f0", "f1", "f2", "m0"], ["m0"], accept_excess=True).body.excess


@pytest.mark.parametrize(
    ("sitting", "size", "code"),
    [
        ([Entry("x", {"sex": "other"})], 4, "sitting_without_value"),
        ([Entry("x", {})], 4, "sitting_without_value"),
        (people(f=1) * 2, 4, "sitting_repeated"),
        (people(f=1, m=2), 2, "sitting_over_size"),
        (people(f=1, m=1), 2, "nothing_vacant"),
        ([], 0, "size_not_positive"),
    ],
)
def test_members_who_cannot_sit_are_refused(sitting, size, code):
    with pytest.raises(BadInput) as caught:
        vacancy(Pool(tuple(people(f=3, m=3))), SEX, size, sitting)
    assert caught.value.code == code


def test_nobody_of_the_household_of_a_member_is_drawn_also_where_only_one_of_two_lists_knows_it():
    pool = Pool(tuple(replace(one, household=one.id[1]) for one in people(f=3, m=3)))
    for member in (Entry("f0", {"sex": "f"}), Entry("guest", {"sex": "f"}, {}, "0")):
        found = solve_vacant(vacancy(pool, SEX, 3, [member]))
        assert "m0" not in found.chances()
        assert "m1" in found.chances()


def test_a_document_tells_the_whole_body_and_one_that_tells_it_wrongly_is_refused():
    found = solve_vacant(vacancy(Pool(tuple(people(f=3, m=3))), SEX, 4, people(f=1)))
    document = found.to_document()
    assert document["body"] == {
        "size": 4,
        "quotas": SEX.to_document(),
        "sitting": [{"features": {"sex": "f"}, "ids": ["f0"]}],
    }
    assert Lottery.from_document(json.loads(json.dumps(document))) == found
    for change in (
        lambda body: body["sitting"][0]["ids"].append("f9"),
        lambda body: (
            body["sitting"][0].update(features={"sex": "m"}, ids=["q1"])
            or body["quotas"][1].update(maximum=1)
        ),
        lambda body: body.update(size=5),
        lambda body: body["sitting"][0].update(ids=["f1"]),
        lambda body: body.pop("quotas"),
    ):
        wrong = json.loads(json.dumps(document))
        change(wrong["body"])
        with pytest.raises(BadInput) as caught:
            Lottery.from_document(wrong)
        assert caught.value.code == "lottery_document"


def test_a_reserved_seat_is_a_minimum_that_no_relaxation_gives_up():
    rows = reserve(SEX, [ReservedSeats("language", "de", 1), ReservedSeats("sex", "f", 2)], 4)
    assert [(q.feature, q.value, q.minimum, q.maximum, q.min_flex) for q in rows] == [
        ("sex", "f", 2, 2, 2),
        ("sex", "m", 1, 3, None),
        ("language", "de", 1, 4, 1),
        ("language", "all others", 0, 4, None),
    ]
    pool = Pool(
        tuple(replace(one, features={**one.features, "language": "all others"}) for one in people(f=3, m=3))
    )
    found = check(pool, rows, 4)
    assert not found.feasible
    assert found.smallest is None  # nobody speaks German, and the seat is not given up
    assert "language de needs 1, the pool has 0" in found.conflict_in_words


@pytest.mark.parametrize(
    ("reserved", "code"),
    [
        ([ReservedSeats("sex", "f", 3)], "reserved_over_maximum"),
        ([ReservedSeats("language", "de", 5)], "reserved_over_size"),
        ([ReservedSeats("language", "de", 1)] * 2, "reserved_repeated"),
    ],
)
def test_reserved_seats_that_contradict_the_quotas_are_refused(reserved, code):
    with pytest.raises(BadInput) as caught:
        reserve(SEX, reserved, 4)
    assert caught.value.code == code


def test_a_member_who_sits_can_hold_the_reserved_seat():
    rows = reserve(SEX, [ReservedSeats("language", "de", 1)], 3)
    pool = Pool(
        tuple(replace(one, features={**one.features, "language": "all others"}) for one in people(f=3, m=3))
    )
    with pytest.raises(Infeasible):
        solve_vacant(vacancy(pool, rows, 3, ()))
    member = Entry("x", {"sex": "f", "language": "de"})
    assert solve_vacant(vacancy(pool, rows, 3, [member])).size == 2


# -- mixed bodies ------------------------------------------------------------------------------------------
CITIZENS = {
    "sex": {"f": 0.51, "m": 0.49},
    "language": {"fr": 0.8, "nl": 0.2},
    "age": {"young": 0.4, "old": 0.6},
}
EVERYBODY = "parliament"


def committee(citizens: int) -> tuple[Pool, Quotas]:
    """Return people who wish to sit beside 15 members of parliament, and the quotas of the citizens' seats alone."""
    drawn = realistic_pool(160, citizens, {"sex": 2, "language": 2, "age": 2}, seed="committee").pool
    names = {feature: list(values) for feature, values in CITIZENS.items()}
    entries = tuple(
        Entry(
            one.id,
            {"chamber": "citizens"}
            | {feature: values[int(one.features[feature][-1]) % 2] for feature, values in names.items()},
        )
        for one in drawn
    )
    return Pool(entries), floor_ceiling_quotas(CITIZENS, citizens)


def nominated() -> list[Entry]:
    """Return 15 members of parliament, nearly all men: quotas of the citizens do not make up for that."""
    return [
        Entry(f"mp{n:02d}", {"chamber": EVERYBODY, "sex": "f" if n < 2 else "m", "language": "fr" if n % 3 else "nl", "age": "old"})
        for n in range(15)
    ]  # fmt: skip


def test_a_deliberative_committee_of_15_nominated_and_45_drawn_meets_the_quotas_of_its_citizens():
    pool, of_citizens = committee(45)
    wide = Quotas(
        (
            Quota("chamber", EVERYBODY, 15, 15),
            Quota("chamber", "citizens", 45, 45),
            *(Quota(q.feature, q.value, 0, 60) for q in of_citizens),
        )
    )
    cells = [
        Intersection((("chamber", "citizens"), (q.feature, q.value)), q.minimum, q.maximum)
        for q in of_citizens
    ]
    wider, quotas, sitting = intersect_with(pool, wide, cells, 60, nominated())
    found = solve_vacant(vacancy(wider, quotas, 60, sitting))
    assert (found.size, found.body.size, found.body.staying) == (45, 60, 15)
    for one in found.compositions:
        drawn = [kind.features for kind, count in zip(found.types, one.counts, strict=True)
                 for _ in range(count)]  # fmt: skip
        assert meets(drawn, of_citizens)
    assert found.verify().gap < 1e-9


def test_a_committee_whose_members_of_parliament_are_drawn_too_takes_both_from_one_pool():
    pool, of_citizens = committee(45)
    deputies = [
        Entry(f"mp{n:02d}", {"chamber": EVERYBODY, "sex": "fm"[n % 2], "language": ("fr", "nl")[n % 4 == 0], "age": "old"})
        for n in range(40)
    ]  # fmt: skip
    wide = Quotas(
        (
            Quota("chamber", EVERYBODY, 15, 15),
            Quota("chamber", "citizens", 45, 45),
            *(Quota(q.feature, q.value, 0, 60) for q in of_citizens),
        )
    )
    cells = [
        *(Intersection((("chamber", "citizens"), (q.feature, q.value)), q.minimum, q.maximum) for q in of_citizens),
        Intersection((("chamber", EVERYBODY), ("language", "nl")), 4, 5),
    ]  # fmt: skip
    found = solve(*intersect(Pool((*pool, *deputies)), wide, cells, 60), 60)
    for one in found.compositions:
        drawn = [kind.features for kind, count in zip(found.types, one.counts, strict=True)
                 for _ in range(count)]  # fmt: skip
        ours = [each for each in drawn if each["chamber"] == "citizens"]
        assert (len(ours), len(drawn)) == (45, 60)
        assert meets(ours, of_citizens)
        assert 4 <= sum(each["language"] == "nl" for each in drawn if each["chamber"] == EVERYBODY) <= 5


# -- the command -------------------------------------------------------------------------------------------
def write(path, header, rows):
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([header, *rows])
    return str(path)


@pytest.fixture
def files(tmp_path):
    instance = with_households(realistic_pool(60, 10, {"age": 4, "sex": 2}, seed="files"), 0.3)
    names = list(instance.quotas.features)
    pool = write(
        tmp_path / "pool.csv",
        ["id", *names, "tongue", "home"],
        [
            [one.id, *(one.features[name] for name in names), "de" if number % 9 == 0 else f"t{number % 3}", one.household or ""]
            for number, one in enumerate(instance.pool)
        ],
    )  # fmt: skip
    quotas = write(
        tmp_path / "quotas.csv",
        ["feature", "value", "min", "max"],
        [[q.feature, q.value, q.minimum, q.maximum] for q in instance.quotas],
    )
    return pool, quotas, tmp_path, instance


def test_seats_that_are_taken_and_seats_that_are_reserved_go_together(files):
    pool, quotas, folder, instance = files
    names = list(instance.quotas.features)
    solved = run(
        app, ["solve", pool, quotas, "--size", "10", "--household", "home", "--out", str(folder / "a")]
    )
    assert solved.exit_code == 0, solved.output
    run(app, ["draw", str(folder / "a"), "--seed", "1"])
    with (folder / "a" / "panel.csv").open(encoding="utf-8") as file:
        panel = list(csv.DictReader(file))
    taken = write(
        folder / "taken.csv",
        ["id", *names, "tongue"],
        [[one["id"], *(one[name] for name in names), "t1"] for one in panel[:4]],
    )
    kept = write(folder / "kept.csv", ["feature", "value", "seats"], [["tongue", "de", 2]])
    arguments = [pool, quotas, "--size", "10", "--household", "home", "--seats", taken, "--seats", kept]
    checked = run(app, ["check", *arguments, "--json"])
    assert checked.exit_code == 0, checked.output
    result = run(app, ["solve", *arguments, "--out", str(folder / "b"), "--json"])
    assert result.exit_code == 0, result.output
    summary = json.loads(result.stdout)
    assert (summary["k"], summary["body"], summary["sitting"], summary["excess"]) == (6, 10, 4, [])
    found = Lottery.from_document(json.loads((folder / "b" / "lottery.json").read_text(encoding="utf-8")))
    german = [n for n, kind in enumerate(found.types) if kind.features["tongue"] == "de"]
    assert all(sum(one.counts[n] for n in german) >= 2 for one in found.compositions)
    homes = {one.id: one.household for one in instance.pool}
    staying = {homes[one["id"]] for one in panel[:4]} - {None}
    assert staying.isdisjoint(homes[one] for one in found.chances())


@pytest.mark.parametrize(
    ("header", "rows", "place", "code"),
    [
        (["id", "age", "sex"], [["x", "v1", "unheard"]], "row 2, column sex", "value"),
        (["id", "age", "sex"], [["x", "", "v1"]], "row 2, column age", "empty"),
        (["name", "age", "sex"], [["x", "v1", "v1"]], "seats.csv", "who the members are"),
        (["feature", "value", "seats"], [["sex", "v1", "all"]], "row 2, column seats", "whole number"),
        (["feature", "value", "seats"], [["sex", "v1", "10"]], "row 2, column seats", "the maximum is"),
        (["feature", "value", "seats"], [["sex", "", "1"]], "row 2, column value", "empty"),
        (["feature", "value", "seats"], [["nothing", "x", "1"]], "column nothing", "column"),
    ],
)
def test_a_fault_in_a_file_of_seats_is_told_with_its_place(files, header, rows, place, code):
    pool, quotas, folder, _ = files
    seats = write(folder / "seats.csv", header, rows)
    result = run(app, ["solve", pool, quotas, "--size", "10", "--seats", seats, "--out", str(folder / "x")])
    assert result.exit_code == 2, result.output
    assert place in result.stderr, result.stderr
    assert code in result.stderr, result.stderr
    assert not (folder / "x").exists()


def test_the_command_refuses_an_excess_and_reports_an_accepted_one(tmp_path):
    pool = write(
        tmp_path / "pool.csv", ["id", "sex"], [[one.id, one.features["sex"]] for one in people(f=6, m=6)]
    )
    quotas = write(
        tmp_path / "quotas.csv",
        ["feature", "value", "min", "max"],
        [["sex", "f", 1, 2], ["sex", "m", 1, 3]],
    )
    taken = write(tmp_path / "taken.csv", ["id", "sex"], [[f"f{n}", "f"] for n in range(3)])
    arguments = [pool, quotas, "--size", "5", "--seats", taken]
    refused = run(app, ["check", *arguments])
    assert refused.exit_code == 2
    assert "3 members with sex: f sit already; the body may have at most 2" in refused.stderr
    out = tmp_path / "out"
    accepted = run(app, ["solve", *arguments, "--accept-excess", "--out", str(out), "--json"])
    assert accepted.exit_code == 0, accepted.output
    assert json.loads(accepted.stdout)["excess"] == ["sex f: 3 sit already, the maximum is 2"]
    found = Lottery.from_document(json.loads((out / "lottery.json").read_text(encoding="utf-8")))
    assert {one for one, chance in found.chances().items() if chance} == {f"m{n}" for n in range(6)}
