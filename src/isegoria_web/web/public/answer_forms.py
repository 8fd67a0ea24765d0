"""What an invited citizen fills in: two minutes, on a phone."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain
from typing import Any, cast

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from isegoria_web.institutions.models import Cycle
from isegoria_web.lottery.models import UNDISCLOSED, Feature
from isegoria_web.recruitment.answering import features_of, fields_of
from isegoria_web.recruitment.enums import FieldKind, Need, Refusal
from isegoria_web.recruitment.letter_form import LARGEST, LONGEST
from isegoria_web.recruitment.letter_languages import Reading, name_of, place_of
from isegoria_web.recruitment.models import Draft, FormField, Respondent
from isegoria_web.translated import LANGUAGES
from isegoria_web.web import reading as readings
from isegoria_web.web.reading import marked

FEATURE_PREFIX, FIELD_PREFIX, CONSENT_PREFIX = "feature_", "field_", "consent_"


class CodeForm(forms.Form):
    code = forms.CharField(
        label=_("The code of your letter"),
        max_length=40,
        help_text=_("Sixteen letters and digits in four groups. Capital or small letters, both are right."),
        widget=forms.TextInput(
            attrs={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}
        ),
    )


class YesForm(forms.Form):
    """The features that the quotas speak of, how to reach her, what she needs, and her consent."""

    name = forms.CharField(
        label=_("Your name"), max_length=200, widget=forms.TextInput(attrs={"autocomplete": "name"})
    )
    email = forms.EmailField(
        label=_("E-mail address"),
        required=False,
        help_text=_("If you have none, leave it empty: we will call or write to you."),
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )
    phone = forms.CharField(
        label=_("Telephone"),
        max_length=40,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "tel", "inputmode": "tel"}),
    )
    language = forms.ChoiceField(
        label=_("In which language shall we write to you?"), choices=settings.LANGUAGES
    )
    needs = forms.MultipleChoiceField(
        label=_("Do you need something to take part?"),
        choices=Need.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    consent = forms.BooleanField(
        label=_(
            "I want to take part if the lot falls on me, and I agree that my answers are used for the draw."
        ),
    )

    def __init__(
        self,
        *args: Any,
        cycle: Cycle,
        known: dict[str, str],
        reading: Reading | None = None,
        further: Sequence[str] = (),
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.reading = reading or readings.own()
        mail = cast("forms.ChoiceField", self.fields["language"])
        more = [(code, name_of(code)) for code in further if code not in LANGUAGES]
        mail.choices = [*settings.LANGUAGES, *more]
        mail.initial = self.reading.language
        for field in self.fields.values():
            self._turn(field)
        self.sensitive: dict[str, str] = {}  # the field of a consent -> the field that it allows
        first = [
            self._add(
                each.key,
                _choice_of(each, known.get(each.key), self.reading),
                FEATURE_PREFIX,
                each.sensitive,
            )
            for each in features_of(cycle)
        ]
        asked = [
            self._add(each.key, field_of(each, self.reading), FIELD_PREFIX, each.sensitive)
            for each in fields_of(cycle)
        ]
        consent = ["needs", "consent"]
        rest = [name for name in self.fields if name not in consent]
        self.order_fields([*chain(*first), *chain(*asked), *rest, *consent])

    def _add(self, key: str, field: forms.Field, prefix: str, sensitive: bool) -> list[str]:  # noqa: FBT001
        """Add a field, and behind it the consent that something sensitive needs; returns their names."""
        self.fields[prefix + key] = field
        if not sensitive:
            return [prefix + key]
        field.help_text = field.help_text or _("You need not tell this.")
        self.fields[CONSENT_PREFIX + key] = forms.BooleanField(
            label=_("I agree that this answer is kept and used for the draw.")
            if prefix == FEATURE_PREFIX
            else _("I agree that this answer is kept, to prepare the meetings."),
            required=False,
        )
        self.sensitive[CONSENT_PREFIX + key] = prefix + key
        return [prefix + key, CONSENT_PREFIX + key]

    def _turn(self, field: forms.Field) -> None:
        """Let what is typed run as its own letters do, where the page reads from right to left."""
        if self.reading.direction == "rtl" and type(field) in {forms.CharField, forms.EmailField}:
            from_the_left = (
                isinstance(field, forms.EmailField) or field.widget.attrs.get("inputmode") == "tel"
            )
            field.widget.attrs["dir"] = "ltr" if from_the_left else "auto"

    def answers(self) -> dict[str, str]:
        """Return feature key to value key."""
        return {
            name.removeprefix(FEATURE_PREFIX): value
            for name, value in self.cleaned_data.items()
            if name.startswith(FEATURE_PREFIX)
        }

    def clean(self) -> dict[str, Any]:
        """Ask for one way to reach her."""
        cleaned = super().clean() or {}
        if not self.errors and not (cleaned.get("email") or cleaned.get("phone")):
            self.add_error(
                "phone", _("Give an e-mail address or a telephone number, so that we can reach you.")
            )
        for consent, told in self.sensitive.items():
            if cleaned.get(told) not in (None, "", [], UNDISCLOSED) and not cleaned.get(consent):
                self.add_error(consent, _("Agree to this, or leave the answer above untold."))
        return cleaned

    def details(self) -> dict[str, Any]:
        """Return field key to what was told; what was left empty is not there."""
        told = {
            name.removeprefix(FIELD_PREFIX): _plain(value)
            for name, value in self.cleaned_data.items()
            if name.startswith(FIELD_PREFIX)
        }
        return {key: value for key, value in told.items() if value not in (None, "", [])}

    def consents(self) -> list[str]:
        """Return the keys of what is sensitive and was agreed to."""
        agreed = (name for name in self.sensitive if self.cleaned_data.get(name))
        return [name.removeprefix(CONSENT_PREFIX) for name in agreed]


class NoForm(forms.Form):
    refusal = forms.ChoiceField(
        label=_("Would you tell us why? You need not."),
        choices=[("", _("I would rather not say")), *Refusal.choices],
        required=False,
        widget=forms.RadioSelect,
    )


def told_before(respondent: Respondent) -> dict[str, Any]:
    """Return what somebody told before, as the form shows it."""
    told: dict[str, Any] = {
        part: getattr(respondent, part) for part in ("name", "email", "phone", "language", "needs")
    }
    told |= {FEATURE_PREFIX + key: value for key, value in respondent.answers.items()}
    told |= {FIELD_PREFIX + key: _shown(value) for key, value in respondent.details.items()}
    return told | {CONSENT_PREFIX + key: True for key in respondent.consents}


def typed_before(draft: Draft, form: forms.Form) -> dict[str, Any]:
    """Return what an unfinished form held, field by field; what the form no longer asks is left out."""
    found = {}
    for name, field in form.fields.items():
        values = draft.typed.get(name, [])
        if isinstance(field, forms.MultipleChoiceField):
            found[name] = values
        elif isinstance(field, forms.BooleanField):
            found[name] = bool(values)
        else:
            found[name] = values[0] if values else ""
    return found


def field_of(asked: FormField, read: Reading) -> forms.Field:
    """Return the field that asks it, in the reader's language."""
    common: dict[str, Any] = {
        "label": marked(*read.text(asked.label), read), "help_text": marked(*read.text(asked.help), read),
        "required": asked.required,
    }  # fmt: skip
    options = [(option["key"], marked(*read.text(option["name"]), read)) for option in asked.options]
    match asked.kind:
        case FieldKind.CHOICE:
            return forms.ChoiceField(choices=options, widget=forms.RadioSelect, **common)
        case FieldKind.SEVERAL:
            return forms.MultipleChoiceField(choices=options, widget=forms.CheckboxSelectMultiple, **common)
        case FieldKind.YES_NO:
            return forms.TypedChoiceField(
                choices=[("yes", _("Yes")), ("no", _("No"))],
                coerce=lambda text: text == "yes",
                empty_value=None, widget=forms.RadioSelect, **common,
            )  # fmt: skip
        case FieldKind.NUMBER:
            numeric = forms.NumberInput(attrs={"inputmode": "numeric"})
            return forms.IntegerField(min_value=-LARGEST, max_value=LARGEST, widget=numeric, **common)
        case _:
            return forms.CharField(
                max_length=LONGEST, widget=forms.TextInput(attrs={"dir": "auto"}), **common
            )


def _plain(value: Any) -> Any:
    return list(value) if isinstance(value, (list, tuple)) else value


def _shown(value: Any) -> Any:
    return {True: "yes", False: "no"}[value] if isinstance(value, bool) else value


def _choice_of(feature: Feature, known: str | None, read: Reading) -> forms.ChoiceField:
    return forms.ChoiceField(
        label=marked(*read.text(feature.name, place_of(feature.key)), read),
        choices=[
            (value.key, marked(*read.text(value.name, place_of(feature.key, value.key)), read))
            for value in feature.values.all()
        ],
        initial=known,
        widget=forms.RadioSelect,
    )
