"""A field of the form of the letter."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from isegoria_web.recruitment.enums import FieldKind
from isegoria_web.recruitment.letter_form import CHOICES, OPTIONS
from isegoria_web.recruitment.models import FormField
from isegoria_web.web.backoffice.forms.fields import TextsField


class FieldForm(forms.Form):
    """What is asked, in every language, and whether somebody has to answer."""

    OPTIONAL, REQUIRED, SENSITIVE = "optional", "required", "sensitive"

    def __init__(self, *args: Any, languages: list[str], field: FormField | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.languages = languages
        told = field or FormField(kind=FieldKind.CHOICE)
        self.fields["label"] = TextsField(
            languages, label=_("Question"), initial=told.label, help_text=_("As the reader sees it.")
        )
        self.fields["help_text"] = TextsField(
            languages,
            label=_("Explanation"),
            initial=told.help,
            required=False,
            help_text=_("Why it is asked, and what becomes of the answer."),
        )
        self.fields["kind"] = forms.ChoiceField(
            label=_("What is asked for"),
            choices=FieldKind.choices,
            initial=told.kind,
            widget=forms.RadioSelect,
        )
        self.fields["options"] = TextsField(
            languages,
            rows=4,
            label=_("Options"),
            initial={
                code: "\n".join(option["name"].get(code, "") for option in told.options)
                for code in languages
            },
            required=False,
            help_text=_("One a line, in each language in the same order. Only for questions with options."),
        )
        self.fields["answer"] = forms.ChoiceField(
            label=_("Must it be answered?"),
            choices=[
                (self.OPTIONAL, _("No, it can be left empty")),
                (self.REQUIRED, _("Yes")),
                (
                    self.SENSITIVE,
                    _("No, and it is sensitive (health, belief, origin): with a consent of its own"),
                ),
            ],
            initial=self.SENSITIVE if told.sensitive else self.REQUIRED if told.required else self.OPTIONAL,
            widget=forms.RadioSelect,
        )

    def clean(self) -> dict[str, Any]:
        """Refuse options that do not fit the kind, or are not equally many in each language."""
        cleaned = super().clean() or {}
        kind, lines = cleaned.get("kind"), self._lines()
        counts = {code: len(found) for code, found in lines.items()}
        if kind in CHOICES and (not counts or len(set(counts.values())) > 1):
            written = ", ".join(f"{code}: {count}" for code, count in counts.items()) or "0"
            self.add_error(
                "options",
                _("Give the options in each language, equally many (now %(counts)s).")
                % {"counts": written},
            )
        elif kind in CHOICES and len(self.options()) not in OPTIONS:
            self.add_error("options", _("Give two to thirty options, one a line."))
        elif kind and kind not in CHOICES and counts:
            self.add_error("options", _("This kind of question has no options: empty the field."))
        return cleaned

    def options(self) -> list[dict[str, str]]:
        """Return the names of the options, in order."""
        lines = self._lines()
        rows = zip(*lines.values(), strict=False)
        return [dict(zip(lines, row, strict=True)) for row in rows]

    def _lines(self) -> dict[str, list[str]]:
        texts = self.cleaned_data.get("options") or {}
        lines = {
            code: [line.strip() for line in text.splitlines() if line.strip()]
            for code, text in texts.items()
        }
        return {code: found for code, found in lines.items() if found}
