"""The door to `isegoria.ballots` and `isegoria.rulebook`: how a body decides, and the count."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction

from isegoria import ballots
from isegoria_web.institutions.algorithms import rule_book_of
from isegoria_web.institutions.models import Cycle
from isegoria_web.recommendations.models import Ballot

FROM_MANDATE = "mandate"
COUNTED, EXCLUDED = "counted", "excluded"


@dataclass(frozen=True)
class Majority:
    """How a cycle's body decides: exact fractions as text, and the id of the rule."""

    threshold: str
    quorum: str
    abstention: str
    rule: str


def majority_of(cycle: Cycle) -> Majority | None:
    """Return how the cycle decides; None where the statute sets no majority.

    The quorum is the statute's, else the one that the mandate set, else there is none. Where the statute does
    not say whether abstentions count, they do not: a share is of those who said yes or no.
    """
    decision = rule_book_of(cycle.rule_book).body(cycle.body.key).decision
    if decision.threshold is None:
        return None
    return Majority(
        threshold=str(decision.threshold),
        quorum=str(decision.quorum) if decision.quorum is not None else cycle.quorum_share,
        abstention=decision.abstention or EXCLUDED,
        rule=f"bodies.{cycle.body.key}.decision.threshold",
    )


def count(ballot: Ballot, choices: Iterable[str]) -> ballots.Result:
    """Count the papers of a closed ballot by the rule that it was opened under."""
    return ballots.count_yes_no(
        [ballots.Choice(choice) for choice in choices],
        eligible=ballot.eligible,
        quorum=Fraction(ballot.quorum) if ballot.quorum else None,
        threshold=Fraction(ballot.threshold),
        abstention="counted" if ballot.abstention == COUNTED else "excluded",
    )


def new_receipt() -> str:
    """Return a receipt that only its voter knows until the list of receipts is published."""
    return ballots.receipt(ballots.new_secret())


def answer_days(cycle: Cycle) -> tuple[int, str] | None:
    """Return within how many days the authority must answer, and the rule that says so; None if nothing does."""
    days = rule_book_of(cycle.rule_book).duty.answer_days
    if days is not None:
        return days, "duty.answer_days"
    if cycle.promised_answer_days is not None:
        return cycle.promised_answer_days, FROM_MANDATE
    return None
