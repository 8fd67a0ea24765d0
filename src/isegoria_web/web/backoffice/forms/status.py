"""Why the status of an institution changes, by which rule, and until when; why a cycle is broken off."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from isegoria_web.web.backoffice.forms.fields import DayField
from isegoria_web.web.backoffice.forms.rules import reasons_field


class BreakingOffForm(forms.Form):
    """Why a cycle is broken off."""

    def __init__(self, *args: Any, languages: Sequence[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reasons"] = reasons_field(languages)


class StatusForm(forms.Form):
    """Why, by which rule of the rule book, and for a suspension until when."""

    rule = forms.ChoiceField(
        label=_("Which rule of the rule book asks for it?"),
        required=False,
        help_text=_("Leave it open where no rule does: then it is the authority's own decision."),
    )
    until = DayField(
        label=_("Until when?"),
        required=False,
        help_text=_("Everybody reads the day. The institution works again when the authority says so."),
    )

    def __init__(
        self, *args: Any, languages: Sequence[str], rules: Sequence[str], suspends: bool, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        rule = self.fields["rule"]
        assert isinstance(rule, forms.ChoiceField)  # noqa: S101  # narrows the type
        rule.choices = [("", _("None")), *((each, each) for each in rules)]
        if not suspends:
            del self.fields["until"]
        self.fields["reasons"] = reasons_field(languages)
        self.order_fields(["reasons", "rule", "until"])
