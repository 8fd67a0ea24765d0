"""The status of an institution: who suspends, resumes, reviews, renews or abolishes it, and what it then refuses."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import date

from django.db import transaction
from django.utils.translation import gettext as _

from isegoria_web import clock
from isegoria_web.accounts.actors import Actor
from isegoria_web.errors import require
from isegoria_web.institutions import policies
from isegoria_web.institutions.algorithms import rule_book_of
from isegoria_web.institutions.enums import Stage, Status
from isegoria_web.institutions.errors import (
    CycleBrokenOff,
    EndInThePast,
    NotAtWork,
    ReasonsMissing,
    RuleUnknown,
    SomethingMissing,
    WrongStatus,
)
from isegoria_web.institutions.guards import Missing, at_work, institution_holds
from isegoria_web.institutions.life import BEFORE_THE_REPORT, INSTITUTION, Work
from isegoria_web.institutions.machine import Lacking, NotFromHere
from isegoria_web.institutions.models import Cycle, Institution, StatusChange
from isegoria_web.institutions.moving import break_off
from isegoria_web.journal.enums import Action
from isegoria_web.journal.services import Fact, record
from isegoria_web.translated import Texts, written

ACTIONS = {
    "suspend": Action.INSTITUTION_SUSPENDED,
    "resume": Action.INSTITUTION_RESUMED,
    "review": Action.INSTITUTION_REVIEWED,
    "renew": Action.INSTITUTION_RENEWED,
    "abolish": Action.INSTITUTION_ABOLISHED,
}

_FOLLOWS: list[Callable[[Actor, Institution], None]] = []


def when_abolished(follow: Callable[[Actor, Institution], None]) -> None:
    """Register what an app does when an institution is abolished, inside that transaction."""
    if follow not in _FOLLOWS:
        _FOLLOWS.append(follow)


def require_at_work(institution: Institution, work: Work = Work.BEGIN) -> None:
    """Refuse where the institution does no such work in its status: the one predicate of every service.

    Raises
    ------
    NotAtWork
        If it is suspended and something is to begin, or if it is abolished, or not founded yet.
    """
    if at_work(institution, work):
        return
    status = Status(Institution.objects.values_list("status", flat=True).get(pk=institution.pk))
    if status == Status.SUSPENDED:
        raise NotAtWork(_("This institution is suspended: it begins nothing new."))
    if status == Status.ABOLISHED:
        raise NotAtWork(_("This institution was abolished."))
    if status in {Status.ADOPTED, Status.FUNDED}:
        raise NotAtWork(_("This institution does not work yet: its money or its secretariat is not named."))
    raise NotAtWork(_("This institution is not founded yet."))


def require_cycle_at_work(cycle: Cycle, work: Work = Work.BEGIN) -> None:
    """Refuse in a cycle that was broken off, and where its institution does no such work.

    Raises
    ------
    CycleBrokenOff, NotAtWork
        If it is so.
    """
    if Cycle.objects.filter(pk=cycle.pk).exclude(broken_off_from="").exists():
        raise CycleBrokenOff
    require_at_work(cycle.institution, work)


def change(
    *,
    actor: Actor,
    institution: Institution,
    verb: str,
    reasons: Texts,
    rule: str = "",
    until: date | None = None,
) -> StatusChange:
    """Suspend, resume, review, renew or abolish an institution, with reasons that everybody reads.

    Where it is abolished, its cycles before their report are broken off; a report that was handed over is still owed
    its answers, and the journal, the archive and the days of erasure go on.

    Parameters
    ----------
    verb
        One of `ACTIONS`.
    rule
        Id of the rule of the rule book in force that asks for it, like `blackout.months_before_election`; empty where
        none does.
    until
        The day from which a suspended institution is to work again; it does so when the authority says it.

    Raises
    ------
    ReasonsMissing, RuleUnknown, EndInThePast
        If nothing says why, the rule book has no such rule, or the day is not still to come.
    WrongStatus, SomethingMissing
        If the verb does not begin in this status, or something is missing; it says everything that is.
    """
    require(policies.may_change_status(actor, institution))
    given = written(reasons)
    if not given:
        raise ReasonsMissing
    with transaction.atomic():
        institution = Institution.objects.select_for_update().get(pk=institution.pk)
        before, after = Status(institution.status), take(verb, institution)
        made = _write(institution, verb, before, after, given, rule, until)
        institution.status = after
        institution.save(update_fields=["status"])
        broken_off = _break_off_cycles(actor, institution, given) if verb == "abolish" else []
        record(
            actor=actor, institution=institution, action=ACTIONS[verb], subject=institution,
            facts={
                "change": made.number,
                "rule": rule,
                "until": None if until is None else until.isoformat(),
                "reasons_sha256": _digest(given),
                **(_consequences(institution, broken_off) if verb == "abolish" else {}),
            },
        )  # fmt: skip
        if verb == "abolish":
            for follow in _FOLLOWS:
                follow(actor, institution)
        return made


def take(verb: str, institution: Institution) -> Status:
    """Return the status to which a verb leads; called by the verbs that write it, inside their transaction.

    Raises
    ------
    WrongStatus, SomethingMissing
        If it does not begin here, or something is missing.
    """
    try:
        return INSTITUTION.take(verb, Status(institution.status), institution_holds(institution))
    except NotFromHere:
        raise WrongStatus from None
    except Lacking as refused:
        raise SomethingMissing(tuple(Missing(guard) for guard in refused.guards)) from None


def _write(
    institution: Institution,
    verb: str,
    before: Status,
    after: Status,
    reasons: Texts,
    rule: str,
    until: date | None,
) -> StatusChange:
    version = institution.rule_books.latest("number") if rule else None
    if version is not None and rule not in rule_book_of(version).rules():
        raise RuleUnknown
    if until is not None and until <= clock.today(institution.time_zone):
        raise EndInThePast
    made = StatusChange(
        institution=institution, number=institution.status_changes.count() + 1, verb=verb, before=before, after=after,
        reasons=dict(reasons), rule=rule, rule_book=version, until=until, changed_at=clock.now(),
    )  # fmt: skip
    made.full_clean()
    made.save()
    return made


def _break_off_cycles(actor: Actor, institution: Institution, reasons: Texts) -> list[int]:
    open_ = institution.cycles.filter(stage__in=BEFORE_THE_REPORT).order_by("number")
    return [break_off(actor=actor, cycle=each, reasons=reasons).number for each in open_]


def _consequences(institution: Institution, broken_off: list[int]) -> dict[str, list[Fact]]:
    running = institution.cycles.exclude(stage=Stage.CLOSED).order_by("number")
    return {
        "cycles_broken_off": list(broken_off),
        "cycles_that_go_on": list(running.values_list("number", flat=True)),
    }


def _digest(reasons: Texts) -> str:
    text = "\0".join(f"{language}\0{reasons[language]}" for language in sorted(reasons))
    return hashlib.sha256(text.encode()).hexdigest()
