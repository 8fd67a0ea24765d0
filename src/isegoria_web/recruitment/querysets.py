from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Count, Exists, OuterRef, Q

from isegoria_web.lottery.enums import DrawStatus
from isegoria_web.recruitment.enums import ByEmail, Delivery, InvitationStatus, Purpose

if TYPE_CHECKING:
    from isegoria_web.recruitment.models import Campaign, Invitation, Message, Respondent  # noqa: F401


class CampaignQuerySet(models.QuerySet["Campaign"]):
    def current(self) -> CampaignQuerySet:
        """The letters that count: not annulled, and no others followed them. A cycle has one at most."""
        others = type(self)(self.model).exclude(draw__status=DrawStatus.ANNULLED)
        followed = others.filter(cycle=OuterRef("cycle"), draw__number__gt=OuterRef("draw__number"))
        return self.exclude(draw__status=DrawStatus.ANNULLED).exclude(Exists(followed))


_BY_EMAIL_ALONE = Q(campaign__correspondence__by_email=ByEmail.INSTEAD)


class InvitationQuerySet(models.QuerySet["Invitation"]):
    def locked(self, key: int) -> Invitation:
        """One letter as it stands now, which nobody else changes until the transaction ends."""
        self.select_for_update().values_list("pk").get(pk=key)
        return self.select_related("campaign__cycle__institution", "campaign__draw").get(pk=key)

    def by_status(self) -> dict[str, int]:
        """How many letters stand where; every status is there, with 0 too."""
        found = dict(self.order_by().values_list("status").annotate(count=Count("pk")))
        return {status.value: found.get(status.value, 0) for status in InvitationStatus}

    def by_wave(self) -> dict[int, dict[str, int]]:
        """How many letters of each wave stand where."""
        found: dict[int, dict[str, int]] = {}
        for wave, status, count in (
            self.order_by().values_list("wave", "status").annotate(count=Count("pk"))
        ):
            found.setdefault(wave, {})[status] = count
        return found

    def for_paper(self) -> InvitationQuerySet:
        """Letters that are printed: but for those whose person gets e-mail instead, unless it went astray."""
        reached = _BY_EMAIL_ALONE & ~Q(resident__email="") & ~self._unreached()
        return self.filter(resident__isnull=False, quiet_since__isnull=True).exclude(reached)

    def owed_paper(self) -> InvitationQuerySet:
        """Those whom e-mail was to reach instead of a letter and did not, and who hold no letter on paper yet."""
        return self.silent().for_paper().filter(_BY_EMAIL_ALONE, self._unreached(), secret_hash="")

    def dead_by_email(self) -> InvitationQuerySet:
        """Those whose reminder came back for good."""
        from isegoria_web.recruitment.models import Message  # the models name this queryset

        mine = Message.objects.filter(invitation=OuterRef("pk"), purpose=Purpose.REMINDER)
        return self.filter(Exists(mine.dead()))

    @staticmethod
    def _unreached() -> Exists:
        from isegoria_web.recruitment.models import Message  # the models name this queryset

        return Exists(Message.objects.filter(invitation=OuterRef("pk")).unreached())

    def silent(self) -> InvitationQuerySet:
        """Letters that may still be answered, to people who may be written to."""
        waiting = [InvitationStatus.CREATED, InvitationStatus.SENT]
        return self.filter(status__in=waiting, quiet_since__isnull=True)

    def answered(self) -> InvitationQuerySet:
        """Letters with a yes or a no."""
        return self.filter(status__in=[InvitationStatus.YES, InvitationStatus.NO])

    def refusals(self) -> dict[str, int]:
        """How many gave which reason."""
        return dict(self.exclude(refusal="").order_by().values_list("refusal").annotate(count=Count("pk")))


class RespondentQuerySet(models.QuerySet["Respondent"]):
    def willing(self) -> RespondentQuerySet:
        """Who said yes and still does."""
        return self.filter(invitation__status=InvitationStatus.YES, erased_at__isnull=True)

    def count_by_value(self) -> Counter[tuple[str, str]]:
        """How many have each value of each feature."""
        return Counter(
            pair for answers in self.values_list("answers", flat=True) for pair in answers.items()
        )


class MessageQuerySet(models.QuerySet["Message"]):
    def on_their_way(self) -> MessageQuerySet:
        """Sent, or still to be sent: what has failed, come back or was dropped is not."""
        return self.filter(status__in=[Delivery.QUEUED, Delivery.SENDING, Delivery.HANDING, Delivery.SENT])

    def dead(self) -> MessageQuerySet:
        """What came back for good, from an address that does not exist; a full mailbox may be empty tomorrow."""
        full = ("5.2.2", "552")
        return self.filter(status=Delivery.BOUNCED, reason__startswith="5").exclude(reason__in=full)

    def astray(self) -> MessageQuerySet:
        """Those whose person was surely or possibly not reached: somebody must look after her."""
        return self.filter(status__in=[Delivery.BOUNCED, Delivery.FAILED, Delivery.IN_DOUBT])

    def unreached(self) -> MessageQuerySet:
        """Those after which a person is written to on paper: invitations astray, reminders that came back for good."""
        invitations = self.filter(purpose=Purpose.INVITATION).astray()
        return invitations | self.filter(purpose=Purpose.REMINDER).dead()

    def by_status(self) -> dict[str, int]:
        """How many stand where; every status is there, with 0 too."""
        found = dict(self.order_by().values_list("status").annotate(count=Count("pk")))
        return {status.value: found.get(status.value, 0) for status in Delivery}
