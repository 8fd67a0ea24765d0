"""Open votes of those who hold seats that are not drawn."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from isegoria_web.ballots import roll_calls
from isegoria_web.ballots.enums import Choice
from isegoria_web.ballots.models import RollCall
from isegoria_web.ballots.roll_calls import ABSENT
from isegoria_web.errors import ServiceError
from isegoria_web.membership.models import Appointee
from isegoria_web.web.backoffice.forms.deciding import OpenBallotForm
from isegoria_web.web.backoffice.forms.fields import DayField, MomentField, TextsField

AWAY = "away"


class RollDayForm(forms.Form):
    """On which day a group voted; it decides who held a seat."""

    on = DayField(label=gettext_lazy("On which day did they vote?"))

    def __init__(self, *args: Any, roll_call: RollCall, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.roll_call = roll_call

    def clean_on(self) -> date:
        """Refuse a day on which they cannot have voted."""
        day: date = self.cleaned_data["on"]
        try:
            roll_calls.require_day(self.roll_call, day)
        except ServiceError as refusal:
            raise ValidationError([str(refusal.problem), str(refusal.way_out)]) from refusal
        return day


class OpenVoteForm(OpenBallotForm):
    """Until when a group votes by name in the site."""

    closes_at = MomentField(label=gettext_lazy("The vote closes"))


class RollCallForm(forms.Form):
    """How everybody of a group voted on a day, by name; of a correction also why."""

    held_on = forms.DateField(widget=forms.HiddenInput)

    def __init__(
        self, *args: Any, roll: Sequence[Appointee], languages: Sequence[str] = (), **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.roll = roll
        if languages:
            self.fields["why"] = TextsField(
                languages,
                rows=2,
                label=_("What is corrected, and why, in public"),
                help_text=_("Both versions stay on the public page."),
            )
        for each in roll:
            self.fields[f"vote_{each.pk}"] = forms.ChoiceField(
                label=with_group(each), choices=_choices(), widget=forms.RadioSelect
            )
            self.fields[f"reasons_{each.pk}"] = forms.CharField(
                label=_("Reasons of %(name)s, in public") % {"name": each.name},
                required=False,
                max_length=2000,
                widget=forms.Textarea(attrs={"rows": 2}),
            )

    @property
    def choices(self) -> dict[int, str]:
        """What everybody said, by key."""
        given = ((each.pk, self.cleaned_data[f"vote_{each.pk}"]) for each in self.roll)
        return {key: ABSENT if choice == AWAY else choice for key, choice in given}

    @property
    def reasons(self) -> dict[int, str]:
        """The reasons that were given, by key."""
        return {each.pk: self.cleaned_data[f"reasons_{each.pk}"] for each in self.roll}

    def sums(self) -> Iterator[tuple[str, int]]:
        """Yield each choice in words and how often it was made."""
        made = list(self.choices.values())
        for choice in Choice:
            yield str(choice.label), made.count(choice.value)
        yield _("Did not vote"), made.count(ABSENT)


def with_group(appointee: Appointee) -> str:
    """Return the name of somebody who is appointed, with her group where she has one."""
    return f"{appointee.name}, {appointee.group}" if appointee.group else appointee.name


def said_in_words(choice: str) -> str:
    """Return how somebody voted, as it is read."""
    return dict(_choices())[choice or AWAY]


def _choices() -> list[tuple[str, str]]:
    said = {Choice.YES: _("Yes"), Choice.NO: _("No"), Choice.ABSTAIN: _("Abstained")}
    return [*((choice.value, label) for choice, label in said.items()), (AWAY, _("Did not vote"))]
