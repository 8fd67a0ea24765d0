"""Where an invited citizen answers her letter. The code stands in the fragment of the address, which no server sees."""

from __future__ import annotations

from django.urls import path

from isegoria_web.web.public import answer

app_name = "answer"
urlpatterns = [
    path("", answer.code, name="code"),
    path("form/", answer.form, name="form"),
    path("draft/", answer.draft, name="draft"),
    path("no/", answer.no, name="no"),
    path("receipt/", answer.receipt, name="receipt"),
    path("receipt/<slug:which>-receipt.json", answer.receipt_file, name="receipt_file"),
    path("done/", answer.done, name="done"),
    path("link/<slug:token>/", answer.link, name="link"),
    path("stop/<slug:token>/", answer.stop, name="stop"),
]
