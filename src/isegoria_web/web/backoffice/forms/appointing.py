"""Seats that are not drawn."""

from __future__ import annotations

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy

from isegoria_web.web.backoffice.forms.fields import DayField


class AppointForm(forms.Form):
    """Whom the authority appointed, and by which decision."""

    name = forms.CharField(
        label=gettext_lazy("Name"), max_length=100, help_text=gettext_lazy("Everybody reads it.")
    )
    group = forms.CharField(label=gettext_lazy("Party or political group"), max_length=100, required=False)
    decision = forms.CharField(
        label=gettext_lazy("By which decision of the authority?"),
        max_length=200,
        help_text=gettext_lazy("For instance: Bureau, 12 March 2027."),
    )
    on = DayField(label=gettext_lazy("From which day?"))


class InviteForm(forms.Form):
    """Where somebody who is appointed gets the mail, and in which language."""

    email = forms.EmailField(
        label=gettext_lazy("E-mail address"),
        help_text=gettext_lazy("Nobody reads it but the office."),
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
    )
    language = forms.ChoiceField(label=gettext_lazy("Language"), choices=settings.LANGUAGES)


class LeaveForm(forms.Form):
    """From which day a seat that is not drawn is free."""

    on = DayField(label=gettext_lazy("From which day is the seat free?"))
