"""The mandate of a cycle: a draft until the authority signs it, and after that changed only by a visible new version."""

from __future__ import annotations

from collections.abc import Mapping

from django.db import transaction

from isegoria_web import clock
from isegoria_web.accounts.actors import Actor
from isegoria_web.errors import require
from isegoria_web.institutions import policies
from isegoria_web.institutions.algorithms import promise_ground
from isegoria_web.institutions.enums import Stage
from isegoria_web.institutions.errors import (
    ChangeNeedsReasons,
    MandateAlreadySigned,
    MandateNotSigned,
    MandateUnchanged,
    WrongStage,
)
from isegoria_web.institutions.life import Work
from isegoria_web.institutions.models import Cycle, MandateVersion
from isegoria_web.institutions.services import mandate_digest, require_in_time
from isegoria_web.institutions.signing import require_signable
from isegoria_web.institutions.status import require_cycle_at_work
from isegoria_web.journal.enums import Action
from isegoria_web.journal.services import record
from isegoria_web.translated import Texts, written


def change_draft(
    *,
    actor: Actor,
    cycle: Cycle,
    title: Texts,
    question: Texts,
    scope: Texts,
    promised_answer_days: int | None,
) -> Cycle:
    """Change the mandate while it is a draft.

    Raises
    ------
    MandateAlreadySigned
        If the authority signed it.
    MandateUnchanged
        If it says the same.
    PromisedTooLate
        If the first answer would come after the final one.
    """
    require(policies.may_open_cycle(actor, cycle.institution))
    with transaction.atomic():
        cycle = Cycle.objects.locked(cycle.pk)
        if cycle.mandate_signed_at is not None:
            raise MandateAlreadySigned
        _write(cycle, title, question, scope, promised_answer_days)
        record(
            actor=actor, institution=cycle.institution, action=Action.MANDATE_DRAFTED, subject=cycle,
            facts={"cycle": cycle.number, "mandate_sha256": mandate_digest(cycle)},
        )  # fmt: skip
        return cycle


def revise(
    *,
    actor: Actor,
    cycle: Cycle,
    title: Texts,
    question: Texts,
    scope: Texts,
    promised_answer_days: int | None,
    reasons: Texts,
) -> MandateVersion:
    """Sign a new version of a mandate that was signed; every version stays public, with the difference and the reasons.

    Raises
    ------
    CycleBrokenOff, NotAtWork
        If the cycle was broken off, or the institution abolished.
    MandateNotSigned, WrongStage
        If there is none to revise, or the cycle is closed.
    ChangeNeedsReasons, MandateUnchanged
        If nothing says why, or nothing is changed.
    PromisedTooLate
        If the first answer would come after the final one.
    ServiceError
        If the question changes and an app refuses it: the body that adopts it has not.
    """
    require(policies.may_sign_mandate(actor, cycle.institution))
    require_cycle_at_work(cycle, Work.GO_ON)
    if not written(reasons):
        raise ChangeNeedsReasons
    with transaction.atomic():
        cycle = Cycle.objects.locked(cycle.pk)
        if cycle.mandate_signed_at is None:
            raise MandateNotSigned
        if cycle.stage == Stage.CLOSED:
            raise WrongStage
        if not cycle.mandates.exists():
            keep_version(cycle, {})  # signed before versions were kept
        before = cycle.question
        _write(cycle, title, question, scope, promised_answer_days)
        if cycle.question != before:
            require_signable(cycle)
        made = keep_version(cycle, reasons)
        record(
            actor=actor, institution=cycle.institution, action=Action.MANDATE_REVISED, subject=cycle,
            facts={
                "cycle": cycle.number,
                "version": made.number,
                "stage": cycle.stage,
                "answer_within_days": cycle.promised_answer_days,
                "mandate_sha256": made.sha256,
                "rules": {
                    "answer_within_days": promise_ground(cycle.rule_book, cycle.promised_answer_days)
                },
            },
        )  # fmt: skip
        return made


def write_question(*, actor: Actor, cycle: Cycle, question: Texts, facts: Mapping[str, str | int]) -> Cycle:
    """Write the question that a body adopted into the draft; called by the verb that counted it, in its transaction.

    A mandate that is signed stays as it is: the authority signs a new version with the question.
    """
    cycle = Cycle.objects.locked(cycle.pk)
    if cycle.mandate_signed_at is None and cycle.question != question:
        cycle.question = dict(question)
        cycle.full_clean()
        cycle.save(update_fields=["question"])
        record(
            actor=actor, institution=cycle.institution, action=Action.MANDATE_DRAFTED, subject=cycle,
            facts={"cycle": cycle.number, "mandate_sha256": mandate_digest(cycle), **facts},
        )  # fmt: skip
    return cycle


def keep_version(cycle: Cycle, reasons: Texts) -> MandateVersion:
    """Keep the mandate as it is signed now; called by the verbs that sign it, inside their transaction."""
    first = not cycle.mandates.exists()
    made = MandateVersion(
        cycle=cycle, number=cycle.mandates.count() + 1, title=cycle.title, question=cycle.question, scope=cycle.scope,
        promised_answer_days=cycle.promised_answer_days, reasons=dict(reasons), sha256=mandate_digest(cycle),
        signed_at=cycle.mandate_signed_at if first and cycle.mandate_signed_at else clock.now(),
    )  # fmt: skip
    made.full_clean()
    made.save()
    return made


def _write(
    cycle: Cycle, title: Texts, question: Texts, scope: Texts, promised_answer_days: int | None
) -> None:
    before = (cycle.title, cycle.question, cycle.scope, cycle.promised_answer_days)
    cycle.title, cycle.question, cycle.scope = dict(title), dict(question), dict(scope)
    cycle.promised_answer_days = promised_answer_days
    if before == (cycle.title, cycle.question, cycle.scope, cycle.promised_answer_days):
        raise MandateUnchanged
    require_in_time(cycle.rule_book, promised_answer_days)
    cycle.full_clean()
    cycle.save(update_fields=["title", "question", "scope", "promised_answer_days"])
