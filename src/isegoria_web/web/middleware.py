"""What every request passes: its line in the log, the second factor of staff, and refusals as pages."""

from __future__ import annotations

import logging
import time
import uuid
from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import Resolver404, resolve

from isegoria.errors import IsegoriaError
from isegoria_web import logs
from isegoria_web.accounts import policies
from isegoria_web.accounts.models import User
from isegoria_web.errors import ServiceError
from isegoria_web.web import errors

GetResponse = Callable[[HttpRequest], HttpResponse]
log = logging.getLogger(__name__)
ERROR = 500
"""From this status on an answer is a fault of ours."""


class RequestLine:
    """Gives each request a number, writes one line about it, and adds the headers that no one else sets.

    The line names the view, never the path: a path may say who reads what. The number is ours, not the
    visitor's, so that nobody can forge lines. Pages on which members vote get none: their lines would count the votes
    while the box is open, each with its moment.
    """

    UNCOUNTED = {
        "members:ballot",
        "members:choice",
        "members:body_choice",
        "members:appointed_vote",
        "members:resolution",
        "members:verdict",
        "members:body_verdict",
    }

    HEADERS = {
        "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
        "Cross-Origin-Resource-Policy": "same-origin",
    }

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        number, began = uuid.uuid4().hex[:16], time.perf_counter()
        token = logs.request_id.set(number)
        try:
            response = self.get_response(request)
            response["X-Request-ID"] = number
            for name, value in self.HEADERS.items():
                response.headers.setdefault(name, value)
            _write_line(request, response, began)
        finally:
            logs.request_id.reset(token)
        return response


def _write_line(request: HttpRequest, response: HttpResponse, began: float) -> None:
    if request.path_info.startswith(settings.STATIC_URL):
        return
    match = request.resolver_match
    if match is not None and match.view_name in RequestLine.UNCOUNTED and response.status_code < ERROR:
        return
    details = {
        "method": request.method if request.method in {"GET", "HEAD", "POST", "OPTIONS"} else "other",
        "view": match.view_name if match else "",
        "status": response.status_code,
        "milliseconds": round((time.perf_counter() - began) * 1000),
    }
    log.info("Answered", extra=details)


class SecondFactor:
    """Leads staff who have no second factor to the page where they set one up, before anything else.

    Demonstration institutions do without.
    """

    OPEN = {"health", "root"}

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        user = request.user
        if isinstance(user, User) and not self._is_open(request) and policies.lacks_second_factor(user):
            return redirect("mfa_index")
        return self.get_response(request)

    def _is_open(self, request: HttpRequest) -> bool:
        try:
            name = resolve(request.path_info).view_name
        except Resolver404:
            return True  # there is no such page
        return name in self.OPEN or name.startswith(("account_", "mfa_"))


KEPT_ON_DEVICE = "kept_on_device"
"""In the session of somebody whose browser keeps a table, so that it works without a network."""


class LeavingDevice:
    """Lets the browser forget, when somebody signs out, the table that it kept for her."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        keeps = request.method == "POST" and bool(request.session.get(KEPT_ON_DEVICE))
        response = self.get_response(request)
        match = request.resolver_match
        if keeps and match is not None and match.view_name == "account_logout":
            response["Clear-Site-Data"] = '"storage"'
        return response


class ServiceErrors:
    """Turns what a service refuses into a page with its status, its sentence and the way out."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """Answer with the refusal's page; anything else is a fault of ours and stays one."""
        if isinstance(error, ServiceError):
            return errors.refused(request, error, error.status)
        if isinstance(error, IsegoriaError):
            return errors.refused(request, errors.LibraryRefusal(error), errors.LibraryRefusal.status)
        return None
