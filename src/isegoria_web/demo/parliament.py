"""Plays a committee of a model parliament in which citizens drawn by lot sit beside members of parliament.

After a hearing they recommend two things. The citizens vote in secret, the members of parliament by name: the first time
in the site, the second time called by name in the room. Both outcomes are public; only the second one differs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from isegoria_web import clock
from isegoria_web.accounts.actors import Actor
from isegoria_web.ballots import open_votes, roll_calls
from isegoria_web.ballots.models import RollCall, RollCallRecord
from isegoria_web.demo import algorithms, people
from isegoria_web.demo.acts import acts_of, perform
from isegoria_web.demo.calendar import Plan, day, moment
from isegoria_web.demo.deciding import Deciding, drafts_of
from isegoria_web.demo.deliberating import Deliberating
from isegoria_web.demo.drawing import Drawing
from isegoria_web.demo.scene import Scene, Step, Story
from isegoria_web.demo.story import read
from isegoria_web.institutions import moving
from isegoria_web.institutions import services as institutions
from isegoria_web.institutions.enums import Level, Stage
from isegoria_web.institutions.models import Institution
from isegoria_web.membership import appointing
from isegoria_web.membership.models import Appointee

RULE_BOOK, BODY, COLLEGE = "brussels-committees", "cocof", "members-of-parliament"
FEATURES = ("sex", "age")
FOUNDED = 200
PLAN = Plan(
    opened=190, announced=186, drawn=183, reply_by=160, pool_closed=158, committed=157, panel_drawn=154,
    accepted=144, dossier=140, meetings=(130, 109), drafted=100, ballots_opened=95, ballots_close=90,
    names_called=88, report=60,
)  # fmt: skip


@dataclass(frozen=True)
class CommitteePlay:
    """The one cycle of a mixed committee, as acts on their days."""

    scene: Scene
    appointed: Story

    def steps(self) -> Iterator[Step]:
        """Yield what happens from the mandate to the report."""
        plan = self.scene.plan
        yield from Drawing(self.scene).steps()
        yield plan.accepted, "11:00", "Members of parliament appointed", self.appoint
        yield from Deliberating(self.scene).steps()
        yield plan.ballots_opened, "14:00", "Decision begins", self.begin_decision
        yield from Deciding(self.scene).steps()
        yield plan.names_called, "10:00", "Members of parliament begin to vote in the site", self.open_vote
        yield plan.names_called, "16:05", "Their vote closed by two persons", self.close_vote
        yield plan.names_called, "17:00", "Members of parliament called by name", self.call_names

    def appoint(self) -> None:
        """Give each member of parliament her seat and an account; the newcomer at the browser is the first of them."""
        secretariat = self.scene.staff["secretariat"]
        for number, each in enumerate(self.appointed["people"], start=1):
            appointee = appointing.appoint(
                actor=secretariat, cycle=self.scene.cycle, college=COLLEGE, name=each["name"], group=each["group"],
                decision=self.appointed["decision"], starts_on=clock.today(self.scene.institution.time_zone),
            )  # fmt: skip
            key = people.DEPUTY if number == 1 else f"{people.DEPUTY}-{number}"
            appointing.invite_appointee(
                actor=secretariat, appointee=appointee, email=people.email_of(key), language="fr"
            )

    def begin_decision(self) -> None:
        """The drafts are written: the committee decides."""
        moving.advance(actor=self.scene.staff["secretariat"], cycle=self.scene.cycle, to=Stage.DECIDING)

    def open_vote(self) -> None:
        """Let the members of parliament vote in the site, and everybody votes who is there."""
        for roll_call, each in self._roll_calls():
            if not each.get("in_site"):
                continue
            record = open_votes.open_vote(
                actor=self.scene.staff["secretariat"], roll_call=roll_call,
                closes_at=moment(self.scene.today, self.scene.plan.names_called or 0, "16:00"),
            )  # fmt: skip
            for appointee, voice in self._voices(roll_call, each):
                if voice["said"]:
                    open_votes.cast_openly(
                        actor=self.scene.actor_of(appointee), record=record, choice=voice["said"],
                        reasons=voice.get("reasons", ""),
                    )  # fmt: skip

    def close_vote(self) -> None:
        """Two persons close the vote in the site; only now anybody sees it."""
        for roll_call, _each in self._roll_calls():
            if (waiting := roll_call.waiting) is not None:
                closed = open_votes.close_vote(actor=self.scene.staff["secretariat"], record=waiting)
                self._confirm(closed)

    def call_names(self) -> None:
        """Two persons write down how each member of parliament voted when her name was called."""
        for roll_call, each in self._roll_calls():
            if each.get("in_site"):
                continue
            voices = self._voices(roll_call, each)
            written = roll_calls.enter_roll_call(
                actor=self.scene.staff["secretariat"], roll_call=roll_call,
                held_on=clock.today(self.scene.institution.time_zone),
                choices={appointee.pk: voice["said"] for appointee, voice in voices},
                reasons={appointee.pk: voice.get("reasons", "") for appointee, voice in voices},
            )  # fmt: skip
            self._confirm(written)

    def _confirm(self, record: RollCallRecord) -> None:
        roll_calls.confirm_roll_call(actor=self.scene.staff["observer"], record=record)

    def _roll_calls(self) -> list[tuple[RollCall, Story]]:
        return [
            (RollCall.objects.get(ballot=recommendation.ballot, college=COLLEGE), each)
            for recommendation, each in drafts_of(self.scene)
        ]

    def _voices(self, roll_call: RollCall, each: Story) -> list[tuple[Appointee, Story]]:
        roll = roll_calls.roll_of(roll_call, clock.today(self.scene.institution.time_zone))
        return list(zip(roll, each["names"], strict=True))


def play(
    features: list[Story], register_file: Path, today: date, say: Callable[[str], None]
) -> Institution:
    """Found the committees of the model parliament and play one of them.

    Parameters
    ----------
    features
        Those of the demonstration's story; sex and age are taken.
    register_file
        The register of residents.
    today
        The day of playing.
    say
        Receives one line for every act.
    """
    story = read("parliament")
    with clock.at(moment(today, FOUNDED, "09:00")):
        institution = _found(story["institution"], day(today, FOUNDED))
        staff = people.make_colleagues(institution, "fr")
        people.begin(institution)
    scene = Scene(
        number=1, story=story["cycle"], plan=PLAN, institution=institution, staff=staff,
        features=[each for each in features if each["key"] in FEATURES], sources=story["sources"],
        register_file=register_file, today=today, key="committee", body=BODY,
    )  # fmt: skip
    perform(acts_of("Committee", CommitteePlay(scene, story["appointed"]).steps()), today, say)
    return institution


def _found(texts: Story, founded_on: date) -> Institution:
    return institutions.found_institution(
        actor=Actor.system(), slug=texts["slug"], name=texts["name"], summary=texts["summary"],
        authority_name=texts["authority"], level=Level.REGION,
        rule_book_text=algorithms.rule_book_text(RULE_BOOK), founded_on=founded_on, accent=texts["accent"],
        contact_email=texts["contact_email"], contact_phone=texts["contact_phone"], is_demonstration=True,
    )  # fmt: skip
