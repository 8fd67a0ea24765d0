"""What a register holder calls the columns of its file."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _

OURS = {
    "id": _("Number of the person"),
    "given_name": _("Given name"),
    "family_name": _("Family name"),
    "sex": _("Sex"),
    "birth_date": _("Date of birth"),
    "language": _("Language"),
    "street": _("Street"),
    "house_number": _("House number"),
    "box": _("Box"),
    "postcode": _("Postcode"),
    "municipality": _("Code of the municipality"),
    "municipality_name": _("Name of the municipality"),
    "household": _("Household"),
    "email": _("E-mail address"),
}
TRANSLATED = ("sex", "language")
DATES = [
    ("year-month-day", _("year, month, day: 1961-05-17")),
    ("day-month-year", _("day, month, year: 17.05.1961")),
    ("month-day-year", _("month, day, year: 05/17/1961")),
]
LONGEST_HEADER = 200
LONGEST_NAME = 30
MOST_COLUMNS = 300


class ProfileFileForm(forms.Form):
    """A file whose columns are looked at, or a profile that was written elsewhere."""

    file = forms.FileField(
        label=_("A file of the register holder"),
        help_text=_(
            "Its header and first rows are looked at; nothing of it is kept. Or a profile, which ends in .toml."
        ),
        widget=forms.ClearableFileInput(attrs={"accept": ".csv,.txt,.tsv,.parquet,.xlsx,.toml"}),
    )


class ProfileForm(forms.Form):
    """Their columns beside ours."""

    name = forms.CharField(
        label=_("Name of the profile"),
        max_length=80,
        help_text=_(
            "Such as the register holder and its programme. A profile of the same name is replaced."
        ),
    )
    header = forms.CharField(widget=forms.HiddenInput)

    def __init__(
        self, *args: Any, header: Sequence[str] = (), parts: Mapping[str, Any] | None = None, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.theirs = list(header) if header else _header_of(self.data.get("header", ""))
        known = parts or {"columns": {}, "dates": "year-month-day", "values": {}, "earliest": False}
        self.initial.setdefault("header", json.dumps(self.theirs, ensure_ascii=False))
        choices = [("", _("is not in the file")), *((name, name) for name in self.theirs)]
        for ours, label in OURS.items():
            self.fields[f"column_{ours}"] = forms.ChoiceField(
                label=label, choices=choices, required=False, initial=known["columns"].get(ours, "")
            )
        for ours in TRANSLATED:
            self.fields[f"values_{ours}"] = forms.CharField(
                label=_("Values of: %(column)s") % {"column": OURS[ours]},
                required=False,
                initial="\n".join(
                    f"{theirs} = {our}" for theirs, our in known["values"].get(ours, {}).items()
                ),
                help_text=_(
                    "Theirs = ours, one to a line: V = F. Sexes are F, M and X; languages nl, fr, de, en."
                ),
                widget=forms.Textarea(attrs={"rows": 3}),
            )
        further = [name for ours, name in known["columns"].items() if ours not in OURS]
        self.fields["further"] = forms.MultipleChoiceField(
            label=_("Further columns, to share the letters out by"),
            choices=[(name, name) for name in self.theirs],
            required=False,
            initial=further,
            help_text=_("Such as a district. What is chosen neither here nor above is not kept at all."),
            widget=forms.CheckboxSelectMultiple,
        )
        self.fields["dates"] = forms.ChoiceField(
            label=_("Dates are written as"), choices=DATES, initial=known["dates"]
        )
        self.fields["earliest"] = forms.BooleanField(
            label=_("Read a birth date without day or month as the earliest that it can be"),
            required=False,
            initial=known["earliest"],
        )

    def clean(self) -> dict[str, Any]:
        """Refuse a column that is named twice, and values that are not pairs."""
        cleaned = super().clean() or {}
        used: dict[str, str] = {}
        for ours in OURS:
            theirs = cleaned.get(f"column_{ours}")
            if theirs and theirs in used:
                self.add_error(
                    f"column_{ours}",
                    _("This column is named twice: it is “%(other)s” already.")
                    % {"other": OURS[used[theirs]]},
                )
            elif theirs:
                used[theirs] = ours
        for ours in TRANSLATED:
            cleaned[f"values_{ours}"] = self._pairs(f"values_{ours}", cleaned.get(f"values_{ours}", ""))
        return cleaned

    def _pairs(self, field: str, text: str) -> dict[str, str]:
        pairs: dict[str, str] = {}
        for number, line in enumerate(text.splitlines(), start=1):
            theirs, sign, ours = (part.strip() for part in line.partition("="))
            if not line.strip():
                continue
            if not sign or not theirs or not ours:
                self.add_error(
                    field, _("Line %(number)d is no pair. Write: theirs = ours.") % {"number": number}
                )
            pairs[theirs] = ours
        return pairs

    def columns(self) -> dict[str, str]:
        """Return our column to theirs."""
        known = {ours: theirs for ours in OURS if (theirs := self.cleaned_data.get(f"column_{ours}"))}
        for theirs in self.cleaned_data["further"]:
            if theirs not in known.values():
                known[_our_name(theirs, known)] = theirs
        return known

    def values(self) -> dict[str, dict[str, str]]:
        """Return for the columns whose values are translated theirs to ours."""
        return {
            ours: pairs
            for ours in TRANSLATED
            if self.cleaned_data.get(f"column_{ours}") and (pairs := self.cleaned_data[f"values_{ours}"])
        }


def _our_name(theirs: str, taken: Mapping[str, str]) -> str:
    """Return a name of ours for a column of theirs: small letters, digits and _."""
    plain = re.sub(r"[^a-z0-9]+", "_", slugify(theirs)).strip("_")[:LONGEST_NAME] or "column"
    name = plain if plain[0].isalpha() else f"c_{plain}"
    number = 2
    while name in taken or name in OURS:
        name, number = f"{plain}_{number}", number + 1
    return name


def _header_of(text: str) -> list[str]:
    """Return the header that travels along with the form; whoever changes it only misleads herself."""
    try:
        found = json.loads(text)
    except ValueError:
        return []
    if not isinstance(found, list):
        return []
    return [name for name in found[:MOST_COLUMNS] if isinstance(name, str) and len(name) <= LONGEST_HEADER]
