"""Letters of a large register: announced, drawn and continued in the background, with progress.

Each verb is the one of a small register, done by a worker. What it comes to is fixed by what was asked, by the register
and, once drawn, by the randomness, and all of it counts in one transaction. So a worker that is killed over it leaves
nothing to repair: whoever takes over begins anew and publishes the very same.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import date, datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction

from isegoria_web import clock
from isegoria_web.accounts.actors import Actor
from isegoria_web.errors import require, required
from isegoria_web.institutions.models import Cycle
from isegoria_web.lottery.algorithms import SourcePlan
from isegoria_web.lottery.enums import SourceKind
from isegoria_web.lottery.services import require_due
from isegoria_web.recruitment import policies
from isegoria_web.recruitment.announceable import require_age, require_announceable
from isegoria_web.recruitment.course import Course, new_secret
from isegoria_web.recruitment.enums import OnePer, WorkKind, WorkStatus
from isegoria_web.recruitment.errors import DrawGoesOn, LettersUnderWay, LetterWorkOver
from isegoria_web.recruitment.models import Campaign, LetterWork
from isegoria_web.recruitment.services import (
    WHOLE,
    announce_letters,
    draw_letters,
)
from isegoria_web.recruitment.waves import draw_wave, require_drawable
from isegoria_web.register.algorithms import STRATUM
from isegoria_web.register.models import Extract
from isegoria_web.translated import Texts

AT_ONCE = 50_000
"""Residents of an extract whose letters are announced and drawn while somebody waits; with more, in the background."""
ROWS_BETWEEN = 20_000
"""So many rows are read before the progress is written down and a cancellation is noticed."""
RETRY_AFTER = timedelta(hours=1)
"""A draw that failed is tried again by the clock after so long."""


class _StoppedError(Exception):
    """Somebody stopped the work while it was done."""


def takes_long(extract: Extract) -> bool:
    """Whether the register is so large that nobody should wait for what is done with all of it."""
    return extract.residents > AT_ONCE


# -- what somebody asks for ----------------------------------------------------------------------------------


def ask_for_announcement(*, actor: Actor, cycle: Cycle, extract: Extract, **given: Any) -> LetterWork:
    """Write down that letters are to be announced; what cannot be is refused at once, where that is known.

    Parameters
    ----------
    given
        As for `services.announce_letters`.

    Raises
    ------
    LettersUnderWay
        If the letters of the cycle are being worked on.
    MandateNotSigned, SourceInThePast, ExtractErased, LettersDrawnAlready, PanelDrawStands, ChosenLettersWrong, SiftedForAnother, AgeAgainstRule, SomethingMissing
        As `services.announce_letters`.
    """
    require(policies.may_invite(actor, cycle) and extract.institution_id == cycle.institution_id)
    require_age(cycle, given["age_min"])
    require_announceable(
        cycle, extract, given["source_due_at"], given["letters"], given.get("stratified_by", STRATUM),
        given.get("chosen"),
    )  # fmt: skip
    return _ask(
        cycle=cycle, extract=extract, kind=WorkKind.ANNOUNCEMENT, asked=_as_data(given), secret=new_secret(),
        by=required(actor.user),
    )  # fmt: skip


def ask_for_draw(*, actor: Actor, campaign: Campaign) -> LetterWork:
    """Write down that letters whose randomness is known are to be drawn.

    Raises
    ------
    LettersUnderWay
        If they are being drawn.
    TooEarly, RandomnessMissing, AlreadyDrawn
        If it is not the time for it.
    """
    require(policies.may_finish_letters(actor, campaign))
    require_due(campaign.draw)
    return _ask(
        cycle=campaign.cycle, extract=campaign.extract, campaign=campaign, kind=WorkKind.DRAW, by=actor.user
    )


def ask_for_wave(
    *, actor: Actor, campaign: Campaign, letters: int, reply_by: date, reason: Texts
) -> LetterWork:
    """Write down that a further wave is to be drawn; parameters and errors as for `waves.draw_wave`.

    Raises
    ------
    LettersUnderWay
        If the letters are being worked on.
    """
    require(policies.may_run_campaign(actor, campaign))
    campaign = Campaign.objects.select_related(*WHOLE).get(pk=campaign.pk)
    require_drawable(campaign, letters, reply_by, reason)
    asked = {"letters": letters, "reply_by": reply_by.isoformat(), "reason": dict(reason)}
    return _ask(
        cycle=campaign.cycle, extract=campaign.extract, campaign=campaign, kind=WorkKind.WAVE, asked=asked,
        by=required(actor.user),
    )  # fmt: skip


def draw_is_due(campaign: Campaign) -> bool:
    """Whether the clock begins a draw in the background: none is under way, and none has failed just now."""
    of_draw = LetterWork.objects.filter(campaign=campaign, kind=WorkKind.DRAW)
    underway = LetterWork.objects.filter(cycle=campaign.cycle_id, ended_at__isnull=True)
    return not underway.exists() and not of_draw.filter(ended_at__gt=clock.now() - RETRY_AFTER).exists()


def cancel(*, actor: Actor, work: LetterWork) -> LetterWork:
    """Stop an announcement or a wave before it is public; nothing of it counts.

    Raises
    ------
    DrawGoesOn
        If it is a draw: what the randomness decides is held back by nobody.
    LetterWorkOver
        If it is over already.
    """
    require(policies.may_invite(actor, work.cycle))
    with transaction.atomic():
        work = LetterWork.objects.select_for_update().get(pk=work.pk)
        if not work.is_open:
            raise LetterWorkOver
        if not work.can_be_stopped:
            raise DrawGoesOn
        return _end(work, WorkStatus.CANCELLED)


# -- what a worker does --------------------------------------------------------------------------------------


def work_on(*, actor: Actor, work: LetterWork) -> Campaign | None:
    """Do what was asked for. Doing again what was interrupted begins anew and comes to the same.

    Returns
    -------
    Campaign or None
        None if it was stopped, or is over already.

    Raises
    ------
    isegoria_web.errors.ServiceError, isegoria.errors.IsegoriaError
        As the verb that was asked for; `note_failure` writes down why.
    """
    if not _open(work).update(status=WorkStatus.RUNNING, rows=0):
        return None
    work.refresh_from_db()
    course = _InBackground(work)
    try:
        if work.kind == WorkKind.ANNOUNCEMENT:
            return announce_letters(
                actor=actor, cycle=work.cycle, extract=work.extract, course=course, **_given(work.asked)
            )
        campaign = required(work.campaign)
        if work.kind == WorkKind.DRAW:
            return draw_letters(actor=actor, campaign=campaign, course=course)
        given = work.asked | {"reply_by": date.fromisoformat(work.asked["reply_by"])}
        draw_wave(actor=actor, campaign=campaign, course=course, **given)
    except _StoppedError:
        return None
    return campaign


def note_failure(*, work: LetterWork, why: str) -> bool:
    """Write down why nothing came of it; False if it is over, because another worker did it or somebody stopped it."""
    with transaction.atomic():
        found = LetterWork.objects.select_for_update().get(pk=work.pk)
        if not found.is_open:
            return False
        found.failure = why
        _end(found, WorkStatus.FAILED)
        return True


class _InBackground(Course):
    """Writes down how far the work has come, and ends it when somebody stopped it."""

    def __init__(self, work: LetterWork) -> None:
        super().__init__(work.secret)
        self._work = work
        self._noted = 0

    def tick(self, rows: int) -> None:
        """Note the rows, every few thousand of them."""
        if rows - self._noted < ROWS_BETWEEN:
            return
        self._noted = rows
        if not _open(self._work).update(rows=rows):
            raise _StoppedError

    def end(self, campaign: Campaign) -> None:
        """Note that it is done, unless somebody stopped it: then nothing of it is."""
        found = LetterWork.objects.select_for_update().get(pk=self._work.pk)
        if not found.is_open:
            raise _StoppedError
        found.campaign, found.rows = campaign, found.extract.residents
        _end(found, WorkStatus.DONE)


# -- the parts of the verbs ----------------------------------------------------------------------------------


def _open(work: LetterWork) -> Any:
    return LetterWork.objects.filter(pk=work.pk, ended_at__isnull=True)


def _ask(**given: Any) -> LetterWork:
    try:
        with transaction.atomic():
            return LetterWork.objects.create(asked_at=clock.now(), **given)
    except IntegrityError as error:  # the database lets one be open at a time
        if LetterWork.objects.filter(cycle=given["cycle"], ended_at__isnull=True).exists():
            raise LettersUnderWay from error
        raise


def _end(work: LetterWork, status: WorkStatus) -> LetterWork:
    work.status, work.secret, work.ended_at = status, "", clock.now()
    work.save(update_fields=["status", "secret", "ended_at", "campaign", "rows", "failure"])
    return work


def _as_data(given: Mapping[str, Any]) -> dict[str, Any]:
    """Return what letters are announced with as it is kept until then."""
    sources = [asdict(one) | {"due_at": one.due_at.isoformat()} for one in given.get("sources", ())]
    return {
        **given,
        "reply_by": given["reply_by"].isoformat(),
        "source": dict(given["source"]),
        "source_due_at": given["source_due_at"].isoformat(),
        "sources": sources,
    }


def _given(asked: Mapping[str, Any]) -> dict[str, Any]:
    """Return what `_as_data` wrote down."""
    sources = [
        SourcePlan(
            **one
            | {
                "kind": SourceKind(one["kind"]),
                "due_at": datetime.fromisoformat(one["due_at"]),
                "parties": tuple((name, hashed) for name, hashed in one["parties"]),
            }
        )
        for one in asked["sources"]
    ]
    return {
        **asked,
        "reply_by": date.fromisoformat(asked["reply_by"]),
        "source_due_at": datetime.fromisoformat(asked["source_due_at"]),
        "sources": sources,
        "one_per": OnePer(asked.get("one_per", OnePer.PERSON)),
    }
