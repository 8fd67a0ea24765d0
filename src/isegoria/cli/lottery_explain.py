"""`isegoria lottery`: explain a lottery, spread it, and choose alternates."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer

from isegoria import lottery
from isegoria.cli.common import csv_text, print_summary, reporting_errors, write_atomically
from isegoria.cli.lottery_files import (
    ALTERNATES,
    LOTTERY,
    PANEL,
    REPORT,
    Apart,
    AsJson,
    Folder,
    Households,
    IdColumn,
    Intersections,
    Lang,
    PoolFile,
    QuotaFile,
    Size,
    Together,
    ids_of,
    load_lottery,
    read_inputs,
    write_people,
)
from isegoria.errors import BadInput, Place
from isegoria.pool.reading import read_table

CURVE = "curve.csv"


def report_command(
    folder: Folder,
    lang: Lang = "en",
) -> None:
    """Write report.html: chances, quotas and proof on one page that needs nothing else; and types.csv.

    Shows the fairness curve too if `curve` has written curve.csv into the folder.

    Example: isegoria lottery report draw --lang nl
    """
    with reporting_errors():
        found = load_lottery(folder / LOTTERY)
        curve = _read_curve(folder / CURVE) if (folder / CURVE).exists() else []
        write_atomically(folder / REPORT, lottery.report(found, lang, curve))
        header, *rows = lottery.types_table(found)
        write_atomically(folder / "types.csv", csv_text(header, rows))
    typer.echo(str(folder / REPORT))


def curve_command(
    pool: PoolFile,
    quotas: QuotaFile,
    size: Size,
    out: Annotated[Path, typer.Option(help="Folder for curve.csv and curve.svg.")],
    *,
    id_column: IdColumn = None,
    household: Households = "",
    intersections: Intersections = None,
    apart: Apart = None,
    together: Together = None,
    as_json: AsJson = False,
) -> None:
    """Say what a larger smallest chance costs: the curve of smallest against largest chance.

    Example: isegoria lottery curve pool.csv quotas.csv --size 24 --out draw
    """
    with reporting_errors():
        people, limits = read_inputs(
            pool, quotas, size, id_column, household, intersections, (apart, together)
        )
        corners = lottery.fairness_curve(people, limits, size)
        rows = [[f"{one.smallest:.12f}", f"{one.largest:.12f}"] for one in corners]
        write_atomically(out / CURVE, csv_text(["smallest_chance", "largest_chance"], rows))
        write_atomically(out / "curve.svg", lottery.curve_picture(corners))
    ends = [f"{one.smallest:.4%} against {one.largest:.4%}" for one in corners]
    print_summary({"corners": ends}, as_json=as_json)


def spread_command(
    folder: Folder,
    compositions: Annotated[
        int | None, typer.Option(help="Further compositions; else 1000, or five per type.")
    ] = None,
    seed: Annotated[str, typer.Option(help="Text that fixes which compositions are drawn.")] = "spread",
    out: Annotated[
        Path | None, typer.Option(help="Folder for the spread lottery; else FOLDER/spread.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Make the lottery as hard to foresee as possible while everybody keeps their chance.

    Example: isegoria lottery spread draw
    """
    with reporting_errors():
        found = lottery.most_random(load_lottery(folder / LOTTERY), compositions=compositions, seed=seed)
        document = json.dumps(found.lottery.to_document(), ensure_ascii=False)
        write_atomically((out or folder / "spread") / LOTTERY, document + "\n")
    summary = {
        "compositions": len(found.lottery.compositions),
        "entropy_bits_before": found.bits_before,
        "entropy_bits": found.bits,
        "most_possible_bits": found.most_bits,
    }
    print_summary(summary, as_json=as_json)


def alternates_command(
    folder: Folder,
    count: Annotated[int, typer.Option(help="How many alternates.")],
    seed: Annotated[str, typer.Option(help="Public randomness: fixes the order among equals.")],
    rate: Annotated[float, typer.Option(help="Everybody's chance to leave, without --history.")] = 0.1,
    history: Annotated[
        Path | None,
        typer.Option(help="CSV of earlier members: columns named as features, and dropped (yes or no)."),
    ] = None,
    panel: Annotated[Path | None, typer.Option(help="The panel; else FOLDER/panel.csv.")] = None,
    scenarios: Annotated[int, typer.Option(help="Sampled futures to choose by.")] = 300,
    as_json: AsJson = False,
) -> None:
    """Choose alternates so that the quotas survive when members leave; writes alternates.csv, in order.

    Example: isegoria lottery alternates draw --count 8 --seed "3-1-4-1-5" --history earlier.csv
    """
    with reporting_errors():
        drawn = load_lottery(folder / LOTTERY)
        leaving = lottery.same_for_everybody(rate)
        if history is not None:
            leaving = lottery.learnt(lottery.read_history(history, drawn.quotas.features))
        members = ids_of(panel or folder / PANEL)
        found = lottery.choose_alternates(
            lottery.pool_of(drawn), drawn.quotas, members, count, leaving, seed=seed, scenarios=scenarios
        )
        write_people(folder / ALTERNATES, drawn, found.ids)
    summary: dict[str, Any] = {
        "alternates": len(found.ids),
        "learnt_from": leaving.people,
        "expected_loss": found.loss,
        "expected_loss_drawn_by_lot": found.drawn,
        "expected_loss_most_alike": found.twins,
        "expected_loss_without": found.without,
        "standard_error_against_lot": found.error,
    }
    print_summary(summary, as_json=as_json)


def enter_command(
    folder: Folder,
    gone: Annotated[Path, typer.Option(help="CSV with the ids of members and alternates who left.")],
    as_json: AsJson = False,
) -> None:
    """Say which alternates enter when members have left; writes entering.csv.

    Example: isegoria lottery enter draw --gone gone.csv
    """
    with reporting_errors():
        drawn = load_lottery(folder / LOTTERY)
        features = {identifier: one.features for one in drawn.types for identifier in one.ids}
        left = set(ids_of(gone))
        members, alternates = ids_of(folder / PANEL), ids_of(folder / ALTERNATES)
        missing = sum(one not in features for one in (*members, *alternates))
        if missing:
            raise BadInput("members_unknown", count=missing)
        staying = [features[one] for one in members if one not in left]
        willing = [(one, features[one]) for one in alternates if one not in left]
        entering = lottery.called_up(drawn.quotas, staying, willing, len(members) - len(staying))
        write_people(folder / "entering.csv", drawn, entering)
    print_summary({"vacant": len(members) - len(staying), "entering": list(entering)}, as_json=as_json)


def _read_curve(file: Path) -> list[lottery.Corner]:
    table = read_table(file)
    corners = []
    for row, cells in table.rows:
        try:
            corners.append(lottery.Corner(float(cells[0]), float(cells[1])))
        except (IndexError, ValueError) as error:
            raise BadInput("curve_unreadable", Place(str(file), row)) from error
    return corners


COMMANDS: dict[str, Callable[..., None]] = {
    "report": report_command,
    "curve": curve_command,
    "spread": spread_command,
    "alternates": alternates_command,
    "enter": enter_command,
}
