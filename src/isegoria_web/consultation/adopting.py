"""The mandate's question where the rule book lets a body adopt it: proposed to its members, then signed by the authority."""

from __future__ import annotations

from isegoria_web.accounts.actors import Actor
from isegoria_web.ballots import resolutions
from isegoria_web.ballots.enums import Matter, ResolutionStatus
from isegoria_web.ballots.errors import ResolutionUnderWay, TooFewSit
from isegoria_web.ballots.models import Resolution
from isegoria_web.consultation import algorithms, policies
from isegoria_web.consultation.errors import QuestionMissing, QuestionNotAdopted, QuestionSettled
from isegoria_web.errors import require
from isegoria_web.institutions.enums import Stage
from isegoria_web.institutions.mandates import write_question
from isegoria_web.institutions.models import Cycle
from isegoria_web.translated import Texts, written


def about(cycle: Cycle) -> str:
    """Return how resolutions name a cycle."""
    return f"cycle {cycle.number}"


def propose_question(*, actor: Actor, cycle: Cycle, question: Texts) -> Resolution:
    """Propose a question to the body that adopts it; what is adopted stands in the draft, and the authority can sign it.

    Raises
    ------
    QuestionMissing
        If there is none.
    QuestionSettled, TooFewSit, ResolutionUnderWay
        If the cycle is closed, too few sit in that body, or it decides on a question already.
    """
    require(policies.may_propose_question(actor, cycle))
    texts = written(question)
    if not texts:
        raise QuestionMissing
    if Cycle.objects.filter(pk=cycle.pk, stage=Stage.CLOSED).exists():
        raise QuestionSettled
    body = policies.adopting_body(cycle)
    if body is None:
        raise TooFewSit
    return resolutions.propose(
        actor=actor, body=body, matter=Matter.QUESTION, about=about(cycle), terms={"question": texts},
        rule=algorithms.adopter_of(cycle)[1], rule_book=cycle.rule_book,
    )  # fmt: skip


def adopted_by(cycle: Cycle) -> Resolution | None:
    """Return the resolution by which a body adopted the question of a cycle as it stands; None where it did not."""
    newest = last_adopted(cycle)
    return newest if newest is not None and newest.terms["question"] == written(cycle.question) else None


def last_adopted(cycle: Cycle) -> Resolution | None:
    """Return the last resolution by which a body adopted a question of a cycle, whether it is signed or not."""
    carried = Resolution.objects.filter(
        institution=cycle.institution_id, matter=Matter.QUESTION, about=about(cycle),
        status=ResolutionStatus.CARRIED,
    )  # fmt: skip
    return carried.select_related("body", "rule_book").order_by("-number").first()


def require_adopted(cycle: Cycle) -> None:
    """Refuse to sign a question that a body has to adopt and has not; where so few sit in it that they cannot decide, nobody is asked.

    Raises
    ------
    ResolutionUnderWay
        If its members are deciding.
    QuestionNotAdopted
        If they have not adopted it as it stands.
    """
    if Resolution.objects.open().filter(institution=cycle.institution_id, about=about(cycle)).exists():
        raise ResolutionUnderWay
    if policies.adopting_body(cycle) is not None and adopted_by(cycle) is None:
        raise QuestionNotAdopted(algorithms.adopter_of(cycle)[1])


def follow(actor: Actor, resolution: Resolution) -> None:
    """Write the question on which the members agreed into the draft, in the transaction that counted them."""
    if resolution.matter == Matter.QUESTION:
        write_question(
            actor=actor, cycle=cycle_of(resolution), question=resolution.terms["question"],
            facts={"body": resolution.body.key, "resolution": resolution.number},
        )  # fmt: skip


def cycle_of(resolution: Resolution) -> Cycle:
    """Return the cycle whose question a resolution adopts."""
    number = int(resolution.about.removeprefix("cycle "))
    found = Cycle.objects.select_related("institution", "body", "rule_book")
    return found.get(institution=resolution.institution_id, number=number)
