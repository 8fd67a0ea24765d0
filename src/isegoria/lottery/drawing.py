"""From a lottery and a public seed to a panel."""

from __future__ import annotations

from isegoria.lottery.model import Lottery
from isegoria.proof import derivation
from isegoria.seeding import seed_from_text


def draw(lottery: Lottery, seed_text: str, alternates: int = 0) -> derivation.Outcome:
    """Return the panel and the alternates that a public text fixes, without a record.

    The same text gives another panel with `draw_recorded`, whose seed also follows from what was committed.

    Parameters
    ----------
    lottery
        Published before anybody could know the text.
    seed_text
        The public random value, as announced; blanks around it do not count.
    alternates
        How many to draw beside the panel, 0 or more.

    Raises
    ------
    BadInput
        `seed_empty`, `draw_alternates_negative`.

    Notes
    -----
    Guarantee: everybody who knows lottery and text finds the same panel, with SHA-256 and whole numbers
    (`isegoria.proof.derivation`). Of people who are apart at most one is
    drawn, also as alternate; people who are together all or none, and never as alternates.
    """
    seed = seed_from_text(seed_text)
    return derivation.draw(
        seed,
        [(one.tickets, one.counts) for one in lottery.compositions],
        [one.ids for one in lottery.types],
        alternates,
        lottery.links,
    )
