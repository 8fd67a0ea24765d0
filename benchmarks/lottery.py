"""How long the fairest lottery takes, and how well it is proved.

Run `python benchmarks/lottery.py --set published --set middle --set homes --set large --out
benchmarks/results/lottery.json`. `cpu_seconds` is the processor's time, with one thread; `seconds` is wall time. Each
instance is solved in a process of its own, so that `mebibytes` is its own peak.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import time
from multiprocessing import get_context
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")

from instances import SETS, instances
from isegoria.lottery import measures, solve
from isegoria.testing import Instance

COLUMNS = ("pool", "types", "compositions", "cpu_seconds", "seconds", "mebibytes", "gap", "smallest")


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
        "mebibytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
        "gap": f"{float(certified.gap):.0e}",
        "solver_free": certified.solver_free,
        "smallest": round(numbers.smallest, 6),
        "gini": round(numbers.gini, 4),
    }


def main() -> None:
    """Print one line per instance as it is solved, then the table; with --out, write all figures as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--set", choices=SETS, action="append", dest="sets")
    parser.add_argument("--out", type=Path)
    arguments = parser.parse_args()
    found: list[dict[str, object]] = []
    for instance in instances(*(arguments.sets or ["published", "middle"])):
        with get_context("spawn").Pool(1) as process:
            figures = process.apply(measure, (instance,))
        found.append(figures)
        print(json.dumps(figures, ensure_ascii=False), flush=True)
        if arguments.out:
            arguments.out.write_text(json.dumps(found, ensure_ascii=False, indent=1) + "\n")
    for line in [COLUMNS, ["---"] * len(COLUMNS), *([one[name] for name in COLUMNS] for one in found)]:
        print("|", " | ".join(map(str, line)), "|")


if __name__ == "__main__":
    main()
