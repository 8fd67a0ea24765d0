"""E-mail about letters: what is decided, and what a mail server said."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from isegoria_web.recruitment.bouncing import LARGEST
from isegoria_web.recruitment.enums import ByEmail
from isegoria_web.web.backoffice.forms.fields import SumField


class CorrespondenceForm(forms.Form):
    """Whether people are written to by e-mail, and when those are reminded who have not answered."""

    by_email = forms.ChoiceField(
        label=_("Invitation by e-mail, where the register has an address"),
        choices=ByEmail.choices,
        initial=ByEmail.NO.value,
        widget=forms.RadioSelect,
        help_text=_(
            "Instead of paper: whoever has no address, or whose e-mail comes back, still gets a letter."
        ),
    )
    remind_after_days = SumField(
        label=_("Remind after so many days"),
        min_value=1,
        max_value=365,
        required=False,
        help_text=_(
            "Counted from the invitation, then from the last reminder. Empty: nobody is reminded by itself."
        ),
    )
    remind_by_email = forms.BooleanField(label=_("Remind by e-mail"), required=False, initial=True)
    remind_by_letter = forms.BooleanField(
        label=_("Remind by letter"),
        required=False,
        help_text=_("You print these yourself, for those who got a letter on paper."),
    )
    reminders = SumField(
        label=_("How many reminders at most, by each way"), min_value=1, max_value=3, initial=1
    )


class NoticeForm(forms.Form):
    """A notice that a message came back, as a file or as text."""

    file = forms.FileField(
        label=_("The notice as a file"),
        required=False,
        help_text=_("Save the message in your mail program (.eml)."),
        widget=forms.ClearableFileInput(attrs={"accept": ".eml,.txt,message/rfc822"}),
    )
    text = forms.CharField(
        label=_("Or its source, pasted here"),
        required=False,
        max_length=LARGEST,
        widget=forms.Textarea(attrs={"rows": 8, "spellcheck": "false"}),
    )

    def clean(self) -> dict[str, Any]:
        """Ask for one of the two, not larger than a notice can be."""
        cleaned = super().clean() or {}
        file = cleaned.get("file")
        if file is not None and file.size > LARGEST:
            self.add_error("file", _("This is too large for a notice of a mail server."))
        elif file is None and not cleaned.get("text"):
            self.add_error("file", _("Choose a file, or paste the source of the message."))
        return cleaned

    def content(self) -> bytes:
        """Return the notice."""
        file = self.cleaned_data.get("file")
        content: bytes = file.read() if file is not None else self.cleaned_data["text"].encode()
        return content
