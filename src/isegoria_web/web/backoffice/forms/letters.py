"""Further waves, printing, and what the letter says."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from isegoria_web.recruitment import letter_text
from isegoria_web.recruitment.letter_text import LONG, NEEDED, PARTS
from isegoria_web.recruitment.letter_versions import LOGO_BYTES
from isegoria_web.web.backoffice.forms.fields import DayField, SumField, TextsField


class WaveForm(forms.Form):
    """How many more letters, by when to answer, and why."""

    def __init__(self, *args: Any, languages: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["letters"] = SumField(label=_("Number of letters"), min_value=1)
        self.fields["reply_by"] = DayField(label=_("To be answered by"))
        self.fields["reason"] = TextsField(
            languages, rows=2, label=_("Reason"), help_text=_("Everybody reads it on the page of the draw.")
        )


class PrintForm(forms.Form):
    """How many letters a file holds."""

    wave = forms.IntegerField(widget=forms.HiddenInput)
    per_file = SumField(
        label=_("Letters in a file, at most"),
        min_value=1,
        max_value=5000,
        help_text=_("Ask the mail house how large a file may be."),
    )


class LetterTextForm(forms.Form):
    """The parts of the letter in one language, with faults at their places."""

    def __init__(self, *args: Any, has_logo: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for part, label in PARTS.items():
            rows = 12 if part == "before" else 5 if part in LONG else 2
            self.fields[part] = forms.CharField(
                label=label,
                required=part in NEEDED,
                strip=False,
                widget=forms.Textarea(attrs={"rows": rows, "spellcheck": "true"}),
            )
        self.fields["logo"] = forms.FileField(
            label=_("Picture at the head of the letter"),
            required=False,
            help_text=_("PNG or JPEG, at most 400 kB. It is shown 17 mm high."),
            widget=forms.FileInput(attrs={"accept": "image/png,image/jpeg"}),
        )
        if has_logo:
            self.fields["without_logo"] = forms.BooleanField(
                label=_("Leave the picture out"), required=False
            )

    def clean(self) -> dict[str, Any]:
        """Put every fault at the part it is in."""
        cleaned = super().clean() or {}
        for fault in letter_text.faults_of(self.parts()):
            if fault.line or fault.part not in self.errors:  # that it is empty is said already
                self.add_error(fault.part, str(fault))
        sent = cleaned.get("logo")
        if sent is not None and sent.size > LOGO_BYTES:
            self.add_error("logo", _("This picture is larger than 400 kB."))
        return cleaned

    def parts(self) -> dict[str, str]:
        """Return what was written."""
        written = getattr(self, "cleaned_data", {})
        return {part: (written.get(part) or "").replace("\r\n", "\n").strip() for part in PARTS}
