"""Several options, few places: approval, ranking, and equal shares, in whole numbers and exact fractions.

Ties are decided by one published rule, everywhere the same: the option that stands earlier in `options` goes first.
The order of the options is part of the ballot and published before the vote.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations

from isegoria.errors import BadInput


@dataclass(frozen=True, slots=True)
class Paper:
    """One paper: the options it approves, or ranks from the best, and its weight.

    Attributes
    ----------
    options
        For approval in any order; for a ranking the best first, and what is left out comes last, all equal.
    weight
        1 for everybody in a body of citizens; other weights in a mixed body, where the statute says so.
    """

    options: tuple[str, ...]
    weight: Fraction = Fraction(1)


@dataclass(frozen=True, slots=True)
class Shortlist:
    """Chosen options in the order of their choice, and between which of them only the tie rule decided.

    Attributes
    ----------
    chosen
        Options, the first chosen first.
    tied
        Options that were level with the one chosen at some step and come later in the published order.
    """

    chosen: tuple[str, ...]
    tied: tuple[tuple[str, ...], ...]


def count_approval(options: Sequence[str], papers: Sequence[Paper]) -> dict[str, Fraction]:
    """Return the weight of the papers that approve each option.

    Raises
    ------
    BadInput
        `choice_options_repeated`, `choice_option_unknown`, `choice_option_twice`, `choice_weight_wrong`.
    """
    _check(options, papers)
    return {
        option: sum((paper.weight for paper in papers if option in paper.options), Fraction(0))
        for option in options
    }


def equal_shares(options: Sequence[str], papers: Sequence[Paper], places: int) -> Shortlist:
    """Return a proportional selection of options: the method of equal shares, completed by approval.

    Each paper holds an equal part (by weight) of as many units of money as there are places; an option costs
    one unit. Step by step the option is bought that its supporters can pay with the smallest largest payment
    per weight, each paying the same or all she has left. When none can be bought any more, the remaining
    places go to the most approved options.

    Parameters
    ----------
    options
        In the published order, which decides ties.
    papers
        Approvals.
    places
        How many options are chosen, from 1 to the number of options.

    Raises
    ------
    BadInput
        As `count_approval`; `choice_places_wrong`.

    Notes
    -----
    Guarantee: extended justified representation. Whenever ℓ/k of the weight approves the same ℓ options, at
    least one of these voters approves ℓ of the chosen ones. Not guaranteed: the largest number of approvals.

    References
    ----------
    Peters and Skowron, Proportionality and the limits of welfarism, EC 2020, theorem 3.

    Examples
    --------
    >>> papers = [Paper(("a", "b"))] * 6 + [Paper(("c",))] * 3
    >>> equal_shares("abc", papers, 3).chosen
    ('a', 'b', 'c')
    >>> equal_shares("abc", [Paper(("a", "b"))] * 3 + [Paper(("c",))] * 3, 2).chosen
    ('a', 'c')
    """
    approved = count_approval(options, papers)
    if not 1 <= places <= len(options):
        raise BadInput("choice_places_wrong", places=places, options=len(options))
    total = sum((paper.weight for paper in papers), Fraction(0))
    purse = [paper.weight * places / total for paper in papers]
    chosen: list[str] = []
    tied: list[tuple[str, ...]] = []
    while len(chosen) < places:
        left = [option for option in options if option not in chosen]
        prices = {option: _price(option, papers, purse) for option in left}
        affordable = {option: price for option, price in prices.items() if price is not None}
        if affordable:
            least = min(affordable.values())
            level = [option for option in left if affordable.get(option) == least]
            for index, paper in enumerate(papers):
                if level[0] in paper.options:
                    purse[index] -= min(purse[index], least * paper.weight)
        else:
            most = max(approved[option] for option in left)
            level = [option for option in left if approved[option] == most]
        chosen.append(level[0])
        tied.append(tuple(level[1:]))
    return Shortlist(tuple(chosen), tuple(tied))


def ranking(options: Sequence[str], papers: Sequence[Paper]) -> tuple[tuple[str, ...], ...]:
    """Return the options from the best, options that the papers rank level in one group: Schulze's rule.

    Raises
    ------
    BadInput
        As `count_approval`.

    Notes
    -----
    Guarantee: an option that beats every other in a direct comparison comes first (Condorcet), and a copy of
    an option changes nothing among the others.

    References
    ----------
    Schulze, A new monotonic, clone-independent, reversal symmetric, and Condorcet-consistent single-winner
    election method, Social Choice and Welfare 36 (2011), section 2.
    """
    _check(options, papers)
    strength = _strongest_paths(options, papers)
    beaten = {
        one: sum(strength[other, one] > strength[one, other] for other in options if other != one)
        for one in options
    }
    return tuple(
        tuple(option for option in options if beaten[option] == times)
        for times in sorted(set(beaten.values()))
    )


def _price(option: str, papers: Sequence[Paper], purse: Sequence[Fraction]) -> Fraction | None:
    """Return the smallest payment per weight with which the supporters together pay one unit, if they can."""
    supporters = [
        (money / paper.weight, paper.weight, money)
        for paper, money in zip(papers, purse, strict=True)
        if option in paper.options
    ]
    if sum(money for _, _, money in supporters) < 1:
        return None
    missing, weight = Fraction(1), sum((weight for _, weight, _ in supporters), Fraction(0))
    for most, own, money in sorted(supporters):
        if missing <= most * weight:
            return missing / weight
        missing, weight = missing - money, weight - own
    return None


def _strongest_paths(options: Sequence[str], papers: Sequence[Paper]) -> dict[tuple[str, str], Fraction]:
    prefers = {(one, other): Fraction(0) for one in options for other in options if one != other}
    for paper in papers:
        rank = {option: place for place, option in enumerate(paper.options)}
        for one, other in prefers:
            if rank.get(one, len(rank)) < rank.get(other, len(rank)):
                prefers[one, other] += paper.weight
    path = {
        (one, other): weight if weight > prefers[other, one] else Fraction(0)
        for (one, other), weight in prefers.items()
    }
    for middle in options:
        for one in options:
            for other in options:
                if len({one, middle, other}) == 3:  # noqa: PLR2004
                    through = min(path[one, middle], path[middle, other])
                    path[one, other] = max(path[one, other], through)
    return path


def _check(options: Sequence[str], papers: Sequence[Paper]) -> None:
    known = set(options)
    if len(known) != len(options):
        raise BadInput("choice_options_repeated")
    for number, paper in enumerate(papers, 1):
        if not set(paper.options) <= known:
            raise BadInput("choice_option_unknown", paper=number)
        if len(set(paper.options)) != len(paper.options):
            raise BadInput("choice_option_twice", paper=number)
        if paper.weight <= 0:
            raise BadInput("choice_weight_wrong", paper=number)


def is_justified(
    chosen: Collection[str], options: Sequence[str], papers: Sequence[Paper], places: int
) -> bool:
    """Tell whether a selection gives extended justified representation; slow, for checks on few options.

    For every ℓ and every ℓ options, the weight of those who approve all of them, but fewer than ℓ of the
    chosen, must be below ℓ/k of the whole.
    """
    total = sum((paper.weight for paper in papers), Fraction(0))
    for size in range(1, places + 1):
        poor = [paper for paper in papers if len(set(paper.options) & set(chosen)) < size]
        for common in combinations(options, size):
            weight = sum((paper.weight for paper in poor if set(common) <= set(paper.options)), Fraction(0))
            if weight > 0 and weight * places >= size * total:
                return False
    return True
