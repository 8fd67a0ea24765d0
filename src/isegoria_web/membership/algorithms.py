"""The door to `isegoria.proof` for the rule by which an alternate moves up."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from isegoria.proof.derivation import next_alternate
from isegoria_web.membership.models import Alternate

RULE = "isegoria-alternates/1"


def who_moves_up(vacated: Mapping[str, str], waiting: Iterable[Alternate]) -> Alternate | None:
    """Return the alternate whom the published rule names for a vacated seat; None if nobody waits."""
    by_code = {each.selection.entry.code: each for each in waiting}
    if not by_code:
        return None
    candidates = [(code, each.selection.entry.features) for code, each in by_code.items()]
    return by_code[next_alternate(vacated, candidates)]
