"""Side by side with the peer, `sortition-algorithms`: the same pools, the same rule, one after the other.

Run `python benchmarks/against_peer.py --keep DIR --out benchmarks/results/peer.json` with the dependency group
`benchmarks` installed, or name the Python that has it with `--python`. The peer may use ten minutes of the processor;
after that it counts as not finished. Its answers are kept in DIR and not asked for again; ours are measured anew.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

os.environ.setdefault("OMP_NUM_THREADS", "1")

from instances import instances, write
from isegoria.lottery import Lottery, solve
from isegoria.testing import Instance

BOUND = 600
"""Seconds of the processor that the peer may use."""
SAME = 1e-6
"""Two chances closer than this are the same."""
ROUNDING = 1e-10
"""And closer than this even to leximin, which values the smallest gain of a smaller chance above all others."""
REPEATS = 3
"""Our own time is the median of so many runs: it is often a tenth of a second."""
PEER = Path(__file__).with_name("peer.py")
SIDES = (("leximin", "leximin"), ("maximin", "leximin"), ("nash", "nash"))
"""The peer's rule and ours: of the many maximin lotteries ours is the leximin one."""


def ours(instance: Instance, rule: str) -> tuple[Lottery, float]:
    """Return the lottery and the seconds of the processor that it took."""
    times: list[float] = []
    for _ in range(REPEATS):
        begin = time.process_time()
        lottery = solve(instance.pool, instance.quotas, instance.size, rule)
        times.append(time.process_time() - begin)
    return lottery, statistics.median(times)


def theirs(python: str, instance: Instance, rule: str, kept: Path) -> dict[str, Any]:
    """Return the peer's figures and chances, or why there are none."""
    file = kept / f"{instance.name}, {rule}.json"
    if not file.exists():
        file.write_text(json.dumps(asked(python, instance, rule)))
    return dict(json.loads(file.read_text()))


def asked(python: str, instance: Instance, rule: str) -> dict[str, Any]:
    """Run the peer in a process of its own, within its bound."""
    with tempfile.TemporaryDirectory() as name:
        write(instance, Path(name))
        homes = any(one.household for one in instance.pool)
        done = subprocess.run(
            [python, PEER, name, str(instance.size), rule, *(["--address", "home"] if homes else [])],
            capture_output=True,
            text=True,
            check=False,
            preexec_fn=_bounded,
        )
    if done.returncode == 0:
        return dict(json.loads(done.stdout.strip().splitlines()[-1]))
    if done.returncode < 0:
        return {"failed": f"not finished in {BOUND} s of the processor"}
    last = done.stderr.strip().splitlines()[-1:]
    return {"failed": last[0][:200] if last else f"exit {done.returncode}"}


def _bounded() -> None:
    resource.setrlimit(resource.RLIMIT_CPU, (BOUND, BOUND))


def compared(mine: dict[str, float], other: dict[str, float]) -> dict[str, Any]:
    """Return how the two vectors of chances differ.

    `order` compares them as leximin does: sorted upwards, the first chances that are not the same decide; 1 means that
    ours is fairer, 0 that they are the same, -1 that the peer's is.
    """
    largest = max(abs(mine[one] - other[one]) for one in mine)
    pairs = list(zip(sorted(mine.values()), sorted(other.values()), strict=True))
    decides = next(((a, b) for a, b in pairs if abs(a - b) > ROUNDING), None)
    return {
        "largest_difference": largest,
        "smallest": pairs[0],
        "order": 0 if decides is None else (1 if decides[0] > decides[1] else -1),
        "decided_by": decides,
        "first_above_tolerance": next(((a, b) for a, b in pairs if abs(a - b) > SAME), None),
    }


def side_by_side(python: str, instance: Instance, rules: tuple[str, str], kept: Path) -> dict[str, Any]:
    """Return one line of the comparison."""
    peer = theirs(python, instance, rules[0], kept)
    lottery, seconds = ours(instance, rules[1])
    line: dict[str, Any] = {
        "pool": instance.name,
        "rule": rules[0],
        "our_rule": rules[1],
        "types": len(lottery.types),
        "our_cpu_seconds": round(seconds, 3),
        "gap": float(lottery.verify().gap),
    }
    if "failed" in peer:
        return line | {"peer": peer}
    mine = {one: float(chance) for one, chance in lottery.chances().items()}
    found = compared(mine, peer.pop("chances"))
    return line | {"peer": peer, "times_faster": round(peer["cpu_seconds"] / seconds, 1), **found}


def main() -> None:
    """Compare on every instance, and write the file anew after each."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--python", default=sys.executable)
    parser.add_argument("--rule", choices=[rule for rule, _ in SIDES], action="append")
    parser.add_argument("--keep", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    arguments = parser.parse_args()
    arguments.keep.mkdir(parents=True, exist_ok=True)
    lines = []
    for rules in SIDES:
        for instance in instances("peer") if rules[0] in (arguments.rule or [rules[0]]) else ():
            line = side_by_side(arguments.python, instance, rules, arguments.keep)
            print(json.dumps(line, ensure_ascii=False), flush=True)
            lines.append(line)
            arguments.out.write_text(json.dumps(lines, ensure_ascii=False, indent=1) + "\n")


if __name__ == "__main__":
    main()
