"""How long an opinion map takes, beside red-dwarf, the Python library that redoes Polis.

Run `python benchmarks/opinions.py`, `--large` for 100,000 persons, and `--peer PYTHON` with the interpreter of an
environment in which red-dwarf is installed. Every run is a process of its own with one thread and starts from the
same rows of single votes. `cpu_seconds` is the processor's time from the rows to the map; `map_seconds` that of the map
alone, from the matrix; `without_stability` from the rows to a map whose stability is not computed, which is the work
that red-dwarf does. `figures` is the largest difference between red-dwarf's shares, ratios and tests for its groups
and ours for the same groups; `places` that of the places, where red-dwarf's own are approximate beyond 500 persons.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import pickle
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ.setdefault(name, "1")

DATA = Path(__file__).parents[1].parent / "shared" / "data" / "opinions"
PUBLIC = (
    "scoop-hivemind.biodiversity",
    "austria-climate.5twd2jsnkf.2022-08-08",
    "vtaiwan.uberx",
)
GENERATED = ((500, 100), (2000, 300), (10_000, 1000))
LARGE = (100_000, 1000)
SEEN = 0.2


def matrix_of(persons: int, statements: int) -> Any:
    """Return votes of three camps; a fifth of the cells is seen."""
    import numpy as np  # noqa: PLC0415  # the peer's process has its own

    from isegoria.seeding import generator  # noqa: PLC0415

    random = generator(bytes(32), f"{persons} x {statements}")
    lean = random.normal(size=(3, statements))
    matrix = np.empty((persons, statements), dtype=np.int8)
    for start in range(0, persons, 5000):
        rows = slice(start, min(persons, start + 5000))
        camp = random.integers(0, 3, rows.stop - rows.start)
        opinion = lean[camp] + random.normal(scale=1.5, size=(len(camp), statements))
        block = (opinion > 0.4).astype(np.int8) - (opinion < -0.4)  # noqa: PLR2004
        block[random.random(block.shape) > SEEN] = 2
        matrix[rows] = block
    return matrix


def rows_of(matrix: Any) -> list[tuple[int, int, int, int]]:
    """Return the votes of a matrix as rows: person, statement, vote, moment."""
    found = zip(*(matrix != 2).nonzero(), strict=True)  # noqa: PLR2004
    return [(int(row), int(column), int(matrix[row, column]), 0) for row, column in found]


def public_rows(name: str) -> tuple[list[tuple[int, int, int, int]], list[int]]:
    """Return the votes of a public conversation, and the statements that moderation took out."""
    latest: dict[tuple[int, int], tuple[int, int]] = {}  # red-dwarf takes one vote a cell
    with (DATA / name / "votes.csv").open(encoding="utf-8") as file:
        every = [
            (int(one["voter-id"]), int(one["comment-id"]), int(one["vote"]), int(one["timestamp"]))
            for one in csv.DictReader(file)
        ]
    for row, column, vote, moment in sorted(every, key=lambda one: one[3]):
        latest[row, column] = vote, moment
    rows = [(*cell, *vote) for cell, vote in latest.items()]
    with (DATA / name / "comments.csv").open(encoding="utf-8") as file:
        return rows, [int(one["comment-id"]) for one in csv.DictReader(file) if one["moderated"] == "-1"]


def measure_ours(rows: list[tuple[int, int, int, int]], left_out: list[int]) -> dict[str, Any]:
    """Make our map."""
    from isegoria.opinions import Votes, opinion_map  # noqa: PLC0415

    begin = time.process_time()
    votes = Votes.from_rows((str(row), str(column), vote, moment) for row, column, vote, moment in rows)
    middle = time.process_time()
    found = opinion_map(votes, bytes(32), left_out={str(one) for one in left_out})
    end = time.process_time()
    opinion_map(votes, bytes(32), left_out={str(one) for one in left_out}, resamples=0)
    bare = time.process_time() - end
    return {
        "cpu_seconds": round(end - begin, 2),
        "map_seconds": round(end - middle, 2),
        "without_stability": round(middle - begin + bare, 2),
        "groups": list(found.group_sizes),
        "stability": None if found.stability is None else round(found.stability, 3),
    }


def measure_peer(rows: list[tuple[int, int, int, int]], left_out: list[int]) -> dict[str, Any]:
    """Make the map of red-dwarf, and write down its figures."""
    from reddwarf.implementations.base import run_pipeline  # noqa: PLC0415

    votes = [
        {"participant_id": row, "statement_id": column, "vote": vote, "modified": moment}
        for row, column, vote, moment in rows
    ]
    begin = time.process_time()
    found = run_pipeline(votes=votes, mod_out_statement_ids=left_out, random_state=1)
    seconds = time.process_time() - begin
    labels = found.participants_df["cluster_id"].dropna()
    return {
        "cpu_seconds": round(seconds, 2),
        "groups": sorted(labels.value_counts().tolist(), reverse=True),
        "figures": {
            "labels": {str(key): int(value) for key, value in labels.items()},
            "places": {
                str(key): list(map(float, value)) for key, value in found.participant_projections.items()
            },
            "stats": found.group_comment_stats.reset_index().to_dict("list"),
        },
    }


def differences(
    rows: list[tuple[int, int, int, int]], left_out: list[int], peer: dict[str, Any]
) -> dict[str, str]:
    """Return the largest differences of red-dwarf's figures and ours for the same groups."""
    import numpy as np  # noqa: PLC0415

    from isegoria.opinions import Votes, polis  # noqa: PLC0415

    votes = Votes.from_rows((str(row), str(column), vote, moment) for row, column, vote, moment in rows)
    figures = polis.figures(votes, peer["labels"])
    where = polis.places(votes, {str(one) for one in left_out}).persons
    theirs = np.array([peer["places"][person] for person in votes.persons])
    apart = float(np.abs(np.abs(where) - np.abs(theirs)).max())
    worst = 0.0
    names = {"pa": "agree_share", "pd": "disagree_share", "pat": "agree_test", "pdt": "disagree_test",
             "ra": "agree_ratio", "rd": "disagree_ratio", "rat": "agree_ratio_test", "rdt": "disagree_ratio_test"}  # fmt: skip
    column = {name: index for index, name in enumerate(votes.statements)}
    stats = peer["stats"]
    group = np.array(stats["group_id"], dtype=int)
    statement = np.array([column[str(one)] for one in stats["statement_id"]])
    for theirs_name, ours_name in names.items():
        ours = getattr(figures, ours_name)[group, statement]
        apart_here = np.abs(ours - np.array(stats[theirs_name], dtype=np.float64)).max()
        worst = float(np.maximum(worst, apart_here))  # keeps a NaN
    return {"figures": f"{worst:.0e}", "places": f"{apart:.0e}"}


def started(python: str, role: str, case: Path) -> dict[str, Any]:
    """Measure in a process of its own."""
    done = subprocess.run(
        [python, __file__, "--role", role, "--case", str(case)], capture_output=True, text=True, check=False
    )
    if done.returncode:
        return {"failed": done.stderr.strip().splitlines()[-1:]}
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def one_case(name: str, rows: list[Any], left_out: list[int], peer: str | None) -> None:
    """Measure one set of votes and print a line for each side."""
    with tempfile.TemporaryDirectory() as folder:
        case = Path(folder) / "case"
        case.write_bytes(pickle.dumps((rows, left_out)))
        for role, python in (("ours", sys.executable), ("red-dwarf", peer)):
            if python is None:
                continue
            found = started(python, role, case)
            figures = found.pop("figures", None)
            if figures:
                found |= differences(rows, left_out, figures)
            print(json.dumps({"votes": name, "by": role} | found), flush=True)


def large() -> None:
    """Make a map of 100,000 persons from the matrix: single rows would be twenty million."""
    from isegoria.opinions import Votes, opinion_map  # noqa: PLC0415

    persons, statements = LARGE
    matrix = matrix_of(persons, statements)
    begin, busy = time.perf_counter(), time.process_time()
    names = [str(row) for row in range(persons)], [str(column) for column in range(statements)]
    found = opinion_map(Votes.of(*names, matrix), bytes(32))
    figures = {
        "votes": f"{persons} x {statements}",
        "by": "ours",
        "cpu_seconds": round(time.process_time() - busy, 2),
        "seconds": round(time.perf_counter() - begin, 2),
        "groups": list(found.group_sizes),
        "peak_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 2**10,
    }
    print(json.dumps(figures), flush=True)


def main() -> None:
    """Print one line per set of votes and library."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--large", action="store_true")
    parser.add_argument("--peer", help="A Python with red-dwarf installed.")
    parser.add_argument("--role", help=argparse.SUPPRESS)
    parser.add_argument("--case", type=Path, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.role:
        measure = measure_ours if arguments.role == "ours" else measure_peer
        print(json.dumps(measure(*pickle.loads(arguments.case.read_bytes()))))  # noqa: S301  # our own file
        return
    for name in PUBLIC:
        if (DATA / name).exists():
            one_case(name, *public_rows(name), arguments.peer)
    for persons, statements in GENERATED:
        one_case(f"{persons} x {statements}", rows_of(matrix_of(persons, statements)), [], arguments.peer)
    if arguments.large:
        large()


if __name__ == "__main__":
    main()
