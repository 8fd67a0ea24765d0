"""The pages of vacant seats: announced, committed, drawn, offered again; and a seat outside the lot."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from isegoria_web import clock
from isegoria_web.accounts.enums import Role
from isegoria_web.lottery.ceremony import finish_challenges
from isegoria_web.lottery.enums import DrawKind, DrawStatus
from isegoria_web.lottery.models import Draw
from isegoria_web.membership import services
from isegoria_web.membership.enums import EndReason, TermStatus
from isegoria_web.membership.models import Alternate, SeatException, Term
from isegoria_web.recruitment.models import Invitation, Respondent
from tests.web import factories
from tests.web.backoffice.support import Staff, texts, url
from tests.web.membership import panels

SECRETARIAT = Role.SECRETARIAT


@pytest.fixture
def cycle(institution, secretariat):
    """Six were seated; the first left, and nobody waits."""
    cycle = panels.make_pool(institution, secretariat, people=20)
    draw, now = panels.draw_panel(secretariat, cycle)
    with clock.at(now):
        first = panels.seat(secretariat, draw)[0]
        for alternate in Alternate.objects.filter(cycle=cycle):
            services.withdraw_alternate(actor=secretariat, alternate=alternate)
        services.leave_seat(
            actor=secretariat, term=first, reason=EndReason.RESIGNATION, on=clock.now().date()
        )
        cycle.refresh_from_db()
        yield cycle


def public(page: str, cycle, *args: object) -> str:
    address = reverse(f"public:{page}", args=[cycle.institution.slug, *args])
    answer = Client(headers={"accept-language": "en"}).get(address)
    assert answer.status_code == 200
    return " ".join(answer.content.decode().split())


def said(answer) -> str:
    return " ".join(answer.content.decode().split())


def test_a_vacant_seat_is_drawn_again_page_by_page(institution, cycle, staff: Staff):
    seats = said(staff.get(SECRETARIAT, "seats", 1))
    assert "1 vacant seat" in seats
    assert url(institution, "replacement", 1) in seats
    page = said(staff.get(SECRETARIAT, "replacement", 1))
    assert "12 people are left of the committed pool" in page
    due, past = (
        {"source_due_at_day": f"{moment:%Y-%m-%d}", "source_due_at_hour": f"{moment:%H:%M}"}
        for moment in (clock.now() + panels.DAY, clock.now() - panels.DAY)
    )
    form = {"randomness": "dice", "dice_count": "8", "dice_sides": "10"}
    form |= texts("source", "Dice", institution.languages)
    assert staff.post(SECRETARIAT, "replacement", 1, **form, **past).status_code == 422
    made = staff.act(SECRETARIAT, "replacement", 1, **form, **due)
    assert made.status_code == 302, said(made)
    draw = Draw.objects.get(kind=DrawKind.REPLACEMENT)
    assert "A replacement draw is under way" in said(staff.get(SECRETARIAT, "seats", 1))
    assert staff.act(SECRETARIAT, "draw_commit", 1, draw.number).status_code == 302
    draw.refresh_from_db()
    assert draw.status == DrawStatus.COMMITTED
    with clock.at(draw.source_due_at + panels.MINUTE):
        assert staff.get(SECRETARIAT, "draw_fall", 1, draw.number).url.endswith(
            f"/{draw.number}/randomness/"
        )
        factories.throw(draw, panels.THROW)
        assert staff.act(SECRETARIAT, "draw_fall", 1, draw.number).status_code == 302
    draw.refresh_from_db()
    with clock.at(draw.challenge_ends_at + panels.MINUTE):
        finish_challenges()
        assert staff.act(SECRETARIAT, "seats_offer", 1).status_code == 302
        offered = Term.objects.get(status=TermStatus.OFFERED)
        staff.post(SECRETARIAT, "seat_accept", 1, offered.member.number)
        members = public("members", cycle, 1)
        assert "after member 1, drawn again" in members
        assert f"/draws/{draw.number}/" in members
        shown = public("draw", cycle, 1, draw.number)
        assert "5 sit already, 1 of 6 seats are drawn" in shown
        assert "This draw completes draw 2" in shown
        assert "drawn by lot for a vacant seat" in public("roster", cycle)


def test_after_the_cut_off_the_pages_name_the_rule(institution, cycle, staff: Staff):
    factories.amend_rule_book(cycle, 'key = "assembly"', 'key = "assembly"\nreplaced_until_meeting = 1')
    meeting = factories.make_meeting(cycle)
    with clock.at(meeting.ends_at):
        rule = "bodies.assembly.replaced_until_meeting, ostbelgien 2"
        seats = said(staff.get(SECRETARIAT, "seats", 1))
        assert rule in seats
        assert url(institution, "replacement", 1) not in seats
        assert rule in public("members", cycle, 1)


def test_a_seat_outside_the_lot_needs_two_persons_and_stands_in_public(cycle, staff: Staff, second: Staff):
    assert "Nobody outside the pool" in said(staff.get(SECRETARIAT, "exception_new", 1))
    inside = Respondent.objects.filter(member__isnull=True, alternate__isnull=True).first()
    letter = Invitation.objects.create(
        campaign=cycle.campaigns.get(), position=99, selector="LATE01", secret_hash="unusable", language="de",
        status="yes", channel="web", answered_at=clock.now(),
    )  # fmt: skip
    late = Respondent.objects.create(
        invitation=letter, name="Late Comer", email="late@example.org", language="de",
        answers=inside.answers, consented_at=clock.now(),
    )  # fmt: skip
    reason = texts("reason", "Nobody else speaks German", cycle.institution.languages)
    for wrong in ({"person": inside.pk, **reason}, {"person": late.pk}):
        assert staff.post(SECRETARIAT, "exception_new", 1, **wrong).status_code == 422
    assert staff.act(SECRETARIAT, "exception_new", 1, person=late.pk, **reason).status_code == 302
    assert "somebody proposed a seat" in public("members", cycle, 1)
    assert staff.act(SECRETARIAT, "exception_grant", 1, 1).status_code == 403
    assert second.act(SECRETARIAT, "exception_grant", 1, 1).status_code == 302
    members = public("members", cycle, 1)
    assert "Member 7 was not drawn" in members
    assert "Late Comer" not in members
    assert SeatException.objects.get().member.number == 7
    assert staff.get(SECRETARIAT, "exception_withdraw", 1, 1).status_code == 404


def test_an_exception_can_be_withdrawn(cycle, staff: Staff, secretariat):
    letter = Invitation.objects.create(
        campaign=cycle.campaigns.get(), position=99, selector="LATE01", secret_hash="unusable", language="de",
        status="yes", channel="web", answered_at=clock.now(),
    )  # fmt: skip
    late = Respondent.objects.create(
        invitation=letter, name="Late Comer", email="late@example.org", language="de", answers={},
        consented_at=clock.now(),
    )  # fmt: skip
    reason = texts("reason", "Nobody else", cycle.institution.languages)
    staff.act(SECRETARIAT, "exception_new", 1, person=late.pk, **reason)
    assert staff.act(SECRETARIAT, "exception_withdraw", 1, 1).status_code == 302
    assert SeatException.objects.get().withdrawn_at is not None
