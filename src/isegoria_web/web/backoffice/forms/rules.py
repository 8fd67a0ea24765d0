"""A new version of the rule book."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _


class RuleBookForm(forms.Form):
    """The changed file, and whether it is to be adopted or only compared."""

    file = forms.FileField(
        label=_("Rule book"),
        help_text=_("The TOML file of the version in force, with your changes and a new valid_from."),
        widget=forms.ClearableFileInput(attrs={"accept": ".toml"}),
    )
    adopt = forms.BooleanField(
        label=_("Adopt this version"),
        help_text=_("Without this, you only see what would change."),
        required=False,
    )
