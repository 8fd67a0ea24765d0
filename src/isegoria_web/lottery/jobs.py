"""Long work of the lottery, in the background."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import override
from django_tasks import task

from isegoria_web.accounts.actors import Actor
from isegoria_web.accounts.models import User
from isegoria_web.errors import ServiceError
from isegoria_web.lottery import algorithms
from isegoria_web.lottery.models import Draw
from isegoria_web.lottery.services import begin_computing, commit_lottery, note_failure


def commit_lottery_later(*, actor: Actor, draw: Draw, user: User) -> None:
    """Let a worker compute and commit the lottery of a draw on behalf of somebody.

    Raises
    ------
    AlreadyDrawn, Computing
        If it is done or under way.
    """
    begin_computing(actor=actor, draw=draw)
    commit_lottery_of.enqueue(draw.pk, user.pk)


@task()
def commit_lottery_of(draw_id: int, user_id: int) -> str:
    """Compute and commit the lottery of a draw; returns the commitment's hash. Why it failed is noted at the draw."""
    draw = Draw.objects.select_related("cycle__institution").get(pk=draw_id)
    user = User.objects.get(pk=user_id)
    actor = Actor.of(user)
    if actor is None:
        raise RuntimeError("the account was closed before the lottery was computed")
    try:
        return commit_lottery(actor=actor, draw=draw).commitment_sha256
    except Exception as failure:
        with override(user.language):
            note_failure(actor=actor, draw=draw, why=_reason(failure))
        raise


def _reason(failure: Exception) -> str:
    if isinstance(failure, ServiceError):
        return f"{failure}"
    return algorithms.in_words(failure) or _("Something went wrong. The log of the worker says what.")
