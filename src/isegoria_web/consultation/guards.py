"""What the themes of an institution answer about the agenda of its next cycle, and of the cycles that came from one."""

from __future__ import annotations

from datetime import datetime

from isegoria_web.consultation.enums import ThemeStatus
from isegoria_web.consultation.models import Theme
from isegoria_web.institutions import stations
from isegoria_web.institutions.enums import Station
from isegoria_web.institutions.guards import told_by, told_of_agenda
from isegoria_web.institutions.models import Cycle, Institution
from isegoria_web.institutions.standing import Moment, dated_by

OPEN = (ThemeStatus.WAITING, ThemeStatus.COLLECTING, ThemeStatus.SUPPORTED)
FIELDS = {
    Station.AGENDA_OPEN: "proposed_at",
    Station.AGENDA_SCREENED: "judged_at",
    Station.AGENDA_SUPPORTED: "supported_at",
    Station.THEME_CHOSEN: "chosen_at",
}


def tell() -> None:
    """Answer for the guards about the agenda, and on which days a theme became the question of a cycle."""
    told_of_agenda(stations.THEME_PROPOSED, lambda place: _some(place, *OPEN) or _chosen(place))
    told_of_agenda(stations.THEMES_JUDGED, lambda place: not _some(place, ThemeStatus.WAITING))
    told_of_agenda(
        stations.THEME_SUPPORTED, lambda place: _some(place, ThemeStatus.SUPPORTED) or _chosen(place)
    )
    told_of_agenda(stations.THEME_CHOSEN, _chosen)
    told_of_agenda(stations.CYCLE_OPENED, lambda place: not _chosen(place))
    told_by(stations.THEME_TAKEN, lambda cycle: Theme.objects.filter(cycle=cycle).exists())
    for station, field in FIELDS.items():
        dated_by(station, _moment_of(field))


def _some(institution: Institution, *statuses: ThemeStatus) -> bool:
    return Theme.objects.filter(institution=institution, status__in=statuses).exists()


def _chosen(institution: Institution) -> bool:
    """Return whether a theme is chosen of which no cycle is opened yet."""
    chosen = Theme.objects.filter(institution=institution, status=ThemeStatus.CHOSEN)
    return chosen.filter(cycle__isnull=True).exists()


def _moment_of(field: str) -> Moment:
    def moment(cycle: Cycle) -> datetime | None:
        found = Theme.objects.filter(cycle=cycle).values_list(field, flat=True)
        return found.first()

    return moment
