"""How many letters to send: before the first wave from published rates, before each further one from what came back."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction

from isegoria_web.institutions.models import Cycle
from isegoria_web.lottery.bodies import Standing
from isegoria_web.lottery.models import Feature, Value
from isegoria_web.recruitment.algorithms import Brought, Plan, Target, plan_letters
from isegoria_web.recruitment.answering import features_of, told_by_register
from isegoria_web.recruitment.enums import InvitationStatus
from isegoria_web.recruitment.errors import CampaignClosed, LettersNotDrawn
from isegoria_web.recruitment.models import Campaign, Invitation, Respondent
from isegoria_web.recruitment.waves import left_of, require_sent
from isegoria_web.translated import in_language

EVERYBODY = "everybody"
"""The stratum of the whole panel; features cannot be called so, as theirs have a colon."""


@dataclass(frozen=True)
class Stratum:
    """A part of the population that the pool must bring people from: everybody, or who has a value of a feature.

    Attributes
    ----------
    key
        `everybody`, or feature and value with a colon between.
    share
        Of the population, by its sourced figures, in (0, 1].
    seats
        The least that the quota asks for; of everybody the whole panel.
    """

    key: str
    share: Fraction
    seats: int
    feature: Feature | None = None
    value: Value | None = None

    @property
    def name(self) -> str:
        """As it is read; empty for everybody."""
        if self.feature is None or self.value is None:
            return ""
        return f"{in_language(self.feature.name)}: {in_language(self.value.name)}"


def strata_of(cycle: Cycle, body: Standing | None = None) -> list[Stratum]:
    """Return everybody, and every value that has a quota and a population figure.

    Where some stay in the body, the seats are those that the draw fills.
    """
    staying = Counter[tuple[str, str]]()
    for _code, features in () if body is None else body.staying:
        staying.update(features.items())
    found = [Stratum(EVERYBODY, Fraction(1), cycle.panel_size if body is None else body.vacant)]
    for feature in features_of(cycle):
        values = list(feature.values.all())
        known = sum(value.population or 0 for value in values)
        found += [
            Stratum(
                f"{feature.key}:{value.key}",
                Fraction(value.population, known),
                max(0, value.minimum - staying[feature.key, value.key]),
                feature,
                value,
            )
            for value in values
            if value.population and value.minimum is not None
        ]
    return found


def plan_of(
    cycle: Cycle,
    rates: Mapping[str, Fraction],
    *,
    factor: Fraction,
    per_seat: int | None = None,
    everybody: str = EVERYBODY,
    body: Standing | None = None,
) -> Plan:
    """Return the plan of the next wave of a cycle, its strata under the names that the reader knows.

    Parameters
    ----------
    rates
        Expected share of letters answered yes, by key of the stratum, in (0, 1].
    factor
        Candidates wanted for each seat, above 0.
    per_seat
        Letters for each seat, if that was decided; the plan then says what they would bring.
    everybody
        What the stratum of the whole panel is called.
    body
        Who stays, where only the other seats are drawn.

    Raises
    ------
    CampaignClosed, LettersNotDrawn, WaveNotPrinted
        If no wave can follow, or nobody can know yet what the last one brings.
    isegoria.errors.Infeasible
        If fewer residents are left than letters are needed.
    """
    strata = strata_of(cycle, body)
    campaign = Campaign.objects.filter(cycle=cycle).current().select_related("draw__record").first()
    waves = [] if campaign is None else brought_by(campaign, strata)
    left = None if campaign is None else left_of(campaign)
    made = plan_letters(
        [Target(each.key, each.share, each.seats, rates[each.key]) for each in strata],
        factor,
        waves=waves,
        eligible=None if left is None else left + sum(wave.letters for wave in waves),
        letters=None if per_seat is None else per_seat * strata[0].seats,
    )
    return _named(made, {each.key: each.name or everybody for each in strata})


def brought_by(campaign: Campaign, strata: list[Stratum]) -> list[Brought]:
    """Return what each wave of letters has brought so far.

    Raises
    ------
    CampaignClosed, LettersNotDrawn, WaveNotPrinted
        If no wave can follow, or nobody can know yet what the last one brings.
    """
    if campaign.closed_at is not None:
        raise CampaignClosed
    if not campaign.draw.is_drawn:
        raise LettersNotDrawn
    require_sent(campaign)
    return [_brought(campaign, wave.number, strata) for wave in campaign.waves.all()]


def _brought(campaign: Campaign, wave: int, strata: list[Stratum]) -> Brought:
    letters = list(
        campaign.invitations.filter(wave=wave)
        .exclude(status=InvitationStatus.MERGED)
        .select_related("resident")
    )
    willing = Respondent.objects.willing().filter(invitation__in=[letter.pk for letter in letters])
    told = willing.count_by_value()
    yes = {EVERYBODY: sum(letter.status == InvitationStatus.YES for letter in letters)}
    sent = {EVERYBODY: len(letters)}
    for stratum in strata:
        if stratum.feature is None or stratum.value is None:
            continue
        yes[stratum.key] = told[stratum.feature.key, stratum.value.key]
    for key, count in _sent(campaign, letters, strata):
        sent[key] = max(count, yes[key])  # somebody may have moved since the register was made
    return Brought(len(letters), yes, sent)


def _sent(
    campaign: Campaign, letters: list[Invitation], strata: list[Stratum]
) -> Iterator[tuple[str, int]]:
    """Yield the letters of each stratum, where the register shows it of everybody who got one."""
    features = {each.feature.key: each.feature for each in strata if each.feature is not None}
    for feature in features.values():
        values = [
            None
            if letter.resident is None
            else told_by_register(feature, letter.resident, campaign.reply_by)
            for letter in letters
        ]
        if None in values:
            continue
        counts = Counter(values)
        for stratum in strata:
            if stratum.value is not None and stratum.feature is feature:
                yield stratum.key, counts[stratum.value.key]


def _named(plan: Plan, names: Mapping[str, str]) -> Plan:
    lines = tuple(replace(line, name=names[line.name]) for line in plan.lines)
    return replace(plan, binding=names.get(plan.binding, ""), lines=lines)
