"""Who may fill, take and leave a seat."""

from __future__ import annotations

from isegoria_web import clock
from isegoria_web.accounts.actors import Actor
from isegoria_web.accounts.enums import Role
from isegoria_web.institutions.models import Body, Cycle
from isegoria_web.lottery.models import Draw
from isegoria_web.membership.enums import TermStatus
from isegoria_web.membership.models import (
    Appointee,
    Member,
    Rotation,
    SeatDecision,
    SeatException,
    Term,
)


def may_offer_seats(actor: Actor | None, draw: Draw) -> bool:
    """Allow the secretariat of the institution."""
    return actor is not None and actor.has_role(draw.cycle.institution, Role.SECRETARIAT)


def may_accept_seat(actor: Actor | None, term: Term) -> bool:
    """Allow the secretariat and who was given this call, who write down the yes."""
    return may_call(actor, term)


def may_share_calls(actor: Actor | None, cycle: Cycle) -> bool:
    """Allow the secretariat of the institution."""
    return actor is not None and actor.has_role(cycle.institution, Role.SECRETARIAT)


def may_call(actor: Actor | None, term: Term) -> bool:
    """Allow the secretariat, and the caller to whom this person was given, as long as she is one."""
    if actor is None or actor.user is None:
        return False
    institution = term.member.cycle.institution
    given = term.caller_id == actor.user.pk and actor.has_role(institution, Role.CALLER)
    return given or actor.has_role(institution, Role.SECRETARIAT)


def may_leave_seat(actor: Actor | None, term: Term) -> bool:
    """Allow the member herself, and the secretariat, which writes down what she said; who calls hears a no."""
    if actor is None:
        return False
    if term.status == TermStatus.OFFERED and may_call(actor, term):
        return True
    herself = actor.user is not None and actor.user.pk == term.member.user_id
    return herself or actor.has_role(term.member.cycle.institution, Role.SECRETARIAT)


def may_show_name(actor: Actor | None, member: Member) -> bool:
    """Allow the member herself alone, once she has taken a seat; nobody of the secretariat can wish it for her."""
    return may_withdraw_name(actor, member) and member.terms.held().exists()


def may_withdraw_name(actor: Actor | None, member: Member) -> bool:
    """Allow the member herself alone, whatever has become of her seat."""
    return actor is not None and actor.user is not None and actor.user.pk == member.user_id


def may_fill_vacancy(actor: Actor | None, cycle: Cycle) -> bool:
    """Allow the secretariat of the institution, in person: a public draw, or two who answer for an exception."""
    return (
        actor is not None and actor.user is not None and actor.has_role(cycle.institution, Role.SECRETARIAT)
    )


def may_grant_exception(actor: Actor | None, exception: SeatException) -> bool:
    """Allow the secretariat of the institution, but not the person who proposed it."""
    return (
        actor is not None
        and may_fill_vacancy(actor, exception.cycle)
        and actor.user is not None
        and actor.user.pk != exception.proposed_by_id
    )


def may_decide_seat(actor: Actor | None, term: Term) -> bool:
    """Allow the secretariat of the institution, each in person."""
    staff = actor is not None and actor.has_role(term.member.cycle.institution, Role.SECRETARIAT)
    return staff and actor is not None and actor.user is not None


def may_confirm_decision(actor: Actor | None, decision: SeatDecision) -> bool:
    """Allow the secretariat of the institution, but not the person who proposed it, nor the member herself."""
    return (
        actor is not None
        and actor.user is not None
        and may_decide_seat(actor, decision.term)
        and actor.user.pk not in {decision.proposed_by_id, decision.term.member.user_id}
    )


def may_appoint(actor: Actor | None, cycle: Cycle) -> bool:
    """Allow the authority, which appoints, and the secretariat, which writes down what it decided."""
    return actor is not None and actor.has_role(cycle.institution, Role.AUTHORITY, Role.SECRETARIAT)


def may_invite_appointee(actor: Actor | None, cycle: Cycle) -> bool:
    """Allow the secretariat alone: a refusal tells that an address is a drawn citizen's, and the authority must not learn it."""
    return actor is not None and actor.has_role(cycle.institution, Role.SECRETARIAT)


def sitting_appointee(actor: Actor | None, cycle: Cycle) -> Appointee | None:
    """Return the actor as somebody who holds a seat of this cycle that is not drawn, today; None for everybody else."""
    if actor is None or actor.user is None:
        return None
    today = clock.today(cycle.institution.time_zone)
    return Appointee.objects.sitting_on(today).filter(cycle=cycle, user=actor.user).first()


def sitting_member(actor: Actor | None, cycle: Cycle) -> Member | None:
    """Return the actor as a member who sits in this cycle now, from midnight to midnight; None for everybody else."""
    if actor is None or actor.user is None:
        return None
    return Member.objects.sitting_in(cycle).filter(user=actor.user).first()


def has_gone_on(cycle: Cycle) -> bool:
    """Return whether the body of a cycle works in a later one: it rotated, and who was drawn then sits."""
    today = clock.today(cycle.institution.time_zone)
    rotated = Rotation.objects.filter(body=cycle.body_id, cycle__number__gt=cycle.number, on__lte=today)
    return (
        Term.objects.held().filter(member__cycle__in=rotated.values("cycle"), starts_on__lte=today).exists()
    )


def working_member(actor: Actor | None, cycle: Cycle) -> Member | None:
    """Return the actor as a member who writes in a cycle now: she sits in it, and her body has not gone on to a later one.

    What was begun in the earlier cycle ends there: who stands on the roll of its ballot votes, and she adds another
    opinion within its days, by `sitting_member`; she judges its answers by `member_ever`.
    """
    member = sitting_member(actor, cycle)
    return None if member is None or has_gone_on(cycle) else member


def sitting_in_body(actor: Actor | None, body: Body) -> Member | None:
    """Return the actor as a member who sits in a body today, in whichever cycle she was drawn; None for everybody else."""
    if actor is None or actor.user is None:
        return None
    return Member.objects.acting_in(body).filter(user=actor.user).order_by("-cycle__number").first()


def member_ever(actor: Actor | None, cycle: Cycle) -> Member | None:
    """Return the actor as a member of this cycle, sitting or former, drawn for it or staying; None for everybody else."""
    if actor is None or actor.user is None:
        return None
    return Member.objects.ever_in(cycle).filter(user=actor.user).first()
