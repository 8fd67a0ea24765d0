"""What mirrors of the journal fetch: addresses without a language, which stay as they are (`docs/journal.md`)."""

from __future__ import annotations

from django.urls import path, register_converter

from isegoria_web.web.public import mirrors


class SixDigits:
    """The number of a file of a journal, as it stands in its name: `000001`."""

    regex = "[0-9]{6}"

    def to_python(self, value: str) -> int:
        """Return the number."""
        return int(value)

    def to_url(self, value: int) -> str:
        """Return the number as it stands in the name."""
        return f"{value:06d}"


register_converter(SixDigits, "sixdigits")
app_name = "mirror"
urlpatterns = [
    path("key.json", mirrors.keys, name="keys"),
    path("<slug:institution>/journal.jsonl", mirrors.journal, name="journal"),
    path("<slug:institution>/index.jsonl", mirrors.index, name="index"),
    path("<slug:institution>/journal-<sixdigits:number>.jsonl", mirrors.file, name="file"),
    path("<slug:institution>/checkpoints.jsonl", mirrors.checkpoints, name="checkpoints"),
    path("<slug:institution>/checkpoint.json", mirrors.checkpoint, name="checkpoint"),
]
