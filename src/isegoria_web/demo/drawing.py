"""From the mandate to the seats: letters, answers, the pool, the lottery, and who takes a seat."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from django.conf import settings

from isegoria.seeding import Stream, seed_from_text
from isegoria_web.accounts.actors import Actor
from isegoria_web.demo import algorithms, people
from isegoria_web.demo.calendar import FOUNDED, day, moment
from isegoria_web.demo.scene import SEED, Scene, Step
from isegoria_web.institutions import services as institutions
from isegoria_web.institutions.enums import Stage
from isegoria_web.lottery import ceremony
from isegoria_web.lottery import services as lottery
from isegoria_web.lottery.algorithms import SourcePlan
from isegoria_web.lottery.changing import confirm_quotas_change, propose_quotas_change
from isegoria_web.lottery.enums import DrawKind, SourceKind
from isegoria_web.lottery.models import Draw
from isegoria_web.membership import rotating
from isegoria_web.membership import services as membership
from isegoria_web.membership.enums import TermStatus
from isegoria_web.recruitment import answering, batches
from isegoria_web.recruitment import services as recruitment
from isegoria_web.recruitment.models import Campaign, Invitation, Respondent
from isegoria_web.register import services as register
from isegoria_web.register.models import Extract

ERASE_EXTRACT_DAYS = 400


@dataclass(frozen=True)
class Drawing:
    """How a cycle gets its members, as acts on their days."""

    scene: Scene

    def steps(self) -> Iterator[Step]:
        """Yield what happens until the seats are taken."""
        plan = self.scene.plan
        yield plan.opened, "09:00", "Mandate", self.open_and_sign
        yield plan.announced, "10:00", "Register read, letters announced", self.announce_letters
        yield plan.drawn, "18:30", "Letters drawn by lot and printed", self.draw_letters
        yield plan.drawn - 5, "12:00", "Letters answered", self.answer_letters
        yield plan.pool_closed, "09:00", "Pool frozen", self.close_pool
        yield plan.committed, "09:00", "Lottery computed and committed", self.commit_lottery
        yield plan.panel_drawn, "18:30", "Panel drawn by lot", self.draw_panel
        yield _final(plan.drawn), "19:00", "Draw of the letters final", self.finish_draws
        yield _final(plan.panel_drawn), "19:00", "Draw of the panel final", self.finish_draws
        yield plan.accepted, "10:00", "Seats taken", self.take_seats

    # -- mandate, letters, answers ----------------------------------------------------------------

    def open_and_sign(self) -> None:
        """The secretariat opens the cycle; the authority signs its mandate."""
        self.scene.cycle = institutions.open_cycle(
            actor=self.scene.staff["secretariat"],
            institution=self.scene.institution,
            body=self.scene.institution.bodies.get(key=self.scene.body),
            title=self.scene.story["title"],
            question=self.scene.story["question"],
            scope=self.scene.story["scope"],
            panel_size=self.scene.story["panel_size"],
            alternates=self.scene.story["alternates"],
            quorum_share=self.scene.story.get("quorum_share", ""),
            promised_answer_days=self.scene.story.get("promised_answer_days"),
            planned=self._planned(),
        )
        self.scene.cycle = institutions.sign_mandate(
            actor=self.scene.staff["authority"], cycle=self.scene.cycle
        )

    def _planned(self) -> dict[Stage, date]:
        plan = self.scene.plan
        learning, deliberating, deciding = (*plan.meetings, None, None, None)[:3]
        stages = {
            Stage.MANDATE: plan.opened, Stage.INVITING: plan.drawn, Stage.DRAWING: plan.panel_drawn,
            Stage.SEATED: plan.accepted, Stage.LEARNING: learning,
            Stage.DELIBERATING: deliberating,
            Stage.DECIDING: deciding or plan.ballots_opened, Stage.ANSWERING: plan.report,
        }  # fmt: skip
        return {
            stage: day(self.scene.today, days_ago)
            for stage, days_ago in stages.items()
            if days_ago is not None
        }

    def announce_letters(self) -> None:
        """Read the register file, take its population figures, and announce the draw of the letters."""
        extract = Extract.objects.filter(
            institution=self.scene.institution
        ).first() or register.load_extract(
            actor=self.scene.staff["secretariat"],
            institution=self.scene.institution,
            path=self.scene.register_file,
            file_name=self.scene.register_file.name,
            reference_date=day(self.scene.today, FOUNDED),
            erase_on=day(self.scene.today, -ERASE_EXTRACT_DAYS),
        )
        lottery.set_features(
            actor=self.scene.staff["secretariat"],
            cycle=self.scene.cycle,
            features=algorithms.with_population(
                self.scene.features,
                self.scene.register_file,
                day(self.scene.today, self.scene.plan.drawn),
                self.scene.sources.get("register", algorithms.REGISTER_SOURCE),
            ),
        )
        recruitment.announce_letters(
            actor=self.scene.staff["secretariat"],
            cycle=self.scene.cycle,
            extract=extract,
            letters=self.scene.story["letters"],
            age_min=16,
            reply_by=day(self.scene.today, self.scene.plan.reply_by),
            source=self.scene.sources["letters"],
            source_due_at=moment(self.scene.today, self.scene.plan.drawn, "18:00"),
            sources=[
                SourcePlan(
                    SourceKind.BALLS, moment(self.scene.today, self.scene.plan.drawn, "18:00"), 6, 49
                )
            ],
        )

    @property
    def campaign(self) -> Campaign:
        """The letters of this cycle."""
        return Campaign.objects.current().get(cycle=self.scene.cycle)

    def draw_letters(self) -> None:
        """Two people write down the balls that were drawn in public; the letters follow, and are printed."""
        self._write_down(self.campaign.draw, self._balls(6, 49))
        recruitment.draw_letters(actor=self.scene.staff["secretariat"], campaign=self.campaign)
        batches.print_letters(actor=self.scene.staff["secretariat"], campaign=self.campaign)

    def answer_letters(self) -> None:
        """Everybody answers or not, as people do: the older and the better educated more often."""
        for invitation in self.campaign.invitations.select_related("resident"):
            self._answer_one(invitation)

    def _answer_one(self, invitation: Invitation) -> None:
        person = algorithms.citizen_behind(invitation, self.scene.key, SEED)
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
        lottery.propose_quotas(actor=self.scene.staff["secretariat"], cycle=self.scene.cycle)
        self._ease_quotas()
        recruitment.test_draw(actor=self.scene.staff["secretariat"], campaign=self.campaign)
        recruitment.close_pool(
            actor=self.scene.staff["secretariat"],
            campaign=self.campaign,
            source=self.scene.sources["panel"],
            source_due_at=moment(self.scene.today, self.scene.plan.panel_drawn or 0, "18:00"),
            sources=[
                SourcePlan(
                    SourceKind.DICE,
                    moment(self.scene.today, self.scene.plan.panel_drawn or 0, "18:00"),
                    12,
                    6,
                )
            ],
        )

    def _ease_quotas(self) -> None:
        """Ask for nothing that those who said yes cannot give, and if they still hold no panel, take the smallest way out."""
        self._change_quotas(self._within_reach())
        advised = recruitment.advise_on_quotas(
            actor=self.scene.staff["secretariat"], campaign=self.campaign
        )
        if not advised.feasible:
            self._change_quotas(advised.all_ways[0].rows)

    def _within_reach(self) -> dict[tuple[str, str], tuple[int, int]]:
        willing = Respondent.objects.willing().filter(invitation__campaign=self.campaign).count_by_value()
        rotation = rotating.plan_for(self.scene.cycle)
        staying = [] if rotation is None else [term.member.features for term in rotation.staying]
        sitting = Counter(pair for features in staying for pair in features.items())
        seats = self.scene.cycle.panel_size - len(staying)
        eased = {}
        for feature in self.scene.cycle.features.prefetch_related("values"):
            asked = {
                value.key: algorithms.Asked(
                    value.minimum or 0, value.maximum or 0, willing[feature.key, value.key],
                    sitting[feature.key, value.key],
                )
                for value in feature.values.all()
            }  # fmt: skip
            for key, pair in algorithms.within_reach(asked, seats).items():
                eased[feature.key, key] = pair
        return eased

    def _change_quotas(self, quotas: dict[tuple[str, str], tuple[int, int]]) -> None:
        """Set other quotas: two of the secretariat answer for it, in public."""
        if quotas:
            change = propose_quotas_change(
                actor=self.scene.staff["secretariat"], cycle=self.scene.cycle, quotas=quotas,
                reason=self.scene.sources["eased"],
            )  # fmt: skip
            confirm_quotas_change(actor=self.scene.staff["second-secretariat"], change=change)

    @property
    def panel_draw(self) -> Draw:
        """The draw of the panel, or of those who enter with a rotation."""
        return Draw.objects.exclude(kind=DrawKind.LETTERS).get(cycle=self.scene.cycle)

    def commit_lottery(self) -> None:
        """Compute the fairest lottery and publish it before the dice are thrown."""
        lottery.commit_lottery(actor=self.scene.staff["secretariat"], draw=self.panel_draw)

    def draw_panel(self) -> None:
        """Two people write down the dice that were thrown in public; the panel follows."""
        self._write_down(self.panel_draw, self._dice(12, 6))
        lottery.draw_panel(actor=self.scene.staff["secretariat"], draw=self.panel_draw)

    def _write_down(self, draw: Draw, value: str) -> None:
        for person in ("secretariat", "observer"):
            for source in draw.sources.all():
                ceremony.enter_reading(
                    actor=self.scene.staff[person], source=source, value=value, film=self.scene.sources["film"],
                    notary=self.scene.sources["notary"],
                )  # fmt: skip

    def finish_draws(self) -> None:
        """The time for objections is over, and nobody has raised one."""
        ceremony.finish_challenges()

    def take_seats(self) -> None:
        """Offer the seats; everybody accepts, and the newcomer at the browser gets one of them."""
        membership.offer_seats(actor=self.scene.staff["secretariat"], draw=self.panel_draw)
        for term in self.scene.terms(TermStatus.OFFERED):
            membership.accept_seat(actor=self.scene.staff["secretariat"], term=term)
        self._name_the_login()

    def _name_the_login(self) -> None:
        if not self.scene.login:
            return
        member = self.scene.terms(TermStatus.ACTIVE)[0].member
        if member.user is None:
            raise RuntimeError("an accepted seat without an account")
        member.user.email = people.email_of(self.scene.login)
        member.user.save(update_fields=["email"])

    def _dice(self, count: int, sides: int) -> str:
        """Throw the demonstration's dice: from a fixed seed, since nobody stands in a town hall here."""
        stream = Stream(seed_from_text(SEED), f"dice {self.scene.key}")
        return "-".join(str(stream.below(sides) + 1) for _throw in range(count))

    def _balls(self, count: int, highest: int) -> str:
        """Draw the demonstration's balls, without putting one back."""
        stream = Stream(seed_from_text(SEED), f"balls {self.scene.key}")
        left = list(range(1, highest + 1))
        return "-".join(str(left.pop(stream.below(len(left)))) for _ball in range(count))


def _final(drawn: int | None) -> int | None:
    """Return the day on which a draw is final, in days ago."""
    return None if drawn is None else drawn - settings.CHALLENGE_DAYS
