"""Features, quotas and draws."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from isegoria_web.institutions.models import Cycle
from isegoria_web.lottery.models import Feature, Value
from isegoria_web.translated import in_language
from isegoria_web.web.backoffice.forms.fields import RowChoice, SumField, TextsField

LONGEST_ROUND = 4096
QuotaTable = dict[str, dict[str, tuple[int, int]]]
LimitTable = dict[str, dict[str, tuple[int | None, int | None]]]


class FeaturesForm(forms.Form):
    """The features of a cycle: taken over from an earlier one, or from a table with population figures."""

    def __init__(self, *args: Any, cycle: Cycle, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        earlier = Cycle.objects.filter(institution=cycle.institution, features__isnull=False)
        earlier = earlier.exclude(pk=cycle.pk).distinct().order_by("-number")
        if earlier:
            self.fields["earlier"] = RowChoice(
                words=_cycle_label,
                label=_("Take over from"),
                queryset=earlier,
                to_field_name="number",
                required=False,
                empty_label=_("No earlier cycle: I give a table"),
                initial=earlier.first(),
            )
        self.fields["file"] = forms.FileField(
            label=_("Table of features"),
            required=False,
            help_text=_(
                "CSV in UTF-8 with the columns feature, value, population; further columns such as "
                "feature_de and value_de give the names in a language."
            ),
            widget=forms.ClearableFileInput(attrs={"accept": ".csv,.txt,.tsv"}),
        )
        self.fields["source"] = forms.CharField(
            label=_("Source of the population figures, with date"),
            max_length=300,
            required=False,
            help_text=_("Who counted, and on which day. It is printed on the page of the draw."),
        )

    def clean(self) -> dict[str, Any]:
        """Ask for one of the two."""
        cleaned = super().clean() or {}
        if not self.errors and not cleaned.get("earlier") and not cleaned.get("file"):
            self.add_error("file", _("Give a table, or choose an earlier cycle."))
        if not self.errors and cleaned.get("file") and not cleaned.get("source"):
            self.add_error("source", _("Say where the population figures come from."))
        return cleaned


def _cycle_label(cycle: Cycle) -> str:
    return _("Cycle %(number)d") % {"number": cycle.number}


class PopulationForm(forms.Form):
    """The population figures, value by value, and where they come from."""

    def __init__(self, *args: Any, cycle: Cycle, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.features = list(Feature.objects.filter(cycle=cycle).prefetch_related("values"))
        for feature in self.features:
            self.fields[f"{feature.key}.source"] = forms.CharField(
                label=_("Source, with date"), max_length=300, initial=feature.source
            )
            for value in feature.values.all():
                self.fields[_cell(feature, value, "population")] = SumField(
                    label=in_language(value.name), initial=value.population
                )

    def groups(self) -> list[tuple[Feature, forms.BoundField, list[tuple[Value, forms.BoundField]]]]:
        """Return each feature with its source and its cells."""
        return [
            (
                feature,
                self[f"{feature.key}.source"],
                [(value, self[_cell(feature, value, "population")]) for value in feature.values.all()],
            )
            for feature in self.features
        ]

    def clean(self) -> dict[str, Any]:
        """Refuse a feature in which nobody lives."""
        cleaned = super().clean() or {}
        for feature in self.features:
            cells = [_cell(feature, value, "population") for value in feature.values.all()]
            if all(cleaned.get(cell) == 0 for cell in cells):
                self.add_error(cells[0], _("At least one of these values must have people."))
        return cleaned

    def corrected(self, features: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Return the features with the figures and sources of the form."""
        for feature in features:
            feature["source"] = self.cleaned_data[f"{feature['key']}.source"]
            for value in feature["values"]:
                value["population"] = self.cleaned_data[f"{feature['key']}.{value['key']}.population"]
        return features


class QuotasFileForm(forms.Form):
    """Quotas from a file."""

    quotas_file = forms.FileField(
        label=_("File with quotas"),
        help_text=_(
            "CSV in UTF-8 with the columns feature, value, min, max; min_flex and max_flex say how far "
            "a quota may give way."
        ),
        widget=forms.ClearableFileInput(attrs={"accept": ".csv,.txt,.tsv"}),
    )


@dataclass(frozen=True)
class QuotaRow:
    """One value in the editor, with its cells and what is known about it."""

    value: Value
    minimum: forms.BoundField
    maximum: forms.BoundField
    share: float | None
    in_pool: int
    limits: tuple[forms.BoundField, ...] = ()


@dataclass(frozen=True)
class QuotaGroup:
    """One feature in the editor."""

    feature: Feature
    rows: list[QuotaRow]
    errors: list[str]

    @property
    def shows_limits(self) -> bool:
        """Whether a limit is set, or was typed wrongly, so that it should be seen at once."""
        return any(
            cell.errors or cell.value() not in (None, "") for row in self.rows for cell in row.limits
        )


class QuotasForm(forms.Form):
    """The least and the most seats for each value; a fault stands at its cell, a wrong sum at its feature."""

    has_limits = True

    def __init__(
        self,
        *args: Any,
        cycle: Cycle,
        in_pool: dict[tuple[str, str], int],
        instead: Mapping[tuple[str, str], tuple[int, int]] | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.size = cycle.panel_size
        self.in_pool = in_pool
        self.features = list(Feature.objects.filter(cycle=cycle).prefetch_related("values"))
        self.sums: dict[str, list[str]] = {}
        for feature, value in self._values():
            name = in_language(value.name)
            least, most = (instead or {}).get((feature.key, value.key), (value.minimum, value.maximum))
            for which, label, initial in (
                ("min", _("Least seats for %(value)s") % {"value": name}, least),
                ("max", _("Most seats for %(value)s") % {"value": name}, most),
            ):
                self.fields[_cell(feature, value, which)] = SumField(
                    label=label,
                    initial=initial,
                    max_value=self.size,
                    widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
                )
            if self.has_limits:
                self._add_limits(feature, value, name)

    def _add_limits(self, feature: Feature, value: Value, name: str) -> None:
        for which, label, initial in (
            ("min_flex", _("The least for %(value)s may fall to") % {"value": name}, value.min_flex),
            ("max_flex", _("The most for %(value)s may rise to") % {"value": name}, value.max_flex),
        ):
            self.fields[_cell(feature, value, which)] = SumField(
                label=label,
                initial=initial,
                required=False,
                max_value=self.size,
                widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
            )

    def _values(self) -> Iterator[tuple[Feature, Value]]:
        for feature in self.features:
            for value in feature.values.all():
                yield feature, value

    def clean(self) -> dict[str, Any]:
        """Refuse a minimum above its maximum, and sums that leave no panel."""
        cleaned = super().clean() or {}
        for feature, value in self._values():
            least, most = (cleaned.get(_cell(feature, value, which)) for which in ("min", "max"))
            if least is not None and most is not None and least > most:
                self.add_error(_cell(feature, value, "max"), _("The most is less than the least."))
            falls, rises = (cleaned.get(_cell(feature, value, which)) for which in ("min_flex", "max_flex"))
            if least is not None and falls is not None and falls > least:
                self.add_error(_cell(feature, value, "min_flex"), _("It is above the least itself."))
            if most is not None and rises is not None and rises < most:
                self.add_error(_cell(feature, value, "max_flex"), _("It is below the most itself."))
        for feature in self.features:
            self._check_sums(feature, cleaned)
        return cleaned

    def _check_sums(self, feature: Feature, cleaned: dict[str, Any]) -> None:
        values = list(feature.values.all())
        least = self._column(cleaned, feature, values, "min")
        most = self._column(cleaned, feature, values, "max")
        if len(least) == len(values) and sum(least) > self.size:
            self._refuse_sum(
                feature, _("The least numbers add up to %(sum)d, but there are %(size)d seats. Lower one of them."),
                sum(least),
            )  # fmt: skip
        if len(most) == len(values) and sum(most) < self.size:
            self._refuse_sum(
                feature, _("The most numbers add up to %(sum)d, but there are %(size)d seats. Raise one of them."),
                sum(most),
            )  # fmt: skip

    @staticmethod
    def _column(cleaned: dict[str, Any], feature: Feature, values: list[Value], which: str) -> list[int]:
        """Return the cells of a column that hold a number."""
        cells = (cleaned.get(_cell(feature, value, which)) for value in values)
        return [cell for cell in cells if isinstance(cell, int)]

    def _refuse_sum(self, feature: Feature, sentence: Any, total: int) -> None:
        words = sentence % {"sum": total, "size": self.size}
        self.sums.setdefault(feature.key, []).append(words)
        self.add_error(None, words)

    def groups(self) -> list[QuotaGroup]:
        """Return the editor's rows, feature by feature."""
        return [self._group(feature) for feature in self.features]

    def _group(self, feature: Feature) -> QuotaGroup:
        values = list(feature.values.all())
        total = sum(value.population or 0 for value in values)
        rows = [
            QuotaRow(
                value=value,
                minimum=self[_cell(feature, value, "min")],
                maximum=self[_cell(feature, value, "max")],
                share=value.population / total * 100 if total and value.population is not None else None,
                in_pool=self.in_pool.get((feature.key, value.key), 0),
                limits=tuple(
                    self[_cell(feature, value, which)]
                    for which in (("min_flex", "max_flex") if self.has_limits else ())
                ),
            )
            for value in values
        ]
        return QuotaGroup(feature, rows, self.sums.get(feature.key, []))

    def quotas(self) -> QuotaTable:
        """Return feature key to value key to least and most."""
        table: QuotaTable = {}
        for feature, value in self._values():
            cells = tuple(self.cleaned_data[_cell(feature, value, which)] for which in ("min", "max"))
            table.setdefault(feature.key, {})[value.key] = (cells[0], cells[1])
        return table

    def limits(self) -> LimitTable:
        """Return feature key to value key to how far the least may fall and the most may rise."""
        table: LimitTable = {}
        for feature, value in self._values():
            cells = tuple(
                self.cleaned_data[_cell(feature, value, which)] for which in ("min_flex", "max_flex")
            )
            table.setdefault(feature.key, {})[value.key] = (cells[0], cells[1])
        return table


class QuotasChangeForm(QuotasForm):
    """Other quotas after people were invited, with the reason that everybody reads."""

    has_limits = False

    def __init__(self, *args: Any, languages: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason"] = TextsField(
            languages,
            rows=3,
            label=_("Reason, in public"),
            help_text=_("Why the quotas cannot stay as they were, and what follows for the panel."),
        )

    def flat(self) -> dict[tuple[str, str], tuple[int, int]]:
        """Return feature and value to least and most."""
        return {
            (feature, value): pair
            for feature, values in self.quotas().items()
            for value, pair in values.items()
        }


def _cell(feature: Feature, value: Value, which: str) -> str:
    return f"{feature.key}.{value.key}.{which}"


class AnnulForm(forms.Form):
    """A proposal to annul a draw, with a reason that everybody reads."""

    def __init__(self, *args: Any, languages: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason"] = TextsField(
            languages,
            rows=3,
            label=_("Reason, in public"),
            help_text=_("What went wrong, and what follows."),
        )


class ReadingForm(forms.Form):
    """What one person saw."""

    value = forms.CharField(
        label=_("What was drawn or thrown in public"),
        max_length=300,
        help_text=_("Exactly as everybody saw it, in the same order, for instance 3-7-10-1."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false", "inputmode": "text"}),
    )
    film = forms.CharField(
        label=_("Where film or photo of it is kept"),
        max_length=200,
        help_text=_("A file name, an address or a shelf, so that everybody can look again."),
    )
    notary = forms.CharField(
        label=_("Notary who witnessed it, if there was one"), max_length=200, required=False
    )


class BeaconForm(forms.Form):
    """The signature of a beacon's round, typed in or from a file."""

    signature = forms.CharField(
        label=_("Signature of the round"),
        max_length=200,
        required=False,
        help_text=_("96 digits, from any relay of the beacon. It is checked: only the true one fits."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    file = forms.FileField(
        label=_("Or the file of the round"),
        required=False,
        help_text=_("JSON, as a relay gives it."),
        widget=forms.ClearableFileInput(attrs={"accept": ".json"}),
    )

    def clean(self) -> dict[str, Any]:
        """Take the signature from the file, if there is one."""
        cleaned = super().clean() or {}
        if cleaned.get("file"):
            try:
                cleaned["signature"] = str(json.loads(cleaned["file"].read(LONGEST_ROUND))["signature"])
            except (ValueError, KeyError, TypeError):
                self.add_error(
                    "file", _("This is no round of the beacon. Give the file as a relay gives it.")
                )
        elif not cleaned.get("signature"):
            self.add_error("signature", _("Give the signature, or the file of the round."))
        return cleaned


class StampForm(forms.Form):
    """A receipt of somebody else over the hash of the commitment."""

    file = forms.FileField(
        label=_("The receipt"),
        help_text=_(
            "What you got back: a file that ends in .tsr or .ots. It is checked before it is attached."
        ),
        widget=forms.ClearableFileInput(attrs={"accept": ".tsr,.ots"}),
    )


class RevealForm(forms.Form):
    """The secret number of a party."""

    party = forms.ChoiceField(label=_("Party"))
    secret = forms.CharField(
        label=_("Its secret number"),
        max_length=64,
        help_text=_("64 digits. It is checked against the hash that binds the party."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )

    def __init__(self, *args: Any, parties: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        party = self.fields["party"]
        if isinstance(party, forms.ChoiceField):
            party.choices = [(each, each) for each in parties]


class ObjectionForm(forms.Form):
    """The public answer to an objection."""

    show_text = forms.BooleanField(
        label=_("Show its text"),
        required=False,
        initial=True,
        help_text=_("Withhold it only where it names or insults somebody. Everybody sees that you did."),
    )

    def __init__(self, *args: Any, languages: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["answer"] = TextsField(languages, rows=4, label=_("Answer, in public"))
