"""`isegoria demo`: an institution with one whole cycle behind it and one beginning, on this machine."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(invoke_without_command=True, help="Play a whole cycle and show it in the browser.")


@app.callback(invoke_without_command=True)
def demo(
    port: Annotated[int, typer.Option(help="Port on this machine.")] = 8000,
    data: Annotated[Path, typer.Option(help="Folder for database and files.")] = Path("var/demo"),
    check: Annotated[
        bool, typer.Option("--check", help="Request every page once instead of serving.")
    ] = False,
    fresh: Annotated[bool, typer.Option("--fresh", help="Throw the folder away and play again.")] = False,
) -> None:
    """Install nothing, need nothing: SQLite, one process tree, invented people.

    Example: isegoria demo --port 8080
    """
    from isegoria_web.commands import _demo

    _demo.run(port=port, data=data, check=check, fresh=fresh)
