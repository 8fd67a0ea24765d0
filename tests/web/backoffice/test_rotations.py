"""The pages of a rotation: who stays and who leaves, before the pool is closed; in public, when who enters."""

from __future__ import annotations

import datetime as dt

from django.test import Client
from django.urls import reverse

from isegoria.rulebook import next_term
from isegoria_web import clock
from isegoria_web.accounts.enums import Role
from isegoria_web.institutions.enums import Stage
from isegoria_web.institutions.models import Milestone
from isegoria_web.lottery.ceremony import finish_challenges
from isegoria_web.lottery.enums import DrawKind
from isegoria_web.membership.enums import TermStatus
from isegoria_web.membership.models import Rotation, Term
from tests.web import factories
from tests.web.backoffice.support import Staff, texts
from tests.web.membership import panels
from tests.web.membership.conftest import town
from tests.web.membership.test_rotating import fill, noon, open_cycle

__all__ = ["town"]
SECRETARIAT = Role.SECRETARIAT


def said(answer) -> str:
    return " ".join(answer.content.decode().split())


def public(page: str, institution, *args: object, **data: str) -> str:
    address = reverse(f"public:{page}", args=[institution.slug, *args])
    answer = Client(headers={"accept-language": "en"}).get(address, data)
    assert answer.status_code == 200
    return said(answer)


def test_the_pool_page_says_who_stays_and_leaves_and_the_public_pages_when_who_enters(
    town, secretariat, staff: Staff
):
    _first, end = fill(town, secretariat, "3-1-4-1-5-9-2-6")
    day = next_term(end.date(), 6)
    with clock.at(noon(day - dt.timedelta(days=40))):
        cycle = open_cycle(town, secretariat)
        page = said(staff.get(SECRETARIAT, "pool", cycle.number))
        assert f"Rotation on {day:%-d %B %Y}" in page
        assert "16 members stay and count for the quotas, 8 leave" in page
        moment = clock.now() + panels.DAY
        form = {
            "randomness": "dice", "dice_count": "8", "dice_sides": "10",
            "source_due_at_day": f"{moment:%Y-%m-%d}", "source_due_at_hour": f"{moment:%H:%M}",
            **texts("source", "Dice", town.languages),
        }  # fmt: skip
        assert staff.act(SECRETARIAT, "pool", cycle.number, **form).status_code == 302
        draw = Rotation.objects.get().draw
        assert (draw.kind, draw.size) == (DrawKind.ROTATION, 8)
        assert staff.act(SECRETARIAT, "lottery", cycle.number).status_code == 302
        shown = public("draw", town, cycle.number, draw.number)
        assert "16 sit already, 8 of 24 seats are drawn" in shown
        assert "bodies.council.rotation, municipal-starter 2" in shown
        assert "8 people enter by lot" in public("roster", town)
    with clock.at(draw.source_due_at + panels.MINUTE):
        draw.refresh_from_db()
        factories.throw(draw, panels.THROW)
        assert staff.act(SECRETARIAT, "panel_draw", cycle.number).status_code == 302
    draw.refresh_from_db()
    with clock.at(draw.challenge_ends_at + panels.MINUTE):
        finish_challenges()
        assert staff.act(SECRETARIAT, "seats_offer", cycle.number).status_code == 302
        for term in Term.objects.filter(status=TermStatus.OFFERED):
            staff.post(SECRETARIAT, "seat_accept", cycle.number, term.member.number)
        assert "24 of 24 seats are taken" in public("members", town, cycle.number)
        assert "24 of 24 seats are taken" in said(staff.get(SECRETARIAT, "seats", cycle.number))


def test_a_rotation_that_an_event_starts_needs_a_planned_day(town, secretariat, staff: Staff):
    fill(town, secretariat, "3-1-4-1-5-9-2-6")
    rules = town.rule_books.latest("number")
    rules.text = rules.text.replace(
        'share = "1/3", every_months = 6', 'share = "1/3", trigger = "assembly_closed"'
    )
    rules.save()
    with clock.at(noon(dt.date(2027, 8, 1))):
        cycle = open_cycle(town, secretariat)
        assert "names no day ahead" in said(staff.get(SECRETARIAT, "pool", cycle.number))
        Milestone.objects.filter(cycle=cycle, stage=Stage.SEATED).update(planned_on=dt.date(2027, 10, 1))
        assert "Rotation on" in said(staff.get(SECRETARIAT, "pool", cycle.number))
