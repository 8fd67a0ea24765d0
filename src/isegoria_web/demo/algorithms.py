"""The door to the library for the demonstration: the invented register and how its people answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

from isegoria import register
from isegoria.register.citizens import EDUCATION, reaction
from isegoria.register.reading import age_on
from isegoria.rulebook.reading import bundled_text
from isegoria.seeding import Stream, seed_from_text
from isegoria_web.recruitment.answering import features_of, known_answers
from isegoria_web.recruitment.enums import Refusal
from isegoria_web.recruitment.models import Invitation

AGE_MIN = 16
REGISTER_SOURCE = "Bevölkerungsregister der neun Gemeinden (Demonstration), Personen ab 16 Jahren"
CENSUS_SOURCE = "Statbel, Census 2021, Wallonische Region, 25 bis 64 Jahre: 31 / 36 / 33 %"


@dataclass(frozen=True)
class Citizen:
    """What an invented resident does with her letter."""

    answer: Literal["yes", "no", "silent"]
    name: str
    email: str
    phone: str
    answers: dict[str, str] = field(default_factory=dict)
    refusal: Refusal | None = None


@dataclass(frozen=True)
class Asked:
    """What is asked of one value of a feature in the whole body, and who is there: in the pool, and staying in a seat."""

    minimum: int
    maximum: int
    willing: int
    sitting: int


def within_reach(values: Mapping[str, Asked], seats: int) -> dict[str, tuple[int, int]]:
    """Return minimum and maximum of each value of which less must be asked, because too few people are there.

    A minimum comes down to those who are there, and the minima together to the seats that are drawn; the maxima rise
    by as many people as are missing. `values` are those of one feature.
    """
    lows = {key: min(one.minimum, one.willing + one.sitting) for key, one in values.items()}
    missing = sum(one.minimum - lows[key] for key, one in values.items())
    left = {key: max(0, lows[key] - one.sitting) for key, one in values.items()}
    for _seat in range(sum(left.values()) - seats):
        most = max(left, key=lambda key: left[key])
        left[most] -= 1
        lows[most] -= 1
    room = sum(min(max(0, one.maximum - one.sitting), one.willing) for one in values.values())
    more = max(missing, seats - room, 0)
    found = {key: (lows[key], one.maximum + more) for key, one in values.items()}
    return {key: pair for key, pair in found.items() if pair != (values[key].minimum, values[key].maximum)}


def rule_book_text(key: str = "ostbelgien") -> str:
    """Return the rule book from which an institution of the demonstration is founded, word for word."""
    return bundled_text(key)


def write_register(path: Path, size: int | None = None) -> None:
    """Write the invented register, as a register holder would deliver it; the whole one, or one of so many residents."""
    register.write(register.synthesize(size=size), path)


def with_population(
    features: list[dict[str, Any]], file: Path, on: date, source: str = REGISTER_SOURCE
) -> list[dict[str, Any]]:
    """Return the story's features with the population figures behind their quotas, and their sources."""
    people = _eligible(file, on)
    return [
        {
            **feature,
            "source": source if "origin" in feature else CENSUS_SOURCE,
            "values": [
                {**value, "population": _population(people, feature.get("origin"), value, on)}
                for value in feature["values"]
            ],
        }
        for feature in features
    ]


@lru_cache(maxsize=4)
def _eligible(file: Path, on: date) -> tuple[register.Row, ...]:
    return register.read(file).eligible(age_min=AGE_MIN, on=on)


def _population(
    people: tuple[register.Row, ...], origin: str | None, value: dict[str, Any], on: date
) -> int:
    if origin is None:
        return len(people) * EDUCATION[value["key"]] // 100
    matches = value["matches"]
    if origin == "age":
        return sum(
            matches[0] <= age_on(date.fromisoformat(row["birth_date"]), on) <= matches[1] for row in people
        )
    return sum(row[origin] in matches for row in people)


def signers(file: Path, on: date, lot: str, count: int) -> list[tuple[str, date, str]]:
    """Return invented residents who sign a theme: name, date of birth, postcode; others for each lot."""
    stream = Stream(seed_from_text("signers"), lot)
    left = list(_eligible(file, on))
    chosen = [left.pop(stream.below(len(left))) for _signer in range(count)]
    return [
        (
            f"{row['given_name']} {row['family_name']}",
            date.fromisoformat(row["birth_date"]),
            row["postcode"],
        )
        for row in chosen
    ]


def citizen_behind(invitation: Invitation, key: str, seed: str) -> Citizen:
    """Return how the invented resident behind a letter reacts to it; `key` names the cycle, once in the demonstration."""
    resident = invitation.resident
    if resident is None:
        raise RuntimeError("the demonstration answers letters before their residents are erased")
    on = invitation.campaign.reply_by
    reacted = reaction(f"{seed} {key}", resident.pseudonym, age_on(resident.birth_date, on))
    declared = {**known_answers(invitation), "education": reacted.education}
    asked = {feature.key for feature in features_of(invitation.campaign.cycle)}
    return Citizen(
        answer=reacted.answer,
        name=f"{resident.given_name} {resident.family_name}",
        email=f"resident-{key}-{invitation.position}@demo.example",
        phone="",
        answers={key: value for key, value in declared.items() if key in asked},
        refusal=Refusal(reacted.reason) if reacted.reason else None,
    )
