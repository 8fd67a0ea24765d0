"""Two answers side by side."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from isegoria_web.lottery.models import Feature
from isegoria_web.recruitment.duplicates import CHOSEN
from isegoria_web.recruitment.enums import Need
from isegoria_web.recruitment.models import Duplicate, Invitation, Respondent
from isegoria_web.translated import in_language

ONE, TWO = "one", "two"
LABELS = {
    "name": _("Name"),
    "email": _("E-mail address"),
    "phone": _("Telephone"),
    "language": _("Language"),
    "answers": _("Answers"),
    "needs": _("What is needed to take part"),
}


@dataclass(frozen=True)
class Row:
    """One thing that both answers tell."""

    label: str
    first: str
    second: str

    @property
    def differs(self) -> bool:
        """Whether they tell something else."""
        return self.first != self.second


def told_by(respondent: Respondent | None) -> dict[str, Any]:
    """Return what an answer tells, part by part; nothing where there is none."""
    return {} if respondent is None else {part: getattr(respondent, part) for part in CHOSEN}


def side_by_side(
    features: Iterable[Feature], first: Mapping[str, Any], second: Mapping[str, Any]
) -> list[Row]:
    """Return both answers in words, line by line."""
    known = list(features)
    return [
        Row(str(LABELS[part]), _words(known, part, first.get(part)), _words(known, part, second.get(part)))
        for part in CHOSEN
    ]


def _words(features: list[Feature], part: str, value: Any) -> str:
    if not value:
        return "–"
    if part == "needs":
        return ", ".join(str(Need(each).label) for each in value)
    if part == "language":
        return str(dict(settings.LANGUAGES).get(value, value))
    if part == "answers":
        names = {(f.key, v.key): in_language(v.name) for f in features for v in f.values.all()}
        return ", ".join(names.get((f.key, value.get(f.key, "")), "–") for f in features)
    return str(value)


class PairForm(forms.Form):
    """Whether two answers come from one person, and then what is taken from which."""

    people = forms.ChoiceField(
        label=_("Do they come from one person?"),
        choices=[
            (TWO, _("No, two people: both stay in the pool")),
            (ONE, _("Yes, one person: one answer stays")),
        ],
        widget=forms.RadioSelect,
    )

    def __init__(self, *args: Any, duplicate: Duplicate, features: list[Feature], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.letters: dict[str, Invitation] = {"first": duplicate.first, "second": duplicate.second}
        told = {key: told_by(letter.respondent) for key, letter in self.letters.items()}
        self.rows = side_by_side(features, told["first"], told["second"])
        for part, row in zip(CHOSEN, self.rows, strict=True):
            if not row.differs and part != "name":
                continue
            self.fields[part] = forms.ChoiceField(
                label=_("If it is one person: under which letter does the answer stay?")
                if part == "name"
                else _("%(part)s: which one holds?") % {"part": LABELS[part]},
                choices=[
                    (key, f"{_('Letter')} {letter.position}: {getattr(row, key)}")
                    for key, letter in self.letters.items()
                ],
                initial="second" if not told["first"][part] else "first",
                required=False,
                widget=forms.RadioSelect,
            )

    def clean(self) -> dict[str, Any]:
        """Ask for the letter that stays, where one goes."""
        cleaned = super().clean() or {}
        if cleaned.get("people") == ONE and not cleaned.get("name"):
            self.add_error("name", _("Choose the letter under which the answer stays."))
        return cleaned

    def letter(self, part: str) -> Invitation:
        """Return the letter that was chosen for a part."""
        return self.letters[self.cleaned_data[part]]

    def taken(self) -> dict[str, Invitation]:
        """Return from which letter each part is taken, where a choice was made."""
        return {part: self.letter(part) for part in CHOSEN if self.cleaned_data.get(part)}


class SecondForm(forms.Form):
    """Which of two answers to one letter counts."""

    FIRST, SECOND = "first", "second"
    counts = forms.ChoiceField(
        label=_("Which answer counts?"),
        choices=[(FIRST, _("The first one")), (SECOND, _("The second one"))],
        widget=forms.RadioSelect,
    )
