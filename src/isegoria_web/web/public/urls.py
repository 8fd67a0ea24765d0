"""What everybody may see, under `/<language>/`."""

from __future__ import annotations

from django.urls import path

from isegoria_web.web.public import views

app_name = "public"
urlpatterns = [
    path("", views.start, name="start"),
    path("method/", views.method, name="method"),
    path("privacy/", views.privacy, name="privacy"),
    path("accessibility/", views.accessibility, name="accessibility"),
    path("<slug:institution>/", views.home, name="institution"),
    path("<slug:institution>/accent.css", views.accent, name="accent"),
    path("<slug:institution>/rules/", views.rule_book, name="rule_book"),
    path("<slug:institution>/recommendations/", views.recommendations, name="recommendations"),
    path("<slug:institution>/answers/", views.answers, name="answers"),
    path("<slug:institution>/journal/", views.journal, name="journal"),
    path("<slug:institution>/journal.jsonl", views.journal_export, name="journal_export"),
    path("<slug:institution>/cycles/<int:number>/", views.cycle, name="cycle"),
    path("<slug:institution>/cycles/<int:number>/members/", views.members, name="members"),
    path("<slug:institution>/cycles/<int:number>/statements/", views.statements, name="statements"),
    path("<slug:institution>/cycles/<int:number>/report.pdf", views.report, name="report"),
    path("<slug:institution>/cycles/<int:number>/draws/<int:draw>/", views.draw, name="draw"),
    path(
        "<slug:institution>/cycles/<int:number>/draws/<int:draw>/record.json", views.record, name="record"
    ),
    path("<slug:institution>/cycles/<int:number>/meetings/<int:meeting>/", views.meeting, name="meeting"),
    path("<slug:institution>/cycles/<int:number>/dossiers/<int:dossier>/", views.dossier, name="dossier"),
    path(
        "<slug:institution>/cycles/<int:number>/recommendations/<int:recommendation>/",
        views.recommendation,
        name="recommendation",
    ),
]
