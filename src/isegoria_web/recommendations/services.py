from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from django.core.files.base import ContentFile
from django.db import transaction

from isegoria_web import clock
from isegoria_web.accounts.actors import Actor
from isegoria_web.ballots import services as ballots
from isegoria_web.ballots.algorithms import result_of
from isegoria_web.ballots.models import Ballot
from isegoria_web.deliberation.models import Statement
from isegoria_web.errors import require, required
from isegoria_web.institutions.models import Cycle
from isegoria_web.journal.enums import Action
from isegoria_web.journal.services import record
from isegoria_web.membership.models import Member
from isegoria_web.membership.policies import sitting_member
from isegoria_web.recommendations import policies, report
from isegoria_web.recommendations.enums import AmendmentStatus, RecommendationStatus
from isegoria_web.recommendations.errors import (
    AmendmentDecided,
    AmendmentOfOldText,
    AmendmentsUndecided,
    BallotsNotCounted,
    DissentStillPossible,
    ForeignStatement,
    NoLongerADraft,
    NotAdopted,
    OpinionUnreviewed,
    ReportHandedOver,
    SignatoryUnknown,
    TooLateToDissent,
)
from isegoria_web.recommendations.models import (
    Amendment,
    MinorityOpinion,
    Recommendation,
    Report,
    Version,
)
from isegoria_web.translated import Texts

MINORITY_PERIOD = timedelta(days=7)


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


# -- the ballot --------------------------------------------------------------------------------------------


def put_to_vote(*, actor: Actor, recommendation: Recommendation, closes_at: datetime) -> Ballot:
    """Open the secret ballot on the newest wording, by the majority of the rule book; the wording is fixed now.

    Raises
    ------
    NoLongerADraft, AmendmentsUndecided
        If the text is not ready.
    isegoria_web.ballots.errors.BallotEndsTooSoon, NoThreshold, NobodyMayVote
        If the ballot cannot be opened.
    """
    require(policies.may_put_to_vote(actor, recommendation))
    with transaction.atomic():
        recommendation = _locked(recommendation)
        if recommendation.status != RecommendationStatus.DRAFT:
            raise NoLongerADraft
        version = recommendation.versions.latest("number")
        if version.amendments.undecided().exists():
            raise AmendmentsUndecided
        recommendation.ballot = ballots.open_ballot(
            actor=actor, cycle=recommendation.cycle, question=version.title, closes_at=closes_at,
            facts={"recommendation": recommendation.number, "version": version.number},
        )  # fmt: skip
        recommendation.status = RecommendationStatus.BALLOT
        recommendation.save(update_fields=["status", "ballot"])
        return recommendation.ballot


def follow_ballot(ballot: Ballot) -> None:
    """Let a recommendation become adopted or not with the count of its ballot, in the same transaction."""
    result = result_of(ballot)
    if result is not None:
        status = RecommendationStatus.ADOPTED if result.adopted else RecommendationStatus.NOT_ADOPTED
        Recommendation.objects.filter(ballot=ballot).update(status=status)


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
        if clock.now() > (required(recommendation.ballot).closed_at or clock.now()) + MINORITY_PERIOD:
            raise TooLateToDissent
        members = list(Member.objects.filter(cycle=recommendation.cycle, number__in=signatories))
        herself = sitting_member(actor, recommendation.cycle)
        if len(members) != len(set(signatories)) or herself not in members:
            raise SignatoryUnknown
        opinion = MinorityOpinion(
            recommendation=recommendation, text=dict(text), submitted_by=herself, submitted_at=clock.now()
        )
        opinion.full_clean()
        opinion.save()
        opinion.signatories.set(members)
        record(
            actor=actor, institution=recommendation.cycle.institution, action=Action.MINORITY_OPINION_ADDED,
            subject=opinion,
            facts={"recommendation": recommendation.number, "signatories": len(members)},
        )  # fmt: skip
        return opinion


def hand_over_report(*, actor: Actor, cycle: Cycle, language: str | None = None) -> Report:
    """Hand the report to the authority: it is printed, and its receipt starts the clocks.

    It is printed in the institution's first language, or in the one that is asked for. As long as a minority
    opinion can still be handed in, it waits.

    The duties to answer, the new stage and the end of the terms follow in `followup.services.deliver_report`,
    which calls this.

    Raises
    ------
    BallotsNotCounted, DissentStillPossible, OpinionUnreviewed, ReportHandedOver
        If it is not the time for it.
    """
    require(policies.may_hand_over_report(actor, cycle))
    with transaction.atomic():
        Cycle.objects.select_for_update().get(pk=cycle.pk)
        if Report.objects.filter(cycle=cycle).exists():
            raise ReportHandedOver
        recommendations = cycle.recommendations
        if recommendations.undecided().exists() or not recommendations.exists():
            raise BallotsNotCounted
        if recommendations.adopted().counted_after(clock.now() - MINORITY_PERIOD).exists():
            raise DissentStillPossible
        if MinorityOpinion.objects.filter(recommendation__cycle=cycle).unreviewed().exists():
            raise OpinionUnreviewed
        document = report.typeset(cycle, language)
        made = Report(cycle=cycle, handed_over_at=clock.now(), sha256=hashlib.sha256(document).hexdigest())
        made.document.save(f"{cycle.public_id}.pdf", ContentFile(document), save=False)
        made.save()
        adopted = recommendations.adopted().count()
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
