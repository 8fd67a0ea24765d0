"""The door to the library for the draw of the letters and its public record."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from isegoria import proof
from isegoria.evaluation import protect, protect_list
from isegoria.proof import merkle
from isegoria.proof.waves import parts_of, written
from isegoria.register import (
    Plan,
    Target,
    plan_picture,
    plan_reason,
    plan_table,
    plan_title,
    published_rates,
    share_of,
)
from isegoria.register import Wave as Brought
from isegoria.register import plan as plan_letters
from isegoria_web.institutions.models import Cycle
from isegoria_web.lottery.algorithms import SOFTWARE, random_values, rule_book, sources
from isegoria_web.recruitment.models import Campaign, EligibilityCheck
from isegoria_web.register.algorithms import STRATUM, Opened, Row, draw_letters, eligible, shares

__all__ = [
    "Brought",
    "Plan",
    "Target",
    "commitment",
    "draw",
    "plan_letters",
    "plan_picture",
    "plan_reason",
    "plan_table",
    "plan_title",
    "protect",
    "protect_list",
    "published_rates",
    "share_of",
    "strata_of",
]


LEAST_SHOWN = 5
"""Of fewer people who are left out by a rule, the public is told only that they are few."""
_RULES = {
    "residence": "draw.residence",
    "on_list": "draw.exclusions",
    "cooling_off": "bodies.{body}.cooling_off.months",
}


def least_shown(people: int) -> str:
    """Return a count as everybody may read it: none, fewer than five, or how many."""
    return str(people) if people == 0 or people >= LEAST_SHOWN else f"fewer than {LEAST_SHOWN}"


def rule_named(cycle: Cycle, rule: str) -> str:
    """Return the rule and the version of the rule book behind a reason why somebody cannot be drawn."""
    name = _RULES[rule].format(body=cycle.body.key)
    return f"{name}, {cycle.rule_book.identifier} {cycle.rule_book.number}"


def eligibility_of(campaign: Campaign, check: EligibilityCheck | None) -> str:
    """Return who can be drawn, as the record says it; who checks a record needs no more than these words."""
    words = f"{campaign.age_min} years or older on {campaign.reply_by.isoformat()}, in the register"
    if check is None:
        return words
    parts = [words]
    if check.places:
        parts.append(f"{check.column} is one of: {', '.join(check.places)}")
    parts += [f"not on the list {one['name']} (sha256 {one['sha256']})" for one in check.lists]
    parts.append("not waiting as a former member")
    left = ", ".join(
        f"{each['detail'] or rule_named(campaign.cycle, each['rule'])}: {least_shown(each['people'])}"
        for each in check.left_out
    )
    parts.append(f"left out of {check.rows} in the register with sha256 {check.source.sha256}: {left}")
    return "; ".join(parts)


def strata_of(found: Opened, campaign: Campaign) -> list[proof.Stratum]:
    """Return the eligible residents and the letters of every municipality, before anything is drawn."""
    known = shares(found, campaign.letters, on=campaign.reply_by, age_min=campaign.age_min)
    return [proof.Stratum(*one) for one in known]


def commitment(
    campaign: Campaign, found: Opened, committed_at: datetime, check: EligibilityCheck | None = None
) -> dict[str, Any]:
    """Return the document that is published before the randomness of the letters exists."""
    cycle = campaign.cycle
    specification = proof.LetterSpecification(
        institution=cycle.institution.slug,
        body=cycle.body.key,
        cycle=f"{cycle.institution.slug}/{cycle.number}",
        eligibility=eligibility_of(campaign, check),
        design=proof.LetterDesign(stratified_by=STRATUM),
        software=SOFTWARE,
        rulebook=rule_book(cycle),
        sources=sources(campaign.draw),
    )
    return proof.letter_commitment(
        specification,
        extract_sha256=found.sha256,
        extract_rows=len(found),
        strata=strata_of(found, campaign),
        committed_at=committed_at,
        root=merkle.root(_leaves(found, campaign)),
    )


def draw(
    committed: Mapping[str, Any], campaign: Campaign, found: Opened
) -> tuple[tuple[Row, ...], dict[str, Any]]:
    """Return who gets a letter, in order, and the public record, which names nobody."""
    values = random_values(campaign.draw)
    seed = proof.letter_seed(committed["commitments"], [(each.source, each.value) for each in values])
    drawn = draw_letters(
        found,
        seed,
        campaign.letters,
        on=campaign.reply_by,
        age_min=campaign.age_min,
        secret=bytes.fromhex(campaign.secret),
    )
    document = proof.letter_record(
        committed, values, {stratum.name: stratum.cut_offs for stratum in drawn.strata}
    )
    return drawn.rows, document


def draw_wave(
    published: Mapping[str, Any], campaign: Campaign, found: Opened, letters: int
) -> tuple[tuple[Row, ...], dict[str, int], dict[str, str | None]] | None:
    """Return who gets a letter in a further wave, in order, with letters and cut-off of each municipality.

    None if the register does not give the waves that were published: then it is not the one they were drawn from.

    Parameters
    ----------
    published
        The record of the letters with the waves behind it.
    letters
        How many more.
    """
    record, later = parts_of(published)
    waves = [
        sum(sizes) for sizes in zip(*(one["waves"] for one in record["register"]["strata"]), strict=True)
    ]
    waves += [wave["letters"] for wave in later]
    drawn = draw_letters(
        found,
        bytes.fromhex(record["seed"]),
        [*waves, letters],
        on=campaign.reply_by,
        age_min=campaign.age_min,
        secret=bytes.fromhex(campaign.secret),
    )
    known = {one["stratum"]: list(one["cut_offs"]) for one in record["result"]["strata"]}
    for wave in later:
        for one in wave["strata"]:
            known[one["stratum"]].append(one["cut_off"])
    if {one.name: list(one.cut_offs[:-1]) for one in drawn.strata} != known:
        return None
    number = len(waves) + 1
    rows = tuple(row for row, wave in zip(drawn.rows, drawn.waves, strict=True) if wave == number)
    shares = {one.name: one.waves[-1] for one in drawn.strata}
    return rows, shares, {one.name: one.cut_offs[-1] for one in drawn.strata}


def further_wave(
    published: Mapping[str, Any],
    *,
    reason: Mapping[str, str],
    reply_by: date,
    drawn_at: datetime,
    letters: Mapping[str, int],
    cut_offs: Mapping[str, str | None],
) -> dict[str, Any]:
    """Return how a further wave is published: its part of the record."""
    wave = proof.Wave(reason, reply_by, drawn_at, letters, cut_offs)
    made: dict[str, Any] = proof.continue_letters(published, wave)["waves"][-1]
    return made


def with_waves(record: Mapping[str, Any], waves: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return the public record with the waves behind it; the record alone where there are none."""
    return written(record, waves)


def receipts(
    campaign: Campaign, found: Opened, document: Mapping[str, Any], numbers: Collection[str]
) -> list[dict[str, Any]]:
    """Return for each of these residents her receipt and her place in the order of her municipality, counted from 1.

    Parameters
    ----------
    document
        The record of the letters, or its commitment; before the draw nobody has a place.
    numbers
        As they stand in the register. Who could not be drawn is left out.
    """
    entries = _entries(found, campaign)
    asked = [(number, entries[number]) for number in numbers if number in entries]
    made = proof.letter_receipts(
        [entry for _number, entry in asked], [one.leaf for one in entries.values()]
    )
    places = _places(document, entries.values())
    sizes = Counter(entry.stratum for entry in entries.values())
    return [
        {
            "number": number,
            "receipt": receipt,
            "place": places.get(entry.pseudonym),
            "of": sizes[entry.stratum],
        }
        for (number, entry), receipt in zip(asked, made, strict=True)
    ]


def _places(document: Mapping[str, Any], entries: Iterable[proof.LetterEntry]) -> dict[str, int]:
    document = document.get("record", document)
    if "seed" not in document:
        return {}
    seed = bytes.fromhex(document["seed"])
    ordered: dict[str, list[tuple[str, str]]] = {}
    for entry in entries:
        key = proof.letter_key(seed, entry.pseudonym)
        ordered.setdefault(entry.stratum, []).append((key, entry.pseudonym))
    return {
        pseudonym: place
        for found in ordered.values()
        for place, (_key, pseudonym) in enumerate(sorted(found), start=1)
    }


def _leaves(found: Opened, campaign: Campaign) -> list[bytes]:
    """Return a leaf for each resident who can be drawn."""
    return [entry.leaf for _number, entry in _known(found, campaign)]


def _entries(found: Opened, campaign: Campaign) -> dict[str, proof.LetterEntry]:
    """Return the entry of each resident who can be drawn, by her number in the register."""
    return dict(_known(found, campaign))


def _known(found: Opened, campaign: Campaign) -> Iterator[tuple[str, proof.LetterEntry]]:
    secret = bytes.fromhex(campaign.secret)
    for stratum, number in eligible(found, on=campaign.reply_by, age_min=campaign.age_min):
        yield number, proof.letter_entry(secret, number, stratum)
