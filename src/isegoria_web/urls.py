"""The site's addresses: the language first, then the institution."""

from __future__ import annotations

from django.conf.urls.i18n import i18n_patterns
from django.urls import include, path

from isegoria_web.web import errors, views
from isegoria_web.web.api.api import api

urlpatterns = [
    path("", views.start, name="root"),
    path("health", views.health, name="health"),
    path("api/v1/", api.urls),
    path("journal/", include("isegoria_web.web.public.mirror_urls")),
    *i18n_patterns(
        path(
            "account/email/", errors.no_such_page, name="account_email"
        ),  # the institution changes addresses
        path("account/", include("allauth.account.urls")),
        path("account/2fa/", include("allauth.mfa.urls")),
        path("home/", include("isegoria_web.web.urls")),
        path("found/", include("isegoria_web.web.backoffice.founding_urls")),
        path("<slug:institution>/answer/", include("isegoria_web.web.public.answer_urls")),
        path("<slug:institution>/my/", include("isegoria_web.web.members.urls")),
        path("<slug:institution>/office/", include("isegoria_web.web.backoffice.urls")),
        path("", include("isegoria_web.web.public.urls")),
    ),
]

handler400 = "isegoria_web.web.errors.bad_request"
handler403 = "isegoria_web.web.errors.not_allowed"
handler404 = "isegoria_web.web.errors.not_found"
handler500 = "isegoria_web.web.errors.server_error"
