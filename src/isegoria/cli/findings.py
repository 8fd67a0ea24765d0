"""What every verification prints: its steps, its verdict, and the exit code."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Annotated, NoReturn

import typer

from isegoria.errors import BadInput
from isegoria.proof.steps import Step, Verification

AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object instead of lines.")]


def finish(found: Verification, *, as_json: bool) -> NoReturn:
    """Print every step and leave with the exit code."""
    if as_json:
        document = {"ok": found.ok, "steps": [asdict(step) for step in found.steps]}
        typer.echo(json.dumps(document, ensure_ascii=False, indent=2))
    else:
        for step in found.steps:
            typer.echo(f"{_word(step)}  {step.name:<14} {step.detail}")
            if step.first_difference is not None:
                typer.echo(f"       {'':<14} {step.first_difference}")
            if step.unchecked is not None:
                typer.echo(f"       {'':<14} not checked: {step.unchecked}")
        typer.echo(_verdict(found))
    raise typer.Exit(_exit_code(found))


def _word(step: Step) -> str:
    if step.false:
        return "FALSE"
    return "ok   " if step.ok else "OPEN "


def _exit_code(found: Verification) -> int:
    """Return 0 where all hold, 1 where one is false, 2 where none is false but one could not be checked."""
    if found.ok:
        return 0
    return BadInput.exit_code if found.failed is not None and not found.failed.false else 1


def _verdict(found: Verification) -> str:
    failed = found.failed
    if failed is None:
        return f"All {len(found.steps)} steps hold."
    if not failed.false:
        return f"Not everything could be checked: step {failed.name}."
    return f"It does not hold: step {failed.name}."
