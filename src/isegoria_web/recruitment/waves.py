"""Further waves of letters: more of them, in the order that the draw fixed, until the pool can fill every seat."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import transaction

from isegoria.errors import BadInput
from isegoria_web import clock
from isegoria_web.accounts.actors import Actor
from isegoria_web.errors import ServiceError, require
from isegoria_web.institutions.status import require_cycle_at_work
from isegoria_web.journal.enums import Action
from isegoria_web.journal.services import record
from isegoria_web.lottery.models import Draw
from isegoria_web.recruitment import algorithms, policies
from isegoria_web.recruitment.course import Course
from isegoria_web.recruitment.enums import InvitationStatus
from isegoria_web.recruitment.errors import (
    CampaignClosed,
    LettersNotDrawn,
    NobodyLeft,
    NotAhead,
    ReasonMissing,
    WaveDrawnMeanwhile,
    WaveEmpty,
    WaveNotPrinted,
)
from isegoria_web.recruitment.models import Campaign, Printing, Wave
from isegoria_web.recruitment.services import WHOLE, invite, locked, opened_extract, require_counting
from isegoria_web.register.errors import ExtractChanged, ExtractErased
from isegoria_web.translated import Texts, written


def published(draw: Draw) -> dict[str, Any]:
    """Return the public file of a draw as it stands: its commitment or record, with the waves that followed."""
    made = draw.record
    if made.document is None:
        return dict(made.commitment)
    later = Wave.objects.filter(campaign__draw=draw, number__gt=1)
    return algorithms.with_waves(made.document, [wave.document or {} for wave in later])


@dataclass(frozen=True, slots=True)
class Standing:
    """A wave, how its letters stand, and its last printing."""

    wave: Wave
    counts: dict[str, int]
    printing: Printing | None
    owed: int = 0
    """To how many a letter is owed because e-mail did not reach them."""

    @property
    def sent(self) -> int:
        """How many are out."""
        return sum(self.counts.values()) - self.counts[InvitationStatus.CREATED]

    @property
    def waiting(self) -> int:
        """How many a printing would hold."""
        return self.counts[InvitationStatus.CREATED] + self.counts[InvitationStatus.SENT]


def waves_of(campaign: Campaign) -> list[Standing]:
    """Return the waves in their order, each with how its letters stand."""
    counts = campaign.invitations.by_wave()
    owed = Counter(campaign.invitations.owed_paper().values_list("wave", flat=True))
    nothing = {status.value: 0 for status in InvitationStatus}
    return [
        Standing(
            wave,
            nothing | counts.get(wave.number, {}),
            wave.printings.order_by("-pk").first(),
            owed[wave.number],
        )
        for wave in campaign.waves.all()
    ]


def can_go_on(campaign: Campaign) -> bool:
    """Whether a further wave can be drawn now."""
    try:
        _require_open(campaign)
    except ServiceError:
        return False
    return left_of(campaign) > 0


def left_of(campaign: Campaign) -> int:
    """Return how many residents could be drawn and have no letter: as many as a further wave can have."""
    made = getattr(campaign.draw, "record", None)
    strata = made.commitment.get("register", {}).get("strata", []) if made else []
    most: int = sum(one.get("places", one["eligible"]) for one in strata)
    return max(0, most - campaign.invitations.count())


def draw_wave(
    *,
    actor: Actor,
    campaign: Campaign,
    letters: int,
    reply_by: date,
    reason: Texts,
    course: Course | None = None,
) -> Wave:
    """Draw a further wave: those who come next in the order of the draw. Nobody gets a second letter.

    A large register takes its time: that is spent before the transaction, so that nobody waits for it who writes.

    Parameters
    ----------
    letters
        How many more, shared out over the strata like the first ones.
    reply_by
        The day by which they ask for an answer.
    reason
        Why, in public.
    course
        How the work goes on; None to do it while somebody waits.

    Raises
    ------
    LettersNotDrawn, LettersAnnulled, CampaignClosed, WaveDrawnMeanwhile
        If it is not the time for it.
    WaveNotPrinted
        While nobody can know what the last wave brings.
    WaveEmpty, NobodyLeft, NotAhead, ReasonMissing
        If number, day or reason cannot be.
    ExtractErased
        If nobody knows any more who comes next.
    ExtractChanged
        If the register does not give the waves that were published.
    """
    require(policies.may_run_campaign(actor, campaign))
    course = course or Course()
    campaign = Campaign.objects.select_related(*WHOLE).get(pk=campaign.pk)
    require_drawable(campaign, letters, reply_by, reason)
    before = published(campaign.draw)
    rows, shares, cut_offs, proofs = _computed(before, campaign, letters, course)
    with transaction.atomic():
        campaign = locked(campaign)
        require_drawable(campaign, letters, reply_by, reason)
        if published(campaign.draw) != before:
            raise WaveDrawnMeanwhile
        now = clock.now()
        document = algorithms.further_wave(
            before, reason=dict(reason), reply_by=reply_by, drawn_at=now, letters=shares, cut_offs=cut_offs
        )
        wave = Wave.objects.create(
            campaign=campaign, number=document["wave"], letters=len(rows), reply_by=reply_by,
            reason=dict(reason), drawn_at=now, document=document,
        )  # fmt: skip
        invite(wave, rows, {each.pop("number"): each for each in proofs})
        record(
            actor=actor, institution=campaign.cycle.institution, action=Action.WAVE_DRAWN,
            subject=campaign.draw,
            facts={
                "wave": wave.number,
                "letters": wave.letters,
                "letters_so_far": campaign.invitations.count(),
                "reply_by": reply_by.isoformat(),
                "reason": dict(reason),
                "wave_hash": document["hash"],
                "rules": algorithms.reply_ground(campaign.cycle),
            },
        )  # fmt: skip
        course.end(campaign)
        return wave


def require_drawable(campaign: Campaign, letters: int, reply_by: date, reason: Texts) -> None:
    """Refuse a wave that cannot be drawn now, as the database knows it."""
    require_cycle_at_work(campaign.cycle)
    if not written(reason):
        raise ReasonMissing
    if letters < 1:
        raise WaveEmpty
    _require_open(campaign)
    if reply_by <= clock.today(campaign.cycle.institution.time_zone):
        raise NotAhead
    if letters > left_of(campaign):
        raise NobodyLeft


def _require_open(campaign: Campaign) -> None:
    """Refuse a wave that is not drawn yet, counts no more, comes too late, too early, or from nothing."""
    require_counting(campaign)
    if campaign.closed_at is not None:
        raise CampaignClosed
    if not campaign.draw.is_drawn:
        raise LettersNotDrawn
    if campaign.extract.erased_at is not None or not campaign.secret:
        raise ExtractErased
    require_sent(campaign)


def require_sent(campaign: Campaign) -> None:
    """Refuse what rests on the answers while letters of the last wave still have to go out."""
    waiting = campaign.invitations.filter(status=InvitationStatus.CREATED, resident__isnull=False)
    if waiting.filter(quiet_since__isnull=True).exists():
        raise WaveNotPrinted


def _computed(before: dict[str, Any], campaign: Campaign, letters: int, course: Course) -> Any:
    """Return who gets a letter, in order, letters and cut-off of each stratum, and the receipts."""
    with opened_extract(campaign.extract) as found:
        drawn = None if found.sha256 != campaign.extract.sha256 else _next(before, campaign, found, letters)
        if drawn is None:
            raise ExtractChanged
        rows, shares, cut_offs = drawn
        proofs = algorithms.receipts(campaign, found, before, [row["id"] for row in rows], course)
    return rows, shares, cut_offs, proofs


def _next(before: dict[str, Any], campaign: Campaign, found: Any, letters: int) -> Any:
    try:
        return algorithms.draw_wave(before, campaign, found, letters)
    except BadInput as error:
        if error.code in {
            "letters_too_many",
            "letters_over_eligible",
        }:  # a municipality has fewer left than its share
            raise NobodyLeft from error
        raise
