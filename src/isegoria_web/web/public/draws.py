"""A draw as its page shows it: the way from everybody to the panel, the chances, the quotas, the checks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from django.core.cache import cache
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from isegoria_web.institutions.models import Cycle
from isegoria_web.lottery.enums import SelectionKind
from isegoria_web.lottery.models import Completion, Draw, DrawRecord, Feature, PoolEntry, Value
from isegoria_web.recruitment.enums import InvitationStatus
from isegoria_web.recruitment.models import Campaign
from isegoria_web.recruitment.waves import published
from isegoria_web.translated import in_language
from isegoria_web.web import letter_design, pictures
from isegoria_web.web.public import algorithms, words

CHECKED_FOR = 86_400
"""How many seconds a record's check is remembered; what was checked never changes, the software may."""


@dataclass(frozen=True)
class Funnel:
    """From everybody who could be drawn to the panel, in numbers and as one field of dots."""

    eligible: int
    letters: int
    yes: int
    no: int
    drawn: int
    reply_by: date
    picture: pictures.Picture


@dataclass(frozen=True)
class Counts:
    """From everybody who could be drawn to those who said yes."""

    campaign: Campaign
    eligible: int
    letters: int
    yes: int
    no: int
    drawn: int


def funnel(cycle: Cycle, panel: Draw | None) -> Funnel | None:
    """Return the way from all residents to the panel; None before the letters were announced."""
    found = funnel_counts(cycle, panel)
    if found is None:
        return None
    title = _("From %(eligible)d residents to %(drawn)d members") % {
        "eligible": found.eligible,
        "drawn": found.drawn,
    }
    picture = pictures.field_of_dots(found.eligible, found.letters, found.yes, found.drawn, title=title)
    return Funnel(
        found.eligible, found.letters, found.yes, found.no, found.drawn, found.campaign.answers_until, picture
    )  # fmt: skip


def funnel_counts(cycle: Cycle, panel: Draw | None) -> Counts | None:
    """Return the way from all residents to the panel in numbers; None before the letters were announced."""
    campaign = Campaign.objects.filter(cycle=cycle).current().select_related("draw__record").first()
    if campaign is None or not hasattr(campaign.draw, "record"):
        return None
    strata = campaign.draw.record.commitment.get("register", {}).get("strata", [])
    status = campaign.invitations.by_status()
    letters = sum(status.values())
    drawn = panel.size if panel is not None and panel.drawn_at else 0
    yes = max(status[InvitationStatus.YES], drawn)
    eligible = max(sum(stratum["eligible"] for stratum in strata), letters)
    return Counts(campaign, eligible, letters, yes, status[InvitationStatus.NO], drawn)


@dataclass(frozen=True)
class ChanceLine:
    """A part of the register with its letters, everybody's chance of one, and the chance as a bar."""

    name: str
    eligible: int
    letters: int
    chance: Fraction
    one_in: str
    bar: SafeString


@dataclass(frozen=True)
class LetterChances:
    """How the letters were drawn, in words, and everybody's chance of one with all waves so far."""

    design: list[str]
    sentence: str
    lines: list[ChanceLine]
    picture: pictures.Picture | None


def letter_chances(draw: Draw) -> LetterChances | None:
    """Return everybody's chance of a letter; None of other draws, and before the commitment."""
    if not hasattr(draw, "record") or "register" not in draw.record.commitment:
        return None
    document = published(draw)
    record = document.get("record", document)
    strata = record["register"]["strata"]
    chances = [(one["stratum"], Fraction(one["chance"])) for one in strata]
    letters = [one["letters"] for one in strata]
    for wave in document.get("waves", ()):
        chances = [(one["stratum"], Fraction(one["chance"])) for one in wave["strata"]]
        letters = [
            sum(pair) for pair in zip(letters, (one["letters"] for one in wave["strata"]), strict=True)
        ]
    reach = max((chance for _name, chance in chances), default=Fraction(0)) or Fraction(1)
    one_stratum = record["specification"]["design"]["stratified_by"] is None
    lines = [
        ChanceLine(
            _("everybody") if one_stratum else name,
            one["eligible"], count, chance, letter_design.one_in(chance), pictures.bar(chance, reach),
        )
        for one, (name, chance), count in zip(strata, chances, letters, strict=True)
    ]  # fmt: skip
    eligible = sum(one["eligible"] for one in strata)
    return LetterChances(
        letter_design.design_of(draw.record.commitment),
        letter_design.chances_in_words(chances, drawn=draw.is_drawn),
        lines,
        _one_of_many(eligible, sum(letters)),
    )


def _one_of_many(eligible: int, letters: int) -> pictures.Picture | None:
    if not letters or eligible > pictures.MOST_OF_MANY * letters:
        return None
    others = round(Fraction(eligible, letters)) - 1
    title = _("Of %(several)d people one gets a letter") % {"several": others + 1}
    return pictures.one_of_many(others, title=title)


@dataclass(frozen=True)
class ValueLine:
    """A value of a feature with its quota, the counts that belong to it, and the bars of its row."""

    label: str
    minimum: int | None
    maximum: int | None
    population: Fraction | None
    pool: int | None
    """None in a sealed draw, as are the others that come from the people in it."""
    pool_share: Fraction | None
    panel: int | None
    chance: Fraction | None
    bars: SafeString


@dataclass(frozen=True)
class FeatureTable:
    """A feature with its values."""

    name: str
    source: str
    lines: list[ValueLine]


def feature_tables(draw: Draw, entries: Sequence[PoolEntry], body: Completion | None) -> list[FeatureTable]:
    """Return quotas, pool and panel by feature value, with the mean chance of those who have it.

    `body` is the whole body of a draw that completes one.

    Of a sealed draw only population and quotas: how many there are of each value would help to open the seals.
    """
    if not entries:
        return []
    features = Feature.objects.filter(cycle_id=draw.cycle_id).prefetch_related("values")
    if draw.is_sealed:
        return [_sealed_table(feature, body.size if body else draw.size) for feature in features]
    if body is None:
        return [_feature_table(feature, entries, draw.size, ()) for feature in features]
    sitting = [each.features for each in body.sitters.all()]
    return [_feature_table(_widened(feature, draw), entries, body.size, sitting) for feature in features]


def _widened(feature: Feature, draw: Draw) -> Feature:
    """Return a feature with the quotas under which vacant seats were drawn, where two persons had made them wider."""
    made = draw.cycle.quota_changes.filter(repairs__isnull=False, confirmed_at__lte=draw.announced_at)
    rows = [row for change in made.order_by("number") for row in change.rows]
    for value in feature.values.all():
        for row in rows:
            if (row["feature"], row["value"]) == (feature.key, value.key):
                value.minimum, value.maximum = row["after"]
    return feature


def _feature_table(
    feature: Feature, entries: Sequence[PoolEntry], size: int, sitting: Sequence[Mapping[str, str]]
) -> FeatureTable:
    values = list(feature.values.all())
    total = sum(value.population or 0 for value in values)
    having = {
        value.key: [e for e in entries if e.features.get(feature.key) == value.key] for value in values
    }
    reach = max(
        Fraction(1, 10),
        *(Fraction(value.population or 0, total or 1) for value in values),
        *(Fraction(len(found), len(entries)) for found in having.values()),
        *(Fraction(value.maximum or 0, size) for value in values),
    )
    there = Counter(one.get(feature.key) for one in sitting)
    lines = [
        _value_line(value, having[value.key], total, len(entries), size, reach, there[value.key])
        for value in values
    ]
    return FeatureTable(in_language(feature.name), feature.source, lines)


def _sealed_table(feature: Feature, size: int) -> FeatureTable:
    values = list(feature.values.all())
    total = sum(value.population or 0 for value in values)
    reach = max(
        Fraction(1, 10),
        *(Fraction(value.population or 0, total or 1) for value in values),
        *(Fraction(value.maximum or 0, size) for value in values),
    )
    lines = []
    for value in values:
        share = Fraction(value.population, total) if value.population and total else None
        quota = (Fraction(value.minimum or 0, size), Fraction(value.maximum or 0, size))
        bars = pictures.shares(share, None, None, quota, reach)
        name = in_language(value.name)
        lines.append(ValueLine(name, value.minimum, value.maximum, share, None, None, None, None, bars))
    return FeatureTable(in_language(feature.name), feature.source, lines)


def _value_line(
    value: Value,
    having: Sequence[PoolEntry],
    total: int,
    entries: int,
    size: int,
    reach: Fraction,
    sitting: int,
) -> ValueLine:
    known = [chance for chance in map(chance_of, having) if chance is not None]
    panel = sitting + sum(map(is_member, having))
    share = Fraction(value.population, total) if value.population and total else None
    pool_share = Fraction(len(having), entries)
    quota = (Fraction(value.minimum or 0, size), Fraction(value.maximum or 0, size))
    return ValueLine(
        label=in_language(value.name),
        minimum=value.minimum,
        maximum=value.maximum,
        population=share,
        pool=len(having),
        pool_share=pool_share,
        panel=panel,
        chance=sum(known, Fraction(0)) / len(known) if known else None,
        bars=pictures.shares(share, pool_share, Fraction(panel, size), quota, reach),
    )


def chance_of(entry: PoolEntry) -> Fraction | None:
    """Return the exact chance of an entry; None before the lottery was committed."""
    if entry.chance_numerator is None or not entry.chance_denominator:
        return None
    return Fraction(entry.chance_numerator, entry.chance_denominator)


def chance_picture(entries: Iterable[PoolEntry]) -> pictures.Picture | None:
    """Return everybody in the pool at her chance; None before the commitment."""
    known = [
        pictures.Chance(chance, is_member(entry))
        for entry in entries
        if (chance := chance_of(entry)) is not None
    ]
    if not known:
        return None
    title = ngettext(
        "The chance of the %(count)d entry of the pool",
        "The chances of the %(count)d entries of the pool",
        len(known),
    )
    return pictures.chances(known, title=title % {"count": len(known)})


def is_member(entry: PoolEntry) -> bool:
    """Return whether the lot fell on the entry as a member."""
    selection = getattr(entry, "selection", None)
    return selection is not None and selection.kind == SelectionKind.MEMBER


@dataclass(frozen=True)
class Check:
    """One step of redoing a record: its heading, its name, in words, how it came out, and what it leaves open."""

    group: str
    name: str
    words: str
    state: str
    note: str
    open: str


def checks_of(record: DrawRecord) -> list[Check]:
    """Return what redoing a record shows, step by step, in words; remembered for a day."""
    document = published(record.draw)
    key = f"steps:{document.get('hash') or record.commitment_sha256}"
    found = cache.get(key)
    if found is None:
        steps = algorithms.steps_of(document, record.commitment_sha256)
        found = [(step.name, step.ok, bool(step.unchecked)) for step in steps]
        cache.set(key, found, CHECKED_FOR)
    sealed = document.get("record", document).get("specification", {}).get("disclosure") == "sealed"
    return [_check(name, ok=ok, unchecked=unchecked, sealed=sealed) for name, ok, unchecked in found]


OF_A_PANEL_RECEIPT = ("receipt", "entry", "path", "features")
OF_A_LETTER_RECEIPT = ("receipt", "path", "letter")


def receipt_checks(*names: str, sealed: bool = True) -> list[Check]:
    """Return the steps of checking a receipt, still to be done: of the panel's draw, unless others are named."""
    return [
        Check("", name, words.step_in_words(name), "waiting", "", words.open_point(name, sealed=sealed))
        for name in names or OF_A_PANEL_RECEIPT
    ]


def _check(name: str, *, ok: bool, unchecked: bool, sealed: bool) -> Check:
    open_point = words.open_point(name, sealed=sealed)
    state = "open" if unchecked else "holds"
    return Check(
        words.step_group(name),
        name,
        words.step_in_words(name),
        state if ok else "waiting" if unchecked else "false",
        open_point if unchecked else "",
        open_point,
    )
