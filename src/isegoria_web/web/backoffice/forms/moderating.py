"""Reviews of contributions, appeals, translations, conversations held elsewhere."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from isegoria_web.moderation.enums import Ground
from isegoria_web.web.backoffice.forms.fields import TextBox, TextsField, language_field

PUBLISH, REMOVE = "publish", "remove"
UPHOLD, REJECT = "uphold", "reject"
LONGEST = 5_000


class ReviewForm(forms.Form):
    """Whether others may see a contribution."""

    decision = forms.ChoiceField(
        label=_("What do you decide?"),
        choices=[(PUBLISH, _("Others may see it")), (REMOVE, _("It is taken out"))],
        widget=forms.RadioSelect,
    )
    ground = forms.ChoiceField(
        label=_("Ground"),
        choices=[("", _("None: others may see it")), *Ground.choices],
        required=False,
        help_text=_("It is public. That somebody dislikes an opinion is no ground."),
    )
    reason = TextBox(
        label=_("Reason, for the author"),
        rows=4,
        max_length=LONGEST,
        required=False,
        help_text=_(
            "Only the author reads it. Say which words are the matter, and what could be written instead."
        ),
    )

    def clean(self) -> dict[str, Any]:
        """Ask for ground and reason where something is taken out."""
        cleaned = super().clean() or {}
        if cleaned.get("decision") == REMOVE:
            for name in ("ground", "reason"):
                if not cleaned.get(name):
                    self.add_error(name, _("Nothing is taken out without a ground and a reason."))
        return cleaned


class AppealForm(forms.Form):
    """What somebody else than the first moderator decides."""

    decision = forms.ChoiceField(
        label=_("What do you decide?"),
        choices=[
            (UPHOLD, _("The author is right: others may see it again")),
            (REJECT, _("It stays out")),
        ],
        widget=forms.RadioSelect,
    )
    answer = TextBox(label=_("Answer to the author"), rows=4, max_length=LONGEST)


class TranslationForm(forms.Form):
    """A statement in another language, as a person understands it."""

    def __init__(self, *args: Any, languages: Sequence[str], original: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        others = [code for code in languages if code != original]
        self.fields["language"] = language_field(others, next(iter(others), None))
        self.fields["text"] = TextBox(
            label=_("Translation"),
            rows=3,
            max_length=400,
            help_text=_("The original stays one click away."),
        )


class ConversationForm(forms.Form):
    """The files of a public conversation."""

    def __init__(self, *args: Any, languages: Sequence[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["title"] = TextsField(languages, label=_("What was asked, and where"))
        self.fields["source"] = forms.CharField(
            label=_("Source and licence"),
            max_length=300,
            help_text=_("Who published it, and under which licence."),
        )
        self.fields["votes"] = forms.FileField(
            label=_("Votes"),
            help_text=_("participants-votes.csv or votes.csv, as Polis and this site export them."),
        )
        self.fields["statements"] = forms.FileField(label=_("Statements"), help_text="comments.csv")
