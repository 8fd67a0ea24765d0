"""A new version of the rule book that the secretariat proposes in public, and the authority adopts or declines."""

from __future__ import annotations

from django.db import transaction

from isegoria_web import clock
from isegoria_web.accounts.actors import Actor
from isegoria_web.errors import require, required
from isegoria_web.institutions import policies
from isegoria_web.institutions.algorithms import changes_between, read_rule_book
from isegoria_web.institutions.enums import ProposalStatus
from isegoria_web.institutions.errors import (
    ChangeNeedsReasons,
    OtherRuleBook,
    ProposalDecided,
    ProposalOpen,
    ProposalOutdated,
    RuleBookNotDated,
    RuleBookUnchanged,
)
from isegoria_web.institutions.life import Work
from isegoria_web.institutions.models import Institution, RuleBookProposal, RuleBookVersion
from isegoria_web.institutions.services import amend_rule_book
from isegoria_web.institutions.status import require_at_work
from isegoria_web.journal.enums import Action
from isegoria_web.journal.services import record
from isegoria_web.translated import Texts


def propose(*, actor: Actor, institution: Institution, text: str, reasons: Texts) -> RuleBookProposal:
    """Propose a new version to the authority; everybody sees it, with what it would change.

    Raises
    ------
    isegoria.errors.BadInput
        If the rule book does not hold; nothing is proposed.
    ChangeNeedsReasons, OtherRuleBook, RuleBookUnchanged, RuleBookNotDated
        If it says not why, is another book, changes nothing, or names no first day after the version in force.
    ProposalOpen
        If another proposal waits.
    """
    require(policies.may_propose_rule_book(actor, institution))
    require_at_work(institution, Work.GO_ON)
    book = read_rule_book(text)
    if not any(each.strip() for each in reasons.values()):
        raise ChangeNeedsReasons
    with transaction.atomic():
        Institution.objects.select_for_update().get(pk=institution.pk)
        if open_proposal(institution) is not None:
            raise ProposalOpen
        before = institution.rule_books.latest("number")
        if book.id != before.identifier:
            raise OtherRuleBook
        if not changes_between(before.text, text):
            raise RuleBookUnchanged
        if book.valid_from is None or book.valid_from <= before.valid_from:
            raise RuleBookNotDated
        made = RuleBookProposal(
            institution=institution, number=institution.rule_book_proposals.count() + 1, before=before, text=text,
            reasons=dict(reasons), proposed_by=required(actor.user), proposed_at=clock.now(),
        )  # fmt: skip
        made.full_clean()
        made.save()
        _record(actor, made, Action.RULEBOOK_PROPOSED)
        return made


def adopt(*, actor: Actor, proposal: RuleBookProposal) -> RuleBookVersion:
    """Adopt what was proposed as the next version.

    Raises
    ------
    ProposalDecided, ProposalOutdated
        If it was decided or taken back, or the rule book changed since.
    RuleBookNotDated
        If its first day has not come.
    """
    require(policies.may_amend_rule_book(actor, proposal.institution))
    with transaction.atomic():
        found = _waiting(proposal)
        if found.before != found.institution.rule_books.latest("number"):
            raise ProposalOutdated
        made = amend_rule_book(actor=actor, institution=found.institution, text=found.text)
        _decide(found, ProposalStatus.ADOPTED)
        return made


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
    if not any(each.strip() for each in answer.values()):
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
    return waiting.select_related("institution", "before").first()


def _waiting(proposal: RuleBookProposal) -> RuleBookProposal:
    found = (
        RuleBookProposal.objects.select_for_update(of=("self",))
        .select_related("institution", "before")
        .get(pk=proposal.pk)
    )
    if found.status != ProposalStatus.OPEN:
        raise ProposalDecided
    return found


def _decide(proposal: RuleBookProposal, status: ProposalStatus) -> None:
    proposal.status, proposal.decided_at = status, clock.now()
    proposal.full_clean()
    proposal.save(update_fields=["status", "decided_at", "answer"])


def _record(actor: Actor, proposal: RuleBookProposal, action: Action) -> None:
    record(
        actor=actor, institution=proposal.institution, action=action, subject=proposal.institution,
        facts={"proposal": proposal.number, "sha256": proposal.sha256, "changes": proposal.before.number},
    )  # fmt: skip
