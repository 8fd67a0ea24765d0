"""`isegoria ballots`: counting papers by a rule, so that anybody can count a published box again."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from fractions import Fraction
from pathlib import Path
from typing import Annotated, Any, Literal, cast

import typer

from isegoria import ballots
from isegoria.cli.common import print_summary, reporting_errors
from isegoria.errors import BadInput
from isegoria.pool.reading import Table, read_table, whole_number

app = typer.Typer(
    help="What did we decide? Counting papers by a rule.", no_args_is_help=True, rich_markup_mode=None
)
WEIGHT = "weight"
MARKED, NOT_MARKED = {"1", "x", "yes"}, {"", "0", "no"}


class Rule(StrEnum):
    """How papers are counted."""

    YES_NO = "yes-no"
    APPROVAL = "approval"
    SHARES = "shares"
    RANKING = "ranking"


@app.callback()
def root() -> None:
    """Count papers by a rule."""


@app.command("count")
def count_command(
    papers: Annotated[
        Path,
        typer.Argument(
            help="CSV, a paper a row. yes-no: a column choice with yes, no or abstain. Else a column for each option, "
            "in the published order: 1 or x where it is marked, for a ranking 1, 2, 3 …; a column weight if papers have one."
        ),
    ],
    rule: Annotated[Rule, typer.Option(help="How the papers are counted.")],
    eligible: Annotated[int | None, typer.Option(help="yes-no: how many may vote.")] = None,
    threshold: Annotated[
        str, typer.Option(help="yes-no: share of the votes that must say yes, such as 4/5.")
    ] = "1/2",
    more_than: Annotated[
        bool, typer.Option(help="yes-no: the threshold must be passed, not only reached.")
    ] = False,
    quorum: Annotated[str, typer.Option(help="yes-no: share of those who may vote that must vote.")] = "",
    abstention: Annotated[
        str, typer.Option(help="yes-no: excluded (share of yes and no) or counted (share of all papers).")
    ] = "excluded",
    places: Annotated[int, typer.Option(help="approval, shares: how many options are chosen.")] = 1,
    as_json: Annotated[bool, typer.Option("--json", help="Print the result as JSON.")] = False,
) -> None:
    """Count papers. The order of the papers never matters; the order of the options decides ties.

    Example: isegoria ballots count papers.csv --rule shares --places 7
    """
    with reporting_errors():
        table = read_table(papers)
        if rule == Rule.YES_NO:
            found = _yes_no(
                table, eligible, _fraction("threshold", threshold), quorum, abstention, more_than
            )
        else:
            found = _choice(table, rule, places)
    print_summary(found, as_json=as_json)


def _yes_no(
    table: Table,
    eligible: int | None,
    threshold: Fraction,
    quorum: str,
    abstention: str,
    more_than: bool,  # noqa: FBT001
) -> dict[str, Any]:
    if abstention not in {"excluded", "counted"}:
        raise BadInput("ballot_abstention_wrong", word=abstention)
    if "choice" not in table.header:
        raise BadInput("column_missing", table.place(table.header_row, "choice"), column="choice")
    where = table.header.index("choice")
    words = [choice.value for choice in ballots.Choice]
    for row, cells in table.rows:
        if cells[where].lower() not in words:
            raise BadInput("ballot_choice_wrong", table.place(row, "choice"), word=cells[where])
    result = ballots.count_yes_no(
        [ballots.Choice(cells[where].lower()) for _row, cells in table.rows],
        eligible=len(table.rows) if eligible is None else eligible,
        quorum=_fraction("quorum", quorum) if quorum else None,
        threshold=threshold,
        more_than=more_than,
        abstention=cast("Literal['excluded', 'counted']", abstention),
    )
    return {
        "yes": result.yes,
        "no": result.no,
        "abstain": result.abstain,
        "eligible": result.eligible,
        "rule": result.rule,
        "needed": result.needed,
        "quorum_met": result.quorum_met,
        "adopted": result.adopted,
    }


def _choice(table: Table, rule: Rule, places: int) -> dict[str, Any]:
    options = [name for name in table.header if name != WEIGHT]
    papers = [_paper(table, row, cells, options, rule) for row, cells in table.rows]
    found: dict[str, Any] = {"papers": len(papers)}
    if rule == Rule.RANKING:
        levels = ballots.ranking(options, papers)
        return found | {"order": [" = ".join(level) for level in levels]}
    counted = ballots.count_approval(options, papers)
    found["approvals"] = {option: str(weight) for option, weight in counted.items()}
    if rule == Rule.SHARES:
        selected = ballots.equal_shares(options, [paper for paper in papers if paper.options], places)
        return found | {
            "chosen": list(selected.chosen),
            "tied": [" ".join(level) for level in selected.tied if level],
        }
    if not 1 <= places <= len(options):
        raise BadInput("choice_places_wrong", places=places, options=len(options))
    ordered = sorted(options, key=lambda option: -counted[option])  # stable: ties by the published order
    last = counted[ordered[places - 1]]
    tied = [option for option in ordered[places:] if counted[option] == last]
    return found | {"chosen": ordered[:places], "tied": tied}


def _paper(
    table: Table, row: int, cells: Sequence[str], options: Sequence[str], rule: Rule
) -> ballots.Paper:
    weight = Fraction(1)
    marks: list[tuple[int, str]] = []
    for index, name in enumerate(table.header):
        cell = cells[index].lower()
        if name == WEIGHT:
            weight = _fraction(WEIGHT, cell, table, row)
        elif rule == Rule.RANKING:
            if cell:
                marks.append((whole_number(table, row, index, cells), name))
        elif cell in MARKED:
            marks.append((options.index(name), name))
        elif cell not in NOT_MARKED:
            raise BadInput("ballot_mark_wrong", table.place(row, name), word=cells[index])
    if len({place for place, _name in marks}) < len(marks):
        raise BadInput("ballot_place_twice", table.place(row))
    return ballots.Paper(tuple(name for _place, name in sorted(marks)), weight)


def _fraction(name: str, text: str, table: Table | None = None, row: int | None = None) -> Fraction:
    try:
        return Fraction(text)
    except (ValueError, ZeroDivisionError) as error:
        place = None if table is None else table.place(row, name)
        raise BadInput("fraction_wrong", place, name=name, text=text) from error
