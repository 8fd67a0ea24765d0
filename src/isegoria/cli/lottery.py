"""`isegoria lottery`: find the fairest lottery, check quotas, draw."""

from __future__ import annotations

import json
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Annotated

import typer

from isegoria import lottery
from isegoria.cli import lottery_draw, lottery_explain, lottery_rotate
from isegoria.cli.common import csv_text, print_summary, reporting_errors, write_atomically
from isegoria.cli.lottery_files import (
    LOTTERY,
    PROBABILITIES,
    REPORT,
    AcceptExcess,
    Apart,
    AsJson,
    Earlier,
    Households,
    IdColumn,
    Intersections,
    Lang,
    PoolFile,
    QuotaFile,
    Seats,
    Size,
    Together,
    check_earlier,
    kept_columns,
    read_earlier,
    read_vacancy,
    tell_encodings,
    write_kept,
)
from isegoria.cli.lottery_summary import Clock, check_summary, check_words, in_words, solve_summary
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
    out: Annotated[Path, typer.Option(help="Folder for probabilities.csv, lottery.json and report.html.")],
    objective: Annotated[str, typer.Option(help=" or ".join(lottery.OBJECTIVES) + ".")] = "leximin",
    gamma: Annotated[
        str, typer.Option(help="Of goldilocks: how much the smallest chance counts against the largest.")
    ] = "1",
    *,
    id_column: IdColumn = None,
    household: Households = "",
    intersections: Intersections = None,
    apart: Apart = None,
    together: Together = None,
    seats: Seats = None,
    accept_excess: AcceptExcess = False,
    earlier: Earlier = None,
    lang: Lang = "en",
    as_json: AsJson = False,
) -> None:
    """Find the fairest lottery, with the proof that none is fairer.

    Example: isegoria lottery solve pool.csv quotas.csv --size 24 --out draw
    """
    clock = Clock()
    with reporting_errors():
        vacant = read_vacancy(
            pool,
            quotas,
            size,
            id_column,
            household,
            intersections,
            seats or (),
            (apart, together),
            accept_excess=accept_excess,
        )
        check_earlier(earlier or (), objective)
        kept = kept_columns(pool, id_column, vacant.quotas)
        tell_encodings(pool, quotas, intersections, apart, together, *(seats or ()))
        if earlier:
            vacant = replace(vacant, pool=lottery.with_earlier(vacant.pool, read_earlier(earlier)))
        clock.stop("reading")
        found = lottery.solve_vacant(vacant, objective, progress=clock.tell, gamma=_gamma(gamma, objective))
        clock.stop("tickets")
        certified = None if found.certificate is None else found.verify()
        clock.stop("verifying")
        page = lottery.report(found, lang)
        chances = ([identifier, f"{float(chance):.12f}"] for identifier, chance in found.chances().items())
        write_atomically(out / PROBABILITIES, csv_text(["id", "probability"], chances))
        write_atomically(out / LOTTERY, json.dumps(found.to_document(), ensure_ascii=False) + "\n")
        write_atomically(out / REPORT, page)
        write_kept(out, kept)
        clock.stop("writing")
    summary = solve_summary(found, certified, clock.seconds)
    print_summary(summary if as_json else in_words(summary), as_json=as_json)


@app.command("check")
def check_command(
    pool: PoolFile,
    quotas: QuotaFile,
    size: Size,
    *,
    id_column: IdColumn = None,
    household: Households = "",
    intersections: Intersections = None,
    apart: Apart = None,
    together: Together = None,
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
            (apart, together),
            accept_excess=accept_excess,
        )
        tell_encodings(pool, quotas, intersections, apart, together, *(seats or ()))
        found = lottery.check(vacant.pool, vacant.quotas, vacant.size)
    summary = check_summary(found, vacant.pool, vacant.size)
    print_summary(summary if as_json else check_words(summary), as_json=as_json)
    raise typer.Exit(0 if found.feasible else 3)


for name, command in (lottery_draw.COMMANDS | lottery_explain.COMMANDS | lottery_rotate.COMMANDS).items():
    app.command(name)(command)


def _gamma(text: str, objective: str) -> Fraction:
    """Return a number as it was written: 2, 0.5 or 1/3; of another objective it can only be left at 1."""
    try:
        gamma = Fraction(text)
    except (ValueError, ZeroDivisionError) as error:
        raise BadInput("gamma_out_of_range", Place(column="--gamma"), gamma=text, most=10**6) from error
    if gamma != 1 and objective in set(lottery.OBJECTIVES) - {"goldilocks"}:
        raise BadInput("gamma_objective", Place(column="--gamma"), objective=objective)
    return gamma
