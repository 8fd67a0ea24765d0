"""Pictures made of dots, on the server: one dot, one citizen. Each carries its sentence and its table.

No inline style anywhere (the site's content security policy forbids it): classes and presentation attributes.
Text stands beside a picture as text, never in it, so that it can be read, enlarged and translated.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

GOLDEN_ANGLE = math.pi * (3 - math.sqrt(5))
RING_SEATS = 60
"""The most seats of one ring; larger bodies sit in several."""
ROW_DOTS = 20
"""The most dots of one row of votes: on a phone each is still as large as a letter."""
NARROWEST_ROW = 12
CHANCE_BINS = 10
MOST_OF_MANY = 200
"""Up to so many people one who gets a letter is still found among them."""
BIN_WIDTH = 40


@dataclass(frozen=True)
class Group:
    """So many dots of one kind: the class of the dot, its name, the count, and how it is counted."""

    kind: str
    name: str
    count: int
    per_dot: int = 1

    @property
    def dots(self) -> int:
        """How many dots stand for the count."""
        return -(-self.count // self.per_dot)


@dataclass(frozen=True)
class Picture:
    """A picture with what it shows: `svg`, the groups of its legend, and the same content as a table."""

    shape: str
    title: str
    svg: SafeString
    groups: tuple[Group, ...]
    head: tuple[str, ...] = ()
    rows: tuple[tuple[str | int, ...], ...] = ()
    middle: tuple[str, str] | None = None
    axis: tuple[str, ...] = field(default=())


def ring(
    taken: int, offered: int, vacant: int, *, title: str, middle: tuple[str, str] | None = None
) -> Picture:
    """Return the seats of a body as a ring of dots: taken ones filled, offered ones open, vacant ones dashed.

    Parameters
    ----------
    taken, offered, vacant
        Numbers of seats, together at least 1.
    title
        What it is, for those who do not see it.
    middle
        A large word and a small line for the middle of the ring.
    """
    groups = _present(
        Group("drawn", _("taken"), taken),
        Group("seat", _("offered"), offered),
        Group("absent", _("vacant"), vacant),
    )
    kinds = [group.kind for group in groups for _dot in range(group.count)]
    dots = [
        _circle(kind, x, y, radius)
        for kind, (x, y, radius) in zip(kinds, _ring_places(len(kinds)), strict=True)
    ]
    return Picture(
        "ring",
        title,
        _svg("-110 -110 220 220", title, _sentence(groups), dots),
        groups,
        *_table(groups),
        middle,
    )


def _ring_places(count: int) -> list[tuple[float, float, float]]:
    """Return where the dots of a ring stand, from the top clockwise, the outer ring first."""
    rings = max(1, math.ceil(count / RING_SEATS))
    radii = [96 - 18 * index for index in range(rings)]
    left, places = count, []
    for index, radius in enumerate(radii):
        here = left if index == rings - 1 else round(count * radius / sum(radii))
        left -= here
        size = min(9.0, 0.66 * radius * math.sin(math.pi / max(here, 8)), 8.0 if rings > 1 else 9.0)
        places += [
            (
                radius * math.sin(2 * math.pi * step / here),
                -radius * math.cos(2 * math.pi * step / here),
                size,
            )
            for step in range(here)
        ]
    return places


def field_of_dots(population: int, invited: int, answered: int, drawn: int, *, title: str) -> Picture:
    """Return the way of a draw as one field: the population outside, then the invited, those who said yes, the drawn.

    A dot is one person; only the population's fine dots stand for more, as many as `per_dot` of their group says.

    Parameters
    ----------
    population, invited, answered, drawn
        Numbers of people, each part of the one before: `population >= invited >= answered >= drawn >= 0`.
    """
    rest = population - invited
    per_dot = max(1, 10 ** math.ceil(math.log10(rest / 1200))) if rest > 1200 else 1  # noqa: PLR2004  # fine enough to look like a field
    groups = _present(
        Group("drawn", _("drawn by lot"), drawn),
        Group("answered", _("said yes, not drawn"), answered - drawn),
        Group("invited", _("got a letter, did not say yes"), invited - answered),
        Group("person", _("everybody else"), rest, per_dot),
    )
    places = _sunflower(sum(group.dots for group in groups))
    shapes, start = [], 0
    for group in groups:
        path = "".join(f"M{x:.0f} {y:.0f}h0" for x, y in places[start : start + group.dots])
        shapes += _dots_on(path, group.kind)
        start += group.dots
    reach = math.ceil(max((math.hypot(x, y) for x, y in places), default=0) + 10)
    box = f"{-reach} {-reach} {2 * reach} {2 * reach}"
    return Picture("field", title, _svg(box, title, _sentence(groups), shapes), groups, *_table(groups))


def within_years(counts: Sequence[tuple[int, int]], base: int, *, title: str) -> Picture:
    """Return how many of so many people sit at least once within each number of years, as one field of dots.

    Parameters
    ----------
    counts
        Years and people, both growing; at most four.
    base
        Of how many people.
    """
    kinds = ("drawn", "answered", "invited", "seat")
    before, since, groups = 0, 0, []
    for kind, (years, people) in zip(kinds, counts, strict=False):
        name = (
            _("first in the years %(first)d to %(last)d") % {"first": since + 1, "last": years}
            if since
            else ngettext("within %(years)d year", "within %(years)d years", years) % {"years": years}
        )
        groups.append(Group(kind, name, people - before))
        before, since = people, years
    rest = base - before
    per_dot = max(1, 10 ** math.ceil(math.log10(rest / 1200))) if rest > 1200 else 1  # noqa: PLR2004  # as a field
    present = _present(*groups, Group("person", _("not within these years"), rest, per_dot))
    places = _sunflower(sum(group.dots for group in present))
    shapes, start = [], 0
    for group in present:
        path = "".join(f"M{x:.0f} {y:.0f}h0" for x, y in places[start : start + group.dots])
        shapes += _dots_on(path, group.kind)
        start += group.dots
    reach = math.ceil(max((math.hypot(x, y) for x, y in places), default=0) + 10)
    box = f"{-reach} {-reach} {2 * reach} {2 * reach}"
    return Picture("field", title, _svg(box, title, _sentence(present), shapes), present, *_table(present))


def _sunflower(count: int) -> list[tuple[float, float]]:
    """Return evenly spread places from the middle outwards, each dot with the same room."""
    return [
        (
            11 * math.sqrt(step + 0.5) * math.sin(step * GOLDEN_ANGLE),
            -11 * math.sqrt(step + 0.5) * math.cos(step * GOLDEN_ANGLE),
        )
        for step in range(count)
    ]


def _dots_on(path: str, kind: str) -> list[SafeString]:
    """Return one path of dots (lines of no length with round ends); an open dot is a smaller one on a larger."""
    widths = {"drawn": 17, "answered": 15, "invited": 14, "seat": 12, "person": 5}
    shapes = [format_html('<path class="dot {}" stroke-width="{}" d="{}"/>', kind, widths[kind], path)]
    if kind in {"invited", "seat"}:
        shapes.append(
            format_html('<path class="dot hollow" stroke-width="{}" d="{}"/>', widths[kind] - 4, path)
        )
    return shapes


def votes(  # a ballot has as many figures
    yes: int, no: int, abstain: int, absent: int, *, title: str, needed: int | None = None
) -> Picture:
    """Return a counted ballot as rows of dots: yes filled, no open, abstentions grey, not voted dashed.

    Parameters
    ----------
    needed
        How many yes would have been enough, shown as a line after that dot; None for none.
    """
    groups = _present(
        Group("yes", _("yes"), yes),
        Group("no", _("no"), no),
        Group("abstain", _("abstained"), abstain),
        Group("absent", _("did not vote"), absent),
    )
    return _rows(groups, title, needed)


def table(here: int, awaited: int, *, title: str) -> Picture:
    """Return a table from above with a dot for each seat: who is here filled, who is awaited open.

    Parameters
    ----------
    here, awaited
        Numbers of members who sit at the table and have come, or have not.
    """
    groups = _present(Group("drawn", _("here"), here), Group("seat", _("not here yet"), awaited))
    kinds = [group.kind for group in groups for _dot in range(group.count)]
    reach = max(44.0, 13 * len(kinds) / math.pi)
    angles = [2 * math.pi * place / max(1, len(kinds)) for place in range(len(kinds))]
    shapes = [format_html('<circle class="board" cx="0" cy="0" r="{}"/>', f"{reach - 17:.1f}")]
    shapes += [
        _circle(kind, reach * math.sin(angle), -reach * math.cos(angle), 9)
        for kind, angle in zip(kinds, angles, strict=True)
    ]
    edge = math.ceil(reach + 11)
    box = f"{-edge} {-edge} {2 * edge} {2 * edge}"
    return Picture("seats", title, _svg(box, title, _sentence(groups), shapes), groups, *_table(groups))


def marks(marked: int, others: int, *, title: str) -> Picture:
    """Return how many papers marked an option as a row of dots: who did filled, the other papers open."""
    groups = _present(
        Group("yes", _("marked it"), marked),
        Group("no", _("did not mark it"), others),
    )
    return _rows(groups, title, None)


def verdicts(satisfied: int, partly: int, not_satisfied: int, *, title: str) -> Picture:
    """Return the citizens' verdict on an answer as rows of dots."""
    groups = _present(
        Group("yes", _("satisfied"), satisfied),
        Group("abstain", _("satisfied in part"), partly),
        Group("no", _("not satisfied"), not_satisfied),
    )
    return _rows(groups, title, None)


def _rows(groups: tuple[Group, ...], title: str, needed: int | None) -> Picture:
    kinds = [group.kind for group in groups for _dot in range(group.count)]
    height = max(1, math.ceil(len(kinds) / ROW_DOTS))
    width = max(1, math.ceil(len(kinds) / height))
    shapes = [
        _circle(kind, 10 + 20 * (index % width), 12 + 24 * (index // width), 7.5)
        for index, kind in enumerate(kinds)
    ]
    if needed is not None and 0 < needed <= len(kinds):
        x, y = 20 * ((needed - 1) % width + 1), 24 * ((needed - 1) // width)
        shapes.append(
            format_html('<line class="needed" x1="{}" x2="{}" y1="{}" y2="{}"/>', x, x, y, y + 24)
        )
    box = f"0 0 {20 * max(width, NARROWEST_ROW)} {24 * height}"
    return Picture("row", title, _svg(box, title, _sentence(groups), shapes), groups, *_table(groups))


@dataclass(frozen=True)
class Chance:
    """How one entry of a pool fared: its exact chance, and whether the lot fell on it."""

    chance: Fraction
    drawn: bool


MAP_DOTS = 600
"""Above so many people a dot of the opinion map stands for several."""
MAP_WIDTH = 320
"""Units of the drawing, of which a dot measures six: so wide is the map at least."""
_CAMPS = ("drawn", "no", "answered", "seat", "person")


def opinion_groups(names: Sequence[str], sizes: Sequence[int], *, title: str) -> Picture:
    """Return the groups of an opinion map as discs of dots, the largest first.

    Where a dot lies within its disc says nothing: the dots fill it in a fixed pattern, so that nobody finds a person.

    Parameters
    ----------
    names, sizes
        Of each group its name and its number of people; five groups at most.
    """
    per_dot = -(-max(1, sum(sizes)) // MAP_DOTS)
    groups = tuple(
        Group(kind, name, size, per_dot) for kind, name, size in zip(_CAMPS, names, sizes, strict=False)
    )
    radii = [4.6 * math.sqrt(group.dots) + 6 for group in groups]
    middle, dots = 0.0, []
    for group, radius in zip(groups, radii, strict=True):
        middle += radius
        for number in range(group.dots):
            distance, angle = 4.4 * math.sqrt(number + 0.5), number * GOLDEN_ANGLE
            dots.append(
                _circle(group.kind, middle + distance * math.cos(angle), distance * math.sin(angle), 3)
            )
        middle += radius + 10
    width, height = middle - 10, 2 * max(radii, default=10)
    # A map of few people is not drawn larger than one of many: its dots would be as large as coins.
    drawn = max(width, MAP_WIDTH)
    box = f"{(width - drawn) / 2:.0f} {-height / 2:.0f} {drawn:.0f} {height:.0f}"
    return Picture("map", title, _svg(box, title, _sentence(groups), dots), groups, *_table(groups))


def chances(entries: Iterable[Chance], *, title: str) -> Picture:
    """Return everybody in a pool at her chance, from 0 to 100 per cent; the drawn are filled and stand below.

    Dots of one heap have chances within the same ten points; the table counts the same heaps.
    """
    heaps: list[list[bool]] = [[] for _heap in range(CHANCE_BINS)]
    for entry in entries:
        heaps[min(CHANCE_BINS - 1, math.floor(entry.chance * CHANCE_BINS))].append(entry.drawn)
    tallest = max(map(len, heaps))
    columns = max(4, math.ceil(math.sqrt(tallest / 2)))
    step = (BIN_WIDTH - 6) / columns
    bottom = math.ceil(tallest / columns) * step + 2
    shapes = [
        _circle(
            "drawn" if was_drawn else "invited",
            index * BIN_WIDTH + 3 + (place % columns + 0.5) * step,
            bottom - (place // columns + 0.5) * step - 1,
            step * 0.4,
        )
        for index, heap in enumerate(heaps)
        for place, was_drawn in enumerate(sorted(heap, reverse=True))
    ]
    width = BIN_WIDTH * CHANCE_BINS
    shapes.append(
        format_html(
            '<line class="rule" x1="0" x2="{}" y1="{}" y2="{}"/>', width, f"{bottom:.1f}", f"{bottom:.1f}"
        )
    )
    drawn = sum(map(sum, heaps))
    groups = _present(
        Group("drawn", _("drawn by lot"), drawn),
        Group("invited", _("in the pool, not drawn"), sum(map(len, heaps)) - drawn),
    )
    percent = 100 // CHANCE_BINS
    rows = tuple(
        (f"{index * percent}–{(index + 1) * percent} %", len(heap), sum(heap))
        for index, heap in enumerate(heaps)
        if heap
    )
    return Picture(
        "chances", title,
        _svg(f"0 0 {width} {bottom + 2:.0f}", title, _sentence(groups), shapes),
        groups, (_("Chance"), _("People"), _("Drawn")), rows, None, ("0 %", "50 %", "100 %"),
    )  # fmt: skip


def shares(
    population: Fraction | None,
    pool: Fraction | None,
    panel: Fraction | None,
    quota: tuple[Fraction, Fraction],
    reach: Fraction = Fraction(1),
) -> SafeString:
    """Return three bars for one value of a feature, and its quota as a frame.

    The numbers stand beside it in the same row of the table, so the picture itself is hidden from screen readers.

    Parameters
    ----------
    population, pool, panel
        Shares in [0, 1]; None where they are not known, or not shown.
    quota
        Smallest and largest share of the panel.
    reach
        The share at which a bar is full: the same for all values of a feature.
    """
    bars = [("population", population, 1, 5), ("pool", pool, 8, 5), ("panel-bar", panel, 15, 6)]
    shapes = [
        format_html(
            '<rect class="{}" x="0" y="{}" width="{}" height="{}"/>',
            kind,
            top,
            _length(value, reach),
            height,
        )
        for kind, value, top, height in bars
        if value is not None
    ]
    low, high = quota
    shapes.append(
        format_html(
            '<rect class="quota" vector-effect="non-scaling-stroke" x="{}" y="13.5" width="{}" height="9"/>',
            _length(low, reach),
            _length(max(high - low, reach / 100), reach),
        )
    )
    return format_html(
        '<svg viewBox="0 0 200 24" preserveAspectRatio="none" aria-hidden="true" focusable="false">{}</svg>',
        _join(shapes),
    )


def bar(value: Fraction, reach: Fraction) -> SafeString:
    """Return one bar, which is full at `reach`; its number stands beside it, so screen readers pass over it."""
    return format_html(
        '<svg viewBox="0 0 200 12" preserveAspectRatio="none" aria-hidden="true" focusable="false">'
        '<rect class="pool" x="0" y="3" width="{}" height="6"/></svg>',
        _length(value, reach),
    )


def one_of_many(others: int, *, title: str) -> Picture:
    """Return a chance as people: one gets a letter, the others do not."""
    groups = _present(Group("drawn", _("gets a letter"), 1), Group("invited", _("do not"), others))
    return _rows(groups, title, None)


def _length(share: Fraction, reach: Fraction) -> str:
    return f"{float(share / reach) * 199:.2f}"


def legend_sign(kind: str) -> SafeString:
    """Return the sign of a kind of dot, for a legend."""
    return format_html(
        '<svg viewBox="0 0 14 14" aria-hidden="true" focusable="false">{}</svg>',
        _circle(kind, 7, 7, 2.4 if kind == "person" else 5.5),
    )


# -- the parts -----------------------------------------------------------------------------------------


def _present(*groups: Group) -> tuple[Group, ...]:
    for group in groups:
        if group.count < 0:
            raise ValueError(f"{group.kind}: a count of {group.count} dots")
    return tuple(group for group in groups if group.count)


def _sentence(groups: Sequence[Group]) -> str:
    return ", ".join(f"{group.count} {group.name}" for group in groups)


def _table(groups: Sequence[Group]) -> tuple[tuple[str, ...], tuple[tuple[str | int, ...], ...]]:
    return (_("Dot"), _("Number")), tuple((group.name, group.count) for group in groups)


def _circle(kind: str, x: float, y: float, radius: float) -> SafeString:
    return format_html(
        '<circle class="dot {}" cx="{}" cy="{}" r="{}"/>', kind, f"{x:.1f}", f"{y:.1f}", f"{radius:.1f}"
    )


def _svg(box: str, title: str, description: str, shapes: Sequence[SafeString]) -> SafeString:
    name = "picture-" + hashlib.sha256(f"{title}|{description}|{box}".encode()).hexdigest()[:10]
    return format_html(
        '<svg viewBox="{}" role="img" aria-labelledby="{}" aria-describedby="{}-text">'
        '<title id="{}">{}</title><desc id="{}-text">{}</desc>{}</svg>',
        box, name, name, name, title, name, description, _join(shapes),
    )  # fmt: skip


def _join(shapes: Iterable[SafeString]) -> SafeString:
    return format_html_join("", "{}", ((shape,) for shape in shapes))
