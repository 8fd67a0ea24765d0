"""Drafts, amendments, ballots; the authority's answers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from django import forms
from django.utils.text import Truncator
from django.utils.translation import gettext_lazy as _

from isegoria_web import clock
from isegoria_web.ballots.enums import BallotKind
from isegoria_web.deliberation.models import Statement
from isegoria_web.followup.enums import ACCOUNTED, CommitmentStatus, Position
from isegoria_web.followup.models import Commitment
from isegoria_web.institutions.models import Cycle
from isegoria_web.recommendations.enums import AdviceKind
from isegoria_web.recommendations.models import Recommendation
from isegoria_web.translated import in_language
from isegoria_web.web.backoffice.forms.fields import (
    DayField,
    MomentField,
    RowsChoice,
    SumField,
    TextsField,
    lines_together,
)

COMMITMENTS = 3
PARTS = 4
ACCEPT, REJECT = "accept", "reject"


class DraftForm(forms.Form):
    """A recommendation as a draft, with the statements from which it comes."""

    def __init__(self, *args: Any, cycle: Cycle, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        languages = list(cycle.institution.languages)
        self.fields["title"] = TextsField(languages, label=_("Title"))
        self.fields["text"] = TextsField(
            languages,
            rows=8,
            label=_("What is recommended"),
            help_text=_("Markdown: **bold**, lists, links."),
        )
        self.fields["reasons"] = TextsField(languages, rows=5, label=_("Reasons"))
        self.fields["statements"] = RowsChoice(
            words=_statement_label,
            label=_("Statements from which it comes"),
            queryset=cycle.statements.order_by("number"),
            to_field_name="number",
            help_text=_("Everybody can follow the recommendation back to these."),
        )


class RevisionForm(forms.Form):
    """Another wording of a draft, with the number of the version with which the writing began."""

    def __init__(self, *args: Any, languages: Sequence[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["title"] = TextsField(languages, label=_("Title"))
        self.fields["text"] = TextsField(languages, rows=8, label=_("What is recommended"))
        self.fields["reasons"] = TextsField(languages, rows=5, label=_("Reasons"))
        self.fields["seen"] = forms.IntegerField(min_value=1, widget=forms.HiddenInput)


class MergeForm(forms.Form):
    """Drafts that say the same, and the wording that takes their place."""

    def __init__(self, *args: Any, cycle: Cycle, drafts: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        languages = list(cycle.institution.languages)
        self.fields["recommendations"] = RowsChoice(
            words=_draft_label, label=_("Drafts to put together"), queryset=drafts, to_field_name="number"
        )
        self.fields["title"] = TextsField(languages, label=_("Title"))
        self.fields["text"] = TextsField(languages, rows=8, label=_("What is recommended"))
        self.fields["reasons"] = TextsField(languages, rows=5, label=_("Reasons"))


def _draft_label(draft: Recommendation) -> str:
    return f"{draft.number}. {in_language(draft.versions.latest('number').title)}"


class PartForm(forms.Form):
    """One part of a split recommendation; without a title it is left out."""

    def __init__(self, *args: Any, languages: Sequence[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["title"] = TextsField(languages, label=_("Title"), required=False)
        self.fields["text"] = TextsField(languages, rows=6, label=_("What is recommended"), required=False)
        self.fields["reasons"] = TextsField(languages, rows=4, label=_("Reasons"), required=False)

    def clean(self) -> dict[str, Any]:
        """Ask for text and reasons where there is a title."""
        cleaned = super().clean() or {}
        for name in ("text", "reasons"):
            if cleaned.get("title") and not cleaned.get(name) and name not in self.errors:
                self.add_error(name, _("Give the text in at least one language."))
        return cleaned


class SplitForm(forms.Form):
    """A recommendation in several parts."""

    def __init__(self, *args: Any, languages: Sequence[str], initial: Any = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        formset = forms.formset_factory(PartForm, extra=0, min_num=PARTS, max_num=PARTS, absolute_max=PARTS)
        self.parts_set = formset(
            self.data if self.is_bound else None,
            prefix="parts",
            initial=None if self.is_bound else [initial, initial],
            form_kwargs={"languages": languages},
        )

    def is_valid(self) -> bool:
        """Every part must hold."""
        return super().is_valid() and self.parts_set.is_valid()

    def parts(self) -> list[dict[str, Any]]:
        """Return the parts with a title."""
        return [dict(each.cleaned_data) for each in self.parts_set.forms if each.cleaned_data.get("title")]


class AdviceForm(forms.Form):
    """A note beside the text."""

    def __init__(self, *args: Any, languages: Sequence[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kind"] = forms.ChoiceField(
            label=_("What it is about"), choices=AdviceKind.choices, widget=forms.RadioSelect
        )
        self.fields["text"] = TextsField(languages, rows=6, label=_("The note"))
        self.fields["given_by"] = forms.CharField(
            label=_("Who says so"), max_length=200, help_text=_("An office, not a person.")
        )


def _statement_label(statement: Statement) -> str:
    return f"{statement.number}. {Truncator(statement.text).chars(160)}"


class AmendmentForm(forms.Form):
    """What the members decided about an amendment, by a show of hands."""

    decision = forms.ChoiceField(
        label=_("What was decided?"),
        choices=[(ACCEPT, _("The amendment is accepted")), (REJECT, _("The amendment is rejected"))],
        widget=forms.RadioSelect,
    )
    hands_for = SumField(label=_("Hands for it"), max_value=10_000)
    hands_against = SumField(label=_("Hands against it"), max_value=10_000)

    def clean(self) -> dict[str, Any]:
        """Refuse an acceptance that the hands do not carry."""
        cleaned = super().clean() or {}
        hands_for, hands_against = cleaned.get("hands_for"), cleaned.get("hands_against")
        carried = hands_for is None or hands_against is None or hands_for > hands_against
        if not carried and cleaned.get("decision") == ACCEPT:
            self.add_error("decision", _("More hands were not for it. Check the decision and the numbers."))
        return cleaned


class OpenBallotForm(forms.Form):
    """Until when the members vote."""

    closes_at = MomentField(label=_("The ballot closes"))

    def clean_closes_at(self) -> Any:
        """Refuse an end that is past."""
        closes_at = self.cleaned_data["closes_at"]
        if closes_at <= clock.now():
            raise forms.ValidationError(_("This moment is past. Give one that lies ahead."))
        return closes_at


class ChoiceForm(OpenBallotForm):
    """A secret ballot that chooses between options: recommendations of the cycle, or lines that are typed."""

    field_order = ["question", "recommendations", "lines", "kind", "places", "closes_at"]

    def __init__(self, *args: Any, cycle: Cycle, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        languages = list(cycle.institution.languages)
        self.fields["question"] = TextsField(languages, label=_("What is asked?"))
        self.fields["recommendations"] = RowsChoice(
            words=_recommendation_label,
            label=_("Recommendations as options"),
            queryset=cycle.recommendations.order_by("number"),
            to_field_name="number",
            required=False,
        )
        self.fields["lines"] = TextsField(
            languages, rows=5, label=_("Other options"), required=False,
            help_text=_("One option a line, in the same order in every language."),
        )  # fmt: skip
        self.fields["kind"] = forms.ChoiceField(
            label=_("How it is counted"), widget=forms.RadioSelect,
            choices=[(kind.value, kind.label) for kind in BallotKind if kind != BallotKind.YES_NO],
        )  # fmt: skip
        self.fields["places"] = SumField(
            label=_("How many options are chosen"), min_value=1, max_value=1000
        )
        self.order_fields(self.field_order)

    def clean_lines(self) -> list[dict[str, str]]:
        """Take the lines of the languages together; refuse languages with different numbers of lines."""
        return lines_together(self.cleaned_data["lines"])

    @property
    def options(self) -> list[dict[str, str]]:
        """The texts of the options: the titles of the chosen recommendations, then the lines."""
        titles = [each.versions.latest("number").title for each in self.cleaned_data["recommendations"]]
        return [*titles, *self.cleaned_data["lines"]]


def _recommendation_label(recommendation: Recommendation) -> str:
    return f"{recommendation.number}. {in_language(recommendation.versions.latest('number').title)}"


class CommitmentForm(forms.Form):
    """One measure that the authority promises; without a text it is left out."""

    def __init__(self, *args: Any, languages: Sequence[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["text"] = TextsField(languages, rows=2, label=_("Measure"), required=False)
        self.fields["due_on"] = DayField(label=_("To be done by"), required=False)

    def clean(self) -> dict[str, Any]:
        """A measure has a text and a day, or neither."""
        cleaned = super().clean() or {}
        if cleaned.get("text") and not cleaned.get("due_on") and "due_on" not in self.errors:
            self.add_error("due_on", _("Give a day: a promise without a day is none."))
        if cleaned.get("due_on") and not cleaned.get("text") and "text" not in self.errors:
            self.add_error("text", _("Say what is promised, or empty the day."))
        return cleaned


class AnswerForm(forms.Form):
    """The authority's answer to one recommendation."""

    def __init__(self, *args: Any, languages: Sequence[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["position"] = forms.ChoiceField(
            label=_("The answer"), choices=Position.choices, widget=forms.RadioSelect
        )
        self.fields["reasons"] = TextsField(
            languages, rows=6, label=_("Reasons"), required=False, help_text=_("A rejection needs reasons.")
        )
        self.fields["responsible"] = forms.CharField(
            label=_("Who is responsible"), max_length=200, help_text=_("An office, not a person.")
        )
        formset = forms.formset_factory(
            CommitmentForm, extra=0, min_num=COMMITMENTS, max_num=COMMITMENTS, absolute_max=COMMITMENTS
        )
        self.commitments_set = formset(
            self.data if self.is_bound else None, prefix="commitments", form_kwargs={"languages": languages}
        )

    def is_valid(self) -> bool:
        """Both the answer and every measure must hold."""
        return super().is_valid() and self.commitments_set.is_valid()

    def clean(self) -> dict[str, Any]:
        """Refuse a rejection without reasons."""
        cleaned = super().clean() or {}
        if cleaned.get("position") == Position.REJECTED and not cleaned.get("reasons"):
            self.add_error("reasons", _("A rejection needs reasons: the citizens read them."))
        return cleaned

    def commitments(self) -> list[dict[str, Any]]:
        """Return the measures with a text."""
        filled = (each.cleaned_data for each in self.commitments_set.forms)
        return [{"text": each["text"], "due_on": each["due_on"]} for each in filled if each.get("text")]


class AccountForm(forms.Form):
    """Where a promise stands when the final answer is given."""

    def __init__(
        self, *args: Any, commitment: Commitment, languages: Sequence[str], today: date, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.commitment, self.today = commitment, today
        self.fields["status"] = forms.ChoiceField(
            label=_("How it stands"),
            choices=[(each.value, each.label) for each in ACCOUNTED],
            widget=forms.RadioSelect,
        )
        self.fields["text"] = TextsField(
            languages, rows=3, label=_("What was done, or why it is given up or takes longer")
        )
        self.fields["due_on"] = DayField(
            label=_("To be done by"), required=False, help_text=_("Only where it is under way.")
        )

    def clean(self) -> dict[str, Any]:
        """What is under way has a day that is still to come."""
        cleaned = super().clean() or {}
        if cleaned.get("status") == CommitmentStatus.UNDER_WAY and "due_on" not in self.errors:
            day = cleaned.get("due_on")
            if day is None or day <= self.today:
                self.add_error(
                    "due_on", _("Give a day that is still to come: a promise without a day is none.")
                )
        return cleaned


class FinalAnswerForm(AnswerForm):
    """What the authority did with one recommendation, and where each promise that is open stands."""

    def __init__(
        self,
        *args: Any,
        languages: Sequence[str],
        promises: Iterable[Commitment],
        today: date,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, languages=languages, **kwargs)
        self.account_forms = [
            AccountForm(
                self.data if self.is_bound else None,
                prefix=f"account-{each.pk}",
                commitment=each,
                languages=languages,
                today=today,
                initial={"due_on": each.due_on if each.due_on > today else None},
            )
            for each in promises
        ]

    def is_valid(self) -> bool:
        """The answer, every measure and every account must hold."""
        each_holds = [each.is_valid() for each in self.account_forms]
        return super().is_valid() and all(each_holds)

    def accounts(self) -> list[dict[str, Any]]:
        """Return where each promise stands."""
        return [
            {
                "commitment": each.commitment,
                "status": CommitmentStatus(each.cleaned_data["status"]),
                "text": each.cleaned_data["text"],
                "due_on": each.cleaned_data["due_on"],
            }
            for each in self.account_forms
        ]


class ProgressForm(forms.Form):
    """How far a promised measure is."""

    def __init__(self, *args: Any, languages: Sequence[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["status"] = forms.ChoiceField(
            label=_("How it stands"), choices=CommitmentStatus.choices, widget=forms.RadioSelect
        )
        self.fields["text"] = TextsField(languages, rows=4, label=_("What has been done"))
