from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from django.db import transaction

from isegoria_web import clock
from isegoria_web.accounts.actors import Actor
from isegoria_web.errors import require, required
from isegoria_web.institutions.models import Cycle
from isegoria_web.journal.enums import Action
from isegoria_web.journal.services import record
from isegoria_web.moderation import policies
from isegoria_web.moderation.enums import Ground, Kind, ReviewStatus
from isegoria_web.moderation.errors import (
    AppealDecided,
    AppealedAlready,
    AppealEmpty,
    NothingToAppeal,
    ReasonMissing,
    ReviewedAlready,
    SamePerson,
)
from isegoria_web.moderation.models import Appeal, Contribution, Review, Strictness

_WHEN_REVIEWED: list[Callable[[Kind, Cycle], None]] = []


def when_reviewed(follow: Callable[[Kind, Cycle], None]) -> None:
    """Register what an app does when a contribution becomes visible or is taken out, in the same transaction."""
    if follow not in _WHEN_REVIEWED:
        _WHEN_REVIEWED.append(follow)


def set_strictness(*, actor: Actor, cycle: Cycle, strict: bool) -> None:
    """Let nothing in a cycle be visible before somebody has reviewed it, or let everything be visible at once.

    What was visible and never reviewed is hidden too, until it is.

    Raises
    ------
    ReviewedAlready
        If it is so already.
    """
    require(policies.may_set_strictness(actor, cycle))
    with transaction.atomic():
        Cycle.objects.select_for_update().get(pk=cycle.pk)
        if Strictness.objects.filter(cycle=cycle).exists() == strict:
            raise ReviewedAlready
        if strict:
            Strictness.objects.create(cycle=cycle, since=clock.now())
        else:
            Strictness.objects.filter(cycle=cycle).delete()
        record(
            actor=actor, institution=cycle.institution, action=Action.STRICTNESS_SET, subject=cycle,
            facts={"cycle": cycle.number, "reviewed_first": strict},
        )  # fmt: skip
        for kind in Kind:
            _follow(kind, cycle)


def review(
    *,
    actor: Actor,
    contribution: Contribution,
    publish: bool,
    ground: Ground | None = None,
    reason: str = "",
) -> Review:
    """Decide that a contribution is visible, or take it out with a ground and a reason for its author.

    Parameters
    ----------
    reason
        For the author alone. The public log has the ground, and no text.

    Raises
    ------
    ReasonMissing
        If it is taken out without ground or reason.
    ReviewedAlready
        If it was decided so already.
    AppealDecided
        If an appeal has put it back.
    """
    require(policies.may_moderate(actor, contribution.cycle))
    if not publish and (ground is None or not reason.strip()):
        raise ReasonMissing
    status = ReviewStatus.PUBLISHED if publish else ReviewStatus.REMOVED
    with transaction.atomic():
        Cycle.objects.select_for_update().get(pk=contribution.cycle.pk)
        before = Review.objects.filter(subject=contribution.subject).first()
        if before is not None and before.status == status:
            raise ReviewedAlready
        if before is not None and before.status == ReviewStatus.PUBLISHED and _was_put_back(before):
            raise AppealDecided
        made, _created = Review.objects.update_or_create(
            subject=contribution.subject,
            defaults={
                "cycle": contribution.cycle,
                "kind": contribution.kind,
                "number": contribution.number,
                "author": contribution.author,
                "status": status,
                "ground": ground if ground is not None and not publish else "",
                "reason": "" if publish else reason.strip(),
                "decided_by": required(actor.user),
                "decided_at": clock.now(),
            },
        )
        _record(actor, Action.CONTRIBUTION_REVIEWED, made, {"ground": made.ground})
        _follow(contribution.kind, contribution.cycle)
        return made


def outdate(subject: UUID) -> None:
    """Let a contribution whose text was changed wait for a review again; what was taken out stays out."""
    Review.objects.filter(subject=subject, status=ReviewStatus.PUBLISHED).update(
        status=ReviewStatus.OUTDATED
    )


def appeal(*, actor: Actor, review: Review, text: str) -> Appeal:
    """Say why a decision is wrong; somebody else than who decided looks at it.

    Raises
    ------
    AppealEmpty, NothingToAppeal, AppealedAlready
        If there is nothing to say, nothing to say it against, or it was said.
    """
    require(policies.may_appeal(actor, review))
    if not text.strip():
        raise AppealEmpty
    with transaction.atomic():
        Review.objects.select_for_update().get(pk=review.pk)
        review = Review.objects.select_related("cycle__institution").get(pk=review.pk)
        if Appeal.objects.filter(review=review).exists():
            raise AppealedAlready
        if review.status != ReviewStatus.REMOVED:
            raise NothingToAppeal
        made = Appeal.objects.create(review=review, text=text.strip(), raised_at=clock.now())
        _record(actor, Action.APPEAL_RAISED, review, {})
        return made


def decide_appeal(*, actor: Actor, appeal: Appeal, uphold: bool, answer: str) -> Appeal:
    """Decide an appeal: the contribution becomes visible, or stays out; the author gets the answer.

    Raises
    ------
    ReasonMissing
        If there is no answer.
    AppealDecided
        If it was decided.
    SamePerson
        If the actor took the contribution out.
    """
    require(policies.may_decide_appeal(actor, appeal))
    if not answer.strip():
        raise ReasonMissing
    with transaction.atomic():
        Appeal.objects.select_for_update().get(pk=appeal.pk)
        appeal = Appeal.objects.select_related("review__cycle__institution").get(pk=appeal.pk)
        found = appeal.review
        if appeal.decided_at is not None:
            raise AppealDecided
        if found.decided_by_id == required(actor.user).pk:
            raise SamePerson
        appeal.upheld, appeal.answer = uphold, answer.strip()
        appeal.decided_by, appeal.decided_at = actor.user, clock.now()
        appeal.save()
        if uphold:
            found.status = ReviewStatus.PUBLISHED
            found.save(update_fields=["status"])
            _follow(Kind(found.kind), found.cycle)
        _record(actor, Action.APPEAL_DECIDED, found, {"upheld": uphold})
        return appeal


def _was_put_back(review: Review) -> bool:
    return Appeal.objects.filter(review=review, upheld=True).exists()


def _follow(kind: Kind, cycle: Cycle) -> None:
    for follow in _WHEN_REVIEWED:
        follow(kind, cycle)


def _record(actor: Actor, action: Action, review: Review, facts: dict[str, str | bool]) -> None:
    record(
        actor=actor, institution=review.cycle.institution, action=action, subject=review,
        facts={"cycle": review.cycle.number, "kind": review.kind, "status": review.status, **facts},
    )  # fmt: skip
