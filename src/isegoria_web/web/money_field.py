"""A sum of money in a form, as people write it: 12.50 and 12,50 are the same."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms

from isegoria_web.allowances.money import cents_of


class EurosField(forms.DecimalField):
    """A sum in euros; the value is whole cents."""

    def __init__(self, **kwargs: Any) -> None:
        # Not a field for numbers: what such a field accepts depends on the language of the browser, not of the page.
        kwargs.setdefault("widget", forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}))
        super().__init__(max_digits=7, decimal_places=2, max_value=Decimal("9999.99"), **kwargs)

    def to_python(self, value: Any) -> Any:
        """Read a single comma as the decimal sign; what could be thousands is no sum."""
        text = str(value).strip() if value is not None else ""
        if text.count(",") == 1 and "." not in text:
            text = text.replace(",", ".")
        return super().to_python(text)

    def clean(self, value: Any) -> Any:
        """Return cents."""
        cleaned = super().clean(value)
        return None if cleaned is None else cents_of(cleaned)
