"""Plays three draws of a model municipality, so that a visitor sees each state of the ceremony.

The first was decided by a round of the beacon drand that the network really signed; the second is open to objections;
the third counts down. Their people are invented; nobody answers letters here.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from isegoria.seeding import Stream, seed_from_text
from isegoria_web import clock
from isegoria_web.accounts.actors import Actor
from isegoria_web.demo import algorithms, people
from isegoria_web.demo.calendar import moment
from isegoria_web.demo.story import read
from isegoria_web.institutions import moving
from isegoria_web.institutions import services as institutions
from isegoria_web.institutions.algorithms import text_with
from isegoria_web.institutions.enums import Level, Stage
from isegoria_web.institutions.models import Cycle, Institution
from isegoria_web.lottery import ceremony
from isegoria_web.lottery import services as lottery
from isegoria_web.lottery.algorithms import SourcePlan
from isegoria_web.lottery.enums import SourceKind
from isegoria_web.lottery.models import Draw, RandomSource

Story = dict[str, Any]
SEED = "isegoria demonstration of draws"
PEOPLE, SEATS, ALTERNATES = 160, 25, 8
ROUND_AT = datetime(2023, 9, 15, 11, 0, 3, tzinfo=UTC)
SIGNATURE = (
    "b713718a38ae728dfd477991af2822e08d2f305e47718cef9f7848ce4050e7be41076862b98fad56e91a6b85b89cd97b"
)
"""Round 657413 of the network quicknet, as drand published it."""
FEATURES = ("sex", "age")
OFTEN = {"bodies.assembly.per_calendar_year": [1, 3]}
"""Other than in the municipal starter: its three draws lie close together."""


@dataclass(frozen=True)
class Municipality:
    """The model municipality, its people with a role, and the texts of its cycles."""

    institution: Institution
    staff: dict[str, Actor]
    story: Story
    features: list[Story]

    def open(self, number: int) -> Cycle:
        """Open a cycle, sign its mandate, and set what its panel must look like."""
        texts, secretariat = self.story["cycles"][number], self.staff["secretariat"]
        cycle = institutions.open_cycle(
            actor=secretariat, institution=self.institution, body=self.institution.bodies.get(key="assembly"),
            title=texts["title"], question=texts["question"], scope=texts["scope"], panel_size=SEATS,
            alternates=ALTERNATES,
        )  # fmt: skip
        cycle = institutions.sign_mandate(actor=self.staff["authority"], cycle=cycle)
        lottery.set_features(actor=secretariat, cycle=cycle, features=self.features)
        lottery.propose_quotas(actor=secretariat, cycle=cycle)
        return cycle

    def announce(self, cycle: Cycle, number: int, *plans: SourcePlan) -> Draw:
        """Freeze a pool of invented people and name the randomness to come."""
        stream = Stream(seed_from_text(SEED), f"people {number}")
        values = {each["key"]: [value["key"] for value in each["values"]] for each in self.features}
        people = [
            {key: of[stream.below(len(of))] for key, of in values.items()} for _person in range(PEOPLE)
        ]
        draw, _entries = lottery.freeze_pool(
            actor=self.staff["secretariat"], cycle=cycle, entries=people,
            source=self.story["cycles"][number]["source"], source_due_at=max(plan.due_at for plan in plans),
            sources=plans,
        )  # fmt: skip
        moving.advance(actor=self.staff["secretariat"], cycle=cycle, to=Stage.DRAWING)
        return draw

    def commit(self, draw: Draw) -> None:
        """Compute the fairest lottery and publish it."""
        lottery.commit_lottery(actor=self.staff["secretariat"], draw=draw)

    def write_down(self, source: RandomSource, value: str) -> None:
        """Two people write down what fell, each for themselves."""
        film = self.story["film"]
        for person in ("secretariat", "observer"):
            ceremony.enter_reading(
                actor=self.staff[person], source=source, value=value, film=film["place"],
                notary=film["notary"],
            )  # fmt: skip


def play(
    features: list[Story],
    today: date,
    say: Callable[[str], None],
    meanwhile: Callable[[Municipality], None] | None = None,
) -> Institution:
    """Found the model municipality and play its three draws.

    Parameters
    ----------
    features
        Those of the demonstration's story; sex and age are taken.
    today
        The day of playing.
    say
        Receives one line for every draw.
    meanwhile
        What else happens there between the first draw, which is years old, and the second one.
    """
    here = found(features)
    say("Model municipality: a draw by the beacon, final")
    _by_the_beacon(here)
    if meanwhile is not None:
        meanwhile(here)
    say("Model municipality: a draw open to objections")
    _open_to_objections(here, today)
    say("Model municipality: a draw counting down")
    _counting_down(here, today)
    return here.institution


def found(features: list[Story]) -> Municipality:
    story = read("draws")
    texts = story["institution"]
    rules = text_with(algorithms.rule_book_text("municipal-starter"), OFTEN)
    with clock.at(ROUND_AT - timedelta(days=40)):
        institution = institutions.found_institution(
            actor=Actor.system(), slug=texts["slug"], name=texts["name"], summary=texts["summary"],
            authority_name=texts["authority"], level=Level.MUNICIPALITY,
            rule_book_text=rules, founded_on=clock.now().date(),
            accent=texts["accent"], contact_email=texts["contact_email"], contact_phone=texts["contact_phone"],
            is_demonstration=True,
        )  # fmt: skip
        staff = people.make_colleagues(institution, "de")
        people.begin(institution)
    chosen = [
        {
            "key": each["key"],
            "name": each["name"],
            "source": "Demonstration",
            "values": [
                {
                    "key": value["key"],
                    "name": value["name"],
                    "population": story["populations"][value["key"]],
                }
                for value in each["values"]
            ],
        }
        for each in features
        if each["key"] in FEATURES
    ]
    return Municipality(institution, staff, story, chosen)


def _by_the_beacon(here: Municipality) -> None:
    with clock.at(ROUND_AT - timedelta(days=20)):
        cycle = here.open(0)
    with clock.at(ROUND_AT - timedelta(days=3)):
        draw = here.announce(cycle, 0, SourcePlan(SourceKind.BEACON, ROUND_AT))
        here.commit(draw)
    with clock.at(ROUND_AT + timedelta(minutes=1)):
        ceremony.enter_beacon(actor=here.staff["observer"], source=draw.sources.get(), signature=SIGNATURE)
        draw = lottery.draw_panel(actor=Actor.system(), draw=draw)
    if draw.challenge_ends_at is not None:
        with clock.at(draw.challenge_ends_at):
            ceremony.finish_challenges()


def _open_to_objections(here: Municipality, today: date) -> None:
    """One objection is answered in public; another one waits, and until it is answered the draw is not final."""
    texts, thrown_at = here.story["cycles"][1], moment(today, 1, "18:00")
    with clock.at(moment(today, 30, "09:00")):
        cycle = here.open(1)
    with clock.at(moment(today, 5, "09:00")):
        draw = here.announce(cycle, 1, SourcePlan(SourceKind.DICE, thrown_at, 12, 6))
        here.commit(draw)
    with clock.at(moment(today, 1, "18:04")):
        stream = Stream(seed_from_text(SEED), "dice")
        here.write_down(draw.sources.get(), "-".join(str(stream.below(6) + 1) for _die in range(12)))
        draw = lottery.draw_panel(actor=Actor.system(), draw=draw)
    raised = []
    for minute, each in enumerate(texts["objections"]):
        with clock.at(moment(today, 1, f"19:{10 + 20 * minute}")):
            raised.append(ceremony.raise_objection(draw=draw, text=each["text"], language=each["language"]))
    with clock.at(moment(today, 1, "20:30")):
        ceremony.answer_objection(
            actor=here.staff["secretariat"], objection=raised[0], answer=texts["answer"], show_text=True
        )


def _counting_down(here: Municipality, today: date) -> None:
    due = moment(today, -6, "18:00")
    with clock.at(moment(today, 25, "09:00")):
        cycle = here.open(2)
    with clock.at(moment(today, 2, "09:00")):
        draw = here.announce(
            cycle, 2, SourcePlan(SourceKind.BALLS, due, 6, 49), SourcePlan(SourceKind.BEACON, due)
        )
    with clock.at(moment(today, 2, "10:00")):
        here.commit(draw)
