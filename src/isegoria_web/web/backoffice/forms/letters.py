"""Further waves, printing, and what the letter says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.utils.translation import get_language_info
from django.utils.translation import gettext_lazy as _

from isegoria_web.recruitment import letter_languages, letter_text
from isegoria_web.recruitment.letter_text import LONG, NEEDED, PARTS
from isegoria_web.recruitment.letter_versions import LOGO_BYTES
from isegoria_web.translated import Texts, in_language
from isegoria_web.web.backoffice.forms.fields import DayField, SumField, TextsField


class WaveForm(forms.Form):
    """How many more letters, by when to answer, and why."""

    def __init__(self, *args: Any, languages: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["letters"] = SumField(label=_("Number of letters"), min_value=1)
        self.fields["reply_by"] = DayField(label=_("To be answered by"))
        self.fields["reason"] = TextsField(
            languages, rows=2, label=_("Reason"), help_text=_("Everybody reads it on the page of the draw.")
        )


class PrintForm(forms.Form):
    """How many letters a file holds."""

    wave = forms.IntegerField(widget=forms.HiddenInput)
    per_file = SumField(
        label=_("Letters in a file, at most"),
        min_value=1,
        max_value=5000,
        help_text=_("Ask the mail house how large a file may be."),
    )


def written_in(language: str) -> dict[str, str]:
    """Return the attributes of an input in which somebody writes in a language."""
    return {"lang": language, "dir": letter_languages.direction_of(language)}


class NewLanguageForm(forms.Form):
    """A language beyond those of the institution, and the one in which the fixed sentences stand."""

    def __init__(self, *args: Any, own: Sequence[str], taken: Sequence[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        free = [code for code in letter_languages.known() if code not in {*own, *taken}]
        named = sorted((str(get_language_info(code)["name_translated"]), code) for code in free)
        self.fields["language"] = forms.ChoiceField(
            label=_("Language"),
            choices=[(code, f"{name} – {get_language_info(code)['name_local']}") for name, code in named],
            help_text=_("Who stands with it in the register gets her letter in it."),
        )
        self.fields["fixed"] = _fixed_field(own)


class SentencesForm(forms.Form):
    """A translator's file."""

    file = forms.FileField(
        label=_("The translated file"),
        help_text=_("A PO file, at most 1 MB. What does not fit its sentence is named with its line."),
        widget=forms.FileInput(attrs={"accept": ".po,text/x-gettext-translation"}),
    )


class LanguageForm(forms.Form):
    """What the form says in a further language; each field shows what it stands for."""

    def __init__(
        self, *args: Any, language: str, own: Sequence[str], places: Mapping[str, Texts], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["fixed"] = _fixed_field(own)
        self.places = {f"place{number}": place for number, place in enumerate(places)}
        for name, place in self.places.items():
            long = place == letter_languages.QUESTION
            kind = forms.Textarea(attrs={"rows": 3, **written_in(language)}) if long else None
            self.fields[name] = forms.CharField(
                label=in_language(places[place]),
                required=False,
                max_length=letter_languages.LONGEST_WORDS,
                initial=self.initial.get(place, ""),
                widget=kind or forms.TextInput(attrs=written_in(language)),
            )

    def words(self) -> dict[str, str]:
        """Return place to what was written there."""
        return {place: self.cleaned_data[name] for name, place in self.places.items()}


def _fixed_field(own: Sequence[str]) -> forms.ChoiceField:
    return forms.ChoiceField(
        label=_("Language of the fixed sentences"),
        choices=[(code, get_language_info(code)["name_local"]) for code in own],
        help_text=_("Buttons, dates of the page and error messages stand in it."),
    )


class LetterTextForm(forms.Form):
    """The parts of the letter in one language, with faults at their places."""

    def __init__(self, *args: Any, has_logo: bool, language: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for part, label in PARTS.items():
            rows = 12 if part == "before" else 5 if part in LONG else 2
            self.fields[part] = forms.CharField(
                label=label,
                required=part in NEEDED,
                strip=False,
                widget=forms.Textarea(attrs={"rows": rows, "spellcheck": "true", **written_in(language)}),
            )
        self.fields["logo"] = forms.FileField(
            label=_("Picture at the head of the letter"),
            required=False,
            help_text=_("PNG or JPEG, at most 400 kB. It is shown 17 mm high."),
            widget=forms.FileInput(attrs={"accept": "image/png,image/jpeg"}),
        )
        if has_logo:
            self.fields["without_logo"] = forms.BooleanField(
                label=_("Leave the picture out"), required=False
            )

    def clean(self) -> dict[str, Any]:
        """Put every fault at the part it is in."""
        cleaned = super().clean() or {}
        for fault in letter_text.faults_of(self.parts()):
            if fault.line or fault.part not in self.errors:  # that it is empty is said already
                self.add_error(fault.part, str(fault))
        sent = cleaned.get("logo")
        if sent is not None and sent.size > LOGO_BYTES:
            self.add_error("logo", _("This picture is larger than 400 kB."))
        return cleaned

    def parts(self) -> dict[str, str]:
        """Return what was written."""
        written = getattr(self, "cleaned_data", {})
        return {part: (written.get(part) or "").replace("\r\n", "\n").strip() for part in PARTS}
