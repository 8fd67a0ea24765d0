from __future__ import annotations

import hashlib
import hmac
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from isegoria.errors import BadInput
from isegoria.proof import draw, next_alternate, seed
from isegoria.proof.derivation import owner


def refused(code):
    return pytest.raises(BadInput, check=lambda error: error.code == code)


SEEDS = st.binary(min_size=32, max_size=32)


@st.composite
def lotteries(strategy):
    sizes = strategy(st.lists(st.integers(1, 6), min_size=1, max_size=5))
    types = [[f"T{kind}-{number}" for number in range(size)] for kind, size in enumerate(sizes)]
    composition = st.tuples(st.integers(1, 9), st.tuples(*(st.integers(0, size) for size in sizes)))
    return strategy(st.lists(composition, min_size=1, max_size=5)), types


def slow_draw(the_seed, compositions, types, alternates):
    """The page `docs/draw-record.md`, written down again without any module of the library."""

    def lp(value):
        return len(value).to_bytes(8, "big") + value

    def stream(label):
        counter = 0
        while True:
            yield from hashlib.sha256(the_seed + lp(label) + counter.to_bytes(8, "big")).digest()
            counter += 1

    def order(label, codes):
        key = lambda code: (hmac.new(the_seed, lp(label) + code.encode(), "sha256").digest(), code)  # noqa: E731
        return sorted(codes, key=key)

    tickets = [index for index, (count, _) in enumerate(compositions) for _ in range(count)]
    source, bits = stream(b"ticket"), (len(tickets) - 1).bit_length()
    while True:
        taken = bytes(next(source) for _ in range(max(1, (bits + 7) // 8)))
        ticket = int.from_bytes(taken, "big") % 2**bits
        if ticket < len(tickets):
            break
    counts = compositions[tickets[ticket]][1]
    members = [
        code
        for codes, count in zip(types, counts, strict=True)
        for code in order(b"members", codes)[:count]
    ]
    left = [code for codes in types for code in codes if code not in members]
    return ticket, tickets[ticket], tuple(members), tuple(order(b"alternates", left)[:alternates])


@given(SEEDS, lotteries(), st.integers(0, 8))
def test_the_draw_agrees_with_the_published_page(the_seed, lottery, alternates):
    outcome = draw(the_seed, *lottery, alternates)
    assert (outcome.ticket, outcome.composition, outcome.members, outcome.alternates) == slow_draw(
        the_seed, *lottery, alternates
    )


@given(SEEDS, lotteries(), st.integers(0, 8))
def test_each_type_gives_as_many_as_the_composition_says_and_nobody_twice(the_seed, lottery, alternates):
    compositions, types = lottery
    outcome = draw(the_seed, compositions, types, alternates)
    for codes, count in zip(types, compositions[outcome.composition][1], strict=True):
        assert len(set(codes) & set(outcome.members)) == count
    both = outcome.members + outcome.alternates
    assert len(set(both)) == len(both)
    assert len(outcome.alternates) == min(alternates, sum(map(len, types)) - len(outcome.members))


@given(SEEDS, lotteries(), st.integers(0, 8))
def test_the_order_of_the_persons_does_not_matter(the_seed, lottery, alternates):
    compositions, types = lottery
    turned = [list(reversed(codes)) for codes in types]
    assert draw(the_seed, compositions, turned, alternates) == draw(
        the_seed, compositions, types, alternates
    )


@given(SEEDS, lotteries())
def test_asking_for_more_alternates_changes_nothing_else(the_seed, lottery):
    fewer, more = draw(the_seed, *lottery, 1), draw(the_seed, *lottery, 4)
    assert more.members == fewer.members
    assert more.alternates[:1] == fewer.alternates


def test_equal_tickets_have_equal_chances_over_many_seeds():
    compositions, types = [(1, [2, 0]), (3, [1, 1])], [["A", "B", "C"], ["D", "E"]]
    runs, drawn = 20_000, Counter[str]()
    for number in range(runs):
        drawn.update(
            draw(hashlib.sha256(number.to_bytes(4, "big")).digest(), compositions, types, 0).members
        )
    # A, B, C: (1·2 + 3·1) / (4·3) = 5/12; D, E: 3 / (4·2) = 3/8. Five standard deviations are 0.0175.
    assert all(abs(drawn[code] / runs - 5 / 12) < 0.0175 for code in "ABC")
    assert all(abs(drawn[code] / runs - 3 / 8) < 0.0175 for code in "DE")


@given(st.lists(st.integers(1, 20), min_size=1), st.data())
def test_every_ticket_has_one_owner(tickets, data):
    ticket = data.draw(st.integers(0, sum(tickets) - 1))
    index = owner(ticket, tickets)
    assert sum(tickets[:index]) <= ticket < sum(tickets[: index + 1])


@pytest.mark.parametrize(
    ("code", "arguments"),
    [
        ("draw_no_tickets", ([], [["A"]], 0)),
        ("draw_no_tickets", ([(0, [1])], [["A"]], 0)),
        ("draw_counts_wrong", ([(1, [2])], [["A"]], 0)),
        ("draw_counts_wrong", ([(1, [-1])], [["A"]], 0)),
        ("draw_counts_wrong", ([(1, [1, 0])], [["A"]], 0)),
        ("draw_codes_repeated", ([(1, [1, 0])], [["A"], ["A"]], 0)),
        ("draw_alternates_negative", ([(1, [1])], [["A"]], -1)),
    ],
)
def test_a_lottery_that_does_not_fit_the_pool_is_refused(code, arguments):
    with pytest.raises(BadInput) as caught:
        draw(bytes(32), *arguments)
    assert caught.value.code == code
    assert caught.value.problem
    assert caught.value.way_out


def test_the_seed_depends_on_every_input():
    parts = [bytes([number]) * 32 for number in range(3)]
    values = [("dice", "3-5-2"), ("balls", "417")]
    seeds = {
        seed(*parts, values),
        seed(*reversed(parts), values),
        seed(*parts, values[::-1]),
        seed(*parts, values[:1]),
        seed(*parts, [("dice", "3-5-2b"), ("alls", "417")]),
        seed(*parts, [("dice3", "-5-2"), ("balls", "417")]),
    }
    assert len(seeds) == 6


def test_there_is_no_seed_without_public_randomness():
    for sources in ([], [("dice", "")]):
        with refused("seed_empty"):
            seed(bytes(32), bytes(32), bytes(32), sources)
    with refused("commitment_not_32_bytes"):
        seed(b"", bytes(32), bytes(32), [("dice", "1")])


FEATURES = st.fixed_dictionaries({name: st.sampled_from("xyz") for name in ("age", "sex", "place")})


@given(FEATURES, st.lists(FEATURES, min_size=1, max_size=8))
def test_the_next_alternate_is_the_nearest_and_of_equals_the_first(vacated, waiting):
    candidates = [(f"A{number}", features) for number, features in enumerate(waiting)]
    shared = [sum(features[name] == vacated[name] for name in vacated) for features in waiting]
    chosen = int(next_alternate(vacated, candidates)[1:])
    assert shared[chosen] == max(shared)
    assert max(shared) not in shared[:chosen]


def test_the_next_alternate_is_of_the_same_type_if_there_is_one():
    candidates = [("A", {"age": "old"}), ("B", {"age": "young"}), ("C", {"age": "young"})]
    assert next_alternate({"age": "young"}, candidates) == "B"


def test_without_alternates_the_seat_stays_empty():
    with refused("alternates_used_up"):
        next_alternate({"age": "young"}, [])


def test_golden_outcome():
    types = [[f"P{number:02}" for number in range(7)], [f"P{number:02}" for number in range(7, 12)]]
    the_seed = seed(
        b"\1" * 32, b"\2" * 32, b"\3" * 32, [("balls:2027-03-01", "417"), ("dice:2027-03-01", "3-5-2")]
    )
    outcome = draw(the_seed, [(400, [3, 2]), (600, [2, 3])], types, 3)
    assert the_seed.hex() == "7073263b9ff3b34825e0388087e1a594d102c2fe3c870146e249d3b55a42cc1d"
    assert outcome.ticket == 953
    assert outcome.members == ("P06", "P04", "P10", "P08", "P11")
    assert outcome.alternates == ("P05", "P02", "P00")
