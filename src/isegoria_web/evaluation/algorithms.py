"""The door to `isegoria.evaluation` and `isegoria.tables`: what a deliberation was like, in numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import comb
from statistics import fmean, median
from typing import Any

from isegoria import evaluation, tables
from isegoria.evaluation.small_cells import LEAST
from isegoria_web.institutions.models import Cycle
from isegoria_web.lottery.enums import Disclosure, DrawKind, DrawStatus, SelectionKind
from isegoria_web.lottery.models import Draw, Feature, Selection
from isegoria_web.meetings.models import GroupTime, SpeakingTime, TablePlan
from isegoria_web.meetings.speaking import APPOINTED, CITIZENS, KIND
from isegoria_web.membership.models import Member


def changes(
    sentences: Sequence[Mapping[str, Any]], pairs: Sequence[tuple[Mapping[str, int], Mapping[str, int]]]
) -> dict[str, dict[str, float | int] | None]:
    """Return for each sentence how opinions changed, from persons who said something both times.

    Parameters
    ----------
    pairs
        Of each person her replies before and after.

    Returns
    -------
    dict
        Key of a sentence to persons, means before and after, change with its 95 % interval, mean size of a
        change; None where fewer than five said something both times.
    """
    found: dict[str, dict[str, float | int] | None] = {}
    for sentence in sentences:
        key = str(sentence["key"])
        both = [(early[key], late[key]) for early, late in pairs if early.get(key) and late.get(key)]
        if len(both) < LEAST:
            found[key] = None
            continue
        before, after = ([float(each[place]) for each in both] for place in (0, 1))
        change = evaluation.opinion_change(before, after)
        numbers = {
            "before": fmean(before), "after": fmean(after), "net": change.net, "low": change.low,
            "high": change.high, "gross": change.gross,
        }  # fmt: skip
        found[key] = {"persons": len(both), **{name: round(number, 4) for name, number in numbers.items()}}
    return found


@dataclass(frozen=True)
class Meetings:
    """Who met whom at the tables: pairs, and of how many others a member met, the one in the middle."""

    rounds: int
    met: int
    possible: int
    most: int
    met_by_the_middle_one: float
    others: int


def who_met(cycle: Cycle) -> Meetings | None:
    """Return how many pairs of a cycle's members have sat at one table, and what no plan could exceed; None before.

    It counts citizens alone, so that mixed bodies compare with others: those who are appointed sit among them.
    """
    rounds = []
    for plan in TablePlan.objects.filter(meeting__cycle=cycle).prefetch_related("tables__members"):
        by_round: dict[int, list[list[str]]] = {}
        for table in plan.tables.all():
            by_round.setdefault(table.round, []).append([str(each.number) for each in table.members.all()])
        rounds += list(by_round.values())
    people = {person for each in rounds for table in each for person in table}
    if len(people) < 2:  # noqa: PLR2004  # nobody can meet
        return None
    partners = {
        person: {other for each in rounds for table in each if person in table for other in table}
        - {person}
        for person in people
    }
    sizes = [[len(table) for table in each] for each in rounds]
    most = min(comb(len(people), 2), sum(comb(size, 2) for each in sizes for size in each))
    return Meetings(
        rounds=len(rounds),
        met=tables.pairs_met(rounds),
        possible=comb(len(people), 2),
        most=most,
        met_by_the_middle_one=median(len(others) for others in partners.values()),
        others=len(people) - 1,
    )


@dataclass(frozen=True)
class Likeness:
    """How like the population the members are in one feature: share of members and of people, value by value.

    Where the record of the draw is sealed, small numbers are hidden, and what they could be computed from; and those
    whom the first draw of the panel chose are counted, whoever sits since.
    """

    feature: Feature
    rows: tuple[tuple[Any, int | None, float | None, float], ...]
    out_of_place: float | None


def likeness(cycle: Cycle) -> list[Likeness]:
    """Return for each feature with known population how the members who were seated differ from it."""
    sealed = Draw.objects.filter(cycle=cycle, disclosure=Disclosure.SEALED).exists()
    features_of = _features_drawn_first(cycle) if sealed else _features_seated(cycle)
    found: list[Likeness] = []
    for feature in Feature.objects.filter(cycle=cycle).prefetch_related("values"):
        values = [value for value in feature.values.all() if value.population]
        seated = [each.get(feature.key) for each in features_of]
        if len(values) < 2 or not features_of or feature.sensitive:  # noqa: PLR2004  # one value tells nothing
            continue
        counts = {value.key: seated.count(value.key) for value in values}
        if sum(counts.values()) == 0:
            continue
        total = sum(value.population or 0 for value in values)
        shares = {value.key: (value.population or 0) / total for value in values}
        gaps = evaluation.share_gaps(counts, shares)
        numbers = list(counts.values())
        shown = evaluation.protect_list(numbers)[:-1] if sealed else numbers
        rows = tuple(
            (
                value.name,
                count,
                None if count is None else gaps[value.key] + shares[value.key],
                shares[value.key],
            )
            for value, count in zip(values, shown, strict=True)
        )
        hidden = None in shown
        found.append(Likeness(feature, rows, None if hidden else sum(map(abs, gaps.values())) / 2))
    return found


def _features_seated(cycle: Cycle) -> list[dict[str, str]]:
    return list(Member.objects.of(cycle).values_list("features", flat=True))


def _features_drawn_first(cycle: Cycle) -> list[dict[str, str]]:
    """Return the features of those whom the draw of the panel chose, and of nobody who came later.

    Whoever compared the page before and after somebody else sits down would read her features. A cycle that begins
    with a rotation has no such draw, and nothing is told: those who stay were counted in the cycle before.
    """
    chosen = Selection.objects.filter(
        draw__cycle=cycle, draw__kind=DrawKind.PANEL, draw__status__in=(DrawStatus.DRAWN, DrawStatus.FINAL),
        kind=SelectionKind.MEMBER,
    )  # fmt: skip
    return list(chosen.values_list("entry__features", flat=True))


@dataclass(frozen=True)
class GroupSpoke:
    """How much a group spoke over the closed meetings; without a name: small groups together."""

    name: Any
    places: int
    share_of_places: float
    share_of_time: float
    minutes_a_place: float


@dataclass(frozen=True)
class Spoke:
    """Who spoke how much at the tables: by feature, and how unevenly within a table, the one in the middle."""

    tables: int
    middle_gini: float | None
    features: tuple[tuple[Feature, tuple[GroupSpoke, ...]], ...]
    untold: tuple[Feature, ...] = ()  # not sensitive, and not safe beside those that are told
    kinds: tuple[GroupSpoke, ...] = ()  # of a mixed body: citizens, and those who are appointed


def who_spoke(cycle: Cycle) -> Spoke | None:
    """Return who spoke how much at the tables of closed meetings, in sums of five people or more; None before."""
    ginis = list(
        SpeakingTime.objects.filter(table__plan__meeting__cycle=cycle).values_list("gini", flat=True)
    )
    times: dict[tuple[str, str], list[int]] = {}
    for one in GroupTime.objects.filter(meeting__cycle=cycle):
        sums = times.setdefault((one.feature, one.value), [0, 0])
        sums[0] += one.places
        sums[1] += one.seconds
    found = []
    for feature in Feature.objects.filter(cycle=cycle).prefetch_related("values"):
        places = sum(sums[0] for (key, _value), sums in times.items() if key == feature.key)
        seconds = sum(sums[1] for (key, _value), sums in times.items() if key == feature.key)
        named = [(value.key, value.name) for value in feature.values.all()] + [("", None)]
        if places and seconds:
            found.append((feature, tuple(
                GroupSpoke(name, here[0], here[0] / places, here[1] / seconds, here[1] / 60 / here[0])
                for key, name in named if (here := times.get((feature.key, key)))
            )))  # fmt: skip
    kinds = _kinds_spoke(times)
    if not ginis and not found and not kinds:
        return None
    told = {feature.key for feature, _groups in found}
    every = Feature.objects.filter(cycle=cycle).prefetch_related("values") if found else ()
    untold = tuple(one for one in every if one.key not in told and not one.sensitive)
    return Spoke(len(ginis), median(ginis) if ginis else None, tuple(found), untold, kinds)


def _kinds_spoke(times: Mapping[tuple[str, str], Sequence[int]]) -> tuple[GroupSpoke, ...]:
    """Return how long citizens and appointees spoke, over the meetings at which both were five or more."""
    kinds = [times.get((KIND, kind), (0, 0)) for kind in (CITIZENS, APPOINTED)]
    places, seconds = (sum(each[index] for each in kinds) for index in (0, 1))
    if not seconds:
        return ()
    return tuple(
        GroupSpoke(kind, here, here / places, spoken / seconds, spoken / 60 / here)
        for kind, (here, spoken) in zip((CITIZENS, APPOINTED), kinds, strict=True)
    )
