from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Sum

from isegoria_web.allowances.enums import ClaimStatus, Scheme

if TYPE_CHECKING:
    from isegoria_web.allowances.models import Claim

OPEN = (ClaimStatus.CLAIMED, ClaimStatus.APPROVED, ClaimStatus.SENT)


class ClaimQuerySet(models.QuerySet["Claim"]):
    def locked(self, key: int) -> Claim:
        """One claim as it stands now, which nobody else changes until the transaction ends."""
        self.select_for_update().get(pk=key)
        return self.select_related("institution", "member", "rule_book").get(pk=key)

    def open(self) -> ClaimQuerySet:
        """Claims of which the end is not known yet."""
        return self.filter(status__in=OPEN)

    def standing(self) -> ClaimQuerySet:
        """Claims that were not refused."""
        return self.exclude(status=ClaimStatus.REFUSED)

    def under_ceilings(self, user: int, year: int) -> ClaimQuerySet:
        """Lump sums of one person in a year, in all institutions of this site."""
        return self.standing().filter(member__user=user, scheme=Scheme.VOLUNTEER, day__year=year)

    def cents_on(self, day: date) -> int:
        """Return the sum of a day."""
        return self.filter(day=day).cents()

    def cents(self) -> int:
        """Return the sum."""
        return self.aggregate(sum=Sum("cents"))["sum"] or 0
