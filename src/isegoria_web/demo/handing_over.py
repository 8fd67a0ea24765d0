"""From one cohort to the next: what those before pass on, the dossier, and who confirms to have read it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from isegoria_web.demo.scene import Scene, Step
from isegoria_web.followup import handing_over
from isegoria_web.followup.models import Handover
from isegoria_web.membership.models import Member, Term


@dataclass(frozen=True)
class HandingOver:
    """How the members of a cycle are told of those before, as acts on their days."""

    before: Scene
    scene: Scene

    def steps(self) -> Iterator[Step]:
        """Yield what happens from the words of those before to the confirmations."""
        yield self.before.plan.words, "20:00", "Words to those who come", self.pass_on
        yield self.scene.plan.handed_over, "09:00", "Dossier handed over", self.hand_over
        yield self.scene.plan.confirmed, "20:00", "Dossier read", self.confirm

    def pass_on(self) -> None:
        """Some of those who leave write what the next ones should know; the newcomer at the browser still can."""
        for member, each in zip(self._leaving()[1:], self.before.story["words"], strict=False):
            handing_over.pass_on(
                actor=self.before.actor_of(member), cycle=self.before.cycle, text={each["language"]: each["text"]}
            )  # fmt: skip

    def _leaving(self) -> list[Member]:
        """Return whose terms end with the rotation that is announced; in a body that does not rotate, everybody's do."""
        terms = Term.objects.held().filter(member__cycle=self.before.cycle)
        leaving = terms.filter(leaves_in__cycle=self.scene.cycle) or terms
        return [each.member for each in leaving.select_related("member__user").order_by("member__number")]

    def hand_over(self) -> None:
        """The secretariat says a word of its own, and hands the dossier over."""
        secretariat, cycle = self.scene.staff["secretariat"], self.scene.cycle
        handing_over.introduce(actor=secretariat, cycle=cycle, text=self.scene.story["introduction"])
        handing_over.hand_over(actor=secretariat, cycle=cycle)

    def confirm(self) -> None:
        """Everybody who arrives confirms to have read it, but the newcomer at the browser."""
        handover = Handover.objects.get(cycle=self.scene.cycle)
        arriving = Member.objects.entering(self.scene.cycle).select_related("user").order_by("number")
        for member in arriving[1:]:
            handing_over.confirm(actor=self.scene.actor_of(member), handover=handover)
