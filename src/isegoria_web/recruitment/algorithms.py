"""The door to the library for the draw of the letters and its public record."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from isegoria import proof
from isegoria.addresses import household_of
from isegoria.errors import BadInput
from isegoria.evaluation import protect, protect_list
from isegoria.evaluation.small_cells import LEAST
from isegoria.proof import merkle
from isegoria.proof.waves import letters_of, parts_of, written
from isegoria.register import (
    LetterDraw,
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
from isegoria.register.redoing import waves_of as redone_waves
from isegoria_web.institutions.algorithms import dated, drawn_among, ground, rule_book_of
from isegoria_web.institutions.models import Cycle
from isegoria_web.lottery.algorithms import SOFTWARE, random_values, rule_book, sources
from isegoria_web.recruitment.course import Course
from isegoria_web.recruitment.enums import OnePer
from isegoria_web.recruitment.models import Campaign, EligibilityCheck
from isegoria_web.register.algorithms import (
    Opened,
    Row,
    Selection,
    draw_letters,
    eligible,
    in_proportion,
    shares,
)

__all__ = [
    "LEAST",
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


_RULES = {
    "residence": "draw.residence",
    "on_list": "draw.exclusions",
    "cooling_off": "bodies.{body}.cooling_off.months",
    "most_terms": "bodies.{body}.most_terms",
    "drawn_from": "bodies.{body}.drawn_from",
}


def kind_of_bar(rule: str) -> str:
    """Return under which reason somebody is counted who cannot be drawn because she sat, or did not sit, in a body."""
    last = rule.rsplit(".", 1)[-1]
    return last if last in {"most_terms", "drawn_from"} else "cooling_off"


def home_at(street: str, house_number: str, postcode: str) -> str:
    """Return the key of a home, however its address is spelled; empty where street or number is missing."""
    return household_of(street, house_number, postcode=postcode)


def least_shown(people: int) -> str:
    """Return a count as everybody may read it: none, fewer than five, or how many."""
    return str(people) if people == 0 or people >= LEAST else f"fewer than {LEAST}"


def rule_named(cycle: Cycle, rule: str) -> str:
    """Return the rule and the version of the rule book behind a reason why somebody cannot be drawn."""
    return dated(_RULES[rule].format(body=cycle.body.key), cycle.rule_book)


def age_rule(cycle: Cycle) -> tuple[int, str] | None:
    """Return the youngest age of those who can be drawn, and the rule with its version; None where the statute is silent."""
    age = rule_book_of(cycle.rule_book).draw.age_min
    return None if age is None else (age, dated("draw.age_min", cycle.rule_book))


def reply_ground(cycle: Cycle) -> dict[str, str]:
    """Return the rule behind the day by which letters ask for an answer, as the journal names it."""
    return {"reply_by": ground(cycle.rule_book, "draw.reply_days")}


def reminder_ground(cycle: Cycle) -> dict[str, str]:
    """Return the rule behind the days after which people are reminded, as the journal names it."""
    return {"remind_after_days": ground(cycle.rule_book, "draw.reminder_days")}


def grounds(cycle: Cycle) -> dict[str, str]:
    """Return the rules behind what is announced of letters, as the journal names them."""
    version = cycle.rule_book
    return {
        **reply_ground(cycle),
        "age_min": ground(version, "draw.age_min"),
        "letters": ground(version, "draw.letters"),
    }


def grounds_of_bars(cycle: Cycle, bars: Iterable[str]) -> dict[str, str]:
    """Return, for each reason why somebody who said yes is left out, the rule behind it, as the journal names it."""
    return {
        bar: ground(cycle.rule_book, *([bar] if bar.startswith(("bodies.", "draw.")) else []))
        for bar in bars
    }


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
    among = drawn_among(campaign.cycle.rule_book, campaign.cycle.body.key)
    if among is not None:
        parts.append(f"has sat in the body {among[0]}")
    left = ", ".join(
        f"{each['detail'] or rule_named(campaign.cycle, each['rule'])}: {least_shown(each['people'])}"
        for each in check.left_out
    )
    parts.append(f"left out of {check.rows} in the register with sha256 {check.source.sha256}: {left}")
    return "; ".join(parts)


def strata_of(found: Opened, campaign: Campaign) -> list[proof.Stratum]:
    """Return the eligible residents and the letters of every stratum, before anything is drawn."""
    known = shares(found, campaign.chosen or campaign.letters, selection_of(campaign))
    return [proof.Stratum(one.stratum, one.eligible, one.letters, places=one.places) for one in known]


def selection_of(campaign: Campaign) -> Selection:
    """Return who can be drawn for the letters, and how."""
    return selection(
        reply_by=campaign.reply_by,
        age_min=campaign.age_min,
        one_per=campaign.one_per,
        stratified_by=campaign.stratified_by,
    )


def selection(*, reply_by: date, age_min: int, one_per: str, stratified_by: str) -> Selection:
    """Return who could be drawn for letters that are not announced yet, and how."""
    return Selection(
        reply_by, age_min, stratified_by or None, None if one_per == OnePer.PERSON else str(one_per)
    )


@dataclass(frozen=True, slots=True)
class Fixed:
    """What a commitment says of a register: its hash and rows, every stratum, and the root over all who can be drawn."""

    sha256: str
    rows: int
    strata: Sequence[proof.Stratum]
    root: bytes


def fixed(campaign: Campaign, found: Opened, course: Course) -> Fixed:
    """Return what the commitment will say of the register, which is what takes long; the campaign need not be saved."""
    strata = strata_of(found, campaign)
    leaves = [entry.leaf for _number, entry in course.counted(_known(found, campaign))]
    return Fixed(found.sha256, len(found), strata, merkle.root(leaves))


def commitment(
    campaign: Campaign, of: Fixed, committed_at: datetime, check: EligibilityCheck | None = None
) -> dict[str, Any]:
    """Return the document that is published before the randomness of the letters exists."""
    cycle, chosen_as = campaign.cycle, selection_of(campaign)
    specification = proof.LetterSpecification(
        institution=cycle.institution.slug,
        body=cycle.body.key,
        cycle=f"{cycle.institution.slug}/{cycle.number}",
        eligibility=eligibility_of(campaign, check),
        design=proof.LetterDesign(
            stratified_by=chosen_as.stratified_by,
            allocation="proportional" if campaign.chosen is None else "chosen",
            groups=chosen_as.groups,
        ),
        software=SOFTWARE,
        rulebook=rule_book(cycle),
        sources=sources(campaign.draw),
    )
    return proof.letter_commitment(
        specification,
        extract_sha256=of.sha256,
        extract_rows=of.rows,
        strata=of.strata,
        committed_at=committed_at,
        root=of.root,
    )


def draw(
    committed: Mapping[str, Any], campaign: Campaign, found: Opened
) -> tuple[tuple[Row, ...], dict[str, Any]]:
    """Return who gets a letter, in order, and the public record, which names nobody."""
    values = random_values(campaign.draw)
    seed = proof.letter_seed(committed["commitments"], [(each.source, each.value) for each in values])
    drawn = _drawn(found, campaign, seed, committed, ())
    document = proof.letter_record(
        committed, values, {stratum.name: stratum.cut_offs[:1] for stratum in drawn.strata}
    )
    return _rows_of(drawn, 1), document


def _drawn(
    found: Opened,
    campaign: Campaign,
    seed: bytes,
    committed: Mapping[str, Any],
    further: Sequence[Mapping[str, Any]],
) -> LetterDraw:
    """Draw the letters as they were committed, with the further waves; what a walk meets beyond them is one wave more."""
    waves = redone_waves(committed["register"]["strata"], further)
    return draw_letters(found, seed, waves, selection_of(campaign), bytes.fromhex(campaign.secret))


def _rows_of(drawn: LetterDraw, wave: int) -> tuple[Row, ...]:
    return tuple(row for row, number in zip(drawn.rows, drawn.waves, strict=True) if number == wave)


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
    strata = record["register"]["strata"]
    sizes = {one["stratum"]: one["eligible"] for one in strata}
    # Chosen letters go on in the proportions that were chosen.
    share = in_proportion(campaign.chosen or sizes, letters)
    most = {one["stratum"]: one.get("places", one["eligible"]) for one in strata}
    sent = letters_of(published)
    for name, count in share.items():
        if sent[name] + count > most[name]:
            raise BadInput(
                "letters_too_many", stratum=name, letters=sent[name] + count, eligible=most[name]
            )
    one_more = {"strata": [{"stratum": name, "letters": count} for name, count in share.items()]}
    drawn = _drawn(found, campaign, bytes.fromhex(record["seed"]), record, [*later, one_more])
    number = len(strata[0]["waves"]) + len(later) + 1
    known = {one["stratum"]: list(one["cut_offs"]) for one in record["result"]["strata"]}
    for wave in later:
        for one in wave["strata"]:
            known[one["stratum"]].append(one["cut_off"])
    if {one.name: list(one.cut_offs[: number - 1]) for one in drawn.strata} != known:
        return None
    return _rows_of(drawn, number), share, {one.name: one.cut_offs[number - 1] for one in drawn.strata}


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
    campaign: Campaign,
    found: Opened,
    document: Mapping[str, Any],
    numbers: Collection[str],
    course: Course | None = None,
) -> list[dict[str, Any]]:
    """Return for each of these residents her receipt and her place in the order of her stratum, counted from 1.

    Parameters
    ----------
    document
        The record of the letters, or its commitment; before the draw nobody has a place.
    numbers
        As they stand in the register. Who could not be drawn is left out. In a draw by groups nobody has a place
        of her own: the groups before hers decide.
    course
        Which the rows of the register are counted for.
    """
    entries = dict((course or Course()).counted(_known(found, campaign)))
    asked = [(number, entries[number]) for number in numbers if number in entries]
    made = proof.letter_receipts(
        [entry for _number, entry in asked], [one.leaf for one in entries.values()]
    )
    places = _places(document, entries.values()) if campaign.one_per == OnePer.PERSON else {}
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


def _known(found: Opened, campaign: Campaign) -> Iterator[tuple[str, proof.LetterEntry]]:
    secret = bytes.fromhex(campaign.secret)
    for stratum, number in eligible(found, selection_of(campaign)):
        yield number, proof.letter_entry(secret, number, stratum)
