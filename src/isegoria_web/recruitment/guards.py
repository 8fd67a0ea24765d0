"""What the letters of a cycle answer to its machine."""

from __future__ import annotations

from collections import Counter
from datetime import datetime

from isegoria_web.institutions import life, stations
from isegoria_web.institutions.enums import Detour, Station
from isegoria_web.institutions.guards import told_by
from isegoria_web.institutions.models import Cycle
from isegoria_web.institutions.standing import dated_by, detour_by
from isegoria_web.lottery.models import Value
from isegoria_web.recruitment.duplicates import open_of
from isegoria_web.recruitment.enums import InvitationStatus
from isegoria_web.recruitment.models import Campaign, Invitation, Respondent, SecondAnswer, Wave
from isegoria_web.register.models import Extract


def tell() -> None:
    """Answer for the guards about letters."""
    told_by(life.DUPLICATES_DECIDED, _duplicates_decided)
    told_by(stations.EXTRACT_LOADED, _extract_loaded)
    told_by(stations.ANSWERS_CLOSED, _answers_closed)
    told_by(stations.POOL_LARGE, _pool_large)
    dated_by(Station.DRAW1_DONE, lambda cycle: _moment(cycle, "waves__drawn_at"))
    dated_by(Station.INVITING, lambda cycle: _moment(cycle, "closed_at"))
    detour_by(Detour.SECOND_WAVE, _further_wave)
    told_by(life.LETTERS_DRAWN, lambda cycle: Invitation.objects.filter(campaign__cycle=cycle).exists())


def _duplicates_decided(cycle: Cycle) -> bool:
    """Hold once the answers were closed: from then on nobody's answer changes."""
    campaign = Campaign.objects.filter(cycle=cycle).current().first()
    if campaign is None or campaign.closed_at is not None:
        return True
    waits = SecondAnswer.objects.filter(invitation__campaign=campaign, decided_at__isnull=True)
    return not open_of(campaign) and not waits.exists()


def _extract_loaded(cycle: Cycle) -> bool:
    return Extract.objects.filter(institution=cycle.institution_id, erased_at__isnull=True).exists()


def _answers_closed(cycle: Cycle) -> bool:
    """Hold once the letters that count take no answer any more."""
    return not Campaign.objects.filter(cycle=cycle).current().filter(closed_at__isnull=True).exists()


def _pool_large(cycle: Cycle) -> bool:
    """Hold where for each value at least as many people said yes as its quota asks for."""
    wanted = Value.objects.filter(feature__cycle=cycle, minimum__gt=0)
    least = {(each.feature.key, each.key): each.minimum or 0 for each in wanted.select_related("feature")}
    willing = Respondent.objects.filter(
        invitation__campaign__in=Campaign.objects.filter(cycle=cycle).current(),
        invitation__status=InvitationStatus.YES,
    )
    have = Counter(
        pair for answers in willing.values_list("answers", flat=True) for pair in answers.items()
    )
    return all(have[pair] >= number for pair, number in least.items())


def _further_wave(cycle: Cycle) -> bool:
    running = Campaign.objects.filter(cycle=cycle, closed_at__isnull=True).current()
    return Wave.objects.filter(campaign__in=running, number__gt=1).exists()


def _moment(cycle: Cycle, field: str) -> datetime | None:
    """Return when something was done with the letters that count, the first time."""
    found = Campaign.objects.filter(cycle=cycle).current().order_by(field)
    moment: datetime | None = found.values_list(field, flat=True).first()
    return moment
