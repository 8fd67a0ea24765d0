"""Reading the strata of a plan, and what the waves brought, from tables."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

from isegoria.errors import BadInput, collect
from isegoria.pool.reading import Table, read_table, table_header_row
from isegoria.register.planner import Target, Wave

_SHARE = re.compile(r"(?:(\d{1,9})/(\d{1,9})|(\d{1,9}(?:[.,]\d{1,9})?)\s*(%?))", re.ASCII)
_WHOLE = re.compile(r"\d{1,9}", re.ASCII)
_PER_CENT = 100


def share_of(text: str) -> Fraction | None:
    """Return a share written as `4 %`, `0.04`, `0,04` or `1/25`, exactly; None if it is none of these.

    Examples
    --------
    >>> share_of("4.5 %"), share_of("1/25")
    (Fraction(9, 200), Fraction(1, 25))
    """
    found = _SHARE.fullmatch(text.strip())
    if not found:
        return None
    if found[1]:
        return Fraction(int(found[1]), int(found[2])) if int(found[2]) else None
    number = Fraction(Decimal(found[3].replace(",", ".")))
    return number / _PER_CENT if found[4] else number


def read_targets(path: Path | str, reply_rate: Fraction | None = None) -> tuple[Target, ...]:
    """Return the strata of a table.

    Parameters
    ----------
    path
        CSV with the columns `stratum,share,seats` and, if wanted, `reply_rate`. Shares and rates are written as
        `4 %`, `0.04` or `1/25`.
    reply_rate
        Of strata without one of their own.

    Raises
    ------
    BadInput
        With file, row and column; several together.
    """
    table = read_table(path)
    where = _columns(table, ("stratum", "share", "seats"))
    targets: list[Target] = []
    faults: list[BadInput] = []
    seen: dict[str, int] = {}
    for number, cells in table.rows:
        row = {name: cells[index] for name, index in where.items()}
        try:
            target = _target(table, number, row, reply_rate)
        except BadInput as fault:
            faults.append(fault)
            continue
        first = seen.setdefault(target.name, number)
        if first != number:
            faults.append(BadInput("stratum_twice", table.place(number, "stratum"), first=first))
        targets.append(target)
    collect(faults)
    return tuple(targets)


def read_wave(path: Path | str, targets: Sequence[Target], letters: int | None = None) -> Wave:
    """Return what a wave brought.

    Parameters
    ----------
    path
        CSV with the columns `stratum,yes` and, where it is known, `sent`.
    targets
        The strata of the plan; a stratum without a row brought nobody.
    letters
        Of the wave, in all; if None, the sum of `sent`.

    Raises
    ------
    BadInput
        With file, row and column; several together.
    """
    table = read_table(path)
    where = _columns(table, ("stratum", "yes") if letters is not None else ("stratum", "yes", "sent"))
    known = {target.name for target in targets}
    yes: dict[str, int] = {}
    sent: dict[str, int] = {}
    faults: list[BadInput] = []
    for number, cells in table.rows:
        name = cells[where["stratum"]]
        if name not in known:
            choices = ", ".join(sorted(known))
            faults.append(BadInput("value_unknown", table.place(number, "stratum"), choices=choices))
            continue
        try:
            yes[name] = _count(table, number, where["yes"], cells)
            if "sent" in where and cells[where["sent"]]:
                sent[name] = _count(table, number, where["sent"], cells)
        except BadInput as fault:
            faults.append(fault)
    collect(faults)
    return Wave(sum(sent.values()) if letters is None else letters, yes, sent)


def _columns(table: Table, required: Sequence[str]) -> dict[str, int]:
    where = {name.casefold(): index for index, name in enumerate(table.header)}
    place = table.place(table_header_row(table))
    collect([BadInput("column_missing", place, column=name) for name in required if name not in where])
    return where


def _target(table: Table, number: int, row: Mapping[str, str], reply_rate: Fraction | None) -> Target:
    if not row["stratum"]:
        raise BadInput("cell_blank", table.place(number, "stratum"))
    share = _share(table, number, "share", row["share"])
    if not _WHOLE.fullmatch(row["seats"]):
        raise BadInput("not_whole", table.place(number, "seats"))
    own = row.get("reply_rate", "")
    rate = _share(table, number, "reply_rate", own) if own else reply_rate
    if rate is None:
        raise BadInput("cell_blank", table.place(number, "reply_rate"))
    return Target(row["stratum"], share, int(row["seats"]), rate)


def _share(table: Table, number: int, column: str, text: str) -> Fraction:
    share = share_of(text)
    if share is None or not 0 < share <= 1:
        raise BadInput("share_wrong", table.place(number, column))
    return share


def _count(table: Table, number: int, index: int, cells: Sequence[str]) -> int:
    if not _WHOLE.fullmatch(cells[index]):
        raise BadInput("not_whole", table.place(number, table.header[index]))
    return int(cells[index])
