"""How the letters come back: by feature, against what the quotas need, and how many there will be at the closing."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from django.utils.timezone import make_aware

from isegoria_web import clock
from isegoria_web.institutions.models import Cycle
from isegoria_web.lottery.models import Feature, Value
from isegoria_web.recruitment.algorithms import protect, protect_list
from isegoria_web.recruitment.answering import features_of, told_by_register
from isegoria_web.recruitment.enums import Channel, InvitationStatus, Refusal
from isegoria_web.recruitment.models import Campaign, Invitation, Respondent, Wave

SENT, RETURNED, YES, NO, WAITING = "sent", "returned", "yes", "no", "waiting"
COLUMNS = (RETURNED, YES, NO, WAITING)
FEWEST_ANSWERS = 20
"""With fewer answers, or before two days are over, nothing is projected."""
SOONEST = timedelta(days=2)
NINETY = 1.645
"""Of the normal distribution, for nine cases of ten."""
Shown = int | None
"""A count; None where it is hidden because it is small."""


@dataclass(frozen=True)
class Projection:
    """How many will have said yes when the pool closes: most likely, and from to in nine cases of ten."""

    expected: int
    least: int
    most: int


@dataclass(frozen=True)
class Line:
    """The letters of one value of a feature."""

    value: Value
    counts: dict[str, Shown]
    projection: Projection | None = None

    @property
    def yes(self) -> Shown:
        """How many said yes."""
        return self.counts[YES]

    @property
    def is_short(self) -> bool:
        """Whether the quota cannot be met if it goes on like this."""
        found = self.projection.expected if self.projection else self.yes
        return found is not None and found < (self.value.minimum or 0)


@dataclass(frozen=True)
class FeatureReturns:
    """The letters by one feature. Where people tell it themselves, only the yeses are known."""

    feature: Feature
    by_letter: bool
    lines: list[Line]


@dataclass(frozen=True)
class Returns:
    """How all letters of a cycle stand."""

    counts: dict[str, Shown]
    channels: list[tuple[str, Shown]]
    refusals: list[tuple[str, Shown]]
    features: list[FeatureReturns]
    projection: Projection | None
    hides: bool = False


def returns_of(cycle: Cycle, *, sees_persons: bool) -> Returns:
    """Return how the letters of a cycle stand.

    Parameters
    ----------
    sees_persons
        Whether the reader may see persons; if not, no count under 5 is shown or can be computed.
    """
    letters = list(
        Invitation.objects.filter(campaign__in=Campaign.objects.filter(cycle=cycle).current())
        .exclude(status__in=[InvitationStatus.CREATED, InvitationStatus.MERGED])
        .select_related("resident", "campaign")
    )
    grow = _growth(letters)
    counts = Counter(_column(letter) for letter in letters)
    willing = Respondent.objects.willing().filter(invitation__in=[each.pk for each in letters])
    told = willing.count_by_value()
    features = [_feature_returns(feature, letters, told, grow) for feature in features_of(cycle)]
    found = Returns(
        counts={SENT: len(letters), **{column: counts[column] for column in COLUMNS}},
        channels=_named(Channel, Counter(each.channel for each in letters if each.channel)),
        refusals=_named(Refusal, Counter(each.refusal for each in letters if each.refusal)),
        features=features,
        projection=project(counts[YES], grow),
    )
    return found if sees_persons else hidden(found)


def hidden(found: Returns) -> Returns:
    """Return the same for a reader who may not see persons."""
    counts = protect_list([found.counts[column] or 0 for column in COLUMNS])
    return replace(
        found,
        counts={SENT: counts[-1], **dict(zip(COLUMNS, counts, strict=False))},
        channels=_hide_named(found.channels),
        refusals=_hide_named(found.refusals),
        features=[_hide_feature(each) for each in found.features],
        projection=found.projection if counts[COLUMNS.index(YES)] is not None else None,
        hides=True,
    )


def project(yes: int, grow: float | None) -> Projection | None:
    """Return how many yeses there will be, if the rest comes in as the answers did so far.

    The range takes the yeses so far and those to come as counts of independent events.
    """
    if grow is None:
        return None
    more = yes * (grow - 1)
    spread = NINETY * math.sqrt(more + more * more / max(yes, 1))
    return Projection(
        round(yes + more), max(yes, math.floor(yes + more - spread)), math.ceil(yes + more + spread)
    )


def growth(answered: Sequence[timedelta], now: timedelta, end: timedelta) -> float | None:
    """Return by which factor the answers will grow until the end; None while it is too early to say.

    Parameters
    ----------
    answered
        When each answer came, since the letters went out.
    now, end
        Since the letters went out.

    Notes
    -----
    Answers come in ever more slowly: their times are taken as exponential and cut off today, with the mean that
    makes the observed times most likely. Where they do not slow down, they are taken to go on evenly.
    """
    if len(answered) < FEWEST_ANSWERS or now < SOONEST:
        return None
    if end <= now:
        return 1.0
    today, last = now / timedelta(days=1), end / timedelta(days=1)
    mean = sum(each / timedelta(days=1) for each in answered) / len(answered)
    scale = _scale(mean, today)
    if scale is None:
        return last / today
    return math.expm1(-last / scale) / math.expm1(-today / scale)


def _scale(mean: float, cut: float) -> float | None:
    """Return the mean of the exponential whose part before the cut has this mean; None if it does not slow down."""
    most = 1000 * cut
    if mean <= 0 or _cut_mean(most, cut) <= mean:
        return None if mean > 0 else 1e-3 * cut
    least = 1e-3 * cut
    for _step in range(200):
        middle = (least + most) / 2
        if _cut_mean(middle, cut) < mean:
            least = middle
        else:
            most = middle
    return most


def _cut_mean(scale: float, cut: float) -> float:
    return scale - cut / math.expm1(min(cut / scale, 700.0))


def _growth(letters: Sequence[Invitation]) -> float | None:
    """Return by which factor the answers will grow: each wave from the day on which its own letters went out.

    None while it is too early to say of a wave that is out.
    """
    if not letters:
        return None
    campaign, now = letters[0].campaign, clock.now()
    if campaign.closed_at is not None:
        return 1.0
    end = make_aware(datetime.combine(campaign.answers_until + timedelta(days=1), datetime.min.time()))
    so_far, at_the_end = 0, 0.0
    for wave in Wave.objects.filter(campaign=campaign, printed_at__isnull=False):
        sent_at = wave.printed_at or now
        times = [
            max(each.answered_at - sent_at, timedelta(0))
            for each in letters
            if each.answered_at is not None and each.wave == wave.number
        ]
        factor = 1.0 if now >= end else growth(times, now - sent_at, end - sent_at)
        if factor is None:
            return None
        so_far, at_the_end = so_far + len(times), at_the_end + len(times) * factor
    return at_the_end / so_far if so_far else None


def _column(letter: Invitation) -> str:
    return {
        InvitationStatus.RETURNED: RETURNED,
        InvitationStatus.YES: YES,
        InvitationStatus.NO: NO,
    }.get(InvitationStatus(letter.status), WAITING)


def _feature_returns(
    feature: Feature,
    letters: Sequence[Invitation],
    told: Mapping[tuple[str, str], int],
    grow: float | None,
) -> FeatureReturns:
    counts: defaultdict[str, Counter[str]] = defaultdict(Counter)
    known = {
        letter.pk: told_by_register(feature, letter.resident, letter.campaign.reply_by)
        for letter in letters
        if letter.resident is not None
    }
    erased = any(
        letter.erased_at is not None and letter.campaign.closed_at is not None for letter in letters
    )
    by_letter = bool(known) and not erased and all(value is not None for value in known.values())
    if by_letter:
        for letter in letters:
            counts[known.get(letter.pk) or ""][_column(letter)] += 1
    else:
        for value in feature.values.all():
            counts[value.key][YES] = told.get((feature.key, value.key), 0)
    lines = []
    for value in feature.values.all():
        line = counts[value.key]
        cells: dict[str, Shown] = {SENT: sum(line.values()), **{each: line[each] for each in COLUMNS}}
        lines.append(Line(value, cells, project(line[YES], grow)))
    return FeatureReturns(feature, by_letter, lines)


def _named(names: type[Channel | Refusal], counts: Counter[str]) -> list[tuple[str, Shown]]:
    return [(str(each.label), counts[each.value]) for each in names if counts[each.value]]


def _hide_named(named: list[tuple[str, Shown]]) -> list[tuple[str, Shown]]:
    shown = protect_list([count or 0 for _label, count in named])
    return [(label, count) for (label, _count), count in zip(named, shown, strict=False)]


def _hide_feature(found: FeatureReturns) -> FeatureReturns:
    columns = COLUMNS if found.by_letter else (YES,)
    told = [[line.counts[column] or 0 for column in columns] for line in found.lines]
    shown: list[list[Shown]] = (
        protect(told)
        if found.by_letter
        else [[count, count] for count in protect_list([row[0] for row in told])]
    )
    lines = []
    for line, row in zip(found.lines, shown, strict=False):
        cells: dict[str, Shown] = {SENT: row[-1], **dict(zip(columns, row, strict=False))}
        seen = line.projection if cells[YES] is not None else None
        lines.append(
            replace(
                line, counts={column: cells.get(column) for column in (SENT, *COLUMNS)}, projection=seen
            )
        )
    return replace(found, lines=lines)
