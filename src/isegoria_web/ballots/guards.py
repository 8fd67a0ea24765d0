"""What the ballots of a cycle answer to its machine."""

from __future__ import annotations

from isegoria_web.ballots.enums import BallotStatus
from isegoria_web.ballots.models import Ballot
from isegoria_web.institutions import life
from isegoria_web.institutions.guards import told_by


def tell() -> None:
    """Answer for the guard about ballots."""
    told_by(
        life.BALLOTS_COUNTED,
        lambda cycle: not Ballot.objects.filter(cycle=cycle, status=BallotStatus.OPEN).exists(),
    )
