"""How the fields of forms become HTML: as Django writes them, to the letter, without its templates where they only cost time.

Django renders one small template, which includes two others, for every input. A form of the letter has twenty of them, a
quarter of the time that its page takes.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.forms.renderers import DjangoTemplates
from django.http import HttpRequest
from django.utils.html import escape
from django.utils.safestring import SafeData, SafeString, mark_safe

_PLACE = "django/forms/widgets/"
INPUTS = frozenset(
    f"{_PLACE}{kind}.html"
    for kind in ("input", "text", "email", "number", "hidden", "checkbox", "password", "date", "tel", "url")
)
"""Templates that are an input and nothing else."""
OPTIONS = frozenset({f"{_PLACE}radio_option.html", f"{_PLACE}checkbox_option.html"})
"""The same, with a label around it if one is wanted."""


class Renderer(DjangoTemplates):
    """Writes inputs itself and leaves everything else to Django's templates."""

    def render(
        self, template_name: str, context: dict[str, Any], request: HttpRequest | None = None
    ) -> str:
        """Return the HTML of a widget, a field or a form."""
        if template_name in INPUTS or (
            template_name in OPTIONS and not context["widget"].get("wrap_label")
        ):
            return _input(context["widget"])
        return super().render(template_name, context, request)


def _input(widget: Mapping[str, Any]) -> SafeString:
    value = widget.get("value")
    given = "" if value is None else f' value="{_text(value)}"'
    attributes = "".join(
        f" {_text(name)}" if held is True else f' {_text(name)}="{_text(held)}"'
        for name, held in widget["attrs"].items()
        if held is not False
    )
    kind, name = _text(widget["type"]), _text(widget["name"])
    return mark_safe(f'<input type="{kind}" name="{name}"{given}{attributes}>')  # noqa: S308  # every part is escaped


def _text(value: object) -> str:
    return str(value) if isinstance(value, SafeData) else escape(str(value))
