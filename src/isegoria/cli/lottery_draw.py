"""`isegoria lottery`: draw, by a public seed or with balls, and fill the seats of those who leave."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from isegoria import lottery
from isegoria.cli.common import csv_text, print_summary, reporting_errors, write_atomically
from isegoria.cli.lottery_files import (
    ALTERNATES,
    BODY,
    CODES,
    COMMITMENT,
    LOTTERY,
    PANEL,
    PROBABILITIES,
    RECORD,
    AcceptExcess,
    AsJson,
    Folder,
    ids_by_code,
    ids_of,
    load_lottery,
    read_document,
    write_people,
)
from isegoria.errors import BadInput, Place
from isegoria.proof import Outcome, dump, verify
from isegoria.proof.record import COMMITMENT_FORMAT, RECORD_FORMAT


def draw_command(
    folder: Folder,
    seed: Annotated[
        str | None,
        typer.Option(
            help="Public randomness that came after commitment.json was published; without it only that file is written."
        ),
    ] = None,
    alternates: Annotated[
        int, typer.Option(help="How many alternates to list; changes nobody's draw.")
    ] = 0,
    as_json: AsJson = False,
) -> None:
    """Draw the panel that a public seed fixes, with the record by which anybody can redo the draw.

    Example: isegoria lottery draw draw --seed "3-1-4-1-5" --alternates 6
    """
    with reporting_errors():
        found = load_lottery(folder / LOTTERY)
        if seed is None:
            document = lottery.commit(found, datetime.now(UTC))
            write_atomically(folder / COMMITMENT, dump(document))
            summary: dict[str, Any] = {"commitment": document["hash"], "file": COMMITMENT}
        else:
            drawn = recorded(folder, found, seed, alternates)
            summary = write_drawn(folder, found, drawn, alternates)
    print_summary(summary, as_json=as_json)


def recorded(
    folder: Path, found: lottery.Lottery, seed: str, alternates: int, earlier: str | None = None
) -> lottery.Recorded:
    """Return the draw of a lottery with its record, from the folder's commitment if there is one; writes nothing."""
    if alternates < 0:
        raise BadInput("draw_alternates_negative", alternates=alternates)
    now, before = datetime.now(UTC), folder / COMMITMENT
    if earlier is None and before.exists():
        committed = read_document(before)
        _demand_holding(committed, before, COMMITMENT_FORMAT)
    else:
        committed = lottery.commit(found, now, earlier)
    return lottery.draw_recorded(found, seed, committed, now)


def write_drawn(
    folder: Path, found: lottery.Lottery, drawn: lottery.Recorded, alternates: int
) -> dict[str, Any]:
    """Write panel, alternates and record into a folder, and return what to say of them."""
    codes = lottery.codes_of(found)
    outcome = drawn.outcome
    if any(code != one for one, code in codes.items()):
        write_atomically(folder / CODES, csv_text(["id", "code"], codes.items()), private=True)
    write_people(folder / PANEL, found, outcome.members)
    write_people(folder / ALTERNATES, found, outcome.alternates[:alternates])
    if found.body is not None:
        write_atomically(folder / BODY, _body_csv(found, outcome.members))
    _tell_of_another(folder / RECORD, drawn.record)
    write_atomically(folder / RECORD, dump(drawn.record))
    hashes = {"record": drawn.record["hash"], "commitment": drawn.record["commitment"]}
    return _summary(found, outcome, alternates) | hashes


def _tell_of_another(file: Path, made: Mapping[str, Any]) -> None:
    """Say on stderr that a record of another draw is written over: to draw again until it pleases must not go unseen."""
    before = read_document(file) if file.exists() else None
    if isinstance(before, dict) and before.get("seed") != made["seed"]:
        typer.echo(
            f"note: {RECORD} of another draw was there and is replaced: {before.get('hash')}", err=True
        )


def _summary(found: lottery.Lottery, outcome: Outcome, alternates: int) -> dict[str, Any]:
    return {
        "ticket": outcome.ticket,
        "tickets": found.tickets,
        "composition": outcome.composition,
        "members": len(outcome.members),
        "alternates": len(outcome.alternates[:alternates]),
    }


def _body_csv(found: lottery.Lottery, drawn: Sequence[str]) -> str:
    """Return the whole body: those who sit, then those who were drawn."""
    features = {one: kind.features for kind in found.types for one in kind.ids}
    rows = [(one, features[one]) for one in drawn]
    if found.body is not None:
        rows = [*((one, group.features) for group in found.body.sitting for one in group.ids), *rows]
    names = list(found.quotas.features)
    return csv_text(["id", *names], ([one, *(own[name] for name in names)] for one, own in rows))


def round_command(
    folder: Folder,
    tickets: Annotated[int, typer.Option(help="Number of equal tickets: 100 to 100000.")] = 1000,
    out: Annotated[
        Path | None, typer.Option(help="Folder for the rounded lottery; else FOLDER/tickets-NUMBER.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Round to few equal tickets, for a public draw with balls or dice, and say what that changes.

    Example: isegoria lottery round draw --tickets 1000
    """
    with reporting_errors():
        found = lottery.equal_tickets(load_lottery(folder / LOTTERY), tickets)
        target = out or folder / f"tickets-{tickets}"
        write_atomically(
            target / "tickets.csv", csv_text(["ticket", "composition"], _tickets(found.lottery))
        )
        write_atomically(
            target / LOTTERY, json.dumps(found.lottery.to_document(), ensure_ascii=False) + "\n"
        )
    summary = {
        "tickets": tickets,
        "compositions": len(found.lottery.compositions),
        "largest_change": found.largest_change,
        "no_choice_changes_less_than": found.bound,
        "min_probability_before": found.smallest_before,
        "min_probability_after": found.smallest_after,
    }
    print_summary(summary, as_json=as_json)


def replace_command(
    record: Annotated[
        Path, typer.Argument(help="record.json of the draw by which the members were drawn.")
    ],
    gone: Annotated[
        Path,
        typer.Option(help="CSV with the ids of members who left, and of others who are not available."),
    ],
    seed: Annotated[str, typer.Option(help="Fresh public randomness.")],
    out: Annotated[
        Path | None,
        typer.Option(
            help="Folder for what `solve` and `draw` write; else `replacement` beside the record."
        ),
    ] = None,
    alternates: Annotated[int, typer.Option(help="How many alternates to list.")] = 0,
    *,
    accept_excess: AcceptExcess = False,
    as_json: AsJson = False,
) -> None:
    """Draw members for vacant seats from the record alone, so that the whole panel meets its quotas again.

    Example: isegoria lottery replace draw/record.json --gone gone.csv --seed "2-7-1" --out second
    """
    with reporting_errors():
        document = read_document(record)
        _demand_holding(document, record)
        pool, quotas, size, members = lottery.body_of_record(document)
        left = _codes_of_gone(record, gone, {entry.id for entry in pool})
        found = lottery.replacement(pool, quotas, size, members, left, accept_excess=accept_excess)
        folder = out or record.parent / "replacement"
        drawn = recorded(folder, found, seed, alternates, document["hash"])
        chances = ([one, f"{float(chance):.12f}"] for one, chance in found.chances().items())
        write_atomically(folder / PROBABILITIES, csv_text(["id", "probability"], chances))
        write_atomically(folder / LOTTERY, json.dumps(found.to_document(), ensure_ascii=False) + "\n")
        (folder / COMMITMENT).unlink(missing_ok=True)
        summary = write_drawn(folder, found, drawn, alternates)
    print_summary({"vacant": found.size, "n": found.people, **summary}, as_json=as_json)


def _demand_holding(document: Any, file: Path, form: str = RECORD_FORMAT) -> None:
    """Refuse a record that does not hold: whoever is drawn from it would sit there without right."""
    if not isinstance(document, dict) or document.get("format") != form:
        raise BadInput(
            "draw_record_needed" if form == RECORD_FORMAT else "commitment_of_another", Place(file.name)
        )
    failed = verify(document).failed
    if failed is not None and failed.false:
        raise BadInput("record_not_holding", Place(file.name), step=failed.name)


def _codes_of_gone(record: Path, gone: Path, known: Collection[str]) -> set[str]:
    """Return the codes of those who left, whose ids may stand in codes.csv beside the record."""
    codes = {one: code for code, one in ids_by_code(record.parent).items()}
    left = {codes.get(one, one) for one in ids_of(gone)}
    missing = len(left - set(known))
    if missing:
        raise BadInput("gone_unknown", Place(gone.name), count=missing)
    return left


def _tickets(found: lottery.Lottery) -> Iterator[list[str]]:
    number = 0
    for index, composition in enumerate(found.compositions):
        for _ in range(composition.tickets):
            yield [str(number), str(index)]
            number += 1


COMMANDS: dict[str, Callable[..., None]] = {
    "draw": draw_command,
    "round": round_command,
    "replace": replace_command,
}
