"""What a mixed body said, college by college, as members, office and public see it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from isegoria_web.ballots import algorithms
from isegoria_web.ballots.enums import Together
from isegoria_web.ballots.models import Ballot, OpenVote, RollCall, RollCallRecord
from isegoria_web.web import pictures
from isegoria_web.web.pictures import Picture


@dataclass(frozen=True)
class Told:
    """An open vote as one record tells it: the count, and who said what."""

    record: RollCallRecord
    result: Any
    votes: list[OpenVote]


@dataclass(frozen=True)
class OpenCount:
    """An open vote: how it is counted, how it went once two persons said so, and what was corrected, newest first.

    `corrected` are the records that stood there before; the reason why stands in the one that followed.
    """

    roll_call: RollCall
    told: Told | None
    corrected: list[Told]
    under_way: RollCallRecord | None = None
    waits: bool = False  # for a second person, to count

    @property
    def picture(self) -> Picture | None:
        """The votes as rows of dots, with a line after the yes that were needed; None before it stands."""
        found = self.result
        if found is None:
            return None
        title = _("Yes %(yes)d, no %(no)d, abstained %(abstain)d, of %(eligible)d who could vote.") % {
            "yes": found.yes, "no": found.no, "abstain": found.abstain, "eligible": found.eligible,
        }  # fmt: skip
        absent = found.eligible - found.yes - found.no - found.abstain
        return pictures.votes(found.yes, found.no, found.abstain, absent, title=title, needed=found.needed)

    @property
    def result(self) -> Any | None:
        """The count; None before it stands."""
        return None if self.told is None else self.told.result


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
    for each in ballot.roll_calls.prefetch_related("records__votes__appointee"):
        told = [
            Told(record, algorithms.record_result(each, record), list(record.votes.all()))
            for record in reversed(each.confirmed)
        ]
        waiting = each.waiting
        going_on = waiting if waiting is not None and waiting.under_way else None
        closed = waiting is not None and going_on is None
        listed.append(OpenCount(each, told[0] if told else None, told[1:], going_on, closed))
    together = algorithms.decided_together(ballot)
    adopted = None if together is None else bool(together.adopted)
    return Mixed(listed, adopted, together, ballot.together == Together.WEIGHTED)
