"""The door to the library for files that the office sends: tables of features, files of quotas."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from isegoria.errors import BadInput, collect
from isegoria.pool import read_quotas as library_quotas
from isegoria.pool.reading import Table, read_table
from isegoria_web.institutions.algorithms import rule_book_of
from isegoria_web.institutions.models import Cycle
from isegoria_web.lottery.enums import Origin
from isegoria_web.lottery.models import Feature
from isegoria_web.register.algorithms import age_on, counts_of, opened
from isegoria_web.register.models import Extract

QuotaTable = dict[str, dict[str, tuple[int, int]]]
LimitTable = dict[str, dict[str, tuple[int | None, int | None]]]
OLDEST = 200
COLUMN_OF = {Origin.AGE: "birth_date", Origin.SEX: "sex", Origin.MUNICIPALITY: "municipality"}
"""What of a register shows the value of a feature."""
_AGES = re.compile(r"(\d{1,3})\s*(?:-\s*(\d{1,3})|\+)", re.ASCII)
_KEY = re.compile(r"[a-zA-Z0-9_-]{1,50}", re.ASCII)


def read_features(path: Path, languages: Sequence[str], source: str) -> list[dict[str, Any]]:
    """Return the features of a table, one row a value, or refuse it whole.

    Parameters
    ----------
    path
        CSV with the columns `feature`, `value` and, if known, `population` (a whole number); `feature_de`,
        `value_de` and so on hold names; `origin` (declared, sex, age, municipality) and `matches` say what
        the register shows: sexes, `16-29` or `75+`, or municipality codes.
    languages
        For which names are looked for; without any the key is the name.
    source
        Where the population figures come from.

    Raises
    ------
    BadInput
        With file, row and column; several together.
    """
    table = read_table(path)
    collect([
        BadInput("column_missing", table.place(1, name), column=name)
        for name in ("feature", "value")
        if name not in table.header
    ])  # fmt: skip
    features: dict[str, dict[str, Any]] = {}
    faults: list[BadInput] = []
    seen: dict[tuple[str, str], int] = {}
    for number, cells in table.rows:
        row = dict(zip(table.header, cells, strict=True))
        try:
            value = _value(table, number, row, languages)
        except BadInput as fault:
            faults.append(fault)
            continue
        first = seen.setdefault((row["feature"], row["value"]), number)
        if first != number:
            faults.append(BadInput("quota_row_repeated", table.place(number), first=first))
        feature = features.setdefault(row["feature"], _feature(row, languages, source))
        feature["values"].append(value)
    collect(faults)
    return list(features.values())


def _feature(row: Mapping[str, str], languages: Sequence[str], source: str) -> dict[str, Any]:
    return {
        "key": row["feature"],
        "name": _names(row, "feature", languages),
        "source": source,
        "origin": row.get("origin") or Origin.DECLARED.value,
        "values": [],
    }


def _value(table: Table, number: int, row: Mapping[str, str], languages: Sequence[str]) -> dict[str, Any]:
    for column in ("feature", "value"):
        if not row[column]:
            raise BadInput("cell_blank", table.place(number, column))
    if not _KEY.fullmatch(row["feature"]):
        raise BadInput(
            "invalid_choice",
            table.place(number, "feature"),
            value=row["feature"],
            choices="a-z, 0-9, - and _",
        )
    origin = row.get("origin") or Origin.DECLARED.value
    if origin not in Origin.values:
        raise BadInput(
            "invalid_choice", table.place(number, "origin"), value=origin, choices=", ".join(Origin.values)
        )
    population = row.get("population", "")
    if population and not population.isdecimal():
        raise BadInput("not_whole", table.place(number, "population"))
    return {
        "key": row["value"],
        "name": _names(row, "value", languages),
        "population": int(population) if population else None,
        "matches": _matches(table, number, origin, row.get("matches", "")),
    }


def _names(row: Mapping[str, str], column: str, languages: Sequence[str]) -> dict[str, str]:
    found = {code: name for code in languages if (name := row.get(f"{column}_{code}", ""))}
    return found or {languages[0]: row[column]}


def _matches(table: Table, number: int, origin: str, text: str) -> list[Any]:
    if origin == Origin.DECLARED:
        return []
    if not text:
        raise BadInput("cell_blank", table.place(number, "matches"))
    if origin != Origin.AGE:
        return text.split()
    ages = _AGES.fullmatch(text)
    if not ages:
        raise BadInput("invalid_choice", table.place(number, "matches"), value=text, choices="16-29, 75+")
    return [int(ages[1]), int(ages[2]) if ages[2] else OLDEST]


def count_from_register(
    features: Sequence[dict[str, Any]], extract: Extract, *, age_min: int, on: date
) -> list[dict[str, Any]]:
    """Return the features with the figures that are missing counted from a register extract, where it can."""
    wanting = [each for each in features if _wants_counting(each)]
    if not wanting:
        return list(features)
    with opened(Path(extract.file.path)) as found:
        counts = {
            origin: counts_of(found, COLUMN_OF[origin], on=on, age_min=age_min)
            for origin in {Origin(each["origin"]) for each in wanting}
        }
    for feature in wanting:
        for value in feature["values"]:
            value["population"] = sum(
                count
                for cell, count in counts[Origin(feature["origin"])].items()
                if _shows(feature["origin"], value["matches"], cell, on)
            )
    return list(features)


def _wants_counting(feature: Mapping[str, Any]) -> bool:
    return feature["origin"] != Origin.DECLARED and any(
        value["population"] is None for value in feature["values"]
    )


def _shows(origin: str, matches: Sequence[Any], cell: str, on: date) -> bool:
    if origin == Origin.AGE:
        return bool(cell) and bool(matches[0] <= age_on(date.fromisoformat(cell), on) <= matches[1])
    return cell in matches


def features_of(cycle: Cycle) -> list[dict[str, Any]]:
    """Return the features of a cycle as the service takes them."""
    return [
        {
            "key": feature.key,
            "name": feature.name,
            "source": feature.source,
            "origin": feature.origin,
            "sensitive": feature.sensitive,
            "values": [
                {
                    "key": value.key,
                    "name": value.name,
                    "population": value.population,
                    "matches": value.matches,
                }
                for value in feature.values.all()
            ],
        }
        for feature in Feature.objects.filter(cycle=cycle).prefetch_related("values")
    ]


def read_quotas(path: Path, cycle: Cycle) -> tuple[QuotaTable, LimitTable]:
    """Return the quotas of a file and how far they may give way, by feature and value, or refuse it whole.

    Raises
    ------
    BadInput
        With file, row and column; also for a feature or a value that the cycle does not have.
    """
    rows = library_quotas(path)
    table = read_table(path)
    known = {
        feature["key"]: {value["key"] for value in feature["values"]} for feature in features_of(cycle)
    }
    quotas: QuotaTable = {}
    limits: LimitTable = {}
    faults = []
    for (number, _cells), quota in zip(table.rows, rows, strict=True):
        choices = known.get(quota.feature)
        if choices is None:
            faults.append(_not_known(table, number, quota.feature, known))
        elif quota.value not in choices:
            faults.append(_not_known(table, number, quota.value, choices))
        quotas.setdefault(quota.feature, {})[quota.value] = (quota.minimum, quota.maximum)
        limits.setdefault(quota.feature, {})[quota.value] = (quota.min_flex, quota.max_flex)
    collect(faults)
    return quotas, limits


def _not_known(table: Table, number: int, value: str, choices: Any) -> BadInput:
    return BadInput("invalid_choice", table.place(number), value=value, choices=", ".join(sorted(choices)))


def rules_of_draw(cycle: Cycle) -> dict[str, Any]:
    """Return what the rule book says of the letters: how many, from which age, how many days to answer and to remind."""
    draw = rule_book_of(cycle.rule_book).draw
    return {
        "letters": draw.letters,
        "age_min": draw.age_min,
        "reply_days": draw.reply_days,
        "reminder_days": draw.reminder_days,
    }
