"""Where a statute asks for two answers: the first says what will be done, the final one what became of it."""

from __future__ import annotations

import datetime as dt
import json
import re

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.migrations.executor import MigrationExecutor
from django.test import Client
from django.urls import reverse

from isegoria.rulebook import months_after
from isegoria_web import clock
from isegoria_web.accounts.enums import Role
from isegoria_web.followup import jobs, services
from isegoria_web.followup.enums import AnswerKind, CommitmentStatus, Position, Satisfaction
from isegoria_web.followup.errors import (
    AccountEmpty,
    FinalAnswerOut,
    FirstAnswerMissing,
    NewDayMissing,
    NoFinalDuty,
    PromisesUnaccounted,
    ReasonsMissing,
)
from isegoria_web.followup.handover_content import content_of, is_news
from isegoria_web.followup.handover_words import sections_of
from isegoria_web.followup.models import Answer, Duty, Progress, Reminder
from isegoria_web.followup.owing import duties_of
from isegoria_web.institutions.enums import Stage
from isegoria_web.institutions.guards import missing_of
from isegoria_web.institutions.life import CYCLE
from isegoria_web.institutions.moving import advance
from isegoria_web.journal.enums import Action
from isegoria_web.recommendations.enums import RecommendationStatus
from isegoria_web.recommendations.models import Recommendation, Report
from isegoria_web.web.public.words import facts_in_words
from tests.web import acts, factories
from tests.web.backoffice.support import Staff
from tests.web.consultation.support import sitting_council
from tests.web.factories import NOW, texts

pytestmark = pytest.mark.django_db

HANDED_OVER = NOW - dt.timedelta(days=30)
FIRST_DUE = months_after(HANDED_OVER.date(), 3)
FINAL_DUE = months_after(HANDED_OVER.date(), 12)
PROMISE = {"text": texts("A plan"), "due_on": FINAL_DUE - dt.timedelta(days=60)}
LATER = FINAL_DUE + dt.timedelta(days=200)
UNDER_WAY, KEPT, BROKEN = CommitmentStatus.UNDER_WAY, CommitmentStatus.FULFILLED, CommitmentStatus.BROKEN


@pytest.fixture
def cycle(institution):
    made = factories.make_cycle(institution, Stage.ANSWERING)
    factories.amend_rule_book(made, "[duty]\n", "[duty]\nanswer_months = 3\nfinal_months = 12\n")
    return made


@pytest.fixture
def owed(cycle) -> Recommendation:
    return handed_over(cycle)


def handed_over(cycle, kinds=tuple(AnswerKind)) -> Recommendation:
    """An adopted recommendation whose report was handed over thirty days ago."""
    made = factories.make_draft(cycle)
    made.status = RecommendationStatus.ADOPTED
    made.save()
    if not Report.objects.filter(cycle=cycle).exists():
        Report.objects.create(cycle=cycle, handed_over_at=HANDED_OVER, sha256="0" * 64)
    days = {
        AnswerKind.FIRST: (FIRST_DUE, "duty.answer_months"),
        AnswerKind.FINAL: (FINAL_DUE, "duty.final_months"),
    }
    for kind in kinds:
        due_on, rule = days[kind]
        Duty.objects.create(
            recommendation=made, kind=kind, due_on=due_on, rule=rule, rule_book=cycle.rule_book
        )
    return made


def at_noon(day: dt.date) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(12), dt.UTC)


def first(actor, recommendation, commitments=(), on=FIRST_DUE, position=Position.ACCEPTED):
    with clock.at(at_noon(on)):
        return services.publish_answer(
            actor=actor, recommendation=recommendation, position=position, reasons=texts("Because."),
            responsible="Ministry", commitments=commitments,
        )  # fmt: skip


def final(
    actor, recommendation, accounts=(), on=FINAL_DUE, position=Position.ACCEPTED, reasons="It is done."
):
    with clock.at(at_noon(on)):
        return services.publish_final_answer(
            actor=actor, recommendation=recommendation, position=position,
            reasons=texts(reasons) if reasons else {}, responsible="Ministry", accounts=accounts,
        )  # fmt: skip


def account(promise, status=KEPT, text="Built.", due_on=None):
    return {
        "commitment": promise,
        "status": status,
        "text": texts(text) if text else {},
        "due_on": due_on,
    }


# -- who, when, how often --------------------------------------------------------------------------


def test_each_answer_fulfils_its_own_duty_and_the_journal_says_which(institution, authority, owed, cycle):
    first(authority, owed, on=FIRST_DUE + dt.timedelta(days=5))
    made = final(authority, owed, on=FINAL_DUE + dt.timedelta(days=2))
    assert (made.number, made.kind) == (2, AnswerKind.FINAL)
    assert not duties_of(owed).owed
    facts = [entry.facts for entry in acts.entries(institution, Action.ANSWER_PUBLISHED)]
    version = f"{cycle.rule_book.identifier} {cycle.rule_book.number}"
    assert [(each["answer"], each["due_on"], each["days_late"], each["rules"]) for each in facts] == [
        ("first", FIRST_DUE.isoformat(), 5, {"due_on": f"duty.answer_months, {version}"}),
        ("final", FINAL_DUE.isoformat(), 2, {"due_on": f"duty.final_months, {version}"}),
    ]
    assert "Final answer" in [fact.value for fact in facts_in_words(facts[1])]


def test_nobody_but_the_authority_gives_a_final_answer(institution, authority, owed, cycle):
    first(authority, owed)
    member = factories.make_members(cycle, 1)[0]
    acts.only(
        institution,
        Role.AUTHORITY,
        act=lambda actor: services.publish_final_answer(
            actor=actor, recommendation=owed, position=Position.ACCEPTED, reasons=texts("Yes."), responsible="M"
        ),
        also_refused=(factories.actor_of(member),),
    )  # fmt: skip


def test_a_final_answer_comes_after_a_first_one_however_late_that_is(authority, owed):
    with pytest.raises(FirstAnswerMissing):
        final(authority, owed)
    late = first(authority, owed, on=FINAL_DUE + dt.timedelta(days=10))
    assert late.kind == AnswerKind.FIRST
    assert [each.kind for each in duties_of(owed).owed] == [AnswerKind.FINAL]
    assert final(authority, owed, on=FINAL_DUE + dt.timedelta(days=10)).number == 2


def test_the_database_knows_no_final_answer_before_a_first_one(authority, owed):
    with pytest.raises(IntegrityError), transaction.atomic():
        Answer.objects.create(
            recommendation=owed, number=1, kind=AnswerKind.FINAL, position=Position.ACCEPTED,
            responsible="M", published_at=NOW, published_by=authority.user,
        )  # fmt: skip
    with pytest.raises(IntegrityError), transaction.atomic():
        Duty.objects.create(recommendation=owed, kind=AnswerKind.FINAL, due_on=FINAL_DUE, rule="mandate")


def test_an_early_final_answer_fulfils_the_duty(institution, authority, owed):
    first(authority, owed, on=HANDED_OVER.date())
    final(authority, owed, on=HANDED_OVER.date())
    assert not duties_of(owed).owed
    assert acts.entries(institution, Action.ANSWER_PUBLISHED)[-1].facts["days_late"] == 0


def test_after_the_final_answer_every_change_is_a_further_version_of_it(institution, authority, owed):
    first(authority, owed)
    final(authority, owed)
    with pytest.raises(FinalAnswerOut):
        first(authority, owed, on=FINAL_DUE)
    again = final(authority, owed, on=FINAL_DUE + dt.timedelta(days=40))
    assert (again.number, again.kind) == (3, AnswerKind.FINAL)
    assert acts.entries(institution, Action.ANSWER_PUBLISHED)[-1].facts["days_late"] == 0
    assert duties_of(owed).final.answered_at == at_noon(FINAL_DUE)


def test_where_the_statute_asks_for_none_no_final_answer_is_taken(authority, cycle):
    made = handed_over(cycle, kinds=(AnswerKind.FIRST,))
    first(authority, made)
    with pytest.raises(NoFinalDuty):
        final(authority, made)
    assert Answer.objects.count() == 1


def test_a_rejection_in_the_end_needs_reasons(authority, owed):
    first(authority, owed)
    with pytest.raises(ReasonsMissing):
        final(authority, owed, position=Position.REJECTED, reasons="")
    assert final(authority, owed, position=Position.REJECTED).position == Position.REJECTED


# -- the account of the promises -------------------------------------------------------------------


def test_it_says_of_each_open_promise_where_it_stands(institution, authority, owed):
    made = first(authority, owed, [PROMISE, PROMISE, PROMISE])
    kept, broken, late = made.commitments.order_by("pk")
    given = final(
        authority, owed,
        [account(kept), account(broken, BROKEN, "No money."), account(late, UNDER_WAY, "Next year.", LATER)],
    )  # fmt: skip
    for promise in (kept, broken, late):
        promise.refresh_from_db()
    assert [each.status for each in (kept, broken, late)] == [KEPT, BROKEN, UNDER_WAY]
    assert late.due_on == LATER
    moved = given.accounts.get(commitment=late)
    assert (moved.moved_from, moved.moved_to) == (PROMISE["due_on"], LATER)
    facts = [entry.facts for entry in acts.entries(institution, Action.PROGRESS_REPORTED)]
    assert facts == [
        {"recommendation": 1, "status": "fulfilled"},
        {"recommendation": 1, "status": "broken"},
        {
            "recommendation": 1,
            "status": "under_way",
            "due_on": LATER.isoformat(),
            "rules": {"due_on": "authority"},
        },
    ]


@pytest.mark.parametrize(
    ("said", "refused"),
    [
        ([], PromisesUnaccounted),
        ([("open", KEPT, "Built.", None), ("open", KEPT, "Built.", None)], PromisesUnaccounted),
        ([("open", KEPT, "Built.", None), ("settled", KEPT, "Built.", None)], PromisesUnaccounted),
        ([("foreign", KEPT, "Built.", None)], PromisesUnaccounted),
        ([("open", CommitmentStatus.PROMISED, "Soon.", LATER)], PromisesUnaccounted),
        ([("open", BROKEN, "", None)], AccountEmpty),
        ([("open", UNDER_WAY, "Soon.", None)], NewDayMissing),
        ([("open", UNDER_WAY, "Soon.", FINAL_DUE)], NewDayMissing),
    ],
)
def test_an_incomplete_account_is_refused_and_nothing_is_written(authority, owed, cycle, said, refused):
    promises = first(authority, owed, [PROMISE, PROMISE]).commitments.order_by("pk")
    foreign = first(authority, handed_over(cycle), [PROMISE]).commitments.get()
    rows = {"open": promises[0], "settled": promises[1], "foreign": foreign}
    services.report_progress(
        actor=authority, commitment=rows["settled"], text=texts("Built."), status=CommitmentStatus.FULFILLED
    )
    with pytest.raises(refused):
        final(authority, owed, [account(rows[name], *rest) for name, *rest in said])
    assert not Answer.objects.filter(kind=AnswerKind.FINAL).exists()
    assert Progress.objects.count() == 1


# -- what waits for it -----------------------------------------------------------------------------


def test_a_cycle_follows_up_after_first_answers_and_closes_after_final_ones(
    authority, secretariat, owed, cycle
):
    first(authority, owed)
    cycle.refresh_from_db()
    assert cycle.stage == Stage.FOLLOW_UP
    (missing,) = [
        each for each in missing_of(cycle, CYCLE.verb("close")) if each.guard.id == "answers.final"
    ]
    assert (missing.rule, missing.version) == ("duty.final_months", 2)
    with acts.lacking("answers.final", "review.due"), clock.at(at_noon(FIRST_DUE)):
        advance(actor=secretariat, cycle=cycle, to=Stage.CLOSED)
    final(authority, owed)
    assert "answers.final" not in {each.guard.id for each in missing_of(cycle, CYCLE.verb("close"))}


def test_each_answer_has_its_own_reminders(institution, authority, secretariat, owed, mailoutbox):
    def remind(day):
        with clock.at(at_noon(day)):
            return jobs.send_due_reminders()

    first(authority, owed)
    assert remind(FINAL_DUE - dt.timedelta(days=31)) == 0
    for days in (30, 7, 1, -1):
        assert remind(FINAL_DUE - dt.timedelta(days=days)) == 1
        assert remind(FINAL_DUE - dt.timedelta(days=days)) == 0
    assert set(Reminder.objects.values_list("duty__kind", flat=True)) == {AnswerKind.FINAL}
    assert {mail.subject for mail in mailoutbox} >= {"Final answer: An answer is overdue"}
    final(authority, owed, on=FINAL_DUE + dt.timedelta(days=2))
    assert remind(FINAL_DUE + dt.timedelta(days=30)) == 0


def test_both_clocks_run_while_no_answer_is_given(institution, authority, owed):
    with clock.at(at_noon(FINAL_DUE + dt.timedelta(days=1))):
        assert sorted((duty.kind, step) for duty, step in jobs.due_duties()) == [
            ("final", -1),
            ("first", -1),
        ]


# -- pages -----------------------------------------------------------------------------------------


def words(html: str) -> str:
    html = re.sub(r"<head>.*?</head>|<svg.*?</svg>", " ", html, flags=re.DOTALL)
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html))


def page(response) -> str:
    assert response.status_code == 200
    return words(response.content.decode())


def read(client, name, *args) -> str:
    return words(client.get(reverse(f"public:{name}", args=args)).content.decode())


def test_the_public_reads_both_clocks_and_how_late_each_is(client, institution, authority, owed):
    first(authority, owed)
    with clock.at(at_noon(FINAL_DUE + dt.timedelta(days=3))):
        for name in ("institution", "answers", "recommendations"):
            text = read(client, name, institution.slug)
            assert "First answer: 1 of 1 answered" in text, name
            assert "Final answer: 0 of 1 answered, 1 overdue" in text, name
            assert "Overdue by 3 days" in text, name
        text = read(client, "recommendation", institution.slug, owed.cycle.number, owed.number)
    for part in ("First answer Accepted", "Final answer No answer. Overdue by 3 days", "duty.final_months"):
        assert part in text, part
    assert "Final answer: The answer is missing" in text


def test_the_public_reads_what_became_of_the_promises(client, institution, authority, owed):
    promise = first(authority, owed, [PROMISE]).commitments.get()
    final(authority, owed, [account(promise, UNDER_WAY, "Next year.", LATER)])
    text = read(client, "recommendation", institution.slug, owed.cycle.number, owed.number)
    assert text.index("Final answer") < text.index("What became of what was promised")
    for part in ("Next year.", "instead of", "The authority answered: Final answer"):
        assert part in text, part
    answers = read(client, "answers", institution.slug)
    assert "2 of 2 answered" in answers


def test_where_there_is_only_one_answer_no_page_knows_another_word(client, institution, authority, cycle):
    made = handed_over(cycle, kinds=(AnswerKind.FIRST,))
    for _answered in range(2):
        for name, args in (
            ("institution", ()), ("answers", ()), ("recommendations", ()),
            ("recommendation", (cycle.number, made.number)),
        ):  # fmt: skip
            text = read(client, name, institution.slug, *args)
            assert not re.search("first answer|final answer", text, re.IGNORECASE), name
        first(authority, made)


def test_programs_read_both_duties(client, institution, authority, owed):
    promise = first(authority, owed, [PROMISE]).commitments.get()
    final(authority, owed, [account(promise)], on=FINAL_DUE)
    address = f"/api/v1/institutions/{institution.slug}/cycles/{owed.cycle.number}/recommendations"
    (told,) = json.loads(client.get(address).content)
    assert [(each["kind"], each["due_on"], each["rule"]) for each in told["duties"]] == [
        ("first", FIRST_DUE.isoformat(), "duty.answer_months"),
        ("final", FINAL_DUE.isoformat(), "duty.final_months"),
    ]
    assert [each["kind"] for each in told["answers"]] == ["first", "final"]
    (accounted,) = told["answers"][1]["accounts"]
    assert (accounted["status"], accounted["commitment"]) == ("fulfilled", PROMISE["text"])


def test_the_dossier_of_the_next_cohort_tells_both(institution, authority, owed):
    first(authority, owed)
    cycle = factories.make_cycle(institution)
    with clock.at(at_noon(FINAL_DUE + dt.timedelta(days=4))):
        content = content_of(cycle)
    said = {each.key: [entry.facts for entry in each.entries] for each in sections_of(content)}
    ((*_facts, clock_line),) = said["owed"]
    assert clock_line.startswith("Final answer: No answer. It was due on")
    assert "4 days late" in clock_line
    assert any(fact.startswith("First answer: Answered on") for fact in said["fate"][0])
    with clock.at(at_noon(FIRST_DUE)):
        ahead = content_of(cycle)
    assert "final_answer" in {each["kind"] for each in ahead["calendar"]}


def test_a_dossier_that_was_handed_over_before_is_read_as_ever_and_is_no_news(
    institution, authority, cycle
):
    made = handed_over(cycle, kinds=(AnswerKind.FIRST,))
    following = factories.make_cycle(institution)
    content = content_of(following)
    (told,) = content["recommendations"]
    assert (told["due_on"], "final" in told) == (FIRST_DUE.isoformat(), False)
    assert not is_news(content_of(following), content)
    (owed,) = next(each for each in sections_of(content) if each.key == "owed").entries
    assert owed.facts[-1].startswith("The answer is due on")
    assert made.number == told["number"]


# -- the office ------------------------------------------------------------------------------------


@pytest.fixture
def staff(institution) -> Staff:
    clients = {}
    for role in (Role.SECRETARIAT, Role.AUTHORITY):
        clients[role] = Client()
        clients[role].force_login(factories.actor(institution, role).user)
    return Staff(institution, clients)


def form(promise, **changed):
    data = {
        "position": "accepted", "reasons_de": "Es steht.", "reasons_en": "It stands.", "responsible": "Ministry",
        "commitments-TOTAL_FORMS": "3", "commitments-INITIAL_FORMS": "0",
        f"account-{promise.pk}-status": "under_way", f"account-{promise.pk}-text_de": "Bald.",
        f"account-{promise.pk}-due_on": (NOW.date() + dt.timedelta(days=400)).isoformat(),
    }  # fmt: skip
    return {**data, **changed}


def test_the_authority_gives_the_final_answer_on_its_page(institution, authority, owed, staff):
    assert staff.get(Role.AUTHORITY, "final_answer", 1, 1).status_code == 409  # no first answer yet
    promise = first(authority, owed, [PROMISE], on=NOW.date()).commitments.get()
    assert "Give the final answer to recommendation 1" in page(staff.get(Role.AUTHORITY, "answers", 1))
    assert "Give the final answer to recommendation 1" in page(staff.get(Role.AUTHORITY, "home"))
    shown = page(staff.get(Role.AUTHORITY, "final_answer", 1, 1))
    assert "duty.final_months" in shown
    assert "A plan" in shown
    for wrong in ({f"account-{promise.pk}-due_on": ""}, {f"account-{promise.pk}-text_de": ""}):
        refused = staff.act(Role.AUTHORITY, "final_answer", 1, 1, **form(promise, **wrong))
        assert refused.status_code == 422
    assert staff.act(Role.SECRETARIAT, "final_answer", 1, 1, **form(promise)).status_code == 404
    assert staff.act(Role.AUTHORITY, "final_answer", 1, 1, **form(promise)).status_code == 302
    assert Answer.objects.latest("number").kind == AnswerKind.FINAL
    listed = page(staff.get(Role.AUTHORITY, "answers", 1))
    assert "Change the final answer to recommendation 1" in listed
    assert (
        staff.get(Role.AUTHORITY, "answer", 1, 1).status_code == 302
    )  # from now on the final one is changed


def test_where_no_final_answer_is_owed_there_is_no_page_for_it(authority, cycle, staff):
    made = handed_over(cycle, kinds=(AnswerKind.FIRST,))
    first(authority, made, on=NOW.date())
    assert staff.get(Role.AUTHORITY, "final_answer", 1, 1).status_code == 404
    assert "final answer" not in page(staff.get(Role.AUTHORITY, "answers", 1)).lower()


# -- verdicts --------------------------------------------------------------------------------------


def test_members_are_asked_of_the_final_answer_again_and_see_what_is_awaited(
    client, institution, authority, owed, cycle
):
    member = factories.make_members(cycle, 1)[0]
    client.force_login(member.user)
    home, verdict = (
        reverse("members:home", args=[institution.slug]), reverse("members:verdict", args=[institution.slug, 1])
    )  # fmt: skip
    awaited = client.get(home).content.decode()
    assert "Answers that are awaited" in awaited
    assert "Final answer" in awaited
    first(authority, owed, on=NOW.date())
    assert verdict in client.get(home).content.decode()
    assert client.post(verdict, {"satisfaction": "partly"}).status_code == 302
    assert verdict not in client.get(home).content.decode()
    made = final(authority, owed, on=NOW.date())
    assert verdict in client.get(home).content.decode()
    assert "Final answer" in client.get(verdict).content.decode()
    assert client.post(verdict, {"satisfaction": "satisfied"}).status_code == 302
    assert verdict not in client.get(home).content.decode()
    assert made.verdicts.get().satisfaction == Satisfaction.SATISFIED


def test_a_body_that_follows_up_is_asked_again_too(client, institution, authority, owed):
    first(authority, owed, on=NOW.date())
    council = sitting_council(institution)
    where = {"institution": institution.slug, "body": "council"}
    room = reverse("members:body", kwargs=where)
    address = reverse("members:body_verdict", kwargs={**where, "cycle": 1, "number": 1})
    client.force_login(council[0].user)
    assert client.post(address, {"satisfaction": "satisfied"}).status_code == 302
    assert address not in client.get(room).content.decode()
    final(authority, owed, on=NOW.date())
    assert address in client.get(room).content.decode()


# -- rows from before ------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_duties_from_before_stay_and_open_cycles_are_owed_their_final_answers():
    institution = factories.make_institution()
    authority = factories.actor(institution, Role.AUTHORITY)
    rows = {}
    for name, stage in (("open", Stage.FOLLOW_UP), ("closed", Stage.CLOSED)):
        cycle = factories.make_cycle(institution, stage)
        factories.amend_rule_book(
            cycle, "[duty]\n", "[duty]\nanswer_months = 3\nfinal_months = 12\n"
        ) if not rows else None
        cycle.rule_book = institution.rule_books.latest("number")
        cycle.save()
        rows[name] = handed_over(cycle, kinds=(AnswerKind.FIRST,))
    silent = factories.make_cycle(institution, Stage.ANSWERING)
    silent.rule_book = institution.rule_books.earliest("number")
    silent.save()
    rows["silent"] = handed_over(silent, kinds=(AnswerKind.FIRST,))
    answered = first(authority, rows["open"], on=NOW.date())
    before = list(
        Duty.objects.order_by("pk").values_list(
            "recommendation", "due_on", "rule", "rule_book", "answered_at"
        )
    )
    try:
        _migrate("0007_legacy_in_each_cycle")
    finally:
        _migrate(None)
    after = Duty.objects.filter(kind=AnswerKind.FIRST).order_by("pk")
    assert list(after.values_list("recommendation", "due_on", "rule", "rule_book", "answered_at")) == before
    (made,) = Duty.objects.filter(kind=AnswerKind.FINAL)
    assert (made.recommendation, made.due_on, made.rule, made.answered_at) == (
        rows["open"], FINAL_DUE, "duty.final_months", None,
    )  # fmt: skip
    assert made.rule_book == rows["open"].cycle.rule_book
    assert Answer.objects.get().pk == answered.pk


def _migrate(name: str | None) -> None:
    executor = MigrationExecutor(connection)
    leaves = [node for node in executor.loader.graph.leaf_nodes() if node[0] == "followup"]
    executor.migrate([("followup", name)] if name else leaves)
