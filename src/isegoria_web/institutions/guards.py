"""What is missing before a verb: the apps say whether a guard holds, and the rule book which rule asks for it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from isegoria_web.accounts.enums import Role
from isegoria_web.accounts.models import Grant
from isegoria_web.institutions import life, stations
from isegoria_web.institutions.algorithms import rule_book_of
from isegoria_web.institutions.enums import Stage, Status
from isegoria_web.institutions.life import WORK_AT, Work
from isegoria_web.institutions.machine import Guard, Transition, lacking_of
from isegoria_web.institutions.models import Cycle, Institution

_OF_CYCLE: dict[str, Callable[[Cycle], bool]] = {
    life.MANDATE_SIGNED.id: lambda cycle: cycle.mandate_signed_at is not None,
    life.AT_WORK.id: lambda cycle: at_work(cycle.institution, Work.BEGIN),
    stations.TEAM_NAMED.id: lambda cycle: _somebody_is(cycle.institution, Role.FACILITATOR),
}
_OF_AGENDA: dict[str, Callable[[Institution], bool]] = {}
_OF_INSTITUTION: dict[str, Callable[[Institution], bool]] = {
    life.RULE_BOOK_ADOPTED.id: lambda institution: institution.rule_books.exists(),
    life.FUNDING_NAMED.id: lambda institution: institution.funding.exists(),
    life.SECRETARIAT_NAMED.id: lambda institution: _somebody_is(institution, Role.SECRETARIAT),
    life.AUTHORITY_NAMED.id: lambda institution: _somebody_is(institution, Role.AUTHORITY),
}


@dataclass(frozen=True)
class Missing:
    """What a verb lacks: the guard, and the rule with the version of the rule book that asks for it.

    `rule` is empty and `version` 0 where no statute asks: the site does.
    """

    guard: Guard
    rule: str = ""
    version: int = 0


def told_by(guard: Guard, holds: Callable[[Cycle], bool]) -> None:
    """Register who knows whether a guard of the cycle holds."""
    _OF_CYCLE[guard.id] = holds


def told_of_agenda(guard: Guard, holds: Callable[[Institution], bool]) -> None:
    """Register who knows whether a guard of the agenda holds, before a cycle is opened."""
    _OF_AGENDA[guard.id] = holds


def cycle_holds(cycle: Cycle) -> Callable[[Guard], bool]:
    """Return what answers whether a guard holds for a cycle.

    Raises
    ------
    KeyError
        From the answer, for a guard that nobody knows: no verb is done past a question without an answer.
    """
    return lambda guard: _OF_CYCLE[guard.id](cycle)


def institution_holds(institution: Institution) -> Callable[[Guard], bool]:
    """Return what answers whether a guard holds for an institution; KeyError from it as above."""
    return lambda guard: _OF_INSTITUTION[guard.id](institution)


def agenda_holds(institution: Institution) -> Callable[[Guard], bool]:
    """Return what answers whether a guard holds for the agenda of an institution; KeyError from it as above."""
    return lambda guard: _OF_AGENDA[guard.id](institution)


def missing_of(cycle: Cycle, transition: Transition[Stage]) -> tuple[Missing, ...]:
    """Return everything that a verb of a cycle lacks, each with the rule that asks for it."""
    return named(cycle, lacking_of(transition, cycle_holds(cycle)))


def missing_before(cycle: Cycle, transition: Transition[Stage]) -> tuple[Missing, ...]:
    """Return what a verb of a cycle lacks beside what its own act brings about."""
    return tuple(each for each in missing_of(cycle, transition) if not each.guard.by_act)


def named(cycle: Cycle, guards: tuple[Guard, ...]) -> tuple[Missing, ...]:
    """Return guards with the rules of the cycle's rule book that ask for them."""
    if not any(guard.rules for guard in guards):
        return tuple(Missing(guard) for guard in guards)
    known = rule_book_of(cycle.rule_book).rules()
    return tuple(_named(cycle, guard, known) for guard in guards)


def at_work(institution: Institution, work: Work) -> bool:
    """Return whether an institution does such work, by its status in the database now."""
    status = Institution.objects.values_list("status", flat=True).get(pk=institution.pk)
    return work in WORK_AT[Status(status)]


def _named(cycle: Cycle, guard: Guard, known: dict[str, object]) -> Missing:
    rules = (rule.format(body=cycle.body.key) for rule in guard.rules)
    rule = next((each for each in rules if each in known), "")
    return Missing(guard, rule, cycle.rule_book.number if rule else 0)


def _somebody_is(institution: Institution, role: Role) -> bool:
    return Grant.objects.valid_now().filter(institution=institution, role=role).exists()
