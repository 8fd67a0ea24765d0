"""The door to `isegoria.tables`: who sits with whom."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from isegoria import tables
from isegoria.seeding import seed_from_text
from isegoria_web.meetings.models import Meeting, TablePlan
from isegoria_web.membership.models import Member

Rounds = list[list[list[int]]]


def plan(
    members: Sequence[Member], table_size: int, rounds: int, seed_text: str, earlier: Sequence[TablePlan]
) -> Rounds:
    """Return round by round, table by table, the numbers of the members: balanced, and with new neighbours."""
    by_code = {f"m{member.number}": member for member in members}
    people = [(code, member.features) for code, member in by_code.items()]
    planned = tables.plan(
        people, table_size, rounds, seed_from_text(seed_text), earlier=_history(earlier, set(by_code))
    )
    return [[[by_code[code].number for code in table] for table in each] for each in planned.rounds]


def _history(earlier: Sequence[TablePlan], known: set[str]) -> list[list[list[str]]]:
    history: list[list[list[str]]] = []
    for one in earlier:
        by_round: dict[int, list[list[str]]] = defaultdict(list)
        for table in one.tables.prefetch_related("members"):
            codes = [f"m{member.number}" for member in table.members.all()]
            by_round[table.round].append([code for code in codes if code in known])
        history += by_round.values()
    return history


def plans_before(meeting: Meeting) -> list[TablePlan]:
    """Return the table plans of the cycle's earlier meetings."""
    return list(TablePlan.objects.filter(meeting__cycle=meeting.cycle, meeting__number__lt=meeting.number))
