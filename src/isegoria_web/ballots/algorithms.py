"""The door to `isegoria.ballots` and `isegoria.rulebook`: how a body decides, and the count."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from isegoria import ballots
from isegoria_web.ballots.enums import BallotKind, Choice
from isegoria_web.ballots.models import Ballot
from isegoria_web.institutions.algorithms import rule_book_of
from isegoria_web.institutions.models import Cycle

FROM_MANDATE = "mandate"
COUNTED, EXCLUDED = "counted", "excluded"


@dataclass(frozen=True)
class Majority:
    """How a cycle's body decides: exact fractions as text, and the ids of the rules.

    `quorum_rule` says where the quorum comes from: a rule of the rule book, the mandate, or nowhere.
    `threshold` is empty where the statute sets none.
    """

    threshold: str
    more_than: bool
    rule: str
    abstention: str
    quorum: str
    quorum_rule: str


def majority_of(cycle: Cycle) -> Majority:
    """Return how the cycle decides.

    The quorum is the statute's, else the one that the mandate set, else there is none. Where the statute does
    not say whether abstentions count, they do not: a share is of those who said yes or no.
    """
    decision = rule_book_of(cycle.rule_book).body(cycle.body.key).decision
    rules = f"bodies.{cycle.body.key}.decision"
    quorum, quorum_rule = cycle.quorum_share, FROM_MANDATE if cycle.quorum_share else ""
    if decision.quorum is not None:
        quorum, quorum_rule = str(decision.quorum), f"{rules}.quorum"
    return Majority(
        threshold="" if decision.threshold is None else str(decision.threshold),
        more_than=decision.more_than,
        rule=f"{rules}.threshold",
        abstention=decision.abstention or EXCLUDED,
        quorum=quorum,
        quorum_rule=quorum_rule,
    )


def result_of(ballot: Ballot) -> ballots.Result | None:
    """Return the result of a counted yes or no, with how many yes were needed; None while the box is closed to all."""
    if ballot.yes is None or ballot.no is None or ballot.abstain is None:
        return None
    sums = {Choice.YES: ballot.yes, Choice.NO: ballot.no, Choice.ABSTAIN: ballot.abstain}
    return count(ballot, (choice for choice, papers in sums.items() for _paper in range(papers)))


def count(ballot: Ballot, choices: Iterable[str]) -> ballots.Result:
    """Count papers of yes or no by the rule under which their ballot was opened."""
    return ballots.count_yes_no(
        [ballots.Choice(choice) for choice in choices],
        eligible=ballot.eligible,
        quorum=Fraction(ballot.quorum) if ballot.quorum else None,
        threshold=Fraction(ballot.threshold),
        more_than=ballot.more_than,
        abstention="counted" if ballot.abstention == COUNTED else "excluded",
    )


def choose(ballot: Ballot, marks: Sequence[Sequence[str]]) -> Mapping[str, Any]:
    """Count papers of a choice by the rule of their ballot; an empty paper is an abstention.

    Returns
    -------
    dict
        `cast`, `blank` (papers), `quorum_met`, `chosen` (keys in the order of their choice, none without the
        quorum), `tied` (keys that lost a place by the published order alone), and `approvals` (key to papers)
        or `ranks` (keys from the best, level ones together).
    """
    options = [str(option["key"]) for option in ballot.options]
    papers = [ballots.Paper(tuple(each)) for each in marks if each]
    quorum = Fraction(ballot.quorum) if ballot.quorum else Fraction(0)
    quorum_met = len(marks) >= quorum * ballot.eligible
    places = ballot.places or 1
    found: dict[str, Any] = {
        "cast": len(marks),
        "blank": len(marks) - len(papers),
        "quorum_met": quorum_met,
    }
    if ballot.kind == BallotKind.RANKING:
        ranks = ballots.ranking(options, papers)
        found["ranks"] = [list(level) for level in ranks]
        chosen, tied = _first(ranks, places)
    else:
        approvals = {key: int(weight) for key, weight in ballots.count_approval(options, papers).items()}
        found["approvals"] = approvals
        if ballot.kind == BallotKind.SHARES and papers:
            selected = ballots.equal_shares(options, papers, places)
            chosen = list(selected.chosen)
            tied = [key for key in options if any(key in level for level in selected.tied)]
        else:
            by_count = sorted(set(approvals.values()), reverse=True)
            levels = [[key for key in options if approvals[key] == papers_] for papers_ in by_count]
            chosen, tied = _first(levels, places)
    decided = quorum_met and bool(papers)
    found["chosen"] = chosen if decided else []
    found["tied"] = [key for key in tied if key not in chosen] if decided else []
    return found


def _first(levels: Iterable[Sequence[str]], places: int) -> tuple[list[str], list[str]]:
    """Return the first options of levels, and who was level with the last one chosen but came later in the list."""
    chosen: list[str] = []
    for level in levels:
        room = places - len(chosen)
        chosen += level[:room]
        if len(level) >= room:
            return chosen, list(level[room:])
    return chosen, []


def new_receipt() -> str:
    """Return a receipt that only its voter knows until the list of receipts is published."""
    return ballots.receipt(ballots.new_secret())
