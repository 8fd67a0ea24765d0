from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from django.db import transaction

from isegoria_web import clock
from isegoria_web.accounts.actors import Actor
from isegoria_web.accounts.models import User
from isegoria_web.errors import require, required
from isegoria_web.evidence import policies
from isegoria_web.evidence.enums import ChosenBy, QuestionStatus, RequestStatus, Stance
from isegoria_web.evidence.errors import (
    AnsweredAlready,
    AnswerMissing,
    DossierEmpty,
    ForeignMeeting,
    ForeignSpeaker,
    InterestsMissing,
    MeetingBegun,
    NothingToMerge,
    QuestionEmpty,
    RequestAnswered,
    RequestEmpty,
    SpeaksAlready,
)
from isegoria_web.evidence.models import (
    Appearance,
    Dossier,
    DossierVersion,
    Evidence,
    InterestDeclaration,
    Question,
    Speaker,
    SpeakerRequest,
)
from isegoria_web.institutions.algorithms import ground
from isegoria_web.institutions.models import Cycle
from isegoria_web.journal.enums import Action
from isegoria_web.journal.services import record
from isegoria_web.meetings.models import Meeting
from isegoria_web.membership.policies import working_member
from isegoria_web.translated import Texts, written


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
    if not written(interests):
        raise InterestsMissing
    with transaction.atomic():
        speaker = Speaker(
            cycle=cycle, user=user, name=name, role=dict(role), chosen_by=chosen_by,
            interests=dict(interests), declared_at=clock.now(),
        )  # fmt: skip
        speaker.full_clean()
        speaker.save()
        speaker.declarations.create(interests=dict(interests), declared_at=speaker.declared_at)
        record(
            actor=actor, institution=cycle.institution, action=Action.SPEAKER_INVITED, subject=speaker,
            facts={"cycle": cycle.number, "chosen_by": str(chosen_by)},
        )  # fmt: skip
        return speaker


def declare_interests(*, actor: Actor, speaker: Speaker, interests: Texts) -> InterestDeclaration:
    """Declare interests anew; what was declared before stays readable with its day.

    Raises
    ------
    InterestsMissing
        If she declares nothing, not even that she has none.
    """
    require(policies.may_declare_interests(actor, speaker))
    if not written(interests):
        raise InterestsMissing
    with transaction.atomic():
        Speaker.objects.select_for_update().get(pk=speaker.pk)
        if not speaker.declarations.exists():  # declared before declarations were kept one by one
            speaker.declarations.create(interests=speaker.interests, declared_at=speaker.declared_at)
        made = speaker.declarations.create(interests=dict(interests), declared_at=clock.now())
        speaker.interests, speaker.declared_at = dict(interests), made.declared_at
        speaker.save(update_fields=["interests", "declared_at"])
        record(
            actor=actor, institution=speaker.cycle.institution, action=Action.INTERESTS_DECLARED,
            subject=speaker, facts={"cycle": speaker.cycle.number},
        )  # fmt: skip
        return made


def announce_speaker(*, actor: Actor, speaker: Speaker, meeting: Meeting, stance: Stance) -> Appearance:
    """Put a speaker on the programme of a meeting that lies ahead, on the side that she names herself.

    Raises
    ------
    ForeignMeeting, MeetingBegun, SpeaksAlready
        If she cannot be announced there.
    """
    require(policies.may_publish_evidence(actor, speaker.cycle))
    if meeting.cycle_id != speaker.cycle_id:
        raise ForeignMeeting
    if meeting.starts_at <= clock.now():
        raise MeetingBegun
    with transaction.atomic():
        Speaker.objects.select_for_update().get(pk=speaker.pk)
        if speaker.appearances.filter(meeting=meeting).exists():
            raise SpeaksAlready
        made = Appearance.objects.create(
            speaker=speaker, meeting=meeting, stance=stance, announced_at=clock.now()
        )
        record(
            actor=actor, institution=speaker.cycle.institution, action=Action.SPEAKER_ANNOUNCED,
            subject=speaker, facts={"meeting": meeting.number, "stance": str(stance)},
        )  # fmt: skip
        return made


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
        _keep_version(dossier, {})
        record(
            actor=actor, institution=cycle.institution, action=Action.DOSSIER_PUBLISHED, subject=cycle,
            facts={"cycle": cycle.number, "dossier": dossier.number, "pieces": dossier.evidence.count()},
        )  # fmt: skip
        return dossier


def revise_dossier(
    *,
    actor: Actor,
    dossier: Dossier,
    title: Texts,
    introduction: Texts,
    evidence: Sequence[Mapping[str, Any]],
    changes: Texts,
) -> Dossier:
    """Publish a new version of a dossier; the earlier ones stay readable, word for word.

    Parameters
    ----------
    changes
        What is new, in a sentence for those who have read the earlier version.

    Raises
    ------
    DossierEmpty, ForeignSpeaker
        If there is no evidence, or a speaker belongs to another cycle.
    """
    require(policies.may_publish_evidence(actor, dossier.cycle))
    if not evidence:
        raise DossierEmpty
    with transaction.atomic():
        Dossier.objects.select_for_update().get(pk=dossier.pk)
        dossier = Dossier.objects.select_related("cycle__institution").get(pk=dossier.pk)
        if not dossier.versions.exists():  # published before versions were kept
            _keep_version(dossier, {})
        dossier.version += 1
        dossier.title, dossier.introduction = dict(title), dict(introduction)
        dossier.published_at = clock.now()
        dossier.full_clean()
        dossier.save()
        dossier.evidence.all().delete()
        for position, each in enumerate(evidence, start=1):
            _add_evidence(dossier, position, each)
        _keep_version(dossier, changes)
        record(
            actor=actor, institution=dossier.cycle.institution, action=Action.DOSSIER_REVISED,
            subject=dossier.cycle,
            facts={
                "cycle": dossier.cycle.number,
                "dossier": dossier.number,
                "version": dossier.version,
                "pieces": len(evidence),
            },
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
            cycle=cycle, asked_by=required(working_member(actor, cycle)), speaker=speaker, text=text.strip(),
            language=language, asked_at=clock.now(), due_on=due_on,
        )  # fmt: skip
        record(
            actor=actor, institution=cycle.institution, action=Action.QUESTION_ASKED, subject=question,
            facts={
                "cycle": cycle.number,
                "due_on": due_on.isoformat(),
                "rules": {"due_on": ground(cycle.rule_book)},  # no rule book sets it; the site proposes it
            },
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
        if question.status == QuestionStatus.ANSWERED or question.merged_into_id is not None:
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
            subject=question,
            facts={
                "cycle": question.cycle.number, "late": late,
                "due_on": question.due_on.isoformat(), "rules": {"due_on": ground(question.cycle.rule_book)},
            },
        )  # fmt: skip
        return question


def merge_questions(*, actor: Actor, question: Question, others: Sequence[Question]) -> Question:
    """Put equal questions together under one; every author stays, every wording, and the earliest day counts.

    Raises
    ------
    NothingToMerge
        If they are not all open, of one cycle, and not put together already.
    """
    require(policies.may_publish_evidence(actor, question.cycle))
    keys = {question.pk, *(other.pk for other in others)}
    with transaction.atomic():
        Cycle.objects.select_for_update().get(pk=question.cycle_id)
        found = Question.objects.filter(
            pk__in=keys, cycle=question.cycle_id, status=QuestionStatus.OPEN, merged_into__isnull=True
        )
        if len(keys) < 2 or found.count() != len(keys):  # noqa: PLR2004  # one cannot be put together
            raise NothingToMerge
        earliest = min(found.values_list("due_on", flat=True))
        Question.objects.filter(pk__in=keys - {question.pk}).update(merged_into=question)
        Question.objects.filter(merged_into__in=keys - {question.pk}).update(merged_into=question)
        Question.objects.filter(pk=question.pk).update(due_on=earliest)
        record(
            actor=actor, institution=question.cycle.institution, action=Action.QUESTIONS_MERGED,
            subject=question, facts={"cycle": question.cycle.number, "questions": len(keys)},
        )  # fmt: skip
        return Question.objects.select_related("cycle__institution").get(pk=question.pk)


def ask_for_speaker(*, actor: Actor, cycle: Cycle, text: str, language: str) -> SpeakerRequest:
    """Say whom the members should hear too.

    Raises
    ------
    RequestEmpty
        If it says nothing.
    """
    require(policies.may_ask_for_speaker(actor, cycle))
    if not text.strip():
        raise RequestEmpty
    with transaction.atomic():
        member = required(working_member(actor, cycle))
        made = SpeakerRequest.objects.create(
            cycle=cycle, asked_by=member, text=text.strip(), language=language, asked_at=clock.now()
        )
        made.supporters.add(member)
        record(
            actor=actor, institution=cycle.institution, action=Action.SPEAKER_REQUESTED, subject=made,
            facts={"cycle": cycle.number},
        )  # fmt: skip
        return made


def support_request(*, actor: Actor, request: SpeakerRequest, support: bool) -> None:
    """Share a wish for a speaker, or share it no more; who shares it is not in the journal.

    Raises
    ------
    RequestAnswered
        If it has been answered.
    """
    require(policies.may_support_request(actor, request))
    with transaction.atomic():
        SpeakerRequest.objects.select_for_update().get(pk=request.pk)
        open_ = SpeakerRequest.objects.visible().filter(pk=request.pk, status=RequestStatus.OPEN)
        if not open_.exists():
            raise RequestAnswered
        member = required(working_member(actor, request.cycle))
        if support:
            request.supporters.add(member)
        else:
            request.supporters.remove(member)


def answer_request(
    *, actor: Actor, request: SpeakerRequest, speaker: Speaker | None, answer: Texts
) -> SpeakerRequest:
    """Answer a wish for a speaker: who was invited, or why nobody was.

    Raises
    ------
    AnswerMissing, ForeignSpeaker, RequestAnswered
        If there is neither speaker nor reason, the speaker belongs elsewhere, or it has been answered.
    """
    require(policies.may_publish_evidence(actor, request.cycle))
    if speaker is None and not written(answer):
        raise AnswerMissing
    if speaker is not None and speaker.cycle_id != request.cycle_id:
        raise ForeignSpeaker
    with transaction.atomic():
        SpeakerRequest.objects.select_for_update().get(pk=request.pk)
        request = SpeakerRequest.objects.select_related("cycle__institution").get(pk=request.pk)
        if request.status != RequestStatus.OPEN:
            raise RequestAnswered
        request.status = RequestStatus.INVITED if speaker else RequestStatus.DECLINED
        request.speaker, request.answer, request.answered_at = speaker, dict(answer), clock.now()
        request.save()
        record(
            actor=actor, institution=request.cycle.institution, action=Action.SPEAKER_REQUEST_ANSWERED,
            subject=request, facts={"cycle": request.cycle.number, "invited": speaker is not None},
        )  # fmt: skip
        return request


def _keep_version(dossier: Dossier, changes: Texts) -> None:
    pieces = [
        {
            "title": piece.title,
            "text": piece.text,
            "kind": piece.kind,
            "source": piece.source,
            "speaker": piece.speaker.name if piece.speaker else "",
        }
        for piece in dossier.evidence.select_related("speaker").order_by("position")
    ]
    DossierVersion.objects.create(
        dossier=dossier, number=dossier.version, title=dossier.title, introduction=dossier.introduction,
        pieces=pieces, changes=dict(changes), published_at=dossier.published_at or clock.now(),
    )  # fmt: skip


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
