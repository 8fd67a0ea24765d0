"""The door to `isegoria.ballots` and `isegoria.rulebook`: how a body decides, and the count."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from isegoria import ballots, rulebook
from isegoria_web.institutions.algorithms import rule_book_of
from isegoria_web.institutions.models import Cycle
from isegoria_web.recommendations.enums import Choice
from isegoria_web.recommendations.models import Ballot

FROM_MANDATE = "mandate"
COUNTED, EXCLUDED = "counted", "excluded"


@dataclass(frozen=True)
class Majority:
    """How a cycle's body decides: exact fractions as text, and the ids of the rules.

    `quorum_rule` says where the quorum comes from: a rule of the rule book, the mandate, or nowhere.
    """

    threshold: str
    more_than: bool
    rule: str
    abstention: str
    quorum: str
    quorum_rule: str


def majority_of(cycle: Cycle) -> Majority | None:
    """Return how the cycle decides; None where the statute sets no majority.

    The quorum is the statute's, else the one that the mandate set, else there is none. Where the statute does
    not say whether abstentions count, they do not: a share is of those who said yes or no.
    """
    decision = rule_book_of(cycle.rule_book).body(cycle.body.key).decision
    if decision.threshold is None:
        return None
    rules = f"bodies.{cycle.body.key}.decision"
    quorum, quorum_rule = cycle.quorum_share, FROM_MANDATE if cycle.quorum_share else ""
    if decision.quorum is not None:
        quorum, quorum_rule = str(decision.quorum), f"{rules}.quorum"
    return Majority(
        threshold=str(decision.threshold),
        more_than=decision.more_than,
        rule=f"{rules}.threshold",
        abstention=decision.abstention or EXCLUDED,
        quorum=quorum,
        quorum_rule=quorum_rule,
    )


def result_of(ballot: Ballot) -> ballots.Result | None:
    """Return the result of a counted ballot, with how many yes were needed; None while the box is closed to all."""
    if ballot.yes is None or ballot.no is None or ballot.abstain is None:
        return None
    sums = {Choice.YES: ballot.yes, Choice.NO: ballot.no, Choice.ABSTAIN: ballot.abstain}
    return count(ballot, (choice for choice, papers in sums.items() for _paper in range(papers)))


def count(ballot: Ballot, choices: Iterable[str]) -> ballots.Result:
    """Count papers by the rule under which their ballot was opened."""
    return ballots.count_yes_no(
        [ballots.Choice(choice) for choice in choices],
        eligible=ballot.eligible,
        quorum=Fraction(ballot.quorum) if ballot.quorum else None,
        threshold=Fraction(ballot.threshold),
        more_than=ballot.more_than,
        abstention="counted" if ballot.abstention == COUNTED else "excluded",
    )


def new_receipt() -> str:
    """Return a receipt that only its voter knows until the list of receipts is published."""
    return ballots.receipt(ballots.new_secret())


def answer_due(cycle: Cycle, handed_over: date) -> tuple[date, str] | None:
    """Return the last day for the authority's answer, and the rule that sets it; None if nothing does."""
    owed = rulebook.answer_due(rule_book_of(cycle.rule_book), handed_over, cycle.promised_answer_days)
    return None if owed is None else (owed[0], owed[1] or FROM_MANDATE)
