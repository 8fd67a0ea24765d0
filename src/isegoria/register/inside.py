"""From a home to one person in it: who answers when a household or an address was drawn.

Guarantee: inside a drawn home everybody has the same chance, the choice follows from the public seed, and nobody at
home or in the office makes it. Where the register counts the people of each home, whole homes can be drawn so that
everybody everywhere has the same chance (`as_persons`); where it does not, a person in a home of h has 1/h of the
chance of the home, and the second draw evens that out with the number that people state on the form.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from fractions import Fraction

from isegoria.errors import BadInput, Place
from isegoria.register.draw import HOUSEHOLD
from isegoria.register.scanning import Run
from isegoria.register.words import INSIDE, Language
from isegoria.seeding import Stream, keyed_order

LABEL = "letters:inside"
MOST_LISTED = 10
"""Homes of more people than this call the office, which draws with `number_inside` as well."""
MOST_PERSONS = 500
PERSON = "person_number"


def person_inside(seed: bytes, home: str, persons: Iterable[str]) -> str:
    """Return which of the people that the register lists in a home gets the letter.

    Parameters
    ----------
    seed
        The public seed of the letters, 32 bytes.
    home
        The number of the household or the address, as it was drawn.
    persons
        The numbers of its people who can be drawn, at least one, in any order.

    Returns
    -------
    str
        The one with the smallest ``HMAC-SHA-256(seed, lp("letters:inside:" ‖ home) ‖ person)``.

    Raises
    ------
    BadInput
        `home_empty`.

    Examples
    --------
    >>> person_inside(bytes(32), "A12", ["P1", "P2", "P3"])
    'P3'
    """
    order = keyed_order(seed, f"{LABEL}:{home}", persons)
    if not order:
        raise BadInput("home_empty")
    return order[0]


def number_inside(seed: bytes, home: str, persons: int) -> int:
    """Return who of the people of a home gets the letter, where no register lists them: 1 is the oldest.

    Parameters
    ----------
    seed
        The public seed of the letters, 32 bytes.
    home
        The number of the household or the address, as it was drawn.
    persons
        How many people who can be drawn live there, 1 or more.

    Returns
    -------
    int
        From 1 to `persons`, each with exactly the same chance over all seeds, and independent for each number of people.

    Raises
    ------
    BadInput
        `home_persons_wrong`.
    """
    if not 1 <= persons <= MOST_PERSONS:
        raise BadInput("home_persons_wrong", most=MOST_PERSONS)
    return Stream(seed, f"{LABEL}:{home}:{persons}").below(persons) + 1


def numbers_inside(seed: bytes, home: str, most: int = MOST_LISTED) -> tuple[int, ...]:
    """Return, for homes of 1, 2, … people, who gets the letter: the small table that is printed in the letter."""
    return tuple(number_inside(seed, home, persons) for persons in range(1, most + 1))


def instruction(numbers: Sequence[int] | None, age_min: int, language: Language) -> str:
    """Return what a letter to a home says about who is invited.

    Parameters
    ----------
    numbers
        From `numbers_inside`; None for the person with the next birthday, who is found more easily and less fairly:
        birthdays are not spread evenly over the year, and the household can choose the day on which it opens the letter.
    age_min
        In completed years.
    language
        Of the letter.
    """
    if numbers is None:
        return INSIDE["birthday"][language].format(age=age_min)
    pairs = ", ".join(f"{people} → {number}" for people, number in enumerate(numbers, start=1))
    return INSIDE["list"][language].format(age=age_min, pairs=pairs, most=len(numbers))


def chance_inside(home: Fraction, persons: int) -> Fraction:
    """Return the chance of one person, when her home of so many people has a chance and one of them is chosen."""
    return home / persons


def as_persons(run: Run, column: str = "persons") -> Run:
    """Return a run of homes as a run of people without names: one row for each of them.

    Parameters
    ----------
    run
        Homes, each with the number of people who can be drawn in a column.
    column
        Its name; a home with 0 has nobody.

    Returns
    -------
    Run
        With `id` = home#1, home#2, …, `household` = home, and `person_number` = 1 for the oldest. Drawn with one letter a
        household, every person of every home has exactly the same chance, and a home gets one letter at most.

    Raises
    ------
    BadInput
        `column_missing`; `home_persons_wrong` with row and column.
    """
    if column not in run.columns:
        raise BadInput("column_missing", Place(row=1), column=column)
    counts = [
        _count(text, number, column) for text, number in zip(run.columns[column], run.numbers, strict=True)
    ]
    places = [place for place, count in enumerate(counts) for _ in range(count)]
    people = [number for count in counts for number in range(1, count + 1)]
    homes = run.columns["id"]
    columns: dict[str, Sequence[str]] = {
        name: [cells[place] for place in places] for name, cells in run.columns.items()
    }
    columns["id"] = [f"{homes[place]}#{person}" for place, person in zip(places, people, strict=True)]
    columns[HOUSEHOLD] = [homes[place] for place in places]
    columns[PERSON] = [str(person) for person in people]
    return Run([run.numbers[place] for place in places], columns)


def columns_of_persons(columns: Sequence[str]) -> tuple[str, ...]:
    """Return the columns that `as_persons` makes out of these."""
    return tuple(dict.fromkeys([*columns, HOUSEHOLD, PERSON]))


def one_of_each(
    seed: bytes, homes: Iterable[str], residents: Callable[[str], Sequence[str]]
) -> list[tuple[str, str]]:
    """Return for each drawn home the person who gets its letter.

    Raises
    ------
    BadInput
        `homes_empty`, with the number of homes in which nobody is listed.
    """
    drawn = list(homes)
    empty = sum(not residents(home) for home in drawn)
    if empty:
        raise BadInput("homes_empty", count=empty)
    return [(home, person_inside(seed, home, residents(home))) for home in drawn]


def _count(text: str, row: int, column: str) -> int:
    if not text.isdecimal() or int(text) > MOST_PERSONS:
        raise BadInput("home_persons_wrong", Place(row=row, column=column), most=MOST_PERSONS)
    return int(text)
