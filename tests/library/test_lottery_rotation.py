"""Rotation: the whole body meets its quotas whoever is drawn, today and at the rotations ahead."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from itertools import combinations

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from isegoria.errors import BadInput, Infeasible
from isegoria.lottery import Lottery, Term, report, rotation, solve
from isegoria.lottery.body import body_of
from isegoria.lottery.look_ahead import Ahead, Step
from isegoria.lottery.seats import residual_quotas, vacancy
from isegoria.pool import Entry, Pool, Quota, Quotas
from isegoria.seeding import Stream, seed_from_text
from isegoria.solvers.brute import meets
from isegoria.testing import small_pool


def small_rotation(people, size, values, seed, slack):
    """Return a body of which every member of a panel leaves at rotation 1, 2 or 3, and a pool of the others and more."""
    instance = small_pool(people, size, values, seed=seed, slack=slack)
    random = Stream(seed_from_text(seed), "terms")
    everybody = list(instance.pool)
    panel = next(
        chosen
        for chosen in combinations(everybody, size)
        if meets([one.features for one in chosen], instance.quotas)
    )
    terms = [Term(one, 1 + random.below(3)) for one in panel]
    left = [one for one in everybody if one not in panel]
    return Pool(tuple(left)), instance.quotas, size, terms


rotations = st.builds(
    small_rotation,
    people=st.integers(9, 12),
    size=st.integers(3, 5),
    values=st.lists(st.integers(2, 3), min_size=1, max_size=3),
    seed=st.integers(0, 10**6).map(str),
    slack=st.integers(0, 2).map(lambda slack: min(slack, 1)),
)
TIGHTENED = (
    small_rotation(9, 3, [3, 3, 2], "83216", 1),
    small_rotation(12, 5, [2, 3, 2], "236924", 1),
    small_rotation(11, 5, [2, 3, 3], "524380", 1),
)
"""Random bodies in which the draw of today would make a later rotation impossible."""


def staying(terms, when):
    return [one.member for one in terms if one.leaves > when]


def future(people, quotas, size, terms, entrants, when):
    """Return whether the rotations from `when` on can be filled, by trying everybody: the slow, obvious twin."""
    if when not in {one.leaves for one in terms}:
        return when > 3 or future(people, quotas, size, terms, entrants, when + 1)
    stay = [*staying(terms, when), *entrants]
    return any(
        meets([one.features for one in (*stay, *drawn)], quotas)
        and future(
            [one for one in people if one not in drawn], quotas, size, terms, [*entrants, *drawn], when + 1
        )
        for drawn in combinations(people, size - len(stay))
    )


def panels_today(pool, quotas, size, terms):
    stay = staying(terms, 1)
    return [
        drawn
        for drawn in combinations(pool, size - len(stay))
        if meets([one.features for one in (*stay, *drawn)], quotas)
    ]


def has_future(drawn, pool, quotas, size, terms):
    rest = [one for one in pool if one not in drawn]
    return future(rest, quotas, size, terms, list(drawn), 2)


def bodies(found: Lottery, stay):
    """Yield the features of the whole body with each composition, and the people who stand for those drawn."""
    by_type = [list(kind.ids) for kind in found.types]
    for one in found.compositions:
        drawn = [name for names, count in zip(by_type, one.counts, strict=True) for name in names[:count]]
        yield [entry.features for entry in stay], drawn


@given(rotations)
@settings(max_examples=80, deadline=None)
@example(TIGHTENED[0])
@example(TIGHTENED[1])
@example(TIGHTENED[2])
def test_whoever_is_drawn_the_body_is_whole_today_and_can_be_at_the_rotations_ahead(case):
    pool, quotas, size, terms = case
    people = {one.id: one for one in pool}
    if size == len(staying(terms, 1)):
        return
    today = panels_today(pool, quotas, size, terms)
    good = [one for one in today if has_future(one, pool, quotas, size, terms)]
    try:
        found = rotation(pool, quotas, size, terms, 1)
    except Infeasible as error:
        if error.code == "rotation_ahead_unsafe":
            # no quotas per value keep all of the good ones and none of the others
            assert 0 < len(good) < len(today)
        elif error.code == "rotation_ahead_infeasible":
            assert not good
            assert today
        else:
            assert not today
        return
    except BadInput:  # the sums of the residual quotas alone leave no room
        assert not today
        return
    stay = staying(terms, 1)
    for features, drawn in bodies(found.lottery, stay):
        assert meets([*features, *(people[name].features for name in drawn)], quotas)
        assert has_future([people[name] for name in drawn], pool, quotas, size, terms)
    assert found.lottery.verify().gap < 1e-9
    if len(good) == len(today):
        assert found.tightened == ()
        without = rotation(pool, quotas, size, terms, 1, horizon=0)
        assert found.lottery.chances() == without.lottery.chances()
    assert Lottery.from_document(found.lottery.to_document()) == found.lottery


@given(rotations)
@settings(max_examples=40, deadline=None)
@example(TIGHTENED[0])
@example(TIGHTENED[1])
def test_the_first_tightening_excludes_nobody_who_could_be_drawn_with_a_future(case):
    pool, quotas, size, terms = case
    stay = staying(terms, 1)
    good = [
        one for one in panels_today(pool, quotas, size, terms) if has_future(one, pool, quotas, size, terms)
    ]
    if not good or len(stay) == size:
        return
    vacant = vacancy(pool, quotas, size, stay)
    steps = [
        Step(str(when), body_of(quotas, size, staying(terms, when)))
        for when in (2, 3)
        if when in {one.leaves for one in terms}
    ]
    needed = Ahead(vacant.pool, vacant.quotas, vacant.size, vacant.body, steps).necessary()
    for change in needed.values():
        for drawn in good:
            count = sum(change.after.counts(one.features) for one in drawn)
            assert change.after.minimum <= count <= change.after.maximum


@given(st.integers(0, 10**6).map(str))
@settings(max_examples=10, deadline=None)
def test_with_nobody_sitting_a_rotation_is_the_ordinary_lottery(seed):
    instance = small_pool(10, 4, [2, 3], seed=seed, slack=1)
    found = rotation(instance.pool, instance.quotas, instance.size, [], 1)
    assert found.lottery == solve(instance.pool, instance.quotas, instance.size)
    assert (found.leaving, found.ahead, found.tightened) == ((), (), ())


@given(rotations, st.randoms(use_true_random=False))
@settings(max_examples=15, deadline=None)
def test_neither_the_order_of_rows_nor_names_matter(case, shuffle):
    pool, quotas, size, terms = case

    def chances(pool, quotas, terms, name=str):
        try:
            found = rotation(pool, quotas, size, terms, 1)
        except (BadInput, Infeasible) as error:
            return error.code, {}
        return found.tightened, {name(one): chance for one, chance in found.lottery.chances().items()}

    people, rows, seats = list(pool), list(quotas), list(terms)
    for one in (people, rows, seats):
        shuffle.shuffle(one)
    first, expected = chances(pool, quotas, terms, lambda one: f"x{one}")
    second, found = chances(Pool(tuple(people)), Quotas(tuple(rows)), seats, lambda one: f"x{one}")
    assert found == expected
    assert first == second or sorted(map(str, first)) == sorted(map(str, second))
    renamed = [replace(one, id=f"x{one.id}") for one in pool]
    again = [replace(one, member=replace(one.member, id=f"x{one.member.id}")) for one in terms]
    assert chances(Pool(tuple(renamed)), quotas, again)[1] == expected


@pytest.mark.parametrize("case", TIGHTENED)
def test_what_would_make_a_later_rotation_impossible_is_told_as_a_tighter_quota(case):
    pool, quotas, size, terms = case
    today = panels_today(pool, quotas, size, terms)
    assert not all(has_future(one, pool, quotas, size, terms) for one in today)
    found = rotation(pool, quotas, size, terms, 1)
    assert found.tightened
    for change in found.tightened:
        assert change.before in residual_quotas(quotas, [one.features for one in staying(terms, 1)]).rows
        assert change.after in found.lottery.quotas.rows
        assert change.after.minimum >= change.before.minimum
        assert change.after.maximum <= change.before.maximum


# -- the memoryless draw runs into a wall ------------------------------------------------------------------
def kind(sex, age, count, tag):
    return [Entry(f"{tag}-{sex}-{age}-{n}", {"sex": sex, "age": age}) for n in range(count)]


BODY = Quotas(
    (
        Quota("sex", "f", 2, 4),
        Quota("sex", "m", 0, 2),
        Quota("age", "young", 2, 4),
        Quota("age", "old", 0, 2),
    )
)
SEATED = [
    Term(kind("m", "old", 1, "leaver")[0], 1),
    Term(kind("f", "young", 1, "next")[0], 2),
    Term(kind("f", "old", 1, "later")[0], 3),
    Term(kind("m", "young", 1, "later")[0], 3),
]
BODY_OF_ALL = Quotas(tuple(Quota(row.feature, row.value, 0, 4) for row in BODY))
APPLICANTS = Pool((*kind("f", "old", 4, "p"), *kind("m", "young", 4, "p"), *kind("m", "old", 4, "p")))


def test_the_memoryless_draw_runs_into_a_rotation_that_cannot_be_filled_and_the_look_ahead_does_not():
    memoryless = rotation(APPLICANTS, BODY, 4, SEATED, 1, horizon=0)
    people = {one.id: one for one in APPLICANTS}
    dead_ends = [
        drawn
        for _, drawn in bodies(memoryless.lottery, staying(SEATED, 1))
        if not future(
            [one for one in APPLICANTS if one.id not in drawn],
            BODY, 4, [one for one in SEATED if one.leaves < 3 or one.leaves == 3], [people[one] for one in drawn], 2,
        )
    ]  # fmt: skip
    assert dead_ends  # an old man: nobody in the pool is both a woman and young when the young woman leaves
    found = rotation(APPLICANTS, BODY, 4, SEATED, 1, horizon=1)
    assert found.ahead == ("2",)
    assert found.leaving == ("leaver-m-old-0",)
    [change] = found.tightened
    assert change.when == "2"
    assert str(change) in {
        "sex f: minimum 1 instead of 0, because 1 of them leave until 2",
        "age young: minimum 1 instead of 0, because 1 of them leave until 2",
        "sex m: maximum 0 instead of 1, because of those who leave until 2",
        "age old: maximum 0 instead of 1, because of those who leave until 2",
    }
    for _, drawn in bodies(found.lottery, staying(SEATED, 1)):
        assert all(people[one].features != {"sex": "m", "age": "old"} for one in drawn)
    document = found.lottery.to_document()["body"]
    assert document["ahead"][0]["rotation"] == "2"
    assert document["ahead"][0]["leaving"] == change.leaving


def test_a_rotation_ahead_that_nobody_can_fill_is_named_with_the_value_that_is_short():
    pool = Pool((*kind("m", "old", 3, "p"), *kind("m", "young", 3, "p")))
    with pytest.raises(Infeasible) as caught:
        rotation(pool, BODY, 4, SEATED, 1)
    assert caught.value.code == "rotation_ahead_infeasible"
    assert caught.value.parameters["when"] == "2"
    assert caught.value.parameters["fewer"] == 0
    assert "sex f needs 2, at most 1 can be reached" in caught.value.parameters["detail"]
    nearer = rotation(pool, BODY, 4, SEATED, 1, as_far_as_possible=True)
    assert nearer.ahead == ()
    assert nearer.lottery == rotation(pool, BODY, 4, SEATED, 1, horizon=0).lottery


def test_members_who_leave_and_people_who_have_to_wait_are_not_drawn():
    leaver = SEATED[0].member
    pool = Pool((*APPLICANTS, leaver))
    found = rotation(pool, BODY, 4, SEATED, 1, gone={"p-f-old-0"})
    assert {leaver.id, "p-f-old-0"}.isdisjoint(found.lottery.chances())
    assert "p-f-old-1" in found.lottery.chances()


def test_days_and_numbers_of_rotations_are_both_times_and_never_mixed():
    days = {1: dt.date(2027, 3, 1), 2: dt.date(2027, 9, 1), 3: dt.date(2028, 3, 1)}
    dated = [replace(one, leaves=days[one.leaves]) for one in SEATED]
    by_day = rotation(APPLICANTS, BODY, 4, dated, days[1])
    by_number = rotation(APPLICANTS, BODY, 4, SEATED, 1)
    assert by_day.ahead == ("2027-09-01", "2028-03-01")[: len(by_day.ahead)]
    assert by_day.lottery.chances() == by_number.lottery.chances()
    with pytest.raises(BadInput) as caught:
        rotation(APPLICANTS, BODY, 4, SEATED, days[1])
    assert caught.value.code == "rotation_times_mixed"
    with pytest.raises(BadInput) as caught:
        rotation(APPLICANTS, BODY, 4, SEATED, 1, entrants_leave=1)
    assert caught.value.code == "entrants_leave_too_early"
    with pytest.raises(BadInput) as caught:
        rotation(APPLICANTS, BODY, 4, SEATED, 1, horizon=13)
    assert caught.value.code == "horizon_out_of_range"


def test_entrants_who_leave_within_the_horizon_are_replaced_too():
    members = [Term(one) for one in (*kind("f", "old", 1, "s"), *kind("m", "young", 1, "s"))]
    pool = Pool((*kind("f", "young", 2, "p"), *kind("f", "old", 1, "p")))
    wide = Quotas((Quota("sex", "f", 0, 4), Quota("sex", "m", 0, 4), Quota("age", "young", 3, 4), Quota("age", "old", 0, 4)))  # fmt: skip
    # both young women are needed today; when they leave at 2, nobody young is left
    assert rotation(pool, wide, 4, members, 1).lottery.size == 2
    with pytest.raises(Infeasible) as caught:
        rotation(pool, wide, 4, members, 1, entrants_leave=2)
    assert caught.value.code == "rotation_ahead_infeasible"
    assert caught.value.parameters["when"] == "2"


def test_the_residual_quotas_of_the_record_and_of_the_body_agree():
    found = rotation(APPLICANTS, BODY, 4, SEATED, 1, horizon=0)
    assert found.lottery.quotas == residual_quotas(BODY, [one.features for one in staying(SEATED, 1)])


def test_the_page_about_a_lottery_tells_the_whole_body_its_excess_and_what_was_tightened():
    page = report(rotation(APPLICANTS, BODY, 4, SEATED, 1, horizon=1).lottery)
    assert "3 of 4 seats are taken already" in page
    assert "the seats that fall vacant until 2" in page
    full = Quotas((Quota("sex", "f", 1, 1), *BODY.rows[1:]))
    crowded = report(rotation(APPLICANTS, full, 4, SEATED, 1, horizon=0, accept_excess=True).lottery)
    assert "2 sit already, more than the maximum of 1" in crowded
    assert "seats are taken already" not in report(solve(APPLICANTS, BODY_OF_ALL, 4))
