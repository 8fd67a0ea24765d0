"""The opinion maps of a cycle, with their files, and the public log of moderation."""

from __future__ import annotations

from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import conditional_page, require_safe

from isegoria_web.deliberation.models import OpinionMap
from isegoria_web.institutions.models import Cycle
from isegoria_web.moderation.models import Review, Strictness
from isegoria_web.web.opinions import page_of
from isegoria_web.web.public.views import of_cycle

FILES = {"votes": "participants-votes.csv", "statements": "comments.csv"}
"""Which file of a map, and the name under which Polis and the library know it."""


def _map_or_404(cycle: Cycle, number: int) -> OpinionMap:
    return get_object_or_404(cycle.opinion_maps.done().select_related("cycle"), number=number)


@require_safe
@conditional_page
@of_cycle
def maps(request: HttpRequest, row: Cycle) -> HttpResponse:
    """List the maps of a cycle, and say how they are made."""
    context = {
        "institution": row.institution,
        "cycle": row,
        "maps": row.opinion_maps.done().order_by("-origin", "number"),
        "waiting": row.opinion_maps.waiting().count(),
        "open": row.statements.visible().still_open().exists(),
    }
    return render(request, "public/maps.html", context)


@require_safe
@conditional_page
@of_cycle
def opinion_map(request: HttpRequest, row: Cycle, opinion_map: int) -> HttpResponse:
    """Show where people agree, where they do not, and how far to trust that."""
    page = page_of(_map_or_404(row, opinion_map))
    return render(request, "public/map.html", {"institution": row.institution, "cycle": row, "page": page})


@require_safe
@of_cycle
def map_file(request: HttpRequest, row: Cycle, opinion_map: int, which: str) -> HttpResponseBase:  # noqa: ARG001
    """Give a file with which anybody makes the map again: the votes, or the statements."""
    found = _map_or_404(row, opinion_map)
    if which not in FILES or not getattr(found, which):
        raise Http404
    return FileResponse(
        getattr(found, which).open("rb"), as_attachment=True, filename=FILES[which],
        content_type="text/csv; charset=utf-8",
    )  # fmt: skip


@require_safe
@conditional_page
@of_cycle
def map_document(request: HttpRequest, row: Cycle, opinion_map: int) -> HttpResponse:  # noqa: ARG001
    """Give a map as data."""
    return JsonResponse(_map_or_404(row, opinion_map).document)


@require_safe
@conditional_page
@of_cycle
def moderation(request: HttpRequest, row: Cycle) -> HttpResponse:
    """Show what was taken out and why, without its text, and what became of the appeals."""
    context = {
        "institution": row.institution,
        "cycle": row,
        "log": Review.objects.log(row),
        "strict": Strictness.objects.filter(cycle=row).first(),
    }
    return render(request, "public/moderation.html", context)
