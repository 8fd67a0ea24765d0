from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from django.core.files.base import ContentFile
from django.db import connection, transaction

from isegoria_web import clock
from isegoria_web.accounts.actors import Actor
from isegoria_web.deliberation.models import Statement
from isegoria_web.errors import require, required
from isegoria_web.institutions.models import Cycle
from isegoria_web.journal.enums import Action
from isegoria_web.journal.services import record
from isegoria_web.membership.enums import TermStatus
from isegoria_web.membership.models import Member
from isegoria_web.membership.policies import sitting_member
from isegoria_web.recommendations import algorithms, policies, report
from isegoria_web.recommendations.enums import AmendmentStatus, BallotStatus, Choice, RecommendationStatus
from isegoria_web.recommendations.errors import (
    AmendmentDecided,
    AmendmentOfOldText,
    AmendmentsUndecided,
    BallotClosed,
    BallotEndsTooSoon,
    BallotsNotCounted,
    BallotStillOpen,
    DissentStillPossible,
    ForeignStatement,
    NobodyMayVote,
    NoLongerADraft,
    NotAdopted,
    NoThreshold,
    ReportHandedOver,
    SignatoryUnknown,
    TooLateToDissent,
    UnknownChoice,
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
from isegoria_web.storage import traces
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


# -- ballots -----------------------------------------------------------------------------------------------


def open_ballot(*, actor: Actor, recommendation: Recommendation, closes_at: datetime) -> Ballot:
    """Open the secret ballot on the newest wording, by the majority of the rule book.

    Whoever sits now stands on its roll: whoever comes later cannot vote, so that there are never more papers
    than voters.

    Raises
    ------
    NoLongerADraft, AmendmentsUndecided, BallotEndsTooSoon, NoThreshold, NobodyMayVote
        If it cannot be opened.
    """
    require(policies.may_run_ballot(actor, recommendation))
    if closes_at <= clock.now():
        raise BallotEndsTooSoon
    with transaction.atomic():
        recommendation = _locked(recommendation)
        if recommendation.status != RecommendationStatus.DRAFT:
            raise NoLongerADraft
        version = recommendation.versions.latest("number")
        if version.amendments.filter(status=AmendmentStatus.PROPOSED).exists():
            raise AmendmentsUndecided
        majority = algorithms.majority_of(recommendation.cycle)
        if majority is None:
            raise NoThreshold
        roll = list(Member.objects.filter(cycle=recommendation.cycle, terms__status=TermStatus.ACTIVE))
        if not roll:
            raise NobodyMayVote
        ballot = Ballot.objects.create(
            recommendation=recommendation,
            version=version,
            opened_at=clock.now(),
            closes_at=closes_at,
            eligible=len(roll),
            quorum=majority.quorum,
            quorum_rule=majority.quorum_rule,
            threshold=majority.threshold,
            more_than=majority.more_than,
            abstention=majority.abstention,
            threshold_rule=majority.rule,
        )
        ballot.roll.set(roll)
        recommendation.status = RecommendationStatus.BALLOT
        recommendation.save(update_fields=["status"])
        record(
            actor=actor, institution=recommendation.cycle.institution, action=Action.BALLOT_OPENED,
            subject=ballot,
            facts={
                "recommendation": recommendation.number,
                "version": version.number,
                "eligible": ballot.eligible,
                "threshold": ballot.threshold,
                "rule": ballot.threshold_rule,
                "quorum": ballot.quorum,
                "quorum_rule": ballot.quorum_rule,
                "closes_at": closes_at.isoformat(),
            },
        )  # fmt: skip
        return ballot


def cast(*, actor: Actor, ballot: Ballot, choice: Choice) -> str:
    """Put a vote into the box, and return the voter's receipt, which is shown once.

    Nothing links the paper to the voter but the moment; see `docs/decisions/ballot-secrecy-level.md`.
    No entry in the journal: its time would be the link.

    Raises
    ------
    BallotClosed, VotedAlready
        If it is too late, or a second time.
    UnknownChoice
        If it is none of the three.
    """
    require(policies.may_cast(actor, ballot))
    if choice not in Choice.values:
        raise UnknownChoice
    with transaction.atomic():
        ballot = Ballot.objects.select_for_update().get(pk=ballot.pk)
        if ballot.status != BallotStatus.OPEN or clock.now() >= ballot.closes_at:
            raise BallotClosed
        member = required(policies.voter(actor, ballot))
        if Participation.objects.filter(ballot=ballot, member=member).exists():
            raise VotedAlready
        Participation.objects.create(ballot=ballot, member=member)
        receipt = algorithms.new_receipt()
        Paper.in_box.create(ballot=ballot, choice=choice, receipt=receipt)
        return receipt


def close_ballot(*, actor: Actor, ballot: Ballot) -> Ballot:
    """Count a ballot once its time is over or everybody has voted; only now is there a number.

    The papers are written anew in a random order, and who voted in the order of the members, all with new ids,
    so that no order of rows tells anything. `wipe_boxes` removes what the former rows left in the files.

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
        result = algorithms.count(ballot, _write_anew(ballot))
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


def wipe_boxes(*, actor: Actor) -> int:
    """Remove what the rows of counted ballots left in the database's files; returns how many boxes were wiped.

    Until then a copy of the files still shows the papers in the order in which they were cast. Not in a
    transaction, and not in the journal: nothing changes but the files.
    """
    require(policies.may_wipe_boxes(actor))
    boxes = list(Ballot.objects.with_traces().values_list("pk", flat=True))
    if boxes:
        traces.wipe(connection, [Paper, Participation])
        Ballot.objects.filter(pk__in=boxes).update(wiped_at=clock.now())
    return len(boxes)


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
        if clock.now() > (recommendation.ballot.closed_at or clock.now()) + MINORITY_PERIOD:
            raise TooLateToDissent
        members = list(Member.objects.filter(cycle=recommendation.cycle, number__in=signatories))
        herself = sitting_member(actor, recommendation.cycle)
        if len(members) != len(set(signatories)) or herself not in members:
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


def hand_over_report(*, actor: Actor, cycle: Cycle, language: str | None = None) -> Report:
    """Hand the report to the authority: it is printed, and its receipt starts the clocks.

    It is printed in the institution's first language, or in the one that is asked for. As long as a minority
    opinion can still be handed in, it waits.

    The duties to answer, the new stage and the end of the terms follow in `followup.services.deliver_report`,
    which calls this.

    Raises
    ------
    BallotsNotCounted, DissentStillPossible, ReportHandedOver
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


def _write_anew(ballot: Ballot) -> list[str]:
    """Write papers and participations anew, in orders that tell nothing, and return what the papers say."""
    papers = list(Paper.in_box.filter(ballot=ballot).values_list("choice", "receipt"))
    secrets.SystemRandom().shuffle(papers)
    Paper.in_box.filter(ballot=ballot).delete()
    Paper.in_box.bulk_create(
        Paper(ballot=ballot, choice=choice, receipt=receipt) for choice, receipt in papers
    )
    voters = list(ballot.participations.order_by("member__number").values_list("member_id", flat=True))
    ballot.participations.all().delete()
    Participation.objects.bulk_create(Participation(ballot=ballot, member_id=voter) for voter in voters)
    return [choice for choice, _receipt in papers]
