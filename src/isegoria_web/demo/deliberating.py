"""From the first dossier to the last table talk: evidence, meetings, questions, statements, questionnaires."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta

from isegoria.seeding import Stream, seed_from_text
from isegoria_web import clock
from isegoria_web.deliberation import noting
from isegoria_web.deliberation import services as deliberation
from isegoria_web.deliberation.enums import Stance
from isegoria_web.deliberation.models import Statement
from isegoria_web.demo.calendar import moment
from isegoria_web.demo.scene import SEED, Scene, Step, Story, past
from isegoria_web.evaluation import services as evaluation
from isegoria_web.evaluation.models import Questionnaire
from isegoria_web.evidence import services as evidence
from isegoria_web.evidence.models import Question, Speaker
from isegoria_web.institutions import moving
from isegoria_web.institutions.enums import Stage
from isegoria_web.meetings import services as meetings
from isegoria_web.meetings.enums import Presence
from isegoria_web.meetings.models import Meeting, Table
from isegoria_web.meetings.people import appointees_at
from isegoria_web.membership import services as membership
from isegoria_web.membership.enums import EndReason, TermStatus
from isegoria_web.membership.models import Term

TABLE_SIZE = 6
QUESTION_DAYS = 14


@dataclass(frozen=True)
class Deliberating:
    """How the members of a cycle learn and deliberate, as acts on their days."""

    scene: Scene
    speakers: dict[str, Speaker] = field(default_factory=dict)

    def steps(self) -> Iterator[Step]:
        """Yield what happens until the drafts are written, and the questionnaire afterwards."""
        plan = self.scene.plan
        if "dossier" in self.scene.story:
            yield plan.dossier, "10:00", "Dossier and speakers", self.publish_dossier
        if "questionnaire" in self.scene.story:
            yield plan.dossier, "12:00", "Questionnaire before", self.ask_before
            yield past(plan.ballots_close), "21:00", "Questionnaire after", self.ask_after
        for number, days_ago in enumerate(plan.meetings, start=1):
            yield plan.dossier, f"11:{number:02}", f"Meeting {number} called", self._call(number)
            yield past(days_ago), "17:00", f"Meeting {number}", self._hold(number)

    # -- dossier, meetings, tables ----------------------------------------------------------------

    def publish_dossier(self) -> None:
        """Speakers declare their interests, the dossier is published, members ask."""
        for each in self.scene.story["speakers"]:
            self.speakers[each["key"]] = evidence.invite_speaker(
                actor=self.scene.staff["secretariat"], cycle=self.scene.cycle, name=each["name"], role=each["role"],
                chosen_by=each["chosen_by"], interests=each["interests"],
                user=self.scene.staff["expert"].user if each["key"] == "librarian" else None,
            )  # fmt: skip
        dossier = self.scene.story["dossier"]
        evidence.publish_dossier(
            actor=self.scene.staff["secretariat"],
            cycle=self.scene.cycle,
            title=dossier["title"],
            introduction=dossier["introduction"],
            evidence=[
                {**each, "speaker": self.speakers.get(each.get("speaker", ""))}
                for each in dossier["evidence"]
            ],
        )

    def _call(self, number: int) -> Callable[[], None]:
        def call() -> None:
            each = self.scene.story["meetings"][number - 1]
            days_ago = self.scene.plan.meetings[number - 1]
            meeting = meetings.call_meeting(
                actor=self.scene.staff["secretariat"],
                cycle=self.scene.cycle,
                title=each["title"],
                place=each["place"],
                starts_at=moment(self.scene.today, days_ago, "09:00"),
                ends_at=moment(self.scene.today, days_ago, "17:00"),
                items=[
                    {
                        "starts_at": moment(self.scene.today, days_ago, item["at"]),
                        "kind": item["kind"],
                        "title": item["title"],
                    }
                    for item in each["items"]
                ],
            )
            self._plan_tables(meeting)

        return call

    def _plan_tables(self, meeting: Meeting) -> None:
        facilitator = self.scene.staff["facilitator"].user
        meetings.plan_tables(
            actor=self.scene.staff["secretariat"],
            meeting=meeting,
            table_size=TABLE_SIZE,
            rounds=2,
            seed_text=f"meeting {self.scene.key}.{meeting.number}",
            facilitators=[facilitator] if facilitator else [],
        )

    def _hold(self, number: int) -> Callable[[], None]:
        def hold() -> None:
            meeting = self.scene.cycle.meetings.get(number=number)
            absent = self.scene.number + number + 3  # somebody is ill each time
            meetings.take_attendance(
                actor=self.scene.staff["facilitator"],
                meeting=meeting,
                presences={
                    member.number: Presence.EXCUSED if member.number == absent else Presence.PRESENT
                    for member in self.scene.members()
                },
                appointed={one.pk: Presence.PRESENT for one in appointees_at(meeting)},
            )
            if number == 1:
                self._ask_questions()
                if self.scene.story.get("somebody_leaves", True):
                    self._somebody_leaves()
            self._take_notes(meeting)
            self._advance(number)

        return hold

    def _advance(self, number: int) -> None:
        stage = (Stage.LEARNING, Stage.DELIBERATING, Stage.DECIDING)[number - 1]
        moving.advance(actor=self.scene.staff["secretariat"], cycle=self.scene.cycle, to=stage)

    def _ask_questions(self) -> None:
        members = self.scene.members()
        for index, each in enumerate(self.scene.story.get("questions", ())):
            question = evidence.ask_question(
                actor=self.scene.actor_of(members[index]),
                cycle=self.scene.cycle,
                text=each["text"],
                language=each["language"],
                speaker=self.speakers.get(each.get("speaker", "")),
                due_on=clock.today(self.scene.institution.time_zone) + timedelta(days=QUESTION_DAYS),
            )
            if "reply" in each:
                self._reply(question, each)

    def _reply(self, question: Question, each: Story) -> None:
        with clock.at(clock.now() + timedelta(minutes=20)):
            evidence.reply(
                actor=self.scene.staff["secretariat"],
                question=question,
                text=each["reply"],
                language=each.get("reply_language", "de"),
            )

    def _somebody_leaves(self) -> None:
        """One member resigns; the alternate of the published rule takes her seat the same second."""
        leaving = self.scene.members()[-1]
        term = Term.objects.get(member=leaving, status=TermStatus.ACTIVE)
        membership.leave_seat(
            actor=self.scene.staff["secretariat"],
            term=term,
            reason=EndReason.RESIGNATION,
            on=clock.today(self.scene.institution.time_zone),
        )
        for offered in self.scene.terms(TermStatus.OFFERED):
            membership.accept_seat(actor=self.scene.staff["secretariat"], term=offered)

    def _take_notes(self, meeting: Meeting) -> None:
        mine = [note for note in self.scene.story.get("notes", ()) if note["meeting"] == meeting.number]
        tables = Table.objects.filter(plan__meeting=meeting).order_by("round", "number")
        for each, table in zip(mine, tables, strict=False):
            language = each.get("language", "de")
            note = noting.take_note(
                actor=self.scene.staff["facilitator"], table=table, text=each["text"], language=language
            )
            for text in each["statements"]:
                statement = deliberation.make_statement(
                    actor=self.scene.staff["facilitator"],
                    cycle=self.scene.cycle,
                    text=text,
                    language=language,
                    note=note,
                )
                self._react(statement)

    def _react(self, statement: Statement) -> None:
        stream = Stream(seed_from_text(SEED), f"reactions {self.scene.key}.{statement.number}")
        liking = 35 + stream.below(60)
        for member in self.scene.members()[1:]:  # the newcomer at the browser has not reacted yet
            lot = stream.below(100)
            stance = Stance.AGREE if lot < liking else Stance.DISAGREE if lot < liking + 25 else Stance.PASS
            deliberation.react(actor=self.scene.actor_of(member), statement=statement, stance=stance)

    def ask_before(self) -> None:
        """Ask the members what they think before they deliberate."""
        sentences = [each["text"] for each in self.scene.story["questionnaire"]]
        asked = evaluation.open_questionnaire(
            actor=self.scene.staff["secretariat"], cycle=self.scene.cycle, sentences=sentences
        )
        self._fill_in(asked, "before")

    def ask_after(self) -> None:
        """Ask them the same again, and count what changed."""
        asked = (
            Questionnaire.objects.select_related("cycle__institution")
            .filter(cycle=self.scene.cycle)
            .first()
        )
        if asked is not None:
            asked = evaluation.ask_again(actor=self.scene.staff["secretariat"], questionnaire=asked)
            self._fill_in(asked, "after")
            evaluation.close_questionnaire(actor=self.scene.staff["secretariat"], questionnaire=asked)

    def _fill_in(self, asked: Questionnaire, phase: str) -> None:
        for place, member in enumerate(self.scene.members()):
            answers = {
                str(number): each[phase][place % len(each[phase])]
                for number, each in enumerate(self.scene.story["questionnaire"], 1)
            }
            evaluation.reply(actor=self.scene.actor_of(member), questionnaire=asked, answers=answers)
