"""What waits for somebody in one of her seats: her home lists it, the switch between her seats counts it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from isegoria_web import clock
from isegoria_web.accounts.actors import Actor
from isegoria_web.ballots.models import Ballot, RollCallRecord
from isegoria_web.evaluation.models import Questionnaire
from isegoria_web.evaluation.policies import may_reply
from isegoria_web.evaluation.services import answers_of
from isegoria_web.followup.models import Answer, Handover
from isegoria_web.followup.policies import following_body
from isegoria_web.membership.models import Appointee, Member
from isegoria_web.moderation.enums import ReviewStatus
from isegoria_web.moderation.models import Review
from isegoria_web.recommendations.algorithms import dissent_until
from isegoria_web.recommendations.enums import RecommendationStatus
from isegoria_web.recommendations.models import Recommendation
from isegoria_web.recommendations.policies import may_dissent
from isegoria_web.web.places import Place


@dataclass(frozen=True)
class Waiting:
    """What waits for a member in one cycle; the secret ballots in which she can vote are of all her cycles."""

    to_confirm: Handover | None
    ballots: Sequence[Recommendation]
    choices: Sequence[Ballot]
    to_reply: bool
    statements: int
    to_judge: Sequence[Recommendation]
    to_dissent: Sequence[tuple[Recommendation, datetime]]
    taken_out: int

    @property
    def count(self) -> int:
        """How many lines her home has of it."""
        once = (self.to_confirm is not None, self.to_reply, self.statements > 0, self.taken_out > 0)
        listed = (self.ballots, self.choices, self.to_judge, self.to_dissent)
        return sum(once) + sum(len(each) for each in listed)


def waiting_for(actor: Actor, place: Place) -> Waiting:
    """Return what waits for a member in a cycle in which she has a place."""
    cycle, member = place.cycle, place.member
    removed = Review.objects.of(member.user, cycle).filter(status=ReviewStatus.REMOVED)
    open_statements = cycle.statements.visible().still_open().exclude(reactions__member=member)
    return Waiting(
        to_confirm=_handover_to_confirm(place),
        ballots=_open_ballots(member),
        choices=list(Ballot.objects.choices().awaiting(member, clock.now()).select_related("cycle")),
        to_reply=_to_reply(actor, place),
        statements=open_statements.count() if place.works else 0,
        to_judge=_answers_to_judge(place),
        to_dissent=_open_to_dissent(actor, place),
        taken_out=removed.count(),
    )


def count_waiting(actor: Actor, shown: Member | None, place: Place | Appointee) -> int:
    """Count what waits for somebody in another of her seats than the one whose home she has before her.

    The home of a member lists the open ballots of all her cycles: they are not counted again.
    """
    if isinstance(place, Appointee):
        return len(
            [each for each in votes_going_on(place) if not each.votes.filter(appointee=place).exists()]
        )
    waits = waiting_for(actor, place)
    return waits.count - (len(waits.ballots) + len(waits.choices) if place.member == shown else 0)


def votes_going_on(appointee: Appointee) -> list[RollCallRecord]:
    """Return the votes by name in the site that go on, and in which somebody who is appointed may vote."""
    found = RollCallRecord.objects.filter(
        roll_call__ballot__cycle=appointee.cycle, roll_call__college=appointee.college,
        held_on__gte=appointee.starts_on, closes_at__gt=clock.now(), entered_at__isnull=True,
        withdrawn_at__isnull=True, roll_call__ballot__recommendation__isnull=False,
    )  # fmt: skip
    return list(
        found.select_related("roll_call__ballot__cycle__institution", "roll_call__ballot__recommendation")
    )


def _open_ballots(member: Member) -> list[Recommendation]:
    found = Recommendation.objects.filter(ballot__in=Ballot.objects.awaiting(member, clock.now()))
    return list(found.select_related("cycle").prefetch_related("versions"))


def _to_reply(actor: Actor, place: Place) -> bool:
    """Whether a questionnaire is open to which she can reply and has not."""
    found = Questionnaire.objects.filter(cycle=place.cycle, closed_at__isnull=True).first()
    return found is not None and answers_of(found, place.member) is None and may_reply(actor, place.cycle)


def _answers_to_judge(place: Place) -> list[Recommendation]:
    if following_body(place.cycle) is not None:
        return []  # they wait in the room of that body
    unjudged = Answer.objects.newest().unjudged_by(place.member)
    found = place.cycle.recommendations.filter(answers__in=unjudged)
    return list(found.prefetch_related("versions", "answers"))


def _open_to_dissent(actor: Actor, place: Place) -> list[tuple[Recommendation, datetime]]:
    """Return the adopted recommendations to which she can still add another opinion, and until when."""
    adopted = place.cycle.recommendations.filter(status=RecommendationStatus.ADOPTED, ballot__isnull=False)
    dated = [(each, dissent_until(each)) for each in adopted.select_related("ballot").prefetch_related(
        "versions", "ballot__roll_calls__records"
    )]  # fmt: skip
    return [(each, end) for each, end in dated if clock.now() <= end and may_dissent(actor, each)]


def _handover_to_confirm(place: Place) -> Handover | None:
    """The dossier that waits for her to read and confirm it: for who is drawn for this cycle, not for who stays."""
    if place.member.cycle_id != place.cycle.pk:
        return None
    found = Handover.objects.to_confirm().filter(cycle=place.cycle)
    return found.exclude(confirmations__member=place.member).first()
