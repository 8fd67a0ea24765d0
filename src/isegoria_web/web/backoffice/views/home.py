"""The morning page."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db.models import Q
from django.http import HttpResponse

from isegoria_web import clock
from isegoria_web.accounts.enums import Role
from isegoria_web.institutions.enums import Stage
from isegoria_web.institutions.models import Cycle
from isegoria_web.lottery.models import Draw
from isegoria_web.meetings.models import Table
from isegoria_web.membership.enums import TermStatus
from isegoria_web.membership.models import Term
from isegoria_web.web.backoffice.agenda import agenda_tasks
from isegoria_web.web.backoffice.allowances import money_tasks
from isegoria_web.web.backoffice.morning import Urgency, lines_beside, lines_for, next_act
from isegoria_web.web.backoffice.office import Office, for_office
from isegoria_web.web.backoffice.reading import (
    CycleState,
    is_gathering,
    pool_counts,
    pool_lines,
    renewed_if_dated,
    running_cycles,
    states_of,
)
from isegoria_web.web.backoffice.steps import status_tasks

READS = ("GET", "HEAD")
OBSERVES = frozenset({Role.OBSERVER})
CALLS = frozenset({Role.CALLER})
JUST_OVER = timedelta(days=14)


@for_office(methods=READS)
def home(office: Office) -> HttpResponse:
    """Show what is late, due today and undecided, where each cycle stands, and the pool against its quotas."""
    if office.role == OBSERVES:
        return _observer(office)
    if office.role == CALLS:
        return _caller(office)
    states = states_of(office.institution, running_cycles(office.institution))
    lines = lines_for(states, office.role, office.actor.user, office.today())
    beside = (
        [*agenda_tasks(office.institution), *money_tasks(office.institution)]
        if office.has(Role.SECRETARIAT)
        else []
    )
    beside += status_tasks(office.institution)
    lines += lines_beside(
        beside,
        office.institution.slug,
        office.role,
        office.today(),
    )
    groups = {urgency: [line for line in lines if line.urgency == urgency] for urgency in Urgency}
    return office.page(
        "home",
        late=groups[Urgency.LATE],
        due=groups[Urgency.TODAY],
        decisions=groups[Urgency.DECISION],
        soon=groups[Urgency.SOON],
        cycles=[_card(office, state) for state in states],
        tables=_tables(office, states) if office.has(Role.FACILITATOR) else [],
        pools=[_pool(state) for state in states if is_gathering(state)]
        if office.has(Role.SECRETARIAT)
        else [],
    )


def _card(office: Office, state: CycleState) -> dict[str, Any]:
    task = next_act(state, office.role)
    today = office.today()
    return {
        "state": state,
        "cycle": state.cycle,
        "next": task,
        "mine": task is not None and bool(task.roles & office.role),
        "url": task.url(office.institution.slug) if task else "",
        "who": ", ".join(str(role.label) for role in sorted(task.roles)) if task else "",
        "days": task.days(today) if task else 0,
    }


def _pool(state: CycleState) -> dict[str, Any]:
    body = renewed_if_dated(state.cycle)
    return {
        "state": state,
        "cycle": state.cycle,
        "body": body,
        "seats": state.cycle.panel_size - (body.seated if body else 0),
        "features": pool_lines(state.features, pool_counts(state.cycle), body),
    }


def _tables(office: Office, states: list[CycleState]) -> list[Table]:
    """Return the facilitator's own tables, of meetings that lie ahead or are just over."""
    since = clock.now() - JUST_OVER
    meetings = [meeting.pk for state in states for meeting in state.meetings if meeting.ends_at >= since]
    mine = Table.objects.filter(facilitator=office.actor.user, plan__meeting__in=meetings)
    found = mine.select_related("plan__meeting__cycle")
    return list(found.order_by("plan__meeting__starts_at", "round", "number"))


def _observer(office: Office) -> HttpResponse:
    """Show the draws, and where to read the journal: no name stands on them."""
    found = Draw.objects.filter(~Q(cycle__stage=Stage.MANDATE), cycle__institution=office.institution)
    return office.page(
        "observer",
        draws=found.select_related("cycle", "record", "pool").order_by("-announced_at"),
        moment=clock.now(),
    )


def _caller(office: Office) -> HttpResponse:
    """Show in which cycles somebody waits for the caller's call."""
    mine = Term.objects.filter(
        caller=office.actor.user, status=TermStatus.OFFERED, member__cycle__institution=office.institution
    )
    found = Cycle.objects.filter(pk__in=mine.values("member__cycle")).order_by("-number")
    counts = {cycle.pk: mine.filter(member__cycle=cycle).count() for cycle in found}
    return office.page("caller", cycles=[(cycle, counts[cycle.pk]) for cycle in found])
