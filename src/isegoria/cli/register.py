"""`isegoria register`: invent, check and draw from registers of residents."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from isegoria import register
from isegoria.cli import register_draw, register_eligible, register_files, register_homes, register_plan
from isegoria.cli.common import reporting_errors
from isegoria.cli.register_files import Bare, Delimiter, Encoding, ProfileFile, RegisterFile, Sheet, opened

app = typer.Typer(help="Registers of residents and the draw of the letters.", no_args_is_help=True)


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


for commands in (
    register_files.COMMANDS,
    register_eligible.COMMANDS,
    register_homes.COMMANDS,
    register_draw.COMMANDS,
    register_plan.COMMANDS,
):
    for name, command in commands.items():
        app.command(name)(command)
