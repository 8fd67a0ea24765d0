"""The back office, under `/<language>/<institution>/office/`."""

from __future__ import annotations

from django.urls import URLPattern, path

from isegoria_web.web.backoffice.views import (
    cycles,
    deciding,
    desk,
    draws,
    followup,
    home,
    knowing,
    letters,
    meetings,
    quotas,
    register,
    roles,
    rules,
    seats,
    tables,
)

app_name = "office"
C = "cycles/<int:cycle>/"
M = C + "meetings/<int:meeting>/"
T = M + "tables/<int:round_number>/<int:number>/"
R = C + "recommendations/<int:number>/"

urlpatterns: list[URLPattern] = [
    path("", home.home, name="home"),
    path("roles/", roles.roles, name="roles"),
    path("roles/<int:grant>/withdraw/", roles.withdraw, name="role_withdraw"),
    path("rules/", rules.rules, name="rules"),
    path("register/", register.register, name="register"),
    path("register/<uuid:extract>/erase/", register.erase, name="extract_erase"),
    path("cycles/new/", cycles.new, name="cycle_new"),
    path(C, cycles.cycle, name="cycle"),
    path(C + "mandate/", cycles.mandate, name="mandate"),
    path(C + "stage/", cycles.stage, name="stage"),
    path(C + "features/", quotas.features, name="features"),
    path(C + "population/", quotas.population, name="population"),
    path(C + "quotas/", quotas.quotas, name="quotas"),
    path(C + "quotas/propose/", quotas.propose, name="quotas_propose"),
    path(C + "letters/", letters.letters, name="letters"),
    path(C + "letters/draw/", letters.draw, name="letters_draw"),
    path(C + "letters/print/", letters.print_, name="letters_print"),
    path(C + "desk/", desk.desk, name="desk"),
    path(C + "desk/<int:position>/", desk.letter, name="desk_letter"),
    path(C + "desk/<int:position>/yes/", desk.yes, name="desk_yes"),
    path(C + "desk/<int:position>/no/", desk.no, name="desk_no"),
    path(C + "desk/<int:position>/returned/", desk.returned, name="desk_returned"),
    path(C + "pool/", draws.pool, name="pool"),
    path(C + "lottery/", draws.lottery, name="lottery"),
    path(C + "panel/", draws.panel, name="panel_draw"),
    path(C + "draws/", draws.draws, name="draws"),
    path(C + "draws/<int:number>/annul/", draws.annul, name="draw_annul"),
    path(C + "seats/", seats.seats, name="seats"),
    path(C + "seats/offer/", seats.offer, name="seats_offer"),
    path(C + "seats/<int:member>/accept/", seats.accept, name="seat_accept"),
    path(C + "seats/<int:member>/leave/", seats.leave, name="seat_leave"),
    path(C + "meetings/", meetings.meetings, name="meetings"),
    path(C + "meetings/new/", meetings.new, name="meeting_new"),
    path(M, meetings.meeting, name="meeting"),
    path(M + "tables/", meetings.plan, name="tables"),
    path(M + "attendance/", meetings.attendance, name="attendance"),
    path(T, tables.table, name="table"),
    path(T + "notes/<uuid:note>/", tables.note, name="note"),
    path(T + "notes/<uuid:note>/statement/", tables.statement, name="statement"),
    path(C + "statements/", tables.statements, name="statements"),
    path(C + "statements/close/", tables.close, name="statements_close"),
    path(C + "evidence/", knowing.evidence, name="evidence"),
    path(C + "evidence/dossier/", knowing.dossier, name="dossier_new"),
    path(C + "evidence/speaker/", knowing.speaker, name="speaker_new"),
    path(C + "questions/", knowing.questions, name="questions"),
    path(C + "questions/<uuid:question>/", knowing.reply, name="reply"),
    path(C + "recommendations/", deciding.recommendations, name="recommendations"),
    path(C + "recommendations/new/", deciding.new, name="recommendation_new"),
    path(R, deciding.recommendation, name="recommendation"),
    path(R + "amendments/<uuid:amendment>/", deciding.amendment, name="amendment"),
    path(R + "ballot/open/", deciding.open_ballot, name="ballot_open"),
    path(R + "ballot/close/", deciding.close_ballot, name="ballot_close"),
    path(C + "report/", deciding.report, name="report"),
    path(C + "answers/", followup.answers, name="answers"),
    path(C + "answers/<int:number>/", followup.answer, name="answer"),
    path(C + "answers/commitments/<int:commitment>/", followup.progress, name="progress"),
]
