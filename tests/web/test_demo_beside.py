"""Beside its cycles the demonstration shows an agenda and what members are paid back."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

import pytest

from isegoria import register
from isegoria_web import clock
from isegoria_web.accounts.actors import Actor
from isegoria_web.accounts.enums import Role
from isegoria_web.allowances import iban
from isegoria_web.allowances.enums import ClaimStatus
from isegoria_web.allowances.models import Claim, PaymentFile
from isegoria_web.consultation.enums import ThemeStatus
from isegoria_web.demo import agenda, costs, story
from isegoria_web.demo.answering import Answering
from isegoria_web.demo.calendar import PLANS, moment
from isegoria_web.demo.scene import Scene
from isegoria_web.followup.enums import Position
from isegoria_web.followup.models import Answer, Verdict
from isegoria_web.institutions.enums import Stage
from isegoria_web.journal.algorithms import verify_journal
from isegoria_web.journal.services import export_lines
from isegoria_web.meetings.enums import Presence
from isegoria_web.meetings.models import Attendance, Meeting
from isegoria_web.membership.enums import EndReason, TermStatus
from isegoria_web.membership.models import Term
from tests.web import factories

pytestmark = pytest.mark.django_db
TODAY = factories.NOW.date()


def play(steps: Iterable[Any]) -> None:
    """Play acts on their days, as the demonstration does."""
    for days_ago, hour, _name, do in sorted(steps, key=lambda step: moment(TODAY, step[0], step[1])):
        with clock.at(moment(TODAY, days_ago, hour)):
            do()


@pytest.fixture
def staff(institution) -> dict[str, Actor]:
    roles = {
        "secretariat": Role.SECRETARIAT,
        "second-secretariat": Role.SECRETARIAT,
        "authority": Role.AUTHORITY,
    }
    return {name: factories.actor(institution, role) for name, role in roles.items()}


def test_the_agenda_has_a_theme_in_every_state_and_the_rules_decide(institution, staff, client, tmp_path):
    file = tmp_path / "register.csv"
    register.write(register.synthesize(size=900), file)
    member = factories.make_members(factories.make_cycle(institution, Stage.LEARNING))[0]
    member.terms.update(starts_on=TODAY - dt.timedelta(days=100))
    themes = [
        agenda.ThemePlay(number, each, institution, staff, lambda: factories.actor_of(member), file, TODAY)
        for number, each in enumerate(story.read()["themes"], start=1)
    ]
    play(step for each in themes for step in each.steps())
    found = [each.theme for each in themes]
    assert [each.status for each in found] == [
        ThemeStatus.SUPPORTED, ThemeStatus.COLLECTING, ThemeStatus.SUPPORTED, ThemeStatus.REFUSED,
        ThemeStatus.WAITING,
    ]  # fmt: skip
    assert 100 <= found[0].signed <= 118  # whom the lot names twice counts once
    assert 0 < found[1].signed <= 43
    assert [each.signed for each in found[2:]] == [0, 0, 0]
    assert found[1].collects_until > TODAY
    assert verify_journal(export_lines(institution.chain)).ok
    page = client.get(f"/en/{institution.slug}/themes/").content.decode()
    assert found[0].title in page
    assert found[1].title in page


def test_travel_is_claimed_decided_by_a_second_person_and_paid(institution, staff):
    cycle = factories.make_cycle(institution, Stage.DELIBERATING)
    members = factories.make_members(cycle)
    for number, days_ago in ((1, 60), (2, 32)):
        meeting = Meeting.objects.create(
            cycle=cycle, number=number, title=factories.texts("Meeting"), place="Eupen",
            starts_at=moment(TODAY, days_ago, "09:00"), ends_at=moment(TODAY, days_ago, "17:00"),
        )  # fmt: skip
        for member in members:
            presence = Presence.EXCUSED if member == members[-1] else Presence.PRESENT
            Attendance.objects.create(
                meeting=meeting, member=member, presence=presence, recorded_at=meeting.ends_at
            )
    paid = costs.CostsPlay(institution, staff, story.read()["costs"], (60, 32, -9), cycle.number)
    play(paid.steps())
    claims = Claim.objects.filter(institution=institution)
    assert claims.count() == 2 * (len(members) - 1)
    assert claims.filter(status=ClaimStatus.PAID).count() == len(members) - 1
    assert claims.filter(status=ClaimStatus.CLAIMED).count() == 2
    assert all(each.made_by != each.decided_by for each in claims.exclude(status=ClaimStatus.CLAIMED))
    assert PaymentFile.objects.get().paid_at is not None
    assert verify_journal(export_lines(institution.chain)).ok


@pytest.mark.parametrize("number", [0, 1, 7, 96, 97, 500])
def test_an_invented_account_has_right_check_digits(number):
    assert iban.normal(costs._iban(number)) == costs._iban(number)


def test_members_whose_terms_ended_with_the_report_judge_the_answers(institution, staff, tmp_path):
    cycle = factories.make_cycle(institution, Stage.FOLLOW_UP)
    members = factories.make_members(cycle)
    Term.objects.update(status=TermStatus.ENDED, end_reason=EndReason.TERM, ends_on=TODAY)
    draft = factories.make_draft(cycle)
    Answer.objects.create(
        recommendation=draft, number=1, position=Position.ACCEPTED, responsible="Minister",
        published_at=factories.NOW, published_by=staff["authority"].user,
    )  # fmt: skip
    scene = Scene(
        number=1, story={"recommendations": [{"answer": {"verdicts": {"satisfied": 2, "partly": 1}}}]},
        plan=PLANS[0], institution=institution, staff=staff, features=[], sources={},
        register_file=tmp_path / "none", today=TODAY, key="1",
    )  # fmt: skip
    scene.cycle = cycle
    Answering(scene).give_verdicts()
    assert scene.members() == []
    given = Verdict.objects.values_list("satisfaction", flat=True).order_by("member__number")
    assert list(given) == ["satisfied", "satisfied", "partly"]
    assert len(members) > 3
