"""How many letters to send: the rates that are expected, and how many candidates are wanted for each seat."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any

from django import forms
from django.utils.formats import number_format
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from isegoria_web.recruitment.algorithms import published_rates, share_of
from isegoria_web.recruitment.planning import EVERYBODY, Stratum
from isegoria_web.web.backoffice.forms.fields import SumField

USUAL_FACTOR = 5
MOST_FACTOR = 100
MOST_PER_SEAT = 100_000


class RateField(forms.CharField):
    """A share of letters answered yes, written as `4 %`, `0.04` or `1/25`, and kept exactly."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=30, **kwargs)

    def clean(self, value: Any) -> Fraction | None:
        """Refuse what is no share above nothing and up to everybody."""
        text = super().clean(value)
        if not text:
            return None
        rate = share_of(text)
        if rate is None or not 0 < rate <= 1:
            raise forms.ValidationError(_("Give a share of the letters, such as 4 %, 0.04 or 1/25."))
        return rate


class PlanForm(forms.Form):
    """What a plan of letters starts from."""

    def __init__(self, *args: Any, strata: Sequence[Stratum], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.strata = strata
        self.fields["factor"] = forms.DecimalField(
            label=_("Candidates wanted for each seat"),
            help_text=_("Five is the practice of the European Citizens' Panels."),
            min_value=Decimal("0.1"),
            max_value=MOST_FACTOR,
            decimal_places=2,
            initial=USUAL_FACTOR,
        )
        self.fields["like"] = forms.ChoiceField(
            label=_("Expect as many answers yes as"),
            choices=[("", _("a rate of our own, below")), *_published()],
            required=False,
        )
        self.fields["rate"] = RateField(
            label=_("A rate of our own"),
            help_text=_("The share of the letters that are answered yes, such as 4 %."),
            required=False,
        )
        self.fields["per_seat"] = SumField(
            label=_("Letters for each seat, if that was decided"),
            help_text=_("Such as 250. The plan then says what they would bring."),
            min_value=1,
            max_value=MOST_PER_SEAT,
            required=False,
        )
        for number, stratum in enumerate(strata):
            if stratum.key != EVERYBODY:
                self.fields[f"rate_{number}"] = RateField(label=stratum.name, required=False)

    @property
    def main_fields(self) -> list[Any]:
        """The fields that everybody fills in."""
        return [self[name] for name in ("factor", "like", "rate", "per_seat")]

    @property
    def stratum_fields(self) -> list[Any]:
        """A rate for each stratum that answers otherwise than the rest."""
        return [self[name] for name in self.fields if name.startswith("rate_")]

    def clean(self) -> dict[str, Any]:
        """Put the expected rate of every stratum into `rates`."""
        cleaned = super().clean() or {}
        known = {each.key: each.rate for each in published_rates()}
        usual = cleaned.get("rate") or known.get(cleaned.get("like", ""))
        if usual is None:
            if "rate" not in self.errors:
                self.add_error("rate", _("Give a rate, or choose a published one above."))
            return cleaned
        cleaned["rates"] = {
            stratum.key: cleaned.get(f"rate_{number}") or usual
            for number, stratum in enumerate(self.strata)
        }
        return cleaned


def _published() -> list[tuple[str, str]]:
    return [
        (
            each.key,
            gettext("%(rate)s %%: %(place)s (%(yes)s of %(letters)s letters)")
            % {
                "rate": number_format(100 * float(each.rate), 1),
                "place": f"{each.place}, {each.year}" if each.year else each.place,
                "yes": number_format(each.yes, force_grouping=True),
                "letters": number_format(each.letters, force_grouping=True),
            },
        )
        for each in published_rates()
    ]
