"""Pages for what goes wrong."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


def stale_form(request: HttpRequest, reason: str = "") -> HttpResponse:  # noqa: ARG001
    """Say that the page was open too long; the browser's back button keeps the text."""
    return render(request, "errors/stale_form.html", status=403)
