"""What the secretariat decides about a seat that is held: suspension, exclusion, loss of eligibility, death.

Nobody is suspended or excluded by one person alone: a majority could be bent that way before a vote.
"""

from __future__ import annotations

from datetime import date

from django.db import transaction

from isegoria_web import clock
from isegoria_web.accounts.actors import Actor
from isegoria_web.errors import require, required
from isegoria_web.journal.enums import Action
from isegoria_web.journal.services import record
from isegoria_web.membership import algorithms, policies
from isegoria_web.membership.enums import AlternateStatus, DecisionKind, EndReason, TermStatus
from isegoria_web.membership.errors import (
    AlreadySuspended,
    DecidedByTwo,
    DecisionClosed,
    DecisionOpen,
    HearingMissing,
    NoLongerSeated,
    NotSuspended,
    NotWaiting,
    ReasonMissing,
    RuleUnknown,
    SuspensionEndsTooSoon,
)
from isegoria_web.membership.models import Alternate, SeatDecision, Term
from isegoria_web.membership.services import leave_seat, locked, vacate

BY_TWO = frozenset({DecisionKind.SUSPENSION, DecisionKind.EXCLUSION})
"""Kinds that a second person has to confirm."""
ENDS = {
    DecisionKind.RESIGNATION: EndReason.RESIGNATION,
    DecisionKind.INELIGIBLE: EndReason.INELIGIBLE,
    DecisionKind.EXCLUSION: EndReason.EXCLUSION,
    DecisionKind.DEATH: EndReason.DEATH,
}
"""Kinds that end a term, and what the term then says."""
WITH_REASON = frozenset({DecisionKind.SUSPENSION, DecisionKind.EXCLUSION, DecisionKind.INELIGIBLE})


def decide_seat(
    *,
    actor: Actor,
    term: Term,
    kind: DecisionKind,
    starts_on: date,
    ends_on: date | None = None,
    rule: str = "",
    reason: str = "",
    hearing: str = "",
) -> SeatDecision:
    """Decide about a seat that is held, or propose it where a second person has to confirm.

    Parameters
    ----------
    starts_on
        The first day on which she no longer sits, or is suspended.
    ends_on
        Of a suspension, if it is known: the first day on which she may act again.
    rule
        The id of the rule in the rule book of the cycle; empty where the statute is silent.
    reason, hearing
        Why, and what she said to it: read by the secretariat alone, and erased on its date.

    Raises
    ------
    NoLongerSeated
        If she does not hold the seat.
    RuleUnknown
        If the rule book has rules for this and another one was named, or none.
    ReasonMissing, HearingMissing
        If the kind needs a reason, or the rule book a hearing.
    DecisionOpen, AlreadySuspended, SuspensionEndsTooSoon
        If a proposal waits, she is suspended already, or the suspension would end before it begins.
    """
    require(policies.may_decide_seat(actor, term))
    person = required(actor.user)
    with transaction.atomic():
        term = _held(term)
        _check(term, kind, starts_on, ends_on, rule, reason, hearing)
        decision = SeatDecision(
            term=term, kind=kind, starts_on=starts_on, ends_on=ends_on, rule=rule, reason=reason.strip(),
            hearing=hearing.strip(), proposed_by=person, proposed_at=clock.now(),
        )  # fmt: skip
        if kind not in BY_TWO:
            decision.decided_at = clock.now()
        decision.full_clean()
        decision.save()
        if kind not in BY_TWO:
            _take_effect(actor, decision)
            return decision
        record(
            actor=actor, institution=term.member.cycle.institution, action=Action.SEAT_DECISION_PROPOSED,
            subject=decision, facts={"cycle": term.member.cycle.number, "kind": kind.value},
        )  # fmt: skip
        return decision


def confirm_decision(*, actor: Actor, decision: SeatDecision) -> SeatDecision:
    """Confirm, as the second person, what somebody else proposed; it takes effect today at the earliest.

    Raises
    ------
    DecidedByTwo
        If the same person proposed it.
    DecisionClosed, NoLongerSeated, AlreadySuspended, SuspensionEndsTooSoon
        If it is not the time for it.
    """
    require(policies.may_decide_seat(actor, decision.term))
    if not policies.may_confirm_decision(actor, decision):
        raise DecidedByTwo
    with transaction.atomic():
        term = _held(decision.term)
        decision = _undecided(decision)
        decision.term = term
        today = clock.today(term.member.cycle.institution.time_zone)
        decision.starts_on = max(decision.starts_on, today)
        if decision.ends_on is not None and decision.ends_on <= decision.starts_on:
            raise SuspensionEndsTooSoon
        if (
            decision.kind == DecisionKind.SUSPENSION
            and term.decisions.suspending_on(decision.starts_on).exists()
        ):
            raise AlreadySuspended
        decision.decided_by, decision.decided_at = required(actor.user), clock.now()
        decision.save()
        _take_effect(actor, decision)
        return decision


def withdraw_decision(*, actor: Actor, decision: SeatDecision) -> SeatDecision:
    """Withdraw a proposal; what was held against the member is erased at once.

    Raises
    ------
    DecisionClosed
        If it was decided or withdrawn.
    """
    require(policies.may_decide_seat(actor, decision.term))
    with transaction.atomic():
        locked(decision.term)
        decision = _undecided(decision)
        decision.withdrawn_at = decision.erased_at = clock.now()
        decision.reason = decision.hearing = ""
        decision.save()
        cycle = decision.term.member.cycle
        record(
            actor=actor, institution=cycle.institution, action=Action.SEAT_DECISION_WITHDRAWN,
            subject=decision, facts={"cycle": cycle.number, "kind": decision.kind},
        )  # fmt: skip
        return decision


def end_suspension(*, actor: Actor, decision: SeatDecision) -> SeatDecision:
    """Let a suspended member act again from today.

    Raises
    ------
    NotSuspended
        If the suspension is over, or was never decided.
    """
    require(policies.may_decide_seat(actor, decision.term))
    with transaction.atomic():
        term = locked(decision.term)
        decision = SeatDecision.objects.select_for_update().get(pk=decision.pk)
        today = clock.today(term.member.cycle.institution.time_zone)
        over = decision.ends_on is not None and decision.ends_on <= today
        if decision.kind != DecisionKind.SUSPENSION or decision.decided_at is None or over:
            raise NotSuspended
        decision.ends_on = max(today, decision.starts_on)
        decision.save(update_fields=["ends_on"])
        record(
            actor=actor, institution=term.member.cycle.institution, action=Action.MEMBER_RESUMED,
            subject=term.member,
            facts={"cycle": term.member.cycle.number, "seat": term.seat.number, "on": decision.ends_on.isoformat()},
        )  # fmt: skip
        return decision


def resign(*, actor: Actor, term: Term, on: date, reason: str = "") -> Term | None:
    """Let a member give up her seat by her own word; what she says to it is kept for the secretariat alone.

    Returns
    -------
    Term or None
        The offer to the alternate.

    Raises
    ------
    NoLongerSeated
        If she does not hold the seat.
    """
    require(policies.may_leave_seat(actor, term))
    with transaction.atomic():
        term = _held(term)
        offered = leave_seat(actor=actor, term=term, reason=EndReason.RESIGNATION, on=on)
        term.refresh_from_db()
        SeatDecision.objects.create(
            term=term, kind=DecisionKind.RESIGNATION, starts_on=required(term.ends_on), reason=reason.strip(),
            proposed_by=required(actor.user), proposed_at=clock.now(), decided_at=clock.now(),
        )  # fmt: skip
        return offered


def find_ineligible(*, actor: Actor, alternate: Alternate, rule: str = "") -> Alternate:
    """Take an alternate off who cannot be a member any more, by a rule; the others keep their order.

    Raises
    ------
    NotWaiting
        If she does not wait.
    RuleUnknown
        If the rule book has rules for this and another one was named, or none.
    """
    require(policies.may_offer_seats(actor, alternate.selection.draw))
    with transaction.atomic():
        alternate = Alternate.objects.select_for_update().get(pk=alternate.pk)
        cycle = alternate.cycle
        if alternate.status != AlternateStatus.WAITING:
            raise NotWaiting
        _check_rule(rule, algorithms.rules_for(cycle.rule_book, cycle.body.key, DecisionKind.INELIGIBLE))
        alternate.status = AlternateStatus.INELIGIBLE
        alternate.save(update_fields=["status"])
        record(
            actor=actor, institution=cycle.institution, action=Action.ALTERNATE_INELIGIBLE,
            subject=alternate.selection.draw,
            facts={"alternate": alternate.position, "rule": algorithms.dated_or_silent(rule, cycle.rule_book)},
        )  # fmt: skip
        return alternate


# -- the parts of the verbs ----------------------------------------------------------------------------


def _held(term: Term) -> Term:
    """Return a term that is held now, locked, or refuse."""
    term = locked(term)
    today = clock.today(term.member.cycle.institution.time_zone)
    if term.status != TermStatus.ACTIVE or (term.ends_on is not None and term.ends_on <= today):
        raise NoLongerSeated
    return term


def _undecided(decision: SeatDecision) -> SeatDecision:
    SeatDecision.objects.select_for_update().get(pk=decision.pk)
    decision = SeatDecision.objects.select_related("term__seat", "term__member__cycle__institution").get(
        pk=decision.pk
    )
    if not decision.is_open:
        raise DecisionClosed
    return decision


def _check(
    term: Term,
    kind: DecisionKind,
    starts_on: date,
    ends_on: date | None,
    rule: str,
    reason: str,
    hearing: str,
) -> None:
    cycle = term.member.cycle
    _check_rule(rule, algorithms.rules_for(cycle.rule_book, cycle.body.key, kind))
    if kind in WITH_REASON and not reason.strip():
        raise ReasonMissing
    if (
        kind == DecisionKind.EXCLUSION
        and not hearing.strip()
        and algorithms.hearing_rule(cycle.rule_book, cycle.body.key) is not None
    ):
        raise HearingMissing
    if ends_on is not None and (kind != DecisionKind.SUSPENSION or ends_on <= starts_on):
        raise SuspensionEndsTooSoon
    if term.decisions.waiting().exists():
        raise DecisionOpen
    if kind == DecisionKind.SUSPENSION and term.decisions.suspending_on(starts_on).exists():
        raise AlreadySuspended


def _check_rule(rule: str, known: tuple[str, ...]) -> None:
    if rule not in (known or ("",)):
        raise RuleUnknown


def _take_effect(actor: Actor, decision: SeatDecision) -> None:
    term = decision.term
    cycle = term.member.cycle
    rule = algorithms.dated_or_silent(decision.rule, cycle.rule_book)
    if decision.kind != DecisionKind.SUSPENSION:
        vacate(
            actor=actor, term=term, reason=ENDS[DecisionKind(decision.kind)], on=decision.starts_on,
            facts={"rule": rule},
        )  # fmt: skip
        return
    record(
        actor=actor, institution=cycle.institution, action=Action.MEMBER_SUSPENDED, subject=term.member,
        facts={
            "cycle": cycle.number, "seat": term.seat.number, "rule": rule, "persons": 2,
            "from": decision.starts_on.isoformat(),
            "until": decision.ends_on.isoformat() if decision.ends_on else None,
        },
    )  # fmt: skip
