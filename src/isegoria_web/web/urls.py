from __future__ import annotations

from django.urls import path

from isegoria_web.web import views

app_name = "web"
urlpatterns = [path("", views.after_sign_in, name="after_sign_in")]
