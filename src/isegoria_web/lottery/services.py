from __future__ import annotations

import secrets
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction

from isegoria_web import clock
from isegoria_web.accounts.actors import Actor
from isegoria_web.errors import require
from isegoria_web.institutions.algorithms import ground
from isegoria_web.institutions.enums import Stage
from isegoria_web.institutions.models import Cycle
from isegoria_web.institutions.status import require_cycle_at_work
from isegoria_web.journal.enums import Action
from isegoria_web.journal.services import record
from isegoria_web.lottery import algorithms, policies
from isegoria_web.lottery.algorithms import SourcePlan
from isegoria_web.lottery.bodies import Standing, require_body, seat_body
from isegoria_web.lottery.ceremony import announce_sources
from isegoria_web.lottery.enums import Disclosure, DrawKind, DrawStatus, Origin, SelectionKind, SourceKind
from isegoria_web.lottery.errors import (
    AlreadyDrawn,
    Computing,
    FeaturesFrozen,
    NotCommitted,
    NotDeclared,
    NothingToComplete,
    PoolFrozen,
    PopulationMissing,
    QuotasBound,
    QuotasMissing,
    QuotaWrong,
    RandomnessMissing,
    SourceInThePast,
    TooEarly,
)
from isegoria_web.lottery.kept import require_kept_seats
from isegoria_web.lottery.models import (
    UNDISCLOSED,
    UNDISCLOSED_NAME,
    Draw,
    DrawRecord,
    Feature,
    Pool,
    PoolEntry,
    Selection,
    Value,
)
from isegoria_web.translated import Texts

CODE_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
CODE_LENGTH = 8
SALT_BYTES = 16
SEAL_KEY_BYTES = 32
PUBLISH_WITHIN = timedelta(days=1)
"""How long after the randomness the result may take; later the public page says that it is late."""
SOURCE_VALUE_LENGTH = 300
DEFAULT = "default"
QUOTA_FIELDS = ["minimum", "maximum", "min_flex", "max_flex"]
SENSITIVE = "sensitive features"
PROMISED = "drawn under seal before"
"""Why a draw is sealed that no rule seals, in the journal."""


def set_features(*, actor: Actor, cycle: Cycle, features: Iterable[Mapping[str, Any]]) -> list[Feature]:
    """Set what the quotas of a cycle speak of, with population figures and their sources.

    Parameters
    ----------
    features
        Each with `key`, `name`, `source`, `origin` and `sensitive` (optional) and `values`; each value with `key`, `name`,
        `population` (or None) and `matches` (what the register shows, for features that come from it).

    Raises
    ------
    PoolFrozen
        Once a pool of this cycle is frozen.
    FeaturesFrozen
        Once people are invited, if other features or values were asked for than the letters speak of.

    Notes
    -----
    Once people are invited the quotas stay as they are: other figures do not move them by themselves.
    """
    require(policies.may_set_quotas(actor, cycle))
    with transaction.atomic():
        lock_open_cycle(cycle)
        features = list(features)
        bound: list[Value] = []
        if cycle.stage != Stage.MANDATE:
            if _asked(features) != _asked_now(cycle):
                raise FeaturesFrozen
            bound = list(Value.objects.filter(feature__cycle=cycle).select_related("feature"))
        Feature.objects.filter(cycle=cycle).delete()
        made = [_make_feature(cycle, position, each) for position, each in enumerate(features, start=1)]
        _take_over(cycle, bound)
        _record_quotas(actor, cycle)
        return made


def mark_sensitive(*, actor: Actor, feature: Feature, sensitive: bool) -> Feature:
    """Ask for a feature with a consent of its own, and let people not tell it; or ask for it like the others.

    Raises
    ------
    FeaturesFrozen
        Once people are invited.
    NotDeclared
        If the register tells the feature.
    PoolFrozen
        Once a pool of this cycle is frozen.
    """
    require(policies.may_set_quotas(actor, feature.cycle))
    if sensitive and feature.origin != Origin.DECLARED:
        raise NotDeclared
    with transaction.atomic():
        lock_open_cycle(feature.cycle)
        feature = Feature.objects.select_related("cycle__institution").get(pk=feature.pk)
        if feature.cycle.stage != Stage.MANDATE:
            raise FeaturesFrozen
        if feature.sensitive == sensitive:
            return feature
        if sensitive:
            size = (
                feature.cycle.panel_size if feature.values.filter(minimum__isnull=False).exists() else None
            )
            Value.objects.create(
                feature=feature, key=UNDISCLOSED, name=UNDISCLOSED_NAME, position=feature.values.count() + 1,
                minimum=None if size is None else 0, maximum=size,
            )  # fmt: skip
        else:
            feature.values.filter(key=UNDISCLOSED).delete()
        _record_quotas(actor, feature.cycle)
        return feature


def propose_quotas(*, actor: Actor, cycle: Cycle) -> None:
    """Set every quota to floor and ceiling of the value's exact share of the seats.

    Raises
    ------
    PopulationMissing
        If a value has no figure.
    isegoria.errors.BadInput
        If more seats are kept for some people than there are.
    QuotasBound
        Once people are invited under quotas.
    """
    require(policies.may_set_quotas(actor, cycle))
    features = list(cycle.features.prefetch_related("values"))
    if not features or any(
        value.population is None and value.key != UNDISCLOSED
        for each in features
        for value in each.values.all()
    ):
        raise PopulationMissing
    kept = algorithms.kept_seats(cycle)
    proposed = algorithms.proposed_quotas(features, cycle.panel_size, kept)
    _write_quotas(actor, cycle, proposed)


def set_quotas(
    *,
    actor: Actor,
    cycle: Cycle,
    quotas: Mapping[str, Mapping[str, tuple[int, int]]],
    limits: Mapping[str, Mapping[str, tuple[int | None, int | None]]] | None = None,
) -> None:
    """Set quotas by hand: feature to value to (minimum, maximum).

    Parameters
    ----------
    limits
        How far a quota may give way, should nobody who said yes meet it: feature to value to the least that the
        minimum may fall to and the most that the maximum may rise to. What is not named has no limit.

    Raises
    ------
    QuotaWrong
        If a feature or value is unknown, or a minimum is negative or above its maximum, or a limit lies inside.
    QuotasBound
        Once people are invited under quotas: `lottery.changing` changes them then.
    isegoria.errors.BadInput
        If the sums of a feature cannot meet the panel's size.
    """
    require(policies.may_set_quotas(actor, cycle))
    flat = {(feature, value): pair for feature, values in quotas.items() for value, pair in values.items()}
    ends = {
        (feature, value): pair
        for feature, values in (limits or {}).items()
        for value, pair in values.items()
    }
    for key, (minimum, maximum) in flat.items():
        least, most = ends.get(key, (None, None))
        inside = (least is not None and not 0 <= least <= minimum) or (most is not None and most < maximum)
        if not 0 <= minimum <= maximum or inside:
            raise QuotaWrong
    _write_quotas(actor, cycle, flat, ends)


def freeze_pool(
    *,
    actor: Actor,
    cycle: Cycle,
    entries: Iterable[Mapping[str, str]],
    source: Texts,
    source_due_at: datetime,
    sources: Sequence[SourcePlan] = (),
    homes: Sequence[Collection[int]] = (),
    body: Standing | None = None,
) -> tuple[Draw, list[PoolEntry]]:
    """Announce the draw of a panel and freeze its pool; returns the entries in the order that was given.

    Parameters
    ----------
    homes
        Groups of places among the entries: of who lives together at most one is drawn. A sealed draw for vacant seats takes
        none (`takes_homes`): there one of each home is given at all.
    body
        In which some stay: then only the other seats are drawn, so that the whole body meets the quotas.
    source
        The public randomness in words.
    source_due_at
        When the last of it exists.
    sources
        What exactly decides; one value published elsewhere at that moment, if nothing is named.

    Raises
    ------
    isegoria.errors.Infeasible
        If no panel meets the quotas, with the smallest relaxation; nothing is frozen.
    PoolFrozen
        If a pool of this cycle is frozen.
    QuotasMissing
        If a value has no quota.
    KeptSeatsTaken, KeptSeatsUntold
        If the quotas take away seats that the rule book keeps for some people.
    SourceInThePast
        If the randomness might be known already.
    HomesConflict
        If one could be drawn, were it not that of a home at most one is.
    NothingToComplete, BodyBeyondQuotas
        If some stay: where no seat is vacant, or the whole body cannot meet its quotas.
    """
    require(policies.may_set_quotas(actor, cycle))
    require_cycle_at_work(cycle)
    if source_due_at <= clock.now():
        raise SourceInThePast
    with transaction.atomic():
        lock_open_cycle(cycle)
        quotas = _complete_quotas(cycle)
        require_kept_seats(cycle, told=True)
        features = list(entries)
        codes = fresh_codes(len(features), {code for code, _features in body.staying} if body else set())
        coded = list(zip(codes, features, strict=True))
        together = algorithms.home_numbers(codes, homes)
        if body is None:
            algorithms.require_feasible(algorithms.library_pool(coded, together), quotas, cycle.panel_size)
        else:
            if not 0 < body.vacant <= len(coded):
                raise NothingToComplete
            require_body(coded, quotas, body.size, body.staying, together)
        draw = announce_draw(
            cycle=cycle, kind=DrawKind.PANEL if body is None else DrawKind.ROTATION,
            size=cycle.panel_size if body is None else body.vacant, alternates=cycle.alternates,
            source=source, source_due_at=source_due_at, sources=sources,
            promised=body is not None and body.sealed,
        )  # fmt: skip
        if body is not None:
            seat_body(draw, None, body.size, body.staying)
            body.announced(draw)
        pool, made = freeze_entries(
            draw,
            [PoolEntry(code=code, features=dict(each), home=together.get(code)) for code, each in coded],
        )
        record(
            actor=actor, institution=cycle.institution, action=Action.POOL_FROZEN, subject=draw,
            facts={
                "entries": pool.size,
                "root": pool.root,
                "source_due_at": source_due_at.isoformat(),
                "sources": [each.name for each in draw.sources.all()],
                "publish_by": f"{draw.publish_by:%Y-%m-%dT%H:%MZ}",
                **algorithms.shared_homes(cycle, made),
                **announced_rules(draw),
            },
        )  # fmt: skip
        return draw, made


def freeze_entries(draw: Draw, entries: list[PoolEntry]) -> tuple[Pool, list[PoolEntry]]:
    """Freeze entries that are not stored yet as the pool of a draw, salted; called by the verbs that have checked who may."""
    if draw.hides_its_lottery and any(entry.home is not None for entry in entries):
        raise ValueError("a sealed draw for vacant seats takes one of each home only")
    pool = Pool.objects.create(draw=draw, frozen_at=clock.now(), root="", size=len(entries))
    for entry in entries:
        entry.pool, entry.salt = pool, secrets.token_hex(SALT_BYTES)
    PoolEntry.objects.bulk_create(entries)
    pool.root = algorithms.pool_root(entries)
    pool.save(update_fields=["root"])
    return pool, entries


def announce_draw(
    *,
    cycle: Cycle,
    kind: DrawKind,
    size: int,
    alternates: int,
    source: Texts,
    source_due_at: datetime,
    sources: Sequence[SourcePlan] = (),
    promised: bool = False,
) -> Draw:
    """Create an announced draw with its sources; called by the verbs that have checked who may.

    Parameters
    ----------
    promised
        Somebody who sits was drawn under seal, so that this draw cannot be open: its record would tell who sits.

    Raises
    ------
    isegoria.errors.BadInput
        `source_wrong`, if a source may not be announced.
    """
    plans = sources or (SourcePlan(SourceKind.PUBLIC, source_due_at),)
    if max(plan.due_at for plan in plans) != source_due_at:
        raise SourceInThePast  # the moment that is announced is not the one that decides
    rules = algorithms.draw_rules(cycle)
    disclosure, disclosure_rule = _disclosure_of(cycle, kind, promised=promised)
    draw = Draw(
        cycle=cycle,
        kind=kind,
        number=cycle.draws.count() + 1,
        size=size,
        alternates=alternates,
        source=dict(source),
        source_due_at=source_due_at,
        announced_at=clock.now(),
        publish_by=source_due_at + PUBLISH_WITHIN,
        challenge_days=rules.challenge_days or settings.CHALLENGE_DAYS,
        challenge_rule=rules.challenge_rule,
        disclosure=disclosure,
        disclosure_rule=disclosure_rule,
    )
    draw.full_clean(exclude=["annulled_reason"])
    draw.save()
    announce_sources(draw=draw, plans=plans)
    return draw


def _disclosure_of(cycle: Cycle, kind: DrawKind, *, promised: bool) -> tuple[str, str]:
    """Return what a draw's record shows, and the rule that says so, if one does."""
    rules = algorithms.draw_rules(cycle)
    disclosure = rules.disclosure or Disclosure.OPEN
    sensitive = kind != DrawKind.LETTERS and asks_what_is_sensitive(cycle)
    if disclosure != Disclosure.SEALED and (promised or sensitive):
        return Disclosure.SEALED, ""  # an open record would publish it
    return disclosure, rules.disclosure_rule


def takes_homes(cycle: Cycle, *, vacant: bool, promised: bool = False) -> bool:
    """Return whether a draw that is announced now can keep people of one home apart by itself.

    A sealed one for vacant seats cannot: its public record shows nothing of its lottery. `promised` is as of
    `announce_draw`.
    """
    disclosure, _rule = _disclosure_of(cycle, DrawKind.ROTATION, promised=promised)
    return not vacant or disclosure != Disclosure.SEALED


def asks_what_is_sensitive(cycle: Cycle) -> bool:
    """Return whether people are asked for something that nobody has to tell."""
    return any(feature.sensitive for feature in cycle.features.prefetch_related("values"))


def announced_rules(draw: Draw) -> dict[str, str | int]:
    """Return, for the journal, what the rule book fixes about a draw, and the rule and version that say so."""
    facts: dict[str, str | int] = {
        "challenge_days": draw.challenge_days,
        "challenge_rule": draw.challenge_rule or DEFAULT,
        "publish_rule": ground(draw.cycle.rule_book),  # no rule book sets by when a result is published
    }
    if draw.kind != DrawKind.LETTERS:
        sealed = SENSITIVE if asks_what_is_sensitive(draw.cycle) else PROMISED
        why = draw.disclosure_rule or (sealed if draw.is_sealed else DEFAULT)
        facts |= {"disclosure": draw.disclosure, "disclosure_rule": why}
    return facts


def commit_lottery(
    *, actor: Actor, draw: Draw, progress: Callable[[str, float], None] | None = None
) -> DrawRecord:
    """Compute the fairest lottery over the frozen pool and publish it, before the randomness exists.

    Raises
    ------
    AlreadyDrawn
        If it was committed or drawn before.
    SourceInThePast
        If the announced moment has passed: whoever knows the dice must not compute the lottery.
    """
    require(policies.may_run_draw(actor, draw))
    solved = algorithms.solve(draw, progress)  # outside the transaction: it may take minutes
    with transaction.atomic():
        draw = _locked(draw)
        if draw.status != DrawStatus.ANNOUNCED:
            raise AlreadyDrawn
        if draw.source_due_at <= clock.now():
            raise SourceInThePast
        if draw.is_sealed:
            draw.pool.seal_key = secrets.token_hex(SEAL_KEY_BYTES)
            draw.pool.save(update_fields=["seal_key"])
        committed, opening = algorithms.commitment(draw, solved, clock.now())
        _store_chances(draw, algorithms.chances(solved))
        made = publish_commitment(draw=draw, document=committed, observers_file=opening)
        record(
            actor=actor, institution=draw.cycle.institution, action=Action.LOTTERY_COMMITTED, subject=draw,
            facts={
                "commitment": made.commitment_sha256,
                **({} if draw.hides_its_lottery else _size_of(solved)),
                "objective": solved.objective,
                "disclosure": draw.disclosure,
            },
        )  # fmt: skip
        return made


def _size_of(solved: Any) -> dict[str, int]:
    return {"compositions": len(solved.compositions), "types": len(solved.types)}


def begin_computing(*, actor: Actor, draw: Draw) -> None:
    """Note that the lottery is computed in the background from now on, so that nobody starts it twice.

    Raises
    ------
    AlreadyDrawn
        If it was committed or drawn before.
    Computing
        If it is being computed.
    """
    require(policies.may_run_draw(actor, draw))
    with transaction.atomic():
        draw = _locked(draw)
        if draw.status != DrawStatus.ANNOUNCED:
            raise AlreadyDrawn
        if draw.computing_since is not None and not draw.computing_failed:
            raise Computing
        draw.computing_since, draw.computing_failed = clock.now(), ""
        draw.save(update_fields=["computing_since", "computing_failed"])


def note_failure(*, actor: Actor, draw: Draw, why: str) -> None:
    """Note why a lottery could not be computed or drawn, so that the secretariat reads it on the page of the draws."""
    require(policies.may_finish_draw(actor, draw))
    unfinished = Draw.objects.filter(pk=draw.pk, status__in=[DrawStatus.ANNOUNCED, DrawStatus.COMMITTED])
    unfinished.update(computing_failed=why)


def publish_commitment(
    *, draw: Draw, document: Mapping[str, Any], observers_file: Mapping[str, Any] | None = None
) -> DrawRecord:
    """Store a commitment and move the draw on; called by the verbs that have checked who may."""
    made = DrawRecord.objects.create(
        draw=draw,
        commitment=dict(document),
        commitment_sha256=document["hash"],
        software=algorithms.SOFTWARE,
        observers_file=None if observers_file is None else dict(observers_file),
    )
    draw.status, draw.committed_at = DrawStatus.COMMITTED, clock.now()
    draw.save(update_fields=["status", "committed_at"])
    return made


def draw_panel(*, actor: Actor, draw: Draw) -> Draw:
    """Let the panel and its alternates follow from the public randomness, once all of it is known.

    Raises
    ------
    NotCommitted, TooEarly, RandomnessMissing, AlreadyDrawn
        If it is not the time for it.
    """
    require(policies.may_finish_draw(actor, draw))
    with transaction.atomic():
        draw = _locked(draw)
        require_due(draw)
        made = draw.record
        document = algorithms.record(made.commitment, draw)
        fault = algorithms.first_fault(document, made.commitment_sha256, made.observers_file)
        if fault is not None:
            raise RuntimeError(f"the record does not verify: {fault}")
        publish_record(draw=draw, document=document)
        _select(draw, document["result"])
        record(
            actor=actor, institution=draw.cycle.institution, action=Action.PANEL_DRAWN, subject=draw,
            facts={
                "record": draw.record.sha256,
                "source_value": draw.source_value,
                "ticket": str(document["result"]["ticket"]),
                "challenge_ends_at": f"{draw.challenge_ends_at:%Y-%m-%dT%H:%MZ}",
                "challenge_rule": draw.challenge_rule or DEFAULT,
                "members": len(document["result"]["members"]),
                "alternates": len(document["result"]["alternates"]),
                **({} if draw.kind == DrawKind.PANEL else {"kind": draw.kind}),
            },
        )  # fmt: skip
        return draw


def require_due(draw: Draw) -> None:
    """Refuse a draw that is not committed, not due, without all its random values, or made already."""
    if draw.is_drawn or draw.status == DrawStatus.ANNULLED:
        raise AlreadyDrawn
    if draw.status != DrawStatus.COMMITTED:
        raise NotCommitted
    if clock.now() < draw.source_due_at:
        raise TooEarly
    if draw.sources.filter(value="").exists():
        raise RandomnessMissing


def publish_record(*, draw: Draw, document: Mapping[str, Any]) -> None:
    """Store a whole record and open the challenge period; called by the verbs that have checked who may."""
    made, now = draw.record, clock.now()
    made.document, made.sha256 = dict(document), document["hash"]
    made.save(update_fields=["document", "sha256"])
    draw.status, draw.drawn_at, draw.computing_failed = DrawStatus.DRAWN, now, ""
    draw.source_value = draw.sources_in_words()[:SOURCE_VALUE_LENGTH]
    draw.challenge_ends_at = now + timedelta(days=draw.challenge_days)
    draw.save(update_fields=["status", "drawn_at", "source_value", "challenge_ends_at", "computing_failed"])


# -- the parts of the verbs ----------------------------------------------------------------------------


def lock_open_cycle(cycle: Cycle) -> None:
    """Let nobody else change the quotas of a cycle until the transaction ends; refuse once its pool is frozen."""
    Cycle.objects.select_for_update().get(pk=cycle.pk)
    if holds_a_draw(cycle):
        raise PoolFrozen


def _asked(features: Iterable[Mapping[str, Any]]) -> dict[str, set[str]]:
    return {
        each["key"]: {value["key"] for value in each["values"]}
        | ({UNDISCLOSED} if each.get("sensitive") else set())
        for each in features
    }


def _asked_now(cycle: Cycle) -> dict[str, set[str]]:
    return {
        feature.key: {value.key for value in feature.values.all()}
        for feature in cycle.features.prefetch_related("values")
    }


def _make_feature(cycle: Cycle, position: int, each: Mapping[str, Any]) -> Feature:
    feature = Feature(
        cycle=cycle,
        key=each["key"],
        name=dict(each["name"]),
        source=each.get("source", ""),
        origin=each.get("origin", Origin.DECLARED),
        position=position,
    )
    feature.full_clean()
    feature.save()
    told = [value for value in each["values"] if value["key"] != UNDISCLOSED]
    if each.get("sensitive", False):
        told.append({"key": UNDISCLOSED, "name": UNDISCLOSED_NAME})
    for index, value in enumerate(told, start=1):
        made = Value(
            feature=feature, key=value["key"], name=dict(value["name"]), position=index,
            population=value.get("population"), matches=list(value.get("matches", [])),
        )  # fmt: skip
        made.clean_fields(exclude=["key", "matches"])
        made.save()
    return feature


def holds_a_draw(cycle: Cycle) -> bool:
    """Return whether the pool of a cycle is frozen in a draw that was not annulled."""
    return Draw.objects.filter(cycle=cycle).of_panel().valid().exists()


def has_quotas(cycle: Cycle) -> bool:
    """Return whether every value of a cycle has its quota."""
    values = Value.objects.filter(feature__cycle=cycle)
    return values.exists() and not values.filter(minimum__isnull=True).exists()


def quotas_are_bound(cycle: Cycle) -> bool:
    """Return whether people are invited under quotas, so that only two persons can change them, in public."""
    return cycle.stage != Stage.MANDATE and has_quotas(cycle)


def _take_over(cycle: Cycle, bound: Iterable[Value]) -> None:
    """Write the quotas of before into the values of now: who is invited was promised them."""
    now = {
        (value.feature.key, value.key): value
        for value in Value.objects.filter(feature__cycle=cycle).select_related("feature")
    }
    for before in bound:
        value = now[before.feature.key, before.key]
        for name in QUOTA_FIELDS:
            setattr(value, name, getattr(before, name))
    Value.objects.bulk_update(now.values(), QUOTA_FIELDS)


def _write_quotas(
    actor: Actor,
    cycle: Cycle,
    quotas: Mapping[tuple[str, str], tuple[int, int]],
    ends: Mapping[tuple[str, str], tuple[int | None, int | None]] | None = None,
) -> None:
    with transaction.atomic():
        lock_open_cycle(cycle)
        if quotas_are_bound(cycle):
            raise QuotasBound
        values = {
            (value.feature.key, value.key): value
            for value in Value.objects.filter(feature__cycle=cycle).select_related("feature")
        }
        if not set(quotas) <= set(values):
            raise QuotaWrong
        for key, (minimum, maximum) in quotas.items():
            values[key].minimum, values[key].maximum = minimum, maximum
            values[key].min_flex, values[key].max_flex = (ends or {}).get(key, (None, None))
        Value.objects.bulk_update([values[key] for key in quotas], QUOTA_FIELDS)
        algorithms.check_quotas(algorithms.quotas_of(cycle), cycle.panel_size)
        require_kept_seats(cycle)
        _record_quotas(actor, cycle)


def _record_quotas(actor: Actor, cycle: Cycle) -> None:
    values = Value.objects.filter(feature__cycle=cycle).select_related("feature")
    record(
        actor=actor, institution=cycle.institution, action=Action.QUOTAS_SET, subject=cycle,
        facts={
            **{
                f"{value.feature.key}:{value.key}": ""
                if value.minimum is None
                else _quota_in_figures(value)
                for value in values
            },
            "rules": algorithms.quota_grounds(cycle),
        },
    )  # fmt: skip


def _quota_in_figures(value: Value) -> str:
    """Return a quota as the journal shows it: `3-5`, or `3-5 (2-)` where its minimum may fall to 2 at the least."""
    quota = f"{value.minimum}-{value.maximum}"
    if value.min_flex is None and value.max_flex is None:
        return quota
    least, most = ("" if end is None else end for end in (value.min_flex, value.max_flex))
    return f"{quota} ({least}-{most})"


def _complete_quotas(cycle: Cycle) -> Any:
    if not has_quotas(cycle):
        raise QuotasMissing
    return algorithms.quotas_of(cycle)


def fresh_codes(count: int, taken: Collection[str]) -> list[str]:
    """Return random codes, all different and none taken, that tell nothing about an entry."""
    codes: set[str] = set()
    while len(codes) < count:
        codes.add("".join(secrets.choice(CODE_ALPHABET) for _character in range(CODE_LENGTH)))
        codes.difference_update(taken)
    return list(codes)


def _locked(draw: Draw) -> Draw:
    Draw.objects.select_for_update().get(pk=draw.pk)
    return Draw.objects.select_related("cycle__institution", "cycle__body", "cycle__rule_book").get(
        pk=draw.pk
    )


def _store_chances(draw: Draw, chances: Mapping[str, Any]) -> None:
    entries = list(draw.pool.entries.all())
    for entry in entries:
        entry.chance_numerator = chances[entry.code].numerator
        entry.chance_denominator = chances[entry.code].denominator
    PoolEntry.objects.bulk_update(entries, ["chance_numerator", "chance_denominator"], batch_size=500)


def _select(draw: Draw, result: Mapping[str, Any]) -> None:
    entries = {entry.code: entry for entry in draw.pool.entries.all()}
    chosen = [(SelectionKind.MEMBER, result["members"]), (SelectionKind.ALTERNATE, result["alternates"])]
    Selection.objects.bulk_create(
        Selection(draw=draw, entry=entries[code], kind=kind, position=position)
        for kind, codes in chosen
        for position, code in enumerate(codes, start=1)
    )
