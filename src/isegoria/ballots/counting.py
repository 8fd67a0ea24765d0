"""Yes or no: the count of one question, in whole numbers and exact fractions.

The rule, spelled out. Let e be the number of persons who may vote, and y, n, a the papers with yes, no and
abstention.

* Turnout is (y + n + a) / e. The quorum is met if it is at least the quorum's fraction of e.
* The base b is y + n where abstentions are not counted, y + n + a where they are, and e where the rule asks
  for a share of all who may vote.
* The threshold f is reached if y ≥ f · b; for a majority, "more than half", if y > f · b. At least one yes
  is always needed, so an empty box adopts nothing.
* Adopted: quorum met and threshold reached.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from typing import Literal

from isegoria.errors import BadInput

Abstention = Literal["excluded", "counted"]


class Choice(StrEnum):
    """What a paper says."""

    YES = "yes"
    NO = "no"
    ABSTAIN = "abstain"


class Base(StrEnum):
    """Of what the threshold is a fraction."""

    YES_AND_NO = "yes_and_no"
    CAST = "cast"
    ELIGIBLE = "eligible"


_BASE_WORDS = {
    Base.YES_AND_NO: "the votes cast, abstentions not counted",
    Base.CAST: "the votes cast, abstentions counted",
    Base.ELIGIBLE: "all who may vote",
}


@dataclass(frozen=True, slots=True)
class Result:
    """The count of one question, with the rule that was applied.

    Attributes
    ----------
    yes, no, abstain
        Papers.
    eligible
        Persons who may vote.
    quorum
        The fraction of them who must vote; None without a quorum.
    threshold
        The fraction of the base that must say yes.
    more_than
        Whether the threshold must be passed rather than reached.
    base_rule
        Of what the threshold is a fraction.
    """

    yes: int
    no: int
    abstain: int
    eligible: int
    quorum: Fraction | None
    threshold: Fraction
    more_than: bool
    base_rule: Base

    @property
    def cast(self) -> int:
        """All papers in the box."""
        return self.yes + self.no + self.abstain

    @property
    def turnout(self) -> Fraction:
        """Papers as a fraction of those who may vote; 0 where nobody may."""
        return Fraction(self.cast, self.eligible) if self.eligible else Fraction(0)

    @property
    def quorum_needed(self) -> int:
        """The smallest number of papers that meets the quorum."""
        return 0 if self.quorum is None else math.ceil(self.quorum * self.eligible)

    @property
    def quorum_met(self) -> bool:
        """Whether enough papers are in the box."""
        return self.cast >= self.quorum_needed

    @property
    def base(self) -> int:
        """The number of which the threshold is a fraction."""
        bases = {
            Base.YES_AND_NO: self.yes + self.no,
            Base.CAST: self.cast,
            Base.ELIGIBLE: self.eligible,
        }
        return bases[self.base_rule]

    @property
    def needed(self) -> int:
        """The smallest number of yes papers that would have been enough with this base."""
        share = self.threshold * self.base
        return max(1, math.floor(share) + 1 if self.more_than else math.ceil(share))

    @property
    def threshold_reached(self) -> bool:
        """Whether enough papers say yes."""
        return self.yes >= self.needed

    @property
    def adopted(self) -> bool:
        """Whether the question is adopted: quorum met and threshold reached."""
        return self.quorum_met and self.threshold_reached

    @property
    def rule(self) -> str:
        """The rule in words, as a report prints it: `at least 4/5 of the votes cast, abstentions counted`."""
        quantity = "more than" if self.more_than else "at least"
        return f"{quantity} {self.threshold} of {_BASE_WORDS[self.base_rule]}"


def count_yes_no(
    papers: Iterable[Choice],
    *,
    eligible: int,
    quorum: Fraction | None,
    threshold: Fraction,
    abstention: Abstention,
    more_than: bool = False,
    of_eligible: bool = False,
) -> Result:
    """Return the count of one question and whether it is adopted.

    Parameters
    ----------
    papers
        The papers in the box, in any order.
    eligible
        Number of persons who may vote, not less than the papers.
    quorum
        Fraction of the eligible who must vote, in [0, 1]; None without a quorum.
    threshold
        Fraction of the base that must say yes, in (0, 1]: 4/5, 2/3, 1/2.
    abstention
        ``"excluded"``: the base is yes and no; ``"counted"``: the base is every paper, so an abstention
        weighs like a no.
    more_than
        Whether the threshold must be passed, not only reached. A simple majority is *more than* 1/2.
    of_eligible
        Whether the base is all who may vote, as for an absolute majority of the members.

    Raises
    ------
    BadInput
        `ballot_papers_too_many`, `ballot_threshold_wrong`, `ballot_quorum_wrong`.

    Examples
    --------
    >>> papers = [Choice.YES] * 4 + [Choice.NO] + [Choice.ABSTAIN]
    >>> four_fifths = {"eligible": 8, "quorum": Fraction(1, 2), "threshold": Fraction(4, 5)}
    >>> count_yes_no(papers, abstention="excluded", **four_fifths).adopted
    True
    >>> count_yes_no(papers, abstention="counted", **four_fifths).adopted
    False
    """
    tally = Counter(papers)
    if not 0 < threshold <= 1 or (more_than and threshold == 1):
        raise BadInput("ballot_threshold_wrong", threshold=threshold)
    if quorum is not None and not 0 <= quorum <= 1:
        raise BadInput("ballot_quorum_wrong", quorum=quorum)
    if tally.total() > eligible:
        raise BadInput("ballot_papers_too_many", papers=tally.total(), eligible=eligible)
    votes = Base.CAST if abstention == "counted" else Base.YES_AND_NO
    return Result(
        yes=tally[Choice.YES],
        no=tally[Choice.NO],
        abstain=tally[Choice.ABSTAIN],
        eligible=eligible,
        quorum=quorum,
        threshold=threshold,
        more_than=more_than,
        base_rule=Base.ELIGIBLE if of_eligible else votes,
    )
