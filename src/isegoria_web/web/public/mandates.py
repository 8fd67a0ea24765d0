"""The mandate of a cycle in public: every version that was signed, with what changed and why."""

from __future__ import annotations

from itertools import pairwise

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.safestring import SafeString
from django.utils.translation import get_language
from django.views.decorators.http import conditional_page, require_safe

from isegoria_web.consultation import adopting, algorithms
from isegoria_web.institutions.algorithms import name_of
from isegoria_web.institutions.models import Cycle, MandateVersion
from isegoria_web.translated import Texts, in_language
from isegoria_web.web.differences import difference
from isegoria_web.web.public.views import of_cycle
from isegoria_web.web.resolutions import line_of

PARTS = ("title", "question", "scope")


@require_safe
@conditional_page
@of_cycle
def mandate(request: HttpRequest, row: Cycle) -> HttpResponse:
    """Show the mandate as it holds, and each change of it."""
    versions = list(row.mandates.all())
    changes = [(after, _changes(before, after)) for before, after in pairwise(versions)]
    context = {
        "institution": row.institution,
        "cycle": row,
        "versions": versions,
        "changes": list(reversed(changes)),
        "theme": getattr(row, "theme", None),
        **_adopted(row),
    }
    return render(request, "public/mandate.html", context)


def _adopted(row: Cycle) -> dict[str, object]:
    """Which body adopted the question, by which rule and with how many; or to which it belongs, or that the statute is silent."""
    key, rule = algorithms.adopter_of(row)
    silent = not algorithms.adopter(row.rule_book)[1]
    found = adopting.adopted_by(row)
    return {
        "adopted": line_of(found) if found else None,
        "adopter": row.institution.bodies.filter(key=key).first() if key else None,
        "adopter_rule": rule,
        "silent_name": name_of("agenda.adopts_question", get_language() or "en") if silent else "",
    }


def _changes(before: MandateVersion, after: MandateVersion) -> dict[str, SafeString]:
    """Return the parts that differ, word by word; a change of another language alone is told in that language."""
    found = {}
    for part in PARTS:
        one, other = getattr(before, part), getattr(after, part)
        if one != other:
            code = _language(one, other)
            found[part] = difference(
                one.get(code) or in_language(one), other.get(code) or in_language(other)
            )
    return found


def _language(before: Texts, after: Texts) -> str:
    changed = [code for code in after if before.get(code) != after.get(code)]
    current = (get_language() or "en")[:2]
    return current if current in changed else next(iter(changed), current)
