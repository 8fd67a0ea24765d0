"""How long the fairest lottery takes, and how well it is proved.

Run `python benchmarks/lottery.py` for the table of the documentation, `--large` for pools of 2,000 people and more.
`seconds` is wall time, `cpu_seconds` the processor's time, with one thread.
"""

from __future__ import annotations

import argparse
import json
import os
import time
from collections.abc import Iterator
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")

from isegoria.lottery import measures, solve
from isegoria.pool import read_pool, read_quotas
from isegoria.testing import Instance, realistic_pool

DATA = Path(__file__).parents[1].parent / "shared" / "data" / "lottery"
PUBLIC = (
    ("fixture_150_22", "features.csv", "candidates.csv", 22),
    ("example_small_20", "categories.csv", "respondents.csv", 20),
    ("example_large_200", "categories.csv", "respondents.csv", 200),
)
GENERATED = (
    (200, 24, 1),
    (200, 24, 0),
    (300, 40, 1),
    (300, 40, 0),
    (800, 60, 1),
    (800, 60, 0),
    (1700, 110, 1),
    (1700, 110, 0),
)
LARGE = ((2000, 170, 1), (5000, 300, 1), (20000, 1000, 1))


def instances(*, large: bool) -> Iterator[Instance]:
    """Yield the public pools where they are, then generated ones."""
    for folder, quotas, pool, size in PUBLIC:
        if (DATA / folder).exists():
            limits = read_quotas(DATA / folder / quotas)
            yield Instance(folder, read_pool(DATA / folder / pool, limits), limits, size)
    for people, size, slack in LARGE if large else GENERATED:
        instance = realistic_pool(people, size, slack=slack)
        name = f"{instance.name}, {'exact' if slack == 0 else 'loose'} quotas"
        yield Instance(name, instance.pool, instance.quotas, size)


def measure(instance: Instance) -> dict[str, object]:
    """Solve one instance and return its figures."""
    seconds: dict[str, float] = {}
    last = [time.perf_counter(), "check"]

    def stop(phase: str, _done: float) -> None:
        now = time.perf_counter()
        seconds[str(last[1])] = seconds.get(str(last[1]), 0.0) + now - float(last[0])
        last[:] = [now, phase]

    begin, busy = time.perf_counter(), time.process_time()
    lottery = solve(instance.pool, instance.quotas, instance.size, progress=stop)
    total, busy = time.perf_counter() - begin, time.process_time() - busy
    certified = lottery.verify()
    numbers = measures(lottery)
    return {
        "pool": instance.name,
        "people": len(instance.pool),
        "size": instance.size,
        "types": len(lottery.types),
        "compositions": len(lottery.compositions),
        "seconds": round(total, 2),
        "cpu_seconds": round(busy, 2),
        "phases": {phase: round(value, 2) for phase, value in seconds.items()},
        "verified_in": round(time.perf_counter() - begin - total, 2),
        "gap": f"{float(certified.gap):.0e}",
        "solver_free": certified.solver_free,
        "smallest": round(numbers.smallest, 6),
        "gini": round(numbers.gini, 4),
    }


def main() -> None:
    """Print one line per instance and, with --out, write all figures as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--large", action="store_true")
    parser.add_argument("--out", type=Path)
    arguments = parser.parse_args()
    found = []
    for instance in instances(large=arguments.large):
        figures = measure(instance)
        found.append(figures)
        print(json.dumps(figures, ensure_ascii=False), flush=True)
    if arguments.out:
        arguments.out.write_text(json.dumps(found, ensure_ascii=False, indent=2) + "\n")


if __name__ == "__main__":
    main()
