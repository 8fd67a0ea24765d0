"""The week after the draw: everybody who was drawn is called, by somebody, until she has answered."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import QuerySet

from isegoria_web import clock
from isegoria_web.accounts.actors import Actor
from isegoria_web.accounts.enums import Role
from isegoria_web.accounts.models import Grant, User
from isegoria_web.errors import require
from isegoria_web.institutions.algorithms import ground
from isegoria_web.institutions.models import Cycle
from isegoria_web.journal.enums import Action
from isegoria_web.journal.services import record
from isegoria_web.membership import policies
from isegoria_web.membership.enums import EndReason, TermStatus
from isegoria_web.membership.errors import NoCaller, NotLater, SeatNotOffered
from isegoria_web.membership.models import Term
from isegoria_web.membership.services import accept_seat, leave_seat, locked
from isegoria_web.recruitment.desk import write_contact
from isegoria_web.recruitment.enums import Outcome, Way
from isegoria_web.recruitment.models import Contact

TRIES, TRIED_DAYS, TRIED_WAYS = 3, 3, 2
"""After so many tries in vain, over so many days, in so many ways, the secretariat may ask the alternate."""
IN_VAIN = frozenset({Outcome.NO_ANSWER, Outcome.NOT_THERE})


@dataclass(frozen=True)
class Call:
    """Somebody who was drawn and has not answered, with the tries to reach her."""

    term: Term
    contacts: Sequence[Contact]
    today: date

    @property
    def last(self) -> Contact | None:
        """The latest try."""
        return self.contacts[-1] if self.contacts else None

    @property
    def call_back_at(self) -> datetime | None:
        """When she asked to be called again, if that was the last thing she said."""
        return self.last.call_back_at if self.last else None

    @property
    def is_late(self) -> bool:
        """Whether the day by which she could answer is past."""
        return self.term.answer_by is not None and self.term.answer_by < self.today

    @property
    def tried_in_vain(self) -> bool:
        """Whether she was tried often enough, on enough days and in enough ways, and never reached since."""
        vain: list[Contact] = []
        for contact in self.contacts:
            vain = [*vain, contact] if contact.outcome in IN_VAIN else []
        return (
            len(vain) >= TRIES
            and (vain[-1].at - vain[0].at) >= timedelta(days=TRIED_DAYS)
            and len({each.way for each in vain}) >= TRIED_WAYS
        )

    @property
    def may_be_replaced(self) -> bool:
        """Whether the alternate may be asked: it is late, or she was tried in vain."""
        return self.is_late or self.tried_in_vain


def calls_of(cycle: Cycle, caller: User | None = None) -> list[Call]:
    """Return whom to call, the most urgent first: who may be replaced, who asked to be called, who is due first.

    Parameters
    ----------
    caller
        Whose calls; None for everybody's.
    """
    terms = Term.objects.filter(member__cycle=cycle, status=TermStatus.OFFERED)
    if caller is not None:
        terms = terms.filter(caller=caller)
    found = terms.select_related(
        "seat", "caller", "member__cycle__institution", "member__respondent__invitation"
    ).prefetch_related("member__respondent__invitation__contacts__by")
    today = clock.today(cycle.institution.time_zone)
    calls = [
        Call(term, list(term.member.respondent.invitation.contacts.all()), today)
        for term in found.order_by("answer_by", "member__number")
    ]
    return sorted(calls, key=lambda each: (not each.may_be_replaced, each.call_back_at is None))


def callers_of(cycle: Cycle) -> QuerySet[User]:
    """Return who may be given calls: the callers of the institution and its secretariat."""
    grants = Grant.objects.valid_now().filter(
        institution=cycle.institution, role__in=[Role.CALLER, Role.SECRETARIAT]
    )
    return User.objects.filter(pk__in=grants.values("user")).order_by("name", "pk")


def share_out(*, actor: Actor, cycle: Cycle, callers: Iterable[User]) -> int:
    """Give every open call that nobody has to one of the callers, so that their numbers differ by one at most.

    Returns
    -------
    int
        How many calls were given out.

    Raises
    ------
    NoCaller
        If there is none, or one of them holds no role for it.
    """
    require(policies.may_share_calls(actor, cycle))
    chosen = list(callers)
    allowed = set(callers_of(cycle).values_list("pk", flat=True))
    if not chosen or any(each.pk not in allowed for each in chosen):
        raise NoCaller
    with transaction.atomic():
        Cycle.objects.select_for_update().get(pk=cycle.pk)
        offered = Term.objects.filter(member__cycle=cycle, status=TermStatus.OFFERED)
        load = {each.pk: offered.filter(caller=each).count() for each in chosen}
        free = list(offered.exclude(caller__in=allowed).order_by("member__number"))
        for term in free:
            term.caller_id = min(load, key=lambda key: (load[key], key))
            load[term.caller_id] += 1
            term.save(update_fields=["caller"])
        if free:
            record(
                actor=actor, institution=cycle.institution, action=Action.CALLS_SHARED, subject=cycle,
                facts={"cycle": cycle.number, "seats": len(free), "callers": len(chosen)},
            )  # fmt: skip
        return len(free)


def note_call(
    *,
    actor: Actor,
    term: Term,
    way: Way,
    outcome: Outcome,
    call_back_at: datetime | None = None,
    note: str = "",
) -> Term:
    """Note a try to reach somebody who was drawn; a yes seats her, a no asks the alternate, in the same moment.

    Raises
    ------
    SeatNotOffered
        If she has answered.
    NotAhead
        If she is to be called again at a moment that is past.
    """
    require(policies.may_call(actor, term))
    with transaction.atomic():
        term = locked(term)
        if term.status != TermStatus.OFFERED:
            raise SeatNotOffered
        invitation = term.member.respondent.invitation
        write_contact(actor, invitation, way, outcome, call_back_at, note)
        if outcome == Outcome.SAID_YES:
            return accept_seat(actor=actor, term=term)
        if outcome == Outcome.SAID_NO:
            today = clock.today(term.member.cycle.institution.time_zone)
            leave_seat(actor=actor, term=term, reason=EndReason.DECLINED, on=today)
            term.refresh_from_db()
        return term


def give_time(*, actor: Actor, term: Term, until: date) -> Term:
    """Give somebody more time to answer.

    Raises
    ------
    SeatNotOffered
        If she has answered.
    NotLater
        If the day is not later than the one that stands.
    """
    require(policies.may_share_calls(actor, term.member.cycle))
    with transaction.atomic():
        term = locked(term)
        if term.status != TermStatus.OFFERED:
            raise SeatNotOffered
        today = clock.today(term.member.cycle.institution.time_zone)
        if until <= max(today, term.answer_by or today):
            raise NotLater
        term.answer_by = until
        term.save(update_fields=["answer_by"])
        record(
            actor=actor, institution=term.member.cycle.institution, action=Action.TIME_GIVEN,
            subject=term.member,
            facts={
                "seat": term.seat.number,
                "until": until.isoformat(),
                "rules": {"until": ground(term.member.cycle.rule_book)},  # no rule book sets it
            },
        )  # fmt: skip
        return term
