"""Pictures of a lottery as SVG: one dot, one citizen. No text inside; what they show stands beside them as text.

Strips are drawn in per cent of their width, so that they fit a telephone without shrinking their dots.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

WIDTH = 640
BINS = 16
IN_A_ROW = 3
"""Dots side by side in one bin."""
STEP = WIDTH / BINS / IN_A_ROW
MOST_ROWS = 30
RADIUS = 4.7
PLOT_HEIGHT = 300


def field_of_chances(bins: Sequence[int], mean: float) -> tuple[str, int]:
    """Return dots stacked by chance, and how many people a dot stands for.

    Parameters
    ----------
    bins
        Shape (16,): people by chance, the smallest chances first.
    mean
        Where the upright line stands, in [0, 1] of the width.
    """
    per_dot = max(1, -(-max(bins) // (MOST_ROWS * IN_A_ROW)))
    dots = [-(-count // per_dot) for count in bins]
    rows = max(6, -(-max(dots) // IN_A_ROW))
    height = rows * STEP + 4
    circles = []
    for number, count in enumerate(dots):
        for place in range(count):
            x = number * STEP * IN_A_ROW + (place % IN_A_ROW + 0.5) * STEP
            y = height - 2 - (place // IN_A_ROW + 0.5) * STEP
            circles.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{RADIUS}"/>')
    line = f'<path class="mark" d="M{mean * WIDTH:.1f} 0V{height:.0f}"/>'
    return _plot(f'{line}<g class="dot">{"".join(circles)}</g>', height), per_dot


def strip(
    low: float, high: float, dot: float, *, mark: float | None = None, ring: float | None = None
) -> str:
    """Return a line from low to high with a dot, and perhaps an upright mark and a ring; all in [0, 1]."""
    parts = [f'<line class="band" x1="{_pc(low)}" x2="{_pc(high)}" y1="11" y2="11"/>']
    if mark is not None:
        parts.insert(0, f'<line class="mark" x1="{_pc(mark)}" x2="{_pc(mark)}" y1="0" y2="22"/>')
    if ring is not None:
        parts.append(f'<circle class="ring" cx="{_pc(ring)}" cy="11" r="6.5"/>')
    parts.append(f'<circle class="dot" cx="{_pc(dot)}" cy="11" r="4.5"/>')
    return f'<svg class="strip" height="22" aria-hidden="true" focusable="false">{"".join(parts)}</svg>'


def curve(
    points: Sequence[tuple[float, float]],
    *,
    straight: bool = False,
    dots: Iterable[tuple[float, float]] = (),
    ring: tuple[float, float] | None = None,
) -> str:
    """Return a line through points of the unit square, y upwards; with dots, a ring, and the diagonal if wanted."""

    def place(point: tuple[float, float]) -> tuple[float, float]:
        return 8 + point[0] * (WIDTH - 16), 8 + (1 - point[1]) * (PLOT_HEIGHT - 16)

    line = " ".join("{:.1f},{:.1f}".format(*place(point)) for point in points)
    parts = [f'<path class="mark" d="M8 {PLOT_HEIGHT - 8}L{WIDTH - 8} 8"/>'] if straight else []
    parts.append(f'<polyline class="line" points="{line}"/>')
    parts += ['<circle class="dot" cx="{:.1f}" cy="{:.1f}" r="5"/>'.format(*place(point)) for point in dots]
    if ring is not None:
        parts.append('<circle class="ring" cx="{:.1f}" cy="{:.1f}" r="9"/>'.format(*place(ring)))
    return _plot("".join(parts), PLOT_HEIGHT)


def _plot(inside: str, height: float) -> str:
    return (
        f'<svg class="plot" viewBox="0 0 {WIDTH} {height:.0f}" aria-hidden="true" focusable="false">'
        f"{inside}</svg>"
    )


def _pc(share: float) -> str:
    """Return a place in per cent, with room for a dot at both ends."""
    return f"{3 + 94 * min(1.0, max(0.0, share)):.2f}%"


_STANDALONE = (
    "<style>.line{fill:none;stroke:#1f4e79;stroke-width:3}.dot{fill:#1f4e79}"
    "text{font:14px sans-serif;fill:#1b1b19}</style>"
)


def curve_file(points: Sequence[tuple[float, float]]) -> str:
    """Return the fairness curve as an SVG file of its own: smallest chances to the right, largest upwards.

    Parameters
    ----------
    points
        Smallest and largest chance of each corner, in [0, 1], the smallest first.
    """
    right, top = (max(point[axis] for point in points) * 1.1 for axis in (0, 1))
    corners = [(20 + 600 * x / right, 300 - 280 * y / top) for x, y in points]
    line = " ".join(f"{x:.1f},{y:.1f}" for x, y in corners)
    dots = "".join(
        f'<circle class="dot" cx="{x:.1f}" cy="{y:.1f}" r="5"/>'
        f'<text x="{x:.1f}" y="{y - 12:.1f}" text-anchor="end">{low:.1%} | {high:.1%}</text>'
        for (x, y), (low, high) in zip(corners, points, strict=True)
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} 320" role="img" '
        f'aria-label="Smallest chance | largest chance">{_STANDALONE}'
        f'<rect width="{WIDTH}" height="320" fill="#fbfaf6"/><path d="M20 0V300H640" stroke="#1b1b19" fill="none"/>'
        f'<polyline class="line" points="{line}"/>{dots}</svg>\n'
    )
