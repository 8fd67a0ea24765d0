"""`isegoria register`: invent, check and draw from registers of residents."""

from __future__ import annotations

import csv
import io
import json
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from isegoria import register
from isegoria.cli import register_eligible, register_files, register_homes, register_plan
from isegoria.cli.common import escape_formula, reporting_errors, write_atomically
from isegoria.cli.register_files import Bare, Delimiter, Encoding, ProfileFile, RegisterFile, Sheet, opened
from isegoria.seeding import seed_from_text

app = typer.Typer(help="Registers of residents and the draw of the letters.", no_args_is_help=True)
Day = Annotated[datetime, typer.Option(formats=["%Y-%m-%d"], help="The day on which the age counts.")]


@app.command("synth")
def synth_command(
    out: Annotated[Path, typer.Option(help="File to write: .csv or .parquet.")],
    seed: Annotated[
        str, typer.Option(help="Fixes the register: the same seed, the same residents.")
    ] = "isegoria",
    size: Annotated[
        int | None, typer.Option(help="Number of residents; 79,479 as in truth if not given.")
    ] = None,
) -> None:
    """Invent a register of the nine German-speaking municipalities of Belgium.

    Example: isegoria register synth --out register.csv
    """
    with reporting_errors():
        rows = register.synthesize(seed, size)
        register.write(rows, out)
    typer.echo(f"{len(rows)} residents in {out}")


@app.command("check")
def check_command(
    file: RegisterFile,
    profile: ProfileFile = None,
    encoding: Encoding = None,
    delimiter: Delimiter = None,
    sheet: Sheet = None,
    bare: Bare = False,
) -> None:
    """Read a register, say what it is and what is wrong with it, by row and column.

    Example: isegoria register check register.csv
    """
    with reporting_errors():
        source, layout = opened(file, profile, encoding, delimiter, sheet, bare=bare)
        found = register.check(source, layout=layout)
    typer.echo(f"{found.told}: {len(found)} residents, SHA-256 {found.sha256}")
    for name, count in found.counts.items():
        typer.echo(f"  {name}: {count}")


@app.command("draw")
def draw_command(
    file: RegisterFile,
    seed: Annotated[str, typer.Option(help="Public randomness that came after the register was fixed.")],
    letters: Annotated[int, typer.Option(help="Number of letters.")],
    on: Day,
    out: Annotated[Path, typer.Option(help="Folder for drawn.csv and draw.json.")],
    *,
    age_min: Annotated[int, typer.Option(help="In completed years.")] = 16,
    stratify: Annotated[str | None, typer.Option(help="Column to share the letters out by.")] = None,
    one_per_household: Annotated[bool, typer.Option(help="At most one letter a household.")] = False,
    profile: ProfileFile = None,
    bare: Bare = False,
) -> None:
    """Draw who gets a letter; drawn.csv is for the secretariat, draw.json is public and names nobody.

    Example: isegoria register draw register.csv --seed "3-1-4-1-5" --letters 1000 --on 2027-01-01 --out drawn
    """
    with reporting_errors():
        source, layout = opened(file, profile, bare=bare)
        found = register.read(source, layout=layout)
        drawn = register.draw_letters(
            found, seed_from_text(seed), letters, on=on.date(), age_min=age_min, stratify_by=stratify,
            one_per_household=one_per_household,
        )  # fmt: skip
        write_atomically(out / "drawn.csv", _as_csv(drawn, found.columns), private=True)
        write_atomically(
            out / "draw.json", json.dumps(_public(drawn, seed), ensure_ascii=False, indent=1) + "\n"
        )
    typer.echo(f"{len(drawn.rows)} of {drawn.eligible} eligible residents drawn: {out}")


def _as_csv(drawn: register.LetterDraw, columns: tuple[str, ...]) -> str:
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows([escape_formula(row[column]) for column in columns] for row in drawn.rows)
    return buffer.getvalue()


def _public(drawn: register.LetterDraw, seed: str) -> dict[str, object]:
    return {
        "format": "isegoria-letters/2",
        "register_sha256": drawn.sha256,
        "rule": drawn.rule,
        "seed": seed.strip(),
        "letters": len(drawn.rows),
        "eligible": drawn.eligible,
        "strata": [
            {
                "name": stratum.name,
                "eligible": stratum.eligible,
                "letters": stratum.letters,
                "chance": str(stratum.chance),
                "waves": list(stratum.waves),
                "cut_offs": list(stratum.cut_offs),
                "start": stratum.start,
            }
            for stratum in drawn.strata
        ],
    }


for commands in (
    register_files.COMMANDS,
    register_eligible.COMMANDS,
    register_homes.COMMANDS,
    register_plan.COMMANDS,
):
    for name, command in commands.items():
        app.command(name)(command)
