from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from isegoria.errors import BadInput, Infeasible
from isegoria.tables import lead


@settings(max_examples=150, deadline=None)
@given(st.integers(1, 5), st.integers(1, 3), st.data())
def test_nobody_leads_a_forbidden_table_and_the_burden_is_as_even_as_it_can_be(tables, people, data):
    facilitators = [f"f{number}" for number in range(people)]
    pairs = list(product(facilitators, range(tables)))
    forbidden = set(data.draw(st.lists(st.sampled_from(pairs), unique=True)))
    possible = [
        shared
        for shared in product(facilitators, repeat=tables)
        if forbidden.isdisjoint((one, table) for table, one in enumerate(shared))
    ]
    if not possible:
        with pytest.raises(Infeasible) as refused:
            lead(tables, facilitators, forbidden)
        assert refused.value.code == "tables_nobody_leads"
        table = refused.value.parameters["table"] - 1
        assert all((one, table) in forbidden for one in facilitators)
        return
    found = lead(tables, facilitators, forbidden)
    assert found in possible
    most = min(max(map(shared.count, facilitators)) for shared in possible)
    assert max(map(found.count, facilitators)) == most


def test_without_conflicts_they_lead_in_turn():
    assert lead(5, ["a", "b"]) == ("a", "b", "a", "b", "a")


@pytest.mark.parametrize(
    ("code", "given_"),
    [("tables_nobody", (0, ["a"])), ("tables_nobody", (1, [])), ("tables_id_repeated", (1, ["a", "a"]))],
)
def test_wrong_input_is_refused(code, given_):
    with pytest.raises(BadInput) as refused:
        lead(*given_)
    assert refused.value.code == code
