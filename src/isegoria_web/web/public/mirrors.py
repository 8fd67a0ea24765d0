"""The journal for those who keep a copy of it: whole or what is new, with signed checkpoints."""

from __future__ import annotations

from collections.abc import Iterable

from django.http import (
    Http404,
    HttpRequest,
    HttpResponseBadRequest,
    HttpResponseBase,
    JsonResponse,
    StreamingHttpResponse,
)
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from isegoria_web.institutions.models import Institution
from isegoria_web.journal.services import (
    checkpoint_document,
    checkpoint_lines,
    export_lines,
    file_count,
    file_lines,
    index_lines,
    keys_document,
)
from isegoria_web.web.public.views import of_institution


@require_safe
def keys(request: HttpRequest) -> JsonResponse:  # noqa: ARG001
    """Give the public keys under which the journals of this site are signed."""
    return JsonResponse(keys_document())


@require_safe
@of_institution
def journal(request: HttpRequest, institution: Institution) -> HttpResponseBase:
    """Give the journal as a file that verifies, or the lines that continue a copy: `?after=17`."""
    after = request.GET.get("after", "0")
    if not after.isdecimal() or len(after) > 18:  # noqa: PLR2004  # what a database column holds
        return HttpResponseBadRequest(
            _("“after” must be the number of an entry: 0, 1, 2 …"), content_type="text/plain; charset=utf-8"
        )
    return _lines(export_lines(institution.chain, int(after)))


@require_safe
@of_institution
def index(request: HttpRequest, institution: Institution) -> HttpResponseBase:  # noqa: ARG001
    """Give the finished files of the journal, with the entries that each holds."""
    return _lines(index_lines(institution.chain))


@require_safe
@of_institution
def file(request: HttpRequest, institution: Institution, number: int) -> HttpResponseBase:  # noqa: ARG001
    """Give one file of the journal; the last of them still grows."""
    if not 1 <= number <= file_count(institution.chain):
        raise Http404
    return _lines(file_lines(institution.chain, number))


@require_safe
@of_institution
def checkpoints(request: HttpRequest, institution: Institution) -> HttpResponseBase:  # noqa: ARG001
    """Give all signed checkpoints, oldest first."""
    return _lines(checkpoint_lines(institution.chain))


@require_safe
@of_institution
def checkpoint(request: HttpRequest, institution: Institution) -> JsonResponse:  # noqa: ARG001
    """Give the newest signed checkpoint."""
    newest = institution.chain.checkpoints.select_related("chain").last()
    if newest is None:
        raise Http404
    return JsonResponse(checkpoint_document(newest))


def _lines(lines: Iterable[str]) -> HttpResponseBase:
    return StreamingHttpResponse(lines, content_type="application/x-ndjson")
