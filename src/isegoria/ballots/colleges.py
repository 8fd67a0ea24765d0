"""One question, several colleges: what a mixed body decided, of the counts of citizens and of members of parliament.

The rule, spelled out. Each college c is counted by its own rule (`counting`): y_c papers with yes, b_c its base, and
whether its quorum is met. Then either

* each by itself: adopted is what every college adopts whose vote binds. One that advises changes nothing. With
  one binding college its vote decides; with two it takes a double majority; or
* weighted: one vote of college c counts as w_c votes, a whole number. Adopted if every college meets its quorum and
  Σ w_c · y_c reaches (or passes) the fraction f of Σ w_c · b_c.

A weight belongs to a college and multiplies its sums. No paper carries one: a paper with a weight of its own would
say who cast it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from isegoria.ballots.counting import Result
from isegoria.errors import BadInput


@dataclass(frozen=True, slots=True)
class College:
    """The count of those who vote in one way.

    Attributes
    ----------
    key
        Names the college.
    result
        Its own count, by its own rule.
    binding
        Whether its vote decides; else it advises.
    weight
        As how many votes one of its votes counts where the colleges are added up, 1 or more.
    """

    key: str
    result: Result
    binding: bool = True
    weight: int = 1


@dataclass(frozen=True, slots=True)
class Together:
    """What the colleges decided together.

    Attributes
    ----------
    colleges
        As they were given.
    adopted
        Whether the question is adopted.
    weighted_yes, weighted_base, weighted_needed
        Of a weighted sum: the votes for it, the number of which the threshold is a fraction, and the smallest
        number of votes that would have been enough; None where each college stands by itself.
    """

    colleges: tuple[College, ...]
    adopted: bool
    weighted_yes: int | None = None
    weighted_base: int | None = None
    weighted_needed: int | None = None


def each_by_itself(colleges: Sequence[College]) -> Together:
    """Return what the binding colleges decided: adopted is what each of them adopts.

    Raises
    ------
    BadInput
        `colleges_repeated`, `colleges_weight_wrong`; `colleges_none_binds` if every one only advises.

    Examples
    --------
    >>> from isegoria.ballots import Choice, count_yes_no
    >>> rule = {"quorum": None, "threshold": Fraction(1, 2), "more_than": True, "abstention": "excluded"}
    >>> citizens = count_yes_no([Choice.YES] * 30 + [Choice.NO] * 15, eligible=45, **rule)
    >>> parliament = count_yes_no([Choice.YES] * 7, eligible=15, of_eligible=True, **rule)
    >>> each_by_itself([College("citizens", citizens, binding=False), College("parliament", parliament)]).adopted
    False
    """
    _check(colleges)
    binding = [each for each in colleges if each.binding]
    if not binding:
        raise BadInput("colleges_none_binds")
    return Together(tuple(colleges), all(each.result.adopted for each in binding))


def weighted(colleges: Sequence[College], *, threshold: Fraction, more_than: bool = False) -> Together:
    """Return what the colleges decided as one sum, in which each vote counts with the weight of its college.

    Parameters
    ----------
    threshold
        Fraction of the weighted base, in (0, 1].
    more_than
        Whether it must be passed, not only reached.

    Raises
    ------
    BadInput
        `colleges_repeated`, `colleges_weight_wrong`, `ballot_threshold_wrong`.
    """
    _check(colleges)
    if not 0 < threshold <= 1 or (more_than and threshold == 1):
        raise BadInput("ballot_threshold_wrong", threshold=threshold)
    yes = sum(each.weight * each.result.yes for each in colleges)
    base = sum(each.weight * each.result.base for each in colleges)
    share = threshold * base
    needed = max(1, math.floor(share) + 1 if more_than else math.ceil(share))
    adopted = yes >= needed and all(each.result.quorum_met for each in colleges)
    return Together(tuple(colleges), adopted, yes, base, needed)


def _check(colleges: Sequence[College]) -> None:
    keys = [each.key for each in colleges]
    if not keys or len(set(keys)) != len(keys):
        raise BadInput("colleges_repeated")
    for each in colleges:
        if each.weight < 1:
            raise BadInput("colleges_weight_wrong", college=each.key, weight=each.weight)
