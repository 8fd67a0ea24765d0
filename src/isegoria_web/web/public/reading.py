"""What the public pages show, put together from rows; no page logic in templates, no queries in them."""

from __future__ import annotations

import difflib
import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from fractions import Fraction
from typing import Any

from django.core.cache import cache
from django.db.models import Count, Prefetch, Q
from django.utils.formats import date_format
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.timezone import localtime
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from isegoria_web import clock
from isegoria_web.deliberation.querysets import SMALLEST_COUNT
from isegoria_web.followup.enums import Satisfaction
from isegoria_web.followup.models import Answer
from isegoria_web.institutions import algorithms as institution_rules
from isegoria_web.institutions.models import Cycle, Institution, RuleBookVersion
from isegoria_web.journal.models import Entry
from isegoria_web.lottery.enums import SelectionKind
from isegoria_web.lottery.models import Draw, DrawRecord, Feature, PoolEntry, Value
from isegoria_web.membership.enums import TermStatus
from isegoria_web.membership.models import Term
from isegoria_web.recommendations.enums import BallotStatus, RecommendationStatus
from isegoria_web.recommendations.models import Ballot, Recommendation, Version
from isegoria_web.recruitment.enums import InvitationStatus
from isegoria_web.recruitment.models import Campaign
from isegoria_web.translated import in_language
from isegoria_web.web import pictures
from isegoria_web.web.public import algorithms, words

CHECKED_FOR = 86_400
"""How many seconds a record's check is remembered; the record never changes, the software may."""


# -- recommendations -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Shown:
    """A recommendation as the public sees it: its newest wording once it has left the drafting table."""

    row: Recommendation
    version: Version | None
    answer: Answer | None
    duty: Any
    days_late: int

    @property
    def adopted(self) -> bool:
        """Whether the members adopted it, so that the authority owes an answer."""
        return self.row.status == RecommendationStatus.ADOPTED


def shown(recommendation: Recommendation, today: date) -> Shown:
    """Put a recommendation together from prefetched versions and answers."""
    is_draft = recommendation.status == RecommendationStatus.DRAFT
    versions = sorted(recommendation.versions.all(), key=lambda each: each.number)
    answers = sorted(recommendation.answers.all(), key=lambda each: each.number)
    duty = getattr(recommendation, "duty", None)
    late = (today - duty.due_on).days if duty is not None and duty.answered_at is None else 0
    return Shown(
        recommendation,
        versions[-1] if versions and not is_draft else None,
        answers[-1] if answers else None,
        duty,
        max(0, late),
    )


def recommendations_of(institution: Institution, cycle: Cycle | None = None) -> list[Shown]:
    """Return the recommendations of an institution or of one cycle, newest cycle first, drafts without a text."""
    found = (
        Recommendation.objects.filter(cycle__institution=institution)
        .select_related("cycle", "duty", "ballot")
        .prefetch_related("versions", "answers")
        .order_by("-cycle__number", "number")
    )
    today = clock.today(institution.time_zone)
    return [shown(each, today) for each in (found.filter(cycle=cycle) if cycle else found)]


def first_on_home(found: Sequence[Shown]) -> Shown | None:
    """Return what the home page puts first: the answer that is late longest, else the newest answered, else the newest."""
    adopted = [each for each in found if each.adopted]
    late = sorted((each for each in adopted if each.days_late), key=lambda each: -each.days_late)
    dated = [(each.answer.published_at, each) for each in adopted if each.answer is not None]
    answered = [each for _moment, each in sorted(dated, key=lambda pair: pair[0], reverse=True)]
    return next(iter([*late, *answered, *adopted]), None)


# -- seats ---------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Seats:
    """The seats of a cycle: how many are held, offered and vacant, or were held until the mandate ended."""

    size: int
    held: int
    offered: int
    ended: bool
    drawn_at: datetime | None
    picture: pictures.Picture

    @property
    def vacant(self) -> int:
        """Seats that nobody holds."""
        return self.size - self.held - self.offered


def seats(cycle: Cycle) -> Seats | None:
    """Return the seats of a cycle with their ring; None before any was offered."""
    counts = dict(
        Term.objects.filter(member__cycle=cycle)
        .order_by()
        .values_list("status")
        .annotate(count=Count("seat", distinct=True))
    )
    if not counts:
        return None
    ended = not counts.get(TermStatus.ACTIVE) and not counts.get(TermStatus.OFFERED)
    held = min(cycle.panel_size, counts.get(TermStatus.ENDED if ended else TermStatus.ACTIVE, 0))
    offered = min(cycle.panel_size - held, counts.get(TermStatus.OFFERED, 0))
    draw = Draw.objects.of_panel().valid().filter(cycle=cycle).first()
    drawn_at = draw.drawn_at if draw else None
    return Seats(
        cycle.panel_size, held, offered, ended, drawn_at, _ring(cycle.panel_size, held, offered, drawn_at)
    )


def _ring(size: int, held: int, offered: int, drawn_at: datetime | None) -> pictures.Picture:
    title = _("%(held)d of %(size)d seats are taken") % {"held": held, "size": size}
    small = ngettext("citizen, drawn by lot", "citizens, drawn by lot", size)
    if drawn_at is not None:
        day = date_format(localtime(drawn_at), "DATE_FORMAT")
        small = _("citizens, drawn by lot on %(day)s") % {"day": day}
    return pictures.ring(held, offered, size - held - offered, title=title, middle=(str(size), small))


# -- the draw ------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Funnel:
    """From everybody who could be drawn to the panel, in numbers and as one field of dots."""

    eligible: int
    letters: int
    yes: int
    no: int
    drawn: int
    reply_by: date
    picture: pictures.Picture


def funnel(cycle: Cycle, panel: Draw | None) -> Funnel | None:
    """Return the way from all residents to the panel; None before the letters were announced."""
    campaign = Campaign.objects.filter(cycle=cycle).select_related("draw__record").first()
    if campaign is None or not hasattr(campaign.draw, "record"):
        return None
    strata = campaign.draw.record.commitment.get("register", {}).get("strata", [])
    status = campaign.invitations.by_status()
    letters = sum(status.values())
    drawn = panel.size if panel is not None and panel.drawn_at else 0
    yes = max(status[InvitationStatus.YES], drawn)
    eligible = max(sum(stratum["eligible"] for stratum in strata), letters)
    title = _("From %(eligible)d residents to %(drawn)d members") % {"eligible": eligible, "drawn": drawn}
    picture = pictures.field_of_dots(eligible, letters, yes, drawn, title=title)
    return Funnel(eligible, letters, yes, status[InvitationStatus.NO], drawn, campaign.reply_by, picture)


@dataclass(frozen=True)
class ValueLine:
    """A value of a feature with its quota, the counts that belong to it, and the bars of its row."""

    label: str
    minimum: int | None
    maximum: int | None
    population: Fraction | None
    pool: int
    pool_share: Fraction
    panel: int
    chance: Fraction | None
    bars: SafeString


@dataclass(frozen=True)
class FeatureTable:
    """A feature with its values."""

    name: str
    source: str
    lines: list[ValueLine]


def feature_tables(draw: Draw, entries: Sequence[PoolEntry]) -> list[FeatureTable]:
    """Return quotas, pool and panel by feature value, with the mean chance of those who have it."""
    if not entries:
        return []
    features = Feature.objects.filter(cycle_id=draw.cycle_id).prefetch_related("values")
    return [_feature_table(feature, entries, draw.size) for feature in features]


def _feature_table(feature: Feature, entries: Sequence[PoolEntry], size: int) -> FeatureTable:
    values = list(feature.values.all())
    total = sum(value.population or 0 for value in values)
    having = {
        value.key: [e for e in entries if e.features.get(feature.key) == value.key] for value in values
    }
    reach = max(
        Fraction(1, 10),
        *(Fraction(value.population or 0, total or 1) for value in values),
        *(Fraction(len(found), len(entries)) for found in having.values()),
        *(Fraction(value.maximum or 0, size) for value in values),
    )
    lines = [_value_line(value, having[value.key], total, len(entries), size, reach) for value in values]
    return FeatureTable(in_language(feature.name), feature.source, lines)


def _value_line(
    value: Value, having: Sequence[PoolEntry], total: int, entries: int, size: int, reach: Fraction
) -> ValueLine:
    known = [chance for chance in map(chance_of, having) if chance is not None]
    panel = sum(map(is_member, having))
    share = Fraction(value.population, total) if value.population and total else None
    pool_share = Fraction(len(having), entries)
    quota = (Fraction(value.minimum or 0, size), Fraction(value.maximum or 0, size))
    return ValueLine(
        label=in_language(value.name),
        minimum=value.minimum,
        maximum=value.maximum,
        population=share,
        pool=len(having),
        pool_share=pool_share,
        panel=panel,
        chance=sum(known, Fraction(0)) / len(known) if known else None,
        bars=pictures.shares(share, pool_share, Fraction(panel, size), quota, reach),
    )


def chance_of(entry: PoolEntry) -> Fraction | None:
    """Return the exact chance of an entry; None before the lottery was committed."""
    if entry.chance_numerator is None or not entry.chance_denominator:
        return None
    return Fraction(entry.chance_numerator, entry.chance_denominator)


def chance_picture(entries: Iterable[PoolEntry]) -> pictures.Picture | None:
    """Return everybody in the pool at her chance; None before the commitment."""
    known = [
        pictures.Chance(chance, is_member(entry))
        for entry in entries
        if (chance := chance_of(entry)) is not None
    ]
    if not known:
        return None
    title = ngettext(
        "The chance of the %(count)d entry of the pool",
        "The chances of the %(count)d entries of the pool",
        len(known),
    )
    return pictures.chances(known, title=title % {"count": len(known)})


def is_member(entry: PoolEntry) -> bool:
    """Return whether the lot fell on the entry as a member."""
    selection = getattr(entry, "selection", None)
    return selection is not None and selection.kind == SelectionKind.MEMBER


def checks_of(record: DrawRecord) -> list[tuple[str, bool]]:
    """Return what redoing a record shows, step by step, in words; remembered for a day."""
    document = record.document or record.commitment
    key = f"checked:{record.sha256 or record.commitment_sha256}"
    found = cache.get(key)
    if found is None:
        steps = algorithms.steps_of(document, record.commitment_sha256)
        found = [(step.name, step.ok) for step in steps]
        cache.set(key, found, CHECKED_FOR)
    return [(words.step_in_words(name), ok) for name, ok in found]


# -- statements and votes ------------------------------------------------------------------------------


def statement_counts(statement: Any) -> tuple[int, int, int] | None:
    """Return agree, disagree, pass; None while it is open, or where so few reacted that one could be guessed."""
    if statement.closed_at is None or statement.reacted < SMALLEST_COUNT:
        return None
    return statement.agree, statement.disagree, statement.passed


@dataclass(frozen=True)
class Votes:
    """The count of a closed ballot: its picture, how many voted, and how many yes were needed."""

    voted: int
    needed: int
    picture: pictures.Picture


def votes(ballot: Ballot) -> Votes | None:
    """Return the votes as dots; nothing before the ballot is closed and counted."""
    if ballot.status != BallotStatus.CLOSED:
        return None
    yes, no, abstain = ballot.yes or 0, ballot.no or 0, ballot.abstain or 0
    base = yes + no + (abstain if ballot.abstention == "counted" else 0)
    needed = math.ceil(Fraction(ballot.threshold) * base)
    voted = yes + no + abstain
    title = _("%(yes)d yes, %(no)d no, %(abstain)d abstentions, of %(eligible)d members") % {
        "yes": yes, "no": no, "abstain": abstain, "eligible": ballot.eligible,
    }  # fmt: skip
    absent = max(0, ballot.eligible - voted)
    return Votes(
        voted, needed, pictures.votes(yes, no, abstain, absent, title=title, needed=needed or None)
    )


def verdict(answer: Answer) -> pictures.Picture | None:
    """Return the citizens' verdict as dots; None where so few spoke that one could be guessed."""
    counts = answer.verdicts.aggregate(
        **{each.value: Count("pk", filter=Q(satisfaction=each)) for each in Satisfaction}
    )
    total = sum(counts.values())
    if total < SMALLEST_COUNT:
        return None
    title = ngettext("The verdict of %(count)d member", "The verdict of %(count)d members", total)
    return pictures.verdicts(
        counts[Satisfaction.SATISFIED], counts[Satisfaction.PARTLY], counts[Satisfaction.NOT_SATISFIED],
        title=title % {"count": total},
    )  # fmt: skip


# -- lineage -------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Step:
    """One step of a recommendation's life: `kind` says which, `what` is its row."""

    kind: str
    at: datetime
    what: Any
    extra: Any = None


@dataclass
class Lineage:
    """From the table where a thought was noted to the answer of the authority."""

    steps: list[Step] = field(default_factory=list)

    def add(self, kind: str, at: datetime | None, what: Any, extra: Any = None) -> None:
        """Add a step that has happened."""
        if at is not None:
            self.steps.append(Step(kind, at, what, extra))


def lineage(recommendation: Recommendation, statements: Iterable[Any], report: Any) -> list[Step]:
    """Return every step of a recommendation that is public, in the order in which they happened."""
    life = Lineage()
    for statement in statements:
        life.add("statement", statement.made_at, statement, statement_counts(statement))
    _add_wording(life, recommendation)
    ballot = getattr(recommendation, "ballot", None)
    if ballot is not None:
        life.add("ballot_opened", ballot.opened_at, ballot)
        life.add("ballot_closed", ballot.closed_at, ballot)
    for opinion in recommendation.minority_opinions.all():
        life.add("minority_opinion", opinion.submitted_at, opinion)
    if report is not None and recommendation.status == RecommendationStatus.ADOPTED:
        life.add("report", report.handed_over_at, report)
    for answer in recommendation.answers.all():
        life.add("answer", answer.published_at, answer)
    return sorted(life.steps, key=lambda step: step.at)


def _add_wording(life: Lineage, recommendation: Recommendation) -> None:
    is_draft = recommendation.status == RecommendationStatus.DRAFT
    for version in sorted(recommendation.versions.all(), key=lambda each: each.number):
        if version.number == 1 or version.amendment_id is None:
            life.add("draft", version.written_at, version)
        if is_draft:
            continue
        for amendment in version.amendments.all():
            life.add(
                "amendment",
                amendment.decided_at or amendment.proposed_at,
                amendment,
                difference(*_in_one_language(version.text, amendment.text)),
            )


def _in_one_language(before: Mapping[str, str], after: Mapping[str, str]) -> tuple[str, str]:
    current = (get_language() or "en")[:2]
    both = [code for code in (current, *after) if before.get(code) and after.get(code)]
    return (before[both[0]], after[both[0]]) if both else (in_language(before), in_language(after))


def difference(before: str, after: str) -> SafeString:
    """Return a text with what was left out and what was put in marked, word by word.

    The marks are elements that screen readers name, and words for those that do not.
    """
    old, new = (re.findall(r"\s+|\S+", text) for text in (before, after))
    parts = []
    for kind, a1, a2, b1, b2 in difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if kind in {"delete", "replace"}:
            parts.append(_mark("del", _("left out:"), "".join(old[a1:a2])))
        if kind in {"insert", "replace"}:
            parts.append(_mark("ins", _("put in:"), "".join(new[b1:b2])))
        if kind == "equal":
            parts.append(format_html("{}", "".join(old[a1:a2])))
    return format_html_join("", "{}", ((part,) for part in parts))


def _mark(element: str, word: str, text: str) -> SafeString:
    return format_html('<{}><span class="visually-hidden">{} </span>{}</{}>', element, word, text, element)


# -- the rule book -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Chapter:
    """A part of the rule book: its sentences with the ids of their rules, and what the statute leaves open."""

    key: str
    heading: str
    sentences: list[tuple[str, str]]
    silent: list[tuple[str, str]]


def chapters(version: RuleBookVersion) -> list[Chapter]:
    """Return a rule book in chapters: each body, then draw, agenda, duty and the rest."""
    book = institution_rules.rule_book_of(version)
    language = (get_language() or "en")[:2]
    headings = {f"bodies.{body.key}": in_language(dict(body.title)) for body in book.bodies} | {
        "draw": _("How people are drawn"),
        "agenda": _("Who sets the theme"),
        "duty": _("What the authority owes"),
        "": _("Everything else"),
    }
    sentences = institution_rules.sentences_of(book, language)
    silent = [(rule, words.rule_in_words(rule)[1]) for rule in book.silent()]
    return [
        Chapter(
            key or "rest",
            heading,
            [each for each in sentences if _chapter_of(each[0], headings) == key],
            [each for each in silent if _chapter_of(each[0], headings) == key],
        )
        for key, heading in headings.items()
    ]


def _chapter_of(rule: str, headings: Mapping[str, str]) -> str:
    return next((key for key in headings if key and rule.startswith(f"{key}.")), "")


# -- cycles --------------------------------------------------------------------------------------------


def cycles_of(institution: Institution) -> list[Cycle]:
    """Return the cycles of an institution, newest first, with what a line of stages needs."""
    return list(
        institution.cycles.select_related("body").prefetch_related("milestones").order_by("-number")
    )


def draws_of(cycle: Cycle) -> list[Draw]:
    """Return the draws of a cycle with their pools."""
    return list(cycle.draws.select_related("pool", "record"))


def with_lineage(cycle: Cycle) -> Any:
    """Return the recommendations of a cycle with everything that their page shows."""
    answers = Answer.objects.prefetch_related("commitments__progress").order_by("number")
    return (
        Recommendation.objects.filter(cycle=cycle)
        .select_related("ballot", "duty", "cycle")
        .prefetch_related("versions__amendments", Prefetch("answers", answers))
    )


# -- the journal ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Acts:
    """Acts of one kind that follow each other on one day, newest first; most often it is one."""

    day: date
    entries: list[tuple[Entry, list[words.Fact]]]

    @property
    def first(self) -> tuple[Entry, list[words.Fact]]:
        """The newest of them."""
        return self.entries[0]


def acts_of(entries: Iterable[Entry]) -> list[Acts]:
    """Put entries together that say the same of one day, so that a page can be read."""
    found: list[Acts] = []
    for entry in entries:
        day, line = localtime(entry.time).date(), (entry, words.facts_in_words(entry.facts))
        last = found[-1] if found else None
        if last is not None and last.day == day and last.first[0].action == entry.action:
            last.entries.append(line)
        else:
            found.append(Acts(day, [line]))
    return found
