"""`isegoria register eligible`, `key` and `pseudonyms`: who can be drawn, and lists that name nobody."""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from isegoria import register
from isegoria.cli.common import csv_text, reporting_errors, write_atomically
from isegoria.cli.register_files import Bare, Delimiter, Encoding, ProfileFile, RegisterFile, Sheet, opened
from isegoria.errors import BadInput, Place
from isegoria.pool.reading import read_table, table_header_row
from isegoria.register import Report, Rules, Run, Sieve

KEY_BYTES = 32
_KEY = re.compile(r"[0-9a-f]{64}")
KeyFile = Annotated[
    Path | None, typer.Option("--key", help="The key of the lists, which `isegoria register key` makes.")
]


def eligible_command(
    file: RegisterFile,
    on: Annotated[datetime, typer.Option(formats=["%Y-%m-%d"], help="The day on which the age counts.")],
    *,
    out: Annotated[
        Path | None, typer.Option(help="CSV or Parquet to write: those who can be drawn.")
    ] = None,
    age_min: Annotated[int, typer.Option(help="In completed years; 0 for everybody.")] = 16,
    age_max: Annotated[int | None, typer.Option(help="In completed years.")] = None,
    within: Annotated[
        list[str] | None, typer.Option(help="Column and its values: municipality=63023,63067")
    ] = None,
    exclude: Annotated[
        list[Path] | None,
        typer.Option(
            help="CSV with pseudonym and perhaps until: who cannot be drawn, or not before a day."
        ),
    ] = None,
    key: KeyFile = None,
    profile: ProfileFile = None,
    encoding: Encoding = None,
    delimiter: Delimiter = None,
    sheet: Sheet = None,
    bare: Bare = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Say how many people of a register can be drawn and how many each rule leaves out; write those who can.

    Example: isegoria register eligible register.csv --on 2027-01-01 --age-min 16 --exclude former.csv --key key.txt
    """
    with reporting_errors():
        source, layout = opened(file, profile, encoding, delimiter, sheet, bare=bare)
        rules = Rules(
            on.date(),
            age_min,
            age_max,
            dict(map(_within, within or [])),
            tuple(map(register.read_exclusions, exclude or [])),
            None if key is None else read_key(key),
        )
        sieve = Sieve(rules)
        found = register.scan(source, layout=layout)
        runs = map(sieve.run, found)
        written = None
        if out is None:
            for _run in runs:
                pass
        else:
            written = register.write_runs(_filled(runs), found.columns, out, source.sha256)
    report = sieve.report()
    if as_json:
        document = _document(report, rules, source.sha256)
        document["eligible_sha256"] = None if written is None else written.written_sha256
        typer.echo(json.dumps(document, ensure_ascii=False, indent=2))
        return
    typer.echo(f"{report.eligible} of {report.rows} can be drawn")
    for line in _lines(report):
        typer.echo(f"  {line}")
    for name, count in report.unmatched.items():
        if count:
            entries = sum(len(one.until) for one in rules.lists if one.name == name)
            typer.echo(f"look at {name}: {count} of its {entries} entries are nobody in this register")


def key_command(
    out: Annotated[Path, typer.Option(help="File to write; keep it from everybody else.")],
) -> None:
    """Make the key that a register holder and the keeper of a list share.

    Example: isegoria register key --out key.txt
    """
    with reporting_errors():
        if out.exists():
            raise BadInput("file_there", Place(str(out)))
        write_atomically(out, secrets.token_hex(KEY_BYTES) + "\n", private=True)
    typer.echo(str(out))


def pseudonyms_command(
    file: Annotated[Path, typer.Argument(help="CSV with the numbers of people, as in the register.")],
    key: Annotated[Path, typer.Option(help="The key of the list.")],
    out: Annotated[Path, typer.Option(help="CSV to write: pseudonym and until, no name.")],
    column: Annotated[str, typer.Option(help="The column with the numbers.")] = "id",
    until: Annotated[
        datetime | None,
        typer.Option(
            formats=["%Y-%m-%d"],
            help="First day on which these people can be drawn again, if the file has no column until.",
        ),
    ] = None,
) -> None:
    """Turn a list of people into one that names nobody, to be handed to the register holder.

    Example: isegoria register pseudonyms members.csv --key key.txt --until 2029-01-01 --out former.csv
    """
    with reporting_errors():
        table = read_table(file)
        if column not in table.header:
            raise BadInput("column_missing", table.place(table_header_row(table)), column=column)
        ids = [cells[table.header.index(column)] for _number, cells in table.rows]
        for (number, _cells), identifier in zip(table.rows, ids, strict=True):
            if not identifier:
                raise BadInput("cell_blank", table.place(number, column))
        days = list(_days(table, None if until is None else until.date()))
        rows = register.exclusions_of(ids, read_key(key), days.__getitem__)
        write_atomically(out, csv_text(["pseudonym", "until"], rows), private=True)
    typer.echo(f"{len(rows)} pseudonyms in {out}")


COMMANDS: Mapping[str, Callable[..., None]] = {
    "eligible": eligible_command,
    "key": key_command,
    "pseudonyms": pseudonyms_command,
}


def read_key(file: Path) -> bytes:
    """Return the key in a file: 64 hexadecimal digits."""
    try:
        text = file.read_text("ascii").strip()
    except FileNotFoundError as error:
        raise BadInput("file_missing", Place(str(file)), file=file.name) from error
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput("key_wrong", Place(file.name)) from error
    if not _KEY.fullmatch(text):
        raise BadInput("key_wrong", Place(file.name))
    return bytes.fromhex(text)


def _within(text: str) -> tuple[str, frozenset[str]]:
    column, sign, values = text.partition("=")
    listed = frozenset(value.strip() for value in values.split(",") if value.strip())
    if not sign or not column.strip() or not listed:
        raise BadInput("invalid_choice", value=text, choices="municipality=63023,63067")
    return column.strip(), listed


def _filled(runs: Iterator[Run]) -> Iterator[Run]:
    return (run for run in runs if len(run))


def _days(table: Any, until: date | None) -> Iterator[date | None]:
    index = table.header.index("until") if "until" in table.header else None
    for number, cells in table.rows:
        if index is None or not cells[index]:
            yield until
            continue
        try:
            yield date.fromisoformat(cells[index])
        except ValueError as error:
            raise BadInput("date_wrong", table.place(number, "until")) from error


def _lines(report: Report) -> Iterator[str]:
    said = {
        "age_min": "under {detail}",
        "age_max": "over {detail}",
        "residence": "elsewhere ({detail})",
        "on_list": "on the list {detail}",
        "cooling_off": "waiting, on the list {detail}",
    }
    for one in report.rules:
        more = f" ({one.failed} with those left out already)" if one.failed != one.excluded else ""
        yield f"{one.excluded} {said[one.rule].format(detail=one.detail)}{more}"


def _document(report: Report, rules: Rules, sha256: str) -> dict[str, Any]:
    return {
        "register_sha256": sha256,
        "on": rules.on.isoformat(),
        "rows": report.rows,
        "eligible": report.eligible,
        "rules": [
            {"rule": one.rule, "detail": one.detail, "excluded": one.excluded, "failed": one.failed}
            for one in report.rules
        ],
        "within": {column: sorted(values) for column, values in rules.within.items()},
        "lists": _lists(rules, report.unmatched),
    }


def _lists(rules: Rules, unmatched: Mapping[str, int]) -> Sequence[Mapping[str, Any]]:
    return [
        {
            "name": one.name,
            "entries": len(one.until),
            "unmatched": unmatched[one.name],
            "sha256": one.sha256,
        }
        for one in rules.lists
    ]
