"""What the public pages show, put together from rows; no page logic in templates, no queries in them."""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from django.db.models import Count, Q
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from isegoria_web import clock
from isegoria_web.deliberation.querysets import SMALLEST_COUNT
from isegoria_web.followup.enums import Satisfaction
from isegoria_web.institutions.enums import Stage
from isegoria_web.institutions.models import Cycle, Institution
from isegoria_web.lottery.enums import DrawKind, SelectionKind
from isegoria_web.lottery.models import Draw, Feature, PoolEntry
from isegoria_web.recommendations.enums import BallotStatus, RecommendationStatus
from isegoria_web.recommendations.models import Ballot, Recommendation, Version
from isegoria_web.recruitment.enums import InvitationStatus
from isegoria_web.recruitment.models import Campaign
from isegoria_web.translated import in_language
from isegoria_web.web import pictures


@dataclass(frozen=True)
class StageLine:
    """One stage of a cycle as the line shows it."""

    label: str
    state: str
    planned: Any
    reached: Any


def stage_line(cycle: Cycle) -> list[StageLine]:
    """Return where a cycle stands: its stages, done, now and to come, with their dates."""
    order = list(Stage)
    now = order.index(Stage(cycle.stage))
    lines = []
    for milestone in cycle.milestones.all():
        index = order.index(Stage(milestone.stage))
        state = "done" if index < now else "now" if index == now else "next"
        lines.append(
            StageLine(milestone.get_stage_display(), state, milestone.planned_on, milestone.reached_at)
        )
    return lines


@dataclass(frozen=True)
class Shown:
    """A recommendation with its newest wording, its newest answer and the days by which one is late."""

    row: Recommendation
    version: Version
    answer: Any
    days_late: int


def shown(recommendation: Recommendation, today: Any) -> Shown:
    """Put a recommendation together from prefetched rows."""
    version = max(recommendation.versions.all(), key=lambda each: each.number)
    answers = sorted(recommendation.answers.all(), key=lambda each: each.number)
    duty = getattr(recommendation, "duty", None)
    late = (today - duty.due_on).days if duty is not None and duty.answered_at is None else 0
    return Shown(recommendation, version, answers[-1] if answers else None, max(0, late))


def published_recommendations(institution: Institution) -> list[Shown]:
    """Return the recommendations of an institution that have left the draft, newest cycle first."""
    found = (
        Recommendation.objects.filter(cycle__institution=institution)
        .select_related("cycle", "duty", "ballot")
        .prefetch_related("versions", "answers")
        .order_by("-cycle__number", "number")
    )
    today = clock.today(institution.time_zone)
    return [shown(each, today) for each in found]


def seats(cycle: Cycle) -> SafeString:
    """Return the ring of seats of a cycle: taken ones filled."""
    taken = cycle.members.filter(terms__status="active").distinct().count()
    if cycle.stage in {Stage.ANSWERING, Stage.FOLLOW_UP, Stage.CLOSED}:
        taken = cycle.panel_size if cycle.members.exists() else 0
    groups = [pictures.Group("drawn", taken), pictures.Group("seat", max(0, cycle.panel_size - taken))]
    title = _("%(taken)d of %(seats)d seats are taken") % {"taken": taken, "seats": cycle.panel_size}
    return pictures.ring(groups, title)


@dataclass(frozen=True)
class Funnel:
    """From the population to the panel, in numbers."""

    eligible: int
    letters: int
    yes: int
    no: int
    drawn: int
    picture: SafeString


def funnel(cycle: Cycle) -> Funnel | None:
    """Return the way from all residents to the panel; None before the letters were announced."""
    campaign = Campaign.objects.filter(cycle=cycle).select_related("draw__record").first()
    if campaign is None:
        return None
    strata = campaign.draw.record.commitment["register"]["strata"]
    eligible = sum(stratum["eligible"] for stratum in strata)
    status = campaign.invitations.all().by_status()
    sent = sum(status.values())
    drawn = cycle.draws.filter(kind=DrawKind.PANEL, drawn_at__isnull=False).exists()
    panel = cycle.panel_size if drawn else 0
    yes, no = status[InvitationStatus.YES], status[InvitationStatus.NO]
    groups = [
        pictures.Group("drawn", panel),
        pictures.Group("answered", max(0, yes - panel)),
        pictures.Group("invited", max(0, sent - yes)),
        pictures.Group("person", max(0, eligible - sent) // pictures.POPULATION_PER_DOT),
    ]
    title = _("%(eligible)d could be drawn, %(letters)d got a letter, %(yes)d said yes, %(panel)d were drawn") % {
        "eligible": eligible, "letters": sent, "yes": yes, "panel": panel,
    }  # fmt: skip
    picture = pictures.field(groups, title, pictures.columns_for(sum(group.count for group in groups)))
    return Funnel(eligible, sent, yes, no, panel, picture)


@dataclass(frozen=True)
class ValueLine:
    """A value of a feature with its quota and the counts that belong to it."""

    label: str
    minimum: int | None
    maximum: int | None
    population: Fraction | None
    pool: int
    panel: int
    chance: Fraction | None


@dataclass(frozen=True)
class FeatureTable:
    """A feature as a table and as a picture with the same content."""

    name: str
    source: str
    lines: list[ValueLine]
    picture: SafeString


def feature_tables(draw: Draw) -> list[FeatureTable]:
    """Return quotas, pool and panel by feature value, with the mean chance of those who have it."""
    entries = list(PoolEntry.objects.filter(pool__draw=draw).select_related("selection"))
    features = Feature.objects.filter(cycle=draw.cycle).prefetch_related("values")
    return [_feature_table(feature, entries) for feature in features]


def _feature_table(feature: Feature, entries: list[PoolEntry]) -> FeatureTable:
    values = list(feature.values.all())
    total = sum(value.population or 0 for value in values)
    lines = []
    for value in values:
        having = [entry for entry in entries if entry.features.get(feature.key) == value.key]
        known = [chance for chance in map(chance_of, having) if chance is not None]
        lines.append(
            ValueLine(
                label=in_language(value.name),
                minimum=value.minimum,
                maximum=value.maximum,
                population=Fraction(value.population, total) if value.population and total else None,
                pool=len(having),
                panel=sum(map(is_member, having)),
                chance=sum(known, Fraction(0)) / len(known) if known else None,
            )
        )
    panel = sum(line.panel for line in lines)
    bars = [
        pictures.Bar(
            line.label,
            float(line.population) if line.population is not None else None,
            line.pool / len(entries) if entries else None,
            line.panel / panel if panel else None,
        )
        for line in lines
    ]
    name = in_language(feature.name)
    return FeatureTable(
        name,
        feature.source,
        lines,
        pictures.bars(bars, _("%(name)s: population, pool, panel") % {"name": name}),
    )


def chance_of(entry: PoolEntry) -> Fraction | None:
    """Return the exact chance of an entry; None before the lottery was committed."""
    if entry.chance_numerator is None or not entry.chance_denominator:
        return None
    return Fraction(entry.chance_numerator, entry.chance_denominator)


def is_member(entry: PoolEntry) -> bool:
    """Return whether the lot fell on the entry as a member."""
    selection = getattr(entry, "selection", None)
    return selection is not None and selection.kind == SelectionKind.MEMBER


def statement_counts(statement: Any) -> tuple[int, int, int] | None:
    """Return agree, disagree, pass; None while it is open, or where so few reacted that one could be guessed."""
    if statement.closed_at is None or statement.reacted < SMALLEST_COUNT:
        return None
    return statement.agree, statement.disagree, statement.passed


def vote_picture(ballot: Ballot) -> SafeString | None:
    """Return the votes as dots; nothing before the ballot is counted."""
    if ballot.status != BallotStatus.CLOSED:
        return None
    yes, no, abstain = ballot.yes or 0, ballot.no or 0, ballot.abstain or 0
    groups = [
        pictures.Group("yes", yes),
        pictures.Group("no", no),
        pictures.Group("abstain", abstain),
        pictures.Group("absent", max(0, ballot.eligible - yes - no - abstain)),
    ]
    title = _("%(yes)d yes, %(no)d no, %(abstain)d abstentions, of %(eligible)d members") % {
        "yes": yes, "no": no, "abstain": abstain, "eligible": ballot.eligible,
    }  # fmt: skip
    return pictures.votes(groups, title)


def verdict_counts(answer: Any) -> dict[str, int] | None:
    """Return how many members are satisfied, partly or not; None where fewer than five spoke."""
    counts = answer.verdicts.aggregate(
        **{each.value: Count("pk", filter=Q(satisfaction=each)) for each in Satisfaction}
    )
    return counts if sum(counts.values()) >= SMALLEST_COUNT else None


def difference(before: str, after: str) -> SafeString:
    """Return a text with what was left out and what was put in marked, word by word."""
    old, new = (re.findall(r"\s+|[^\s]+", text) for text in (before, after))
    parts = []
    for kind, a1, a2, b1, b2 in difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if kind in {"delete", "replace"}:
            parts.append(format_html("<del>{}</del>", "".join(old[a1:a2])))
        if kind in {"insert", "replace"}:
            parts.append(format_html("<ins>{}</ins>", "".join(new[b1:b2])))
        if kind == "equal":
            parts.append(format_html("{}", "".join(old[a1:a2])))
    return format_html_join("", "{}", ((part,) for part in parts))


def changes(recommendation: Recommendation) -> list[tuple[Any, SafeString]]:
    """Return every amendment with the difference that it makes, in the order in which they were proposed."""
    language = next(iter(recommendation.cycle.institution.languages), "en")
    found = []
    for version in sorted(recommendation.versions.all(), key=lambda each: each.number):
        for amendment in version.amendments.all():
            shown_in = next(
                (code for code in (get_language() or "", language) if amendment.text.get(code)), None
            )
            chosen = shown_in or next(iter(amendment.text))
            found.append((amendment, difference(in_language(version.text, chosen), amendment.text[chosen])))
    return found


def latest_decided(found: list[Shown]) -> Shown | None:
    """Return what the home page puts first: an answer that is late, else the newest answered, else the newest."""
    adopted = [each for each in found if each.row.status == RecommendationStatus.ADOPTED]
    late = [each for each in adopted if each.days_late]
    answered = sorted((each for each in adopted if each.answer), key=lambda each: each.answer.published_at)
    return (late or answered[::-1] or adopted or [None])[0]
