"""How letters are drawn, in words: what each choice means for a citizen, and her chance."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

from django.utils.formats import number_format
from django.utils.text import format_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from isegoria_web.recruitment.enums import Allocation, OnePer

STRATA_NAMES: Mapping[str, Any] = {
    "municipality_name": gettext_lazy("municipality"),
    "municipality": gettext_lazy("code of the municipality"),
    "district": gettext_lazy("district"),
    "language": gettext_lazy("language"),
    "nationality": gettext_lazy("nationality"),
    "postcode": gettext_lazy("postcode"),
    "sex": gettext_lazy("sex"),
}
"""Columns of a register that have a word; others are called as they are there."""

ONE_PER: Mapping[str, tuple[Any, Any]] = {
    OnePer.PERSON: (
        gettext_lazy("Every person for herself"),
        gettext_lazy("Several letters can reach one home."),
    ),
    OnePer.HOUSEHOLD: (
        gettext_lazy("One letter a household"),
        gettext_lazy(
            "No household gets two letters, and still everybody has the same chance, whether she lives alone or with others."
        ),
    ),
    OnePer.ADDRESS: (
        gettext_lazy("One letter an address"),
        gettext_lazy(
            "No address gets two letters, not even a house with several flats where the register does not tell the flats "
            "apart. Everybody still has the same chance."
        ),
    ),
    OnePer.IN_ADDRESS: (
        gettext_lazy("One letter a household, address by address"),
        gettext_lazy(
            "No household gets two letters, and the households of one address stand together in the draw, so that letters do "
            "not pile up in one house. Everybody still has the same chance."
        ),
    ),
}
NOT_SHARED_OUT = "none"
SHARED_OUT: Mapping[str, tuple[Any, Any]] = {
    NOT_SHARED_OUT: (
        gettext_lazy("Not at all"),
        gettext_lazy("The lot alone decides how many letters go where."),
    ),
    Allocation.PROPORTIONAL: (
        gettext_lazy("In proportion to the people"),
        gettext_lazy(
            "Each part gets its share of the letters, in whole letters, so that everybody's chance is nearly the same."
        ),
    ),
    Allocation.CHOSEN: (
        gettext_lazy("As chosen for each part"),
        gettext_lazy(
            "You set the letters of each part on the next page. The chances then differ from part to part, and the public page "
            "shows by how much."
        ),
    ),
}
_CHOSEN = gettext_lazy(
    "The letters of each part were chosen. The chances differ from part to part, as shown here."
)


def choices(words: Mapping[str, tuple[Any, Any]]) -> list[tuple[str, Any]]:
    """Return the choices of a form, each with what it means."""
    return [(str(key), format_lazy("{}. {}", name, meaning)) for key, (name, meaning) in words.items()]


def column_name(column: str) -> str:
    """Return what a column of a register is called."""
    return str(STRATA_NAMES.get(column, column))


def consequences(one_per: str, stratified_by: str, allocation: str) -> list[str]:
    """Return what the design of a draw of letters means, sentence by sentence."""
    name, meaning = ONE_PER[OnePer(one_per)]
    found = [f"{name}. {meaning}"]
    if not stratified_by:
        return [*found, str(SHARED_OUT[NOT_SHARED_OUT][1])]
    by = _("The letters are shared out by %(column)s.") % {"column": column_name(stratified_by)}
    meaning = _CHOSEN if allocation == Allocation.CHOSEN else SHARED_OUT[Allocation.PROPORTIONAL][1]
    return [*found, f"{by} {meaning}"]


def design_of(commitment: Mapping[str, Any]) -> list[str]:
    """Return what the published design of a draw means; nothing where it is not of letters."""
    design = commitment.get("specification", {}).get("design")
    if design is None:
        return []
    groups = design["groups"]
    known = groups[-1] if groups and groups[-1] in OnePer.values else OnePer.PERSON
    if groups == [OnePer.ADDRESS, OnePer.HOUSEHOLD]:
        known = OnePer.IN_ADDRESS
    return consequences(known, design["stratified_by"] or "", design["allocation"])


def one_in(chance: Fraction) -> str:
    """Return a chance as the number of people among whom one gets a letter: `17`, `2.5`; nothing without a chance."""
    if not chance:
        return ""
    several = 1 / chance
    whole = several.denominator == 1 or several >= 10  # noqa: PLR2004  # beyond, a decimal tells nobody more
    return number_format(
        round(float(several), 0 if whole else 1), 0 if whole else 1, use_l10n=True, force_grouping=True
    )


def chances_in_words(chances: Sequence[tuple[str, Fraction]], *, drawn: bool) -> str:
    """Return everybody's chance of a letter in one sentence.

    Parameters
    ----------
    chances
        Name of each part of the register and the chance there.
    drawn
        Whether the lot has fallen.
    """
    known = sorted(((chance, name) for name, chance in chances if chance), reverse=True)
    if not known:
        return ""
    (high, where_high), (low, where_low) = known[0], known[-1]
    if one_in(high) == one_in(low):
        sentence = (
            _("Your chance of getting a letter was 1 in %(several)s.")
            if drawn
            else _("Your chance of getting a letter is 1 in %(several)s.")
        )
        return sentence % {"several": one_in(high)}
    sentence = (
        _(
            "Your chance of getting a letter was between 1 in %(high)s (%(where_high)s) and 1 in %(low)s (%(where_low)s)."
        )
        if drawn
        else _(
            "Your chance of getting a letter is between 1 in %(high)s (%(where_high)s) and 1 in %(low)s (%(where_low)s)."
        )
    )
    return sentence % {
        "high": one_in(high),
        "low": one_in(low),
        "where_high": where_high,
        "where_low": where_low,
    }
