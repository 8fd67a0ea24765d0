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
from isegoria_web.membership import rotating
from isegoria_web.membership.enums import TermStatus
from isegoria_web.membership.models import Rotation, Term
from isegoria_web.recruitment.models import Invitation, Respondent
from isegoria_web.recruitment.planning import strata_of
from isegoria_web.recruitment.services import advise_on_quotas, test_draw
from isegoria_web.recruitment.staying import staying_in
from isegoria_web.register.models import Resident
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
        assert "72 people for 8 seats" in page
        assert (
            f"8 of them leave with the rotation after this one, on {next_term(end.date(), 12):%-d %B %Y}."
            in page
        )
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


def let_people_like_those_who_leave_answer(cycle, count: int) -> None:
    """Keep so many answers, of people who live where nobody who sits does and who have the features of those who leave."""
    residents = Invitation.objects.filter(campaign__cycle=cycle).values("resident")
    Resident.objects.filter(pk__in=residents).update(street="Klosterstraße")
    leaving = rotating.plan_for(cycle).leaving
    answers = list(Respondent.objects.filter(invitation__campaign__cycle=cycle).order_by("pk"))
    for place, each in enumerate(answers[:count]):
        each.answers = leaving[place % len(leaving)].member.features
        each.save()
    for each in answers[count:]:
        each.delete()


def seats_by_value(cycle) -> dict[tuple[str, str], tuple[int, int]]:
    """What the whole body's quotas leave to the seats that are drawn, counted here for itself."""
    staying = rotating.plan_for(cycle).staying
    return {
        (feature.key, value.key): tuple(
            max(0, bound - sum(term.member.features[feature.key] == value.key for term in staying))
            for bound in (value.minimum, value.maximum)
        )
        for feature in cycle.features.all()
        for value in feature.values.all()
    }


def test_at_a_rotation_the_pool_the_advice_the_test_and_the_letters_are_measured_by_the_seats_that_are_drawn(
    town, secretariat, staff: Staff
):
    _first, end = fill(town, secretariat, "3-1-4-1-5-9-2-6")
    with clock.at(noon(next_term(end.date(), 6) - dt.timedelta(days=40))):
        cycle = open_cycle(town, secretariat, 18)  # fewer than the 24 seats of the body, enough for 8
        let_people_like_those_who_leave_answer(cycle, 18)
        for page in ("cycle", "pool"):
            lines = staff.get(SECRETARIAT, page, cycle.number).context[
                "pool" if page == "cycle" else "features"
            ]
            shown = {
                (each.feature.key, line.value.key): (line.needed, line.most)
                for each in lines
                for line in each.lines
            }
            assert shown == seats_by_value(cycle)
            stay = {
                (each.feature.key, line.value.key): line.staying for each in lines for line in each.lines
            }
            assert stay["sex", "F"] + stay["sex", "M"] == 16
            assert sum(line.leaving_next for line in lines[0].lines) == 8
        assert "Cycle 2, 8 seats" in said(staff.get(SECRETARIAT, "home"))
        advice = said(staff.get(SECRETARIAT, "quotas_advice", cycle.number))
        assert "a panel can be drawn that meets every quota" in advice
        assert "rotation after this one" in advice
        tried = test_draw(actor=secretariat, campaign=cycle.campaigns.get())
        assert (tried.document["size"], len(tried.document["members"])) == (8, 8)
        plan = staff.get(SECRETARIAT, "letters_plan", cycle.number)
        assert "16 members stay: letters are planned for the 8 seats that are drawn." in said(plan)
        assert strata_of(cycle, staying_in(secretariat, cycle))[0].seats == 8
        let_people_like_those_who_leave_answer(cycle, 5)
        assert "Too few people said yes" in said(staff.get(SECRETARIAT, "quotas_advice", cycle.number))


def test_where_the_reserve_cannot_fill_the_next_rotation_the_advice_says_so(
    town, secretariat, staff: Staff
):
    _first, end = fill(town, secretariat, "3-1-4-1-5-9-2-6")
    with clock.at(noon(next_term(end.date(), 6) - dt.timedelta(days=40))):
        many = open_cycle(town, secretariat, 72)
        letters = many.campaigns.get()
        assert advise_on_quotas(actor=secretariat, campaign=letters).next_filled is True
        let_people_like_those_who_leave_answer(many, 15)
        advised = advise_on_quotas(actor=secretariat, campaign=letters)
        assert advised.feasible
        assert advised.next_filled is False  # 15 people cannot fill 8 seats and then 8 others
        assert "it needs letters of its own" in said(staff.get(SECRETARIAT, "quotas_advice", many.number))


def test_a_rotation_that_an_event_starts_needs_a_planned_day(town, secretariat, staff: Staff):
    fill(town, secretariat, "3-1-4-1-5-9-2-6")
    panels.rotates_by_event(town)
    with clock.at(noon(dt.date(2027, 8, 1))):
        cycle = open_cycle(town, secretariat)
        assert "names no day ahead" in said(staff.get(SECRETARIAT, "pool", cycle.number))
        assert "names no day ahead" in said(staff.get(SECRETARIAT, "quotas_advice", cycle.number))
        assert staff.get(SECRETARIAT, "cycle", cycle.number).status_code == 200
        Milestone.objects.filter(cycle=cycle, stage=Stage.SEATED).update(planned_on=dt.date(2027, 10, 1))
        assert "Rotation on" in said(staff.get(SECRETARIAT, "pool", cycle.number))
