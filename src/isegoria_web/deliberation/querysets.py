from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models
from django.db.models import BooleanField, Case, Count, IntegerField, Q, Value, When

from isegoria_web.deliberation.enums import MapOrigin, MapStatus, Stance, WordingStatus
from isegoria_web.moderation.querysets import is_visible, visible

if TYPE_CHECKING:
    from isegoria_web.deliberation.models import Note, OpinionMap, Statement, Wording  # noqa: F401
    from isegoria_web.membership.models import Member

SMALLEST_COUNT = 5
"""Counts of fewer reactions are never shown: single members could be guessed."""


class StatementQuerySet(models.QuerySet["Statement"]):
    def still_open(self) -> StatementQuerySet:
        """Statements to which members can react."""
        return self.filter(closed_at__isnull=True)

    def closed(self) -> StatementQuerySet:
        """Statements whose reactions are counted."""
        return self.filter(closed_at__isnull=False)

    def visible(self) -> StatementQuerySet:
        """Statements that others may see: none that was taken out, in a strict cycle only reviewed ones."""
        return visible(self)

    def seen_by(self, member: Member) -> StatementQuerySet:
        """Those that others may see, and her own."""
        own = self.filter(made_by=member).values("pk")
        return self.filter(Q(pk__in=visible(self).values("pk")) | Q(pk__in=own))

    def with_note(self) -> StatementQuerySet:
        """Each with its note, table and meeting, and `note_shown`: whether others may read the note."""
        shown = Case(
            When(Q(note__isnull=False) & is_visible("cycle", "note__public_id"), then=Value(True)),
            default=Value(False),
            output_field=BooleanField(),
        )
        return (
            self.annotate(note_shown=shown)
            .select_related("note__table__plan__meeting")
            .prefetch_related("translations")
        )

    def with_counts(self) -> StatementQuerySet:
        """Each statement with `agree`, `disagree`, `passed` and `reacted`, where they may be shown.

        They come of closed statements to which at least five members reacted; of others the three are None and
        `reacted` is 0, so that no page can show what it must not.
        """
        shown = Q(closed_at__isnull=False, all_reactions__gte=SMALLEST_COUNT)
        counted = self.alias(all_reactions=Count("reactions"))
        return counted.annotate(
            agree=_where(shown, _with(Stance.AGREE)),
            disagree=_where(shown, _with(Stance.DISAGREE)),
            passed=_where(shown, _with(Stance.PASS)),
            reacted=_where(shown, Count("reactions"), otherwise=0),
        )


class NoteQuerySet(models.QuerySet["Note"]):
    def visible(self) -> NoteQuerySet:
        """Notes that others than the staff may see."""
        return visible(self, "table__plan__meeting__cycle")


class WordingQuerySet(models.QuerySet["Wording"]):
    def set_aside(self) -> WordingQuerySet:
        """Texts that wait for somebody to choose between them and the note."""
        return self.filter(status=WordingStatus.SET_ASIDE)


class OpinionMapQuerySet(models.QuerySet["OpinionMap"]):
    def done(self) -> OpinionMapQuerySet:
        """Maps that are public."""
        return self.filter(status=MapStatus.DONE)

    def waiting(self) -> OpinionMapQuerySet:
        """Maps that a worker has still to compute."""
        return self.filter(status=MapStatus.WAITING)

    def of_members(self) -> OpinionMapQuerySet:
        """Maps of the members' own reactions."""
        return self.filter(origin=MapOrigin.MEMBERS)


def _with(stance: Stance) -> Count:
    return Count("reactions", filter=Q(reactions__stance=stance))


def _where(condition: Q, count: Count, otherwise: int | None = None) -> Case:
    return Case(When(condition, then=count), default=Value(otherwise), output_field=IntegerField(null=True))
