"""A rule book that is written and read again says the same."""

from __future__ import annotations

import tomllib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from isegoria import rulebook
from isegoria.errors import BadInput, BadInputs
from isegoria.testing.rulebooks import rule_book


@pytest.mark.parametrize("identifier", rulebook.bundled())
def test_a_bundled_book_that_is_written_is_the_same_book(identifier: str) -> None:
    book = rulebook.load_bundled(identifier)
    assert rulebook.loads(rulebook.dumps(book)) == book


@settings(max_examples=40, deadline=None)
@given(st.text(min_size=1, max_size=8).filter(str.strip))
def test_any_book_that_is_written_is_the_same_book_and_checked_without_a_fault(seed: str) -> None:
    book = rule_book(seed)
    again = rulebook.loads(rulebook.dumps(book))  # refuses rules that cannot hold together
    assert again == book
    assert rulebook.diff(book, again) == ()


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"]), min_size=1).filter(str.strip))
def test_any_text_comes_back_as_it_was(text: str) -> None:
    book = rulebook.load_bundled("municipal-starter")
    written = rulebook.changed(book, {"legal_basis": text, "version": '"""\\'})
    assert rulebook.loads(written).legal_basis == text
    assert tomllib.loads(written)["version"] == '"""\\'


def test_only_the_rules_that_were_named_change() -> None:
    book = rulebook.load_bundled("municipal-starter")
    after = rulebook.loads(
        rulebook.changed(book, {"bodies.assembly.size": [30, 60], "duty.review_months": 18})
    )
    assert {each.rule for each in rulebook.diff(book, after)} == {
        "bodies.assembly.size",
        "duty.review_months",
    }
    assert after.body("assembly").size == (30, 60)


def test_none_takes_a_rule_or_a_table_out() -> None:
    book = rulebook.load_bundled("ostbelgien")
    after = rulebook.loads(rulebook.changed(book, {"blackout": None, "duty.review_months": None}))
    assert after.blackout is None
    assert after.duty.review_months is None


def test_a_changed_rule_is_no_longer_known_from_accounts_alone() -> None:
    book = rulebook.load_bundled("ostbelgien")
    assert "bodies.council.decision.threshold" in book.unconfirmed
    after = rulebook.loads(rulebook.changed(book, {"bodies.council.decision": None}))
    assert after.unconfirmed == tuple(
        rule for rule in book.unconfirmed if rule != "bodies.council.decision.threshold"
    )


def test_two_rules_that_cannot_both_hold_are_refused_with_both_ids() -> None:
    book = rulebook.load_bundled("municipal-starter")
    with pytest.raises((BadInput, BadInputs)) as refused:
        rulebook.changed(
            book, {"bodies.council.rotation.share": "3/4", "bodies.council.decision.quorum": "2/3"}
        )
    faults = refused.value.faults if isinstance(refused.value, BadInputs) else (refused.value,)
    told = {(each.parameters.get("first"), each.parameters.get("second")) for each in faults}
    assert ("bodies.council.rotation.share", "bodies.council.decision.quorum") in told


def test_a_key_that_no_table_has_is_refused() -> None:
    with pytest.raises(BadInput) as refused:
        rulebook.changed(rulebook.load_bundled("municipal-starter"), {"bodies.senate.size": 5})
    assert refused.value.place.column == "bodies.senate.size"
