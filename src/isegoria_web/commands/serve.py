"""`isegoria serve`: the whole site as one tree of processes."""

from __future__ import annotations

from typing import Annotated

import typer

app = typer.Typer()


@app.command()
def serve(
    host: Annotated[
        str, typer.Option(help="Address to listen on; behind a proxy, keep this one.")
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=1, max=65535, help="Port to listen on.")] = 8000,
    workers: Annotated[int, typer.Option(min=1, help="Processes that answer requests.")] = 1,
    threads: Annotated[int, typer.Option(min=1, help="Threads of each of them.")] = 4,
) -> None:
    """Run web server, worker and scheduler; Ctrl-C or SIGTERM ends all of them.

    Example: isegoria serve --port 8080
    """
    from isegoria_web.commands import _site

    _site.set_up()
    from isegoria_web.commands import _tree

    _tree.require_free_port(host, port)
    _site.require_essentials()
    _collect_static_files()

    def ready() -> None:
        typer.echo(f"Isegoria answers on http://{host}:{port}/ (Ctrl-C ends it)")

    raise typer.Exit(_tree.run(host=host, port=port, workers=workers, threads=threads, ready=ready))


def _collect_static_files() -> None:
    """Bring the collected files up to date; unchanged ones stay as they are."""
    from django.conf import settings
    from django.core.management import call_command

    if not settings.DEBUG:
        call_command("collectstatic", interactive=False, verbosity=0)
