from __future__ import annotations

import csv
import json
import math
from itertools import combinations, product
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from isegoria.cli.main import app
from isegoria.errors import BadInput, BadInputs
from isegoria.opinions import (
    UNSEEN,
    Finding,
    Hidden,
    Share,
    Votes,
    adjusted_rand,
    document,
    from_document,
    headline,
    opinion_map,
    paragraphs,
    picture,
    polis,
    read_conversation,
    read_votes,
    table,
    write_matrix,
    write_statements,
)
from isegoria.opinions.grouping import k_means, nearest, silhouettes
from isegoria.opinions.projection import components, places
from isegoria.opinions.statements import read_statements
from isegoria.seeding import generator

SEED = bytes(range(32))
DATA = Path(__file__).parents[3] / "shared" / "data" / "opinions"
PUBLISHED = (
    "austria-climate.5twd2jsnkf.2022-08-08",
    "scoop-hivemind.biodiversity",
    "vtaiwan.uberx",
)
VOTE = st.sampled_from([1, 0, -1, UNSEEN])


def refused(code):
    return pytest.raises(BadInput, check=lambda error: error.code == code)


def camps(*sizes, statements=20, noise=0.1, seen=0.8, label="camps"):
    """Persons of several camps, each of which thinks otherwise about every statement."""
    random = generator(SEED, label)
    lean = random.choice([1, -1], size=(len(sizes), statements))
    lean[:, : statements // 4] = 1  # on a quarter all agree
    rows = np.repeat(np.arange(len(sizes)), sizes)
    matrix = np.where(random.random((len(rows), statements)) < noise, -lean[rows], lean[rows])
    matrix[random.random(matrix.shape) > seen] = UNSEEN
    votes = Votes.of(
        [f"p{row}" for row in range(len(rows))], [f"s{one}" for one in range(statements)], matrix
    )
    return votes, {f"p{row}": int(camp) for row, camp in enumerate(rows)}


@st.composite
def matrices(draw, people=8, statements=6):
    shape = draw(st.integers(1, people)), draw(st.integers(1, statements))
    cells = draw(st.lists(VOTE, min_size=shape[0] * shape[1], max_size=shape[0] * shape[1]))
    matrix = np.array(cells, dtype=np.int8).reshape(shape)
    return Votes.of([f"p{row}" for row in range(shape[0])], [f"s{one}" for one in range(shape[1])], matrix)


# -- votes ----------------------------------------------------------------------------------------------
@given(matrices(), st.randoms(use_true_random=False))
def test_votes_do_not_remember_in_which_order_they_came(votes, shuffler):
    rows, columns = list(range(len(votes.persons))), list(range(len(votes.statements)))
    shuffler.shuffle(rows)
    shuffler.shuffle(columns)
    turned = Votes.of(
        [votes.persons[row] for row in rows],
        [votes.statements[column] for column in columns],
        votes.matrix[np.ix_(rows, columns)],
    )
    assert turned.persons == votes.persons
    assert np.array_equal(turned.matrix, votes.matrix)
    assert turned.digest == votes.digest


def test_ids_stand_in_natural_order():
    assert Votes.of(["10", "9", "a2", "a10"], ["x"], [[1]] * 4).persons == ("9", "10", "a2", "a10")


def test_the_latest_vote_counts():
    rows = [("p", "s", 1, 10), ("p", "s", -1, 30), ("p", "s", 0, 20), ("q", "s", 1, 5), ("q", "s", 0, 5)]
    assert Votes.from_rows(rows).matrix.tolist() == [[-1], [0]]


@given(matrices())
def test_another_vote_gives_another_digest(votes):
    changed = votes.matrix.copy()
    changed[0, 0] = 1 if changed[0, 0] != 1 else -1
    assert Votes(votes.persons, votes.statements, changed).digest != votes.digest


@pytest.mark.parametrize(
    ("code", "call"),
    [
        ("votes_shape", lambda: Votes.of(["p"], ["s", "t"], [[1]])),
        ("votes_value", lambda: Votes.of(["p"], ["s"], [[3]])),
        ("votes_value", lambda: Votes.from_rows([("p", "s", 2, 0)])),
        ("votes_id_repeated", lambda: Votes.of(["p", "p"], ["s"], [[1], [0]])),
        ("votes_id_repeated", lambda: Votes.of(["p"], ["s", "s"], [[1, 0]])),
        ("groups_wrong", lambda: polis.figures(camps(5)[0], {"p0": 1})),
        ("groups_wrong", lambda: polis.figures(camps(5)[0], {"nobody": 0})),
        ("map_persons_wrong", lambda: opinion_map(camps(5)[0], SEED, fewest_persons=9)),
    ],
)
def test_what_makes_no_sense_is_refused(code, call):
    with refused(code) as caught:
        call()
    assert caught.value.problem
    assert caught.value.way_out


# -- the figures of Polis, against a slow and obvious twin --------------------------------------------------
def slow_places(votes, left_out):
    """Steps 2 to 6, from a singular value decomposition of the filled matrix."""
    cells = votes.matrix.astype(float)
    cells[cells == UNSEEN] = np.nan
    for index, name in enumerate(votes.statements):
        if name in left_out:
            cells[:, index] = 0
    centre = np.array([np.mean([v for v in column if not np.isnan(v)] or [0.0]) for column in cells.T])
    filled = np.where(np.isnan(cells), centre, cells) - centre
    _, sizes, vectors = np.linalg.svd(filled, full_matrices=False)
    persons = []
    for row in cells:
        voted = [index for index in range(len(row)) if not np.isnan(row[index])]
        scale = math.sqrt(len(row) / max(1, len(voted)))
        persons.append(
            [scale * sum((row[j] - centre[j]) * vector[j] for j in voted) for vector in vectors[:2]]
        )
    alone = [
        [math.sqrt(len(centre)) * (1 - centre[j]) * vector[j] for vector in vectors[:2]]
        for j in range(len(centre))
    ]
    return centre, sizes, np.array(persons), np.array(alone)


def distances(points):
    return np.linalg.norm(points[:, None] - points[None], axis=2)


@settings(max_examples=60, deadline=None)
@given(matrices(12, 8), st.booleans())
def test_places_are_those_of_a_singular_value_decomposition(votes, out):
    left_out = set(votes.statements[:1]) if out else set()
    found = polis.places(votes, left_out)
    centre, sizes, persons, alone = slow_places(votes, left_out)
    assert found.components.centre == pytest.approx(centre, abs=1e-12)
    gaps = [*sizes, 0.0, 0.0, 0.0][:3]
    if min(gaps[0] - gaps[1], gaps[1] - gaps[2]) > 1e-3:  # else the axes are not determined by the votes
        # Up to the sign of each axis, of which distances know nothing.
        assert distances(found.persons) == pytest.approx(distances(persons), abs=1e-9)
        assert found.extremity == pytest.approx(np.linalg.norm(alone, axis=1), abs=1e-9)


def slow_figures(votes, groups, group, j):
    """Steps 10 to 13 for one group and statement, as the page writes them."""

    def count(member, vote):
        return sum(
            votes.matrix[row, j] == vote
            for row, person in enumerate(votes.persons)
            if person in groups and member(groups[person])
        )

    def own(one):
        return one == group

    def rest(one):
        return one != group

    out = {}
    ns = sum(count(own, vote) for vote in (1, -1, 0))
    others = sum(count(rest, vote) for vote in (1, -1, 0))
    for name, vote in (("agree", 1), ("disagree", -1)):
        n, other = count(own, vote), count(rest, vote)
        share = (n + 1) / (ns + 2)
        p1, p2 = (n + 1) / (ns + 1), (other + 1) / (others + 1)
        p = (n + other + 2) / (ns + others + 2)
        error = math.sqrt(p * (1 - p) * (1 / (ns + 1) + 1 / (others + 1)))
        out[f"{name}_share"] = share
        out[f"{name}_test"] = 2 * math.sqrt(ns + 1) * ((n + 1) / (ns + 1) - 0.5)
        out[f"{name}_ratio"] = share / ((other + 1) / (others + 2))
        out[f"{name}_ratio_test"] = 0.0 if p == 1 else (p1 - p2) / error
    return out


@settings(max_examples=40, deadline=None)
@given(matrices(10, 4), st.data())
def test_figures_are_those_of_the_written_formulas(votes, data):
    count = data.draw(st.integers(1, min(3, len(votes.persons))))
    groups = {
        person: index if index < count else data.draw(st.integers(0, count - 1))
        for index, person in enumerate(votes.persons)
    }
    found = polis.figures(votes, groups)
    products = np.ones((2, len(votes.statements)))
    for group, j in product(range(count), range(len(votes.statements))):
        expected = slow_figures(votes, groups, group, j)
        for name, value in expected.items():
            assert getattr(found, name)[group, j] == pytest.approx(value, abs=1e-9), name
        products[:, j] *= [expected["agree_share"], expected["disagree_share"]]
    assert found.consensus == pytest.approx(products[0], abs=1e-12)
    assert found.dissent == pytest.approx(products[1], abs=1e-12)


def test_representative_statements_are_those_that_set_a_group_apart():
    votes, camp = camps(20, 15, statements=12)
    found = polis.figures(votes, camp)
    for group, chosen in enumerate(polis.representative(votes, found)):
        assert 1 <= len(chosen) <= 5
        assert [one.agrees for one in chosen] == sorted((one.agrees for one in chosen), reverse=True)
        for one in chosen:
            j = votes.statements.index(one.statement)
            side = found.agree_ratio_test if one.agrees else found.disagree_ratio_test
            assert side[group, j] > polis.Z90
    left_out = {one.statement for one in polis.representative(votes, found)[0]}
    again = polis.representative(votes, found, left_out)[0]
    assert not left_out & {one.statement for one in again}


def test_consensus_statements_are_those_on_which_nearly_all_agree_or_disagree():
    votes, _ = camps(20, 15, statements=12)
    agreed, rejected = polis.consensus(votes)
    assert {"s0", "s1", "s2"} <= {one.statement for one in agreed}
    assert all(one.agrees for one in agreed)
    assert not any(one.agrees for one in rejected)
    assert not {one.statement for one in agreed} & {one.statement for one in rejected}


def test_priorities_follow_the_written_formula_and_fix_statements_about_persons():
    votes, camp = camps(9, 8, statements=8)
    found, where = polis.figures(votes, camp), polis.places(votes)
    value = polis.priorities(votes, found, where, {"s3"})
    for j, name in enumerate(votes.statements):
        a, d, s = (int(count[:, j].sum()) for count in (found.agree, found.disagree, found.seen))
        p, e = s - a - d, where.extremity[j]
        weight = (1 - (p + 1) / (s + 2)) * (e + 1) * (a + 1) / (s + 2)
        expected = 49 if name == "s3" else (weight * (1 + 8 * 2 ** (-s / 5))) ** 2
        assert value[j] == pytest.approx(expected, rel=1e-12)


def test_those_who_voted_most_fill_up_a_small_conversation():
    matrix = np.full((20, 9), UNSEEN)
    matrix[:4, :7] = 1
    matrix[4:, 0] = 1
    matrix[10, :3] = 1
    rows = polis.in_conversation(Votes.of([str(row) for row in range(20)], list("abcdefghi"), matrix))
    assert len(rows) == 15
    assert {0, 1, 2, 3, 10} <= set(rows.tolist())


# -- grouping, against brute force -----------------------------------------------------------------------
POINTS = st.lists(
    st.tuples(st.integers(-9, 9), st.integers(-9, 9)), min_size=2, max_size=7, unique=True
).map(lambda points: np.array(points, dtype=float))


def inertia(points, labels):
    return sum(
        ((points[labels == one] - points[labels == one].mean(axis=0)) ** 2).sum() for one in set(labels)
    )


@settings(max_examples=60, deadline=None)
@given(POINTS)
def test_k_means_finds_the_best_of_all_splits(points):
    labels, _ = k_means(points, 2, generator(SEED, "test"))
    splits = [np.array(split) for split in product((0, 1), repeat=len(points)) if len(set(split)) == 2]
    assert inertia(points, labels) == pytest.approx(min(inertia(points, split) for split in splits))


@given(POINTS, st.data())
def test_silhouettes_are_those_of_the_definition(points, data):
    labels = np.array(data.draw(st.lists(st.integers(0, 2), min_size=len(points), max_size=len(points))))
    total = 0.0
    apart = distances(points)
    for i, own in enumerate(labels):
        mates = [j for j in range(len(points)) if labels[j] == own and j != i]
        others = [np.mean(apart[i, labels == other]) for other in set(labels.tolist()) - {own}]
        if mates and others:
            a, b = np.mean(apart[i, mates]), min(others)
            total += (b - a) / max(a, b)
    assert silhouettes(points, [labels])[0] == pytest.approx(total / len(points), abs=1e-12)


LABELS = st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), min_size=2, max_size=12)


@given(LABELS)
def test_the_adjusted_rand_index_counts_pairs(labels):
    one, other = zip(*labels, strict=True)
    pairs = list(combinations(range(len(labels)), 2))
    both = sum(one[i] == one[j] and other[i] == other[j] for i, j in pairs)
    left, right = (sum(side[i] == side[j] for i, j in pairs) for side in (one, other))
    expected, most = left * right / len(pairs), (left + right) / 2
    if most != expected:
        assert adjusted_rand(one, other) == pytest.approx((both - expected) / (most - expected))
    assert adjusted_rand(one, one) == 1.0


@settings(max_examples=60, deadline=None)
@given(matrices(10, 6))
def test_a_place_is_the_least_squares_estimate_with_one_vote_that_says_nothing(votes):
    found = components(votes.matrix)
    where = places(votes.matrix, found)
    for row, votes_of_one in enumerate(votes.matrix):
        seen = votes_of_one != UNSEEN
        axes = np.vstack([found.axes[seen], np.eye(2)])
        target = np.concatenate([votes_of_one[seen] - found.centre[seen], [0, 0]])
        assert where[row] == pytest.approx(np.linalg.lstsq(axes, target, rcond=None)[0], abs=1e-9)


# -- the map -------------------------------------------------------------------------------------------------
def test_clear_camps_are_found_with_a_high_stability():
    votes, camp = camps(40, 30, 20, statements=30, noise=0.05)
    found = opinion_map(votes, SEED)
    assert found.hidden == ()
    assert found.group_sizes == (40, 30, 20)
    assert found.stability > 0.95
    assert adjusted_rand([camp[one] for one in found.persons], found.labels) == 1


def same_map(one, other):
    assert one.persons == other.persons
    assert one.labels.tolist() == other.labels.tolist()
    assert one.stability == other.stability
    assert one.statements == other.statements
    assert document(one) == document(other)


@settings(max_examples=8, deadline=None)
@given(st.randoms(use_true_random=False), st.sampled_from([(25, 12), (20, 9, 8)]))
def test_the_order_of_persons_and_statements_changes_nothing(shuffler, sizes):
    votes, _ = camps(*sizes, noise=0.25)
    rows, columns = list(range(len(votes.persons))), list(range(len(votes.statements)))
    shuffler.shuffle(rows)
    shuffler.shuffle(columns)
    turned = Votes.of(
        [votes.persons[row] for row in rows],
        [votes.statements[column] for column in columns],
        votes.matrix[np.ix_(rows, columns)],
    )
    same_map(opinion_map(turned, SEED), opinion_map(votes, SEED))


@pytest.mark.parametrize("noise", [0.05, 0.2, 0.3])
def test_agree_and_disagree_may_trade_places(noise):
    votes, _ = camps(25, 14, noise=noise)
    flipped = np.where(votes.matrix == UNSEEN, UNSEEN, -votes.matrix)
    one = opinion_map(votes, SEED)
    other = opinion_map(Votes.of(votes.persons, votes.statements, flipped), SEED)
    assert one.labels.tolist() == other.labels.tolist()
    assert one.stability == other.stability
    assert [reading.agree for reading in one.statements] == [
        reading.disagree for reading in other.statements
    ]


def test_who_is_banned_has_never_been_there():
    votes, _ = camps(30, 20)
    banned = {"p3", "p31", "p44"}
    rows = [index for index, person in enumerate(votes.persons) if person not in banned]
    never = Votes.of([votes.persons[row] for row in rows], votes.statements, votes.matrix[rows])
    same_map(opinion_map(votes.without_persons(banned), SEED), opinion_map(never, SEED))


def test_a_statement_that_moderation_took_out_has_no_influence():
    votes, _ = camps(30, 20)
    changed = votes.matrix.copy()
    changed[:, votes.statements.index("s7")] = 1
    one = opinion_map(votes, SEED, left_out={"s7"})
    same_map(opinion_map(Votes.of(votes.persons, votes.statements, changed), SEED, left_out={"s7"}), one)
    assert "s7" not in [reading.statement for reading in one.statements]


@pytest.mark.parametrize(
    "votes",
    [
        Votes.of([], [], np.zeros((0, 0))),
        Votes.of([], ["s"], np.zeros((0, 1))),
        Votes.of(["p"], [], np.zeros((1, 0))),
        Votes.of(["p"], ["s"], [[1]]),
        Votes.of([f"p{row}" for row in range(40)], ["s"], [[1]] * 40),
        Votes.of([f"p{row}" for row in range(40)], list("abcdefgh"), [[1] * 8] * 40),
        Votes.of([f"p{row}" for row in range(40)], list("abcdefgh"), [[1, -1, 0, 1, 1, 0, -1, 2]] * 40),
        Votes.of([f"p{row}" for row in range(40)], list("ab"), [[2, 2]] * 40),
    ],
)
def test_votes_without_any_difference_give_a_map_without_groups(votes):
    found = opinion_map(votes, SEED)
    assert found.group_sizes == ()
    assert found.hidden
    assert len(found.statements) == len(votes.statements)
    assert polis.places(votes).persons.shape == (len(votes.persons), 2)
    assert picture(found)


def test_groups_of_too_few_persons_are_hidden():
    found = opinion_map(camps(14, 12)[0], SEED)
    assert found.hidden == (Hidden.FEW_PERSONS,)
    assert found.group_sizes == ()
    assert found.groups == {}


def test_a_group_of_four_hides_all_groups():
    found = opinion_map(camps(40, 4, noise=0.02, seen=1.0)[0], SEED)
    assert Hidden.SMALL_GROUP in found.hidden
    assert all(reading.groups == () for reading in found.statements)


def test_groups_in_pure_noise_are_hidden():
    random = generator(SEED, "noise")
    matrix = random.choice([1, 0, -1], size=(60, 25))
    votes = Votes.of([f"p{row}" for row in range(60)], [f"s{one}" for one in range(25)], matrix)
    found = opinion_map(votes, SEED)
    assert Hidden.UNSTABLE in found.hidden
    assert found.stability < 0.6


def test_more_persons_than_are_searched_are_all_placed():
    votes, camp = camps(1500, 900, statements=30, noise=0.1)
    found = opinion_map(votes, SEED)
    assert sum(found.group_sizes) == len(found.persons) > 2000
    assert adjusted_rand([camp[one] for one in found.persons], found.labels) > 0.95


# -- what statements show --------------------------------------------------------------------------------------
def test_statements_unite_divide_or_are_uncertain():
    votes, _ = camps(40, 30, statements=20, seen=1.0)
    found = opinion_map(votes, SEED)
    united = {one.statement for one in found.of(Finding.UNITES)}
    divided = {one.statement for one in found.of(Finding.DIVIDES)}
    assert {f"s{one}" for one in range(5)} <= united
    assert divided
    for one in found.of(Finding.UNITES):
        assert one.for_it == all(share.low > 0.5 for share in one.groups)
    for one in found.of(Finding.DIVIDES):
        assert max(share.low for share in one.groups) > 0.5 > min(share.high for share in one.groups)
    few = camps(7, 6, statements=20, seen=0.4)[0]
    assert {one.finding for one in opinion_map(few, SEED).statements} >= {Finding.UNCERTAIN}


@given(st.integers(0, 60), st.integers(0, 60))
def test_an_interval_holds_its_share_and_is_wilsons(count, more):
    total = count + more
    share = Share.of(count, total)
    assert 0 <= share.low <= share.value <= share.high <= 1 or total == 0
    for end in (share.low, share.high):
        if total and 1e-9 < end < 1 - 1e-9:  # an end solves (p - x)² = z² x (1 - x) / n
            assert (share.value - end) ** 2 == pytest.approx(
                1.959963984540054**2 * end * (1 - end) / total, abs=1e-9
            )


def test_wilsons_interval_covers_as_often_as_it_says():
    random = generator(SEED, "coverage")
    for chance in (0.1, 0.5, 0.8):
        counts = random.binomial(60, chance, size=4000)
        inside = np.mean(
            [Share.of(int(count), 60).low <= chance <= Share.of(int(count), 60).high for count in counts]
        )
        assert 0.93 < inside < 0.975


def test_shares_of_fewer_than_five_are_not_shown():
    matrix = np.full((30, 2), UNSEEN)
    matrix[:4, 0], matrix[:5, 1] = 1, 1
    votes = Votes.of([str(row) for row in range(30)], ["a", "b"], matrix)
    hidden, shown = read_statements(votes, [])
    assert hidden.agree is None
    assert hidden.finding is Finding.UNCERTAIN
    assert shown.agree == Share.of(5, 5)


# -- showing ---------------------------------------------------------------------------------------------------
def test_the_picture_has_one_dot_a_person_and_says_the_same_as_the_text():
    votes, _ = camps(40, 30)
    found = opinion_map(votes, SEED)
    drawn = picture(found)
    assert drawn.count("<circle") == len(found.persons)
    assert len(headline(found)) == 4
    for line in headline(found):
        assert line in drawn
    assert paragraphs(found)[0][1] == headline(found)
    assert len(table(found)) == 1 + len(found.statements)
    assert len({len(row) for row in table(found)}) == 1


@settings(deadline=None, max_examples=15)
@given(st.lists(st.integers(1, 25), min_size=1, max_size=3), st.integers(1, 30))
def test_a_published_map_is_read_back_as_it_was(sizes, statements):
    found = opinion_map(camps(*sizes, statements=statements)[0], SEED)
    data = document(found)
    again = from_document(json.loads(json.dumps(data)))
    assert document(again) == data
    assert (headline(again), paragraphs(again), table(again)) == (
        headline(found), paragraphs(found), table(found),
    )  # fmt: skip
    assert picture(again) == picture(found)


def test_what_is_no_map_is_not_read_back():
    with refused("map_format"):
        from_document({"format": "isegoria-draw/1"})


def test_nothing_that_is_published_knows_a_person():
    votes, _ = camps(40, 30)
    renamed = Votes.of([f"SECRET{one}" for one in votes.persons], votes.statements, votes.matrix)
    found = opinion_map(renamed, SEED)
    everything = json.dumps([document(found), picture(found), paragraphs(found), table(found)])
    assert "SECRET" not in everything
    # Dots depend on the number of persons alone, so two maps with equal sizes have the same picture.
    other = opinion_map(camps(40, 30, noise=0.05, label="others")[0], SEED)
    assert other.group_sizes == found.group_sizes
    assert picture(other).split("<g ")[1:] == picture(found).split("<g ")[1:]


def test_a_statement_cannot_slip_markup_into_the_picture():
    found = opinion_map(camps(40, 30)[0], SEED)
    from isegoria.opinions import Words

    drawn = picture(found, Words.of({"title": "<script>", "group": '"<b>{letter}{size}', "unknown": "x"}))
    assert "<script>" not in drawn
    assert "<b>" not in drawn


# -- files ------------------------------------------------------------------------------------------------------
@settings(max_examples=30, deadline=None)
@given(matrices())
def test_what_is_written_is_read_again(tmp_path_factory, votes):
    folder = tmp_path_factory.mktemp("export")
    (folder / "participants-votes.csv").write_text(write_matrix(votes))
    (folder / "comments.csv").write_text(
        write_statements(votes, {"s0": 'a "quoted", text', "s1": "=cmd|' /C calc'!A0"}, frozenset({"s0"}))
    )
    assert ",=cmd" not in (folder / "comments.csv").read_text(), "a spreadsheet would run it"
    talk = read_conversation(folder)
    assert talk.votes.digest == votes.digest
    assert talk.left_out == {"s0"}
    assert talk.texts["s0"] == 'a "quoted", text'
    assert talk.texts.get("s1", "=cmd|' /C calc'!A0") == "=cmd|' /C calc'!A0"
    assert talk.groups == {}


def test_single_votes_and_the_matrix_tell_the_same(tmp_path):
    votes, camp = camps(6, 5, statements=4)
    rows = [
        [moment, person, name, votes.matrix[row, column]]
        for moment, ((row, person), (column, name)) in enumerate(
            product(enumerate(votes.persons), enumerate(votes.statements))
        )
        if votes.matrix[row, column] != UNSEEN
    ]
    text = "timestamp,voter-id,comment-id,vote\n" + "".join(",".join(map(str, row)) + "\n" for row in rows)
    (tmp_path / "votes.csv").write_text(text)
    assert read_votes(tmp_path / "votes.csv").digest == votes.digest
    assert read_conversation(tmp_path).votes.digest == votes.digest
    (tmp_path / "participants-votes.csv").write_text(write_matrix(votes, camp))
    assert read_conversation(tmp_path).groups == {person: str(one) for person, one in camp.items()}


@pytest.mark.parametrize(
    ("name", "text", "codes"),
    [
        ("votes.csv", "timestamp,voter-id,vote\n1,2,1\n", {"column_missing"}),
        ("votes.csv", "timestamp,voter-id,comment-id,vote\n1,,s,1\n", {"cell_blank"}),
        ("votes.csv", "timestamp,voter-id,comment-id,vote\nx,p,s,5\n", {"vote_wrong", "not_whole"}),
        ("participants-votes.csv", "participant,0\n1,7\n", {"vote_wrong"}),
        ("participants-votes.csv", "participant,0\n1,1\n1,0\n,1\n", {"id_repeated", "id_blank"}),
        ("other.csv", "", {"file_missing"}),
    ],
)
def test_a_faulty_file_loads_nothing_and_names_the_place(tmp_path, name, text, codes):
    (tmp_path / name).write_text(text)
    with pytest.raises(BadInput) as caught:
        read_conversation(tmp_path)
    faults = caught.value.faults if isinstance(caught.value, BadInputs) else (caught.value,)
    assert {fault.code for fault in faults} == codes
    if name != "other.csv":
        assert all(fault.place.file == name and fault.place.row for fault in faults)


def test_the_command_line_writes_the_map_in_four_forms(tmp_path):
    votes, camp = camps(25, 20)
    (tmp_path / "participants-votes.csv").write_text(write_matrix(votes, camp))
    out = tmp_path / "out"
    run = CliRunner().invoke
    done = run(app, ["opinions", "map", str(tmp_path), "--seed", "3-1-4", "--out", str(out)])
    assert done.exit_code == 0, done.output
    assert "Group A: 25 persons" in done.output
    data = json.loads((out / "map.json").read_text())
    assert data["groups"] == [25, 20]
    assert data["votes_sha256"] == votes.digest
    assert (out / "map.svg").read_text().startswith("<svg")
    assert "Statements that divide" in (out / "map.txt").read_text()
    assert len(list(csv.reader((out / "map.csv").open()))) == 21
    figures = tmp_path / "figures.json"
    assert run(app, ["opinions", "polis", str(tmp_path), "--out", str(figures)]).exit_code == 0
    assert len(json.loads(figures.read_text())["representative"]) == 2
    assert run(app, ["opinions", "export", str(tmp_path), "--out", str(out)]).exit_code == 0
    assert read_conversation(out).votes.digest == votes.digest
    assert run(app, ["opinions", "map", str(out / "none"), "--seed", "x", "--out", str(out)]).exit_code == 2


# -- public conversations --------------------------------------------------------------------------------------
def published(name):
    if not (DATA / name).exists():
        pytest.skip("the public data in ../shared/data are missing")
    return read_conversation(DATA / name)


@pytest.mark.data
@pytest.mark.parametrize("name", PUBLISHED)
def test_groups_agree_with_those_that_were_published(name):
    talk = published(name)
    found = opinion_map(talk.votes, SEED, left_out=talk.left_out)
    assert found.hidden == ()
    both = [person for person in found.persons if person in talk.groups]
    assert len(both) > 400
    assert adjusted_rand([talk.groups[one] for one in both], [found.groups[one] for one in both]) >= 0.9


@pytest.mark.data
@pytest.mark.parametrize("name", PUBLISHED)
def test_the_published_matrix_and_the_single_votes_are_the_same_votes(name):
    talk = published(name)
    # Statements on which nobody voted stand in the matrix alone.
    voted = {
        name
        for name, seen in zip(talk.votes.statements, talk.votes.counts().sum(axis=0), strict=True)
        if seen
    }
    silent = {person for person, seen in zip(talk.votes.persons, talk.votes.seen, strict=True) if not seen}
    matrix = talk.votes.without_statements(set(talk.votes.statements) - voted).without_persons(silent)
    assert read_votes(DATA / name / "votes.csv").digest == matrix.digest


@pytest.mark.data
@pytest.mark.parametrize("name", PUBLISHED)
def test_figures_of_a_public_conversation_are_those_of_the_slow_twin(name):
    talk = published(name)
    order = sorted(set(talk.groups.values()))
    groups = {person: order.index(group) for person, group in talk.groups.items()}
    found = polis.figures(talk.votes, groups)
    for group, j in product(range(len(order)), range(0, len(talk.votes.statements), 40)):
        for figure, value in slow_figures(talk.votes, groups, group, j).items():
            assert getattr(found, figure)[group, j] == pytest.approx(value, abs=1e-9), figure
    where = polis.places(talk.votes, talk.left_out)
    centre, _, persons, alone = slow_places(talk.votes, talk.left_out)
    assert where.components.centre == pytest.approx(centre, abs=1e-9)
    assert where.extremity == pytest.approx(np.linalg.norm(alone, axis=1), abs=1e-9)
    assert np.abs(where.persons) == pytest.approx(np.abs(persons), abs=1e-9)


@pytest.mark.data
@pytest.mark.parametrize("name", PUBLISHED)
def test_a_public_conversation_has_one_map_in_every_order(name):
    votes = published(name).votes
    random = generator(SEED, "order")
    rows, columns = random.permutation(len(votes.persons)), random.permutation(len(votes.statements))
    turned = Votes.of(
        [votes.persons[row] for row in rows],
        [votes.statements[column] for column in columns],
        votes.matrix[np.ix_(rows, columns)],
    )
    same_map(opinion_map(turned, SEED), opinion_map(votes, SEED))


def test_golden_map():
    found = opinion_map(camps(30, 20, 10, statements=24, noise=0.15)[0], SEED)
    assert found.group_sizes == (30, 18, 12)
    assert round(found.stability, 6) == 0.877497
    assert [one.statement for one in found.of(Finding.UNITES)][:3] == ["s0", "s1", "s3"]
    assert nearest(found.places, found.places[:1]).max() == 0
