"""A trial of CP-SAT (OR-Tools) for the tables, beside our exchanges, on the same people.

    pip install ortools && python benchmarks/tables_cp_sat.py            # 12, 48 and 150 persons
    python benchmarks/tables_cp_sat.py 48 --seconds 60                   # one of them, another limit

OR-Tools is no dependency of the project; without it the trial says so and ends with status 77 (skipped). One worker,
a fixed seed and a limit of deterministic time, so that it can be repeated; each run in a process of its own. Every
table is as evenly mixed as whole persons allow (a condition here, a weight in ours), and repeats Σ C(m, 2) are
minimised. Three uses of the solver:

* `rounds`: round after round, each to its optimum given those before, then over and over given all others;
* `whole`: all rounds in one model, which also proves a bound;
* `after ours`: our plan, each round of it solved again given all others.

Results: benchmarks/results/tables_cp_sat.json, told in docs/decisions/tables-by-exchanges.md.
"""

from __future__ import annotations

import argparse
import importlib
import importlib.util
import json
import os
import subprocess
import sys
import time
from collections import Counter
from itertools import combinations
from pathlib import Path
from typing import Any

for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ.setdefault(name, "1")

from isegoria import tables  # noqa: E402  # after the threads are set
from tables import people  # noqa: E402  # benchmarks/tables.py, beside this file

RESULTS = Path(__file__).parent / "results" / "tables_cp_sat.json"
CASES = {12: (3, 3), 48: (6, 4), 150: (15, 6), 1000: (100, 8)}
"""Persons to tables and rounds."""
USES = ("ours", "rounds", "whole", "after ours")
SKIPPED = 77
MOST_VARIABLES = 1_000_000
"""Larger models are not built: they do not fit beside anything else into 8 GiB."""


class Round:
    """One round as a model: who sits where, evenly mixed, with the pairs that cost something."""

    def __init__(self, people: list[tuple[str, dict[str, str]]], count: int) -> None:
        self.cp = importlib.import_module("ortools.sat.python.cp_model")  # only where it is installed
        self.people, self.count = people, count
        self.sizes = [len(people) // count + (table < len(people) % count) for table in range(count)]

    def seats(self, model: Any, label: str) -> list[list[Any]]:
        """Add x[person][table] with sizes and mix to a model."""
        x = [
            [model.new_bool_var(f"{label}{p}_{t}") for t in range(self.count)]
            for p in range(len(self.people))
        ]
        for row in x:
            model.add_exactly_one(row)
        holders: dict[tuple[str, str], list[int]] = {}
        for person, (_id, features) in enumerate(self.people):
            for value in features.items():
                holders.setdefault(value, []).append(person)
        for table, size in enumerate(self.sizes):
            model.add(sum(row[table] for row in x) == size)
            for persons in holders.values():
                least, rest = divmod(len(persons) * size, len(self.people))
                model.add_linear_constraint(sum(x[p][table] for p in persons), least, least + (rest > 0))
        return x

    def together(self, model: Any, x: list[list[Any]], one: int, other: int) -> Any:
        """Return a variable that is 1 if two persons share a table."""
        shared = model.new_bool_var("")
        for table in range(self.count):
            model.add_bool_or(x[one][table].negated(), x[other][table].negated(), shared)
        return shared

    def solver(self, seconds: float) -> Any:
        """Return a solver that does the same work every time."""
        solver = self.cp.CpSolver()
        solver.parameters.num_workers = 1
        solver.parameters.random_seed = 1
        solver.parameters.max_deterministic_time = seconds
        solver.parameters.max_time_in_seconds = (
            4 * seconds
        )  # never reached on a machine that is not overloaded
        return solver

    def best(
        self, met: Counter[tuple[int, int]], seconds: float, hint: list[list[int]] | None = None
    ) -> tuple[list[list[int]] | None, bool]:
        """Return the round with fewest repeats given how often pairs met, and whether that is proved."""
        model = self.cp.CpModel()
        x = self.seats(model, "x")
        model.minimize(sum(times * self.together(model, x, *pair) for pair, times in met.items()))
        if hint is None:
            model.add(x[0][0] == 1)  # tables of one size are alike
        else:
            for table, persons in enumerate(hint):
                for person in range(len(self.people)):
                    model.add_hint(x[person][table], person in persons)
        solver = self.solver(seconds)
        status = solver.solve(model)
        if status not in {self.cp.OPTIMAL, self.cp.FEASIBLE}:
            return None, False
        return self.read(solver, x), status == self.cp.OPTIMAL

    def read(self, solver: Any, x: list[list[Any]]) -> list[list[int]]:
        """Return the tables of a solution."""
        return [[p for p, row in enumerate(x) if solver.value(row[t])] for t in range(self.count)]


def _met(rounds: list[list[list[int]]]) -> Counter[tuple[int, int]]:
    return Counter(pair for each in rounds for table in each for pair in combinations(sorted(table), 2))


def by_rounds(case: int, seconds: float, start: list[list[list[int]]] | None = None) -> dict[str, Any]:
    """Solve round after round, then each again given all others, until nothing changes or the time is over."""
    members, (count, number) = people(case), CASES[case]
    hall = Round(members, count)
    if _variables(case, whole=False) > MOST_VARIABLES:
        return {"not built": f"{_variables(case, whole=False)} variables"}
    share, left = seconds / (number * 3), seconds
    rounds: list[list[list[int]]] = list(start or [])
    proved = 0
    while len(rounds) < number:
        made, sure = hall.best(_met(rounds), share)
        left -= share
        if made is None:
            return {"not found": f"no seating of round {len(rounds) + 1} in {share:.0f} s"}
        rounds.append(made)
    changed = True
    while changed and left > 0:
        changed, proved = False, 0
        for index in range(number):
            others = _met(rounds[:index] + rounds[index + 1 :])
            made, sure = hall.best(others, share, rounds[index])
            left, proved = left - share, proved + sure
            now = sum(others[pair] for table in rounds[index] for pair in combinations(sorted(table), 2))
            then = sum(others[pair] for table in made or [] for pair in combinations(sorted(table), 2))
            if made is not None and then < now:
                rounds[index], changed = made, True
    return _told(case, rounds) | {"rounds proved best given the others": proved}


def whole(case: int, seconds: float) -> dict[str, Any]:
    """Solve all rounds in one model."""
    members, (count, number) = people(case), CASES[case]
    if (variables := _variables(case, whole=True)) > MOST_VARIABLES:
        return {"not built": f"{variables} variables"}
    hall = Round(members, count)
    model = hall.cp.CpModel()
    x = [hall.seats(model, f"r{index}_") for index in range(number)]
    for index in range(number):
        model.add(x[index][0][0] == 1)
    cost = []
    for one, other in combinations(range(len(members)), 2):
        shared = [hall.together(model, seats, one, other) for seats in x]
        for first, second in combinations(shared, 2):
            twice = model.new_bool_var("")
            model.add_bool_or(first.negated(), second.negated(), twice)
            cost.append(twice)
    model.minimize(sum(cost))
    solver = hall.solver(seconds)
    status = solver.solve(model)
    bound = {"bound": round(solver.best_objective_bound), "status": solver.status_name(status)}
    if status not in {hall.cp.OPTIMAL, hall.cp.FEASIBLE}:
        return bound
    return _told(case, [hall.read(solver, seats) for seats in x]) | bound


def ours(case: int) -> list[list[list[int]]]:
    """Plan with the exchanges of the library."""
    members, (count, number) = people(case), CASES[case]
    index = {name: place for place, (name, _features) in enumerate(members)}
    planned = tables.plan(members, case // count, number, b"benchmark").rounds
    return [[[index[name] for name in table] for table in each] for each in planned]


def _variables(case: int, *, whole: bool) -> int:
    """Return about how many variables a model has: seats, and pairs that may cost something."""
    count, number = CASES[case]
    pairs = case * (case - 1) // 2
    if whole:
        return number * case * count + pairs * number * (number + 1) // 2
    return case * count + min(pairs, (number - 1) * count * (case // count) ** 2 // 2) * count


def _told(case: int, rounds: list[list[list[int]]]) -> dict[str, Any]:
    members = people(case)
    named = [[[members[person][0] for person in table] for table in each] for each in rounds]
    return {
        "pairs_met": tables.pairs_met(named),
        "repeats": tables.repeats(named),
        "misses": tables.imbalance(named, dict(members)),
    }


def run(use: str, case: int, seconds: float) -> dict[str, Any]:
    """Measure one use on one case, in this process."""
    start = ours(case) if use == "after ours" else None
    began = time.process_time()
    if use == "ours":
        found = _told(case, ours(case))
    elif use == "whole":
        found = whole(case, seconds)
    else:
        found = by_rounds(case, seconds, start)
    return found | {"cpu_seconds": round(time.process_time() - began, 1)}


def main() -> int:
    """Measure every use on every case, each in a process of its own, and keep the result."""
    parser = argparse.ArgumentParser(description="A trial of CP-SAT for the tables.")
    parser.add_argument("cases", nargs="*", type=int, help="persons: 12, 48, 150, 1000")
    parser.add_argument("--seconds", type=float, default=60.0, help="deterministic time for each use")
    parser.add_argument("--use", choices=USES, help="measure one use of one case, and print it")
    asked = parser.parse_args()
    cases = asked.cases or [12, 48, 150]
    if unknown := set(cases) - set(CASES):
        parser.error(f"no such case: {sorted(unknown)}; there are {sorted(CASES)}")
    if importlib.util.find_spec("ortools") is None:
        print(
            "SKIPPED: OR-Tools is not installed. Install it (pip install ortools), best in an environment of its own."
        )
        return SKIPPED
    if asked.use:
        print(json.dumps(run(asked.use, cases[0], asked.seconds)))
        return 0
    kept = json.loads(RESULTS.read_text("utf-8")) if RESULTS.exists() else {}
    for case in cases:
        count, number = CASES[case]
        found: dict[str, Any] = {
            "tables": count, "rounds_held": number, "deterministic_seconds": asked.seconds,
            "pairs_bound": tables.most_pairs(case, case // count, number),
            "repeats_bound": tables.fewest_repeats(case, case // count, number),
            "load": round(os.getloadavg()[0], 1),
        }  # fmt: skip
        for use in USES:
            command = [sys.executable, __file__, str(case), "--seconds", str(asked.seconds), "--use", use]
            done = subprocess.run(command, check=True, capture_output=True, text=True)
            found[use] = json.loads(done.stdout)
            print(case, use, json.dumps(found[use]), flush=True)
        kept[str(case)] = found
    RESULTS.write_text(json.dumps(kept, indent=1) + "\n", "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
