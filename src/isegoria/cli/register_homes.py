"""`isegoria register persons` and `inside`: from homes to people, where a register lists no persons."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Annotated

import typer

from isegoria import register
from isegoria.cli.common import csv_text, reporting_errors, write_atomically
from isegoria.cli.register_files import ProfileFile, RegisterFile, opened
from isegoria.errors import BadInput
from isegoria.pool.reading import Table, read_table, table_header_row
from isegoria.register import Language, Run
from isegoria.seeding import seed_from_text

HOW = ("list", "birthday")


def persons_command(
    file: RegisterFile,
    out: Annotated[
        Path, typer.Option(help="CSV or Parquet to write: one row for each person, without names.")
    ],
    count: Annotated[str, typer.Option(help="Column with the number of people in a home.")] = "persons",
    profile: ProfileFile = None,
) -> None:
    """Turn a register of homes that counts their people into one of people, so that everybody has the same chance.

    Draw from it with --one-per household; person_number says who in the home is meant, 1 being the oldest.

    Example: isegoria register persons homes.csv --profile homes.toml --out people.csv
    """
    with reporting_errors():
        source, layout = opened(file, profile, bare=profile is None)
        found = register.scan(source, layout=layout)
        runs: Iterator[Run] = (register.as_persons(run, count) for run in found)
        written = register.write_runs(runs, register.columns_of_persons(found.columns), out, source.sha256)
    typer.echo(f"{written.rows} people in {out}, SHA-256 {written.written_sha256}")


def inside_command(
    file: Annotated[Path, typer.Argument(help="drawn.csv of a draw of households or addresses.")],
    seed: Annotated[str, typer.Option(help="The public randomness of the letters.")],
    out: Annotated[Path, typer.Option(help="CSV to write.")],
    *,
    home: Annotated[str, typer.Option(help="Column with the number of the home that was drawn.")] = "id",
    residents: Annotated[
        Path | None,
        typer.Option(help="CSV of the people who can be drawn, with the numbers of their homes."),
    ] = None,
    home_of: Annotated[str, typer.Option(help="Column of the residents with their home.")] = "household",
    how: Annotated[str, typer.Option(help="Without residents: list or birthday.")] = "list",
    age_min: Annotated[int, typer.Option(help="In completed years, for the text of the letter.")] = 16,
    lang: Annotated[str, typer.Option(help="Of the text: en, de, fr or nl.")] = "en",
) -> None:
    """Say for each drawn home who in it gets the letter: by name from a list of residents, else by what the letter says.

    Example: isegoria register inside drawn.csv --seed "3-1-4-1-5" --lang nl --out letters.csv
    """
    with reporting_errors():
        key = seed_from_text(seed)
        drawn = read_table(file)
        homes = _column(drawn, home)
        if residents is None:
            text = _with_instruction(drawn, homes, key, _how(how), age_min, _language(lang))
        else:
            text = _residents(residents, homes, home_of, key)
        write_atomically(out, text, private=True)
    typer.echo(f"{len(homes)} letters in {out}")


COMMANDS: Mapping[str, Callable[..., None]] = {"persons": persons_command, "inside": inside_command}


def _with_instruction(
    drawn: Table, homes: list[str], seed: bytes, how: str, age_min: int, language: Language
) -> str:
    rows = []
    for home, (_number, cells) in zip(homes, drawn.rows, strict=True):
        numbers = register.numbers_inside(seed, home) if how == "list" else None
        rows.append([*cells, register.instruction(numbers, age_min, language)])
    return csv_text([*drawn.header, "instruction"], rows)


def _residents(file: Path, homes: list[str], home_of: str, seed: bytes) -> str:
    table = read_table(file)
    people: dict[str, list[str]] = defaultdict(list)
    cells_of: dict[str, tuple[str, ...]] = {}
    for home, identifier, (number, cells) in zip(
        _column(table, home_of), _column(table, "id"), table.rows, strict=True
    ):
        if identifier in cells_of:
            raise BadInput("id_repeated", table.place(number, "id"), first=_first(table, identifier))
        people[home].append(identifier)
        cells_of[identifier] = cells
    chosen = register.one_of_each(seed, homes, lambda home: people.get(home, []))
    return csv_text(table.header, [cells_of[person] for _home, person in chosen])


def _first(table: Table, identifier: str) -> int:
    index = table.header.index("id")
    return next(number for number, cells in table.rows if cells[index] == identifier)


def _column(table: Table, name: str) -> list[str]:
    if name not in table.header:
        raise BadInput("column_missing", table.place(table_header_row(table)), column=name)
    index = table.header.index(name)
    for number, cells in table.rows:
        if not cells[index]:
            raise BadInput("cell_blank", table.place(number, name))
    return [cells[index] for _number, cells in table.rows]


def _how(text: str) -> str:
    if text not in HOW:
        raise BadInput("invalid_choice", value=text, choices=", ".join(HOW))
    return text


def _language(text: str) -> Language:
    found: dict[str, Language] = {language: language for language in register.LANGUAGES}
    if text not in found:
        raise BadInput("invalid_choice", value=text, choices=", ".join(found))
    return found[text]
