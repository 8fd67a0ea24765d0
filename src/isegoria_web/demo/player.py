"""Plays the cycles of the demonstration, act by act, through the services that everybody uses.

Nothing is written past them: every act is allowed by its policy, checked, journalled, and happens at the
hour on which the clock stands. The people are invented; the register, the lots and the counts are real.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings

from isegoria.seeding import Stream, seed_from_text
from isegoria_web import clock
from isegoria_web.accounts.actors import Actor
from isegoria_web.ballots import services as ballots
from isegoria_web.ballots.enums import BallotKind, Choice
from isegoria_web.deliberation import noting
from isegoria_web.deliberation import services as deliberation
from isegoria_web.deliberation.enums import Stance
from isegoria_web.deliberation.models import Statement
from isegoria_web.demo import agenda, algorithms, costs, draws, people
from isegoria_web.demo.calendar import FOUNDED, PLANS, Plan, day, moment
from isegoria_web.evaluation import services as evaluation
from isegoria_web.evaluation.models import Questionnaire
from isegoria_web.evidence import services as evidence
from isegoria_web.evidence.models import Question, Speaker
from isegoria_web.followup import services as followup
from isegoria_web.followup.enums import CommitmentStatus, Position, Satisfaction
from isegoria_web.followup.models import Commitment
from isegoria_web.institutions import moving
from isegoria_web.institutions import services as institutions
from isegoria_web.institutions.enums import Level, Stage
from isegoria_web.institutions.models import Cycle, Institution
from isegoria_web.journal.jobs import sign_and_export
from isegoria_web.lottery import ceremony
from isegoria_web.lottery import services as lottery
from isegoria_web.lottery.algorithms import SourcePlan
from isegoria_web.lottery.changing import confirm_quotas_change, propose_quotas_change
from isegoria_web.lottery.enums import SourceKind
from isegoria_web.lottery.models import Draw
from isegoria_web.meetings import services as meetings
from isegoria_web.meetings.enums import Presence
from isegoria_web.meetings.models import Meeting, Table
from isegoria_web.membership import services as membership
from isegoria_web.membership.enums import EndReason, TermStatus
from isegoria_web.membership.models import Member, Term
from isegoria_web.recommendations import services as recommendations
from isegoria_web.recommendations.models import Recommendation
from isegoria_web.recruitment import answering, batches
from isegoria_web.recruitment import services as recruitment
from isegoria_web.recruitment.models import Campaign, Invitation, Respondent
from isegoria_web.register import services as register
from isegoria_web.register.models import Extract

Story = dict[str, Any]
TABLE_SIZE = 6
QUESTION_DAYS = 14
ERASE_EXTRACT_DAYS = 400
SEED = "isegoria demonstration"


@dataclass(frozen=True)
class Act:
    """Something that happens on a day before the day of playing, at an hour."""

    days_ago: int
    hour: str
    name: str
    do: Callable[[], None]


@dataclass
class CyclePlay:
    """One cycle of the story, as acts on their days."""

    number: int
    story: Story
    plan: Plan
    institution: Institution
    staff: dict[str, Actor]
    features: list[Story]
    sources: Story
    register_file: Path
    today: date
    cycle: Cycle = field(init=False)
    speakers: dict[str, Speaker] = field(default_factory=dict)

    # -- the acts, in the order of their days -----------------------------------------------------

    def acts(self) -> Iterable[Act]:
        """Yield what happens in this cycle as far as its plan goes."""
        plan = self.plan
        steps: list[tuple[int | None, str, str, Callable[[], None]]] = [
            (plan.opened, "09:00", "Mandate", self.open_and_sign),
            (plan.announced, "10:00", "Register read, letters announced", self.announce_letters),
            (plan.drawn, "18:30", "Letters drawn by lot and printed", self.draw_letters),
            (plan.drawn - 5, "12:00", "Letters answered", self.answer_letters),
            (plan.pool_closed, "09:00", "Pool frozen", self.close_pool),
            (plan.committed, "09:00", "Lottery computed and committed", self.commit_lottery),
            (plan.panel_drawn, "18:30", "Panel drawn by lot", self.draw_panel),
            (self._final(plan.drawn), "19:00", "Draw of the letters final", self.finish_draws),
            (self._final(plan.panel_drawn), "19:00", "Draw of the panel final", self.finish_draws),
            (plan.accepted, "10:00", "Seats taken", self.take_seats),
            (plan.dossier, "10:00", "Dossier and speakers", self.publish_dossier),
            (plan.dossier, "12:00", "Questionnaire before", self.ask_before),
            *self._meeting_acts(),
            (plan.drafted, "10:00", "Drafts and amendments", self.draft),
            (plan.ballots_opened, "15:00", "Secret ballots opened", self.open_ballots),
            (self._past(plan.ballots_close), "20:05", "Ballots counted", self.close_ballots),
            (self._past(plan.ballots_close), "21:00", "Questionnaire after", self.ask_after),
            (plan.minority, "10:00", "Minority opinion", self.add_minority_opinions),
            (plan.report, "11:00", "Report handed over", self.hand_over),
            (plan.answers, "14:00", "The authority answers", self.answer),
            (plan.progress, "10:00", "The authority reports progress", self.report_progress),
            (plan.verdicts, "10:00", "The citizens' verdict", self.give_verdicts),
        ]
        return [
            Act(when, hour, f"cycle {self.number}: {name}", do)
            for when, hour, name, do in steps
            if when is not None
        ]

    def _meeting_acts(self) -> list[tuple[int | None, str, str, Callable[[], None]]]:
        acts: list[tuple[int | None, str, str, Callable[[], None]]] = []
        for number, days_ago in enumerate(self.plan.meetings, start=1):
            acts.append(
                (self.plan.dossier, f"11:{number:02}", f"Meeting {number} called", self._call(number))
            )
            if days_ago > 0:
                acts.append((days_ago, "17:00", f"Meeting {number}", self._hold(number)))
        return acts

    @staticmethod
    def _past(days_ago: int | None) -> int | None:
        return days_ago if days_ago is not None and days_ago > 0 else None

    @staticmethod
    def _final(drawn: int | None) -> int | None:
        """Return the day on which a draw is final, in days ago."""
        return None if drawn is None else drawn - settings.CHALLENGE_DAYS

    # -- mandate, letters, answers ----------------------------------------------------------------

    def open_and_sign(self) -> None:
        """The secretariat opens the cycle; the authority signs its mandate."""
        self.cycle = institutions.open_cycle(
            actor=self.staff["secretariat"],
            institution=self.institution,
            body=self.institution.bodies.get(key="assembly"),
            title=self.story["title"],
            question=self.story["question"],
            scope=self.story["scope"],
            panel_size=self.story["panel_size"],
            alternates=self.story["alternates"],
            quorum_share=self.story["quorum_share"],
            promised_answer_days=self.story["promised_answer_days"],
            planned=self._planned(),
        )
        self.cycle = institutions.sign_mandate(actor=self.staff["authority"], cycle=self.cycle)

    def _planned(self) -> dict[Stage, date]:
        plan = self.plan
        stages = {
            Stage.MANDATE: plan.opened, Stage.INVITING: plan.drawn, Stage.DRAWING: plan.panel_drawn,
            Stage.SEATED: plan.accepted, Stage.LEARNING: plan.meetings[0] if plan.meetings else None,
            Stage.DELIBERATING: plan.meetings[1] if plan.meetings else None,
            Stage.DECIDING: plan.meetings[2] if plan.meetings else None, Stage.ANSWERING: plan.report,
        }  # fmt: skip
        return {
            stage: day(self.today, days_ago) for stage, days_ago in stages.items() if days_ago is not None
        }

    def announce_letters(self) -> None:
        """Read the register file, take its population figures, and announce the draw of the letters."""
        extract = Extract.objects.filter(institution=self.institution).first() or register.load_extract(
            actor=self.staff["secretariat"],
            institution=self.institution,
            path=self.register_file,
            file_name=self.register_file.name,
            reference_date=day(self.today, FOUNDED),
            erase_on=day(self.today, -ERASE_EXTRACT_DAYS),
        )
        lottery.set_features(
            actor=self.staff["secretariat"],
            cycle=self.cycle,
            features=algorithms.with_population(
                self.features, self.register_file, day(self.today, self.plan.drawn)
            ),
        )
        recruitment.announce_letters(
            actor=self.staff["secretariat"],
            cycle=self.cycle,
            extract=extract,
            letters=self.story["letters"],
            age_min=16,
            reply_by=day(self.today, self.plan.reply_by),
            source=self.sources["letters"],
            source_due_at=moment(self.today, self.plan.drawn, "18:00"),
            sources=[SourcePlan(SourceKind.BALLS, moment(self.today, self.plan.drawn, "18:00"), 6, 49)],
        )

    @property
    def campaign(self) -> Campaign:
        """The letters of this cycle."""
        return Campaign.objects.current().get(cycle=self.cycle)

    def draw_letters(self) -> None:
        """Two people write down the balls that were drawn in public; the letters follow, and are printed."""
        self._write_down(self.campaign.draw, self._balls(6, 49))
        recruitment.draw_letters(actor=self.staff["secretariat"], campaign=self.campaign)
        batches.print_letters(actor=self.staff["secretariat"], campaign=self.campaign)

    def answer_letters(self) -> None:
        """Everybody answers or not, as people do: the older and the better educated more often."""
        for invitation in self.campaign.invitations.select_related("resident"):
            self._answer_one(invitation)

    def _answer_one(self, invitation: Invitation) -> None:
        person = algorithms.citizen_behind(invitation, self.cycle, SEED)
        citizen = Actor.citizen(invitation.selector)
        if person.answer == "yes":
            answering.accept(
                actor=citizen, invitation=invitation, name=person.name, email=person.email,
                phone=person.phone, language=invitation.language, answers=person.answers, needs=[],
                consent=True,
            )  # fmt: skip
        elif person.refusal is not None:
            answering.decline(actor=citizen, invitation=invitation, refusal=person.refusal)

    # -- pool, lottery, seats ---------------------------------------------------------------------

    def close_pool(self) -> None:
        """Set the quotas from the population, try the draw out, freeze the pool, and name the randomness to come."""
        lottery.propose_quotas(actor=self.staff["secretariat"], cycle=self.cycle)
        self._ease_quotas()
        recruitment.test_draw(actor=self.staff["secretariat"], campaign=self.campaign)
        recruitment.close_pool(
            actor=self.staff["secretariat"],
            campaign=self.campaign,
            source=self.sources["panel"],
            source_due_at=moment(self.today, self.plan.panel_drawn or 0, "18:00"),
            sources=[
                SourcePlan(SourceKind.DICE, moment(self.today, self.plan.panel_drawn or 0, "18:00"), 12, 6)
            ],
        )

    def _ease_quotas(self) -> None:
        """Ask of no value for more people than have said yes: two of the secretariat answer for it, in public."""
        willing = Respondent.objects.willing().filter(invitation__campaign=self.campaign).count_by_value()
        eased: dict[tuple[str, str], tuple[int, int]] = {}
        for feature in self.cycle.features.prefetch_related("values"):
            bounds = {value.key: (value.minimum or 0, value.maximum or 0) for value in feature.values.all()}
            missing = sum(max(0, low - willing[feature.key, key]) for key, (low, _high) in bounds.items())
            if missing:
                eased |= {
                    (feature.key, key): (min(low, willing[feature.key, key]), high + missing)
                    for key, (low, high) in bounds.items()
                }
        if eased:
            change = propose_quotas_change(
                actor=self.staff["secretariat"],
                cycle=self.cycle,
                quotas=eased,
                reason=self.sources["eased"],
            )
            confirm_quotas_change(actor=self.staff["second-secretariat"], change=change)

    @property
    def panel_draw(self) -> Draw:
        """The draw of the panel."""
        return Draw.objects.get(cycle=self.cycle, kind="panel")

    def commit_lottery(self) -> None:
        """Compute the fairest lottery and publish it before the dice are thrown."""
        lottery.commit_lottery(actor=self.staff["secretariat"], draw=self.panel_draw)

    def draw_panel(self) -> None:
        """Two people write down the dice that were thrown in public; the panel follows."""
        self._write_down(self.panel_draw, self._dice(12, 6))
        lottery.draw_panel(actor=self.staff["secretariat"], draw=self.panel_draw)

    def _write_down(self, draw: Draw, value: str) -> None:
        for person in ("secretariat", "observer"):
            for source in draw.sources.all():
                ceremony.enter_reading(
                    actor=self.staff[person], source=source, value=value, film=self.sources["film"],
                    notary=self.sources["notary"],
                )  # fmt: skip

    def finish_draws(self) -> None:
        """The time for objections is over, and nobody has raised one."""
        ceremony.finish_challenges()

    def take_seats(self) -> None:
        """Offer the seats; everybody accepts, and the newcomer at the browser gets one of them."""
        membership.offer_seats(actor=self.staff["secretariat"], draw=self.panel_draw)
        for term in self._terms(TermStatus.OFFERED):
            membership.accept_seat(actor=self.staff["secretariat"], term=term)
        self._name_the_login()

    def _name_the_login(self) -> None:
        key = people.FORMER_MEMBER if self.number == 1 else people.MEMBER
        member = self._members()[0]
        if member.user is None:
            raise RuntimeError("an accepted seat without an account")
        member.user.email = people.email_of(key)
        member.user.save(update_fields=["email"])

    def _terms(self, status: TermStatus) -> list[Term]:
        return list(Term.objects.filter(member__cycle=self.cycle, status=status).select_related("member"))

    def _members(self) -> list[Member]:
        """Return who sits now, by number, with their accounts."""
        sitting = Member.objects.filter(cycle=self.cycle, terms__status=TermStatus.ACTIVE)
        return list(sitting.select_related("user").order_by("number"))

    # -- dossier, meetings, tables ----------------------------------------------------------------

    def publish_dossier(self) -> None:
        """Speakers declare their interests, the dossier is published, members ask."""
        for each in self.story["speakers"]:
            self.speakers[each["key"]] = evidence.invite_speaker(
                actor=self.staff["secretariat"], cycle=self.cycle, name=each["name"], role=each["role"],
                chosen_by=each["chosen_by"], interests=each["interests"],
                user=self.staff["expert"].user if each["key"] == "librarian" else None,
            )  # fmt: skip
        dossier = self.story["dossier"]
        evidence.publish_dossier(
            actor=self.staff["secretariat"],
            cycle=self.cycle,
            title=dossier["title"],
            introduction=dossier["introduction"],
            evidence=[
                {**each, "speaker": self.speakers.get(each.get("speaker", ""))}
                for each in dossier["evidence"]
            ],
        )

    def _call(self, number: int) -> Callable[[], None]:
        def call() -> None:
            each = self.story["meetings"][number - 1]
            days_ago = self.plan.meetings[number - 1]
            meeting = meetings.call_meeting(
                actor=self.staff["secretariat"],
                cycle=self.cycle,
                title=each["title"],
                place=each["place"],
                starts_at=moment(self.today, days_ago, "09:00"),
                ends_at=moment(self.today, days_ago, "17:00"),
                items=[
                    {
                        "starts_at": moment(self.today, days_ago, item["at"]),
                        "kind": item["kind"],
                        "title": item["title"],
                    }
                    for item in each["items"]
                ],
            )
            self._plan_tables(meeting)

        return call

    def _plan_tables(self, meeting: Meeting) -> None:
        facilitator = self.staff["facilitator"].user
        meetings.plan_tables(
            actor=self.staff["secretariat"],
            meeting=meeting,
            table_size=TABLE_SIZE,
            rounds=2,
            seed_text=f"meeting {self.number}.{meeting.number}",
            facilitators=[facilitator] if facilitator else [],
        )

    def _hold(self, number: int) -> Callable[[], None]:
        def hold() -> None:
            meeting = self.cycle.meetings.get(number=number)
            absent = self.number + number + 3  # somebody is ill each time
            meetings.take_attendance(
                actor=self.staff["facilitator"],
                meeting=meeting,
                presences={
                    member.number: Presence.EXCUSED if member.number == absent else Presence.PRESENT
                    for member in self._members()
                },
            )
            if number == 1:
                self._ask_questions()
                self._somebody_leaves()
            self._take_notes(meeting)
            self._advance(number)

        return hold

    def _advance(self, number: int) -> None:
        stage = (Stage.LEARNING, Stage.DELIBERATING, Stage.DECIDING)[number - 1]
        moving.advance(actor=self.staff["secretariat"], cycle=self.cycle, to=stage)

    def _ask_questions(self) -> None:
        members = self._members()
        for index, each in enumerate(self.story["questions"]):
            question = evidence.ask_question(
                actor=self._actor(members[index]),
                cycle=self.cycle,
                text=each["text"],
                language=each["language"],
                speaker=self.speakers.get(each.get("speaker", "")),
                due_on=clock.today(self.institution.time_zone) + timedelta(days=QUESTION_DAYS),
            )
            if "reply" in each:
                self._reply(question, each)

    def _reply(self, question: Question, each: Story) -> None:
        with clock.at(clock.now() + timedelta(minutes=20)):
            evidence.reply(
                actor=self.staff["secretariat"], question=question, text=each["reply"], language="de"
            )

    def _somebody_leaves(self) -> None:
        """One member resigns; the alternate of the published rule takes her seat the same second."""
        leaving = self._members()[-1]
        term = Term.objects.get(member=leaving, status=TermStatus.ACTIVE)
        membership.leave_seat(
            actor=self.staff["secretariat"],
            term=term,
            reason=EndReason.RESIGNATION,
            on=clock.today(self.institution.time_zone),
        )
        for offered in self._terms(TermStatus.OFFERED):
            membership.accept_seat(actor=self.staff["secretariat"], term=offered)

    def _take_notes(self, meeting: Meeting) -> None:
        mine = [note for note in self.story["notes"] if note["meeting"] == meeting.number]
        tables = Table.objects.filter(plan__meeting=meeting).order_by("round", "number")
        for each, table in zip(mine, tables, strict=False):
            note = noting.take_note(
                actor=self.staff["facilitator"], table=table, text=each["text"], language="de"
            )
            for text in each["statements"]:
                statement = deliberation.make_statement(
                    actor=self.staff["facilitator"], cycle=self.cycle, text=text, language="de", note=note
                )
                self._react(statement)

    def _react(self, statement: Statement) -> None:
        stream = Stream(seed_from_text(SEED), f"reactions {self.number}.{statement.number}")
        liking = 35 + stream.below(60)
        for member in self._members()[1:]:  # the newcomer at the browser has not reacted yet
            lot = stream.below(100)
            stance = Stance.AGREE if lot < liking else Stance.DISAGREE if lot < liking + 25 else Stance.PASS
            deliberation.react(actor=self._actor(member), statement=statement, stance=stance)

    def ask_before(self) -> None:
        """Ask the members what they think before they deliberate."""
        if "questionnaire" in self.story:
            sentences = [each["text"] for each in self.story["questionnaire"]]
            asked = evaluation.open_questionnaire(
                actor=self.staff["secretariat"], cycle=self.cycle, sentences=sentences
            )
            self._fill_in(asked, "before")

    def ask_after(self) -> None:
        """Ask them the same again, and count what changed."""
        asked = Questionnaire.objects.select_related("cycle__institution").filter(cycle=self.cycle).first()
        if asked is not None:
            asked = evaluation.ask_again(actor=self.staff["secretariat"], questionnaire=asked)
            self._fill_in(asked, "after")
            evaluation.close_questionnaire(actor=self.staff["secretariat"], questionnaire=asked)

    def _fill_in(self, asked: Questionnaire, phase: str) -> None:
        for place, member in enumerate(self._members()):
            answers = {
                str(number): each[phase][place % len(each[phase])]
                for number, each in enumerate(self.story["questionnaire"], 1)
            }
            evaluation.reply(actor=self._actor(member), questionnaire=asked, answers=answers)

    # -- drafts, ballots, report ------------------------------------------------------------------

    def draft(self) -> None:
        """The tables' statements become recommendations; members change their wording."""
        for each in self.story["recommendations"]:
            recommendation = recommendations.draft_recommendation(
                actor=self.staff["facilitator"],
                cycle=self.cycle,
                title=each["title"],
                text=each["text"],
                reasons=each["reasons"],
                statements=list(self.cycle.statements.filter(number__in=each["statements"])),
            )
            if "amendment" in each:
                self._amend(recommendation, each["amendment"])

    def _amend(self, recommendation: Recommendation, each: Story) -> None:
        amendment = recommendations.propose_amendment(
            actor=self._actor(self._members()[4]),
            version=recommendation.versions.latest("number"),
            text=each["text"],
            reasons=each["reasons"],
            language=each["language"],
        )
        hands_for, hands_against = each["hands"]
        recommendations.decide_amendment(
            actor=self.staff["facilitator"],
            amendment=amendment,
            accepted=each["accepted"],
            hands_for=hands_for,
            hands_against=hands_against,
        )

    def _drafts(self) -> list[tuple[Recommendation, Story]]:
        found = self.cycle.recommendations.order_by("number")
        return list(zip(found, self.story["recommendations"], strict=True))

    def open_ballots(self) -> None:
        """Open the secret ballots; where the story counts votes, the members vote."""
        if self._past(self.plan.ballots_close):
            deliberation.close_statements(actor=self.staff["facilitator"], cycle=self.cycle)
        closes_at = moment(self.today, self.plan.ballots_close or 0, "20:00")
        for recommendation, each in self._drafts():
            if "votes" not in each and not each.get("ballot"):
                continue
            ballot = recommendations.put_to_vote(
                actor=self.staff["secretariat"], recommendation=recommendation, closes_at=closes_at
            )
            for member, choice in zip(self._members()[1:], self._choices(each), strict=False):
                ballots.cast(actor=self._actor(member), ballot=ballot, choice=choice)

        if "first" in self.story:
            self._let_choose(self.story["first"], closes_at)

    def _let_choose(self, story: Story, closes_at: datetime) -> None:
        """Let the members choose which recommendations come first, each part of the room its share."""
        box = ballots.open_choice(
            actor=self.staff["secretariat"],
            cycle=self.cycle,
            kind=BallotKind.SHARES,
            question=story["question"],
            options=[each["title"] for each in self.story["recommendations"]],
            places=story["places"],
            closes_at=closes_at,
        )
        papers = [paper["marks"] for paper in story["papers"] for _voter in range(paper["voters"])]
        for member, marks in zip(self._members()[1:], papers, strict=False):
            ballots.cast(actor=self._actor(member), ballot=box, marks=[str(mark) for mark in marks])

    def _choices(self, each: Story) -> list[Choice]:
        votes = each.get("votes", {})
        choices = [choice for choice in Choice for _vote in range(votes.get(choice.value, 0))]
        stream = Stream(seed_from_text(SEED), f"votes {self.number} {each['title']['en']}")
        return [choices.pop(stream.below(len(choices))) for _vote in range(len(choices))]

    def close_ballots(self) -> None:
        """Count, now that the boxes are closed."""
        for box in self.cycle.ballots.order_by("number"):
            ballots.propose_closing(actor=self.staff["facilitator"], ballot=box)
            ballots.close_ballot(actor=self.staff["secretariat"], ballot=box)

    def add_minority_opinions(self) -> None:
        """Those who disagree have their reasons printed under the recommendation."""
        for recommendation, each in self._drafts():
            if "minority" not in each:
                continue
            text = {key: value for key, value in each["minority"].items() if key != "signatories"}
            signatories = self._members()[6 : 6 + each["minority"]["signatories"]]
            recommendations.submit_minority_opinion(
                actor=self._actor(signatories[0]),
                recommendation=recommendation,
                text=text,
                signatories=[member.number for member in signatories],
            )

    def hand_over(self) -> None:
        """Hand the report to the authority: its clocks start."""
        followup.deliver_report(actor=self.staff["secretariat"], cycle=self.cycle)

    # -- answers ----------------------------------------------------------------------------------

    def answer(self) -> None:
        """The authority answers, one by one; one answer is still missing."""
        for recommendation, each in self._drafts():
            if "answer" in each:
                self._answer_recommendation(recommendation, each["answer"])

    def _answer_recommendation(self, recommendation: Recommendation, each: Story) -> None:
        commitments = []
        if "commitment" in each:
            commitments.append({"text": each["commitment"], "due_on": day(self.today, -60)})
        followup.publish_answer(
            actor=self.staff["authority"],
            recommendation=recommendation,
            position=Position(each["position"]),
            reasons=each["reasons"],
            responsible=each["responsible"],
            commitments=commitments,
        )

    def report_progress(self) -> None:
        """The authority reports on what it promised."""
        for recommendation, each in self._drafts():
            text = each.get("answer", {}).get("progress")
            for commitment in Commitment.objects.filter(answer__recommendation=recommendation):
                if text:
                    followup.report_progress(
                        actor=self.staff["authority"], commitment=commitment, text=text,
                        status=CommitmentStatus.UNDER_WAY,
                    )  # fmt: skip

    def give_verdicts(self) -> None:
        """The members say whether an answer satisfies them."""
        for recommendation, each in self._drafts():
            verdicts = each.get("answer", {}).get("verdicts", {})
            given = [Satisfaction(key) for key, count in verdicts.items() for _each in range(count)]
            for member, satisfaction in zip(self._members()[1:], given, strict=False):
                followup.give_verdict(
                    actor=self._actor(member),
                    answer=recommendation.answers.latest("number"),
                    satisfaction=satisfaction,
                )

    # -- helpers ----------------------------------------------------------------------------------

    def _dice(self, count: int, sides: int) -> str:
        """Throw the demonstration's dice: from a fixed seed, since nobody stands in a town hall here."""
        stream = Stream(seed_from_text(SEED), f"dice {self.number}")
        return "-".join(str(stream.below(sides) + 1) for _throw in range(count))

    def _balls(self, count: int, highest: int) -> str:
        """Draw the demonstration's balls, without putting one back."""
        stream = Stream(seed_from_text(SEED), f"balls {self.number}")
        left = list(range(1, highest + 1))
        return "-".join(str(left.pop(stream.below(len(left)))) for _ball in range(count))

    def someone(self) -> Actor:
        """Return a member who sits now, and not the newcomer at the browser."""
        return self._actor(self._members()[2])

    @staticmethod
    def _actor(member: Member) -> Actor:
        actor = Actor.of(member.user)
        if actor is None:
            raise RuntimeError("a sitting member without an account")
        return actor


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
    plays = [
        CyclePlay(
            number,
            texts,
            plan,
            institution,
            staff,
            story["features"],
            story["sources"],
            register_file,
            today,
        )
        for number, (texts, plan) in enumerate(zip(story["cycles"], PLANS, strict=True), start=1)
    ]
    acts = [act for each in plays for act in each.acts()]
    acts += _beside_the_cycles(story, plays)
    for act in sorted(acts, key=lambda act: moment(today, act.days_ago, act.hour)):
        say(f"{day(today, act.days_ago):%d.%m.%Y}  {act.name}")
        with clock.at(moment(today, act.days_ago, act.hour)):
            act.do()
    draws.play(story["features"], today, say)
    sign_and_export()
    return institution


def _beside_the_cycles(story: Story, plays: Sequence[CyclePlay]) -> list[Act]:
    """Return the acts of the agenda, and of the members' costs in the cycle that is in session."""
    now = plays[1]
    themes = [
        agenda.ThemePlay(
            number, each, now.institution, now.staff, now.someone, now.register_file, now.today
        )
        for number, each in enumerate(story["themes"], start=1)
    ]
    found = [
        Act(when, hour, f"theme {each.number}: {name}", do)
        for each in themes
        for when, hour, name, do in each.steps()
    ]
    paid = costs.CostsPlay(now.institution, now.staff, story["costs"], now.plan.meetings, now.number)
    return found + [Act(when, hour, name, do) for when, hour, name, do in paid.steps()]


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
