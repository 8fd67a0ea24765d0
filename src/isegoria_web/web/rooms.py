"""The rooms of bodies among the members' pages: who finds one, and what waits in it."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import QuerySet
from django.utils.translation import get_language

from isegoria_web import clock
from isegoria_web.accounts.actors import Actor
from isegoria_web.ballots.models import Ballot, Resolution
from isegoria_web.consultation import adopting
from isegoria_web.consultation import algorithms as agenda
from isegoria_web.consultation.models import Theme
from isegoria_web.consultation.policies import can_decide
from isegoria_web.consultation.services import about
from isegoria_web.followup.models import Answer
from isegoria_web.followup.policies import following_body
from isegoria_web.institutions.algorithms import roles_of, rule_book_of, sentences_of
from isegoria_web.institutions.enums import Stage
from isegoria_web.institutions.models import Body, Cycle, Institution
from isegoria_web.membership.models import Member
from isegoria_web.membership.policies import sitting_in_body
from isegoria_web.recommendations.models import Recommendation


@dataclass(frozen=True)
class Room:
    """A body with a role between assemblies, the member as she sits in it today, and what waits for her."""

    body: Body
    member: Member
    roles: list[str]  # what the rule book gives it, in sentences
    to_say: list[Resolution]
    themes: list[Theme]
    questions: list[Cycle]
    signed: list[Cycle]  # whose question the authority changes only as this body adopts it
    choices: list[Ballot]
    answers: list[Recommendation]
    can_decide: bool  # enough sit that the outcome of a resolution does not tell how each of them spoke
    to_choose: list[Theme]  # what can be put to a ballot; it waits for the office, not for her

    @property
    def waiting(self) -> int:
        """How much waits for her."""
        return (
            len(self.to_say)
            + len(self.themes)
            + len(self.questions)
            + len(self.choices)
            + len(self.answers)
        )


def rooms_of(actor: Actor | None, institution: Institution) -> list[Room]:
    """Return the rooms that a person may enter today: she sits in the body, and the rule book gives it a role."""
    version = institution.rule_books.order_by("-number").first()
    if actor is None or version is None:
        return []
    given = roles_of(version)
    found = []
    for body in institution.bodies.filter(key__in=given):
        member = sitting_in_body(actor, body)
        if member is not None:
            found.append(_room(body, member, given[body.key]))
    return found


def _room(body: Body, member: Member, rules: list[str]) -> Room:
    version = body.institution.rule_books.latest("number")
    said = dict(sentences_of(rule_book_of(version), get_language() or "en"))
    to_say = list(Resolution.objects.awaiting(member).filter(body=body).select_related("rule_book"))
    decides = can_decide(body)
    adopts = _adopted_in(body) if decides else []
    chooses = agenda.chooser(version)[0] == body.key
    return Room(
        body=body,
        member=member,
        roles=[said[rule] for rule in rules],
        to_say=to_say,
        themes=themes_to_judge(body) if decides else [],
        questions=[
            each for each in adopts if each.mandate_signed_at is None and adopting.adopted_by(each) is None
        ],
        signed=[each for each in adopts if each.mandate_signed_at is not None],
        choices=list(Ballot.objects.choices().awaiting(member, clock.now()).select_related("cycle")),
        answers=_answers_to_judge(body, member),
        can_decide=decides,
        to_choose=list(body.institution.themes.to_choose()) if chooses else [],
    )


def answered_for(body: Body) -> QuerySet[Recommendation]:
    """Return the recommendations of other bodies' open cycles that the authority has answered."""
    cycles = body.institution.cycles.exclude(body=body).exclude(stage=Stage.CLOSED)
    return Recommendation.objects.filter(cycle__in=cycles, answers__isnull=False).distinct()


def _answers_to_judge(body: Body, member: Member) -> list[Recommendation]:
    found = answered_for(body).filter(answers__in=Answer.objects.newest().unjudged_by(member))
    listed = found.select_related("cycle__body", "cycle__rule_book", "cycle__institution")
    recommendations = list(listed.prefetch_related("versions", "answers"))
    cycles = {each.cycle_id: each.cycle for each in recommendations}
    followed = {key for key, cycle in cycles.items() if following_body(cycle) == body}
    return [each for each in recommendations if each.cycle_id in followed]


def _adopted_in(body: Body) -> list[Cycle]:
    """Return the open cycles whose question this body adopts and on which nothing is proposed yet."""
    proposed = set(body.institution.resolutions.open().values_list("about", flat=True))
    cycles = body.institution.cycles.exclude(stage=Stage.CLOSED)
    return [
        cycle
        for cycle in cycles.select_related("institution", "body", "rule_book").order_by("number")
        if agenda.adopter_of(cycle)[0] == body.key and adopting.about(cycle) not in proposed
    ]


def themes_to_judge(body: Body) -> list[Theme]:
    """Return the themes that wait for a verdict of this body and on which nothing is proposed yet."""
    proposed = set(body.institution.resolutions.open().values_list("about", flat=True))
    waiting = body.institution.themes.waiting().select_related("institution", "rule_book")
    return [
        theme
        for theme in waiting
        if agenda.judge(theme.rule_book)[0] == body.key and about(theme) not in proposed
    ]
