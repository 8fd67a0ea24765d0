"""A new version of the rule book that the secretariat proposes in public, and the authority adopts or declines."""

from __future__ import annotations

from datetime import date

from django.db import transaction

from isegoria_web import clock
from isegoria_web.accounts.actors import Actor
from isegoria_web.errors import require, required
from isegoria_web.institutions import policies
from isegoria_web.institutions.algorithms import changes_between, read_rule_book
from isegoria_web.institutions.enums import ProposalStatus, Status
from isegoria_web.institutions.errors import (
    ChangeNeedsReasons,
    OtherRuleBook,
    ProposalDecided,
    ProposalOpen,
    ProposalOutdated,
    RuleBookFollowed,
    RuleBookNotAwaited,
    RuleBookNotDated,
    RuleBookUnchanged,
)
from isegoria_web.institutions.life import Work
from isegoria_web.institutions.models import Institution, RuleBookProposal, RuleBookVersion
from isegoria_web.institutions.services import amend_rule_book, put_into_force
from isegoria_web.institutions.status import require_at_work
from isegoria_web.journal.enums import Action
from isegoria_web.journal.services import Fact, record
from isegoria_web.translated import Texts, written


def propose(*, actor: Actor, institution: Institution, text: str, reasons: Texts) -> RuleBookProposal:
    """Propose a new version to the authority; everybody sees it, with what it would change.

    Several versions may be adopted for days to come, one after the other; a new one follows the last of them.

    Raises
    ------
    isegoria.errors.BadInput
        If the rule book does not hold; nothing is proposed.
    ChangeNeedsReasons, OtherRuleBook, RuleBookUnchanged, RuleBookNotDated
        If it says not why, is another book, changes nothing, or names no first day after the version that will hold
        before it: the one in force, or the last of those that wait for their day.
    ProposalOpen
        If another proposal waits for the authority.
    """
    require(policies.may_propose_rule_book(actor, institution))
    require_at_work(institution, Work.GO_ON)
    book = read_rule_book(text)
    if not written(reasons):
        raise ChangeNeedsReasons
    with transaction.atomic():
        Institution.objects.select_for_update().get(pk=institution.pk)
        if open_proposal(institution) is not None:
            raise ProposalOpen
        before, follows = institution.rule_books.latest("number"), last_awaited(institution)
        if book.id != before.identifier:
            raise OtherRuleBook
        if not changes_between(text_before_next(institution), text):
            raise RuleBookUnchanged
        last_day = before.valid_from if follows is None else first_day(follows)
        if book.valid_from is None or book.valid_from <= last_day:
            raise RuleBookNotDated
        made = RuleBookProposal(
            institution=institution, number=institution.rule_book_proposals.count() + 1, before=before, follows=follows,
            text=text, reasons=dict(reasons), proposed_by=required(actor.user), proposed_at=clock.now(),
        )  # fmt: skip
        made.full_clean()
        made.save()
        _record(actor, made, Action.RULEBOOK_PROPOSED)
        return made


def adopt(*, actor: Actor, proposal: RuleBookProposal) -> RuleBookVersion | RuleBookProposal:
    """Adopt what was proposed: as the next version, or, where its first day is to come, for that day.

    Returns
    -------
    RuleBookVersion or RuleBookProposal
        The version in force, or the proposal that waits for its day.

    Raises
    ------
    ProposalDecided, ProposalOutdated
        If it was decided or taken back, or the rule book changed since.
    """
    require(policies.may_amend_rule_book(actor, proposal.institution))
    require_at_work(proposal.institution, Work.GO_ON)
    with transaction.atomic():
        Institution.objects.select_for_update().get(pk=proposal.institution_id)
        found = _waiting(proposal)
        if not _still_follows(found):
            raise ProposalOutdated
        if first_day(found) > clock.today(found.institution.time_zone):
            _decide(found, ProposalStatus.AWAITED)
            _record(actor, found, Action.RULEBOOK_ADOPTED_AHEAD, since=first_day(found).isoformat())
            return found
        made = amend_rule_book(actor=actor, institution=found.institution, text=found.text)
        _decide(found, ProposalStatus.ADOPTED)
        return made


def revoke(*, actor: Actor, proposal: RuleBookProposal, answer: Texts) -> RuleBookProposal:
    """Withdraw, before its first day, a version that was adopted for it, with reasons that are published.

    Raises
    ------
    ChangeNeedsReasons
        If nothing says why.
    RuleBookNotAwaited
        If its first day has come, or it was withdrawn.
    RuleBookFollowed
        If another version is adopted that follows it: that one is withdrawn first.
    """
    require(policies.may_amend_rule_book(actor, proposal.institution))
    if not written(answer):
        raise ChangeNeedsReasons
    with transaction.atomic():
        Institution.objects.select_for_update().get(pk=proposal.institution_id)
        found = _locked(proposal)
        over = first_day(found) <= clock.today(found.institution.time_zone)
        if found.status != ProposalStatus.AWAITED or over:
            raise RuleBookNotAwaited
        if found.followers.filter(status=ProposalStatus.AWAITED).exists():
            raise RuleBookFollowed
        found.answer = dict(answer)
        _decide(found, ProposalStatus.REVOKED)
        _record(actor, found, Action.RULEBOOK_REVOKED, since=first_day(found).isoformat())
        return found


def bring_into_force(*, actor: Actor) -> int:
    """Make the versions whose first day has come, where each institution is, the ones in force; returns how many.

    Cycles and draws that are open keep the version under which they began. An abolished institution has no next rules.
    """
    require(policies.may_bring_into_force(actor))
    waiting = RuleBookProposal.objects.filter(status=ProposalStatus.AWAITED)
    waiting = waiting.exclude(institution__status=Status.ABOLISHED).order_by("institution", "number")
    return sum(_begin(actor, each) for each in waiting)


def _begin(actor: Actor, proposal: RuleBookProposal) -> bool:
    with transaction.atomic():
        Institution.objects.select_for_update().get(pk=proposal.institution_id)
        found = _locked(proposal)
        to_come = first_day(found) > clock.today(found.institution.time_zone)
        if found.status != ProposalStatus.AWAITED or to_come:
            return False
        put_into_force(actor, found.institution, found.text)
        found.status = ProposalStatus.ADOPTED  # decided on the day on which the authority did
        found.save(update_fields=["status"])
        return True


def decline(*, actor: Actor, proposal: RuleBookProposal, answer: Texts) -> RuleBookProposal:
    """Decline what was proposed, with reasons that are published.

    Raises
    ------
    ChangeNeedsReasons
        If nothing says why.
    ProposalDecided
        If it was decided or taken back.
    """
    require(policies.may_amend_rule_book(actor, proposal.institution))
    if not written(answer):
        raise ChangeNeedsReasons
    with transaction.atomic():
        found = _waiting(proposal)
        found.answer = dict(answer)
        _decide(found, ProposalStatus.DECLINED)
        _record(actor, found, Action.RULEBOOK_DECLINED)
        return found


def withdraw(*, actor: Actor, proposal: RuleBookProposal) -> RuleBookProposal:
    """Take a proposal back before the authority has decided.

    Raises
    ------
    ProposalDecided
        If it was decided or taken back.
    """
    require(policies.may_propose_rule_book(actor, proposal.institution))
    with transaction.atomic():
        found = _waiting(proposal)
        _decide(found, ProposalStatus.WITHDRAWN)
        _record(actor, found, Action.RULEBOOK_WITHDRAWN)
        return found


def open_proposal(institution: Institution) -> RuleBookProposal | None:
    """Return the proposal that waits for the authority, if there is one."""
    waiting = institution.rule_book_proposals.filter(status=ProposalStatus.OPEN)
    return waiting.select_related("institution", "before", "follows").first()


def awaited(institution: Institution) -> list[RuleBookProposal]:
    """Return the versions that are adopted for days to come, in the order of their days."""
    waiting = institution.rule_book_proposals.filter(status=ProposalStatus.AWAITED)
    return list(waiting.select_related("institution", "before", "follows").order_by("number"))


def text_before_next(institution: Institution) -> str:
    """Return the rule book that a new proposal changes: the last that waits for its day, else the one in force."""
    last = last_awaited(institution)
    return institution.rule_books.latest("number").text if last is None else last.text


def last_awaited(institution: Institution) -> RuleBookProposal | None:
    """Return the last of the versions that are adopted for days to come, which a new one follows."""
    return next(reversed(awaited(institution)), None)


def first_day(proposal: RuleBookProposal) -> date:
    """Return the day from which a proposed version would hold; none is proposed without one."""
    return required(read_rule_book(proposal.text).valid_from)


def in_force_on(institution: Institution, day: date) -> RuleBookVersion | RuleBookProposal | None:
    """Return what holds on a day, gone by or to come: a version, or what is adopted for a first day until then."""
    for coming in reversed(awaited(institution)):
        if first_day(coming) <= day:
            return coming
    return institution.rule_books.filter(valid_from__lte=day).order_by("-number").first()


def _locked(proposal: RuleBookProposal) -> RuleBookProposal:
    every = RuleBookProposal.objects.select_for_update(of=("self",)).select_related(
        "institution", "before", "follows"
    )
    return every.get(pk=proposal.pk)


def _still_follows(proposal: RuleBookProposal) -> bool:
    """Return whether what a proposal changes is still what will hold before it."""
    last = last_awaited(proposal.institution)
    if last is not None:
        return proposal.follows == last
    in_force = proposal.institution.rule_books.latest("number")
    if proposal.follows is None:
        return proposal.before == in_force
    return proposal.follows.status == ProposalStatus.ADOPTED and proposal.follows.text == in_force.text


def _waiting(proposal: RuleBookProposal) -> RuleBookProposal:
    found = _locked(proposal)
    if found.status != ProposalStatus.OPEN:
        raise ProposalDecided
    return found


def _decide(proposal: RuleBookProposal, status: ProposalStatus) -> None:
    proposal.status, proposal.decided_at = status, clock.now()
    proposal.full_clean()
    proposal.save(update_fields=["status", "decided_at", "answer"])


def _record(actor: Actor, proposal: RuleBookProposal, action: Action, since: str | None = None) -> None:
    facts: dict[str, Fact] = {
        "proposal": proposal.number, "sha256": proposal.sha256, "changes": proposal.before.number,
    }  # fmt: skip
    record(
        actor=actor, institution=proposal.institution, action=action, subject=proposal.institution,
        facts=facts if since is None else facts | {"from": since},
    )  # fmt: skip
