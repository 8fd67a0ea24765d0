"""What everybody may see, under `/<language>/`."""

from __future__ import annotations

from django.urls import path

from isegoria_web.web.public import (
    ceremony,
    chances,
    choices,
    knowing,
    mandates,
    measures,
    opinions,
    resolutions,
    roster,
    rules,
    themes,
    views,
)

app_name = "public"
I = "<slug:institution>/"  # noqa: E741  # an institution
C = I + "cycles/<int:number>/"

urlpatterns = [
    path("", views.start, name="start"),
    path("method/", views.method, name="method"),
    path("privacy/", views.privacy, name="privacy"),
    path("accessibility/", views.accessibility, name="accessibility"),
    path(I, views.home, name="institution"),
    path(I + "accent.css", views.accent, name="accent"),
    path(I + "rules/", rules.rule_book, name="rule_book"),
    path(I + "rules/rulebook.toml", rules.rule_book_text, name="rule_book_text"),
    path(I + "rules/versions/<int:version>/", rules.rule_book_version, name="rule_book_version"),
    path(
        I + "rules/versions/<int:version>/rulebook.toml",
        rules.rule_book_version_text,
        name="rule_book_version_text",
    ),
    path(I + "chances/", chances.chances, name="chances"),
    path(I + "members/", roster.roster, name="roster"),
    path(I + "recommendations/", views.recommendations, name="recommendations"),
    path(I + "answers/", views.answers, name="answers"),
    path(I + "journal/", views.journal, name="journal"),
    path(I + "journal.jsonl", views.journal_export, name="journal_export"),
    path(I + "decisions/", resolutions.resolutions, name="resolutions"),
    path(I + "themes/", themes.themes, name="themes"),
    path(I + "themes/propose/", themes.propose, name="theme_propose"),
    path(I + "themes/sent/", themes.sent, name="theme_sent"),
    path(I + "themes/confirm/<str:token>/", themes.confirm, name="theme_confirm"),
    path(I + "themes/<int:theme>/", themes.theme, name="theme"),
    path(I + "themes/<int:theme>/sign/", themes.sign, name="theme_sign"),
    path(I + "themes/<int:theme>/thanks/", themes.thanks, name="theme_thanks"),
    path(C, views.cycle, name="cycle"),
    path(C + "members/", views.members, name="members"),
    path(C + "stations/", views.stations, name="stations"),
    path(C + "mandate/", mandates.mandate, name="mandate"),
    path(C + "statements/", views.statements, name="statements"),
    path(C + "opinions/", opinions.maps, name="maps"),
    path(C + "opinions/<int:opinion_map>/", opinions.opinion_map, name="opinion_map"),
    path(C + "opinions/<int:opinion_map>/map.json", opinions.map_document, name="map_document"),
    path(C + "opinions/<int:opinion_map>/<slug:which>.csv", opinions.map_file, name="map_file"),
    path(C + "moderation/", opinions.moderation, name="moderation"),
    path(C + "report/", views.report_page, name="report_page"),
    path(C + "report/<slug:language>.pdf", views.report_in, name="report_in"),
    path(C + "report.pdf", views.report, name="report"),
    path(C + "draws/secret/", ceremony.promise, name="promise"),
    path(C + "draws/<int:draw>/reveal/", ceremony.reveal, name="reveal"),
    path(C + "draws/<int:draw>/", views.draw, name="draw"),
    path(C + "draws/<int:draw>/live.json", ceremony.live, name="live"),
    path(C + "draws/<int:draw>/projector/", ceremony.projector, name="projector"),
    path(C + "draws/<int:draw>/objection/", ceremony.objection, name="objection"),
    path(C + "draws/<int:draw>/stamped.json", ceremony.stamped, name="stamped"),
    path(C + "draws/<int:draw>/time-stamps/<int:position>/", ceremony.time_stamp, name="time_stamp"),
    path(C + "draws/<int:draw>/record.json", views.record, name="record"),
    path(C + "meetings/", views.meetings, name="meetings"),
    path(C + "meetings/<int:meeting>/", views.meeting, name="meeting"),
    path(C + "measures/", measures.measures, name="measures"),
    path(C + "evidence/", knowing.evidence, name="evidence"),
    path(C + "dossiers/<int:dossier>/", knowing.dossier, name="dossier"),
    path(
        C + "dossiers/<int:dossier>/versions/<int:version>/",
        knowing.dossier_version,
        name="dossier_version",
    ),
    path(C + "ballots/<int:ballot>/", choices.choice, name="choice"),
    path(C + "recommendations/<int:recommendation>/", views.recommendation, name="recommendation"),
]
