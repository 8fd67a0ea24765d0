from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import IntegrityError, connection, transaction
from django.db.models import Max

from isegoria_web import clock
from isegoria_web.accounts.actors import Actor
from isegoria_web.accounts.enums import Role
from isegoria_web.ballots import algorithms, policies
from isegoria_web.ballots.enums import BallotKind, BallotStatus, Choice, Together
from isegoria_web.ballots.errors import (
    BallotClosed,
    BallotEndsTooSoon,
    BallotStillOpen,
    ClosingNotProposed,
    GroupVotesInSecret,
    NeedsSecondPerson,
    NobodyMayVote,
    NoThreshold,
    OptionsWrong,
    PlacesWrong,
    TooFewForSecrecy,
    TooFewMayVote,
    UnknownChoice,
    VotedAlready,
    WhoBindsUnknown,
)
from isegoria_web.ballots.models import (
    FEWEST_VOTERS,
    Ballot,
    Paper,
    Participation,
    Resolution,
    RollCall,
    Voice,
)
from isegoria_web.errors import require, required
from isegoria_web.institutions.models import Cycle
from isegoria_web.institutions.status import require_cycle_at_work
from isegoria_web.journal.enums import Action
from isegoria_web.journal.services import record
from isegoria_web.membership.models import Member
from isegoria_web.storage import traces
from isegoria_web.translated import Texts

MANY = 2
_WHEN_COUNTED: list[Callable[[Ballot], None]] = []


def when_counted(follow: Callable[[Ballot], None]) -> None:
    """Register what an app does with the result of a ballot, in the transaction that counts it."""
    if follow not in _WHEN_COUNTED:
        _WHEN_COUNTED.append(follow)


def follow_count(ballot: Ballot) -> None:
    """Let every app do what it does with a result, in the transaction that made it."""
    for follow in _WHEN_COUNTED:
        follow(ballot)


def open_ballot(
    *,
    actor: Actor,
    cycle: Cycle,
    question: Texts,
    closes_at: datetime,
    facts: Mapping[str, Any] | None = None,
) -> Ballot:
    """Open a secret ballot of yes or no, by the majority of the rule book.

    Whoever sits now stands on its roll: whoever comes later cannot vote, so that there are never more papers
    than voters. In a mixed body this is the citizens' box; how the others vote openly afterwards, and how all decide
    together, is fixed now as well.

    Parameters
    ----------
    facts
        What else the journal says of it: which recommendation in which wording.

    Raises
    ------
    BallotEndsTooSoon, NoThreshold, NobodyMayVote, TooFewMayVote
        If it cannot be opened.
    WhoBindsUnknown, GroupVotesInSecret, TooFewForSecrecy
        If a mixed body cannot vote so.
    """
    require(policies.may_open(actor, cycle))
    majority, others = algorithms.majority_of(cycle), algorithms.open_rules(cycle)
    together = algorithms.together_of(cycle) if others else ""
    if not majority.threshold:
        raise NoThreshold
    if others:
        _require_mixed(cycle, others, together)
    rule = {
        "threshold": majority.threshold, "more_than": majority.more_than, "abstention": majority.abstention,
        "threshold_rule": majority.rule, "binding": majority.binding, "together": together,
    }  # fmt: skip
    told = {**(facts or {}), **({"together": together, "binding": majority.binding} if others else {})}
    with transaction.atomic():
        ballot = _open(actor, cycle, BallotKind.YES_NO, question, closes_at, majority, rule, told)
        for each in others:
            _prepare_roll_call(ballot, each)
        return ballot


def open_choice(
    *,
    actor: Actor,
    cycle: Cycle,
    kind: BallotKind,
    question: Texts,
    options: Sequence[Texts],
    places: int,
    closes_at: datetime,
) -> Ballot:
    """Open a secret ballot that chooses some of several options, in an order that is published and decides ties.

    Parameters
    ----------
    options
        The text of each, in at least one language.
    places
        How many are chosen, fewer than there are.

    Raises
    ------
    BallotEndsTooSoon, NobodyMayVote, TooFewMayVote, OptionsWrong, PlacesWrong
        If it cannot be opened.
    """
    require(policies.may_open(actor, cycle))
    texts = [{code: text.strip() for code, text in option.items() if text.strip()} for option in options]
    if kind == BallotKind.YES_NO or len(texts) < MANY or not all(texts):
        raise OptionsWrong
    if any(one == other for place, one in enumerate(texts) for other in texts[:place]):
        raise OptionsWrong
    if not 1 <= places < len(texts):
        raise PlacesWrong
    rule = {
        "options": [{"key": str(number), "text": text} for number, text in enumerate(texts, 1)],
        "places": places,
    }
    majority = algorithms.majority_of(cycle)
    facts: dict[str, Any] = {"kind": kind.value, "options": len(texts), "places": places}
    if algorithms.without_a_choice(cycle):
        facts["voters"] = algorithms.CITIZENS  # in a mixed body it has to be said
    return _open(actor, cycle, kind, question, closes_at, majority, rule, facts)


def cast(*, actor: Actor, ballot: Ballot, choice: Choice | None = None, marks: Sequence[str] = ()) -> str:
    """Put a vote into the box, and return the voter's receipt, which is shown once.

    Nothing links the paper to the voter but the moment; see `docs/decisions/ballot-secrecy-level.md`.
    No entry in the journal: its time would be the link.

    Parameters
    ----------
    choice
        Of yes or no.
    marks
        Of a choice: the keys of the options; of a ranking the best first. None: an abstention.

    Raises
    ------
    BallotClosed, VotedAlready
        If it is too late, or a second time.
    UnknownChoice
        If it is not what the ballot asks.
    """
    require(policies.may_cast(actor, ballot))
    said = _said(ballot, choice, marks)
    try:
        with transaction.atomic():
            now = Ballot.objects.kept_open(ballot.pk)
            if now.status != BallotStatus.OPEN or clock.now() >= now.closes_at:
                raise BallotClosed
            member = required(policies.voter(actor, ballot))
            if Participation.objects.filter(ballot=ballot, member=member).exists():
                raise VotedAlready
            Participation.objects.create(ballot=ballot, member=member)
            receipt = algorithms.new_receipt()
            Paper.in_box.create(ballot=ballot, receipt=receipt, **said)
            return receipt
    except IntegrityError as error:
        if Participation.objects.filter(ballot=ballot, member=policies.voter(actor, ballot)).exists():
            raise VotedAlready from error  # at the same instant: the database let one through
        raise


def propose_closing(*, actor: Actor, ballot: Ballot) -> Ballot:
    """Propose to open the box, once its time is over or everybody has voted; a second person confirms.

    Who proposes anew takes the place of who proposed before.

    Raises
    ------
    BallotStillOpen, BallotClosed
        If it is not the time for it.
    """
    require(policies.may_count(actor, ballot))
    with transaction.atomic():
        ballot = _locked(ballot.pk)
        _require_over(ballot)
        ballot.closing_proposed_by = actor.user
        ballot.save(update_fields=["closing_proposed_by"])
        record(
            actor=actor, institution=ballot.cycle.institution, action=Action.BALLOT_CLOSING_PROPOSED,
            subject=ballot, facts={"ballot": ballot.number},
        )  # fmt: skip
        return ballot


def close_ballot(*, actor: Actor, ballot: Ballot) -> Ballot:
    """Open the box as the second person, and count; only now is there a number.

    The papers are written anew in a random order, and who voted in the order of the members, all with new ids,
    so that no order of rows tells anything. `wipe_boxes` removes what the former rows left in the files.

    Raises
    ------
    BallotStillOpen, BallotClosed
        If it is not the time for it.
    ClosingNotProposed, NeedsSecondPerson
        If there are not two persons, one of them of the secretariat.
    """
    require(policies.may_count(actor, ballot))
    with transaction.atomic():
        ballot = _locked(ballot.pk)
        _require_over(ballot)
        _require_two(actor, ballot)
        papers = _write_anew(ballot)
        ballot.status, ballot.closed_at, ballot.closed_by = BallotStatus.CLOSED, clock.now(), actor.user
        facts = {
            "ballot": ballot.number, "eligible": ballot.eligible, **_counted(ballot, papers),
            "rules": algorithms.grounds(ballot.cycle, ballot),
        }  # fmt: skip
        ballot.save()
        record(
            actor=actor, institution=ballot.cycle.institution, action=Action.BALLOT_CLOSED, subject=ballot,
            facts=facts,
        )  # fmt: skip
        follow_count(ballot)
        return ballot


def close_broken_off(actor: Actor, cycle: Cycle) -> None:
    """Close the open boxes of a cycle that is broken off, uncounted; follows the verb that breaks it off.

    Their papers are deleted, and who voted: nobody counts them any more, by no way. The reasons are those of the cycle.
    """
    for key in Ballot.objects.filter(cycle=cycle, status=BallotStatus.OPEN).values_list("pk", flat=True):
        ballot = _locked(key)
        if ballot.status != BallotStatus.OPEN:
            continue  # counted in the same instant
        Paper.in_box.filter(ballot=ballot).delete()
        ballot.participations.all().delete()
        ballot.status, ballot.closed_at, ballot.closing_proposed_by = (
            BallotStatus.UNCOUNTED, clock.now(), None,
        )  # fmt: skip
        ballot.full_clean()
        ballot.save()
        record(
            actor=actor, institution=cycle.institution, action=Action.BALLOT_BROKEN_OFF, subject=ballot,
            facts={"ballot": ballot.number, "cycle": cycle.number},
        )  # fmt: skip


def wipe_boxes(*, actor: Actor) -> int:
    """Remove what the rows of closed ballots left in the database's files; returns how many boxes were wiped.

    Until then a copy of the files still shows the papers in the order in which they were cast. Not in a
    transaction, and not in the journal: nothing changes but the files.
    """
    require(policies.may_wipe_boxes(actor))
    boxes = list(Ballot.objects.with_traces().values_list("pk", flat=True))
    if boxes:
        traces.wipe(connection, [Paper, Participation, Voice, Resolution])
        Ballot.objects.filter(pk__in=boxes).update(wiped_at=clock.now())
    return len(boxes)


# -- the parts of the verbs ----------------------------------------------------------------------------------


def _open(
    actor: Actor,
    cycle: Cycle,
    kind: BallotKind,
    question: Texts,
    closes_at: datetime,
    majority: algorithms.Majority,
    rule: Mapping[str, Any],
    facts: Mapping[str, Any],
) -> Ballot:
    require_cycle_at_work(cycle)
    if closes_at <= clock.now():
        raise BallotEndsTooSoon
    with transaction.atomic():
        cycle = Cycle.objects.select_for_update(of=("self",)).select_related("institution").get(pk=cycle.pk)
        roll = list(Member.objects.sitting_in(cycle))
        if not roll:
            raise NobodyMayVote
        if len(roll) < FEWEST_VOTERS:
            raise TooFewMayVote
        last = Ballot.objects.filter(cycle=cycle).aggregate(last=Max("number"))["last"] or 0
        ballot = Ballot(
            cycle=cycle, number=last + 1, kind=kind, question=dict(question), opened_at=clock.now(),
            closes_at=closes_at, eligible=len(roll), quorum=majority.quorum,
            quorum_rule=majority.quorum_rule, **rule,
        )  # fmt: skip
        ballot.full_clean()
        ballot.save()
        ballot.roll.set(roll)
        record(
            actor=actor, institution=cycle.institution, action=Action.BALLOT_OPENED, subject=ballot,
            facts={
                "ballot": ballot.number,
                **facts,
                "eligible": ballot.eligible,
                "threshold": ballot.threshold,
                "rule": ballot.threshold_rule,
                "quorum": ballot.quorum,
                "quorum_rule": ballot.quorum_rule,
                "closes_at": closes_at.isoformat(),
                "rules": algorithms.grounds(cycle, ballot),
            },
        )  # fmt: skip
        return ballot


def _require_mixed(cycle: Cycle, others: Sequence[algorithms.OpenRule], together: str) -> None:
    """Ask that the statute says who binds, that the others vote openly, and that enough citizens vote in secret."""
    if not together:
        raise WhoBindsUnknown
    if any(each.secret is not False for each in others):
        raise GroupVotesInSecret
    if not all(each.threshold or together == Together.WEIGHTED for each in others):
        raise NoThreshold
    if Member.objects.sitting_in(cycle).count() < algorithms.FEWEST_SECRET:
        raise TooFewForSecrecy


def _prepare_roll_call(ballot: Ballot, rule: algorithms.OpenRule) -> RollCall:
    """Fix by which rule a group votes; in a weighted sum it has the threshold of all."""
    made = RollCall(
        ballot=ballot, college=rule.college, title=rule.title, weight=rule.weight,
        binding=rule.binding is not False, threshold=rule.threshold or ballot.threshold,
        more_than=rule.more_than, of_all=rule.of_all, abstention=rule.abstention, quorum=rule.quorum,
        rule=rule.rule,
    )  # fmt: skip
    made.full_clean()
    made.save()
    return made


def _locked(key: int) -> Ballot:
    Ballot.objects.select_for_update().get(pk=key)
    return Ballot.objects.select_related("cycle__institution").get(pk=key)


def _said(ballot: Ballot, choice: Choice | None, marks: Sequence[str]) -> dict[str, Any]:
    if ballot.kind == BallotKind.YES_NO:
        if choice not in Choice.values or marks:
            raise UnknownChoice
        return {"choice": choice}
    offered = {option["key"] for option in ballot.options}
    if choice is not None or len(set(marks)) != len(marks) or not set(marks) <= offered:
        raise UnknownChoice
    in_order = list(marks) if ballot.kind == BallotKind.RANKING else sorted(marks)
    return {"marks": in_order}


def _require_over(ballot: Ballot) -> None:
    if ballot.status != BallotStatus.OPEN:
        raise BallotClosed
    if clock.now() < ballot.closes_at and ballot.participations.count() < ballot.eligible:
        raise BallotStillOpen


def _require_two(actor: Actor, ballot: Ballot) -> None:
    """Ask for two different persons, one of whom belongs to the secretariat."""
    first = ballot.closing_proposed_by
    if first is None:
        raise ClosingNotProposed
    two = [one for one in (Actor.of(first), actor) if one is not None]
    of_secretariat = any(one.has_role(ballot.cycle.institution, Role.SECRETARIAT) for one in two)
    if first == actor.user or not of_secretariat:
        raise NeedsSecondPerson


def _counted(ballot: Ballot, papers: Sequence[tuple[str, Sequence[str] | None]]) -> dict[str, Any]:
    """Write the count into a ballot, and return what the journal says of it."""
    if ballot.kind != BallotKind.YES_NO:
        ballot.outcome = dict(algorithms.choose(ballot, [marks or () for _choice, marks in papers]))
        return dict(ballot.outcome)
    result = algorithms.count(ballot, [choice for choice, _marks in papers])
    ballot.yes, ballot.no, ballot.abstain = result.yes, result.no, result.abstain
    return {
        "yes": result.yes,
        "no": result.no,
        "abstain": result.abstain,
        "quorum_met": result.quorum_met,
        "adopted": result.adopted,
    }


def _write_anew(ballot: Ballot) -> list[tuple[str, list[str] | None]]:
    """Write papers and participations anew, in orders that tell nothing, and return what the papers say."""
    papers = list(Paper.in_box.filter(ballot=ballot).values_list("choice", "marks", "receipt"))
    secrets.SystemRandom().shuffle(papers)
    Paper.in_box.filter(ballot=ballot).delete()
    Paper.in_box.bulk_create(
        Paper(ballot=ballot, choice=choice, marks=marks, receipt=receipt)
        for choice, marks, receipt in papers
    )
    voters = list(ballot.participations.order_by("member__number").values_list("member_id", flat=True))
    ballot.participations.all().delete()
    Participation.objects.bulk_create(Participation(ballot=ballot, member_id=voter) for voter in voters)
    return [(choice, marks) for choice, marks, _receipt in papers]
