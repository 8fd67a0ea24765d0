"""The register, the letters, the desk where answers come in."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

from django import forms
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from isegoria_web import clock
from isegoria_web.institutions.models import Cycle, Institution
from isegoria_web.lottery.algorithms import SourcePlan
from isegoria_web.lottery.enums import SourceKind
from isegoria_web.recruitment.enums import Allocation, Channel, CheckStatus, OnePer, Refusal, Replaced
from isegoria_web.recruitment.models import EligibilityCheck
from isegoria_web.register.algorithms import STRATUM
from isegoria_web.register.models import Extract, RegisterProfile
from isegoria_web.web.backoffice.forms.fields import DayField, MomentField, RowChoice, SumField, TextsField
from isegoria_web.web.letter_design import NOT_SHARED_OUT, ONE_PER, SHARED_OUT, choices, column_name
from isegoria_web.web.public.answer_forms import YesForm

DICE = (4, 6, 8, 10, 12, 20)
REVEALS_BEFORE = timedelta(hours=1)
"""How long before the beacon's round the parties must have revealed."""
SOURCE_FIELDS = (
    "randomness", "dice_count", "dice_sides", "balls_count", "balls_highest", "parties", "with_beacon",
)  # fmt: skip
OFFICE_CHANNELS = [(each.value, each.label) for each in Channel if each != Channel.WEB]


class ExtractForm(forms.Form):
    """A file of residents from the register holder."""

    file = forms.FileField(
        label=_("File"),
        help_text=_("CSV, Parquet or Excel, as the register holder delivers it."),
        widget=forms.ClearableFileInput(attrs={"accept": ".csv,.txt,.tsv,.parquet,.xlsx"}),
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
        profiles = RegisterProfile.objects.filter(institution=institution)
        if profiles:
            self.fields["profile"] = RowChoice(
                words=_profile_label,
                label=_("How it is written"),
                queryset=profiles,
                to_field_name="public_id",
                required=False,
                empty_label=_("In our own columns"),
            )

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


def usable_extracts(cycle: Cycle) -> QuerySet[Extract]:
    """Return the extracts of which letters of a cycle can be drawn: whole ones, and what its own checks left of them."""
    found = Extract.objects.filter(institution=cycle.institution, erased_at__isnull=True)
    own = EligibilityCheck.objects.filter(cycle=cycle, status=CheckStatus.DONE).values("result")
    return found.filter(Q(sifted_from__isnull=True) | Q(pk__in=own)).order_by("-loaded_at")


class ListForm(forms.Form):
    """One list of people who cannot be drawn."""

    name = forms.CharField(
        label=_("What it is a list of"),
        max_length=80,
        required=False,
        help_text=_("In public, for instance: members of the council."),
    )
    file = forms.FileField(
        label=_("The list"),
        required=False,
        help_text=_(
            "CSV with a column id, as in the register, or pseudonym; a column until gives the first day on which "
            "somebody can be drawn again. The numbers are forgotten at once."
        ),
        widget=forms.ClearableFileInput(attrs={"accept": ".csv,.txt,.tsv"}),
    )
    key = forms.CharField(
        label=_("Its key, if it holds pseudonyms"),
        max_length=64,
        required=False,
        help_text=_(
            "64 digits that its keeper shares with you. They are forgotten when the check is over."
        ),
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )

    def clean(self) -> dict[str, Any]:
        """Ask for both the list and its name, or neither."""
        cleaned = super().clean() or {}
        if cleaned.get("file") and not cleaned.get("name"):
            self.add_error("name", _("Say what it is a list of."))
        if cleaned.get("name") and not cleaned.get("file"):
            self.add_error("file", _("Give the list itself."))
        return cleaned


LISTS = 3
"""Lists that one check can take."""


class EligibilityForm(forms.Form):
    """Who of an extract can be drawn for a cycle."""

    def __init__(self, *args: Any, cycle: Cycle, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        extracts = Extract.objects.filter(
            institution=cycle.institution, erased_at__isnull=True, sifted_from__isnull=True
        ).order_by("-loaded_at")
        self.fields["extract"] = RowChoice(
            words=_extract_label,
            label=_("Register extract"),
            queryset=extracts,
            to_field_name="public_id",
            empty_label=None,
            initial=extracts.first(),
        )
        self.fields["on"] = DayField(
            label=_("Day that counts"),
            help_text=_("Whoever waits until this day or an earlier one can be drawn again."),
        )
        self.fields["column"] = forms.ChoiceField(
            label=_("Where one must live, by"),
            choices=[
                ("municipality_name", _("the name of the municipality")),
                ("municipality", _("the code of the municipality")),
                ("postcode", _("the postcode")),
            ],
        )
        self.fields["places"] = forms.CharField(
            label=_("Places, one to a line"),
            required=False,
            help_text=_("As the register writes them. Empty: wherever the register reaches."),
            widget=forms.Textarea(attrs={"rows": 4}),
        )

    def clean_places(self) -> list[str]:
        """Return the lines."""
        return [line.strip() for line in self.cleaned_data["places"].splitlines() if line.strip()]


class LettersForm(forms.Form):
    """How many letters, to whom, drawn how, by when to answer, and which public randomness decides.

    Parameters
    ----------
    columns
        Returns the columns of an extract by which letters can be shared out.
    """

    def __init__(
        self, *args: Any, cycle: Cycle, columns: Callable[[Extract], Sequence[str]], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.columns = columns
        institution = cycle.institution
        extracts = usable_extracts(cycle)
        self.fields["extract"] = RowChoice(
            words=_extract_label,
            label=_("Register extract"),
            queryset=extracts,
            to_field_name="public_id",
            empty_label=None,
            initial=extracts.first(),
        )
        self.fields["letters"] = SumField(label=_("Number of letters"), min_value=1)
        self.fields["one_per"] = forms.ChoiceField(
            label=_("Who is drawn"),
            choices=choices(ONE_PER),
            initial=OnePer.PERSON.value,
            widget=forms.RadioSelect,
        )
        self.fields["allocation"] = forms.ChoiceField(
            label=_("How the letters are shared out"),
            choices=choices(SHARED_OUT),
            initial=Allocation.PROPORTIONAL.value,
            widget=forms.RadioSelect,
        )
        known = dict.fromkeys(column for extract in extracts for column in columns(extract))
        self.fields["stratified_by"] = forms.ChoiceField(
            label=_("Shared out by"),
            choices=[(column, column_name(column)) for column in known],
            initial=STRATUM,
            required=False,
            help_text=_(
                "A column of the register. How many people stand in each of its values becomes public, so it must have few and wide ones."
            ),
        )
        self.fields["age_min"] = SumField(label=_("Youngest age"), max_value=120, initial=16)
        self.fields["reply_by"] = DayField(label=_("To be answered by"))
        _add_source(self, list(institution.languages))

    def clean(self) -> dict[str, Any]:
        """Refuse randomness that exists already, and a reply day before the draw."""
        cleaned = super().clean() or {}
        due, reply_by = cleaned.get("source_due_at"), cleaned.get("reply_by")
        _check_source(self, cleaned)
        if due and reply_by and reply_by <= due.date():
            self.add_error("reply_by", _("People need time to answer: give a day after the draw."))
        self._check_column(cleaned)
        return cleaned

    def _check_column(self, cleaned: dict[str, Any]) -> None:
        """Refuse a column that the extract does not have; without sharing out there is none."""
        if cleaned.get("allocation") == NOT_SHARED_OUT:
            cleaned["stratified_by"] = ""
            return
        column = cleaned.get("stratified_by")
        if column == "":
            self.add_error("stratified_by", _("Choose the column by which the letters are shared out."))
        extract = cleaned.get("extract")
        if column and extract is not None and column not in self.columns(extract):
            self.add_error("stratified_by", _("This extract has no such column."))


class SourceForm(forms.Form):
    """The public randomness of a draw that is announced."""

    def __init__(self, *args: Any, languages: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _add_source(self, languages)

    def clean(self) -> dict[str, Any]:
        """Refuse randomness that exists already."""
        cleaned = super().clean() or {}
        _check_source(self, cleaned)
        return cleaned


class ReceiptForm(forms.Form):
    """The number of a resident who asks at the counter for her receipt of the draw of the letters."""

    number = forms.CharField(
        label=_("Number in the register"),
        max_length=100,
        help_text=_(
            "Ask for the identity card first: the receipt tells whether a letter was drawn for this person."
        ),
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


class PreviewForm(YesForm):
    """The form of the letter, to be looked at."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.disabled = True


class PrintAgainForm(forms.Form):
    """Why one letter is printed again; no words, for the journal is public."""

    reason = forms.ChoiceField(label=_("Reason"), choices=Replaced.choices, widget=forms.RadioSelect)


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
    form.fields["randomness"] = forms.ChoiceField(
        label=_("What decides"),
        choices=[
            (SourceKind.DICE.value, SourceKind.DICE.label),
            (SourceKind.BALLS.value, SourceKind.BALLS.label),
            (SourceKind.BEACON.value, SourceKind.BEACON.label),
            (SourceKind.REVEAL.value, SourceKind.REVEAL.label),
            (SourceKind.PUBLIC.value, SourceKind.PUBLIC.label),
        ],
        initial=SourceKind.DICE.value,
        widget=forms.RadioSelect,
    )
    form.fields["dice_count"] = SumField(label=_("Number of dice"), initial=8, max_value=99, required=False)
    form.fields["dice_sides"] = forms.TypedChoiceField(
        label=_("Sides of each die"),
        choices=[(sides, str(sides)) for sides in DICE],
        coerce=int,
        empty_value=None,
        initial=10,
        required=False,
        help_text=_("Ten-sided dice show 0 to 9."),
    )
    form.fields["balls_count"] = SumField(
        label=_("Number of balls to draw"), initial=6, max_value=99, required=False
    )
    form.fields["balls_highest"] = SumField(
        label=_("Highest number on a ball"), initial=49, max_value=9999, required=False
    )
    form.fields["parties"] = forms.CharField(
        label=_("Parties with secret numbers"),
        required=False,
        help_text=_(
            "One a line: name, colon, the hash of 64 digits that binds the party. They reveal at the latest one hour "
            "before the moment below; a round of the beacon is added, so that nobody gains by staying silent."
        ),
        widget=forms.Textarea(attrs={"rows": 3, "spellcheck": "false"}),
    )
    form.fields["with_beacon"] = forms.BooleanField(
        label=_("Add a round of the public beacon drand at the same moment"),
        required=False,
        help_text=_("Both decide together: one honest source is enough."),
    )
    form.fields["source"] = TextsField(
        languages,
        rows=2,
        label=_("The public randomness, in words"),
        help_text=_("What is drawn or thrown, where, and who watches."),
    )
    form.fields["source_due_at"] = MomentField(
        label=_("When it takes place"), help_text=_("It must lie ahead: nobody may know it today.")
    )


def _check_source(form: forms.Form, cleaned: dict[str, Any]) -> None:
    """Refuse randomness that exists already; put what is announced, source by source, into `sources`."""
    given = {name: cleaned.pop(name, None) for name in SOURCE_FIELDS}
    due = cleaned.get("source_due_at")
    if due is None or not given["randomness"]:
        return
    if due <= clock.now():
        form.add_error("source_due_at", _("This moment is past. Give one that lies ahead."))
        return
    kind = SourceKind(given["randomness"])
    plans = {
        SourceKind.DICE: SourcePlan(kind, due, given["dice_count"] or 8, given["dice_sides"] or 10),
        SourceKind.BALLS: SourcePlan(kind, due, given["balls_count"] or 6, given["balls_highest"] or 49),
        SourceKind.REVEAL: SourcePlan(kind, due - REVEALS_BEFORE, parties=_parties(form, given["parties"])),
    }
    chosen = [plans.get(kind) or SourcePlan(kind, due)]
    if kind != SourceKind.BEACON and (given["with_beacon"] or kind == SourceKind.REVEAL):
        chosen.append(SourcePlan(SourceKind.BEACON, due))
    if kind == SourceKind.REVEAL and chosen[0].due_at <= clock.now():
        form.add_error("source_due_at", _("The parties need more than an hour to reveal."))
    cleaned["sources"] = chosen


def _parties(form: forms.Form, text: str | None) -> tuple[tuple[str, str], ...]:
    lines = [line.rpartition(":") for line in (text or "").splitlines() if line.strip()]
    parties = tuple((name.strip(), hashed.strip().lower()) for name, _colon, hashed in lines)
    if form.cleaned_data.get("randomness", form.data.get("randomness")) == SourceKind.REVEAL and (
        len(parties) < 2  # noqa: PLR2004  # one party alone knows everything
        or any(not name or not re.fullmatch("[0-9a-f]{64}", hashed) for name, hashed in parties)
    ):
        form.add_error("parties", _("Give at least two parties, one a line: name, colon, 64 digits."))
    return parties


def _profile_label(profile: RegisterProfile) -> str:
    return profile.name


def _extract_label(extract: Extract) -> str:
    words = (
        _("%(file)s, %(residents)d residents, state of %(day)s")
        if extract.sifted_from_id is None
        else _("%(file)s, the %(residents)d who can be drawn, state of %(day)s")
    )
    return words % {
        "file": extract.file_name,
        "residents": extract.residents,
        "day": extract.reference_date.isoformat(),
    }
