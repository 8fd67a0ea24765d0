"""What a body decides between its meetings: one proposal, the members' voices as sums, and a result that takes effect."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, time, timedelta
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from django.db import IntegrityError, transaction
from django.db.models import Max

from isegoria_web import clock
from isegoria_web.accounts.actors import Actor
from isegoria_web.ballots import algorithms, policies
from isegoria_web.ballots.enums import Choice, Matter, ResolutionStatus
from isegoria_web.ballots.errors import (
    ResolutionOver,
    ResolutionUnderWay,
    SpokenAlready,
    TooFewSit,
    UnknownChoice,
)
from isegoria_web.ballots.models import FEWEST_VOTERS, Resolution, Voice
from isegoria_web.errors import require, required
from isegoria_web.institutions.guards import at_work
from isegoria_web.institutions.life import Work
from isegoria_web.institutions.models import Body, Cycle, Institution, RuleBookVersion
from isegoria_web.institutions.status import require_at_work
from isegoria_web.journal.enums import Action
from isegoria_web.journal.services import record
from isegoria_web.membership.models import Member
from isegoria_web.membership.policies import sitting_in_body
from isegoria_web.scheduler import each

DAYS = 14
"""How many whole days members have to speak; no statute that comes along sets it."""
_WHEN_CARRIED: list[Callable[[Actor, Resolution], None]] = []


def when_carried(follow: Callable[[Actor, Resolution], None]) -> None:
    """Register what an app does with a resolution that was carried, in the transaction that carries it."""
    if follow not in _WHEN_CARRIED:
        _WHEN_CARRIED.append(follow)


def closing_of(institution: Institution) -> datetime:
    """Return when a resolution that is proposed today closes: the midnight after its last day."""
    last = clock.today(institution.time_zone) + timedelta(days=DAYS + 1)
    return datetime.combine(last, time(0), ZoneInfo(institution.time_zone))


def propose(
    *,
    actor: Actor,
    body: Body,
    matter: Matter,
    about: str,
    terms: Mapping[str, Any],
    rule: str,
    rule_book: RuleBookVersion,
) -> Resolution:
    """Propose to a body what it is to decide; who sits in it today stands on the roll.

    By which majority it decides is fixed now: that of the rule book, else more than half of those who sit.
    To propose is not to agree: who proposes speaks like everybody else.

    Parameters
    ----------
    about
        What is decided on, a word and a number: `theme 7`.
    terms
        What holds if it is carried; the app that follows reads it.

    Raises
    ------
    NotAtWork
        If the institution is suspended or abolished.
    TooFewSit
        If so few sit in the body that the outcome would tell how each of them spoke.
    ResolutionUnderWay
        If the body is deciding on this already.
    """
    require(policies.may_propose_resolution(actor, body))
    require_at_work(body.institution)
    with transaction.atomic():
        institution = Institution.objects.select_for_update().get(pk=body.institution_id)
        roll = list(Member.objects.acting_in(body))
        if len(roll) < FEWEST_VOTERS:
            raise TooFewSit
        if institution.resolutions.open().filter(about=about).exists():
            raise ResolutionUnderWay
        last = institution.resolutions.aggregate(last=Max("number"))["last"] or 0
        made = Resolution(
            institution=institution, body=body, number=last + 1, matter=matter, about=about, terms=dict(terms),
            by_office=sitting_in_body(actor, body) is None, rule=rule, rule_book=rule_book,
            eligible=len(roll), proposed_at=clock.now(), closes_at=closing_of(institution),
            **algorithms.majority_between_meetings(rule_book, body.key),
        )  # fmt: skip
        made.full_clean()
        made.save()
        made.roll.set(roll)
        record(
            actor=actor, institution=institution, action=Action.RESOLUTION_PROPOSED, subject=made,
            facts={
                **_named(made),
                "eligible": made.eligible,
                "threshold": made.threshold,
                "threshold_rule": made.threshold_rule,
                "quorum": made.quorum,
                "closes_at": made.closes_at.isoformat(),
            },
        )  # fmt: skip
        return made


def speak(*, actor: Actor, resolution: Resolution, choice: Choice) -> Resolution:
    """Say yes or no to a resolution, or abstain; `close_due` decides it when those who have not spoken can change nothing.

    Only the sum grows. No entry in the journal but the result, and that not now: the time of an entry and its actor
    would tell who said what.

    Raises
    ------
    NotAtWork
        If the institution was abolished.
    UnknownChoice, SpokenAlready, ResolutionOver
        If it is no choice, a second time, or too late.
    """
    require(policies.speaker(actor, resolution) is not None)
    require_at_work(resolution.institution, Work.GO_ON)
    if choice not in Choice.values:
        raise UnknownChoice
    try:
        with transaction.atomic():
            resolution = Resolution.objects.locked(resolution.pk)
            if resolution.is_over or clock.now() >= resolution.closes_at:
                raise ResolutionOver
            member = required(policies.speaker(actor, resolution))
            if resolution.voices.filter(member=member).exists():
                raise SpokenAlready
            Voice.objects.create(resolution=resolution, member=member)
            setattr(resolution, choice, getattr(resolution, choice) + 1)
            resolution.save(update_fields=[Choice(choice).value])
            return resolution
    except IntegrityError as error:
        if Voice.objects.filter(resolution=resolution, member=policies.speaker(actor, resolution)).exists():
            raise SpokenAlready from error  # at the same instant: the database let one through
        raise


def close_due(*, actor: Actor) -> int:
    """Decide the resolutions whose time is over, or in which those who have not spoken can change nothing; returns how many.

    Raises
    ------
    ExceptionGroup
        At the end, of all that could not be decided; they hold up none of the others.
    """
    require(policies.may_close_resolutions(actor))
    keys = list(Resolution.objects.open().values_list("pk", flat=True))
    return sum(each(keys, partial(_close_if_due, actor), failing="resolutions that could not be decided"))


def lapse_abolished(actor: Actor, institution: Institution) -> None:
    """Let what the bodies of an abolished institution were deciding lapse."""
    for key in institution.resolutions.open().values_list("pk", flat=True):
        resolution = Resolution.objects.locked(key)
        if not resolution.is_over:
            _end(actor, resolution, ResolutionStatus.LAPSED)


def lapse_broken_off(actor: Actor, cycle: Cycle) -> None:
    """Let what a body was deciding about a cycle lapse when the cycle is broken off."""
    for key in cycle.institution.resolutions.open().filter(about=f"cycle {cycle.number}").values_list("pk"):
        resolution = Resolution.objects.locked(key[0])
        if not resolution.is_over:
            _end(actor, resolution, ResolutionStatus.LAPSED)


# -- the parts of the verbs ------------------------------------------------------------------------------------


def _close_if_due(actor: Actor, key: int) -> bool:
    with transaction.atomic():
        resolution = Resolution.objects.locked(key)
        if resolution.is_over or not at_work(resolution.institution, Work.GO_ON):
            return False
        carried = algorithms.settled(resolution, over=clock.now() >= resolution.closes_at)
        if carried is None:
            return False
        _end(actor, resolution, ResolutionStatus.CARRIED if carried else ResolutionStatus.FAILED)
        if carried:
            for follow in _WHEN_CARRIED:
                follow(actor, resolution)
        return True


def _end(actor: Actor, resolution: Resolution, status: ResolutionStatus) -> None:
    resolution.status, resolution.decided_at = status, clock.now()
    sums = {choice.value: getattr(resolution, choice.value) for choice in Choice}
    if not resolution.shows_sums:
        resolution.yes = resolution.no = resolution.abstain = 0
        sums = {}
    resolution.save(update_fields=["status", "decided_at", *Choice.values])
    resolution.voices.all().delete()  # who spoke was needed only to let nobody speak twice
    record(
        actor=actor, institution=resolution.institution, action=Action.RESOLUTION_DECIDED, subject=resolution,
        facts={
            **_named(resolution),
            "status": status.value,
            **sums,
            "eligible": resolution.eligible,
        },
    )  # fmt: skip


def _named(resolution: Resolution) -> dict[str, str | int]:
    return {
        "resolution": resolution.number,
        "body": resolution.body.key,
        "matter": resolution.matter,
        "about": resolution.about,
        "rule": resolution.rule,
        "rule_book": resolution.rule_book.number,
    }
