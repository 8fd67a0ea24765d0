"""`isegoria register draw`, `shard` and `merge`: the letters, wherever the register lies."""

from __future__ import annotations

import csv
import json
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from isegoria import register
from isegoria.cli.common import csv_text, reporting_errors, write_atomically
from isegoria.cli.findings import AsJson, finish
from isegoria.cli.register_files import Bare, ProfileFile, opened
from isegoria.errors import BadInput, Place
from isegoria.proof import Verification, verify
from isegoria.register.shards import FORMAT as SHARD_FORMAT
from isegoria.register.shards_of_homes import HOMES_FORMAT, PEOPLE_FORMAT
from isegoria.seeding import seed_from_text

URL = "ISEGORIA_REGISTER_URL"


class EngineName(StrEnum):
    """Where the register lies."""

    DUCKDB = "duckdb"
    POSTGRESQL = "postgresql"
    SPARK = "spark"
    PYTHON = "python"


Source = Annotated[
    str,
    typer.Argument(
        help=f"A file (CSV, Parquet, workbook); with --engine postgresql a table, its database being in {URL}; "
        "with spark a .parquet or a table."
    ),
]
Seed = Annotated[str, typer.Option(help="Public randomness that came after the register was fixed.")]
LettersOption = Annotated[
    list[str],
    typer.Option(
        "--letters",
        help="Number of letters, or a CSV with the columns stratum and letters. Once for each wave.",
    ),
]
On = Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="The day on which the age counts.")]
AgeMin = Annotated[int, typer.Option(help="In completed years; 0 draws from everybody.")]
EngineOption = Annotated[
    EngineName, typer.Option(help="Who reads the register; all draw the same. python checks every cell.")
]
StratumOption = Annotated[
    str | None, typer.Option("--stratum", "--stratify", help="Column whose values are the strata.")
]
OnePer = Annotated[
    str | None, typer.Option(help="Column of a group that gets at most one letter: household.")
]
Within = Annotated[
    list[str] | None, typer.Option(help="With --one-per: column of a larger group: address.")
]
Number = Annotated[str, typer.Option(help="Column of the person's number.")]
Born = Annotated[str, typer.Option(help="Column of the birth date.")]
SecretFile = Annotated[
    Path | None,
    typer.Option(
        help="File with the committed secret, 64 hexadecimal digits: draws under keyed pseudonyms."
    ),
]
Pseudonyms = Annotated[bool, typer.Option(help="The column of the number holds keyed pseudonyms already.")]


def draw_command(
    source: Source,
    *,
    seed: Seed,
    letters: LettersOption,
    out: Annotated[Path, typer.Option(help="Folder for drawn.csv and draw.json.")],
    on: On = None,
    age_min: AgeMin = 16,
    engine: EngineOption = EngineName.DUCKDB,
    stratum: StratumOption = None,
    one_per: OnePer = None,
    within: Within = None,
    wave: Annotated[int | None, typer.Option(help="Write only the letters of this wave, 1, 2 …")] = None,
    number: Number = "id",
    born: Born = "birth_date",
    secret_file: SecretFile = None,
    pseudonyms: Pseudonyms = False,
    profile: ProfileFile = None,
    bare: Bare = False,
    check: Annotated[
        bool, typer.Option(help="Look for numbers that stand twice; not needed again after register check.")
    ] = True,
) -> None:
    """Draw who gets a letter; drawn.csv is for the secretariat, draw.json is public and names nobody.

    Example: isegoria register draw register.csv --seed "3-1-4-1-5" --letters 1000 --on 2027-01-01 --out drawn
    """
    with reporting_errors():
        groups = _groups(one_per, within)
        counts = [_letters(text) for text in letters]
        if wave is not None and not 1 <= wave <= len(counts):
            raise BadInput("wave_unknown", wave=wave, waves=len(counts))
        frame = _frame(on, age_min, stratum, groups, number, born, secret_file, pseudonyms=pseudonyms)
        drawn = _drawn(source, engine, (profile, bare), seed_from_text(seed), counts, frame, check=check)
        write_atomically(out / "drawn.csv", _as_csv(drawn, wave), private=True)
        write_atomically(
            out / "draw.json", json.dumps(_public(drawn, seed), ensure_ascii=False, indent=1) + "\n"
        )
    typer.echo(f"{len(drawn.rows)} of {drawn.eligible} eligible residents drawn: {out}")


def shard_command(
    source: Source,
    *,
    seed: Seed,
    letters: LettersOption,
    part: Annotated[str, typer.Option(help="The name of this part of the register.")],
    out: Annotated[Path, typer.Option(help="File to write, for whoever merges.")],
    on: On = None,
    age_min: AgeMin = 16,
    engine: EngineOption = EngineName.DUCKDB,
    stratum: StratumOption = None,
    one_per: OnePer = None,
    within: Within = None,
    walk: Annotated[
        Path | None,
        typer.Option(help="With --one-per, the second time: walk.json, which register merge wrote."),
    ] = None,
    number: Number = "id",
    born: Born = "birth_date",
    secret_file: SecretFile = None,
    pseudonyms: Pseudonyms = False,
    profile: ProfileFile = None,
) -> None:
    """Deliver the lowest keys of one part of a register, say a municipality, to the draw of the whole.

    With --one-per in two rounds: first the keys of its homes, then the people of those that the draw meets.

    Example: isegoria register shard eupen.csv --seed "3-1-4" --letters 1000 --on 2027-01-01 --part Eupen --out eupen.json
    """
    with reporting_errors():
        groups = _groups(one_per, within)
        frame = _frame(on, age_min, stratum, groups, number, born, secret_file, pseudonyms=pseudonyms)
        given = seed_from_text(seed), [_letters(text) for text in letters], frame, part
        with _opened(source, engine, profile) as found:
            if not groups:
                made = register.shard(found, *given)
                document = register.shard_document(made)
                said = (
                    f"{sum(made.sizes.values())} eligible residents of {part}, their lowest keys in {out}"
                )
            elif walk is None:
                homes = register.home_shard(found, *given)
                document = register.home_document(homes)
                said = f"{sum(map(len, homes.homes.values()))} homes of {part} in {out}"
            else:
                known = register.read_walk(_json(walk), walk.name)
                if (known.seed, list(known.letters)) != given[:2]:
                    raise BadInput("shards_differ", part=part, other=walk.name)
                people = register.people_shard(found, known, frame, part)
                document = register.people_document(people)
                count = sum(map(len, people.people.values()))
                said = f"{count} homes of {part} get a letter; who lives there is in {out}"
        write_atomically(out, json.dumps(document, ensure_ascii=False) + "\n", private=True)
    typer.echo(said)


def merge_command(
    files: Annotated[list[Path], typer.Argument(help="What register shard wrote, one file a part.")],
    out: Annotated[Path, typer.Option(help="Folder for drawn.csv and draw.json; for walk.json of homes.")],
    walk: Annotated[
        Path | None,
        typer.Option(help="With the people of homes: walk.json, which this command wrote before."),
    ] = None,
) -> None:
    """Merge what the parts of a register delivered into the draw of the whole.

    Of homes it writes walk.json, which every part needs to deliver the people of those that the draw meets.

    Example: isegoria register merge eupen.json kelmis.json --out drawn
    """
    with reporting_errors():
        kind, delivered = _delivered(files)
        if kind == HOMES_FORMAT:
            found = register.walk_homes(delivered)
            text = json.dumps(register.walk_document(found), ensure_ascii=False)
            write_atomically(out / "walk.json", text + "\n", private=True)
            typer.echo(_met(found, out / "walk.json"))
            return
        if kind == PEOPLE_FORMAT:
            if walk is None:
                raise BadInput("shard_needs_walk")
            met = register.read_walk(_json(walk), walk.name)
            drawn, seed = register.merge_homes(met, delivered), met.seed
        else:
            drawn, seed = register.merge(delivered), delivered[0].seed
        parts = [(one.part, one.sha256) for one in delivered]
        write_atomically(out / "drawn.csv", _as_csv(drawn, None), private=True)
        public = _public(drawn, None) | {"seed_sha256": seed.hex()}
        public["parts"] = [{"part": part, "register_sha256": sha256 or None} for part, sha256 in parts]
        write_atomically(out / "draw.json", json.dumps(public, ensure_ascii=False, indent=1) + "\n")
    typer.echo(f"{len(drawn.rows)} of {drawn.eligible} eligible residents drawn: {out}")


_READERS: Mapping[str, Callable[[Any, str], Any]] = {
    HOMES_FORMAT: register.read_homes,
    PEOPLE_FORMAT: register.read_people,
    SHARD_FORMAT: register.read_shard,
}


def _delivered(files: Sequence[Path]) -> tuple[str, list[Any]]:
    """Return what the parts delivered, and of which kind it all is: the first file says it."""
    kind, found = "", []
    for file in files:
        kind, one = _part_in(file, kind)
        found.append(one)
    return kind, found


def _part_in(file: Path, kind: str) -> tuple[str, Any]:
    """Read one file. What was parsed is let go at the end: it takes more memory than what is made of it."""
    document = _json(file)
    named = str(document.get("format")) if isinstance(document, dict) else ""
    kind = kind or (named if named in _READERS else SHARD_FORMAT)
    return kind, _READERS[kind](document, file.name)


def _met(walk: register.HomeWalk, file: Path) -> str:
    """Return what is said of a walk."""
    homes = sum(map(len, walk.met.values()))
    said = f"{homes} homes get a letter. Give {file} to every part, for register shard --walk."
    if walk.shared:
        said += (
            f"\n{walk.shared} homes have people in several parts. If the numbers of homes begin anew in each part, "
            "put the number of the part before them and begin again."
        )
    return said


def redo_command(
    record: Annotated[Path, typer.Argument(help="The public record of the letters, with its waves.")],
    source: Source,
    *,
    out: Annotated[
        Path | None, typer.Option(help="Folder for drawn.csv: who has a letter, in order.")
    ] = None,
    on: On = None,
    age_min: AgeMin = 16,
    engine: EngineOption = EngineName.DUCKDB,
    number: Number = "id",
    born: Born = "birth_date",
    secret_file: SecretFile = None,
    profile: ProfileFile = None,
    as_json: AsJson = False,
) -> None:
    """Draw the letters of a public record again from the extract, and say step by step whether it comes out the same.

    Example: isegoria register redo eupen-1-1.json register.csv --secret-file secret.txt --on 2027-02-20 --out again
    """
    with reporting_errors():
        document = _json(record, "not_json")
        found = verify(document)
        drawn = None
        if found.ok:
            frame = _frame(on, age_min, None, (), number, born, secret_file, pseudonyms=False)
            with _opened(source, engine, profile) as held:
                again = register.redo_letters(document, held, frame)
            found, drawn = Verification((*found.steps, *again.steps.steps)), again.draw
        if drawn is not None and out is not None:
            write_atomically(out / "drawn.csv", _as_csv(drawn, None), private=True)
    finish(found, as_json=as_json)


COMMANDS: Mapping[str, Callable[..., None]] = {
    "draw": draw_command,
    "redo": redo_command,
    "shard": shard_command,
    "merge": merge_command,
}


# -- from the command line to the library -----------------------------------------------------------------


def _frame(
    on: datetime | None,
    age_min: int,
    stratum: str | None,
    groups: tuple[str, ...],
    number: str,
    born: str,
    secret_file: Path | None,
    *,
    pseudonyms: bool,
) -> register.Frame:
    if age_min and on is None:
        raise BadInput("age_without_day", age=age_min)
    return register.Frame(
        number=number,
        stratify_by=stratum,
        groups=groups,
        born=born,
        age_min=age_min or None,
        on=on.date() if on and age_min else None,
        secret=None if secret_file is None else _secret(secret_file),
        names="pseudonym" if pseudonyms else "number",
    )


def _groups(one_per: str | None, within: list[str] | None) -> tuple[str, ...]:
    if within and not one_per:
        raise BadInput("within_alone")
    return (*(within or ()), one_per) if one_per else ()


def _secret(file: Path) -> bytes:
    try:
        secret = bytes.fromhex(_text(file))
    except ValueError as error:
        raise BadInput("secret_wrong", Place(file.name)) from error
    return secret


def _letters(text: str) -> register.Letters:
    if text.strip().isdecimal():
        return int(text)
    file = Path(text)
    counts: dict[str, int] = {}
    rows = csv.DictReader(_text(file).splitlines())
    for column in ("stratum", "letters"):
        if column not in (rows.fieldnames or ()):
            raise BadInput("column_missing", Place(file.name, row=1), column=column)
    for place, row in enumerate(rows, start=2):
        name, count = (row["stratum"] or "").strip(), (row["letters"] or "").strip()
        if name in counts or not name or not count.isdecimal():
            raise BadInput("letters_row_wrong", Place(file.name, place))
        counts[name] = int(count)
    return counts


def _text(file: Path) -> str:
    try:
        return file.read_text("utf-8-sig").strip()
    except FileNotFoundError as error:
        raise BadInput("file_missing", Place(str(file)), file=file.name) from error
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput("file_unreadable", Place(str(file)), file=file.name, detail=str(error)) from error


def _json(file: Path, refusal: str = "shard_unreadable") -> Any:
    try:
        return json.loads(_text(file))
    except ValueError as error:
        raise BadInput(refusal, Place(file.name), detail=str(error)) from error


@contextmanager
def _opened(source: str, engine: EngineName, profile: Path | None) -> Iterator[register.Engine]:
    if profile is not None and engine is not EngineName.DUCKDB:
        raise BadInput("engine_python")
    if engine is EngineName.PYTHON:
        raise BadInput("engine_python")
    if engine is EngineName.POSTGRESQL:
        url = os.environ.get(URL)
        if not url:
            raise BadInput("engine_url_missing", variable=URL)
        found: register.Engine = register.PostgreSQL(url, source)
    elif engine is EngineName.SPARK:
        found = register.Spark(source)
    elif profile is None:
        found = register.DuckDB(source)
    else:
        file, layout = opened(Path(source), profile)
        found = register.DuckDB(file, layout=layout)
    with found:
        yield found


def _drawn(
    source: str,
    engine: EngineName,
    read_as: tuple[Path | None, bool],
    seed: bytes,
    letters: Sequence[register.Letters],
    frame: register.Frame,
    *,
    check: bool,
) -> register.LetterDraw:
    profile, bare = read_as
    if engine is not EngineName.PYTHON:
        with _opened(source, engine, profile) as found:
            return register.draw_in_engine(found, seed, letters, frame, check=check)
    if (frame.number, frame.born) != ("id", "birth_date") or frame.on is None or frame.age_min is None:
        raise BadInput("engine_python")
    if frame.groups and frame.groups[-1] != "household":
        raise BadInput("engine_python")
    file, layout = opened(Path(source), profile, bare=bare)
    return register.draw_letters(
        register.read(file, layout=layout), seed, letters, on=frame.on, age_min=frame.age_min, stratify_by=frame.stratify_by,
        one_per_household=bool(frame.groups), within=frame.groups[:-1], secret=frame.secret,
    )  # fmt: skip


def _as_csv(drawn: register.LetterDraw, wave: int | None) -> str:
    columns = list(drawn.rows[0])
    chances = {stratum.name: str(stratum.chance) for stratum in drawn.strata}
    rows = [
        [*(row[column] for column in columns), str(number), chances[stratum]]
        for row, number, stratum in zip(drawn.rows, drawn.waves, drawn.places, strict=True)
        if wave in {None, number}
    ]
    return csv_text([*columns, "letter_wave", "letter_chance"], rows)


def _public(drawn: register.LetterDraw, seed: str | None) -> dict[str, object]:
    design = drawn.design
    return {
        "format": "isegoria-letters/2",
        "register_sha256": drawn.sha256 or None,
        "rule": drawn.rule,
        "names": design.names,
        "stratified_by": design.stratified_by,
        "allocation": design.allocation,
        "groups": list(design.groups),
        **({} if seed is None else {"seed": seed.strip()}),
        "letters": len(drawn.rows),
        "eligible": drawn.eligible,
        "strata": [
            {
                "name": stratum.name,
                "eligible": stratum.eligible,
                "letters": stratum.letters,
                "chance": str(stratum.chance),
                "waves": list(stratum.waves),
                "chances_by_wave": [
                    str(stratum.chance_by(wave)) for wave in range(1, len(stratum.waves) + 1)
                ],
                "cut_offs": list(stratum.cut_offs),
                "start": stratum.start,
            }
            for stratum in drawn.strata
        ],
    }
