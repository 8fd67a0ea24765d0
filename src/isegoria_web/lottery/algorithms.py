"""The door to `isegoria.pool`, `isegoria.lottery` and `isegoria.proof`: rows to values, results to rows."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from fractions import Fraction
from types import MappingProxyType
from typing import Any

from django.utils.text import slugify
from django.utils.translation import gettext as _

import isegoria
from isegoria import lottery, pool, proof
from isegoria.errors import BadInput, Infeasible, IsegoriaError
from isegoria.evaluation.small_cells import LEAST
from isegoria.lottery.body import body_of
from isegoria.lottery.look_ahead import Ahead, Step
from isegoria.proof import merkle, opentimestamps, vacant
from isegoria.proof.beacon import NotChecked
from isegoria.proof.canonical import canonical, digest
from isegoria.proof.record import check_sources as _check_sources
from isegoria.proof.sources import announced_document, demand_value, signature_fault
from isegoria.proof.timestamps import check_receipt
from isegoria.proof.verify import verify
from isegoria_web.errors import ServiceError
from isegoria_web.institutions.algorithms import dated, ground, rule_book_of
from isegoria_web.institutions.models import Cycle
from isegoria_web.lottery.enums import DrawKind, Origin, SourceKind, StampKind
from isegoria_web.lottery.errors import HomesConflict, ReceiptNotChecked, SignatureNotChecked
from isegoria_web.lottery.models import (
    UNDISCLOSED,
    Completion,
    Draw,
    Feature,
    Pool,
    PoolEntry,
    RandomSource,
    Reading,
    Value,
)

Quotas = pool.Quotas
SOFTWARE = f"isegoria {isegoria.__version__}"
IF_MISSING = "The draw is annulled in public, with the reason, and announced again."
CHAINS = {"quicknet": "52db9ba70e0cc0f6eaf7803dd07447a1f5477735fd3f661792ba94600c84e971"}
TEST_FORMAT = "isegoria-TEST/1"
NOBODY_TOGETHER: Mapping[str, int] = MappingProxyType({})
"""Everybody of a pool has a home of her own."""


@dataclass(frozen=True, slots=True)
class SourcePlan:
    """A source to be announced: dice (how many, how many sides), balls (how many of how many), beacon, parties.

    `parties` are pairs of a name and the hash that binds it.
    """

    kind: SourceKind
    due_at: datetime
    count: int = 0
    highest: int = 0
    parties: tuple[tuple[str, str], ...] = ()


def in_words(failure: Exception) -> str:
    """Return what went wrong, and how to repair it, in the language of now; empty for what nobody foresaw."""
    if isinstance(failure, ServiceError):
        return f"{failure}"
    if not isinstance(failure, IsegoriaError):
        return ""
    text = failure.text
    return " ".join(_(sentence).format_map(failure.parameters) for sentence in (text.problem, text.way_out))


def reason_of(failure: Exception) -> str:
    """Return why work in the background failed, for whoever asked for it; what nobody foresaw is told by the log alone."""
    return in_words(failure) or _("Something went wrong. The log of the worker says what.")


def quotas_of(cycle: Cycle) -> pool.Quotas:
    """Return the quotas of a cycle as the library takes them; values without a quota are left out."""
    rows = Value.objects.filter(feature__cycle=cycle, minimum__isnull=False).select_related("feature")
    return pool.Quotas(
        tuple(
            pool.Quota(
                value.feature.key,
                value.key,
                value.minimum or 0,
                value.maximum or 0,
                value.min_flex,
                value.max_flex,
            )
            for value in rows.order_by("feature__position", "position")
        )
    )


def body_quotas_of(cycle: Cycle) -> pool.Quotas:
    """Return the quotas that a body must meet when its vacant seats are drawn: those of the cycle, wider where two persons
    made them so.
    """
    wider = {
        (row["feature"], row["value"]): row["after"]
        for change in cycle.quota_changes.filter(
            repairs__isnull=False, confirmed_at__isnull=False
        ).order_by("number")
        for row in change.rows
    }
    return pool.Quotas(
        tuple(_widened(one, *wider.get((one.feature, one.value), ())) for one in quotas_of(cycle))
    )


def _widened(quota: pool.Quota, *pair: int) -> pool.Quota:
    """Return a quota with another pair of numbers; a limit that was stated moves along."""
    if not pair:
        return quota
    least, most = pair
    return replace(
        quota,
        minimum=least,
        maximum=most,
        min_flex=None if quota.min_flex is None else min(quota.min_flex, least),
        max_flex=None if quota.max_flex is None else max(quota.max_flex, most),
    )


@dataclass(frozen=True, slots=True)
class Kept:
    """Seats that the rule book keeps for some people: how many, exactly so many or at least, for whom, and the rule.

    They are the values with the key `value`, of the feature `feature` where it is named; or those of the `ages`.
    """

    seats: int
    exact: bool
    title: dict[str, str]
    feature: str
    value: str
    ages: tuple[int, int] | None
    rule: str


def kept_seats(cycle: Cycle) -> list[Kept]:
    """Return the seats of a cycle's body that the rule book keeps for some people, in its order."""
    found = []
    for each in rule_book_of(cycle.rule_book).body(cycle.body.key).fixed_seats:
        path = f"bodies.{cycle.body.key}.fixed_seats.{each.key}"
        found.append(
            Kept(
                seats=each.needed(cycle.panel_size),
                exact=each.exact,
                title={str(code): text for code, text in each.title.items()},
                feature=each.feature or "",
                value=each.value or each.key,
                ages=each.ages,
                rule=dated(f"{path}.{'share' if each.seats is None else 'seats'}", cycle.rule_book),
            )
        )
    return found


def told_by(kept: Kept, values: Iterable[Value]) -> list[Value]:
    """Return the values that tell for whom seats are kept; none where no feature does."""
    named = []
    aged = []
    for value in values:
        if slugify(value.key) == slugify(kept.value) and kept.feature in {"", value.feature.key}:
            named.append(value)
        elif kept.ages and value.feature.origin == Origin.AGE and len(value.matches) == 2:  # noqa: PLR2004  # first and last
            first, last = value.matches
            if kept.ages[0] <= first and last <= kept.ages[1]:
                aged.append(value)
    return named or aged


def proposed_quotas(
    features: Iterable[Feature], size: int, kept: Sequence[Kept] = ()
) -> dict[tuple[str, str], tuple[int, int]]:
    """Return floor and ceiling of every value's exact share of the seats, from the population figures.

    Where the rule book keeps more seats for some people than their share, they get those, and the others share the rest.
    """
    features = list(features)
    proposed, open_ = _by_shares(features, size)
    for each in kept:
        values = [value for feature in features for value in told_by(each, feature.values.all())]
        keys = [(value.feature.key, value.key) for value in values]
        if not keys or (not each.exact and sum(proposed[key][0] for key in keys) >= each.seats):
            continue
        for key, seats in zip(
            keys, _apportioned(each.seats, [value.population or 0 for value in values]), strict=True
        ):
            proposed[key] = (seats, seats if each.exact else max(seats, proposed[key][1]))
    for feature in features:
        _share_the_rest(feature, size, kept, proposed)
    return proposed | open_


def _by_shares(
    features: Iterable[Feature], size: int
) -> tuple[dict[tuple[str, str], tuple[int, int]], dict[tuple[str, str], tuple[int, int]]]:
    """Return the quotas that follow the population, and those of people who need not tell."""
    shares, open_ = {}, {}
    for feature in features:
        figures = {
            value.key: value.population or 0 for value in feature.values.all() if value.key != UNDISCLOSED
        }
        if feature.sensitive:
            open_[feature.key, UNDISCLOSED] = (0, size)  # nobody is kept out for not telling
        total = sum(figures.values())
        shares[feature.key] = {key: figure / total for key, figure in figures.items()}
    proposed = pool.floor_ceiling_quotas(shares, size)
    return {(quota.feature, quota.value): (quota.minimum, quota.maximum) for quota in proposed}, open_


def _apportioned(seats: int, weights: Sequence[int]) -> list[int]:
    """Return whole seats in proportion to weights, by largest remainders; evenly where nothing weighs."""
    weights = weights if sum(weights) else [1] * len(weights)
    exact = [Fraction(seats * weight, sum(weights)) for weight in weights]
    given = [int(each) for each in exact]
    by_remainder = sorted(range(len(weights)), key=lambda place: given[place] - exact[place])
    for place in by_remainder[: seats - sum(given)]:
        given[place] += 1
    return given


def _share_the_rest(
    feature: Feature, size: int, kept: Sequence[Kept], proposed: dict[tuple[str, str], tuple[int, int]]
) -> None:
    """Where kept seats go beyond what a feature's quotas had room for, let its other values share the seats that are left."""
    values = [value for value in feature.values.all() if value.key != UNDISCLOSED]
    pinned = {value.key for each in kept for value in told_by(each, values)}
    others = {value.key: value.population or 0 for value in values if value.key not in pinned}
    quotas = [proposed[feature.key, value.key] for value in values]
    fits = sum(least for least, _most in quotas) <= size <= sum(most for _least, most in quotas)
    if not pinned or not sum(others.values()) or fits:
        return
    left = size - sum(proposed[feature.key, key][0] for key in pinned)
    for key, figure in others.items():
        share = Fraction(max(left, 0) * figure, sum(others.values()))
        proposed[feature.key, key] = (int(share), -int(-share // 1))


def quota_grounds(cycle: Cycle) -> dict[str, str]:
    """Return the rules behind the quotas of a cycle, as the journal names them: of the seats, of the features."""
    named = {
        "seats": ground(cycle.rule_book, f"bodies.{cycle.body.key}.size"),
        "features": ground(cycle.rule_book, "draw.strata"),
    }
    return named | {each.value: each.rule for each in kept_seats(cycle)}


def check_quotas(quotas: pool.Quotas, size: int) -> None:
    """Refuse quotas whose sums cannot meet the size, naming the feature and both numbers."""
    quotas.check(size)


def library_pool(
    entries: Iterable[tuple[str, Mapping[str, str]]], homes: Mapping[str, int] = NOBODY_TOGETHER
) -> pool.Pool:
    """Return a pool of codes and features; of the codes with the same number of a home at most one is drawn."""
    return pool.Pool(
        tuple(
            pool.Entry(code, dict(features), household=f"{homes[code]}" if code in homes else None)
            for code, features in entries
        )
    )


def home_numbers(codes: Sequence[str], homes: Iterable[Collection[int]]) -> dict[str, int]:
    """Return a number for each home that several live in, by the codes of those who do.

    Parameters
    ----------
    homes
        Groups of places in `codes`: who lives together.

    Notes
    -----
    The numbers follow the random codes, so that they tell nothing of the homes.
    """
    shared = [sorted(codes[place] for place in home) for home in homes if len(home) > 1]
    return {code: number for number, home in enumerate(sorted(shared), start=1) for code in home}


def require_feasible(found: pool.Pool, quotas: pool.Quotas, size: int) -> None:
    """Refuse a pool from which no panel can be drawn; the error names the conflict and the smallest relaxation.

    Raises
    ------
    HomesConflict
        If one could be drawn, were it not that of a home at most one is.
    """
    quotas.check(size, len(found))
    feasibility = lottery.check(found, quotas, size)
    if not feasibility.feasible:
        if found.homes and lottery.check(_without_homes(found), quotas, size, forced=False).feasible:
            raise HomesConflict(size, len(found), sum(map(len, found.homes)), len(found.homes))
        raise Infeasible(
            "quotas_conflict_rigid" if feasibility.smallest is None else "quotas_conflict",
            size=size,
            conflict=feasibility.conflict_in_words,
            relaxation=feasibility.smallest_in_words,
            feasibility=feasibility,
        )


def _without_homes(found: pool.Pool) -> pool.Pool:
    return library_pool((each.id, each.features) for each in found)


@dataclass(frozen=True, slots=True)
class Way:
    """One way in which quotas that no panel meets could give way: feature and value to the new pair."""

    rows: dict[tuple[str, str], tuple[int, int]]
    seats: int
    largest: int


@dataclass(frozen=True, slots=True)
class Advice:
    """Whether a panel can be drawn from a pool, and if not: why not, and the smallest ways out.

    Attributes
    ----------
    conflict
        Sides of quotas of which none can be left out.
    ways
        The fewest seats in all first; the smallest largest step second, where it is another way.
    beyond
        The only help goes further than the limits that were stated.
    next_filled
        Of a rotation: whether those who are not drawn could fill the seats of the rotation after it, in the best case;
        None where that is not known.
    """

    feasible: bool
    conflict: tuple[lottery.Side, ...] = ()
    ways: tuple[Way, ...] = ()
    beyond: Way | None = None
    next_filled: bool | None = None

    @property
    def all_ways(self) -> tuple[Way, ...]:
        """Every way out that is shown, in the order of the page."""
        return self.ways if self.beyond is None else (*self.ways, self.beyond)


def advice(
    cycle: Cycle,
    answers: Iterable[Mapping[str, str]],
    homes: Iterable[Collection[int]] = (),
    staying: Iterable[tuple[str, Mapping[str, str]]] = (),
    leaving_next: Collection[str] = (),
) -> Advice:
    """Return whether these people hold a panel that meets the quotas, and what could give way if not.

    Parameters
    ----------
    homes
        Groups of places among them: who lives together.
    staying
        Code and features of those who stay in the body, at a rotation: only the other seats are drawn, and all together meet
        the quotas.
    leaving_next
        Codes of those among them who leave with the rotation after this one.

    Raises
    ------
    isegoria.errors.BadInput
        If there are fewer people than seats.
    """
    coded = [(f"answer {number}", features) for number, features in enumerate(answers)]
    together = home_numbers([code for code, _features in coded], homes)
    quotas, sitting = quotas_of(cycle), list(staying)
    if sitting:
        vacant, _asked = asked_seats(coded, quotas, cycle.panel_size, sitting, together)
        found = advice_on_seats(vacant)
        if not found.feasible or not leaving_next:
            return found
        return replace(found, next_filled=_fills_next(vacant, sitting, leaving_next))
    people = library_pool(coded, together)
    quotas.check(cycle.panel_size, len(people))
    return _advice(lottery.check(people, quotas, cycle.panel_size))


def _fills_next(
    vacant: lottery.Vacancy, sitting: Iterable[tuple[str, Mapping[str, str]]], leaving: Collection[str]
) -> bool:
    """Return whether some draw of today leaves people who could fill the seats of the next rotation as well."""
    later = [pool.Entry(code, dict(features)) for code, features in sitting if code not in leaving]
    body = vacant.body
    step = Step("next", body_of(body.quotas, body.size, later))
    return Ahead(vacant.pool, vacant.quotas, vacant.size, body, [step]).reach() == 1


def asked_seats(
    entries: Iterable[tuple[str, Mapping[str, str]]],
    quotas: pool.Quotas,
    size: int,
    sitting: Iterable[tuple[str, Mapping[str, str]]],
    homes: Mapping[str, int] = NOBODY_TOGETHER,
) -> tuple[lottery.Vacancy, str]:
    """Return vacant seats with those who could fill them, and a hash of all that an advice on them rests on.

    `homes` are as of `library_pool`.

    Raises
    ------
    isegoria.errors.BadInput
        If those who sit leave more to the vacant seats than there are: then no draw helps.
    """
    entries, sitting = list(entries), list(sitting)
    vacant = vacant_seats(library_pool(entries, homes), quotas, size, sitting)
    vacant.quotas.check(vacant.size, len(vacant.pool))
    asked = {
        "entries": [
            [code, sorted(features.items()), homes.get(code)]
            for code, features in sorted(entries, key=_code)
        ],
        "sitting": [[code, sorted(features.items())] for code, features in sorted(sitting, key=_code)],
        "quotas": [
            [one.feature, one.value, one.minimum, one.maximum, one.min_flex, one.max_flex] for one in quotas
        ],
        "size": size,
    }
    return vacant, hashlib.sha256(json.dumps(asked, sort_keys=True).encode()).hexdigest()


def _code(person: tuple[str, Mapping[str, str]]) -> str:
    return person[0]


def advice_on_seats(vacant: lottery.Vacancy) -> Advice:
    """Return whether vacant seats can be filled so that the whole body meets its quotas, and what could give way if not.

    The ways are told as quotas of the whole body. It searches: seconds for a body of 50, longer for more.
    """
    left = _advice(lottery.check(vacant.pool, vacant.quotas, vacant.size))
    whole = {(one.feature, one.value): one for one in vacant.body.quotas}
    here = {(one.feature, one.value): one for one in vacant.quotas}

    def of_the_body(way: Way) -> Way:
        rows = {}
        for key, (least, most) in way.rows.items():
            body, rest = whole[key], here[key]
            # A maximum that those who sit exceed leaves 0, and rises from where they are.
            top = (
                body.maximum
                if most == rest.maximum
                else max(body.maximum, vacant.body.sits(body)) + most - rest.maximum
            )
            rows[key] = (body.minimum - (rest.minimum - least), top)
        return Way(rows, way.seats, way.largest)

    return replace(
        left,
        ways=tuple(map(of_the_body, left.ways)),
        beyond=None if left.beyond is None else of_the_body(left.beyond),
    )


def advice_as_json(advised: Advice) -> dict[str, Any]:
    """Return an advice as it is kept; `advice_of` reads it."""
    return {
        "feasible": advised.feasible,
        "conflict": [
            {
                "feature": side.quota.feature, "value": side.quota.value, "minimum": side.quota.minimum,
                "maximum": side.quota.maximum, "bound": side.bound, "people": side.people,
            }
            for side in advised.conflict
        ],
        "ways": [_way_as_json(way) for way in advised.ways],
        "beyond": None if advised.beyond is None else _way_as_json(advised.beyond),
    }  # fmt: skip


def advice_of(kept: Mapping[str, Any]) -> Advice:
    """Return an advice that was kept."""
    return Advice(
        feasible=kept["feasible"],
        conflict=tuple(
            lottery.Side(
                pool.Quota(each["feature"], each["value"], each["minimum"], each["maximum"]),
                each["bound"],
                each["people"],
            )
            for each in kept["conflict"]
        ),
        ways=tuple(map(_way_of, kept["ways"])),
        beyond=None if kept["beyond"] is None else _way_of(kept["beyond"]),
    )


def _way_as_json(way: Way) -> dict[str, Any]:
    rows = [[feature, value, least, most] for (feature, value), (least, most) in way.rows.items()]
    return {"rows": rows, "seats": way.seats, "largest": way.largest}


def _way_of(kept: Mapping[str, Any]) -> Way:
    rows = {(feature, value): (least, most) for feature, value, least, most in kept["rows"]}
    return Way(rows, kept["seats"], kept["largest"])


def _advice(found: lottery.Feasibility) -> Advice:
    if found.feasible:
        return Advice(feasible=True)
    ways = [_way(changes) for changes in (found.smallest, found.evenest) if changes]
    return Advice(
        feasible=False,
        conflict=found.conflict,
        ways=tuple(way for place, way in enumerate(ways) if way not in ways[:place]),
        beyond=None if found.beyond is None else _way(found.beyond),
    )


def _way(changes: Iterable[lottery.Change]) -> Way:
    changes = list(changes)
    steps = [
        step
        for one in changes
        for step in (one.before.minimum - one.after.minimum, one.after.maximum - one.before.maximum)
    ]
    rows = {(one.after.feature, one.after.value): (one.after.minimum, one.after.maximum) for one in changes}
    return Way(rows, sum(steps), max(steps))


def solve(draw: Draw, progress: Callable[[str, float], None] | None = None) -> lottery.Lottery:
    """Compute the fairest lottery over a frozen pool; for vacant seats the one by which the whole body meets its quotas.

    No panel of it holds two people of one home.
    """
    entries = list(draw.pool.entries.all())
    found = library_pool(
        ((each.code, each.features) for each in entries),
        {each.code: each.home for each in entries if each.home is not None},
    )
    body = Completion.objects.filter(draw=draw).first()
    if body is None:
        return lottery.solve(found, quotas_of(draw.cycle), draw.size, progress=progress)
    sitting = [(each.code, each.features) for each in body.sitters.all()]
    rules = body_quotas_of(draw.cycle) if draw.kind == DrawKind.REPLACEMENT else quotas_of(draw.cycle)
    vacant = vacant_seats(found, rules, body.size, sitting)
    return lottery.solve_vacant(vacant, progress=progress)


def vacant_seats(
    found: pool.Pool, quotas: pool.Quotas, size: int, sitting: Iterable[tuple[str, Mapping[str, str]]]
) -> lottery.Vacancy:
    """Return what is left to draw of a body: its quotas minus those who sit.

    Where more sit than a maximum allows, as after alternates moved up, nobody more is drawn with that value, and the record
    says so.
    """
    members = [pool.Entry(code, dict(features)) for code, features in sitting]
    return lottery.vacancy(found, quotas, size, members, accept_excess=True)


def require_fillable(vacant: lottery.Vacancy) -> None:
    """Refuse vacant seats that those who are left cannot fill; the error names the conflict and the smallest relaxation."""
    require_feasible(vacant.pool, vacant.quotas, vacant.size)


def pool_root(entries: Iterable[PoolEntry]) -> str:
    """Return the Merkle root of the pool's salted leaves."""
    return merkle.root([_entry(entry).leaf for entry in entries]).hex()


def commitment(
    draw: Draw, solved: lottery.Lottery, committed_at: datetime
) -> tuple[dict[str, Any], dict[str, Any] | None]:
    """Return the document that is published before the randomness exists, and of a sealed draw what opens it.

    A sealed draw for vacant seats has a record that shows neither who sits nor what the lottery looks for.
    """
    cycle = draw.cycle
    specification = proof.Specification(
        institution=cycle.institution.slug,
        body=cycle.body.key,
        cycle=f"{cycle.institution.slug}/{cycle.number}",
        size=draw.size,
        quotas=_counted(solved.quotas),
        alternates=draw.alternates,
        objective=solved.objective,
        software=SOFTWARE,
        rulebook=rule_book(cycle),
        sources=sources(draw),
        disclosure=draw.disclosure,
        completes=_completed(draw, solved),
    )
    people = [_entry(entry) for entry in draw.pool.entries.all()]
    promised, key = lottery.committed(solved), _seal_key(draw.pool)
    if key and specification.completes:
        made = proof.commit_vacant(specification, people, promised, committed_at, key, _origins(draw))
        return made.commitment, made.observers
    document = proof.commitment(specification, people, promised, committed_at, key)
    if key is None:
        return document, None
    first = proof.first_codes(promised)
    return document, proof.observers(document, promised.types, promised.certificate, key, first)


def _origins(draw: Draw) -> dict[str, str]:
    """Return the code that everybody of a replacement had in the pool of the earlier draw, by the code of now."""
    if draw.completion.earlier is None:
        return {}
    before = {
        entry.original: entry.code for entry in draw.completion.earlier.pool.entries.select_related("first")
    }
    return {entry.code: before[entry.original] for entry in draw.pool.entries.select_related("first")}


def _completed(draw: Draw, solved: lottery.Lottery) -> proof.Completed | None:
    body = Completion.objects.filter(draw=draw).select_related("earlier__record").first()
    if body is None or solved.body is None:
        return None
    earlier = None if body.earlier is None else body.earlier.record.sha256
    sitting = [(each.features, list(each.ids)) for each in solved.body.sitting]
    return proof.Completed(body.size, _counted(solved.body.quotas), sitting, earlier)


def _counted(quotas: Iterable[pool.Quota]) -> list[proof.Quota]:
    return [proof.Quota(each.feature, each.value, each.minimum, each.maximum) for each in quotas]


def shared_homes(cycle: Cycle, entries: Iterable[PoolEntry]) -> dict[str, Any]:
    """Return, for the journal, how many of a pool live with somebody else who is in it, and the rule about them.

    No rule book says that of a home at most one is drawn, so that the statute is named as silent.
    """
    people = sum(each.home is not None for each in entries)
    shown = people if people == 0 or people >= LEAST else f"fewer than {LEAST}"
    return {"share_a_home": shown, "home_rule": ground(cycle.rule_book)}


def chances(solved: lottery.Lottery) -> dict[str, Fraction]:
    """Return everybody's exact chance, by code."""
    return solved.chances()


def record(committed: Mapping[str, Any], draw: Draw) -> dict[str, Any]:
    """Return the whole record of a draw: the commitment, the random values, and what follows from them."""
    opening = draw.record.observers_file
    if opening is not None and committed["format"] == vacant.COMMITMENT_FORMAT:
        return proof.record_vacant(committed, opening, random_values(draw), time_stamps(draw))
    return proof.record(committed, random_values(draw), time_stamps(draw))


def time_stamps(draw: Draw) -> list[proof.Timestamp]:
    """Return the receipts of others that were attached to a commitment, in order."""
    return [
        proof.Timestamp(
            "rfc3161" if each.kind == StampKind.RFC3161 else "opentimestamps", bytes(each.content)
        )
        for each in draw.time_stamps.order_by("position")
    ]


def checked_stamp(draw: Draw, content: bytes) -> tuple[StampKind, str | None]:
    """Return of which kind a receipt over a commitment is, and what is wrong with it.

    Raises
    ------
    ReceiptNotChecked
        If the library that reads it is missing.
    """
    anchored = content.startswith(opentimestamps.HEADER)
    kind = StampKind.OPENTIMESTAMPS if anchored else StampKind.RFC3161
    before = min(each.due_at for each in draw.sources.all())
    wanted = bytes.fromhex(draw.record.commitment_sha256)
    try:
        fault, _unchecked = check_receipt(kind.value, content, wanted, before)
    except ImportError as missing:
        raise ReceiptNotChecked from missing
    return kind, fault


def stamped_bytes(commitment: Mapping[str, Any], published: str) -> bytes | None:
    """Return the few bytes whose SHA-256 is the published hash of a commitment, to be time-stamped; None if there are none."""
    named = ("format", "specification", "register", "commitments", "committed_at")
    for keys in (("format", "commitments", "committed_at"), named):
        content = canonical({key: commitment[key] for key in keys if key in commitment})
        if hashlib.sha256(content).hexdigest() == published:
            return content
    return None


def random_values(draw: Draw) -> list[proof.RandomValue]:
    """Return what the sources of a draw gave, in the announced order; all of them are known."""
    return [
        proof.RandomValue(each.name, each.value, each.obtained_at, each.evidence or None, each.proof)
        for each in draw.sources.order_by("position")
        if each.obtained_at is not None
    ]


def first_fault(document: Mapping[str, Any], published: str, opened_by: Any = None) -> str | None:
    """Return the first step of a record that does not verify, in words; None where all do.

    A sealed record is checked with the file of the sworn observers.
    """
    found = verify(document, published=published, observers=opened_by)
    return None if found.ok else f"{found.failed}"


def receipt(entry: PoolEntry) -> dict[str, Any]:
    """Return what a citizen needs to check that her own entry was in the pool; of a sealed draw with her own seal."""
    # The published leaves, because the salts of people who were erased are gone.
    published = entry.pool.draw.record.commitment["pool"]
    leaves = [bytes.fromhex(each["leaf"]) for each in published["entries"]]
    own, key = _entry(entry), _seal_key(entry.pool)
    if key and entry.pool.draw.record.commitment["format"] == vacant.COMMITMENT_FORMAT:
        chance = Fraction(entry.chance_numerator or 0, entry.chance_denominator or 1)
        return proof.receipt_vacant(own, leaves, key, chance)
    return proof.receipt(own, leaves, key, proof.first_of(published, own.code))


def dump(document: Mapping[str, Any]) -> bytes:
    """Return the bytes of the published file of a record."""
    return proof.dump(document)


def rule_book(cycle: Cycle) -> proof.RuleBook:
    """Return the rule book under which a cycle runs, as a record names it."""
    version = cycle.rule_book
    return proof.RuleBook(version.identifier, str(version.number), version.sha256)


@dataclass(frozen=True, slots=True)
class DrawRules:
    """What the rule book says about every draw; None where it is silent, and then no rule is named."""

    challenge_days: int | None
    challenge_rule: str
    disclosure: str | None
    disclosure_rule: str


def draw_rules(cycle: Cycle) -> DrawRules:
    """Return what the rule book of a cycle fixes about its draws, with the ids of the rules and its version."""
    draw = rule_book_of(cycle.rule_book).draw

    def named(rule: str, value: object) -> str:
        return "" if value is None else dated(f"draw.{rule}", cycle.rule_book)

    return DrawRules(
        draw.challenge_days,
        named("challenge_days", draw.challenge_days),
        draw.disclosure,
        named("disclosure", draw.disclosure),
    )


def sources(draw: Draw) -> list[proof.Source]:
    """Return the announced sources of a draw."""
    return [source_of(each) for each in draw.sources.order_by("position")]


def source_of(source: RandomSource) -> proof.Source:
    """Return an announced source as the library takes it."""
    parties = tuple(proof.Party(each["party"], each["commitment"]) for each in source.parties)
    return proof.Source(source.name, source.due_at, IF_MISSING, parties)


def check_sources(announced: Sequence[proof.Source], now: datetime) -> None:
    """Refuse sources that may not be announced: a text of somebody's own, a past moment, too few outcomes, a last mover."""
    if any(source.moment is None for source in announced):
        raise BadInput(
            "source_wrong", detail="a text that somebody gives is none that the public can check"
        )
    _check_sources(announced, now)


def name_of_source(plan: SourcePlan, draw: Draw) -> str:
    """Return the name under which a source is announced; a beacon's round follows from its moment."""
    label = label_of(draw)
    if plan.kind == SourceKind.BEACON:
        return proof.quicknet_source(plan.due_at)
    if plan.kind == SourceKind.DICE:
        return proof.dice_source(plan.count, plan.highest, label)
    if plan.kind == SourceKind.BALLS:
        return proof.balls_source(plan.count, plan.highest, label)
    if plan.kind == SourceKind.REVEAL:
        return proof.reveal_source(label)
    return f"public:{draw.kind}:{plan.due_at.astimezone(UTC):%Y-%m-%dT%H:%MZ}"


def relay_address(relay: str, name: str) -> str:
    """Return where a drand relay publishes an announced round."""
    _drand, network, number = name.split(":")
    return f"{relay}/{CHAINS[network]}/public/{number}"


def label_of(draw: Draw) -> str:
    """Return the word that tells a draw from every other one, in the names of its sources."""
    return f"{draw.cycle.institution.slug[:40].replace('_', '-')}-{draw.cycle.number}-{draw.number}"


def source_of_promises(cycle: Cycle) -> str:
    """Return the name of the commit–reveal of the next draw of a cycle, to which parties bind themselves before it is announced."""
    return proof.reveal_source(label_of(Draw(cycle=cycle, number=cycle.draws.count() + 1)))


def promise(draw: Draw, party: str, secret: bytes) -> str:
    """Return the hash by which a party binds itself to its secret number for a draw."""
    return proof.reveal_commitment(proof.reveal_source(label_of(draw)), party, secret)


def typed(source: RandomSource, first: Reading, second: Reading, now: datetime) -> proof.RandomValue:
    """Return the value that two persons wrote down, or refuse: they differ, or it cannot have come out."""
    film = " / ".join(dict.fromkeys((first.film, second.film)))
    notary = first.notary or second.notary or None
    if source.kind == SourceKind.PUBLIC:
        made = proof.RandomValue(source.name, first.value, now, evidence=film)
        demand_value(announced_document(source_of(source)), made)
        return made
    pairs = [(f"{each.role} {number}", each.value) for number, each in enumerate((first, second), start=1)]
    return proof.typed_value(source.name, pairs[0], pairs[1], now, film=film, notary=notary)


def check_typed(source: RandomSource, value: str, now: datetime) -> None:
    """Refuse a value that the announced dice or balls cannot show."""
    if source.kind == SourceKind.PUBLIC:
        made = proof.RandomValue(source.name, value, now)
        demand_value(announced_document(source_of(source)), made)
    else:
        proof.typed_value(source.name, ("1", value), ("2", value), now, film="-")


def beacon(source: RandomSource, signature: str, previous: str, now: datetime) -> proof.RandomValue:
    """Return the value of a beacon's round from its signature, which is checked.

    Raises
    ------
    SignatureNotChecked
        If this server cannot check signatures.
    """
    made = proof.beacon_value(source.name, signature, now, previous=previous or None)
    try:
        signature_fault(source.name, made.proof)
    except NotChecked as unable:
        raise SignatureNotChecked from unable
    return made


def revealed(source: RandomSource, secrets: Mapping[str, str], now: datetime) -> proof.RandomValue:
    """Return the value of a commit–reveal; what is not among the secrets was withheld."""
    try:
        given = {party: bytes.fromhex(secret) for party, secret in secrets.items()}
    except ValueError as error:
        detail = "a secret number is 64 hexadecimal digits"
        raise BadInput("randomness_wrong", source=source.name, detail=detail) from error
    return proof.revealed_value(source_of(source), given, now)


def test_record(
    cycle: Cycle,
    entries: Sequence[Mapping[str, str]],
    value: str,
    now: datetime,
    homes: Iterable[Collection[int]],
    staying: Iterable[tuple[str, Mapping[str, str]]],
) -> dict[str, Any]:
    """Return the document of a TEST draw over made-up codes: no verifier takes it for a record.

    The same steps as a draw, with codes that no person has and a value that nobody announced. Where some stay in the body, only
    the other seats are drawn.
    """
    coded = [(f"TEST{number:06}", dict(each)) for number, each in enumerate(entries, start=1)]
    quotas = quotas_of(cycle)
    people = library_pool(coded, home_numbers([code for code, _features in coded], homes))
    sitting = list(staying)
    if sitting:
        vacant = vacant_seats(people, quotas, cycle.panel_size, sitting)
        require_fillable(vacant)
        solved = lottery.solve_vacant(vacant)
    else:
        require_feasible(people, quotas, cycle.panel_size)
        solved = lottery.solve(people, quotas, cycle.panel_size)
    seed = proof.seed(bytes(32), bytes(32), bytes(32), [("TEST", value)])
    odds = [(one.tickets, one.counts) for one in solved.compositions]
    outcome = proof.draw(
        seed, odds, [list(one.ids) for one in solved.types], cycle.alternates, links=solved.links
    )
    chances_found = sorted(set(solved.chances().values()))
    return {
        "format": TEST_FORMAT,
        "TEST": True,
        "people": len(coded),
        "size": solved.size,
        "compositions": len(odds),
        "smallest_chance": f"{chances_found[0]}",
        "largest_chance": f"{chances_found[-1]}",
        "value": value,
        "members": list(outcome.members),
        "alternates": list(outcome.alternates),
        "made_at": now.isoformat(),
    }


def document_digest(document: Mapping[str, Any]) -> str:
    """Return the SHA-256 of a document's canonical form."""
    return digest(dict(document))


def _seal_key(pool: Pool) -> bytes | None:
    return bytes.fromhex(pool.seal_key) or None


def _entry(entry: PoolEntry) -> proof.Entry:
    return proof.Entry(entry.code, entry.features, bytes.fromhex(entry.salt))


def at_least_once(chances: Sequence[Fraction]) -> Fraction:
    """Return the chance that the lot falls on somebody at least once in several draws, each with its own randomness."""
    found = lottery.over_time([{"one": chance} for chance in chances])
    return found["one"].at_least_once if found else Fraction(0)
