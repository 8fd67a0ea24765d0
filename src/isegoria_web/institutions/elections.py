"""Days of election, and the pause that the rule book keeps before them: nobody is convened meanwhile."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db import transaction
from django.db.models import QuerySet

from isegoria_web import clock
from isegoria_web.accounts.actors import Actor
from isegoria_web.errors import require
from isegoria_web.institutions import policies
from isegoria_web.institutions.algorithms import FROM_AUTHORITY, PAUSE, dated, pauses_of, stopped_bodies
from isegoria_web.institutions.enums import ElectionKind, Status
from isegoria_web.institutions.errors import ElectionEntered, ElectionOver, PauseBeforeElection
from isegoria_web.institutions.models import Cycle, Election, Institution
from isegoria_web.institutions.sources import differs, sha256_of
from isegoria_web.journal.enums import Action
from isegoria_web.journal.services import Fact, record


@dataclass(frozen=True)
class Pause:
    """The months before an election in which bodies are not convened: the first day, and the day of the election."""

    election: Election
    begins: date
    ends: date
    rule: str  # with the version of the rule book
    bodies: tuple[str, ...]
    everybody: bool  # every body that is drawn by lot

    @property
    def source_changed(self) -> bool:
        """Whether the source of the day of election is no longer the one that was entered."""
        return source_changed(self.election)

    def holds_on(self, day: date) -> bool:
        """Return whether a day falls into it; the day of the election does."""
        return self.begins <= day <= self.ends


def enter_election(
    *, actor: Actor, institution: Institution, kind: ElectionKind, held_on: date, source: str
) -> Election:
    """Enter a day of election, with where it is published; everybody sees it, and the pause that comes before it.

    Raises
    ------
    ElectionOver
        If the day is over.
    ElectionEntered
        If it is entered already.
    django.core.exceptions.ValidationError
        If it names no source.
    """
    require(policies.may_enter_election(actor, institution))
    source = source.strip()
    if held_on < clock.today(institution.time_zone):
        raise ElectionOver
    with transaction.atomic():
        institution = Institution.objects.select_for_update().get(pk=institution.pk)
        if _standing(institution).filter(kind=kind, held_on=held_on).exists():
            raise ElectionEntered
        made = Election(
            institution=institution, number=institution.elections.count() + 1, kind=kind, held_on=held_on,
            source=source, entered_at=clock.now(),
        )  # fmt: skip
        made.full_clean()
        made.save()
        _record(actor, made, Action.ELECTION_ENTERED, source_sha256=sha256_of(source))
        return made


def withdraw_election(*, actor: Actor, election: Election) -> Election:
    """Withdraw a day of election that was entered wrongly or was moved; the entry stays in the journal.

    Raises
    ------
    ElectionOver
        If it was withdrawn, or its day is over.
    """
    require(policies.may_enter_election(actor, election.institution))
    with transaction.atomic():
        Election.objects.select_for_update().get(pk=election.pk)
        found = Election.objects.select_related("institution").get(pk=election.pk)
        if found.withdrawn_at is not None or found.held_on < clock.today(found.institution.time_zone):
            raise ElectionOver
        found.withdrawn_at = clock.now()
        found.save(update_fields=["withdrawn_at"])
        _record(actor, found, Action.ELECTION_WITHDRAWN)
        return found


def source_changed(election: Election) -> bool:
    """Return whether the source is other words than those that were entered, by the hash in the journal."""
    entered, words = ("election", election.number), {"source_sha256": election.source}
    return differs(election.institution, Action.ELECTION_ENTERED, number=entered, words=words)


def pauses(institution: Institution) -> tuple[Pause, ...]:
    """Return the pauses before the elections that are not over, by the rule book in force, the next one first."""
    version = institution.rule_books.latest("number")
    bodies, everybody = stopped_bodies(version)
    today = clock.today(institution.time_zone)
    found = []
    for election in _standing(institution).filter(held_on__gte=today).order_by("held_on", "number"):
        spans = pauses_of(version, bodies[0], [election.held_on]) if bodies else ()
        found += [Pause(election, *span, dated(PAUSE, version), bodies, everybody) for span in spans]
    return tuple(found)


def pause_to_suspend_for(institution: Institution) -> Pause | None:
    """Return the pause that has begun and stops every body, while the institution still works; None otherwise."""
    if institution.status not in {Status.OPERATING, Status.UNDER_REVIEW}:
        return None
    today = clock.today(institution.time_zone)
    return next((each for each in pauses(institution) if each.everybody and each.holds_on(today)), None)


def require_no_pause(cycle: Cycle, days: Iterable[date]) -> None:
    """Refuse days on which the body of a cycle is not convened, by the rule book under which the cycle began.

    Raises
    ------
    PauseBeforeElection
        If one of them falls into the pause before an election; it names the rule.
    """
    elections = list(_standing(cycle.institution).values_list("held_on", flat=True))
    spans = pauses_of(cycle.rule_book, cycle.body.key, elections)
    wanted = list(days)
    for begins, ends in spans:
        if any(begins <= day <= ends for day in wanted):
            raise PauseBeforeElection(begins, ends, dated(PAUSE, cycle.rule_book))


def note_pauses(*, actor: Actor) -> int:
    """Tell in the journal, once and on its first day, that a pause before an election has begun; returns how many.

    Meetings are refused by the day, whether this was told or not. Where the pause stops every body, the authority is asked
    on its page to suspend the institution: a change of status has its reasons, and they are hers.
    """
    require(policies.may_note_pause(actor))
    told = 0
    waiting = Election.objects.filter(withdrawn_at__isnull=True, pause_noted_at__isnull=True)
    for institution in Institution.objects.filter(elections__in=waiting).distinct():
        today = clock.today(institution.time_zone)
        for pause in pauses(institution):
            if pause.holds_on(today) and pause.election.pause_noted_at is None:
                told += _note(actor, pause)
    return told


def _note(actor: Actor, pause: Pause) -> bool:
    with transaction.atomic():
        Election.objects.select_for_update().get(pk=pause.election.pk)
        found = Election.objects.select_related("institution").get(pk=pause.election.pk)
        if found.pause_noted_at is not None or found.withdrawn_at is not None:
            return False
        found.pause_noted_at = clock.now()
        found.save(update_fields=["pause_noted_at"])
        record(
            actor=actor, institution=found.institution, action=Action.PAUSE_BEGAN, subject=found.institution,
            facts={
                "election": found.number,
                "from": pause.begins.isoformat(),
                "until": pause.ends.isoformat(),
                "rule": pause.rule,
                "bodies": list(pause.bodies),
            },
        )  # fmt: skip
        return True


def _standing(institution: Institution) -> QuerySet[Election]:
    return Election.objects.filter(institution=institution, withdrawn_at__isnull=True)


def _record(actor: Actor, election: Election, action: Action, **more: Fact) -> None:
    record(
        actor=actor, institution=election.institution, action=action, subject=election.institution,
        facts={
            "election": election.number,
            "kind": election.kind,
            "held_on": election.held_on.isoformat(),
            **more,
            "rules": {"held_on": FROM_AUTHORITY},
        },
    )  # fmt: skip
