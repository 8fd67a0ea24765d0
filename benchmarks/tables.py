"""Plans of tables beside the procedure of GroupSelect, on the same people.

    python benchmarks/tables.py            # all three cases
    python benchmarks/tables.py 48         # one of them

The package `groupselect` is not on the registry, so its published procedure stands here as the peer: session after
session seats person after person in a random order at the table where fewest share her values, a hundred times over,
and the run in which most different pairs meet is kept; and once more, as often as fits into the time that ours takes.
Ours is measured twice as well: the whole search, and its first plan, with which somebody in a hurry stops. Both get
the same features (2, 4 and 5 values, of unequal shares), run on one thread in a process of their own, and are measured
in CPU seconds. Beside both stands the bound: pairs that no plan can exceed. `misses` is by how many persons the tables
miss an even mix, 0 the best.
Results: benchmarks/results/tables.json, told in docs/tables.md.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ.setdefault(name, "1")

from isegoria import tables  # noqa: E402  # after the threads are set
from isegoria.seeding import generator  # noqa: E402

RESULTS = Path(__file__).parent / "results" / "tables.json"
CASES = {48: (6, 4), 150: (15, 6), 1000: (100, 8)}
"""Persons to tables and rounds: a council, a panel, the G1000 summit."""
RESTARTS = 100
SHARES = {"sex": (51, 49), "age": (30, 27, 25, 18), "residence": (34, 25, 18, 13, 10)}


def people(count: int) -> list[tuple[str, dict[str, str]]]:
    """Return invented people with fixed shares of each value, in an order that mixes the features."""
    stream = generator(b"benchmark of tables", "people")
    columns = {}
    for feature, shares in SHARES.items():
        values = [
            str(value) for value, share in enumerate(shares) for _one in range(round(count * share / 100))
        ]
        values = (values + ["0"] * count)[:count]
        columns[feature] = [values[index] for index in stream.permutation(count)]
    return [
        (f"p{row:04d}", {name: column[row] for name, column in columns.items()}) for row in range(count)
    ]


def ours(case: int) -> list[Any]:
    """Plan with Isegoria."""
    count, rounds = CASES[case]
    return list(tables.plan(people(case), case // count, rounds, b"benchmark").rounds)


def ours_at_once(case: int) -> list[Any]:
    """Plan with Isegoria, and stop at the first plan."""
    count, rounds = CASES[case]
    steps = tables.stepping(people(case), case // count, rounds, b"benchmark")
    return list(next(step.plan for step in steps if step.plan is not None).rounds)


def peer(case: int, seconds: float = 0.0) -> list[Any]:
    """Plan by the procedure of GroupSelect; with seconds, over and over until so much CPU time is spent."""
    count, rounds = CASES[case]
    members, stream = people(case), generator(b"benchmark of tables", "restarts")
    best: tuple[int, list[Any]] = (-1, [])
    began, tries = time.process_time(), 0
    while tries < RESTARTS or time.process_time() - began < seconds:
        tries += 1
        made = [_session(members, count, stream.permutation(case)) for _round in range(rounds)]
        met = tables.pairs_met(made)
        if met > best[0]:
            best = (met, made)
    return best[1]


def _session(members: list[tuple[str, dict[str, str]]], count: int, order: Any) -> list[list[str]]:
    size, more = divmod(len(members), count)
    room = [size + (table < more) for table in range(count)]
    seated: list[list[str]] = [[] for _table in range(count)]
    held: list[Counter[tuple[str, str]]] = [Counter() for _table in range(count)]
    for index in order:
        person, features = members[index]
        values = list(features.items())
        free = [table for table in range(count) if len(seated[table]) < room[table]]
        table = min(free, key=lambda each: (sum(held[each][value] for value in values), len(seated[each])))
        seated[table].append(person)
        held[table].update(values)
    return seated


def run(who: str, case: int, seconds: float) -> dict[str, Any]:
    """Measure one planner on one case, in this process."""
    began = time.process_time()
    planners = {"ours": ours, "ours at once": ours_at_once, "peer": lambda case: peer(case, seconds)}
    rounds = planners[who](case)
    seconds = time.process_time() - began
    return {
        "pairs_met": tables.pairs_met(rounds),
        "repeats": tables.repeats(rounds),
        "misses": tables.imbalance(rounds, dict(people(case))),
        "cpu_seconds": round(seconds, 2),
    }


def _measured(who: str, case: int, seconds: float) -> Any:
    command = [sys.executable, __file__, who, str(case), str(seconds)]
    return json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def main() -> None:
    """Measure both on every case, each in a process of its own, and keep the result."""
    if sys.argv[1:2] and sys.argv[1] in {"ours", "ours at once", "peer"}:  # one measurement
        print(json.dumps(run(sys.argv[1], int(sys.argv[2]), float(sys.argv[3]))))
        return
    kept = json.loads(RESULTS.read_text("utf-8")) if RESULTS.exists() else {}
    for case in [int(each) for each in sys.argv[1:]] or CASES:
        count, rounds = CASES[case]
        found: dict[str, Any] = {
            "tables": count, "rounds": rounds, "pairs_bound": tables.most_pairs(case, case // count, rounds),
            "repeats_bound": tables.fewest_repeats(case, case // count, rounds),
            "load": round(os.getloadavg()[0], 1),
        }  # fmt: skip
        found["ours"] = _measured("ours", case, 0)
        found["ours at once"] = _measured("ours at once", case, 0)
        found["peer"] = _measured("peer", case, 0)
        found["peer in our time"] = _measured("peer", case, found["ours"]["cpu_seconds"])
        kept[str(case)] = found
        print(case, json.dumps(found), flush=True)
    RESULTS.write_text(json.dumps(kept, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
