from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from django.db import transaction

from isegoria_web import clock
from isegoria_web.accounts.actors import Actor
from isegoria_web.errors import require, required
from isegoria_web.followup import policies
from isegoria_web.followup.enums import CommitmentStatus, Position, Satisfaction
from isegoria_web.followup.errors import NoDuty, ReasonsMissing
from isegoria_web.followup.models import Answer, Commitment, Duty, Progress, Verdict, VerdictSum
from isegoria_web.institutions.enums import Stage
from isegoria_web.institutions.guards import missing_of
from isegoria_web.institutions.life import CYCLE
from isegoria_web.institutions.models import Cycle, Institution
from isegoria_web.institutions.moving import advance
from isegoria_web.journal.enums import Action
from isegoria_web.journal.services import record
from isegoria_web.membership.services import end_terms
from isegoria_web.recommendations.algorithms import answer_due, ground_of_duty
from isegoria_web.recommendations.models import Recommendation, Report
from isegoria_web.recommendations.services import hand_over_report
from isegoria_web.translated import Texts, written


def deliver_report(*, actor: Actor, cycle: Cycle, language: str | None = None) -> Report:
    """Hand over the report; every adopted recommendation is owed an answer from this day on.

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
        due_on, rule = required(answer_due(cycle, clock.today(cycle.institution.time_zone)))
        adopted = cycle.recommendations.adopted()
        Duty.objects.bulk_create(
            Duty(recommendation=each, due_on=due_on, rule=rule, rule_book=cycle.rule_book)
            for each in adopted
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
    """
    require(policies.may_answer(actor, recommendation))
    given = written(reasons)
    if position == Position.REJECTED and not given:
        raise ReasonsMissing
    with transaction.atomic():
        duty = Duty.objects.select_for_update().filter(recommendation=recommendation).first()
        if duty is None:
            raise NoDuty
        answer = Answer(
            recommendation=recommendation, number=recommendation.answers.count() + 1, position=position,
            reasons=given, responsible=responsible, published_at=clock.now(), published_by=actor.user,
        )  # fmt: skip
        answer.clean_fields(exclude=["reasons"])
        answer.save()
        for each in commitments:
            commitment = Commitment(answer=answer, text=dict(each["text"]), due_on=each["due_on"])
            commitment.full_clean()
            commitment.save()
        late = 0
        if duty.answered_at is None:
            late = max(0, -duty.days_left(clock.today(recommendation.cycle.institution.time_zone)))
            duty.answered_at = clock.now()
            duty.save(update_fields=["answered_at"])
        record(
            actor=actor, institution=recommendation.cycle.institution, action=Action.ANSWER_PUBLISHED,
            subject=answer,
            facts={
                "cycle": recommendation.cycle.number,
                "recommendation": recommendation.number,
                "version": answer.number,
                "position": position.value,
                "days_late": late,
                "due_on": duty.due_on.isoformat(),
                "rules": {"due_on": ground_of_duty(recommendation.cycle, duty.rule)},
            },
        )  # fmt: skip
        _follow_up_when_all_answered(actor, recommendation.cycle)
        return answer


def report_progress(
    *, actor: Actor, commitment: Commitment, text: Texts, status: CommitmentStatus
) -> Progress:
    """Report on a commitment; every report stays."""
    require(policies.may_report_progress(actor, commitment))
    with transaction.atomic():
        Commitment.objects.select_for_update().get(pk=commitment.pk)
        made = Progress(commitment=commitment, text=dict(text), status=status, reported_at=clock.now())
        made.full_clean()
        made.save()
        commitment.status = status
        commitment.save(update_fields=["status"])
        recommendation = commitment.answer.recommendation
        record(
            actor=actor, institution=recommendation.cycle.institution, action=Action.PROGRESS_REPORTED,
            subject=commitment.answer,
            facts={"recommendation": recommendation.number, "status": status.value},
        )  # fmt: skip
        return made


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
        given = Verdict.objects.filter(answer__recommendation__cycle__institution=institution)
        return sum(
            _publish(actor, answer, body, counts, today)
            for (answer, body), counts in given.sums_to_publish().items()
        )


def _publish(
    actor: Actor, key: int, body: int | None, counts: Mapping[Satisfaction, int], today: date
) -> bool:
    answer = Answer.objects.select_related("recommendation__cycle__institution").get(pk=key)
    told = {each.value: count for each, count in counts.items()}
    found = VerdictSum.objects.filter(answer=answer, body=body).first()
    if found is not None and (found.published_on >= today or found.counts == counts):
        return False
    made = found or VerdictSum(answer=answer, body_id=body)
    for name, value in {**told, "published_on": today}.items():
        setattr(made, name, value)
    made.full_clean()
    made.save()
    recommendation = answer.recommendation
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
    return True


def _follow_up_when_all_answered(actor: Actor, cycle: Cycle) -> None:
    """Move the cycle on; also where nothing was adopted, so that no answer is owed."""
    cycle = Cycle.objects.select_related("institution", "body", "rule_book").get(pk=cycle.pk)
    if cycle.stage == Stage.ANSWERING and not missing_of(cycle, CYCLE.verb("follow")):
        advance(actor=actor, cycle=cycle, to=Stage.FOLLOW_UP)
