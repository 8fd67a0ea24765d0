"""Long work of the lottery, in the background."""

from __future__ import annotations

from django_tasks import task

from isegoria_web.accounts.actors import Actor
from isegoria_web.accounts.models import User
from isegoria_web.lottery.models import Draw
from isegoria_web.lottery.services import commit_lottery


@task()
def commit_lottery_of(draw_id: int, user_id: int) -> str:
    """Compute and commit the lottery of a draw on behalf of somebody; returns the commitment's hash."""
    draw = Draw.objects.select_related("cycle__institution").get(pk=draw_id)
    actor = Actor.of(User.objects.get(pk=user_id))
    if actor is None:
        raise RuntimeError("the account was closed before the lottery was computed")
    return commit_lottery(actor=actor, draw=draw).commitment_sha256
