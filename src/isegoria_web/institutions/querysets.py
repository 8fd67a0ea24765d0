"""Questions that are asked of the tables of institutions in more than one place."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models

if TYPE_CHECKING:
    from isegoria_web.institutions.models import Cycle


class CycleQuerySet(models.QuerySet["Cycle"]):
    def locked(self, key: int) -> Cycle:
        """One cycle as it stands now, which nobody else changes until the transaction ends."""
        self.select_for_update().values_list("pk").get(pk=key)
        return self.select_related("institution", "body", "rule_book").get(pk=key)
