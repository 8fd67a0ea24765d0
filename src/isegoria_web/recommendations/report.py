"""The report of a cycle as a PDF, typeset in the institution's first language."""

from __future__ import annotations

import json
from importlib.resources import files
from typing import Any

import typst
from django.utils import translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from isegoria_web import clock
from isegoria_web.institutions.models import Cycle
from isegoria_web.recommendations.enums import RecommendationStatus
from isegoria_web.recommendations.models import MinorityOpinion, Recommendation
from isegoria_web.translated import in_language


def typeset(cycle: Cycle, language: str | None = None) -> bytes:
    """Return the report as PDF, in a language or in the institution's first."""
    chosen = language or next(iter(cycle.institution.languages), "en")
    with translation.override(chosen):
        data = _data(cycle, chosen)
    template = files("isegoria_web.recommendations").joinpath("report.typ").read_bytes()
    document: bytes = typst.compile(template, sys_inputs={"data": json.dumps(data)}, format="pdf")
    return document


def _data(cycle: Cycle, language: str) -> dict[str, Any]:
    found = cycle.recommendations.select_related("ballot").prefetch_related(
        "versions", "minority_opinions__signatories"
    )
    adopted = [each for each in found if each.status == RecommendationStatus.ADOPTED]
    not_adopted = [each for each in found if each.status == RecommendationStatus.NOT_ADOPTED]
    today = date_format(clock.today(cycle.institution.time_zone), "DATE_FORMAT")
    return {
        "lang": language,
        "accent": cycle.institution.accent,
        "institution": in_language(cycle.institution.name),
        "title": in_language(cycle.title),
        "question": in_language(cycle.question),
        "handed_over": _("Handed over on %(day)s") % {"day": today},
        "drawn": _("by %(count)d citizens who were drawn by lot") % {"count": cycle.panel_size},
        "words": {
            "reasons": _("Reasons"),
            "minority": _("Minority opinion"),
            "not_adopted": _("Not adopted"),
        },
        "recommendations": [_recommendation(each) for each in adopted],
        "not_adopted": [in_language(_newest(each).title) for each in not_adopted],
    }


def _recommendation(each: Recommendation) -> dict[str, Any]:
    version = _newest(each)
    return {
        "number": each.number,
        "title": in_language(version.title),
        "text": _paragraphs(in_language(version.text)),
        "reasons": _paragraphs(in_language(version.reasons)),
        "votes": _("%(yes)d yes, %(no)d no, %(abstain)d abstentions, of %(eligible)d members")
        % {
            "yes": each.ballot.yes,
            "no": each.ballot.no,
            "abstain": each.ballot.abstain,
            "eligible": each.ballot.eligible,
        },
        "minority": [_minority(opinion) for opinion in each.minority_opinions.all()],
    }


def _minority(opinion: MinorityOpinion) -> dict[str, Any]:
    count = len(opinion.signatories.all())
    signed = ngettext("Signed by %(count)d member", "Signed by %(count)d members", count) % {"count": count}
    return {"signed": signed, "text": _paragraphs(in_language(opinion.text))}


def _newest(each: Recommendation) -> Any:
    return max(each.versions.all(), key=lambda version: version.number)


def _paragraphs(markdown: str) -> list[str]:
    """Return the paragraphs as plain text; emphasis marks are dropped on paper."""
    return [" ".join(part.replace("**", "").split()) for part in markdown.split("\n\n") if part.strip()]
