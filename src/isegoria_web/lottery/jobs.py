"""Long work of the lottery in the background, and what happens to a draw at its hour."""

from __future__ import annotations

import json
from datetime import timedelta
from urllib.parse import urlsplit
from urllib.request import urlopen

from django.conf import settings
from django.db import transaction
from django.utils.translation import override
from django_tasks import task

from isegoria_web import clock
from isegoria_web.accounts.actors import Actor
from isegoria_web.accounts.models import User
from isegoria_web.lottery import algorithms
from isegoria_web.lottery.ceremony import close_reveals, enter_beacon, finish_challenges, note_overdue
from isegoria_web.lottery.enums import DrawStatus, SourceKind
from isegoria_web.lottery.models import Draw, DrawRecord, RandomSource
from isegoria_web.lottery.services import begin_computing, commit_lottery, draw_panel, note_failure
from isegoria_web.scheduler import due, each

LONGEST_ANSWER = 4096


def commit_lottery_later(*, actor: Actor, draw: Draw, user: User) -> None:
    """Let a worker compute and commit the lottery of a draw on behalf of somebody.

    Raises
    ------
    AlreadyDrawn, Computing
        If it is done or under way.
    """
    with transaction.atomic():  # never under way without work in the queue
        begin_computing(actor=actor, draw=draw)
        commit_lottery_of.enqueue(draw.pk, user.pk)


@task()
def commit_lottery_of(draw_id: int, user_id: int) -> str:
    """Compute and commit the lottery of a draw; returns the commitment's hash. Why it failed is noted at the draw.

    Run again after its worker died behind the commit, it returns the same.
    """
    draw = Draw.objects.select_related("cycle__institution").get(pk=draw_id)
    done = DrawRecord.objects.filter(draw=draw).first()
    if done is not None:
        return done.commitment_sha256
    user = User.objects.get(pk=user_id)
    actor = Actor.of(user)
    if actor is None:
        raise RuntimeError("the account was closed before the lottery was computed")
    try:
        return commit_lottery(actor=actor, draw=draw).commitment_sha256
    except Exception as failure:
        with override(user.language):
            note_failure(actor=actor, draw=draw, why=algorithms.reason_of(failure))
        raise


@due(every=timedelta(minutes=1))
def make_draws_final() -> int:
    """Make draws final on their date, and return how many."""
    return len(finish_challenges())


@due(every=timedelta(minutes=1))
def say_what_is_overdue() -> int:
    """Write into the journal which results were not published in time, and return how many."""
    return len(note_overdue())


@due(every=timedelta(minutes=1))
def close_the_reveals() -> int:
    """Take what parties revealed in time, once their time is over, and return how many sources that were."""
    over = RandomSource.objects.filter(kind=SourceKind.REVEAL, value="", due_at__lte=clock.now())
    waiting = over.filter(draw__status=DrawStatus.COMMITTED).select_related("draw__cycle__institution")
    return len([close_reveals(actor=Actor.system(), source=source) for source in waiting])


@due(every=timedelta(minutes=1))
def draw_what_is_known() -> int:
    """Draw all people whose randomness is known, so that nobody can hold a result back; returns how many."""
    known = Draw.objects.committed().of_people().filter(source_due_at__lte=clock.now())
    known = known.exclude(sources__value="").select_related("cycle__institution")
    drawn = each(
        known, lambda draw: draw_panel(actor=Actor.system(), draw=draw),
        failing="draws that could not be made", noted=note_at_draw,
    )  # fmt: skip
    return len(drawn)


def note_at_draw(draw: Draw, failure: Exception) -> None:
    """Note at a draw that is due why it could not be made, in the language of its institution."""
    with override(draw.cycle.institution.languages[0]):
        note_failure(actor=Actor.system(), draw=draw, why=algorithms.reason_of(failure))


@due(every=timedelta(minutes=1))
def fetch_beacons() -> int:
    """Fetch the rounds that are due from the relay that the settings name, and return how many; without one, none.

    Whatever the relay says is checked against the beacon's key, so it can delay a draw, never bend it.
    """
    if not settings.BEACON_URL:
        return 0
    missing = RandomSource.objects.filter(kind=SourceKind.BEACON, value="", due_at__lte=clock.now())
    waiting = missing.filter(draw__status=DrawStatus.COMMITTED).select_related("draw__cycle__institution")
    for source in waiting:
        signature, previous = _fetch(algorithms.relay_address(settings.BEACON_URL, source.name))
        enter_beacon(actor=Actor.system(), source=source, signature=signature, previous=previous)
    return len(waiting)


def _fetch(address: str) -> tuple[str, str]:
    """Return signature and previous signature of a round."""
    if urlsplit(address).scheme not in {"https", "http"}:
        raise ValueError("ISEGORIA_BEACON_URL is no http address")
    with urlopen(address, timeout=20) as answer:  # noqa: S310  # the scheme is checked above
        said = json.loads(answer.read(LONGEST_ANSWER))
    return str(said["signature"]), str(said.get("previous_signature", ""))
