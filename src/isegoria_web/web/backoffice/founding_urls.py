"""Founding an institution, under `/<language>/found/`."""

from __future__ import annotations

from django.urls import URLPattern, path

from isegoria_web.web.backoffice.views import founding

app_name = "founding"
D = "<uuid:draft>/"

urlpatterns: list[URLPattern] = [
    path("", founding.choose, name="choose"),
    path("rule-books/<slug:identifier>/", founding.book, name="book"),
    path(D, founding.details, name="details"),
    path(D + "numbers/", founding.numbers, name="numbers"),
    path(D + "people/", founding.people, name="people"),
    path(D + "review/", founding.review, name="review"),
    path(D + "founded/", founding.founded, name="founded"),
    path(D + "throw-away/", founding.throw_away, name="throw_away"),
]
