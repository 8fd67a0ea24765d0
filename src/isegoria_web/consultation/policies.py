"""Who brings, judges and chooses themes. Proposing and signing as a resident is open to everybody who confirms it."""

from __future__ import annotations

from isegoria_web import clock
from isegoria_web.accounts.actors import Actor
from isegoria_web.accounts.enums import Role
from isegoria_web.ballots.models import FEWEST_VOTERS
from isegoria_web.consultation import algorithms
from isegoria_web.consultation.enums import ProposerKind
from isegoria_web.consultation.models import Theme
from isegoria_web.institutions.models import Body, Cycle, Institution
from isegoria_web.membership.models import Member
from isegoria_web.membership.policies import sitting_in_body


def sits_in(actor: Actor | None, institution: Institution) -> bool:
    """Find the people who hold a seat in one of the institution's bodies now."""
    if actor is None or actor.user is None:
        return False
    hers = Member.objects.filter(user=actor.user, cycle__institution=institution)
    return hers.sitting_on(clock.today(institution.time_zone)).exists()


def may_propose_as(actor: Actor | None, institution: Institution, kind: ProposerKind) -> bool:
    """Allow the authority to propose as itself, members as members, and the secretariat to enter what came on paper."""
    if actor is None:
        return False
    if actor.has_role(institution, Role.SECRETARIAT):
        return True
    if kind == ProposerKind.AUTHORITY:
        return actor.has_role(institution, Role.AUTHORITY)
    return kind == ProposerKind.MEMBER and sits_in(actor, institution)


def may_judge(actor: Actor | None, institution: Institution) -> bool:
    """Allow the secretariat of the institution."""
    return actor is not None and actor.has_role(institution, Role.SECRETARIAT)


def judging_body(theme: Theme) -> Body | None:
    """Return the body that judges a theme: the rule book gives it the verdict, and enough members sit in it today."""
    return _sitting(theme.institution, algorithms.judge(theme.rule_book)[0])


def adopting_body(cycle: Cycle) -> Body | None:
    """Return the body that adopts a cycle's question: the rule book gives it that, and enough members sit in it today."""
    return _sitting(cycle.institution, algorithms.adopter_of(cycle)[0])


def may_propose_question(actor: Actor | None, cycle: Cycle) -> bool:
    """Allow the members of the body that adopts the question, while they sit in it, and the secretariat."""
    if may_judge(actor, cycle.institution):
        return True
    body = adopting_body(cycle)
    return body is not None and sitting_in_body(actor, body) is not None


def _sitting(institution: Institution, key: str) -> Body | None:
    body = institution.bodies.filter(key=key).first() if key else None
    return body if body is not None and can_decide(body) else None


def voting_cycle(institution: Institution, key: str) -> Cycle | None:
    """Return the newest cycle of a body in which enough members sit today for a secret ballot; None where too few do."""
    for cycle in institution.cycles.filter(body__key=key).select_related("institution").order_by("-number"):
        if Member.objects.sitting_in(cycle).count() >= FEWEST_VOTERS:
            return cycle
    return None


def can_decide(body: Body) -> bool:
    """Return whether so many sit in a body today that the outcome of a resolution does not tell how each of them spoke."""
    return Member.objects.acting_in(body).count() >= FEWEST_VOTERS


def may_judge_alone(actor: Actor | None, theme: Theme) -> bool:
    """Allow the secretariat where the rule book gives the verdict to nobody, or to a body in which too few sit to decide."""
    return may_judge(actor, theme.institution) and judging_body(theme) is None


def may_propose_verdict(actor: Actor | None, theme: Theme) -> bool:
    """Allow the members of the body that judges, while they sit in it, and the secretariat, which brings what a meeting wants."""
    if may_judge(actor, theme.institution):
        return True
    body = judging_body(theme)
    return body is not None and sitting_in_body(actor, body) is not None


def may_enter_paper(actor: Actor | None, institution: Institution) -> bool:
    """Allow the secretariat of the institution."""
    return may_judge(actor, institution)


def may_read_signatories(actor: Actor | None, institution: Institution) -> bool:
    """Allow the secretariat, which hands the list to whoever checks it; nobody else, on no page."""
    return may_judge(actor, institution)


def may_choose(actor: Actor | None, institution: Institution) -> bool:
    """Allow the secretariat, which writes down what the body decided that is entitled to."""
    return may_judge(actor, institution)


def may_tend_signatures(actor: Actor | None) -> bool:
    """Allow the software alone, on the days that the rules set."""
    return actor is not None and actor.is_system
