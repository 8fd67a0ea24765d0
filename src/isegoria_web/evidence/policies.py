"""Who brings evidence, who asks, who replies."""

from __future__ import annotations

from isegoria_web.accounts.actors import Actor
from isegoria_web.accounts.enums import Role
from isegoria_web.evidence.models import Question, Speaker, SpeakerRequest
from isegoria_web.institutions.models import Cycle
from isegoria_web.membership.policies import working_member


def may_publish_evidence(actor: Actor | None, cycle: Cycle) -> bool:
    """Allow the secretariat of the institution."""
    return actor is not None and actor.has_role(cycle.institution, Role.SECRETARIAT)


def may_ask_question(actor: Actor | None, cycle: Cycle) -> bool:
    """Allow the members who sit in this cycle now, as long as their body works in it."""
    return working_member(actor, cycle) is not None


def may_reply(actor: Actor | None, question: Question) -> bool:
    """Allow the speaker whom the question asks, herself, and the secretariat, which enters what she wrote."""
    if actor is None:
        return False
    asked = question.speaker
    herself = (
        asked is not None
        and asked.user_id is not None
        and actor.user is not None
        and asked.user_id == actor.user.pk
    )
    return herself or actor.has_role(question.cycle.institution, Role.SECRETARIAT)


def may_declare_interests(actor: Actor | None, speaker: Speaker) -> bool:
    """Allow the speaker herself, and the secretariat, which enters what she wrote."""
    if actor is None:
        return False
    herself = actor.user is not None and speaker.user_id == actor.user.pk
    return herself or actor.has_role(speaker.cycle.institution, Role.SECRETARIAT)


def may_ask_for_speaker(actor: Actor | None, cycle: Cycle) -> bool:
    """Allow the members who sit in this cycle now, as long as their body works in it."""
    return working_member(actor, cycle) is not None


def may_support_request(actor: Actor | None, request: SpeakerRequest) -> bool:
    """Allow the members who sit in this cycle now, as long as their body works in it."""
    return working_member(actor, request.cycle) is not None
