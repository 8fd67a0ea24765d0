"""Who of a register can be drawn for a cycle: residence, lists of people who cannot, former members who wait."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import date
from pathlib import Path

from django.db import transaction

from isegoria.errors import BadInput, IsegoriaError, Place
from isegoria_web import clock
from isegoria_web.accounts.actors import Actor
from isegoria_web.errors import NotAllowed, require, required
from isegoria_web.institutions.models import Cycle, Institution
from isegoria_web.journal.enums import Action
from isegoria_web.journal.services import record
from isegoria_web.recruitment import policies
from isegoria_web.recruitment.algorithms import kind_of_bar, least_shown, rule_named
from isegoria_web.recruitment.enums import CheckStatus
from isegoria_web.recruitment.models import EligibilityCheck
from isegoria_web.recruitment.services import barred, opened_extract
from isegoria_web.register import algorithms as register
from isegoria_web.register.errors import ExtractErased
from isegoria_web.register.models import Extract
from isegoria_web.register.services import private_file, stored

ROWS_BETWEEN = 20_000
"""So many rows are read before the progress is written down."""
MOST_NAMED = 20
"""Values of a column that an error names, as a help."""


def ask_for_check(
    *,
    actor: Actor,
    cycle: Cycle,
    extract: Extract,
    on: date,
    column: str = "",
    places: Sequence[str] = (),
    lists: Sequence[register.ListOfPeople] = (),
) -> EligibilityCheck:
    """Write down what is to be checked; `check` does it, at once or in the background.

    Parameters
    ----------
    on
        The day that counts for those who wait.
    column, places
        Where one must live: a column of the register and what may stand there; empty for anywhere.
    lists
        People who cannot be drawn. They are kept under their keys until the check is over.

    Raises
    ------
    ExtractErased
        If there is nothing to check.
    """
    require(policies.may_invite(actor, cycle) and extract.institution_id == cycle.institution_id)
    if extract.erased_at is not None or extract.sifted_from_id is not None:
        raise ExtractErased
    return EligibilityCheck.objects.create(
        cycle=cycle, source=extract, on=on, column=column if places else "", places=sorted(set(places)),
        pending=json.dumps([asdict(one) for one in lists]), by=required(actor.user), asked_at=clock.now(),
    )  # fmt: skip


def check(*, actor: Actor, asked: EligibilityCheck) -> EligibilityCheck:
    """Sift the extract; those who can be drawn become an extract of their own, erased with the first.

    Doing again what was interrupted begins anew. What does not fit is noted, and nothing is kept.
    """
    require(policies.may_invite(actor, asked.cycle))
    open_ones = EligibilityCheck.objects.filter(pk=asked.pk, ended_at__isnull=True)
    if not open_ones.update(status=CheckStatus.RUNNING, rows=0):
        return EligibilityCheck.objects.get(pk=asked.pk)
    asked.refresh_from_db()
    try:
        with private_file() as out:
            return _keep(actor, asked, _sift(asked, out), out)
    except IsegoriaError as error:
        return _end(asked, CheckStatus.REFUSED, register.as_data(error))
    except Exception:
        _end(asked, CheckStatus.FAILED)
        raise


def checks_of(cycle: Cycle) -> list[EligibilityCheck]:
    """Return the checks of a cycle, the newest first."""
    return list(cycle.eligibility_checks.select_related("source", "result"))


# -- the parts of the verbs --------------------------------------------------------------------------------


def _lists_of(asked: EligibilityCheck) -> list[register.ListOfPeople]:
    return [register.ListOfPeople(**one) for one in json.loads(asked.pending)]


def _sift(asked: EligibilityCheck, out: Path) -> register.Sifted:
    with opened_extract(asked.source) as found:
        if asked.places:
            known = register.values_of(found, asked.column)
            for place in asked.places:
                if place not in known:
                    named = ", ".join(sorted(known)[:MOST_NAMED])
                    raise BadInput("invalid_choice", Place(column=asked.column), value=place, choices=named)
    noted = 0

    def tick(rows: int) -> None:
        nonlocal noted
        if rows - noted >= ROWS_BETWEEN:
            noted = rows
            EligibilityCheck.objects.filter(pk=asked.pk).update(rows=rows)

    def waiting(pseudonyms: Sequence[str]) -> Mapping[str, str]:
        return {name: kind_of_bar(rule) for name, rule in barred(asked.cycle, pseudonyms).items()}

    return register.sift(
        Path(asked.source.file.path), out, on=asked.on,
        within={asked.column: asked.places} if asked.places else {}, lists=_lists_of(asked), waiting=waiting,
        institution_id=asked.source.institution_id, progress=tick,
    )  # fmt: skip


def _keep(actor: Actor, asked: EligibilityCheck, sifted: register.Sifted, out: Path) -> EligibilityCheck:
    institution = asked.source.institution
    with stored(out) as sifted_file, transaction.atomic():
        Institution.objects.select_for_update().get(pk=institution.pk)
        asked = EligibilityCheck.objects.select_for_update().get(pk=asked.pk)
        source = Extract.objects.get(pk=asked.source_id)
        if not asked.is_open:
            return asked
        if source.erased_at is not None:
            raise NotAllowed  # erased while it was read: nothing of it stays
        result = Extract.objects.filter(
            institution=institution, sha256=sifted.sha256, erased_at__isnull=True
        ).first()
        if sifted.eligible == sifted.rows:
            result = source  # nobody is left out
        if result is None:
            result = sifted_file
            result.institution, result.sifted_from = institution, source
            result.file_name, result.sha256, result.residents = (
                source.file_name,
                sifted.sha256,
                sifted.eligible,
            )
            result.reference_date, result.erase_on = source.reference_date, source.erase_on
            result.loaded_at = clock.now()
            result.save()
        lists = _lists_of(asked)
        asked.lists = [
            {
                "name": one.name, "entries": len(one.until), "unmatched": sifted.unmatched[one.name],
                "sha256": one.sha256,
            }
            for one in lists
        ]  # fmt: skip
        asked.result, asked.rows, asked.eligible = result, sifted.rows, sifted.eligible
        asked.left_out = [
            {"rule": rule, "detail": detail, "people": people} for rule, detail, people in sifted.left_out
        ]
        asked.pending, asked.status, asked.ended_at = "", CheckStatus.DONE, clock.now()
        asked.save()
        record(
            actor=actor, institution=institution, action=Action.REGISTER_SIFTED, subject=asked.cycle,
            facts={
                "register": source.sha256, "rows": sifted.rows, "eligible": sifted.eligible,
                "result": sifted.sha256, "places": asked.places,
                "lists": {one.name: one.sha256 for one in lists},
                "left_out": {
                    rule_named(asked.cycle, rule) + (f" ({detail})" if detail else ""): least_shown(people)
                    for rule, detail, people in sifted.left_out
                },
            },
        )  # fmt: skip
        return asked


def _end(asked: EligibilityCheck, status: CheckStatus, faults: Sequence[object] = ()) -> EligibilityCheck:
    with transaction.atomic():
        asked = EligibilityCheck.objects.select_for_update().get(pk=asked.pk)
        if asked.is_open:
            asked.status, asked.faults, asked.pending, asked.ended_at = (
                status,
                list(faults),
                "",
                clock.now(),
            )
            asked.save(update_fields=["status", "faults", "pending", "ended_at"])
        return asked
