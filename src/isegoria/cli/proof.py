"""`isegoria proof`: redo a draw, check a receipt, check the journal. Needs no network and no solver."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from isegoria.cli.common import reporting_errors, write_atomically
from isegoria.cli.findings import AsJson, finish
from isegoria.errors import BadInput, IsegoriaError, Place
from isegoria.proof import vacant
from isegoria.proof.canonical import parse
from isegoria.proof.earlier import verify_earlier
from isegoria.proof.journal import verify_journal, verify_published
from isegoria.proof.journal_files import JournalFile, verify_journal_files, whole
from isegoria.proof.opening import opening
from isegoria.proof.opentimestamps import BLOCK_HEADER_BYTES
from isegoria.proof.record import RECORD_FORMAT, dump
from isegoria.proof.sources import SECRET_BYTES, reveal_commitment
from isegoria.proof.steps import Verification
from isegoria.proof.verify import verify, verify_bytes
from isegoria.proof.verify_receipts import verify_receipt

app = typer.Typer(
    name="proof",
    help="Redo a draw from its record; check a receipt or the journal. Exit code 0: holds; 1: does not; 2: unreadable or not checked.",
    no_args_is_help=True,
)


@app.command("verify")
def verify_command(
    file: Annotated[Path, typer.Argument(help="A draw record, or its commitment.")],
    commitment: Annotated[
        str | None,
        typer.Option(help="The hash of the commitment as published before the draw, to compare with."),
    ] = None,
    observers: Annotated[
        Path | None, typer.Option(help="The sworn observers' file of a sealed record, to check all of it.")
    ] = None,
    tsa: Annotated[
        list[Path] | None,
        typer.Option(help="Root certificates (PEM) of time-stamping authorities you trust."),
    ] = None,
    bitcoin_header: Annotated[
        list[str] | None,
        typer.Option(
            help="The header of the Bitcoin block to which an OpenTimestamps receipt leads: 160 hexadecimal digits."
        ),
    ] = None,
    journal: Annotated[
        Path | None,
        typer.Option(help="An export of the journal: was this committed in time, and drawn once?"),
    ] = None,
    earlier: Annotated[
        Path | None,
        typer.Option(help="Of a draw for vacant seats: the record by which those who sit were drawn."),
    ] = None,
    earlier_observers: Annotated[
        Path | None, typer.Option(help="The sworn observers' file of that record, if it is sealed.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Redo everything that a record of a draw states, and say step by step whether it holds."""
    data = _read(file)
    opened = None if observers is None else _parsed(observers)
    try:
        found = verify_bytes(
            data,
            published=commitment,
            observers=opened,
            roots=[_read(one) for one in tsa or ()],
            blocks=[_header(one) for one in bitcoin_header or ()],
        )
    except BadInput as error:
        _unreadable(error, file)
    if journal is not None and found.ok:
        found = Verification((*found.steps, *verify_published(parse(data), _journal_lines(journal))))
    if earlier is not None and found.ok:
        before = None if earlier_observers is None else _parsed(earlier_observers)
        beside = verify_earlier(parse(data), _parsed(earlier), observers=opened, earlier_observers=before)
        found = Verification((*found.steps, *beside))
    finish(found, as_json=as_json)


@app.command("open")
def open_command(
    file: Annotated[Path, typer.Argument(help="A draw record.")],
    out: Annotated[Path, typer.Argument(help="Where to write the opening.")],
) -> None:
    """Write the drawn composition alone, for a check without the whole pool and lottery."""
    document = _parsed(file)
    if isinstance(document, dict) and document.get("format") == vacant.RECORD_FORMAT:
        _unreadable(BadInput("record_opens_a_cell"), file)
    if not isinstance(document, dict) or document.get("format") != RECORD_FORMAT:
        _unreadable(BadInput("draw_record_needed"), file)
    found = verify(document)
    if not found.ok:
        finish(found, as_json=False)
    with reporting_errors():
        write_atomically(out, dump(opening(document)))
    typer.echo(f"{out.name}: the drawn composition of {file.name}")


@app.command("receipt")
def receipt_command(
    file: Annotated[Path, typer.Argument(help="A draw record, or its commitment.")],
    receipt: Annotated[Path, typer.Argument(help="The receipt of one person in the pool.")],
    as_json: AsJson = False,
) -> None:
    """Check that you were in the pool, with your features, and see your chance."""
    finish(verify_receipt(_parsed(file), _parsed(receipt)), as_json=as_json)


@app.command("promise")
def promise_command(
    source: Annotated[str, typer.Argument(help="The name of the commit–reveal, as the site shows it.")],
    party: Annotated[str, typer.Argument(help="Who binds itself, as it will be announced.")],
    file: Annotated[
        Path, typer.Argument(help="Where the secret number is kept; made if it is not there yet.")
    ],
) -> None:
    """Make a secret number for a draw, keep it in a file, and print the hash that binds you to it."""
    with reporting_errors():
        if not file.exists():
            write_atomically(file, secrets.token_hex(SECRET_BYTES) + "\n", private=True)
        typer.echo(f"{party}: {reveal_commitment(source, party, _secret(file))}")
    typer.echo(
        f"Send this line to the secretariat; keep {file.name} to yourself until you reveal it.", err=True
    )


def _secret(file: Path) -> bytes:
    try:
        return bytes.fromhex(_read(file).decode().strip())
    except ValueError as error:
        _unreadable(BadInput("secret_wrong", Place(file.name)), file, error)


@app.command("journal")
def journal_command(
    file: Annotated[
        Path, typer.Argument(help="An export of the journal (JSON Lines), or the folder of its files.")
    ],
    mirror: Annotated[
        Path | None,
        typer.Option(help="An older or equal export, file or folder, that somebody else kept."),
    ] = None,
    checkpoint: Annotated[
        Path | None,
        typer.Option(
            help="Signed checkpoints (JSON Lines), each one kept or fetched; with --key, those in the folder."
        ),
    ] = None,
    key: Annotated[
        list[str] | None,
        typer.Option(help="A public key that you trust, 64 hexadecimal digits; again for more."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Check that no entry of the journal was changed, left out or moved."""
    keys = [one.lower() for one in key or ()]
    kept = None if mirror is None else _journal_lines(mirror)
    if not file.is_dir():
        signed = None if checkpoint is None else _lines(checkpoint)
        finish(verify_journal(_lines(file), kept, checkpoints=signed, keys=keys), as_json=as_json)
    own = file / "checkpoints.jsonl"
    if checkpoint is None and key and own.exists():
        checkpoint = own
    index = file / "index.jsonl"
    found = verify_journal_files(
        _files(file),
        _lines(index) if index.exists() and index.stat().st_size else None,
        kept,
        checkpoints=None if checkpoint is None else _lines(checkpoint),
        keys=keys,
    )
    finish(found, as_json=as_json)


def _journal_lines(place: Path) -> Iterator[str]:
    return whole(_files(place)) if place.is_dir() else iter(_lines(place))


def _files(folder: Path) -> list[JournalFile]:
    """Return the files of a journal in a folder, in order; refuse a folder without any."""
    found = sorted(folder.glob("journal-*.jsonl"))
    if not found:
        _unreadable(BadInput("file_missing", file=f"{folder.name}/journal-000001.jsonl"), folder)
    return [JournalFile(each.name, partial(_read, each)) for each in found]


def _header(text: str) -> bytes:
    try:
        header = bytes.fromhex(text)
    except ValueError as error:
        raise typer.BadParameter(
            f"{text!r} is not hexadecimal. Copy the header as a node or an explorer shows it."
        ) from error
    if len(header) != BLOCK_HEADER_BYTES:
        raise typer.BadParameter(f"a header has 160 hexadecimal digits, this has {2 * len(header)}.")
    return header


def _read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        _unreadable(BadInput("file_missing", file=file.name), file, error)


def _parsed(file: Path) -> object:
    data = _read(file)
    try:
        return parse(data)
    except BadInput as error:
        _unreadable(error, file)


def _lines(file: Path) -> list[str]:
    """Return the lines of a file; only a line feed ends one, for text may hold other separators."""
    try:
        text = _read(file).decode()
    except UnicodeDecodeError as error:
        detail = f"byte {error.start} is not UTF-8"
        _unreadable(BadInput("not_json", Place(file.name), detail=detail), file, error)
    if not text.strip():
        _unreadable(BadInput("file_empty", file=file.name), file)
    return text.removesuffix("\n").split("\n")


def _unreadable(error: IsegoriaError, file: Path, cause: Exception | None = None) -> NoReturn:
    typer.echo(f"{file.name}: {error.problem} {error.way_out}", err=True)
    raise typer.Exit(BadInput.exit_code) from cause or error
