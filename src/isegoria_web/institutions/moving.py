"""How a cycle moves from stage to stage: by the verbs of its machine, and by none other."""

from __future__ import annotations

from collections.abc import Callable

from django.db import transaction

from isegoria_web import clock
from isegoria_web.accounts.actors import Actor
from isegoria_web.errors import require
from isegoria_web.institutions import policies
from isegoria_web.institutions.enums import Stage
from isegoria_web.institutions.errors import ReasonsMissing, SomethingMissing, WrongStage
from isegoria_web.institutions.guards import cycle_holds, missing_before, named
from isegoria_web.institutions.life import CYCLE
from isegoria_web.institutions.machine import Lacking, NotFromHere
from isegoria_web.institutions.models import Cycle, Milestone
from isegoria_web.journal.enums import Action
from isegoria_web.journal.services import record
from isegoria_web.translated import Texts, written

_FOLLOWS: list[Callable[[Actor, Cycle], None]] = []


def when_broken_off(follow: Callable[[Actor, Cycle], None]) -> None:
    """Register what an app does when a cycle is broken off, inside that transaction."""
    if follow not in _FOLLOWS:
        _FOLLOWS.append(follow)


def advance(*, actor: Actor, cycle: Cycle, to: Stage, announced: bool = False) -> Cycle:
    """Move a cycle to another stage; called by the verbs that bring it there, inside their transaction.

    Parameters
    ----------
    announced
        The act was announced in public when nothing was missing. Only what it brings about itself is asked for now:
        else whoever has seen the randomness could open a question that holds the result back.

    Raises
    ------
    WrongStage
        If no verb leads there from its stage.
    SomethingMissing
        If something is missing; it says everything that is.
    """
    require(policies.may_advance_cycle(actor, cycle.institution))
    with transaction.atomic():
        cycle = Cycle.objects.locked(cycle.pk)
        here = Stage(cycle.stage)
        if here == to:
            return cycle
        found = CYCLE.between(here, to)
        if found is None:
            raise WrongStage
        require(policies.may_take(actor, cycle.institution, found))
        cycle.stage = _take(found.verb, cycle, announced=announced)
        if to == Stage.CLOSED:
            cycle.closed_at = clock.now()
        cycle.save(update_fields=["stage", "closed_at"])
        again = CYCLE.states.index(to) < CYCLE.states.index(here)
        if again:
            Milestone.objects.filter(cycle=cycle, stage=here).update(reached_at=None)
        reach(cycle, to)
        record(
            actor=actor, institution=cycle.institution, action=Action.STAGE_REACHED, subject=cycle,
            facts={"cycle": cycle.number, "stage": to.value, **({"again": True} if again else {})},
        )  # fmt: skip
        return cycle


def begin_again(*, actor: Actor, cycle: Cycle) -> Cycle:
    """Lead a cycle from the draw back to the invitation; called by the verb that announces letters after an annulment.

    A cycle that is not further than the invitation stays where it is.

    Raises
    ------
    WrongStage, SomethingMissing
        If seats were taken, or a draw of the panel holds.
    """
    stage = Stage(Cycle.objects.values_list("stage", flat=True).get(pk=cycle.pk))
    if stage in {Stage.MANDATE, Stage.INVITING}:
        require(policies.may_advance_cycle(actor, cycle.institution))
        return cycle
    return advance(actor=actor, cycle=cycle, to=Stage.INVITING)


def require_ready(cycle: Cycle, verb: str) -> None:
    """Refuse before a verb is begun, with everything that it lacks beside its own act.

    Raises
    ------
    SomethingMissing
        If a guard does not hold.
    """
    if missing := missing_before(cycle, CYCLE.verb(verb)):
        raise SomethingMissing(missing)


def break_off(*, actor: Actor, cycle: Cycle, reasons: Texts) -> Cycle:
    """Break a cycle off before its report, with reasons that everybody reads: its terms end, its data go on their days.

    Raises
    ------
    ReasonsMissing
        If nothing says why.
    WrongStage
        If the report was handed over: what was recommended is owed its answers; or if the cycle is closed.
    """
    require(policies.may_break_off_cycle(actor, cycle.institution))
    given = written(reasons)
    if not given:
        raise ReasonsMissing
    with transaction.atomic():
        cycle = Cycle.objects.locked(cycle.pk)
        cycle.broken_off_from, cycle.broken_off_reasons = cycle.stage, given
        cycle.stage, cycle.closed_at = _take("break_off", cycle), clock.now()
        cycle.save(update_fields=["stage", "closed_at", "broken_off_from", "broken_off_reasons"])
        reach(cycle, Stage.CLOSED)
        record(
            actor=actor, institution=cycle.institution, action=Action.CYCLE_BROKEN_OFF, subject=cycle,
            facts={"cycle": cycle.number, "stage": cycle.broken_off_from},
        )  # fmt: skip
        for follow in _FOLLOWS:
            follow(actor, cycle)
        return cycle


def reach(cycle: Cycle, stage: Stage) -> None:
    """Note in the calendar of a cycle that a stage is reached now."""
    found = Milestone.objects.filter(cycle=cycle, stage=stage, reached_at__isnull=True)
    found.update(reached_at=clock.now())


def _take(verb: str, cycle: Cycle, *, announced: bool = False) -> Stage:
    holds = cycle_holds(cycle)
    try:
        return CYCLE.take(
            verb, Stage(cycle.stage), lambda guard: (announced and not guard.by_act) or holds(guard)
        )
    except NotFromHere:
        raise WrongStage from None
    except Lacking as refused:
        raise SomethingMissing(named(cycle, refused.guards)) from None
