"""What a mixed body said, college by college, as members, office and public see it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from isegoria_web.ballots import algorithms
from isegoria_web.ballots.enums import Together
from isegoria_web.ballots.models import Ballot, OpenVote, RollCall


@dataclass(frozen=True)
class OpenCount:
    """An open vote: how it is counted, and once it was held the result and who said what."""

    roll_call: RollCall
    result: Any | None
    votes: list[OpenVote]


@dataclass(frozen=True)
class Mixed:
    """The open votes beside a secret ballot, and what all decided together; `adopted` is None before that."""

    open: list[OpenCount]
    adopted: bool | None
    together: Any | None
    weighted: bool


def mixed_of(ballot: Ballot | None) -> Mixed | None:
    """Return the open votes beside a ballot; None in a body of citizens alone."""
    if ballot is None or not ballot.together:
        return None
    listed = []
    for each in ballot.roll_calls.prefetch_related("votes__appointee"):
        result = algorithms.roll_call_result(each)
        votes = list(each.votes.all()) if result is not None else []
        listed.append(OpenCount(each, result, votes))
    together = algorithms.decided_together(ballot)
    adopted = None if together is None else bool(together.adopted)
    return Mixed(listed, adopted, together, ballot.together == Together.WEIGHTED)
