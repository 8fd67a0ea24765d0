"""Fields that several forms share: a text in the institution's languages, a local moment, a code list."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, time
from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator
from django.forms.renderers import get_default_renderer
from django.utils import timezone
from django.utils.html import format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language_info
from django.utils.translation import gettext_lazy as _

from isegoria_web.recruitment.letter_languages import direction_of

LONGEST_LINE = 300
LONGEST_TEXT = 20_000
Names = Sequence[tuple[str, Any]]


class LabelledParts(forms.MultiWidget):
    """Several inputs of one field, each with a label of its own."""

    use_fieldset = True
    part_class = "part"

    def label_of(self, index: int) -> Any:
        """Return the label of one input."""
        raise NotImplementedError

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        context["widget"]["label"] = ""  # not one of several choices
        return context

    def render(
        self, name: str, value: Any, attrs: dict[str, Any] | None = None, renderer: Any = None
    ) -> SafeString:
        renderer = renderer or get_default_renderer()
        parts = self.get_context(name, value, attrs)["widget"]["subwidgets"]
        return format_html_join(
            "",
            '<div class="{}"><label for="{}">{}</label>{}</div>',
            (
                (
                    self.part_class,
                    part["attrs"].get("id", ""),
                    self.label_of(index),
                    # Django's own template of the input, which escapes what was typed.
                    mark_safe(renderer.render(part["template_name"], {"widget": part})),  # noqa: S308
                )
                for index, part in enumerate(parts)
            ),
        )


class TextsWidget(LabelledParts):
    """One input a language, side by side; on a phone one below the other."""

    part_class = "language"

    def __init__(
        self, languages: Sequence[str], rows: int = 1, attrs: dict[str, Any] | None = None
    ) -> None:
        self.languages = list(languages)
        self.rows = rows
        super().__init__({code: self._input(code) for code in self.languages}, attrs)

    def _input(self, code: str) -> forms.Widget:
        attrs: dict[str, Any] = {"lang": code}
        if direction_of(code) == "rtl":
            attrs["dir"] = "rtl"
        if self.rows > 1:
            return forms.Textarea(attrs={**attrs, "rows": self.rows})
        return forms.TextInput(attrs=attrs)

    def decompress(self, value: Any) -> list[Any]:
        return [(value or {}).get(code, "") for code in self.languages]

    def label_of(self, index: int) -> str:
        return str(get_language_info(self.languages[index])["name_local"]).capitalize()

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        for part in context["widget"]["subwidgets"]:
            part["attrs"].pop("required", None)  # one language is enough
        return context


class TextsField(forms.MultiValueField):
    """A text in the languages of the institution; at least one language where it is required."""

    widget: TextsWidget

    def __init__(
        self, languages: Sequence[str], *, rows: int = 1, max_length: int | None = None, **kwargs: Any
    ) -> None:
        self.languages = list(languages)
        longest = max_length or (LONGEST_TEXT if rows > 1 else LONGEST_LINE)
        parts = [
            forms.CharField(required=False, strip=True, validators=[MaxLengthValidator(longest)])
            for _code in self.languages
        ]
        super().__init__(
            parts, widget=TextsWidget(self.languages, rows), require_all_fields=False, **kwargs
        )
        self.error_messages["required"] = _("Give the text in at least one language.")
        self.error_messages["incomplete"] = self.error_messages["required"]

    def compress(self, data_list: Sequence[str]) -> dict[str, str]:
        return {code: text for code, text in zip(self.languages, data_list, strict=False) if text}

    def has_changed(self, initial: Any, data: Any) -> bool:
        return super().has_changed(initial or {}, data)


def lines_together(texts: Mapping[str, str] | None) -> list[dict[str, str]]:
    """Return the lines of a text in several languages, line by line with its languages.

    Raises
    ------
    ValidationError
        If the languages have different numbers of lines.
    """
    lines = {
        code: [line.strip() for line in text.splitlines() if line.strip()]
        for code, text in (texts or {}).items()
    }
    if len({len(each) for each in lines.values()}) > 1:
        raise forms.ValidationError(_("Each language needs the same number of lines, in the same order."))
    return [dict(zip(lines, each, strict=True)) for each in zip(*lines.values(), strict=True)]


class DayInput(forms.DateInput):
    """A day, with the browser's own calendar."""

    input_type = "date"

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs, format="%Y-%m-%d")


class HourInput(forms.TimeInput):
    """An hour of the day."""

    input_type = "time"

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs, format="%H:%M")


class MomentWidget(LabelledParts):
    """A day and an hour."""

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__({"day": DayInput(), "hour": HourInput()}, attrs)

    def decompress(self, value: datetime | None) -> list[date | time | None]:
        if value is None:
            return [None, None]
        local = timezone.localtime(value) if timezone.is_aware(value) else value
        return [local.date(), local.time().replace(second=0, microsecond=0)]

    def label_of(self, index: int) -> Any:
        return (_("Day"), _("Hour"))[index]


class MomentField(forms.MultiValueField):
    """A moment in the time zone of the institution, which the office has activated."""

    widget = MomentWidget

    def __init__(self, **kwargs: Any) -> None:
        parts = (forms.DateField(), forms.TimeField())
        super().__init__(parts, require_all_fields=True, **kwargs)

    def compress(self, data_list: Sequence[Any]) -> datetime | None:
        if not data_list:
            return None
        day, hour = data_list
        try:
            return timezone.make_aware(datetime.combine(day, hour))  # made aware here
        except (ValueError, OverflowError) as error:
            raise ValidationError(_("There is no such moment in this time zone.")) from error


class DayField(forms.DateField):
    widget = DayInput


class RowChoice(forms.ModelChoiceField):  # type: ignore[type-arg]
    """One row of a table, shown in words."""

    def __init__(self, *, words: Callable[[Any], Any], **kwargs: Any) -> None:
        self.words = words
        super().__init__(**kwargs)

    def label_from_instance(self, obj: Any) -> str:
        return str(self.words(obj))


class RowsChoice(forms.ModelMultipleChoiceField):  # type: ignore[type-arg]
    """Several rows of a table, shown in words, each with a box to tick."""

    widget = forms.CheckboxSelectMultiple

    def __init__(self, *, words: Callable[[Any], Any], **kwargs: Any) -> None:
        self.words = words
        super().__init__(**kwargs)

    def label_from_instance(self, obj: Any) -> str:
        return str(self.words(obj))


class SumField(forms.IntegerField):
    """A whole number of people or things."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("min_value", 0)
        kwargs.setdefault("max_value", 100_000_000)
        super().__init__(**kwargs)


class TextBox(forms.CharField):
    """A text of several lines in one language."""

    def __init__(self, *, rows: int = 4, **kwargs: Any) -> None:
        kwargs.setdefault("max_length", LONGEST_TEXT)
        super().__init__(widget=forms.Textarea(attrs={"rows": rows}), **kwargs)


def languages_of(codes: Sequence[str]) -> Names:
    """Return the institution's languages with their names, as choices."""
    names = dict(settings.LANGUAGES)
    return [(code, names.get(code, code)) for code in codes]


def language_field(codes: Sequence[str], current: str | None) -> forms.ChoiceField:
    """Return the choice of the language in which something is written."""
    return forms.ChoiceField(
        label=_("Language in which you write"),
        choices=languages_of(codes),
        initial=current if current in codes else None,
    )
