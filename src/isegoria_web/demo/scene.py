"""One cycle of the demonstration, as all who play it see it: its texts, its days, its people."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from isegoria_web.accounts.actors import Actor
from isegoria_web.demo.calendar import Plan
from isegoria_web.institutions.models import Cycle, Institution
from isegoria_web.membership.enums import TermStatus
from isegoria_web.membership.models import Appointee, Member, Term

Story = dict[str, Any]
Step = tuple[int | None, str, str, Callable[[], None]]
"""Days before the day of playing (None: it never happens), the hour, the name, and what is done."""
SEED = "isegoria demonstration"


@dataclass
class Scene:
    """A cycle with what is needed to play it.

    Attributes
    ----------
    number
        Which cycle of its story it is, from 1.
    story
        Its texts.
    plan
        Its days.
    features, sources
        What a panel must look like, and which randomness decides, in the words of the story.
    body
        Key of the body that is convened.
    key
        Names the cycle in seeds and invented addresses; no other cycle of the demonstration has it.
    login
        Which login the first member gets; empty for none.
    cycle
        Set when the cycle is opened.
    """

    number: int
    story: Story
    plan: Plan
    institution: Institution
    staff: dict[str, Actor]
    features: list[Story]
    sources: Story
    register_file: Path
    today: date
    key: str
    body: str = "assembly"
    login: str = ""
    cycle: Cycle = field(init=False)

    def terms(self, status: TermStatus) -> list[Term]:
        """Return the terms of this cycle's members that stand so."""
        found = Term.objects.filter(member__cycle=self.cycle, status=status)
        return list(found.select_related("member__user").order_by("member__number"))

    def members(self) -> list[Member]:
        """Return who sits now, by number, with their accounts."""
        sitting = Member.objects.sitting_in(self.cycle)
        return list(sitting.select_related("user").order_by("number"))

    def all_members(self) -> list[Member]:
        """Return who sits or sat in this cycle, by number, with their accounts."""
        held = Term.objects.held().filter(member__cycle=self.cycle)
        found = Member.objects.filter(pk__in=held.values("member"))
        return list(found.select_related("user").order_by("number"))

    def someone(self) -> Actor:
        """Return a member who sits now, and not the newcomer at the browser."""
        return self.actor_of(self.members()[2])

    @staticmethod
    def actor_of(person: Member | Appointee) -> Actor:
        """Return a member, drawn or of parliament, as somebody who acts."""
        actor = Actor.of(person.user)
        if actor is None:
            raise RuntimeError("somebody who sits and has no account")
        return actor


def past(days_ago: int | None) -> int | None:
    """Return the day where it lies behind the day of playing; None where it does not."""
    return days_ago if days_ago is not None and days_ago > 0 else None
