"""Why the status of an institution changes, by which rule, and until when; why a cycle is broken off."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from isegoria_web.institutions.enums import ElectionKind
from isegoria_web.web.backoffice.forms.fields import DayField
from isegoria_web.web.backoffice.forms.rules import reasons_field


class FundingForm(forms.Form):
    """From which budget line the institution is paid."""

    line = forms.CharField(label=_("Budget line, as the budget names it"), max_length=200)
    source = forms.CharField(label=_("Who pays?"), max_length=200)
    euros_a_year = forms.IntegerField(label=_("Euros a year"), min_value=0, max_value=10**12)
    starts_on = DayField(label=_("From"))
    ends_on = DayField(
        label=_("Until"), required=False, help_text=_("Leave it open where the budget names no last day.")
    )


class ElectionForm(forms.Form):
    """A day of election, and where it is published."""

    kind = forms.ChoiceField(label=_("What is elected?"), choices=ElectionKind.choices)
    held_on = DayField(label=_("Day of the election"))
    source = forms.CharField(
        label=_("Where is the day published?"),
        max_length=300,
        help_text=_("A law, a decision, an address."),
    )


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
