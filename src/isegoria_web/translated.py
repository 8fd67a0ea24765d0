"""Content in several languages: one JSON value `{language: text}` a field, so that each institution has its own list."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

LANGUAGES = ("nl", "fr", "de", "en")
"""The languages of the interface, in the order in which texts fall back."""

Texts = Mapping[str, str]


def validate_texts(value: object) -> None:
    """Accept `{language code: text}` with at least one text that is not empty."""
    if not isinstance(value, dict) or not value:
        raise ValidationError(_("Give the text in at least one language."))
    for language, text in value.items():
        if not isinstance(language, str) or not isinstance(text, str):
            raise ValidationError(_("Each language needs a text."))
    if not written(value):
        raise ValidationError(_("Give the text in at least one language."))


def written(texts: Texts) -> dict[str, str]:
    """Return the languages in which something stands, with what stands there."""
    return {language: text for language, text in texts.items() if text.strip()}


class TextsField(models.JSONField):
    """A text in several languages."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("default", dict)
        super().__init__(*args, **kwargs)
        self.validators = [*self.validators, validate_texts]


def language_of(texts: Texts, wanted: str | None = None) -> str | None:
    """Return the language in which a text would be shown: the wanted one, else the first that exists."""
    current = wanted or get_language() or "en"
    order: Iterable[str] = (current[:2], *LANGUAGES, *texts)
    return next((language for language in order if texts.get(language, "").strip()), None)


def in_language(texts: Texts, wanted: str | None = None) -> str:
    """Return the text in the wanted language, else in the first that exists, else nothing."""
    language = language_of(texts, wanted)
    return texts[language] if language else ""
