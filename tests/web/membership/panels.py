"""Panels that are drawn through the services, ceremony and record and all, for the tests of vacant seats and rotations."""

from __future__ import annotations

import datetime as dt

from isegoria_web import clock
from isegoria_web.accounts.actors import Actor
from isegoria_web.institutions.enums import Stage
from isegoria_web.institutions.models import Cycle, Institution
from isegoria_web.lottery import ceremony
from isegoria_web.lottery import services as lottery
from isegoria_web.lottery.algorithms import SourcePlan
from isegoria_web.lottery.enums import SourceKind
from isegoria_web.lottery.models import Draw
from isegoria_web.membership import services
from isegoria_web.membership.models import Term
from isegoria_web.recruitment.services import close_pool
from tests.web import factories
from tests.web.factories import texts

MINUTE, DAY = dt.timedelta(minutes=1), dt.timedelta(days=1)
THROW = "3-1-4-1-5-9-2-6"


def make_pool(
    institution: Institution, actor: Actor, people: int, size: int = 6, alternates: int = 2
) -> Cycle:
    """A cycle with quotas whose letters were answered by so many people."""
    cycle = factories.make_cycle(institution, Stage.INVITING, panel_size=size)
    cycle.alternates = alternates
    cycle.save()
    factories.make_features(cycle)
    lottery.propose_quotas(actor=actor, cycle=cycle)
    factories.make_respondents(cycle, people)
    return cycle


def source() -> dict:
    """Dice that are thrown in three hours."""
    due = clock.now() + dt.timedelta(hours=3)
    return {
        "source": texts("Dice"),
        "source_due_at": due,
        "sources": [SourcePlan(SourceKind.DICE, due, 8, 10)],
    }


def run(actor: Actor, draw: Draw, throw: str = THROW) -> tuple[Draw, dt.datetime]:
    """Commit, throw, draw, and wait until nobody can object; returns the final draw and that moment."""
    lottery.commit_lottery(actor=actor, draw=draw)
    with clock.at(draw.source_due_at + MINUTE):
        draw.refresh_from_db()
        factories.throw(draw, throw)
        draw = lottery.draw_panel(actor=actor, draw=draw)
    end = draw.challenge_ends_at + MINUTE
    with clock.at(end):
        ceremony.finish_challenges()
    draw.refresh_from_db()
    return draw, end


def draw_panel(actor: Actor, cycle: Cycle) -> tuple[Draw, dt.datetime]:
    """Close the answers and draw the panel."""
    draw = close_pool(actor=actor, campaign=cycle.campaigns.get(), **source())
    return run(actor, draw)


def seat(actor: Actor, draw: Draw) -> list[Term]:
    """Offer the seats, and everybody takes hers."""
    return [
        services.accept_seat(actor=actor, term=term)
        for term in services.offer_seats(actor=actor, draw=draw)
    ]


def rotates_by_event(town) -> None:
    """Let an event start the rotation of the council of a town, and not the clock."""
    rules = town.rule_books.latest("number")
    clocked = 'share = "1/3", every_months = 6'
    assert clocked in rules.text
    rules.text = rules.text.replace(clocked, 'share = "1/3", trigger = "assembly_closed"')
    rules.save()
