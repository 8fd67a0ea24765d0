"""The schema of a rule book. Every rule has an id: its dotted path, `bodies.assembly.decision.threshold`.

A rule that the statute does not set is absent (or written as the one word `"silent"`); `RuleBook.silent` names it.
`docs/rulebook.schema.json` is this schema in JSON Schema, and `docs/rule-books.md` tells how to write one.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from datetime import date
from fractions import Fraction
from typing import Annotated, ClassVar, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    WithJsonSchema,
    model_validator,
)

SCHEMA_VERSION = 2

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


def _known_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        raise ValueError('write the name of a time zone, like "Europe/Brussels"') from None
    return name


def _ordered(value: int | tuple[int, int]) -> int | tuple[int, int]:
    low, high = _range(value)
    if not 1 <= low <= high:
        raise ValueError("write one number, 1 or more, or [fewest, most]: of seats, or of months")
    return value


def _range(value: int | tuple[int, int]) -> tuple[int, int]:
    return (value, value) if isinstance(value, int) else value


Share = Annotated[
    Fraction,
    BeforeValidator(_as_fraction),
    PlainSerializer(str),
    Field(gt=0, le=1),
    WithJsonSchema({"type": "string", "pattern": r"^\d+(/\d+)?$", "description": 'Exact, like "4/5".'}),
]
"""A share in (0, 1], exact, written as text: `"4/5"`."""

Seats = Annotated[int, Field(ge=1)]
Months = Annotated[int, Field(ge=1, le=120)]
Range = Annotated[int | tuple[int, int], AfterValidator(_ordered)]
"""One number, or the fewest and the most."""
Count = Annotated[int, Field(ge=1, le=60)]
Days = Annotated[int, Field(ge=1, le=1000)]
Money = Annotated[str, Field(pattern=r"^\d+(\.\d\d)?$")]
Zone = Annotated[str, AfterValidator(_known_zone)]


class Rules(BaseModel):
    """What every table of a rule book has in common: frozen, strict, and no key that nobody reads.

    `alternatives` are pairs of rules of which the second says what the first would say: where the second is set,
    the statute is not silent on the first. `extras` are rules that no statute needs: their absence is no silence.
    `silent_lists` are lists whose emptiness is silence.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, arbitrary_types_allowed=True)
    alternatives: ClassVar[tuple[tuple[str, str], ...]] = ()
    extras: ClassVar[tuple[str, ...]] = ()
    silent_lists: ClassVar[tuple[str, ...]] = ()


class Decision(Rules):
    """How a body decides, and whether that binds."""

    extras = ("minority_days",)

    consensus_first: bool = Field(default=False, description="Whether consensus is sought before a vote.")
    threshold: Share | None = Field(default=None, description="Share of yes that adopts.")
    more_than: bool = Field(
        default=False, description="Whether more than the threshold is needed, not just as much."
    )
    abstention: Literal["counted", "excluded"] | None = Field(
        default=None, description="Whether abstentions count in the base of the threshold."
    )
    quorum: Share | None = Field(default=None, description="Share of the seats whose members must vote.")
    secret: bool | None = Field(default=None, description="Whether the citizens vote in secret.")
    effect: Literal["binding", "consultative"] | None = Field(
        default=None, description="Whether the citizens' vote binds or advises."
    )
    minority_days: Annotated[int, Field(ge=2, le=60)] | None = Field(
        default=None, description="Days after the count in which members can add a minority opinion."
    )


class Rotation(Rules):
    """How a body is refilled, and when: by the clock (`every_months`) or by an event (`trigger`)."""

    alternatives = (("every_months", "trigger"), ("trigger", "every_months"))
    extras = ("share", "entering", "returning")

    kind: Literal["part", "whole", "return", "cohorts"] = Field(
        default="part",
        description="part: a share leaves; whole: all leave; return: some come back; cohorts: groups of fixed size.",
    )
    share: Share | None = Field(
        default=None, description="For part: the share of the seats that is renewed."
    )
    entering: Seats | None = Field(
        default=None, description="For cohorts: how many enter, and leave, each time."
    )
    returning: Seats | None = Field(
        default=None, description="For return: how many of the members so far stay for the next cycle."
    )
    every_months: Months | None = Field(default=None, description="Months between two renewals.")
    trigger: Literal["assembly_closed", "cycle_closed", "calendar_year", "mandate_ended"] | None = Field(
        default=None,
        description="The event: an assembly or the body's own cycle closes, a year begins, a mandate ends.",
    )
    leave: Literal["longest_serving"] = Field(default="longest_serving", description="Who leaves first.")
    enter: Texts = Field(default={}, description="Who takes the places, in words.")

    @model_validator(mode="after")
    def _fits_its_kind(self) -> Rotation:
        if (self.every_months is None) == (self.trigger is None):
            raise ValueError("give either every_months or trigger")
        for kind, rule in (("part", "share"), ("return", "returning"), ("cohorts", "entering")):
            if (self.kind == kind) != (getattr(self, rule) is not None):
                raise ValueError(f"{rule} belongs to a rotation of kind {kind}, and that kind needs it")
        if self.kind == "cohorts" and self.every_months is None:
            raise ValueError("cohorts enter by the clock: give every_months")
        return self


class FixedSeats(Rules):
    """Seats that are kept for some people: a lower bound that every draw must meet."""

    extras = ("seats", "share", "feature", "value", "ages")

    key: Key = Field(description="Names these seats; part of their rules' ids.")
    title: Texts = Field(description="For whom they are.")
    seats: Seats | None = Field(default=None, description="How many seats, at least.")
    share: Share | None = Field(default=None, description="Which share of the seats, at least, rounded up.")
    exact: bool = Field(default=False, description="Whether there are exactly so many, not more.")
    feature: Key | None = Field(
        default=None, description="The feature of the draw that tells who these people are."
    )
    value: str | None = Field(default=None, description="Its value.")
    ages: tuple[int, int] | None = Field(default=None, description="First and last age of these people.")

    @model_validator(mode="after")
    def _one_of_two(self) -> FixedSeats:
        if (self.seats is None) == (self.share is None):
            raise ValueError("give either seats or share")
        if self.ages and self.ages[0] > self.ages[1]:
            raise ValueError("ages must be [first, last]")
        return self

    def needed(self, size: int) -> int:
        """Return how many of `size` seats these are."""
        return self.seats if self.seats is not None else math.ceil(size * (self.share or Fraction(0)))


class OtherSeats(Rules):
    """Members of a mixed body who are not drawn by lot, such as members of parliament."""

    extras = ("citizens_per_seat", "rule", "of_all", "abstention", "quorum", "weight")

    key: Key = Field(description="Names this group; part of its rules' ids.")
    title: Texts = Field(description="Who they are.")
    seats: Range | None = Field(default=None, description="How many.")
    citizens_per_seat: Seats | None = Field(
        default=None, description="How many citizens sit there for each of them."
    )
    effect: Literal["binding", "consultative"] | None = Field(
        default=None, description="Whether their vote binds or advises."
    )
    secret: bool | None = Field(default=None, description="Whether they vote in secret.")
    threshold: Share | None = Field(default=None, description="Share of their votes that says yes.")
    more_than: bool = Field(
        default=False, description="Whether more than the threshold is needed, not just as much."
    )
    of_all: Literal[True] | None = Field(
        default=None, description="Whether the share is of all of them, also of those who do not vote."
    )
    abstention: Literal["counted", "excluded"] | None = Field(
        default=None, description="Whether abstentions count in the base of the threshold."
    )
    quorum: Share | None = Field(default=None, description="Share of them who must vote.")
    weight: Annotated[int, Field(ge=1, le=1000)] | None = Field(
        default=None,
        description="As how many votes of citizens one of their votes counts, where the votes are added up.",
    )
    rule: Texts = Field(default={}, description="What else holds for their vote, in words.")


class CoolingOff(Rules):
    """How long a former member cannot be drawn again."""

    months: Annotated[int, Field(ge=1, le=240)] = Field(
        description="Months after the last day of the term."
    )
    scope: Literal["body", "institution"] = Field(
        default="body",
        description="Whether it keeps from this body, or from every body of the institution.",
    )


class Body(Rules):
    """A council, an assembly or a committee.

    A standing body has `mandate_months`, `meetings_per_year` and a `rotation`; one that is convened for a theme
    has a `mandate` in words and is convened so often `per_calendar_year`.
    """

    alternatives = (
        ("mandate_months", "mandate"),
        ("mandate", "mandate_months"),
        ("rotation", "mandate"),
        ("meetings", "meetings_per_year"),
        ("meetings_per_year", "meetings"),
        ("meetings", "sessions"),
        ("meetings_per_year", "sessions"),
        ("per_calendar_year", "mandate_months"),
        ("per_calendar_year", "rotation"),
        ("entry_condition", "drawn_from"),
    )
    extras = (
        "drawn_from", "first_composition", "sessions", "replaced_until_meeting", "suspension", "exclusion",
        "exclusion_hearing", "together", "public_names",
    )  # fmt: skip

    key: Key = Field(description="Names the body; part of its rules' ids.")
    title: Texts = Field(description="What it is called.")
    drawn: bool = Field(
        default=True,
        description="False: its members are named, elected or come by themselves; nobody is drawn.",
    )
    size: Range | None = Field(default=None, description="Citizens' seats: a number, or [fewest, most].")
    mandate_months: Range | None = Field(
        default=None, description="How long a member sits, at most: a number, or [shortest, longest]."
    )
    mandate: Texts = Field(default={}, description="How long a member sits, in words.")
    task: Texts = Field(default={}, description="What the body is for.")
    rotation: Rotation | None = Field(default=None, description="How it is refilled.")
    entry_condition: Texts = Field(
        default={}, description="What a member must fulfil, beside the rules of the draw."
    )
    drawn_from: Key | None = Field(
        default=None, description="The body among whose members people are drawn."
    )
    fixed_seats: tuple[FixedSeats, ...] = Field(
        default=(), description="Seats that are kept for some people."
    )
    others: tuple[OtherSeats, ...] = Field(default=(), description="Members who are not drawn by lot.")
    alternates: Annotated[int, Field(ge=0)] | Literal["equal"] | None = Field(
        default=None, description='How many alternates are drawn; "equal": as many as members.'
    )
    cooling_off: CoolingOff | None = Field(
        default=None, description="How long a former member cannot be drawn again."
    )
    most_terms: Annotated[int, Field(ge=1, le=20)] | None = Field(
        default=None, description="How many terms one person may sit."
    )
    replaced_until_meeting: Count | None = Field(
        default=None, description="After this meeting of a cycle an empty seat stays empty."
    )
    suspension: Texts = Field(
        default={}, description="When a member is suspended: she keeps the seat and cannot act."
    )
    exclusion: Texts = Field(default={}, description="When a member is excluded and loses the seat.")
    exclusion_hearing: bool | None = Field(
        default=None, description="Whether a member is heard before she is excluded."
    )
    public_names: bool | None = Field(
        default=None,
        description="Whether a member's name may stand in public, which it does only where she wishes it; false: never.",
    )
    first_composition: Texts = Field(
        default={}, description="Who sits in it first, before the rules can hold."
    )
    sessions: Texts = Field(default={}, description="How it meets, in words.")
    meetings: Count | None = Field(default=None, description="Meetings in a cycle.")
    meetings_per_year: Count | None = Field(default=None, description="Meetings in a year.")
    per_calendar_year: tuple[Annotated[int, Field(ge=0)], Count] | None = Field(
        default=None, description="How often it is convened in a calendar year: [fewest, most]."
    )
    decision: Decision = Field(default=Decision(), description="How it decides.")
    together: Literal["each", "weighted"] | None = Field(
        default=None,
        description="Of a mixed body. each: every vote that binds must say yes; weighted: the votes are added up.",
    )

    @property
    def size_min(self) -> int:
        """The fewest seats; 0 where the statute is silent."""
        return 0 if self.size is None else _range(self.size)[0]

    @property
    def size_max(self) -> int:
        """The most seats; 0 where the statute is silent."""
        return 0 if self.size is None else _range(self.size)[1]

    @property
    def mandate_most(self) -> int | None:
        """The longest mandate in months."""
        return None if self.mandate_months is None else _range(self.mandate_months)[1]

    @property
    def is_filled_by_lot(self) -> bool:
        """Whether the rule book says enough to draw it: it is drawn, and its size is known."""
        return self.drawn and self.size is not None

    @property
    def is_standing(self) -> bool:
        """Whether it goes on from theme to theme, instead of being convened for one."""
        renewed = self.rotation is not None and self.rotation.trigger != "cycle_closed"
        return self.mandate_months is not None or (renewed and not self.per_calendar_year)

    def alternates_for(self, size: int) -> int:
        """Return how many alternates are drawn beside so many members; none where the statute is silent."""
        return size if self.alternates == "equal" else self.alternates or 0

    @model_validator(mode="after")
    def _once_a_year_at_least_fits_at_most(self) -> Body:
        if self.per_calendar_year and self.per_calendar_year[0] > self.per_calendar_year[1]:
            raise ValueError("per_calendar_year must be [fewest, most]")
        return self


class Draw(Rules):
    """How people are drawn: the frame, the letters, the features of the second draw."""

    alternatives = (("nationality_required", "eligibility"), ("residence", "eligibility"))
    extras = ("unit", "letters_by", "eligibility", "witness", "disclosure", "reminder_days")
    silent_lists = ("strata",)

    frame: Texts = Field(default={}, description="The list from which people are drawn.")
    unit: Literal["person", "household", "address", "place", "telephone"] | None = Field(
        default=None, description="What the first draw falls on."
    )
    age_min: Annotated[int, Field(ge=0, le=120)] | None = Field(
        default=None, description="Youngest age, in completed years."
    )
    residence: Texts = Field(default={}, description="Where one must live.")
    nationality_required: bool | None = Field(
        default=None, description="Whether the nationality of the country is needed."
    )
    eligibility: Texts = Field(
        default={}, description="What else one must fulfil, such as the right to vote."
    )
    exclusions: Texts = Field(default={}, description="Who cannot be a member.")
    letters: Annotated[int, Field(ge=1)] | None = Field(
        default=None, description="How many letters are sent."
    )
    letters_by: Texts = Field(default={}, description="How those who are written to are found, in words.")
    reply_days: Annotated[int, Field(ge=1, le=365)] | None = Field(
        default=None, description="Days to answer."
    )
    reminder_days: Annotated[int, Field(ge=1, le=365)] | None = Field(
        default=None, description="Days after a letter until those who have not answered are reminded."
    )
    strata: tuple[Key, ...] = Field(default=(), description="Features that the members mirror.")
    reserve: Texts = Field(default={}, description="What becomes of those who said yes and were not drawn.")
    witness: Texts = Field(default={}, description="Who watches the draw and writes the record.")
    disclosure: Literal["open", "sealed"] | None = Field(
        default=None,
        description="Whether the public record of the second draw shows the features of each code, or seals rare ones.",
    )
    challenge_days: Annotated[int, Field(ge=1, le=365)] | None = Field(
        default=None, description="Days in which anybody can object to a draw before it is final."
    )


class Agenda(Rules):
    """Who sets the theme, who may propose one, and what it takes."""

    alternatives = (
        ("decides", "chosen_by"),
        ("chosen_by", "decides"),
        ("resident_signatures", "chosen_by"),
        ("proposal_form", "chosen_by"),
        ("admissibility", "chosen_by"),
        ("may_propose", "chosen_by"),
        ("verdict_months", "chosen_by"),
        ("refusal_needs_reasons", "chosen_by"),
        ("judges", "chosen_by"),
        ("adopts_question", "chosen_by"),
    )
    extras = (
        "proposers", "choice", "signatures_kept_days", "signatory_age_min", "collect_months", "resubmit_months",
        "first_meeting_months",
    )  # fmt: skip

    decides: Key | None = Field(default=None, description="The body that chooses the theme.")
    chosen_by: Texts = Field(default={}, description="Who chooses the theme, in words.")
    choice: Literal["approval", "ranking"] | None = Field(
        default=None, description="How that body votes on the themes, where it is drawn by lot."
    )
    judges: Key | None = Field(
        default=None, description="The body that judges whether a proposed theme is admissible."
    )
    adopts_question: Key | None = Field(
        default=None,
        description="The body that adopts the mandate's question before the authority signs it.",
    )
    may_propose: Texts = Field(default={}, description="Who may propose a theme.")
    proposers: tuple[Literal["resident", "association", "member", "authority"], ...] = Field(
        default=(),
        description="The kinds of proposers, for the software; none named: residents who collect signatures.",
    )
    proposal_form: Texts = Field(default={}, description="What a proposal must hold.")
    resident_signatures: Annotated[int, Field(ge=1)] | None = Field(
        default=None, description="Signatures that residents need for a proposal."
    )
    signatory_age_min: Annotated[int, Field(ge=0, le=120)] | None = Field(
        default=None, description="Youngest age of those who sign."
    )
    collect_months: Months | None = Field(
        default=None, description="Months in which signatures are collected."
    )
    signatures_kept_days: Days | None = Field(
        default=None,
        description="Days after the last day to sign, after which who signed is erased; the count stays.",
    )
    admissibility: Texts = Field(default={}, description="Which themes are allowed.")
    verdict_months: Months | None = Field(
        default=None, description="Months in which a proposal is accepted or refused."
    )
    refusal_needs_reasons: bool | None = Field(
        default=None, description="Whether a refused proposal gets published reasons."
    )
    resubmit_months: Months | None = Field(
        default=None, description="Months in which a refused proposal may be handed in again."
    )
    first_meeting_months: tuple[Months, Months] | None = Field(
        default=None,
        description="The first meeting comes so many months after the decision: [soonest, latest].",
    )

    @model_validator(mode="after")
    def _soonest_comes_before_latest(self) -> Agenda:
        if self.first_meeting_months and self.first_meeting_months[0] > self.first_meeting_months[1]:
            raise ValueError("first_meeting_months must be [soonest, latest]")
        return self


class Duty(Rules):
    """What the authority owes a recommendation, and by when."""

    alternatives = (("answer_days", "answer_months"), ("answer_months", "answer_days"))
    extras = ("final_months",)

    text: Texts = Field(default={}, description="What the authority owes.")
    answer_days: Days | None = Field(default=None, description="Days until the first answer.")
    answer_months: Months | None = Field(default=None, description="Months until the first answer.")
    refusal_needs_reasons: bool | None = Field(default=None, description="Whether a refusal needs reasons.")
    final_months: Months | None = Field(
        default=None, description="Months until the account of what was done."
    )
    review_months: Months | None = Field(default=None, description="Months until the follow-up in public.")
    review: Texts = Field(default={}, description="How the follow-up is done.")
    follows_up: Key | None = Field(
        default=None, description="The body that gives the citizens' verdict on the authority's answers."
    )

    @model_validator(mode="after")
    def _one_clock(self) -> Duty:
        if self.answer_days is not None and self.answer_months is not None:
            raise ValueError("give either answer_days or answer_months")
        return self


class Amount(Rules):
    """An amount of money, from a day on."""

    extras = ("valid_from", "gross")

    key: Key = Field(description="Names the amount; part of its rule's id.")
    eur: Money = Field(description='Euros, like "217" or "44.02".')
    per: Literal["half_day", "day", "meeting", "year"] = Field(description="For what it is paid.")
    limit: bool = Field(default=False, description="Whether it is a ceiling, not the amount itself.")
    gross: bool | None = Field(default=None, description="Whether tax may still be due on it.")
    valid_from: date | None = Field(default=None, description="The first day on which it holds.")


class Pay(Rules):
    """What a member gets."""

    extras = ("regime", "scheme", "childcare", "car_insurance", "covers")
    silent_lists = ("amounts",)

    regime: Texts = Field(default={}, description="Under which law members are paid.")
    scheme: Literal["volunteer", "fee", "costs"] | None = Field(
        default=None,
        description="volunteer: a lump sum under ceilings; fee: taxable pay; costs: receipts alone are reimbursed.",
    )
    allowance: bool | None = Field(default=None, description="Whether members get money for their time.")
    travel: bool | None = Field(default=None, description="Whether travel is paid.")
    car_insurance: bool | None = Field(default=None, description="Whether members' cars are insured.")
    childcare: bool | None = Field(
        default=None, description="Whether children are looked after, or that is paid."
    )
    covers: Texts = Field(default={}, description="What is paid for.")
    amounts: tuple[Amount, ...] = Field(
        default=(), description="Amounts, with the day from which they hold."
    )


class Blackout(Rules):
    """Nobody is convened in the months before an election."""

    months_before_election: Annotated[int, Field(ge=1, le=24)] = Field(description="So many months before.")
    bodies: tuple[Key, ...] = Field(default=(), description="The bodies that it stops; none named: all.")

    def stops(self, body: str) -> bool:
        """Return whether it stops this body."""
        return not self.bodies or body in self.bodies


class RuleBook(Rules):
    """The rules of one institution, in one version."""

    extras = (
        "valid_from", "valid_until", "ended", "ends_after_meetings", "time_zone", "governance", "funding",
    )  # fmt: skip

    schema_version: Literal[2] = Field(
        description="The version of this schema; books of version 1 are still read."
    )
    id: Key = Field(description="Names the rule book.")
    version: str = Field(description="Names this version of it.")
    title: Texts = Field(description="What the institution is called.")
    legal_basis: str = Field(description="The law or decision behind it, as it is quoted.")
    sources: tuple[str, ...] = Field(default=(), description="Where the rules were read.")
    unconfirmed: tuple[str, ...] = Field(
        default=(),
        description="Ids of rules known from accounts of practice, whose legal text was not seen.",
    )
    valid_from: date | None = Field(
        default=None,
        description="The first day of this version, or the day of its adoption if only that is known.",
    )
    valid_until: date | None = Field(default=None, description="Its last day, if it was replaced.")
    ended: Texts = Field(default={}, description="How the institution ended, if it did.")
    ends_after_meetings: Count | None = Field(
        default=None, description="After so many meetings it ended; its calendar stops there."
    )
    languages: Annotated[tuple[Language, ...], Field(min_length=1)] = Field(
        description="The languages in which every text stands here."
    )
    time_zone: Zone | None = Field(default=None, description="Whose midnight ends a term and a deadline.")
    level: Literal["municipality", "province", "region", "state", "union"] = Field(
        description="The level of the authority."
    )
    appointing: Texts = Field(default={}, description="Who runs the draw.")
    secretariat: Texts = Field(default={}, description="Who does the daily work.")
    governance: Texts = Field(default={}, description="Who watches over the process.")
    funding: Texts = Field(default={}, description="Where the money comes from.")
    bodies: Annotated[tuple[Body, ...], Field(min_length=1)] = Field(description="Its bodies.")
    draw: Draw = Field(description="How people are drawn.")
    agenda: Agenda = Field(default=Agenda(), description="Who sets the theme.")
    duty: Duty = Field(description="What the authority owes.")
    pay: Pay = Field(default=Pay(), description="What members get.")
    blackout: Blackout | None = Field(default=None, description="The pause before elections.")

    @model_validator(mode="after")
    def _keys_are_known(self) -> RuleBook:
        keys = [body.key for body in self.bodies]
        for where, table in (("bodies", self.bodies), ("pay.amounts", self.pay.amounts)):
            _refuse_doubled(where, [each.key for each in table])
        for body in self.bodies:
            _refuse_doubled(f"bodies.{body.key}.fixed_seats", [each.key for each in body.fixed_seats])
            _refuse_doubled(f"bodies.{body.key}.others", [each.key for each in body.others])
            if body.drawn_from == body.key:
                raise ValueError(f"bodies.{body.key}.drawn_from: a body cannot be drawn from itself")
        named = [
            (f"agenda.{rule}", getattr(self.agenda, rule))
            for rule in ("decides", "judges", "adopts_question")
        ]
        named += [("duty.follows_up", self.duty.follows_up)]
        named += [(f"bodies.{body.key}.drawn_from", body.drawn_from) for body in self.bodies]
        named += [("blackout.bodies", key) for key in (self.blackout.bodies if self.blackout else ())]
        for rule, key in named:
            if key is not None and key not in keys:
                raise ValueError(f"{rule}: {key} is none of the bodies {', '.join(keys)}")
        known = set(self.rules())
        for rule in self.unconfirmed:
            if rule not in known:
                raise ValueError(f"unconfirmed: {rule} is no rule that this book sets")
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

    def rules(self) -> dict[str, object]:
        """Return every rule that the book sets, by its id, in order."""
        return {rule: value for rule, value in _leaves(self, "") if value not in (None, {}, ())}

    def silent(self) -> tuple[str, ...]:
        """Return the ids of the rules that the schema knows and the statute does not set, in order."""
        return tuple(_silent(self, ""))

    def texts(self) -> Iterator[tuple[str, Texts]]:
        """Yield the id and the languages of every text that citizens read."""
        for rule, value in _leaves(self, ""):
            if isinstance(value, dict) and value:
                yield rule, value


def _refuse_doubled(where: str, keys: list[str]) -> None:
    doubled = {key for key in keys if keys.count(key) > 1}
    if doubled:
        raise ValueError(f"{where}: the key {min(doubled)} stands twice; give each its own")


def _leaves(table: Rules, path: str) -> Iterator[tuple[str, object]]:
    inner = dict(_parts(table, path))
    for name in type(table).model_fields:
        value = getattr(table, name)
        if not any(rule.startswith(f"{path}{name}.") for rule in inner):
            yield f"{path}{name}", value
    for rule, part in inner.items():
        yield from _leaves(part, rule)


def _silent(table: Rules, path: str) -> Iterator[str]:
    if isinstance(table, Body) and not table.drawn:
        return
    empty: tuple[object, ...] = (None, {})
    said_elsewhere = {rule for rule, other in table.alternatives if getattr(table, other) not in empty}
    for name in type(table).model_fields:
        value, rule = getattr(table, name), f"{path}{name}"
        missing = value in empty or (name in table.silent_lists and not value)
        if missing and name not in said_elsewhere and name not in table.extras:
            yield rule
    for rule, part in _parts(table, path):
        yield from _silent(part, rule)


def _parts(table: Rules, path: str) -> Iterator[tuple[str, Rules]]:
    """Yield the tables inside a table with the beginning of their rules' ids."""
    for name in type(table).model_fields:
        value = getattr(table, name)
        if isinstance(value, Rules):
            yield f"{path}{name}.", value
        elif isinstance(value, tuple):
            yield from (
                (f"{path}{name}.{each.key}.", each)  # type: ignore[attr-defined]
                for each in value
                if isinstance(each, Rules)
            )
