"""A register of residents who do not exist: the nine German-speaking municipalities of Belgium.

Sex by municipality is exact (1 January 2024); ages follow the published bands; households, names and
addresses are plausible and invented. For demonstrations, tests and benchmarks.

References
----------
Ostbelgien Statistik, population on 1 January 2024 (municipality by sex); Statbel, population by age 2026
(province of Liège for the bands under 16, ten-year bands of Belgium from 16).
"""

from __future__ import annotations

import csv
import io
from bisect import bisect_left
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import numpy as np

from isegoria.errors import BadInput
from isegoria.register import names
from isegoria.register.reading import REQUIRED, Row
from isegoria.seeding import generator, seed_from_text


@dataclass(frozen=True, slots=True)
class Municipality:
    """A municipality: NIS code (text), name, postcode, men and women on 1 January 2024."""

    code: str
    name: str
    postcode: str
    men: int
    women: int


MUNICIPALITIES = (
    Municipality("63001", "Amel", "4770", 2846, 2766),
    Municipality("63012", "Büllingen", "4760", 2877, 2667),
    Municipality("63013", "Bütgenbach", "4750", 2827, 2825),
    Municipality("63023", "Eupen", "4700", 9820, 10273),
    Municipality("63040", "Kelmis", "4720", 5512, 5840),
    Municipality("63048", "Lontzen", "4710", 3040, 3018),
    Municipality("63061", "Raeren", "4730", 5491, 5645),
    Municipality("63067", "St. Vith", "4780", 5015, 5056),
    Municipality("63087", "Burg-Reuland", "4790", 2015, 1946),
)

REFERENCE_DATE = date(2026, 1, 1)
AGE_BANDS = ((0, 15, 17.4), (16, 24, 10.3), (25, 34, 12.8), (35, 44, 13.1), (45, 54, 12.8), (55, 64, 13.3), (65, 74, 10.6), (75, 95, 9.7))  # fmt: skip
"""First age, last age, per cent of residents: 17.4 % are under 16, the rest as in Belgium from 16."""

LANGUAGES = (("de", 0.86), ("fr", 0.10), ("nl", 0.02), ("en", 0.02))
"""Share of residents by the language in which they are written to; invented, since it is not published."""

NATIONALITIES = (
    ("BE", 0.80),
    ("DE", 0.13),
    ("NL", 0.02),
    ("FR", 0.01),
    ("TR", 0.01),
    ("PL", 0.01),
    ("RO", 0.02),
)
"""Share of residents by nationality; invented, in the order of size that is known for the region."""

_CHILD_AGE = 18
_STAY_WITH_PARENTS = 0.6
_TWO_PARENTS = 0.82
_COUPLES = 0.58


@dataclass(slots=True)
class _Home:
    """A household while it is put together: ages of grown-ups, then of children."""

    adults: list[int]
    children: list[int]
    couple: bool


def synthesize(seed: str = "isegoria", size: int | None = None, on: date = REFERENCE_DATE) -> list[Row]:
    """Return an invented register.

    Parameters
    ----------
    seed
        Fixes it: the same seed, the same register.
    size
        Number of residents; the true 79,479 if None, else every municipality in proportion.
    on
        The day on which the ages hold.

    Returns
    -------
    list of Row
        With the columns of `REQUIRED`, then `nationality`; ids begin with `OB`, so that none can be taken for
        a national number. Rows are in the order of ids, which tells nothing about households.
    """
    if size is not None and size < len(MUNICIPALITIES) * 10:
        raise BadInput("synth_too_small", size=size, fewest=len(MUNICIPALITIES) * 10)
    random = generator(seed_from_text(seed), "register")
    people: list[dict[str, str]] = []
    for place in _scaled(size):
        people += _residents_of(place, random, on, first_home=len(people))
    numbers = random.permutation(len(people))
    for number, person in zip(numbers, people, strict=True):
        person["id"] = f"OB{number + 1:07d}"
    people.sort(key=lambda person: person["id"])
    return [{column: person[column] for column in (*REQUIRED, "nationality")} for person in people]


def write(rows: list[Row], path: Path) -> None:
    """Write a register as CSV (UTF-8) or, where the name ends in `.parquet`, as Parquet."""
    buffer = io.StringIO()
    writer = csv.DictWriter(buffer, fieldnames=list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    if path.suffix != ".parquet":
        path.write_text(buffer.getvalue(), "utf-8")
        return
    import duckdb  # noqa: PLC0415  # CSV needs no table engine

    csv_path = path.with_suffix(".parquet.csv")
    csv_path.write_text(buffer.getvalue(), "utf-8")
    try:
        with duckdb.connect() as connection:
            table = connection.read_csv(str(csv_path), header=True, all_varchar=True)
            table.write_parquet(str(path))
    finally:
        csv_path.unlink()


def _scaled(size: int | None) -> tuple[Municipality, ...]:
    if size is None:
        return MUNICIPALITIES
    total = sum(place.men + place.women for place in MUNICIPALITIES)
    return tuple(
        Municipality(
            place.code,
            place.name,
            place.postcode,
            round(place.men * size / total),
            round(place.women * size / total),
        )
        for place in MUNICIPALITIES
    )


def _residents_of(
    place: Municipality, random: np.random.Generator, on: date, first_home: int
) -> list[dict[str, str]]:
    homes = _homes(_ages(place.men + place.women, random), random)
    sexes = _sexes(homes, place.women, random)
    residents = []
    next_sex = iter(sexes)
    for number, home in enumerate(homes):
        shared = _address(place, random) | {"household": f"H{first_home:06d}-{number:05d}"}
        language = _pick(LANGUAGES, random)
        family = _choice(names.split(names.FAMILY[language]), random)
        for age in home.adults + home.children:
            sex = next(next_sex)
            own = (
                family
                if age < _CHILD_AGE or random.random() < 0.45
                else _choice(names.split(names.FAMILY[language]), random)
            )
            residents.append(
                {
                    "given_name": _given_name(sex, age, random),
                    "family_name": own,
                    "sex": sex,
                    "birth_date": _birth_date(age, on, random),
                    "nationality": _pick(NATIONALITIES, random),
                    "language": language,
                    **shared,
                }
            )
    return residents


def _ages(count: int, random: np.random.Generator) -> list[int]:
    """Return ages whose bands have their shares to the person, in no order."""
    ages: list[int] = []
    shares = np.cumsum([share for _first, _last, share in AGE_BANDS])
    edges = np.rint(shares / shares[-1] * count).astype(int)
    for (first, last, _share), fill in zip(AGE_BANDS, np.diff(edges, prepend=0), strict=True):
        ages += [int(age) for age in first + np.arange(fill) % (last - first + 1)]
    random.shuffle(ages)
    return ages


def _homes(ages: list[int], random: np.random.Generator) -> list[_Home]:
    """Put people together: children with parents old enough, then couples of near ages, then singles."""
    minors = [age for age in ages if age < _CHILD_AGE]
    adults = sorted(age for age in ages if age >= _CHILD_AGE)
    homes = []
    while minors:
        children = sorted(minors[: 1 + int(random.choice(3, p=(0.42, 0.42, 0.16)))], reverse=True)
        del minors[: len(children)]
        grown = _take_near(adults, children[0] + 26 + int(random.integers(0, 12)))
        parents = [grown] if grown is not None else []
        couple = bool(parents) and random.random() < _TWO_PARENTS
        if couple and (second := _take_near(adults, parents[0] + int(random.integers(-3, 4)))) is not None:
            parents.append(second)
        homes.append(_Home(parents, children, couple and len(parents) > 1))
    homes += _without_children(adults, random)
    return homes


def _without_children(adults: list[int], random: np.random.Generator) -> list[_Home]:
    homes = []
    while adults:
        age = adults.pop(int(random.integers(len(adults))))
        if age <= 25 and adults and random.random() < _STAY_WITH_PARENTS:
            parent = _take_near(adults, age + 29)
            homes.append(_Home([parent or age, *([age] if parent else [])], [], couple=False))
        elif adults and random.random() < _COUPLES:
            partner = _take_near(adults, age + int(random.integers(-4, 5)))
            homes.append(_Home([age, partner] if partner is not None else [age], [], couple=True))
        else:
            homes.append(_Home([age], [], couple=False))
    return homes


def _take_near(ages: list[int], wanted: int) -> int | None:
    """Take the age nearest above the wanted one out of a sorted list, or the highest."""
    if not ages:
        return None
    return ages.pop(min(bisect_left(ages, wanted), len(ages) - 1))


def _sexes(homes: list[_Home], women: int, random: np.random.Generator) -> list[str]:
    """Return sexes in the order of the people: couples mostly mixed, and exactly so many women in all."""
    sexes: list[str] = []
    free: list[int] = []
    for home in homes:
        mixed = home.couple and random.random() < 0.97
        for index in range(len(home.adults) + len(home.children)):
            if mixed and index < 2:
                sexes.append("FM"[index])
            else:
                free.append(len(sexes))
                sexes.append("FM"[int(random.integers(2))])
    surplus = sexes.count("F") - women
    wrong = "F" if surplus > 0 else "M"
    candidates = [index for index in free if sexes[index] == wrong]
    for index in random.permutation(candidates)[: abs(surplus)]:
        sexes[int(index)] = "M" if wrong == "F" else "F"
    return sexes


def _address(place: Municipality, random: np.random.Generator) -> dict[str, str]:
    return {
        "street": _choice(names.STREETS, random),
        "house_number": str(int(random.integers(1, 140))),
        "postcode": place.postcode,
        "municipality": place.code,
        "municipality_name": place.name,
    }


def _given_name(sex: str, age: int, random: np.random.Generator) -> str:
    lists = names.GIVEN_F if sex == "F" else names.GIVEN_M
    generation = "young" if age < 30 else "middle" if age < 62 else "old"
    return _choice(names.split(lists[generation]), random)


def _birth_date(age: int, on: date, random: np.random.Generator) -> str:
    """Return a birth date that gives exactly this age on the day."""
    latest = date(on.year - age, on.month, min(on.day, 28))
    return (latest - timedelta(days=int(random.integers(0, 364)))).isoformat()


def _choice(values: tuple[str, ...], random: np.random.Generator) -> str:
    return values[int(random.integers(len(values)))]


def _pick(shares: tuple[tuple[str, float], ...], random: np.random.Generator) -> str:
    lot, total = random.random(), 0.0
    for value, share in shares:
        total += share
        if lot < total:
            return value
    return shares[-1][0]
