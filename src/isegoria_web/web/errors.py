"""Pages for what goes wrong: what happened, what to do now, and nothing about our insides."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from typing import ClassVar

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from isegoria.errors import BadInputs, IsegoriaError, Place
from isegoria_web import logs
from isegoria_web.errors import ServiceError


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
    return render(request, "errors/refused.html", {"error": error, "status": status}, status=status)


def stale_form(request: HttpRequest, reason: str = "") -> HttpResponse:  # noqa: ARG001
    """Say that the page was open too long; the browser's back button keeps the text."""
    return render(request, "errors/stale_form.html", status=HTTPStatus.FORBIDDEN)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001
    """Say that the request cannot be understood."""
    return _page(
        request,
        HTTPStatus.BAD_REQUEST,
        _("This request cannot be understood"),
        _("Check the address, or go back and try again."),
    )


def not_allowed(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001
    """Say that the person may not do this."""
    return _page(
        request,
        HTTPStatus.FORBIDDEN,
        _("You may not do this"),
        _("Sign in with the right account, or ask the secretariat."),
    )


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001
    """Say that there is no such page; what belongs to others does not exist either."""
    return _page(
        request,
        HTTPStatus.NOT_FOUND,
        _("This page does not exist"),
        _("Check the address. Some pages exist only for those who are signed in."),
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
    return HttpResponse(render_to_string("errors/fault.html", {"request_id": number}), status=status)


def _page(request: HttpRequest, status: HTTPStatus, heading: str, way_out: str) -> HttpResponse:
    if _wants_data(request):
        return JsonResponse({"detail": status.phrase, "request_id": logs.request_id.get()}, status=status)
    return render(request, "errors/page.html", {"heading": heading, "way_out": way_out}, status=status)


def _wants_data(request: HttpRequest) -> bool:
    return request.path_info.startswith("/api/")
