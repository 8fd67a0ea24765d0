"""One run of the peer, `sortition-algorithms`, in a process of its own: files in, figures out as JSON.

It needs the dependency group `benchmarks`, in this environment or in one of its own (`against_peer.py --python`). Only
the choice of the distribution is timed, not the reading of the files.
"""

from __future__ import annotations

import argparse
import importlib.metadata
import json
import os
import resource
import time
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")

from sortition_algorithms import CSVFileDataSource, SelectionData, Settings
from sortition_algorithms import committee_generation as peer

RULES = {
    "leximin": peer.find_distribution_leximin,
    "maximin": peer.find_distribution_maximin,
    "nash": peer.find_distribution_nash,
}


def main() -> None:
    """Solve one instance and print the chance of every person."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, help="holds features.csv and candidates.csv with a column id")
    parser.add_argument("size", type=int)
    parser.add_argument("rule", choices=RULES)
    parser.add_argument("--backend", default="highspy")
    parser.add_argument("--address", nargs="*", default=[], help="columns that make a household")
    arguments = parser.parse_args()
    settings = Settings(id_column="id", columns_to_keep=[], check_same_address_columns=arguments.address)
    data = SelectionData(
        CSVFileDataSource(
            features_file=arguments.folder / "features.csv",
            people_file=arguments.folder / "candidates.csv",
            already_selected_file=None,
            selected_file=arguments.folder / "selected.csv",
            remaining_file=arguments.folder / "remaining.csv",
        )
    )
    features, _ = data.load_features(arguments.size)
    people, _ = data.load_people(settings, features)
    wall, busy = time.perf_counter(), time.process_time()
    panels, shares, _ = RULES[arguments.rule](
        features, people, arguments.size, arguments.address, arguments.backend
    )
    busy, wall = time.process_time() - busy, time.perf_counter() - wall
    panels, shares = peer.standardize_distribution(panels, shares)
    chances = dict.fromkeys(people, 0.0)
    for panel, share in zip(panels, shares, strict=True):
        for one in panel:
            chances[one] += share
    print(
        json.dumps(
            {
                "version": importlib.metadata.version("sortition-algorithms"),
                "rule": arguments.rule,
                "backend": arguments.backend,
                "cpu_seconds": round(busy, 2),
                "seconds": round(wall, 2),
                "mebibytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
                "panels": len(panels),
                "chances": chances,
            }
        )
    )


if __name__ == "__main__":
    main()
