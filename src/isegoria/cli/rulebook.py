"""`isegoria rulebook`: check a rule book, explain it, compute its years, compare it with another, play it."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import Annotated, cast, get_args

import typer

from isegoria import rulebook
from isegoria.cli.common import reporting_errors, write_atomically
from isegoria.errors import BadInput

app = typer.Typer(help="Rule books: the statute as data.", no_args_is_help=True)
File = Annotated[str, typer.Argument(help="A TOML file, or the name of a bundled rule book.")]
Lang = Annotated[str, typer.Option("--lang", help="nl, fr, de or en.")]
Day = Annotated[
    datetime, typer.Option("--from", formats=["%Y-%m-%d"], help="The day of the first letters.")
]
Years = Annotated[int, typer.Option(min=1, max=50, help="How many years.")]
Election = Annotated[
    list[datetime] | None,
    typer.Option("--election", formats=["%Y-%m-%d"], help="An election of the authority; repeatable."),
]
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
    since = f", valid from {book.valid_from}" if book.valid_from else ""
    typer.echo(f"{book.id} {book.version}: {len(book.bodies)} bodies, {len(book.rules())} rules{since}")
    for rule in book.silent():
        typer.echo(f"  the statute is silent: {rule}")
    for rule in book.unconfirmed:
        typer.echo(f"  known from accounts alone: {rule}")


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
    start: Day,
    years: Years = 10,
    body: Annotated[str | None, typer.Option(help="Only the days of this body.")] = None,
    election: Election = None,
    promised: Annotated[
        int | None, typer.Option(min=1, help="Days in which the authority promised to answer.")
    ] = None,
    ics: Annotated[Path | None, typer.Option(help="Write an iCalendar file (.ics).")] = None,
    lang: Lang = "en",
) -> None:
    """Compute every day of an institution's years: draws, rotations, meetings, deadlines, pauses, erasures.

    Example: isegoria rulebook calendar ostbelgien --from 2027-01-01 --years 10 --election 2029-06-10
    """
    with reporting_errors():
        language, book = _language(lang), _load(file)
        keys = [each.key for each in book.bodies]
        if body is not None and body not in keys:
            raise BadInput("invalid_choice", value=body, choices=", ".join(keys))
        days = [
            entry
            for entry in rulebook.calendar(
                book, start.date(), years=years, elections=_days(election), promised_answer_days=promised
            )
            if body is None or entry.body == body
        ]
        if ics is not None:
            text = rulebook.to_ics(book, days, language, stamp=start.date(), proposed=PROPOSED[language])
            write_atomically(ics, text)
            typer.echo(f"{ics}: {len(days)}")
            return
        for entry in days:
            whose = f"{entry.body} {entry.number or ''}".strip()
            rule = entry.rule or PROPOSED[language]
            typer.echo(f"{entry.day}  {whose}{': ' if whose else ''}{entry.title(language)}  [{rule}]")


@app.command("diff")
def diff_command(before: File, after: File, lang: Lang = "en") -> None:
    """Compare two rule books, or two versions of one, rule by rule.

    Example: isegoria rulebook diff ostbelgien-2019 ostbelgien
    """
    with reporting_errors():
        language = _language(lang)
        for each in rulebook.diff(_load(before), _load(after), language):
            typer.echo(f"{each.name}  [{each.rule}]")
            typer.echo(f"  - {each.before if each.before is not None else '·'}")
            typer.echo(f"  + {each.after if each.after is not None else '·'}")


@app.command("simulate")
def simulate_command(
    file: File,
    years: Years = 10,
    start: Annotated[
        datetime, typer.Option("--from", formats=["%Y-%m-%d"], help="The day of the first letters.")
    ] = datetime(2027, 1, 1),  # noqa: DTZ001  # a day, not a moment
    seed: Annotated[str, typer.Option(help="Fixes people, lots and answers.")] = "isegoria",
    residents: Annotated[int, typer.Option(min=500, help="Of the invented register.")] = 8_000,
    svg: Annotated[Path | None, typer.Option(help="Write the picture (.svg).")] = None,
    lang: Lang = "en",
) -> None:
    """Play a rule book for years against invented residents, with the real lottery, and check that it keeps its rules.

    Example: isegoria rulebook simulate municipal-starter --years 10 --svg years.svg
    """
    from isegoria import simulation

    with reporting_errors():
        language, book = _language(lang), _load(file)
        scenario = simulation.Scenario(start=start.date(), years=years, seed=seed, residents=residents)
        played = simulation.simulate(book, scenario)
        if svg is not None:
            write_atomically(svg, simulation.picture(played, language))
        for table in simulation.tables(played, language):
            _print(table.title, table.columns, table.rows)
        for said in played.assumptions:
            typer.echo(f"assumed: {said}")
        broken = simulation.violations(played)
        for each in broken:
            typer.echo(f"broken: {each}", err=True)
        typer.echo(
            f"{book.id} {book.version}: {years} years, {len(played.draws)} draws, {len(broken)} rules broken"
        )
    if broken:
        raise typer.Exit(1)


def _print(title: str, columns: tuple[str, ...], rows: tuple[tuple[str, ...], ...]) -> None:
    typer.echo(f"\n{title}")
    widths = [max(map(len, each)) for each in zip(columns, *rows, strict=True)]
    for row in (columns, *rows):
        typer.echo("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())


@app.command("schema")
def schema_command() -> None:
    """Print the JSON Schema of a rule book.

    Example: isegoria rulebook schema > rulebook.schema.json
    """
    typer.echo(rulebook.schema_text(), nl=False)


def _days(given: list[datetime] | None) -> list[date]:
    return [each.date() for each in given or ()]


def _language(lang: str) -> rulebook.Language:
    for language in LANGUAGES:
        if language == lang:
            return cast("rulebook.Language", language)
    raise BadInput("invalid_choice", value=lang, choices=", ".join(LANGUAGES))


def _load(file: str) -> rulebook.RuleBook:
    return rulebook.load_bundled(file) if file in rulebook.bundled() else rulebook.load(Path(file))
