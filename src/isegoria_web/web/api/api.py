"""The read-only interface for programs, version 1: what the public pages say, as data."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

from django.db.models import Count, Prefetch, Q
from django.http import Http404, HttpRequest
from ninja import NinjaAPI, Query

from isegoria_web import clock
from isegoria_web.ballots.algorithms import is_adopted
from isegoria_web.ballots.enums import BallotStatus
from isegoria_web.ballots.models import Ballot
from isegoria_web.deliberation.enums import Stance
from isegoria_web.deliberation.models import OpinionMap, Statement
from isegoria_web.followup.models import Answer, Duty
from isegoria_web.followup.owing import duties_of
from isegoria_web.institutions.elections import pauses
from isegoria_web.institutions.models import Cycle, Institution
from isegoria_web.institutions.standing import phases_of, standing_of, standing_of_agenda
from isegoria_web.journal.services import as_document
from isegoria_web.lottery.models import Draw
from isegoria_web.meetings.enums import Presence
from isegoria_web.meetings.models import Meeting
from isegoria_web.moderation.models import Review
from isegoria_web.recommendations.models import MinorityOpinion, Recommendation
from isegoria_web.recruitment.waves import published
from isegoria_web.web.access import cycle_or_404, institution_or_404
from isegoria_web.web.api import schemas
from isegoria_web.web.colleges import OpenCount, mixed_of

api = NinjaAPI(
    title="Isegoria",
    version="1.0.0",
    urls_namespace="api",
    docs_url=None,  # its page loads scripts from elsewhere; the description itself is at openapi.json
    description=(
        "Public data of citizens' panels drawn by lot: read-only, without a key. Texts are objects "
        "{language: text}. No person is named anywhere."
    ),
)

PAGE = 500
SMALLEST_COUNT = 5
"""Counts of fewer reactions than this are not given: single members could be guessed."""


@api.get("/institutions", response=list[schemas.InstitutionOut], tags=["institutions"])
def list_institutions(request: HttpRequest) -> list[dict[str, Any]]:  # noqa: ARG001
    """List the institutions of this site."""
    found = (
        Institution.objects.select_related("authority")
        .prefetch_related("rule_books", "status_changes")
        .order_by("slug")
    )
    return [_institution(institution) for institution in found]


@api.get("/institutions/{slug}", response=schemas.InstitutionOut, tags=["institutions"])
def get_institution(request: HttpRequest, slug: str) -> dict[str, Any]:  # noqa: ARG001
    """Give one institution."""
    return _institution(institution_or_404(slug))


@api.get("/institutions/{slug}/cycles", response=list[schemas.CycleOut], tags=["cycles"])
def list_cycles(request: HttpRequest, slug: str) -> list[dict[str, Any]]:  # noqa: ARG001
    """List the cycles of an institution, oldest first."""
    found = institution_or_404(slug).cycles.select_related("body", "institution", "rule_book")
    found = found.prefetch_related("milestones")
    return [_cycle(cycle) for cycle in found]


@api.get("/institutions/{slug}/cycles/{number}/quotas", response=list[schemas.QuotaOut], tags=["draws"])
def list_quotas(request: HttpRequest, slug: str, number: int) -> list[dict[str, Any]]:  # noqa: ARG001
    """List the quotas of a cycle with the population figures behind them."""
    cycle = _cycle_or_404(slug, number)
    return [
        {
            "feature": feature.key,
            "value": value.key,
            "minimum": value.minimum,
            "maximum": value.maximum,
            "population": value.population,
        }
        for feature in cycle.features.prefetch_related("values")
        for value in feature.values.all()
    ]


@api.get("/institutions/{slug}/cycles/{number}/draws", response=list[schemas.DrawOut], tags=["draws"])
def list_draws(request: HttpRequest, slug: str, number: int) -> list[dict[str, Any]]:  # noqa: ARG001
    """List the draws of a cycle, annulled ones too."""
    found = _cycle_or_404(slug, number).draws.select_related("pool", "record")
    return [_draw(draw) for draw in found]


@api.get("/institutions/{slug}/cycles/{number}/draws/{draw}/record", tags=["draws"])
def get_draw_record(request: HttpRequest, slug: str, number: int, draw: int) -> dict[str, Any]:  # noqa: ARG001
    """Give the record of a draw as it verifies: the commitment before the draw, then the whole with further waves."""
    found = _cycle_or_404(slug, number).draws.filter(number=draw, record__isnull=False).first()
    if found is None:
        raise Http404
    return published(found)


@api.get(
    "/institutions/{slug}/cycles/{number}/meetings", response=list[schemas.MeetingOut], tags=["meetings"]
)
def list_meetings(request: HttpRequest, slug: str, number: int) -> list[dict[str, Any]]:  # noqa: ARG001
    """List the meetings of a cycle with programme and number of members present."""
    found = (
        Meeting.objects.filter(cycle=_cycle_or_404(slug, number))
        .prefetch_related("items")
        .annotate(present=Count("attendances", filter=Q(attendances__presence=Presence.PRESENT)))
    )
    return [
        {
            "number": meeting.number,
            "title": meeting.title,
            "place": meeting.place,
            "starts_at": meeting.starts_at,
            "ends_at": meeting.ends_at,
            "present": meeting.present,
            "items": [
                {"starts_at": item.starts_at, "kind": item.kind, "title": item.title}
                for item in meeting.items.all()
            ],
        }
        for meeting in found
    ]


@api.get(
    "/institutions/{slug}/cycles/{number}/statements",
    response=list[schemas.StatementOut],
    tags=["deliberation"],
)
def list_statements(request: HttpRequest, slug: str, number: int) -> list[dict[str, Any]]:  # noqa: ARG001
    """List the statements; the counts come once reactions are closed and at least five members reacted."""
    found = (
        _cycle_or_404(slug, number)
        .statements.visible()
        .prefetch_related("translations")
        .annotate(
            **{
                f"n_{stance.value}": Count("reactions", filter=Q(reactions__stance=stance))
                for stance in Stance
            }
        )
    )
    return [_statement(statement) for statement in found]


@api.get(
    "/institutions/{slug}/cycles/{number}/opinion-maps",
    response=list[schemas.OpinionMapOut],
    tags=["deliberation"],
)
def list_opinion_maps(request: HttpRequest, slug: str, number: int) -> list[dict[str, Any]]:  # noqa: ARG001
    """List the opinion maps of a cycle: groups, stability, shares with intervals; no single person."""
    return [_map(each) for each in _cycle_or_404(slug, number).opinion_maps.done()]


@api.get(
    "/institutions/{slug}/cycles/{number}/moderation",
    response=list[schemas.ReviewOut],
    tags=["deliberation"],
)
def list_moderation(request: HttpRequest, slug: str, number: int) -> list[dict[str, Any]]:  # noqa: ARG001
    """List what was taken out, on which ground, and what became of appeals; without any text."""
    return [_review(each) for each in Review.objects.log(_cycle_or_404(slug, number))]


@api.get(
    "/institutions/{slug}/cycles/{number}/recommendations",
    response=list[schemas.RecommendationOut],
    tags=["recommendations"],
)
def list_recommendations(request: HttpRequest, slug: str, number: int) -> list[dict[str, Any]]:  # noqa: ARG001
    """List the recommendations with ballot, minority opinions and the authority's answers."""
    cycle = _cycle_or_404(slug, number)
    found = (
        cycle.recommendations.exclude(pk__in=cycle.recommendations.private().values("pk"))
        .select_related("ballot")
        .prefetch_related(
            "versions",
            Prefetch("statements", Statement.objects.visible()),
            Prefetch("minority_opinions", MinorityOpinion.objects.visible()),
            "duties__rule_book",
            "answers__commitments",
            "answers__accounts__commitment",
            "parents",
            "advice",
        )
    )
    return [_recommendation(recommendation, cycle.institution) for recommendation in found]


@api.get("/institutions/{slug}/cycles/{number}/ballots", response=list[schemas.ChoiceOut], tags=["ballots"])
def list_choices(request: HttpRequest, slug: str, number: int) -> list[dict[str, Any]]:  # noqa: ARG001
    """List the secret ballots that choose between options; the count and the receipts once they are closed."""
    found = Ballot.objects.choices().filter(cycle=_cycle_or_404(slug, number))
    fields = [name for name in schemas.ChoiceOut.model_fields if name != "receipts"]
    return [
        {**{name: getattr(ballot, name) for name in fields}, "receipts": ballot.papers.receipts()}
        for ballot in found
    ]


@api.get("/institutions/{slug}/journal", response=list[schemas.EntryOut], tags=["journal"])
def list_journal(
    request: HttpRequest,  # noqa: ARG001
    slug: str,
    after: Annotated[int, Query(ge=0, description="Give the entries after this number.")] = 0,
) -> list[dict[str, Any]]:
    """Give at most 500 entries of the public journal, in order; ask again after the last one."""
    chain = institution_or_404(slug).chain
    return [as_document(entry) for entry in chain.entries.filter(sequence__gt=after)[:PAGE]]


def _cycle_or_404(slug: str, number: int) -> Cycle:
    return cycle_or_404(institution_or_404(slug), number)


def _institution(institution: Institution) -> dict[str, Any]:
    adopted = sorted(institution.rule_books.all(), key=lambda version: version.number)
    return {
        "slug": institution.slug,
        "name": institution.name,
        "summary": institution.summary,
        "authority": institution.authority.name,
        "level": institution.authority.level,
        "status": institution.status,
        "status_changes": [
            {
                "status": each.after,
                "changed_at": each.changed_at,
                "reasons": each.reasons,
                "rule": each.rule or None,
                "until": each.until,
            }
            for each in institution.status_changes.all()
        ],
        "funding": list(institution.funding.values()),
        "pauses": [
            {
                "kind": each.election.kind,
                "held_on": each.ends,
                "source": each.election.source,
                "pause_from": each.begins,
                "rule": each.rule,
            }
            for each in pauses(institution)
        ],
        "agenda_station": standing_of_agenda(institution).row.station,
        "languages": institution.languages,
        "founded_on": institution.founded_on,
        "rule_book": adopted[-1].identifier if adopted else None,
    }


def _cycle(cycle: Cycle) -> dict[str, Any]:
    standing = standing_of(cycle)
    return {
        "number": cycle.number,
        "title": cycle.title,
        "question": cycle.question,
        "body": cycle.body.key,
        "panel_size": cycle.panel_size,
        "stage": cycle.stage,
        "broken_off_from": cycle.broken_off_from or None,
        "broken_off_reasons": cycle.broken_off_reasons,
        "promised_answer_days": cycle.promised_answer_days,
        "milestones": [
            {
                "stage": each.stage,
                "planned_on": each.planned_on,
                "rule": each.rule or None,
                "reached_at": each.reached_at,
            }
            for each in cycle.milestones.all()
        ],
        "station": standing.row.station,
        "lacks": [missing.guard.id for missing in standing.missing],
        "stations": [
            {"station": each.row.station, "stage": phase.stage, "mark": each.mark, "done_at": each.done_at}
            for phase in phases_of(cycle)
            for each in phase.stations
        ],
    }


def _draw(draw: Draw) -> dict[str, Any]:
    pool, record = getattr(draw, "pool", None), getattr(draw, "record", None)
    plain = (
        "number", "kind", "status", "size", "alternates", "announced_at", "committed_at", "source",
        "source_due_at", "source_value", "drawn_at",
    )  # fmt: skip
    return {
        **{name: getattr(draw, name) for name in plain},
        "pool_size": pool.size if pool else None,
        "pool_root": pool.root if pool else None,
        "commitment_sha256": record.commitment_sha256 if record else None,
        "record_sha256": (record.sha256 or None) if record else None,
    }


def _statement(statement: Any) -> dict[str, Any]:
    counts = [statement.n_agree, statement.n_disagree, statement.n_pass]
    shown = statement.closed_at is not None and sum(counts) >= SMALLEST_COUNT
    agree, disagree, passed = counts if shown else (None, None, None)
    return {
        "number": statement.number,
        "text": statement.text,
        "language": statement.language,
        "translations": {each.language: each.text for each in statement.translations.all()},
        "agree": agree,
        "disagree": disagree,
        "pass_": passed,
    }


def _map(opinion_map: OpinionMap) -> dict[str, Any]:
    return {
        "number": opinion_map.number,
        "origin": opinion_map.origin,
        "title": opinion_map.title,
        "source": opinion_map.source,
        "made_at": opinion_map.made_at,
        "document": opinion_map.document,
    }


def _review(review: Review) -> dict[str, Any]:
    appeal = getattr(review, "appeal", None)
    return {
        "kind": review.kind,
        "number": review.number,
        "status": review.status,
        "ground": review.ground,
        "decided_at": review.decided_at,
        "appealed_at": appeal.raised_at if appeal else None,
        "appeal_upheld": appeal.upheld if appeal else None,
    }


def _recommendation(recommendation: Recommendation, institution: Institution) -> dict[str, Any]:
    version = max(recommendation.versions.all(), key=lambda each: each.number)
    ballot, duties = getattr(recommendation, "ballot", None), duties_of(recommendation)
    today = clock.today(institution.time_zone)
    return {
        "number": recommendation.number,
        "status": recommendation.status,
        "title": version.title,
        "text": version.text,
        "reasons": version.reasons,
        "statements": sorted(statement.number for statement in recommendation.statements.all()),
        "from_recommendations": sorted(each.number for each in recommendation.parents.all()),
        "advice": [
            {
                "kind": each.kind,
                "text": each.text,
                "given_by": each.given_by,
                "version": each.version,
                "given_at": each.given_at,
            }
            for each in recommendation.advice.all()
        ],
        "ballot": _ballot(ballot) if ballot else None,
        "minority_opinions": [opinion.text for opinion in recommendation.minority_opinions.all()],
        "answer_due_on": duties.first.due_on if duties.first else None,
        "days_overdue": duties.first.days_late(today) if duties.first else 0,
        "duties": [_duty(each, today) for each in duties.listed],
        "answers": [_answer(answer) for answer in recommendation.answers.all()],
    }


def _open_vote(count: OpenCount) -> dict[str, Any]:
    """Return an open vote as figures: the names stand on its page."""
    fields = ("title", "binding", "weight", "threshold", "more_than", "of_all", "quorum", "rule")
    result = count.result
    return {
        "group": count.roll_call.college,
        **{name: getattr(count.roll_call, name) for name in fields},
        "held_on": count.told.record.held_on if count.told else None,
        "corrections": len(count.corrected),
        "eligible": result.eligible if result else None,
        "yes": result.yes if result else None,
        "no": result.no if result else None,
        "abstain": result.abstain if result else None,
        "approved": result.adopted if result else None,
    }


def _ballot(ballot: Ballot) -> dict[str, Any]:
    closed, mixed = ballot.status == BallotStatus.CLOSED, mixed_of(ballot)
    return {
        "binding": ballot.binding,
        "together": ballot.together,
        "adopted": is_adopted(ballot),
        "open_votes": [_open_vote(each) for each in mixed.open] if mixed else [],
        "status": ballot.status,
        "eligible": ballot.eligible,
        "quorum": ballot.quorum,
        "threshold": ballot.threshold,
        "closed_at": ballot.closed_at,
        "yes": ballot.yes if closed else None,
        "no": ballot.no if closed else None,
        "abstain": ballot.abstain if closed else None,
    }


def _duty(duty: Duty, today: date) -> dict[str, Any]:
    version = duty.rule_book
    return {
        "kind": duty.kind,
        "due_on": duty.due_on,
        "rule": duty.rule,
        "rule_book": f"{version.identifier} {version.number}" if version else None,
        "answered_at": duty.answered_at,
        "days_overdue": duty.days_late(today),
    }


def _answer(answer: Answer) -> dict[str, Any]:
    return {
        "number": answer.number,
        "kind": answer.kind,
        "position": answer.position,
        "reasons": answer.reasons,
        "responsible": answer.responsible,
        "published_at": answer.published_at,
        "commitments": [
            {"text": commitment.text, "due_on": commitment.due_on, "status": commitment.status}
            for commitment in answer.commitments.all()
        ],
        "accounts": [
            {
                "commitment": each.commitment.text,
                "status": each.status,
                "text": each.text,
                "moved_from": each.moved_from,
                "moved_to": each.moved_to,
            }
            for each in answer.accounts.all()
        ],
    }
