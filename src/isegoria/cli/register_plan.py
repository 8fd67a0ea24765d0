"""`isegoria register plan` and `rates`: how many letters, before the first wave and after each."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Annotated, Any

import typer

from isegoria import register
from isegoria.cli.common import reporting_errors, write_atomically
from isegoria.errors import BadInput
from isegoria.register import Language, Plan, Target, Wave

EVERYBODY = "everybody"
Language_ = Annotated[str, typer.Option("--lang", help="Of the table and the picture: en, de, fr or nl.")]


def plan_command(
    *,
    seats: Annotated[int | None, typer.Option(help="Of a panel without strata.")] = None,
    targets: Annotated[
        Path | None, typer.Option(help="CSV with stratum,share,seats and, if wanted, reply_rate.")
    ] = None,
    rate: Annotated[
        str | None, typer.Option(help="Expected share of letters answered yes, such as 4% or 0.04.")
    ] = None,
    like: Annotated[
        str | None, typer.Option(help="Take a published reply rate; `isegoria register rates` lists them.")
    ] = None,
    factor: Annotated[str, typer.Option(help="Candidates wanted for each seat.")] = "5",
    per_seat: Annotated[
        int | None, typer.Option(help="Letters for each seat, if that was decided, such as 250.")
    ] = None,
    sent: Annotated[list[int] | None, typer.Option(help="Letters of each wave so far.")] = None,
    yes: Annotated[
        list[int] | None, typer.Option(help="Answers yes to each wave so far, without strata.")
    ] = None,
    wave: Annotated[
        list[Path] | None,
        typer.Option(help="With strata: CSV of each wave with stratum,yes and perhaps sent."),
    ] = None,
    eligible: Annotated[
        int | None, typer.Option(help="How many can be drawn, to check that they suffice.")
    ] = None,
    picture: Annotated[Path | None, typer.Option(help="SVG to write: expected pool and quotas.")] = None,
    lang: Language_ = "en",
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Say how many letters to send, which stratum needs so many, and what pool to expect.

    Example: isegoria register plan --seats 50 --rate 4% --sent 6250 --yes 131
    """
    with reporting_errors():
        language = _language(lang)
        strata = _targets(seats, targets, _rate(rate, like))
        waves = _waves(strata, sent or [], yes or [], wave or [])
        letters = None if per_seat is None else per_seat * sum(_seats_of(strata))
        made = register.plan(strata, _factor(factor), waves=waves, eligible=eligible, letters=letters)
        if picture is not None:
            write_atomically(picture, register.plan_picture(made, language))
    if as_json:
        typer.echo(json.dumps(_document(made), ensure_ascii=False, indent=2))
        return
    typer.echo(f"{register.plan_title(made, language)}. {register.plan_reason(made, language)}".strip())
    _print_table(register.plan_table(made, language))


def rates_command() -> None:
    """List the published reply rates that come along, each with its source.

    Example: isegoria register rates
    """
    for one in register.published_rates():
        about = "about " if one.about else ""
        year = f", {one.year}" if one.year else ""
        typer.echo(
            f"{one.key}: {about}{one.yes} of {one.letters} ({100 * float(one.rate):.1f}%), by {one.unit}; "
            f"{one.place}{year}. Source: {one.source}"
        )


COMMANDS: Mapping[str, Callable[..., None]] = {"plan": plan_command, "rates": rates_command}


def _language(text: str) -> Language:
    found: dict[str, Language] = {language: language for language in register.LANGUAGES}
    if text not in found:
        raise BadInput("invalid_choice", value=text, choices=", ".join(found))
    return found[text]


def _rate(rate: str | None, like: str | None) -> Fraction | None:
    if rate is None:
        return None if like is None else register.rate_like(like).rate
    share = register.share_of(rate)
    if share is None or not 0 < share <= 1:
        raise BadInput("share_wrong")
    return share


def _factor(text: str) -> Fraction:
    factor = register.share_of(text)
    if factor is None or factor <= 0:
        raise BadInput("invalid_choice", value=text, choices="5, 2.5")
    return factor


def _targets(seats: int | None, file: Path | None, rate: Fraction | None) -> tuple[Target, ...]:
    if file is not None:
        return register.read_targets(file, rate)
    if seats is None:
        raise BadInput("plan_without_seats")
    if rate is None:
        choices = ", ".join(one.key for one in register.published_rates())
        raise BadInput("plan_without_rate", choices=choices)
    return (Target(EVERYBODY, Fraction(1), seats, rate),)


def _waves(
    targets: Sequence[Target], sent: Sequence[int], yes: Sequence[int], files: Sequence[Path]
) -> list[Wave]:
    if files:
        if yes or (sent and len(sent) != len(files)):
            raise BadInput("plan_waves_wrong")
        letters: Sequence[int | None] = sent or [None] * len(files)
        return [
            register.read_wave(file, targets, count) for file, count in zip(files, letters, strict=True)
        ]
    if len(sent) != len(yes) or (yes and len(targets) > 1):
        raise BadInput("plan_waves_wrong")
    return [Wave(letters, {targets[0].name: count}) for letters, count in zip(sent, yes, strict=True)]


def _seats_of(targets: Sequence[Target]) -> list[int]:
    """Return the seats of one feature: strata that overlap would count a seat twice."""
    first = targets[0].name.split(":")[0]
    same = [target.seats for target in targets if target.name.split(":")[0] == first]
    return same if ":" in targets[0].name else [target.seats for target in targets]


def _document(made: Plan) -> dict[str, Any]:
    return {
        "wave": made.wave,
        "letters": made.letters,
        "binding": made.binding or None,
        "factor": float(made.factor),
        "sent": made.sent,
        "strata": [
            {
                "stratum": line.name,
                "seats": line.seats,
                "wanted": line.wanted,
                "brought": line.brought,
                "reply_rate": float(line.rate),
                "letters": line.letters,
                "needed": line.needed,
                "expected": round(line.expected, 1),
                "low": line.low,
                "high": line.high,
                "enough": round(line.enough, 4),
            }
            for line in made.lines
        ],
    }


def _print_table(rows: Sequence[Sequence[str]]) -> None:
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    for row in rows:
        first, *others = (
            cell.ljust(width) if not column else cell.rjust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        typer.echo("  ".join([first, *others]).rstrip())
