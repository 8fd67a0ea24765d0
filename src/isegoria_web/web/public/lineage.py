"""Where a recommendation comes from and where it went, and how its wording changed."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from isegoria_web.recommendations.enums import RecommendationStatus
from isegoria_web.recommendations.models import Recommendation
from isegoria_web.translated import in_language
from isegoria_web.web.public.reading import statement_counts


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


def lineage(recommendation: Recommendation, statements: Iterable[Any], report: Any) -> list[Step]:
    """Return every step of a recommendation that is public, in the order in which they happened."""
    life = Lineage()
    for statement in statements:
        life.add("statement", statement.made_at, statement, statement_counts(statement))
    _add_wording(life, recommendation)
    ballot = getattr(recommendation, "ballot", None)
    if ballot is not None:
        life.add("ballot_opened", ballot.opened_at, ballot)
        life.add("ballot_closed", ballot.closed_at, ballot)
    for opinion in recommendation.minority_opinions.all():
        life.add("minority_opinion", opinion.submitted_at, opinion)
    if report is not None and recommendation.status == RecommendationStatus.ADOPTED:
        life.add("report", report.handed_over_at, report)
    for answer in recommendation.answers.all():
        life.add("answer", answer.published_at, answer)
    return sorted(life.steps, key=lambda step: step.at)


def _add_wording(life: Lineage, recommendation: Recommendation) -> None:
    is_draft = recommendation.status == RecommendationStatus.DRAFT
    for version in sorted(recommendation.versions.all(), key=lambda each: each.number):
        if version.number == 1 or version.amendment_id is None:
            life.add("draft", version.written_at, version)
        if is_draft:
            continue
        for amendment in version.amendments.all():
            life.add(
                "amendment",
                amendment.decided_at or amendment.proposed_at,
                amendment,
                difference(*_in_one_language(version.text, amendment.text)),
            )


def _in_one_language(before: Mapping[str, str], after: Mapping[str, str]) -> tuple[str, str]:
    current = (get_language() or "en")[:2]
    both = [code for code in (current, *after) if before.get(code) and after.get(code)]
    return (before[both[0]], after[both[0]]) if both else (in_language(before), in_language(after))


def difference(before: str, after: str) -> SafeString:
    """Return a text with what was left out and what was put in marked, word by word.

    The marks are elements that screen readers name, and words for those that do not.
    """
    old, new = (re.findall(r"\s+|\S+", text) for text in _without_stress(before, after))
    parts = []
    for kind, a1, a2, b1, b2 in difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if kind in {"delete", "replace"}:
            parts.append(_mark("del", _("left out:"), "".join(old[a1:a2])))
        if kind in {"insert", "replace"}:
            parts.append(_mark("ins", _("put in:"), "".join(new[b1:b2])))
        if kind == "equal":
            parts.append(format_html("{}", "".join(old[a1:a2])))
    return format_html_join("", "{}", ((part,) for part in parts))


def _without_stress(before: str, after: str) -> tuple[str, str]:
    """Return both texts without the marks of bold and italics, unless they differ in nothing else."""
    plain = tuple(re.sub(r"(\*\*|__|\*|_)(?=\S)(.+?)(?<=\S)\1", r"\2", text) for text in (before, after))
    return (plain[0], plain[1]) if plain[0] != plain[1] else (before, after)


def _mark(element: str, word: str, text: str) -> SafeString:
    return format_html('<{}><span class="visually-hidden">{} </span>{}</{}>', element, word, text, element)
