"""A plan of letters to look at: the pool that is to be expected beside what the quotas need; and the same as a table."""

from __future__ import annotations

from collections.abc import Iterator
from math import ceil, floor, log10
from xml.sax.saxutils import escape

from isegoria.register.planner import Line, Plan
from isegoria.register.words import PLAN, Language

WIDTH, LEFT, RIGHT, HEAD, STEP, FOOT = 760, 200, 30, 108, 34, 34
LONGEST_NAME = 28
INK, PALE, ACCENT, SIGNAL, PAPER = "#1b1b18", "#c9c5bb", "#1f4e79", "#b4530a", "#fdfcf8"
_LIKELY = 0.95


def plan_table(plan: Plan, language: Language = "en") -> tuple[tuple[str, ...], ...]:
    """Return what the picture shows as rows of text, the first with the names of the columns."""
    columns = (
        "stratum",
        "seats",
        "wanted",
        "brought",
        "rate",
        "letters",
        "needed",
        "expected",
        "interval",
        "enough",
    )
    header = tuple(PLAN[column][language] for column in columns)
    return (header, *(_row(line, language) for line in plan.lines))


def plan_title(plan: Plan, language: Language = "en") -> str:
    """Return the plan in one sentence: which wave, how many letters."""
    text = PLAN["title" if plan.letters else "none"][language]
    return text.format(wave=plan.wave, letters=_number(plan.letters, language))


def plan_reason(plan: Plan, language: Language = "en") -> str:
    """Return which stratum needs so many letters; empty where there is but one, or none does."""
    return (
        PLAN["binding"][language].format(stratum=plan.binding)
        if plan.binding and len(plan.lines) > 1
        else ""
    )


def plan_picture(plan: Plan, language: Language = "en") -> str:
    """Return an SVG with a line for each stratum: seats, candidates wanted, and the pool in nine cases of ten.

    Notes
    -----
    A bar that may end below the seats is drawn in the signal colour, dashed, and its number is written out: the
    colour alone tells nothing.
    """
    most = max([max(line.high, line.wanted, line.seats) for line in plan.lines] + [1])
    height = HEAD + STEP * len(plan.lines) + FOOT
    title, reason = plan_title(plan, language), plan_reason(plan, language)
    legend = PLAN["legend"][language].split(". ", 2)
    first, second = ". ".join(legend[:2]) + ".", "".join(legend[2:])
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img" aria-labelledby="t d" '
        f'font-family="system-ui, sans-serif" font-size="13" fill="{INK}">'
        f'<title id="t">{escape(title)}</title><desc id="d">{escape(_described(plan, language))}</desc>'
        f'<rect width="{WIDTH}" height="{height}" fill="{PAPER}"/>'
        f'<text x="20" y="32" font-size="20" font-weight="600">{escape(title)}</text>'
        f'<text x="20" y="54" font-size="14">{escape(reason)}</text>'
        f'<text x="20" y="76" font-size="12">{escape(first)}</text>'
        f'<text x="20" y="93" font-size="12">{escape(second)}</text>'
    )
    lines = [_drawn(line, HEAD + STEP * place + STEP / 2, most) for place, line in enumerate(plan.lines)]
    axis = "".join(_axis(most, HEAD + STEP * len(plan.lines), language))
    return "\n".join([head, axis, *lines, "</svg>"]) + "\n"


def _drawn(line: Line, y: float, most: int) -> str:
    short = line.enough < _LIKELY
    colour = SIGNAL if short else ACCENT
    dash = ' stroke-dasharray="5 3"' if short else ""
    name = line.name if len(line.name) <= LONGEST_NAME else f"{line.name[: LONGEST_NAME - 1]}…"
    low, high, dot = (_x(value, most) for value in (line.low, line.high, line.expected))
    return (
        f'<text x="{LEFT - 12}" y="{y + 4:.1f}" text-anchor="end">{escape(name)}</text>'
        f'<path d="M{_x(0, most):.1f} {y:.1f}H{WIDTH - RIGHT}" stroke="{PALE}"/>'
        f'<path d="M{low:.1f} {y:.1f}H{high:.1f}" stroke="{colour}" stroke-width="5"{dash}/>'
        f'<path d="M{_x(line.seats, most):.1f} {y - 9:.1f}v18" stroke="{INK}" stroke-width="2"/>'
        f'<circle cx="{_x(line.wanted, most):.1f}" cy="{y:.1f}" r="8" fill="none" stroke="{INK}" stroke-width="1.5"/>'
        f'<circle cx="{dot:.1f}" cy="{y:.1f}" r="5" fill="{colour}" stroke="{PAPER}"/>'
    )


def _axis(most: int, y: float, language: Language) -> Iterator[str]:
    step = _step(most)
    for value in range(0, most + 1, step):
        x = _x(value, most)
        yield f'<path d="M{x:.1f} {y:.1f}v6" stroke="{INK}"/>'
        yield f'<text x="{x:.1f}" y="{y + 20:.1f}" font-size="11" text-anchor="middle">{_number(value, language)}</text>'


def _step(most: int) -> int:
    """Return a round distance of marks of which four to ten fit."""
    power = int(10 ** max(0, floor(log10(most)) - 1))
    return next(factor * power for factor in (1, 2, 5, 10, 20, 50) if ceil(most / (factor * power)) <= 8)  # noqa: PLR2004


def _x(value: float, most: int) -> float:
    return LEFT + (WIDTH - LEFT - RIGHT) * min(value, most) / most


def _row(line: Line, language: Language) -> tuple[str, ...]:
    return (
        line.name,
        _number(line.seats, language),
        _number(line.wanted, language),
        _number(line.brought, language),
        _per_cent(float(line.rate), 1, language),
        _number(line.letters, language),
        _number(line.needed, language),
        _number(round(line.expected), language),
        f"{_number(line.low, language)}–{_number(line.high, language)}",
        _per_cent(floor(line.enough * 100) / 100, 0, language),
    )


def _described(plan: Plan, language: Language) -> str:
    header, *rows = plan_table(plan, language)
    parts = (
        f"{row[0]}: " + ", ".join(f"{name} {cell}" for name, cell in zip(header[1:], row[1:], strict=True))
        for row in rows
    )
    return ". ".join(parts)


def _number(value: int, language: Language) -> str:
    signs = {"en": ",", "de": ".", "fr": "\u202f", "nl": "."}
    return f"{value:,}".replace(",", signs[language])


def _per_cent(share: float, digits: int, language: Language) -> str:
    text = f"{100 * share:.{digits}f}"
    return f"{text}%" if language == "en" else f"{text.replace('.', ',')}\u00a0%"
