"""What the public pages show, put together from rows; no page logic in templates, no queries in them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Count, Prefetch
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from isegoria_web import clock
from isegoria_web.ballots.algorithms import result_of
from isegoria_web.ballots.models import Ballot
from isegoria_web.followup.enums import AnswerKind, Satisfaction
from isegoria_web.followup.models import Answer, Duty
from isegoria_web.followup.owing import Duties, duties_of
from isegoria_web.institutions import algorithms as institution_rules
from isegoria_web.institutions.models import Cycle, Institution, RuleBookProposal, RuleBookVersion
from isegoria_web.journal.models import Entry
from isegoria_web.lottery.models import Draw
from isegoria_web.membership.enums import TermStatus
from isegoria_web.membership.models import Term
from isegoria_web.recommendations.enums import RecommendationStatus
from isegoria_web.recommendations.models import Recommendation, Version
from isegoria_web.recommendations.querysets import RecommendationQuerySet
from isegoria_web.translated import Texts, in_language
from isegoria_web.web import pictures
from isegoria_web.web.public import words

# -- recommendations -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Shown:
    """A recommendation as the public sees it: its newest wording once it has left the drafting table."""

    row: Recommendation
    version: Version | None
    answers: Sequence[Answer]
    duties: Duties
    days_late: int

    @property
    def answer(self) -> Answer | None:
        """The newest answer of the authority."""
        return self.answers[-1] if self.answers else None

    @property
    def duty(self) -> Duty | None:
        """The one whose clock a short line shows."""
        return self.duties.shown

    @property
    def both(self) -> bool:
        """Whether the statute asks for a first and for a final answer, so that they are told apart in words."""
        return self.duties.both

    @property
    def adopted(self) -> bool:
        """Whether the members adopted it, so that the authority owes an answer."""
        return self.row.status == RecommendationStatus.ADOPTED


def is_private(recommendation: Recommendation) -> bool:
    """Return whether its wording has not left the drafting table."""
    if recommendation.status == RecommendationStatus.REPLACED:
        return Recommendation.objects.filter(pk=recommendation.pk).private().exists()
    return recommendation.status == RecommendationStatus.DRAFT


def shown(recommendation: Recommendation, today: date) -> Shown:
    """Put a recommendation together from prefetched versions and answers."""
    is_draft = is_private(recommendation)
    versions = sorted(recommendation.versions.all(), key=lambda each: each.number)
    answers = sorted(recommendation.answers.all(), key=lambda each: each.number)
    duties = duties_of(recommendation)
    return Shown(
        recommendation,
        versions[-1] if versions and not is_draft else None,
        answers,
        duties,
        duties.days_late(today),
    )


def recommendations_of(institution: Institution, cycle: Cycle | None = None) -> list[Shown]:
    """Return the recommendations of an institution or of one cycle, newest cycle first, drafts without a text."""
    found = (
        Recommendation.objects.filter(cycle__institution=institution)
        .select_related("cycle", "ballot")
        .prefetch_related("versions", "answers", "duties__rule_book")
        .order_by("-cycle__number", "number")
    )
    today = clock.today(institution.time_zone)
    return [shown(each, today) for each in (found.filter(cycle=cycle) if cycle else found)]


@dataclass(frozen=True)
class Owed:
    """One answer that the authority owes or gave, with its clock: of a recommendation there can be a first and a final one."""

    shown: Shown
    duty: Duty
    days_late: int

    @property
    def row(self) -> Recommendation:
        """The recommendation."""
        return self.shown.row

    @property
    def version(self) -> Version | None:
        """Its newest wording."""
        return self.shown.version

    @property
    def both(self) -> bool:
        """Whether it is one of two, so that it is called by its name."""
        return self.shown.both

    @property
    def answer(self) -> Answer | None:
        """The newest version of the answer that fulfils it."""
        return next((each for each in reversed(self.shown.answers) if each.kind == self.duty.kind), None)


def owed_of(found: Iterable[Shown], today: date) -> list[Owed]:
    """Return every answer that is owed or was given to adopted recommendations, in their order."""
    return [
        Owed(each, duty, duty.days_late(today))
        for each in found
        if each.adopted
        for duty in each.duties.listed
    ]


def tally(owed: Sequence[Owed]) -> list[str]:
    """Say of first and of final answers apart how many were given and are overdue; nothing where no statute asks for both."""
    if not any(each.both for each in owed):
        return []
    return [_tally_of(kind, [each for each in owed if each.duty.kind == kind]) for kind in AnswerKind]


def _tally_of(kind: AnswerKind, owed: Sequence[Owed]) -> str:
    given = sum(each.duty.answered_at is not None for each in owed)
    said = _("%(answered)s of %(owed)s answered") % {"answered": given, "owed": len(owed)}
    late = sum(each.days_late > 0 for each in owed)
    overdue = ngettext("%(counter)s overdue", "%(counter)s overdue", late) % {"counter": late}
    return f"{kind.label}: {said}, {overdue}" if late else f"{kind.label}: {said}"


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
        Term.objects.of(cycle).order_by().values_list("status").annotate(count=Count("seat", distinct=True))
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


# -- statements and votes ------------------------------------------------------------------------------


def statement_counts(statement: Any) -> tuple[int, int, int] | None:
    """Return agree, disagree, pass; None while it is open, or where so few reacted that one could be guessed."""
    return (statement.agree, statement.disagree, statement.passed) if statement.reacted else None


@dataclass(frozen=True)
class Votes:
    """The count of a closed ballot: its picture, how many voted, and how many yes were needed."""

    voted: int
    needed: int
    picture: pictures.Picture


def votes(ballot: Ballot) -> Votes | None:
    """Return the votes as dots; nothing before the ballot is closed and counted."""
    result = result_of(ballot)
    if result is None:
        return None
    title = _("%(yes)d yes, %(no)d no, %(abstain)d abstentions, of %(eligible)d members") % {
        "yes": result.yes, "no": result.no, "abstain": result.abstain, "eligible": result.eligible,
    }  # fmt: skip
    absent = max(0, result.eligible - result.cast)
    dots = pictures.votes(
        result.yes, result.no, result.abstain, absent, title=title, needed=result.needed or None
    )
    return Votes(result.cast, result.needed, dots)


def verdicts(answer: Answer) -> list[tuple[Texts | None, pictures.Picture]]:
    """Return the citizens' verdicts as dots, of each body that spoke by its name, and of the members of the cycle (None).

    As they were published last; left out where so few spoke that one could be guessed.
    """
    return [
        (each.body.name if each.body else None, _verdict(each.counts))
        for each in answer.verdict_sums.by_body()
    ]


@dataclass(frozen=True)
class Given:
    """A version of an answer with the citizens' verdicts; `replaced` by a later version of the same kind."""

    answer: Answer
    replaced: bool
    verdicts: list[tuple[Texts | None, pictures.Picture]]


def answers_of(recommendation: Recommendation) -> list[Given]:
    """Return all that the authority said to a recommendation, the newest first."""
    answers = list(recommendation.answers.all())
    newest = {each.kind: each.number for each in answers}
    return [Given(each, each.number != newest[each.kind], verdicts(each)) for each in reversed(answers)]


def _verdict(counts: dict[Satisfaction, int]) -> pictures.Picture:
    total = sum(counts.values())
    title = ngettext("The verdict of %(count)d member", "The verdict of %(count)d members", total)
    return pictures.verdicts(
        counts[Satisfaction.SATISFIED], counts[Satisfaction.PARTLY], counts[Satisfaction.NOT_SATISFIED],
        title=title % {"count": total},
    )  # fmt: skip


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
    return chapters_of(institution_rules.rule_book_of(version))


def chapters_of(book: Any) -> list[Chapter]:
    """Return a rule book that nobody has adopted yet in the same chapters."""
    language = (get_language() or "en")[:2]
    headings = {
        f"bodies.{body.key}": in_language({str(code): text for code, text in body.title.items()})
        for body in book.bodies
    } | {
        "draw": _("How people are drawn"),
        "agenda": _("Who sets the theme"),
        "duty": _("What the authority owes"),
        "pay": _("What members get"),
        "": _("Everything else"),
    }
    sentences = institution_rules.sentences_of(book, language)
    silent = [(rule, institution_rules.name_of(rule, language)) for rule in book.silent()]
    return [
        Chapter(
            key or "rest",
            heading,
            [each for each in sentences if _chapter_of(each[0], headings) == key],
            [each for each in silent if _chapter_of(each[0], headings) == key],
        )
        for key, heading in headings.items()
    ]


def changes(version: RuleBookVersion, before: RuleBookVersion) -> list[Any]:
    """Return what a version of the rule book changed, rule by rule, in the reader's language."""
    language = (get_language() or "en")[:2]
    return list(institution_rules.changes_between(before.text, version.text, language))


def proposals(institution: Institution) -> list[tuple[RuleBookProposal, list[Any]]]:
    """Return the versions that were proposed, newest first, each with what it would change."""
    language = (get_language() or "en")[:2]
    rows = institution.rule_book_proposals.select_related("before", "follows").order_by("-number")
    return [
        (each, list(institution_rules.changes_between(each.changed_text, each.text, language)))
        for each in rows
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


def with_answers(cycle: Cycle) -> RecommendationQuerySet:
    """Return the recommendations of a cycle with everything that their page shows."""
    answers = Answer.objects.prefetch_related("commitments__progress", "accounts__commitment")
    listed: RecommendationQuerySet = cycle.recommendations.with_lineage()
    return listed.prefetch_related("duties__rule_book", Prefetch("answers", answers.order_by("number")))


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
