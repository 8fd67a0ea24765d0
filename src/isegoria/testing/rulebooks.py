"""Rule books that hold, of every kind the schema knows, for properties of calendars and simulations."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Any, Literal

from isegoria.rulebook import RuleBook
from isegoria.rulebook.model import (
    Agenda,
    Blackout,
    Body,
    CoolingOff,
    Decision,
    Draw,
    Duty,
    FixedSeats,
    Rotation,
    Texts,
)
from isegoria.seeding import generator, seed_from_text
from isegoria.testing.further_rules import further_rules

if TYPE_CHECKING:
    import numpy as np

TITLE: Texts = {"en": "Body"}
SHARES = (Fraction(1, 2), Fraction(1, 3), Fraction(1, 4))
STRATA = ("age", "sex", "residence", "education")


def rule_book(seed: str, *, further: bool = True) -> RuleBook:
    """Return a rule book fixed by a text, without contradictions.

    Parameters
    ----------
    seed
        Any text.
    further
        False: only rules that move days or seats, in one language.

    Notes
    -----
    Over the texts come standing bodies renewed in parts, whole, in cohorts, by the calendar year or by event; bodies
    convened for a theme, with half-return or all new; bodies drawn among the members of others; ranges of size, kept
    seats, alternates or silence, waiting times, pauses, deadlines in days and months. `further` adds every other rule
    of the schema by chance: mixed bodies, ways to decide, most terms, kept ages, roles of bodies in the agenda, pay,
    languages, and bodies that cannot be played.
    """
    book = _Maker(generator(seed_from_text(seed), "rule-book")).book()
    return further_rules(book, generator(seed_from_text(seed), "further rules")) if further else book


class _Maker:
    """Chooses rules that fit each other."""

    def __init__(self, random: np.random.Generator) -> None:
        self.random = random

    def book(self) -> RuleBook:
        bodies = [self.assembly()] if self.chance(0.7) else []
        if not bodies or self.chance(0.6):
            bodies.append(self.council(has_assembly=bool(bodies)))
        assembly = bodies[0] if bodies[0].key == "assembly" else None
        if assembly is not None and self.chance(0.3):
            bodies.append(self.committee(assembly))
        pause = None
        if self.chance(0.5):
            stopped = tuple(body.key for body in bodies if self.chance(0.5))
            pause = Blackout(months_before_election=self.between(1, 11), bodies=stopped)
        return RuleBook(
            schema_version=2, id="generated", version="1", title=TITLE, legal_basis="generated", languages=("en",),
            level="municipality", bodies=tuple(bodies), draw=self.draw(), agenda=self.agenda(), duty=self.duty(),
            blackout=pause,
        )  # fmt: skip

    def assembly(self) -> Body:
        size = self.between(8, 20)
        rules: dict[str, Any] = {}
        if self.chance(0.5):
            most = self.between(1, 3)
            rules["per_calendar_year"] = (self.between(0, most), most)
        if self.chance(0.2):
            rules["rotation"] = Rotation(kind="return", returning=size // 2, trigger="cycle_closed")
        elif self.chance(0.4):
            rules["cooling_off"] = CoolingOff(months=self.between(1, 36), scope="body")
        meetings = self.between(1, 5)
        if self.chance(0.3):
            rules["replaced_until_meeting"] = self.between(1, min(3, meetings))
        low_high = (size, size + self.between(1, 6)) if self.chance(0.4) else size
        return Body(
            key="assembly", title=TITLE, size=low_high, mandate={"en": "One theme."},
            meetings=meetings, alternates=self.alternates(size), fixed_seats=self.kept(size), **rules,
        )  # fmt: skip

    def council(self, *, has_assembly: bool) -> Body:
        kind = self.random.choice(["part", "whole", "cohorts", "year", "event" if has_assembly else "part"])
        every, count = self.between(2, 9), self.between(2, 4)
        group = self.between(4, 7)
        size, mandate = group * count, every * count
        rotations = {
            "part": Rotation(share=Fraction(1, count), every_months=every),
            "whole": Rotation(kind="whole", trigger="mandate_ended"),
            "cohorts": Rotation(kind="cohorts", entering=group, every_months=every),
            "year": Rotation(kind="whole", trigger="calendar_year"),
            "event": Rotation(share=SHARES[self.between(0, 2)], trigger="assembly_closed"),
        }
        rules: dict[str, Any] = {} if kind == "year" else {"mandate_months": mandate}
        if kind != "event" and self.chance(0.5):
            rules["cooling_off"] = CoolingOff(
                months=self.between(1, 36), scope="body" if self.chance(0.7) else "institution"
            )
        if kind == "event" and self.chance(0.5):
            rules["drawn_from"] = "assembly"
            size = min(size, 8)
        return Body(
            key="council", title=TITLE, size=size, rotation=rotations[str(kind)], alternates=self.alternates(size),
            meetings_per_year=self.between(2, 12), decision=Decision(quorum=Fraction(1, 2)), **rules,
        )  # fmt: skip

    def committee(self, assembly: Body) -> Body:
        rules: dict[str, Any] = {"meetings": self.between(1, 3)} if self.chance(0.5) else {}
        size = max(2, assembly.size_min // 3)
        return Body(
            key="committee", title=TITLE, size=size, drawn_from="assembly", mandate={"en": "One."}, **rules
        )

    def draw(self) -> Draw:
        strata = tuple(name for name in STRATA[:2] if self.chance(0.8))
        letters = self.between(200, 900) if self.chance(0.5) else None
        reply_days = self.between(7, 60) if self.chance(0.5) else None
        reminder_days = self.between(5, min(21, (reply_days or 22) - 1)) if self.chance(0.5) else None
        challenge_days = self.between(1, 30) if self.chance(0.5) else None
        disclosure: Literal["open", "sealed"] | None = "sealed" if self.chance(0.3) else None
        return Draw(
            frame={"en": "All."},
            age_min=16,
            strata=strata,
            letters=letters,
            reply_days=reply_days,
            reminder_days=reminder_days,
            disclosure=disclosure,
            challenge_days=challenge_days,
        )

    def agenda(self) -> Agenda:
        return Agenda(first_meeting_months=(2, 3)) if self.chance(0.3) else Agenda()

    def duty(self) -> Duty:
        rules: dict[str, Any] = {}
        if self.chance(0.4):
            rules["answer_days"] = self.between(10, 120)
        elif self.chance(0.5):
            rules["answer_months"] = self.between(1, 6)
        if self.chance(0.5):
            rules["review_months"] = self.between(6, 18)
        return Duty(text={"en": "It answers."}, **rules)

    def kept(self, size: int) -> tuple[FixedSeats, ...]:
        if not self.chance(0.3):
            return ()
        return (FixedSeats(key="few", title=TITLE, seats=max(1, size // 8)),)

    def alternates(self, size: int) -> int | Literal["equal"] | None:
        choices: tuple[int | Literal["equal"] | None, ...] = (None, 0, self.between(1, size), "equal")
        return choices[self.between(0, 3)]

    def between(self, low: int, high: int) -> int:
        return int(self.random.integers(low, high + 1))

    def chance(self, share: float) -> bool:
        return bool(self.random.random() < share)
