from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models

from isegoria_web.lottery.enums import DrawKind, DrawStatus

if TYPE_CHECKING:
    from isegoria_web.lottery.models import Draw  # noqa: F401


class DrawQuerySet(models.QuerySet["Draw"]):
    def valid(self) -> DrawQuerySet:
        """Draws that were not annulled."""
        return self.exclude(status=DrawStatus.ANNULLED)

    def drawn(self) -> DrawQuerySet:
        """Draws in which the lot has fallen, and counts."""
        return self.filter(status__in=[DrawStatus.DRAWN, DrawStatus.FINAL])

    def final(self) -> DrawQuerySet:
        """Draws against which nothing can be objected any more."""
        return self.filter(status=DrawStatus.FINAL)

    def committed(self) -> DrawQuerySet:
        """Draws that wait for their randomness."""
        return self.filter(status=DrawStatus.COMMITTED)

    def of_panel(self) -> DrawQuerySet:
        """Draws that fill the body of a cycle from its pool: the whole panel, or those who enter at a rotation."""
        return self.filter(kind__in=[DrawKind.PANEL, DrawKind.ROTATION])

    def of_people(self) -> DrawQuerySet:
        """Draws of people from a pool: of a whole panel, or of the vacant seats of a body."""
        return self.exclude(kind=DrawKind.LETTERS)

    def under_way(self) -> DrawQuerySet:
        """Draws that are announced and neither final nor annulled."""
        return self.exclude(status__in=[DrawStatus.FINAL, DrawStatus.ANNULLED])
