"""`isegoria lottery`: draw, by a public seed or with balls, and fill the seats of those who leave."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Annotated

import typer

from isegoria import lottery
from isegoria.cli.common import csv_text, print_summary, reporting_errors, write_atomically
from isegoria.cli.lottery_files import (
    ALTERNATES,
    LOTTERY,
    PANEL,
    AcceptExcess,
    Apart,
    AsJson,
    Folder,
    Households,
    IdColumn,
    Intersections,
    PoolFile,
    QuotaFile,
    Size,
    Together,
    ids_of,
    load_lottery,
    people_csv,
    read_inputs,
    write_people,
)


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
        write_people(folder / PANEL, found, outcome.members)
        write_people(folder / ALTERNATES, found, outcome.alternates)
    summary = {
        "ticket": outcome.ticket,
        "tickets": found.tickets,
        "composition": outcome.composition,
        "members": len(outcome.members),
        "alternates": len(outcome.alternates),
    }
    print_summary(summary, as_json=as_json)


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
        "min_probability_before": found.smallest_before,
        "min_probability_after": found.smallest_after,
    }
    print_summary(summary, as_json=as_json)


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
    apart: Apart = None,
    together: Together = None,
    accept_excess: AcceptExcess = False,
) -> None:
    """Draw members for vacant seats, so that the whole panel meets its quotas again.

    Example: isegoria lottery replace pool.csv quotas.csv --size 24 --panel draw/panel.csv --gone gone.csv --seed "2-7-1" --out second
    """
    with reporting_errors():
        people, limits = read_inputs(
            pool, quotas, size, id_column, household, intersections, (apart, together)
        )
        found = lottery.replacement(
            people, limits, size, ids_of(panel), ids_of(gone), accept_excess=accept_excess
        )
        outcome = lottery.draw(found, seed)
        write_atomically(out / LOTTERY, json.dumps(found.to_document(), ensure_ascii=False) + "\n")
        write_atomically(out / PANEL, people_csv(found, outcome.members))
    print_summary({"vacant": found.size, "people": found.people, "ticket": outcome.ticket}, as_json=False)


def _tickets(found: lottery.Lottery) -> Iterator[list[str]]:
    number = 0
    for index, composition in enumerate(found.compositions):
        for _ in range(composition.tickets):
            yield [str(number), str(index)]
            number += 1


COMMANDS: dict[str, Callable[..., None]] = {
    "draw": draw_command,
    "round": round_command,
    "replace": replace_command,
}
