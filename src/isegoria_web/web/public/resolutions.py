"""What bodies decided between their meetings: which body, when, by which rule, with how many. Never who."""

from __future__ import annotations

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django.views.decorators.http import conditional_page, require_safe

from isegoria_web.institutions.algorithms import ROLES, name_of, roles_of, rule_book_of, sentences_of
from isegoria_web.institutions.models import Institution
from isegoria_web.web.public.views import of_institution
from isegoria_web.web.resolutions import line_of

A_PAGE = 30


@require_safe
@conditional_page
@of_institution
def resolutions(request: HttpRequest, institution: Institution) -> HttpResponse:
    """Say who decides what by the rule book in force, where it is silent, and list what was decided."""
    language = get_language() or "en"
    version = institution.rule_books.latest("number")
    said = dict(sentences_of(rule_book_of(version), language))
    given = {rule for rules in roles_of(version).values() for rule in rules}
    over = institution.resolutions.over().select_related("body", "rule_book")
    page = Paginator(over, A_PAGE).get_page(request.GET.get("page"))
    context = {
        "institution": institution,
        "version": version,
        "given": [(rule, said[rule]) for rule in ROLES if rule in given],
        "silent": [
            (rule, name_of(rule, language)) for rule in rule_book_of(version).silent() if rule in ROLES
        ],
        "page": page,
        "lines": [line_of(each) for each in page],
        "under_way": [
            line_of(each) for each in institution.resolutions.open().select_related("body", "rule_book")
        ],
    }
    return render(request, "public/resolutions.html", context)
