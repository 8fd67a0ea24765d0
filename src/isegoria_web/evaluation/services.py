from __future__ import annotations

import hmac
import secrets
from collections.abc import Mapping, Sequence

from django.db import transaction

from isegoria_web import clock
from isegoria_web.accounts.actors import Actor
from isegoria_web.errors import require, required
from isegoria_web.evaluation import algorithms, policies
from isegoria_web.evaluation.enums import Agreement, Phase
from isegoria_web.evaluation.errors import (
    AskedAlready,
    NotAskedNow,
    OrderOfPhases,
    RepliesMissing,
    SentencesMissing,
)
from isegoria_web.evaluation.models import Questionnaire, Reply
from isegoria_web.institutions.models import Cycle
from isegoria_web.journal.enums import Action
from isegoria_web.journal.services import record
from isegoria_web.membership.models import Member
from isegoria_web.membership.policies import sitting_member
from isegoria_web.translated import Texts


def open_questionnaire(*, actor: Actor, cycle: Cycle, sentences: Sequence[Texts]) -> Questionnaire:
    """Ask the members how much they agree with some sentences, before they deliberate.

    Raises
    ------
    SentencesMissing, AskedAlready
        If it cannot be asked.
    """
    require(policies.may_ask(actor, cycle))
    texts = [{code: text.strip() for code, text in each.items() if text.strip()} for each in sentences]
    if not texts or not all(texts) or any(one in texts[:place] for place, one in enumerate(texts)):
        raise SentencesMissing
    with transaction.atomic():
        Cycle.objects.select_for_update().get(pk=cycle.pk)
        if Questionnaire.objects.filter(cycle=cycle).exists():
            raise AskedAlready
        made = Questionnaire.objects.create(
            cycle=cycle, opened_at=clock.now(), secret=secrets.token_hex(32),
            sentences=[{"key": str(number), "text": text} for number, text in enumerate(texts, 1)],
        )  # fmt: skip
        record(
            actor=actor, institution=cycle.institution, action=Action.QUESTIONNAIRE_OPENED, subject=made,
            facts={"cycle": cycle.number, "sentences": len(texts)},
        )  # fmt: skip
        return made


def reply(*, actor: Actor, questionnaire: Questionnaire, answers: Mapping[str, int]) -> None:
    """Keep what a member replies in the phase that is open; while it is open she can change it.

    What is kept names nobody: her key is made with a secret that is destroyed when the questionnaire is closed.
    No entry in the journal: its time would tell who replied.

    Raises
    ------
    NotAskedNow
        If it is closed.
    RepliesMissing
        If a sentence has none.
    """
    require(policies.may_reply(actor, questionnaire.cycle))
    with transaction.atomic():
        questionnaire = _locked(questionnaire)
        phase = questionnaire.phase
        if phase is None:
            raise NotAskedNow
        keys = {sentence["key"] for sentence in questionnaire.sentences}
        if set(answers) != keys or not set(answers.values()) <= set(Agreement.values):
            raise RepliesMissing
        member = required(sitting_member(actor, questionnaire.cycle))
        Reply.objects.update_or_create(
            questionnaire=questionnaire, phase=phase, key=key_of(questionnaire, member),
            defaults={"answers": {key: int(answer) for key, answer in answers.items()}},
        )  # fmt: skip


def ask_again(*, actor: Actor, questionnaire: Questionnaire) -> Questionnaire:
    """Close the first phase, and ask the same sentences after the deliberation.

    Raises
    ------
    OrderOfPhases
        If it was done before.
    """
    require(policies.may_ask(actor, questionnaire.cycle))
    with transaction.atomic():
        questionnaire = _locked(questionnaire)
        if questionnaire.phase != Phase.BEFORE:
            raise OrderOfPhases
        questionnaire.asked_again_at = clock.now()
        questionnaire.save(update_fields=["asked_again_at"])
        record(
            actor=actor, institution=questionnaire.cycle.institution,
            action=Action.QUESTIONNAIRE_ASKED_AGAIN, subject=questionnaire,
            facts={"replies_before": questionnaire.replies.filter(phase=Phase.BEFORE).count()},
        )  # fmt: skip
        return questionnaire


def close_questionnaire(*, actor: Actor, questionnaire: Questionnaire) -> Questionnaire:
    """Count what changed, publish it, and delete every single reply.

    Raises
    ------
    OrderOfPhases
        If the sentences have not been asked twice, or it is closed.
    """
    require(policies.may_ask(actor, questionnaire.cycle))
    with transaction.atomic():
        questionnaire = _locked(questionnaire)
        if questionnaire.phase != Phase.AFTER:
            raise OrderOfPhases
        told: dict[Phase, dict[str, dict[str, int]]] = {
            phase: dict(questionnaire.replies.filter(phase=phase).values_list("key", "answers"))
            for phase in Phase
        }
        both = sorted(set(told[Phase.BEFORE]) & set(told[Phase.AFTER]))
        pairs = [(told[Phase.BEFORE][key], told[Phase.AFTER][key]) for key in both]
        questionnaire.results = algorithms.changes(questionnaire.sentences, pairs)
        questionnaire.closed_at, questionnaire.secret = clock.now(), ""
        questionnaire.save(update_fields=["results", "closed_at", "secret"])
        questionnaire.replies.all().delete()
        record(
            actor=actor, institution=questionnaire.cycle.institution, action=Action.QUESTIONNAIRE_CLOSED,
            subject=questionnaire, facts={"replied_twice": len(pairs)},
        )  # fmt: skip
        return questionnaire


def erase_replies_of(user: int) -> None:
    """Delete what a person has replied to questionnaires that are not closed; part of erasing her account."""
    for member in Member.objects.filter(user_id=user):
        asked = Questionnaire.objects.filter(cycle__institution=member.cycle.institution_id)
        for questionnaire in asked.exclude(secret=""):  # also of a later cycle, if she stayed in her body
            questionnaire.replies.filter(key=key_of(questionnaire, member)).delete()


def answers_of(questionnaire: Questionnaire, member: Member) -> dict[str, int] | None:
    """Return what a member has replied in the phase that is open, for her own eyes; None before she has."""
    if questionnaire.phase is None:
        return None
    found = questionnaire.replies.filter(
        phase=questionnaire.phase, key=key_of(questionnaire, member)
    ).first()
    return None if found is None else dict(found.answers)


def key_of(questionnaire: Questionnaire, member: Member) -> str:
    """Return the key under which a member's replies stand as long as the secret exists."""
    return hmac.new(bytes.fromhex(questionnaire.secret), member.public_id.bytes, "sha256").hexdigest()


def _locked(questionnaire: Questionnaire) -> Questionnaire:
    Questionnaire.objects.select_for_update().get(pk=questionnaire.pk)
    return Questionnaire.objects.select_related("cycle__institution").get(pk=questionnaire.pk)
