"""The steps by which an institution is founded."""

from __future__ import annotations

from copy import deepcopy
from datetime import date
from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.utils.translation import gettext_lazy as _

from isegoria_web.accounts.enums import Role
from isegoria_web.institutions.enums import Level
from isegoria_web.institutions.errors import FundingEndsBeforeItBegins
from isegoria_web.web.backoffice.forms.fields import (
    DayField,
    TextBox,
    TextsField,
    languages_of,
)
from isegoria_web.web.backoffice.forms.rules import NumbersForm
from isegoria_web.web.backoffice.forms.status import FundingForm

OWN, BY_MAIL = "own", "mail"


class ChooseForm(forms.Form):
    """A rule book that comes along, or a file."""

    bundled = forms.CharField(required=False, max_length=60, widget=forms.HiddenInput)
    file = forms.FileField(
        label=_("Your own rule book"),
        help_text=_(
            "A TOML file. Its faults are listed with their place; nothing is kept until it has none."
        ),
        widget=forms.ClearableFileInput(attrs={"accept": ".toml"}),
        required=False,
    )

    def clean(self) -> dict[str, Any]:
        """Ask for one of the two."""
        cleaned = super().clean() or {}
        if not cleaned.get("bundled") and not cleaned.get("file"):
            raise ValidationError(_("Choose a rule book of the list, or a file."))
        return cleaned


class DetailsForm(forms.Form):
    """What it is called, whose it is, where and in which languages it lives."""

    def __init__(self, *args: Any, languages: tuple[str, ...], basis: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["languages"] = forms.MultipleChoiceField(
            label=_("Languages"),
            help_text=_("In each of them the name must stand. The rule book has its texts in these."),
            choices=languages_of(languages),
            widget=forms.CheckboxSelectMultiple,
        )
        self.fields["name"] = TextsField(languages, label=_("Name of the institution"), max_length=150)
        self.fields["summary"] = TextsField(
            languages, rows=2, label=_("What it is, in one sentence"), max_length=400
        )
        self.fields["slug"] = forms.CharField(
            label=_("Short name in the address"),
            help_text=_(
                "Lower-case letters, digits and hyphens, such as eupen. It does not change any more."
            ),
            max_length=40,
            validators=[
                RegexValidator(
                    r"^[a-z][a-z0-9-]*$",
                    _("Begin with a lower-case letter; then letters, digits, hyphens."),
                )
            ],
        )
        self.fields["authority_name"] = TextsField(
            languages, label=_("Name of the authority"), help_text=_("Who founds it and must answer it.")
        )
        self.fields["level"] = forms.ChoiceField(label=_("Level of the authority"), choices=Level.choices)
        self.fields["legal_basis"] = TextBox(
            rows=2, max_length=1000, label=_("Legal basis"), help_text=basis
        )
        self.fields["time_zone"] = forms.ChoiceField(
            label=_("Time zone"),
            help_text=_("Its midnight ends terms and deadlines."),
            choices=[
                (zone, zone) for zone in sorted(available_timezones()) if "/" in zone or zone == "UTC"
            ],
        )
        self.fields["contact_email"] = forms.EmailField(label=_("E-mail address for citizens"))
        self.fields["contact_phone"] = forms.CharField(
            label=_("Telephone for citizens"), max_length=40, required=False
        )
        self.fields["accent"] = forms.CharField(
            label=_("Colour"),
            initial="#1f4e79",
            widget=forms.TextInput(attrs={"type": "color"}),
            validators=[RegexValidator(r"^#[0-9a-f]{6}$", _("A colour such as #1f4e79."))],
        )

    def clean(self) -> dict[str, Any]:
        """Ask for the texts in every language that was chosen, and leave those of no other."""
        cleaned = super().clean() or {}
        chosen = cleaned.get("languages") or []
        names = dict(settings.LANGUAGES)
        for field in ("name", "summary", "authority_name"):
            given = cleaned.get(field)
            if given is None:
                continue
            lacking = [str(names.get(code, code)) for code in chosen if code not in given]
            if lacking:
                self.add_error(field, _("It lacks: %(languages)s.") % {"languages": ", ".join(lacking)})
            cleaned[field] = {code: text for code, text in given.items() if code in chosen}
        return cleaned


class FoundingNumbersForm(NumbersForm):
    """The usual numbers, and the days from which the first years are computed."""

    def __init__(
        self, *args: Any, today: date, starts_on: date, elections: list[str], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.today = today
        self.fields["starts_on"] = DayField(
            label=_("Day of the first draw of letters"),
            initial=starts_on,
            help_text=_("Only for the calendar below. Nothing happens on it by itself."),
        )
        self.fields["election"] = DayField(
            label=_("Next election of the authority"),
            initial=date.fromisoformat(elections[0]) if elections else None,
            required=False,
        )

    def clean_starts_on(self) -> date:
        """Refuse a day that is over."""
        day: date = self.cleaned_data["starts_on"]
        if day < self.today:
            raise ValidationError(_("This day is over."))
        return day


class PeopleForm(forms.Form):
    """The first secretary, and who speaks for the authority."""

    def __init__(self, *args: Any, languages: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["secretary"] = forms.ChoiceField(
            label=_("Who is the first secretary?"),
            choices=[(OWN, _("I am")), (BY_MAIL, _("Somebody else, who gets an invitation by e-mail"))],
            widget=forms.RadioSelect,
            initial=BY_MAIL,
        )
        for role, words in (
            (Role.SECRETARIAT, _("Secretary")),
            (Role.AUTHORITY, _("Authority")),
        ):
            required = role == Role.AUTHORITY
            self.fields[f"{role.value}_email"] = forms.EmailField(
                label=_("%(who)s: e-mail address") % {"who": words}, required=required
            )
            self.fields[f"{role.value}_name"] = forms.CharField(
                label=_("%(who)s: name") % {"who": words}, max_length=150, required=required
            )
            self.fields[f"{role.value}_language"] = forms.ChoiceField(
                label=_("%(who)s: language of the invitation") % {"who": words},
                choices=languages_of(languages),
                required=required,
            )

        for name, field in FundingForm.base_fields.items():
            self.fields[f"funding_{name}"] = deepcopy(field)
            self.fields[f"funding_{name}"].required = False
        self.fields["funding_line"].help_text = _(
            "Everybody reads it. Where it is not known yet, leave it open: the institution works once it is named."
        )

    def clean(self) -> dict[str, Any]:
        """Ask for the secretary's address where she is invited, and for two people."""
        cleaned = super().clean() or {}
        if cleaned.get("secretary") == BY_MAIL:
            for field in ("email", "name"):
                if not cleaned.get(f"secretariat_{field}"):
                    self.add_error(f"secretariat_{field}", _("Whoever is invited needs this."))
        same = (
            str(cleaned.get("secretariat_email", "")).lower()
            == str(cleaned.get("authority_email", "")).lower()
        )
        if same and cleaned.get("secretary") == BY_MAIL and cleaned.get("authority_email"):
            self.add_error(
                "authority_email",
                _("Somebody else than the secretary: who runs the panel does not sign for the authority."),
            )
        needed = [f"funding_{name}" for name in FundingForm.base_fields if name != "ends_on"]
        if any(cleaned.get(name) not in {None, ""} for name in (*needed, "funding_ends_on")):
            for name in needed:
                if cleaned.get(name) in {None, ""} and name not in self.errors:
                    self.add_error(
                        name, _("Whoever pays is named with the line, the sum and the first day.")
                    )
        starts, ends = cleaned.get("funding_starts_on"), cleaned.get("funding_ends_on")
        if starts and ends and ends < starts:
            self.add_error("funding_ends_on", str(FundingEndsBeforeItBegins.problem))
        return cleaned

    def funding(self) -> dict[str, Any]:
        """Return who pays, as the draft keeps it; nothing where it is left open."""
        told = {name: self.cleaned_data[f"funding_{name}"] for name in FundingForm.base_fields}
        if not told["line"]:
            return {}
        return told | {
            "starts_on": told["starts_on"].isoformat(),
            "ends_on": told["ends_on"].isoformat() if told["ends_on"] else "",
        }

    def people(self) -> dict[str, Any]:
        """Return who gets which role."""
        told = {
            role.value: {
                key: self.cleaned_data[f"{role.value}_{key}"] for key in ("email", "name", "language")
            }
            for role in (Role.SECRETARIAT, Role.AUTHORITY)
        }
        if self.cleaned_data["secretary"] == OWN:
            told[Role.SECRETARIAT.value] = {"email": "", "name": "", "language": ""}
        return told
