"""Quotas in words: what was changed, what conflicts, and which ways lead out; for the office and for everybody."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _

from isegoria_web.institutions.models import Cycle
from isegoria_web.lottery.algorithms import Advice, Way
from isegoria_web.lottery.models import QuotaChange, Value
from isegoria_web.translated import in_language


@dataclass(frozen=True)
class QuotaStep:
    """One value whose quota moves: its name, and from what to what."""

    name: str
    before: str
    after: str

    @property
    def step(self) -> str:
        """Both in one line."""
        return f"{self.before} → {self.after}"


@dataclass(frozen=True)
class ChangeInWords:
    """A change of the quotas with its rows."""

    change: QuotaChange
    rows: list[QuotaStep]


@dataclass(frozen=True)
class WayInWords:
    """A way out with its rows, by how many seats in all, and by how many at the most in one place."""

    rows: list[QuotaStep]
    seats: int
    largest: int


def changes_of(cycle: Cycle) -> list[ChangeInWords]:
    """Return every change of the quotas of a cycle that was proposed, the newest first."""
    return [change_in_words(one) for one in cycle.quota_changes.order_by("-number")]


def change_in_words(change: QuotaChange) -> ChangeInWords:
    """Return a change with the names of what it moves."""
    values = _values(change.cycle)
    return ChangeInWords(
        change,
        [
            QuotaStep(
                _name(values, row["feature"], row["value"]), _range(*row["before"]), _range(*row["after"])
            )
            for row in change.rows
        ],
    )


def way_in_words(cycle: Cycle, way: Way) -> WayInWords:
    """Return a way out with the names of what it moves."""
    values = _values(cycle)
    rows = [
        QuotaStep(
            _name(values, *key), _range(values[key].minimum or 0, values[key].maximum or 0), _range(*after)
        )
        for key, after in way.rows.items()
    ]
    return WayInWords(rows, way.seats, way.largest)


def conflict_in_words(cycle: Cycle, advised: Advice) -> list[str]:
    """Return the sides of quotas that cannot be met together, each as a sentence."""
    values = _values(cycle)
    sentences = []
    for side in advised.conflict:
        name = _name(values, side.quota.feature, side.quota.value)
        if side.bound == "maximum":
            sentences.append(
                _("%(value)s: at most %(most)d may sit on the panel.")
                % {"value": name, "most": side.quota.maximum}
            )
        else:
            sentences.append(
                _("%(value)s: at least %(least)d are needed, and %(people)d said yes.")
                % {"value": name, "least": side.quota.minimum, "people": side.people}
            )
    return sentences


def _values(cycle: Cycle) -> dict[tuple[str, str], Value]:
    found = Value.objects.filter(feature__cycle=cycle).select_related("feature")
    return {(value.feature.key, value.key): value for value in found}


def _name(values: dict[tuple[str, str], Value], feature: str, key: str) -> str:
    """Return the two names; the keys, where a feature was set anew since."""
    value = values.get((feature, key))
    return (
        f"{feature}: {key}"
        if value is None
        else f"{in_language(value.feature.name)}: {in_language(value.name)}"
    )


def _range(minimum: int, maximum: int) -> str:
    return str(minimum) if minimum == maximum else f"{minimum}–{maximum}"
