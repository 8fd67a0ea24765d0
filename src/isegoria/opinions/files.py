"""Votes as files: the CSV exports of Polis, read and written.

Read are `votes.csv` (one row per vote), `participants-votes.csv` (one row per person, one column per statement) and
`comments.csv` (the statements, and which moderation took out). In these exports agree is +1.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from os import PathLike
from pathlib import Path

import numpy as np

from isegoria.errors import BadInput, collect
from isegoria.opinions.votes import UNSEEN, Votes
from isegoria.pool.reading import Table, read_table, table_header_row
from isegoria.textfiles import escape_formula, unescape_formula

VOTES, MATRIX, STATEMENTS = "votes.csv", "participants-votes.csv", "comments.csv"
_VOTE = {"1": 1, "0": 0, "-1": -1}
_ABOUT_PERSONS = ("participant", "xid", "group-id", "n-comments", "n-votes", "n-agree", "n-disagree")
_TAKEN_OUT = "-1"


@dataclass(frozen=True, slots=True)
class Conversation:
    """What a folder of a Polis export holds.

    Attributes
    ----------
    votes
        The votes; of several on one statement the latest.
    texts
        Statement id to text; empty without `comments.csv`.
    left_out
        Statements that moderation took out.
    groups
        The published group of each person, where one was published.
    """

    votes: Votes
    texts: Mapping[str, str]
    left_out: frozenset[str]
    groups: Mapping[str, str]


def read_votes(path: str | PathLike[str]) -> Votes:
    """Return the votes of `votes.csv` or `participants-votes.csv`; the header tells which it is.

    Raises
    ------
    BadInput
        With file, row and column, and the way out; several of them together. Nothing was loaded.
    """
    table = read_table(path)
    return _from_matrix(table)[0] if "participant" in table.header else _from_rows(table)


def read_conversation(folder: str | PathLike[str]) -> Conversation:
    """Return votes, statements and published groups of a folder of a Polis export.

    Parameters
    ----------
    folder
        Holds `participants-votes.csv` or `votes.csv`, and `comments.csv` if there is one.

    Raises
    ------
    BadInput
        As `read_votes`; `file_missing` where the folder holds neither file.
    """
    folder = Path(folder)
    groups: dict[str, str] = {}
    if (folder / MATRIX).exists():
        votes, groups = _from_matrix(read_table(folder / MATRIX))
    else:
        votes = read_votes(folder / VOTES)
    texts: dict[str, str] = {}
    left_out: set[str] = set()
    if (folder / STATEMENTS).exists():
        table = read_table(folder / STATEMENTS)
        name, body, state = _columns(table, "comment-id", "comment-body", "moderated")
        for _, cells in table.rows:
            texts[cells[name]] = unescape_formula(cells[body])
            if cells[state] == _TAKEN_OUT:
                left_out.add(cells[name])
    return Conversation(votes, texts, frozenset(left_out), groups)


def write_matrix(votes: Votes, groups: Mapping[str, int] | None = None) -> str:
    """Return the votes as the text of a `participants-votes.csv`.

    Parameters
    ----------
    groups
        Group of each person, where they may be published; the column stays empty for everybody else.
    """
    groups = groups or {}
    rows = []
    for person, votes_of_one in zip(votes.persons, votes.matrix.tolist(), strict=True):
        given = [vote for vote in votes_of_one if vote != UNSEEN]
        head = [person, groups.get(person, ""), len(given), given.count(1), given.count(-1)]
        rows.append([*head, *("" if vote == UNSEEN else vote for vote in votes_of_one)])
    return _text(["participant", "group-id", "n-votes", "n-agree", "n-disagree", *votes.statements], rows)


def write_statements(votes: Votes, texts: Mapping[str, str], left_out: frozenset[str]) -> str:
    """Return the statements as the text of a `comments.csv`, with the counts of the votes.

    What a spreadsheet would take for a formula is marked as text; reading takes the mark away again.
    """
    agree, disagree, _ = votes.counts()
    rows = [
        [
            name,
            agree[index],
            disagree[index],
            -1 if name in left_out else 1,
            escape_formula(texts.get(name, "")),
        ]
        for index, name in enumerate(votes.statements)
    ]
    return _text(["comment-id", "agrees", "disagrees", "moderated", "comment-body"], rows)


def _from_rows(table: Table) -> Votes:
    person, statement, vote, moment = _columns(table, "voter-id", "comment-id", "vote", "timestamp")
    faults: list[BadInput] = []

    def rows() -> Iterator[tuple[str, str, int, int]]:
        for number, cells in table.rows:
            found = list(_row_faults(table, number, cells, (person, statement), vote, moment))
            faults.extend(found)
            if not found:
                yield cells[person], cells[statement], _VOTE[cells[vote]], int(cells[moment])

    votes = Votes.from_rows(rows())
    collect(faults)
    return votes


def _row_faults(
    table: Table, number: int, cells: Sequence[str], ids: Sequence[int], vote: int, moment: int
) -> Iterator[BadInput]:
    for column in ids:
        if not cells[column]:
            yield BadInput("cell_blank", table.place(number, table.header[column]))
    if cells[vote] not in _VOTE:
        yield BadInput("vote_wrong", table.place(number, table.header[vote]))
    if not (cells[moment].isascii() and cells[moment].isdecimal()):
        yield BadInput("not_whole", table.place(number, table.header[moment]))


def _from_matrix(table: Table) -> tuple[Votes, dict[str, str]]:
    (person,) = _columns(table, "participant")
    group = table.header.index("group-id") if "group-id" in table.header else None
    statements = [index for index, name in enumerate(table.header) if name not in _ABOUT_PERSONS]
    matrix = np.full((len(table.rows), len(statements)), UNSEEN, dtype=np.int8)
    faults: list[BadInput] = []
    seen: dict[str, int] = {}
    for row, (number, cells) in enumerate(table.rows):
        if not cells[person]:
            faults.append(BadInput("id_blank", table.place(number, "participant")))
        elif (first := seen.setdefault(cells[person], number)) != number:
            faults.append(BadInput("id_repeated", table.place(number, "participant"), first=first))
        for column, index in enumerate(statements):
            if cells[index] in _VOTE:
                matrix[row, column] = _VOTE[cells[index]]
            elif cells[index]:
                faults.append(BadInput("vote_wrong", table.place(number, table.header[index])))
    collect(faults)
    votes = Votes.of(
        [cells[person] for _, cells in table.rows], [table.header[one] for one in statements], matrix
    )
    groups = (
        {cells[person]: cells[group] for _, cells in table.rows if cells[group]}
        if group is not None
        else {}
    )
    return votes, groups


def _columns(table: Table, *names: str) -> list[int]:
    header = table_header_row(table)
    collect(
        [
            BadInput("column_missing", table.place(header), column=name)
            for name in names
            if name not in table.header
        ]
    )
    return [table.header.index(name) for name in names]


def _text(header: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    return file.getvalue()
