"""`isegoria lottery`: find the fairest lottery, check quotas, draw."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Annotated, Any

import typer

from isegoria import lottery
from isegoria.cli import lottery_explain, lottery_rotate
from isegoria.cli.common import csv_text, print_summary, reporting_errors, write_atomically
from isegoria.cli.lottery_files import (
    LOTTERY,
    AcceptExcess,
    AsJson,
    Folder,
    Households,
    IdColumn,
    Intersections,
    PoolFile,
    QuotaFile,
    Seats,
    Size,
    body_summary,
    ids_of,
    load_lottery,
    people_csv,
    read_inputs,
    read_vacancy,
)
from isegoria.errors import BadInput, Place

app = typer.Typer(
    help="Find the fairest lottery that the quotas allow, check quotas, draw.",
    no_args_is_help=True,
    rich_markup_mode=None,
)


@app.command("solve")
def solve_command(
    pool: PoolFile,
    quotas: QuotaFile,
    size: Size,
    out: Annotated[Path, typer.Option(help="Folder for probabilities.csv and lottery.json.")],
    objective: Annotated[str, typer.Option(help=" or ".join(lottery.OBJECTIVES) + ".")] = "leximin",
    gamma: Annotated[
        str, typer.Option(help="Of goldilocks: how much the smallest chance counts against the largest.")
    ] = "1",
    *,
    id_column: IdColumn = None,
    household: Households = "",
    intersections: Intersections = None,
    seats: Seats = None,
    accept_excess: AcceptExcess = False,
    as_json: AsJson = False,
) -> None:
    """Find the fairest lottery, with the proof that none is fairer.

    Example: isegoria lottery solve pool.csv quotas.csv --size 24 --out draw
    """
    clock = _Clock()
    with reporting_errors():
        vacant = read_vacancy(
            pool,
            quotas,
            size,
            id_column,
            household,
            intersections,
            seats or (),
            accept_excess=accept_excess,
        )
        clock.stop("reading")
        found = lottery.solve_vacant(vacant, objective, progress=clock.tell, gamma=_gamma(gamma))
        clock.stop("tickets")
        certified = None if found.certificate is None else found.verify()
        clock.stop("verifying")
        chances = ([identifier, f"{float(chance):.12f}"] for identifier, chance in found.chances().items())
        write_atomically(out / "probabilities.csv", csv_text(["id", "probability"], chances))
        write_atomically(out / LOTTERY, json.dumps(found.to_document(), ensure_ascii=False) + "\n")
    numbers = lottery.measures(found)
    summary: dict[str, Any] = {
        "status": "no guarantee" if certified is None else "optimal",
        "objective": found.objective,
        "people": found.people,
        "size": found.size,
        **body_summary(found),
        "types": len(found.types),
        "compositions": len(found.compositions),
        "tickets": found.tickets,
        "smallest_chance": numbers.smallest,
        "largest_chance": numbers.largest,
        "gini": numbers.gini,
        "geometric_mean": numbers.geometric_mean,
        "certificate_gap": None if certified is None else float(certified.gap),
        "solver_free": None if certified is None else certified.solver_free,
        "seconds": clock.seconds,
        "peak_memory_mib": _peak_memory(),
    }
    print_summary(summary, as_json=as_json)


@app.command("check")
def check_command(
    pool: PoolFile,
    quotas: QuotaFile,
    size: Size,
    *,
    id_column: IdColumn = None,
    household: Households = "",
    intersections: Intersections = None,
    seats: Seats = None,
    accept_excess: AcceptExcess = False,
    as_json: AsJson = False,
) -> None:
    """Say whether a panel can meet the quotas; if not, why, and the smallest relaxations.

    Example: isegoria lottery check pool.csv quotas.csv --size 24
    """
    with reporting_errors():
        vacant = read_vacancy(
            pool,
            quotas,
            size,
            id_column,
            household,
            intersections,
            seats or (),
            accept_excess=accept_excess,
        )
        found = lottery.check(vacant.pool, vacant.quotas, vacant.size)
    summary: dict[str, Any] = {"feasible": found.feasible}
    if found.feasible:
        summary |= {
            "never": [_named(one) for one in found.never],
            "always": [_named(one) for one in found.always],
        }
    else:
        summary |= {
            "conflict": [str(side) for side in found.conflict],
            "smallest_relaxation": _in_words(found.smallest),
            "evenest_relaxation": _in_words(found.evenest),
        }
    print_summary(summary, as_json=as_json)
    raise typer.Exit(0 if found.feasible else 3)


@app.command("draw")
def draw_command(
    folder: Folder,
    seed: Annotated[
        str, typer.Option(help="Public randomness that came after lottery.json was published.")
    ],
    alternates: Annotated[int, typer.Option(help="How many alternates to draw.")] = 0,
    as_json: AsJson = False,
) -> None:
    """Draw the panel that a public seed fixes; the same seed gives the same panel everywhere.

    Example: isegoria lottery draw draw --seed "3-1-4-1-5" --alternates 6
    """
    with reporting_errors():
        found = load_lottery(folder / LOTTERY)
        outcome = lottery.draw(found, seed, alternates)
        write_atomically(folder / "panel.csv", people_csv(found, outcome.members))
        write_atomically(folder / "alternates.csv", people_csv(found, outcome.alternates))
    summary = {
        "ticket": outcome.ticket,
        "tickets": found.tickets,
        "composition": outcome.composition,
        "members": len(outcome.members),
        "alternates": len(outcome.alternates),
    }
    print_summary(summary, as_json=as_json)


@app.command("round")
def round_command(
    folder: Folder,
    tickets: Annotated[int, typer.Option(help="Number of equal tickets: 100 to 100000.")] = 1000,
    out: Annotated[
        Path | None, typer.Option(help="Folder for the rounded lottery; else FOLDER/tickets-NUMBER.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Round to few equal tickets, for a public draw with balls or dice, and say what that changes.

    Example: isegoria lottery round draw --tickets 1000
    """
    with reporting_errors():
        found = lottery.equal_tickets(load_lottery(folder / LOTTERY), tickets)
        target = out or folder / f"tickets-{tickets}"
        write_atomically(
            target / "tickets.csv", csv_text(["ticket", "composition"], _tickets(found.lottery))
        )
        write_atomically(
            target / LOTTERY, json.dumps(found.lottery.to_document(), ensure_ascii=False) + "\n"
        )
    summary = {
        "tickets": tickets,
        "compositions": len(found.lottery.compositions),
        "largest_change": found.largest_change,
        "no_choice_changes_less_than": found.bound,
        "smallest_chance_before": found.smallest_before,
        "smallest_chance_after": found.smallest_after,
    }
    print_summary(summary, as_json=as_json)


@app.command("replace")
def replace_command(
    pool: PoolFile,
    quotas: QuotaFile,
    size: Size,
    panel: Annotated[Path, typer.Option(help="panel.csv of the draw before.")],
    gone: Annotated[Path, typer.Option(help="CSV with the ids of those who left or are not available.")],
    seed: Annotated[str, typer.Option(help="Fresh public randomness.")],
    out: Annotated[Path, typer.Option(help="Folder for lottery.json and panel.csv.")],
    *,
    id_column: IdColumn = None,
    household: Households = "",
    intersections: Intersections = None,
    accept_excess: AcceptExcess = False,
) -> None:
    """Draw members for vacant seats, so that the whole panel meets its quotas again.

    Example: isegoria lottery replace pool.csv quotas.csv --size 24 --panel draw/panel.csv --gone gone.csv --seed "2-7-1" --out second
    """
    with reporting_errors():
        people, limits = read_inputs(pool, quotas, size, id_column, household, intersections)
        found = lottery.replacement(
            people, limits, size, ids_of(panel), ids_of(gone), accept_excess=accept_excess
        )
        outcome = lottery.draw(found, seed)
        write_atomically(out / LOTTERY, json.dumps(found.to_document(), ensure_ascii=False) + "\n")
        write_atomically(out / "panel.csv", people_csv(found, outcome.members))
    print_summary({"vacant": found.size, "people": found.people, "ticket": outcome.ticket}, as_json=False)


for name, command in (lottery_explain.COMMANDS | lottery_rotate.COMMANDS).items():
    app.command(name)(command)


def _gamma(text: str) -> Fraction:
    """Return a number as it was written: 2, 0.5 or 1/3."""
    try:
        return Fraction(text)
    except (ValueError, ZeroDivisionError) as error:
        raise BadInput("gamma_out_of_range", Place(column="--gamma"), gamma=text, most=10**6) from error


def _tickets(found: lottery.Lottery) -> Iterator[list[str]]:
    number = 0
    for index, composition in enumerate(found.compositions):
        for _ in range(composition.tickets):
            yield [str(number), str(index)]
            number += 1


class _Clock:
    """Seconds by phase."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self._last = time.perf_counter()
        self._phase: str | None = None

    def stop(self, phase: str) -> None:
        """Book the time since the last stop on a phase."""
        now = time.perf_counter()
        self.seconds[phase] = round(self.seconds.get(phase, 0.0) + now - self._last, 4)
        self._last, self._phase = now, None

    def tell(self, phase: str, _done: float) -> None:
        """Book the time up to the start of another phase on the one before."""
        if phase != self._phase:
            self.stop(self._phase or "feasibility")
            self._phase = phase


def _peak_memory() -> int | None:
    """Return the largest memory of this process in MiB, where the system tells it."""
    if sys.platform == "win32":
        return None
    import resource

    unit = 2**20 if sys.platform == "darwin" else 2**10
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // unit


def _named(one: lottery.Type) -> str:
    return ", ".join(f"{feature} {value}" for feature, value in one.features.items())


def _in_words(changes: Sequence[lottery.Change] | None) -> list[str] | None:
    return None if changes is None else [str(change) for change in changes]
