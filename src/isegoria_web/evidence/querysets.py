from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Q

from isegoria_web.moderation.querysets import visible

if TYPE_CHECKING:
    from isegoria_web.evidence.models import Question, SpeakerRequest  # noqa: F401
    from isegoria_web.membership.models import Member


class QuestionQuerySet(models.QuerySet["Question"]):
    def visible(self) -> QuestionQuerySet:
        """Questions that others may see."""
        return visible(self)

    def leading(self) -> QuestionQuerySet:
        """Questions that were not put together with another one; those that were stand under it."""
        return self.filter(merged_into__isnull=True)

    def seen_by(self, member: Member) -> QuestionQuerySet:
        """Those that others may see, and her own."""
        own = self.filter(asked_by=member).values("pk")
        return self.filter(Q(pk__in=visible(self).values("pk")) | Q(pk__in=own))


class SpeakerRequestQuerySet(models.QuerySet["SpeakerRequest"]):
    def visible(self) -> SpeakerRequestQuerySet:
        """Wishes that others may see."""
        return visible(self)

    def seen_by(self, member: Member) -> SpeakerRequestQuerySet:
        """Those that others may see, and her own."""
        own = self.filter(asked_by=member).values("pk")
        return self.filter(Q(pk__in=visible(self).values("pk")) | Q(pk__in=own))
