"""The register, the letters, the desk where answers come in."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from isegoria_web import clock
from isegoria_web.institutions.models import Cycle, Institution
from isegoria_web.recruitment.enums import Channel, Refusal
from isegoria_web.register.models import Extract
from isegoria_web.web.backoffice.forms.fields import DayField, MomentField, RowChoice, SumField, TextsField
from isegoria_web.web.public.answer_forms import YesForm

OFFICE_CHANNELS = [(each.value, each.label) for each in Channel if each != Channel.WEB]


class ExtractForm(forms.Form):
    """A file of residents from the register holder."""

    file = forms.FileField(
        label=_("File"),
        help_text=_("CSV or Parquet, as the register holder delivers it."),
        widget=forms.ClearableFileInput(attrs={"accept": ".csv,.txt,.tsv,.parquet"}),
    )
    reference_date = DayField(
        label=_("State of the register on"), help_text=_("The day for which the file was made.")
    )
    erase_on = DayField(
        label=_("To be erased on"),
        help_text=_("On this day the file and the people drawn from it are erased."),
    )

    def __init__(self, *args: Any, institution: Institution, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.institution = institution

    def clean(self) -> dict[str, Any]:
        """Refuse a register of tomorrow, and one that would be erased at once."""
        cleaned = super().clean() or {}
        today = clock.today(self.institution.time_zone)
        if (day := cleaned.get("reference_date")) and day > today:
            self.add_error(
                "reference_date", _("This day lies ahead. Give the day for which the file was made.")
            )
        if (day := cleaned.get("erase_on")) and day <= today:
            self.add_error(
                "erase_on", _("This day is past. Give a day on which the file is no longer needed.")
            )
        return cleaned


class LettersForm(forms.Form):
    """How many letters, to whom, by when to answer, and which public randomness decides."""

    def __init__(self, *args: Any, cycle: Cycle, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        institution = cycle.institution
        extracts = Extract.objects.filter(institution=institution, erased_at__isnull=True).order_by(
            "-loaded_at"
        )
        self.fields["extract"] = RowChoice(
            words=_extract_label,
            label=_("Register extract"),
            queryset=extracts,
            to_field_name="public_id",
            empty_label=None,
            initial=extracts.first(),
        )
        self.fields["letters"] = SumField(label=_("Number of letters"), min_value=1)
        self.fields["age_min"] = SumField(label=_("Youngest age"), max_value=120, initial=16)
        self.fields["reply_by"] = DayField(label=_("To be answered by"))
        _add_source(self, list(institution.languages))

    def clean(self) -> dict[str, Any]:
        """Refuse randomness that exists already, and a reply day before the draw."""
        cleaned = super().clean() or {}
        due, reply_by = cleaned.get("source_due_at"), cleaned.get("reply_by")
        _check_source(self, due)
        if due and reply_by and reply_by <= due.date():
            self.add_error("reply_by", _("People need time to answer: give a day after the draw."))
        return cleaned


class SourceForm(forms.Form):
    """The public randomness of a draw that is announced."""

    def __init__(self, *args: Any, languages: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _add_source(self, languages)

    def clean(self) -> dict[str, Any]:
        """Refuse randomness that exists already."""
        cleaned = super().clean() or {}
        _check_source(self, cleaned.get("source_due_at"))
        return cleaned


class RandomnessForm(forms.Form):
    """What came out in public."""

    source_value = forms.CharField(
        label=_("What was drawn or thrown in public"),
        max_length=300,
        help_text=_("Exactly as everybody saw it, in the same order, for instance 3-7-10-1."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )


class FindLetterForm(forms.Form):
    """A letter, by what is printed on it."""

    letter = forms.CharField(
        label=_("Number of the letter, or the first six characters of its code"),
        max_length=40,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )


class DeskYesForm(YesForm):
    """A yes by telephone, on paper or at the counter: the form of the letter, and how it came in."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["channel"] = _channel()
        self.order_fields(["channel", *self.fields])
        self.fields["name"].label = _("Name")
        self.fields["language"].label = _("Language of the letters to come")
        self.fields["needs"].label = _("What is needed to take part")
        self.fields["consent"].label = _(
            "The person wants to take part if the lot falls on her, and agrees that the answers are used for the draw."
        )


class DeskNoForm(forms.Form):
    """A no, with its reason if one was given."""

    refusal = forms.ChoiceField(
        label=_("Reason, if one was given"),
        choices=[("", _("None was given")), *Refusal.choices],
        required=False,
        widget=forms.RadioSelect,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["channel"] = _channel()
        self.order_fields(["channel", *self.fields])


def _channel() -> forms.ChoiceField:
    return forms.ChoiceField(
        label=_("How did the answer come?"), choices=OFFICE_CHANNELS, widget=forms.RadioSelect
    )


def _add_source(form: forms.Form, languages: list[str]) -> None:
    form.fields["source"] = TextsField(
        languages,
        rows=2,
        label=_("The public randomness, in words"),
        help_text=_("What is drawn or thrown, where, and who watches."),
    )
    form.fields["source_due_at"] = MomentField(
        label=_("When it takes place"), help_text=_("It must lie ahead: nobody may know it today.")
    )


def _check_source(form: forms.Form, due: Any) -> None:
    if due is not None and due <= clock.now():
        form.add_error("source_due_at", _("This moment is past. Give one that lies ahead."))


def _extract_label(extract: Extract) -> str:
    return _("%(file)s, %(residents)d residents, state of %(day)s") % {
        "file": extract.file_name,
        "residents": extract.residents,
        "day": extract.reference_date.isoformat(),
    }
