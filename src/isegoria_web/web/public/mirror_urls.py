"""What mirrors of the journal fetch: addresses without a language, which stay as they are (`docs/journal.md`)."""

from __future__ import annotations

from django.urls import path

from isegoria_web.web.public import mirrors

app_name = "mirror"
urlpatterns = [
    path("key.json", mirrors.keys, name="keys"),
    path("<slug:institution>/journal.jsonl", mirrors.journal, name="journal"),
    path("<slug:institution>/checkpoints.jsonl", mirrors.checkpoints, name="checkpoints"),
    path("<slug:institution>/checkpoint.json", mirrors.checkpoint, name="checkpoint"),
]
