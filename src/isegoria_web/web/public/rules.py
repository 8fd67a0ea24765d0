"""The rule book in public: in plain words, word for word, version by version, with what was proposed."""

from __future__ import annotations

from itertools import pairwise

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import conditional_page, require_safe

from isegoria_web.institutions import amending
from isegoria_web.institutions.beginning import funding_changed
from isegoria_web.institutions.elections import pauses
from isegoria_web.institutions.enums import ProposalStatus, Stage
from isegoria_web.institutions.models import Institution, RuleBookVersion
from isegoria_web.web.public import reading
from isegoria_web.web.public.views import of_institution


@require_safe
@conditional_page
@of_institution
def rule_book(request: HttpRequest, institution: Institution) -> HttpResponse:
    """Say the rules in plain words, and where the statute is silent."""
    versions = list(institution.rule_books.order_by("-number"))
    context = {
        "institution": institution,
        "funding": (funding := institution.funding.order_by("-number").first()),
        "funding_changed": funding is not None and funding_changed(funding),
        "pauses": pauses(institution),
        "version": versions[0] if versions else None,
        "earlier": versions[1:],
        "amended": [(version, reading.changes(version, before)) for version, before in pairwise(versions)],
        "chapters": reading.chapters(versions[0]) if versions else [],
        "proposals": (proposals := reading.proposals(institution)),
        "coming": [
            (amending.first_day(each), changes)
            for each, changes in reversed(proposals)
            if each.status == ProposalStatus.AWAITED
        ],
        "changes": list(institution.status_changes.select_related("rule_book").order_by("-number")),
        "running": institution.cycles.exclude(stage=Stage.CLOSED)
        .select_related("rule_book")
        .order_by("number"),
    }
    return render(request, "public/rule_book.html", context)


@require_safe
@conditional_page
@of_institution
def rule_book_version(request: HttpRequest, institution: Institution, version: int) -> HttpResponse:
    """Say an adopted version in plain words, whether it still holds or not: a cycle may go on under it."""
    found = get_object_or_404(institution.rule_books, number=version)
    before = institution.rule_books.filter(number=version - 1).first()
    context = {
        "institution": institution,
        "version": found,
        "newest": institution.rule_books.latest("number"),
        "chapters": reading.chapters(found),
        "changes": reading.changes(found, before) if before else [],
        "cycles": found.cycles.order_by("number"),
    }
    return render(request, "public/rule_book_version.html", context)


@require_safe
@conditional_page
@of_institution
def rule_book_version_text(request: HttpRequest, institution: Institution, version: int) -> HttpResponse:  # noqa: ARG001
    """Give an adopted version word for word."""
    return _rule_book_file(institution, get_object_or_404(institution.rule_books, number=version))


@require_safe
@conditional_page
@of_institution
def rule_book_text(request: HttpRequest, institution: Institution) -> HttpResponse:  # noqa: ARG001
    """Give the rule book as it was adopted, word for word."""
    version = institution.rule_books.order_by("-number").first()
    if version is None:
        raise Http404
    return _rule_book_file(institution, version)


def _rule_book_file(institution: Institution, version: RuleBookVersion) -> HttpResponse:
    response = HttpResponse(version.text, content_type="application/toml; charset=utf-8")
    response["Content-Disposition"] = (
        f'attachment; filename="{institution.slug}-rules-{version.number}.toml"'
    )
    return response
