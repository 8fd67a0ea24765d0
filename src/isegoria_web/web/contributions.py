"""Whatever people contribute, wherever it is kept, as what a moderator reads: the one list of all kinds."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef, QuerySet
from django.http import Http404
from django.utils.translation import get_language

from isegoria_web.deliberation.models import Note, Statement
from isegoria_web.evidence.models import Question, SpeakerRequest
from isegoria_web.followup.models import Legacy
from isegoria_web.institutions.models import Cycle
from isegoria_web.moderation.enums import Kind, ReviewStatus
from isegoria_web.moderation.models import Contribution, Review
from isegoria_web.recommendations.models import Amendment, MinorityOpinion
from isegoria_web.translated import in_language, language_of


def _statement(cycle: Cycle, row: Statement) -> Contribution:
    author = row.made_by.user if row.made_by else row.note.written_by if row.note else None
    return Contribution(Kind.STATEMENT, row.public_id, cycle, row.text, row.language, author, row.number)


def _note(cycle: Cycle, row: Note) -> Contribution:
    return Contribution(Kind.NOTE, row.public_id, cycle, row.text, row.language, row.written_by)


def _question(cycle: Cycle, row: Question) -> Contribution:
    return Contribution(Kind.QUESTION, row.public_id, cycle, row.text, row.language, row.asked_by.user)


def _speaker_request(cycle: Cycle, row: SpeakerRequest) -> Contribution:
    return Contribution(
        Kind.SPEAKER_REQUEST, row.public_id, cycle, row.text, row.language, row.asked_by.user
    )


def _amendment(cycle: Cycle, row: Amendment) -> Contribution:
    text = f"{in_language(row.text, row.language)}\n\n{row.reasons}"
    return Contribution(Kind.AMENDMENT, row.public_id, cycle, text, row.language, row.proposed_by.user)


def _opinion(cycle: Cycle, row: MinorityOpinion) -> Contribution:
    author = row.submitted_by.user if row.submitted_by else None
    language = language_of(row.text) or (get_language() or "en")[:2]
    return Contribution(
        Kind.MINORITY_OPINION, row.public_id, cycle, in_language(row.text), language, author,
        row.recommendation.number,
    )  # fmt: skip


def _legacy(cycle: Cycle, row: Legacy) -> Contribution:
    author = row.member.user if row.member else None
    language = language_of(row.text) or (get_language() or "en")[:2]
    return Contribution(Kind.LEGACY, row.public_id, cycle, in_language(row.text), language, author)


Source = tuple[Callable[[Cycle], QuerySet[Any]], Callable[[Cycle, Any], Contribution]]
SOURCES: dict[Kind, Source] = {
    Kind.STATEMENT: (
        lambda cycle: (
            Statement.objects.filter(cycle=cycle)
            .select_related("made_by__user", "note__written_by")
            .order_by("number")
        ),
        _statement,
    ),
    Kind.NOTE: (
        lambda cycle: (
            Note.objects.filter(table__plan__meeting__cycle=cycle)
            .select_related("written_by")
            .order_by("written_at", "pk")
        ),
        _note,
    ),
    Kind.QUESTION: (
        lambda cycle: (
            Question.objects.filter(cycle=cycle).select_related("asked_by__user").order_by("asked_at", "pk")
        ),
        _question,
    ),
    Kind.SPEAKER_REQUEST: (
        lambda cycle: (
            SpeakerRequest.objects.filter(cycle=cycle)
            .select_related("asked_by__user")
            .order_by("asked_at", "pk")
        ),
        _speaker_request,
    ),
    Kind.AMENDMENT: (
        lambda cycle: (
            Amendment.objects.filter(version__recommendation__cycle=cycle)
            .select_related("proposed_by__user")
            .order_by("proposed_at", "pk")
        ),
        _amendment,
    ),
    Kind.MINORITY_OPINION: (
        lambda cycle: (
            MinorityOpinion.objects.filter(recommendation__cycle=cycle)
            .select_related("submitted_by__user", "recommendation")
            .order_by("submitted_at", "pk")
        ),
        _opinion,
    ),
    Kind.LEGACY: (
        lambda cycle: (
            Legacy.objects.of_members()
            .filter(cycle=cycle)
            .select_related("member__user")
            .order_by("written_at", "pk")
        ),
        _legacy,
    ),
}
"""Kind to its rows in a cycle, and how a row is read. A kind that is not here cannot be contributed."""


def unreviewed(cycle: Cycle) -> Iterator[Contribution]:
    """Yield what nobody has reviewed in its present wording, kind by kind, the oldest first."""
    decided = Review.objects.filter(subject=OuterRef("public_id")).exclude(status=ReviewStatus.OUTDATED)
    for rows, read in SOURCES.values():
        for row in rows(cycle).exclude(Exists(decided)):
            yield read(cycle, row)


def contribution_or_404(cycle: Cycle, kind: str, subject: UUID) -> Contribution:
    """Return one contribution to this cycle; what belongs to another does not exist."""
    found = SOURCES.get(Kind(kind)) if kind in Kind.values else None
    row = found[0](cycle).filter(public_id=subject).first() if found else None
    if found is None or row is None:
        raise Http404
    return found[1](cycle, row)


def written_by(user: Any, cycle: Cycle) -> list[tuple[Contribution, Review | None]]:
    """Return what one person contributed to a cycle, with what was decided about it."""
    reviews = {each.subject: each for each in Review.objects.of(user, cycle)}
    return [
        (one, reviews.get(one.subject))
        for rows, read in SOURCES.values()
        for one in (read(cycle, row) for row in rows(cycle))
        if one.author is not None and one.author.pk == user.pk
    ]
