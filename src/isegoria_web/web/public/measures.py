"""How good was it? Who sat there, who met whom, what changed, in sentences, pictures and tables."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import conditional_page, require_safe

from isegoria_web.evaluation import algorithms
from isegoria_web.evaluation.models import Questionnaire
from isegoria_web.institutions.models import Cycle
from isegoria_web.membership.algorithms import colleges_of
from isegoria_web.web.public.views import of_cycle


@require_safe
@conditional_page
@of_cycle
def measures(request: HttpRequest, row: Cycle) -> HttpResponse:
    """Show what can be measured of a cycle so far."""
    asked = Questionnaire.objects.filter(cycle=row).first()
    counted = asked.results if asked is not None else None
    results = [
        {"text": sentence["text"], "change": counted.get(sentence["key"])}
        for sentence in (asked.sentences if asked is not None else [])
        if counted is not None
    ]
    context = {
        "institution": row.institution,
        "cycle": row,
        "likeness": algorithms.likeness(row),
        "met": algorithms.who_met(row),
        "is_mixed": bool(colleges_of(row)),
        "spoke": algorithms.who_spoke(row),
        "questionnaire": asked,
        "results": results,
    }
    return render(request, "public/measures.html", context)
