"""`isegoria doctor`: what is wrong with this installation, and the way out."""

from __future__ import annotations

import typer

app = typer.Typer()


@app.command()
def doctor() -> None:
    """Say what is wrong with this installation; the exit code is 1 if something is.

    Example: isegoria doctor
    """
    from isegoria_web.commands import _site

    settings = _site.set_up()
    from isegoria_web.operations import diagnosis

    typer.echo(f"{diagnosis.host()}: Python {diagnosis.python_version()}, data in {settings.DATA_DIR}")
    faults = 0
    for question, fault in diagnosis.examine():
        if fault is None:
            typer.echo(f"  ok     {question}")
            continue
        faults += 1
        typer.echo(f"  WRONG  {question}: {fault.problem}\n         {fault.way_out}")
    typer.echo(f"{faults} faults found." if faults else "Nothing is wrong.")
    raise typer.Exit(1 if faults else 0)
