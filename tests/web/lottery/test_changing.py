"""Quotas after people were invited: changed by two persons, in public, or not at all."""

import datetime as dt

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from isegoria.errors import BadInput
from isegoria_web import clock
from isegoria_web.accounts.enums import Role
from isegoria_web.institutions.enums import Stage
from isegoria_web.journal.enums import Action
from isegoria_web.lottery import algorithms, changing, services
from isegoria_web.lottery.errors import (
    FeaturesFrozen,
    PoolFrozen,
    QuotaChangeClosed,
    QuotaChangeOpen,
    QuotaChangeOvertaken,
    QuotasBound,
    QuotasNotBound,
    QuotasUnchanged,
    QuotaWrong,
    TwoPersonsForQuotas,
)
from isegoria_web.lottery.models import QuotaChange, Value
from isegoria_web.web.backoffice.algorithms import features_of
from tests.web import acts, factories
from tests.web.factories import NOW, texts
from tests.web.lottery.draws import announce

pytestmark = pytest.mark.django_db

EASED = {("sex", "F"): (2, 4), ("sex", "M"): (2, 4)}


@pytest.fixture
def second(institution):
    return factories.actor(institution, Role.SECRETARIAT)


def propose(actor, cycle, quotas=EASED, reason="Too few men said yes."):
    return changing.propose_quotas_change(actor=actor, cycle=cycle, quotas=quotas, reason=texts(reason))


def quota(value):
    found = Value.objects.get(feature__key="sex", key=value)
    return found.minimum, found.maximum


def test_two_persons_change_what_people_were_invited_under(institution, cycle, secretariat, second):
    change = propose(secretariat, cycle)
    assert quota("F") == (3, 3)
    with pytest.raises(TwoPersonsForQuotas):
        changing.confirm_quotas_change(actor=secretariat, change=change)
    changing.confirm_quotas_change(actor=second, change=change)
    assert quota("F") == quota("M") == (2, 4)
    proposed, made = (
        acts.entry(institution, each) for each in (Action.QUOTAS_PROPOSED, Action.QUOTAS_CHANGED)
    )
    assert proposed.facts["sex:F"] == made.facts["sex:F"] == "3-3 → 2-4"
    assert (made.facts["persons"], made.facts["reason"]["en"]) == (2, "Too few men said yes.")
    with pytest.raises(QuotaChangeClosed):
        changing.confirm_quotas_change(actor=second, change=change)
    with pytest.raises(QuotaChangeClosed):
        changing.withdraw_quotas_change(actor=second, change=change)


def test_nobody_sets_them_alone_any_more(cycle, secretariat):
    with pytest.raises(QuotasBound):
        services.propose_quotas(actor=secretariat, cycle=cycle)
    with pytest.raises(QuotasBound):
        services.set_quotas(actor=secretariat, cycle=cycle, quotas={"sex": {"F": (0, 6), "M": (0, 6)}})
    assert quota("F") == (3, 3)


def test_other_figures_do_not_move_them_and_nothing_else_can_be_asked(cycle, secretariat):
    told = features_of(cycle)
    told[0]["values"][0]["population"] = 1
    services.set_features(actor=secretariat, cycle=cycle, features=told)
    assert Value.objects.filter(minimum__isnull=True).count() == 0
    assert quota("F") == (3, 3)
    with pytest.raises(FeaturesFrozen):
        services.set_features(actor=secretariat, cycle=cycle, features=told[:1])


def test_the_stage_counts_that_the_cycle_has_now(cycle, secretariat):
    cycle.stage = Stage.MANDATE  # as somebody read it before the letters were drawn
    assert propose(secretariat, cycle).number == 1


def test_one_change_at_a_time_is_withdrawn_and_stays(institution, cycle, secretariat, second):
    change = propose(secretariat, cycle)
    with pytest.raises(QuotaChangeOpen):
        propose(second, cycle)
    changing.withdraw_quotas_change(actor=secretariat, change=change)
    assert quota("F") == (3, 3)
    assert acts.entry(institution, Action.QUOTAS_KEPT).facts == {"number": 1}
    assert propose(second, cycle).number == 2


@pytest.mark.parametrize(
    ("quotas", "error"),
    [
        ({("sex", "F"): (3, 3)}, QuotasUnchanged),
        ({("sex", "F"): (4, 3)}, QuotaWrong),
        ({("sex", "X"): (0, 3)}, QuotaWrong),
        ({("sex", "F"): (4, 4)}, BadInput),
    ],
)
def test_what_cannot_be_made_is_not_proposed(cycle, secretariat, quotas, error):
    with pytest.raises(error):
        propose(secretariat, cycle, quotas)
    assert quota("F") == (3, 3)
    assert not QuotaChange.objects.exists()


def test_it_needs_a_reason(cycle, secretariat):
    with pytest.raises(ValidationError):
        changing.propose_quotas_change(actor=secretariat, cycle=cycle, quotas=EASED, reason={"en": " "})
    assert not QuotaChange.objects.exists()


def test_nobody_else_changes_quotas(institution, cycle, secretariat):
    change = propose(secretariat, cycle)
    acts.only(institution, Role.SECRETARIAT, act=lambda actor: propose(actor, cycle))
    for slug, verb in (
        ("third", changing.confirm_quotas_change),
        ("fourth", changing.withdraw_quotas_change),
    ):
        elsewhere = factories.make_institution(slug)
        acts.only(elsewhere, act=lambda actor, verb=verb: verb(actor=actor, change=change))


def test_before_anybody_is_invited_and_after_the_pool_is_frozen_there_is_no_change(
    institution, cycle, secretariat
):
    early = factories.make_cycle(institution, Stage.MANDATE)
    factories.make_features(early)
    services.propose_quotas(actor=secretariat, cycle=early)
    with pytest.raises(QuotasNotBound):
        propose(secretariat, early)
    announce(secretariat, cycle)
    with pytest.raises(PoolFrozen):
        propose(secretariat, cycle)


def test_a_change_that_waited_while_the_pool_was_frozen_is_not_made(cycle, secretariat, second):
    change = propose(secretariat, cycle)
    announce(secretariat, cycle)
    with pytest.raises(PoolFrozen):
        changing.confirm_quotas_change(actor=second, change=change)


def test_a_change_of_numbers_that_no_longer_stand_is_refused(cycle, secretariat, second):
    change = propose(secretariat, cycle)
    Value.objects.filter(feature__key="sex", key="F").update(minimum=2)
    with pytest.raises(QuotaChangeOvertaken):
        changing.confirm_quotas_change(actor=second, change=change)


def test_the_database_asks_for_two_persons(cycle, secretariat):
    change = propose(secretariat, cycle)
    with pytest.raises(IntegrityError), transaction.atomic():
        QuotaChange.objects.filter(pk=change.pk).update(confirmed_by=secretariat.user, confirmed_at=NOW)


def test_limits_bound_the_ways_out_and_only_two_persons_go_beyond(institution, secretariat, second):
    cycle = factories.make_cycle(institution, Stage.MANDATE)
    factories.make_features(cycle)
    services.propose_quotas(actor=secretariat, cycle=cycle)
    sexes = {"sex": {"F": (3, 3), "M": (3, 3)}}
    with pytest.raises(QuotaWrong):
        services.set_quotas(
            actor=secretariat,
            cycle=cycle,
            quotas=sexes,
            limits={"sex": {"F": (4, None), "M": (None, None)}},
        )
    services.set_quotas(
        actor=secretariat, cycle=cycle, quotas=sexes, limits={"sex": {"F": (None, 4), "M": (2, None)}}
    )
    assert acts.entries(institution, Action.QUOTAS_SET)[-1].facts["sex:M"] == "3-3 (2-)"
    type(cycle).objects.filter(pk=cycle.pk).update(stage=Stage.INVITING)
    cycle.refresh_from_db()
    ages = ("16-34", "35-64", "65+")
    pool = [{"sex": "F", "age": age} for age in ages for _ in range(4)]
    enough = pool + [{"sex": "M", "age": age} for age in ages[:2]]
    within = algorithms.advice(cycle, enough)
    assert not within.feasible
    assert within.ways[0].rows == {("sex", "F"): (3, 4), ("sex", "M"): (2, 3)}
    assert (within.ways[0].seats, within.ways[0].largest) == (2, 1)
    beyond = algorithms.advice(cycle, pool)
    assert beyond.ways == ()
    assert beyond.beyond is not None
    assert beyond.all_ways[0].rows[("sex", "M")][0] == 0
    change = propose(secretariat, cycle, beyond.beyond.rows)
    changing.confirm_quotas_change(actor=second, change=change)
    moved = Value.objects.get(feature__key="sex", key="M")
    assert (moved.minimum, moved.min_flex) == (0, 0)
    with clock.at(NOW + dt.timedelta(minutes=1)):
        assert algorithms.advice(cycle, pool).feasible
