"""From the drafts to the report: amendments, secret ballots, minority opinions."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from isegoria.seeding import Stream, seed_from_text
from isegoria_web.ballots import services as ballots
from isegoria_web.ballots.enums import BallotKind, Choice
from isegoria_web.deliberation import services as deliberation
from isegoria_web.demo.calendar import moment
from isegoria_web.demo.scene import SEED, Scene, Step, Story, past
from isegoria_web.followup import services as followup
from isegoria_web.recommendations import services as recommendations
from isegoria_web.recommendations.models import Recommendation


@dataclass(frozen=True)
class Deciding:
    """How the members of a cycle decide, as acts on their days."""

    scene: Scene

    def steps(self) -> Iterator[Step]:
        """Yield what happens from the drafts to the report."""
        plan = self.scene.plan
        yield plan.drafted, "10:00", "Drafts and amendments", self.draft
        yield plan.ballots_opened, "15:00", "Secret ballots opened", self.open_ballots
        yield past(plan.ballots_close), "20:05", "Ballots counted", self.close_ballots
        yield plan.minority, "10:00", "Minority opinion", self.add_minority_opinions
        yield plan.report, "11:00", "Report handed over", self.hand_over

    def draft(self) -> None:
        """The tables' statements become recommendations; members change their wording."""
        for each in self.scene.story["recommendations"]:
            recommendation = recommendations.draft_recommendation(
                actor=self.scene.staff["facilitator"],
                cycle=self.scene.cycle,
                title=each["title"],
                text=each["text"],
                reasons=each["reasons"],
                statements=list(self.scene.cycle.statements.filter(number__in=each["statements"])),
            )
            if "amendment" in each:
                self._amend(recommendation, each["amendment"])

    def _amend(self, recommendation: Recommendation, each: Story) -> None:
        amendment = recommendations.propose_amendment(
            actor=self.scene.actor_of(self.scene.members()[4]),
            version=recommendation.versions.latest("number"),
            text=each["text"],
            reasons=each["reasons"],
            language=each["language"],
        )
        hands_for, hands_against = each["hands"]
        recommendations.decide_amendment(
            actor=self.scene.staff["facilitator"],
            amendment=amendment,
            accepted=each["accepted"],
            hands_for=hands_for,
            hands_against=hands_against,
        )

    def open_ballots(self) -> None:
        """Open the secret ballots; where the story counts votes, the members vote."""
        if past(self.scene.plan.ballots_close):
            deliberation.close_statements(actor=self.scene.staff["facilitator"], cycle=self.scene.cycle)
        closes_at = moment(self.scene.today, self.scene.plan.ballots_close or 0, "20:00")
        for recommendation, each in drafts_of(self.scene):
            if "votes" not in each and not each.get("ballot"):
                continue
            ballot = recommendations.put_to_vote(
                actor=self.scene.staff["secretariat"], recommendation=recommendation, closes_at=closes_at
            )
            for member, choice in zip(self.scene.members()[1:], self._choices(each), strict=False):
                ballots.cast(actor=self.scene.actor_of(member), ballot=ballot, choice=choice)

        if "first" in self.scene.story:
            self._let_choose(self.scene.story["first"], closes_at)

    def _let_choose(self, story: Story, closes_at: datetime) -> None:
        """Let the members choose which recommendations come first, each part of the room its share."""
        box = ballots.open_choice(
            actor=self.scene.staff["secretariat"],
            cycle=self.scene.cycle,
            kind=BallotKind.SHARES,
            question=story["question"],
            options=[each["title"] for each in self.scene.story["recommendations"]],
            places=story["places"],
            closes_at=closes_at,
        )
        papers = [paper["marks"] for paper in story["papers"] for _voter in range(paper["voters"])]
        for member, marks in zip(self.scene.members()[1:], papers, strict=False):
            ballots.cast(actor=self.scene.actor_of(member), ballot=box, marks=[str(mark) for mark in marks])

    def _choices(self, each: Story) -> list[Choice]:
        votes = each.get("votes", {})
        choices = [choice for choice in Choice for _vote in range(votes.get(choice.value, 0))]
        stream = Stream(seed_from_text(SEED), f"votes {self.scene.key} {each['title']['en']}")
        return [choices.pop(stream.below(len(choices))) for _vote in range(len(choices))]

    def close_ballots(self) -> None:
        """Count, now that the boxes are closed."""
        for box in self.scene.cycle.ballots.order_by("number"):
            ballots.propose_closing(actor=self.scene.staff["facilitator"], ballot=box)
            ballots.close_ballot(actor=self.scene.staff["secretariat"], ballot=box)

    def add_minority_opinions(self) -> None:
        """Those who disagree have their reasons printed under the recommendation."""
        for recommendation, each in drafts_of(self.scene):
            if "minority" not in each:
                continue
            text = {key: value for key, value in each["minority"].items() if key != "signatories"}
            signatories = self.scene.members()[6 : 6 + each["minority"]["signatories"]]
            recommendations.submit_minority_opinion(
                actor=self.scene.actor_of(signatories[0]),
                recommendation=recommendation,
                text=text,
                signatories=[member.number for member in signatories],
            )

    def hand_over(self) -> None:
        """Hand the report to the authority: its clocks start."""
        followup.deliver_report(actor=self.scene.staff["secretariat"], cycle=self.scene.cycle)


def drafts_of(scene: Scene) -> list[tuple[Recommendation, Story]]:
    """Return the recommendations of a cycle, each with what the story tells of it."""
    found = scene.cycle.recommendations.order_by("number")
    return list(zip(found, scene.story["recommendations"], strict=True))
