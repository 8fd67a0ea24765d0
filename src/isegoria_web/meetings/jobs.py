"""Long work of meetings in the background, and what happens to a meeting after its end."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import override
from django_tasks import task

from isegoria_web import scheduler
from isegoria_web.accounts.actors import Actor
from isegoria_web.accounts.models import User
from isegoria_web.lottery.algorithms import in_words, reason_of
from isegoria_web.meetings import searching, speaking
from isegoria_web.meetings.models import Meeting, TableSearch


def plan_tables_later(
    *,
    actor: Actor,
    meeting: Meeting,
    seed_text: str,
    table_size: int,
    rounds: int,
    facilitators: Sequence[User],
) -> TableSearch:
    """Let a worker look for the tables of a meeting; parameters and errors as for `searching.start_search`."""
    with transaction.atomic():  # never sought without work in the queue
        search = searching.start_search(
            actor=actor, meeting=meeting, seed_text=seed_text, table_size=table_size, rounds=rounds,
            facilitators=facilitators,
        )  # fmt: skip
        search_tables_of.enqueue(search.pk)
        return search


@task()
def search_tables_of(search_id: int) -> int:
    """Look for the tables that somebody asked for; returns after how many steps. Why it failed is noted at the search."""
    found = TableSearch.objects.select_related("meeting__cycle__institution", "by")
    search = found.filter(pk=search_id).first()
    if search is None:
        return 0  # the meeting is gone
    actor = None if search.by is None else Actor.of(search.by)
    if search.by is None or actor is None:
        searching.note_failure(search=search, why=_("The account of whoever asked was closed."))
        return 0
    try:
        return searching.search_tables(actor=actor, search=search)
    except Exception as failure:
        with override(search.by.language):
            searching.note_failure(search=search, why=reason_of(failure))
        if not in_words(failure):
            raise
        return 0


@scheduler.due(every=timedelta(hours=1))
def forget_speaking_times() -> int:
    """Close meetings that ended a day ago and still hold speaking times of persons, and return how many."""
    return speaking.close_old_meetings()
