"""From a lottery and a public seed to a panel."""

from __future__ import annotations

from dataclasses import replace

from isegoria.lottery.model import Lottery
from isegoria.proof import derivation
from isegoria.seeding import keyed_order, seed_from_text

HOUSEHOLDS_LABEL = "households"


def draw(lottery: Lottery, seed_text: str, alternates: int = 0) -> derivation.Outcome:
    """Return the panel and the alternates that a public text fixes.

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
    (`isegoria.proof.derivation`). Of a household at most one person is drawn, also as alternate.
    """
    seed = seed_from_text(seed_text)
    outcome = derivation.draw(
        seed,
        [(one.tickets, one.counts) for one in lottery.compositions],
        [one.ids for one in lottery.types],
        alternates,
    )
    if not lottery.households:
        return outcome
    return _one_per_household(lottery, seed, outcome, alternates)


def _one_per_household(
    lottery: Lottery, seed: bytes, outcome: derivation.Outcome, alternates: int
) -> derivation.Outcome:
    """Return the outcome where the seats of each class of households go to different households.

    The households of a class are put into a keyed order; the first ones give a member of the first type of
    the composition, the next ones of the second, and so on; the keyed order of members decides within a
    household. Alternates are people of households without a member, also one per household.
    """
    counts = lottery.compositions[outcome.composition].counts
    members: dict[int, list[str]] = {}
    for home in lottery.households:
        first_ids = {ids[0]: ids for ids in home.households}
        order = iter(keyed_order(seed, HOUSEHOLDS_LABEL, first_ids))
        for kind in home.types:
            own = set(lottery.types[kind].ids)
            members[kind] = [
                keyed_order(seed, derivation.MEMBERS_LABEL, own & set(first_ids[next(order)]))[0]
                for _ in range(counts[kind])
            ]
    chosen = [
        identifier
        for kind, one in enumerate(lottery.types)
        for identifier in members.get(
            kind, keyed_order(seed, derivation.MEMBERS_LABEL, one.ids)[: counts[kind]]
        )
    ]
    return replace(
        outcome, members=tuple(chosen), alternates=_alternates(lottery, seed, chosen, alternates)
    )


def _alternates(lottery: Lottery, seed: bytes, chosen: list[str], alternates: int) -> tuple[str, ...]:
    home = {
        identifier: (number, ids[0])
        for number, kind in enumerate(lottery.households)
        for ids in kind.households
        for identifier in ids
    }
    taken = {home[one] for one in chosen if one in home}
    drawn, waiting = set(chosen), []
    left = [one for kind in lottery.types for one in kind.ids if one not in drawn]
    for one in keyed_order(seed, derivation.ALTERNATES_LABEL, left):
        if home.get(one) not in taken:
            waiting.append(one)
            if one in home:
                taken.add(home[one])
    return tuple(waiting[:alternates])
