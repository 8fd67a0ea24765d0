"""Quotas, pool, lottery and draw: committed before the dice, drawn once, redone by anybody."""

import datetime as dt
from fractions import Fraction

import pytest

from isegoria.errors import BadInput, Infeasible
from isegoria.proof.verify import verify
from isegoria_web import clock
from isegoria_web.accounts.enums import Role
from isegoria_web.errors import NotAllowed
from isegoria_web.institutions.enums import Stage
from isegoria_web.journal.enums import Action
from isegoria_web.lottery import jobs, services
from isegoria_web.lottery.enums import DrawStatus, SelectionKind
from isegoria_web.lottery.errors import (
    AlreadyDrawn,
    Computing,
    NotCommitted,
    PoolFrozen,
    PopulationMissing,
    QuotasMissing,
    QuotaWrong,
    RandomnessMissing,
    SourceInThePast,
    TooEarly,
)
from isegoria_web.lottery.models import Pool, Value
from tests.web import factories
from tests.web.factories import NOW, texts

pytestmark = pytest.mark.django_db

DUE = NOW + dt.timedelta(hours=2)
AFTER = DUE + dt.timedelta(minutes=1)
PEOPLE = [{"sex": "FM"[n % 2], "age": ("16-34", "35-64", "65+")[n % 3]} for n in range(18)]


@pytest.fixture
def cycle(institution):
    cycle = factories.make_cycle(institution, Stage.INVITING)
    factories.make_features(cycle)
    return cycle


@pytest.fixture
def draw(cycle, secretariat):
    services.propose_quotas(actor=secretariat, cycle=cycle)
    return freeze(secretariat, cycle)


def freeze(actor, cycle, people=PEOPLE, due=DUE):
    return services.freeze_pool(
        actor=actor, cycle=cycle, entries=people, source=texts("Dice"), source_due_at=due
    )[0]


def last(institution):
    return institution.chain.entries.last()


def test_quotas_are_proposed_as_floor_and_ceiling_of_the_exact_share(institution, cycle, secretariat):
    services.propose_quotas(actor=secretariat, cycle=cycle)
    found = {
        value.key: (value.minimum, value.maximum) for value in Value.objects.filter(feature__cycle=cycle)
    }
    assert found == {"F": (3, 3), "M": (3, 3), "16-34": (2, 2), "35-64": (2, 2), "65+": (2, 2)}
    assert last(institution).action == Action.QUOTAS_SET


def test_a_value_without_figures_is_not_guessed(cycle, secretariat):
    Value.objects.filter(feature__cycle=cycle, key="F").update(population=None)
    with pytest.raises(PopulationMissing):
        services.propose_quotas(actor=secretariat, cycle=cycle)


@pytest.mark.parametrize(
    ("quotas", "error"),
    [
        ({"sex": {"F": (4, 2), "M": (2, 4)}}, QuotaWrong),
        ({"sex": {"X": (1, 2)}}, QuotaWrong),
        ({"sex": {"F": (4, 6), "M": (4, 6)}}, BadInput),
        ({"sex": {"F": (0, 2), "M": (0, 2)}}, BadInput),
    ],
)
def test_quotas_that_cannot_hold_change_nothing(institution, secretariat, quotas, error):
    cycle = factories.make_cycle(institution, Stage.MANDATE)
    factories.make_features(cycle)
    services.propose_quotas(actor=secretariat, cycle=cycle)
    before = list(Value.objects.values_list("minimum", "maximum"))
    with pytest.raises(error):
        services.set_quotas(actor=secretariat, cycle=cycle, quotas=quotas)
    assert list(Value.objects.values_list("minimum", "maximum")) == before


def test_a_frozen_pool_names_its_root_and_freezes_the_quotas(institution, cycle, draw, secretariat):
    assert last(institution).facts["root"] == draw.pool.root
    assert len({entry.code for entry in draw.pool.entries.all()}) == len(PEOPLE)
    for verb in (services.propose_quotas, services.set_features, services.set_quotas):
        arguments = {"features": []} if verb is services.set_features else {}
        arguments |= {"quotas": {}} if verb is services.set_quotas else {}
        with pytest.raises(PoolFrozen):
            verb(actor=secretariat, cycle=cycle, **arguments)
    with pytest.raises(PoolFrozen):
        freeze(secretariat, cycle)


def test_an_infeasible_pool_freezes_nothing_and_names_the_smallest_relaxation(cycle, secretariat):
    services.propose_quotas(actor=secretariat, cycle=cycle)
    with pytest.raises(Infeasible) as caught:
        freeze(secretariat, cycle, [{"sex": "F", "age": person["age"]} for person in PEOPLE])
    assert caught.value.parameters["relaxation"]
    assert not Pool.objects.exists()


def test_a_pool_needs_quotas_and_randomness_that_lies_ahead(cycle, secretariat):
    with pytest.raises(QuotasMissing):
        freeze(secretariat, cycle)
    services.propose_quotas(actor=secretariat, cycle=cycle)
    with pytest.raises(SourceInThePast):
        freeze(secretariat, cycle, due=NOW)


def test_the_lottery_is_committed_once_and_before_the_dice(institution, draw, secretariat):
    made = services.commit_lottery(actor=secretariat, draw=draw)
    assert last(institution).facts["commitment"] == made.commitment_sha256
    chances = [
        Fraction(entry.chance_numerator, entry.chance_denominator) for entry in draw.pool.entries.all()
    ]
    assert sum(chances) == draw.size
    with pytest.raises(AlreadyDrawn):
        services.commit_lottery(actor=secretariat, draw=draw)


def test_who_might_know_the_dice_may_not_compute_the_lottery(draw, secretariat):
    with clock.at(AFTER), pytest.raises(SourceInThePast):
        services.commit_lottery(actor=secretariat, draw=draw)


def test_a_panel_is_drawn_after_its_moment_once_and_the_record_verifies(institution, draw, secretariat):
    def go():
        return services.draw_panel(actor=secretariat, draw=draw)

    with clock.at(AFTER), pytest.raises(NotCommitted):
        go()
    services.commit_lottery(actor=secretariat, draw=draw)
    with pytest.raises(TooEarly):
        go()
    with clock.at(AFTER):
        with pytest.raises(RandomnessMissing):
            go()
        factories.throw(draw, " 3-1-4 ")
        done = go()
        with pytest.raises(AlreadyDrawn):
            go()
    assert (done.status, done.source_value) == (DrawStatus.DRAWN, "3-1-4")
    assert done.challenge_ends_at == AFTER + dt.timedelta(days=7)
    assert done.selections.filter(kind=SelectionKind.MEMBER).count() == 6
    assert verify(done.record.document, published=done.record.commitment_sha256).ok
    entry = last(institution)
    assert (entry.action, entry.facts["source_value"]) == (Action.PANEL_DRAWN, "3-1-4")


def test_nobody_else_runs_a_draw(institution, elsewhere, cycle, draw, stranger, facilitator, authority):
    others = (stranger, facilitator, authority, factories.actor(elsewhere, Role.SECRETARIAT))
    for actor in others:
        for verb in (
            lambda actor=actor: services.commit_lottery(actor=actor, draw=draw),
            lambda actor=actor: services.draw_panel(actor=actor, draw=draw),
            lambda actor=actor: services.propose_quotas(actor=actor, cycle=cycle),
        ):
            with pytest.raises(NotAllowed):
                verb()


def test_a_lottery_is_computed_once_in_the_background(draw, secretariat):
    services.begin_computing(actor=secretariat, draw=draw)
    with pytest.raises(Computing):
        services.begin_computing(actor=secretariat, draw=draw)
    with pytest.raises(NotAllowed):
        services.begin_computing(actor=factories.nobody_special(), draw=draw)


def test_why_a_background_lottery_failed_stands_at_the_draw_until_it_is_tried_again(draw, secretariat):
    services.begin_computing(actor=secretariat, draw=draw)
    with clock.at(AFTER), pytest.raises(SourceInThePast):
        jobs.commit_lottery_of.func(draw.pk, secretariat.user.pk)
    draw.refresh_from_db()
    assert str(SourceInThePast.problem) in draw.computing_failed
    services.begin_computing(actor=secretariat, draw=draw)
    draw.refresh_from_db()
    assert draw.computing_failed == ""
    jobs.commit_lottery_of.func(draw.pk, secretariat.user.pk)
    draw.refresh_from_db()
    assert draw.status == DrawStatus.COMMITTED
    with pytest.raises(AlreadyDrawn):
        services.begin_computing(actor=secretariat, draw=draw)
