"""Who opens a ballot, votes, and opens the box."""

from __future__ import annotations

from isegoria_web.accounts.actors import Actor
from isegoria_web.accounts.enums import Role
from isegoria_web.ballots.models import Ballot, Resolution, RollCallRecord
from isegoria_web.institutions.models import Body, Cycle
from isegoria_web.membership.models import Appointee, Member
from isegoria_web.membership.policies import sitting_appointee, sitting_in_body, sitting_member


def may_open(actor: Actor | None, cycle: Cycle) -> bool:
    """Allow the secretariat of the institution."""
    return actor is not None and actor.has_role(cycle.institution, Role.SECRETARIAT)


def may_count(actor: Actor | None, ballot: Ballot) -> bool:
    """Allow the secretariat, the facilitators and the observers, two of whom open the box together."""
    witnesses = (Role.SECRETARIAT, Role.FACILITATOR, Role.OBSERVER)
    return (
        actor is not None
        and actor.user is not None
        and actor.has_role(ballot.cycle.institution, *witnesses)
    )


def may_run(actor: Actor | None, ballot: Ballot) -> bool:
    """Allow the secretariat of the institution."""
    return may_open(actor, ballot.cycle)


def may_enter_roll_call(actor: Actor | None, ballot: Ballot) -> bool:
    """Allow the secretariat of the institution, in person, which calls the names."""
    return actor is not None and actor.user is not None and may_open(actor, ballot.cycle)


def may_confirm_roll_call(actor: Actor | None, record: RollCallRecord) -> bool:
    """Allow whoever may open a box, but not the person who wrote the votes down."""
    return (
        actor is not None
        and may_count(actor, record.roll_call.ballot)
        and actor.user is not None
        and actor.user.pk != record.entered_by_id
    )


def open_voter(actor: Actor | None, record: RollCallRecord) -> Appointee | None:
    """Return the actor as one of the group that votes in the site: she sat on the day of the vote, and still sits."""
    appointee = sitting_appointee(actor, record.roll_call.ballot.cycle)
    if appointee is None or appointee.college != record.roll_call.college:
        return None
    return appointee if appointee.starts_on <= record.held_on else None


def voter(actor: Actor | None, ballot: Ballot) -> Member | None:
    """Return the actor as a member who may vote: she stands on the ballot's roll and still sits."""
    member = sitting_member(actor, ballot.cycle)
    if member is None or not ballot.roll.filter(pk=member.pk).exists():
        return None
    return member


def may_cast(actor: Actor | None, ballot: Ballot) -> bool:
    """Allow the members who sat when the ballot was opened and still do."""
    return voter(actor, ballot) is not None


def may_wipe_boxes(actor: Actor | None) -> bool:
    """Allow the software alone, at its hour."""
    return actor is not None and actor.is_system


def may_propose_resolution(actor: Actor | None, body: Body) -> bool:
    """Allow the members who sit in the body today, and the secretariat, which brings what a meeting wants."""
    if actor is None:
        return False
    return actor.has_role(body.institution, Role.SECRETARIAT) or sitting_in_body(actor, body) is not None


def speaker(actor: Actor | None, resolution: Resolution) -> Member | None:
    """Return the actor as a member who may speak: she sat when it was proposed, and still does."""
    member = sitting_in_body(actor, resolution.body)
    if member is None or not resolution.roll.filter(pk=member.pk).exists():
        return None
    return member


def may_close_resolutions(actor: Actor | None) -> bool:
    """Allow the software alone, when their time is over."""
    return actor is not None and actor.is_system
