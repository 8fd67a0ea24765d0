from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Exists, OuterRef, Q

from isegoria_web import clock
from isegoria_web.membership.enums import NEVER_SAT, DecisionKind, TermStatus

if TYPE_CHECKING:
    from isegoria_web.institutions.models import Body, Cycle
    from isegoria_web.membership.models import Appointee, Member, SeatDecision, Term  # noqa: F401


class TermQuerySet(models.QuerySet["Term"]):
    def held(self) -> TermQuerySet:
        """Seats that were taken, also if they were left since."""
        return self.exclude(status=TermStatus.OFFERED).exclude(end_reason__in=NEVER_SAT)

    def sitting_on(self, day: date) -> TermQuerySet:
        """Who sat on this day, whatever has happened since; who was only offered a seat never sat."""
        return self.held().filter(Q(ends_on__isnull=True) | Q(ends_on__gt=day), starts_on__lte=day)

    def of(self, cycle: Cycle) -> TermQuerySet:
        """Terms in a cycle; where it began with a rotation, also of those who stayed in the body then."""
        rotation = cycle.rotations.order_by("on").first()
        if rotation is None:
            return self.filter(member__cycle=cycle)
        stays = Q(ends_on__isnull=True) | Q(ends_on__gt=rotation.on)
        return self.filter(
            Q(member__cycle=cycle)
            | stays & Q(seat__body=cycle.body_id, member__cycle__number__lt=cycle.number)
        )


class MemberQuerySet(models.QuerySet["Member"]):
    def of(self, cycle: Cycle) -> MemberQuerySet:
        """Who was drawn for a cycle, and, where it began with a rotation, who stayed in the body then."""
        from isegoria_web.membership.models import Term  # it imports this file

        return self.filter(Q(cycle=cycle) | Q(pk__in=Term.objects.of(cycle).values("member")))

    def ever_in(self, cycle: Cycle) -> MemberQuerySet:
        """Who sits or sat in a cycle: drawn for it, or on a seat of its body since the day of its rotation."""
        from isegoria_web.membership.models import Term  # it imports this file

        today = clock.today(cycle.institution.time_zone)
        if not cycle.rotations.filter(on__lte=today).exists():
            return self.filter(cycle=cycle)
        stayed, sitting = Term.objects.held().of(cycle), self.model._default_manager.sitting_in(cycle)  # noqa: SLF001
        return self.filter(
            Q(cycle=cycle) | Q(pk__in=stayed.values("member")) | Q(pk__in=sitting.values("pk"))
        )

    def sitting_in(self, cycle: Cycle, day: date | None = None) -> MemberQuerySet:
        """Who sits in a cycle now, or on a day: her rights begin and end at midnight where the institution is.

        The days of the term decide, not what a job has noted: a term that is over gives no right, and who leaves
        on a later day keeps hers until then. Who stayed in a body that rotated sits, from the day of the rotation,
        in the cycle that brought the others in; who is drawn for a later cycle sits in this one only if she takes a
        seat that fell vacant, and until the rotation of hers.
        """
        from isegoria_web.membership.models import Rotation, Term  # it imports this file

        day = day or clock.today(cycle.institution.time_zone)
        rotated = Exists(Rotation.objects.filter(cycle=cycle, on__lte=day))
        of_body = Term.objects.sitting_on(day).filter(seat__body=cycle.body_id).values("member")
        hers_came = Exists(Rotation.objects.filter(cycle=OuterRef("cycle"), on__lte=day))
        beside = Q(rotated, pk__in=of_body) & (Q(cycle__number__lt=cycle.number) | ~hers_came)
        return self.filter(Q(cycle=cycle) | beside).sitting_on(day)

    def acting_in(self, body: Body) -> MemberQuerySet:
        """Who sits in a body today and may act, from midnight to midnight, whichever cycle brought her in."""
        from isegoria_web.membership.models import Term  # it imports this file

        today = clock.today(body.institution.time_zone)
        seats = Term.objects.sitting_on(today).filter(seat__body=body)
        return self.sitting_on(today).filter(pk__in=seats.values("member"))

    def entering(self, cycle: Cycle) -> MemberQuerySet:
        """Who was drawn for a cycle and has a seat that is not over, also one whose term is still to begin."""
        from isegoria_web.membership.models import Term  # it imports this file

        today = clock.today(cycle.institution.time_zone)
        terms = Term.objects.held().filter(Q(ends_on__isnull=True) | Q(ends_on__gt=today))
        return self.filter(cycle=cycle, pk__in=terms.values("member"))

    def sitting_on(self, day: date) -> MemberQuerySet:
        """Who sits on this day and may act: a suspended member keeps the seat, and no more."""
        from isegoria_web.membership.models import SeatDecision, Term  # it imports this file

        suspended = SeatDecision.objects.suspending_on(day).values("term")
        return self.filter(pk__in=Term.objects.sitting_on(day).exclude(pk__in=suspended).values("member"))


class SeatDecisionQuerySet(models.QuerySet["SeatDecision"]):
    def waiting(self) -> SeatDecisionQuerySet:
        """What a second person has not confirmed yet."""
        return self.filter(decided_at__isnull=True, withdrawn_at__isnull=True)

    def by_others(self) -> SeatDecisionQuerySet:
        """What holds and was not the member's own will: suspended, excluded, no longer eligible, dead."""
        return self.filter(decided_at__isnull=False).exclude(kind=DecisionKind.RESIGNATION)

    def suspending_on(self, day: date) -> SeatDecisionQuerySet:
        """The suspensions that hold on this day."""
        return self.filter(
            Q(ends_on__isnull=True) | Q(ends_on__gt=day),
            kind=DecisionKind.SUSPENSION,
            decided_at__isnull=False,
            starts_on__lte=day,
        )


class AppointeeQuerySet(models.QuerySet["Appointee"]):
    def sitting_on(self, day: date) -> AppointeeQuerySet:
        """Who held a seat outside the lot on this day."""
        return self.filter(Q(ends_on__isnull=True) | Q(ends_on__gt=day), starts_on__lte=day)

    def still_needed(self, day: date) -> AppointeeQuerySet:
        """Who holds a seat or will, in a cycle that goes on."""
        return self.filter(Q(ends_on__isnull=True) | Q(ends_on__gt=day), cycle__closed_at__isnull=True)
