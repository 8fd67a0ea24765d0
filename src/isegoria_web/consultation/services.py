"""Themes: proposed, judged, chosen. Signatures are in `signing`, confirmation by mail in `confirming`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db import transaction

from isegoria_web import clock
from isegoria_web.accounts.actors import Actor
from isegoria_web.ballots.errors import ResolutionUnderWay
from isegoria_web.ballots.models import Resolution
from isegoria_web.consultation import algorithms, identity, policies
from isegoria_web.consultation.enums import Channel, ProposerKind, ThemeStatus
from isegoria_web.consultation.errors import (
    BallotNeeded,
    BodyJudges,
    CycleOpenedAlready,
    LastDayPast,
    NoLastDay,
    NotEntitled,
    NotToChoose,
    NotWaiting,
    ReasonsMissing,
    RuleUnknown,
    TextMissing,
    TextTooLong,
    TooSoonAgain,
)
from isegoria_web.consultation.models import Proposer, Theme
from isegoria_web.errors import require
from isegoria_web.institutions.algorithms import ground
from isegoria_web.institutions.models import Cycle, Institution
from isegoria_web.institutions.services import open_cycle
from isegoria_web.institutions.status import require_at_work
from isegoria_web.journal.enums import Action
from isegoria_web.journal.services import record
from isegoria_web.translated import Texts, written

LONGEST = {"title": 150, "explanation": 5_000, "reason": 2_000, "public_proposer": 150}


@dataclass(frozen=True)
class Proposal:
    """What a proposal says, in one of the institution's languages, and who brings it."""

    title: str
    explanation: str
    reason: str
    language: str
    name: str
    email: str = ""
    organisation: str = ""
    again: int | None = None

    def cleaned(self) -> Proposal:
        """Return it without control characters and stray blanks.

        Raises
        ------
        TextMissing, TextTooLong
            If a part is empty or longer than it may be.
        """
        parts = {name: identity.clean(getattr(self, name)) for name in ("title", "explanation", "reason")}
        if not all(parts.values()):
            raise TextMissing
        if any(len(text) > LONGEST[name] for name, text in parts.items()):
            raise TextTooLong
        parts["title"] = " ".join(parts["title"].split())
        return Proposal(
            **parts, language=self.language, name=" ".join(identity.clean(self.name).split()), email=self.email,
            organisation=" ".join(identity.clean(self.organisation).split()), again=self.again,
        )  # fmt: skip


def propose(
    *, actor: Actor, institution: Institution, kind: ProposerKind, proposal: Proposal, channel: Channel
) -> Theme:
    """Bring a theme: the authority or a member for herself, the secretariat for whoever came with a paper.

    Raises
    ------
    NotEntitled, TextMissing, TextTooLong, TooSoonAgain
        If it cannot be taken.
    """
    require(policies.may_propose_as(actor, institution, kind))
    return take(actor=actor, institution=institution, kind=kind, proposal=proposal, channel=channel)


def take(
    *, actor: Actor, institution: Institution, kind: ProposerKind, proposal: Proposal, channel: Channel
) -> Theme:
    """Take a theme into the queue; called by the verbs that know who brings it.

    Raises
    ------
    NotEntitled, TextMissing, TextTooLong, TooSoonAgain
        If it cannot be taken.
    """
    told = proposal.cleaned()
    with transaction.atomic():
        Institution.objects.select_for_update().get(pk=institution.pk)
        version = institution.rule_books.latest("number")
        require_entitled(institution, kind)
        today = clock.today(institution.time_zone)
        theme = Theme.objects.create(
            institution=institution,
            rule_book=version,
            number=institution.themes.count() + 1,
            kind=kind,
            channel=channel,
            title=told.title,
            explanation=told.explanation,
            reason=told.reason,
            language=told.language,
            public_proposer=told.organisation,
            again=_earlier(institution, told.again, today),
            proposed_at=clock.now(),
            verdict_due_on=algorithms.verdict_due(version, today),
        )
        if told.name or told.email:
            Proposer.objects.create(theme=theme, name=told.name, email=told.email)
        record(
            actor=actor, institution=institution, action=Action.THEME_PROPOSED, subject=theme,
            facts={
                "theme": theme.number,
                "proposer": kind.value,
                "channel": channel.value,
                "rule": algorithms.proposers(version)[1],
                "rule_book": version.number,
            },
        )  # fmt: skip
        return theme


def require_entitled(institution: Institution, kind: ProposerKind) -> None:
    """Refuse a proposer to whom the rule book gives no right, and everybody where the institution begins nothing.

    Raises
    ------
    NotAtWork, NotEntitled
        If it is so.
    """
    require_at_work(institution)
    entitled, _rule = algorithms.proposers(institution.rule_books.latest("number"))
    if kind not in entitled:
        raise NotEntitled


def admit(
    *, actor: Actor, theme: Theme, last_day: date | None = None, reasons: Texts | None = None
) -> Theme:
    """Admit a theme: it is published, and signatures are collected if the rule book asks for some.

    Parameters
    ----------
    last_day
        The last day to sign, where the statute sets no time; else it follows from the rule.

    Raises
    ------
    NotWaiting
        If it was judged.
    NoLastDay, LastDayPast
        If the statute is silent and no day, or a day gone by, was given.
    BodyJudges
        If the rule book gives the verdict to a body in which enough members sit now.
    """
    with transaction.atomic():
        hold(theme.institution)
        require_alone(actor=actor, theme=theme)
        require_at_work(theme.institution)
        return mark_admitted(actor=actor, theme=theme, last_day=last_day, reasons=reasons)


def mark_admitted(
    *,
    actor: Actor,
    theme: Theme,
    last_day: date | None = None,
    reasons: Texts | None = None,
    resolution: Resolution | None = None,
) -> Theme:
    """Mark a theme as admitted; called by the verbs that know who judged, inside their transaction.

    Raises
    ------
    NotWaiting, NoLastDay, LastDayPast
        If it cannot be admitted so.
    """
    with transaction.atomic():
        theme = _waiting(theme)
        today = clock.today(theme.institution.time_zone)
        theme.threshold, theme.threshold_rule = algorithms.signatures_needed(
            theme.rule_book, ProposerKind(theme.kind)
        )
        if theme.threshold:
            due = _last_day(theme, today, last_day)
            theme.status, theme.collects_until, theme.collects_rule = (
                ThemeStatus.COLLECTING,
                due.day,
                due.rule,
            )
        else:
            theme.status, theme.supported_at = ThemeStatus.SUPPORTED, clock.now()
        theme.judged_at, theme.verdict_rule = clock.now(), _admitting_rule(theme)
        theme.verdict_reasons, theme.resolution = dict(reasons or {}), resolution
        _keep_until(theme, theme.collects_until or today)
        theme.full_clean()
        theme.save()
        record(
            actor=actor, institution=theme.institution, action=Action.THEME_ADMITTED, subject=theme,
            facts={
                "theme": theme.number,
                "rule": theme.verdict_rule,
                "signatures_needed": theme.threshold,
                "signatures_rule": theme.threshold_rule,
                "last_day": theme.collects_until.isoformat() if theme.collects_until else None,
                "last_day_rule": theme.collects_rule
                or ground(theme.rule_book, "agenda.collect_months"),
                "rule_book": theme.rule_book.number,
                **_by(resolution),
            },
        )  # fmt: skip
        return theme


def refuse(*, actor: Actor, theme: Theme, rule: str, reasons: Texts, withhold_text: bool = False) -> Theme:
    """Refuse a theme by a rule, with reasons that are published; where to object stands beside them.

    Parameters
    ----------
    rule
        The id of a rule of the agenda that the rule book sets; empty where the statute is silent.
    withhold_text
        Whether its text is not published, because it names a person or is punishable.

    Raises
    ------
    NotWaiting
        If it was judged.
    RuleUnknown, ReasonsMissing
        If the rule book sets no such rule, or nothing explains the refusal.
    BodyJudges
        If the rule book gives the verdict to a body in which enough members sit now.
    """
    with transaction.atomic():
        hold(theme.institution)
        require_alone(actor=actor, theme=theme)
        return mark_refused(
            actor=actor, theme=theme, rule=rule, reasons=reasons, withhold_text=withhold_text
        )


def mark_refused(
    *,
    actor: Actor,
    theme: Theme,
    rule: str,
    reasons: Texts,
    withhold_text: bool = False,
    resolution: Resolution | None = None,
) -> Theme:
    """Mark a theme as refused; called by the verbs that know who judged, inside their transaction.

    Raises
    ------
    NotWaiting, RuleUnknown, ReasonsMissing
        If it cannot be refused so.
    """
    require_reasons(theme, rule, reasons)
    with transaction.atomic():
        theme = _waiting(theme)
        theme.status, theme.judged_at, theme.verdict_rule = ThemeStatus.REFUSED, clock.now(), rule
        theme.verdict_reasons, theme.text_withheld = dict(reasons), withhold_text
        theme.resolution = resolution
        _keep_until(theme, clock.today(theme.institution.time_zone))
        theme.full_clean()
        theme.save()
        record(
            actor=actor, institution=theme.institution, action=Action.THEME_REFUSED, subject=theme,
            facts={
                "theme": theme.number,
                "rule": rule,
                "rule_book": theme.rule_book.number,
                "text_withheld": withhold_text,
                **_by(resolution),
            },
        )  # fmt: skip
        return theme


def require_alone(*, actor: Actor, theme: Theme) -> None:
    """Refuse a verdict of the secretariat where the rule book gives it to a body, or a body is deciding on it.

    Raises
    ------
    NotAllowed, BodyJudges, ResolutionUnderWay
        If it is so.
    """
    require(policies.may_judge(actor, theme.institution))
    if not policies.may_judge_alone(actor, theme):
        raise BodyJudges(algorithms.judge(theme.rule_book)[1])
    if theme.institution.resolutions.open().filter(about=about(theme)).exists():
        raise ResolutionUnderWay  # so many left before it was over that the body cannot judge now


def hold(institution: Institution) -> None:
    """Let nobody else propose or judge for an institution until the transaction ends."""
    Institution.objects.select_for_update().get(pk=institution.pk)


def about(theme: Theme) -> str:
    """Return how resolutions name a theme."""
    return f"theme {theme.number}"


def require_reasons(theme: Theme, rule: str, reasons: Texts) -> None:
    """Refuse a refusal without reasons, or by a rule that the rule book does not set.

    Raises
    ------
    ReasonsMissing, RuleUnknown
        If it is so.
    """
    if not written(reasons):
        raise ReasonsMissing
    if rule and rule not in dict(algorithms.refusing_rules(theme.rule_book, "en")):
        raise RuleUnknown


def choose(*, actor: Actor, theme: Theme, reasons: Texts) -> Theme:
    """Write down that the body that is entitled to chose a theme, with its reasons, which are published.

    Raises
    ------
    NotToChoose
        If it was not admitted, lacks support, or was chosen before.
    ReasonsMissing
        If nothing says why.
    BallotNeeded
        If the rule book gives the choice to a body in which enough members sit now: they vote.
    """
    require(policies.may_choose(actor, theme.institution))
    require_at_work(theme.institution)
    if not written(reasons):
        raise ReasonsMissing
    body, rule = algorithms.chooser(theme.rule_book)
    if policies.voting_cycle(theme.institution, body) is not None:
        raise BallotNeeded
    return mark_chosen(actor=actor, theme=theme, rule=rule, reasons=reasons, facts={"by": "decision"})


def mark_chosen(*, actor: Actor, theme: Theme, rule: str, reasons: Texts, facts: dict[str, Any]) -> Theme:
    """Mark a theme as chosen; called by the verbs that know how it was chosen, inside their transaction.

    Raises
    ------
    NotToChoose
        If it cannot be chosen.
    """
    with transaction.atomic():
        theme = Theme.objects.locked(theme.pk)
        if theme.status != ThemeStatus.SUPPORTED:
            raise NotToChoose
        theme.status, theme.chosen_at, theme.chosen_rule = ThemeStatus.CHOSEN, clock.now(), rule
        theme.chosen_reasons = dict(reasons)
        theme.full_clean()
        theme.save()
        record(
            actor=actor, institution=theme.institution, action=Action.THEME_CHOSEN, subject=theme,
            facts={"theme": theme.number, "rule": rule, "rule_book": theme.rule_book.number, **facts},
        )  # fmt: skip
        return theme


def open_cycle_on(*, actor: Actor, theme: Theme, **mandate: Any) -> Cycle:
    """Open the next cycle on a chosen theme; what it was proposed as stays beside the mandate's question.

    Parameters
    ----------
    **mandate
        As `institutions.services.open_cycle` takes them.

    Raises
    ------
    NotToChoose, CycleOpenedAlready
        If it was not chosen, or has its cycle.
    """
    require(policies.may_choose(actor, theme.institution))
    with transaction.atomic():
        theme = Theme.objects.locked(theme.pk)
        if theme.status != ThemeStatus.CHOSEN:
            raise NotToChoose
        if theme.cycle_id is not None:
            raise CycleOpenedAlready
        theme.cycle = open_cycle(actor=actor, institution=theme.institution, **mandate)
        theme.save(update_fields=["cycle"])
        return theme.cycle


# -- the parts of the verbs ------------------------------------------------------------------------------------


def _waiting(theme: Theme) -> Theme:
    theme = Theme.objects.locked(theme.pk)
    if theme.status != ThemeStatus.WAITING:
        raise NotWaiting
    return theme


def _earlier(institution: Institution, number: int | None, today: date) -> Theme | None:
    """Return the refused theme that is handed in again, while it may be."""
    if number is None:
        return None
    found = institution.themes.filter(number=number, status=ThemeStatus.REFUSED).first()
    if found is None or found.judged_at is None:
        raise TooSoonAgain
    end = algorithms.again_until(found.rule_book, found.judged_at.date())
    if end is not None and today > end:
        raise TooSoonAgain
    return found


def _admitting_rule(theme: Theme) -> str:
    known = dict(algorithms.refusing_rules(theme.rule_book, "en"))
    return "agenda.admissibility" if "agenda.admissibility" in known else ""


def _by(resolution: Resolution | None) -> dict[str, str | int]:
    """What the journal says of a verdict that a body gave."""
    if resolution is None:
        return {}
    return {"body": resolution.body.key, "judge_rule": resolution.rule, "resolution": resolution.number}


def _last_day(theme: Theme, today: date, given: date | None) -> algorithms.Due:
    due = algorithms.last_day_to_sign(theme.rule_book, today)
    if due is not None:
        return due
    if given is None:
        raise NoLastDay
    if given < today + timedelta(days=1):
        raise LastDayPast
    return algorithms.Due(given, "")


def _keep_until(theme: Theme, last: date) -> None:
    due = algorithms.erase_on(theme.rule_book, last)
    theme.erase_on, theme.erase_rule = due.day, due.rule
