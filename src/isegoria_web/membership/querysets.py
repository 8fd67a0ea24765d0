from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Q

from isegoria_web import clock
from isegoria_web.membership.enums import DecisionKind, EndReason, TermStatus

if TYPE_CHECKING:
    from isegoria_web.institutions.models import Cycle
    from isegoria_web.membership.models import Member, SeatDecision, Term  # noqa: F401


class TermQuerySet(models.QuerySet["Term"]):
    def held(self) -> TermQuerySet:
        """Seats that were taken, also if they were left since."""
        return self.exclude(status=TermStatus.OFFERED).exclude(end_reason=EndReason.DECLINED)

    def sitting_on(self, day: date) -> TermQuerySet:
        """Who sat on this day, whatever has happened since; who declined the offer of a seat never sat."""
        return self.held().filter(Q(ends_on__isnull=True) | Q(ends_on__gt=day), starts_on__lte=day)


class MemberQuerySet(models.QuerySet["Member"]):
    def sitting_in(self, cycle: Cycle) -> MemberQuerySet:
        """Who sits in a cycle now: her rights begin and end at midnight where the institution is.

        The days of the term decide, not what a job has noted: a term that is over gives no right, and who leaves
        on a later day keeps hers until then.
        """
        return self.filter(cycle=cycle).sitting_on(clock.today(cycle.institution.time_zone))

    def sitting_on(self, day: date) -> MemberQuerySet:
        """Who sits on this day and may act: a suspended member keeps the seat, and no more."""
        from isegoria_web.membership.models import SeatDecision, Term  # it imports this file

        suspended = SeatDecision.objects.suspending_on(day).values("term")
        return self.filter(pk__in=Term.objects.sitting_on(day).exclude(pk__in=suspended).values("member"))


class SeatDecisionQuerySet(models.QuerySet["SeatDecision"]):
    def waiting(self) -> SeatDecisionQuerySet:
        """What a second person has not confirmed yet."""
        return self.filter(decided_at__isnull=True, withdrawn_at__isnull=True)

    def suspending_on(self, day: date) -> SeatDecisionQuerySet:
        """The suspensions that hold on this day."""
        return self.filter(
            Q(ends_on__isnull=True) | Q(ends_on__gt=day),
            kind=DecisionKind.SUSPENSION,
            decided_at__isnull=False,
            starts_on__lte=day,
        )
