"""Vacant seats once no alternate waits: a replacement draw, or an exception that two persons answer for in public.

These are services like those in `services.py`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet

from isegoria_web import clock
from isegoria_web.accounts.actors import Actor
from isegoria_web.errors import require, required
from isegoria_web.institutions.models import Cycle
from isegoria_web.institutions.status import require_cycle_at_work
from isegoria_web.journal.enums import Action
from isegoria_web.journal.services import record
from isegoria_web.lottery.algorithms import SourcePlan
from isegoria_web.lottery.bodies import Person
from isegoria_web.lottery.completing import freeze_remaining
from isegoria_web.lottery.enums import DrawKind
from isegoria_web.lottery.errors import NothingToComplete, ReplacementUnderWay
from isegoria_web.lottery.models import Draw, PoolEntry
from isegoria_web.lottery.services import fresh_codes, takes_homes
from isegoria_web.membership import policies
from isegoria_web.membership.cutting import cut_off
from isegoria_web.membership.enums import HOLDING, AlternateStatus
from isegoria_web.membership.errors import (
    AlternatesWait,
    ExceptionClosed,
    ExceptionOpen,
    NotOutside,
    SeatsStayVacant,
    SecondPersonNeeded,
)
from isegoria_web.membership.models import Alternate, Member, SeatException, Term
from isegoria_web.membership.rotating import rotates
from isegoria_web.membership.services import offer, vacated
from isegoria_web.recruitment.duplicates import behind_the_first, homes_of
from isegoria_web.recruitment.models import Respondent
from isegoria_web.translated import Texts

SAME_HOME = "home of a sitting member"
SHARED_HOME = "home of somebody else in the pool"
GONE = "was a member or an alternate"
WITHDRAWN = "withdrew"
ERASED = "erased"


@dataclass
class Remaining:
    """Who is left of a committed pool, and why the others cannot be drawn."""

    entries: list[PoolEntry] = field(default_factory=list)
    left_out: Counter[str] = field(default_factory=Counter)
    homes: list[list[int]] = field(default_factory=list)
    """Groups of places among the entries: who lives together, so that at most one of them is drawn."""


def last_draw(cycle: Cycle) -> Draw | None:
    """Return the draw whose record names those who sit: the last one of people that is final."""
    return Draw.objects.filter(cycle=cycle).of_people().final().order_by("-number").first()


def sitting_in(cycle: Cycle) -> QuerySet[Member]:
    """Return who sits in a cycle or is offered a seat of it; in a body that rotates, whoever sits in the body."""
    terms = Term.objects.filter(status__in=HOLDING)
    terms = terms.filter(seat__body=cycle.body) if rotates(cycle) else terms.filter(member__cycle=cycle)
    held = Member.objects.filter(pk__in=terms.values("member"))
    return held.select_related("selection__entry", "exception", "respondent").order_by("number")


def remaining(cycle: Cycle) -> Remaining:
    """Return who may be drawn for a vacant seat: of the committed pool, at nobody's home who sits, and never asked before.

    Under seal of each home only the one whose letter was drawn first, as when a pool is closed.
    """
    found, draw = Remaining(), last_draw(cycle)
    if draw is None:
        return found
    homes = {each.respondent.home_key for each in sitting_in(cycle)} - {""}
    asked = set(Member.objects.filter(cycle=cycle).values_list("respondent", flat=True))
    asked |= set(Alternate.objects.filter(cycle=cycle).values_list("respondent", flat=True))
    for entry in draw.pool.entries.select_related(
        "respondent__invitation", "first__respondent__invitation"
    ).order_by("code"):
        person = entry.original.respondent
        reason = (
            GONE if person.pk in asked
            else ERASED if person.erased_at is not None
            else WITHDRAWN if person.withdrawn_at is not None
            else SAME_HOME if person.home_key in homes
            else ""
        )  # fmt: skip
        if reason:
            found.left_out[reason] += 1
        else:
            found.entries.append(entry)
    people = [entry.original.respondent for entry in found.entries]
    if takes_homes(cycle, vacant=True, promised=draw.is_sealed):
        found.homes = homes_of(person.home_key for person in people)
        return found
    behind = {person.pk for person in behind_the_first(people)}
    found.left_out[SHARED_HOME] += len(behind)
    found.left_out = +found.left_out
    found.entries = [each for each in found.entries if each.original.respondent.pk not in behind]
    return found


def announce_replacement(
    *,
    actor: Actor,
    cycle: Cycle,
    source: Texts,
    source_due_at: datetime,
    sources: Sequence[SourcePlan] = (),
) -> Draw:
    """Announce a draw for the vacant seats of a cycle, among those who are left of its committed pool.

    Randomness that does not exist yet decides, the household rule holds against those who sit, and the whole body meets its
    quotas again. The record names the draw that it repairs.

    Raises
    ------
    AlternatesWait
        While somebody waits who was drawn as an alternate.
    SeatsStayVacant
        After the meeting up to which the rule book fills seats.
    isegoria.errors.Infeasible, ReplacementUnderWay, NothingToComplete, SourceInThePast
        As `freeze_remaining`.
    """
    require(policies.may_fill_vacancy(actor, cycle))
    with transaction.atomic():
        cycle = Cycle.objects.locked(cycle.pk)
        _require_fillable(cycle)
        earlier = last_draw(cycle)
        if earlier is None:
            raise NothingToComplete
        left = remaining(cycle)
        sitting: list[Person] = [(each.code, each.features) for each in sitting_in(cycle)]
        return freeze_remaining(
            actor=actor, earlier=earlier, candidates=left.entries, sitting=sitting, left_out=left.left_out,
            homes=left.homes, source=source, source_due_at=source_due_at, sources=sources,
        )  # fmt: skip


# -- the exception --------------------------------------------------------------------------------------------


def outside(cycle: Cycle) -> QuerySet[Respondent]:
    """Return who said yes to a letter of a cycle, stands in no pool, and is kept out by no rule."""
    found = Respondent.objects.willing().filter(invitation__campaign__cycle=cycle)
    found = found.filter(pool_entry__isnull=True, barred_by="", erased_at__isnull=True, member__isnull=True)
    return found.select_related("invitation").order_by("pk")


def propose_exception(
    *, actor: Actor, cycle: Cycle, respondent: Respondent, reason: Texts
) -> SeatException:
    """Propose, with a reason that everybody reads, to offer a vacant seat to somebody outside the committed pool.

    Raises
    ------
    NotOutside
        If she is in the pool, or no rule lets her sit.
    ExceptionOpen
        If one is proposed already.
    AlternatesWait, SeatsStayVacant, ReplacementUnderWay, NothingToComplete
        If it is not the time for it.
    """
    require(policies.may_fill_vacancy(actor, cycle))
    require_cycle_at_work(cycle)
    person = required(actor.user)
    with transaction.atomic():
        cycle = Cycle.objects.locked(cycle.pk)
        require_exceptional(cycle)
        if not outside(cycle).filter(pk=respondent.pk).exists():
            raise NotOutside
        if cycle.seat_exceptions.filter(granted_at__isnull=True, withdrawn_at__isnull=True).exists():
            raise ExceptionOpen
        made = SeatException(
            cycle=cycle, respondent=respondent, number=cycle.seat_exceptions.count() + 1,
            code=fresh_codes(1, taken=())[0],
            reason=dict(reason), proposed_by=person, proposed_at=clock.now(),
        )  # fmt: skip
        made.full_clean(validate_constraints=False)
        made.save()
        record(
            actor=actor, institution=cycle.institution, action=Action.EXCEPTION_PROPOSED, subject=made,
            facts={"cycle": cycle.number, "exception": made.number, "reason": dict(reason)},
            sealed={"person": person.pk},
        )  # fmt: skip
        return made


def withdraw_exception(*, actor: Actor, exception: SeatException) -> SeatException:
    """Withdraw an exception that nobody granted; it stays to be read.

    Raises
    ------
    ExceptionClosed
        If it was granted or withdrawn.
    """
    require(policies.may_fill_vacancy(actor, exception.cycle))
    with transaction.atomic():
        cycle = Cycle.objects.locked(exception.cycle_id)
        exception = _open(exception)
        exception.withdrawn_at = clock.now()
        exception.save(update_fields=["withdrawn_at"])
        record(
            actor=actor, institution=cycle.institution, action=Action.EXCEPTION_WITHDRAWN, subject=exception,
            facts={"cycle": cycle.number, "exception": exception.number},
        )  # fmt: skip
        return exception


def grant_exception(*, actor: Actor, exception: SeatException) -> Term:
    """Offer the seat that somebody else proposed to offer outside the committed pool.

    Raises
    ------
    SecondPersonNeeded
        If the same person proposed it.
    ExceptionClosed, NotOutside, AlternatesWait, SeatsStayVacant, ReplacementUnderWay, NothingToComplete
        If it is not the time for it.
    """
    require(policies.may_fill_vacancy(actor, exception.cycle))
    require_cycle_at_work(exception.cycle)
    if not policies.may_grant_exception(actor, exception):
        raise SecondPersonNeeded
    person = required(actor.user)
    with transaction.atomic():
        cycle = Cycle.objects.locked(exception.cycle_id)
        exception = _open(exception)
        require_exceptional(cycle)
        respondent = outside(cycle).filter(pk=exception.respondent_id).first()
        if respondent is None:
            raise NotOutside
        exception.granted_by, exception.granted_at = person, clock.now()
        exception.save(update_fields=["granted_by", "granted_at"])
        seat = vacated(cycle)[0].seat
        term = offer(cycle, seat, respondent, respondent.answers, exception=exception)
        record(
            actor=actor, institution=cycle.institution, action=Action.EXCEPTION_GRANTED, subject=exception,
            facts={
                "cycle": cycle.number, "exception": exception.number, "seat": seat.number,
                "member": term.member.number, "persons": 2, "reason": dict(exception.reason),
            },
            sealed={"person": person.pk},
        )  # fmt: skip
        return term


def _open(exception: SeatException) -> SeatException:
    found = SeatException.objects.select_related("cycle__institution").get(pk=exception.pk)
    if found.granted_at is not None or found.withdrawn_at is not None:
        raise ExceptionClosed
    return found


def _require_fillable(cycle: Cycle) -> None:
    if cut_off(cycle) is not None:
        raise SeatsStayVacant
    if Alternate.objects.filter(cycle=cycle, status=AlternateStatus.WAITING).exists():
        raise AlternatesWait


def require_exceptional(cycle: Cycle) -> None:
    """Refuse what is done about a vacant seat only where no alternate and no draw under way can fill it."""
    _require_fillable(cycle)
    if Draw.objects.filter(cycle=cycle, kind=DrawKind.REPLACEMENT).under_way().exists():
        raise ReplacementUnderWay
    if not vacated(cycle):
        raise NothingToComplete
