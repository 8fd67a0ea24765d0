"""`isegoria tables`: who sits with whom, from a list of people, and again when some do not come."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Annotated, Any

import typer

from isegoria import tables
from isegoria.cli.common import csv_text, print_summary, reporting_errors, write_atomically
from isegoria.errors import BadInput
from isegoria.pool.reading import Table, id_index, read_table, whole_number
from isegoria.seeding import seed_from_text

app = typer.Typer(
    help="Who sits with whom? Mixed tables over several rounds.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
People = Annotated[
    Path, typer.Argument(help="CSV with a column id; every other column is mixed at each table.")
]
Apart = Annotated[
    Path | None, typer.Option(help="CSV with ids, a row each, such as id1,id2: never at one table.")
]
Together = Annotated[
    Path | None, typer.Option(help="CSV with ids, a row each: always at one table, as with an interpreter.")
]
Pinned = Annotated[
    Path | None, typer.Option(help="CSV with the columns id and table: always at this table.")
]
Earlier = Annotated[
    Path | None, typer.Option(help="Plan of rounds that were held: who met there is kept apart.")
]
AsJson = Annotated[bool, typer.Option("--json", help="Print the summary as JSON.")]
Rounds = dict[int, list[list[str]]]


@app.command("plan")
def plan_command(
    people: People,
    *,
    table_size: Annotated[int, typer.Option(help="Most persons at a table.")],
    seed: Annotated[str, typer.Option(help="Public seed: the same seed and people give the same plan.")],
    out: Annotated[Path, typer.Option(help="File for the plan: round, table, id.")],
    rounds: Annotated[int, typer.Option(help="Number of rounds.")] = 1,
    apart: Apart = None,
    together: Together = None,
    pinned: Pinned = None,
    earlier: Earlier = None,
    sweeps: Annotated[
        int,
        typer.Option(
            help="How often every round is improved against all others, at most; 0 gives the quick first plan."
        ),
    ] = tables.SWEEPS,
    steps: Annotated[
        int | None,
        typer.Option(
            help="Stop after so many rounds seated or improved, as the journal of a site tells of a plan."
        ),
    ] = None,
    as_json: AsJson = False,  # a flag of the command line
) -> None:
    """Plan mixed tables for several rounds in which as many different pairs as possible meet.

    The best plan so far is told with its bound and gap; Ctrl-C keeps it, and the number of sweeps in the summary gives
    the same plan again.

    Example: isegoria tables plan members.csv --table-size 8 --rounds 4 --seed "3-1-4-1-5" --out plan.csv
    """
    with reporting_errors():
        members = _read_people(people)
        asked = (list(members.items()), table_size, rounds, seed_from_text(seed))
        wishes: dict[str, Any] = {
            "apart": _read_groups(apart),
            "together": _read_groups(together),
            "pinned": [(person, place - 1) for person, place in _read_pinned(pinned)],
            "earlier": list(_read_plan(earlier).values()),
            "sweeps": sweeps,
        }
        if steps is None:
            found, done = _best_so_far(tables.improving(*asked, **wishes))
        else:
            found, done = _after(tables.stepping(*asked, **wishes), steps, rounds)
        rows = [
            [str(number), str(place), person]
            for number, each in enumerate(found.rounds, 1)
            for place, table in enumerate(each, 1)
            for person in table
        ]
        write_atomically(out, csv_text(["round", "table", "id"], rows), private=True)
    summary = {
        "people": len(members),
        "rounds": rounds,
        "tables": len(found.rounds[0]),
        "seed": seed,
        "sweeps" if steps is None else "steps": done,
        "pairs_met": found.pairs_met,
        "pairs_bound": found.pairs_bound,
        "repeats": found.repeats,
        "repeats_bound": found.repeats_bound,
        "gap": found.gap,
        "fewest_repeats_proved": found.fewest_repeats_proved,
        "imbalance": found.imbalance,
        "plan": str(out),
    }
    print_summary(summary, as_json=as_json)


def _after(search: Iterator[tables.Step], most: int, rounds: int) -> tuple[tables.Plan, int]:
    """Return the plan after a number of steps, and how many it took: a search that finds nothing better ends before."""
    if most < rounds:
        raise BadInput("tables_steps_wrong", steps=most, rounds=rounds)
    last = deque(islice(search, most), maxlen=1).pop()
    if last.plan is None:
        raise RuntimeError("every round has its tables after as many steps as there are rounds")
    return last.plan, last.done


def _best_so_far(plans: Iterator[tables.Plan]) -> tuple[tables.Plan, int]:
    """Return the last plan and how many sweeps it took; Ctrl-C keeps the best one so far, once there is one."""
    found: tables.Plan | None = None
    sweeps = -1
    try:
        for found in plans:
            sweeps += 1
            typer.echo(
                f"sweep {sweeps}: {found.pairs_met} pairs meet (at most {found.pairs_bound}), {found.repeats} repeats "
                f"(at least {found.repeats_bound}, gap {found.gap}), misses {found.imbalance}",
                err=True,
            )
    except KeyboardInterrupt:
        if found is None:
            raise
        typer.echo("stopped: the best plan so far is kept", err=True)
    if found is None:
        raise RuntimeError("there is always a first plan")
    return found, sweeps


@app.command("reseat")
def reseat_command(
    plan: Annotated[Path, typer.Argument(help="The plan: round, table, id.")],
    people: People,
    *,
    number: Annotated[int, typer.Option("--round", help="The round that begins.")],
    missing: Annotated[Path, typer.Option(help="CSV with a column id: who did not come.")],
    out: Annotated[Path, typer.Option(help="File for the tables of this round: round, table, id.")],
    apart: Apart = None,
    together: Together = None,
    pinned: Pinned = None,
    arriving: Annotated[
        Path | None, typer.Option(help="CSV with a column id: who came and has no table in this round.")
    ] = None,
    as_json: AsJson = False,  # a flag of the command line
) -> None:
    """Even out the tables of a round without those who did not come; as few as possible change their table.

    Example: isegoria tables reseat plan.csv members.csv --round 2 --missing missing.csv --out today.csv
    """
    with reporting_errors():
        planned = _read_plan(plan)
        if number not in planned:
            raise BadInput("tables_round_unknown", round=number, file=plan.name)
        absent = list(_read_people(missing))
        late = list(_read_people(arriving)) if arriving else []
        pins = dict(_read_pinned(pinned))
        now = tables.reseat(
            planned[number],
            absent,
            _read_people(people),
            apart=_read_groups(apart),
            together=_read_groups(together),
            pinned=list(pins),
            earlier=[each for held, each in planned.items() if held < number],
            arriving={person: pins[person] - 1 if person in pins else None for person in late},
        )
        rows = [[str(number), str(place), person] for place, table in enumerate(now, 1) for person in table]
        write_atomically(out, csv_text(["round", "table", "id"], rows), private=True)
    before = {person: place for place, table in enumerate(planned[number], 1) for person in table}
    moved = sum(
        before.get(person, place) != place for place, table in enumerate(now, 1) for person in table
    )
    summary = {
        "round": number,
        "missing": len(absent),
        "arriving": len(late),
        "seated": len(rows),
        "moved": moved,
        "tables": str(out),
    }
    print_summary(summary, as_json=as_json)


def _read_people(path: Path) -> dict[str, dict[str, str]]:
    """Return id to feature to value."""
    table = read_table(path)
    where = _column(table, "id")
    features = [(index, name) for index, name in enumerate(table.header) if index != where]
    found: dict[str, dict[str, str]] = {}
    rows: dict[str, int] = {}
    for row, cells in table.rows:
        person = cells[where]
        if not person:
            raise BadInput("id_blank", table.place(row, table.header[where]))
        if person in found:
            raise BadInput("id_repeated", table.place(row, table.header[where]), first=rows[person])
        found[person], rows[person] = {name: cells[index] for index, name in features}, row
    return found


def _read_groups(path: Path | None) -> list[list[str]]:
    if path is None:
        return []
    return [[cell for cell in cells if cell] for _row, cells in read_table(path).rows]


def _read_pinned(path: Path | None) -> list[tuple[str, int]]:
    if path is None:
        return []
    table = read_table(path)
    person, place = _column(table, "id"), _column(table, "table")
    return [(cells[person], whole_number(table, row, place, cells)) for row, cells in table.rows]


def _read_plan(path: Path | None) -> Rounds:
    """Return round to tables of ids, in the order of the tables."""
    if path is None:
        return {}
    table = read_table(path)
    number, place, person = (_column(table, name) for name in ("round", "table", "id"))
    found: dict[int, dict[int, list[str]]] = defaultdict(lambda: defaultdict(list))
    for row, cells in table.rows:
        held, at = whole_number(table, row, number, cells), whole_number(table, row, place, cells)
        found[held][at].append(cells[person])
    return {held: [found[held][at] for at in sorted(found[held])] for held in sorted(found)}


def _column(table: Table, name: str) -> int:
    found = id_index(table, None if name == "id" else name)
    if found is None:
        raise BadInput("column_missing", table.place(table.header_row, name), column=name)
    return found
