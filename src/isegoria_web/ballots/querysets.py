from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from django.db import connection, models

from isegoria_web.ballots.enums import BallotKind, BallotStatus, ResolutionStatus

if TYPE_CHECKING:
    from isegoria_web.ballots.models import Ballot, Paper, Resolution  # noqa: F401
    from isegoria_web.membership.models import Member


class BallotQuerySet(models.QuerySet["Ballot"]):
    def kept_open(self, key: int) -> Ballot:
        """One ballot as it stands now, which nobody closes until the transaction ends; any number of voters at once.

        On PostgreSQL they share the lock that closing takes for itself. SQLite writes one transaction at a time.
        """
        if connection.vendor == "postgresql":
            table = connection.ops.quote_name(self.model._meta.db_table)  # noqa: SLF001  # public, in spite of its name
            with connection.cursor() as cursor:
                cursor.execute(f"SELECT 1 FROM {table} WHERE id = %s FOR SHARE", [key])  # noqa: S608  # our own table
        return self.get(pk=key)

    def counted(self) -> BallotQuerySet:
        """Ballots whose count is public."""
        return self.filter(status=BallotStatus.CLOSED)

    def taking_votes(self, moment: datetime) -> BallotQuerySet:
        """Ballots into which somebody can vote at a moment."""
        return self.filter(status=BallotStatus.OPEN, closes_at__gt=moment)

    def awaiting(self, member: Member, moment: datetime) -> BallotQuerySet:
        """Open ballots on whose roll a member stands and in which she has not voted."""
        return self.taking_votes(moment).filter(roll=member).exclude(participations__member=member)

    def choices(self) -> BallotQuerySet:
        """Ballots that choose between options."""
        return self.exclude(kind=BallotKind.YES_NO)

    def with_traces(self) -> BallotQuerySet:
        """Closed ballots whose former rows may still lie in the database's files."""
        return self.exclude(status=BallotStatus.OPEN).filter(wiped_at__isnull=True)


class PaperQuerySet(models.QuerySet["Paper"]):
    def receipts(self) -> list[str]:
        """The receipts in alphabetical order, which says nothing about who voted when."""
        return sorted(self.values_list("receipt", flat=True))


class CountedPapers(models.Manager.from_queryset(PaperQuerySet)):  # type: ignore[misc]  # built at run time
    """The papers of counted ballots: before that, the box looks empty to whoever asks."""

    def get_queryset(self) -> PaperQuerySet:
        papers: PaperQuerySet = super().get_queryset()
        return papers.filter(ballot__status=BallotStatus.CLOSED)


class ResolutionQuerySet(models.QuerySet["Resolution"]):
    def locked(self, key: int) -> Resolution:
        """One resolution as it stands now, which nobody else changes until the transaction ends."""
        self.select_for_update().values_list("pk").get(pk=key)
        return self.select_related("institution", "body", "rule_book").get(pk=key)

    def open(self) -> ResolutionQuerySet:
        """Resolutions on which the members are still deciding."""
        return self.filter(status=ResolutionStatus.OPEN)

    def over(self) -> ResolutionQuerySet:
        """Resolutions whose sums are public, the newest first."""
        return self.exclude(status=ResolutionStatus.OPEN).order_by("-number")

    def awaiting(self, member: Member) -> ResolutionQuerySet:
        """Open resolutions on whose roll a member stands and on which she has not spoken."""
        return self.open().filter(roll=member).exclude(voices__member=member)
