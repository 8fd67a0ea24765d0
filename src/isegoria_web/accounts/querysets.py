from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Q

from isegoria_web import clock

if TYPE_CHECKING:
    from isegoria_web.accounts.models import Grant, Operator  # noqa: F401


def _now() -> Q:
    now = clock.now()
    return Q(
        Q(valid_until__isnull=True) | Q(valid_until__gt=now), valid_from__lte=now, user__is_active=True
    )


class GrantQuerySet(models.QuerySet["Grant"]):
    def valid_now(self) -> GrantQuerySet:
        return self.filter(_now())


class OperatorQuerySet(models.QuerySet["Operator"]):
    def valid_now(self) -> OperatorQuerySet:
        return self.filter(_now())
