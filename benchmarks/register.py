"""The draw of letters at scale: DuckDB over 12 million rows, a million rows of CSV, PostgreSQL, Spark.

    python benchmarks/register.py                 # everything that is installed; about ten minutes on two cores
    python benchmarks/register.py --rows 1000000  # a smaller register

The registers are invented on the spot and thrown away. Every draw is compared with one that plain Python makes over
all rows; the mere scan of DuckDB, to which its draw is compared, alternates with the draw, each in a process of its
own. Results: benchmarks/results/register.json, told in docs/registers-at-scale.md.
"""

from __future__ import annotations

import argparse
import hashlib
import heapq
import importlib.util
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

import duckdb

from isegoria.proof.letters import key_prefix, pseudonym
from isegoria.register import DuckDB, Frame, PostgreSQL, Spark, draw_in_engine
from isegoria.register.at_scale import Queries
from isegoria.seeding import seed_from_text

RESULTS = Path(__file__).parent / "results" / "register.json"
SEED = seed_from_text("benchmark")
SECRET = hashlib.sha256(b"the secret of the benchmark").digest()
LETTERS = 10_000
REGIONS = "CASE WHEN i % 100 < 58 THEN 'Flanders' WHEN i % 100 < 90 THEN 'Wallonia' ELSE 'Brussels' END"
ROWS = f"""
    SELECT printf('%02d%02d%02d%05d', (i // 7919) % 100, 1 + i % 12, 1 + i % 28, (i * 7919) % 100000) || '-' || i AS id,
        {REGIONS} AS region, 'H' || (i // 3 + i % 2) AS household,
        CAST(DATE '1930-01-01' + CAST((i * 7919) % 28000 AS INTEGER) AS VARCHAR) AS birth_date,
        'Given' || (i * 31 % 2003) AS given_name, 'Family' || (i * 17 % 50021) AS family_name,
        'Street ' || (i // 40 % 9973) AS street, CAST(1 + i % 200 AS VARCHAR) AS house_number,
        CAST(1000 + i // 1200 % 9000 AS VARCHAR) AS postcode
    FROM range({{rows}}) AS t(i)
"""  # noqa: S608  # our own text


# -- registers --------------------------------------------------------------------------------------------


def make_parquet(path: Path, rows: int, *, pseudonyms: bool) -> None:
    """Write a register; with pseudonyms it holds them instead of numbers, as it does once an extract is fixed."""
    with duckdb.connect() as connection:
        connection.execute(f"COPY ({ROWS.format(rows=rows)}) TO '{path}.plain' (FORMAT parquet)")
    if pseudonyms:
        with DuckDB(f"{path}.plain") as engine:
            named = Queries(engine, Frame(secret=SECRET)).name
            engine._connection.execute(  # noqa: SLF001  # the column is made by the engine's own expression
                f"COPY (SELECT {named} AS pseudonym, * EXCLUDE (id) FROM register) TO '{path}' (FORMAT parquet)"  # noqa: S608
            )
        Path(f"{path}.plain").unlink()
    else:
        Path(f"{path}.plain").rename(path)


def make_csv(path: Path, rows: int) -> None:
    """Write a register as an office exports it."""
    with duckdb.connect() as connection:
        connection.execute(f"COPY ({ROWS.format(rows=rows)}) TO '{path}' (HEADER)")


def plain_python(path: Path, column: str) -> list[tuple[str, str]]:
    """Draw by looking at every row with hashlib: region and name, the list that all engines must find."""
    prefix = key_prefix(SEED).encode()
    size: dict[str, int] = defaultdict(int)
    low: dict[str, list[tuple[int, str]]] = defaultdict(list)
    with duckdb.connect() as connection:
        found = connection.execute(f"SELECT region, {column} FROM read_parquet('{path}')")  # noqa: S608
        while batch := found.fetchmany(100_000):
            for region, name in batch:
                size[region] += 1
                key = -int.from_bytes(hashlib.sha256(prefix + name.encode()).digest())
                heap = low[region]
                if len(heap) < LETTERS:
                    heapq.heappush(heap, (key, name))
                elif key > heap[0][0]:
                    heapq.heapreplace(heap, (key, name))
    total = sum(size.values())
    letters = {region: LETTERS * count // total for region, count in size.items()}
    order = sorted(size, key=lambda region: (-(LETTERS * size[region] % total), region))
    for region in order[: LETTERS - sum(letters.values())]:
        letters[region] += 1
    return sorted(
        (region, name)
        for region, heap in low.items()
        for _, name in sorted(heap, reverse=True)[: letters[region]]
    )


def fingerprint(drawn: list[tuple[str, str]]) -> str:
    """Return a hash of a list of names."""
    return hashlib.sha256(json.dumps(sorted(drawn)).encode()).hexdigest()


# -- what one process does --------------------------------------------------------------------------------


def scan(source: str, column: str) -> None:
    """Let DuckDB scan and hash a column, no more."""
    with duckdb.connect() as connection:
        connection.execute(f"SELECT max(sha256({column})) FROM read_parquet('{source}')").fetchall()  # noqa: S608


def drawn_by(engine: Any, frame: Frame, **options: bool) -> str:
    """Draw, and return a hash of who was drawn."""
    drawn = draw_in_engine(engine, SEED, LETTERS, frame, **options)
    return fingerprint(list(zip(drawn.places, drawn.names, strict=True)))


def draw(source: str, column: str, how: str) -> str:
    """Draw from a Parquet: names only, names after a check, whole rows, or one letter a household."""
    names = "pseudonym" if column == "pseudonym" else "number"
    groups = ("household",) if how == "household" else ()
    frame = Frame(number=column, names=names, stratify_by=None if groups else "region", groups=groups)
    with DuckDB(source) as engine:
        return drawn_by(engine, frame, whole_rows=how == "rows", check=how == "check")


def keyed(source: str) -> str:
    """Draw from numbers, the pseudonyms being made on the way."""
    with DuckDB(source) as engine:
        return drawn_by(engine, Frame(stratify_by="region", secret=SECRET), whole_rows=False, check=False)


def in_postgresql(table: str) -> str:
    """Draw from a table of the server."""
    with PostgreSQL(os.environ["ISEGORIA_REGISTER_URL"], table) as engine:
        return drawn_by(engine, Frame(stratify_by="region"), whole_rows=False, check=False)


PROCESSES: dict[str, Callable[..., str | None]] = {
    "scan": scan,
    "draw": draw,
    "keyed": keyed,
    "postgresql": in_postgresql,
}


def measured(name: str, *arguments: str) -> dict[str, Any]:
    """Run one of `PROCESSES` in a process of its own, and return its seconds, memory (MiB) and result."""
    command = [sys.executable, __file__, "--process", name, *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return dict(json.loads(done.stdout.splitlines()[-1]))


def peak_memory() -> int:
    """Return the highest resident memory of this process in MiB; what it was started from does not count."""
    status = Path("/proc/self/status").read_text("ascii")
    return int(status.split("VmHWM:")[1].split()[0]) // 1024


def process(name: str, *arguments: str) -> None:
    """Do it, and say what it took: without the start of Python and the imports."""
    wall, cpu = time.perf_counter(), time.process_time()
    result = PROCESSES[name](*arguments)
    told = {
        "wall": round(time.perf_counter() - wall, 2),
        "cpu": round(time.process_time() - cpu, 2),
        "mib": peak_memory(),
        "result": result,
    }
    print(json.dumps(told))


# -- the measurements -------------------------------------------------------------------------------------


def duckdb_against_its_scan(path: Path, column: str, times: int) -> dict[str, Any]:
    """Alternate the mere scan and the draw; compare medians."""
    expected = fingerprint(plain_python(path, column))
    scans, draws = [], []
    for _ in range(times):
        scans.append(measured("scan", str(path), column))
        draws.append(measured("draw", str(path), column, "names"))
    told: dict[str, Any] = {
        "scan and hash": middle(scans),
        "draw": middle(draws),
        "ratio of wall": round(
            median(one["wall"] for one in draws) / median(one["wall"] for one in scans), 2
        ),
        "ratio of cpu": round(median(one["cpu"] for one in draws) / median(one["cpu"] for one in scans), 2),
    }
    for how in ("check", "rows"):
        draws.append(measured("draw", str(path), column, how))
        told[f"draw with {how}"] = middle(draws[-1:])
    told["same as plain Python"] = all(one["result"] == expected for one in draws)
    told["household"] = middle([measured("draw", str(path), column, "household")])
    return told


def middle(found: list[dict[str, Any]]) -> dict[str, Any]:
    """Return the medians."""
    return {
        what: round(median(one[what] for one in found), 2)
        for what in ("wall", "cpu", "mib")
        if what in found[0]
    }


def csv_on_the_command_line(folder: Path, times: int) -> dict[str, Any]:
    """Draw from a million rows of CSV with the command, from its start to its end."""
    path = folder / "million.csv"
    make_csv(path, 1_000_000)
    command = [
        *(str(Path(sys.executable).with_name("isegoria")), "register", "draw", str(path), "--seed", "x"),
        *(
            "--letters",
            str(LETTERS),
            "--stratum",
            "region",
            "--on",
            "2027-01-01",
            "--out",
            str(folder / "out"),
        ),
    ]
    found = []
    for _ in range(times):
        before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
        subprocess.run(command, check=True, capture_output=True)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        found.append(
            {
                "wall": round(time.perf_counter() - start, 2),
                "cpu": round(cpu, 2),
                "mib": after.ru_maxrss // 1024,
            }
        )
    size = path.stat().st_size
    lines = len((folder / "out" / "drawn.csv").read_text("utf-8").splitlines())
    return middle(found) | {"megabytes": size // 10**6, "letters": lines - 1}


def postgresql(folder: Path, times: int) -> dict[str, Any]:
    """Draw from a million rows of a PostgreSQL server that is started for it."""
    import psycopg  # noqa: PLC0415

    sys.path.insert(0, str(Path(__file__).parents[1]))
    from tests.support import postgresql as server  # noqa: PLC0415

    os.environ["ISEGORIA_REGISTER_URL"] = server.url()
    csv_path, parquet = folder / "pg.csv", folder / "pg.parquet"
    make_csv(csv_path, 1_000_000)
    make_parquet(parquet, 1_000_000, pseudonyms=False)
    with psycopg.connect(server.url(), autocommit=True) as made:
        columns = csv_path.open(encoding="utf-8").readline().strip().split(",")
        made.execute("DROP TABLE IF EXISTS residents")
        made.execute(
            f"CREATE TABLE residents ({', '.join(f'{column} text' for column in columns)})".encode()
        )
        with made.cursor() as cursor, cursor.copy("COPY residents FROM STDIN (FORMAT csv, HEADER)") as copy:
            copy.write(csv_path.read_bytes())
        made.execute("VACUUM ANALYZE residents")
    found = [measured("postgresql", "residents") for _ in range(times)]
    expected = fingerprint(plain_python(parquet, "id"))
    return {
        "wall per million rows": median(one["wall"] for one in found),
        "same as plain Python": all(one["result"] == expected for one in found),
    }


def spark(path: Path, rows: int, folder: Path, times: int) -> dict[str, Any]:
    """Draw in a local Spark; the cost per million rows is the slope between a small register and the large one."""
    from pyspark.sql import SparkSession  # noqa: PLC0415

    from isegoria.register.engines import _local_session  # the settings of the tests' cluster  # noqa: PLC0415

    small = folder / "small.parquet"
    few = max(1, rows // 6)
    make_parquet(small, few, pseudonyms=True)
    session = _local_session(SparkSession)
    frame = Frame(number="pseudonym", names="pseudonym", stratify_by="region")
    seconds: dict[int, float] = {}
    same = []
    for size, source in ((few, small), (rows, path)):
        expected = fingerprint(plain_python(source, "pseudonym"))
        walls = []
        for _ in range(times + 1):  # the first one warms the machine of Java up
            start = time.perf_counter()
            same.append(
                drawn_by(Spark(source, session=session), frame, whole_rows=False, check=False) == expected
            )
            walls.append(time.perf_counter() - start)
        seconds[size] = median(walls[1:])
    session.stop()
    return {
        "wall": {size: round(wall, 2) for size, wall in seconds.items()},
        "core-seconds per million rows": round(
            (os.cpu_count() or 1) * (seconds[rows] - seconds[few]) / ((rows - few) / 10**6), 2
        ),
        "same as plain Python": all(same),
    }


def main() -> None:
    """Measure what is asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=12_000_000)
    parser.add_argument("--times", type=int, default=5)
    parser.add_argument("--only", choices=["duckdb", "csv", "postgresql", "spark"])
    parser.add_argument("--process", nargs="+")
    options = parser.parse_args()
    if options.process:
        process(*options.process)
        return
    assert pseudonym(SECRET, "1"), "the secret has the right length"  # noqa: S101
    told: dict[str, Any] = json.loads(RESULTS.read_text("utf-8")) if RESULTS.exists() else {}
    with tempfile.TemporaryDirectory(prefix="isegoria-benchmark-") as name:
        folder = Path(name)
        wanted = [options.only] if options.only else ["duckdb", "csv", "postgresql", "spark"]
        path = folder / "pseudonyms.parquet"
        if {"duckdb", "spark"} & set(wanted):
            make_parquet(path, options.rows, pseudonyms=True)
        if "duckdb" in wanted:
            numbers = folder / "numbers.parquet"
            make_parquet(numbers, options.rows, pseudonyms=False)
            told["duckdb"] = {
                "rows": options.rows,
                "pseudonyms": duckdb_against_its_scan(path, "pseudonym", options.times),
                "numbers": duckdb_against_its_scan(numbers, "id", options.times),
                "numbers, keyed on the way": middle([measured("keyed", str(numbers))]),
            }
        if "csv" in wanted:
            told["csv of a million rows"] = csv_on_the_command_line(folder, options.times)
        if "postgresql" in wanted:
            told["postgresql"] = postgresql(folder, options.times)
        if "spark" in wanted:
            if importlib.util.find_spec("pyspark"):
                told["spark"] = spark(path, options.rows, folder, min(3, options.times))
            else:
                print("NOT MEASURED: Spark is not installed; see make test-scale", file=sys.stderr)
    RESULTS.write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")
    print(json.dumps(told, indent=1))


if __name__ == "__main__":
    main()
