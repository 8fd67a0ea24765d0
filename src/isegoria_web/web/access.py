"""From a request to the institution, the actor and the member, scoped: what is not theirs does not exist."""

from __future__ import annotations

from django.conf import settings
from django.http import Http404, HttpRequest
from django.shortcuts import get_object_or_404

from isegoria_web.accounts.actors import Actor
from isegoria_web.accounts.enums import Role
from isegoria_web.institutions.models import Cycle, Institution


def institution_or_404(slug: str) -> Institution:
    """Return the institution with this address."""
    return get_object_or_404(Institution.objects.select_related("authority", "chain"), slug=slug)


def cycle_or_404(institution: Institution, number: int) -> Cycle:
    """Return a cycle of this institution, never of another one."""
    return get_object_or_404(
        Cycle.objects.select_related("institution", "body", "rule_book"),
        institution=institution,
        number=number,
    )


def actor_of(request: HttpRequest) -> Actor | None:
    """Return who acts, or nobody."""
    return Actor.of(request.user)


def required_actor(request: HttpRequest) -> Actor:
    """Return who acts on a page that lets nobody in who is not signed in."""
    actor = actor_of(request)
    if actor is None:  # login_required has let nobody else through
        raise RuntimeError("a page of a signed-in person without one")
    return actor


def office_actor_or_404(request: HttpRequest, institution: Institution, *roles: Role) -> Actor:
    """Return the actor if she holds one of the roles (any role where none is named); else the page does not exist."""
    actor = actor_of(request)
    if actor is None or not (actor.has_role(institution, *roles) if roles else actor.roles_in(institution)):
        raise Http404
    return actor


def address_of(request: HttpRequest) -> str:
    """Return the network address from which somebody asks, to slow down who tries too much.

    Behind the TLS proxy everybody seems to come from the proxy; the address that the proxy itself has seen is the last
    one in `X-Forwarded-For`. What visitors write there stands before it and is not believed.
    """
    direct = str(request.META.get("REMOTE_ADDR", ""))
    if not settings.HTTPS:  # no proxy is in front: the header would be the visitor's own word
        return direct
    seen = str(request.META.get("HTTP_X_FORWARDED_FOR", "")).rpartition(",")[2].strip()
    return seen or direct
