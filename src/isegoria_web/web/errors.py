"""Pages for what goes wrong: what happened, what to do now, and nothing about our insides."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, ClassVar

from django.db import DatabaseError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from isegoria.errors import BadInputs, IsegoriaError, Place
from isegoria_web import logs
from isegoria_web.errors import ServiceError
from isegoria_web.institutions.models import Institution
from isegoria_web.web import reading as readings


@dataclass(frozen=True)
class LibraryRefusal:
    """An error of the library as its page shows it: its two sentences translated, then filled in."""

    error: IsegoriaError
    status: ClassVar[int] = HTTPStatus.UNPROCESSABLE_ENTITY

    @property
    def problem(self) -> str:
        """What happened."""
        return _(self.error.text.problem).format_map(self.error.parameters)

    @property
    def way_out(self) -> str:
        """How to repair it."""
        return _(self.error.text.way_out).format_map(self.error.parameters)

    @property
    def place(self) -> str:
        """Where in the input: file, row and column, as far as known."""
        return place_in_words(self.error.place)

    @property
    def faults(self) -> list[LibraryRefusal]:
        """The single faults, where the error lists several."""
        return (
            [LibraryRefusal(fault) for fault in self.error.faults]
            if isinstance(self.error, BadInputs)
            else []
        )

    def __str__(self) -> str:
        where = f"{self.place}: " if self.place else ""
        return f"{where}{self.problem} {self.way_out}"


def place_in_words(place: Place) -> str:
    """Return a place in the visitor's language; empty where nothing is known."""
    parts = [
        place.file,
        None if place.row is None else _("row %(row)s") % {"row": place.row},
        None if place.column is None else _("column %(column)s") % {"column": place.column},
    ]
    return ", ".join(part for part in parts if part)


def refused(request: HttpRequest, error: ServiceError | LibraryRefusal, status: int) -> HttpResponse:
    """Show what a service or the library refused; programs get the same as data."""
    if _wants_data(request):
        return JsonResponse({"detail": str(error.problem), "way_out": str(error.way_out)}, status=status)
    return _shown(request, "errors/refused.html", status, lambda: {"error": error, "status": status})


def stale_form(request: HttpRequest, reason: str = "") -> HttpResponse:  # noqa: ARG001
    """Say that the page was open too long; the browser's back button keeps the text."""
    return _shown(request, "errors/stale_form.html", HTTPStatus.FORBIDDEN, dict)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001
    """Say that the request cannot be understood."""
    return _page(
        request,
        HTTPStatus.BAD_REQUEST,
        lambda: {
            "heading": _("This request cannot be understood"),
            "way_out": _("Check the address, or go back and try again."),
        },
    )


def not_allowed(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001
    """Say that the person may not do this."""
    return _page(
        request,
        HTTPStatus.FORBIDDEN,
        lambda: {
            "heading": _("You may not do this"),
            "way_out": _("Sign in with the right account, or ask the secretariat."),
        },
    )


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001
    """Say that there is no such page; what belongs to others does not exist either."""
    return _page(
        request,
        HTTPStatus.NOT_FOUND,
        lambda: {
            "heading": _("This page does not exist"),
            "way_out": _("Check the address. Some pages exist only for those who are signed in."),
        },
    )


def no_such_page(request: HttpRequest) -> HttpResponse:  # noqa: ARG001
    """Stand where a package would put a page that this site does not offer."""
    raise Http404


def server_error(request: HttpRequest) -> HttpResponse:
    """Say that it is our fault, with the request's number for those who ask about it.

    Rendered without the request and without the frame of the pages, so that it also works when the database
    does not.
    """
    number, status = logs.request_id.get(), HTTPStatus.INTERNAL_SERVER_ERROR
    if _wants_data(request):
        return JsonResponse({"detail": status.phrase, "request_id": number}, status=status)

    def made() -> HttpResponse:
        return HttpResponse(render_to_string("errors/fault.html", {"request_id": number}), status=status)

    try:
        return readings.said_to(request, readings.letter_address(request), made)
    except DatabaseError:  # then nobody knows her language
        return made()


def _page(request: HttpRequest, status: HTTPStatus, said: Callable[[], dict[str, str]]) -> HttpResponse:
    if _wants_data(request):
        return JsonResponse({"detail": status.phrase, "request_id": logs.request_id.get()}, status=status)
    return _shown(request, "errors/page.html", status, said)


def _shown(
    request: HttpRequest, template: str, status: int, said: Callable[[], dict[str, Any]]
) -> HttpResponse:
    """Show an error; under the addresses of a letter in its reader's language, with the way back to the letter."""
    slug = readings.letter_address(request)
    answered = Institution.objects.filter(slug=slug).first() if slug else None
    if answered is None or not hasattr(request, "session"):
        return render(request, template, said(), status=status)
    readings.remember(request)

    def made() -> HttpResponse:
        context = {"institution": answered, "of_letter": True, **said()}
        return render(request, template, context, status=status)

    return readings.said_to(request, slug, made)


def _wants_data(request: HttpRequest) -> bool:
    return request.path_info.startswith("/api/")
