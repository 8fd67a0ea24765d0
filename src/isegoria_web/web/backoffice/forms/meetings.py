"""Meetings, their programme, tables and attendance."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django import forms
from django.utils import timezone, translation
from django.utils.translation import gettext_lazy as _

from isegoria_web.accounts.models import User
from isegoria_web.meetings.enums import ItemKind, Presence, WishKind
from isegoria_web.membership.models import Appointee, Member
from isegoria_web.translated import in_language
from isegoria_web.web.backoffice.forms.fields import (
    DayField,
    HourInput,
    RowChoice,
    RowsChoice,
    SumField,
    TextBox,
    TextsField,
)

USUAL_DAY = (
    ("09:00", ItemKind.WELCOME),
    ("10:00", ItemKind.EVIDENCE),
    ("12:30", ItemKind.BREAK),
    ("13:30", ItemKind.TABLES),
    ("16:00", ItemKind.QUESTIONS),
)
"""A programme to start from; every point can be changed or emptied."""
SPARE_POINTS = 3


def _hour(**kwargs: Any) -> forms.TimeField:
    return forms.TimeField(widget=HourInput(), **kwargs)


class ItemForm(forms.Form):
    """One point of a programme; without an hour it is left out."""

    def __init__(self, *args: Any, languages: Sequence[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["at"] = _hour(label=_("Hour"), required=False)
        self.fields["kind"] = forms.ChoiceField(label=_("What it is"), choices=ItemKind.choices)
        self.fields["title"] = TextsField(languages, label=_("Title"), required=False)

    def clean(self) -> dict[str, Any]:
        """Ask for a title where there is an hour."""
        cleaned = super().clean() or {}
        if cleaned.get("at") and not cleaned.get("title") and "title" not in self.errors:
            self.add_error("title", _("Give the point a title in at least one language."))
        return cleaned


class MeetingForm(forms.Form):
    """A day, a place, a programme."""

    def __init__(self, *args: Any, languages: Sequence[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["title"] = TextsField(languages, label=_("Title"))
        self.fields["place"] = forms.CharField(label=_("Place, with address"), max_length=200)
        self.fields["day"] = DayField(label=_("Day"))
        self.fields["begins"] = _hour(label=_("Begins"), initial="09:00")
        self.fields["ends"] = _hour(label=_("Ends"), initial="17:00")
        count = len(USUAL_DAY) + SPARE_POINTS
        formset = forms.formset_factory(ItemForm, extra=0, min_num=count, max_num=count, absolute_max=count)
        self.items_set = formset(
            self.data if self.is_bound else None,
            prefix="items",
            initial=None if self.is_bound else _usual_items(languages),
            form_kwargs={"languages": languages},
        )

    def is_valid(self) -> bool:
        """Both the frame and every point must hold."""
        return super().is_valid() and self.items_set.is_valid() and self._keep_hours()

    def _keep_hours(self) -> bool:
        begins, ends = self.cleaned_data["begins"], self.cleaned_data["ends"]
        late = [each for each in self._points() if not begins <= each.cleaned_data["at"] <= ends]
        for each in late:
            each.add_error("at", _("This lies outside the hours of the meeting."))
        if not self._points():
            self.add_error(None, _("Give the programme at least one point with an hour."))
        return not late and not self.errors

    def clean(self) -> dict[str, Any]:
        """Refuse an end before the beginning."""
        cleaned = super().clean() or {}
        begins, ends = cleaned.get("begins"), cleaned.get("ends")
        if begins and ends and ends <= begins:
            self.add_error("ends", _("The meeting ends before it begins."))
        return cleaned

    def _points(self) -> list[ItemForm]:
        return [each for each in self.items_set.forms if each.cleaned_data.get("at")]

    def moment(self, hour: Any) -> datetime:
        """Return an hour of the day as a moment."""
        return timezone.make_aware(datetime.combine(self.cleaned_data["day"], hour))

    def items(self) -> list[dict[str, Any]]:
        """Return the points with an hour, in the order of their hours."""
        points = [each.cleaned_data for each in self._points()]
        return [
            {"starts_at": self.moment(each["at"]), "kind": ItemKind(each["kind"]), "title": each["title"]}
            for each in sorted(points, key=lambda each: each["at"])
        ]


def _usual_items(languages: Sequence[str]) -> list[dict[str, Any]]:
    def words(kind: ItemKind) -> dict[str, str]:
        texts = {}
        for code in languages:
            with translation.override(code):
                texts[code] = str(kind.label)
        return texts

    known = [{"at": hour, "kind": kind.value, "title": words(kind)} for hour, kind in USUAL_DAY]
    return known + [{"kind": ItemKind.PLENARY.value}] * SPARE_POINTS


class TablesForm(forms.Form):
    """How many people sit together, how often they change, and from which public seed."""

    table_size = SumField(label=_("People at a table"), min_value=2, max_value=20, initial=6)
    rounds = SumField(label=_("Rounds"), min_value=1, max_value=12, initial=2)
    seed_text = forms.CharField(
        label=_("Public seed"),
        max_length=200,
        help_text=_("Anyone can redo the plan from it."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )

    def __init__(self, *args: Any, facilitators: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["facilitators"] = RowsChoice(
            words=_name_of,
            label=_("Facilitators"),
            queryset=facilitators,
            to_field_name="public_id",
            required=False,
        )


def _name_of(user: User) -> str:
    return user.name


class AttendanceForm(forms.Form):
    """Who is there: one line a member, by number."""

    def __init__(
        self,
        *args: Any,
        members: Sequence[Member],
        known: Mapping[int, str],
        appointees: Sequence[Appointee] = (),
        known_appointees: Mapping[int, str] | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.members, self.appointees = list(members), list(appointees)
        known_appointees = known_appointees or {}
        # Once people are checked in at the door, who was not is not taken for present.
        otherwise = Presence.ABSENT.value if known or known_appointees else Presence.PRESENT.value
        for member in self.members:
            self.fields[_line(member)] = _presence(
                _("Member %(number)d") % {"number": member.number}, known.get(member.number, otherwise)
            )
        for one in self.appointees:
            name = f"{one.name} ({one.group})" if one.group else one.name
            self.fields[_line(one)] = _presence(name, known_appointees.get(one.pk, otherwise))

    def presences(self) -> dict[int, Presence]:
        """Return member number to presence."""
        return {member.number: Presence(self.cleaned_data[_line(member)]) for member in self.members}

    def presences_of_appointees(self) -> dict[int, Presence]:
        """Return the key of each who holds a seat that is not drawn, to presence."""
        return {one.pk: Presence(self.cleaned_data[_line(one)]) for one in self.appointees}


def _line(person: Member | Appointee) -> str:
    return f"appointee_{person.pk}" if isinstance(person, Appointee) else f"member_{person.number}"


def _presence(label: str, initial: str) -> forms.ChoiceField:
    return forms.ChoiceField(
        label=label, choices=Presence.choices, initial=initial, widget=forms.RadioSelect
    )


class CheckInForm(forms.Form):
    """At the door: the code that a member shows, or a tick at her number, set or taken back."""

    code = forms.CharField(
        label=_("Code of the member"),
        max_length=20,
        required=False,
        widget=forms.TextInput(
            attrs={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}
        ),
        help_text=_("Eight characters. A phone that scans the square on the member's page fills them in."),
    )
    here = forms.IntegerField(required=False, min_value=1, widget=forms.HiddenInput)
    away = forms.IntegerField(required=False, min_value=1, widget=forms.HiddenInput)
    appointee_here = forms.IntegerField(required=False, min_value=1, widget=forms.HiddenInput)
    appointee_away = forms.IntegerField(required=False, min_value=1, widget=forms.HiddenInput)

    def clean(self) -> dict[str, Any]:
        """Ask for a code where nobody was ticked."""
        cleaned = super().clean() or {}
        if not self.errors and not any(cleaned.get(name) for name in self.fields):
            self.add_error("code", _("Type the code, or tick the member in the list."))
        return cleaned


class RoundForm(forms.Form):
    """From which round on members are seated anew."""

    def __init__(self, *args: Any, first: int, last: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["from_round"] = forms.IntegerField(
            label=_("From round"), min_value=first, max_value=max(first, last)
        )


class MembersField(forms.CharField):
    """Numbers of members, with commas or spaces between them."""

    def clean(self, value: Any) -> Any:
        """Return the numbers."""
        parts = super().clean(value).replace(",", " ").replace(";", " ").split()
        wrong = [part for part in parts if not part.isdecimal()]
        if wrong:
            raise forms.ValidationError(
                _("“%(part)s” is not the number of a member. Write numbers, such as 3, 17."),
                params={"part": wrong[0]},
            )
        return [int(part) for part in parts]


class WishForm(forms.Form):
    """Who sits apart, together, or always at the same table."""

    kind = forms.ChoiceField(label=_("What"), choices=WishKind.choices, widget=forms.RadioSelect)
    members = MembersField(
        label=_("Numbers of the members"), max_length=300, help_text=_("For instance 3, 17")
    )
    table = forms.IntegerField(
        label=_("Number of the table"),
        required=False,
        min_value=1,
        max_value=500,
        help_text=_(
            "Only for somebody who always has this table, as with a wheelchair or an induction loop."
        ),
    )

    def clean(self) -> dict[str, Any]:
        """Ask for a table where one is needed, and only there."""
        cleaned = super().clean() or {}
        pinned, table = cleaned.get("kind") == WishKind.PINNED, cleaned.get("table")
        if pinned and table is None and "table" not in self.errors:
            self.add_error("table", _("Give the number of the table."))
        if not pinned and table is not None:
            self.add_error("table", _("Leave this empty, or choose “Always at this table”."))
        return cleaned


def _facilitator(people: Any, **kwargs: Any) -> RowChoice:
    return RowChoice(
        words=_name_of, label=_("Facilitator"), queryset=people, to_field_name="public_id", **kwargs
    )


def _point(items: Any, **kwargs: Any) -> RowChoice:
    return RowChoice(
        words=lambda item: f"{item.position}. {in_language(item.title)}",
        label=_("Point of the programme"), queryset=items, to_field_name="position", **kwargs,
    )  # fmt: skip


class InterestForm(forms.Form):
    """In which point a facilitator is not impartial, and why."""

    def __init__(self, *args: Any, items: Any, people: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["facilitator"] = _facilitator(people, initial=people.first())
        self.fields["item"] = _point(items)
        self.fields["reason"] = TextBox(
            label=_("What the interest is"),
            rows=2,
            max_length=500,
            help_text=_("A property, an employer, an office, a relative. The office reads it."),
        )


class LeadForm(forms.Form):
    """Who leads a table, and what it treats."""

    def __init__(self, *args: Any, items: Any, people: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["facilitator"] = _facilitator(people, required=False)
        self.fields["item"] = _point(items, required=False)


class HandOverForm(forms.Form):
    """Which colleague leads the table from now on."""

    def __init__(self, *args: Any, people: Any, busy: Mapping[int, int], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)

        def words(user: User) -> str:
            if user.pk not in busy:
                return user.name
            return _("%(name)s (leads table %(number)d in this round)") % {
                "name": user.name, "number": busy[user.pk],
            }  # fmt: skip

        self.fields["to"] = RowChoice(
            words=words, label=_("Colleague"), queryset=people, to_field_name="public_id"
        )
