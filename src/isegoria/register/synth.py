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
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from isegoria.errors import BadInput, Place
from isegoria.proof.letters import proportional
from isegoria.register import names
from isegoria.register.reading import REQUIRED, Row
from isegoria.seeding import generator, seed_from_text

Origin = tuple[str, str]
_Person = tuple[int, Origin, str]


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
AGE_BANDS = (
    (0, 15, 17.5), (16, 24, 10.2), (25, 34, 12.8), (35, 44, 13.0), (45, 54, 12.8), (55, 64, 13.2), (65, 74, 10.7),
    (75, 79, 3.9), (80, 84, 2.9), (85, 89, 2.0), (90, 98, 1.0),
)  # fmt: skip
"""First age, last age, per cent of residents."""

ORIGINS = (
    ("BE", "de", 70.7), ("BE", "fr", 8.3), ("BE", "nl", 0.5), ("BE", "en", 0.5), ("DE", "de", 13.0), ("NL", "nl", 1.5),
    ("NL", "de", 0.5), ("FR", "fr", 1.0), ("TR", "de", 0.8), ("TR", "fr", 0.2), ("PL", "de", 0.5), ("PL", "en", 0.5),
    ("RO", "de", 0.5), ("RO", "fr", 0.5), ("RO", "en", 1.0),
)  # fmt: skip
"""Nationality, language of letters, per cent of residents; invented, in the order of size known for the region."""

_CHILD_AGE = 18
_YOUNG_AT_HOME = 27
_SIBLINGS = (0.38, 0.44, 0.18)
_TWO_PARENTS = 0.82
_STAY_WITH_PARENTS = 0.72
_COUPLES = 0.44
_MIXED_COUPLES = 0.97
_ONE_NAME = 0.35
_FATHERS_NAME = 0.8
_BINATIONAL = 0.12


@dataclass(slots=True)
class _Home:
    """A household while it is put together: ages of grown-ups (a couple first), then of their children."""

    adults: list[int]
    children: list[int]
    couple: bool

    @property
    def ages(self) -> list[int]:
        return self.adults + self.children


def synthesize(seed: str = "isegoria", size: int | None = None, on: date = REFERENCE_DATE) -> list[Row]:
    """Return an invented register.

    Parameters
    ----------
    seed
        Fixes it: the same seed, the same register.
    size
        Number of residents; the true 79,479 if None, else every municipality and sex in proportion.
    on
        The day on which the ages hold.

    Returns
    -------
    list of Row
        With the columns of `REQUIRED`, then `nationality`; ids begin with `OB`, so that none can be taken for
        a national number. Rows are in the order of ids, which tells nothing about households.

    Raises
    ------
    BadInput
        `synth_too_small`, below ten residents a municipality.

    Notes
    -----
    Exact: residents by municipality and sex. Within half a per cent of the residents: age bands, and
    language and nationality as in `ORIGINS`. Invented: everything else.
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


def write(rows: Sequence[Row], path: Path) -> None:
    """Write a register as CSV (UTF-8) or Parquet, after the ending of the name; whole, or not at all.

    Raises
    ------
    BadInput
        `register_format_unknown`, `cannot_write`.
    """
    if path.suffix not in {".csv", ".parquet"}:
        raise BadInput("register_format_unknown", Place(path.name), suffix=path.suffix or path.name)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory(dir=path.parent, prefix=f".{path.name}.") as folder:
            table = _write_csv(rows, Path(folder) / "register.csv")
            (table if path.suffix == ".csv" else _as_parquet(table)).replace(path)
    except OSError as error:
        raise BadInput("cannot_write", Place(str(path)), detail=error.strerror or "") from error


def _write_csv(rows: Sequence[Row], path: Path) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, fieldnames=list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    return path


def _as_parquet(table: Path) -> Path:
    import duckdb  # noqa: PLC0415  # CSV needs no table engine

    path = table.with_suffix(".parquet")
    with duckdb.connect() as connection:
        connection.read_csv(str(table), header=True, all_varchar=True).write_parquet(str(path))
    return path


def _scaled(size: int | None) -> tuple[Municipality, ...]:
    if size is None:
        return MUNICIPALITIES
    cells = {(place.code, sex): getattr(place, sex) for place in MUNICIPALITIES for sex in ("men", "women")}
    wanted = proportional({"-".join(cell): count for cell, count in cells.items()}, size)
    return tuple(
        replace(place, men=wanted[f"{place.code}-men"], women=wanted[f"{place.code}-women"])
        for place in MUNICIPALITIES
    )


def _residents_of(
    place: Municipality, random: np.random.Generator, on: date, first_home: int
) -> list[dict[str, str]]:
    homes = _homes(_ages(place.men + place.women, random), random)
    sexes = iter(_sexes(homes, place.women, random))
    residents = []
    for number, (home, origins) in enumerate(zip(homes, _origins(homes, random), strict=True)):
        shared = _address(place, random) | {"household": f"H{first_home + number:06d}"}
        people = list(zip(home.ages, origins, (next(sexes) for _age in home.ages), strict=True))
        families = _family_names(home, people, random)
        residents += [
            {
                "given_name": _choice(names.given_names(sex, age, nationality), random),
                "family_name": family,
                "sex": sex,
                "birth_date": _birth_date(age, on, random),
                "nationality": nationality,
                "language": language,
                **shared,
            }
            for (age, (nationality, language), sex), family in zip(people, families, strict=True)
        ]
    return residents


def _family_names(home: _Home, people: Sequence[_Person], random: np.random.Generator) -> list[str]:
    """Return names as in Belgium: a couple keeps two names or has one, brothers and sisters share a parent's."""
    own = [
        _choice(names.family_names(*origin), random) for _age, origin, _sex in people[: len(home.adults)]
    ]
    if home.couple and random.random() < _ONE_NAME:
        own[1] = own[0]
    if not home.children:
        return own
    fathers = [name for name, (_age, _origin, sex) in zip(own, people, strict=False) if sex == "M"]
    if fathers and random.random() < _FATHERS_NAME:
        given = fathers[0]
    else:
        given = own[0] if own else _choice(names.family_names(*people[0][1]), random)
    return own + [given] * len(home.children)


def _origins(homes: Sequence[_Home], random: np.random.Generator) -> list[list[Origin]]:
    """Return nationality and language of everybody: homes in random order fill the shares of `ORIGINS`.

    Some couples then exchange a partner's with another couple, which keeps the shares.
    """
    total = sum(len(home.ages) for home in homes)
    edges = np.cumsum([share for _nationality, _language, share in ORIGINS]) * total / 100
    found: list[list[Origin]] = [[] for _home in homes]
    filled = 0
    for index in random.permutation(len(homes)):
        size = len(homes[index].ages)
        origin = ORIGINS[min(int(np.searchsorted(edges, filled + size / 2)), len(ORIGINS) - 1)][:2]
        found[index] = [origin] * size
        filled += size
    mixed = [i for i, home in enumerate(homes) if home.couple and random.random() < _BINATIONAL]
    partners = [found[index][1] for index in mixed]
    for index, other in zip(mixed, random.permutation(len(mixed)), strict=True):
        found[index][1] = partners[other]
    return found


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
        children = sorted(minors[: 1 + int(random.choice(3, p=_SIBLINGS))], reverse=True)
        del minors[: len(children)]
        homes.append(_family(children, adults, random))
    while adults:
        age = adults.pop(int(random.integers(len(adults))))
        if age <= _YOUNG_AT_HOME and random.random() < _STAY_WITH_PARENTS:
            homes.append(_family([age], adults, random))
        elif random.random() < _COUPLES:
            partner = _take_near(adults, age + int(random.integers(-4, 5)))
            homes.append(
                _Home([age] if partner is None else [age, partner], [], couple=partner is not None)
            )
        else:
            homes.append(_Home([age], [], couple=False))
    return homes


def _family(children: list[int], adults: list[int], random: np.random.Generator) -> _Home:
    parents: list[int] = []
    wanted = children[0] + 26 + int(random.integers(0, 12))
    for _parent in range(2 if random.random() < _TWO_PARENTS else 1):
        parent = _take_near(adults, parents[0] + int(random.integers(-3, 4)) if parents else wanted)
        if parent is not None:
            parents.append(parent)
    return _Home(parents, children, couple=len(parents) > 1)


def _take_near(ages: list[int], wanted: int) -> int | None:
    """Take the age nearest above the wanted one out of a sorted list, or the highest."""
    if not ages:
        return None
    return ages.pop(min(bisect_left(ages, wanted), len(ages) - 1))


def _sexes(homes: Sequence[_Home], women: int, random: np.random.Generator) -> list[str]:
    """Return sexes in the order of the people: couples mostly mixed, old people who live alone mostly women.

    Exactly `women` of them are women.
    """
    sexes: list[str] = []
    free: list[int] = []
    for home in homes:
        mixed = home.couple and random.random() < _MIXED_COUPLES
        for index, age in enumerate(home.ages):
            if mixed and index < 2:
                sexes.append("FM"[index])
            else:
                free.append(len(sexes))
                sexes.append("F" if random.random() < _women_alone(age) else "M")
    surplus = sexes.count("F") - women
    wrong, right = ("F", "M") if surplus > 0 else ("M", "F")
    candidates = [index for index in free if sexes[index] == wrong]
    for index in random.permutation(candidates)[: abs(surplus)]:
        sexes[int(index)] = right
    return sexes


def _women_alone(age: int) -> float:
    return 0.49 if age < 65 else 0.58 if age < 75 else 0.7


def _address(place: Municipality, random: np.random.Generator) -> dict[str, str]:
    return {
        "street": _choice(names.STREETS, random),
        "house_number": str(int(random.integers(1, 140))),
        "postcode": place.postcode,
        "municipality": place.code,
        "municipality_name": place.name,
    }


def _birth_date(age: int, on: date, random: np.random.Generator) -> str:
    """Return a birth date that gives exactly this age on the day."""
    latest = date(on.year - age, on.month, min(on.day, 28))
    return (latest - timedelta(days=int(random.integers(0, 364)))).isoformat()


def _choice(values: tuple[str, ...], random: np.random.Generator) -> str:
    return values[int(random.integers(len(values)))]
