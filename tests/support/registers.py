"""A small register with everything that engines read differently, and the draws that all of them must agree on."""

from __future__ import annotations

import csv
import datetime as dt
from functools import cache

import duckdb

from isegoria.register.reading import REQUIRED, Register

ON = dt.date(2026, 1, 1)
PLACES = ("O'Eupen", "Bütgenbach", 'St. "Vith" 100 %', "Kelmis\\La Calamine")
COLUMNS = (*REQUIRED, "address")
SECRET = bytes(range(32))


@cache
def people() -> Register:
    """Return 600 residents of four places: quotation marks, accents, households of one to five, houses of several."""
    rows = []
    for number in range(600):
        household = number * number % 601 // 3
        rows.append(
            dict.fromkeys(COLUMNS, "x")
            | {
                "sex": "FM"[number % 2],
                "id": f"{'é' if number % 7 == 0 else 'P'}'{number:03d}",
                "birth_date": f"{1930 + number % 90}-05-17",
                "household": f"H{household}",
                "municipality": str(63000 + household % 4),
                "municipality_name": PLACES[household % 4],
                "address": f"{household % 4}, Straße {household // 12}",
            }
        )
    return Register(tuple(rows), COLUMNS, "")


DRAWS = {
    "simple": (40, {}, {}),
    "under keyed pseudonyms": (40, {"secret": SECRET}, {"secret": SECRET}),
    "stratified": (41, {"stratify_by": "municipality_name"}, {"stratify_by": "municipality_name"}),
    "chosen letters": (
        dict(zip(PLACES, (3, 0, 40, 1), strict=True)),
        {"stratify_by": "municipality_name"},
        {"stratify_by": "municipality_name"},
    ),
    "waves": ([30, 0, 25], {"stratify_by": "municipality_name"}, {"stratify_by": "municipality_name"}),
    "one per household": (60, {"one_per_household": True}, {"groups": ("household",)}),
    "one per household in waves and strata": (
        [20, 30],
        {"one_per_household": True, "stratify_by": "municipality_name"},
        {"groups": ("household",), "stratify_by": "municipality_name"},
    ),
    "address, then household": (
        70,
        {"one_per_household": True, "within": ("address",), "secret": SECRET},
        {"groups": ("address", "household"), "secret": SECRET},
    ),
    "everybody": (None, {}, {}),
}
"""Name to letters, what `draw_letters` takes, and the `Frame` that says the same."""
_eligible = len(people().eligible(age_min=16, on=ON))
DRAWS["everybody"] = (_eligible, {}, {})


def as_drawn(drawn):
    """Return all that two draws must have in common, but for the hash of the file."""
    return (
        [row["id"] for row in drawn.rows],
        drawn.waves,
        drawn.names,
        drawn.places,
        drawn.strata,
        drawn.design,
    )


def write_csv(path, register):
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(register.columns)
        writer.writerows([row[column] for column in register.columns] for row in register.rows)
    return path


def write_parquet(path, register):
    """Write it with real dates and whole numbers, as an office would."""
    csv_path = write_csv(path.with_suffix(".for-parquet.csv"), register)
    with duckdb.connect() as connection:
        connection.execute(
            f"COPY (SELECT * REPLACE (birth_date::DATE AS birth_date, municipality::INTEGER AS municipality) "
            f"FROM read_csv('{csv_path}', all_varchar = true)) TO '{path}' (FORMAT parquet)"
        )
    return path
