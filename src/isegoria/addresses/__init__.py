"""Addresses as people write them, and which of them are the same home.

`14 Mill St.` is `14 MILL STREET`, `Hauptstr. 5` is `Hauptstraße 5`, `r. de l'Eglise 12 boîte 3` is `Rue de l’Église 12
bte 3`. House numbers, boxes, flats and floors are never merged. The abbreviations are data: `words.toml` beside this file.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Any

_UMLAUTS = str.maketrans(
    {"ä": "ae", "ö": "oe", "ü": "ue", "ø": "oe", "œ": "oe", "æ": "ae", "å": "a", "ł": "l", "đ": "d"}
)
_APOSTROPHES = "'’‘`´ʼ′"
_NUMERO = re.compile(r"\bn\s?[°º]", re.IGNORECASE)
_INITIALS = re.compile(r"\b(?:[^\W\d_]\.){2,}")
_COUNTRY = re.compile(r"\b(?:b|be|d|de|l|lu|nl|f|fr|a|at|ch)\s?-\s?(?=\d)")
_SEGMENT = re.compile(r"[,;\n()]+")
_TOKEN = re.compile(
    rf"(?P<word>[^\W\d_]+)(?P<elided>[{_APOSTROPHES}])?|(?P<number>\d+)|(?P<sign>[/\-–.])|(?P<gap>\s+)|."
)
_INSIDE = "/"
_RANGE = "-"
_ADDITIONS = ("bis", "ter", "quater")


@dataclass(frozen=True, slots=True)
class _Words:
    """The table of abbreviations, turned round: what is written to what is meant."""

    word: Mapping[str, str]
    first: Mapping[str, str]
    last: Mapping[str, str]
    before_last: Mapping[str, str]
    unit: Mapping[str, str]
    ending: Sequence[tuple[str, str]]
    number: frozenset[str]
    ordinal: frozenset[str]
    ground: frozenset[str]
    column: tuple[str, ...]


@dataclass(slots=True)
class _Token:
    """A word or a number of an address; `after` is what stood in front of it: a gap, a sign, or nothing."""

    text: str
    number: bool
    after: str
    elided: bool = False


@dataclass(slots=True)
class _Home:
    """What an address says: the words and numbers that lead to the house, and what is inside of it."""

    way: list[tuple[str, bool]] = field(default_factory=list)
    inside: list[tuple[str, str]] = field(default_factory=list)


def same_home(*parts: str) -> str:
    """Return a key that two addresses share when they are the same home, and only then.

    Parameters
    ----------
    parts
        An address in one text, or the columns that make it up, such as street, number, box and postcode: always in
        the same order, compared column by column. Empty ones may stand among them.

    Returns
    -------
    str
        For comparing, not for showing. Empty where all parts are.

    Notes
    -----
    Capitals, accents, punctuation, spaces and hyphens do not count, nor do the abbreviations of `words.toml` in Dutch,
    French, German and English, nor whether the number stands before or behind the street. Two addresses that differ in
    a house number, its letter, a box, a flat, a floor, a staircase or a building are never the same.

    Not guaranteed: names of streets are only compared as they are spelled, so `Mullerstr.` is not `Müllerstraße` (but
    `Muellerstr.` is), a slip of the pen makes two homes of one, and the two names of a street in a bilingual town stay
    two. People at one address without a box are taken for one household although there may be several.

    Examples
    --------
    >>> same_home("14 Mill St.") == same_home("14 MILL STREET")
    True
    >>> same_home("Rue de l'Église 12 bte 3") == same_home("r. de l'Eglise 12/3")
    True
    >>> same_home("Kerkstraat 7 bus 2") == same_home("Kerkstraat 7 bus 3")
    False
    """
    keys = [_key(part) for part in parts]
    return "\n".join(keys) if any(keys) else ""


def household_of(street: str, number: str = "", box: str = "", postcode: str = "", town: str = "") -> str:
    """Return the key of a home whose address stands in columns, wherever the number and the box were put.

    Parameters
    ----------
    street
        The street, perhaps with number and box behind it.
    number
        The house number, perhaps with letter and box.
    box
        The box or flat alone, with or without its word.
    postcode, town
        With the postcode the town is left out, as it is spelled in too many ways.

    Returns
    -------
    str
        As `same_home`. Empty without a street and a number.
    """
    inside = box.strip()
    if inside and _key(inside)[:1].isdigit() | (len(inside) == 1):
        inside = f"bus {inside}"  # a number or a letter alone, in the column of boxes
    line = " ".join(part for part in (street, number, inside) if part.strip())
    return same_home(line, postcode.strip() or town) if line else ""


def is_part_of_address(column: str) -> bool:
    """Return whether a column of a file holds a part of an address, by its name in nl, fr, de or en."""
    name = re.sub(r"[\W_]+", " ", fold(column))
    return any(
        word.startswith(known) or word.endswith(known) for word in name.split() for known in _words().column
    )


def fold(text: str) -> str:
    """Return a text in small letters without accents; `ä ö ü ß` become `ae oe ue ss`.

    Examples
    --------
    >>> fold("Rue de l'Église, Große Straße, MÜNCHEN")
    "rue de l'eglise, grosse strasse, muenchen"
    """
    small = unicodedata.normalize("NFC", text).casefold().translate(_UMLAUTS)
    return "".join(
        each for each in unicodedata.normalize("NFKD", small) if not unicodedata.combining(each)
    ).casefold()


def _key(text: str) -> str:
    home = _Home()
    lonely: list[_Token] = []
    for segment in _segments(text):
        tokens = [*lonely, *segment]
        # "12a, rue de l'Église": a number alone belongs to what follows
        lonely = tokens if not home.way and _is_number_alone(segment) else []
        if not lonely:
            _read(tokens, home)
    _read(lonely, home)
    way = _joined(home.way)
    inside = "".join(f" {kind}:{name}" for kind, name in sorted(home.inside, key=lambda unit: unit[0]))
    return way + inside


def _segments(text: str) -> Iterator[list[_Token]]:
    folded = fold(_NUMERO.sub("nr ", text))
    folded = _INITIALS.sub(lambda found: found[0].replace(".", ""), folded)
    folded = _COUNTRY.sub("", folded)
    for segment in _SEGMENT.split(folded):
        tokens = list(_tokens(segment))
        if tokens:
            tokens[0].after = ","
            yield tokens


def _is_number_alone(segment: Sequence[_Token]) -> bool:
    way, _inside = _units(segment, behind=False)
    return (
        bool(way)
        and way[0].number
        and all(each.number or len(each.text) == 1 or each.text in _ADDITIONS for each in way)
    )


def _tokens(segment: str) -> Iterator[_Token]:
    after = ""
    for found in _TOKEN.finditer(segment):
        if found["word"]:
            yield _Token(found["word"], number=False, after=after, elided=bool(found["elided"]))
            after = " " if found["elided"] else ""
        elif found["number"]:
            digits = "".join(str(int(digit)) for digit in found["number"])
            # Box 2.01 is not box 2.1; but 007 is 7.
            yield _Token(digits if after == "." else digits.lstrip("0") or "0", number=True, after=after)
            after = ""
        else:
            sign = found["sign"] or " "
            sign = _RANGE if sign == "–" else sign
            # The strongest of what stands between two tokens: "7 / 2" is "7/2", "12 - 14" is "12-14".
            after = max(after, sign, key=" .-/".find) if after else sign


def _read(tokens: list[_Token], home: _Home) -> None:
    """Add what a segment says to a home."""
    way, inside = _units(tokens, behind=bool(home.way))
    home.inside += inside
    parts = list(_parts(way, home))
    numbers = [place for place, (_text, number) in enumerate(parts) if number]
    if numbers == [0] and len(parts) > 1:
        parts = [*parts[1:], parts[0]]
    home.way += parts


def _units(tokens: Sequence[_Token], *, behind: bool) -> tuple[list[_Token], list[tuple[str, str]]]:
    """Take out of a segment what stands inside the house, with its word: `bus 2`, `1er étage`, `flat b`.

    `behind` says whether the way to the house was read already.
    """
    words = _words()
    way: list[_Token] = []
    inside: list[tuple[str, str]] = []
    place = 0
    while place < len(tokens):
        token = tokens[place]
        kind = None if token.number else words.unit.get(token.text)
        if not token.number and _is_ground(tokens, place, words):
            inside.append(("floor", "0"))
            place += _ground_length(tokens, place, words)
            continue
        if kind == "floor" and (floor := _floor_before(way, words, behind=behind)) is not None:
            inside.append((kind, floor))
            place += 1
            continue
        if kind is not None and place + 1 < len(tokens):
            name, used = _name_of_unit(tokens, place + 1)
            if used:
                inside.append((kind, name))
                place += 1 + used
                continue
        way.append(token)
        place += 1
    return way, inside


def _name_of_unit(tokens: Sequence[_Token], start: int) -> tuple[str, int]:
    """Return the name behind the word of a unit, `2`, `b`, `2a`, `2.01`, and how many tokens it takes."""
    words = _words()
    place = start
    if not tokens[place].number and tokens[place].text in words.number and place + 1 < len(tokens):
        place += 1
    name = ""
    while place < len(tokens):
        token = tokens[place]
        short = token.number or (len(token.text) == 1 and not token.elided)
        joined = not name or token.after in {"", ".", _RANGE, _INSIDE}
        if not short or not joined:
            break
        name += f"{token.after if name and token.after else ''}{token.text}"
        place += 1
    return name, place - start if name else 0


def _floor_before(way: list[_Token], words: _Words, *, behind: bool) -> str | None:
    """Take the number of a floor off the end of what was read, if one stands there behind a house number."""
    if way and not way[-1].number and way[-1].text in words.ordinal and len(way) > 1 and way[-2].number:
        number = way[-2].text
        del way[-2:]
        return number
    if way and way[-1].number and (behind or sum(token.number for token in way) > 1):
        return way.pop().text
    return None


def _is_ground(tokens: Sequence[_Token], place: int, words: _Words) -> bool:
    return _ground_length(tokens, place, words) > 0


def _ground_length(tokens: Sequence[_Token], place: int, words: _Words) -> int:
    joined = ""
    for length, token in enumerate(tokens[place : place + 3], start=1):
        if token.number:
            return 0
        joined += token.text
        if joined in words.ground:
            return length
    return 0


def _parts(tokens: Sequence[_Token], home: _Home) -> Iterator[tuple[str, bool]]:
    """Yield words and whole house numbers, and put what stands behind a slash into the house."""
    words = _words()
    place = 0
    seen = False
    while place < len(tokens):
        token = tokens[place]
        if token.number:
            text, used, box = _house_number(tokens, place)
            if box:
                home.inside.append(("box", box))
            yield text, True
            place += used
            continue
        following = tokens[place + 1] if place + 1 < len(tokens) else None
        if token.text in words.number and following is not None and following.number:
            place += 1
            continue
        last = following is None or following.number
        yield _meant(token.text, first=not seen, last=last, words=words), False
        seen = True
        place += 1


def _house_number(tokens: Sequence[_Token], start: int) -> tuple[str, int, str]:
    """Return a number with its letter and range, how many tokens it takes, and the box behind a slash."""
    text = tokens[start].text
    box = ""
    place = start + 1
    while place < len(tokens):
        token = tokens[place]
        short = token.number or len(token.text) == 1 or token.text in _ADDITIONS
        following = tokens[place + 1] if place + 1 < len(tokens) else None
        street = token.text in _words().first and following is not None and not following.number
        if not short or token.elided or token.after == "," or street:
            break
        if box or token.after == _INSIDE:
            if token.after not in {"", ".", _RANGE, _INSIDE}:
                break
            box += f"{token.after if box else ''}{token.text}"
        elif token.after == _RANGE or (token.number and token.after == "."):
            text += f"{token.after}{token.text}"
        elif token.number or tokens[place - 1].text.isalpha():
            break
        else:
            text += token.text
        place += 1
    return text, place - start, box


def _meant(word: str, *, first: bool, last: bool, words: _Words) -> str:
    if first and word in words.first and not last:
        return words.first[word]
    special = words.last if last and not first else words.before_last
    if word in special and not (last and first):
        return special[word]
    if word in words.word:
        return words.word[word]
    for ending, meant in words.ending:
        if word.endswith(ending) and len(word) > len(ending) + 1:
            return word[: -len(ending)] + meant
    return word


def _joined(parts: Sequence[tuple[str, bool]]) -> str:
    """Write words together, as `Aachener Straße` and `Aachenerstr.` are one, and numbers apart."""
    text = ""
    before = True
    for part, number in parts:
        text += part if text and not number and not before else f" {part}"
        before = number
    return text.strip()


@cache
def _words() -> _Words:
    data: dict[str, Any] = tomllib.loads(files(__package__).joinpath("words.toml").read_text("utf-8"))

    def turned(table: str) -> dict[str, str]:
        return {alias: meant for meant, aliases in data[table].items() for alias in aliases}

    ending = sorted(turned("ending").items(), key=lambda pair: -len(pair[0]))
    return _Words(
        turned("word"),
        turned("first"),
        turned("last"),
        turned("before_last"),
        turned("unit"),
        ending,
        frozenset(data["number"]["words"]),
        frozenset(data["ordinal"]["endings"]),
        frozenset(data["ground"]["words"]),
        tuple(data["column"]["words"]),
    )
