"""Twenty years of a body of 12 of whom four leave every half year: quotas, waiting times, shares over time, replay."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import pytest

from isegoria.lottery import Term, check, draw, relaxed, rotation, solve, temporal_quotas
from isegoria.lottery.seats import vacancy
from isegoria.pool import Entry, Pool, Quota, Quotas
from isegoria.seeding import Stream, seed_from_text
from isegoria.solvers.brute import meets

ROTATIONS, SIZE, LEAVING, WAIT = 40, 12, 4, 4
SHARES = {"age": {"young": 0.23, "middle": 0.33, "old": 0.41, "oldest": 0.03}}
BODY = Quotas(
    (Quota("sex", "f", 5, 7), Quota("sex", "m", 5, 7), Quota("age", "young", 2, 5), Quota("age", "middle", 3, 6), Quota("age", "old", 3, 6))
)  # fmt: skip


def town(people: int, ages: dict[str, float]) -> list[Entry]:
    """Return people who are willing at any time; women and the old are keener."""
    random = Stream(seed_from_text("town"), "people")
    kinds = [age for age, share in ages.items() for _ in range(max(1, round(100 * share)))]
    return [
        Entry(f"p{n:03d}", {"sex": "f" if random.below(100) < 58 else "m", "age": kinds[random.below(len(kinds))]})
        for n in range(people)
    ]  # fmt: skip


@dataclass(frozen=True)
class Seat:
    person: str
    first: int
    last: int


def lived(ahead: int) -> tuple[list[Seat], dict[str, Entry]]:
    """Return who sat from which rotation to which; rotation 0 is the founding."""
    people = {one.id: one for one in town(70, {"young": 0.25, "middle": 0.35, "old": 0.4})}
    everybody = Pool(tuple(people.values()))
    founding = draw(solve(everybody, BODY, SIZE), "founding").members
    seats = [Seat(one, 0, place % 3) for place, one in enumerate(founding)]
    for now in range(1, ROTATIONS + 1):
        terms = [Term(people[one.person], one.last + 1) for one in seats if one.last + 1 >= now]
        waiting = {one.person for one in seats if now - WAIT <= one.last + 1 <= now}
        found = rotation(
            everybody, BODY, SIZE, terms, now, horizon=ahead, entrants_leave=now + 3, gone=waiting
        )
        assert len(found.leaving) == LEAVING
        drawn = draw(found.lottery, f"rotation {now}").members
        seats += [Seat(one, now, now + 2) for one in drawn]
    return seats, people


def roster(seats: list[Seat], when: int) -> list[str]:
    return sorted(one.person for one in seats if one.first <= when <= one.last)


@pytest.fixture(scope="module")
def twenty_years():
    return lived(1)


def test_the_whole_body_meets_its_quotas_after_each_of_forty_rotations(twenty_years):
    seats, people = twenty_years
    for when in range(ROTATIONS + 1):
        members = roster(seats, when)
        assert len(members) == len(set(members)) == SIZE
        assert meets([people[one].features for one in members], BODY)


def test_nobody_returns_within_the_waiting_time(twenty_years):
    by_person: dict[str, list[Seat]] = {}
    for one in twenty_years[0]:
        by_person.setdefault(one.person, []).append(one)
    returned = [own for own in by_person.values() if len(own) > 1]
    assert returned  # with 70 people somebody does, later
    for own in returned:
        for before, after in pairwise(own):
            assert after.first > before.last + 1 + WAIT


def test_the_same_seeds_give_the_same_roster_at_any_date(twenty_years):
    again, _ = lived(1)
    assert [roster(again, when) for when in range(ROTATIONS + 1)] == [
        roster(twenty_years[0], when) for when in range(ROTATIONS + 1)
    ]


# -- shares over time --------------------------------------------------------------------------------------
def drift(*, remembering: bool) -> float:
    """Return by how many seats the draws so far missed a value's share at most, over forty draws of eight."""
    people = {one.id: one for one in town(400, SHARES["age"])}
    everybody = Pool(tuple(Entry(one.id, {"age": one.features["age"]}) for one in people.values()))
    drawn: list[str] = []
    worst = 0.0
    for number in range(1, ROTATIONS + 1):
        so_far = [{"age": people[one].features["age"]} for one in drawn]
        quotas = temporal_quotas(SHARES, so_far if remembering else [], 8)
        left = vacancy(everybody, quotas, 8, [], gone=set(drawn)).pool
        drawn += draw(solve(left, possible(left, quotas), 8), f"draw {number}").members
        for value, share in SHARES["age"].items():
            had = sum(people[one].features["age"] == value for one in drawn)
            worst = max(worst, abs(had - share * len(drawn)))
    return worst


def possible(pool: Pool, quotas: Quotas) -> Quotas:
    """Return the quotas, or the smallest change of them that can be met."""
    found = check(pool, quotas, 8)
    return quotas if found.feasible else relaxed(quotas, found.smallest or ())


def test_draws_that_remember_follow_the_population_and_draws_that_do_not_drift_away():
    assert drift(remembering=True) < 1
    assert drift(remembering=False) > 3


def test_several_features_over_time_stay_within_a_seat_for_each_feature():
    people = {one.id: one for one in town(400, SHARES["age"])}
    shares = {"sex": {"f": 0.51, "m": 0.49}, **SHARES}
    drawn: list[str] = []
    for number in range(1, 16):
        quotas = temporal_quotas(shares, [people[one].features for one in drawn], 8)
        left = vacancy(Pool(tuple(people.values())), quotas, 8, [], gone=set(drawn)).pool
        drawn += draw(solve(left, possible(left, quotas), 8), f"draw {number}").members
        for feature, values in shares.items():
            for value, share in values.items():
                had = sum(people[one].features[feature] == value for one in drawn)
                assert abs(had - share * len(drawn)) <= len(shares)
