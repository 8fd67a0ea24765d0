"""A handover dossier on paper, for the members who get it and the office that hands it over."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import get_object_or_404

from isegoria_web.followup.models import HandoverDocument
from isegoria_web.institutions.models import Cycle


def document_of(cycle: Cycle, number: int, language: str) -> HttpResponse:
    """Give a version of a cycle's dossier as it was printed in one language."""
    made = get_object_or_404(
        HandoverDocument, handover__cycle=cycle, handover__number=number, language=language
    )
    name = f"{cycle.institution.slug}-{cycle.number}-{number}-{language}.pdf"
    with made.document.open("rb") as file:
        return HttpResponse(
            file.read(),
            content_type="application/pdf",
            headers={"Content-Disposition": f'inline; filename="{name}"'},
        )
