"""The agenda in the office: what came on paper, the verdict, the choice."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from isegoria_web.consultation.enums import ProposerKind
from isegoria_web.consultation.models import Theme
from isegoria_web.consultation.services import LONGEST, Proposal
from isegoria_web.web import verdict_forms
from isegoria_web.web.backoffice.forms.fields import (
    DayField,
    MomentField,
    RowsChoice,
    TextBox,
    TextsField,
    language_field,
)


class ThemeForm(forms.Form):
    """A theme that somebody brings without the public form."""

    def __init__(
        self, *args: Any, kinds: Sequence[ProposerKind], languages: Sequence[str], own: bool, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kind"] = forms.ChoiceField(
            label=_("Who proposes it?"), choices=[(kind.value, kind.label) for kind in kinds], widget=forms.RadioSelect,
            initial=kinds[0].value if kinds else None,
        )  # fmt: skip
        self.fields["title"] = forms.CharField(
            label=_("The theme in a few words"), max_length=LONGEST["title"]
        )
        self.fields["explanation"] = TextBox(
            label=_("What is it about?"), rows=6, max_length=LONGEST["explanation"]
        )
        self.fields["reason"] = TextBox(
            label=_("Why is it a theme for drawn citizens?"), rows=4, max_length=LONGEST["reason"]
        )
        self.fields["language"] = language_field(languages, get_language())
        self.fields["organisation"] = forms.CharField(
            label=_("Public name of the proposer"),
            max_length=LONGEST["public_proposer"],
            required=False,
            help_text=_("Of an association, a group or a department. People are not named."),
        )
        if not own:
            self.fields["name"] = forms.CharField(
                label=_("Name of the person"),
                max_length=150,
                required=False,
                help_text=_("Only you see it."),
            )
            self.fields["email"] = forms.EmailField(label=_("E-mail address"), required=False)

    def proposal(self) -> Proposal:
        """Return what was typed."""
        told = self.cleaned_data
        return Proposal(
            title=told["title"], explanation=told["explanation"], reason=told["reason"],
            language=told["language"], name=told.get("name", ""), email=told.get("email", ""),
            organisation=told["organisation"],
        )  # fmt: skip


class AdmitForm(verdict_forms.AdmitForm):
    """A theme is admitted; a usual last day is proposed where the statute sets none."""

    def __init__(self, *args: Any, languages: Sequence[str], proposed: date, **kwargs: Any) -> None:
        super().__init__(*args, initial={"last_day": proposed}, **kwargs)
        self.fields["reasons"] = TextsField(
            languages, rows=3, required=False, label=verdict_forms.WHAT_TO_SAY
        )


class RefuseForm(verdict_forms.RefuseForm):
    """A theme is refused by a rule, with reasons in the languages of the institution."""

    def __init__(self, *args: Any, languages: Sequence[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reasons"] = TextsField(
            languages, rows=5, label=verdict_forms.REASONS, help_text=verdict_forms.PUBLISHED
        )
        self.order_fields(["rule", "reasons", "withhold_text"])


class PaperForm(forms.Form):
    """A paper list, typed."""

    people = TextBox(
        label=_("Who signed on paper"),
        rows=12,
        max_length=200_000,
        help_text=_(
            "One person a line: name; date of birth; postcode. For example: Anna Claes; 17/05/1960; 4700. "
            "You can paste three columns of a table."
        ),
    )


class WithdrawForm(forms.Form):
    """Whose signature is taken out."""

    name = forms.CharField(label=_("Given name and family name"), max_length=150)
    born = DayField(label=_("Date of birth"))


class ChooseForm(forms.Form):
    """What the body decided, with its reasons."""

    def __init__(self, *args: Any, languages: Sequence[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reasons"] = TextsField(
            languages, rows=5, label=_("Why this theme?"), help_text=_("The reasons are published.")
        )


class AgendaBallotForm(forms.Form):
    """Which themes are put to the members, and until when they vote."""

    def __init__(self, *args: Any, themes: QuerySet[Theme], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["themes"] = RowsChoice(
            words=_theme_label, label=_("Themes on the ballot"), queryset=themes, to_field_name="number"
        )
        self.fields["closes_at"] = MomentField(label=_("The box closes"))


def _theme_label(theme: Theme) -> str:
    return f"{theme.number}. {theme.title}"
