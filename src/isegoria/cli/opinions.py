"""`isegoria opinions`: the opinion map of votes, and the figures of Polis."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Annotated, Any

import typer

from isegoria import opinions
from isegoria.cli.common import reporting_errors, write_atomically
from isegoria.seeding import seed_from_text
from isegoria.textfiles import escape_formula

app = typer.Typer(
    help="Where do we agree? The opinion map, from the CSV exports of Polis or of this site.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
Folder = Annotated[
    Path, typer.Argument(help="Folder with participants-votes.csv or votes.csv, and comments.csv.")
]
Seed = Annotated[str, typer.Option(help="Public seed: the same seed and votes give the same map.")]


@app.command("map")
def map_command(
    folder: Folder,
    seed: Seed,
    out: Annotated[Path, typer.Option(help="Folder for map.json, map.svg, map.txt and map.csv.")],
    fewest: Annotated[int, typer.Option(help="Below that many persons no groups are shown.")] = 30,
) -> None:
    """Write the opinion map as data, picture, text and table; none of them shows single persons.

    Example: isegoria opinions map export --seed "3-1-4-1-5" --out map
    """
    with reporting_errors():
        talk = opinions.read_conversation(folder)
        found = opinions.opinion_map(
            talk.votes, seed_from_text(seed), left_out=talk.left_out, fewest_persons=fewest
        )
        data = opinions.document(found, talk.texts)
        sections = opinions.paragraphs(found, talk.texts)
        text = "\n\n".join("\n".join([title, *lines]) for title, lines in sections)
        write_atomically(out / "map.json", json.dumps(data, ensure_ascii=False, indent=1) + "\n")
        write_atomically(out / "map.svg", opinions.picture(found) + "\n")
        write_atomically(out / "map.txt", text + "\n")
        write_atomically(out / "map.csv", _csv(opinions.table(found, talk.texts)))
    for line in opinions.headline(found):
        typer.echo(line)


@app.command("polis")
def polis_command(
    folder: Folder,
    out: Annotated[Path, typer.Option(help="File for the figures, JSON.")],
    seed: Annotated[
        str, typer.Option(help="Group anew with this seed; else the groups of the export are taken.")
    ] = "",
) -> None:
    """Write the figures of Polis for the groups of the export, or for ours.

    Example: isegoria opinions polis export --out figures.json
    """
    with reporting_errors():
        talk = opinions.read_conversation(folder)
        names = sorted(set(talk.groups.values()))
        groups = {person: names.index(group) for person, group in talk.groups.items()}
        if seed:
            found = opinions.opinion_map(talk.votes, seed_from_text(seed), left_out=talk.left_out)
            groups = found.groups
        write_atomically(out, json.dumps(_figures(talk, groups), ensure_ascii=False, indent=1) + "\n")
    typer.echo(f"{len(groups)} persons in {len(set(groups.values()))} groups: {out}")


@app.command("export")
def export_command(
    folder: Folder,
    out: Annotated[Path, typer.Option(help="Folder for participants-votes.csv and comments.csv.")],
) -> None:
    """Write the votes as one row per person and one column per statement, with the latest votes alone.

    Example: isegoria opinions export export --out matrix
    """
    with reporting_errors():
        talk = opinions.read_conversation(folder)
        write_atomically(out / "participants-votes.csv", opinions.write_matrix(talk.votes))
        write_atomically(
            out / "comments.csv", opinions.write_statements(talk.votes, talk.texts, talk.left_out)
        )
    typer.echo(f"{len(talk.votes.persons)} persons, {len(talk.votes.statements)} statements: {out}")


def _figures(talk: opinions.Conversation, groups: dict[str, int]) -> dict[str, Any]:
    votes = talk.votes
    found = opinions.polis.figures(votes, groups)
    where = opinions.polis.places(votes, talk.left_out)
    agreed, rejected = opinions.polis.consensus(votes, talk.left_out)
    names = (
        "agree", "disagree", "seen", "agree_share", "disagree_share", "agree_test", "disagree_test", "agree_ratio",
        "disagree_ratio", "agree_ratio_test", "disagree_ratio_test", "consensus", "dissent",
    )  # fmt: skip
    return {
        "votes_sha256": votes.digest,
        "statements": list(votes.statements),
        "extremity": where.extremity.tolist(),
        "priorities": opinions.polis.priorities(votes, found, where).tolist(),
        **{name: getattr(found, name).tolist() for name in names},
        "representative": [
            [{"statement": one.statement, "agrees": one.agrees} for one in chosen]
            for chosen in opinions.polis.representative(votes, found, talk.left_out)
        ],
        "consensus_agree": [one.statement for one in agreed],
        "consensus_disagree": [one.statement for one in rejected],
    }


def _csv(rows: list[list[str]]) -> str:
    file = io.StringIO()
    csv.writer(file, lineterminator="\n").writerows([escape_formula(cell) for cell in row] for row in rows)
    return file.getvalue()
