"""The schema of a rule book. Every rule has an id: its dotted path, `bodies.assembly.decision.threshold`."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from fractions import Fraction
from typing import Annotated, ClassVar, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PlainSerializer, model_validator

Language = Literal["nl", "fr", "de", "en"]
Texts = dict[Language, str]
Key = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]{0,39}$")]


def _as_fraction(value: object) -> object:
    if isinstance(value, str):
        try:
            return Fraction(value)
        except (ValueError, ZeroDivisionError):
            raise ValueError('write a share as a fraction in quotation marks, like "4/5"') from None
    return value


Share = Annotated[
    Fraction,
    BeforeValidator(_as_fraction),
    PlainSerializer(str),
    Field(gt=0, le=1),
]
"""A share in (0, 1], exact, written as text: `"4/5"`."""


class Rules(BaseModel):
    """What every table of a rule book has in common: frozen, strict, and no key that nobody reads.

    `alternatives` are pairs of rules of which the second says what the first would say: where the second is
    set, the statute is not silent on the first.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, arbitrary_types_allowed=True)
    alternatives: ClassVar[tuple[tuple[str, str], ...]] = ()


class Decision(Rules):
    """How a body decides.

    `threshold` is the share of yes that adopts; `abstention` says whether abstentions count in the base;
    `quorum` is the share of sitting members who must vote. What is None, the statute does not say.
    """

    consensus_first: bool = False
    threshold: Share | None = None
    more_than: bool = False
    abstention: Literal["counted", "excluded"] | None = None
    quorum: Share | None = None
    secret: bool | None = None


class Rotation(Rules):
    """Who leaves, and when: by the clock (`every_months`) or by an event (`trigger`)."""

    alternatives = (("every_months", "trigger"), ("trigger", "every_months"))

    share: Share
    every_months: Annotated[int, Field(ge=1, le=120)] | None = None
    trigger: Literal["assembly_closed"] | None = None
    leave: Literal["longest_serving"] = "longest_serving"
    enter: Texts = {}

    @model_validator(mode="after")
    def _one_of_two(self) -> Rotation:
        if (self.every_months is None) == (self.trigger is None):
            raise ValueError("give either every_months or trigger")
        return self


class Body(Rules):
    """A council or an assembly.

    A standing body has `mandate_months`, `meetings_per_year` and a `rotation`; one that is convened for a theme
    has a `mandate` in words and is convened so often `per_calendar_year`.
    """

    alternatives = (
        ("mandate_months", "mandate"),
        ("mandate", "mandate_months"),
        ("rotation", "mandate"),
        ("meetings", "meetings_per_year"),
        ("meetings_per_year", "meetings"),
        ("per_calendar_year", "mandate_months"),
    )

    key: Key
    title: Texts
    size: int | tuple[int, int]
    mandate_months: Annotated[int, Field(ge=1, le=120)] | None = None
    mandate: Texts = {}
    task: Texts = {}
    rotation: Rotation | None = None
    entry_condition: Texts = {}
    meetings: Annotated[int, Field(ge=1, le=60)] | None = None
    meetings_per_year: Annotated[int, Field(ge=1, le=60)] | None = None
    per_calendar_year: tuple[int, int] | None = None
    decision: Decision = Decision()

    @property
    def size_min(self) -> int:
        """The fewest seats."""
        return self.size if isinstance(self.size, int) else self.size[0]

    @property
    def size_max(self) -> int:
        """The most seats."""
        return self.size if isinstance(self.size, int) else self.size[1]

    @model_validator(mode="after")
    def _size_is_a_range(self) -> Body:
        if not 1 <= self.size_min <= self.size_max:
            raise ValueError("size must be a number of seats, or [fewest, most]")
        return self


class Draw(Rules):
    """How people are drawn: the frame, the letters, the features of the second draw."""

    frame: Texts
    age_min: Annotated[int, Field(ge=0, le=120)]
    residence: Texts = {}
    nationality_required: bool | None = None
    exclusions: Texts = {}
    letters: Annotated[int, Field(ge=1)] | None = None
    reply_days: Annotated[int, Field(ge=1, le=365)] | None = None
    strata: tuple[Key, ...] = ()
    reserve: Texts = {}


class Agenda(Rules):
    """Who sets the theme, who may propose one, and what it takes."""

    decides: Key | None = None
    may_propose: Texts = {}
    proposal_form: Texts = {}
    resident_signatures: Annotated[int, Field(ge=1)] | None = None
    admissibility: Texts = {}


class Duty(Rules):
    """What the authority owes a recommendation. `answer_days` None: the statute sets no deadline."""

    text: Texts
    answer_days: Annotated[int, Field(ge=1, le=1000)] | None = None
    refusal_needs_reasons: bool | None = None
    review_months: Annotated[int, Field(ge=1, le=60)] | None = None
    review: Texts = {}


class Pay(Rules):
    """What a member gets. `amount_per_day_eur` None: no published amount."""

    allowance: bool | None = None
    travel: bool | None = None
    car_insurance: bool | None = None
    amount_per_day_eur: Annotated[str, Field(pattern=r"^\d+(\.\d\d)?$")] | None = None


class Blackout(Rules):
    """No assembly is convened in the months before an election."""

    months_before_election: Annotated[int, Field(ge=1, le=24)]


class RuleBook(Rules):
    """The rules of one institution, in one version."""

    schema_version: Literal[1]
    id: Key
    version: str
    title: Texts
    legal_basis: str
    sources: tuple[str, ...] = ()
    valid_from: date
    languages: Annotated[tuple[Language, ...], Field(min_length=1)]
    level: Literal["municipality", "province", "region", "state", "union"]
    appointing: Texts = {}
    secretariat: Texts = {}
    bodies: Annotated[tuple[Body, ...], Field(min_length=1)]
    draw: Draw
    agenda: Agenda = Agenda()
    duty: Duty
    pay: Pay = Pay()
    blackout: Blackout | None = None

    @model_validator(mode="after")
    def _keys_and_languages(self) -> RuleBook:
        keys = [body.key for body in self.bodies]
        doubled = {key for key in keys if keys.count(key) > 1}
        if doubled:
            raise ValueError(f"bodies: the key {min(doubled)} stands twice; give each body its own")
        if self.agenda.decides is not None and self.agenda.decides not in keys:
            raise ValueError(
                f"agenda.decides: {self.agenda.decides} is none of the bodies {', '.join(keys)}"
            )
        return self

    def body(self, key: str) -> Body:
        """Return the body with this key.

        Raises
        ------
        KeyError
            If the rule book has none.
        """
        for body in self.bodies:
            if body.key == key:
                return body
        raise KeyError(key)

    def silent(self) -> tuple[str, ...]:
        """Return the ids of the rules that the schema knows and the statute does not set, in order."""
        return tuple(_silent(self, ""))

    def texts(self) -> Iterator[tuple[str, Texts]]:
        """Yield the id and the languages of every text that citizens read."""
        yield from _texts(self, "")


def _silent(table: Rules, path: str) -> Iterator[str]:
    said_elsewhere = {rule for rule, other in table.alternatives if getattr(table, other) not in (None, {})}
    for name in type(table).model_fields:
        value, rule = getattr(table, name), f"{path}{name}"
        if (value is None or value == {}) and name not in said_elsewhere:
            yield rule
    for rule, part in _parts(table, path):
        yield from _silent(part, rule)


def _texts(table: Rules, path: str) -> Iterator[tuple[str, Texts]]:
    for name in type(table).model_fields:
        value = getattr(table, name)
        if isinstance(value, dict) and value:
            yield f"{path}{name}", value
    for rule, part in _parts(table, path):
        yield from _texts(part, rule)


def _parts(table: Rules, path: str) -> Iterator[tuple[str, Rules]]:
    """Yield the tables inside a table with the beginning of their rules' ids."""
    for name in type(table).model_fields:
        value = getattr(table, name)
        if isinstance(value, Rules):
            yield f"{path}{name}.", value
        elif name == "bodies":
            yield from ((f"bodies.{body.key}.", body) for body in value)
