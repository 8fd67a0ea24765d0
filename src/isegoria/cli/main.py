"""`isegoria`: the one command. Rooms load when they are called; other packages add commands by entry point."""

from __future__ import annotations

import os
from importlib import import_module
from importlib.metadata import entry_points
from typing import Annotated, Any, NoReturn

import typer
from typer.core import TyperGroup

from isegoria import __version__

# On small matrices a second thread of numpy costs twice the time; rooms load numpy later than this.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

ROOMS = {
    "ballots": ("isegoria.cli.ballots", "What did we decide? Counting papers by a rule."),
    "lottery": ("isegoria.cli.lottery", "Who is drawn? Exact fair lotteries."),
    "opinions": ("isegoria.cli.opinions", "Where do we agree? The opinion map of votes."),
    "proof": ("isegoria.cli.proof", "Why believe it? Redo a draw, check a receipt or the journal."),
    "register": ("isegoria.cli.register", "Whom do we invite? Registers and the draw of the letters."),
    "rulebook": ("isegoria.cli.rulebook", "What are the rules? Check and explain a rule book."),
    "tables": ("isegoria.cli.tables", "Who sits with whom? Mixed tables over several rounds."),
}
SITE = {
    "demo": "Play a whole cycle and show it in the browser.",
    "doctor": "Say what is wrong with this installation.",
    "manage": "Administer the site (Django's commands).",
    "serve": "Run the site: web server, worker and scheduler.",
    "worker": "Run background work alone.",
}
GROUP = "isegoria.commands"


class Rooms(TyperGroup):
    """Loads a command's module when the command is called, so that help starts fast and without Django."""

    def list_commands(self, ctx: typer.Context) -> list[str]:  # type: ignore[override]  # noqa: ARG002
        """Name the rooms and the commands of installed packages."""
        return [*ROOMS, *sorted(point.name for point in entry_points(group=GROUP))]

    def get_command(self, ctx: typer.Context, cmd_name: str) -> Any:  # type: ignore[override]  # noqa: ARG002
        """Load a room, or a command of an installed package."""
        if cmd_name in ROOMS:
            return _loaded(import_module(ROOMS[cmd_name][0]).app, cmd_name)
        for point in entry_points(group=GROUP, name=cmd_name):
            try:
                return _loaded(point.load(), cmd_name)
            except ModuleNotFoundError as error:
                _refuse_without_site(cmd_name, error)
        return None

    def invoke(self, ctx: typer.Context) -> Any:  # type: ignore[override]
        """Run the command; one of the site imports what it needs only now."""
        try:
            return super().invoke(ctx)
        except ModuleNotFoundError as error:
            _refuse_without_site(ctx.invoked_subcommand or "", error)

    def format_commands(self, ctx: typer.Context, formatter: Any) -> None:  # type: ignore[override]
        """List the commands from their one-line help, without loading them."""
        rows = [(name, text) for name, (_module, text) in ROOMS.items()]
        rows += [(name, SITE.get(name, "")) for name in self.list_commands(ctx) if name not in ROOMS]
        with formatter.section("Commands"):
            formatter.write_dl(rows)


def _refuse_without_site(command: str, error: ModuleNotFoundError) -> NoReturn:
    if command in ROOMS or (error.name or "isegoria").split(".")[0] in {"isegoria", "isegoria_web"}:
        raise error  # our own mistake, not a missing installation
    typer.echo(
        f"error: {command} needs the site, and {error.name} is missing. "
        'Install it with: pip install "isegoria[web]"',
        err=True,
    )
    raise typer.Exit(2) from error


def _loaded(command: typer.Typer, name: str) -> Any:
    found = typer.main.get_command(command)
    found.name = name
    return found


app = typer.Typer(
    cls=Rooms,
    name="isegoria",
    help="Permanent citizens' panels drawn by lot: fair lotteries that anybody can check.",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)


def _print_version(asked: bool) -> None:  # noqa: FBT001  # typer calls it with the flag
    if asked:
        typer.echo(f"isegoria {__version__}")
        raise typer.Exit


@app.callback()
def root(
    version: Annotated[  # acted on by its callback
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Permanent citizens' panels drawn by lot: fair lotteries that anybody can check."""


if __name__ == "__main__":
    app()
