"""The shapes of the public interface. A field that is not here never leaves the house."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from ninja import Schema

Texts = dict[str, str]


class StatusChangeOut(Schema):
    status: str
    changed_at: datetime
    reasons: Texts
    rule: str | None
    until: date | None


class FundingOut(Schema):
    line: str
    source: str
    euros_a_year: int
    starts_on: date
    ends_on: date | None


class PauseOut(Schema):
    kind: str
    held_on: date
    source: str
    pause_from: date
    rule: str


class InstitutionOut(Schema):
    slug: str
    name: Texts
    summary: Texts
    authority: Texts
    level: str
    status: str
    status_changes: list[StatusChangeOut]
    agenda_station: str
    funding: list[FundingOut]
    pauses: list[PauseOut]
    languages: list[str]
    founded_on: date
    rule_book: str | None


class MilestoneOut(Schema):
    stage: str
    planned_on: date | None
    rule: str | None
    reached_at: datetime | None


class StationOut(Schema):
    station: str
    stage: str | None
    mark: str
    done_at: datetime | None


class CycleOut(Schema):
    number: int
    title: Texts
    question: Texts
    body: str
    panel_size: int
    stage: str
    broken_off_from: str | None
    broken_off_reasons: Texts
    promised_answer_days: int | None
    milestones: list[MilestoneOut]
    station: str
    lacks: list[str]
    stations: list[StationOut]


class QuotaOut(Schema):
    feature: str
    value: str
    minimum: int | None
    maximum: int | None
    population: int | None


class DrawOut(Schema):
    number: int
    kind: str
    status: str
    size: int
    alternates: int
    announced_at: datetime
    committed_at: datetime | None
    source: Texts
    source_due_at: datetime
    source_value: str
    drawn_at: datetime | None
    pool_size: int | None
    pool_root: str | None
    commitment_sha256: str | None
    record_sha256: str | None


class ItemOut(Schema):
    starts_at: datetime
    kind: str
    title: Texts


class MeetingOut(Schema):
    number: int
    title: Texts
    place: str
    starts_at: datetime
    ends_at: datetime
    present: int
    items: list[ItemOut]


class StatementOut(Schema):
    number: int
    text: str
    language: str
    translations: Texts
    agree: int | None
    disagree: int | None
    pass_: int | None


class OpinionMapOut(Schema):
    number: int
    origin: str
    title: Texts
    source: str
    made_at: datetime
    document: dict[str, Any]


class ReviewOut(Schema):
    kind: str
    number: int | None
    status: str
    ground: str
    decided_at: datetime
    appealed_at: datetime | None
    appeal_upheld: bool | None


class OpenVoteOut(Schema):
    group: str
    title: Texts
    binding: bool
    weight: int
    threshold: str
    more_than: bool
    of_all: bool
    quorum: str
    rule: str
    held_on: date | None
    corrections: int
    eligible: int | None
    yes: int | None
    no: int | None
    abstain: int | None
    approved: bool | None


class BallotOut(Schema):
    binding: bool
    together: str
    adopted: bool | None
    open_votes: list[OpenVoteOut]
    status: str
    eligible: int
    quorum: str
    threshold: str
    closed_at: datetime | None
    yes: int | None
    no: int | None
    abstain: int | None


class OptionOut(Schema):
    key: str
    text: Texts


class ChoiceOut(Schema):
    number: int
    kind: str
    question: Texts
    options: list[OptionOut]
    places: int
    status: str
    eligible: int
    quorum: str
    closes_at: datetime
    closed_at: datetime | None
    outcome: dict[str, Any] | None
    receipts: list[str]


class CommitmentOut(Schema):
    text: Texts
    due_on: date
    status: str


class AccountOut(Schema):
    commitment: Texts
    status: str
    text: Texts
    moved_from: date | None
    moved_to: date | None


class AnswerOut(Schema):
    number: int
    kind: str
    position: str
    reasons: Texts
    responsible: str
    published_at: datetime
    commitments: list[CommitmentOut]
    accounts: list[AccountOut]


class DutyOut(Schema):
    kind: str
    due_on: date
    rule: str
    rule_book: str | None
    answered_at: datetime | None
    days_overdue: int


class AdviceOut(Schema):
    kind: str
    text: Texts
    given_by: str
    version: int
    given_at: datetime


class RecommendationOut(Schema):
    number: int
    status: str
    title: Texts
    text: Texts
    reasons: Texts
    statements: list[int]
    from_recommendations: list[int]
    advice: list[AdviceOut]
    ballot: BallotOut | None
    minority_opinions: list[Texts]
    answer_due_on: date | None
    days_overdue: int
    duties: list[DutyOut]
    answers: list[AnswerOut]


class EntryOut(Schema):
    seq: int
    prev: str
    time: str
    actor: str
    action: str
    subject: str
    facts: dict[str, Any]
    commitment: str | None
    hash: str
