"""Seats that the rule book keeps for some people: proposed, held to, and refused with the rule."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from isegoria_web.institutions.enums import Stage
from isegoria_web.journal.enums import Action
from isegoria_web.lottery import algorithms, changing, services
from isegoria_web.lottery.algorithms import Kept
from isegoria_web.lottery.enums import Origin
from isegoria_web.lottery.errors import KeptSeatsTaken, KeptSeatsUntold
from isegoria_web.lottery.kept import require_kept_seats
from isegoria_web.lottery.models import Value
from tests.web import acts, factories
from tests.web.factories import texts
from tests.web.lottery.draws import announce

DECISION = '[bodies.decision]\nconsensus_first = true\nthreshold = "4/5"\n'
RULE = "bodies.assembly.fixed_seats.women.seats, ostbelgien 2"
TITLE = 'title = {de = "Frauen", fr = "femmes", nl = "vrouwen", en = "women"}\n'


def keep(cycle, rules: str) -> None:
    table = f'[[bodies.fixed_seats]]\nkey = "women"\n{TITLE}{rules}\n'
    factories.amend_rule_book(cycle, DECISION, f"{table}\n{DECISION}")


@pytest.fixture
def asked(institution):
    """A cycle with features and population figures, and no quota yet; four of its six seats are kept for women."""
    cycle = factories.make_cycle(institution)
    factories.make_features(cycle)
    keep(cycle, 'seats = 4\nfeature = "sex"\nvalue = "F"')
    return cycle


def by_value(cycle) -> dict[str, tuple[int | None, int | None]]:
    found = Value.objects.filter(feature__cycle=cycle, feature__key="sex")
    return {each.key: (each.minimum, each.maximum) for each in found}


def test_the_proposal_keeps_the_seats_and_the_others_share_the_rest(institution, secretariat, asked):
    services.propose_quotas(actor=secretariat, cycle=asked)
    assert by_value(asked) == {"F": (4, 4), "M": (2, 2)}
    rules = acts.entry(institution, Action.QUOTAS_SET).facts["rules"]
    assert rules["F"] == RULE


def test_fewer_seats_are_refused_with_the_rule_and_nothing_is_written(institution, secretariat, asked):
    with pytest.raises(KeptSeatsTaken, match=f"4 seats for women .{RULE}"):
        services.set_quotas(actor=secretariat, cycle=asked, quotas={"sex": {"F": (3, 3), "M": (3, 3)}})
    assert by_value(asked) == {"F": (None, None), "M": (None, None)}
    assert acts.entries(institution, Action.QUOTAS_SET) == []
    services.set_quotas(actor=secretariat, cycle=asked, quotas={"sex": {"F": (4, 5), "M": (1, 2)}})


def test_an_exact_number_allows_no_more_either(secretariat, institution):
    cycle = factories.make_cycle(institution)
    factories.make_features(cycle)
    keep(cycle, 'seats = 4\nexact = true\nfeature = "sex"\nvalue = "F"')
    with pytest.raises(KeptSeatsTaken):
        services.set_quotas(actor=secretariat, cycle=cycle, quotas={"sex": {"F": (4, 5), "M": (1, 2)}})


def test_two_persons_cannot_take_them_away_either(secretariat, asked):
    services.propose_quotas(actor=secretariat, cycle=asked)
    asked.stage = Stage.INVITING
    asked.save(update_fields=["stage"])
    with pytest.raises(KeptSeatsTaken):
        changing.propose_quotas_change(
            actor=secretariat, cycle=asked, quotas={("sex", "F"): (3, 4), ("sex", "M"): (2, 3)},
            reason=texts("Few women said yes."),
        )  # fmt: skip


def test_no_pool_is_frozen_while_no_feature_tells_who_these_people_are(institution, secretariat):
    cycle = factories.make_cycle(institution)
    factories.make_features(cycle)
    keep(cycle, "seats = 1")
    services.propose_quotas(actor=secretariat, cycle=cycle)  # a feature can still be added
    with pytest.raises(KeptSeatsUntold, match="women") as refused:
        announce(secretariat, cycle)
    assert "women" in str(refused.value.way_out)
    assert acts.entries(institution, Action.POOL_FROZEN) == []


def test_seats_of_an_age_are_those_of_the_groups_inside_it(institution):
    cycle = factories.make_cycle(institution)
    factories.make_features(cycle)
    keep(cycle, 'share = "1/3"\nages = [16, 40]')
    (kept,) = algorithms.kept_seats(cycle)
    age = cycle.features.get(key="age")
    age.origin = Origin.AGE
    age.save()
    for key, ages in (("16-34", [16, 34]), ("35-64", [35, 64]), ("65+", [65, 130])):
        age.values.filter(key=key).update(matches=ages)
    told = algorithms.told_by(kept, Value.objects.filter(feature__cycle=cycle).select_related("feature"))
    assert (kept.seats, kept.rule, [each.key for each in told]) == (
        2,
        "bodies.assembly.fixed_seats.women.share, ostbelgien 2",
        ["16-34"],
    )
    require_kept_seats(cycle, told=True)  # no quotas yet: nothing is taken away


@st.composite
def features_with_kept(draw) -> tuple[object, int, Kept]:
    figures = draw(st.lists(st.integers(1, 1000), min_size=2, max_size=5))
    size = draw(st.integers(1, 40))
    feature = SimpleNamespace(key="home", sensitive=False, origin=Origin.DECLARED)
    values = [
        SimpleNamespace(key=f"v{place}", population=figure, feature=feature, matches=[])
        for place, figure in enumerate(figures)
    ]
    feature.values = SimpleNamespace(all=lambda: values)
    seats, exact = draw(st.integers(0, size)), draw(st.booleans())
    return feature, size, Kept(seats, exact, {"en": "people"}, "home", "v0", None, "rule")


@given(features_with_kept())
def test_a_proposal_with_kept_seats_can_always_be_met(case):
    feature, size, kept = case
    found = algorithms.proposed_quotas([feature], size, [kept])
    least, most = found["home", "v0"]
    assert least >= kept.seats
    assert not kept.exact or least == most == kept.seats
    assert all(0 <= low <= high for low, high in found.values())
    assert sum(low for low, _high in found.values()) <= size <= sum(high for _low, high in found.values())
