"""The rule behind a day, a number or a refusal, as a reader is told it."""

from __future__ import annotations

from django.utils.translation import gettext as _

from isegoria_web.institutions.algorithms import FROM_AUTHORITY, FROM_MANDATE, SILENT


def ground_in_words(rule: str) -> str:
    """Return a rule with its version, or in words that the statute is silent, the mandate promised it, the authority decided."""
    if rule == FROM_MANDATE:
        return _("promised in the mandate")
    if rule == FROM_AUTHORITY:
        return _("decided by the authority")
    if not rule.startswith(f"{SILENT}: "):
        return rule
    return f"{_('the statute is silent')} ({rule.removeprefix(f'{SILENT}: ')})"
