from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from django.db import transaction

from isegoria_web import clock
from isegoria_web.accounts.actors import Actor
from isegoria_web.accounts.models import User
from isegoria_web.errors import require, required
from isegoria_web.evidence import policies
from isegoria_web.evidence.enums import ChosenBy, QuestionStatus
from isegoria_web.evidence.errors import AnsweredAlready, ForeignSpeaker, InterestsMissing, QuestionEmpty
from isegoria_web.evidence.models import Dossier, Evidence, Question, Speaker
from isegoria_web.institutions.models import Cycle
from isegoria_web.journal.enums import Action
from isegoria_web.journal.services import record
from isegoria_web.membership.policies import sitting_member
from isegoria_web.translated import Texts


def invite_speaker(
    *,
    actor: Actor,
    cycle: Cycle,
    name: str,
    role: Texts,
    chosen_by: ChosenBy,
    interests: Texts,
    user: User | None = None,
) -> Speaker:
    """Invite an expert or stakeholder, with her interests declared before she speaks.

    Raises
    ------
    InterestsMissing
        If she declared nothing, not even that she has none.
    """
    require(policies.may_publish_evidence(actor, cycle))
    if not any(text.strip() for text in interests.values()):
        raise InterestsMissing
    with transaction.atomic():
        speaker = Speaker(
            cycle=cycle, user=user, name=name, role=dict(role), chosen_by=chosen_by,
            interests=dict(interests), declared_at=clock.now(),
        )  # fmt: skip
        speaker.full_clean()
        speaker.save()
        record(
            actor=actor, institution=cycle.institution, action=Action.SPEAKER_INVITED, subject=speaker,
            facts={"cycle": cycle.number, "chosen_by": str(chosen_by)},
        )  # fmt: skip
        return speaker


def publish_dossier(
    *, actor: Actor, cycle: Cycle, title: Texts, introduction: Texts, evidence: Iterable[Mapping[str, Any]]
) -> Dossier:
    """Publish what the members are given to read.

    Parameters
    ----------
    evidence
        Each with `title`, `text` (Markdown), `kind`, `source`, and `speaker` or None, in their order.

    Raises
    ------
    ForeignSpeaker
        If a speaker belongs to another cycle.
    """
    require(policies.may_publish_evidence(actor, cycle))
    with transaction.atomic():
        Cycle.objects.select_for_update().get(pk=cycle.pk)
        dossier = Dossier(
            cycle=cycle, number=cycle.dossiers.count() + 1, title=dict(title), introduction=dict(introduction),
            published_at=clock.now(),
        )  # fmt: skip
        dossier.full_clean()
        dossier.save()
        for position, each in enumerate(evidence, start=1):
            _add_evidence(dossier, position, each)
        record(
            actor=actor, institution=cycle.institution, action=Action.DOSSIER_PUBLISHED, subject=cycle,
            facts={"cycle": cycle.number, "dossier": dossier.number, "pieces": dossier.evidence.count()},
        )  # fmt: skip
        return dossier


def ask_question(
    *, actor: Actor, cycle: Cycle, text: str, language: str, due_on: date, speaker: Speaker | None = None
) -> Question:
    """Ask an expert, in the member's own language; the public sees the question and not who asked.

    Raises
    ------
    QuestionEmpty, ForeignSpeaker
        If there is nothing to ask, or nobody of this cycle.
    """
    require(policies.may_ask_question(actor, cycle))
    if not text.strip():
        raise QuestionEmpty
    if speaker is not None and speaker.cycle_id != cycle.pk:
        raise ForeignSpeaker
    with transaction.atomic():
        question = Question.objects.create(
            cycle=cycle, asked_by=required(sitting_member(actor, cycle)), speaker=speaker, text=text.strip(),
            language=language, asked_at=clock.now(), due_on=due_on,
        )  # fmt: skip
        record(
            actor=actor, institution=cycle.institution, action=Action.QUESTION_ASKED, subject=question,
            facts={"cycle": cycle.number, "due_on": due_on.isoformat()},
        )  # fmt: skip
        return question


def reply(*, actor: Actor, question: Question, text: str, language: str) -> Question:
    """Answer a member's question.

    Raises
    ------
    AnsweredAlready
        If it has an answer.
    QuestionEmpty
        If the answer is empty.
    """
    require(policies.may_reply(actor, question))
    if not text.strip():
        raise QuestionEmpty
    with transaction.atomic():
        Question.objects.select_for_update().get(pk=question.pk)
        question = Question.objects.select_related("cycle__institution", "speaker").get(pk=question.pk)
        if question.status == QuestionStatus.ANSWERED:
            raise AnsweredAlready
        question.status, question.reply, question.reply_language = (
            QuestionStatus.ANSWERED,
            text.strip(),
            language,
        )
        question.replied_at, question.replied_by = clock.now(), question.speaker
        question.save()
        late = clock.today(question.cycle.institution.time_zone) > question.due_on
        record(
            actor=actor, institution=question.cycle.institution, action=Action.QUESTION_ANSWERED,
            subject=question, facts={"cycle": question.cycle.number, "late": late},
        )  # fmt: skip
        return question


def _add_evidence(dossier: Dossier, position: int, each: Mapping[str, Any]) -> None:
    speaker = each.get("speaker")
    if speaker is not None and speaker.cycle_id != dossier.cycle_id:
        raise ForeignSpeaker
    piece = Evidence(
        dossier=dossier, position=position, title=dict(each["title"]), text=dict(each["text"]),
        kind=each["kind"], source=each["source"], speaker=speaker,
    )  # fmt: skip
    piece.full_clean()
    piece.save()
