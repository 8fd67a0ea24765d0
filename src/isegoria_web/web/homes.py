"""What the pages say of people who live together and might be drawn together."""

from __future__ import annotations

from django.utils.translation import gettext as _

from isegoria_web.recruitment.algorithms import LEAST


def homes_in_words(people: int, sharing: int, *, kept_apart: bool = True) -> str:
    """Return how many of a pool live with somebody else who is in it, and the rule about them; empty where nobody does.

    Parameters
    ----------
    kept_apart
        The draw keeps them apart by itself; otherwise one of each home stays in the pool.
    """
    if not sharing:
        return ""
    rule = (
        _("Of a home at most one person is drawn.")
        if kept_apart
        else _(
            "This draw is sealed: of each home only the person stays in the pool whose letter was drawn first."
        )
    )
    if sharing < LEAST:
        return _("Fewer than five people of the pool live with somebody else who is in it.") + f" {rule}"
    counted = _("Of %(people)d people in the pool, %(sharing)d live with somebody else who is in it.")
    return counted % {"people": people, "sharing": sharing} + f" {rule}"
