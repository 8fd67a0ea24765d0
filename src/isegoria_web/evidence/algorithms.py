"""The door to `isegoria.evaluation`: how hard a text is to read."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from isegoria import evaluation
from isegoria.evaluation.reading import FORMULAS

_SIGNS = re.compile(r"[*_`#>]|\]\([^)]*\)|\[")


def reading_ease(texts: Iterable[Mapping[str, str]], language: str) -> evaluation.ReadingEase | None:
    """Return how easy Markdown texts are to read together in a language; None where too little is there, or no formula."""
    if language not in FORMULAS:
        return None
    written = [each.get(language, "") for each in texts]
    return evaluation.reading_ease("\n\n".join(_SIGNS.sub(" ", text) for text in written), language)


def source_of(formula: str) -> str:
    """Return where a formula was published."""
    return next(each.source for each in FORMULAS.values() if each.name == formula)
