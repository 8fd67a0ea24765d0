"""What the announcement of letters lacks: all of it at once, each with the page on which it is repaired."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from isegoria_web import clock
from isegoria_web.errors import ServiceError
from isegoria_web.institutions import life
from isegoria_web.institutions.algorithms import drawn_among
from isegoria_web.institutions.enums import Stage
from isegoria_web.institutions.errors import MandateNotSigned, SomethingMissing
from isegoria_web.institutions.guards import Missing, missing_before, named
from isegoria_web.institutions.machine import Guard
from isegoria_web.institutions.models import Cycle
from isegoria_web.institutions.stations import EXTRACT_LOADED
from isegoria_web.institutions.status import require_cycle_at_work
from isegoria_web.lottery import services as lottery
from isegoria_web.lottery.enums import DrawStatus
from isegoria_web.lottery.errors import SourceInThePast
from isegoria_web.lottery.kept import require_kept_seats
from isegoria_web.lottery.models import Draw
from isegoria_web.recruitment.algorithms import age_rule
from isegoria_web.recruitment.enums import CheckStatus
from isegoria_web.recruitment.errors import (
    AgeAgainstRule,
    ChosenLettersWrong,
    DrawnAmongMembers,
    LettersDrawnAlready,
    PanelDrawStands,
    SiftedForAnother,
)
from isegoria_web.recruitment.models import Campaign, EligibilityCheck
from isegoria_web.recruitment.staying import seats_to_draw
from isegoria_web.register.errors import ExtractErased
from isegoria_web.register.models import Extract

NO_LETTERS = Guard("letters.none", LettersDrawnAlready.problem, "letters")
EXTRACT_HELD = Guard("extract.held", ExtractErased.problem, "register")
EXTRACT_OF_CYCLE = Guard("extract.of_cycle", SiftedForAnother.problem, "eligibility")
RANDOMNESS_AHEAD = Guard("randomness.ahead", SourceInThePast.problem)
LETTERS_ADD_UP = Guard("letters.add_up", ChosenLettersWrong.problem)
ALONE: Mapping[str, type[ServiceError]] = {
    life.MANDATE_SIGNED.id: MandateNotSigned,
    life.DRAW_ANNULLED.id: PanelDrawStands,
    NO_LETTERS.id: LettersDrawnAlready,
    EXTRACT_HELD.id: ExtractErased,
    EXTRACT_OF_CYCLE.id: SiftedForAnother,
    RANDOMNESS_AHEAD.id: SourceInThePast,
    LETTERS_ADD_UP.id: ChosenLettersWrong,
}
"""What is said where nothing else is missing: the way out of this alone."""


def missing_for_letters(cycle: Cycle) -> tuple[Missing, ...]:
    """Return what letters of a cycle lack, whatever will be asked for: shown before anybody fills in the form."""
    missing = list(_of_cycle(cycle))
    if not Extract.objects.filter(institution=cycle.institution_id, erased_at__isnull=True).exists():
        missing += named(cycle, (EXTRACT_LOADED,))
    return tuple(missing)


def require_announceable(
    cycle: Cycle,
    extract: Extract,
    source_due_at: datetime,
    letters: int,
    stratified_by: str,
    chosen: Mapping[str, int] | None,
) -> EligibilityCheck | None:
    """Refuse letters that cannot be announced now, as the database knows it; returns the check that made the extract.

    Raises
    ------
    CycleBrokenOff, NotAtWork
        If nothing is begun here any more.
    DrawnAmongMembers
        If people are drawn among the members of another body, and nobody checked who in the register has sat there.
    KeptSeatsUntold
        If the rule book keeps seats for people whom no feature tells.
    isegoria_web.membership.errors.RotationUndated
        If nobody planned the day of the rotation on which hangs how many people are drawn: every letter says it.
    MandateNotSigned, SourceInThePast, ExtractErased, LettersDrawnAlready, PanelDrawStands, ChosenLettersWrong, SiftedForAnother
        If this one thing is missing.
    SomethingMissing
        If several things are, with all of them.
    """
    require_cycle_at_work(cycle)
    require_kept_seats(cycle, told=True)
    seats_to_draw(cycle)  # the letters say how many
    checks = EligibilityCheck.objects.filter(cycle=cycle, result=extract, status=CheckStatus.DONE)
    check = checks.select_related("source").first()
    among = drawn_among(cycle.rule_book, cycle.body.key)
    if among is not None and check is None:
        raise DrawnAmongMembers(among[1])
    guards: list[Guard] = []
    if not Extract.objects.filter(pk=extract.pk, erased_at__isnull=True).exists():
        guards.append(EXTRACT_HELD)
    if extract.sifted_from_id is not None and check is None:
        guards.append(EXTRACT_OF_CYCLE)
    if source_due_at <= clock.now():
        guards.append(RANDOMNESS_AHEAD)
    if chosen is not None and (not stratified_by or sum(chosen.values()) != letters):
        guards.append(LETTERS_ADD_UP)
    missing = (*_of_cycle(cycle), *named(cycle, tuple(guards)))
    if len(missing) == 1 and (alone := ALONE.get(missing[0].guard.id)) is not None:
        raise alone
    if missing:
        raise SomethingMissing(missing)
    return check


def require_age(cycle: Cycle, age_min: int) -> None:
    """Refuse a youngest age other than the one that the rule book of the cycle sets.

    Raises
    ------
    AgeAgainstRule
        If it is another; the refusal names age and rule.
    """
    found = age_rule(cycle)
    if found is not None and found[0] != age_min:
        raise AgeAgainstRule(*found)


def _of_cycle(cycle: Cycle) -> tuple[Missing, ...]:
    """Return what the cycle itself lacks, as the database knows it."""
    cycle = Cycle.objects.select_related("institution", "body", "rule_book").get(pk=cycle.pk)
    guards: list[Guard] = []
    if cycle.stage == Stage.MANDATE:
        before = missing_before(cycle, life.CYCLE.verb("invite"))
    else:
        before = ()
        if cycle.mandate_signed_at is None:
            guards.append(life.MANDATE_SIGNED)
    if lottery.holds_a_draw(cycle):
        guards.append(life.DRAW_ANNULLED)
    elif _letters_stand(cycle):
        guards.append(NO_LETTERS)
    return (*before, *named(cycle, tuple(guards)))


def _letters_stand(cycle: Cycle) -> bool:
    """Whether letters of the cycle count, unless the panel that was drawn from them was annulled."""
    counting = Campaign.objects.filter(cycle=cycle).current().select_related("draw").first()
    if counting is None:
        return False
    panels = Draw.objects.filter(cycle=cycle, number__gt=counting.draw.number).of_panel()
    return not panels.filter(status=DrawStatus.ANNULLED).exists()
