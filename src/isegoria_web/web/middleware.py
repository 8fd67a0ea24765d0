from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from isegoria.errors import IsegoriaError
from isegoria_web.errors import ServiceError


class ServiceErrors:
    """Turns what a service refuses into a page with its status, its sentence and the way out."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """Answer with the refusal's page; anything else is a fault of ours and stays one."""
        if isinstance(error, ServiceError):
            return render(request, "errors/refused.html", {"error": error}, status=error.status)
        if isinstance(error, IsegoriaError):
            return render(request, "errors/refused.html", {"error": error}, status=422)
        return None
