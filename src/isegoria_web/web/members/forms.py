"""What a member writes."""

from __future__ import annotations

from typing import Any, cast

from django import forms
from django.conf import settings
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from isegoria_web.ballots.enums import Choice
from isegoria_web.ballots.models import Ballot
from isegoria_web.deliberation.enums import Stance
from isegoria_web.evidence.models import Speaker
from isegoria_web.followup.enums import Satisfaction
from isegoria_web.institutions.models import Cycle
from isegoria_web.membership.models import Member
from isegoria_web.translated import in_language

LONGEST_SENTENCE = 400
LONGEST_TEXT = 5_000


class SpeakerField(forms.ModelChoiceField):  # type: ignore[type-arg]  # generic in the stubs alone
    """A speaker, by her name."""

    def label_from_instance(self, obj: Speaker) -> str:
        """Name her."""
        return obj.name


class MembersField(forms.ModelMultipleChoiceField):  # type: ignore[type-arg]  # generic in the stubs alone
    """Members, by their public numbers."""

    def label_from_instance(self, obj: Member) -> str:
        """Number her."""
        return _("Member %(number)d") % {"number": obj.number}


class WrittenForm(forms.Form):
    """Something written in a language; the member's own is chosen beforehand."""

    language = forms.ChoiceField(label=_("Language in which you write"), choices=settings.LANGUAGES)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["language"].initial = get_language()


class QuestionForm(WrittenForm):
    text = forms.CharField(
        label=_("Your question"),
        max_length=LONGEST_SENTENCE,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("One question at a time. The public sees the question, not who asked it."),
    )
    speaker = SpeakerField(
        label=_("To whom?"),
        queryset=Speaker.objects.none(),
        required=False,
        empty_label=_("The secretariat finds out who can answer"),
    )
    field_order = ["text", "speaker", "language"]

    def __init__(self, *args: Any, cycle: Cycle, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        cast("SpeakerField", self.fields["speaker"]).queryset = cycle.speakers.order_by("name")


class SpeakerRequestForm(WrittenForm):
    text = forms.CharField(
        label=_("Whom do you want to hear, and about what?"),
        max_length=LONGEST_SENTENCE,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("The public sees the wish and the answer, not who asked."),
    )
    field_order = ["text", "language"]


class StatementForm(WrittenForm):
    text = forms.CharField(
        label=_("Your statement"),
        max_length=LONGEST_SENTENCE,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("One thought in one sentence, so that the others can agree or disagree."),
    )
    field_order = ["text", "language"]


class AppealForm(forms.Form):
    text = forms.CharField(
        label=_("Why is the decision wrong?"),
        max_length=LONGEST_TEXT,
        widget=forms.Textarea(attrs={"rows": 5}),
    )


class ReactionForm(forms.Form):
    stance = forms.ChoiceField(choices=Stance.choices)


class AmendmentForm(WrittenForm):
    text = forms.CharField(
        label=_("The whole text as you want it"),
        max_length=LONGEST_TEXT,
        widget=forms.Textarea(attrs={"rows": 8}),
        help_text=_("Change the text below. The difference is shown to everybody."),
    )
    reasons = forms.CharField(
        label=_("Why?"), max_length=LONGEST_TEXT, widget=forms.Textarea(attrs={"rows": 3})
    )
    field_order = ["text", "reasons", "language"]


class BallotForm(forms.Form):
    choice = forms.ChoiceField(label=_("Your vote"), choices=Choice.choices, widget=forms.RadioSelect)


class OpenVoteForm(forms.Form):
    """How somebody who is appointed votes by name, and why if she wishes."""

    choice = forms.ChoiceField(label=_("Your vote"), choices=Choice.choices, widget=forms.RadioSelect)
    reasons = forms.CharField(
        label=_("Your reasons, in public"),
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4}),
    )


class MarksForm(forms.Form):
    """Marks on a paper that chooses between options: as many as she likes."""

    marks = forms.MultipleChoiceField(
        label=_("Your choice"), widget=forms.CheckboxSelectMultiple, required=False,
        help_text=_("Tick as many as you like. Without a tick you abstain."),
    )  # fmt: skip

    def __init__(self, *args: Any, ballot: Ballot, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offered = [(option["key"], in_language(option["text"])) for option in ballot.options]
        cast("forms.MultipleChoiceField", self.fields["marks"]).choices = offered

    @property
    def marked(self) -> list[str]:
        """Keys of the ticked options."""
        return list(self.cleaned_data["marks"])


class OrderForm(forms.Form):
    """An order on a paper: a place for each option, or none."""

    def __init__(self, *args: Any, ballot: Ballot, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.keys = [str(option["key"]) for option in ballot.options]
        places = [
            ("", _("No place")),
            *((str(place), str(place)) for place in range(1, len(self.keys) + 1)),
        ]
        for option in ballot.options:
            self.fields[f"place_{option['key']}"] = forms.ChoiceField(
                label=in_language(option["text"]), choices=places, required=False
            )

    def clean(self) -> dict[str, Any]:
        """Refuse a place that was given twice, at the second of the two."""
        cleaned = super().clean() or {}
        given: set[str] = set()
        for key in self.keys:
            place = cleaned.get(f"place_{key}", "")
            if place and place in given:
                self.add_error(
                    f"place_{key}", _("You have given this place already. Each place goes to one option.")
                )
            given.add(place)
        return cleaned

    @property
    def marked(self) -> list[str]:
        """Keys of the options that got a place, the best first."""
        placed = {key: self.cleaned_data[f"place_{key}"] for key in self.keys}
        return sorted((key for key in self.keys if placed[key]), key=lambda key: int(placed[key]))


class MinorityOpinionForm(WrittenForm):
    text = forms.CharField(
        label=_("Your opinion"), max_length=LONGEST_TEXT, widget=forms.Textarea(attrs={"rows": 8})
    )
    signatories = MembersField(
        label=_("Who signs with you?"),
        queryset=Member.objects.none(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Ask them first. In public only the number of signatories is shown."),
    )
    field_order = ["text", "signatories", "language"]

    def __init__(self, *args: Any, member: Member, cycle: Cycle, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        others = Member.objects.sitting_in(cycle).exclude(pk=member.pk).order_by("number")
        cast("MembersField", self.fields["signatories"]).queryset = others


class VerdictForm(forms.Form):
    satisfaction = forms.ChoiceField(
        label=_("What do you think of the answer?"), choices=Satisfaction.choices, widget=forms.RadioSelect
    )


class LeaveSeatForm(forms.Form):
    reason = forms.CharField(
        label=_("Why, if you like"),
        required=False,
        max_length=2000,
        help_text=_("Only the secretariat reads it. It is erased with your data."),
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    confirm = forms.BooleanField(
        label=_("Yes, I give up my seat. I know that an alternate takes it at once."), required=True
    )


class PlaceCardForm(forms.Form):
    """What stands on a member's place card."""

    name = forms.CharField(label=_("How you wish to be called"), max_length=40)
    languages = forms.CharField(
        label=_("Languages you speak"),
        max_length=80,
        required=False,
        help_text=_("As they shall stand on the card, each by its own name: Deutsch, Français"),
    )
