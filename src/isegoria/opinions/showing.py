"""A map for everybody: the same content as a picture, as sentences, as a table and as data.

Nothing here tells single persons apart. In the picture each person is one dot, but where it lies within its group
says nothing: the dots of a group fill a disc in a fixed pattern.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, fields
from html import escape
from typing import Any

import numpy as np

from isegoria.errors import BadInput
from isegoria.opinions.mapping import Hidden, OpinionMap
from isegoria.opinions.statements import Finding, Reading, Share

FORMAT = "isegoria-opinion-map/1"
DOT, GAP = 3.0, 7.0
_GOLDEN_ANGLE = math.pi * (3 - math.sqrt(5))
_LINE = 18


@dataclass(frozen=True, slots=True)
class Words:
    """The sentences of a map in one language, English by default; `{named}` parts are filled in."""

    title: str = "Opinion map"
    counted: str = "{persons} persons are on the map, of {voted} who voted; {statements} statements."
    group: str = "Group {letter}: {size} persons"
    together: str = "All on the map: {size} persons"
    stability: str = "Stability of the groups: {stability} of 1."
    few_persons: str = "Groups are not shown: there are too few persons for them to mean anything."
    small_group: str = (
        "Groups are not shown: one of them would be so small that single persons could be guessed."
    )
    unstable: str = "Groups are not shown: with other guests they would have been others."
    one_opinion: str = "There are no groups: opinions do not fall apart."
    unites: str = "Statements that unite"
    divides: str = "Statements that divide"
    uncertain: str = "Statements on which the votes do not suffice for either"
    none: str = "None."
    statement: str = "Statement"
    finding: str = "Finding"
    agree: str = "Agree"
    disagree: str = "Disagree"
    in_group: str = "group {letter}"
    agree_in: str = "Agree in group {letter}"
    too_few: str = "too few votes"
    share: str = "{value} % ({low} to {high} %) of {total}"
    reading: str = "“{text}”: {share} agree"

    @classmethod
    def of(cls, texts: Mapping[str, str]) -> Words:
        """Return words with some replaced, for instance by a translation."""
        known = {field.name for field in fields(cls)}
        return cls(**{name: text for name, text in texts.items() if name in known})


ENGLISH = Words()


def letter(group: int) -> str:
    """Return the name of a group: A is the largest."""
    return chr(ord("A") + group)


def document(found: OpinionMap, texts: Mapping[str, str] | None = None) -> dict[str, Any]:
    """Return the map as data to publish, without anything about single persons."""
    return {
        "format": FORMAT,
        "votes_sha256": found.digest,
        "seed": found.seed.hex(),
        "voted": found.voted,
        "persons": len(found.persons),
        "groups": list(found.group_sizes),
        "groups_hidden": [str(reason) for reason in found.hidden],
        "stability": None if found.stability is None else round(found.stability, 4),
        "statements": [
            {
                "statement": one.statement,
                **({"text": texts[one.statement]} if texts and one.statement in texts else {}),
                "finding": str(one.finding),
                "strength": one.strength,
                "agree": _share_data(one.agree),
                "disagree": _share_data(one.disagree),
                "agree_by_group": [_share_data(share) for share in one.groups],
            }
            for one in found.statements
        ],
    }


def from_document(data: Mapping[str, Any]) -> OpinionMap:
    """Return a published map as it was, without what was never published: persons, labels and places.

    Parameters
    ----------
    data
        What `document` gave, also after a way through JSON.

    Returns
    -------
    OpinionMap
        With nameless `persons`, and empty `labels` and `places`.

    Raises
    ------
    BadInput
        `map_format`: it is another kind of document.

    Notes
    -----
    Guarantee: `document`, `headline`, `paragraphs`, `table` and `picture` of it are those of the map itself, where
    the stability was rounded to four places.
    """
    if data.get("format") != FORMAT:
        raise BadInput("map_format", format=FORMAT)
    return OpinionMap(
        digest=data["votes_sha256"],
        seed=bytes.fromhex(data["seed"]),
        voted=data["voted"],
        persons=("",) * data["persons"],
        group_sizes=tuple(data["groups"]),
        hidden=tuple(Hidden(reason) for reason in data["groups_hidden"]),
        stability=data["stability"],
        statements=tuple(
            Reading(
                one["statement"],
                _share_from(one["agree"]),
                _share_from(one["disagree"]),
                tuple(_share_from(share) for share in one["agree_by_group"]),
                Finding(one["finding"]),
                one["strength"],
            )
            for one in data["statements"]
        ),
        labels=np.zeros(0, dtype=np.intp),
        places=np.zeros((0, 2)),
    )


def headline(found: OpinionMap, words: Words = ENGLISH) -> list[str]:
    """Return the sentences of the picture: how many, which groups, how stable, or why none are shown."""
    lines = [
        words.counted.format(
            persons=len(found.persons), voted=found.voted, statements=len(found.statements)
        )
    ]
    lines += _captions(found, words)
    if found.stability is not None:
        lines.append(words.stability.format(stability=f"{found.stability:.2f}"))
    return lines + [getattr(words, reason.value) for reason in found.hidden]


def paragraphs(
    found: OpinionMap, texts: Mapping[str, str] | None = None, words: Words = ENGLISH
) -> list[tuple[str, list[str]]]:
    """Return the whole map as headings with sentences, in the order in which one reads it."""
    sections = [(words.title, headline(found, words))]
    for finding in Finding:
        lines = [_sentence(one, texts or {}, words) for one in found.of(finding)]
        sections.append((getattr(words, finding.value), lines or [words.none]))
    return sections


def table(
    found: OpinionMap, texts: Mapping[str, str] | None = None, words: Words = ENGLISH
) -> list[list[str]]:
    """Return header and rows, one per statement, the clearest findings first."""
    letters = [letter(group) for group in range(len(found.group_sizes))]
    header = [words.statement, words.finding, words.agree, words.disagree]
    rows = [header + [words.agree_in.format(letter=each) for each in letters]]
    for finding in Finding:
        for one in found.of(finding):
            name = (texts or {}).get(one.statement, one.statement)
            shares = [_share(share, words) for share in (one.agree, one.disagree, *one.groups)]
            rows.append([name, getattr(words, finding.value), *shares])
    return rows


def picture(found: OpinionMap, words: Words = ENGLISH) -> str:
    """Return the map as SVG: a disc of dots for each group, one dot a person, with the sentences of `headline`.

    The colours belong to the page: dots carry the classes `map-dots` and `map-dots-a`, `-b` and so on, texts
    `map-caption`. Groups stand in a row by size; distances between them mean nothing.
    """
    sizes = found.group_sizes or (len(found.persons),)
    radii = [GAP * math.sqrt(size) * 0.62 + DOT for size in sizes]
    width = max(360.0, sum(2 * radius + 24 for radius in radii) + 24)
    height = 2 * max(radii) + 3 * _LINE
    left = (width - sum(2 * radius + 24 for radius in radii)) / 2
    parts = []
    captions = _captions(found, words)
    for group, (size, radius) in enumerate(zip(sizes, radii, strict=True)):
        middle = left + 12 + radius
        left += 2 * radius + 24
        dots = "".join(_dot(number, middle, max(radii) + _LINE) for number in range(size))
        kind = f"map-dots map-dots-{letter(group).lower()}"
        caption = _svg_text(middle, height - _LINE * (1 + group % 2 * 0.9), captions[group])
        parts.append(f'<g class="{kind}">{dots}</g>{caption}')
    label = escape(" ".join(headline(found, words)), quote=True)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0f} {height:.0f}" role="img" '
        f'aria-label="{label}"><title>{escape(words.title)}</title>{"".join(parts)}</svg>'
    )


def _captions(found: OpinionMap, words: Words) -> list[str]:
    if not found.group_sizes:
        return [words.together.format(size=len(found.persons))]
    return [
        words.group.format(letter=letter(group), size=size) for group, size in enumerate(found.group_sizes)
    ]


def _dot(number: int, middle: float, height: float) -> str:
    """Place a dot on the sunflower's spiral."""
    distance, angle = GAP * math.sqrt(number) * 0.6, number * _GOLDEN_ANGLE
    x, y = middle + distance * math.cos(angle), height + distance * math.sin(angle)
    return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{DOT:.0f}"/>'


def _svg_text(x: float, y: float, text: str) -> str:
    return f'<text class="map-caption" x="{x:.0f}" y="{y:.0f}" text-anchor="middle">{escape(text)}</text>'


def _share(share: Share | None, words: Words) -> str:
    if share is None:
        return words.too_few
    low, value, high = (round(100 * part) for part in (share.low, share.value, share.high))
    return words.share.format(value=value, low=low, high=high, total=share.total)


def _sentence(one: Reading, texts: Mapping[str, str], words: Words) -> str:
    shares = [
        (words.in_group.format(letter=letter(group)), share) for group, share in enumerate(one.groups)
    ]
    text = words.reading.format(
        text=texts.get(one.statement, one.statement), share=_share(one.agree, words)
    )
    each = "; ".join(f"{name} {_share(share, words)}" for name, share in shares)
    return f"{text} ({each})." if each else f"{text}."


def _share_from(data: Mapping[str, Any] | None) -> Share | None:
    return None if data is None else Share.of(data["count"], data["total"])


def _share_data(share: Share | None) -> dict[str, Any] | None:
    if share is None:
        return None
    return {
        "count": share.count,
        "total": share.total,
        "low": round(share.low, 4),
        "high": round(share.high, 4),
    }
