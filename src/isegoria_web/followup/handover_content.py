"""What a new cohort is told of those before: plain values with texts in all their languages, naming nobody.

Only what the public may read goes in, and what the outgoing members and the secretariat wrote for this purpose.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from django.db.models import Count

from isegoria_web import clock
from isegoria_web.accounts.models import Grant
from isegoria_web.consultation.enums import ThemeStatus
from isegoria_web.consultation.models import Theme
from isegoria_web.evidence.enums import QuestionStatus
from isegoria_web.evidence.models import Question
from isegoria_web.followup.enums import SETTLED
from isegoria_web.followup.models import Answer, Commitment, Duty, Legacy
from isegoria_web.followup.owing import duties_of
from isegoria_web.institutions.algorithms import rule_book_of, sentences_of
from isegoria_web.institutions.models import Cycle, Institution
from isegoria_web.membership.models import Term
from isegoria_web.recommendations.algorithms import review_due
from isegoria_web.recommendations.enums import RecommendationStatus
from isegoria_web.recommendations.models import Recommendation, Report

Content = dict[str, Any]

OPEN_THEMES = (ThemeStatus.COLLECTING, ThemeStatus.SUPPORTED)
DECIDED = (RecommendationStatus.ADOPTED, RecommendationStatus.NOT_ADOPTED)


def content_of(cycle: Cycle) -> Content:
    """Return the handover dossier of a cycle as it stands now; days are written as in ISO 8601."""
    institution = cycle.institution
    today = clock.today(institution.time_zone)
    before = institution.cycles.filter(number__lt=cycle.number)
    recommendations = [_recommendation(each) for each in _decided_in(before)]
    return {
        "institution": dict(institution.name),
        "cycle": cycle.number,
        "title": dict(cycle.title),
        "question": dict(cycle.question),
        "day": today.isoformat(),
        "words": [_legacy(each) for each in Legacy.objects.for_members_of(cycle).select_related("cycle")],
        "mandate": [_mandate(each, institution) for each in cycle.mandates.all()],
        "promised_answer_days": cycle.promised_answer_days,
        "recommendations": recommendations,
        "questions": [_question(each) for each in _unanswered_in(before)],
        "themes": [_theme(each) for each in _themes_of(institution)],
        "themes_waiting": institution.themes.waiting().count(),
        "bodies": _bodies(institution, today),
        "roles": _roles(institution),
        "calendar": _calendar(cycle, recommendations, before, today),
        "rules": _rules(cycle),
    }


def hash_of(content: Content) -> str:
    """Return the SHA-256 of a content, written with sorted keys and without spaces, in UTF-8."""
    text = json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def is_news(content: Content, before: Content) -> bool:
    """Return whether a dossier says something else than the one before; another day alone is no news."""
    return {**content, "day": ""} != {**before, "day": ""}


# -- what was recommended, and what became of it ---------------------------------------------------------------


def _decided_in(before: Iterable[Cycle]) -> list[Recommendation]:
    found = (
        Recommendation.objects.filter(cycle__in=before, status__in=DECIDED)
        .with_lineage()
        .prefetch_related("duties", "answers__commitments")
    )
    return list(found.order_by("cycle__number", "number"))


def _recommendation(each: Recommendation) -> Content:
    answers = sorted(each.answers.all(), key=lambda answer: answer.number)
    newest = max(each.versions.all(), key=lambda version: version.number)
    duties = duties_of(each)
    zone = each.cycle.institution.time_zone
    return {
        "cycle": each.cycle.number,
        "number": each.number,
        "title": dict(newest.title),
        "adopted": each.status == RecommendationStatus.ADOPTED,
        **_owed(duties.first, zone),
        **({"final": _owed(duties.final, zone)} if duties.both else {}),
        "position": answers[-1].position if answers else None,
        "verdict": _verdict(answers[-1]) if answers else None,
        "promises": [_promise(one) for answer in answers for one in answer.commitments.all()],
        "minority": [
            {"text": dict(opinion.text), "signed": len(opinion.signatories.all())}
            for opinion in each.minority_opinions.all()
        ],
    }


def _owed(duty: Duty | None, zone: str) -> Content:
    """The clock of an answer. Only where the statute asks for a final one too it stands beside it, under `final`."""
    return {
        "due_on": duty.due_on.isoformat() if duty else None,
        "rule": duty.rule if duty else "",
        "answered_on": _day(duty.answered_at, zone) if duty and duty.answered_at else None,
    }


def _promise(each: Commitment) -> Content:
    return {
        "text": dict(each.text),
        "due_on": each.due_on.isoformat(),
        "status": each.status,
        "open": each.status not in SETTLED,
    }


def _verdict(answer: Answer) -> dict[str, int] | None:
    sums = answer.verdict_sums.that_counts()
    return None if sums is None else {each.value: count for each, count in sums.counts.items()}


# -- what is open ---------------------------------------------------------------------------------------------


def _unanswered_in(before: Iterable[Cycle]) -> Iterable[Question]:
    found = Question.objects.visible().leading().filter(cycle__in=before, status=QuestionStatus.OPEN)
    return found.select_related("cycle").order_by("due_on", "pk")


def _question(each: Question) -> Content:
    return {
        "cycle": each.cycle.number,
        "text": {each.language: each.text},
        "due_on": each.due_on.isoformat(),
    }


def _themes_of(institution: Institution) -> Iterable[Theme]:
    """The themes that can become a question, without those whose text is withheld."""
    return institution.themes.filter(status__in=OPEN_THEMES, text_withheld=False)


def _theme(each: Theme) -> Content:
    until = each.collects_until
    return {
        "number": each.number,
        "title": {each.language: each.title},
        "status": each.status,
        "signed": each.signed,
        "threshold": each.threshold,
        "until": until.isoformat() if until else None,
    }


def _legacy(each: Legacy) -> Content:
    return {
        "cycle": each.cycle.number,
        "by_member": each.member_id is not None,
        "text": dict(each.text),
    }


# -- who, when, and by which rules -----------------------------------------------------------------------------


def _mandate(each: Any, institution: Institution) -> Content:
    return {
        "number": each.number,
        "signed_on": _day(each.signed_at, institution.time_zone),
        "question": dict(each.question),
        "scope": dict(each.scope),
        "promised_answer_days": each.promised_answer_days,
        "reasons": dict(each.reasons),
        "sha256": each.sha256,
    }


def _bodies(institution: Institution, today: date) -> list[Content]:
    sitting = Term.objects.sitting_on(today).filter(seat__body__institution=institution)
    counts = dict(sitting.order_by().values_list("seat__body").annotate(Count("pk")))
    return [
        {
            "name": dict(each.name),
            "sitting": counts.get(each.pk, 0),
            "size_min": each.size_min,
            "size_max": each.size_max,
        }
        for each in institution.bodies.all()
    ]


def _roles(institution: Institution) -> dict[str, int]:
    grants = Grant.objects.valid_now().filter(institution=institution)
    return dict(grants.order_by("role").values_list("role").annotate(Count("user", distinct=True)))


def _calendar(
    cycle: Cycle, recommendations: Iterable[Content], before: Iterable[Cycle], today: date
) -> list[Content]:
    zone = cycle.institution.time_zone
    found: list[Content] = [
        {
            "kind": "meeting",
            "on": _day(each.starts_at, zone),
            "title": dict(each.title),
            "place": each.place,
        }
        for each in cycle.meetings.all()
    ]
    found += [
        {"kind": "stage", "on": each.planned_on.isoformat(), "stage": each.stage, "rule": each.rule}
        for each in cycle.milestones.filter(planned_on__isnull=False, reached_at__isnull=True)
        if each.planned_on
    ]
    for each in recommendations:
        named = {"cycle": each["cycle"], "number": each["number"]}
        if each["due_on"] and not each["answered_on"]:
            found.append({"kind": "answer", "on": each["due_on"], **named})
        final = each.get("final")
        if final and not final["answered_on"]:
            found.append({"kind": "final_answer", "on": final["due_on"], **named})
        found += [
            {"kind": "promise", "on": one["due_on"], **named} for one in each["promises"] if one["open"]
        ]
    for report in Report.objects.filter(cycle__in=before).select_related(
        "cycle__institution", "cycle__rule_book"
    ):
        review = review_due(report.cycle, report.handed_over_at)
        if review is not None:
            found.append({"kind": "review", "on": review.isoformat(), "cycle": report.cycle.number})
    for rotation in cycle.body.rotations.filter(done_at__isnull=True):
        found.append({"kind": "rotation", "on": rotation.on.isoformat(), "rule": rotation.rule})
    ahead = (each for each in found if each["on"] >= today.isoformat())
    return sorted(ahead, key=lambda each: (each["on"], each["kind"]))


def _rules(cycle: Cycle) -> Content:
    version = cycle.rule_book
    book = rule_book_of(version)
    return {
        "identifier": version.identifier,
        "number": version.number,
        "valid_from": version.valid_from.isoformat(),
        "legal_basis": version.legal_basis,
        "sha256": version.sha256,
        "newest": cycle.institution.rule_books.count(),
        "sentences": {
            language: [list(pair) for pair in sentences_of(book, language)]
            for language in cycle.institution.languages
        },
    }


def _day(moment: datetime, zone: str) -> str:
    return clock.day_of(moment, zone).isoformat()
