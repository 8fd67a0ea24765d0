"""Pictures made on the server: one dot is one citizen. Every picture has a sentence, and a table beside it.

SVG with classes and attributes only, so that the strict content policy holds; colours come from the design.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, repeat
from math import ceil, cos, pi, sin, sqrt

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

POPULATION_PER_DOT = 40
"""Residents for each dot of the field: 65,000 people are 1,650 dots, which a phone still shows."""


@dataclass(frozen=True)
class Group:
    """So many dots that look alike: a class of the design and a count."""

    kind: str
    count: int


@dataclass(frozen=True)
class Bar:
    """One feature value: its share of the population, of the pool and of the panel, in [0, 1]."""

    label: str
    population: float | None
    pool: float | None
    panel: float | None


def field(groups: Sequence[Group], title: str, columns: int = 60) -> SafeString:
    """Return a field of dots, row by row, group after group."""
    step, radius = 10, 3
    kinds = _kinds(groups)
    rows = max(1, ceil(len(kinds) / columns))
    dots = (
        (kind, index % columns * step + step / 2, index // columns * step + step / 2, radius)
        for index, kind in enumerate(kinds)
    )
    return _svg(columns * step, rows * step, title, _dots(dots))


def ring(groups: Sequence[Group], title: str) -> SafeString:
    """Return the seats of a body as a ring of dots, or as two rings where there are many."""
    kinds = _kinds(groups)
    outer = len(kinds) if len(kinds) <= 40 else ceil(len(kinds) * 0.6)  # noqa: PLR2004  # a ring of 40 still breathes
    size = 240
    placed = chain(_circle(kinds[:outer], size / 2, 104), _circle(kinds[outer:], size / 2, 78))
    return _svg(size, size, title, _dots(placed))


def votes(groups: Sequence[Group], title: str) -> SafeString:
    """Return the votes of a ballot as dots in columns of five, so that they can be counted by eye."""
    kinds, step, radius, height = _kinds(groups), 22, 8, 5
    columns = max(1, ceil(len(kinds) / height))
    dots = (
        (kind, index // height * step + step / 2, index % height * step + step / 2, radius)
        for index, kind in enumerate(kinds)
    )
    return _svg(columns * step, height * step, title, _dots(dots))


def bars(lines: Sequence[Bar], title: str) -> SafeString:
    """Return population, pool and panel side by side for each value of a feature."""
    height, label, width = 46, 14, 460
    largest = max(
        [0.01, *(share for line in lines for share in (line.population, line.pool, line.panel) if share)]
    )
    parts = [_bar_group(line, index * height, label, width / largest) for index, line in enumerate(lines)]
    return _svg(
        width + 60,
        max(1, len(lines)) * height,
        title,
        format_html_join("", "{}", ((part,) for part in parts)),
    )


def chances(shares: Sequence[float], title: str) -> SafeString:
    """Return everybody's chance as a line of dots from the smallest to the largest."""
    width, height, pad = 560, 150, 24
    ordered = sorted(shares)
    top = max([0.01, *ordered])
    step = (width - pad) / max(1, len(ordered) - 1)
    dots = (
        ("drawn", pad + index * step, height - pad - value / top * (height - 2 * pad), 3)
        for index, value in enumerate(ordered)
    )
    axis = format_html(
        '<line class="rule" x1="{}" y1="{}" x2="{}" y2="{}"/><text x="0" y="{}">0</text><text x="0" y="{}">{} %</text>',
        pad, height - pad, width, height - pad, height - pad + 4, pad, round(top * 100),
    )  # fmt: skip
    return _svg(width, height, title, format_html("{}{}", axis, _dots(dots)))


def _kinds(groups: Iterable[Group]) -> list[str]:
    return list(chain.from_iterable(repeat(group.kind, group.count) for group in groups))


def _circle(
    kinds: Sequence[str], centre: float, distance: float
) -> Iterator[tuple[str, float, float, float]]:
    count = max(1, len(kinds))
    radius = min(9.0, distance * pi / count * 0.72)
    for index, kind in enumerate(kinds):
        angle = 2 * pi * index / count - pi / 2
        yield kind, centre + distance * cos(angle), centre + distance * sin(angle), radius


def _dots(dots: Iterable[tuple[str, float, float, float]]) -> SafeString:
    rounded = ((kind, _short(x), _short(y), _short(radius)) for kind, x, y, radius in dots)
    return format_html_join("", '<circle class="dot {}" cx="{}" cy="{}" r="{}"/>', rounded)


def _bar_group(line: Bar, top: float, label: float, scale: float) -> SafeString:
    shown = [("population", line.population), ("pool", line.pool), ("panel-bar", line.panel)]
    parts = [
        format_html(
            '<rect class="{}" x="0" y="{}" width="{}" height="7" rx="3.5"/>',
            kind, _short(top + label + 3 + index * 9), _short((value or 0) * scale),
        )
        for index, (kind, value) in enumerate(shown)
    ]  # fmt: skip
    text = format_html('<text x="0" y="{}">{}</text>', _short(top + label - 2), line.label)
    return format_html("{}{}", text, format_html_join("", "{}", ((part,) for part in parts)))


def _svg(width: float, height: float, title: str, content: SafeString) -> SafeString:
    return format_html(
        '<svg viewBox="0 0 {} {}" role="img" aria-label="{}" focusable="false">{}</svg>',
        _short(width), _short(height), title, content,
    )  # fmt: skip


def _short(value: float) -> str:
    return f"{value:.1f}".rstrip("0").rstrip(".")


def columns_for(count: int) -> int:
    """Return how many columns make a field of so many dots about three times as wide as high."""
    return max(20, ceil(sqrt(count * 3)))
