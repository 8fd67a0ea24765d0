"""The first draw: who gets a letter.

Guarantee to the citizen: within her stratum every eligible resident has the same chance of a letter, the
chance is known beforehand, and anybody with the extract can redo the draw with ten lines of standard Python.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import NamedTuple

from isegoria.errors import BadInput, Place
from isegoria.proof.letters import (
    KEY_DIGITS,
    PERSONS,
    WAVES,
    LetterDesign,
    group_label,
    group_pseudonym,
    letter_key,
    proportional,
    pseudonym,
    systematic_start,
)
from isegoria.register.reading import Register, Row

EVERYBODY = "all"
"""The name of the one stratum of a draw that is not stratified."""
HOUSEHOLD = "household"

Letters = int | Mapping[str, int]
"""The letters of a wave: their number, shared out in proportion, or the chosen number of each stratum."""


@dataclass(frozen=True, slots=True)
class Stratum:
    """One stratum of a draw.

    Attributes
    ----------
    name
        Its name.
    eligible
        How many could be drawn.
    waves
        Letters of each wave.
    cut_offs
        One a wave, numbers of 64 hexadecimal digits: whoever has a smaller key has a letter once that wave is out.
        None before the first letter. In draws by groups that holds for whom the walk met, by the keys of `letters:waves`.
    start
        Where the walk of a draw by groups starts; None in others.
    """

    name: str
    eligible: int
    waves: tuple[int, ...]
    cut_offs: tuple[str | None, ...] = ()
    start: int | None = None

    @property
    def letters(self) -> int:
        """The letters of all waves."""
        return sum(self.waves)

    @property
    def chance(self) -> Fraction:
        """Everybody's chance of a letter in any wave."""
        return self.chance_by(len(self.waves))

    def chance_by(self, wave: int) -> Fraction:
        """Everybody's chance of a letter once a wave (1, 2 …) is out."""
        return Fraction(sum(self.waves[:wave]), self.eligible) if self.eligible else Fraction(0)


@dataclass(frozen=True)
class LetterDraw:
    """Who gets a letter, in the order in which the letters go out, and the public figures of the draw.

    Attributes
    ----------
    rows
        The residents, wave by wave, within a wave in the order of their keys.
    waves
        For each row the wave in which its letter goes out, from 1.
    names
        For each row the name that was ordered: her pseudonym or her number.
    places
        For each row the name of its stratum, in which `Stratum.chance` is its chance.
    strata, design, sha256
        The public figures, how it was drawn, and the hash of the extract.
    """

    rows: tuple[Row, ...]
    waves: tuple[int, ...]
    names: tuple[str, ...]
    places: tuple[str, ...]
    strata: tuple[Stratum, ...]
    design: LetterDesign
    sha256: str

    @property
    def eligible(self) -> int:
        """How many could be drawn."""
        return sum(stratum.eligible for stratum in self.strata)

    @property
    def rule(self) -> str:
        """How it was drawn, in one line."""
        return rule_of(self.design)


class Drawn(NamedTuple):
    """A letter: its wave, key, name, the number of its resident in the register, her stratum."""

    wave: int
    key: str
    name: str
    number: str
    stratum: str


def in_order(
    drawn: Iterable[Drawn],
    rows: Mapping[str, Row],
    strata: Iterable[Stratum],
    design: LetterDesign,
    sha256: str,
) -> LetterDraw:
    """Return the letters in the order in which they go out, with the rows of their numbers."""
    ordered = sorted(drawn)
    return LetterDraw(
        rows=tuple(rows[one.number] for one in ordered),
        waves=tuple(one.wave for one in ordered),
        names=tuple(one.name for one in ordered),
        places=tuple(one.stratum for one in ordered),
        strata=tuple(strata),
        design=design,
        sha256=sha256,
    )


class Candidate(NamedTuple):
    """Somebody who can be drawn, as keys order her: her name, her groups from the outermost to the innermost."""

    name: str
    groups: tuple[str, ...] = ()


def draw_letters(
    register: Register,
    seed: bytes,
    letters: Letters | Sequence[Letters],
    *,
    on: date,
    age_min: int,
    stratify_by: str | None = None,
    one_per_household: bool = False,
    within: Sequence[str] = (),
    secret: bytes | None = None,
) -> LetterDraw:
    """Return who gets a letter.

    Parameters
    ----------
    register
        The extract.
    seed
        32 bytes from public randomness that came after the extract was fixed.
    letters
        Number of letters, 1 to the number of eligible residents; or the number for each stratum; or a list of either,
        one a wave. Each wave goes on where the one before it ended, so that a later one leaves nothing to choose.
    on
        The day on which the age counts.
    age_min
        In completed years.
    stratify_by
        A column: the letters are shared out in proportion to its values, by largest remainders, unless they are given
        for each.
    one_per_household
        At most one letter a household, and still the same chance for everybody.
    within
        With `one_per_household`: columns of larger groups, outermost first, e.g. the address. Each gets its exact
        share of the letters rounded down or up.
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
        `letters_over_eligible`, `letters_too_many`, `strata_not_as_chosen`, `column_missing`, `household_too_large`,
        `households_split`.

    Notes
    -----
    Without groups: the residents with the smallest keys (`isegoria.proof.letters.letter_key`). By household:
    systematic sampling over the households in the order of their keys, which gives every person exactly the
    same chance; the household with the smallest key would not (a household of four loses 9 % at a rate of
    6 %). All waves are drawn in one walk and then ordered by another key, so that each wave is a fair part.
    """
    groups = (*within, HOUSEHOLD) if one_per_household else ()
    for column in (*filter(None, [stratify_by]), *groups):
        if column not in register.columns:
            raise BadInput("column_missing", Place(row=1), column=column)
    known: dict[str, Row] = {}
    strata: dict[str, list[Candidate]] = defaultdict(list)
    for row in register.eligible(age_min=age_min, on=on):
        candidate = _candidate(row, groups, secret)
        known[candidate.name] = row
        strata[row[stratify_by] if stratify_by else EVERYBODY].append(candidate)
    refuse_split(strata, groups)
    design = design_of(letters, stratify_by, groups, "number" if secret is None else "pseudonym")
    plan = plan_letters({name: len(found) for name, found in strata.items()}, letters)
    drawn: list[Drawn] = []
    figures = []
    for name in sorted(strata):
        figure, chosen = (
            in_groups(name, strata[name], seed, plan[name], groups)
            if groups
            else lowest(name, strata[name], seed, plan[name])
        )
        figures.append(figure)
        drawn += [Drawn(wave, letter_key(seed, one), one, one, name) for wave, one in chosen]
    return in_order(drawn, known, figures, design, register.sha256)


def _candidate(row: Row, groups: Sequence[str], secret: bytes | None) -> Candidate:
    if secret is None:
        return Candidate(row["id"], tuple(row[column] for column in groups))
    own = tuple(group_pseudonym(secret, column, row[column]) for column in groups)
    return Candidate(pseudonym(secret, row["id"]), own)


def design_of(
    letters: Letters | Sequence[Letters], stratify_by: str | None, groups: Sequence[str], names: str
) -> LetterDesign:
    """Return the public design of a draw."""
    chosen = any(isinstance(one, Mapping) for one in as_waves(letters))
    return LetterDesign(
        names="pseudonym" if names == "pseudonym" else "number",
        stratified_by=stratify_by,
        allocation="chosen" if chosen else "proportional",
        groups=tuple(groups),
    )


def as_waves(letters: Letters | Sequence[Letters]) -> tuple[Letters, ...]:
    """Return the letters of each wave."""
    return (letters,) if isinstance(letters, int | Mapping) else tuple(letters)


def plan_letters(
    sizes: Mapping[str, int], letters: Letters | Sequence[Letters]
) -> dict[str, tuple[int, ...]]:
    """Return how many letters each stratum gets in each wave.

    Raises
    ------
    BadInput
        `letters_over_eligible`, `letters_too_many` (naming the stratum), `strata_not_as_chosen`.
    """
    shares = [_share(sizes, one) for one in as_waves(letters)]
    total, eligible = sum(sum(share.values()) for share in shares), sum(sizes.values())
    if not 1 <= total <= eligible or any(count < 0 for share in shares for count in share.values()):
        raise BadInput("letters_over_eligible", letters=total, eligible=eligible)
    plan = {name: tuple(share[name] for share in shares) for name in sizes}
    for name, waves in plan.items():
        if sum(waves) > sizes[name]:
            raise BadInput("letters_too_many", stratum=name, letters=sum(waves), eligible=sizes[name])
    return plan


def _share(sizes: Mapping[str, int], letters: Letters) -> dict[str, int]:
    if isinstance(letters, int):
        return proportional(sizes, letters)
    if set(letters) != set(sizes):
        raise BadInput(
            "strata_not_as_chosen", chosen=", ".join(sorted(letters)), found=", ".join(sorted(sizes))
        )
    return dict(letters)


def lowest(
    stratum: str, candidates: Iterable[Candidate], seed: bytes, waves: tuple[int, ...]
) -> tuple[Stratum, list[tuple[int, str]]]:
    """Return the figures of a stratum and its lowest keys, each with its wave."""
    found = list(candidates)
    keyed = sorted((letter_key(seed, one.name), one.name) for one in found)
    figure = Stratum(stratum, len(found), waves, cut_offs([key for key, _ in keyed], waves))
    return figure, list(zip(wave_numbers(waves), (name for _, name in keyed), strict=False))


def wave_numbers(waves: Iterable[int]) -> list[int]:
    """Return for each letter the wave in which it goes out, from 1."""
    return [number for number, letters in enumerate(waves, start=1) for _ in range(letters)]


def cut_offs(keys: Sequence[str], waves: Iterable[int]) -> tuple[str | None, ...]:
    """Return the cut-off of each wave.

    Parameters
    ----------
    keys
        The lowest keys of the stratum, ascending: all that get a letter and, if there is one, the next.
    waves
        Letters of each wave.
    """
    made: list[str | None] = []
    count = 0
    for letters in waves:
        count += letters
        following = keys[count] if count < len(keys) else "f" * KEY_DIGITS
        made.append(_between(keys[count - 1], following) if count else None)
    return tuple(made)


def _between(last: str, following: str) -> str:
    """Return the shortest number above the last drawn key and not above the next one, padded with zeros.

    Not a key itself: the seed is public and register numbers can be guessed, so that a key would tell who
    was drawn to anybody who tries them all.
    """
    if last == following:
        raise BadInput("name_twice", count=1)
    padded = (following[:length].ljust(KEY_DIGITS, "0") for length in range(1, KEY_DIGITS + 1))
    return next(number for number in padded if last < number)


def in_groups(
    stratum: str,
    candidates: Iterable[Candidate],
    seed: bytes,
    waves: tuple[int, ...],
    columns: Sequence[str],
) -> tuple[Stratum, list[tuple[int, str]]]:
    """Return the figures of a stratum and whom a walk along its groups meets, each with the wave.

    The walk takes steps of N / letters persons from a random start along the groups in the order of their
    keys, so it meets everybody with the same chance and no group of at most N / letters persons twice.
    """
    found = list(candidates)
    count, sizes = sum(waves), Counter(one.groups[-1] for one in found)
    refuse_large(max(sizes.values()), count, len(found))
    if not count:
        return walked(stratum, len(found), seed, waves, None, ()), []
    line = sorted((place_in_line(seed, one, columns), one.name) for one in found)
    start = systematic_start(seed, stratum, len(found))
    met = [line[position][1] for position in positions(start, count, len(line))]
    return walked(stratum, len(found), seed, waves, start, met), in_waves(met, seed, waves)


def refuse_large(size: int, letters: int, eligible: int) -> None:
    """Refuse letters so many that a group of a size would get two."""
    if size * letters > eligible:
        raise BadInput("household_too_large", size=size, letters=letters, eligible=eligible)


def place_in_line(seed: bytes, one: Candidate, columns: Sequence[str]) -> tuple[str, ...]:
    """Return what orders the line: the keys of her groups from the outermost, then her own."""
    groups = zip(columns, one.groups, strict=True)
    keys = (letter_key(seed, value, group_label(column)) for column, value in groups)
    return (*keys, letter_key(seed, one.name))


def positions(start: int, letters: int, eligible: int) -> list[int]:
    """Return the places in the line, from 0, that the walk meets."""
    # The start is a whole number of 1/letters steps in [0, N), so that each place is reached equally often.
    return [(start + step * eligible) // letters for step in range(letters)]


def walked(
    stratum: str, eligible: int, seed: bytes, waves: tuple[int, ...], start: int | None, met: Iterable[str]
) -> Stratum:
    """Return the figures of a stratum along which a walk went, with the cut-offs that part its waves."""
    keys = sorted(letter_key(seed, name, WAVES) for name in met)
    return Stratum(stratum, eligible, waves, cut_offs(keys, waves), start)


def in_waves(met: Iterable[str], seed: bytes, waves: Iterable[int]) -> list[tuple[int, str]]:
    """Return those whom a walk met, each with the wave: a fair part of them in each."""
    order = sorted((letter_key(seed, name, WAVES), name) for name in met)
    return list(zip(wave_numbers(waves), (name for _, name in order), strict=True))


def refuse_split(strata: Mapping[str, Iterable[Candidate]], columns: Sequence[str]) -> None:
    """Refuse groups that stand in several strata, or in several outer groups."""
    place: dict[str, tuple[str, ...]] = {}
    for stratum, candidates in strata.items():
        for one in candidates:
            if one.groups and place.setdefault(one.groups[-1], (stratum, *one.groups)) != (
                stratum,
                *one.groups,
            ):
                raise BadInput("households_split", column=columns[-1])


def rule_of(design: LetterDesign) -> str:
    """Return in one line how a design draws."""
    name = "id" if design.names == "number" else "pseudonym"
    shares = {
        (False, "proportional"): "",
        (
            True,
            "proportional",
        ): f", letters shared out in proportion to {design.stratified_by} by largest remainders",
        (True, "chosen"): f", letters chosen for each {design.stratified_by}",
    }.get((design.stratified_by is not None, design.allocation), "")
    if design.groups:
        groups = " in ".join(f"each {column}" for column in reversed(design.groups))
        return f"one per household: systematic over {groups} in the order of their keys{shares}"
    return f"smallest SHA-256(prefix || {name}) for '{PERSONS}'{shares}"
