from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.core.files.base import ContentFile
from django.db import transaction

from isegoria_web import clock
from isegoria_web.accounts.actors import Actor
from isegoria_web.ballots import services as ballots
from isegoria_web.ballots.algorithms import is_adopted
from isegoria_web.ballots.models import Ballot
from isegoria_web.deliberation.models import Statement
from isegoria_web.errors import require, required
from isegoria_web.institutions.models import Cycle
from isegoria_web.institutions.moving import require_ready
from isegoria_web.journal.enums import Action
from isegoria_web.journal.services import record
from isegoria_web.membership.models import Member
from isegoria_web.membership.policies import sitting_member, working_member
from isegoria_web.recommendations import algorithms, policies, report
from isegoria_web.recommendations.enums import (
    AdviceKind,
    AmendmentStatus,
    Origin,
    Purpose,
    RecommendationStatus,
)
from isegoria_web.recommendations.errors import (
    AdviceEmpty,
    AmendmentDecided,
    AmendmentOfOldText,
    AmendmentsUndecided,
    ForeignStatement,
    FurtherReachingFirst,
    NoLongerADraft,
    NotAdopted,
    NothingToMerge,
    NothingToSplit,
    ReportHandedOver,
    ResultHandedOver,
    SignatoryUnknown,
    TextChanged,
    TooLateToDissent,
)
from isegoria_web.recommendations.models import (
    Advice,
    Amendment,
    MinorityOpinion,
    Recommendation,
    Report,
    ReportDocument,
    Unfinished,
    Version,
)
from isegoria_web.translated import Texts, written

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
        _forget_unfinished(actor, recommendation, Purpose.AMENDMENT)
        amendment = Amendment(
            version=version, proposed_by=required(working_member(actor, recommendation.cycle)), text=dict(text),
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
    FurtherReachingFirst
        If an undecided amendment to the same wording reaches further.
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
        waiting = amendment.version.amendments.undecided().select_related("version")
        if algorithms.in_order(waiting)[0][0] != amendment:
            raise FurtherReachingFirst
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
                recommendation, before.number + 1, before.title, amendment.text, before.reasons, amendment,
                Origin.AMENDMENT,
            )  # fmt: skip
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


def revise(
    *, actor: Actor, recommendation: Recommendation, seen: int, title: Texts, text: Texts, reasons: Texts
) -> Version:
    """Save another wording of a draft as its next version; the earlier ones stay.

    Parameters
    ----------
    seen
        The number of the version with which the writing began.

    Raises
    ------
    TextChanged
        If somebody else saved a version meanwhile. What the actor wrote is kept as her unfinished text.
    NoLongerADraft, AmendmentsUndecided
        If the wording can no longer be changed, or the members have amendments to it to decide.
    """
    require(policies.may_draft(actor, recommendation.cycle))
    written = {"title": dict(title), "text": dict(text), "reasons": dict(reasons)}
    keep_unfinished(
        actor=actor, recommendation=recommendation, purpose=Purpose.REVISION, seen=seen, fields=written
    )  # in a transaction of its own: a refusal does not take it away
    with transaction.atomic():
        recommendation = _locked(recommendation)
        if recommendation.status != RecommendationStatus.DRAFT:
            raise NoLongerADraft
        latest = recommendation.versions.latest("number")
        if latest.number != seen:
            raise TextChanged
        if latest.amendments.undecided().exists():
            raise AmendmentsUndecided
        _forget_unfinished(actor, recommendation, Purpose.REVISION)
        version = _write(recommendation, latest.number + 1, title, text, reasons, None, Origin.REVISION)
        record(
            actor=actor, institution=recommendation.cycle.institution, action=Action.RECOMMENDATION_REVISED,
            subject=recommendation,
            facts={"recommendation": recommendation.number, "version": version.number},
        )  # fmt: skip
        return version


def keep_unfinished(
    *,
    actor: Actor,
    recommendation: Recommendation,
    purpose: Purpose,
    seen: int,
    fields: Mapping[str, Any],
) -> Unfinished:
    """Keep what somebody is writing, for her alone, so that nothing is lost. It is no act; the journal knows nothing."""
    require(policies.may_keep_unfinished(actor, recommendation, purpose))
    kept, _created = Unfinished.objects.update_or_create(
        recommendation=recommendation,
        author=required(actor.user),
        purpose=purpose,
        defaults={"seen": seen, "fields": dict(fields), "saved_at": clock.now()},
    )
    return kept


def close_broken_off(_actor: Actor, cycle: Cycle) -> None:
    """Leave undecided what is still in the ballot; follows the verb that breaks the cycle off.

    Its box is never counted, or in a mixed body the open vote that had to follow is never held.
    """
    in_ballot = cycle.recommendations.filter(status=RecommendationStatus.BALLOT)
    in_ballot.update(status=RecommendationStatus.NOT_DECIDED)


def forget_unfinished_of(user: int) -> None:
    """Erase what a person was writing, with her account."""
    Unfinished.objects.filter(author_id=user).delete()


def merge(
    *, actor: Actor, recommendations: Sequence[Recommendation], title: Texts, text: Texts, reasons: Texts
) -> Recommendation:
    """Put drafts together into a new one that comes from all of them and from all their statements.

    Raises
    ------
    NothingToMerge
        If they are not at least two drafts of one cycle.
    AmendmentsUndecided
        If one of them has amendments that the members have not decided.
    """
    cycle = recommendations[0].cycle if recommendations else None
    if cycle is None:
        raise NothingToMerge
    require(policies.may_draft(actor, cycle))
    with transaction.atomic():
        parents = _drafts(cycle, recommendations, least=2, otherwise=NothingToMerge)
        made = _new_draft(cycle, parents, title, text, reasons, Origin.MERGE)
        made.statements.set(Statement.objects.filter(recommendations__in=parents).distinct())
        _replace(parents)
        record(
            actor=actor, institution=cycle.institution, action=Action.RECOMMENDATIONS_MERGED, subject=made,
            facts={
                "cycle": cycle.number,
                "recommendation": made.number,
                "from": [each.number for each in parents],
            },
        )  # fmt: skip
        return made


def split(
    *, actor: Actor, recommendation: Recommendation, parts: Sequence[Mapping[str, Any]]
) -> list[Recommendation]:
    """Split a draft into several, each of which comes from it and from all its statements.

    Parameters
    ----------
    parts
        Each with `title`, `text` and `reasons`.

    Raises
    ------
    NothingToSplit
        If there are not at least two parts, or it is no draft.
    AmendmentsUndecided
        If it has amendments that the members have not decided.
    """
    cycle = recommendation.cycle
    require(policies.may_draft(actor, cycle))
    if len(parts) < 2:  # noqa: PLR2004  # one part is the whole
        raise NothingToSplit
    with transaction.atomic():
        parents = _drafts(cycle, [recommendation], least=1, otherwise=NothingToSplit)
        made = [
            _new_draft(cycle, parents, part["title"], part["text"], part["reasons"], Origin.SPLIT)
            for part in parts
        ]
        for each in made:
            each.statements.set(recommendation.statements.all())
        _replace(parents)
        record(
            actor=actor, institution=cycle.institution, action=Action.RECOMMENDATION_SPLIT,
            subject=recommendation,
            facts={
                "cycle": cycle.number,
                "recommendation": recommendation.number,
                "into": [each.number for each in made],
            },
        )  # fmt: skip
        return made


def advise(
    *, actor: Actor, recommendation: Recommendation, kind: AdviceKind, text: Texts, given_by: str
) -> Advice:
    """Write a note beside a recommendation: what the law says, or whether it can be done. The text stays as it is.

    Raises
    ------
    AdviceEmpty
        If there is nothing to say, or nobody who says it.
    """
    require(policies.may_advise(actor, recommendation))
    if not written(text) or not given_by.strip():
        raise AdviceEmpty
    with transaction.atomic():
        latest = recommendation.versions.latest("number")
        made = Advice.objects.create(
            recommendation=recommendation, version=latest.number, kind=kind, text=dict(text),
            given_by=given_by.strip(), given_at=clock.now(),
        )  # fmt: skip
        record(
            actor=actor, institution=recommendation.cycle.institution, action=Action.ADVICE_GIVEN,
            subject=recommendation,
            facts={
                "recommendation": recommendation.number,
                "version": latest.number,
                "kind": str(kind),
            },
        )  # fmt: skip
        return made


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
    """Let a recommendation become adopted or not with the count of its ballot, in the same transaction.

    In a mixed body it stays in the ballot until every college has voted. An open vote that is corrected may turn
    the result, as long as nobody has it.

    Raises
    ------
    ResultHandedOver
        If the authority has the report with the other result.
    """
    adopted = is_adopted(ballot)
    if adopted is None:
        return
    status = RecommendationStatus.ADOPTED if adopted else RecommendationStatus.NOT_ADOPTED
    turned = Recommendation.objects.filter(ballot=ballot).exclude(status=status)
    if turned.exists() and Report.objects.filter(cycle=ballot.cycle_id).exists():
        raise ResultHandedOver
    turned.update(status=status)


# -- dissent and report --------------------------------------------------------------------------------------


def submit_minority_opinion(
    *, actor: Actor, recommendation: Recommendation, text: Texts, signatories: Sequence[int]
) -> MinorityOpinion:
    """Have an opinion printed under an adopted recommendation, within the rule book's days after the count.

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
        until = algorithms.dissent_until(recommendation)
        if clock.now() > until:
            raise TooLateToDissent
        members = list(Member.objects.sitting_in(recommendation.cycle).filter(number__in=signatories))
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
            facts={
                "recommendation": recommendation.number,
                "signatories": len(members),
                "until": until.isoformat(),
                "rules": {"until": algorithms.minority_ground(recommendation.cycle)},
            },
        )  # fmt: skip
        return opinion


def hand_over_report(*, actor: Actor, cycle: Cycle, language: str | None = None) -> Report:
    """Hand the report to the authority: it is printed, and its receipt starts the clocks.

    It is printed in the institution's first language, or in the one that is asked for, and in all its others. As long as a minority
    opinion can still be handed in, it waits.

    The duties to answer, the new stage and the end of the terms follow in `followup.services.deliver_report`,
    which calls this.

    Raises
    ------
    ReportHandedOver
        If there is one.
    SomethingMissing
        If it is not the time for it; it says everything that is missing.
    """
    require(policies.may_hand_over_report(actor, cycle))
    with transaction.atomic():
        Cycle.objects.select_for_update().get(pk=cycle.pk)
        if Report.objects.filter(cycle=cycle).exists():
            raise ReportHandedOver
        require_ready(cycle, "deliver")
        document = report.typeset(cycle, language)
        made = Report(cycle=cycle, handed_over_at=clock.now(), sha256=hashlib.sha256(document).hexdigest())
        made.document.save(f"{cycle.public_id}.pdf", ContentFile(document), save=False)
        made.save()
        _print_in_every_language(made)
        adopted = cycle.recommendations.adopted().count()
        record(
            actor=actor, institution=cycle.institution, action=Action.REPORT_HANDED_OVER, subject=cycle,
            facts={
                "cycle": cycle.number,
                "recommendations": adopted,
                "sha256": made.sha256,
                **algorithms.owed(cycle, made.handed_over_at),
            },
        )  # fmt: skip
        return made


# -- the parts of the verbs ------------------------------------------------------------------------------------


def _locked(recommendation: Recommendation) -> Recommendation:
    Recommendation.objects.select_for_update().get(pk=recommendation.pk)
    related = ("cycle__institution", "cycle__body", "cycle__rule_book")
    return Recommendation.objects.select_related(*related).get(pk=recommendation.pk)


def _print_in_every_language(made: Report) -> None:
    for language in made.cycle.institution.languages:
        document = report.typeset(made.cycle, language)
        printed = ReportDocument(
            report=made, language=language, sha256=hashlib.sha256(document).hexdigest()
        )
        printed.document.save(f"{made.cycle.public_id}-{language}.pdf", ContentFile(document), save=False)
        printed.save()


def _forget_unfinished(actor: Actor, recommendation: Recommendation, purpose: Purpose) -> None:
    Unfinished.objects.filter(
        recommendation=recommendation, author=required(actor.user), purpose=purpose
    ).delete()


def _drafts(
    cycle: Cycle, recommendations: Sequence[Recommendation], *, least: int, otherwise: type[Exception]
) -> list[Recommendation]:
    """Return the rows, locked, if they are so many drafts of the cycle without open amendments."""
    Cycle.objects.select_for_update().get(pk=cycle.pk)
    keys = {each.pk for each in recommendations}
    found = list(
        cycle.recommendations.filter(pk__in=keys, status=RecommendationStatus.DRAFT).order_by("number")
    )
    if len(found) != len(keys) or len(found) < least:
        raise otherwise
    if any(each.versions.latest("number").amendments.undecided().exists() for each in found):
        raise AmendmentsUndecided
    return found


def _new_draft(  # a draft has as many parts
    cycle: Cycle,
    parents: Sequence[Recommendation],
    title: Texts,
    text: Texts,
    reasons: Texts,
    origin: Origin,
) -> Recommendation:
    made = Recommendation.objects.create(cycle=cycle, number=cycle.recommendations.count() + 1)
    made.parents.set(parents)
    _write(made, 1, title, text, reasons, None, origin)
    return made


def _replace(parents: Sequence[Recommendation]) -> None:
    Recommendation.objects.filter(pk__in=[each.pk for each in parents]).update(
        status=RecommendationStatus.REPLACED
    )


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
    origin: Origin = Origin.DRAFT,
) -> Version:
    version = Version(
        recommendation=recommendation, number=number, title=dict(title), text=dict(text),
        reasons=dict(reasons), written_at=clock.now(), amendment=amendment, origin=origin,
    )  # fmt: skip
    version.full_clean()
    version.save()
    return version
