"""Dossiers, evidence, speakers, replies; table notes and statements."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from isegoria_web.accounts.models import User
from isegoria_web.evidence.enums import ChosenBy, SourceKind, Stance
from isegoria_web.evidence.models import Dossier, Question, Speaker
from isegoria_web.institutions.models import Cycle
from isegoria_web.meetings.models import Meeting
from isegoria_web.translated import in_language
from isegoria_web.web.backoffice.forms.fields import (
    RowChoice,
    RowsChoice,
    TextBox,
    TextsField,
    language_field,
)

PIECES = 8
LONGEST_SENTENCE = 400


class PieceForm(forms.Form):
    """One piece of evidence; without a title it is left out."""

    def __init__(self, *args: Any, languages: Sequence[str], speakers: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["title"] = TextsField(languages, label=_("Title"), required=False)
        self.fields["text"] = TextsField(
            languages,
            rows=6,
            label=_("Text"),
            required=False,
            help_text=_("Markdown: **bold**, lists, links."),
        )
        self.fields["kind"] = forms.ChoiceField(label=_("Kind"), choices=SourceKind.choices)
        self.fields["source"] = forms.CharField(
            label=_("Source"),
            max_length=300,
            required=False,
            help_text=_("Who, where, when, so that it can be found."),
        )
        self.fields["speaker"] = RowChoice(
            words=_name_of,
            label=_("Given by"),
            queryset=speakers,
            to_field_name="public_id",
            required=False,
            empty_label=_("The secretariat"),
        )

    def clean(self) -> dict[str, Any]:
        """Ask for text and source where there is a title, and for a title where there is text."""
        cleaned = super().clean() or {}
        if cleaned.get("title"):
            for name, sentence in (
                ("text", _("Give the text in at least one language.")),
                ("source", _("Say where it comes from.")),
            ):
                if not cleaned.get(name) and name not in self.errors:
                    self.add_error(name, sentence)
        elif (cleaned.get("text") or cleaned.get("source")) and "title" not in self.errors:
            self.add_error("title", _("Give this piece a title, or empty it."))
        return cleaned


class DossierForm(forms.Form):
    """What the members are given to read."""

    def __init__(self, *args: Any, cycle: Cycle, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        languages = list(cycle.institution.languages)
        self.fields["title"] = TextsField(languages, label=_("Title of the dossier"))
        self.fields["introduction"] = TextsField(languages, rows=4, label=_("Introduction"))
        formset = forms.formset_factory(
            PieceForm, extra=0, min_num=PIECES, max_num=PIECES, absolute_max=PIECES
        )
        self.pieces = formset(
            self.data if self.is_bound else None,
            prefix="evidence",
            form_kwargs={"languages": languages, "speakers": cycle.speakers.order_by("name")},
        )

    def is_valid(self) -> bool:
        """Both the frame and every piece must hold, and there must be one."""
        if not (super().is_valid() and self.pieces.is_valid()):
            return False
        if not self.evidence():
            self.add_error(None, _("Give at least one piece of evidence."))
        return not self.errors

    def evidence(self) -> list[dict[str, Any]]:
        """Return the pieces with a title, in their order."""
        return [dict(each.cleaned_data) for each in self.pieces.forms if each.cleaned_data.get("title")]


class RevisionForm(DossierForm):
    """A new version of a dossier, with what is new in it."""

    def __init__(self, *args: Any, dossier: Dossier, **kwargs: Any) -> None:
        initial = {"title": dossier.title, "introduction": dossier.introduction}
        super().__init__(*args, cycle=dossier.cycle, initial=initial, **kwargs)
        self.fields["changes"] = TextsField(
            list(dossier.cycle.institution.languages),
            rows=2,
            label=_("What is new"),
            help_text=_("For those who have read the earlier version, which stays readable."),
        )
        if not self.is_bound:
            pieces = dossier.evidence.select_related("speaker").order_by("position")
            for form, piece in zip(self.pieces.forms, pieces, strict=False):
                form.initial = {
                    "title": piece.title, "text": piece.text, "kind": piece.kind, "source": piece.source,
                    "speaker": piece.speaker,
                }  # fmt: skip


class AppearanceForm(forms.Form):
    """In which meeting a speaker speaks, and on which side she says she stands."""

    def __init__(self, *args: Any, meetings: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["meeting"] = RowChoice(
            words=_meeting_label, label=_("Meeting"), queryset=meetings, to_field_name="number"
        )
        self.fields["stance"] = forms.ChoiceField(
            label=_("Where she says she stands"), choices=Stance.choices, widget=forms.RadioSelect
        )


def _meeting_label(meeting: Meeting) -> str:
    return f"{meeting.number}. {in_language(meeting.title)}"


class InterestsForm(forms.Form):
    """Interests, declared anew."""

    def __init__(self, *args: Any, languages: Sequence[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["interests"] = TextsField(languages, rows=3, label=_("Declared interests"))


class MergeForm(forms.Form):
    """Which questions ask the same."""

    def __init__(self, *args: Any, others: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["others"] = RowsChoice(
            words=_question_label,
            label=_("Questions that ask the same"),
            queryset=others,
            to_field_name="public_id",
            help_text=_("Every author stays, with her words. The earliest day counts."),
        )


def _question_label(question: Question) -> str:
    return question.text


class RequestAnswerForm(forms.Form):
    """Who was invited, or why nobody was."""

    def __init__(self, *args: Any, languages: Sequence[str], speakers: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["speaker"] = RowChoice(
            words=_name_of,
            label=_("Who was invited"),
            queryset=speakers,
            to_field_name="public_id",
            required=False,
            empty_label=_("Nobody"),
        )
        self.fields["answer"] = TextsField(
            languages, rows=3, label=_("Answer to the members"), required=False,
            help_text=_("Needed where nobody was invited."),
        )  # fmt: skip

    def clean(self) -> dict[str, Any]:
        """Ask for a speaker or a reason."""
        cleaned = super().clean() or {}
        if not cleaned.get("speaker") and not cleaned.get("answer") and "answer" not in self.errors:
            self.add_error("answer", _("Say why nobody was invited."))
        return cleaned


class SpeakerForm(forms.Form):
    """Who speaks to the members, chosen by whom, with interests in words."""

    def __init__(self, *args: Any, languages: Sequence[str], experts: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"] = forms.CharField(label=_("Name"), max_length=150)
        self.fields["role"] = TextsField(
            languages, label=_("Who she is"), help_text=_("Profession and house.")
        )
        self.fields["chosen_by"] = forms.ChoiceField(
            label=_("Chosen by"), choices=ChosenBy.choices, widget=forms.RadioSelect
        )
        self.fields["interests"] = TextsField(
            languages,
            rows=3,
            label=_("Declared interests"),
            help_text=_(
                "Income, offices, memberships that touch the question. “None” is a declaration too."
            ),
        )
        self.fields["user"] = RowChoice(
            words=_name_of,
            label=_("Account"),
            queryset=experts,
            to_field_name="public_id",
            required=False,
            empty_label=_("None: the secretariat passes the questions on"),
            help_text=_("With an account she answers the members' questions herself."),
        )


def _name_of(person: Speaker | User) -> str:
    return person.name


class ReplyForm(forms.Form):
    """The answer to a member's question."""

    def __init__(self, *args: Any, languages: Sequence[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["text"] = TextBox(label=_("The answer"), rows=8, max_length=10_000)
        self.fields["language"] = language_field(languages, get_language())


class NoteForm(forms.Form):
    """What a table talked about."""

    def __init__(self, *args: Any, languages: Sequence[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["text"] = TextBox(
            label=_("Note"), rows=6, max_length=10_000, help_text=_("Thoughts, not speakers: no names.")
        )
        self.fields["language"] = language_field(languages, get_language())


class EditNoteForm(NoteForm):
    """A changed note, with the text as it was when the change began."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        del self.fields["language"]
        self.fields["seen"] = forms.CharField(widget=forms.HiddenInput, required=False, strip=False)


class StatementForm(forms.Form):
    """One thought of a note, in one sentence."""

    def __init__(self, *args: Any, languages: Sequence[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["text"] = TextBox(
            label=_("Statement"),
            rows=2,
            max_length=LONGEST_SENTENCE,
            help_text=_("One thought in one sentence, so that the members can agree or disagree."),
        )
        self.fields["language"] = language_field(languages, get_language())
