"""What the ballots of a cycle answer to its machine."""

from __future__ import annotations

from fractions import Fraction

from django.db.models import Max

from isegoria_web.ballots.algorithms import majority_of
from isegoria_web.ballots.enums import BallotStatus
from isegoria_web.ballots.models import Ballot
from isegoria_web.institutions import life
from isegoria_web.institutions.enums import Station
from isegoria_web.institutions.guards import told_by
from isegoria_web.institutions.models import Cycle
from isegoria_web.institutions.standing import dated_by
from isegoria_web.membership.models import Member


def tell() -> None:
    """Answer for the guards about ballots, and about how many must sit before there can be one."""
    told_by(
        life.BALLOTS_COUNTED,
        lambda cycle: not Ballot.objects.filter(cycle=cycle, status=BallotStatus.OPEN).exists(),
    )
    told_by(life.SEATS_QUORATE, _seats_quorate)
    dated_by(Station.VOTING, lambda cycle: cycle.ballots.counted().aggregate(last=Max("closed_at"))["last"])


def _seats_quorate(cycle: Cycle) -> bool:
    """Hold where as many sit as a decision needs of the seats; also where neither statute nor mandate asks for a quorum."""
    quorum = majority_of(cycle).quorum
    if not quorum:
        return True
    return Member.objects.sitting_in(cycle).count() >= Fraction(quorum) * cycle.panel_size
