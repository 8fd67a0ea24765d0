"""Certificates of what was erased: a list, each as a page and as a document."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import get_object_or_404

from isegoria_web.accounts.enums import Role
from isegoria_web.register.certificate import lines_of, typeset
from isegoria_web.register.models import Erasure
from isegoria_web.web.backoffice.office import Office, for_office


@for_office(Role.SECRETARIAT, methods=("GET", "HEAD"))
def erasures(office: Office) -> HttpResponse:
    """List what was erased, the latest first."""
    found = Erasure.objects.filter(institution=office.institution).select_related("cycle")
    return office.page("erasures", erasures=list(found))


@for_office(Role.SECRETARIAT, methods=("GET", "HEAD"))
def certificate(office: Office, erasure: UUID) -> HttpResponse:
    """Show a certificate."""
    found = _erasure_or_404(office, erasure)
    return office.page("erasure", erasure=found, lines=lines_of(found))


@for_office(Role.SECRETARIAT, methods=("GET", "HEAD"))
def certificate_pdf(office: Office, erasure: UUID) -> HttpResponse:
    """Give a certificate as a PDF."""
    found = _erasure_or_404(office, erasure)
    response = HttpResponse(typeset(found), content_type="application/pdf")
    response["Content-Disposition"] = f'attachment; filename="erasure-{found.public_id}.pdf"'
    return response


def _erasure_or_404(office: Office, key: UUID) -> Erasure:
    found = Erasure.objects.select_related("institution__authority", "cycle")
    return get_object_or_404(found, institution=office.institution, public_id=key)
