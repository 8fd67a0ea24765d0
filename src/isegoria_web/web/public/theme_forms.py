"""What somebody without an account fills in to propose or sign a theme, and what keeps programs out without others' help."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.core import signing as stamps
from django.core.exceptions import ValidationError
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from isegoria_web import clock
from isegoria_web.consultation.enums import ProposerKind
from isegoria_web.consultation.services import LONGEST
from isegoria_web.consultation.signing import LONGEST_NAME, LONGEST_POSTCODE

SALT = "isegoria.themes"
FASTEST, SLOWEST = 3, 12 * 60 * 60
"""Seconds between seeing a form and sending it: a person needs some, and a form does not stay open for days."""
TRAP = "website"


class OpenForm(forms.Form):
    """A form for everybody: it knows when it was shown, and has a field that only programs fill in."""

    shown = forms.CharField(widget=forms.HiddenInput, required=False)
    website = forms.CharField(
        label=_("Leave this field empty"),
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off", "tabindex": "-1"}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["shown"].initial = stamps.dumps(clock.now().timestamp(), salt=SALT)

    @property
    def asked(self) -> list[forms.BoundField]:
        """Return the fields that a person sees."""
        return [field for field in self.visible_fields() if field.name != TRAP]

    def clean(self) -> dict[str, Any]:
        """Refuse what a program sends; a person who was quick sends it once more."""
        cleaned = super().clean() or {}
        if cleaned.get(TRAP):
            raise ValidationError(_("The field that must stay empty was filled in. Send the form again."))
        try:
            shown = float(stamps.loads(cleaned.get("shown", ""), salt=SALT))
        except (stamps.BadSignature, TypeError, ValueError):
            shown = 0.0
        if not FASTEST <= clock.now().timestamp() - shown <= SLOWEST:
            typed = {name: self.data.get(name) for name in self.data}
            self.data = typed | {"shown": self.fields["shown"].initial}
            raise ValidationError(
                _(
                    "This form was sent faster than one can type, or had been open for a day. Send it once more."
                )
            )
        return cleaned


class ProposeForm(OpenForm):
    """A theme, and who brings it."""

    field_order = ("kind", "organisation", "title", "explanation", "reason", "language", "name", "email")

    title = forms.CharField(
        label=_("The theme in a few words"),
        max_length=LONGEST["title"],
        help_text=_("At most 150 characters."),
    )
    explanation = forms.CharField(
        label=_("What is it about?"),
        max_length=LONGEST["explanation"],
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text=_("An open question is best. Name no person. At most 5,000 characters."),
    )
    reason = forms.CharField(
        label=_("Why is it a theme for drawn citizens?"),
        max_length=LONGEST["reason"],
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("At most 2,000 characters."),
    )
    name = forms.CharField(
        label=_("Your name"),
        max_length=LONGEST_NAME,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
        help_text=_("Only the secretariat sees it."),
    )
    email = forms.EmailField(
        label=_("E-mail address"),
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
        help_text=_("We send a link there. Only the secretariat sees it."),
    )

    def __init__(self, *args: Any, kinds: list[ProposerKind], languages: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kind"] = forms.ChoiceField(
            label=_("Who proposes it?"),
            choices=[(kind.value, kind.label) for kind in kinds],
            widget=forms.RadioSelect if len(kinds) > 1 else forms.HiddenInput,
            initial=kinds[0].value,
        )
        if ProposerKind.ASSOCIATION in kinds:
            self.fields["organisation"] = forms.CharField(
                label=_("Name of the association"),
                max_length=LONGEST["public_proposer"],
                required=False,
                help_text=_("It is public."),
            )
        self.fields["language"] = _language(languages)
        self.order_fields(self.field_order)

    def clean(self) -> dict[str, Any]:
        """An association has a name."""
        cleaned = super().clean()
        if cleaned.get("kind") == ProposerKind.ASSOCIATION and not cleaned.get("organisation"):
            self.add_error("organisation", _("Give the name of the association; it is public."))
        return cleaned


class SignForm(OpenForm):
    """Who signs: enough to tell one person from another."""

    name = forms.CharField(
        label=_("Given name and family name"),
        max_length=LONGEST_NAME,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
        help_text=_("As on your identity card."),
    )
    born = forms.DateField(
        label=_("Date of birth"),
        widget=forms.DateInput(attrs={"type": "date", "autocomplete": "bday"}, format="%Y-%m-%d"),
    )
    postcode = forms.CharField(
        label=_("Postcode"),
        max_length=LONGEST_POSTCODE,
        widget=forms.TextInput(attrs={"autocomplete": "postal-code"}),
    )
    email = forms.EmailField(
        label=_("E-mail address"),
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
        help_text=_("We send a link there. Your signature counts once you have opened it."),
    )


def _language(codes: list[str]) -> forms.ChoiceField:
    names = dict(settings.LANGUAGES)
    choices = [(code, names.get(code, code)) for code in codes]
    current = (get_language() or "en")[:2]
    return forms.ChoiceField(
        label=_("Language in which you write"),
        choices=choices,
        initial=current if current in codes else None,
    )
