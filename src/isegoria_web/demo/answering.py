"""What becomes of a report: the authority answers and reports, the members judge."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from isegoria_web.accounts.actors import Actor
from isegoria_web.demo.calendar import day
from isegoria_web.demo.deciding import drafts_of
from isegoria_web.demo.scene import Scene, Step, Story
from isegoria_web.followup import services as followup
from isegoria_web.followup.enums import CommitmentStatus, Position, Satisfaction
from isegoria_web.followup.models import Commitment
from isegoria_web.recommendations.models import Recommendation


@dataclass(frozen=True)
class Answering:
    """How a report is answered, as acts on their days."""

    scene: Scene

    def steps(self) -> Iterator[Step]:
        """Yield what happens after the report."""
        plan = self.scene.plan
        yield plan.answers, "14:00", "The authority answers", self.answer
        yield plan.progress, "10:00", "The authority reports progress", self.report_progress
        yield plan.verdicts, "10:00", "The citizens' verdict", self.give_verdicts

    def answer(self) -> None:
        """The authority answers, one by one; one answer is still missing."""
        for recommendation, each in drafts_of(self.scene):
            if "answer" in each:
                self._answer_recommendation(recommendation, each["answer"])

    def _answer_recommendation(self, recommendation: Recommendation, each: Story) -> None:
        commitments = []
        if "commitment" in each:
            commitments.append({"text": each["commitment"], "due_on": day(self.scene.today, -60)})
        followup.publish_answer(
            actor=self.scene.staff["authority"],
            recommendation=recommendation,
            position=Position(each["position"]),
            reasons=each["reasons"],
            responsible=each["responsible"],
            commitments=commitments,
        )

    def report_progress(self) -> None:
        """The authority reports on what it promised."""
        for recommendation, each in drafts_of(self.scene):
            text = each.get("answer", {}).get("progress")
            for commitment in Commitment.objects.filter(answer__recommendation=recommendation):
                if text:
                    followup.report_progress(
                        actor=self.scene.staff["authority"], commitment=commitment, text=text,
                        status=CommitmentStatus.UNDER_WAY,
                    )  # fmt: skip

    def give_verdicts(self) -> None:
        """The members say whether an answer satisfies them."""
        for recommendation, each in drafts_of(self.scene):
            verdicts = each.get("answer", {}).get("verdicts", {})
            given = [Satisfaction(key) for key, count in verdicts.items() for _each in range(count)]
            for member, satisfaction in zip(self.scene.all_members()[1:], given, strict=False):
                followup.give_verdict(
                    actor=self.scene.actor_of(member),
                    answer=recommendation.answers.latest("number"),
                    satisfaction=satisfaction,
                )
        followup.publish_verdicts(actor=Actor.system(), institution=self.scene.institution)
