"""Linked persons in the record of a draw: shown, proved, drawn again, and not to be bent."""

from __future__ import annotations

import copy
import hashlib
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.support.records import failed, rehashed

from isegoria import lottery, pool
from isegoria.errors import BadInput
from isegoria.proof import (
    CommittedLottery,
    Entry,
    Quota,
    RandomValue,
    RuleBook,
    Source,
    Specification,
    commitment,
    dump,
    observers,
    opening,
    receipt,
    record,
    verify,
    verify_bytes,
    verify_receipt,
)
from isegoria.proof.derivation import draw
from isegoria.proof.links import LinkedClass, Links
from isegoria.proof.record import first_codes, first_of
from isegoria.seeding import seed_from_text

NOON = datetime(2027, 3, 1, 12, tzinfo=UTC)
BEFORE = NOON - timedelta(days=1)
KEY = bytes(range(32))
SOURCE = Source("public:lotto-2027-03-01", NOON, "annul")
SIZE = 4
APART = (("P00", "P01"), ("P12", "P13"), ("P04", "P05"), ("P05", "P06"))
TOGETHER = (("P07", "P08"), ("P09", "P06"))


def people():
    return [
        Entry(
            f"P{place:02}",
            {"sex": "fm"[place % 2], "age": "yo"[place // 2 % 2]},
            hashlib.sha256(str(place).encode()).digest()[:16],
        )
        for place in range(16)
    ]


def solved(apart=APART, together=TOGETHER, objective="leximin"):
    entries = tuple(pool.Entry(one.code, one.features) for one in people())
    quotas = pool.Quotas(tuple(pool.Quota("sex", sex, 1, 3) for sex in "fm"))
    drawn = pool.Quotas((*quotas, *(pool.Quota("age", age, 0, 4) for age in "yo")))
    return lottery.solve(pool.Pool(entries, apart, together), drawn, SIZE, objective)


def specification(disclosure="open"):
    quotas = [Quota("sex", sex, 1, 3) for sex in "fm"] + [Quota("age", age, 0, 4) for age in "yo"]
    rulebook = RuleBook("example", "1", "0" * 64)
    return Specification(
        "Eupen", "council", "2027", SIZE, quotas, 5, "leximin", "isegoria", rulebook, [SOURCE], disclosure
    )


def values(value="417"):
    return [RandomValue(SOURCE.name, value, NOON, "gazette")]


@pytest.fixture(scope="module")
def committed():
    return commitment(specification(), people(), lottery.committed(solved()), BEFORE)


@pytest.fixture(scope="module")
def drawn(committed):
    return record(committed, values())


def test_a_record_with_links_verifies_and_its_certificate_counts_them(committed, drawn):
    for document in (committed, drawn):
        found = verify_bytes(dump(document))
        assert found.ok, found.failed
        assert not [step for step in found.steps if step.unchecked]
    without = copy.deepcopy(drawn)
    del without["pool"]["links"]
    # without the links the types are no longer all different, and nobody proves the chances
    assert failed(rehashed(without)) == {"entries"}


def test_no_draw_of_the_record_breaks_a_link(committed):
    seen = set()
    for number in range(60):
        result = record(committed, values(f"{number}"))["result"]
        members, alternates = set(result["members"]), set(result["alternates"])
        assert all(len((members | alternates).intersection(group)) <= 1 for group in APART)
        assert all(len(members.intersection(group)) in {0, 2} for group in TOGETHER)
        assert not alternates.intersection(*[{one for group in TOGETHER for one in group}])
        seen |= members
    assert len(seen) == 16


def test_the_command_line_and_the_record_draw_the_same(committed):
    found = solved()
    outcome = lottery.draw(found, "a public text", 5)
    again = draw(
        seed_from_text("a public text"),
        [(one.tickets, one.counts) for one in found.compositions],
        [one.ids for one in found.types],
        5,
        Links.from_document(committed["pool"]["links"]),
    )
    assert outcome == again


FORGERIES = {
    "a pair that is apart no more": lambda links, _: links["apart"].pop(),
    "somebody added to a household": lambda links, _: links["apart"][0]["groups"][0].append("P15"),
    "people of two households exchanged": lambda links, _: _exchange(links["apart"][0]["groups"]),
    "a household twice": lambda links, _: links["apart"][0]["groups"].append(
        links["apart"][0]["groups"][0]
    ),
    "a class twice": lambda links, _: links["apart"].append(links["apart"][0]),
    "a group whose people changed places": lambda links, _: links["together"][0]["groups"][0].reverse(),
    "a group that is together no more": lambda links, _: links["together"].pop(0),
    "links that name nobody": lambda links, _: [one.clear() for one in links.values()],
    "a type that is none": lambda links, _: links["together"][0]["types"].append(99),
    "types out of order": lambda links, _: links["apart"][0]["types"].reverse(),
    "a household of one": lambda links, _: links["apart"][0]["groups"].append(["P15"]),
}


def _exchange(groups):
    groups[0][0], groups[1][0] = groups[1][0], groups[0][0]


@pytest.mark.parametrize("forgery", FORGERIES)
def test_forged_links_are_found(drawn, forgery):
    document = copy.deepcopy(drawn)
    FORGERIES[forgery](document["pool"]["links"], document)
    assert failed(rehashed(document)) - {"seed"}
    assert failed(document)


def test_a_composition_that_breaks_a_link_is_found(committed):
    for name, classes in committed["pool"]["links"].items():
        for one in classes:
            document = copy.deepcopy(committed)
            counts = document["lottery"]["compositions"][0]["counts"]
            first, second = one["types"][:2]
            if name == "apart":
                counts[first], counts[second] = len(one["groups"]), 1
            else:
                counts[first], counts[second] = 1, 0
            assert "quotas" in failed(rehashed(document))


def test_a_sealed_record_hides_features_and_observers_check_the_rest(drawn):
    made = lottery.committed(solved())
    sealed = commitment(specification("sealed"), people(), made, BEFORE, KEY)
    firsts = first_codes(made)
    file = observers(sealed, made.types, made.certificate, KEY, firsts)
    document = record(sealed, values())
    assert verify(document).ok
    assert {step.name for step in verify(document).steps if step.unchecked} == {"quotas", "certificate"}
    found = verify(document, observers=file)
    assert found.ok, found.failed
    assert not [step for step in found.steps if step.unchecked]
    seals = [kind["seal"] for kind in document["pool"]["types"]]
    assert len(set(seals)) == len(seals) > 4
    leaves = [one.leaf for one in people()]
    for entry in people():
        first = next(told for told, codes in zip(firsts, made.codes, strict=True) if entry.code in codes)
        assert first == first_of(document["pool"], entry.code)
        assert verify_receipt(document, receipt(entry, leaves, KEY, first)).ok
    # other draws of the same pool differ in their order only
    assert sorted(sealed["lottery"]["chances"]) == sorted(drawn["lottery"]["chances"])


def test_an_opening_says_that_it_does_not_show_links(drawn):
    found = verify(opening(drawn))
    assert found.ok, found.failed
    assert "quotas" in {step.name for step in found.steps if step.unchecked}


def test_links_that_do_not_fit_are_not_committed():
    made = lottery.committed(solved())
    other = Links((LinkedClass((0, 1), (("P00", "P01"),)),))
    wrong = CommittedLottery(made.types, made.compositions, made.certificate, other, made.codes)
    with pytest.raises(BadInput) as caught:
        commitment(specification(), people(), wrong, BEFORE)
    assert caught.value.code == "draw_links_wrong"
    unknown = CommittedLottery(made.types, made.compositions, made.certificate, made.links, ())
    with pytest.raises(BadInput) as caught:
        commitment(specification(), people(), unknown, BEFORE)
    assert caught.value.code == "draw_type_unknown"


@given(st.integers(0, 10**6))
@settings(max_examples=60, deadline=None)
def test_people_of_one_household_class_are_drawn_from_different_households(seed):
    links = Links((LinkedClass((0, 1), (("a", "b"), ("c", "d"), ("e", "f"))),))
    types = [("a", "c", "e"), ("b", "d", "f"), ("g", "h")]
    outcome = draw(hashlib.sha256(str(seed).encode()).digest(), [(1, [1, 1, 1])], types, 4, links)
    homes = [next(index for index, home in enumerate(links.apart[0].groups) if one in home)
             for one in (*outcome.members, *outcome.alternates) if one not in "gh"]  # fmt: skip
    assert sorted(homes) == [0, 1, 2]
    assert len(outcome.alternates) == 2


def test_the_worked_example_of_the_docs():
    links = Links(
        (LinkedClass((0, 1), (("A1", "A2"), ("B1", "B2"), ("C1", "C2"))),),
        (LinkedClass((2, 3), (("D1", "D2"), ("E1", "E2"))),),
    )
    types = [("A1", "B1", "C1"), ("A2", "B2", "C2"), ("D1", "E1"), ("D2", "E2"), ("F1", "F2")]
    outcome = draw(bytes(32), [(1, [1, 1, 1, 1, 1])], types, 3, links)
    assert outcome.members == ("B1", "C2", "E1", "E2", "F2")
    assert outcome.alternates == ("A2", "F1")
