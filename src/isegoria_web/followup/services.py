from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from django.db import transaction

from isegoria_web import clock
from isegoria_web.accounts.actors import Actor
from isegoria_web.errors import require, required
from isegoria_web.followup import policies
from isegoria_web.followup.enums import ACCOUNTED, AnswerKind, CommitmentStatus, Position, Satisfaction
from isegoria_web.followup.errors import (
    AccountEmpty,
    FinalAnswerOut,
    FirstAnswerMissing,
    NewDayMissing,
    NoDuty,
    NoFinalDuty,
    PromisesUnaccounted,
    ReasonsMissing,
)
from isegoria_web.followup.models import Answer, Commitment, Duty, Progress, Verdict, VerdictSum
from isegoria_web.institutions.algorithms import FROM_AUTHORITY
from isegoria_web.institutions.enums import Stage
from isegoria_web.institutions.guards import missing_of
from isegoria_web.institutions.life import CYCLE
from isegoria_web.institutions.models import Cycle, Institution
from isegoria_web.institutions.moving import advance
from isegoria_web.journal.enums import Action
from isegoria_web.journal.services import record
from isegoria_web.membership.services import end_terms
from isegoria_web.recommendations.algorithms import answer_due, final_due, ground_of_duty
from isegoria_web.recommendations.models import Recommendation, Report
from isegoria_web.recommendations.services import hand_over_report
from isegoria_web.translated import Texts, written


def deliver_report(*, actor: Actor, cycle: Cycle, language: str | None = None) -> Report:
    """Hand over the report; from this day on every adopted recommendation is owed an answer.

    Where the rule book asks for a final answer too, it is owed both, each by its own day and rule.

    Parameters
    ----------
    language
        Of the printed report; the institution's first where none is given.

    Raises
    ------
    ReportHandedOver, WrongStage
        If there is one, or it is not the stage for it.
    SomethingMissing
        If it is not the time for it; it says everything that is missing.
    """
    require(policies.may_deliver_report(actor, cycle))
    with transaction.atomic():
        made = hand_over_report(actor=actor, cycle=cycle, language=language)
        today = clock.today(cycle.institution.time_zone)
        days = {
            AnswerKind.FIRST: required(answer_due(cycle, today)),
            AnswerKind.FINAL: final_due(cycle, today),
        }
        Duty.objects.bulk_create(
            Duty(recommendation=each, kind=kind, due_on=due[0], rule=due[1], rule_book=cycle.rule_book)
            for each in cycle.recommendations.adopted()
            for kind, due in days.items()
            if due is not None
        )
        end_terms(actor=actor, cycle=cycle)
        advance(actor=actor, cycle=cycle, to=Stage.ANSWERING)
        _follow_up_when_all_answered(actor, cycle)
        return made


def publish_answer(
    *,
    actor: Actor,
    recommendation: Recommendation,
    position: Position,
    reasons: Texts,
    responsible: str,
    commitments: Iterable[Mapping[str, Any]] = (),
) -> Answer:
    """Publish what the authority says to a recommendation; a later change is a new version beside the old.

    It fulfils the duty of the first answer, however late it is.

    Parameters
    ----------
    commitments
        Each with `text` and `due_on`.

    Raises
    ------
    ReasonsMissing
        For a rejection without reasons.
    NoDuty
        If the recommendation was not handed over.
    FinalAnswerOut
        If the final answer is public: what changes from then on is a further version of that one.
    """
    require(policies.may_answer(actor, recommendation))
    with transaction.atomic():
        duties = _locked_duties(recommendation)
        if AnswerKind.FIRST not in duties:
            raise NoDuty
        if recommendation.answers.filter(kind=AnswerKind.FINAL).exists():
            raise FinalAnswerOut
        answer = _new_answer(actor, recommendation, AnswerKind.FIRST, position, reasons, responsible)
        _promise(answer, commitments)
        _published(actor, answer, duties)
        return answer


def publish_final_answer(
    *,
    actor: Actor,
    recommendation: Recommendation,
    position: Position,
    reasons: Texts,
    responsible: str,
    accounts: Iterable[Mapping[str, Any]] = (),
    commitments: Iterable[Mapping[str, Any]] = (),
) -> Answer:
    """Publish what the authority did with a recommendation; a later change is a further final version beside it.

    It fulfils the duty of the final answer, also before its day. Where each open promise stands is part of it.

    Parameters
    ----------
    accounts
        One for each promise that is open: `commitment`, `status` (one of `ACCOUNTED`), `text` and, where it is under
        way, `due_on`, a day that is still to come.
    commitments
        What is promised anew, each with `text` and `due_on`.

    Raises
    ------
    ReasonsMissing
        For a rejection without reasons.
    NoFinalDuty
        If no final answer is owed: the rule book asks for none, or the report is not handed over.
    FirstAnswerMissing
        If there is no first answer yet.
    PromisesUnaccounted, AccountEmpty, NewDayMissing
        If it does not say of each open promise, and of no other, what was done, why it is given up, or by when it will be done.
    """
    require(policies.may_answer(actor, recommendation))
    with transaction.atomic():
        duties = _locked_duties(recommendation)
        if AnswerKind.FINAL not in duties:
            raise NoFinalDuty
        if not recommendation.answers.exists():
            raise FirstAnswerMissing
        given = _complete_accounts(recommendation, list(accounts))
        answer = _new_answer(actor, recommendation, AnswerKind.FINAL, position, reasons, responsible)
        for each in given:
            _report(
                actor, each["commitment"], each["text"], each["status"],
                answer=answer, due_on=each.get("due_on"),
            )  # fmt: skip
        _promise(answer, commitments)
        _published(actor, answer, duties)
        return answer


def report_progress(
    *, actor: Actor, commitment: Commitment, text: Texts, status: CommitmentStatus
) -> Progress:
    """Report on a commitment; every report stays."""
    require(policies.may_report_progress(actor, commitment))
    with transaction.atomic():
        commitment = Commitment.objects.select_for_update().get(pk=commitment.pk)
        return _report(actor, commitment, text, status)


def give_verdict(*, actor: Actor, answer: Answer, satisfaction: Satisfaction) -> Verdict:
    """Say whether an answer satisfies; a second time changes the first. Single verdicts stay private.

    Who judges says the rule book: a body that follows up, while members sit in it, else the members of the cycle.
    No entry in the journal: its time would tell when she spoke. `publish_verdicts` writes the sums down.
    """
    require(policies.may_give_verdict(actor, answer))
    with transaction.atomic():
        verdict, _first = Verdict.objects.update_or_create(
            answer=answer,
            member=required(policies.judge_of(actor, answer)),
            defaults={
                "satisfaction": satisfaction, "body": policies.following_body(answer.recommendation.cycle)
            },
        )  # fmt: skip
        return verdict


def publish_verdicts(*, actor: Actor, institution: Institution) -> int:
    """Publish how many members said what of each answer, where it changed; returns of how many answers and bodies.

    A sum of fewer than five is not published. A sum that is public stays as it is until it changes, at most once a day.
    """
    require(policies.may_publish_verdicts(actor))
    with transaction.atomic():
        Institution.objects.select_for_update().get(pk=institution.pk)
        today = clock.today(institution.time_zone)
        of_institution = {"answer__recommendation__cycle__institution": institution}
        public = {
            (each.answer_id, each.body_id): each for each in VerdictSum.objects.filter(**of_institution)
        }
        changed = 0
        for (answer, body), counts in Verdict.objects.filter(**of_institution).sums_to_publish().items():
            known = public.get((answer, body))
            if known is None or (known.published_on < today and known.counts != counts):
                _publish(actor, known or VerdictSum(answer_id=answer, body_id=body), counts, today)
                changed += 1
        return changed


def _publish(actor: Actor, made: VerdictSum, counts: Mapping[Satisfaction, int], today: date) -> None:
    told = {each.value: count for each, count in counts.items()}
    for name, value in {**told, "published_on": today}.items():
        setattr(made, name, value)
    made.full_clean()
    made.save()
    answer, recommendation = made.answer, made.answer.recommendation
    record(
        actor=actor, institution=recommendation.cycle.institution, action=Action.VERDICT_GIVEN, subject=answer,
        facts={
            "cycle": recommendation.cycle.number,
            "recommendation": recommendation.number,
            "version": answer.number,
            **told,
            **({"body": made.body.key, "rule": "duty.follows_up"} if made.body else {}),
        },
    )  # fmt: skip


def _follow_up_when_all_answered(actor: Actor, cycle: Cycle) -> None:
    """Move the cycle on; also where nothing was adopted, so that no answer is owed."""
    cycle = Cycle.objects.select_related("institution", "body", "rule_book").get(pk=cycle.pk)
    if cycle.stage == Stage.ANSWERING and not missing_of(cycle, CYCLE.verb("follow")):
        advance(actor=actor, cycle=cycle, to=Stage.FOLLOW_UP)


# -- the parts of an answer ------------------------------------------------------------------------------------


def _locked_duties(recommendation: Recommendation) -> dict[AnswerKind, Duty]:
    found = Duty.objects.select_for_update().filter(recommendation=recommendation)
    return {AnswerKind(each.kind): each for each in found}


def _new_answer(  # an answer has as many parts
    actor: Actor,
    recommendation: Recommendation,
    kind: AnswerKind,
    position: Position,
    reasons: Texts,
    responsible: str,
) -> Answer:
    given = written(reasons)
    if position == Position.REJECTED and not given:
        raise ReasonsMissing
    answer = Answer(
        recommendation=recommendation, number=recommendation.answers.count() + 1, kind=kind, position=position,
        reasons=given, responsible=responsible, published_at=clock.now(), published_by=actor.user,
    )  # fmt: skip
    answer.clean_fields(exclude=["reasons"])
    answer.save()
    return answer


def _promise(answer: Answer, commitments: Iterable[Mapping[str, Any]]) -> None:
    for each in commitments:
        commitment = Commitment(answer=answer, text=dict(each["text"]), due_on=each["due_on"])
        commitment.full_clean()
        commitment.save()


def _complete_accounts(
    recommendation: Recommendation, accounts: list[Mapping[str, Any]]
) -> list[dict[str, Any]]:
    """Return the accounts with their promises, locked, if they tell of each open one and of no other."""
    rows = Commitment.objects.select_for_update(of=("self",)).still_open()
    open_ = {each.pk: each for each in rows.filter(answer__recommendation=recommendation)}
    named = [each["commitment"].pk for each in accounts]
    if sorted(named) != sorted(open_):
        raise PromisesUnaccounted
    today = clock.today(recommendation.cycle.institution.time_zone)
    complete = []
    for key, each in zip(named, accounts, strict=True):
        text = written(each["text"])
        if each["status"] not in ACCOUNTED:
            raise PromisesUnaccounted
        if not text:
            raise AccountEmpty
        under_way = each["status"] == CommitmentStatus.UNDER_WAY
        day: date | None = each.get("due_on") if under_way else None
        if under_way and (day is None or day <= today):
            raise NewDayMissing
        complete.append({"commitment": open_[key], "status": each["status"], "text": text, "due_on": day})
    return complete


def _report(
    actor: Actor,
    commitment: Commitment,
    text: Texts,
    status: CommitmentStatus,
    *,
    answer: Answer | None = None,
    due_on: date | None = None,
) -> Progress:
    """Write down where a promise stands, and move its day if a new one is given."""
    moved = due_on is not None and due_on != commitment.due_on
    made = Progress(
        commitment=commitment, text=dict(text), status=status, reported_at=clock.now(), answer=answer,
        moved_from=commitment.due_on if moved else None, moved_to=due_on if moved else None,
    )  # fmt: skip
    made.full_clean()
    made.save()
    commitment.status, commitment.due_on = status, made.moved_to or commitment.due_on
    commitment.save(update_fields=["status", "due_on"])
    recommendation = commitment.answer.recommendation
    record(
        actor=actor, institution=recommendation.cycle.institution, action=Action.PROGRESS_REPORTED,
        subject=commitment.answer,
        facts={
            "recommendation": recommendation.number,
            "status": status.value,
            **({"due_on": made.moved_to.isoformat(), "rules": {"due_on": FROM_AUTHORITY}} if made.moved_to else {}),
        },
    )  # fmt: skip
    return made


def _published(actor: Actor, answer: Answer, duties: Mapping[AnswerKind, Duty]) -> None:
    """Fulfil the duty that an answer is given for, tell the journal, and move the cycle on where nothing holds it."""
    recommendation, duty = answer.recommendation, duties[AnswerKind(answer.kind)]
    late = duty.days_late(clock.today(recommendation.cycle.institution.time_zone))
    if duty.answered_at is None:
        duty.answered_at = answer.published_at
        duty.save(update_fields=["answered_at"])
    record(
        actor=actor, institution=recommendation.cycle.institution, action=Action.ANSWER_PUBLISHED,
        subject=answer,
        facts={
            "cycle": recommendation.cycle.number,
            "recommendation": recommendation.number,
            "version": answer.number,
            **({"answer": answer.kind} if AnswerKind.FINAL in duties else {}),
            "position": answer.position,
            "days_late": late,
            "due_on": duty.due_on.isoformat(),
            "rules": {"due_on": ground_of_duty(recommendation.cycle, duty.rule)},
        },
    )  # fmt: skip
    _follow_up_when_all_answered(actor, recommendation.cycle)
