"""Seats and terms."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from isegoria_web.membership.enums import EndReason
from isegoria_web.web.backoffice.forms.fields import DayField

REASONS = [(each.value, each.label) for each in EndReason if each != EndReason.TERM]


class LeaveForm(forms.Form):
    """Somebody leaves a seat, or does not take it."""

    reason = forms.ChoiceField(label=_("Reason"), choices=REASONS, widget=forms.RadioSelect)
    on = DayField(label=_("From which day is the seat free?"))

    def __init__(self, *args: Any, offered: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        reason = self.fields["reason"]
        assert isinstance(reason, forms.ChoiceField)  # noqa: S101  # narrows the type
        if offered:
            reason.choices = [(EndReason.DECLINED.value, EndReason.DECLINED.label)]
            reason.initial = EndReason.DECLINED.value
        else:
            reason.choices = [each for each in REASONS if each[0] != EndReason.DECLINED.value]
