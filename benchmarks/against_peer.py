"""Side by side with the peer, `sortition-algorithms`: the same pools, the same rule, one after the other.

Run `python benchmarks/against_peer.py --keep DIR --out benchmarks/results/peer.json` with the dependency group
`benchmarks` installed, or name the Python that has it with `--python`. The peer may use ten minutes of the processor;
after that it counts as not finished. Its answers are kept in DIR and not asked for again; ours are measured anew. With
`--kept-only` it is not run at all, and pools without a kept answer are left out: `--keep benchmarks/results/peer`
compares anew with the answers that are committed.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

os.environ.setdefault("OMP_NUM_THREADS", "1")

from comparing import SAME, compared
from instances import instances, write
from isegoria.lottery import Lottery, solve
from isegoria.testing import Instance

BOUND = 600
"""Seconds of the processor that the peer may use."""
REPEATS = 3
"""Our own time is the median of so many runs: it is often a tenth of a second."""
PEER = Path(__file__).with_name("peer.py")
COLUMNS = {
    "leximin": [
        "smallest chance: ours − peer’s",
        f"first level apart by {SAME:.0e}: ours, peer’s",
        "widest apart at level: ours, peer’s",
        "largest difference of a chance",
        "ours is fairer, in fractions",
        "gap our certificate leaves the peer",
    ],
    "maximin": ["smallest chance, ours", "peer’s", "equal persons apart by, peer"],
    "nash": [
        "geometric mean, ours",
        "peer’s",
        "largest difference of a chance",
        "equal persons apart by, peer",
    ],
}
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


def file_of(instance: Instance, rule: str, kept: Path) -> Path:
    """Return where the peer's answer is kept."""
    return kept / f"{re.sub(r'[^a-z0-9_]+', '-', instance.name)}-{rule}.json"


def theirs(python: str, instance: Instance, rule: str, kept: Path) -> dict[str, Any]:
    """Return the peer's figures and chances, or why there are none."""
    file = file_of(instance, rule, kept)
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
    found = compared(rules[0], lottery, peer.pop("chances"))
    return line | {"peer": peer, "times_faster": round(peer["cpu_seconds"] / seconds, 1), **found}


def main() -> None:
    """Compare on every instance, and write the file anew after each."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--python", default=sys.executable)
    parser.add_argument("--rule", choices=[rule for rule, _ in SIDES], action="append")
    parser.add_argument("--keep", type=Path, required=True)
    parser.add_argument("--kept-only", action="store_true")
    parser.add_argument("--out", type=Path, required=True)
    arguments = parser.parse_args()
    arguments.keep.mkdir(parents=True, exist_ok=True)
    lines = []
    for rules in SIDES:
        for instance in instances("peer") if rules[0] in (arguments.rule or [rules[0]]) else ():
            if arguments.kept_only and not file_of(instance, rules[0], arguments.keep).exists():
                continue
            line = side_by_side(arguments.python, instance, rules, arguments.keep)
            print(json.dumps(line, ensure_ascii=False), flush=True)
            lines.append(line)
            arguments.out.write_text(json.dumps(lines, ensure_ascii=False, indent=1) + "\n")
    for text in tables(lines):
        print(text)


def tables(lines: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """Yield the lines of the tables in the documentation, rule by rule."""
    for rule, _ in SIDES:
        chosen = [line for line in lines if line["rule"] == rule]
        if not chosen:
            continue
        head = ["pool", "ours, CPU s", "peer, CPU s", "times", *COLUMNS[rule]]
        yield f"\n### {rule}\n"
        for row in (head, ["---"] * len(head), *(_row(line) for line in chosen)):
            yield f"| {' | '.join(row)} |"
        faster = [line["times_faster"] for line in chosen if "times_faster" in line]
        if faster:
            yield f"\n{len(faster)} finished, median {statistics.median(faster):.0f} times"


def _row(line: Mapping[str, Any]) -> list[str]:
    first = [line["pool"], f"{line['our_cpu_seconds']:.3g}"]
    if "failed" in line["peer"]:
        return [*first, line["peer"]["failed"], *["–"] * (1 + len(COLUMNS[line["rule"]]))]
    own, other = line["smallest"]
    first += [f"{line['peer']['cpu_seconds']:.4g}", f"{line['times_faster']:.0f}"]
    if line["rule"] == "maximin":
        return [*first, f"{own:.8f}", f"{other:.8f}", f"{line['peer_equals_apart']:.1e}"]
    if line["rule"] == "nash":
        own, other = line["geometric_mean"]
        return [
            *first,
            f"{own:.8f}",
            f"{other:.8f}",
            f"{line['largest_difference']:.1e}",
            f"{line['peer_equals_apart']:.1e}",
        ]
    return [
        *first,
        f"{own - other:.0e}",
        "–"
        if line["there"] is None
        else f"{line['first_level_not_the_same']} of {line['levels']}: {line['there'][0]:.6f}, {line['there'][1]:.6f}",
        f"{line['worst_level']}: {line['at_worst'][0]:.6f}, {line['at_worst'][1]:.6f}",
        f"{line['largest_difference']:.1e}",
        "yes" if line["fairer_in_fractions"] else "no",
        f"{line['peer_gap']:.1e}",
    ]


if __name__ == "__main__":
    main()
