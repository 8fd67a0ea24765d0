"""Long work of recruitment in the background, and what happens to the letters at their hour."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import override
from django_tasks import task

from isegoria_web import clock
from isegoria_web.accounts.actors import Actor
from isegoria_web.institutions.models import Cycle
from isegoria_web.lottery.algorithms import in_words, reason_of
from isegoria_web.lottery.disclosing import destroy_seals
from isegoria_web.lottery.enums import Disclosure, DrawStatus
from isegoria_web.lottery.jobs import note_at_draw
from isegoria_web.lottery.models import Draw
from isegoria_web.operations.diagnosis import Fault, also_asked
from isegoria_web.recruitment import bouncing, erasing, mailing, reminding, sifting, working
from isegoria_web.recruitment.batches import print_batches
from isegoria_web.recruitment.enums import ByEmail, Delivery, WorkKind, WorkStatus
from isegoria_web.recruitment.models import Campaign, EligibilityCheck, LetterWork, Message, Printing
from isegoria_web.recruitment.services import draw_letters
from isegoria_web.register.models import Extract
from isegoria_web.scheduler import due, each

WAITS = timedelta(hours=1)
"""After so long mail that waits without need is a fault."""


def print_later(printing: Printing) -> None:
    """Let a worker make the files of a printing."""
    print_letters_of.enqueue(printing.pk)


def check_later(asked: EligibilityCheck) -> None:
    """Let a worker check who of an extract can be drawn."""
    check_eligibility_of.enqueue(asked.pk)


def announce_later(*, actor: Actor, cycle: Cycle, extract: Extract, **given: Any) -> LetterWork:
    """Let a worker announce letters; parameters and errors as for `working.ask_for_announcement`."""
    with transaction.atomic():  # never under way without work in the queue
        work = working.ask_for_announcement(actor=actor, cycle=cycle, extract=extract, **given)
        work_on_letters.enqueue(work.pk)
        return work


def draw_later(*, actor: Actor, campaign: Campaign) -> LetterWork:
    """Let a worker draw letters whose randomness is known; errors as for `working.ask_for_draw`."""
    with transaction.atomic():
        work = working.ask_for_draw(actor=actor, campaign=campaign)
        work_on_letters.enqueue(work.pk)
        return work


def draw_wave_later(*, actor: Actor, campaign: Campaign, **given: Any) -> LetterWork:
    """Let a worker draw a further wave; parameters and errors as for `working.ask_for_wave`."""
    with transaction.atomic():
        work = working.ask_for_wave(actor=actor, campaign=campaign, **given)
        work_on_letters.enqueue(work.pk)
        return work


@task()
def work_on_letters(work_id: int) -> str:
    """Announce or draw letters on behalf of who asked; returns what became of it. Why it failed is noted at the work."""
    found = LetterWork.objects.select_related(
        "by", "cycle__institution", "extract", "campaign__draw__cycle__institution"
    )
    work = found.get(pk=work_id)
    actor = Actor.system() if work.by is None else Actor.of(work.by)
    if actor is None:
        working.note_failure(work=work, why=_("The account of whoever asked was closed."))
        return WorkStatus.FAILED
    try:
        working.work_on(actor=actor, work=work)
    except Exception as failure:
        language = work.cycle.institution.languages[0] if work.by is None else work.by.language
        with override(language):
            noted = working.note_failure(work=work, why=reason_of(failure))
        if noted and work.campaign is not None and work.kind == WorkKind.DRAW:
            note_at_draw(work.campaign.draw, failure)
        if not in_words(failure):
            raise
    work.refresh_from_db()
    return work.status


@task()
def check_eligibility_of(check_id: int) -> int:
    """Check who of an extract can be drawn on behalf of who asked; returns how many, 0 where something did not fit."""
    asked = EligibilityCheck.objects.select_related("cycle__institution", "by").get(pk=check_id)
    actor = Actor.of(asked.by)
    if actor is None:
        raise RuntimeError("the account was closed before the register was checked")
    return sifting.check(actor=actor, asked=asked).eligible or 0


@task()
def print_letters_of(printing_id: int) -> int:
    """Make the files of a printing on behalf of who started it; returns how many, 0 if it was stopped."""
    printing = Printing.objects.select_related("wave__campaign__cycle__institution", "by").get(
        pk=printing_id
    )
    actor = None if printing.by is None else Actor.of(printing.by)
    if actor is None:
        raise RuntimeError("the account was closed before the letters were printed")
    return print_batches(actor=actor, printing=printing)


@due(every=timedelta(minutes=1))
def draw_letters_that_are_known() -> int:
    """Draw the letters whose randomness is known, so that nobody can hold a result back; returns how many draws.

    Those of a large register are drawn by work of their own, whose progress the office sees.
    """
    known = Campaign.objects.filter(
        draw__status=DrawStatus.COMMITTED, draw__source_due_at__lte=clock.now()
    ).exclude(draw__sources__value="")
    drawn = each(
        known.select_related("cycle__institution", "draw__cycle__institution", "extract"),
        _draw_known,
        failing="letters that could not be drawn",
        noted=lambda campaign, failure: note_at_draw(campaign.draw, failure),
    )
    return sum(drawn)


def _draw_known(campaign: Campaign) -> bool:
    """Draw letters, or begin to; whether there was something to do."""
    if not working.takes_long(campaign.extract):
        draw_letters(actor=Actor.system(), campaign=campaign)
        return True
    if not working.draw_is_due(campaign):
        return False
    draw_later(actor=Actor.system(), campaign=campaign)
    return True


@due(every=timedelta(seconds=20))
def send_mail_that_waits() -> int:
    """Send the e-mails that wait, a while at a time; returns how many were sent."""
    return mailing.send_due()


@due(every=timedelta(hours=1))
def remind_people_whose_day_has_come() -> int:
    """Remind those who have not answered, on the day that was decided; returns how many."""
    return reminding.remind_due()


@due(every=timedelta(minutes=10))
def read_mail_that_came_back() -> int:
    """Read the mailbox of what could not be delivered; returns how many of our messages came back or are delayed."""
    return bouncing.read_mailbox()


@due(every=timedelta(hours=1))
def erase_who_is_in_no_draw() -> int:
    """Erase who did not answer or said no, once the draw of the panel is final; returns how many."""
    erasing.forget_salts_of_erased()
    return erasing.erase_silent()


@due(every=timedelta(hours=1))
def destroy_seals_whose_day_has_come() -> int:
    """Destroy what opens the sealed draws of a cycle once its extracts are erased; returns of how many draws."""
    over = Draw.objects.filter(
        disclosure=Disclosure.SEALED,
        status__in=[DrawStatus.FINAL, DrawStatus.ANNULLED],
        record__observers_file__isnull=False,
        cycle__campaigns__isnull=False,
    )
    kept = Campaign.objects.filter(extract__erased_at__isnull=True).values("cycle")
    return sum(destroy_seals(draw) for draw in over.exclude(cycle__in=kept).distinct())


@also_asked
def mail_waits() -> Fault | None:
    """E-mails to citizens must leave the house."""
    late = Message.objects.filter(status=Delivery.QUEUED, try_after__lt=clock.now() - WAITS).count()
    if not late:
        return None
    return Fault(
        "mail_waits",
        f"{late} e-mails to citizens wait for more than an hour.",
        "Look at ISEGORIA_SMTP_URL and at the worker; they are sent as soon as both work.",
    )


@also_asked
def mail_comes_back() -> Fault | None:
    """Whoever writes to citizens by e-mail must learn of those whom it did not reach."""
    by_email = Campaign.objects.current().filter(closed_at__isnull=True).exclude(correspondence=None)
    if not by_email.exclude(correspondence__by_email=ByEmail.NO).exists():
        return None
    if not settings.BOUNCE_ADDRESS or not settings.BOUNCE_BOX:
        return Fault(
            "mail_comes_back",
            "People are invited by e-mail, but nobody reads what comes back.",
            "Set ISEGORIA_BOUNCE_ADDRESS and ISEGORIA_BOUNCE_BOX, or give the notices by hand in the office.",
        )
    return None
