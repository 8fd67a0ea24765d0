"""Who leads a table, and who may not because she has an interest in what it treats."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import transaction

from isegoria_web import clock
from isegoria_web.accounts.actors import Actor
from isegoria_web.accounts.enums import Role
from isegoria_web.accounts.models import Grant, User
from isegoria_web.errors import require, required
from isegoria_web.journal.enums import Action
from isegoria_web.journal.services import record
from isegoria_web.meetings import algorithms, policies
from isegoria_web.meetings.enums import ItemKind
from isegoria_web.meetings.errors import (
    FacilitatorIsHere,
    ForeignItem,
    InterestDeclared,
    LedByHerself,
    MeetingClosed,
    NotTheDay,
    ReasonMissing,
    UnknownFacilitator,
)
from isegoria_web.meetings.models import FacilitatorInterest, Item, Meeting, Table


def declare_interest(*, actor: Actor, item: Item, user: User, reason: str) -> int:
    """Note that a facilitator is not impartial in a point; returns how many tables have no facilitator any more.

    She leads no table that treats it from now on: those that she was to lead are left without a facilitator. Said
    again, the new reason takes the place of the old one.

    Raises
    ------
    ReasonMissing, UnknownFacilitator
        If there is no reason, or she does not hold the role.
    """
    meeting = item.meeting
    require(policies.may_declare_interest(actor, meeting, user))
    if not reason.strip():
        raise ReasonMissing
    require_facilitators(meeting, [user])
    with transaction.atomic():
        Meeting.objects.select_for_update().get(pk=meeting.pk)
        FacilitatorInterest.objects.update_or_create(
            item=item, user=user, defaults={"reason": reason.strip(), "declared_at": clock.now()}
        )
        left = Table.objects.filter(item=item, facilitator=user).update(facilitator=None)
        record(
            actor=actor, institution=meeting.cycle.institution, action=Action.FACILITATOR_INTEREST_DECLARED,
            subject=meeting,
            facts={"meeting": meeting.number, "item": item.position, "tables_without_facilitator": left},
        )  # fmt: skip
        return left


def withdraw_interest(*, actor: Actor, interest: FacilitatorInterest) -> None:
    """Take back what was declared by mistake; a second time nothing happens."""
    meeting = interest.item.meeting
    require(policies.may_declare_interest(actor, meeting, interest.user))
    with transaction.atomic():
        Meeting.objects.select_for_update().get(pk=meeting.pk)
        if FacilitatorInterest.objects.filter(pk=interest.pk).delete()[0]:
            record(
                actor=actor, institution=meeting.cycle.institution,
                action=Action.FACILITATOR_INTEREST_WITHDRAWN, subject=meeting,
                facts={"meeting": meeting.number, "item": interest.item.position},
            )  # fmt: skip


def lead_table(*, actor: Actor, table: Table, facilitator: User | None, item: Item | None) -> Table:
    """Say who leads a table and which point of the programme it treats.

    Raises
    ------
    ForeignItem, UnknownFacilitator
        If the point is of another meeting, or she does not hold the role.
    InterestDeclared
        If she has declared an interest in the point; the refusal says which.
    """
    meeting = table.plan.meeting
    require(policies.may_plan_tables(actor, meeting))
    if item is not None and item.meeting_id != meeting.pk:
        raise ForeignItem
    if facilitator is not None:
        require_facilitators(meeting, [facilitator])
    with transaction.atomic():
        Meeting.objects.select_for_update().get(pk=meeting.pk)
        _require_no_interest(item, facilitator)
        table.facilitator, table.item = facilitator, item
        table.save(update_fields=["facilitator", "item"])
        record(
            actor=actor, institution=meeting.cycle.institution, action=Action.TABLE_ASSIGNED, subject=meeting,
            facts={
                "meeting": meeting.number,
                "round": table.round,
                "table": table.number,
                "item": item.position if item else None,
                "led": facilitator is not None,
            },
        )  # fmt: skip
        return table


def hand_over_table(*, actor: Actor, table: Table, to: User) -> Table:
    """Let a colleague lead one's table from now on; its notes and speaking times stay with it.

    Raises
    ------
    NotTheDay, MeetingClosed
        Before the day of the meeting, or when it is closed.
    UnknownFacilitator, LedByHerself
        If the colleague does not hold the role, or is oneself.
    InterestDeclared
        If the colleague has declared an interest in what the table treats; the refusal says which.
    """
    require(policies.may_hand_over_table(actor, table))
    require_facilitators(table.plan.meeting, [to])
    with transaction.atomic():
        table = _held_on_the_day(table)
        require(
            policies.may_hand_over_table(actor, table)
        )  # as it is now: the office may have named somebody else
        return _change_leader(actor, table, to, Action.TABLE_HANDED_OVER)


def take_over_table(*, actor: Actor, table: Table) -> Table:
    """Lead a table from now on whose facilitator has not come, where the office has allowed it.

    Raises
    ------
    NotTheDay, MeetingClosed
        Before the day of the meeting, or when it is closed.
    FacilitatorIsHere
        If notes or speaking times were taken at the table.
    LedByHerself
        If one leads it already.
    InterestDeclared
        If one has declared an interest in what the table treats.
    """
    require(policies.may_take_over_table(actor, table))
    with transaction.atomic():
        table = _held_on_the_day(table)
        require(
            policies.may_take_over_table(actor, table)
        )  # as it is now: the office may have withdrawn it
        if table.turns.exists() or Table.objects.filter(pk=table.pk, notes__isnull=False).exists():
            raise FacilitatorIsHere
        return _change_leader(actor, table, required(actor.user), Action.TABLE_TAKEN_OVER)


def allow_takeovers(*, actor: Actor, meeting: Meeting, allowed: bool) -> Meeting:
    """Decide whether facilitators may take over tables whose facilitator has not come; said again, nothing happens."""
    require(policies.may_allow_takeovers(actor, meeting))
    with transaction.atomic():
        meeting = Meeting.objects.select_for_update().get(pk=meeting.pk)
        if meeting.takeovers_allowed != allowed:
            meeting.takeovers_allowed = allowed
            meeting.save(update_fields=["takeovers_allowed"])
            record(
                actor=actor, institution=meeting.cycle.institution, action=Action.TAKEOVERS_DECIDED,
                subject=meeting, facts={"meeting": meeting.number, "allowed": allowed},
            )  # fmt: skip
        return meeting


def _held_on_the_day(table: Table) -> Table:
    meeting = Meeting.objects.select_for_update().get(pk=table.plan.meeting_id)
    if meeting.closed_at is not None:
        raise MeetingClosed
    if clock.today(meeting.cycle.institution.time_zone) < meeting.day:
        raise NotTheDay
    found = Table.objects.select_for_update(of=("self",)).select_related(
        "plan__meeting__cycle__institution"
    )
    return found.get(pk=table.pk)


def _change_leader(actor: Actor, table: Table, to: User, action: Action) -> Table:
    """Name another facilitator; the journal says which table, and names nobody."""
    if table.facilitator == to:
        raise LedByHerself
    _require_no_interest(table.item, to)
    meeting = table.plan.meeting
    table.facilitator = to
    table.save(update_fields=["facilitator"])
    record(
        actor=actor, institution=meeting.cycle.institution, action=action, subject=meeting,
        facts={"meeting": meeting.number, "round": table.round, "table": table.number},
    )  # fmt: skip
    return table


def _require_no_interest(item: Item | None, facilitator: User | None) -> None:
    declared = FacilitatorInterest.objects.filter(item=item, user=facilitator).first()
    if declared is not None and item is not None and facilitator is not None:
        raise InterestDeclared(facilitator.name, declared.reason)


def require_facilitators(meeting: Meeting, facilitators: Sequence[User]) -> None:
    """Refuse people who do not hold the role in the institution now.

    Raises
    ------
    UnknownFacilitator
        If one of them does not.
    """
    grants = Grant.objects.valid_now().filter(
        institution=meeting.cycle.institution, role=Role.FACILITATOR, user__in=facilitators
    )
    if set(grants.values_list("user_id", flat=True)) != {user.pk for user in facilitators}:
        raise UnknownFacilitator


def share_out(
    meeting: Meeting, rounds: int, tables: int, facilitators: Sequence[User]
) -> list[tuple[Item | None, list[User | None]]]:
    """Return round by round what its tables treat, and who leads each of them.

    The points for work at tables are spread over the rounds in their order: with as many points as rounds each round
    has its own. Nobody leads a table that treats what she has an interest in.

    Raises
    ------
    isegoria.errors.Infeasible
        If everybody has an interest in what a table treats.
    """
    items = list(meeting.items.filter(kind=ItemKind.TABLES))
    people = {user.pk: user for user in facilitators}
    found: list[tuple[Item | None, list[User | None]]] = []
    for index in range(rounds):
        item = items[index * len(items) // rounds] if items else None
        interested = FacilitatorInterest.objects.filter(item=item, user__in=people).values_list(
            "user_id", flat=True
        )
        barred = {(who, place) for who in interested for place in range(1, tables + 1)}
        leaders = algorithms.leaders(tables, list(people), barred) if people else []
        found.append((item, [people[one] for one in leaders] or [None] * tables))
    return found


def erase_interests_of(user: int) -> None:
    """Erase what somebody declared whose account is erased."""
    FacilitatorInterest.objects.filter(user=user).delete()
