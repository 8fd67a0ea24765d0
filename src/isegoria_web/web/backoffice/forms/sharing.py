"""The letters of each stratum, chosen in a table."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from typing import Any

from django import forms
from django.utils.functional import cached_property
from django.utils.translation import gettext as _

from isegoria_web.recruitment.sharing import Part
from isegoria_web.web.backoffice.forms.fields import SumField

TABLE = "chosen_table"


def table_key(stratified_by: str, parts: Sequence[Part]) -> str:
    """Return what the cells of a table belong to: another column, extract or age makes another table."""
    named = [stratified_by, *([part.name, part.eligible] for part in parts)]
    return hashlib.sha256(json.dumps(named).encode()).hexdigest()[:16]


class ChosenForm(forms.Form):
    """The letters of each part; a fault stands at its cell, a wrong sum under the table."""

    def __init__(self, *args: Any, parts: Sequence[Part], letters: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.parts = parts
        self.letters = letters
        for place, part in enumerate(parts):
            self.fields[f"chosen_{place}"] = SumField(
                label=_("Letters for %(part)s") % {"part": part.name},
                initial=part.in_proportion,
                widget=forms.NumberInput(attrs={"inputmode": "numeric", "min": 0, "max": part.most}),
            )

    def clean(self) -> dict[str, Any]:
        """Refuse more letters than people, and letters that do not add up to their number."""
        cleaned = super().clean() or {}
        for place, part in enumerate(self.parts):
            name = f"chosen_{place}"
            count = cleaned.get(name)
            if count is None or count <= part.most:
                continue
            fault = (
                _("Only %(count)d people can be drawn here.")
                if part.most == part.eligible
                else _(
                    "At most %(count)d letters can go here, or a large household or address would get two."
                )
            )
            self.add_error(name, fault % {"count": part.most})
        if not self.errors and self.sum != self.letters:
            self.add_error(
                None,
                _(
                    "The letters add up to %(sum)d, but %(letters)d were set. Change one of the numbers, or go back "
                    "and set another number of letters."
                )
                % {"sum": self.sum, "letters": self.letters},
            )
        return cleaned

    @cached_property
    def sum(self) -> int:
        """What the cells add up to, as far as they hold numbers."""
        if not self.is_bound:
            return sum(part.in_proportion for part in self.parts)
        typed = (self.data.get(f"chosen_{place}", "") for place in range(len(self.parts)))
        return sum(int(text) for text in typed if text.strip().isdecimal())

    @property
    def chosen(self) -> dict[str, int]:
        """The letters of each part, once they are right."""
        return {part.name: self.cleaned_data[f"chosen_{place}"] for place, part in enumerate(self.parts)}

    def rows(self) -> Iterator[tuple[Part, Any]]:
        """Yield every part with its cell."""
        for place, part in enumerate(self.parts):
            yield part, self[f"chosen_{place}"]
