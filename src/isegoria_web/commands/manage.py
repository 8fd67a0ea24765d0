"""`isegoria manage`: Django's own commands, with this site's settings."""

from __future__ import annotations

import typer

app = typer.Typer()


@app.command(
    context_settings={"allow_extra_args": True, "ignore_unknown_options": True, "help_option_names": []}
)
def manage(context: typer.Context) -> None:
    """Administer the site. Example: isegoria manage migrate."""
    from django.core.management import execute_from_command_line

    from isegoria_web.commands import _site

    _site.set_up()
    execute_from_command_line(["isegoria manage", *context.args])
