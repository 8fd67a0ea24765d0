"""What belongs to no audience: where a visitor enters, the health of the server."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.db import connection
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import translation
from django.views.decorators.http import require_GET

from isegoria_web.accounts.actors import Actor
from isegoria_web.accounts.policies import may_operate
from isegoria_web.institutions.models import Institution
from isegoria_web.web.access import actor_of
from isegoria_web.web.places import appointed_of, places_of


@require_GET
def start(request: HttpRequest) -> HttpResponse:
    """Lead to the start page in the visitor's language."""
    with translation.override(translation.get_language_from_request(request)):
        return redirect("public:start")


@require_GET
def health(request: HttpRequest) -> JsonResponse:  # noqa: ARG001
    """Say that the server and its database answer."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return JsonResponse({"ok": True})


@login_required
@require_GET
def after_sign_in(request: HttpRequest) -> HttpResponseBase:
    """Lead a person who signed in to her own page: the member's home or the back office."""
    actor = actor_of(request)
    for institution in Institution.objects.order_by("pk"):
        if actor and actor.roles_in(institution):
            return redirect("office:home", institution=institution.slug)
        places = places_of(request.user, institution)
        if not any(place.works for place in places) and appointed_of(request.user, institution):
            return redirect("members:appointed", institution=institution.slug)
        if places:
            return redirect("members:home", institution=institution.slug)
    if may_operate(Actor.operator(request.user)):
        return redirect("founding:choose")
    return redirect(reverse("public:start"))
