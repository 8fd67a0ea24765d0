"""How an institution that is founded begins to work: its money is named in public, its first people hold their roles."""

from __future__ import annotations

from datetime import date

from django.db import transaction

from isegoria_web import clock
from isegoria_web.accounts.actors import Actor
from isegoria_web.errors import require
from isegoria_web.institutions import policies
from isegoria_web.institutions.algorithms import FROM_AUTHORITY
from isegoria_web.institutions.enums import Status
from isegoria_web.institutions.errors import FundingEndsBeforeItBegins, SomethingMissing
from isegoria_web.institutions.life import Work
from isegoria_web.institutions.models import Funding, Institution
from isegoria_web.institutions.sources import differs, sha256_of
from isegoria_web.institutions.status import require_at_work, take
from isegoria_web.journal.enums import Action
from isegoria_web.journal.services import record

VERBS = {Status.ADOPTED: "fund", Status.FUNDED: "operate"}
"""How it goes on from each status until it works."""


def name_funding(
    *,
    actor: Actor,
    institution: Institution,
    line: str,
    source: str,
    euros_a_year: int,
    starts_on: date,
    ends_on: date | None = None,
) -> Funding:
    """Name in public from which budget line the institution is paid; it begins to work where nothing else is missing.

    What was named before stays readable.

    Raises
    ------
    FundingEndsBeforeItBegins
        If the days are exchanged.
    NotAtWork
        If the institution was abolished.
    django.core.exceptions.ValidationError
        If it names no line or no source.
    """
    require(policies.may_name_funding(actor, institution))
    line, source = line.strip(), source.strip()
    if ends_on is not None and ends_on < starts_on:
        raise FundingEndsBeforeItBegins
    with transaction.atomic():
        institution = Institution.objects.select_for_update().get(pk=institution.pk)
        if institution.status not in VERBS:
            require_at_work(institution, Work.GO_ON)
        made = Funding(
            institution=institution, number=institution.funding.count() + 1, line=line, source=source,
            euros_a_year=euros_a_year, starts_on=starts_on, ends_on=ends_on, named_at=clock.now(),
        )  # fmt: skip
        made.full_clean()
        made.save()
        record(
            actor=actor, institution=institution, action=Action.FUNDING_NAMED, subject=institution,
            facts={
                "funding": made.number,
                "line_sha256": sha256_of(line),
                "source_sha256": sha256_of(source),
                "euros_a_year": euros_a_year,
                "from": starts_on.isoformat(),
                "until": None if ends_on is None else ends_on.isoformat(),
                "rules": {"until": FROM_AUTHORITY},
            },
        )  # fmt: skip
        _go_on(actor, institution)
        return made


def funding_changed(funding: Funding) -> bool:
    """Return whether line or source are other words than those that were named, by the hashes in the journal."""
    words = {"line_sha256": funding.line, "source_sha256": funding.source}
    named = ("funding", funding.number)
    return differs(funding.institution, Action.FUNDING_NAMED, number=named, words=words)


def begin_work(*, actor: Actor, institution: Institution) -> Institution:
    """Let an institution work that is founded, has its money and its first people.

    Raises
    ------
    WrongStatus, SomethingMissing
        If it works already or not any more, or something is missing; it says everything that is.
    """
    require(policies.may_name_funding(actor, institution))
    with transaction.atomic():
        institution = Institution.objects.select_for_update().get(pk=institution.pk)
        take(VERBS.get(Status(institution.status), "operate"), institution)
        _go_on(actor, institution)
        if institution.status != Status.OPERATING:
            take("operate", institution)
        return institution


def _go_on(actor: Actor, institution: Institution) -> None:
    """Take the verbs of the beginning as far as nothing is missing."""
    while (verb := VERBS.get(Status(institution.status))) is not None:
        try:
            institution.status = take(verb, institution)
        except SomethingMissing:
            return
        institution.save(update_fields=["status"])
        if institution.status == Status.OPERATING:
            record(
                actor=actor, institution=institution, action=Action.INSTITUTION_BEGAN, subject=institution,
                facts={"funding": institution.funding.latest("number").number},
            )  # fmt: skip
