"""Other quotas than those under which people were invited: with a public reason, by two persons."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction

from isegoria_web import clock
from isegoria_web.accounts.actors import Actor
from isegoria_web.errors import require, required
from isegoria_web.institutions.models import Cycle
from isegoria_web.journal.enums import Action
from isegoria_web.journal.services import record
from isegoria_web.lottery import algorithms, policies
from isegoria_web.lottery.errors import (
    QuotaChangeClosed,
    QuotaChangeOpen,
    QuotaChangeOvertaken,
    QuotasNotBound,
    QuotasUnchanged,
    QuotaWrong,
    TwoPersonsForQuotas,
)
from isegoria_web.lottery.kept import require_kept_seats
from isegoria_web.lottery.models import QuotaChange, Value
from isegoria_web.lottery.services import QUOTA_FIELDS, lock_open_cycle, quotas_are_bound
from isegoria_web.translated import Texts

Row = Mapping[str, Any]


def propose_quotas_change(
    *, actor: Actor, cycle: Cycle, quotas: Mapping[tuple[str, str], tuple[int, int]], reason: Texts
) -> QuotaChange:
    """Propose other quotas with a reason that everybody reads; a second person makes the change.

    Parameters
    ----------
    quotas
        Feature and value to (minimum, maximum); what is not named stays as it is.

    Raises
    ------
    QuotasNotBound
        While nobody is invited, or quotas are missing.
    PoolFrozen
        Once the pool is frozen: its draw would have to be annulled first.
    QuotaChangeOpen
        If one is proposed already.
    QuotaWrong, QuotasUnchanged
        If a value is unknown, a minimum is above its maximum, or nothing differs.
    isegoria.errors.BadInput
        If the sums of a feature cannot meet the panel's size.
    """
    require(policies.may_set_quotas(actor, cycle))
    person = required(actor.user)
    with transaction.atomic():
        lock_open_cycle(cycle)
        cycle.refresh_from_db(fields=["stage"])  # as it is now, not as the caller read it
        if not quotas_are_bound(cycle):
            raise QuotasNotBound
        if open_change(cycle) is not None:
            raise QuotaChangeOpen
        made = QuotaChange(
            cycle=cycle, number=cycle.quota_changes.count() + 1, reason=dict(reason),
            rows=_rows(cycle, quotas), proposed_by=person, proposed_at=clock.now(),
        )  # fmt: skip
        made.full_clean(validate_constraints=False)
        with transaction.atomic():
            _write(cycle, made.rows)
            algorithms.check_quotas(algorithms.quotas_of(cycle), cycle.panel_size)
            require_kept_seats(cycle)
            transaction.set_rollback(True)  # only tried: what cannot be made is not proposed
        made.save()
        record(
            actor=actor, institution=cycle.institution, action=Action.QUOTAS_PROPOSED, subject=cycle,
            facts={
                "number": made.number, "reason": dict(reason), **in_figures(made.rows),
                "rules": algorithms.quota_grounds(cycle),
            },
            sealed={"person": person.pk},
        )  # fmt: skip
        return made


def confirm_quotas_change(*, actor: Actor, change: QuotaChange) -> QuotaChange:
    """Make a change that somebody else proposed.

    Raises
    ------
    TwoPersonsForQuotas
        If the same person proposed it.
    PoolFrozen, QuotaChangeClosed, QuotaChangeOvertaken
        If it is not the time for it.
    """
    require(policies.may_set_quotas(actor, change.cycle))
    if not policies.may_confirm_quotas(actor, change):
        raise TwoPersonsForQuotas
    person = required(actor.user)
    with transaction.atomic():
        lock_open_cycle(change.cycle)
        change = _undecided(change)
        if change.rows != _rows(
            change.cycle, {(row["feature"], row["value"]): row["after"] for row in change.rows}
        ):
            raise QuotaChangeOvertaken
        change.confirmed_by, change.confirmed_at = person, clock.now()
        change.save(update_fields=["confirmed_by", "confirmed_at"])
        _write(change.cycle, change.rows)
        record(
            actor=actor, institution=change.cycle.institution, action=Action.QUOTAS_CHANGED,
            subject=change.cycle,
            facts={
                "number": change.number, "persons": 2, "reason": dict(change.reason), **in_figures(change.rows),
                "rules": algorithms.quota_grounds(change.cycle),
            },
            sealed={"person": person.pk},
        )  # fmt: skip
        return change


def withdraw_quotas_change(*, actor: Actor, change: QuotaChange) -> QuotaChange:
    """Withdraw a change that nobody made; it stays to be read.

    Raises
    ------
    QuotaChangeClosed
        If it was made or withdrawn.
    """
    require(policies.may_set_quotas(actor, change.cycle))
    with transaction.atomic():
        Cycle.objects.select_for_update().get(pk=change.cycle_id)
        change = _undecided(change)
        change.withdrawn_at = clock.now()
        change.save(update_fields=["withdrawn_at"])
        record(
            actor=actor, institution=change.cycle.institution, action=Action.QUOTAS_KEPT,
            subject=change.cycle, facts={"number": change.number},
        )  # fmt: skip
        return change


def open_change(cycle: Cycle) -> QuotaChange | None:
    """Return the change that waits for a second person, if there is one."""
    return cycle.quota_changes.filter(confirmed_at__isnull=True, withdrawn_at__isnull=True).first()


def in_figures(rows: Sequence[Row]) -> dict[str, str]:
    """Return the rows of a change as the journal shows them: `3-5 → 2-5`."""
    return {
        f"{row['feature']}:{row['value']}": " → ".join(
            "-".join(map(str, row[when])) for when in ("before", "after")
        )
        for row in rows
    }


def _undecided(change: QuotaChange) -> QuotaChange:
    change = QuotaChange.objects.select_related("cycle__institution").get(pk=change.pk)
    if not change.is_open:
        raise QuotaChangeClosed
    return change


def _values(cycle: Cycle) -> dict[tuple[str, str], Value]:
    found = Value.objects.filter(feature__cycle=cycle).select_related("feature")
    return {
        (value.feature.key, value.key): value for value in found.order_by("feature__position", "position")
    }


def _rows(cycle: Cycle, quotas: Mapping[tuple[str, str], Sequence[int]]) -> list[dict[str, Any]]:
    """Return what differs, in the order of the quotas, with what stands there now."""
    values = _values(cycle)
    if not set(quotas) <= set(values):
        raise QuotaWrong
    rows = []
    for (feature, key), value in values.items():
        before = [value.minimum, value.maximum]
        least, most = quotas.get((feature, key), (value.minimum or 0, value.maximum or 0))
        if not 0 <= least <= most:
            raise QuotaWrong
        after = [least, most]
        if after != before:
            rows.append({"feature": feature, "value": key, "before": before, "after": after})
    if not rows:
        raise QuotasUnchanged
    return rows


def _write(cycle: Cycle, rows: Sequence[Row]) -> None:
    """Set the numbers; a limit that was stated moves along where two persons go beyond it."""
    values = _values(cycle)
    changed = []
    for row in rows:
        value = values[row["feature"], row["value"]]
        value.minimum, value.maximum = row["after"]
        value.min_flex = None if value.min_flex is None else min(value.min_flex, value.minimum)
        value.max_flex = None if value.max_flex is None else max(value.max_flex, value.maximum)
        changed.append(value)
    Value.objects.bulk_update(changed, QUOTA_FIELDS)
