from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Q

from isegoria_web import clock

if TYPE_CHECKING:
    from isegoria_web.accounts.models import Grant  # noqa: F401


class GrantQuerySet(models.QuerySet["Grant"]):
    def valid_now(self) -> GrantQuerySet:
        now = clock.now()
        return self.filter(
            Q(valid_until__isnull=True) | Q(valid_until__gt=now), valid_from__lte=now, user__is_active=True
        )
