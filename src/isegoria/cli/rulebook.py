"""`isegoria rulebook`: check a rule book, explain it, compute its days."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated, cast, get_args

import typer

from isegoria import rulebook
from isegoria.cli.common import reporting_errors
from isegoria.errors import BadInput

app = typer.Typer(help="Rule books: the statute as data.", no_args_is_help=True)
File = Annotated[str, typer.Argument(help="A TOML file, or the id of a bundled rule book.")]
Lang = Annotated[str, typer.Option("--lang", help="nl, fr, de or en.")]
LANGUAGES = get_args(rulebook.Language)
PROPOSED = {
    "nl": "voorstel; het statuut zwijgt",
    "fr": "proposition ; le statut est muet",
    "de": "Vorschlag; das Statut schweigt",
    "en": "proposed; the statute is silent",
}


@app.command("list")
def list_command() -> None:
    """List the rule books that come with the library."""
    for identifier in rulebook.bundled():
        book = rulebook.load_bundled(identifier)
        typer.echo(f"{identifier}  {book.title.get('en', '')}  ({book.version})")


@app.command("check")
def check_command(file: File) -> None:
    """Check a rule book and list what its statute leaves open.

    Example: isegoria rulebook check ostbelgien
    """
    with reporting_errors():
        book = _load(file)
    typer.echo(f"{book.id} {book.version}: {len(book.bodies)} bodies, valid from {book.valid_from}")
    for rule in book.silent():
        typer.echo(f"  the statute is silent: {rule}")


@app.command("explain")
def explain_command(file: File, lang: Lang = "en") -> None:
    """Say a rule book in plain words.

    Example: isegoria rulebook explain ostbelgien --lang de
    """
    with reporting_errors():
        language = _language(lang)
        for rule, sentence in rulebook.explain(_load(file), language):
            typer.echo(f"{sentence}  [{rule}]")


@app.command("calendar")
def calendar_command(
    file: File,
    start: Annotated[
        datetime, typer.Option("--from", formats=["%Y-%m-%d"], help="Day of the draw of the letters.")
    ],
    body: Annotated[str, typer.Option(help="Key of the body.")] = "assembly",
    election: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="The next election of the authority.")
    ] = None,
    promised: Annotated[
        int | None, typer.Option(help="Days in which the authority promised to answer.")
    ] = None,
    lang: Lang = "en",
) -> None:
    """Compute the days of a cycle.

    Example: isegoria rulebook calendar ostbelgien --from 2027-01-01
    """
    with reporting_errors():
        language, book = _language(lang), _load(file)
        keys = [each.key for each in book.bodies]
        if body not in keys:
            raise BadInput("invalid_choice", value=body, choices=", ".join(keys))
        until = election.date() if election else None
        days = rulebook.calendar(
            book, start.date(), body=body, election=until, promised_answer_days=promised
        )
        for entry in days:
            typer.echo(f"{entry.day}  {entry.title(language)}  [{entry.rule or PROPOSED[language]}]")


def _language(lang: str) -> rulebook.Language:
    for language in LANGUAGES:
        if language == lang:
            return cast("rulebook.Language", language)
    raise BadInput("invalid_choice", value=lang, choices=", ".join(LANGUAGES))


def _load(file: str) -> rulebook.RuleBook:
    return rulebook.load_bundled(file) if file in rulebook.bundled() else rulebook.load(Path(file))
