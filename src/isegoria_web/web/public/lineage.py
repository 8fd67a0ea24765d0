"""Where a recommendation comes from and where it went."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from isegoria_web.ballots.enums import BallotStatus
from isegoria_web.recommendations.enums import RecommendationStatus
from isegoria_web.recommendations.models import Recommendation, Version
from isegoria_web.web.colleges import Mixed
from isegoria_web.web.differences import changed, difference, in_one_language
from isegoria_web.web.public.reading import is_private, statement_counts


@dataclass(frozen=True)
class Step:
    """One step of a recommendation's life: `kind` says which, `what` is its row."""

    kind: str
    at: datetime
    what: Any
    extra: Any = None


@dataclass
class Lineage:
    """From the table where a thought was noted to the answer of the authority."""

    steps: list[Step] = field(default_factory=list)

    def add(self, kind: str, at: datetime | None, what: Any, extra: Any = None) -> None:
        """Add a step that has happened."""
        if at is not None:
            self.steps.append(Step(kind, at, what, extra))


def lineage(
    recommendation: Recommendation, statements: Iterable[Any], report: Any, mixed: Mixed | None = None
) -> list[Step]:
    """Return every step of a recommendation that is public, in the order in which they happened.

    Parameters
    ----------
    mixed
        The open votes beside its secret ballot, in a mixed body.
    """
    life = Lineage()
    for statement in statements:
        life.add("statement", statement.made_at, statement, statement_counts(statement))
    _add_wording(life, recommendation)
    ballot = getattr(recommendation, "ballot", None)
    if ballot is not None:
        life.add("ballot_opened", ballot.opened_at, ballot)
        life.add(
            "ballot_closed" if ballot.status == BallotStatus.CLOSED else "uncounted",
            ballot.closed_at,
            ballot,
        )
    if mixed is not None:
        _add_open_votes(life, mixed)
    for opinion in recommendation.minority_opinions.all():
        life.add("minority_opinion", opinion.submitted_at, opinion)
    if report is not None and recommendation.status == RecommendationStatus.ADOPTED:
        life.add("report", report.handed_over_at, report)
    for child in recommendation.children.all():
        life.add("child", min(version.written_at for version in child.versions.all()), child)
    for answer in recommendation.answers.all():
        life.add("answer", answer.published_at, answer)
        for commitment in answer.commitments.all():
            life.add("measure", answer.published_at, commitment)
    return sorted(life.steps, key=lambda step: step.at)


def _add_open_votes(life: Lineage, mixed: Mixed) -> None:
    """Add how each group voted by name; only the last one knows what all decided together."""
    told = [(each.told.record.confirmed_at, each) for each in mixed.open if each.told is not None]
    last = max((at for at, _each in told if at is not None), default=None)
    for at, each in told:
        life.add("open_vote", at, each, mixed.together is not None and at == last)


def _add_wording(life: Lineage, recommendation: Recommendation) -> None:
    is_draft = is_private(recommendation)
    before: Version | None = None
    for version in sorted(recommendation.versions.all(), key=lambda each: each.number):
        if version.number == 1 or version.amendment_id is None:
            touched = None if is_draft or before is None else changed(before, version)
            life.add("draft", version.written_at, version, touched)
        before = version
        if is_draft:
            continue
        for amendment in version.amendments.all():
            life.add(
                "amendment",
                amendment.decided_at or amendment.proposed_at,
                amendment,
                difference(*in_one_language(version.text, amendment.text)),
            )
