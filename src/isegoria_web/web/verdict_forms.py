"""What is asked for a verdict on a theme; how its reasons are written, each room says itself."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from isegoria_web.consultation import algorithms, judging
from isegoria_web.consultation.models import Theme

WHAT_TO_SAY, REASONS = _("What should be said about the verdict"), _("Reasons")
PUBLISHED = _("They are published, with the way to object.")


class AdmitForm(forms.Form):
    """A theme is admitted; the last day to sign where the statute sets none."""

    def __init__(self, *args: Any, theme: Theme, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if judging.asks_last_day(theme):
            self.fields["last_day"] = forms.DateField(
                label=_("Last day to sign"),
                widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
                help_text=_("The statute sets no time; this day is published as your choice."),
            )


class RefuseForm(forms.Form):
    """A theme is refused by a rule, with reasons."""

    withhold_text = forms.BooleanField(
        label=_("Do not publish the text: it names a person, or is punishable"), required=False
    )

    def __init__(self, *args: Any, theme: Theme, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        rules = algorithms.refusing_rules(theme.rule_book, get_language() or "en")
        self.fields["rule"] = forms.ChoiceField(
            label=_("By which rule?"), choices=[*rules, ("", _("None: the statute is silent"))],
            widget=forms.RadioSelect, required=False,
        )  # fmt: skip
