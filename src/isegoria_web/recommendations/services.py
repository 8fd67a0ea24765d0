from __future__ import annotations

import hashlib
import secrets
import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from django.core.files.base import ContentFile
from django.db import transaction

from isegoria_web import clock
from isegoria_web.accounts.actors import Actor
from isegoria_web.deliberation.models import Statement
from isegoria_web.errors import require, required
from isegoria_web.institutions.models import Cycle
from isegoria_web.journal.enums import Action
from isegoria_web.journal.services import record
from isegoria_web.membership.enums import TermStatus
from isegoria_web.membership.models import Member, Term
from isegoria_web.membership.policies import sitting_member
from isegoria_web.recommendations import algorithms, policies, report
from isegoria_web.recommendations.enums import AmendmentStatus, BallotStatus, Choice, RecommendationStatus
from isegoria_web.recommendations.errors import (
    AmendmentDecided,
    AmendmentOfOldText,
    BallotClosed,
    BallotEndsTooSoon,
    BallotsNotCounted,
    BallotStillOpen,
    ForeignStatement,
    NoLongerADraft,
    NotAdopted,
    NoThreshold,
    ReportHandedOver,
    SignatoryUnknown,
    TooLateToDissent,
    VotedAlready,
)
from isegoria_web.recommendations.models import (
    Amendment,
    Ballot,
    MinorityOpinion,
    Paper,
    Participation,
    Recommendation,
    Report,
    Version,
)
from isegoria_web.translated import Texts

MINORITY_DAYS = 7


# -- drafts ------------------------------------------------------------------------------------------------


def draft_recommendation(
    *,
    actor: Actor,
    cycle: Cycle,
    title: Texts,
    text: Texts,
    reasons: Texts,
    statements: Sequence[Statement],
) -> Recommendation:
    """Draft a recommendation from statements; the lineage stays.

    Raises
    ------
    ForeignStatement
        If a statement is of another cycle.
    """
    require(policies.may_draft(actor, cycle))
    if any(statement.cycle_id != cycle.pk for statement in statements):
        raise ForeignStatement
    with transaction.atomic():
        Cycle.objects.select_for_update().get(pk=cycle.pk)
        recommendation = Recommendation.objects.create(
            cycle=cycle, number=cycle.recommendations.count() + 1
        )
        recommendation.statements.set(statements)
        _write(recommendation, 1, title, text, reasons, None)
        record(
            actor=actor, institution=cycle.institution, action=Action.RECOMMENDATION_DRAFTED,
            subject=recommendation,
            facts={
                "cycle": cycle.number,
                "recommendation": recommendation.number,
                "statements": [statement.number for statement in statements],
            },
        )  # fmt: skip
        return recommendation


def propose_amendment(
    *, actor: Actor, version: Version, text: Texts, reasons: str, language: str
) -> Amendment:
    """Propose another wording of a draft.

    Raises
    ------
    NoLongerADraft, AmendmentOfOldText
        If the wording can no longer be changed, or has been changed.
    """
    require(policies.may_propose_amendment(actor, version))
    recommendation = version.recommendation
    with transaction.atomic():
        recommendation = Recommendation.objects.select_for_update().get(pk=recommendation.pk)
        _require_draft(recommendation, version)
        amendment = Amendment(
            version=version, proposed_by=required(sitting_member(actor, recommendation.cycle)), text=dict(text),
            reasons=reasons, language=language, proposed_at=clock.now(),
        )  # fmt: skip
        amendment.full_clean()
        amendment.save()
        record(
            actor=actor, institution=recommendation.cycle.institution, action=Action.AMENDMENT_PROPOSED,
            subject=amendment,
            facts={"recommendation": recommendation.number, "version": version.number},
        )  # fmt: skip
        return amendment


def decide_amendment(
    *, actor: Actor, amendment: Amendment, accepted: bool, hands_for: int, hands_against: int
) -> Amendment:
    """Write down how the hands decided an amendment; an accepted one becomes the next version.

    Languages that the amendment does not give keep the earlier wording out: the new version has only the
    languages in which it was proposed, so that no old text stands beside a new one.

    Raises
    ------
    AmendmentDecided, AmendmentOfOldText, NoLongerADraft
        If there is nothing to decide any more.
    """
    require(policies.may_decide_amendment(actor, amendment))
    with transaction.atomic():
        recommendation = Recommendation.objects.select_for_update().get(
            pk=amendment.version.recommendation_id
        )
        amendment = Amendment.objects.select_related("version").get(pk=amendment.pk)
        if amendment.status != AmendmentStatus.PROPOSED:
            raise AmendmentDecided
        _require_draft(recommendation, amendment.version)
        amendment.status = AmendmentStatus.ACCEPTED if accepted else AmendmentStatus.REJECTED
        amendment.decided_at, amendment.hands_for, amendment.hands_against = (
            clock.now(),
            hands_for,
            hands_against,
        )
        amendment.full_clean()
        amendment.save()
        if accepted:
            before = amendment.version
            _write(
                recommendation, before.number + 1, before.title, amendment.text, before.reasons, amendment
            )
        record(
            actor=actor, institution=recommendation.cycle.institution, action=Action.AMENDMENT_DECIDED,
            subject=amendment,
            facts={
                "recommendation": recommendation.number,
                "accepted": accepted,
                "hands_for": hands_for,
                "hands_against": hands_against,
            },
        )  # fmt: skip
        return amendment


# -- ballots -----------------------------------------------------------------------------------------------


def open_ballot(*, actor: Actor, recommendation: Recommendation, closes_at: datetime) -> Ballot:
    """Open the secret ballot on the newest wording, by the majority of the rule book.

    Raises
    ------
    NoLongerADraft, BallotEndsTooSoon, NoThreshold
        If it cannot be opened.
    """
    require(policies.may_run_ballot(actor, recommendation))
    if closes_at <= clock.now():
        raise BallotEndsTooSoon
    with transaction.atomic():
        recommendation = _locked(recommendation)
        if recommendation.status != RecommendationStatus.DRAFT:
            raise NoLongerADraft
        majority = algorithms.majority_of(recommendation.cycle)
        if majority is None:
            raise NoThreshold
        eligible = Term.objects.filter(member__cycle=recommendation.cycle, status=TermStatus.ACTIVE).count()
        ballot = Ballot.objects.create(
            recommendation=recommendation,
            version=recommendation.versions.latest("number"),
            opened_at=clock.now(),
            closes_at=closes_at,
            eligible=eligible,
            quorum=majority.quorum,
            threshold=majority.threshold,
            abstention=majority.abstention,
            threshold_rule=majority.rule,
        )
        recommendation.status = RecommendationStatus.BALLOT
        recommendation.save(update_fields=["status"])
        record(
            actor=actor, institution=recommendation.cycle.institution, action=Action.BALLOT_OPENED,
            subject=ballot,
            facts={
                "recommendation": recommendation.number,
                "version": ballot.version.number,
                "eligible": eligible,
                "threshold": ballot.threshold,
                "quorum": ballot.quorum,
                "closes_at": closes_at.isoformat(),
                "rule": majority.rule,
            },
        )  # fmt: skip
        return ballot


def cast(*, actor: Actor, ballot: Ballot, choice: Choice) -> str:
    """Put a vote into the box, and return the voter's receipt, which is shown once.

    Nothing links the paper to the voter but the moment; see `docs/ballot-secrecy.md` for what that means.
    No entry in the journal: its time would be the link.

    Raises
    ------
    BallotClosed, VotedAlready
        If it is too late, or a second time.
    """
    require(policies.may_cast(actor, ballot))
    with transaction.atomic():
        ballot = Ballot.objects.select_for_update().get(pk=ballot.pk)
        if ballot.status != BallotStatus.OPEN or clock.now() >= ballot.closes_at:
            raise BallotClosed
        member = required(policies.voter(actor, ballot))
        if Participation.objects.filter(ballot=ballot, member=member).exists():
            raise VotedAlready
        Participation.objects.create(ballot=ballot, member=member)
        receipt = algorithms.new_receipt()
        Paper.objects.create(ballot=ballot, choice=choice, receipt=receipt)
        return receipt


def close_ballot(*, actor: Actor, ballot: Ballot) -> Ballot:
    """Count a ballot once its time is over or everybody has voted; only now is there a number.

    The papers are shuffled and get new ids, so that the order of the rows tells nothing.

    Raises
    ------
    BallotStillOpen, BallotClosed
        If it is not the time for it.
    """
    require(policies.may_run_ballot(actor, ballot.recommendation))
    with transaction.atomic():
        Ballot.objects.select_for_update().get(pk=ballot.pk)
        ballot = Ballot.objects.select_related("recommendation__cycle__institution").get(pk=ballot.pk)
        if ballot.status == BallotStatus.CLOSED:
            raise BallotClosed
        if clock.now() < ballot.closes_at and ballot.participations.count() < ballot.eligible:
            raise BallotStillOpen
        result = algorithms.count(ballot, _shuffle(ballot))
        ballot.status, ballot.closed_at = BallotStatus.CLOSED, clock.now()
        ballot.yes, ballot.no, ballot.abstain = result.yes, result.no, result.abstain
        ballot.save()
        recommendation = ballot.recommendation
        recommendation.status = (
            RecommendationStatus.ADOPTED if result.adopted else RecommendationStatus.NOT_ADOPTED
        )
        recommendation.save(update_fields=["status"])
        record(
            actor=actor, institution=recommendation.cycle.institution, action=Action.BALLOT_CLOSED,
            subject=ballot,
            facts={
                "recommendation": recommendation.number,
                "yes": result.yes,
                "no": result.no,
                "abstain": result.abstain,
                "eligible": ballot.eligible,
                "quorum_met": result.quorum_met,
                "adopted": result.adopted,
            },
        )  # fmt: skip
        return ballot


# -- dissent and report --------------------------------------------------------------------------------------


def submit_minority_opinion(
    *, actor: Actor, recommendation: Recommendation, text: Texts, signatories: Sequence[int]
) -> MinorityOpinion:
    """Have an opinion printed under an adopted recommendation, within seven days after the count.

    Parameters
    ----------
    signatories
        Numbers of the members who sign, the actor's own among them.

    Raises
    ------
    NotAdopted, TooLateToDissent, SignatoryUnknown
        If it cannot be added.
    """
    require(policies.may_dissent(actor, recommendation))
    with transaction.atomic():
        recommendation = _locked(recommendation)
        if recommendation.status != RecommendationStatus.ADOPTED:
            raise NotAdopted
        if clock.now() > (recommendation.ballot.closed_at or clock.now()) + timedelta(days=MINORITY_DAYS):
            raise TooLateToDissent
        members = list(Member.objects.filter(cycle=recommendation.cycle, number__in=signatories))
        if (
            len(members) != len(set(signatories))
            or sitting_member(actor, recommendation.cycle) not in members
        ):
            raise SignatoryUnknown
        opinion = MinorityOpinion(recommendation=recommendation, text=dict(text), submitted_at=clock.now())
        opinion.full_clean()
        opinion.save()
        opinion.signatories.set(members)
        record(
            actor=actor, institution=recommendation.cycle.institution, action=Action.MINORITY_OPINION_ADDED,
            subject=opinion,
            facts={"recommendation": recommendation.number, "signatories": len(members)},
        )  # fmt: skip
        return opinion


def hand_over_report(*, actor: Actor, cycle: Cycle) -> Report:
    """Hand the report to the authority: it is printed, and its receipt starts the clocks.

    The duties to answer, the new stage and the end of the terms follow in `followup.services.deliver_report`,
    which calls this.

    Raises
    ------
    BallotsNotCounted, ReportHandedOver
        If it is not the time for it.
    """
    require(policies.may_hand_over_report(actor, cycle))
    with transaction.atomic():
        Cycle.objects.select_for_update().get(pk=cycle.pk)
        if Report.objects.filter(cycle=cycle).exists():
            raise ReportHandedOver
        recommendations = cycle.recommendations
        undecided = recommendations.filter(
            status__in=[RecommendationStatus.DRAFT, RecommendationStatus.BALLOT]
        )
        if undecided.exists() or not recommendations.exists():
            raise BallotsNotCounted
        document = report.typeset(cycle)
        made = Report(cycle=cycle, handed_over_at=clock.now(), sha256=hashlib.sha256(document).hexdigest())
        made.document.save(f"{cycle.public_id}.pdf", ContentFile(document), save=False)
        made.save()
        adopted = recommendations.filter(status=RecommendationStatus.ADOPTED).count()
        record(
            actor=actor, institution=cycle.institution, action=Action.REPORT_HANDED_OVER, subject=cycle,
            facts={"cycle": cycle.number, "recommendations": adopted, "sha256": made.sha256},
        )  # fmt: skip
        return made


# -- the parts of the verbs ------------------------------------------------------------------------------------


def _locked(recommendation: Recommendation) -> Recommendation:
    Recommendation.objects.select_for_update().get(pk=recommendation.pk)
    related = ("cycle__institution", "cycle__body", "cycle__rule_book")
    return Recommendation.objects.select_related(*related).get(pk=recommendation.pk)


def _require_draft(recommendation: Recommendation, version: Version) -> None:
    if recommendation.status != RecommendationStatus.DRAFT:
        raise NoLongerADraft
    if (
        version.recommendation_id != recommendation.pk
        or recommendation.versions.latest("number") != version
    ):
        raise AmendmentOfOldText


def _write(
    recommendation: Recommendation,
    number: int,
    title: Mapping[str, str],
    text: Mapping[str, str],
    reasons: Mapping[str, str],
    amendment: Amendment | None,
) -> Version:
    version = Version(
        recommendation=recommendation, number=number, title=dict(title), text=dict(text),
        reasons=dict(reasons), written_at=clock.now(), amendment=amendment,
    )  # fmt: skip
    version.full_clean()
    version.save()
    return version


def _shuffle(ballot: Ballot) -> list[str]:
    """Write the papers anew in a random order, and return what they say."""
    papers = list(ballot.papers.values_list("choice", "receipt"))
    secrets.SystemRandom().shuffle(papers)
    ballot.papers.all().delete()
    Paper.objects.bulk_create(
        Paper(pk=uuid.uuid4(), ballot=ballot, choice=choice, receipt=receipt) for choice, receipt in papers
    )
    return [choice for choice, _receipt in papers]
