"""A new version of the rule book: a changed file, or other numbers in a form."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.utils.translation import gettext_lazy as _

from isegoria.errors import BadInputs, IsegoriaError
from isegoria_web.institutions.algorithms import Number, usual_numbers
from isegoria_web.translated import in_language
from isegoria_web.web.backoffice.forms.fields import DayField, LabelledParts, SumField, TextsField
from isegoria_web.web.backoffice.office import faults_of

LARGEST = 10_000_000
YES_NO = [("", _("The statute does not say")), ("yes", _("Yes")), ("no", _("No"))]
FEATURES = {
    "age": _("Age"),
    "sex": _("Sex"),
    "residence": _("Place of residence"),
    "education": _("Education"),
    "nationality": _("Nationality"),
    "language": _("Language"),
    "occupation": _("Occupation"),
    "income": _("Income"),
}
LABELS = {
    "size": _("Citizens' seats"),
    "mandate_months": _("Months that a member sits"),
    "alternates": _("Alternates"),
    "rotation.every_months": _("Months between two renewals"),
    "rotation.share": _("Share of the seats that is renewed"),
    "meetings": _("Meetings in a cycle"),
    "meetings_per_year": _("Meetings in a year"),
    "cooling_off.months": _("Months until a former member can be drawn again"),
    "decision.quorum": _("Share of the seats whose members must vote"),
    "decision.threshold": _("Share of yes that adopts"),
    "draw.age_min": _("Youngest age"),
    "draw.letters": _("Letters"),
    "draw.reply_days": _("Days to answer a letter"),
    "draw.challenge_days": _("Days in which anybody can object to a draw"),
    "draw.strata": _("Features that the members mirror"),
    "agenda.resident_signatures": _("Signatures that residents need for a theme"),
    "duty.answer_days": _("Days in which the authority answers"),
    "duty.answer_months": _("Months in which the authority answers"),
    "duty.review_months": _("Months until the public follow-up"),
    "pay.allowance": _("Members get money for their time"),
    "pay.travel": _("Travel is paid"),
    "pay.childcare": _("Childcare is paid"),
    "blackout.months_before_election": _("Months before an election in which nobody is convened"),
}
GROUPS = {
    "draw": _("The draw"),
    "agenda": _("The agenda"),
    "duty": _("The authority's duty"),
    "pay": _("What members get"),
    "blackout": _("Before elections"),
}


class RuleBookForm(forms.Form):
    """The changed file, and whether it is to be adopted or only compared."""

    file = forms.FileField(
        label=_("Rule book"),
        help_text=_("The TOML file of the version in force, with your changes and a new valid_from."),
        widget=forms.ClearableFileInput(attrs={"accept": ".toml"}),
    )
    adopt = forms.BooleanField(
        label=_("Adopt this version"),
        help_text=_("Without this, you only see what would change."),
        required=False,
    )

    def __init__(self, *args: Any, languages: Sequence[str], proposes: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if proposes:
            self.fields["adopt"].label = _("Propose this version to the authority")
            self.fields["reasons"] = reasons_field(languages, required=False)

    def clean(self) -> dict[str, Any]:
        """Ask whoever proposes for reasons."""
        cleaned = super().clean() or {}
        if cleaned.get("adopt") and "reasons" in self.fields and not cleaned.get("reasons"):
            self.add_error("reasons", _("Say why; the reasons are published."))
        return cleaned


def reasons_field(languages: Sequence[str], *, required: bool = True) -> TextsField:
    """Return the field for the reasons of a change, which everybody reads."""
    return TextsField(
        languages, rows=3, label=_("Why?"), help_text=_("The reasons are published."), required=required
    )


class ReasonsForm(forms.Form):
    """Why the authority declines."""

    def __init__(self, *args: Any, languages: Sequence[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["answer"] = reasons_field(languages)


class RangeWidget(LabelledParts):
    """The fewest and the most."""

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__({"fewest": forms.NumberInput(), "most": forms.NumberInput()}, attrs)

    def decompress(self, value: Any) -> list[Any]:
        return list(value or [None, None])

    def label_of(self, index: int) -> Any:
        return (_("at least"), _("at most"))[index]


class RangeField(forms.MultiValueField):
    """Two whole numbers, the second not smaller than the first."""

    widget = RangeWidget

    def __init__(self, **kwargs: Any) -> None:
        parts = (SumField(min_value=1, max_value=LARGEST), SumField(min_value=1, max_value=LARGEST))
        super().__init__(parts, require_all_fields=True, **kwargs)

    def compress(self, data_list: Sequence[int]) -> list[int] | None:
        if not data_list:
            return None
        fewest, most = data_list
        if most < fewest:
            raise ValidationError(_("The second number is smaller than the first."))
        return [fewest, most]


@dataclass(frozen=True)
class Part:
    """The numbers of one table of the rule book, under a heading."""

    heading: Any
    fields: list[forms.BoundField]


class NumbersForm(forms.Form):
    """The numbers of a rule book that are usually changed; a field is named by the id of its rule."""

    def __init__(self, *args: Any, book: Any, original: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.book = book
        self.before = {each.rule: each for each in usual_numbers(original)}
        self.numbers = usual_numbers(book)
        for each in self.numbers:
            self.fields[each.rule] = _MAKERS[each.kind](each, label=self._label(each), required=False)

    def _label(self, number: Number) -> Any:
        for parts in (1, 2):
            found = LABELS.get(".".join(number.rule.split(".")[-parts:]))
            if found is not None:
                return found
        *_before, key, _last = number.rule.split(".")
        titles = {
            each.key: in_language(each.title) for body in self.book.bodies for each in body.fixed_seats
        }
        if key in titles and "fixed_seats" in number.rule:
            return _("Seats kept for: %(whom)s") % {"whom": titles[key]}
        return _("Euros: %(what)s") % {"what": key.replace("_", " ").replace("-", " ")}

    def parts(self) -> Iterator[Part]:
        """Yield the fields under their headings."""
        titles = {f"bodies.{each.key}": in_language(each.title) for each in self.book.bodies}
        for group in dict.fromkeys(each.group for each in self.numbers):
            own = [self[each.rule] for each in self.numbers if each.group == group]
            yield Part(GROUPS.get(group) or titles[group], own)

    def other_fields(self) -> list[forms.BoundField]:
        """Return the fields that are no rule."""
        rules = {each.rule for each in self.numbers}
        return [self[name] for name in self.fields if name not in rules]

    def changes(self) -> dict[str, Any]:
        """Return what differs from the rule book with which one began, by rule; None where it says nothing any more."""
        found: dict[str, Any] = {}
        for each in self.numbers:
            value = self.cleaned_data[each.rule]
            value = {"yes": True, "no": False}.get(value) if each.kind == "yes_no" else value
            before = self.before[each.rule].value if each.rule in self.before else None
            if _said(value) != _said(before):
                found[each.rule] = _said(value)
        return found

    def put_faults(self, error: IsegoriaError) -> None:
        """Put what a rule book was refused for at the fields of the rules that it names, both of them with both ids."""
        for each in _single(error):
            (fault,) = faults_of(each)
            named = [each.parameters.get("first"), each.parameters.get("second"), each.place.column]
            rules = [str(rule).replace("[", ".").replace("]", "") for rule in named if rule]
            here = [rule for rule in dict.fromkeys(rules) if rule in self.fields]
            sentence = f"{fault.problem} {fault.way_out}"
            for rule in here:
                self.add_error(rule, sentence)
            if not here:
                self.add_error(None, sentence)


class AmendmentForm(NumbersForm):
    """Other numbers from a day on; whoever proposes says why."""

    def __init__(
        self, *args: Any, languages: Sequence[str], proposes: bool, today: date, version: str, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["valid_from"] = DayField(
            label=_("First day of the new version"),
            initial=today,
            help_text=_("It can be adopted on this day or later."),
        )
        self.fields["version"] = forms.CharField(
            label=_("Name of the new version"), max_length=60, initial=version
        )
        if proposes:
            self.fields["reasons"] = reasons_field(languages)

    def rules(self) -> dict[str, Any]:
        """Return the changed rules with the day and the name of the version; nothing where none changes."""
        found = self.changes()
        if not found:
            return {}
        return {
            **found,
            "version": self.cleaned_data["version"],
            "valid_from": self.cleaned_data["valid_from"],
            "valid_until": None,
        }


def _said(value: Any) -> Any:
    """Return the value, or None where a field that is left empty says nothing; zero and no are said."""
    return None if value in ("", [], None) else value


def _single(error: IsegoriaError) -> Iterator[IsegoriaError]:
    if isinstance(error, BadInputs):
        for each in error.faults:
            yield from _single(each)
    else:
        yield error


def _features(number: Number, **kwargs: Any) -> forms.Field:
    known = {**{each: each for each in number.value}, **FEATURES}
    return forms.MultipleChoiceField(
        choices=list(known.items()), initial=number.value, widget=forms.CheckboxSelectMultiple, **kwargs
    )


def _yes_no(number: Number, **kwargs: Any) -> forms.Field:
    initial = "" if number.value is None else ("yes" if number.value else "no")
    return forms.ChoiceField(choices=YES_NO, initial=initial, **kwargs)


def _text(pattern: str, hint: Any) -> Callable[..., forms.Field]:
    def make(number: Number, **kwargs: Any) -> forms.Field:
        return forms.CharField(
            max_length=12, initial=number.value, help_text=hint, validators=[RegexValidator(pattern, hint)],
            **kwargs,
        )  # fmt: skip

    return make


def _range(number: Number, **kwargs: Any) -> forms.Field:
    return RangeField(initial=number.value, **{**kwargs, "required": True})


def _count(least: int) -> Callable[..., forms.Field]:
    def make(number: Number, **kwargs: Any) -> forms.Field:
        return SumField(initial=number.value, min_value=least, max_value=LARGEST, **kwargs)

    return make


_MAKERS: dict[str, Callable[..., forms.Field]] = {
    "range": _range,
    "count": _count(1),
    "count0": _count(0),
    "yes_no": _yes_no,
    "features": _features,
    "share": _text(r"^\d{1,3}(/[1-9]\d{0,2})?$", _("A fraction, such as 2/3.")),
    "money": _text(r"^\d{1,6}(\.\d\d)?$", _("Euros, such as 217 or 44.02.")),
}
