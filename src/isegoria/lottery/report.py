"""One page that explains a lottery to everybody: pictures with the same content as tables, and the proof."""

from __future__ import annotations

import html
from collections.abc import Iterable, Iterator, Sequence

from isegoria.lottery.measures import measures
from isegoria.lottery.model import Lottery

WIDTH, HEIGHT = 640, 220
STYLE = (
    "body{font:1rem/1.5 system-ui,sans-serif;max-width:46rem;margin:2rem auto;padding:0 1rem;color:#1d2a33}"
    "table{border-collapse:collapse;margin:1rem 0}th,td{padding:.25rem .75rem;text-align:left;"
    "border-bottom:1px solid #ccd5da}td.number{text-align:right;font-variant-numeric:tabular-nums}"
    "svg{max-width:100%;height:auto;background:#f5f7f8}"
)


def report(lottery: Lottery) -> str:
    """Return a self-contained HTML page about a lottery; it names nobody.

    Parameters
    ----------
    lottery
        As solved or rounded.
    """
    chances = sorted(
        float(chance)
        for chance, one in zip(lottery.type_chances(), lottery.types, strict=True)
        for _ in range(one.count)
    )
    parts = [
        "<h1>The lottery</h1>",
        _summary(lottery),
        "<h2>Everybody's chance, from the smallest to the largest</h2>",
        _staircase(chances),
        "<h2>How equal the chances are</h2>",
        "<p>The line would be straight if all chances were equal (Lorenz curve).</p>",
        _lorenz(chances),
        "<h2>Quotas, pool and expected panel</h2>",
        _quotas(lottery),
    ]
    body = "\n".join(parts)
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>The lottery</title>'
        f'<meta name="viewport" content="width=device-width"><style>{STYLE}</style></head>\n'
        f"<body>\n{body}\n</body></html>\n"
    )


def _summary(lottery: Lottery) -> str:
    numbers = measures(lottery)
    rows = [
        ("People in the pool", str(lottery.people)),
        ("Members to draw", str(lottery.size)),
        ("Objective", lottery.objective),
        ("Smallest chance", _percent(numbers.smallest)),
        ("Largest chance", _percent(numbers.largest)),
        ("Gini coefficient of the chances", f"{numbers.gini:.3f}"),
        ("Different panels by type", str(len(lottery.compositions))),
        ("Tickets", f"{lottery.tickets:,}"),
        ("Proof", _proof(lottery)),
    ]
    return _table(("", ""), rows)


def _proof(lottery: Lottery) -> str:
    if lottery.certificate is None:
        return "none"
    certified = lottery.verify()
    checked = "checked without a solver" if certified.solver_free else "partly the solver's word"
    return f"no lottery is fairer by more than {float(certified.gap):.1e} at any level; {checked}"


def _staircase(chances: Sequence[float]) -> str:
    top = max(chances) or 1.0
    points = [
        (index / len(chances) * WIDTH, HEIGHT * (1 - chance / top))
        for position, chance in enumerate(chances)
        for index in (position, position + 1)
    ]
    label = f"Chances from {_percent(chances[0])} to {_percent(chances[-1])}"
    return _picture(points, label) + _table(("Share of the pool", "chance"), _deciles(chances))


def _deciles(chances: Sequence[float]) -> Iterator[tuple[str, str]]:
    for tenth in range(11):
        position = min(len(chances) - 1, tenth * len(chances) // 10)
        yield f"{tenth * 10} %", _percent(chances[position])


def _lorenz(chances: Sequence[float]) -> str:
    total, running = sum(chances) or 1.0, 0.0
    points = [(0.0, float(HEIGHT))]
    for index, chance in enumerate(chances, 1):
        running += chance
        points.append((index / len(chances) * WIDTH, HEIGHT * (1 - running / total)))
    return _picture(points, "Lorenz curve of the chances")


def _picture(points: Iterable[tuple[float, float]], label: str) -> str:
    line = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    return (
        f'<svg viewBox="-4 -4 {WIDTH + 8} {HEIGHT + 8}" role="img" aria-label="{html.escape(label)}">'
        f'<polyline points="{line}" fill="none" stroke="#1f5f8b" stroke-width="2"/></svg>'
    )


def _quotas(lottery: Lottery) -> str:
    chances = lottery.type_chances()
    rows = []
    for quota in lottery.quotas:
        inside = [index for index, one in enumerate(lottery.types) if quota.counts(one.features)]
        people = sum(lottery.types[index].count for index in inside)
        expected = sum(float(chances[index]) * lottery.types[index].count for index in inside)
        share = _percent(expected / people) if people else "–"
        seats = f"{quota.minimum}–{quota.maximum}"
        rows.append((quota.feature, quota.value, str(people), seats, f"{expected:.2f}", share))
    return _table(("Feature", "value", "in the pool", "quota", "expected seats", "mean chance"), rows)


def _table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    head = "".join(f"<th>{html.escape(cell)}</th>" for cell in header)
    lines = "".join(
        "<tr>" + "".join(f"<td>{html.escape(cell)}</td>" for cell in row) + "</tr>" for row in rows
    )
    return f"<table><thead><tr>{head}</tr></thead><tbody>{lines}</tbody></table>"


def _percent(share: float) -> str:
    return f"{share * 100:.2f} %"
