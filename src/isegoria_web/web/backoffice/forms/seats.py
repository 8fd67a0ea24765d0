"""Seats and terms."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from isegoria_web.accounts.models import User
from isegoria_web.membership.enums import DecisionKind, EndReason
from isegoria_web.recruitment.enums import Outcome, Way
from isegoria_web.recruitment.models import Respondent
from isegoria_web.web.backoffice.forms.fields import DayField, MomentField, TextsField
from isegoria_web.web.quota_words import WayInWords


class DeclineForm(forms.Form):
    """Somebody does not take the seat that was offered."""

    reason = forms.ChoiceField(
        label=_("Reason"),
        choices=[(EndReason.DECLINED.value, EndReason.DECLINED.label)],
        initial=EndReason.DECLINED.value,
        widget=forms.RadioSelect,
    )
    on = DayField(label=_("From which day is the seat free?"))


class RuleForm(forms.Form):
    """By which rule somebody cannot be a member."""

    rule = forms.ChoiceField(label=_("By which rule?"), widget=forms.RadioSelect)

    def __init__(self, *args: Any, rules: Sequence[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        rule = self.fields["rule"]
        assert isinstance(rule, forms.ChoiceField)  # noqa: S101  # narrows the type
        if rules:
            rule.choices = rules
            rule.initial = rules[0][0] if len(rules) == 1 else None
        else:
            del self.fields["rule"]


class DecisionForm(RuleForm):
    """What is decided about a seat that is held."""

    starts_on = DayField(label=_("From which day is the seat free?"))
    ends_on = DayField(
        label=_("From which day can the member act again?"),
        required=False,
        help_text=_("Leave it empty if that is not known. You can end the suspension on any day."),
    )
    reason = forms.CharField(
        label=_("Why"),
        max_length=4000,
        help_text=_("Only the secretariat reads it. It is erased with the data of the member."),
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    hearing = forms.CharField(
        label=_("When was the member heard, and what did she say?"),
        max_length=4000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
    )

    def __init__(self, *args: Any, kind: DecisionKind, hearing_asked: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if kind == DecisionKind.SUSPENSION:
            self.fields["starts_on"].label = _("From which day is the member suspended?")
        else:
            del self.fields["ends_on"]
        if kind == DecisionKind.EXCLUSION:
            self.fields["hearing"].required = hearing_asked
        else:
            del self.fields["hearing"]
        if kind == DecisionKind.DEATH:
            del self.fields["reason"]  # nothing of it is kept
        elif kind == DecisionKind.RESIGNATION:
            self.fields["reason"].required = False


class ContactForm(forms.Form):
    """One try to reach somebody, and what came of it."""

    way = forms.ChoiceField(
        label=_("How"), choices=Way.choices, initial=Way.PHONE.value, widget=forms.RadioSelect
    )
    outcome = forms.ChoiceField(label=_("What came of it"), widget=forms.RadioSelect)
    call_back_at = MomentField(
        label=_("When to call again"), required=False, help_text=_("Only if the person asked for it.")
    )
    note = forms.CharField(
        label=_("Note"),
        required=False,
        max_length=1000,
        help_text=_("Only what the next call needs. It is erased with the person's data."),
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    outcomes = [each for each in Outcome if each not in {Outcome.SAID_YES, Outcome.SAID_NO}]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        outcome = self.fields["outcome"]
        assert isinstance(outcome, forms.ChoiceField)  # noqa: S101  # narrows the type
        outcome.choices = [(each.value, each.label) for each in self.outcomes]


class CallForm(ContactForm):
    """A call to somebody who was drawn: it can end in a yes or a no."""

    outcomes = list(Outcome)


class ShareForm(forms.Form):
    """Who makes the calls."""

    def __init__(self, *args: Any, callers: QuerySet[User], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["callers"] = CallerChoice(
            label=_("Who calls?"), queryset=callers, widget=forms.CheckboxSelectMultiple
        )


class CallerChoice(forms.ModelMultipleChoiceField[User]):
    """People by their names."""

    def label_from_instance(self, obj: Any) -> str:
        """Return the name."""
        return str(obj.name)


class PersonChoice(forms.ModelChoiceField[Respondent]):
    """A person who said yes, by her name and her letter."""

    def label_from_instance(self, obj: Any) -> str:
        """Return name and letter."""
        return _("%(name)s, letter %(number)d") % {"name": obj.name, "number": obj.invitation.position}


class ExceptionForm(forms.Form):
    """A seat for somebody on whom no lot fell, with a reason that everybody reads."""

    def __init__(
        self, *args: Any, people: QuerySet[Respondent], languages: list[str], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["person"] = PersonChoice(
            label=_("Who?"), queryset=people, widget=forms.RadioSelect, empty_label=None
        )
        self.fields["reason"] = TextsField(
            languages,
            rows=3,
            label=_("Reason, in public"),
            help_text=_("Why the lot cannot help, without a name or anything that tells who it is."),
        )


class WayForm(forms.Form):
    """One of the smallest changes of the quotas that help, with a reason that everybody reads."""

    def __init__(self, *args: Any, ways: Sequence[WayInWords], languages: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [
            (str(number), "; ".join(f"{row.name}: {row.step}" for row in way.rows))
            for number, way in enumerate(ways)
        ]
        self.fields["way"] = forms.ChoiceField(
            label=_("Which change?"), choices=choices, widget=forms.RadioSelect,
            initial=choices[0][0] if choices else None,
        )  # fmt: skip
        self.fields["reason"] = TextsField(languages, rows=3, label=_("Reason, in public"))


class TimeForm(forms.Form):
    """A later day to answer by."""

    until = DayField(label=_("Can answer until"))
