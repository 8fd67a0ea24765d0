"""Themes of the demonstration: brought by residents, a member and the authority; admitted, signed, refused."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from isegoria_web.accounts.actors import Actor
from isegoria_web.consultation import services, signing
from isegoria_web.consultation.enums import Channel, ProposerKind
from isegoria_web.consultation.models import Theme
from isegoria_web.demo import algorithms
from isegoria_web.demo.calendar import day
from isegoria_web.institutions.models import Institution

Story = dict[str, Any]
Step = tuple[int, str, str, Callable[[], None]]


@dataclass
class ThemePlay:
    """One theme of the story, as acts on their days."""

    number: int
    story: Story
    institution: Institution
    staff: dict[str, Actor]
    member: Callable[[], Actor]
    register_file: Path
    today: date

    def steps(self) -> Iterator[Step]:
        """Yield what happens with this theme."""
        yield self.story["proposed"], "20:15", "proposed", self.propose
        if "judged" in self.story:
            yield self.story["judged"], "11:30", "judged", self.judge
        for place, (days_ago, people) in enumerate(self.story.get("signatures", ())):
            yield days_ago, "21:30", f"signed by {people}", self._sign(place, people)

    @property
    def theme(self) -> Theme:
        """The theme as it stands now."""
        return Theme.objects.select_related("institution", "rule_book").get(
            institution=self.institution, title=self.story["title"]
        )

    def propose(self) -> None:
        """Bring the theme: a resident after she has confirmed her mail, a member and the authority by themselves."""
        kind = ProposerKind(self.story["kind"])
        told = services.Proposal(
            title=self.story["title"], explanation=self.story["explanation"], reason=self.story["reason"],
            language=self.story["language"], name=self.story["name"], email=self.story.get("email", ""),
        )  # fmt: skip
        if kind == ProposerKind.RESIDENT:
            services.take(
                actor=Actor.citizen(""), institution=self.institution, kind=kind, proposal=told, channel=Channel.WEB
            )  # fmt: skip
            return
        actor = self.member() if kind == ProposerKind.MEMBER else self.staff["authority"]
        services.propose(
            actor=actor, institution=self.institution, kind=kind, proposal=told, channel=Channel.WEB
        )

    def judge(self) -> None:
        """The secretariat admits the theme, or refuses it by a rule and with reasons."""
        secretariat = self.staff["secretariat"]
        if "refused" in self.story:
            services.refuse(
                actor=secretariat,
                theme=self.theme,
                rule="agenda.admissibility",
                reasons=self.story["refused"],
            )
            return
        last = self.story.get("last_day")  # of those that need signatures; the statute sets no time
        services.admit(
            actor=secretariat, theme=self.theme, last_day=None if last is None else day(self.today, last)
        )

    def _sign(self, place: int, people: int) -> Callable[[], None]:
        def sign() -> None:
            signers = algorithms.signers(
                self.register_file, day(self.today, 0), f"{self.number}.{place}", people
            )
            for number, (name, born, postcode) in enumerate(signers, start=1):
                signing.count(
                    theme=self.theme,
                    person=signing.Person(
                        name, born, postcode, f"signer-{self.number}-{place}-{number}@demo.example"
                    ),
                )

        return sign
