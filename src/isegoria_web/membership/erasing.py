"""What is kept about members, and until when."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import date

from django.db import transaction
from django.db.models import Min, Q

from isegoria_web import clock, erasure
from isegoria_web.accounts.actors import Actor
from isegoria_web.accounts.models import Grant, User
from isegoria_web.accounts.services import erase_person
from isegoria_web.errors import ServiceError, required
from isegoria_web.institutions.enums import Stage
from isegoria_web.institutions.models import Cycle, Institution
from isegoria_web.lottery.models import PoolEntry
from isegoria_web.membership import algorithms
from isegoria_web.membership.enums import AlternateStatus, TermStatus
from isegoria_web.membership.errors import StillSeated
from isegoria_web.membership.models import Appointee, Member, SeatDecision, Term
from isegoria_web.recruitment.erasing import OVER, clear, erase_letters
from isegoria_web.recruitment.models import Campaign, Invitation
from isegoria_web.register.enums import Erased, Rule


def was_member_in(user: int, institution: int) -> bool:
    """Return whether an account was a member's in an institution, drawn or appointed."""
    of_institution = {"user": user, "cycle__institution": institution}
    return (
        Member.objects.filter(**of_institution).exists()
        or Appointee.objects.filter(**of_institution).exists()
    )


def erase_members_of(user: int) -> None:
    """Erase what is kept about a member: name, address, answers, needs, code, and the salt of her pool entry.

    Number, seat and term stay: they tell nothing of a person any more. So does the keyed pseudonym of the register,
    until her waiting time is over (`waiting.forget`). Called by the verb that erases a person.

    Raises
    ------
    StillSeated
        While she holds a seat or is offered one.
    """
    members = Member.objects.filter(user=user)
    if Term.objects.filter(member__in=members).exclude(status=TermStatus.ENDED).exists():
        raise StillSeated
    appointed = Appointee.objects.filter(user=user)
    if appointed.still_needed(clock.now().date()).exists():
        raise StillSeated
    appointed.update(user=None)  # name and votes are public with the office, and stay
    clear(list(Invitation.objects.filter(respondent__member__in=members).values_list("pk", flat=True)))
    members.update(public_name="", named_at=None)
    erase_reasons_of(user)


def erase_reasons() -> int:
    """Erase, as the software, why seats were decided about, on the day that the rules say; returns how many.

    It is the day on which the member herself is erased: counted from the end of her term.
    """
    found = SeatDecision.objects.filter(erased_at__isnull=True, term__ends_on__isnull=False)
    due = []
    for decision in found.select_related(
        "term__member__cycle__institution", "term__member__cycle__rule_book"
    ):
        cycle, last = decision.term.member.cycle, required(decision.term.ends_on)
        if clock.today(cycle.institution.time_zone) >= algorithms.kept_until(last, cycle.rule_book):
            due.append(decision.pk)
    return _erase(due)


def erase_reasons_of(user: int) -> None:
    """Erase why seats of a person were decided about; called by the verb that erases a person."""
    members = Member.objects.filter(user=user)
    _erase(list(SeatDecision.objects.filter(term__member__in=members).values_list("pk", flat=True)))


def _erase(keys: Collection[int]) -> int:
    return SeatDecision.objects.filter(pk__in=keys).update(reason="", hearing="", erased_at=clock.now())


def erase_pools() -> int:
    """Erase, as the software, who said yes and holds no seat, on the day that the calendar says; returns how many.

    Alternates stay while anybody sits whose seat may fall to them. Who was drawn and never took the seat has no
    account: what is known of her goes on the same day.
    """
    total = 0
    willing = Invitation.objects.filter(erased_at__isnull=True, respondent__isnull=False)
    cycles = Cycle.objects.filter(campaigns__invitations__in=willing).distinct()
    for cycle in cycles.select_related("institution", "rule_book"):
        until = _pool_kept_until(cycle)
        if until is not None and clock.today(cycle.institution.time_zone) >= until:
            total += _erase_pool(cycle, until)
    return total


def _pool_kept_until(cycle: Cycle) -> date | None:
    """Return the day on which those are erased who were not drawn; None while it cannot be told."""
    begins = Term.objects.filter(member__cycle=cycle, member__user__isnull=False).aggregate(
        on=Min("starts_on")
    )
    if begins["on"] is None:  # nobody ever sat
        return cycle.closed_at.date() if cycle.closed_at else None
    reported = cycle.milestones.filter(stage=Stage.ANSWERING, reached_at__isnull=False).first()
    ended = reported.reached_at if reported else cycle.closed_at  # broken off: there will be no report
    report = ended.date() if ended else None
    return algorithms.pool_kept_until(begins["on"], report, cycle.rule_book)


def _erase_pool(cycle: Cycle, until: date) -> int:
    total = 0
    sitting = Term.objects.filter(member__cycle=cycle).exclude(status=TermStatus.ENDED)
    for campaign in Campaign.objects.filter(cycle=cycle).select_related("cycle__institution", "draw"):
        found = campaign.invitations.filter(erased_at__isnull=True, respondent__isnull=False)
        found = found.exclude(respondent__member__user__isnull=False)
        found = found.exclude(respondent__member__terms__in=sitting)
        undecided = found.filter(respondent__pool_entry__isnull=False).exclude(
            respondent__pool_entry__pool__draw__status__in=OVER
        )
        found = found.exclude(pk__in=undecided)
        again = PoolEntry.objects.filter(first__isnull=False).exclude(pool__draw__status__in=OVER)
        found = found.exclude(respondent__pool_entry__in=again.values("first"))
        if sitting.exists():
            found = found.exclude(respondent__alternate__status=AlternateStatus.WAITING)
        keys = list(found.values_list("pk", flat=True))
        if keys:
            with transaction.atomic():
                erase_letters(
                    actor=Actor.system(), campaign=campaign, invitations=keys, rule=Rule.POOL, due_on=until
                )
            total += len(keys)
    return total


def erase_people_again(keys: Collection[str]) -> erasure.Again:
    """Erase people whose account was emptied before and came back with a backup; who holds a seat or role waits."""
    erased = waiting = 0
    for user in User.objects.filter(erased_at__isnull=True):
        if erasure.key_of(Erased.PERSON, user.public_id) not in keys:
            continue
        places = [each.institution for each in user.grants.select_related("institution")]
        places += [each.cycle.institution for each in user.members.select_related("cycle__institution")]
        try:
            erase_person(actor=Actor.system(), institution=places[0] if places else None, user=user)
        except ServiceError:
            waiting += 1
        else:
            erased += 1
    return erased, waiting


def erase_due_people() -> list[User]:
    """Erase everybody whose last role and last seat ended so long ago as the rules keep people; returns them.

    Who is still needed, for a draw that is not final, is erased on a later day.
    """
    erased = []
    for user, institution in _due():
        try:
            erased.append(erase_person(actor=Actor.system(), institution=institution, user=user))
        except ServiceError:  # still needed; the job comes again
            continue
    return erased


def _due() -> Iterator[tuple[User, Institution]]:
    """Yield who holds nothing any more, with the institution in which she held something last."""
    idle = User.objects.filter(erased_at__isnull=True).exclude(
        pk__in=Grant.objects.valid_now().values("user")
    )
    seated = Term.objects.exclude(status=TermStatus.ENDED).filter(member__user__isnull=False)
    held = Q(grants__isnull=False) | Q(members__isnull=False) | Q(appointees__isnull=False)
    appointed = Appointee.objects.still_needed(clock.now().date()).filter(user__isnull=False)
    idle = idle.exclude(pk__in=seated.values("member__user")).exclude(pk__in=appointed.values("user"))
    for user in idle.filter(held).distinct():
        ends = list(_ends(user))
        if all(clock.today(where.time_zone) >= until for until, where in ends):
            yield user, max(ends, key=lambda each: each[0])[1]


def _ends(user: User) -> Iterator[tuple[date, Institution]]:
    """Yield the day until which the person is kept, and where, for each thing that she was."""
    for grant in user.grants.filter(valid_until__isnull=False).select_related("institution"):
        if grant.valid_until is not None:
            yield algorithms.kept_until(grant.valid_until.date(), None), grant.institution
    members = Member.objects.filter(user=user).select_related("cycle__institution", "cycle__rule_book")
    for member in members.prefetch_related("terms"):
        ends = [term.ends_on for term in member.terms.all() if term.ends_on is not None]
        if ends:
            yield algorithms.kept_until(max(ends), member.cycle.rule_book), member.cycle.institution
    for each in Appointee.objects.filter(user=user).select_related(
        "cycle__institution", "cycle__rule_book"
    ):
        closed = each.cycle.closed_at
        last = min(day for day in (each.ends_on, closed and closed.date()) if day is not None)
        yield algorithms.kept_until(last, each.cycle.rule_book), each.cycle.institution
