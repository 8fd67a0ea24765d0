"""The profile of a register: what one office calls its columns and how it writes dates and values, kept as a file.

A profile is made once (`isegoria register profile`), read by people, corrected, and kept beside the register; then every
extract of this office is read in the same way, or refused.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path
from typing import Annotated, Final, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError, model_validator

from isegoria.addresses import household_of, same_home
from isegoria.errors import BadInput, Place, collect
from isegoria.register.scanning import NEVER_EMPTY, Layout

SCHEMA: Final = 1
Unit = Literal["person", "household", "address"]
DateOrder = Literal["year-month-day", "day-month-year", "month-day-year"]
Incomplete = Literal["refuse", "earliest"]
Column = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
FIELD = re.compile(r"[a-z][a-z0-9_]{0,39}")
DERIVED = ("id", "household")
"""What can be made out of the address, where the register has none."""
_ORDERS: Mapping[DateOrder, tuple[str, str]] = {
    "year-month-day": (r"(\d{4})([-./ ]?)(\d{1,2})\2(\d{1,2})", "ymd"),
    "day-month-year": (r"(\d{1,2})([-./ ]?)(\d{1,2})\2(\d{4})", "dmy"),
    "month-day-year": (r"(\d{1,2})([-./ ]?)(\d{1,2})\2(\d{4})", "mdy"),
}
_MIDNIGHT = re.compile(r"[ T]00:00(:00(\.0+)?)?$")
_COMPACT = 8


class Profile(BaseModel):
    """How one office writes its register.

    Attributes
    ----------
    unit
        What a row is: a `person`, a `household` or an `address`.
    columns
        Our column to theirs, and a name for every further column that stays in a converted file, such as one that letters
        are shared out by. Columns that are not named here are left out of it.
    derive
        Of `id` and `household`, those that are made out of the address because the register has none.
    dates
        The order in which dates are written; separated by `-` `.` `/`, a space or nothing.
    incomplete
        What becomes of a birth date whose day or month is not known, `00`: `refuse`, or `earliest`: the earliest day that
        it can be, so that nobody loses her chance because a register does not know her birthday.
    values
        For some of our columns: their value to ours. A value that is not listed is refused.
    may_be_empty
        Our columns that may be empty although they usually are not.
    encoding, delimiter, sheet
        Of the file, where they should not be found by themselves.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    schema_version: Literal[1] = SCHEMA
    unit: Unit = "person"
    encoding: str | None = None
    delimiter: Annotated[str, StringConstraints(min_length=1, max_length=1)] | None = None
    sheet: str | None = None
    dates: DateOrder = "year-month-day"
    incomplete: Incomplete = "refuse"
    derive: tuple[Literal["id", "household"], ...] = ()
    may_be_empty: tuple[str, ...] = ()
    columns: dict[str, Column]
    values: dict[str, dict[str, str]] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _fits(self) -> Profile:
        wrong = [name for name in {*self.columns, *self.values} if not FIELD.fullmatch(name)]
        if wrong:
            raise ValueError(f"{wrong[0]!r} is not a name of a column: small letters, digits and _")
        if len(set(self.columns.values())) < len(self.columns):
            raise ValueError("two columns of ours are one of theirs")
        both = [name for name in self.derive if name in self.columns]
        if both:
            raise ValueError(f"{both[0]} is derived and a column as well")
        if "id" not in self.columns and "id" not in self.derive:
            raise ValueError("there is no id, neither as a column nor derived")
        if self.derive and not {"street", "address"} & self.columns.keys():
            raise ValueError("without street or address nothing can be derived from it")
        if self.unit == "person" and "id" in self.derive:
            raise ValueError("people at one address need ids of their own")
        return self

    def layout(self) -> Layout:
        """Return how a file is read with this profile."""
        translate: dict[str, Callable[[str], str | None]] = {
            column: known.get for column, known in self.values.items()
        }
        if "birth_date" in self.columns:
            translate["birth_date"] = reader_of_dates(self.dates, self.incomplete)
        add = dict.fromkeys(map(str, self.derive), _home)
        never = {"id", *(NEVER_EMPTY if self.unit == "person" else ())} - set(self.may_be_empty)
        return Layout(
            required=tuple(self.columns),
            never_empty=tuple(
                name for name in NEVER_EMPTY if name in never and name in {*self.columns, *add}
            ),
            names={ours: theirs for ours, theirs in self.columns.items() if ours != theirs},
            translate=translate,
            add=add,
            keep=frozenset((*self.columns, *self.derive)),
        )

    def toml(self) -> str:
        """Return the profile as a file, which `read_profile` reads back as it was."""
        return "".join(f"{line}\n" for line in _lines(self))


def read_profile(path: Path | str) -> Profile:
    """Return the profile of a file.

    Raises
    ------
    BadInput
        `file_missing`, `profile_not_toml`; `profile_wrong` with the place in the file, several together.
    """
    path = Path(path)
    try:
        data = tomllib.loads(path.read_text("utf-8"))
    except FileNotFoundError as error:
        raise BadInput("file_missing", Place(str(path)), file=path.name) from error
    except OSError as error:
        raise BadInput(
            "file_unreadable", Place(str(path)), file=path.name, detail=error.strerror or ""
        ) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BadInput("profile_not_toml", Place(path.name), detail=str(error)) from error
    try:
        return Profile.model_validate(data)
    except ValidationError as error:
        faults = [
            BadInput(
                "profile_wrong",
                Place(path.name, column=".".join(map(str, each["loc"])) or None),
                detail=each["msg"].removeprefix("Value error, "),
            )
            for each in error.errors(include_url=False, include_input=False)
        ]
        collect(faults)
        raise


def reader_of_dates(order: DateOrder, incomplete: Incomplete = "refuse") -> Callable[[str], str | None]:
    """Return what reads a date of one order as ISO, `1961-05-17`, and returns None for anything else.

    Years have four digits; a time of midnight behind the date is left out.

    Examples
    --------
    >>> read = reader_of_dates("day-month-year", "earliest")
    >>> read("17.5.1961"), read("00/00/1961"), read("1961-05-17")
    ('1961-05-17', '1961-01-01', None)
    """
    pattern, letters = _ORDERS[order]
    form = re.compile(pattern)

    def read(text: str) -> str | None:
        plain = _MIDNIGHT.sub("", text)
        found = form.fullmatch(plain)
        if not found or (not found[2] and len(plain) != _COMPACT):
            return None
        parts = dict(zip(letters, (int(found[1]), int(found[3]), int(found[4])), strict=True))
        if incomplete == "earliest":
            parts["d"] = parts["d"] or 1
            parts["m"] = parts["m"] or 1
        try:
            return date(parts["y"], parts["m"], parts["d"]).isoformat()
        except ValueError:
            return None

    return read


def _home(row: Mapping[str, str]) -> str:
    """Return the key of a row's home; empty where it has no address."""
    town = row.get("municipality_name", "")
    if "address" in row and not row.get("street"):
        key = same_home(row["address"], row.get("postcode") or town) if row["address"] else ""
    else:
        street, number, box, postcode = (
            row.get(name, "") for name in ("street", "house_number", "box", "postcode")
        )
        key = household_of(street, number, box, postcode, town)
    return key.replace("\n", "; ")


def _lines(profile: Profile) -> list[str]:
    lines = [f"schema_version = {profile.schema_version}", f"unit = {_text(profile.unit)}"]
    lines += [
        f"{name} = {_text(value)}"
        for name in ("encoding", "delimiter", "sheet")
        if (value := getattr(profile, name)) is not None
    ]
    lines += [f"dates = {_text(profile.dates)}", f"incomplete = {_text(profile.incomplete)}"]
    for name in ("derive", "may_be_empty"):
        lines.append(f"{name} = [{', '.join(map(_text, getattr(profile, name)))}]")
    lines += ["", "[columns]", *(f"{ours} = {_text(theirs)}" for ours, theirs in profile.columns.items())]
    for column, known in profile.values.items():
        lines += [
            "",
            f"[values.{column}]",
            *(f"{_text(theirs)} = {_text(ours)}" for theirs, ours in known.items()),
        ]
    return lines


def _text(value: str) -> str:
    # A string of JSON is a basic string of TOML, but for one sign that JSON does not escape.
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


UNITS: tuple[Unit, ...] = get_args(Unit)
