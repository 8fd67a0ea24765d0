"""The door to `isegoria.ballots` and `isegoria.rulebook`: how a body decides, and the count."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from typing import Any

from isegoria import ballots
from isegoria.evaluation.small_cells import LEAST
from isegoria_web.ballots.enums import BallotKind, Choice, Together
from isegoria_web.ballots.models import Ballot, Resolution, RollCall, RollCallRecord
from isegoria_web.institutions.algorithms import FROM_MANDATE, dated, ground, rule_book_of
from isegoria_web.institutions.models import Cycle, RuleBookVersion

COUNTED, EXCLUDED = "counted", "excluded"
BINDING, ADVICE = "binding", "consultative"
HALF = "1/2"
CITIZENS = "citizens"
FEWEST_SECRET = LEAST
"""So many citizens must be able to vote in secret beside an open vote: their count is shown by itself."""


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
    binding: bool = True


@dataclass(frozen=True)
class OpenRule:
    """How a group that is appointed votes beside the citizens: exact fractions as text, and the rule with its version.

    `secret` is None where the statute does not say; `binding` too. `threshold` is empty where it sets none.
    """

    college: str
    title: dict[str, str]
    secret: bool | None
    binding: bool | None
    weight: int
    threshold: str
    more_than: bool
    of_all: bool
    abstention: str
    quorum: str
    rule: str
    words: dict[str, str]


def open_rules(cycle: Cycle) -> list[OpenRule]:
    """Return how each group of a mixed body votes that is appointed; none in a body of citizens alone.

    An advice needs a majority only to be told in words: where the statute sets none, it is more than half.
    """
    body = rule_book_of(cycle.rule_book).body(cycle.body.key)
    found = []
    for other in body.others:
        advice = other.effect == ADVICE and other.threshold is None
        path = f"bodies.{body.key}.others.{other.key}"
        found.append(
            OpenRule(
                college=other.key,
                title={str(code): text for code, text in other.title.items()},
                secret=other.secret,
                binding=None if other.effect is None else other.effect == BINDING,
                weight=other.weight or 1,
                threshold=HALF if advice else _text(other.threshold),
                more_than=advice or other.more_than,
                of_all=bool(other.of_all),
                abstention=other.abstention or EXCLUDED,
                quorum=_text(other.quorum),
                rule=dated(
                    f"{path}.{'effect' if other.threshold is None else 'threshold'}", cycle.rule_book
                ),
                words={str(code): text for code, text in other.rule.items()},
            )
        )
    return found


def without_a_choice(cycle: Cycle) -> list[dict[str, str]]:
    """Return the titles of the groups that take no part in choices between options; none where citizens sit alone.

    The rule book gives a group that is appointed an open vote on a recommendation, and a choice has no yes or no: no
    rule says how marks given by name would be counted with marks given in secret, and nothing is invented.
    """
    return [each.title for each in open_rules(cycle)]


def together_of(cycle: Cycle) -> str:
    """Return how the votes of a mixed body decide together; empty where the statute does not say who binds.

    Where the votes are not added up, it must say of each whether it binds.
    """
    body = rule_book_of(cycle.rule_book).body(cycle.body.key)
    if body.together == Together.WEIGHTED.value:
        return Together.WEIGHTED.value
    effects = [body.decision.effect, *(other.effect for other in body.others)]
    return Together.EACH.value if BINDING in effects and None not in effects else ""


def _text(share: Fraction | None) -> str:
    return "" if share is None else str(share)


def majority_of(cycle: Cycle) -> Majority:
    """Return how the cycle decides.

    The quorum is the statute's, else the one that the mandate set, else there is none. Where the statute does
    not say whether abstentions count, they do not: a share is of those who said yes or no.
    """
    body = rule_book_of(cycle.rule_book).body(cycle.body.key)
    decision = body.decision
    rules = f"bodies.{cycle.body.key}.decision"
    quorum, quorum_rule = cycle.quorum_share, FROM_MANDATE if cycle.quorum_share else ""
    if decision.quorum is not None:
        quorum, quorum_rule = str(decision.quorum), f"{rules}.quorum"
    advises = bool(body.others) and decision.effect == ADVICE and body.together != Together.WEIGHTED.value
    told = advises and decision.threshold is None  # more than half: it only tells what most citizens said
    return Majority(
        threshold=HALF if told else _text(decision.threshold),
        more_than=told or decision.more_than,
        rule=f"{rules}.{'effect' if told else 'threshold'}",
        binding=not advises,
        abstention=decision.abstention or EXCLUDED,
        quorum=quorum,
        quorum_rule=quorum_rule,
    )


def majority_between_meetings(version: RuleBookVersion, body: str) -> dict[str, Any]:
    """Return how a body decides by a resolution, as the fields of one; where the statute sets no majority, more than half of all."""
    decision, path = rule_book_of(version).body(body).decision, f"bodies.{body}.decision"
    silent = decision.threshold is None
    return {
        "threshold": HALF if silent else _text(decision.threshold),
        "more_than": silent or decision.more_than,
        "of_all": silent,
        "threshold_rule": "" if silent else f"{path}.threshold",
        "abstention": decision.abstention or EXCLUDED,
        "quorum": _text(decision.quorum),
        "quorum_rule": "" if decision.quorum is None else f"{path}.quorum",
    }


def settled(resolution: Resolution, *, over: bool) -> bool | None:
    """Return whether a resolution is carried; None as long as the members who have not spoken can change that.

    Parameters
    ----------
    over
        Whether its time is over, so that nobody else speaks.
    """
    silent = 0 if over else resolution.eligible - resolution.spoken
    spoken = _as_papers(resolution)
    now = _count(resolution, spoken)
    if not silent:
        return now.adopted
    if now.quorum_met and _count(resolution, spoken + [ballots.Choice.NO] * silent).adopted:
        return True
    return None if _count(resolution, spoken + [ballots.Choice.YES] * silent).adopted else False


def _as_papers(resolution: Resolution) -> list[ballots.Choice]:
    sums = {Choice.YES: resolution.yes, Choice.NO: resolution.no, Choice.ABSTAIN: resolution.abstain}
    return [ballots.Choice(choice) for choice, voices in sums.items() for _voice in range(voices)]


def _count(resolution: Resolution, papers: Sequence[ballots.Choice]) -> ballots.Result:
    return ballots.count_yes_no(
        papers,
        eligible=resolution.eligible,
        quorum=Fraction(resolution.quorum) if resolution.quorum else None,
        threshold=Fraction(resolution.threshold),
        more_than=resolution.more_than,
        abstention="counted" if resolution.abstention == COUNTED else "excluded",
        of_eligible=resolution.of_all,
    )


def grounds(cycle: Cycle, ballot: Ballot) -> dict[str, str]:
    """Return the rules behind the numbers and the day of a ballot, as the journal names them; no rule book sets its day."""
    version, path = cycle.rule_book, f"bodies.{cycle.body.key}.decision"
    quorum = ballot.quorum_rule
    named = {"quorum": quorum if quorum == FROM_MANDATE else ground(version, f"{path}.quorum")}
    if ballot.threshold_rule:
        named["threshold"] = ground(version, ballot.threshold_rule)
    return {**named, "closes_at": ground(version)}


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


def roll_call_result(roll_call: RollCall) -> ballots.Result | None:
    """Return the count of an open vote by its own rule; None before two persons have said how it went."""
    found = roll_call.in_force
    return None if found is None else record_result(roll_call, found)


def record_result(roll_call: RollCall, record: RollCallRecord) -> ballots.Result:
    """Return the count of an open vote as one record tells it, by the rule of its roll call."""
    votes = [vote.choice for vote in record.votes.all()]
    return ballots.count_yes_no(
        [ballots.Choice(choice) for choice in votes if choice],
        eligible=len(votes),
        quorum=Fraction(roll_call.quorum) if roll_call.quorum else None,
        threshold=Fraction(roll_call.threshold),
        more_than=roll_call.more_than,
        abstention="counted" if roll_call.abstention == COUNTED else "excluded",
        of_eligible=roll_call.of_all,
    )


def decided_together(ballot: Ballot) -> ballots.Together | None:
    """Return what a mixed body decided of a question; None in other bodies, and before every college has voted."""
    citizens = result_of(ballot)
    if not ballot.together or citizens is None:
        return None
    colleges = [ballots.College(CITIZENS, citizens, binding=ballot.binding)]
    for each in ballot.roll_calls.all():
        result = roll_call_result(each)
        if result is None:
            return None
        colleges.append(ballots.College(each.college, result, binding=each.binding, weight=each.weight))
    if ballot.together == Together.WEIGHTED:
        return ballots.weighted(colleges, threshold=Fraction(ballot.threshold), more_than=ballot.more_than)
    return ballots.each_by_itself(colleges)


def is_adopted(ballot: Ballot) -> bool | None:
    """Return whether a question is adopted; None as long as a box is closed to all or a college has not voted."""
    if ballot.together:
        together = decided_together(ballot)
        return None if together is None else together.adopted
    result = result_of(ballot)
    return None if result is None else result.adopted


def decided_at(ballot: Ballot) -> datetime | None:
    """Return since when the votes of all colleges stand as they do; None before the last one has voted."""
    found = [each.in_force for each in ballot.roll_calls.all()]
    confirmed = [each.confirmed_at for each in found if each is not None]
    moments = [each for each in (ballot.closed_at, *confirmed) if each is not None]
    return max(moments) if len(moments) == 1 + len(found) else None


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
