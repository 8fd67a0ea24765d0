"""The first draw: who gets a letter.

Guarantee to the citizen: within her stratum every eligible resident has the same chance of a letter, the
chance is known beforehand, and anybody with the extract can redo the draw with ten lines of standard Python.
"""

from __future__ import annotations

import hmac
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from isegoria.errors import BadInput, Place
from isegoria.proof.letters import pseudonym
from isegoria.register.reading import Register, Row
from isegoria.seeding import Stream, keyed_order, length_prefixed

LABEL = "letters"
KEY_DIGITS = 64
EVERYBODY = "all"
"""The name of the one stratum of a draw that is not stratified."""


@dataclass(frozen=True, slots=True)
class Stratum:
    """One stratum: how many are eligible, how many letters go out, everybody's chance, the cut-off.

    `cut_off` is a number of 64 hexadecimal digits: whoever has a smaller keyed hash was
    drawn. It is None where nobody was, and in draws by household, whose rule is another.
    """

    name: str
    eligible: int
    letters: int
    cut_off: str | None

    @property
    def chance(self) -> Fraction:
        """Everybody's chance of a letter."""
        return Fraction(self.letters, self.eligible) if self.eligible else Fraction(0)


@dataclass(frozen=True)
class LetterDraw:
    """Who gets a letter, in the order in which the letters go out, and the public figures of the draw."""

    rows: tuple[Row, ...]
    strata: tuple[Stratum, ...]
    rule: str
    sha256: str

    @property
    def eligible(self) -> int:
        """How many could be drawn."""
        return sum(stratum.eligible for stratum in self.strata)


def key_of(seed: bytes, identifier: str) -> str:
    """Return the keyed hash that orders a resident: `HMAC-SHA-256(seed, lp("letters") ‖ id)` in hexadecimal."""
    return hmac.digest(seed, length_prefixed(LABEL.encode()) + identifier.encode(), "sha256").hex()


def draw_letters(
    register: Register,
    seed: bytes,
    count: int,
    *,
    on: date,
    age_min: int,
    stratify_by: str | None = None,
    one_per_household: bool = False,
    secret: bytes | None = None,
) -> LetterDraw:
    """Return who gets a letter.

    Parameters
    ----------
    register
        The extract.
    seed
        32 bytes from public randomness that came after the extract was fixed.
    count
        Number of letters, 1 to the number of eligible residents.
    on
        The day on which the age counts.
    age_min
        In completed years.
    stratify_by
        A column: the letters are shared out in proportion to its values, by largest remainders.
    one_per_household
        At most one letter a household, and still the same chance for everybody.
    secret
        32 random bytes, fixed with the extract before the randomness: the residents are then ordered under the keyed
        pseudonyms of `isegoria.proof.pseudonym`, so that nobody can try guessed numbers against the public cut-off.
        Without it the numbers of the register order them.

    Returns
    -------
    LetterDraw
        Independent of the order of the rows.

    Raises
    ------
    BadInput
        `letters_over_eligible`, `column_missing`, `household_too_large`, `households_split`.

    Notes
    -----
    Simple and stratified: the residents with the smallest keyed hashes. By household: systematic sampling
    over the households in the order of their keyed hashes, which gives every person exactly the same
    chance; the household with the smallest hash would not (a household of four loses 9 % at a rate of
    6 %).
    """
    people = register.eligible(age_min=age_min, on=on)
    known = {row["id"]: row for row in people}
    if secret is not None:
        known = {pseudonym(secret, identifier): row for identifier, row in known.items()}
        people = tuple({**row, "id": name} for name, row in known.items())
    if not 1 <= count <= len(people):
        raise BadInput("letters_over_eligible", letters=count, eligible=len(people))
    if stratify_by is not None and stratify_by not in register.columns:
        raise BadInput("column_missing", Place(row=1), column=stratify_by)
    strata: dict[str, list[Row]] = defaultdict(list)
    for row in people:
        strata[row[stratify_by] if stratify_by else EVERYBODY].append(row)
    if one_per_household and stratify_by is not None:
        _refuse_split_households(people, stratify_by)
    letters = proportional(Counter({name: len(rows) for name, rows in strata.items()}), count)
    drawn: list[Row] = []
    figures = []
    for name in sorted(strata):
        chosen = _chosen(strata[name], seed, letters[name], name, one_per_household=one_per_household)
        cut_off = None if one_per_household else _cut_off(strata[name], chosen, seed)
        figures.append(Stratum(name, len(strata[name]), len(chosen), cut_off))
        drawn += chosen
    drawn.sort(key=lambda row: (key_of(seed, row["id"]), row["id"]))
    rule = _rule(stratify_by, one_per_household, "id" if secret is None else "pseudonym")
    return LetterDraw(tuple(known[row["id"]] for row in drawn), tuple(figures), rule, register.sha256)


def _cut_off(rows: Sequence[Row], chosen: Sequence[Row], seed: bytes) -> str | None:
    """Return the shortest number above the last drawn key and not above the next one, padded with zeros.

    Not a key itself: the seed is public and register numbers can be guessed, so that a key would tell who
    was drawn to anybody who tries them all.
    """
    if not chosen:
        return None
    last = key_of(seed, chosen[-1]["id"])
    drawn = {row["id"] for row in chosen}
    following = min(
        (key_of(seed, row["id"]) for row in rows if row["id"] not in drawn), default="f" * KEY_DIGITS
    )
    padded = (following[:length].ljust(KEY_DIGITS, "0") for length in range(1, KEY_DIGITS + 1))
    return next(number for number in padded if last < number)


def proportional(sizes: Mapping[str, int], count: int) -> dict[str, int]:
    """Return how many letters each stratum gets: its exact share, rounded by largest remainders.

    Every stratum gets its share rounded down or up; equal remainders go to the name that comes first.
    """
    total = sum(sizes.values())
    letters = {name: count * size // total for name, size in sizes.items()}
    order = sorted(sizes, key=lambda name: (-(count * sizes[name] % total), name))
    for name in order[: count - sum(letters.values())]:
        letters[name] += 1
    return letters


def _refuse_split_households(people: Iterable[Row], column: str) -> None:
    stratum_of: dict[str, str] = {}
    for row in people:
        if stratum_of.setdefault(row["household"], row[column]) != row[column]:
            raise BadInput("households_split", column=column)


def _chosen(
    rows: Sequence[Row], seed: bytes, count: int, stratum: str, *, one_per_household: bool
) -> list[Row]:
    by_id = {row["id"]: row for row in rows}
    if not one_per_household:
        return [by_id[identifier] for identifier in keyed_order(seed, LABEL, by_id)[:count]]
    return [by_id[identifier] for identifier in _systematic(rows, seed, count, stratum)] if count else []


def _systematic(rows: Iterable[Row], seed: bytes, count: int, stratum: str) -> list[str]:
    """Walk along the households with steps of N/count persons from a random start; count ids, none of one home."""
    homes: dict[str, list[str]] = defaultdict(list)
    for row in rows:
        homes[row["household"]].append(row["id"])
    line = [
        identifier
        for home in keyed_order(seed, f"{LABEL}:households", homes)
        for identifier in keyed_order(seed, LABEL, homes[home])
    ]
    largest = max(len(home) for home in homes.values())
    if largest * count > len(line):
        raise BadInput("household_too_large", size=largest, letters=count, eligible=len(line))
    # The start is a whole number of 1/count steps in [0, N), so that each place is reached equally often.
    start = Stream(seed, f"{LABEL}:start:{stratum}").below(len(line))
    return [line[(start + step * len(line)) // count] for step in range(count)]


def _rule(stratify_by: str | None, one_per_household: bool, name: str) -> str:  # noqa: FBT001  # as in draw_letters
    shares = (
        f", letters shared out in proportion to {stratify_by} by largest remainders" if stratify_by else ""
    )
    if one_per_household:
        return f"one per household: systematic over households in the order of their keyed hashes{shares}"
    return f"smallest HMAC-SHA-256(seed, lp('{LABEL}') || {name}){shares}"
