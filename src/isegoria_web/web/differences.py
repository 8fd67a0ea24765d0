"""How a wording changed, word by word, for every audience."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping
from itertools import pairwise

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from isegoria_web.recommendations.models import Recommendation, Version
from isegoria_web.translated import in_language


def changed(before: Version, after: Version) -> SafeString:
    """Return what a version changed in the text of the one before."""
    return difference(*in_one_language(before.text, after.text))


def differences(recommendation: Recommendation) -> list[tuple[Version, SafeString | None]]:
    """Return the versions of a recommendation, newest first, each with what it changed in the one before."""
    versions = sorted(recommendation.versions.all(), key=lambda each: each.number)
    pairs: list[tuple[Version, SafeString | None]] = [(version, None) for version in versions[:1]]
    pairs += [(after, changed(before, after)) for before, after in pairwise(versions)]
    return pairs[::-1]


def in_one_language(before: Mapping[str, str], after: Mapping[str, str]) -> tuple[str, str]:
    """Return two texts in the reader's language if both have it, else in one that both have."""
    current = (get_language() or "en")[:2]
    both = [code for code in (current, *after) if before.get(code) and after.get(code)]
    return (before[both[0]], after[both[0]]) if both else (in_language(before), in_language(after))


def difference(before: str, after: str) -> SafeString:
    """Return a text with what was left out and what was put in marked, word by word.

    The marks are elements that screen readers name, and words for those that do not.
    """
    old, new = (re.findall(r"\s+|\S+", text) for text in _without_stress(before, after))
    parts = []
    for kind, a1, a2, b1, b2 in difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if kind in {"delete", "replace"}:
            parts.append(_mark("del", _("left out:"), "".join(old[a1:a2])))
        if kind in {"insert", "replace"}:
            parts.append(_mark("ins", _("put in:"), "".join(new[b1:b2])))
        if kind == "equal":
            parts.append(format_html("{}", "".join(old[a1:a2])))
    return format_html_join("", "{}", ((part,) for part in parts))


def _without_stress(before: str, after: str) -> tuple[str, str]:
    """Return both texts without the marks of bold and italics, unless they differ in nothing else."""
    plain = tuple(re.sub(r"(\*\*|__|\*|_)(?=\S)(.+?)(?<=\S)\1", r"\2", text) for text in (before, after))
    return (plain[0], plain[1]) if plain[0] != plain[1] else (before, after)


def _mark(element: str, word: str, text: str) -> SafeString:
    return format_html('<{}><span class="visually-hidden">{} </span>{}</{}>', element, word, text, element)
