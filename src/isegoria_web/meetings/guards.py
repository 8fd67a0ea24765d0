"""What the meetings of a cycle answer to its machine."""

from __future__ import annotations

from isegoria_web.institutions import life
from isegoria_web.institutions.guards import told_by
from isegoria_web.meetings.enums import Presence
from isegoria_web.meetings.models import Attendance, Meeting


def tell() -> None:
    """Answer for the guards about meetings."""
    told_by(life.MEETING_CALLED, lambda cycle: Meeting.objects.filter(cycle=cycle).exists())
    came = Attendance.objects.filter(presence=Presence.PRESENT)
    told_by(life.MEETING_HELD, lambda cycle: came.filter(meeting__cycle=cycle).exists())
