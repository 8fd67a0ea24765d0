"""Plays the council of the model municipality: drawn once, and after six months eight leave and eight enter.

Whoever leaves passes a word on; whoever enters gets the dossier and confirms to have read it. One seat changes hands
before, as a member resigns and an alternate moves up.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from isegoria_web import clock
from isegoria_web.accounts.actors import Actor
from isegoria_web.demo import people
from isegoria_web.demo.acts import acts_of, perform
from isegoria_web.demo.calendar import Plan, midnight
from isegoria_web.demo.deliberating import Deliberating
from isegoria_web.demo.drawing import Drawing
from isegoria_web.demo.handing_over import HandingOver
from isegoria_web.demo.scene import Scene, Step, Story
from isegoria_web.demo.story import read
from isegoria_web.institutions.models import Institution
from isegoria_web.membership import rotating
from isegoria_web.membership.models import Rotation

FIRST = Plan(
    opened=306, announced=302, drawn=299, reply_by=272, pool_closed=270, committed=269, panel_drawn=266,
    accepted=256, dossier=250, meetings=(240,), words=86,
)  # fmt: skip
SECOND = Plan(
    opened=136, announced=132, drawn=129, reply_by=106, pool_closed=104, committed=103, panel_drawn=100,
    accepted=90, dossier=62, meetings=(45,), handed_over=84, confirmed=50,
)  # fmt: skip
FEATURES = ("sex", "age")
ROTATED = FIRST.accepted - 185 if FIRST.accepted else None
"""Six months after the first seats were taken, or up to four days later, as months are long."""


@dataclass(frozen=True)
class CouncilPlay:
    """Two cohorts of the council, as acts on their days."""

    first: Scene
    second: Scene

    def steps(self) -> Iterator[Step]:
        """Yield what happens from the first mandate to the first meeting with those who entered."""
        for scene in (self.first, self.second):
            yield from Drawing(scene).steps()
            yield from Deliberating(scene).steps()
        yield from HandingOver(self.first, self.second).steps()
        yield ROTATED, "01:00", "Eight leave, eight enter", self.rotate

    def rotate(self) -> None:
        """Carry the rotation out on its day, as the software does by itself shortly after midnight."""
        rotation = Rotation.objects.get(cycle=self.second.cycle)
        with clock.at(midnight(rotation.on) + timedelta(minutes=10)):
            rotating.rotate_due()


def play(
    institution: Institution,
    staff: dict[str, Actor],
    features: list[Story],
    register_file: Path,
    today: date,
    say: Callable[[str], None],
) -> None:
    """Play the council of an institution whose rule book lets it rotate.

    Parameters
    ----------
    staff
        Who holds a role there; two of the secretariat, a facilitator, the authority and an observer are needed.
    features
        Those of the demonstration's story; sex and age are taken.
    register_file
        The register of residents.
    today
        The day of playing.
    say
        Receives one line for every act.
    """
    chosen = [each for each in features if each["key"] in FEATURES]
    story = read("council")
    first, second = (
        Scene(
            number=number, story=texts, plan=plan, institution=institution, staff=staff, features=chosen,
            sources=story["sources"], register_file=register_file, today=today, key=f"council-{number}",
            body="council", login=people.COUNCILLOR if number == len(story["cohorts"]) else "",
        )
        for number, (texts, plan) in enumerate(zip(story["cohorts"], (FIRST, SECOND), strict=True), start=1)
    )  # fmt: skip
    perform(acts_of("Council", CouncilPlay(first, second).steps()), today, say)
