"""Plays the cycles of the demonstration, act by act, through the services that everybody uses.

Nothing is written past them: every act is allowed by its policy, checked, journalled, and happens at the
hour on which the clock stands. The people are invented; the register, the lots and the counts are real.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import date
from itertools import chain
from pathlib import Path

from isegoria_web import clock
from isegoria_web.accounts.actors import Actor
from isegoria_web.demo import agenda, algorithms, costs, council, draws, parliament, people
from isegoria_web.demo.acts import Act, acts_of, perform
from isegoria_web.demo.answering import Answering
from isegoria_web.demo.calendar import FOUNDED, PLANS, day, moment
from isegoria_web.demo.deciding import Deciding
from isegoria_web.demo.deliberating import Deliberating
from isegoria_web.demo.drawing import Drawing
from isegoria_web.demo.handing_over import HandingOver
from isegoria_web.demo.scene import Scene, Step, Story
from isegoria_web.institutions import services as institutions
from isegoria_web.institutions.enums import Level
from isegoria_web.institutions.models import Institution
from isegoria_web.journal.jobs import sign_and_export

LOGINS = {1: people.FORMER_MEMBER, 2: people.MEMBER}
"""Cycle to the login of its first member."""
SMALL = 4000
"""Residents of the smaller institutions."""


def play(story: Story, rule_book_text: str, register_file: Path, say: Callable[[str], None]) -> Institution:
    """Found the institution and play its cycles, in the order of their days.

    Parameters
    ----------
    story
        The texts, as `story.read` gives them.
    rule_book_text
        The rule book from which the institution is founded, as TOML.
    register_file
        The register of residents, as any register holder would deliver it.
    say
        Receives one line for every act.
    """
    today = clock.now().date()
    with clock.at(moment(today, FOUNDED, "09:00")):
        say("Institution founded from its rule book")
        institution = _found(story["institution"], rule_book_text, day(today, FOUNDED))
        staff = people.make_staff(institution)
    scenes = [
        Scene(
            number=number, story=texts, plan=plan, institution=institution, staff=staff,
            features=story["features"], sources=story["sources"], register_file=register_file, today=today,
            key=str(number), login=LOGINS.get(number, ""),
        )
        for number, (texts, plan) in enumerate(zip(story["cycles"], PLANS, strict=True), start=1)
    ]  # fmt: skip
    acts = [act for scene in scenes for act in acts_of(f"cycle {scene.number}", _cycle(scene))]
    acts += acts_of("handover", HandingOver(scenes[0], scenes[1]).steps())
    acts += _beside_the_cycles(story, scenes)
    perform(acts, today, say)
    _smaller_institutions(story["features"], register_file.with_name("small-register.csv"), today, say)
    sign_and_export()
    return institution


def _smaller_institutions(
    features: list[Story], register_file: Path, today: date, say: Callable[[str], None]
) -> None:
    """Play the model municipality, whose council rotates, and the model parliament, whose committee is mixed."""
    algorithms.write_register(register_file, SMALL)
    draws.play(
        features,
        today,
        say,
        meanwhile=lambda here: council.play(
            here.institution, here.staff, features, register_file, today, say
        ),
    )
    parliament.play(features, register_file, today, say)


def _cycle(scene: Scene) -> Iterator[Step]:
    """Return what happens in a cycle from its mandate to the verdict on the answers."""
    return chain(
        Drawing(scene).steps(),
        Deliberating(scene).steps(),
        Deciding(scene).steps(),
        Answering(scene).steps(),
    )


def _beside_the_cycles(story: Story, scenes: Sequence[Scene]) -> list[Act]:
    """Return the acts of the agenda, and of the members' costs in the cycle that is in session."""
    now = scenes[1]
    themes = [
        agenda.ThemePlay(
            number, each, now.institution, now.staff, now.someone, now.register_file, now.today
        )
        for number, each in enumerate(story["themes"], start=1)
    ]
    found = [act for each in themes for act in acts_of(f"theme {each.number}", each.steps())]
    paid = costs.CostsPlay(now.institution, now.staff, story["costs"], now.plan.meetings, now.number)
    return found + acts_of("costs", paid.steps())


def _found(texts: Story, rule_book_text: str, founded_on: date) -> Institution:
    return institutions.found_institution(
        actor=Actor.system(),
        slug=texts["slug"],
        name=texts["name"],
        summary=texts["summary"],
        authority_name=texts["authority"],
        level=Level.REGION,
        rule_book_text=rule_book_text,
        founded_on=founded_on,
        accent=texts["accent"],
        contact_email=texts["contact_email"],
        contact_phone=texts["contact_phone"],
        is_demonstration=True,
    )
