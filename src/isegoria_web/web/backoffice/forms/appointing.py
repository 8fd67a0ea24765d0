"""Seats that are not drawn, and the open votes of those who hold them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from isegoria_web.ballots.enums import Choice
from isegoria_web.ballots.roll_calls import ABSENT
from isegoria_web.membership.models import Appointee
from isegoria_web.web.backoffice.forms.fields import DayField

AWAY = "away"


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


class LeaveForm(forms.Form):
    """From which day a seat that is not drawn is free."""

    on = DayField(label=gettext_lazy("From which day is the seat free?"))


class RollCallForm(forms.Form):
    """How everybody of a group voted, by name."""

    held_on = DayField(label=gettext_lazy("On which day did they vote?"))

    def __init__(self, *args: Any, roll: Sequence[Appointee], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.roll = roll
        for each in roll:
            name = f"{each.name}, {each.group}" if each.group else each.name
            self.fields[f"vote_{each.pk}"] = forms.ChoiceField(
                label=name, choices=_choices(), widget=forms.RadioSelect
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


def _choices() -> list[tuple[str, str]]:
    said = {Choice.YES: _("Yes"), Choice.NO: _("No"), Choice.ABSTAIN: _("Abstained")}
    return [*((choice.value, label) for choice, label in said.items()), (AWAY, _("Did not vote"))]
