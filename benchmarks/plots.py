"""Pictures of the measured times: `python benchmarks/plots.py benchmarks/results/lottery.json docs/pictures`."""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

WIDTH, HEIGHT, EDGE = 640, 360, 56
LEAST = 0.01
"""Seconds at the foot of the picture."""


def picture(lines: Sequence[Mapping[str, Any]], name: str, words: str) -> str:
    """Return an SVG of time against one figure of the instances, both on logarithmic scales."""
    most = math.ceil(max(math.log10(line["cpu_seconds"] or LEAST) for line in lines))
    powers = [math.log10(line[name]) for line in lines]
    low, high = math.floor(min(powers)), math.ceil(max(powers))

    def across(power: float) -> float:
        return EDGE + (power - low) / (high - low) * (WIDTH - 2 * EDGE)

    def up(power: float) -> float:
        return (
            HEIGHT - EDGE - (power - math.log10(LEAST)) / (most - math.log10(LEAST)) * (HEIGHT - 2 * EDGE)
        )

    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img">',
        f"<title>Seconds of the processor against {words}</title>",
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#fff"/><g font-family="sans-serif" font-size="12">',
    ]
    for power in range(low, high + 1):
        parts.append(f'<path d="M{across(power):.0f} {EDGE}V{HEIGHT - EDGE}" stroke="#ddd"/>')
        parts.append(
            f'<text x="{across(power):.0f}" y="{HEIGHT - EDGE + 18}" text-anchor="middle">{10**power:,}</text>'
        )
    for power in range(round(math.log10(LEAST)), most + 1):
        parts.append(f'<path d="M{EDGE} {up(power):.0f}H{WIDTH - EDGE}" stroke="#ddd"/>')
        parts.append(
            f'<text x="{EDGE - 6}" y="{up(power) + 4:.0f}" text-anchor="end">{10.0**power:g} s</text>'
        )
    for power, line in zip(powers, lines, strict=True):
        parts.append(
            f'<circle cx="{across(power):.1f}" cy="{up(math.log10(max(line["cpu_seconds"], LEAST))):.1f}" r="5" '
            f'fill="#1f5f8b" fill-opacity="0.7"><title>{line["pool"]}: {line["cpu_seconds"]} s, certificate gap '
            f"{line['gap']}</title></circle>"
        )
    gap = max(float(line["gap"]) for line in lines)
    parts.append(f'<text x="{WIDTH / 2}" y="{HEIGHT - 12}" text-anchor="middle">{words}</text>')
    parts.append(f'<text x="{EDGE}" y="32">largest certificate gap: {gap:.0e}</text></g></svg>')
    return "\n".join(parts) + "\n"


def main() -> None:
    """Write one picture per figure."""
    lines = json.loads(Path(sys.argv[1]).read_text())
    folder = Path(sys.argv[2])
    folder.mkdir(parents=True, exist_ok=True)
    for name, words in (("people", "people in the pool"), ("size", "seats"), ("types", "types of people")):
        (folder / f"lottery-time-{name}.svg").write_text(picture(lines, name, words))


if __name__ == "__main__":
    main()
