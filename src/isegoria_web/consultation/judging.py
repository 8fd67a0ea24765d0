"""The verdict on a theme where the rule book gives it to a body: proposed to its members, in force when they agreed."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.db import transaction

from isegoria_web import clock
from isegoria_web.accounts.actors import Actor
from isegoria_web.ballots import resolutions
from isegoria_web.ballots.enums import Matter
from isegoria_web.ballots.errors import TooFewSit
from isegoria_web.ballots.models import Resolution
from isegoria_web.consultation import algorithms, policies, services
from isegoria_web.consultation.enums import ProposerKind
from isegoria_web.consultation.errors import LastDayPast, NoLastDay, NotWaiting
from isegoria_web.consultation.models import Theme
from isegoria_web.errors import require
from isegoria_web.translated import Texts, written


def asks_last_day(theme: Theme) -> bool:
    """Return whether who admits a theme names the last day to sign: it needs signatures, and the statute sets no time."""
    needed, _rule = algorithms.signatures_needed(theme.rule_book, ProposerKind(theme.kind))
    today = clock.today(theme.institution.time_zone)
    return bool(needed) and algorithms.last_day_to_sign(theme.rule_book, today) is None


def first_last_day(theme: Theme) -> date:
    """Return the soonest last day to sign that can be proposed: signing begins at the latest when the body has decided."""
    zone = theme.institution.time_zone
    return clock.day_of(resolutions.closing_of(theme.institution), zone) + timedelta(days=1)


def propose_admission(
    *, actor: Actor, theme: Theme, last_day: date | None = None, reasons: Texts | None = None
) -> Resolution:
    """Propose to the body that judges to admit a theme.

    Raises
    ------
    NotWaiting, TooFewSit, ResolutionUnderWay
        If it was judged, too few sit in that body, or it decides on it already.
    NoLastDay, LastDayPast
        If the statute is silent and no day was given, or one before the members have decided.
    """
    require(policies.may_propose_verdict(actor, theme))
    terms: dict[str, Any] = {"reasons": written(reasons or {})}
    if asks_last_day(theme):
        if last_day is None:
            raise NoLastDay
        if last_day < first_last_day(theme):
            raise LastDayPast
        terms["last_day"] = last_day.isoformat()
    return _propose(actor, theme, Matter.ADMIT, terms)


def propose_refusal(
    *, actor: Actor, theme: Theme, rule: str, reasons: Texts, withhold_text: bool = False
) -> Resolution:
    """Propose to the body that judges to refuse a theme, by a rule and with reasons that are published with the verdict.

    Raises
    ------
    NotWaiting, TooFewSit, ResolutionUnderWay
        As `propose_admission`.
    ReasonsMissing, RuleUnknown
        If nothing explains the refusal, or the rule book sets no such rule.
    """
    require(policies.may_propose_verdict(actor, theme))
    services.require_reasons(theme, rule, reasons)
    terms = {"rule": rule, "reasons": written(reasons), "withhold_text": withhold_text}
    return _propose(actor, theme, Matter.REFUSE, terms)


def follow(actor: Actor, resolution: Resolution) -> None:
    """Give the verdict on which the members agreed, in the transaction that counted them."""
    if resolution.matter not in {Matter.ADMIT, Matter.REFUSE}:
        return
    theme, terms = theme_of(resolution), resolution.terms
    if resolution.matter == Matter.ADMIT:
        services.mark_admitted(
            actor=actor, theme=theme, last_day=_last_day(resolution, theme),
            reasons=terms["reasons"], resolution=resolution,
        )  # fmt: skip
    else:
        services.mark_refused(
            actor=actor, theme=theme, rule=terms["rule"], reasons=terms["reasons"],
            withhold_text=terms["withhold_text"], resolution=resolution,
        )  # fmt: skip


def theme_of(resolution: Resolution) -> Theme:
    """Return the theme on which a resolution decides."""
    number = int(resolution.about.removeprefix("theme "))
    found = Theme.objects.select_related("institution", "rule_book")
    return found.get(institution=resolution.institution_id, number=number)


def _last_day(resolution: Resolution, theme: Theme) -> date | None:
    """Return the last day to sign on which they agreed; later if it was counted late, so that signing is not shorter."""
    told = resolution.terms.get("last_day")
    if told is None:
        return None
    zone = theme.institution.time_zone
    agreed, latest = date.fromisoformat(told), clock.day_of(resolution.closes_at, zone)
    return max(agreed, clock.today(zone) + (agreed - latest))


def _propose(actor: Actor, theme: Theme, matter: Matter, terms: dict[str, Any]) -> Resolution:
    with transaction.atomic():
        services.hold(theme.institution)
        if not Theme.objects.waiting().filter(pk=theme.pk).exists():
            raise NotWaiting
        body = policies.judging_body(theme)
        if body is None:
            raise TooFewSit
        return resolutions.propose(
            actor=actor, body=body, matter=matter, about=services.about(theme), terms=terms,
            rule=algorithms.judge(theme.rule_book)[1], rule_book=theme.rule_book,
        )  # fmt: skip
