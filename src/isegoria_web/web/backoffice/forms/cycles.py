"""Cycles, mandates and roles."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from isegoria_web.accounts.enums import Role
from isegoria_web.institutions.enums import Stage
from isegoria_web.institutions.life import CYCLE
from isegoria_web.institutions.models import Body, Cycle, Institution
from isegoria_web.institutions.services import proposed_days
from isegoria_web.translated import in_language
from isegoria_web.web.backoffice.forms.fields import DayField, RowChoice, SumField, TextsField

PLANNED = (
    Stage.INVITING,
    Stage.DRAWING,
    Stage.SEATED,
    Stage.LEARNING,
    Stage.DELIBERATING,
    Stage.DECIDING,
    Stage.ANSWERING,
)
"""The stages for which a day can be planned when a cycle is opened."""
STAGES_BY_HAND = (Stage.LEARNING, Stage.DELIBERATING, Stage.DECIDING, Stage.FOLLOW_UP, Stage.CLOSED)
"""What no other act reaches by itself."""
QUORUMS = [
    ("", _("None is set")),
    ("1/2", _("Half of the members")),
    ("2/3", _("Two thirds of the members")),
    ("3/4", _("Three quarters of the members")),
    ("4/5", _("Four fifths of the members")),
]
PLAN_PREFIX = "planned_"


class CycleForm(forms.Form):
    """A mandate as a draft: the question, its limits, the panel, the promise to answer."""

    def __init__(self, *args: Any, institution: Institution, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        codes = list(institution.languages)
        self.bodies = list(institution.bodies.all())
        self.fields["title"] = TextsField(codes, label=_("Title"), help_text=_("Three to six words."))
        self.fields["question"] = TextsField(
            codes, rows=3, label=_("The question to the citizens"), help_text=_("Open, fair, one sentence.")
        )
        self.fields["scope"] = TextsField(
            codes,
            rows=4,
            label=_("What may be decided, and what not"),
            help_text=_("Everything within these limits is answered by the authority."),
        )
        self.fields["body"] = RowChoice(
            words=_body_label,
            label=_("Body"),
            queryset=institution.bodies.all(),
            to_field_name="key",
            initial=self._usual_body(),
            empty_label=None,
        )
        self.fields["panel_size"] = SumField(label=_("Seats on the panel"), min_value=1)
        self.fields["alternates"] = SumField(
            label=_("Alternates"),
            initial=0,
            help_text=_("Drawn with the panel; they move up when a seat falls free."),
        )
        self.fields["quorum_share"] = forms.ChoiceField(
            label=_("Quorum of the ballots"), choices=QUORUMS, required=False
        )
        self.fields["promised_answer_days"] = SumField(
            label=_("The authority promises to answer within (days)"),
            min_value=1,
            max_value=1000,
            required=False,
            help_text=_("Counts from the day of the report. Empty where the rule book sets it."),
        )
        days = proposed_days(institution, self._usual_body())
        for stage in PLANNED:
            self.fields[PLAN_PREFIX + stage.value] = DayField(
                label=stage.label, required=False, initial=days.get(stage)
            )

    def _usual_body(self) -> str:
        keys = [body.key for body in self.bodies]
        return "assembly" if "assembly" in keys else (keys[0] if keys else "")

    def planned_fields(self) -> list[forms.BoundField]:
        """Return the days of the calendar."""
        return [self[name] for name in self.fields if name.startswith(PLAN_PREFIX)]

    def main_fields(self) -> list[forms.BoundField]:
        """Return everything but the calendar."""
        return [self[name] for name in self.fields if not name.startswith(PLAN_PREFIX)]

    def planned(self) -> dict[Stage, Any]:
        """Return the planned days by stage."""
        return {
            stage: day for stage in PLANNED if (day := self.cleaned_data.get(PLAN_PREFIX + stage.value))
        }

    def clean(self) -> dict[str, Any]:
        """Refuse a size that the rule book does not know, and days that run backwards."""
        cleaned = super().clean() or {}
        self._check_size(cleaned)
        self._check_order(cleaned)
        return cleaned

    def _check_size(self, cleaned: dict[str, Any]) -> None:
        body, size = cleaned.get("body"), cleaned.get("panel_size")
        if isinstance(body, Body) and size is not None and not body.size_min <= size <= body.size_max:
            sentence = _("The rule book allows %(least)d to %(most)d seats for this body.")
            self.add_error("panel_size", sentence % {"least": body.size_min, "most": body.size_max})

    def _check_order(self, cleaned: dict[str, Any]) -> None:
        latest = None
        for stage in PLANNED:
            day = cleaned.get(PLAN_PREFIX + stage.value)
            if day is None:
                continue
            if latest is not None and day < latest:
                self.add_error(
                    PLAN_PREFIX + stage.value, _("This day lies before the stage that comes first.")
                )
            latest = max(latest or day, day)


def _body_label(body: Body) -> str:
    sizes = {"name": in_language(body.name), "least": body.size_min, "most": body.size_max}
    if body.size_min == body.size_max:
        return _("%(name)s (%(least)d seats)") % sizes
    return _("%(name)s (%(least)d to %(most)d seats)") % sizes


class StageForm(forms.Form):
    """The stage to which a cycle moves on."""

    to = forms.ChoiceField(widget=forms.RadioSelect)

    def __init__(self, *args: Any, cycle: Cycle, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["to"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101  # narrows the type
        field.label = _("Which stage begins?")
        steps = CYCLE.leaving(Stage(cycle.stage))
        by_hand = [each.target for each in steps if each.target in STAGES_BY_HAND and not each.reasons]
        field.choices = [(each.value, each.label) for each in by_hand]


class GrantForm(forms.Form):
    """A role for a person; an account is made where there is none."""

    email = forms.EmailField(
        label=_("E-mail address"), widget=forms.EmailInput(attrs={"autocomplete": "off"})
    )
    role = forms.ChoiceField(label=_("Role"), choices=Role.choices, widget=forms.RadioSelect)
    name = forms.CharField(
        label=_("Name"),
        max_length=150,
        required=False,
        help_text=_("Needed only where the person has no account yet."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    language = forms.ChoiceField(label=_("Language"), choices=settings.LANGUAGES, required=False)
