"""The certificate is checked without a solver, and a forged one does not pass."""

from __future__ import annotations

import copy
import subprocess
import sys
from dataclasses import dataclass
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from isegoria.errors import BadInput
from isegoria.lottery import solve
from isegoria.proof.certificate import Row, rows_of, verify_certificate, weak_duality
from isegoria.solvers.brute import every_panel
from isegoria.testing import NAMED, realistic_pool, small_pool


def test_it_needs_neither_solver_nor_numpy():
    code = (
        "import sys; import isegoria.proof.certificate; "
        "print([name for name in ('numpy', 'scipy', 'highspy', 'django') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@dataclass(frozen=True)
class Kind:
    features: dict[str, str]
    count: int


@dataclass(frozen=True)
class Limit:
    feature: str
    value: str
    minimum: int
    maximum: int


KINDS = [Kind({"sex": "f"}, 6), Kind({"sex": "m"}, 2)]
LIMITS = [Limit("sex", "f", 2, 2), Limit("sex", "m", 2, 2)]
BY_HAND = {
    "format": "isegoria-certificate/1",
    "objective": "leximin",
    "levels": [
        {"weights": [[0, 1]], "earlier": [], "proof": [{"rows": [[1, 1]]}]},
        {"weights": [[1, 1]], "earlier": [], "proof": [{"rows": []}]},
    ],
}


def test_a_certificate_written_by_hand_proves_the_chances():
    certified = verify_certificate(KINDS, LIMITS, 4, [Fraction(1, 3), Fraction(1)], BY_HAND)
    assert certified.gaps == (0, 0)
    assert certified.solver_free


def test_a_worse_lottery_shows_its_gap():
    certified = verify_certificate(KINDS, LIMITS, 4, [Fraction(1, 4), Fraction(1)], BY_HAND)
    assert certified.gap == Fraction(1, 3) - Fraction(1, 4)


def test_rows_stand_in_their_published_order():
    assert rows_of(KINDS, LIMITS, 4, [Row((0,), 0, 5)]) == (
        Row((0, 1), 4, 4),
        Row((0,), 2, 2),
        Row((1,), 2, 2),
        Row((0,), 0, 5),
    )


@given(
    st.integers(0, 10**6).map(str),
    st.lists(st.integers(-5, 5), min_size=7, max_size=7),
    st.lists(st.integers(0, 5), min_size=12, max_size=12),
)
@settings(max_examples=60, deadline=None)
def test_any_multipliers_bound_every_panel(seed, multipliers, weights):
    instance = small_pool(9, 4, (2, 2, 2), seed=seed, slack=1)
    kinds = [Kind(dict(entry.features), 1) for entry in instance.pool]
    rows = rows_of(kinds, instance.quotas, instance.size)
    given_weights = {t: weight for t, weight in enumerate(weights[:9]) if weight}
    chosen = [[row, value] for row, value in enumerate(multipliers[: len(rows)]) if value]
    bound = weak_duality(rows, [1] * 9, given_weights, chosen, {})
    for panel in every_panel(instance.pool, instance.quotas, instance.size):
        assert sum(given_weights.get(t, 0) for t in panel) <= bound


def proved_by_cases():
    instance = small_pool(30, 8, (4, 3, 4, 3, 2), seed="3")
    lottery = solve(instance.pool, instance.quotas, instance.size)
    assert max(len(level["proof"]) for level in lottery.certificate["levels"]) > 1
    return lottery


def verify(lottery, certificate):
    return verify_certificate(
        lottery.types, lottery.quotas, lottery.size, lottery.type_chances(), certificate
    )


def test_a_proof_by_cases_is_checked_case_by_case():
    lottery = proved_by_cases()
    assert verify(lottery, lottery.certificate).gap <= Fraction(1, 10**9)
    forged = copy.deepcopy(lottery.certificate)
    for level in forged["levels"]:
        for node in level["proof"]:
            if "rows" in node:
                node["rows"] = []
    assert verify(lottery, forged).gap > Fraction(1, 10**6)


def test_a_bound_without_a_proof_is_reported_as_the_solvers_word():
    certificate = copy.deepcopy(BY_HAND)
    certificate["levels"][0] |= {"proof": None, "bound": 2}
    certified = verify_certificate(KINDS, LIMITS, 4, [Fraction(1, 3), Fraction(1)], certificate)
    assert certified.gap == 0
    assert not certified.solver_free


def forgeries():
    def change(path, value):
        certificate = copy.deepcopy(BY_HAND)
        place = certificate
        for key in path[:-1]:
            place = place[key]
        place[path[-1]] = value
        return certificate

    first = ("levels", 0)
    yield change(("format",), "other")
    yield change(("objective",), "kindness")
    yield change(("levels",), BY_HAND["levels"][:1])
    yield change(("levels",), BY_HAND["levels"][::-1] + BY_HAND["levels"][:1])
    yield change(("levels",), None)
    yield change((*first, "weights"), [])
    yield change((*first, "weights"), [[0, -1]])
    yield change((*first, "weights"), [[0, 0]])
    yield change((*first, "weights"), [[0, 1], [0, 1]])
    yield change((*first, "weights"), [[5, 1]])
    yield change((*first, "weights"), [[0, 0.5]])
    yield change((*first, "earlier"), [[1, 1]])
    yield change((*first, "proof"), [])
    yield change((*first, "proof"), [{"rows": [[9, 1]]}])
    yield change((*first, "proof"), [{"rows": [[-1, 1]]}])
    yield change((*first, "proof"), [{"type": 0, "at_most": 1, "then": 0, "else": 0}])
    yield change((*first, "proof"), [{"type": 0, "at_most": 1, "then": 1, "else": 1}, {"rows": []}])
    yield change(
        (*first, "proof"), [{"type": 9, "at_most": 1, "then": 1, "else": 2}, {"rows": []}, {"rows": []}]
    )


@pytest.mark.parametrize("certificate", list(forgeries()))
def test_a_certificate_of_another_form_is_refused(certificate):
    with pytest.raises(BadInput) as caught:
        verify_certificate(KINDS, LIMITS, 4, [Fraction(1, 3), Fraction(1)], certificate)
    assert caught.value.code == "certificate_wrong"


@given(st.integers(0, 10**6).map(str))
@settings(max_examples=10, deadline=None)
def test_moving_tickets_to_one_composition_opens_a_gap_that_the_certificate_shows(seed):
    instance = realistic_pool(30, 6, {"age": 3, "sex": 2}, seed=seed)
    lottery = solve(instance.pool, instance.quotas, instance.size)
    unfair = [
        Fraction(count, one.count)
        for count, one in zip(lottery.compositions[0].counts, lottery.types, strict=True)
    ]
    found = verify_certificate(lottery.types, lottery.quotas, lottery.size, unfair, lottery.certificate)
    assert found.gap >= 0
    assert found.gap > 0 or sorted(unfair) == sorted(lottery.type_chances())


def test_without_a_certificate_nothing_is_proved():
    instance = NAMED[0]
    document = solve(instance.pool, instance.quotas, instance.size).to_document() | {"certificate": None}
    with pytest.raises(BadInput, match="there is none"):
        type(solve(instance.pool, instance.quotas, instance.size)).from_document(document).verify()
