"""What the clocks do at their hour: reminders of answers that are due, and of handover dossiers to be read."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.mail import send_mail
from django.db import transaction
from django.utils import translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from isegoria_web import clock, scheduler
from isegoria_web.accounts.actors import Actor
from isegoria_web.accounts.enums import Role
from isegoria_web.accounts.models import Grant
from isegoria_web.followup import services
from isegoria_web.followup.enums import HandoverStep
from isegoria_web.followup.models import Duty, Handover, HandoverReminder, Reminder
from isegoria_web.followup.owing import duties_of
from isegoria_web.institutions.models import Institution
from isegoria_web.membership.models import Member

WEEK, DAY = timedelta(days=7), timedelta(days=1)
DAYS_BEFORE = (30, 7, 1)
FIRST_LATE_DAY = -1
END_OF_NIGHT = 6
"""The local hour after which sums of verdicts wait for the next night."""


@scheduler.due(every=timedelta(hours=1))
def send_due_reminders() -> int:
    """Remind authority and secretariat of every answer that is due in 30, 7 or 1 days, or late since today.

    Each reminder is sent once, and a mailbox that refuses one holds up no other; returns how many were sent.

    Raises
    ------
    ExceptionGroup
        If some could not be sent, after all others were; they are tried again.
    """
    sent = scheduler.each(
        due_duties(), lambda due: _send_once(*due), failing="reminders that could not be sent", expected=OSError,
    )  # fmt: skip  # OSError is what every kind of mail server trouble is
    return sum(sent)


@scheduler.due(every=timedelta(hours=1))
def publish_verdicts() -> int:
    """Publish the sums of verdicts that changed, while it is night where the institution is; returns how many.

    By day nothing changes, so that nobody who watches a page sees when a member spoke.

    Raises
    ------
    ExceptionGroup
        At the end, of all institutions whose sums could not be published; they hold up no other.
    """
    night = [each for each in Institution.objects.all() if _hour(each) < END_OF_NIGHT]
    published = scheduler.each(
        night, lambda each: services.publish_verdicts(actor=Actor.system(), institution=each),
        failing="sums of verdicts that could not be published",
    )  # fmt: skip
    return sum(published)


def _hour(institution: Institution) -> int:
    return clock.now().astimezone(ZoneInfo(institution.time_zone)).hour


def due_duties() -> list[tuple[Duty, int]]:
    """Return the answers that are late or due in 30 days or fewer, each with the step of its clock.

    The step is 30, 7 or 1: due in so many days or fewer; or -1: late. A first and a final answer each have their own.
    """
    steps = sorted((*DAYS_BEFORE, FIRST_LATE_DAY))
    found = []
    owed = Duty.objects.still_owed().select_related("recommendation__cycle__institution")
    for duty in owed.prefetch_related("recommendation__duties"):
        left = duty.days_left(clock.today(duty.recommendation.cycle.institution.time_zone))
        found += [(duty, step) for step in steps if left <= step][:1]
    return found


def _send_once(duty: Duty, step: int) -> bool:
    with transaction.atomic():
        _reminder, first = Reminder.objects.get_or_create(
            duty=duty, days_before=step, defaults={"sent_at": clock.now()}
        )
        if first:
            _send(duty, late=step == FIRST_LATE_DAY)
        return first


def _send(duty: Duty, *, late: bool) -> None:
    institution = duty.recommendation.cycle.institution
    grants = Grant.objects.valid_now().filter(
        institution=institution, role__in=[Role.AUTHORITY, Role.SECRETARIAT]
    )
    for user in {grant.user for grant in grants.select_related("user")}:
        with translation.override(user.language):
            day = date_format(duty.due_on, "DATE_FORMAT")
            subject = _("An answer is overdue") if late else _("An answer is due on %(day)s") % {"day": day}
            if duties_of(duty.recommendation).both:
                subject = f"{duty.get_kind_display()}: {subject}"
            text = _(
                "Recommendation %(number)d of cycle %(cycle)d waits for the answer of the authority: %(url)s"
            ) % {
                "number": duty.recommendation.number,
                "cycle": duty.recommendation.cycle.number,
                "url": f"{settings.BASE_URL}/{user.language}/{institution.slug}/",
            }
            send_mail(subject, text, None, [user.email])


# -- handover dossiers -------------------------------------------------------------------------------------


@scheduler.due(every=timedelta(hours=1))
def remind_of_handovers() -> int:
    """Tell every member who has not confirmed her dossier: when it is there, a week and a day before the first meeting.

    Each step is sent once, and a mailbox that refuses one holds up no other; returns how many were sent.

    Raises
    ------
    ExceptionGroup
        If some could not be sent, after all others were; they are tried again.
    """
    sent = scheduler.each(
        _unread(), lambda each: _remind_once(*each), failing="reminders of handovers that could not be sent",
        expected=OSError,
    )  # fmt: skip
    return sum(sent)


def _unread() -> Iterator[tuple[Handover, Member, HandoverStep]]:
    for handover in Handover.objects.to_confirm().select_related("cycle__institution"):
        step = handover_step(handover)
        for member in _unconfirmed(handover):
            yield handover, member, step


def handover_step(handover: Handover) -> HandoverStep:
    """Return which step it is time for; after the first meeting has begun, nobody is pressed any more."""
    first = handover.cycle.meetings.order_by("starts_at").first()
    left = first.starts_at - clock.now() if first else None
    if left is None or not timedelta(0) < left <= WEEK:
        return HandoverStep.READY
    return HandoverStep.DAY if left <= DAY else HandoverStep.WEEK


def _unconfirmed(handover: Handover) -> list[Member]:
    seated = Member.objects.entering(handover.cycle).filter(user__isnull=False)
    return list(
        seated.exclude(handover_confirmations__handover=handover).select_related("user").order_by("pk")
    )


def _remind_once(handover: Handover, member: Member, step: HandoverStep) -> bool:
    with transaction.atomic():
        _reminder, first = HandoverReminder.objects.get_or_create(
            handover=handover, member=member, step=step, defaults={"sent_at": clock.now()}
        )
        if first:
            _send_handover(handover, member)
        return first


def _send_handover(handover: Handover, member: Member) -> None:
    user, institution = member.user, handover.cycle.institution
    assert user is not None  # noqa: S101  # only those who have an account are asked for
    with translation.override(user.language):
        subject = _("The dossier of those before you is ready")
        text = _(
            "Please read it before the first meeting and confirm that you have: %(url)s\n\n"
            "It says what earlier members recommended, which answers are awaited and what is open."
        ) % {"url": f"{settings.BASE_URL}/{user.language}/{institution.slug}/my/handover/"}
        send_mail(subject, text, None, [user.email])
