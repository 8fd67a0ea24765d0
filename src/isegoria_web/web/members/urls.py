"""The member's pages, under `/<language>/<institution>/my/`."""

from __future__ import annotations

from django.urls import path

from isegoria_web.web.members import (
    appointed,
    bodies,
    check_in,
    handover,
    money,
    public_name,
    questionnaire,
    themes,
    views,
)

app_name = "members"
urlpatterns = [
    path("", views.home, name="home"),
    path("questions/", views.questions, name="questions"),
    path("speakers/", views.speakers, name="speakers"),
    path("speakers/<uuid:wish>/", views.support, name="support"),
    path("statements/", views.statements, name="statements"),
    path("statements/<int:number>/", views.react, name="react"),
    path("opinions/", views.opinion_map, name="opinion_map"),
    path("contributions/", views.contributions, name="contributions"),
    path("contributions/<uuid:review>/appeal/", views.appeal, name="appeal"),
    path("recommendations/<int:number>/", views.recommendation, name="recommendation"),
    path("recommendations/<int:number>/unfinished/", views.unfinished, name="unfinished"),
    path("recommendations/<int:number>/ballot/", views.ballot, name="ballot"),
    path("choices/<int:number>/", views.choice, name="choice"),
    path("recommendations/<int:number>/minority-opinion/", views.minority_opinion, name="minority_opinion"),
    path("recommendations/<int:number>/verdict/", views.verdict, name="verdict"),
    path("handover/", handover.handover, name="handover"),
    path("handover/<int:number>-<slug:language>.pdf", handover.document, name="handover_document"),
    path("pass-on/", handover.pass_on, name="pass_on"),
    path("questionnaire/", questionnaire.questionnaire, name="questionnaire"),
    path("check-in/", check_in.check_in, name="check_in"),
    path("check-in/square/", check_in.square, name="check_in_square"),
    path("appointed/", appointed.home, name="appointed"),
    path("appointed/check-in/", appointed.check_in, name="appointed_check_in"),
    path("appointed/check-in/square/", appointed.square, name="appointed_check_in_square"),
    path("appointed/recommendations/<int:number>/", appointed.recommendation, name="appointed_draft"),
    path("appointed/recommendations/<int:number>/vote/", appointed.vote, name="appointed_vote"),
    path("seat/", views.seat, name="seat"),
    path("seat/name/", public_name.public_name, name="public_name"),
    path("seat/name/<int:cycle>/withdraw/", public_name.withdraw, name="public_name_withdraw"),
    path("bodies/<slug:body>/", bodies.body, name="body"),
    path("bodies/<slug:body>/themes/<int:theme>/", bodies.theme, name="body_theme"),
    path("bodies/<slug:body>/themes/<int:theme>/admit/", bodies.admit, name="body_admit"),
    path("bodies/<slug:body>/themes/<int:theme>/refuse/", bodies.refuse, name="body_refuse"),
    path("bodies/<slug:body>/cycles/<int:cycle>/question/", bodies.question, name="body_question"),
    path(
        "bodies/<slug:body>/cycles/<int:cycle>/recommendations/<int:number>/verdict/",
        bodies.verdict,
        name="body_verdict",
    ),
    path("bodies/<slug:body>/choices/<int:number>/", bodies.choice, name="body_choice"),
    path("resolutions/<int:number>/", bodies.resolution, name="resolution"),
    path("theme/", themes.theme, name="theme"),
    path("money/", money.overview, name="money"),
    path("money/account/", money.account, name="account"),
    path("money/declaration/", money.declaration, name="declaration"),
    path("money/costs/", money.costs, name="costs"),
]
