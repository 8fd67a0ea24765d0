"""What an invited citizen fills in: two minutes, on a phone."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from isegoria_web.institutions.models import Cycle
from isegoria_web.lottery.models import Feature
from isegoria_web.recruitment.enums import Need, Refusal
from isegoria_web.translated import in_language

FEATURE_PREFIX = "feature_"


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

    def __init__(self, *args: Any, cycle: Cycle, known: dict[str, str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["language"].initial = get_language()
        features = list(Feature.objects.filter(cycle=cycle).prefetch_related("values"))
        for feature in features:
            self.fields[FEATURE_PREFIX + feature.key] = _choice_of(feature, known.get(feature.key))
        self.order_fields([FEATURE_PREFIX + feature.key for feature in features] + list(self.fields))

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
        return cleaned


class NoForm(forms.Form):
    refusal = forms.ChoiceField(
        label=_("Would you tell us why? You need not."),
        choices=[("", _("I would rather not say")), *Refusal.choices],
        required=False,
        widget=forms.RadioSelect,
    )


def _choice_of(feature: Feature, known: str | None) -> forms.ChoiceField:
    return forms.ChoiceField(
        label=in_language(feature.name),
        choices=[(value.key, in_language(value.name)) for value in feature.values.all()],
        initial=known,
        widget=forms.RadioSelect,
    )
