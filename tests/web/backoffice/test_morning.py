"""The morning page: each role sees what is hers, the most urgent first, and the one next act."""

from __future__ import annotations

import datetime as dt
import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from isegoria_web import clock
from isegoria_web.accounts.enums import Role
from isegoria_web.accounts.models import User
from isegoria_web.evidence.enums import ChosenBy
from isegoria_web.evidence.models import Question, Speaker
from isegoria_web.followup.models import Duty
from isegoria_web.institutions.enums import Stage
from isegoria_web.lottery.enums import DrawKind
from isegoria_web.lottery.models import Value
from isegoria_web.meetings.models import Meeting, Table, TablePlan
from isegoria_web.recommendations.enums import RecommendationStatus
from isegoria_web.recommendations.models import Recommendation, Version
from isegoria_web.recommendations.services import put_to_vote
from isegoria_web.recruitment.models import Campaign
from isegoria_web.web.backoffice.morning import Urgency, lines_for, next_act
from isegoria_web.web.backoffice.reading import pool_counts, pool_lines, state_of
from tests.web import factories
from tests.web.backoffice.support import Staff

S, F, A, E, O = Role.SECRETARIAT, Role.FACILITATOR, Role.AUTHORITY, Role.EXPERT, Role.OBSERVER  # noqa: E741
TODAY = factories.NOW.date()


def page(response) -> str:
    assert response.status_code == 200
    return response.content.decode()


def user_of(staff: Staff, role: Role) -> User:
    return User.objects.get(pk=staff.clients[role].session["_auth_user_id"])


@pytest.fixture
def working(institution):
    """A cycle in which members deliberate, with an answer overdue in its history."""
    cycle = factories.make_cycle(institution, Stage.DELIBERATING)
    factories.make_features(cycle)
    factories.make_members(cycle)
    Campaign.objects.update(printed_at=factories.NOW, closed_at=factories.NOW)
    recommendation = Recommendation.objects.create(
        cycle=cycle, number=1, status=RecommendationStatus.ADOPTED
    )
    Version.objects.create(
        recommendation=recommendation, number=1, title=factories.texts("A charge"),
        text=factories.texts("Text"), reasons=factories.texts("Why"), written_at=factories.NOW,
    )  # fmt: skip
    Duty.objects.create(
        recommendation=recommendation, due_on=TODAY - dt.timedelta(days=9), rule="duty.answer_days"
    )
    return cycle


def test_a_late_answer_stands_first_with_its_days(working, staff: Staff):
    lines = lines_for([state_of(working)], frozenset({A}), None, TODAY)
    assert lines[0].urgency == Urgency.LATE
    assert lines[0].late_days == 9
    assert "9 days late" in page(staff.get(A, "home"))


def test_the_secretariat_sees_what_others_owe_but_cannot_open_their_form(working, staff: Staff):
    text = page(staff.get(S, "home"))
    assert "Answer recommendation 1" in text
    assert "/answers/1/" not in text
    assert "/answers/1/" in page(staff.get(A, "home"))


def test_a_role_sees_only_what_is_hers(working, staff: Staff):
    for role in (F, E, O):
        assert "Answer recommendation 1" not in page(staff.get(role, "home"))


def test_a_facilitator_finds_her_own_tables(working, staff: Staff):
    meeting = Meeting.objects.create(
        cycle=working, number=1, title=factories.texts("Arriving"), place="Eupen", starts_at=factories.NOW,
        ends_at=factories.NOW + dt.timedelta(hours=8),
    )  # fmt: skip
    plan = TablePlan.objects.create(meeting=meeting, seed="x", rounds=1, planned_at=factories.NOW)
    Table.objects.create(plan=plan, round=1, number=1, facilitator=user_of(staff, F))
    Table.objects.create(plan=plan, round=1, number=2)
    text = page(staff.get(F, "home"))
    assert "Table 1, round 1" in text
    assert "Table 2, round 1" not in text
    assert "Take the attendance of meeting 1" in text


def test_an_expert_sees_the_questions_that_ask_her_and_what_she_declared(working, staff: Staff):
    member = working.members.first()
    speakers = [
        Speaker.objects.create(
            cycle=working, user=user, name=name, role=factories.texts("Planner"), interests=interests,
            chosen_by=ChosenBy.MEMBERS, declared_at=factories.NOW,
        )
        for user, name, interests in (
            (user_of(staff, E), "Mine", factories.texts("Shares in a builder")),
            (None, "Other", factories.texts("None")),
        )
    ]  # fmt: skip
    for speaker in speakers:
        Question.objects.create(
            cycle=working, asked_by=member, speaker=speaker, text=f"A question to {speaker.name}",
            language="en", asked_at=factories.NOW, due_on=TODAY,
        )  # fmt: skip
    morning = page(staff.get(E, "home"))
    assert "question to Mine" in morning
    assert "question to Other" not in morning
    questions = page(staff.get(E, "questions", 1))
    assert "Shares in a builder" in questions
    assert "A question to Other" not in questions
    other = Question.objects.get(speaker=speakers[1])
    assert staff.get(E, "reply", 1, other.public_id).status_code == 404


def test_an_observer_sees_draws_and_no_acts(working, staff: Staff):
    text = page(staff.get(O, "home"))
    assert "Draw of the panel, cycle 1" in text
    assert "csrfmiddlewaretoken" not in text.split("<main", 1)[1]


def test_before_the_signature_the_authority_signs_and_the_secretariat_prepares(institution):
    cycle = factories.make_cycle(institution)
    assert next_act(state_of(cycle), frozenset({A})).page == "mandate"
    assert next_act(state_of(cycle), frozenset({S})).page == "register"
    factories.make_features(cycle)
    factories.make_respondents(factories.make_cycle(institution, Stage.INVITING), 1)
    assert next_act(state_of(cycle), frozenset({S})).page == "mandate"
    cycle.mandate_signed_at = factories.NOW
    assert next_act(state_of(cycle), frozenset({S})).page == "letters"


def test_a_draw_waits_for_its_day_and_is_late_after_it(institution):
    cycle = factories.make_cycle(institution, Stage.INVITING)
    factories.make_features(cycle)
    Value.objects.update(minimum=0, maximum=6)
    due = factories.NOW + dt.timedelta(days=2)
    draw = factories.make_draw(cycle, DrawKind.LETTERS, drawn=False, due=due)
    factories.commit(draw)
    factories.make_respondents(cycle, 3, draw)
    Campaign.objects.update(reply_by=TODAY + dt.timedelta(days=30))
    waiting = next_act(state_of(cycle), frozenset({S}))
    assert (waiting.page, waiting.waits) == ("letters_draw", True)
    with clock.at(factories.NOW + dt.timedelta(days=3)):
        lines = lines_for([state_of(cycle)], frozenset({S}), None, TODAY + dt.timedelta(days=3))
    assert (lines[0].task.page, lines[0].late_days) == ("letters_draw", 1)


def test_the_pool_is_counted_against_what_the_quotas_need(institution):
    cycle = factories.make_cycle(institution, Stage.INVITING)
    factories.make_features(cycle)
    Value.objects.filter(key="F").update(minimum=4, maximum=5)
    factories.make_respondents(cycle, 5)
    features = pool_lines(state_of(cycle).features, pool_counts(cycle))
    line = next(line for each in features for line in each.lines if line.value.key == "F")
    assert line.count + next(
        line.count for each in features for line in each.lines if line.value.key == "M"
    ) == 5  # fmt: skip
    assert line.is_short == (line.count < 4)
    assert [dot.kind for dot in line.dots].count("absent") == line.missing
    assert len(line.dots) == max(line.count, 4)


def test_no_page_carries_inline_style_or_script(working, staff: Staff):
    for role, name, *args in (
        (S, "home"), (S, "cycle", 1), (S, "quotas", 1), (S, "seats", 1), (S, "cycle_new"), (S, "meeting_new", 1),
    ):  # fmt: skip
        text = page(staff.get(role, name, *args))
        assert not re.search(r"\sstyle=|<style|<script(?![^>]*src=)|\son[a-z]+=", text), name


def test_a_form_shows_real_inputs_and_escapes_what_was_typed(institution, staff: Staff):
    assert '<input type="text" name="title_de" lang="de"' in page(staff.get(S, "cycle_new"))
    response = staff.post(S, "cycle_new", title_de='"><script>alert(1)</script>')
    text = response.content.decode()
    assert response.status_code == 422
    assert "<script>alert" not in text
    assert "&lt;script&gt;alert" in text


def test_printing_says_that_codes_are_renewed_and_prints_nothing_without_a_yes(institution, staff: Staff):
    cycle = factories.make_cycle(institution, Stage.INVITING)
    factories.make_respondents(cycle, 3)
    assert "Every letter gets a new code" in page(staff.get(S, "letters_print", 1))
    assert staff.post(S, "letters_print", 1).status_code == 422
    assert Campaign.objects.get().printed_at is None


def test_open_votes_are_read_with_as_few_queries_for_many_as_for_one(institution, secretariat):
    cycle = factories.make_cycle(institution, Stage.DECIDING)
    factories.mix(cycle)
    factories.make_members(cycle)

    def asked(more: int) -> int:
        for _each in range(more):
            draft = factories.make_draft(cycle)
            closes = factories.NOW + dt.timedelta(days=1)
            box = put_to_vote(actor=secretariat, recommendation=draft, closes_at=closes)
            with clock.at(closes):
                factories.count_together(secretariat, box)
        with CaptureQueriesContext(connection) as queries:
            assert len(state_of(cycle).roll_calls_open) == Recommendation.objects.count()
        return len(queries)

    assert asked(1) == asked(2)
