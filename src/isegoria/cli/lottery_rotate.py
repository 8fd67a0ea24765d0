"""`isegoria lottery rotate`: some leave, as many are drawn, and the whole body meets its quotas."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Annotated, Any

import typer

from isegoria import lottery
from isegoria.cli.common import csv_text, print_summary, reporting_errors, write_atomically
from isegoria.cli.lottery_draw import recorded, write_drawn
from isegoria.cli.lottery_files import (
    LOTTERY,
    PROBABILITIES,
    AcceptExcess,
    Apart,
    AsJson,
    Earlier,
    Folders,
    Households,
    IdColumn,
    Intersections,
    PoolFile,
    QuotaFile,
    Seats,
    Together,
    body_summary,
    check_earlier,
    ids_of,
    kept_columns,
    links_summary,
    load_lottery,
    read_earlier,
    read_whole,
    tell_encodings,
    write_kept,
)
from isegoria.errors import BadInput, Place
from isegoria.pool import Entry
from isegoria.pool.reading import Table, read_table, table_header_row
from isegoria.proof import Outcome

LEAVES = "leaves"
BODY = "body.csv"


def rotate_command(
    pool: PoolFile,
    quotas: QuotaFile,
    size: Annotated[int, typer.Option(help="Members of the whole body.")],
    sitting: Annotated[
        Path,
        typer.Option(
            help="CSV of everybody who sits before the rotation: id, features, and leaves: the day or number of the rotation."
        ),
    ],
    rotation: Annotated[
        str, typer.Option(help="Day or number of this rotation: whoever leaves by then, leaves.")
    ],
    out: Annotated[
        Path, typer.Option(help="Folder for lottery.json, probabilities.csv, panel.csv, body.csv.")
    ],
    *,
    seed: Annotated[
        str | None,
        typer.Option(
            help="Public randomness; without it only the lottery is written, to be published first."
        ),
    ] = None,
    horizon: Annotated[
        int, typer.Option(help="To how many of the next rotations the draw looks ahead.")
    ] = 2,
    entrants_leave: Annotated[
        str | None, typer.Option(help="When the terms of those who are drawn end, if that is known.")
    ] = None,
    exclude: Annotated[
        list[Path] | None,
        typer.Option(
            help="CSV with ids of people who are not drawn, such as former members who have to wait."
        ),
    ] = None,
    alternates: Annotated[int, typer.Option(help="How many alternates to draw.")] = 0,
    objective: Annotated[str, typer.Option(help=" or ".join(lottery.OBJECTIVES) + ".")] = "leximin",
    id_column: IdColumn = None,
    household: Households = "",
    intersections: Intersections = None,
    apart: Apart = None,
    together: Together = None,
    seats: Seats = None,
    accept_excess: AcceptExcess = False,
    earlier: Earlier = None,
    as_json: AsJson = False,
) -> None:
    """Draw for the seats of those who leave, so that the whole body meets its quotas, now and at the next rotations.

    Example: isegoria lottery rotate pool.csv quotas.csv --size 24 --sitting body.csv --rotation 2027-03-01 --out march
    """
    with reporting_errors():
        table = read_table(sitting)
        now = when_of(rotation, Place(column="--rotation"))
        later = (
            None if entrants_leave is None else when_of(entrants_leave, Place(column="--entrants-leave"))
        )
        ends = _ends(table)
        people, limits, seated, members = read_whole(
            pool, quotas, size, id_column, household, intersections, seats or (), table, (apart, together)
        )
        check_earlier(earlier or (), objective)
        if earlier:
            people = lottery.with_earlier(people, read_earlier(earlier))
        terms = [
            *(lottery.Term(one) for one in seated),
            *(lottery.Term(one, end) for one, end in zip(members, ends, strict=True)),
        ]
        found = lottery.rotation(
            people,
            limits,
            size,
            terms,
            now,
            horizon=horizon,
            entrants_leave=later,
            gone={one for file in exclude or () for one in ids_of(file)},
            accept_excess=accept_excess,
            objective=objective,
        )
        drawn = None if seed is None else recorded(out, found.lottery, seed, alternates)
        kept = kept_columns(pool, id_column, found.lottery.quotas)
        tell_encodings(pool, quotas, sitting, intersections, apart, together, *(seats or ()))
        chances = ([one, f"{float(chance):.12f}"] for one, chance in found.lottery.chances().items())
        write_atomically(out / PROBABILITIES, csv_text(["id", "probability"], chances))
        document = json.dumps(found.lottery.to_document(), ensure_ascii=False)
        write_atomically(out / LOTTERY, document + "\n")
        write_kept(out, kept)
        if drawn is not None:
            write_drawn(out, found.lottery, drawn, alternates)
            stay = [one for one in terms if one.member.id not in found.leaving]
            write_atomically(out / BODY, _body_csv(found.lottery, stay, drawn.outcome.members, later))
    print_summary(_summary(found, None if drawn is None else drawn.outcome), as_json=as_json)


def _summary(found: lottery.Rotation, drawn: Outcome | None) -> dict[str, Any]:
    certified = None if found.lottery.certificate is None else found.lottery.verify()
    numbers = lottery.measures(found.lottery)
    return {
        "status": "no guarantee" if certified is None else "optimal",
        "objective": found.lottery.objective,
        "leaving": len(found.leaving),
        "vacant": found.lottery.size,
        **body_summary(found.lottery),
        **links_summary(found.lottery),
        "looked_ahead_to": list(found.ahead),
        "tightened": [str(one) for one in found.tightened],
        "n": found.lottery.people,
        "min_probability": numbers.smallest,
        "max_probability": numbers.largest,
        "certificate_gap": None if certified is None else float(certified.gap),
        "ticket": None if drawn is None else drawn.ticket,
        "members": [] if drawn is None else list(drawn.members),
    }


def when_of(text: str, place: Place) -> lottery.When:
    """Return the day or the number that a text says."""
    try:
        return int(text) if text.isascii() and text.isdigit() else date.fromisoformat(text)
    except ValueError as error:
        raise BadInput("rotation_time_wrong", place, text=text) from error


def _ends(table: Table) -> list[lottery.When | None]:
    """Return when each member leaves; a blank cell says that this is not known."""
    column = next((name for name in table.header if name.casefold() == LEAVES), None)
    if column is None:
        raise BadInput("column_missing", table.place(table_header_row(table), LEAVES), column=LEAVES)
    index = table.header.index(column)
    return [
        when_of(cells[index], table.place(row, column)) if cells[index] else None
        for row, cells in table.rows
    ]


def _body_csv(
    found: lottery.Lottery,
    staying: Sequence[lottery.Term],
    drawn: Sequence[str],
    leave: lottery.When | None,
) -> str:
    """Return the whole body after the rotation, in the form in which the next rotation reads it."""
    names = list(found.quotas.features)
    features = {one: kind.features for kind in found.types for one in kind.ids}
    entered = [lottery.Term(Entry(one, features[one]), leave) for one in drawn]
    return csv_text(
        ["id", *names, LEAVES],
        (
            [
                one.member.id,
                *(one.member.features[name] for name in names),
                "" if one.leaves is None else str(one.leaves),
            ]
            for one in (*staying, *entered)
        ),
    )


def chances_command(
    folders: Folders,
    out: Annotated[Path | None, typer.Option(help="File for everybody's figures, as CSV.")] = None,
    as_json: AsJson = False,
) -> None:
    """Say what everybody's chance is over several draws: expected times, and at least once; by value, and how equal.

    Example: isegoria lottery chances 2027-03 2027-09 2028-03 --out chances.csv
    """
    with reporting_errors():
        lotteries = [load_lottery(folder / LOTTERY) for folder in folders]
        draws = [one.chances() for one in lotteries]
        people = lottery.over_time(draws)
        groups = lottery.by_value(lotteries, people)
        if out is not None:
            rows = (
                [one, str(had.draws), f"{float(had.expected):.12f}", f"{float(had.at_least_once):.12f}"]
                for one, had in people.items()
            )
            write_atomically(out, csv_text(["id", "pools", "chance", "at_least_once"], rows))
    expected = [float(one.expected) for one in people.values()]
    once = [float(one.at_least_once) for one in people.values()]
    summary: dict[str, Any] = {
        "draws": len(draws),
        "people": len(people),
        "smallest_cumulative_chance": min(expected),
        "largest_cumulative_chance": max(expected),
        "smallest_chance_at_least_once": min(once),
        "largest_chance_at_least_once": max(once),
        "gini_after_each_draw": list(lottery.gini_after_each(draws)),
        "groups": [asdict(one) for one in groups] if as_json else [_group(one) for one in groups],
    }
    print_summary(summary, as_json=as_json)


def _group(one: lottery.Group) -> str:
    return (
        f"{one.feature} {one.value}: {one.people} people, {one.expected:.4f} times on average, "
        f"{one.at_least_once:.2%} at least once"
    )


COMMANDS: dict[str, Callable[..., None]] = {"rotate": rotate_command, "chances": chances_command}
